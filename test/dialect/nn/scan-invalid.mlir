// RUN: varve-opt %s -split-input-file -verify-diagnostics

varve.graph @causal_conv_c1_input_rank(%x: tensor<7x8xf32>, %w: tensor<8x4xf32>, %s: tensor<2x3x8xf32>) {
  // expected-error @+2 {{expects input [batch, seq, channels] and weight [channels, kernel] of a static kernel of 1 or more, but got 'tensor<7x8xf32>' and 'tensor<8x4xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0, %1 = varve.causal_conv %x, %w, %s : (tensor<7x8xf32>, tensor<8x4xf32>, tensor<2x3x8xf32>) -> (tensor<2x7x8xf32>, tensor<2x3x8xf32>)
  varve.output
}

// -----

varve.graph @causal_conv_c1_kernel_empty(%x: tensor<2x7x8xf32>, %w: tensor<8x0xf32>, %s: tensor<2x3x8xf32>) {
  // expected-error @+2 {{expects input [batch, seq, channels] and weight [channels, kernel] of a static kernel of 1 or more, but got 'tensor<2x7x8xf32>' and 'tensor<8x0xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0, %1 = varve.causal_conv %x, %w, %s : (tensor<2x7x8xf32>, tensor<8x0xf32>, tensor<2x3x8xf32>) -> (tensor<2x7x8xf32>, tensor<2x3x8xf32>)
  varve.output
}

// -----

varve.graph @causal_conv_c1_kernel_named(%x: tensor<2x7x8xf32>, %w: tensor<8x?xf32, #varve.dims<8, k>>, %s: tensor<2x3x8xf32>) {
  // expected-error @+2 {{expects input [batch, seq, channels] and weight [channels, kernel] of a static kernel of 1 or more, but got 'tensor<2x7x8xf32>' and 'tensor<8x?xf32, #varve.dims<8, k>>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0, %1 = varve.causal_conv %x, %w, %s : (tensor<2x7x8xf32>, tensor<8x?xf32, #varve.dims<8, k>>, tensor<2x3x8xf32>) -> (tensor<2x7x8xf32>, tensor<2x3x8xf32>)
  varve.output
}

// -----

varve.graph @causal_conv_c2_channels(%x: tensor<2x7x8xf32>, %w: tensor<6x4xf32>, %s: tensor<2x3x8xf32>) {
  // expected-error @+2 {{expects a row of weight for each channel of input, but got 'tensor<6x4xf32>' and 'tensor<2x7x8xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0, %1 = varve.causal_conv %x, %w, %s : (tensor<2x7x8xf32>, tensor<6x4xf32>, tensor<2x3x8xf32>) -> (tensor<2x7x8xf32>, tensor<2x3x8xf32>)
  varve.output
}

// -----

varve.graph @causal_conv_c3_state(%x: tensor<2x7x8xf32>, %w: tensor<8x4xf32>, %s: tensor<2x4x8xf32>) {
  // expected-error @+2 {{expects state [2, 3, 8], but got 'tensor<2x4x8xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0, %1 = varve.causal_conv %x, %w, %s : (tensor<2x7x8xf32>, tensor<8x4xf32>, tensor<2x4x8xf32>) -> (tensor<2x7x8xf32>, tensor<2x3x8xf32>)
  varve.output
}

// -----

varve.graph @causal_conv_c4_weight_type(%x: tensor<2x7x8xf32>, %w: tensor<8x4xbf16>, %s: tensor<2x3x8xf32>) {
  // expected-error @+2 {{expects input and weight of equal element type, but got 'tensor<2x7x8xf32>' and 'tensor<8x4xbf16>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0, %1 = varve.causal_conv %x, %w, %s : (tensor<2x7x8xf32>, tensor<8x4xbf16>, tensor<2x3x8xf32>) -> (tensor<2x7x8xf32>, tensor<2x3x8xf32>)
  varve.output
}

// -----

varve.graph @causal_conv_c4_state_type(%x: tensor<2x7x8xf32>, %w: tensor<8x4xf32>, %s: tensor<2x3x8xf16>) {
  // expected-error @+2 {{expects input and state of equal element type, but got 'tensor<2x7x8xf32>' and 'tensor<2x3x8xf16>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0, %1 = varve.causal_conv %x, %w, %s : (tensor<2x7x8xf32>, tensor<8x4xf32>, tensor<2x3x8xf16>) -> (tensor<2x7x8xf32>, tensor<2x3x8xf32>)
  varve.output
}

// -----

