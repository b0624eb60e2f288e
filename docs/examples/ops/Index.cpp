// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void ops_Index() {
  // gather
  {
    Value table = constant(Tensor::from<float>({3, 2}, {0, 1, 10, 11, 20, 21}));
    Value ids = constant(Tensor::from<int64_t>({2}, {2, 0}));
    gather(table, ids).print("rows");
    // rows f32 [2, 2]
    // [[20, 21],
    //  [ 0,  1]]
    gather(table, constant(1, i64), 1).print("a column");
    // a column f32 [3]
    // [ 1, 11, 21]
  }
  // take_along_axis
  {
    Value x = constant(Tensor::from<float>({2, 3}, {1, 5, 2, 9, 7, 8}));
    Value best = argmax(x, {.keep_dims = true});
    take_along_axis(x, best, 1).print("greatest of each row");
    // greatest of each row f32 [2, 1]
    // [[5],
    //  [9]]
  }
  // scatter
  {
    Value x = constant(Tensor::zeros(f32, {3, 2}));
    Value places = constant(Tensor::from<int64_t>({2}, {2, 2}));
    Value rows = constant(Tensor::from<float>({2, 2}, {1, 2, 10, 20}));
    scatter(x, places, rows).print("the last one stays");
    // the last one stays f32 [3, 2]
    // [[ 0,  0],
    //  [ 0,  0],
    //  [10, 20]]
    scatter(x, places, rows, {.reduction = Scatter::add}).print("their sum");
    // their sum f32 [3, 2]
    // [[ 0,  0],
    //  [ 0,  0],
    //  [11, 22]]
  }
  // put_along_axis
  {
    Value x = constant(Tensor::zeros(f32, {2, 3}));
    Value places = constant(Tensor::from<int64_t>({2, 1}, {0, 2}));
    put_along_axis(x, places, constant(Tensor::from<float>({2, 1}, {1, 2})), {.axis = 1}).print("y");
    // y f32 [2, 3]
    // [[1, 0, 0],
    //  [0, 0, 2]]
  }
  // one_hot
  {
    Value ids = constant(Tensor::from<int64_t>({3}, {1, 0, 7}));
    one_hot(ids, 3).print("y");
    // y f32 [3, 3]
    // [[0, 1, 0],
    //  [1, 0, 0],
    //  [0, 0, 0]]
  }
  // iota
  {
    iota({4}).print("positions");
    // positions i64 [4]
    // [0, 1, 2, 3]
    iota({2, 3}, f32, 1).print("columns");
    // columns f32 [2, 3]
    // [[0, 1, 2],
    //  [0, 1, 2]]
  }
}
