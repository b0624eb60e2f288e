// RUN: varve-run %s --entry edges --dim h=3 --dim w=4 --input iota | FileCheck %s --check-prefix=EDGES
// RUN: not varve-run %s --entry edges --dim h=3 --dim w=1 --input iota 2>&1 | FileCheck %s --check-prefix=SMALL
// RUN: varve-run %s --entry edges_last --dim h=3 --dim w=4 --input iota | FileCheck %s --check-prefix=LAST
// RUN: not varve-run %s --entry edges_last --dim h=3 --dim w=1 --input iota 2>&1 | FileCheck %s --check-prefix=THIN
// RUN: varve-run %s --entry adjoint --weights random:3 --dim h=9 --dim w=8 --input random:1 --input random:2 | FileCheck %s --check-prefix=ZERO
// RUN: varve-run %s --entry adjoint --weights random:3 --dim h=40 --dim w=33 --input random:1 --input random:2 --threads 1 | FileCheck %s --check-prefix=ZERO
// RUN: not varve-run %s --entry whole --dim h=0 --input iota 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: varve-run %s --entry whole --dim h=2 --input iota | FileCheck %s --check-prefix=WHOLE

// Differences of neighbours, in both directions.
// EDGES: y: f32 [1, 2, 2, 3]
// EDGES-NEXT: {{\[\[\[\[}}1, 1, 1],
// EDGES-NEXT: [1, 1, 1]],
// EDGES-NEXT: {{\[\[}}4, 4, 4],
// EDGES-NEXT: [4, 4, 4]]]]
// SMALL: conv.mlir:[[#@LINE+3]]: error: expects the padded input to hold a window in spatial dimension 1, but got 2 and w = 1
varve.graph @edges(%x: tensor<1x1x?x?xf32, #varve.dims<1, 1, h, w>> {varve.name = "x"}) -> (tensor<1x2x?x?xf32, #varve.dims<1, 2, h - 1, w - 1>> {varve.name = "y"}) {
  %w = varve.constant dense<[[[[-1.0, 1.0], [0.0, 0.0]]], [[[-1.0, 0.0], [1.0, 0.0]]]]> : tensor<2x1x2x2xf32>
  %0 = varve.conv %x, %w : (tensor<1x1x?x?xf32, #varve.dims<1, 1, h, w>>, tensor<2x1x2x2xf32>) -> tensor<1x2x?x?xf32, #varve.dims<1, 2, h - 1, w - 1>>
  varve.output %0 : tensor<1x2x?x?xf32, #varve.dims<1, 2, h - 1, w - 1>>
}

// The same with channels last, of a weight that has no kernel for that.
// LAST: y: f32 [1, 2, 3, 2]
// LAST-NEXT: {{\[\[\[\[}}1, 4],
// LAST-NEXT: [1, 4],
// LAST-NEXT: [1, 4]],
// LAST-NEXT: {{\[\[}}1, 4],
// LAST-NEXT: [1, 4],
// LAST-NEXT: [1, 4]]]]
// THIN: conv.mlir:[[#@LINE+3]]: error: expects the padded input to hold a window in spatial dimension 1, but got 2 and w = 1
varve.graph @edges_last(%x: tensor<1x?x?x1xf32, #varve.dims<1, h, w, 1>> {varve.name = "x"}) -> (tensor<1x?x?x2xf32, #varve.dims<1, h - 1, w - 1, 2>> {varve.name = "y"}) {
  %w = varve.constant dense<[[[[-1.0, 1.0], [0.0, 0.0]]], [[[-1.0, 0.0], [1.0, 0.0]]]]> : tensor<2x1x2x2xf32>
  %0 = varve.conv %x, %w {channels_last} : (tensor<1x?x?x1xf32, #varve.dims<1, h, w, 1>>, tensor<2x1x2x2xf32>) -> tensor<1x?x?x2xf32, #varve.dims<1, h - 1, w - 1, 2>>
  varve.output %0 : tensor<1x?x?x2xf32, #varve.dims<1, h - 1, w - 1, 2>>
}

// A transposed convolution is what its name says: <conv(x), y> = <x, conv_transpose(y)>.
// ZERO: y: f32 []
// ZERO-NEXT: {{^}}{{-?[0-9.]+e-(0[7-9]|1[0-9])|0}}{{$}}
varve.weight @w : tensor<6x2x3x3xf32>
varve.graph @adjoint(%x: tensor<2x4x?x?xf32, #varve.dims<2, 4, 2*h, w>> {varve.name = "x"}, %y: tensor<2x6x?x?xf32, #varve.dims<2, 6, h, w>> {varve.name = "y"}) -> (tensor<f32> {varve.name = "y"}) {
  %w = varve.use @w : tensor<6x2x3x3xf32>
  %0 = varve.conv %x, %w {groups = 2 : i64, strides = array<i64: 2, 1>, padding_begin = array<i64: 1, 2>, padding_end = array<i64: 1, 2>, dilations = array<i64: 1, 2>} : (tensor<2x4x?x?xf32, #varve.dims<2, 4, 2*h, w>>, tensor<6x2x3x3xf32>) -> tensor<2x6x?x?xf32, #varve.dims<2, 6, h, w>>
  %1 = varve.mul %0, %y : (tensor<2x6x?x?xf32, #varve.dims<2, 6, h, w>>, tensor<2x6x?x?xf32, #varve.dims<2, 6, h, w>>) -> tensor<2x6x?x?xf32, #varve.dims<2, 6, h, w>>
  %2 = varve.reduce_sum %1 : (tensor<2x6x?x?xf32, #varve.dims<2, 6, h, w>>) -> tensor<f32>
  %3 = varve.conv_transpose %y, %w {groups = 2 : i64, strides = array<i64: 2, 1>, padding_begin = array<i64: 1, 2>, padding_end = array<i64: 1, 2>, output_padding = array<i64: 1, 0>, dilations = array<i64: 1, 2>} : (tensor<2x6x?x?xf32, #varve.dims<2, 6, h, w>>, tensor<6x2x3x3xf32>) -> tensor<2x4x?x?xf32, #varve.dims<2, 4, 2*h, w>>
  %4 = varve.mul %3, %x : (tensor<2x4x?x?xf32, #varve.dims<2, 4, 2*h, w>>, tensor<2x4x?x?xf32, #varve.dims<2, 4, 2*h, w>>) -> tensor<2x4x?x?xf32, #varve.dims<2, 4, 2*h, w>>
  %5 = varve.reduce_sum %4 : (tensor<2x4x?x?xf32, #varve.dims<2, 4, 2*h, w>>) -> tensor<f32>
  %6 = varve.sub %2, %5 : (tensor<f32>, tensor<f32>) -> tensor<f32>
  %7 = varve.mul %y, %y : (tensor<2x6x?x?xf32, #varve.dims<2, 6, h, w>>, tensor<2x6x?x?xf32, #varve.dims<2, 6, h, w>>) -> tensor<2x6x?x?xf32, #varve.dims<2, 6, h, w>>
  %8 = varve.reduce_sum %7 : (tensor<2x6x?x?xf32, #varve.dims<2, 6, h, w>>) -> tensor<f32>
  %9 = varve.div %6, %8 : (tensor<f32>, tensor<f32>) -> tensor<f32>
  varve.output %9 : tensor<f32>
}

// WHOLE: y: f32 [1, 1, 1, 1]
// WHOLE-NEXT: {{\[\[\[\[}}2.5]]]]
// NONE: conv.mlir:[[#@LINE+2]]: error: expects at least one element along spatial dimension 0, but got 1 and h = 0
varve.graph @whole(%x: tensor<1x1x?x3xf32, #varve.dims<1, 1, h, 3>> {varve.name = "x"}) -> (tensor<1x1x1x1xf32> {varve.name = "y"}) {
  %0 = varve.adaptive_avg_pool %x {size = array<i64: 1, 1>} : (tensor<1x1x?x3xf32, #varve.dims<1, 1, h, 3>>) -> tensor<1x1x1x1xf32>
  varve.output %0 : tensor<1x1x1x1xf32>
}
