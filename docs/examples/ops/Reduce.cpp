// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void ops_Reduce() {
  // reduce_sum
  {
    Value x = constant(Tensor::from<float>({2, 3}, {1, 2, 3, 4, 5, 6}));
    reduce_sum(x).print("all");
    // all f32 []
    // 21
    reduce_sum(x, {.axes = {-1}}).print("rows");
    // rows f32 [2]
    // [ 6, 15]
  }
  // reduce_mean
  {
    Value x = constant(Tensor::from<float>({2, 3}, {1, 2, 3, 4, 5, 6}));
    reduce_mean(x, {.axes = {-1}, .keep_dims = true}).print("rows");
    // rows f32 [2, 1]
    // [[2],
    //  [5]]
  }
  // reduce_max
  {
    Value x = constant(Tensor::from<int32_t>({2, 3}, {1, 2, 3, 4, 5, 6}));
    reduce_max(x, {.axes = {0}}).print("columns");
    // columns i32 [3]
    // [4, 5, 6]
  }
  // reduce_min
  {
    Value x = constant(Tensor::from<int32_t>({2, 3}, {1, 2, 3, 4, 5, 6}));
    reduce_min(x, {.axes = {0}}).print("columns");
    // columns i32 [3]
    // [1, 2, 3]
  }
  // reduce_prod
  {
    Value x = constant(Tensor::from<float>({2, 3}, {1, 2, 3, 4, 5, 6}));
    reduce_prod(x, {.axes = {1}}).print("rows");
    // rows f32 [2]
    // [  6, 120]
  }
  // argmax
  {
    Value x = constant(Tensor::from<float>({2, 3}, {1, 9, 3, 4, 5, 6}));
    argmax(x).print("rows");
    // rows i64 [2]
    // [1, 2]
    argmax(x, {.axis = 0, .keep_dims = true}).print("columns");
    // columns i64 [1, 3]
    // [[1, 0, 1]]
  }
  // argmin
  {
    Value x = constant(Tensor::from<float>({2, 3}, {1, 9, 3, 4, 5, 6}));
    argmin(x).print("rows");
    // rows i64 [2]
    // [0, 0]
  }
}
