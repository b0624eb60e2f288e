// RUN: varve-opt %s -split-input-file -verify-diagnostics

varve.graph @conv_c1_input_rank(%x: tensor<4x9xf32>, %w: tensor<6x4xf32>) {
  // expected-error @+2 {{expects input and weight of one to three spatial dimensions, and a kernel of static size, but got 'tensor<4x9xf32>' and 'tensor<6x4xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv %x, %w : (tensor<4x9xf32>, tensor<6x4xf32>) -> tensor<4x6xf32>
  varve.output
}

// -----

varve.graph @conv_c1_weight_rank(%x: tensor<2x4x7x9xf32>, %w: tensor<6x4x3xf32>) {
  // expected-error @+2 {{expects input and weight of one to three spatial dimensions, and a kernel of static size, but got 'tensor<2x4x7x9xf32>' and 'tensor<6x4x3xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv %x, %w : (tensor<2x4x7x9xf32>, tensor<6x4x3xf32>) -> tensor<2x6x5x7xf32>
  varve.output
}

// -----

varve.graph @conv_c1_kernel_named(%x: tensor<2x4x9xf32>, %w: tensor<6x4x?xf32, #varve.dims<6, 4, k>>) {
  // expected-error @+2 {{expects input and weight of one to three spatial dimensions, and a kernel of static size, but got 'tensor<2x4x9xf32>' and 'tensor<6x4x?xf32, #varve.dims<6, 4, k>>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv %x, %w : (tensor<2x4x9xf32>, tensor<6x4x?xf32, #varve.dims<6, 4, k>>) -> tensor<2x6x7xf32>
  varve.output
}

// -----

varve.graph @conv_c3_channels_last(%x: tensor<2x4x7x9xf32>, %w: tensor<6x4x3x3xf32>) {
  // expected-error @+2 {{expects input channels of groups times the weight's, but got 9, 1 and 4}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv %x, %w {channels_last} : (tensor<2x4x7x9xf32>, tensor<6x4x3x3xf32>) -> tensor<2x2x5x6xf32>
  varve.output
}

// -----

varve.graph @conv_c6_channels_last(%x: tensor<2x2x7x4xf32>, %w: tensor<6x4x3x3xf32>) {
  // expected-error @+2 {{expects the padded input to hold a window of 3 in spatial dimension 0, but got 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv %x, %w {channels_last} : (tensor<2x2x7x4xf32>, tensor<6x4x3x3xf32>) -> tensor<2x0x5x6xf32>
  varve.output
}

// -----

varve.graph @conv_c2_strides_count(%x: tensor<2x4x7x9xf32>, %w: tensor<6x4x3x3xf32>) {
  // expected-error @+2 {{expects 2 strides, one for each spatial dimension, but got 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv %x, %w {strides = array<i64: 2>} : (tensor<2x4x7x9xf32>, tensor<6x4x3x3xf32>) -> tensor<2x6x5x7xf32>
  varve.output
}

// -----

varve.graph @conv_c2_stride_zero(%x: tensor<2x4x7x9xf32>, %w: tensor<6x4x3x3xf32>) {
  // expected-error @+2 {{expects strides of 1 to 1073741824, but got 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv %x, %w {strides = array<i64: 1, 0>} : (tensor<2x4x7x9xf32>, tensor<6x4x3x3xf32>) -> tensor<2x6x5x7xf32>
  varve.output
}

// -----

varve.graph @conv_c2_padding_negative(%x: tensor<2x4x7x9xf32>, %w: tensor<6x4x3x3xf32>) {
  // expected-error @+2 {{expects padding_begin of 0 to 1073741824, but got -1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv %x, %w {padding_begin = array<i64: 0, -1>} : (tensor<2x4x7x9xf32>, tensor<6x4x3x3xf32>) -> tensor<2x6x5x7xf32>
  varve.output
}

// -----

