// RUN: varve-opt %s -split-input-file -verify-diagnostics

varve.graph @gather_c1_axis_outside(%x: tensor<4x8xf32>, %i: tensor<2xi64>) {
  // expected-error @+2 {{expects axis in [-2, 2), but got 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.gather %x, %i {axis = 2 : i64} : (tensor<4x8xf32>, tensor<2xi64>) -> tensor<4x2xf32>
  varve.output
}

// -----

varve.graph @gather_c1_scalar(%x: tensor<f32>, %i: tensor<2xi64>) {
  // expected-error @+2 {{expects axis in [0, 0), but got 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.gather %x, %i : (tensor<f32>, tensor<2xi64>) -> tensor<2xf32>
  varve.output
}

// -----

varve.weight @w : tensor<8x4xf32, #varve.panels<8>>
varve.graph @gather_c2_packed_axis(%i: tensor<2xi64>) {
  %0 = varve.use @w : tensor<8x4xf32, #varve.panels<8>>
  // expected-error @+2 {{expects axis 0 of a packed weight, but got 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %1 = varve.gather %0, %i {axis = 1 : i64} : (tensor<8x4xf32, #varve.panels<8>>, tensor<2xi64>) -> tensor<8x2xf32>
  varve.output
}

// -----

varve.weight @w : tensor<8x32x!varve.q4_0>
varve.graph @gather_c2_axis_of_blocks(%i: tensor<2xi64>) {
  %0 = varve.use @w : tensor<8x32x!varve.q4_0>
  // expected-error @+2 {{expects axis 0 of a weight in blocks, but got 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %1 = varve.gather %0, %i {axis = 1 : i64} : (tensor<8x32x!varve.q4_0>, tensor<2xi64>) -> tensor<8x2xf32>
  varve.output
}

// -----

varve.weight @w : tensor<32x!varve.q4_0>
varve.graph @gather_c3_row(%i: tensor<2xi64>) {
  %0 = varve.use @w : tensor<32x!varve.q4_0>
  // expected-error @+2 {{expects a weight in blocks of at least rank 2, but got 'tensor<32x!varve.q4_0>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %1 = varve.gather %0, %i : (tensor<32x!varve.q4_0>, tensor<2xi64>) -> tensor<2xf32>
  varve.output
}

// -----

varve.graph @gather_indices_i8(%x: tensor<4x8xf32>, %i: tensor<2xi8>) {
  // expected-error @+1 {{expects indices to be tensor of i32 or i64 whose dynamic dimensions have names, but got 'tensor<2xi8>'}}
  %0 = varve.gather %x, %i : (tensor<4x8xf32>, tensor<2xi8>) -> tensor<2x8xf32>
  varve.output
}

// -----

varve.graph @iota_c1_negative() {
  // expected-error @+2 {{expects dimensions of shape of 0 or more, but got -1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.iota {shape = #varve.dims<-1>, dtype = i64} : () -> tensor<1xi64>
  varve.output
}

// -----

varve.graph @iota_c2_axis_outside() {
  // expected-error @+2 {{expects axis in [-1, 1), but got -2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.iota {shape = #varve.dims<4>, dtype = i64, axis = -2 : i64} : () -> tensor<4xi64>
  varve.output
}

// -----

varve.graph @iota_c2_scalar() {
  // expected-error @+2 {{expects axis in [0, 0), but got 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.iota {shape = #varve.dims<>, dtype = i64} : () -> tensor<i64>
  varve.output
}

// -----

varve.graph @iota_c3_dtype_bool() {
  // expected-error @+2 {{expects dtype f32, f16, bf16, i8, i32, i64 or ui8, but got 'i1'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.iota {shape = #varve.dims<4>, dtype = i1} : () -> tensor<4xi64>
  varve.output
}

// -----

varve.graph @take_along_axis_c1_axis_outside(%x: tensor<4x8xf32>, %i: tensor<4x2xi64>) {
  // expected-error @+2 {{expects axis in [-2, 2), but got 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.take_along_axis %x, %i {axis = 2 : i64} : (tensor<4x8xf32>, tensor<4x2xi64>) -> tensor<4x2xf32>
  varve.output
}

// -----

varve.graph @take_along_axis_c2_sizes(%x: tensor<4x8xf32>, %i: tensor<4x2xi64>) {
  // expected-error @+2 {{expects input and indices of equal dimensions but for axis 0, but got 'tensor<4x8xf32>' and 'tensor<4x2xi64>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.take_along_axis %x, %i {axis = 0 : i64} : (tensor<4x8xf32>, tensor<4x2xi64>) -> tensor<4x2xf32>
  varve.output
}

// -----

