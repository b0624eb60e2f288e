// RUN: varve-opt %s --varve-convert-to-linalg | FileCheck %s

// CHECK-DAG: #[[$ALL:.+]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
// CHECK-DAG: #[[$ROW:.+]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-DAG: #[[$OUTER:.+]] = affine_map<(d0, d1, d2) -> (d0, d2)>
// CHECK-DAG: #[[$COLUMN:.+]] = affine_map<(d0, d1, d2) -> (d2)>

// Maximum, powers, their sum and the quotient, all in f32 but for the result.
// CHECK-LABEL: func.func private @softmax(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<2x?x8xbf16>
// CHECK:         %[[MOST:.+]] = linalg.generic {indexing_maps = [#[[$ALL]], #[[$ROW]]], iterator_types = ["parallel", "parallel", "reduction"]} ins(%[[X]] : tensor<2x?x8xbf16>) outs(%{{.+}} : tensor<2x?xf32>)
// CHECK:           arith.maxnumf
// CHECK:         %[[POWERS:.+]] = linalg.generic {indexing_maps = [#[[$ALL]], #[[$ROW]], #[[$ALL]]], iterator_types = ["parallel", "parallel", "parallel"]} ins(%[[X]], %[[MOST]] : tensor<2x?x8xbf16>, tensor<2x?xf32>) outs(%{{.+}} : tensor<2x?x8xf32>)
// CHECK-NEXT:    ^bb0(%[[IN:.+]]: bf16, %[[M:.+]]: f32, %{{.+}}: f32):
// CHECK-NEXT:      %[[WIDE:.+]] = arith.extf %[[IN]] : bf16 to f32
// CHECK-NEXT:      %[[BELOW:.+]] = arith.subf %[[WIDE]], %[[M]] : f32
// CHECK-NEXT:      math.exp %[[BELOW]] {varve.of_negative} : f32
// CHECK:         %[[SUM:.+]] = linalg.generic {indexing_maps = [#[[$ALL]], #[[$ROW]]], iterator_types = ["parallel", "parallel", "reduction"]} ins(%[[POWERS]] : tensor<2x?x8xf32>)
// CHECK:           arith.addf
// CHECK:         %[[SCALE:.+]] = linalg.generic {{.*}} ins(%[[SUM]] : tensor<2x?xf32>)
// CHECK:           arith.divf
// CHECK:         linalg.generic {indexing_maps = [#[[$ALL]], #[[$ROW]], #[[$ALL]]], {{.*}} ins(%[[POWERS]], %[[SCALE]] : tensor<2x?x8xf32>, tensor<2x?xf32>) outs(%{{.+}} : tensor<2x?x8xbf16>)
// CHECK:           %[[QUOTIENT:.+]] = arith.mulf
// CHECK:           arith.truncf %[[QUOTIENT]] : f32 to bf16
varve.graph @softmax(%x: tensor<2x?x8xbf16, #varve.dims<2, seq, 8>>) {
  %0 = varve.softmax %x {axis = -1} : (tensor<2x?x8xbf16, #varve.dims<2, seq, 8>>) -> tensor<2x?x8xbf16, #varve.dims<2, seq, 8>>
  varve.output
}

// CHECK-LABEL: func.func private @softmax_middle(
// CHECK:         linalg.generic {indexing_maps = [#[[$ALL]], #[[$OUTER]]], iterator_types = ["parallel", "reduction", "parallel"]}
// CHECK:         linalg.generic {indexing_maps = [#[[$ALL]], #[[$OUTER]], #[[$ALL]]]
varve.graph @softmax_middle(%x: tensor<2x3x4xf32>) {
  %0 = varve.softmax %x {axis = 1} : (tensor<2x3x4xf32>) -> tensor<2x3x4xf32>
  varve.output
}

// Two passes: the variance is of the distances from the mean.
// CHECK-LABEL: func.func private @layer_norm(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<2x?x8xf16> {{.*}}, %[[W:[a-z0-9]+]]: tensor<8xf16> {{.*}}, %[[B:[a-z0-9]+]]: tensor<8xf16>
// CHECK:         %[[COUNT:.+]] = arith.constant 8.000000e+00 : f32
// CHECK:         %[[SUM:.+]] = linalg.generic {indexing_maps = [#[[$ALL]], #[[$ROW]]], iterator_types = ["parallel", "parallel", "reduction"]} ins(%[[X]] :
// CHECK:         %[[MEAN:.+]] = linalg.generic {{.*}} ins(%[[SUM]] : tensor<2x?xf32>) outs(%{{.+}} : tensor<2x?xf32>)
// CHECK:           arith.divf %{{.+}}, %[[COUNT]] : f32
// CHECK:         %[[SQUARES:.+]] = linalg.generic {indexing_maps = [#[[$ALL]], #[[$ROW]], #[[$ROW]]], iterator_types = ["parallel", "parallel", "reduction"]} ins(%[[X]], %[[MEAN]] :
// CHECK:           %[[DISTANCE:.+]] = arith.subf
// CHECK:           %[[SQUARE:.+]] = arith.mulf %[[DISTANCE]], %[[DISTANCE]] : f32
// CHECK:           arith.addf %{{.+}}, %[[SQUARE]] : f32
// CHECK:         %[[ROOTS:.+]] = linalg.generic {{.*}} ins(%[[SQUARES]] : tensor<2x?xf32>) outs(%{{.+}} : tensor<2x?xf32>)
// CHECK:           %[[VARIANCE:.+]] = arith.divf %{{.+}}, %[[COUNT]] : f32
// CHECK:           %[[EPSILON:.+]] = arith.constant 9.99999974E-6 : f32
// CHECK:           %[[MORE:.+]] = arith.addf %[[VARIANCE]], %[[EPSILON]] : f32
// CHECK:           %[[ROOT:.+]] = math.sqrt %[[MORE]] : f32
// CHECK:           arith.divf %{{.+}}, %[[ROOT]] : f32
// CHECK:         linalg.generic {indexing_maps = [#[[$ALL]], #[[$ROW]], #[[$ROW]], #[[$COLUMN]], #[[$COLUMN]], #[[$ALL]]], {{.*}} ins(%[[X]], %[[MEAN]], %[[ROOTS]], %[[W]], %[[B]] :
// CHECK:           arith.truncf %{{.+}} : f32 to f16
// CHECK-NOT:       arith.truncf
// CHECK:         return
varve.graph @layer_norm(%x: tensor<2x?x8xf16, #varve.dims<2, seq, 8>>, %w: tensor<8xf16>, %b: tensor<8xf16>) {
  %0 = varve.layer_norm %x, %w, %b {epsilon = 1.0e-5} : (tensor<2x?x8xf16, #varve.dims<2, seq, 8>>, tensor<8xf16>, tensor<8xf16>) -> tensor<2x?x8xf16, #varve.dims<2, seq, 8>>
  varve.output
}

// CHECK-LABEL: func.func private @layer_norm_no_bias(
// CHECK:         linalg.generic {indexing_maps = [#{{.+}}, #{{.+}}, #{{.+}}, #{{.+}}, #{{.+}}],
varve.graph @layer_norm_no_bias(%x: tensor<8xf32>, %w: tensor<8xf32>) {
  %0 = varve.layer_norm %x, %w {epsilon = 1.0e-5} : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  varve.output
}

// Rounded before it is multiplied by the weight, as Hugging Face's Llama does.
// CHECK-LABEL: func.func private @rms_norm(
// CHECK-SAME:    %[[N:[a-z0-9]+]]: index, %{{[a-z0-9]+}}: index, %[[X:[a-z0-9]+]]: tensor<2x?x?xbf16> {{.*}}, %[[W:[a-z0-9]+]]: tensor<?xbf16>
// CHECK:         %[[WIDE:.+]] = arith.index_cast %[[N]] : index to i64
// CHECK:         %[[COUNT:.+]] = arith.sitofp %[[WIDE]] : i64 to f32
// CHECK:         %[[SQUARES:.+]] = linalg.generic {indexing_maps = [#[[$ALL]], #[[$ROW]]], iterator_types = ["parallel", "parallel", "reduction"]} ins(%[[X]] :
// CHECK:           %[[WIDE:.+]] = arith.extf %in : bf16 to f32
// CHECK:           arith.mulf %[[WIDE]], %[[WIDE]] : f32
// CHECK:         %[[ROOTS:.+]] = linalg.generic {{.*}} ins(%[[SQUARES]] :
// CHECK:           arith.divf %{{.+}}, %[[COUNT]] : f32
// CHECK:         linalg.generic {indexing_maps = [#[[$ALL]], #[[$ROW]], #[[$COLUMN]], #[[$ALL]]], {{.*}} ins(%[[X]], %[[ROOTS]], %[[W]] :
// CHECK-NEXT:    ^bb0(%[[IN:.+]]: bf16, %[[ROOT:.+]]: f32, %[[WEIGHT:.+]]: bf16, %{{.+}}: bf16):
// CHECK-NEXT:      %[[WIDE:.+]] = arith.extf %[[IN]] : bf16 to f32
// CHECK-NEXT:      %[[NORMAL:.+]] = arith.mulf %[[WIDE]], %[[ROOT]] : f32
// CHECK-NEXT:      %[[ROUNDED:.+]] = arith.truncf %[[NORMAL]] : f32 to bf16
// CHECK-NEXT:      %[[AGAIN:.+]] = arith.extf %[[ROUNDED]] : bf16 to f32
// CHECK-NEXT:      %[[FACTOR:.+]] = arith.extf %[[WEIGHT]] : bf16 to f32
// CHECK-NEXT:      %[[RESULT:.+]] = arith.mulf %[[AGAIN]], %[[FACTOR]] : f32
// CHECK-NEXT:      arith.truncf %[[RESULT]] : f32 to bf16
varve.graph @rms_norm(%x: tensor<2x?x?xbf16, #varve.dims<2, seq, n>>, %w: tensor<?xbf16, #varve.dims<n>>) {
  %0 = varve.rms_norm %x, %w {epsilon = 1.0e-6} : (tensor<2x?x?xbf16, #varve.dims<2, seq, n>>, tensor<?xbf16, #varve.dims<n>>) -> tensor<2x?x?xbf16, #varve.dims<2, seq, n>>
  varve.output
}

// CHECK-LABEL: func.func private @group_norm(
// CHECK:         %[[WIDE:.+]] = tensor.expand_shape %{{.+}} {{.*}} into tensor<2x2x4x?xf32>
// CHECK:         %[[FLAT:.+]] = tensor.collapse_shape %[[WIDE]] {{.*}} into tensor<2x2x?xf32>
// CHECK:         linalg.generic {{.*}} ins(%[[FLAT]] : tensor<2x2x?xf32>) outs(%{{.+}} : tensor<2x2xf32>)
// CHECK:         linalg.generic {{.*}} ins(%[[FLAT]], %{{.+}} : tensor<2x2x?xf32>, tensor<2x2xf32>)
// CHECK:         math.sqrt
// CHECK:         linalg.generic {{.*}} ins(%[[WIDE]], %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}} : tensor<2x2x4x?xf32>, tensor<2x2xf32>, tensor<2x2xf32>, tensor<2x4xf32>, tensor<2x4xf32>)
varve.graph @group_norm(%x: tensor<2x8x?xf32, #varve.dims<2, 8, n>>, %w: tensor<8xf32>) {
  %0 = varve.group_norm %x, %w, %w {groups = 2 : i64, epsilon = 1.0e-5 : f64} : (tensor<2x8x?xf32, #varve.dims<2, 8, n>>, tensor<8xf32>, tensor<8xf32>) -> tensor<2x8x?xf32, #varve.dims<2, 8, n>>
  varve.output
}

// What is one for a channel is computed once.
// CHECK-LABEL: func.func private @batch_norm(
// CHECK:         %[[SCALE:.+]] = linalg.generic {{.*}} outs(%{{.+}} : tensor<8xf32>)
// CHECK:           math.sqrt
// CHECK:           arith.divf
// CHECK:           arith.mulf
// CHECK:         %[[SHIFT:.+]] = linalg.generic {{.*}} ins(%{{.+}}, %[[SCALE]], %{{.+}} : tensor<8xbf16>, tensor<8xf32>, tensor<8xbf16>)
// CHECK:           arith.mulf
// CHECK:           arith.subf
// CHECK:         linalg.generic {{.*}} ins(%{{.+}}, %[[SCALE]], %[[SHIFT]] : tensor<2x8x12xbf16>, tensor<8xf32>, tensor<8xf32>)
// CHECK:           arith.mulf
// CHECK:           arith.addf
// CHECK:           arith.truncf
varve.graph @batch_norm(%x: tensor<2x8x3x4xbf16>, %w: tensor<8xbf16>) {
  %0 = varve.batch_norm %x, %w, %w, %w, %w {epsilon = 1.0e-5 : f64} : (tensor<2x8x3x4xbf16>, tensor<8xbf16>, tensor<8xbf16>, tensor<8xbf16>, tensor<8xbf16>) -> tensor<2x8x3x4xbf16>
  varve.output
}

// Channels last: no axes become one.
// CHECK-LABEL: func.func private @batch_norm_last(
// CHECK:         linalg.generic {{.*}} ins(%{{.+}}, %{{.+}}, %{{.+}} : tensor<2x3x8xf32>, tensor<8xf32>, tensor<8xf32>)
varve.graph @batch_norm_last(%x: tensor<2x3x8xf32>, %w: tensor<8xf32>) {
  %0 = varve.batch_norm %x, %w, %w {channels_last, epsilon = 1.0e-5 : f64} : (tensor<2x3x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<2x3x8xf32>
  varve.output
}
