// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void ops_Normalize() {
  // softmax
  {
    Value x = constant(Tensor::from<float>({3}, {0, 1, 2}));
    softmax(x).print("y");
    // y f32 [3]
    // [0.0900306,  0.244728,  0.665241]
  }
  // layer_norm
  {
    Value x = constant(Tensor::from<float>({2, 2}, {1, 3, 10, 50}));
    Value weight = constant(Tensor::from<float>({2}, {1, 1})), bias = constant(Tensor::from<float>({2}, {0, 5}));
    layer_norm(x, weight, bias).print("y");
    // y f32 [2, 2]
    // [[-0.999995,         6],
    //  [       -1,         6]]
  }
  // rms_norm
  {
    Value x = constant(Tensor::from<float>({2}, {3, 4}));
    Value weight = constant(Tensor::from<float>({2}, {1, 2}));
    rms_norm(x, weight, {.epsilon = 0}).print("y");
    // y f32 [2]
    // [0.848528,  2.26274]
  }
  // group_norm
  {
    Value x = constant(Tensor::from<float>({1, 4, 1}, {1, 3, 10, 50})); // [batch, channels, ..]
    group_norm(x, 2).print("y");
    // y f32 [1, 4, 1]
    // [[[-0.999995],
    //   [ 0.999995],
    //   [       -1],
    //   [        1]]]
  }
  // instance_norm
  {
    Value x = constant(Tensor::from<float>({1, 2, 2}, {1, 3, 10, 50})); // [batch, channels, ..]
    instance_norm(x).print("y");
    // y f32 [1, 2, 2]
    // [[[-0.999995,  0.999995],
    //   [       -1,         1]]]
  }
  // batch_norm
  {
    Value x = constant(Tensor::from<float>({1, 2, 2}, {1, 3, 10, 50})); // [batch, channels, ..]
    Value mean = constant(Tensor::from<float>({2}, {1, 10})), variance = constant(Tensor::from<float>({2}, {4, 16}));
    batch_norm(x, mean, variance, {.epsilon = 0}).print("y");
    // y f32 [1, 2, 2]
    // [[[ 0,  1],
    //   [ 0, 10]]]
  }
}
