// RUN: varve-opt %s --varve-convert-to-linalg | FileCheck %s

// CHECK-DAG: #[[$INPUT:.+]] = affine_map<(d0, d1, d2, d3) -> (d0, d2)>
// CHECK-DAG: #[[$PANELS:.+]] = affine_map<(d0, d1, d2, d3) -> (d1, d2, d3)>
// CHECK-DAG: #[[$PRODUCT:.+]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d3)>
// CHECK-DAG: #[[$ROWS:.+]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-DAG: #[[$WEIGHT:.+]] = affine_map<(d0, d1, d2) -> (d1, d2)>
// CHECK-DAG: #[[$OUT:.+]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-DAG: #[[$LEFT:.+]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, 0, d2, d4)>
// CHECK-DAG: #[[$RIGHT:.+]] = affine_map<(d0, d1, d2, d3, d4) -> (d1, d4, d3)>
// CHECK-DAG: #[[$BATCHED:.+]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d3)>

// All rows at once; the weight in panels of 4 rows, the last of them padded.
// CHECK-LABEL: func.func private @linear_panels(
// CHECK-SAME:    %[[BATCH:[a-z0-9]+]]: index, %[[SEQ:[a-z0-9]+]]: index, %[[X:[a-z0-9]+]]: tensor<?x?x8xbf16> {{.*}}, %[[W:[a-z0-9]+]]: tensor<2x8x4xbf16>
// CHECK:         %[[FLAT:.+]] = tensor.collapse_shape %[[X]] {{\[\[}}0, 1], [2]] : tensor<?x?x8xbf16> into tensor<?x8xbf16>
// CHECK:         %[[WIDE:.+]] = linalg.generic {{.*}} ins(%[[FLAT]] : tensor<?x8xbf16>) outs(%{{.+}} : tensor<?x8xf32>)
// CHECK:         %[[INIT:.+]] = linalg.fill {{.*}} -> tensor<?x2x4xf32>
// CHECK:         %[[PRODUCT:.+]] = linalg.generic {indexing_maps = [#[[$INPUT]], #[[$PANELS]], #[[$PRODUCT]]], iterator_types = ["parallel", "parallel", "reduction", "parallel"]} ins(%[[WIDE]], %[[W]] : tensor<?x8xf32>, tensor<2x8x4xbf16>) outs(%[[INIT]] : tensor<?x2x4xf32>)
// CHECK-NEXT:    ^bb0(%[[A:.+]]: f32, %[[B:.+]]: bf16, %[[SUM:.+]]: f32):
// CHECK-NEXT:      %[[B32:.+]] = arith.extf %[[B]] : bf16 to f32
// CHECK-NEXT:      %[[AB:.+]] = arith.mulf %[[A]], %[[B32]] : f32
// CHECK-NEXT:      %[[NEXT:.+]] = arith.addf %[[SUM]], %[[AB]] : f32
// CHECK-NEXT:      linalg.yield %[[NEXT]] : f32
// CHECK:         %[[PADDED:.+]] = tensor.collapse_shape %[[PRODUCT]] {{\[\[}}0], [1, 2]] : tensor<?x2x4xf32> into tensor<?x8xf32>
// CHECK:         %[[CUT:.+]] = tensor.extract_slice %[[PADDED]][0, 0] [%{{.+}}, 5] [1, 1] : tensor<?x8xf32> to tensor<?x5xf32>
// CHECK:         %[[ROUNDED:.+]] = linalg.generic {{.*}} ins(%[[CUT]] : tensor<?x5xf32>) outs(%{{.+}} : tensor<?x5xbf16>)
// CHECK:         tensor.expand_shape %[[ROUNDED]] {{\[\[}}0, 1], [2]] output_shape [%[[BATCH]], %[[SEQ]], 5] : tensor<?x5xbf16> into tensor<?x?x5xbf16>
varve.weight @w : tensor<5x8xbf16, #varve.panels<4>>
varve.graph @linear_panels(%x: tensor<?x?x8xbf16, #varve.dims<batch, seq, 8>>) {
  %w = varve.use @w : tensor<5x8xbf16, #varve.panels<4>>
  %0 = varve.linear %x, %w : (tensor<?x?x8xbf16, #varve.dims<batch, seq, 8>>, tensor<5x8xbf16, #varve.panels<4>>) -> tensor<?x?x5xbf16, #varve.dims<batch, seq, 5>>
  varve.output
}

// CHECK-LABEL: func.func private @linear(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<8xf32> {{.*}}, %[[W:[a-z0-9]+]]: tensor<5x8xf32>
// CHECK:         %[[ROW:.+]] = tensor.expand_shape %[[X]] {{\[\[}}0, 1]] output_shape [1, 8]
// CHECK:         %[[PRODUCT:.+]] = linalg.generic {indexing_maps = [#[[$ROWS]], #[[$WEIGHT]], #[[$OUT]]], iterator_types = ["parallel", "parallel", "reduction"]} ins(%[[ROW]], %[[W]] :
// CHECK:         tensor.collapse_shape %[[PRODUCT]] {{\[\[}}0, 1]] : tensor<1x5xf32> into tensor<5xf32>
varve.graph @linear(%x: tensor<8xf32>, %w: tensor<5x8xf32>) {
  %0 = varve.linear %x, %w : (tensor<8xf32>, tensor<5x8xf32>) -> tensor<5xf32>
  varve.output
}

// No row is no slice: upstream rejects one at the end of a dimension.
// CHECK-LABEL: func.func private @linear_empty(
// CHECK-NOT:     tensor.extract_slice
// CHECK:         return
varve.graph @linear_empty(%x: tensor<0x8xbf16>) {
  %w = varve.use @w : tensor<5x8xbf16, #varve.panels<4>>
  %0 = varve.linear %x, %w : (tensor<0x8xbf16>, tensor<5x8xbf16, #varve.panels<4>>) -> tensor<0x5xbf16>
  varve.output
}

// CHECK-LABEL: func.func private @matmul(
// CHECK:         linalg.generic {indexing_maps = [#[[$LEFT]], #[[$RIGHT]], #[[$BATCHED]]], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%{{.+}}, %{{.+}} : tensor<?x1x2x8xf16>, tensor<3x8x4xf16>) outs(%{{.+}} : tensor<?x3x2x4xf32>)
// CHECK-NEXT:    ^bb0(%[[A:.+]]: f16, %[[B:.+]]: f16, %[[SUM:.+]]: f32):
// CHECK-DAG:       %[[A32:.+]] = arith.extf %[[A]] : f16 to f32
// CHECK-DAG:       %[[B32:.+]] = arith.extf %[[B]] : f16 to f32
// CHECK:           %[[AB:.+]] = arith.mulf %[[A32]], %[[B32]] : f32
// CHECK:           arith.addf %[[SUM]], %[[AB]] : f32
// CHECK:           arith.truncf %{{.+}} : f32 to f16
varve.graph @matmul(%x: tensor<?x1x2x8xf16, #varve.dims<batch, 1, 2, 8>>, %y: tensor<3x8x4xf16>) {
  %0 = varve.matmul %x, %y : (tensor<?x1x2x8xf16, #varve.dims<batch, 1, 2, 8>>, tensor<3x8x4xf16>) -> tensor<?x3x2x4xf16, #varve.dims<batch, 3, 2, 4>>
  varve.output
}

// The group of a row is the number of groups that end before it; what does not fit is reported, not read.
// CHECK-LABEL: func.func private @grouped_matmul(
// CHECK:         %[[ENDS:.+]]:2 = scf.for {{.*}} -> (i64, tensor<3xi64>)
// CHECK:           arith.cmpi slt
// CHECK:           func.call @varve.rt.fail
// CHECK:         arith.cmpi ne, %[[ENDS]]#0, %{{.+}} : i64
// CHECK:         func.call @varve.rt.fail
// CHECK:         %[[GROUPS:.+]] = linalg.generic {{.*}} ins(%[[ENDS]]#1 : tensor<3xi64>) outs(%{{.+}} : tensor<?xi64>)
// CHECK:         linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "reduction"]} ins(%{{.+}}, %[[GROUPS]], %{{.+}} : tensor<?x8xbf16>, tensor<?xi64>, tensor<4xf32>) outs(%{{.+}} : tensor<?x4xf32>)
// CHECK:           %[[GROUP:.+]] = arith.minsi
// CHECK:           tensor.extract %{{.+}}[%[[GROUP]], %{{.+}}, %{{.+}}] : tensor<3x4x8xbf16>
varve.graph @grouped_matmul(%x: tensor<?x8xbf16, #varve.dims<seq, 8>>, %w: tensor<3x4x8xbf16>, %sizes: tensor<3xi32>) {
  %0 = varve.grouped_matmul %x, %w, %sizes : (tensor<?x8xbf16, #varve.dims<seq, 8>>, tensor<3x4x8xbf16>, tensor<3xi32>) -> tensor<?x4xbf16, #varve.dims<seq, 4>>
  varve.output
}
