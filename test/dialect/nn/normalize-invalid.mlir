// RUN: varve-opt %s -split-input-file -verify-diagnostics

varve.graph @softmax_c1_axis_outside(%x: tensor<4x8xf32>) {
  // expected-error @+2 {{expects axis in [-2, 2), but got 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.softmax %x {axis = 2 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  varve.output
}

// -----

varve.graph @softmax_axis_type(%x: tensor<4x8xf32>) {
  // expected-error @+1 {{expects axis to be 64-bit signless integer attribute, but got 1 : i32}}
  %0 = varve.softmax %x {axis = 1 : i32} : (tensor<4x8xf32>) -> tensor<4x8xf32>
  varve.output
}

// -----

varve.graph @layer_norm_c1_weight_size(%x: tensor<4x8xf32>, %w: tensor<4xf32>) {
  // expected-error @+2 {{expects input [.., n] and weight [n], but got 'tensor<4x8xf32>' and 'tensor<4xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.layer_norm %x, %w {epsilon = 0.0 : f64} : (tensor<4x8xf32>, tensor<4xf32>) -> tensor<4x8xf32>
  varve.output
}

// -----

varve.graph @layer_norm_c1_bias_rank(%x: tensor<4x8xf32>, %w: tensor<8xf32>, %b: tensor<1x8xf32>) {
  // expected-error @+2 {{expects input [.., n] and bias [n], but got 'tensor<4x8xf32>' and 'tensor<1x8xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.layer_norm %x, %w, %b {epsilon = 0.0 : f64} : (tensor<4x8xf32>, tensor<8xf32>, tensor<1x8xf32>) -> tensor<4x8xf32>
  varve.output
}

// -----

varve.graph @layer_norm_c2_element_types_differ(%x: tensor<4x8xbf16>, %w: tensor<8xbf16>, %b: tensor<8xf32>) {
  // expected-error @+2 {{expects input and bias of equal element type, but got 'tensor<4x8xbf16>' and 'tensor<8xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.layer_norm %x, %w, %b {epsilon = 0.0 : f64} : (tensor<4x8xbf16>, tensor<8xbf16>, tensor<8xf32>) -> tensor<4x8xbf16>
  varve.output
}

// -----

varve.graph @layer_norm_c3_epsilon_negative(%x: tensor<4x8xf32>, %w: tensor<8xf32>) {
  // expected-error @+2 {{expects a finite epsilon of 0 or more, but got -1.000000e-05}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.layer_norm %x, %w {epsilon = -1.0e-5 : f64} : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  varve.output
}

// -----

varve.graph @rms_norm_c1_scalar(%x: tensor<f32>, %w: tensor<1xf32>) {
  // expected-error @+2 {{expects input [.., n] and weight [n], but got 'tensor<f32>' and 'tensor<1xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.rms_norm %x, %w {epsilon = 0.0 : f64} : (tensor<f32>, tensor<1xf32>) -> tensor<f32>
  varve.output
}

// -----

varve.graph @rms_norm_c2_element_types_differ(%x: tensor<4x8xf16>, %w: tensor<8xf32>) {
  // expected-error @+2 {{expects input and weight of equal element type, but got 'tensor<4x8xf16>' and 'tensor<8xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.rms_norm %x, %w {epsilon = 0.0 : f64} : (tensor<4x8xf16>, tensor<8xf32>) -> tensor<4x8xf16>
  varve.output
}

// -----

varve.graph @rms_norm_c3_epsilon_nan(%x: tensor<4x8xf32>, %w: tensor<8xf32>) {
  // expected-error @+2 {{expects a finite epsilon of 0 or more, but got nan}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.rms_norm %x, %w {epsilon = 0x7FF8000000000000 : f64} : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  varve.output
}

// -----

varve.graph @rms_norm_epsilon_missing(%x: tensor<4x8xf32>, %w: tensor<8xf32>) {
  // expected-error @+1 {{requires attribute 'epsilon'}}
  %0 = varve.rms_norm %x, %w : (tensor<4x8xf32>, tensor<8xf32>) -> tensor<4x8xf32>
  varve.output
}

// -----

varve.graph @group_norm_c1_rank(%x: tensor<4xf32>) {
  // expected-error @+2 {{expects input [batch, channels, ..], but got 'tensor<4xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.group_norm %x {groups = 2 : i64, epsilon = 0.0 : f64} : (tensor<4xf32>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @group_norm_c2_groups(%x: tensor<2x4x7xf32>) {
  // expected-error @+2 {{expects groups that divide the channels, but got 3 and 4}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.group_norm %x {groups = 3 : i64, epsilon = 0.0 : f64} : (tensor<2x4x7xf32>) -> tensor<2x4x7xf32>
  varve.output
}

// -----

varve.graph @group_norm_c2_groups_zero(%x: tensor<2x4x7xf32>) {
  // expected-error @+2 {{expects groups that divide the channels, but got 0 and 4}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.group_norm %x {groups = 0 : i64, epsilon = 0.0 : f64} : (tensor<2x4x7xf32>) -> tensor<2x4x7xf32>
  varve.output
}

// -----

