// RUN: varve-opt %s -split-input-file -verify-diagnostics

varve.graph @reduce_sum_c1_axis_outside(%x: tensor<4x8xf32>) {
  // expected-error @+2 {{expects axes in [-2, 2), but got -3}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.reduce_sum %x {axes = array<i64: -3>} : (tensor<4x8xf32>) -> tensor<8xf32>
  varve.output
}

// -----

varve.graph @reduce_max_c2_axis_twice(%x: tensor<4x8xf32>) {
  // expected-error @+2 {{expects axes that differ, but got 1 twice}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.reduce_max %x {axes = array<i64: 1, -1>} : (tensor<4x8xf32>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @reduce_mean_integer(%x: tensor<4xi32>) {
  // expected-error @+1 {{expects input to be tensor of f32, f16 or bf16 whose dynamic dimensions have names, but got 'tensor<4xi32>'}}
  %0 = varve.reduce_mean %x : (tensor<4xi32>) -> tensor<i32>
  varve.output
}

// -----

varve.graph @reduce_prod_bool(%x: tensor<4xi1>) {
  // expected-error @+1 {{expects input to be tensor of f32, f16, bf16, i8, i32, i64 or ui8 whose dynamic dimensions have names, but got 'tensor<4xi1>'}}
  %0 = varve.reduce_prod %x : (tensor<4xi1>) -> tensor<i1>
  varve.output
}

// -----

varve.graph @reduce_min_result_differs(%x: tensor<4x8xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{op inferred type(s) 'tensor<4x1xf32>' are incompatible with return type(s) of operation 'tensor<4xf32>'}}
  %0 = varve.reduce_min %x {axes = array<i64: 1>, keep_dims} : (tensor<4x8xf32>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @argmax_c1_axis_outside(%x: tensor<4x8xf32>) {
  // expected-error @+2 {{expects axis in [-2, 2), but got 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.argmax %x {axis = 2 : i64} : (tensor<4x8xf32>) -> tensor<4xi64>
  varve.output
}

// -----

varve.graph @argmax_c2_axis_empty(%x: tensor<4x0xf32>) {
  // expected-error @+2 {{expects an axis that is not empty, but got 'tensor<4x0xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.argmax %x {axis = 1 : i64} : (tensor<4x0xf32>) -> tensor<4xi64>
  varve.output
}

// -----

varve.graph @argmin_c1_axis_outside(%x: tensor<4xf32>) {
  // expected-error @+2 {{expects axis in [-1, 1), but got 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.argmin %x {axis = 1 : i64} : (tensor<4xf32>) -> tensor<i64>
  varve.output
}

// -----

varve.graph @argmin_c2_empty(%x: tensor<2x0xf32>) {
  // expected-error @+2 {{expects an axis that is not empty, but got 'tensor<2x0xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.argmin %x {axis = 1 : i64} : (tensor<2x0xf32>) -> tensor<2xi64>
  varve.output
}
