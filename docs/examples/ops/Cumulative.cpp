// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void ops_Cumulative() {
  // cumsum
  {
    Value x = constant(Tensor::from<int32_t>({2, 3}, {1, 2, 3, 4, 5, 6}));
    cumsum(x).print("along rows");
    // along rows i32 [2, 3]
    // [[ 1,  3,  6],
    //  [ 4,  9, 15]]
    cumsum(x, 0).print("along columns");
    // along columns i32 [2, 3]
    // [[1, 2, 3],
    //  [5, 7, 9]]
  }
  // cumprod
  {
    Value x = constant(Tensor::from<float>({4}, {1, 2, 3, 4}));
    cumprod(x).print("factorials");
    // factorials f32 [4]
    // [ 1,  2,  6, 24]
  }
}
