// RUN: varve-opt %s --varve-convert-to-linalg | FileCheck %s

// CHECK-DAG: #[[$ALL:.+]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
// CHECK-DAG: #[[$ROW:.+]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-DAG: #[[$MIDDLE:.+]] = affine_map<(d0, d1, d2) -> (d1)>
// CHECK-DAG: #[[$MATRIX:.+]] = affine_map<(d0, d1) -> (d0, d1)>
// CHECK-DAG: #[[$COLUMN:.+]] = affine_map<(d0, d1) -> (d1)>
// CHECK-DAG: #[[$NONE:.+]] = affine_map<(d0, d1) -> ()>

// Sums of bf16 are taken in f32 and rounded once.
// CHECK-LABEL: func.func private @sum(
// CHECK-SAME:    %[[SEQ:[a-z0-9]+]]: index, %[[X:[a-z0-9]+]]: tensor<2x?x8xbf16> {bufferization.writable = false})
// CHECK:         %[[ZERO:.+]] = arith.constant 0.000000e+00 : f32
// CHECK:         %[[EMPTY:.+]] = tensor.empty(%[[SEQ]]) : tensor<2x?xf32>
// CHECK:         %[[INIT:.+]] = linalg.fill ins(%[[ZERO]] : f32) outs(%[[EMPTY]] : tensor<2x?xf32>)
// CHECK:         %[[SUM:.+]] = linalg.generic {indexing_maps = [#[[$ALL]], #[[$ROW]]], iterator_types = ["parallel", "parallel", "reduction"]} ins(%[[X]] : tensor<2x?x8xbf16>) outs(%[[INIT]] : tensor<2x?xf32>)
// CHECK-NEXT:    ^bb0(%[[IN:.+]]: bf16, %[[OUT:.+]]: f32):
// CHECK-NEXT:      %[[WIDE:.+]] = arith.extf %[[IN]] : bf16 to f32
// CHECK-NEXT:      %[[NEXT:.+]] = arith.addf %[[OUT]], %[[WIDE]] : f32
// CHECK-NEXT:      linalg.yield %[[NEXT]]
// CHECK:         linalg.generic {{.*}} iterator_types = ["parallel", "parallel"]} ins(%[[SUM]] : tensor<2x?xf32>) outs(%{{.+}} : tensor<2x?xbf16>)
// CHECK:           arith.truncf %{{.+}} : f32 to bf16
varve.graph @sum(%x: tensor<2x?x8xbf16, #varve.dims<2, seq, 8>>) {
  %0 = varve.reduce_sum %x {axes = array<i64: -1>} : (tensor<2x?x8xbf16, #varve.dims<2, seq, 8>>) -> tensor<2x?xbf16, #varve.dims<2, seq>>
  varve.output
}

// Several axes are one loop nest; kept dimensions are a view.
// CHECK-LABEL: func.func private @sum_axes(
// CHECK:         %[[SUM:.+]] = linalg.generic {indexing_maps = [#[[$ALL]], #[[$MIDDLE]]], iterator_types = ["reduction", "parallel", "reduction"]}
// CHECK:         tensor.expand_shape %[[SUM]] {{\[\[}}0, 1, 2]] output_shape [1, %{{.+}}, 1] : tensor<?xf32> into tensor<1x?x1xf32>
varve.graph @sum_axes(%x: tensor<2x?x8xf32, #varve.dims<2, seq, 8>>) {
  %0 = varve.reduce_sum %x {axes = array<i64: 2, 0>, keep_dims} : (tensor<2x?x8xf32, #varve.dims<2, seq, 8>>) -> tensor<1x?x1xf32, #varve.dims<1, seq, 1>>
  varve.output
}

// The count of a mean is computed if a dimension is dynamic.
// CHECK-LABEL: func.func private @mean(
// CHECK-SAME:    %[[N:[a-z0-9]+]]: index, %{{[a-z0-9]+}}: index, %{{[a-z0-9]+}}: tensor<4x?xf16>
// CHECK:         %[[SUM:.+]] = linalg.generic {indexing_maps = [#[[$MATRIX]], #[[$COLUMN]]], iterator_types = ["reduction", "parallel"]}
// CHECK:         %[[FOUR:.+]] = arith.constant 4.000000e+00 : f32
// CHECK:         linalg.generic {{.*}} ins(%[[SUM]] : tensor<?xf32>) outs(%{{.+}} : tensor<?xf16>)
// CHECK:           %[[MEAN:.+]] = arith.divf %{{.+}}, %[[FOUR]] : f32
// CHECK:           arith.truncf %[[MEAN]] : f32 to f16
// CHECK:         linalg.generic {indexing_maps = [#[[$MATRIX]], #[[$NONE]]], iterator_types = ["reduction", "reduction"]}
// CHECK:         %[[SIZE:.+]] = arith.muli %[[N]], %{{.+}} : index
// CHECK:         %[[WIDE:.+]] = arith.index_cast %[[SIZE]] : index to i64
// CHECK:         %[[COUNT:.+]] = arith.sitofp %[[WIDE]] : i64 to f32
// CHECK:           arith.divf %{{.+}}, %[[COUNT]] : f32
varve.graph @mean(%x: tensor<4x?xf16, #varve.dims<4, n>>) {
  %0 = varve.reduce_mean %x {axes = array<i64: 0>} : (tensor<4x?xf16, #varve.dims<4, n>>) -> tensor<?xf16, #varve.dims<n>>
  %1 = varve.reduce_mean %x : (tensor<4x?xf16, #varve.dims<4, n>>) -> tensor<f16>
  varve.output
}

// Each starts with the value that changes no other.
// CHECK-LABEL: func.func private @extremes(
// CHECK:         %[[LEAST:.+]] = arith.constant 0xFF800000 : f32
// CHECK:         linalg.fill ins(%[[LEAST]] : f32)
// CHECK:           arith.maximumf %out, %in : f32
// CHECK:         %[[MOST:.+]] = arith.constant 0x7F800000 : f32
// CHECK:         linalg.fill ins(%[[MOST]] : f32)
// CHECK:           arith.minimumf %out, %in : f32
// CHECK:         %[[LEAST:.+]] = arith.constant 0 : i8
// CHECK:         linalg.fill ins(%[[LEAST]] : i8)
// CHECK:           arith.maxui %out, %in : i8
// CHECK:         %[[MOST:.+]] = arith.constant -1 : i8
// CHECK:         linalg.fill ins(%[[MOST]] : i8)
// CHECK:           arith.minui %out, %in : i8
// CHECK:         %[[LEAST:.+]] = arith.constant -2147483648 : i32
// CHECK:         linalg.fill ins(%[[LEAST]] : i32)
// CHECK:           arith.maxsi %out, %in : i32
// CHECK:         %[[MOST:.+]] = arith.constant 2147483647 : i32
// CHECK:         linalg.fill ins(%[[MOST]] : i32)
// CHECK:           arith.minsi %out, %in : i32
varve.graph @extremes(%x: tensor<4xf32>, %u: tensor<4xui8>, %i: tensor<4xi32>) {
  %0 = varve.reduce_max %x : (tensor<4xf32>) -> tensor<f32>
  %1 = varve.reduce_min %x : (tensor<4xf32>) -> tensor<f32>
  %2 = varve.reduce_max %u : (tensor<4xui8>) -> tensor<ui8>
  %3 = varve.reduce_min %u : (tensor<4xui8>) -> tensor<ui8>
  %4 = varve.reduce_max %i : (tensor<4xi32>) -> tensor<i32>
  %5 = varve.reduce_min %i : (tensor<4xi32>) -> tensor<i32>
  varve.output
}

// Integers keep their type.
// CHECK-LABEL: func.func private @integers(
// CHECK:         linalg.fill ins(%{{.+}} : i8) outs(%{{.+}} : tensor<i8>)
// CHECK:           arith.addi %out, %in : i8
// CHECK:         %[[ONE:.+]] = arith.constant 1 : i64
// CHECK:         linalg.fill ins(%[[ONE]] : i64) outs(%{{.+}} : tensor<i64>)
// CHECK:           arith.muli %out, %in : i64
varve.graph @integers(%x: tensor<4xi8>, %y: tensor<4xi64>) {
  %0 = varve.reduce_sum %x : (tensor<4xi8>) -> tensor<i8>
  %1 = varve.reduce_prod %y : (tensor<4xi64>) -> tensor<i64>
  varve.output
}

// The maximum, then the least place that holds it, or that holds a NaN.
// CHECK-LABEL: func.func private @argmax(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<2x?x8xbf16>
// CHECK:         %[[MOST:.+]] = linalg.generic
// CHECK:           arith.maximumf
// CHECK:         linalg.generic {indexing_maps = [#[[$ALL]], #[[$ROW]], #[[$ROW]]], iterator_types = ["parallel", "parallel", "reduction"]} ins(%[[X]], %[[MOST]] : tensor<2x?x8xbf16>, tensor<2x?xf32>) outs(%{{.+}} : tensor<2x?xi64>)
// CHECK-NEXT:    ^bb0(%[[IN:.+]]: bf16, %[[M:.+]]: f32, %[[OUT:.+]]: i64):
// CHECK:           %[[INDEX:.+]] = linalg.index 2 : index
// CHECK:           %[[PLACE:.+]] = arith.index_cast %[[INDEX]] : index to i64
// CHECK:           %[[WIDE:.+]] = arith.extf %[[IN]] : bf16 to f32
// CHECK:           %[[EQUAL:.+]] = arith.cmpf oeq, %[[WIDE]], %[[M]] : f32
// CHECK:           %[[NAN:.+]] = arith.cmpf uno, %[[WIDE]], %[[WIDE]] : f32
// CHECK:           %[[IS:.+]] = arith.ori %[[EQUAL]], %[[NAN]] : i1
// CHECK:           %[[FOUND:.+]] = arith.select %[[IS]], %[[PLACE]], %{{.+}} : i64
// CHECK:           arith.minsi %[[OUT]], %[[FOUND]] : i64
varve.graph @argmax(%x: tensor<2x?x8xbf16, #varve.dims<2, seq, 8>>) {
  %0 = varve.argmax %x {axis = -1} : (tensor<2x?x8xbf16, #varve.dims<2, seq, 8>>) -> tensor<2x?xi64, #varve.dims<2, seq>>
  varve.output
}

// CHECK-LABEL: func.func private @argmax_integers(
// CHECK:           arith.maxui %out, %in : i8
// CHECK:         %[[PLACE:.+]] = linalg.generic {indexing_maps = [#[[$MATRIX]], #[[$COLUMN]], #[[$COLUMN]]], iterator_types = ["reduction", "parallel"]}
// CHECK:           linalg.index 0 : index
// CHECK:           arith.cmpi eq, %{{.+}}, %{{.+}} : i8
// CHECK:         tensor.expand_shape %[[PLACE]] {{.*}} : tensor<4xi64> into tensor<1x4xi64>
varve.graph @argmax_integers(%x: tensor<3x4xui8>) {
  %0 = varve.argmax %x {axis = 0, keep_dims} : (tensor<3x4xui8>) -> tensor<1x4xi64>
  varve.output
}

// CHECK-LABEL: func.func private @argmin(
// CHECK:         arith.minui
// CHECK:         arith.cmpi eq
varve.graph @argmin(%x: tensor<4xui8>) {
  %0 = varve.argmin %x {axis = 0 : i64} : (tensor<4xui8>) -> tensor<i64>
  varve.output
}
