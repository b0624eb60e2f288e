// RUN: varve-opt %s -split-input-file -verify-diagnostics

varve.graph @resize_c1_rank(%x: tensor<4x7xf32>) {
  // expected-error @+2 {{expects input of one to three spatial dimensions, but got 'tensor<4x7xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.resize %x {mode = "linear", sizes = #varve.dims<3>} : (tensor<4x7xf32>) -> tensor<2x4x14x18xf32>
  varve.output
}

// -----

varve.graph @resize_c2_neither(%x: tensor<2x4x7x9xf32>) {
  // expected-error @+2 {{expects 2 sizes or 2 scales, but got 0 and 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.resize %x {mode = "linear"} : (tensor<2x4x7x9xf32>) -> tensor<2x4x14x18xf32>
  varve.output
}

// -----

varve.graph @resize_c2_both(%x: tensor<2x4x7x9xf32>) {
  // expected-error @+2 {{expects 2 sizes or 2 scales, but got 2 and 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.resize %x {mode = "linear", sizes = #varve.dims<3, 4>, scales = array<f64: 2.0, 2.0>} : (tensor<2x4x7x9xf32>) -> tensor<2x4x14x18xf32>
  varve.output
}

// -----

varve.graph @resize_c2_count(%x: tensor<2x4x7x9xf32>) {
  // expected-error @+2 {{expects 2 sizes or 2 scales, but got 0 and 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.resize %x {mode = "linear", scales = array<f64: 2.0>} : (tensor<2x4x7x9xf32>) -> tensor<2x4x14x18xf32>
  varve.output
}

// -----

varve.graph @resize_c3_size_negative(%x: tensor<2x4x7x9xf32>) {
  // expected-error @+2 {{expects sizes of 0 or more, but got -4}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.resize %x {mode = "linear", sizes = #varve.dims<3, -4>} : (tensor<2x4x7x9xf32>) -> tensor<2x4x14x18xf32>
  varve.output
}

// -----

varve.graph @resize_c3_scale_zero(%x: tensor<2x4x7x9xf32>) {
  // expected-error @+2 {{expects scales that are finite and above 0, but got 0.000000e+00}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.resize %x {mode = "linear", scales = array<f64: 2.0, 0.0>} : (tensor<2x4x7x9xf32>) -> tensor<2x4x14x18xf32>
  varve.output
}

// -----

varve.graph @resize_c3_scale_infinite(%x: tensor<2x4x7x9xf32>) {
  // expected-error @+2 {{expects scales that are finite and above 0, but got INF}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.resize %x {mode = "linear", scales = array<f64: 0x7FF0000000000000, 2.0>} : (tensor<2x4x7x9xf32>) -> tensor<2x4x14x18xf32>
  varve.output
}

// -----

varve.graph @resize_c4_scale_of_name(%x: tensor<1x4x?xf32, #varve.dims<1, 4, width>>) {
  // expected-error @+2 {{expects a scale of width that is a fraction of integers below 2^20, but got 1.000000e-01}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.resize %x {mode = "linear", scales = array<f64: 0.1>} : (tensor<1x4x?xf32, #varve.dims<1, 4, width>>) -> tensor<2x4x14x18xf32>
  varve.output
}

// -----

varve.graph @resize_c5_empty(%x: tensor<2x4x0x9xf32>) {
  // expected-error @+2 {{expects spatial dimensions that are not empty, but got 'tensor<2x4x0x9xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.resize %x {mode = "linear", scales = array<f64: 2.0, 2.0>} : (tensor<2x4x0x9xf32>) -> tensor<2x4x14x18xf32>
  varve.output
}

// -----

varve.graph @resize_c6_corners_nearest(%x: tensor<2x4x7x9xf32>) {
  // expected-error @+2 {{expects align_corners with mode linear or cubic, but got nearest}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.resize %x {mode = "nearest", align_corners, scales = array<f64: 2.0, 2.0>} : (tensor<2x4x7x9xf32>) -> tensor<2x4x14x18xf32>
  varve.output
}

// -----

varve.graph @resize_mode(%x: tensor<2x4x7x9xf32>) {
  // expected-error @+1 {{expects mode to be one of nearest, nearest_exact, linear, cubic, but got "bilinear"}}
  %0 = varve.resize %x {mode = "bilinear", scales = array<f64: 2.0, 2.0>} : (tensor<2x4x7x9xf32>) -> tensor<2x4x14x18xf32>
  varve.output
}

// -----

varve.graph @resize_c6_antialias_nearest(%x: tensor<2x4x7x9xf32>) {
  // expected-error @+2 {{expects antialias with mode linear or cubic, but got nearest_exact}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.resize %x {mode = "nearest_exact", scales = array<f64: 2.0, 2.0>, antialias} : (tensor<2x4x7x9xf32>) -> tensor<2x4x14x18xf32>
  varve.output
}
