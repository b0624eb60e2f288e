// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void ops_Contract() {
  // matmul
  {
    Value x = constant(Tensor::from<float>({2, 2}, {1, 2, 3, 4}));
    Value y = constant(Tensor::from<float>({2, 1}, {10, 100}));
    matmul(x, y).print("z");
    // z f32 [2, 1]
    // [[210],
    //  [430]]
  }
  // linear
  {
    Value x = constant(Tensor::from<float>({2}, {1, 2}));
    Value weight = constant(Tensor::from<float>({3, 2}, {1, 0, 0, 1, 1, 1})); // [out, in]
    linear(x, weight).print("y");
    // y f32 [3]
    // [1, 2, 3]
  }
  // grouped_matmul
  {
    Value rows = constant(Tensor::from<float>({3, 2}, {1, 2, 3, 4, 5, 6}));
    Value weight = constant(Tensor::from<float>({2, 1, 2}, {1, 1, 10, 10})); // [groups, out, in]
    Value sizes = constant(Tensor::from<int64_t>({2}, {1, 2}));              // the first row, the other two
    grouped_matmul(rows, weight, sizes).print("y");
    // y f32 [3, 1]
    // [[  3],
    //  [ 70],
    //  [110]]
  }
}