varve.graph @conv_c2_padding_end_negative(%x: tensor<2x4x7x9xf32>, %w: tensor<6x4x3x3xf32>) {
  // expected-error @+2 {{expects padding_end of 0 to 1073741824, but got -2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv %x, %w {padding_end = array<i64: -2, 0>} : (tensor<2x4x7x9xf32>, tensor<6x4x3x3xf32>) -> tensor<2x6x5x7xf32>
  varve.output
}

// -----

varve.graph @conv_c2_dilation_huge(%x: tensor<2x4x7x9xf32>, %w: tensor<6x4x3x3xf32>) {
  // expected-error @+2 {{expects dilations of 1 to 1073741824, but got 2000000000}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv %x, %w {dilations = array<i64: 1, 2000000000>} : (tensor<2x4x7x9xf32>, tensor<6x4x3x3xf32>) -> tensor<2x6x5x7xf32>
  varve.output
}

// -----

varve.graph @conv_c2_kernel_empty(%x: tensor<2x4x7x9xf32>, %w: tensor<6x4x0x3xf32>) {
  // expected-error @+2 {{expects kernel sizes of 1 to 1073741824, but got 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv %x, %w : (tensor<2x4x7x9xf32>, tensor<6x4x0x3xf32>) -> tensor<2x6x5x7xf32>
  varve.output
}

// -----

varve.graph @conv_c3_groups_zero(%x: tensor<2x4x7x9xf32>, %w: tensor<6x4x3x3xf32>) {
  // expected-error @+2 {{expects groups that divide the output channels, but got 0 and 6}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv %x, %w {groups = 0 : i64} : (tensor<2x4x7x9xf32>, tensor<6x4x3x3xf32>) -> tensor<2x6x5x7xf32>
  varve.output
}

// -----

varve.graph @conv_c3_groups_output(%x: tensor<2x4x7x9xf32>, %w: tensor<6x1x3x3xf32>) {
  // expected-error @+2 {{expects groups that divide the output channels, but got 4 and 6}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv %x, %w {groups = 4 : i64} : (tensor<2x4x7x9xf32>, tensor<6x1x3x3xf32>) -> tensor<2x6x5x7xf32>
  varve.output
}

// -----

varve.graph @conv_c3_groups_input(%x: tensor<2x4x7x9xf32>, %w: tensor<6x4x3x3xf32>) {
  // expected-error @+2 {{expects input channels of groups times the weight's, but got 4, 2 and 4}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv %x, %w {groups = 2 : i64} : (tensor<2x4x7x9xf32>, tensor<6x4x3x3xf32>) -> tensor<2x6x5x7xf32>
  varve.output
}

// -----

varve.graph @conv_c3_channels_differ(%x: tensor<2x4x7x9xf32>, %w: tensor<6x3x3x3xf32>) {
  // expected-error @+2 {{expects input channels of groups times the weight's, but got 4, 1 and 3}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv %x, %w : (tensor<2x4x7x9xf32>, tensor<6x3x3x3xf32>) -> tensor<2x6x5x7xf32>
  varve.output
}

// -----

varve.graph @conv_c4_bias_size(%x: tensor<2x4x7x9xf32>, %w: tensor<6x4x3x3xf32>, %b: tensor<4xf32>) {
  // expected-error @+2 {{expects bias [6], one for each output channel, but got 'tensor<4xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv %x, %w, %b : (tensor<2x4x7x9xf32>, tensor<6x4x3x3xf32>, tensor<4xf32>) -> tensor<2x6x5x7xf32>
  varve.output
}

// -----

varve.graph @conv_c4_bias_rank(%x: tensor<2x4x7x9xf32>, %w: tensor<6x4x3x3xf32>, %b: tensor<6x1xf32>) {
  // expected-error @+2 {{expects bias [6], one for each output channel, but got 'tensor<6x1xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv %x, %w, %b : (tensor<2x4x7x9xf32>, tensor<6x4x3x3xf32>, tensor<6x1xf32>) -> tensor<2x6x5x7xf32>
  varve.output
}

// -----

