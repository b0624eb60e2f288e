// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void ops_Resize() {
  // resize
  {
    Value x = constant(Tensor::from<float>({1, 1, 3}, {1, 2, 4})); // [batch, channels, spatial]
    resize(x, {.scales = {2}}).print("nearest");
    // nearest f32 [1, 1, 6]
    // [[[1, 1, 2, 2, 4, 4]]]
    resize(x, {.mode = ResizeMode::linear, .sizes = {5}, .align_corners = true}).print("linear");
    // linear f32 [1, 1, 5]
    // [[[  1, 1.5,   2,   3,   4]]]
  }
}
