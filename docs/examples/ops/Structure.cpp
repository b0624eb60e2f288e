// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void ops_Structure() {
  // constant
  {
    Value table = constant(Tensor::from<float>({2}, {0.5f, 2}));
    Value two = constant(2, f32);
    (table * two).print("y");
    // y f32 [2]
    // [1, 4]
  }
  // dim_value
  {
    Value x = constant(Tensor::zeros(f32, {4, 3}));
    dim_value(x.dim(0) * x.dim(1)).print("elements");
    // elements i64 []
    // 12
  }
  // identity
  {
    Value x = constant(Tensor::from<float>({2}, {1, 2}));
    identity(x, "hidden").print("x"); // and what session.tap("hidden", fn) shows
    // x f32 [2]
    // [1, 2]
  }
  // rebind
  {
    Value x = constant(Tensor::from<float>({2}, {1, 2})), y = constant(Tensor::from<float>({2}, {3, 4}));
    (x + rebind(y, x.shape(), "x and y are pairs")).print("sum");
    // sum f32 [2]
    // [4, 6]
  }
  // print
  {
    Value x = iota({1000}, f32);
    print(x, "x");
    // x f32 [1000]
    // [  0,   1,   2, ..., 997, 998, 999]
    print(x, "x", PrintStyle::statistics);
    // x f32 [1000]
    // count 1000, min 0, max 999, mean 499.5, std 288.675, nan 0, inf 0
  }
}