varve.graph @group_norm_c3_three_parameters(%x: tensor<2x4x7xf32>, %p0: tensor<4xf32>, %p1: tensor<4xf32>, %p2: tensor<4xf32>) {
  // expected-error @+2 {{expects at most two parameters, weight and bias, but got 3}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.group_norm %x, %p0, %p1, %p2 {groups = 2 : i64, epsilon = 0.0 : f64} : (tensor<2x4x7xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<2x4x7xf32>
  varve.output
}

// -----

varve.graph @group_norm_c3_weight_size(%x: tensor<2x4x7xf32>, %p0: tensor<7xf32>) {
  // expected-error @+2 {{expects input [batch, channels, ..] and weight [channels], but got 'tensor<2x4x7xf32>' and 'tensor<7xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.group_norm %x, %p0 {groups = 2 : i64, epsilon = 0.0 : f64} : (tensor<2x4x7xf32>, tensor<7xf32>) -> tensor<2x4x7xf32>
  varve.output
}

// -----

varve.graph @group_norm_c3_bias_rank(%x: tensor<2x4x7xf32>, %p0: tensor<4xf32>, %p1: tensor<1x4xf32>) {
  // expected-error @+2 {{expects input [batch, channels, ..] and bias [channels], but got 'tensor<2x4x7xf32>' and 'tensor<1x4xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.group_norm %x, %p0, %p1 {groups = 2 : i64, epsilon = 0.0 : f64} : (tensor<2x4x7xf32>, tensor<4xf32>, tensor<1x4xf32>) -> tensor<2x4x7xf32>
  varve.output
}

// -----

varve.graph @group_norm_c4_bias_type(%x: tensor<2x4x7xf32>, %p0: tensor<4xf32>, %p1: tensor<4xbf16>) {
  // expected-error @+2 {{expects input and bias of equal element type, but got 'tensor<2x4x7xf32>' and 'tensor<4xbf16>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.group_norm %x, %p0, %p1 {groups = 2 : i64, epsilon = 0.0 : f64} : (tensor<2x4x7xf32>, tensor<4xf32>, tensor<4xbf16>) -> tensor<2x4x7xf32>
  varve.output
}

// -----

varve.graph @group_norm_c5_epsilon(%x: tensor<2x4x7xf32>) {
  // expected-error @+2 {{expects a finite epsilon of 0 or more, but got -1.000000e+00}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.group_norm %x {groups = 2 : i64, epsilon = -1.0 : f64} : (tensor<2x4x7xf32>) -> tensor<2x4x7xf32>
  varve.output
}

// -----

varve.graph @batch_norm_c1_rank(%x: tensor<4xf32>, %m: tensor<4xf32>, %v: tensor<4xf32>) {
  // expected-error @+2 {{expects input [batch, channels, ..], but got 'tensor<4xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.batch_norm %x, %m, %v {epsilon = 0.0 : f64} : (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @batch_norm_c2_mean_size(%x: tensor<2x4x7xf32>, %m: tensor<7xf32>, %v: tensor<4xf32>) {
  // expected-error @+2 {{expects input [batch, channels, ..] and mean [channels], but got 'tensor<2x4x7xf32>' and 'tensor<7xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.batch_norm %x, %m, %v {epsilon = 0.0 : f64} : (tensor<2x4x7xf32>, tensor<7xf32>, tensor<4xf32>) -> tensor<2x4x7xf32>
  varve.output
}

// -----

varve.graph @batch_norm_c2_three_parameters(%x: tensor<2x4x7xf32>, %m: tensor<4xf32>, %v: tensor<4xf32>, %p0: tensor<4xf32>, %p1: tensor<4xf32>, %p2: tensor<4xf32>) {
  // expected-error @+2 {{expects at most two parameters, weight and bias, but got 3}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.batch_norm %x, %m, %v, %p0, %p1, %p2 {epsilon = 0.0 : f64} : (tensor<2x4x7xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<2x4x7xf32>
  varve.output
}

// -----

varve.graph @batch_norm_c2_channels_last(%x: tensor<2x4x7xf32>, %m: tensor<4xf32>, %v: tensor<4xf32>) {
  // expected-error @+2 {{expects input [batch, .., channels] and mean [channels], but got 'tensor<2x4x7xf32>' and 'tensor<4xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.batch_norm %x, %m, %v {channels_last, epsilon = 0.0 : f64} : (tensor<2x4x7xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<2x4x7xf32>
  varve.output
}

// -----

varve.graph @batch_norm_c3_variance_type(%x: tensor<2x4x7xf32>, %m: tensor<4xf32>, %v: tensor<4xf16>) {
  // expected-error @+2 {{expects input and variance of equal element type, but got 'tensor<2x4x7xf32>' and 'tensor<4xf16>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.batch_norm %x, %m, %v {epsilon = 0.0 : f64} : (tensor<2x4x7xf32>, tensor<4xf32>, tensor<4xf16>) -> tensor<2x4x7xf32>
  varve.output
}

// -----

varve.graph @batch_norm_c4_epsilon(%x: tensor<2x4x7xf32>, %m: tensor<4xf32>, %v: tensor<4xf32>) {
  // expected-error @+2 {{expects a finite epsilon of 0 or more, but got nan}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.batch_norm %x, %m, %v {epsilon = 0x7FF8000000000000 : f64} : (tensor<2x4x7xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<2x4x7xf32>
  varve.output
}
