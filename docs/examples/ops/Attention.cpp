// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void ops_Attention() {
  // rope
  {
    Value x = reshape(iota({4}, f32), {1, 1, 1, 4}); // [batch, seq, heads, dim]
    Value angles = constant(Tensor::from<float>({1, 2}, {0, 0.5}));
    rope(x, cos(angles), sin(angles)).print("turned");
    // turned f32 [1, 1, 1, 4]
    // [[[[        0, -0.560694,         2,   3.11217]]]]
  }
  // attention
  {
    Value x = constant(Tensor::from<float>({1, 3, 1, 2}, {1, 0, 0, 1, 1, 1})); // [batch, seq, heads, dim]
    attention(x, x, x, {.causal = true}).print("y");
    // y f32 [1, 3, 1, 2]
    // [[[[       1,        0]],
    //   [[0.330238, 0.669762]],
    //   [[0.751745, 0.751745]]]]
  }
  // alibi_slopes
  {
    alibi_slopes(3).print("slopes");
    // slopes f32 [3]
    // [ 0.0625, 0.003906, 0.25]
  }
}
