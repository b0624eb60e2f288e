// RUN: varve-opt %s --varve-convert-to-linalg | FileCheck %s

// CHECK-DAG: #[[$FLAT:.+]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d4, d3 + d6 + d5 * 11)>
// CHECK-DAG: #[[$WEIGHT:.+]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d1, d2, d4, d5, d6)>
// CHECK-DAG: #[[$OUT:.+]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d2, d3)>
// CHECK-DAG: #[[$PHASES:.+]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d4 * 2 + d3)>
// CHECK-DAG: #[[$STRIDED:.+]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d4, d5 mod 2, d3 + d5 floordiv 2)>
// CHECK-DAG: #[[$ROWS:.+]] = affine_map<(d0, d1, d2, d3, d4, d5, d6, d7) -> (d0, d1, d5, d3 + d6, d4 + d7)>
// CHECK-DAG: #[[$POINT:.+]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d4, d3)>
// CHECK-DAG: #[[$TURNED:.+]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d0, d1, d5, d4 {{.+}}d6 + 1)>
// CHECK-DAG: #[[$TAPS:.+]] = affine_map<(d0, d1, d2, d3, d4, d5, d6) -> (d1, d5, d2, d6 * 2 + d3)>
// CHECK-DAG: #[[$WOVEN:.+]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, (d3 + 1) mod 2, (d3 + 1) floordiv 2)>
// CHECK-DAG: #[[$PANELS:.+]] = affine_map<(d0, d1, d2, d3) -> (d0 floordiv 32, {{.+}}, d0 mod 32)>

