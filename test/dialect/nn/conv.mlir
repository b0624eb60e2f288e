// RUN: varve-opt %s | varve-opt | FileCheck %s
// RUN: varve-opt %s --emit-bytecode | varve-opt | FileCheck %s

// Sizes that are no multiple of the stride are rounded down, those with names too.
// CHECK-DAG: #[[$NAMED:.+]] = #varve.dims<batch, 8, (height + 1) floordiv 2, (width + 1) floordiv 2>
// CHECK-DAG: #[[$AGAIN:.+]] = #varve.dims<batch, 8, (height + 3) floordiv 4, (width + 3) floordiv 4>
// CHECK-DAG: #[[$SAME:.+]] = #varve.dims<batch, 8, height, width>
// CHECK-DAG: #[[$TWICE:.+]] = #varve.dims<2, 6, 2*seq>
// CHECK-LABEL: varve.graph @conv(
varve.graph @conv(%x: tensor<?x4x?x?xf32, #varve.dims<batch, 4, height, width>>, %w: tensor<8x4x3x3xf32>, %b: tensor<8xf32>, %v: tensor<8x8x3x3xf32>, %line: tensor<2x4x17xbf16>, %lw: tensor<6x2x4xbf16>, %box: tensor<1x2x5x6x7xf16>, %bw: tensor<3x2x1x2x3xf16>) {
  // CHECK: varve.conv %{{.*}}, %{{.*}}, %{{.*}} {padding_begin = array<i64: 1, 1>, padding_end = array<i64: 1, 1>} : ({{.*}}) -> tensor<?x8x?x?xf32, #[[$SAME]]>
  %0 = varve.conv %x, %w, %b {padding_begin = array<i64: 1, 1>, padding_end = array<i64: 1, 1>} : (tensor<?x4x?x?xf32, #varve.dims<batch, 4, height, width>>, tensor<8x4x3x3xf32>, tensor<8xf32>) -> tensor<?x8x?x?xf32, #varve.dims<batch, 8, height, width>>
  // CHECK: varve.conv %{{[^,]*}}, %{{[^,]*}} {padding_begin = array<i64: 1, 1>, padding_end = array<i64: 1, 1>, strides = array<i64: 2, 2>} : ({{.*}}) -> tensor<?x8x?x?xf32, #[[$NAMED]]>
  %1 = varve.conv %x, %w {strides = array<i64: 2, 2>, padding_begin = array<i64: 1, 1>, padding_end = array<i64: 1, 1>} : (tensor<?x4x?x?xf32, #varve.dims<batch, 4, height, width>>, tensor<8x4x3x3xf32>) -> tensor<?x8x?x?xf32, #varve.dims<batch, 8, (height - 1) floordiv 2 + 1, (width - 1) floordiv 2 + 1>>
  // CHECK: varve.conv {{.*}} -> tensor<?x8x?x?xf32, #[[$AGAIN]]>
  %2 = varve.conv %1, %v {strides = array<i64: 2, 2>, padding_begin = array<i64: 1, 1>, padding_end = array<i64: 1, 1>} : (tensor<?x8x?x?xf32, #varve.dims<batch, 8, (height + 1) floordiv 2, (width + 1) floordiv 2>>, tensor<8x8x3x3xf32>) -> tensor<?x8x?x?xf32, #varve.dims<batch, 8, (height + 3) floordiv 4, (width + 3) floordiv 4>>
  // CHECK: varve.conv {{.*}} {dilations = array<i64: 3>, groups = 2 : i64, padding_begin = array<i64: 9>} : (tensor<2x4x17xbf16>, tensor<6x2x4xbf16>) -> tensor<2x6x17xbf16>
  %3 = varve.conv %line, %lw {dilations = array<i64: 3>, groups = 2 : i64, padding_begin = array<i64: 9>} : (tensor<2x4x17xbf16>, tensor<6x2x4xbf16>) -> tensor<2x6x17xbf16>
  // CHECK: varve.conv {{.*}} -> tensor<1x3x5x5x5xf16>
  %4 = varve.conv %box, %bw : (tensor<1x2x5x6x7xf16>, tensor<3x2x1x2x3xf16>) -> tensor<1x3x5x5x5xf16>
  varve.output
}

// CHECK-LABEL: varve.graph @channels_last(
varve.graph @channels_last(%x: tensor<?x?x5x4xf32, #varve.dims<n, h, 5, 4>>, %w: tensor<8x2x3x2xf32>, %b: tensor<8xf32>, %line: tensor<2x17x4xf32>, %lw: tensor<6x4x4xf32>) {
  // CHECK: varve.conv %{{.*}}, %{{.*}}, %{{.*}} {channels_last, groups = 2 : i64, strides = array<i64: 1, 2>} : ({{.*}}) -> tensor<?x?x2x8xf32, #{{.*}}>
  %0 = varve.conv %x, %w, %b {channels_last, groups = 2 : i64, strides = array<i64: 1, 2>} : (tensor<?x?x5x4xf32, #varve.dims<n, h, 5, 4>>, tensor<8x2x3x2xf32>, tensor<8xf32>) -> tensor<?x?x2x8xf32, #varve.dims<n, h - 2, 2, 8>>
  // CHECK: varve.conv {{.*}} -> tensor<2x14x6xf32>
  %1 = varve.conv %line, %lw {channels_last} : (tensor<2x17x4xf32>, tensor<6x4x4xf32>) -> tensor<2x14x6xf32>
  varve.output
}

// CHECK-LABEL: varve.graph @conv_transpose
varve.graph @conv_transpose(%x: tensor<2x4x?xf32, #varve.dims<2, 4, seq>>, %w: tensor<4x3x4xf32>, %b: tensor<6xf32>, %y: tensor<1x4x5x7xbf16>, %v: tensor<4x6x3x2xbf16>) {
  // CHECK: varve.conv_transpose %{{.*}}, %{{.*}}, %{{.*}} {groups = 2 : i64, padding_begin = array<i64: 1>, padding_end = array<i64: 1>, strides = array<i64: 2>} : ({{.*}}) -> tensor<2x6x?xf32, #[[$TWICE]]>
  %0 = varve.conv_transpose %x, %w, %b {strides = array<i64: 2>, padding_begin = array<i64: 1>, padding_end = array<i64: 1>, groups = 2 : i64} : (tensor<2x4x?xf32, #varve.dims<2, 4, seq>>, tensor<4x3x4xf32>, tensor<6xf32>) -> tensor<2x6x?xf32, #varve.dims<2, 6, 2*seq>>
  // CHECK: varve.conv_transpose {{.*}} {dilations = array<i64: 1, 2>, output_padding = array<i64: 1, 0>, strides = array<i64: 3, 1>} : (tensor<1x4x5x7xbf16>, tensor<4x6x3x2xbf16>) -> tensor<1x6x16x9xbf16>
  %1 = varve.conv_transpose %y, %v {strides = array<i64: 3, 1>, output_padding = array<i64: 1, 0>, dilations = array<i64: 1, 2>} : (tensor<1x4x5x7xbf16>, tensor<4x6x3x2xbf16>) -> tensor<1x6x16x9xbf16>
  varve.output
}