varve.graph @conv_c5_weight_type(%x: tensor<2x4x7x9xf32>, %w: tensor<6x4x3x3xbf16>) {
  // expected-error @+2 {{expects input and weight of equal element type, but got 'tensor<2x4x7x9xf32>' and 'tensor<6x4x3x3xbf16>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv %x, %w : (tensor<2x4x7x9xf32>, tensor<6x4x3x3xbf16>) -> tensor<2x6x5x7xf32>
  varve.output
}

// -----

varve.graph @conv_c5_bias_type(%x: tensor<2x4x7x9xf32>, %w: tensor<6x4x3x3xf32>, %b: tensor<6xf16>) {
  // expected-error @+2 {{expects input and bias of equal element type, but got 'tensor<2x4x7x9xf32>' and 'tensor<6xf16>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv %x, %w, %b : (tensor<2x4x7x9xf32>, tensor<6x4x3x3xf32>, tensor<6xf16>) -> tensor<2x6x5x7xf32>
  varve.output
}

// -----

varve.graph @conv_c6_window_too_long(%x: tensor<2x4x7x9xf32>, %w: tensor<6x4x3x3xf32>) {
  // expected-error @+2 {{expects the padded input to hold a window of 9 in spatial dimension 0, but got 7}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv %x, %w {dilations = array<i64: 4, 1>} : (tensor<2x4x7x9xf32>, tensor<6x4x3x3xf32>) -> tensor<2x6x5x7xf32>
  varve.output
}

// -----

varve.graph @conv_input_integer(%x: tensor<2x4x7x9xi32>, %w: tensor<6x4x3x3xi32>) {
  // expected-error @+1 {{expects input to be tensor of f32, f16 or bf16 whose dynamic dimensions have names, but got 'tensor<2x4x7x9xi32>'}}
  %0 = varve.conv %x, %w : (tensor<2x4x7x9xi32>, tensor<6x4x3x3xi32>) -> tensor<2x6x5x7xi32>
  varve.output
}

// -----

varve.weight @winograd : tensor<6x16x3x3xf32, #varve.panels<8, winograd>>
varve.graph @conv_c7_winograd(%x: tensor<2x16x7x9xf32>) {
  %w = varve.use @winograd : tensor<6x16x3x3xf32, #varve.panels<8, winograd>>
  // expected-error @+2 {{expects strides, dilations and groups of 1 with a weight for Winograd's F(2x2, 3x3), but got others}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv %x, %w {strides = array<i64: 2, 1>} : (tensor<2x16x7x9xf32>, tensor<6x16x3x3xf32, #varve.panels<8, winograd>>) -> tensor<2x6x3x7xf32>
  varve.output
}

// -----

varve.graph @conv_result_size(%x: tensor<2x4x7x9xf32>, %w: tensor<6x4x3x3xf32>) {
  // expected-error @+2 {{inferred type(s) 'tensor<2x6x5x7xf32>' are incompatible with return type(s) of operation 'tensor<2x6x7x9xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv %x, %w : (tensor<2x4x7x9xf32>, tensor<6x4x3x3xf32>) -> tensor<2x6x7x9xf32>
  varve.output
}

// -----

varve.graph @conv_transpose_c1_weight_rank(%x: tensor<2x4x7x9xf32>, %w: tensor<4x6x3xf32>) {
  // expected-error @+2 {{expects input and weight of one to three spatial dimensions, and a kernel of static size, but got 'tensor<2x4x7x9xf32>' and 'tensor<4x6x3xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv_transpose %x, %w : (tensor<2x4x7x9xf32>, tensor<4x6x3xf32>) -> tensor<2x6x5x7xf32>
  varve.output
}

// -----

varve.graph @conv_transpose_c2_strides_count(%x: tensor<2x4x7x9xf32>, %w: tensor<4x6x3x3xf32>) {
  // expected-error @+2 {{expects 2 strides, one for each spatial dimension, but got 3}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv_transpose %x, %w {strides = array<i64: 1, 2, 3>} : (tensor<2x4x7x9xf32>, tensor<4x6x3x3xf32>) -> tensor<2x6x5x7xf32>
  varve.output
}

