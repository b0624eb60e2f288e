// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void ops_Pool() {
  // max_pool
  {
    Value x = constant(Tensor::from<float>({1, 1, 6}, {1, 3, 2, 8, 5, 4})); // [batch, channels, spatial]
    max_pool(x, {.kernel = {2}}).print("y");
    // y f32 [1, 1, 3]
    // [[[3, 8, 5]]]
    max_pool(x, {.kernel = {3}, .strides = {1}, .padding = {1}}).print("each");
    // each f32 [1, 1, 6]
    // [[[3, 3, 8, 8, 8, 5]]]
  }
  // avg_pool
  {
    Value x = constant(Tensor::from<float>({1, 1, 5}, {1, 3, 2, 8, 5}));
    avg_pool(x, {.kernel = {2}}).print("y");
    // y f32 [1, 1, 2]
    // [[[2, 5]]]
    avg_pool(x, {.kernel = {2}, .ceil_mode = true}).print("the rest, too");
    // the rest, too f32 [1, 1, 3]
    // [[[2, 5, 5]]]
  }
  // adaptive_max_pool
  {
    Value x = constant(Tensor::from<float>({1, 1, 5}, {1, 3, 2, 8, 5}));
    adaptive_max_pool(x, {2}).print("y");
    // y f32 [1, 1, 2]
    // [[[3, 8]]]
  }
  // adaptive_avg_pool
  {
    Value x = constant(Tensor::from<float>({1, 1, 2, 4}, {1, 3, 2, 8, 5, 7, 6, 0}));
    adaptive_avg_pool(x, {1, 2}).print("y");
    // y f32 [1, 1, 1, 2]
    // [[[[4, 4]]]]
  }
  // global_max_pool
  {
    Value x = constant(Tensor::from<float>({1, 2, 3}, {1, 3, 2, 8, 5, 7}));
    global_max_pool(x).print("y");
    // y f32 [1, 2, 1]
    // [[[3],
    //   [8]]]
  }
  // global_avg_pool
  {
    Value x = constant(Tensor::from<float>({1, 2, 3}, {1, 3, 2, 8, 5, 8}));
    global_avg_pool(x).print("y");
    // y f32 [1, 2, 1]
    // [[[2],
    //   [7]]]
  }
}