// Rows of a static length are one axis; a row more, so that the last windows may go on. What goes over the ends is cut.
// CHECK-LABEL: func.func private @planes(
// CHECK:         %[[PADDED:.+]] = tensor.insert_slice %{{.+}} into %{{.+}}[0, 0, 0, 1, 1] [%{{.+}}, 1, 4, 7, 9] [1, 1, 1, 1, 1] : tensor<?x1x4x7x9xf32> into tensor<?x1x4x10x11xf32>
// CHECK:         %[[PLANES:.+]] = tensor.collapse_shape %[[PADDED]] {{.*}} into tensor<?x1x4x110xf32>
// CHECK:         %[[SUMS:.+]] = linalg.generic {indexing_maps = [#[[$FLAT]], #[[$WEIGHT]], #[[$OUT]]], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "reduction", "reduction"]} ins(%[[PLANES]], %{{.+}} : tensor<?x1x4x110xf32>, tensor<1x6x4x3x3xbf16>) outs(%{{.+}} : tensor<?x1x6x77xf32>)
// CHECK:           arith.extf
// CHECK:           arith.mulf
// CHECK:           arith.addf
// CHECK:         %[[ROWS:.+]] = tensor.expand_shape %[[SUMS]] {{.*}} into tensor<?x1x6x7x11xf32>
// CHECK:         tensor.extract_slice %[[ROWS]][0, 0, 0, 0, 0] [%{{.+}}, 1, 6, 7, 9] [1, 1, 1, 1, 1]
// CHECK:           arith.truncf
varve.graph @planes(%x: tensor<?x4x7x9xbf16, #varve.dims<batch, 4, 7, 9>>, %w: tensor<6x4x3x3xbf16>) {
  %0 = varve.conv %x, %w {padding_begin = array<i64: 1, 1>, padding_end = array<i64: 1, 1>} : (tensor<?x4x7x9xbf16, #varve.dims<batch, 4, 7, 9>>, tensor<6x4x3x3xbf16>) -> tensor<?x6x7x9xbf16, #varve.dims<batch, 6, 7, 9>>
  varve.output
}

// Every second element lies behind the next but one.
// CHECK-LABEL: func.func private @strided(
// CHECK:         %[[PADDED:.+]] = tensor.insert_slice {{.*}} into tensor<1x1x4x20xf32>
// CHECK:         %[[SPLIT:.+]] = linalg.generic {indexing_maps = [#[[$PHASES]], #{{.+}}], {{.*}} ins(%[[PADDED]] : tensor<1x1x4x20xf32>) outs(%{{.+}} : tensor<1x1x4x2x10xf32>)
// CHECK:         linalg.generic {indexing_maps = [#[[$STRIDED]], #{{.+}}, #{{.+}}], {{.*}} ins(%[[SPLIT]], %{{.+}} : tensor<1x1x4x2x10xf32>, tensor<1x6x4x3xf32>) outs(%{{.+}} : tensor<1x1x6x9xf32>)
varve.graph @strided(%x: tensor<1x4x17xf32>, %w: tensor<6x4x3xf32>) {
  %0 = varve.conv %x, %w {strides = array<i64: 2>, padding_begin = array<i64: 1>, padding_end = array<i64: 1>} : (tensor<1x4x17xf32>, tensor<6x4x3xf32>) -> tensor<1x6x9xf32>
  varve.output
}

// Rows of a length that is not known stay rows; without padding nothing is copied.
// CHECK-LABEL: func.func private @rows(
// CHECK-NOT:     linalg.fill ins({{.*}}) outs(%{{.+}} : tensor<1x2x2x?x?xf32>)
// CHECK:         linalg.generic {indexing_maps = [#[[$ROWS]], #{{.+}}, #{{.+}}], {{.*}} outs(%{{.+}} : tensor<1x2x3x?x?xf32>)
varve.graph @rows(%x: tensor<1x4x?x?xf32, #varve.dims<1, 4, h, w>>, %w: tensor<6x2x3x3xf32>) {
  %0 = varve.conv %x, %w {groups = 2 : i64} : (tensor<1x4x?x?xf32, #varve.dims<1, 4, h, w>>, tensor<6x2x3x3xf32>) -> tensor<1x6x?x?xf32, #varve.dims<1, 6, h - 2, w - 2>>
  varve.output
}

// Where no window reaches further, planes are one axis, whatever their sizes; the bias is added at the end.
// CHECK-LABEL: func.func private @points(
// CHECK:         linalg.generic {indexing_maps = [#[[$POINT]], #[[$WEIGHT]], #[[$OUT]]], {{.*}} outs(%{{.+}} : tensor<1x1x6x?xf32>)
// CHECK:         linalg.generic {{.*}} outs(%{{.+}} : tensor<1x1x6x?x?xf32>)
varve.graph @points(%x: tensor<1x4x?x?xf32, #varve.dims<1, 4, h, w>>, %w: tensor<6x4x1x1xf32>, %b: tensor<6xf32>) {
  %0 = varve.conv %x, %w, %b : (tensor<1x4x?x?xf32, #varve.dims<1, 4, h, w>>, tensor<6x4x1x1xf32>, tensor<6xf32>) -> tensor<1x6x?x?xf32, #varve.dims<1, 6, h, w>>
  varve.output
}

// Two convolutions with every second weight, turned round, woven into the result; zeros fill the weights up to four.
// CHECK-LABEL: func.func private @transposed(
// CHECK:         tensor.insert_slice %{{.+}} into %{{.+}}[0, 0, 0, 0] [1, 4, 6, 3] [1, 1, 1, 1] : tensor<1x4x6x3xf32> into tensor<1x4x6x4xf32>
// CHECK:         linalg.generic {indexing_maps = [#[[$TURNED]], #[[$TAPS]], #{{.+}}, #{{.+}}], {{.*}} outs(%{{.+}} : tensor<1x1x6x2x?xf32>)
// CHECK:         linalg.generic {indexing_maps = [#[[$WOVEN]], #{{.+}}], {{.*}} ins(%{{.+}} : tensor<1x1x6x2x?xf32>) outs(%{{.+}} : tensor<1x1x6x?xf32>)
varve.graph @transposed(%x: tensor<1x4x?xf32, #varve.dims<1, 4, n>>, %w: tensor<4x6x3xf32>) {
  %0 = varve.conv_transpose %x, %w {strides = array<i64: 2>, padding_begin = array<i64: 1>, padding_end = array<i64: 1>} : (tensor<1x4x?xf32, #varve.dims<1, 4, n>>, tensor<4x6x3xf32>) -> tensor<1x6x?xf32, #varve.dims<1, 6, 2*n - 1>>
  varve.output
}

// CHECK-LABEL: func.func private @empty(
// CHECK-NOT:     linalg.generic
// CHECK:         tensor.empty() : tensor<0x6x7x9xf32>
varve.graph @empty(%x: tensor<0x4x7x9xf32>, %w: tensor<6x4x1x1xf32>) {
  %0 = varve.conv %x, %w : (tensor<0x4x7x9xf32>, tensor<6x4x1x1xf32>) -> tensor<0x6x7x9xf32>
  varve.output
}

// A weight in panels is taken out of them.
// CHECK-LABEL: func.func private @panels(
// CHECK-SAME:    %[[PACKED:[^ ]+]]: tensor<2x27x32xf32> {bufferization.writable = false},
// CHECK:         linalg.generic {indexing_maps = [#[[$PANELS]], #{{.+}}], {{.+}} ins(%[[PACKED]] : tensor<2x27x32xf32>) outs(%{{.+}} : tensor<40x3x3x3xf32>)
varve.weight @packed : tensor<40x3x3x3xf32, #varve.panels<32>>
varve.graph @panels(%x: tensor<1x3x4x4xf32>) -> tensor<1x40x2x2xf32> {
  %w = varve.use @packed : tensor<40x3x3x3xf32, #varve.panels<32>>
  %0 = varve.conv %x, %w : (tensor<1x3x4x4xf32>, tensor<40x3x3x3xf32, #varve.panels<32>>) -> tensor<1x40x2x2xf32>
  varve.output %0 : tensor<1x40x2x2xf32>
}
