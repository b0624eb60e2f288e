// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void ops_Shape() {
  // reshape
  {
    Value x = iota({6});
    reshape(x, {2, -1}).print("y");
    // y i64 [2, 3]
    // [[0, 1, 2],
    //  [3, 4, 5]]
  }
  // transpose
  {
    Value x = iota({2, 3}, i64, 1);
    transpose(x, {1, 0}).print("y");
    // y i64 [3, 2]
    // [[0, 0],
    //  [1, 1],
    //  [2, 2]]
  }
  // broadcast
  {
    Value x = iota({3});
    broadcast(x, {2, 3}).print("y");
    // y i64 [2, 3]
    // [[0, 1, 2],
    //  [0, 1, 2]]
  }
  // slice
  {
    Value x = reshape(iota({6}), {2, 3});
    slice(x, 1, {.begin = -2}).print("the last two columns");
    // the last two columns i64 [2, 2]
    // [[1, 2],
    //  [4, 5]]
    slice(x, {{.begin = 1}, {.step = 2}}).print("both");
    // both i64 [1, 2]
    // [[3, 5]]
  }
  // concat
  {
    Value x = iota({2, 2}, i64, 1);
    concat({x, 10 * x}, 1).print("y");
    // y i64 [2, 4]
    // [[ 0,  1,  0, 10],
    //  [ 0,  1,  0, 10]]
  }
  // split
  {
    std::vector<Value> pieces = split(iota({5}), {2, 3}, 0);
    pieces[1].print("second");
    // second i64 [3]
    // [2, 3, 4]
  }
  // chunk
  {
    std::vector<Value> pieces = chunk(iota({5}), 2);
    pieces[0].print("first");
    // first i64 [3]
    // [0, 1, 2]
    pieces[1].print("second");
    // second i64 [2]
    // [3, 4]
  }
  // stack
  {
    Value x = iota({3});
    stack({x, 10 * x}).print("rows");
    // rows i64 [2, 3]
    // [[ 0,  1,  2],
    //  [ 0, 10, 20]]
    stack({x, 10 * x}, -1).print("columns");
    // columns i64 [3, 2]
    // [[ 0,  0],
    //  [ 1, 10],
    //  [ 2, 20]]
  }
  // pad
  {
    Value x = iota({3});
    pad(x, {{1, 2}}).print("zeros");
    // zeros i64 [6]
    // [0, 0, 1, 2, 0, 0]
    pad(x, {{2, 2}}, {.mode = PadMode::reflect}).print("mirrored");
    // mirrored i64 [7]
    // [2, 1, 0, 1, 2, 1, 0]
  }
  // flip
  {
    flip(iota({2, 3}, i64, 1), {1}).print("y");
    // y i64 [2, 3]
    // [[2, 1, 0],
    //  [2, 1, 0]]
  }
  // roll
  {
    roll(iota({5}), 2, 0).print("y");
    // y i64 [5]
    // [3, 4, 0, 1, 2]
  }
  // tile
  {
    tile(iota({2}), {2, 2}).print("y");
    // y i64 [2, 4]
    // [[0, 1, 0, 1],
    //  [0, 1, 0, 1]]
  }
  // repeat
  {
    repeat(iota({3}), 2, 0).print("y");
    // y i64 [6]
    // [0, 0, 1, 1, 2, 2]
  }
  // squeeze
  {
    squeeze(iota({1, 3}, i64, 1), {0}).print("y");
    // y i64 [3]
    // [0, 1, 2]
  }
  // unsqueeze
  {
    unsqueeze(iota({3}), -1).print("y");
    // y i64 [3, 1]
    // [[0],
    //  [1],
    //  [2]]
  }
  // flatten
  {
    flatten(reshape(iota({8}), {2, 2, 2}), 1).print("y");
    // y i64 [2, 4]
    // [[0, 1, 2, 3],
    //  [4, 5, 6, 7]]
  }
  // tril
  {
    Value ones = broadcast(constant(1, i32), {3, 3});
    tril(ones).print("y");
    // y i32 [3, 3]
    // [[1, 0, 0],
    //  [1, 1, 0],
    //  [1, 1, 1]]
  }
  // triu
  {
    Value ones = broadcast(constant(1, i32), {3, 3});
    triu(ones, 1).print("y");
    // y i32 [3, 3]
    // [[0, 1, 1],
    //  [0, 0, 1],
    //  [0, 0, 0]]
  }
}
