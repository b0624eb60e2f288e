// RUN: varve-opt %s -split-input-file -verify-diagnostics

varve.graph @reshape_c1_two_open(%x: tensor<4xf32>) {
  // expected-error @+2 {{expects at most one -1 in shape, but got #varve.dims<-1, -1>}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.reshape %x {shape = #varve.dims<-1, -1>} : (tensor<4xf32>) -> tensor<2x2xf32>
  varve.output
}

// -----

varve.graph @reshape_c1_negative(%x: tensor<4xf32>) {
  // expected-error @+2 {{expects dimensions of shape of 0 or more, but got -2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.reshape %x {shape = #varve.dims<-2, -2>} : (tensor<4xf32>) -> tensor<2x2xf32>
  varve.output
}

// -----

varve.graph @reshape_c2_no_multiple(%x: tensor<?xf32, #varve.dims<n>>) {
  // expected-error @+2 {{expects the elements of input to be a multiple of those of shape, but got n and 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.reshape %x {shape = #varve.dims<-1, 2>} : (tensor<?xf32, #varve.dims<n>>) -> tensor<?x2xf32, #varve.dims<n, 2>>
  varve.output
}

// -----

varve.graph @reshape_c2_sum(%x: tensor<?xf32, #varve.dims<n>>) {
  // expected-error @+2 {{expects the elements of input to be a multiple of those of shape, but got n and n + 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.reshape %x {shape = #varve.dims<-1, n + 1>} : (tensor<?xf32, #varve.dims<n>>) -> tensor<1x?xf32, #varve.dims<1, n + 1>>
  varve.output
}

// -----

varve.graph @reshape_c2_empty(%x: tensor<0xf32>) {
  // expected-error @+2 {{expects the elements of input to be a multiple of those of shape, but got 0 and 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.reshape %x {shape = #varve.dims<-1, 0>} : (tensor<0xf32>) -> tensor<1x0xf32>
  varve.output
}

// -----

