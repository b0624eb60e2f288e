// RUN: varve-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: varve.graph @one_element_each
varve.graph @one_element_each(%s: tensor<f32>, %x: tensor<4x1xf32>) -> (tensor<f32>, tensor<4x1xf32>, tensor<4x1xf32>, tensor<4x1xf32>, tensor<f32>) {
  // CHECK-NEXT: varve.output %arg0, %arg1, %arg1, %arg1, %arg0
  %0 = varve.reduce_sum %s : (tensor<f32>) -> tensor<f32>
  %1 = varve.reduce_mean %x {axes = array<i64: 1>, keep_dims} : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %2 = varve.reduce_max %x {axes = array<i64: -1>, keep_dims} : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %3 = varve.reduce_min %x {axes = array<i64: 1>, keep_dims} : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %4 = varve.reduce_prod %s {keep_dims} : (tensor<f32>) -> tensor<f32>
  varve.output %0, %1, %2, %3, %4 : tensor<f32>, tensor<4x1xf32>, tensor<4x1xf32>, tensor<4x1xf32>, tensor<f32>
}

// CHECK-LABEL: varve.graph @another_type
varve.graph @another_type(%x: tensor<4x1xf32>) -> tensor<4xf32> {
  // CHECK: varve.reduce_sum
  %0 = varve.reduce_sum %x {axes = array<i64: 1>} : (tensor<4x1xf32>) -> tensor<4xf32>
  varve.output %0 : tensor<4xf32>
}
