// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void ops_Conv() {
  // conv
  {
    Value x = constant(Tensor::from<float>({1, 1, 5}, {1, 2, 3, 4, 5})); // [batch, channels, spatial]
    Value weight = constant(Tensor::from<float>({1, 1, 3}, {1, 0, -1})); // [out, channels, kernel]
    conv(x, weight, {.padding = {1}}).print("y");
    // y f32 [1, 1, 5]
    // [[[-2, -2, -2, -2,  4]]]
    conv(x, weight, {.strides = {2}}).print("every second");
    // every second f32 [1, 1, 2]
    // [[[-2, -2]]]
  }
  // conv_transpose
  {
    Value x = constant(Tensor::from<float>({1, 1, 3}, {1, 2, 3}));
    Value weight = constant(Tensor::from<float>({1, 1, 2}, {1, 10})); // [channels, out, kernel]
    conv_transpose(x, weight, {.strides = {2}}).print("y");
    // y f32 [1, 1, 6]
    // [[[ 1, 10,  2, 20,  3, 30]]]
  }
}
