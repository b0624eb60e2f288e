// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void ops_Scan() {
  // causal_conv
  {
    Value x = constant(Tensor::from<float>({1, 4, 1}, {1, 2, 3, 4})); // [batch, seq, channels]
    Value weight = constant(Tensor::from<float>({1, 2}, {10, 1}));    // [channels, kernel]
    auto [whole, end] = causal_conv(x, weight);
    flatten(whole).print("at once");
    // at once f32 [4]
    // [ 1, 12, 23, 34]

    auto [first, state] = causal_conv(x(slice(), slice(0, 2)), weight);
    auto [second, last] = causal_conv(x(slice(), slice(2)), weight, {.state = state});
    flatten(concat({first, second}, 1)).print("in two pieces");
    // in two pieces f32 [4]
    // [ 1, 12, 23, 34]
  }
  // selective_scan
  {
    Value x = constant(Tensor::from<float>({1, 3, 1}, {1, 1, 1})); // [batch, seq, channels]
    Value a = constant(Tensor::from<float>({1, 1}, {-1}));         // [channels, n]
    auto [y, state] = selective_scan(x, x, a, x, x);
    flatten(y).print("y");
    // y f32 [3]
    // [      1, 1.36788, 1.50321]
    state.print("state");
    // state f32 [1, 1, 1]
    // [[[1.50321]]]
  }
}
