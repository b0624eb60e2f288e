// RUN: varve-opt %s --varve-convert-to-linalg | FileCheck %s

// CHECK-DAG: #[[$WINDOWS:.+]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d3 mod 2, d4 mod 2, d2 + d4 floordiv 2 + (d3 floordiv 2) * 6)>
// CHECK-DAG: #[[$KERNEL:.+]] = affine_map<(d0, d1, d2, d3, d4) -> (d3, d4)>
// CHECK-DAG: #[[$EVEN:.+]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d2, d3, d4, d5)>

// Padding is minus infinity, which is never the maximum.
// CHECK-LABEL: func.func private @largest(
// CHECK:         %[[LEAST:.+]] = arith.constant 0xFF80 : bf16
// CHECK:         %[[FILLED:.+]] = linalg.fill ins(%[[LEAST]] : bf16)
// CHECK:         tensor.insert_slice %{{.+}} into %[[FILLED]][0, 0, 1, 1]
// CHECK:         %[[SHAPE:.+]] = tensor.empty() : tensor<3x3xf32>
// CHECK:         linalg.generic {indexing_maps = [#[[$WINDOWS]], #[[$KERNEL]], #{{.+}}], iterator_types = ["parallel", "parallel", "parallel", "reduction", "reduction"]} ins(%{{.+}}, %[[SHAPE]] :
// CHECK:           arith.maximumf
// CHECK:         tensor.extract_slice
varve.graph @largest(%x: tensor<?x4x7x9xbf16, #varve.dims<batch, 4, 7, 9>>) {
  %0 = varve.max_pool %x {kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>, padding_begin = array<i64: 1, 1>, padding_end = array<i64: 1, 1>} : (tensor<?x4x7x9xbf16, #varve.dims<batch, 4, 7, 9>>) -> tensor<?x4x4x5xbf16, #varve.dims<batch, 4, 4, 5>>
  varve.output
}

// How many elements count is known from the place: those of the input alone.
// CHECK-LABEL: func.func private @mean(
// CHECK-SAME:    %[[N:[a-z0-9]+]]: index, %[[X:[a-z0-9]+]]: tensor<1x4x?xf32>
// CHECK:           arith.addf
// CHECK:         linalg.generic
// CHECK:           %[[INDEX:.+]] = linalg.index 2 : index
// CHECK:           %[[FROM:.+]] = arith.muli %[[INDEX]], %{{.+}} : index
// CHECK:           %[[TO:.+]] = arith.addi %[[FROM]], %{{.+}} : index
// CHECK:           %[[END:.+]] = arith.addi %[[N]], %{{.+}} : index
// CHECK:           %[[LAST:.+]] = arith.minsi %[[TO]], %[[END]] : index
// CHECK:           %[[FIRST:.+]] = arith.maxsi %[[FROM]], %{{.+}} : index
// CHECK:           arith.subi %[[LAST]], %[[FIRST]] : index
// CHECK:           arith.divf
varve.graph @mean(%x: tensor<1x4x?xf32, #varve.dims<1, 4, n>>) {
  %0 = varve.avg_pool %x {kernel = array<i64: 3>, strides = array<i64: 2>, padding_begin = array<i64: 1>, padding_end = array<i64: 1>} : (tensor<1x4x?xf32, #varve.dims<1, 4, n>>) -> tensor<1x4x?xf32, #varve.dims<1, 4, (n + 1) floordiv 2>>
  varve.output
}

// CHECK-LABEL: func.func private @divided(
// CHECK-NOT:     arith.minsi
// CHECK:         %[[FIVE:.+]] = arith.constant 5.000000e+00 : f32
// CHECK:         arith.divf %{{.+}}, %[[FIVE]] : f32
varve.graph @divided(%x: tensor<1x4x9xf32>) {
  %0 = varve.avg_pool %x {kernel = array<i64: 3>, divisor_override = 5 : i64} : (tensor<1x4x9xf32>) -> tensor<1x4x7xf32>
  varve.output
}

// Windows that divide the input, as the whole of it does, are axes.
// CHECK-LABEL: func.func private @whole(
// CHECK:         %[[SPLIT:.+]] = tensor.expand_shape %{{.+}} {{.*}} into tensor<2x4x1x?x3x3xf32>
// CHECK:         linalg.generic {indexing_maps = [#[[$EVEN]], #{{.+}}], iterator_types = ["parallel", "parallel", "parallel", "reduction", "parallel", "reduction"]} ins(%[[SPLIT]] :
varve.graph @whole(%x: tensor<2x4x?x9xf32, #varve.dims<2, 4, h, 9>>) {
  %0 = varve.adaptive_avg_pool %x {size = array<i64: 1, 3>} : (tensor<2x4x?x9xf32, #varve.dims<2, 4, h, 9>>) -> tensor<2x4x1x3xf32>
  varve.output
}

// Else each place of the longest window is looked at; beyond its end there is nothing, and nothing is read.
// CHECK-LABEL: func.func private @uneven(
// CHECK:         %[[SHAPE:.+]] = tensor.empty() : tensor<3xf32>
// CHECK:         linalg.generic {{.*}} ins(%[[SHAPE]] : tensor<3xf32>)
// CHECK:           %[[WITHIN:.+]] = arith.cmpi slt, %[[AT:.+]], %[[TO:.+]] : index
// CHECK:           %[[INSIDE:.+]] = arith.minsi %[[AT]], %{{.+}} : index
// CHECK:           %[[VALUE:.+]] = tensor.extract %{{.+}}[%{{.+}}, %{{.+}}, %[[INSIDE]]]
// CHECK:           arith.select %[[WITHIN]], %[[VALUE]], %{{.+}} : f32
varve.graph @uneven(%x: tensor<2x4x7xf32>) {
  %0 = varve.adaptive_max_pool %x {size = array<i64: 5>} : (tensor<2x4x7xf32>) -> tensor<2x4x5xf32>
  varve.output
}
