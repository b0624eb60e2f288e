// RUN: varve-opt %s -split-input-file -verify-diagnostics

varve.graph @dequantize_floats(%x: tensor<4x32xf32>) {
  // expected-error @+1 {{expects input to be statically shaped tensor of whole blocks of an encoding, but got 'tensor<4x32xf32>'}}
  %0 = varve.dequantize %x : (tensor<4x32xf32>) -> tensor<4x32xf32>
  varve.output
}

// -----

varve.weight @w : tensor<4x32x!varve.q4_0>
varve.graph @dequantize_result() {
  %w = varve.use @w : tensor<4x32x!varve.q4_0>
  // expected-error @+2 {{op inferred type(s) 'tensor<4x32xf32>' are incompatible with return type(s) of operation 'tensor<4x32xbf16>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.dequantize %w : (tensor<4x32x!varve.q4_0>) -> tensor<4x32xbf16>
  varve.output
}

// -----

// Nothing else computes with blocks.
varve.weight @w : tensor<4x32x!varve.q4_0>
varve.graph @add_blocks(%x: tensor<4x32xf32>) {
  %w = varve.use @w : tensor<4x32x!varve.q4_0>
  // expected-error @+1 {{expects rhs to be tensor of f32, f16, bf16, i8, i32, i64 or ui8 whose dynamic dimensions have names, but got 'tensor<4x32x!varve.q4_0>'}}
  %0 = varve.add %x, %w : (tensor<4x32xf32>, tensor<4x32x!varve.q4_0>) -> tensor<4x32xf32>
  varve.output
}

// -----

varve.weight @w : tensor<4x32x!varve.q4_0>
varve.graph @output_blocks() -> tensor<4x32xf32> {
  %w = varve.use @w : tensor<4x32x!varve.q4_0>
  // expected-error @+1 {{expects operands of the graph's result types 'tensor<4x32xf32>', but got 'tensor<4x32x!varve.q4_0>'}}
  varve.output %w : tensor<4x32x!varve.q4_0>
}
