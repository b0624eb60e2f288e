// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void ops_Indexing() {
  // slice
  {
    Value x = iota({2, 4}, i32, 1);
    x(0).print("row");
    // row i32 [4]
    // [0, 1, 2, 3]
    x(slice(), slice(1, -1)).print("middle");
    // middle i32 [2, 2]
    // [[1, 2],
    //  [1, 2]]
    x(ellipsis, slice(0, {}, 2)).print("every second");
    // every second i32 [2, 2]
    // [[0, 2],
    //  [0, 2]]
    x(1, newaxis, -1).print("an element");
    // an element i32 [1]
    // [3]
  }
}
