// RUN: varve-opt %s -split-input-file -verify-diagnostics

varve.graph @linear_c1_weight_rank(%x: tensor<2x8xf32>, %w: tensor<8xf32>) {
  // expected-error @+2 {{expects input [.., in] and weight [out, in], but got 'tensor<2x8xf32>' and 'tensor<8xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.linear %x, %w : (tensor<2x8xf32>, tensor<8xf32>) -> tensor<2xf32>
  varve.output
}

// -----

varve.graph @linear_c1_input_scalar(%x: tensor<f32>, %w: tensor<4x8xf32>) {
  // expected-error @+2 {{expects input [.., in] and weight [out, in], but got 'tensor<f32>' and 'tensor<4x8xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.linear %x, %w : (tensor<f32>, tensor<4x8xf32>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @linear_c2_sizes_differ(%x: tensor<2x4xf32>, %w: tensor<4x8xf32>) {
  // expected-error @+2 {{expects the last dimension of input to be the last of weight, but got 'tensor<2x4xf32>' and 'tensor<4x8xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.linear %x, %w : (tensor<2x4xf32>, tensor<4x8xf32>) -> tensor<2x4xf32>
  varve.output
}

// -----

varve.graph @linear_c3_element_types_differ(%x: tensor<2x8xf32>, %w: tensor<4x8xbf16>) {
  // expected-error @+2 {{expects input and weight of equal element type, but got 'tensor<2x8xf32>' and 'tensor<4x8xbf16>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.linear %x, %w : (tensor<2x8xf32>, tensor<4x8xbf16>) -> tensor<2x4xf32>
  varve.output
}

// -----

func.func @linear_weight_unknown_encoding(%x: tensor<2x8xf32>, %w: tensor<4x8xf32, "packed">) {
  // expected-error @+1 {{expects weight to be tensor whose dynamic dimensions have names, or a packed or encoded weight, but got 'tensor<4x8xf32, "packed">'}}
  %0 = varve.linear %x, %w : (tensor<2x8xf32>, tensor<4x8xf32, "packed">) -> tensor<2x4xf32>
  return
}

// -----

varve.graph @matmul_c1_rank(%x: tensor<8xf32>, %y: tensor<8x4xf32>) {
  // expected-error @+2 {{expects lhs [.., m, k] and rhs [.., k, n], but got 'tensor<8xf32>' and 'tensor<8x4xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.matmul %x, %y : (tensor<8xf32>, tensor<8x4xf32>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @matmul_c2_inner_differ(%x: tensor<2x?xf32, #varve.dims<2, seq>>, %y: tensor<?x4xf32, #varve.dims<past, 4>>) {
  // expected-error @+2 {{expects the last dimension of lhs to be the last but one of rhs, but got 'tensor<2x?xf32, #varve.dims<2, seq>>' and 'tensor<?x4xf32, #varve.dims<past, 4>>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.matmul %x, %y : (tensor<2x?xf32, #varve.dims<2, seq>>, tensor<?x4xf32, #varve.dims<past, 4>>) -> tensor<2x4xf32>
  varve.output
}

// -----

varve.graph @matmul_c3_element_types_differ(%x: tensor<2x8xf32>, %y: tensor<8x4xf16>) {
  // expected-error @+2 {{expects lhs and rhs of equal element type, but got 'tensor<2x8xf32>' and 'tensor<8x4xf16>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.matmul %x, %y : (tensor<2x8xf32>, tensor<8x4xf16>) -> tensor<2x4xf32>
  varve.output
}

// -----

varve.graph @matmul_c4_batches_differ(%x: tensor<2x2x8xf32>, %y: tensor<3x8x4xf32>) {
  // expected-error @+2 {{expects the batch of lhs and the batch of rhs to broadcast, but got 'tensor<2xf32>' and 'tensor<3xf32>': dimension 0 is 2 and 3}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.matmul %x, %y : (tensor<2x2x8xf32>, tensor<3x8x4xf32>) -> tensor<2x2x4xf32>
  varve.output
}

// -----

varve.graph @grouped_matmul_c1_ranks(%x: tensor<5x8xf32>, %w: tensor<4x8xf32>, %s: tensor<3xi64>) {
  // expected-error @+2 {{expects input [rows, in] and weight [groups, out, in], but got 'tensor<5x8xf32>' and 'tensor<4x8xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.grouped_matmul %x, %w, %s : (tensor<5x8xf32>, tensor<4x8xf32>, tensor<3xi64>) -> tensor<5x4xf32>
  varve.output
}

// -----

varve.graph @grouped_matmul_c2_sizes_differ(%x: tensor<5x4xf32>, %w: tensor<3x4x8xf32>, %s: tensor<3xi64>) {
  // expected-error @+2 {{expects the last dimension of input to be the last of weight, but got 'tensor<5x4xf32>' and 'tensor<3x4x8xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.grouped_matmul %x, %w, %s : (tensor<5x4xf32>, tensor<3x4x8xf32>, tensor<3xi64>) -> tensor<5x4xf32>
  varve.output
}

// -----

varve.graph @grouped_matmul_c3_group_count(%x: tensor<5x8xf32>, %w: tensor<3x4x8xf32>, %s: tensor<4xi64>) {
  // expected-error @+2 {{expects sizes [3], one for each group, but got 'tensor<4xi64>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.grouped_matmul %x, %w, %s : (tensor<5x8xf32>, tensor<3x4x8xf32>, tensor<4xi64>) -> tensor<5x4xf32>
  varve.output
}

// -----

varve.graph @grouped_matmul_c4_element_types_differ(%x: tensor<5x8xf32>, %w: tensor<3x4x8xbf16>, %s: tensor<3xi64>) {
  // expected-error @+2 {{expects input and weight of equal element type, but got 'tensor<5x8xf32>' and 'tensor<3x4x8xbf16>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.grouped_matmul %x, %w, %s : (tensor<5x8xf32>, tensor<3x4x8xbf16>, tensor<3xi64>) -> tensor<5x4xf32>
  varve.output
}

// -----

varve.graph @grouped_matmul_sizes_type(%x: tensor<5x8xf32>, %w: tensor<3x4x8xf32>, %s: tensor<3xf32>) {
  // expected-error @+1 {{expects sizes to be tensor of i32 or i64 whose dynamic dimensions have names, but got 'tensor<3xf32>'}}
  %0 = varve.grouped_matmul %x, %w, %s : (tensor<5x8xf32>, tensor<3x4x8xf32>, tensor<3xf32>) -> tensor<5x4xf32>
  varve.output
}