// -----

varve.graph @conv_transpose_c2_output_padding_count(%x: tensor<2x4x7x9xf32>, %w: tensor<4x6x3x3xf32>) {
  // expected-error @+2 {{expects 2 output_padding, one for each spatial dimension, but got 1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv_transpose %x, %w {output_padding = array<i64: 0>} : (tensor<2x4x7x9xf32>, tensor<4x6x3x3xf32>) -> tensor<2x6x5x7xf32>
  varve.output
}

// -----

varve.graph @conv_transpose_c3_groups(%x: tensor<2x4x7x9xf32>, %w: tensor<4x6x3x3xf32>) {
  // expected-error @+2 {{expects groups that divide the channels of input, and as many in weight, but got 3, 4 and 4}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv_transpose %x, %w {groups = 3 : i64} : (tensor<2x4x7x9xf32>, tensor<4x6x3x3xf32>) -> tensor<2x6x5x7xf32>
  varve.output
}

// -----

varve.graph @conv_transpose_c3_channels_differ(%x: tensor<2x4x7x9xf32>, %w: tensor<6x4x3x3xf32>) {
  // expected-error @+2 {{expects groups that divide the channels of input, and as many in weight, but got 1, 4 and 6}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv_transpose %x, %w : (tensor<2x4x7x9xf32>, tensor<6x4x3x3xf32>) -> tensor<2x6x5x7xf32>
  varve.output
}

// -----

varve.graph @conv_transpose_c4_bias_size(%x: tensor<2x4x7x9xf32>, %w: tensor<4x6x3x3xf32>, %b: tensor<4xf32>) {
  // expected-error @+2 {{expects bias [6], one for each output channel, but got 'tensor<4xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv_transpose %x, %w, %b : (tensor<2x4x7x9xf32>, tensor<4x6x3x3xf32>, tensor<4xf32>) -> tensor<2x6x5x7xf32>
  varve.output
}

// -----

varve.graph @conv_transpose_c5_weight_type(%x: tensor<2x4x7x9xf32>, %w: tensor<4x6x3x3xf16>) {
  // expected-error @+2 {{expects input and weight of equal element type, but got 'tensor<2x4x7x9xf32>' and 'tensor<4x6x3x3xf16>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv_transpose %x, %w : (tensor<2x4x7x9xf32>, tensor<4x6x3x3xf16>) -> tensor<2x6x5x7xf32>
  varve.output
}

// -----

varve.graph @conv_transpose_c6_output_padding(%x: tensor<2x4x7x9xf32>, %w: tensor<4x6x3x3xf32>) {
  // expected-error @+2 {{expects output_padding of 0 or more, less than the stride or the dilation, but got 2}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv_transpose %x, %w {output_padding = array<i64: 0, 2>, strides = array<i64: 2, 2>} : (tensor<2x4x7x9xf32>, tensor<4x6x3x3xf32>) -> tensor<2x6x5x7xf32>
  varve.output
}

// -----

varve.graph @conv_transpose_c6_output_padding_negative(%x: tensor<2x4x7x9xf32>, %w: tensor<4x6x3x3xf32>) {
  // expected-error @+2 {{expects output_padding of 0 or more, less than the stride or the dilation, but got -1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv_transpose %x, %w {output_padding = array<i64: -1, 0>, strides = array<i64: 2, 2>} : (tensor<2x4x7x9xf32>, tensor<4x6x3x3xf32>) -> tensor<2x6x5x7xf32>
  varve.output
}

// -----

varve.graph @conv_transpose_c7_nothing_left(%x: tensor<2x4x7x9xf32>, %w: tensor<4x6x3x3xf32>) {
  // expected-error @+2 {{expects spatial dimensions of 0 or more, but got -9}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.conv_transpose %x, %w {padding_begin = array<i64: 9, 0>, padding_end = array<i64: 9, 0>} : (tensor<2x4x7x9xf32>, tensor<4x6x3x3xf32>) -> tensor<2x6x5x7xf32>
  varve.output
}