varve.graph @take_along_axis_c2_ranks(%x: tensor<4x8xf32>, %i: tensor<4xi64>) {
  // expected-error @+2 {{expects input and indices of equal dimensions but for axis 0, but got 'tensor<4x8xf32>' and 'tensor<4xi64>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.take_along_axis %x, %i {axis = 0 : i64} : (tensor<4x8xf32>, tensor<4xi64>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @scatter_c1_axis_outside(%x: tensor<4x8xf32>, %i: tensor<3xi64>, %u: tensor<3x8xf32>) {
  // expected-error @+2 {{expects axis in [-2, 2), but got -3}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.scatter %x, %i, %u {axis = -3 : i64} : (tensor<4x8xf32>, tensor<3xi64>, tensor<3x8xf32>) -> tensor<4x8xf32>
  varve.output
}

// -----

varve.graph @scatter_c2_shape(%x: tensor<4x8xf32>, %i: tensor<3xi64>, %u: tensor<3x8xf32>) {
  // expected-error @+2 {{expects updates of shape [4, 3], but got 'tensor<3x8xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.scatter %x, %i, %u {axis = 1 : i64} : (tensor<4x8xf32>, tensor<3xi64>, tensor<3x8xf32>) -> tensor<4x8xf32>
  varve.output
}

// -----

varve.graph @scatter_c3_element_types(%x: tensor<4x8xf32>, %i: tensor<3xi64>, %u: tensor<3x8xbf16>) {
  // expected-error @+2 {{expects input and updates of equal element type, but got 'tensor<4x8xf32>' and 'tensor<3x8xbf16>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.scatter %x, %i, %u : (tensor<4x8xf32>, tensor<3xi64>, tensor<3x8xbf16>) -> tensor<4x8xf32>
  varve.output
}

// -----

varve.graph @scatter_c4_adds_bools(%x: tensor<4x8xi1>, %i: tensor<3xi64>, %u: tensor<3x8xi1>) {
  // expected-error @+2 {{expects numbers to add, but got 'tensor<4x8xi1>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.scatter %x, %i, %u {reduction = "add"} : (tensor<4x8xi1>, tensor<3xi64>, tensor<3x8xi1>) -> tensor<4x8xi1>
  varve.output
}

// -----

varve.graph @scatter_reduction_unknown(%x: tensor<4x8xf32>, %i: tensor<3xi64>, %u: tensor<3x8xf32>) {
  // expected-error @+1 {{expects reduction to be one of none, add, but got "mul"}}
  %0 = varve.scatter %x, %i, %u {reduction = "mul"} : (tensor<4x8xf32>, tensor<3xi64>, tensor<3x8xf32>) -> tensor<4x8xf32>
  varve.output
}

// -----

varve.graph @put_along_axis_c1_axis_outside(%x: tensor<4x8xf32>, %i: tensor<4x2xi64>, %u: tensor<4x2xf32>) {
  // expected-error @+2 {{expects axis in [-2, 2), but got 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.put_along_axis %x, %i, %u {axis = 2 : i64} : (tensor<4x8xf32>, tensor<4x2xi64>, tensor<4x2xf32>) -> tensor<4x8xf32>
  varve.output
}

// -----

varve.graph @put_along_axis_c2_sizes(%x: tensor<4x8xf32>, %i: tensor<4x2xi64>, %u: tensor<4x2xf32>) {
  // expected-error @+2 {{expects input and indices of equal dimensions but for axis 0, but got 'tensor<4x8xf32>' and 'tensor<4x2xi64>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.put_along_axis %x, %i, %u {axis = 0 : i64} : (tensor<4x8xf32>, tensor<4x2xi64>, tensor<4x2xf32>) -> tensor<4x8xf32>
  varve.output
}

// -----

varve.graph @put_along_axis_c3_sizes(%x: tensor<4x8xf32>, %i: tensor<4x2xi64>, %u: tensor<4x3xf32>) {
  // expected-error @+2 {{expects indices and updates of equal dimensions, but got 'tensor<4x2xi64>' and 'tensor<4x3xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.put_along_axis %x, %i, %u {axis = 1 : i64} : (tensor<4x8xf32>, tensor<4x2xi64>, tensor<4x3xf32>) -> tensor<4x8xf32>
  varve.output
}

// -----

varve.graph @put_along_axis_c4_element_types(%x: tensor<4x8xf32>, %i: tensor<4x2xi64>, %u: tensor<4x2xi32>) {
  // expected-error @+2 {{expects input and updates of equal element type, but got 'tensor<4x8xf32>' and 'tensor<4x2xi32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.put_along_axis %x, %i, %u {axis = 1 : i64} : (tensor<4x8xf32>, tensor<4x2xi64>, tensor<4x2xi32>) -> tensor<4x8xf32>
  varve.output
}

// -----

varve.graph @put_along_axis_c5_adds_bools(%x: tensor<4x8xi1>, %i: tensor<4x2xi64>, %u: tensor<4x2xi1>) {
  // expected-error @+2 {{expects numbers to add, but got 'tensor<4x8xi1>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.put_along_axis %x, %i, %u {axis = 1 : i64, reduction = "add"} : (tensor<4x8xi1>, tensor<4x2xi64>, tensor<4x2xi1>) -> tensor<4x8xi1>
  varve.output
}