varve.graph @selective_scan_c1_rank(%x: tensor<7x8xf32>, %d: tensor<2x7x8xf32>, %a: tensor<8x4xf32>, %b: tensor<2x7x4xf32>, %c: tensor<2x7x4xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @+2 {{expects input and delta [batch, seq, channels], but got 'tensor<7x8xf32>' and 'tensor<2x7x8xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0, %1 = varve.selective_scan %x, %d, %a, %b, %c, %s : (tensor<7x8xf32>, tensor<2x7x8xf32>, tensor<8x4xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<2x8x4xf32>) -> (tensor<2x7x8xf32>, tensor<2x8x4xf32>)
  varve.output
}

// -----

varve.graph @selective_scan_c1_delta(%x: tensor<2x7x8xf32>, %d: tensor<2x7x1xf32>, %a: tensor<8x4xf32>, %b: tensor<2x7x4xf32>, %c: tensor<2x7x4xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @+2 {{expects input and delta [batch, seq, channels], but got 'tensor<2x7x8xf32>' and 'tensor<2x7x1xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0, %1 = varve.selective_scan %x, %d, %a, %b, %c, %s : (tensor<2x7x8xf32>, tensor<2x7x1xf32>, tensor<8x4xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<2x8x4xf32>) -> (tensor<2x7x8xf32>, tensor<2x8x4xf32>)
  varve.output
}

// -----

varve.graph @selective_scan_c2_a(%x: tensor<2x7x8xf32>, %d: tensor<2x7x8xf32>, %a: tensor<4x8xf32>, %b: tensor<2x7x4xf32>, %c: tensor<2x7x4xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @+2 {{expects a [channels, n] for input [batch, seq, channels], but got 'tensor<4x8xf32>' and 'tensor<2x7x8xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0, %1 = varve.selective_scan %x, %d, %a, %b, %c, %s : (tensor<2x7x8xf32>, tensor<2x7x8xf32>, tensor<4x8xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<2x8x4xf32>) -> (tensor<2x7x8xf32>, tensor<2x8x4xf32>)
  varve.output
}

// -----

varve.graph @selective_scan_c2_b(%x: tensor<2x7x8xf32>, %d: tensor<2x7x8xf32>, %a: tensor<8x4xf32>, %b: tensor<2x7x5xf32>, %c: tensor<2x7x4xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @+2 {{expects b [2, 7, 4], but got 'tensor<2x7x5xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0, %1 = varve.selective_scan %x, %d, %a, %b, %c, %s : (tensor<2x7x8xf32>, tensor<2x7x8xf32>, tensor<8x4xf32>, tensor<2x7x5xf32>, tensor<2x7x4xf32>, tensor<2x8x4xf32>) -> (tensor<2x7x8xf32>, tensor<2x8x4xf32>)
  varve.output
}

// -----

varve.graph @selective_scan_c2_c(%x: tensor<2x7x8xf32>, %d: tensor<2x7x8xf32>, %a: tensor<8x4xf32>, %b: tensor<2x7x4xf32>, %c: tensor<2x4xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @+2 {{expects c [2, 7, 4], but got 'tensor<2x4xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0, %1 = varve.selective_scan %x, %d, %a, %b, %c, %s : (tensor<2x7x8xf32>, tensor<2x7x8xf32>, tensor<8x4xf32>, tensor<2x7x4xf32>, tensor<2x4xf32>, tensor<2x8x4xf32>) -> (tensor<2x7x8xf32>, tensor<2x8x4xf32>)
  varve.output
}

// -----

varve.graph @selective_scan_c3_state_shape(%x: tensor<2x7x8xf32>, %d: tensor<2x7x8xf32>, %a: tensor<8x4xf32>, %b: tensor<2x7x4xf32>, %c: tensor<2x7x4xf32>, %s: tensor<2x4x8xf32>) {
  // expected-error @+2 {{expects state [2, 8, 4] of f32, but got 'tensor<2x4x8xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0, %1 = varve.selective_scan %x, %d, %a, %b, %c, %s : (tensor<2x7x8xf32>, tensor<2x7x8xf32>, tensor<8x4xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<2x4x8xf32>) -> (tensor<2x7x8xf32>, tensor<2x8x4xf32>)
  varve.output
}

// -----

varve.graph @selective_scan_c3_state_type(%x: tensor<2x7x8xf32>, %d: tensor<2x7x8xf32>, %a: tensor<8x4xf32>, %b: tensor<2x7x4xf32>, %c: tensor<2x7x4xf32>, %s: tensor<2x8x4xbf16>) {
  // expected-error @+2 {{expects state [2, 8, 4] of f32, but got 'tensor<2x8x4xbf16>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0, %1 = varve.selective_scan %x, %d, %a, %b, %c, %s : (tensor<2x7x8xf32>, tensor<2x7x8xf32>, tensor<8x4xf32>, tensor<2x7x4xf32>, tensor<2x7x4xf32>, tensor<2x8x4xbf16>) -> (tensor<2x7x8xf32>, tensor<2x8x4xf32>)
  varve.output
}

// -----

varve.graph @selective_scan_c4_types(%x: tensor<2x7x8xf32>, %d: tensor<2x7x8xf32>, %a: tensor<8x4xf32>, %b: tensor<2x7x4xf16>, %c: tensor<2x7x4xf32>, %s: tensor<2x8x4xf32>) {
  // expected-error @+2 {{expects input and b of equal element type, but got 'tensor<2x7x8xf32>' and 'tensor<2x7x4xf16>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0, %1 = varve.selective_scan %x, %d, %a, %b, %c, %s : (tensor<2x7x8xf32>, tensor<2x7x8xf32>, tensor<8x4xf32>, tensor<2x7x4xf16>, tensor<2x7x4xf32>, tensor<2x8x4xf32>) -> (tensor<2x7x8xf32>, tensor<2x8x4xf32>)
  varve.output
}
