// RUN: varve-opt %s -split-input-file -verify-diagnostics

varve.graph @max_pool_c1_rank(%x: tensor<2x4xf32>) {
  // expected-error @+2 {{expects input of one to three spatial dimensions, and as many entries of kernel, but got 'tensor<2x4xf32>' and 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.max_pool %x {kernel = array<i64: 3, 3>} : (tensor<2x4xf32>) -> tensor<2x4x3x4xf32>
  varve.output
}

// -----

varve.graph @max_pool_c1_kernel_count(%x: tensor<2x4x7x9xf32>) {
  // expected-error @+2 {{expects input of one to three spatial dimensions, and as many entries of kernel, but got 'tensor<2x4x7x9xf32>' and 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.max_pool %x {kernel = array<i64: 3>} : (tensor<2x4x7x9xf32>) -> tensor<2x4x3x4xf32>
  varve.output
}

// -----

varve.graph @max_pool_c2_kernel_zero(%x: tensor<2x4x7x9xf32>) {
  // expected-error @+2 {{expects kernel sizes of 1 to 1073741824, but got 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.max_pool %x {kernel = array<i64: 3, 0>} : (tensor<2x4x7x9xf32>) -> tensor<2x4x3x4xf32>
  varve.output
}

// -----

varve.graph @max_pool_c2_strides_count(%x: tensor<2x4x7x9xf32>) {
  // expected-error @+2 {{expects 2 strides, one for each spatial dimension, but got 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.max_pool %x {kernel = array<i64: 3, 3>, strides = array<i64: 2>} : (tensor<2x4x7x9xf32>) -> tensor<2x4x3x4xf32>
  varve.output
}

// -----

varve.graph @max_pool_c2_dilation_zero(%x: tensor<2x4x7x9xf32>) {
  // expected-error @+2 {{expects dilations of 1 to 1073741824, but got 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.max_pool %x {kernel = array<i64: 3, 3>, dilations = array<i64: 1, 0>} : (tensor<2x4x7x9xf32>) -> tensor<2x4x3x4xf32>
  varve.output
}

// -----

varve.graph @max_pool_c3_padding_wide(%x: tensor<2x4x7x9xf32>) {
  // expected-error @+2 {{expects padding of at most half of a window of 3, but got 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.max_pool %x {kernel = array<i64: 3, 3>, padding_begin = array<i64: 2, 0>} : (tensor<2x4x7x9xf32>) -> tensor<2x4x3x4xf32>
  varve.output
}

// -----

varve.graph @max_pool_c4_window_too_long(%x: tensor<2x4x7x9xf32>) {
  // expected-error @+2 {{expects the padded input to hold a window of 8 in spatial dimension 0, but got 7}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.max_pool %x {kernel = array<i64: 8, 3>} : (tensor<2x4x7x9xf32>) -> tensor<2x4x3x4xf32>
  varve.output
}

// -----

varve.graph @max_pool_kernel_missing(%x: tensor<2x4x7x9xf32>) {
  // expected-error @+1 {{requires attribute 'kernel'}}
  %0 = varve.max_pool %x : (tensor<2x4x7x9xf32>) -> tensor<2x4x3x4xf32>
  varve.output
}

// -----

varve.graph @avg_pool_c1_kernel_count(%x: tensor<2x4x7x9xf32>) {
  // expected-error @+2 {{expects input of one to three spatial dimensions, and as many entries of kernel, but got 'tensor<2x4x7x9xf32>' and 3}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.avg_pool %x {kernel = array<i64: 3, 3, 3>} : (tensor<2x4x7x9xf32>) -> tensor<2x4x3x4xf32>
  varve.output
}

// -----

varve.graph @avg_pool_c2_padding_negative(%x: tensor<2x4x7x9xf32>) {
  // expected-error @+2 {{expects padding_end of 0 to 1073741824, but got -1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.avg_pool %x {kernel = array<i64: 3, 3>, padding_end = array<i64: 0, -1>} : (tensor<2x4x7x9xf32>) -> tensor<2x4x3x4xf32>
  varve.output
}

// -----

varve.graph @avg_pool_c3_padding_wide(%x: tensor<2x4x7x9xf32>) {
  // expected-error @+2 {{expects padding of at most half of a window of 3, but got 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.avg_pool %x {kernel = array<i64: 3, 3>, padding_end = array<i64: 0, 2>} : (tensor<2x4x7x9xf32>) -> tensor<2x4x3x4xf32>
  varve.output
}

// -----

varve.graph @avg_pool_c4_window_too_long(%x: tensor<2x4x7x9xf32>) {
  // expected-error @+2 {{expects the padded input to hold a window of 10 in spatial dimension 1, but got 9}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.avg_pool %x {kernel = array<i64: 3, 10>} : (tensor<2x4x7x9xf32>) -> tensor<2x4x3x4xf32>
  varve.output
}

// -----

varve.graph @adaptive_max_pool_c1_size_count(%x: tensor<2x4x7x9xf32>) {
  // expected-error @+2 {{expects input of one to three spatial dimensions, and as many entries of size, but got 'tensor<2x4x7x9xf32>' and 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.adaptive_max_pool %x {size = array<i64: 1>} : (tensor<2x4x7x9xf32>) -> tensor<2x4x3x4xf32>
  varve.output
}

// -----

varve.graph @adaptive_max_pool_c2_size_zero(%x: tensor<2x4x7x9xf32>) {
  // expected-error @+2 {{expects sizes of 1 or more, but got 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.adaptive_max_pool %x {size = array<i64: 1, 0>} : (tensor<2x4x7x9xf32>) -> tensor<2x4x3x4xf32>
  varve.output
}

// -----

varve.graph @adaptive_max_pool_c3_empty(%x: tensor<2x4x0x9xf32>) {
  // expected-error @+2 {{expects spatial dimensions that are not empty, but got 'tensor<2x4x0x9xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.adaptive_max_pool %x {size = array<i64: 1, 1>} : (tensor<2x4x0x9xf32>) -> tensor<2x4x3x4xf32>
  varve.output
}

// -----

varve.graph @adaptive_avg_pool_c1_rank(%x: tensor<4xf32>) {
  // expected-error @+2 {{expects input of one to three spatial dimensions, and as many entries of size, but got 'tensor<4xf32>' and 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.adaptive_avg_pool %x {size = array<i64: 1>} : (tensor<4xf32>) -> tensor<2x4x3x4xf32>
  varve.output
}

// -----

varve.graph @avg_pool_c5_divisor_zero(%x: tensor<2x4x7x9xf32>) {
  // expected-error @+2 {{expects a divisor_override other than 0, but got 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.avg_pool %x {kernel = array<i64: 3, 3>, divisor_override = 0 : i64} : (tensor<2x4x7x9xf32>) -> tensor<2x4x5x7xf32>
  varve.output
}
