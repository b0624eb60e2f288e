// RUN: varve-opt %s -split-input-file -verify-diagnostics

varve.graph @sort_c1_axis_outside(%x: tensor<4xf32>) {
  // expected-error @+2 {{expects axis in [-1, 1), but got -2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0:2 = varve.sort %x {axis = -2 : i64} : (tensor<4xf32>) -> (tensor<4xf32>, tensor<4xi64>)
  varve.output
}

// -----

varve.graph @top_k_c1_axis_outside(%x: tensor<4xf32>) {
  // expected-error @+2 {{expects axis in [-1, 1), but got 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0:2 = varve.top_k %x {axis = 1 : i64, k = 1 : i64} : (tensor<4xf32>) -> (tensor<1xf32>, tensor<1xi64>)
  varve.output
}

// -----

varve.graph @top_k_c2_too_many(%x: tensor<4xf32>) {
  // expected-error @+2 {{expects k of 0 to 4, but got 5}}
  // expected-error @+1 {{failed to infer returned types}}
  %0:2 = varve.top_k %x {axis = 0 : i64, k = 5 : i64} : (tensor<4xf32>) -> (tensor<5xf32>, tensor<5xi64>)
  varve.output
}

// -----

varve.graph @top_k_c2_negative(%x: tensor<?xf32, #varve.dims<n>>) {
  // expected-error @+2 {{expects k of 0 to n, but got -1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0:2 = varve.top_k %x {axis = 0 : i64, k = -1 : i64} : (tensor<?xf32, #varve.dims<n>>) -> (tensor<1xf32>, tensor<1xi64>)
  varve.output
}

// -----

varve.graph @sort_operand_bool(%x: tensor<4xi1>) {
  // expected-error @+1 {{expects input to be tensor of f32, f16, bf16, i8, i32, i64 or ui8 whose dynamic dimensions have names, but got 'tensor<4xi1>'}}
  %0:2 = varve.sort %x {axis = 0 : i64} : (tensor<4xi1>) -> (tensor<4xi1>, tensor<4xi64>)
  varve.output
}