varve.graph @reshape_c3_sizes_differ(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{expects as many elements in shape as in input, but got 4 and 6}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.reshape %x {shape = #varve.dims<4>} : (tensor<2x3xf32>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @reshape_c3_names_differ(%x: tensor<?x?xf32, #varve.dims<n, m>>) {
  // expected-error @+2 {{expects as many elements in shape as in input, but got m and m*n}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.reshape %x {shape = #varve.dims<m>} : (tensor<?x?xf32, #varve.dims<n, m>>) -> tensor<?xf32, #varve.dims<m>>
  varve.output
}

// -----

varve.graph @reshape_c3_overflow(%x: tensor<4294967296x4294967296xf32>) {
  // expected-error @+2 {{expects as many elements in shape as in input, but got a size that overflows and a size that overflows}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.reshape %x {shape = #varve.dims<4294967296, 4294967296>} : (tensor<4294967296x4294967296xf32>) -> tensor<4294967296x4294967296xf32>
  varve.output
}

// -----

varve.graph @transpose_c1_twice(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{expects a permutation of 0 to 1, but got [0, 0]}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.transpose %x {permutation = array<i64: 0, 0>} : (tensor<2x3xf32>) -> tensor<2x2xf32>
  varve.output
}

// -----

varve.graph @transpose_c1_rank(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{expects a permutation of 0 to 1, but got [0]}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.transpose %x {permutation = array<i64: 0>} : (tensor<2x3xf32>) -> tensor<2xf32>
  varve.output
}

// -----

varve.graph @transpose_c1_negative(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{expects a permutation of 0 to 1, but got [-1, 0]}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.transpose %x {permutation = array<i64: -1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  varve.output
}

// -----

varve.graph @broadcast_c1_negative(%x: tensor<1xf32>) {
  // expected-error @+2 {{expects dimensions of shape of 0 or more, but got -4}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.broadcast %x {shape = #varve.dims<-4>} : (tensor<1xf32>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @broadcast_c2_rank(%x: tensor<1x4xf32>) {
  // expected-error @+2 {{expects input to broadcast to shape, but got [1, 4] and [4]}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.broadcast %x {shape = #varve.dims<4>} : (tensor<1x4xf32>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @broadcast_c2_sizes_differ(%x: tensor<2x?xf32, #varve.dims<2, n>>) {
  // expected-error @+2 {{expects input to broadcast to shape, but got [2, n] and [2, 1]}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.broadcast %x {shape = #varve.dims<2, 1>} : (tensor<2x?xf32, #varve.dims<2, n>>) -> tensor<2x1xf32>
  varve.output
}

// -----

varve.graph @slice_c1_ranks(%x: tensor<4x4xf32>) {
  // expected-error @+2 {{expects 2 starts, ends and steps, but got 1, 2 and 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.slice %x {starts = #varve.dims<0>, ends = #varve.dims<4, 4>, steps = array<i64: 1, 1>} : (tensor<4x4xf32>) -> tensor<4x4xf32>
  varve.output
}

// -----

varve.graph @slice_c1_steps(%x: tensor<4xf32>) {
  // expected-error @+2 {{expects 1 starts, ends and steps, but got 1, 1 and 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.slice %x {starts = #varve.dims<0>, ends = #varve.dims<4>, steps = array<i64>} : (tensor<4xf32>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @slice_c2_step_zero(%x: tensor<4xf32>) {
  // expected-error @+2 {{expects steps of 1 or more, but got 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.slice %x {starts = #varve.dims<0>, ends = #varve.dims<4>, steps = array<i64: 0>} : (tensor<4xf32>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @slice_c2_step_negative(%x: tensor<4xf32>) {
  // expected-error @+2 {{expects steps of 1 or more, but got -1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.slice %x {starts = #varve.dims<0>, ends = #varve.dims<4>, steps = array<i64: -1>} : (tensor<4xf32>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @slice_c3_end_outside(%x: tensor<4xf32>) {
  // expected-error @+2 {{expects 0 <= start <= end <= size in dimension 0, but got start 0, end 5 and size 4}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.slice %x {starts = #varve.dims<0>, ends = #varve.dims<5>, steps = array<i64: 1>} : (tensor<4xf32>) -> tensor<5xf32>
  varve.output
}

// -----

varve.graph @slice_c3_start_outside(%x: tensor<4xf32>) {
  // expected-error @+2 {{expects 0 <= start <= end <= size in dimension 0, but got start -1, end 4 and size 4}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.slice %x {starts = #varve.dims<-5>, ends = #varve.dims<4>, steps = array<i64: 1>} : (tensor<4xf32>) -> tensor<5xf32>
  varve.output
}

// -----

varve.graph @slice_c3_end_before_start(%x: tensor<2x4xf32>) {
  // expected-error @+2 {{expects 0 <= start <= end <= size in dimension 1, but got start 3, end 1 and size 4}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.slice %x {starts = #varve.dims<0, 3>, ends = #varve.dims<2, 1>, steps = array<i64: 1, 1>} : (tensor<2x4xf32>) -> tensor<2x0xf32>
  varve.output
}

// -----

varve.graph @slice_c3_name_outside(%x: tensor<?xf32, #varve.dims<n>>) {
  // expected-error @+2 {{expects 0 <= start <= end <= size in dimension 0, but got start 1, end n + 1 and size n}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.slice %x {starts = #varve.dims<1>, ends = #varve.dims<n + 1>, steps = array<i64: 1>} : (tensor<?xf32, #varve.dims<n>>) -> tensor<?xf32, #varve.dims<n>>
  varve.output
}

// -----

varve.graph @slice_c3_overflow(%x: tensor<4xf32>) {
  // expected-error @+2 {{expects 0 <= start <= end <= size in dimension 0, but got start -9223372036854775803, end 9223372036854775807 and size 4}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.slice %x {starts = #varve.dims<-9223372036854775807>, ends = #varve.dims<9223372036854775807>, steps = array<i64: 1>} : (tensor<4xf32>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @slice_c4_step(%x: tensor<?xf32, #varve.dims<n + 9223372036854775807>>, %n: tensor<i64> {varve.dim = "n"}) {
  // expected-error @+2 {{expects (end - start) / step in dimension 0 that is an expression, but got n + 9223372036854775807 and 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.slice %x {starts = #varve.dims<0>, ends = #varve.dims<n + 9223372036854775807>, steps = array<i64: 2>} : (tensor<?xf32, #varve.dims<n + 9223372036854775807>>) -> tensor<?xf32, #varve.dims<n>>
  varve.output
}

// -----

varve.graph @concat_c1_nothing() {
  // expected-error @+2 {{expects one input or more, but got 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.concat {axis = 0 : i64} : () -> tensor<0xf32>
  varve.output
}

// -----

varve.graph @concat_c2_ranks_differ(%x0: tensor<2x4xf32>, %x1: tensor<4xf32>) {
  // expected-error @+2 {{expects input 0 and input 1 of equal rank, but got 'tensor<2x4xf32>' and 'tensor<4xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.concat %x0, %x1 {axis = 0 : i64} : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<3x4xf32>
  varve.output
}

// -----

varve.graph @concat_c3_element_types_differ(%x0: tensor<2xf32>, %x1: tensor<2xf32>, %x2: tensor<4xi32>) {
  // expected-error @+2 {{expects input 0 and input 2 of equal element type, but got 'tensor<2xf32>' and 'tensor<4xi32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.concat %x0, %x1, %x2 {axis = 0 : i64} : (tensor<2xf32>, tensor<2xf32>, tensor<4xi32>) -> tensor<8xf32>
  varve.output
}

// -----

varve.graph @concat_c4_axis_outside(%x0: tensor<2xf32>, %x1: tensor<2xf32>) {
  // expected-error @+2 {{expects axis in [-1, 1), but got 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.concat %x0, %x1 {axis = 1 : i64} : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @concat_c4_scalars(%x0: tensor<f32>, %x1: tensor<f32>) {
  // expected-error @+2 {{expects axis in [0, 0), but got 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.concat %x0, %x1 {axis = 0 : i64} : (tensor<f32>, tensor<f32>) -> tensor<2xf32>
  varve.output
}

// -----

varve.graph @concat_c5_sizes_differ(%x0: tensor<2x4xf32>, %x1: tensor<2x5xf32>) {
  // expected-error @+2 {{expects input 0 and input 1 of equal dimensions but for axis 0, but got 'tensor<2x4xf32>' and 'tensor<2x5xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.concat %x0, %x1 {axis = 0 : i64} : (tensor<2x4xf32>, tensor<2x5xf32>) -> tensor<4x4xf32>
  varve.output
}

// -----

varve.graph @concat_c6_overflow(%x0: tensor<9223372036854775807xi8>, %x1: tensor<1xi8>) {
  // expected-error @+2 {{expects a sum of the axis of 0 or more, but got a size that overflows}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.concat %x0, %x1 {axis = 0 : i64} : (tensor<9223372036854775807xi8>, tensor<1xi8>) -> tensor<1xi8>
  varve.output
}

// -----

varve.graph @split_c1_axis_outside(%x: tensor<4xf32>) {
  // expected-error @+2 {{expects axis in [-1, 1), but got -2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0:2 = varve.split %x {axis = -2 : i64, sizes = #varve.dims<2, 2>} : (tensor<4xf32>) -> (tensor<2xf32>, tensor<2xf32>)
  varve.output
}

// -----

varve.graph @split_c2_negative(%x: tensor<4xf32>) {
  // expected-error @+2 {{expects sizes of 0 or more, but got -2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0:2 = varve.split %x {axis = 0 : i64, sizes = #varve.dims<6, -2>} : (tensor<4xf32>) -> (tensor<6xf32>, tensor<2xf32>)
  varve.output
}

// -----

varve.graph @split_c3_sum_differs(%x: tensor<4xf32>) {
  // expected-error @+2 {{expects sizes whose sum is dimension 0 of input, but got 3 and 4}}
  // expected-error @+1 {{failed to infer returned types}}
  %0:2 = varve.split %x {axis = 0 : i64, sizes = #varve.dims<2, 1>} : (tensor<4xf32>) -> (tensor<2xf32>, tensor<1xf32>)
  varve.output
}

// -----

varve.graph @split_c3_names_differ(%x: tensor<?x?xf32, #varve.dims<n, m>>) {
  // expected-error @+2 {{expects sizes whose sum is dimension 0 of input, but got m + 1 and n}}
  // expected-error @+1 {{failed to infer returned types}}
  %0:2 = varve.split %x {axis = 0 : i64, sizes = #varve.dims<m, 1>} : (tensor<?x?xf32, #varve.dims<n, m>>) -> (tensor<?x?xf32, #varve.dims<m, m>>, tensor<1x?xf32, #varve.dims<1, m>>)
  varve.output
}

// -----

varve.graph @split_results_missing(%x: tensor<4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{op inferred type(s) 'tensor<2xf32>', 'tensor<2xf32>' are incompatible with return type(s) of operation 'tensor<2xf32>'}}
  %0 = varve.split %x {axis = 0 : i64, sizes = #varve.dims<2, 2>} : (tensor<4xf32>) -> tensor<2xf32>
  varve.output
}

// -----

func.func @concat_operand_f64(%x: tensor<4xf32>, %y: tensor<4xf64>) {
  // expected-error @+1 {{expects inputs #1 to be tensor of f32, f16, bf16, i8, i32, i64, ui8 or i1 whose dynamic dimensions have names, but got 'tensor<4xf64>'}}
  %0 = varve.concat %x, %y {axis = 0 : i64} : (tensor<4xf32>, tensor<4xf64>) -> tensor<8xf32>
  return
}

// -----

func.func @split_result_f64(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects results #1 to be tensor of f32, f16, bf16, i8, i32, i64, ui8 or i1 whose dynamic dimensions have names, but got 'tensor<2xf64>'}}
  %0:2 = varve.split %x {axis = 0 : i64, sizes = #varve.dims<2, 2>} : (tensor<4xf32>) -> (tensor<2xf32>, tensor<2xf64>)
  return
}

// -----

varve.graph @pad_c1_too_few(%x: tensor<4x8xf32>, %v: tensor<f32>) {
  // expected-error @+2 {{expects 2 entries in low and high, but got 1 and 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.pad %x, %v {low = #varve.dims<1>, high = #varve.dims<1, 1>} : (tensor<4x8xf32>, tensor<f32>) -> tensor<6x10xf32>
  varve.output
}

// -----

varve.graph @pad_c2_negative(%x: tensor<4xf32>, %v: tensor<f32>) {
  // expected-error @+2 {{expects low and high of 0 or more, but got -1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.pad %x, %v {low = #varve.dims<0>, high = #varve.dims<-1>} : (tensor<4xf32>, tensor<f32>) -> tensor<3xf32>
  varve.output
}

// -----

varve.graph @pad_c3_no_value(%x: tensor<4xf32>) {
  // expected-error @+2 {{expects a value exactly in mode constant, but got mode constant and no value}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.pad %x {low = #varve.dims<0>, high = #varve.dims<1>} : (tensor<4xf32>) -> tensor<5xf32>
  varve.output
}

// -----

varve.graph @pad_c3_value(%x: tensor<4xf32>, %v: tensor<f32>) {
  // expected-error @+2 {{expects a value exactly in mode constant, but got mode reflect and a value}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.pad %x, %v {low = #varve.dims<0>, high = #varve.dims<1>, mode = "reflect"} : (tensor<4xf32>, tensor<f32>) -> tensor<5xf32>
  varve.output
}

// -----

varve.graph @pad_c4_element(%x: tensor<4xf32>, %v: tensor<bf16>) {
  // expected-error @+2 {{expects input and value of equal element type, but got 'tensor<4xf32>' and 'tensor<bf16>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.pad %x, %v {low = #varve.dims<0>, high = #varve.dims<1>} : (tensor<4xf32>, tensor<bf16>) -> tensor<5xf32>
  varve.output
}

// -----

varve.graph @pad_c4_dimensions(%x: tensor<4xf32>, %v: tensor<1xf32>) {
  // expected-error @+2 {{expects value without dimensions, but got 'tensor<1xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.pad %x, %v {low = #varve.dims<0>, high = #varve.dims<1>} : (tensor<4xf32>, tensor<1xf32>) -> tensor<5xf32>
  varve.output
}

// -----

varve.graph @pad_c5_reflect(%x: tensor<4xf32>) {
  // expected-error @+2 {{expects more than 4 elements in dimension 0 to reflect, but got 4}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.pad %x {low = #varve.dims<0>, high = #varve.dims<4>, mode = "reflect"} : (tensor<4xf32>) -> tensor<8xf32>
  varve.output
}

// -----

varve.graph @pad_c5_replicate(%x: tensor<0xf32>) {
  // expected-error @+2 {{expects 1 or more elements in dimension 0 to replicate, but got 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.pad %x {low = #varve.dims<1>, high = #varve.dims<0>, mode = "replicate"} : (tensor<0xf32>) -> tensor<1xf32>
  varve.output
}

// -----

varve.graph @pad_mode_unknown(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects mode to be one of constant, reflect, replicate, but got "edge"}}
  %0 = varve.pad %x {low = #varve.dims<0>, high = #varve.dims<1>, mode = "edge"} : (tensor<4xf32>) -> tensor<5xf32>
  varve.output
}

// -----

varve.graph @flip_c1_axis_outside(%x: tensor<4xf32>) {
  // expected-error @+2 {{expects axes in [-1, 1), but got 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.flip %x {axes = array<i64: 1>} : (tensor<4xf32>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @flip_c2_axis_twice(%x: tensor<4xf32>) {
  // expected-error @+2 {{expects axes that differ, but got 0 twice}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.flip %x {axes = array<i64: 0, -1>} : (tensor<4xf32>) -> tensor<4xf32>
  varve.output
}
