// RUN: varve-opt %s | varve-opt | FileCheck %s
// RUN: varve-opt %s --emit-bytecode | varve-opt | FileCheck %s

// CHECK-DAG: #[[$HALF:.+]] = #varve.dims<batch, 4, width floordiv 2>
// CHECK-DAG: #[[$UP:.+]] = #varve.dims<batch, 4, (width + 1) floordiv 2>
// CHECK-DAG: #[[$ONE:.+]] = #varve.dims<batch, 4, 1>
// CHECK-LABEL: varve.graph @pool
varve.graph @pool(%x: tensor<?x4x?xf32, #varve.dims<batch, 4, width>>, %y: tensor<2x4x8x11xbf16>) {
  // CHECK: varve.max_pool %{{.*}} {kernel = array<i64: 2>, strides = array<i64: 2>} : ({{.*}}) -> tensor<?x4x?xf32, #[[$HALF]]>
  %0 = varve.max_pool %x {kernel = array<i64: 2>, strides = array<i64: 2>} : (tensor<?x4x?xf32, #varve.dims<batch, 4, width>>) -> tensor<?x4x?xf32, #varve.dims<batch, 4, width floordiv 2>>
  // CHECK: varve.max_pool %{{.*}} {ceil_mode, kernel = array<i64: 2>, strides = array<i64: 2>} : ({{.*}}) -> tensor<?x4x?xf32, #[[$UP]]>
  %1 = varve.max_pool %x {kernel = array<i64: 2>, strides = array<i64: 2>, ceil_mode} : (tensor<?x4x?xf32, #varve.dims<batch, 4, width>>) -> tensor<?x4x?xf32, #varve.dims<batch, 4, (width + 1) floordiv 2>>
  // CHECK: varve.max_pool %{{.*}} {dilations = array<i64: 2, 1>, kernel = array<i64: 3, 2>} : (tensor<2x4x8x11xbf16>) -> tensor<2x4x4x10xbf16>
  %2 = varve.max_pool %y {kernel = array<i64: 3, 2>, dilations = array<i64: 2, 1>} : (tensor<2x4x8x11xbf16>) -> tensor<2x4x4x10xbf16>
  // CHECK: varve.avg_pool %{{.*}} {count_include_pad, kernel = array<i64: 3, 3>, padding_begin = array<i64: 1, 1>, padding_end = array<i64: 1, 0>, strides = array<i64: 2, 2>} : (tensor<2x4x8x11xbf16>) -> tensor<2x4x4x5xbf16>
  %3 = varve.avg_pool %y {kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>, padding_begin = array<i64: 1, 1>, padding_end = array<i64: 1, 0>, count_include_pad} : (tensor<2x4x8x11xbf16>) -> tensor<2x4x4x5xbf16>
  // CHECK: varve.avg_pool %{{.*}} {divisor_override = 5 : i64, kernel = array<i64: 2, 2>} : (tensor<2x4x8x11xbf16>) -> tensor<2x4x7x10xbf16>
  %20 = varve.avg_pool %y {kernel = array<i64: 2, 2>, divisor_override = 5 : i64} : (tensor<2x4x8x11xbf16>) -> tensor<2x4x7x10xbf16>
  // CHECK: varve.avg_pool %{{.*}} {ceil_mode, kernel = array<i64: 2, 2>, padding_begin = array<i64: 1, 1>, padding_end = array<i64: 1, 1>, strides = array<i64: 2, 4>} : (tensor<2x4x8x11xbf16>) -> tensor<2x4x5x3xbf16>
  %4 = varve.avg_pool %y {kernel = array<i64: 2, 2>, strides = array<i64: 2, 4>, padding_begin = array<i64: 1, 1>, padding_end = array<i64: 1, 1>, ceil_mode} : (tensor<2x4x8x11xbf16>) -> tensor<2x4x5x3xbf16>
  // CHECK: varve.max_pool %{{.*}} {channels_last, kernel = array<i64: 2, 3>} : (tensor<2x4x8x11xbf16>) -> tensor<2x3x6x11xbf16>
  %21 = varve.max_pool %y {kernel = array<i64: 2, 3>, channels_last} : (tensor<2x4x8x11xbf16>) -> tensor<2x3x6x11xbf16>
  // CHECK: varve.adaptive_max_pool %{{.*}} {size = array<i64: 3, 4>} : (tensor<2x4x8x11xbf16>) -> tensor<2x4x3x4xbf16>
  %5 = varve.adaptive_max_pool %y {size = array<i64: 3, 4>} : (tensor<2x4x8x11xbf16>) -> tensor<2x4x3x4xbf16>
  // CHECK: varve.adaptive_avg_pool %{{.*}} {size = array<i64: 1>} : ({{.*}}) -> tensor<?x4x1xf32, #[[$ONE]]>
  %6 = varve.adaptive_avg_pool %x {size = array<i64: 1>} : (tensor<?x4x?xf32, #varve.dims<batch, 4, width>>) -> tensor<?x4x1xf32, #varve.dims<batch, 4, 1>>
  varve.output
}
