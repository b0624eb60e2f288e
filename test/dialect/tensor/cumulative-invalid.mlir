// RUN: varve-opt %s -split-input-file -verify-diagnostics

varve.graph @cumsum_c1_axis_outside(%x: tensor<4xf32>) {
  // expected-error @+2 {{expects axis in [-1, 1), but got 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.cumsum %x {axis = 1 : i64} : (tensor<4xf32>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @cumprod_operand_bool(%x: tensor<4xi1>) {
  // expected-error @+1 {{expects input to be tensor of f32, f16, bf16, i8, i32, i64 or ui8 whose dynamic dimensions have names, but got 'tensor<4xi1>'}}
  %0 = varve.cumprod %x {axis = 0 : i64} : (tensor<4xi1>) -> tensor<4xi1>
  varve.output
}
