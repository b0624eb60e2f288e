// RUN: varve-opt %s --varve-convert-to-linalg 2>/dev/null | FileCheck %s
// RUN: varve-opt %s --varve-convert-to-linalg -o /dev/null 2>&1 | FileCheck %s --check-prefix=REMARK
// RUN: varve-opt %s --varve-cpu -o /dev/null 2>&1 | FileCheck %s --check-prefix=VECTORS --allow-empty

// Everything but the product has loops that are contiguous in memory: no remark of LowerLoops.
// VECTORS-NOT: computed element by element

// Blocks are bytes; the loops over a block's elements end with one over bytes that lie side by side.
// CHECK-LABEL: func.func private @dequantize(
// CHECK-SAME:    %[[W:[a-z0-9]+]]: tensor<4x2x34xi8> {bufferization.writable = false}
// CHECK:         %[[QUANTS:.+]] = tensor.extract_slice %[[W]][0, 0, 2] [4, 2, 32] [1, 1, 1] : tensor<4x2x34xi8> to tensor<4x2x32xi8>
// CHECK:         %[[NUMBERS:.+]] = linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "parallel"]} outs(%{{.+}} : tensor<4x2x32xf32>)
// CHECK:           %[[ROW:.+]] = linalg.index 0 : index
// CHECK:           %[[BLOCK:.+]] = linalg.index 1 : index
// CHECK:           %[[LANE:.+]] = linalg.index 2 : index
// CHECK:           tensor.extract %[[W]][%[[ROW]], %[[BLOCK]], %{{.+}}] : tensor<4x2x34xi8>
// CHECK:           arith.bitcast %{{.+}} : i16 to f16
// CHECK:           tensor.extract %[[QUANTS]][%[[ROW]], %[[BLOCK]], %[[LANE]]] : tensor<4x2x32xi8>
// CHECK:           arith.mulf
// CHECK:         tensor.collapse_shape %[[NUMBERS]] {{\[\[}}0], [1, 2]] : tensor<4x2x32xf32> into tensor<4x64xf32>
varve.weight @q8 : tensor<4x64x!varve.q8_0>
varve.graph @dequantize() -> tensor<4x64xf32> {
  %w = varve.use @q8 : tensor<4x64x!varve.q8_0>
  %0 = varve.dequantize %w : (tensor<4x64x!varve.q8_0>) -> tensor<4x64xf32>
  varve.output %0 : tensor<4x64xf32>
}

// An encoding of one byte for each element has no axis of blocks.
// CHECK-LABEL: func.func private @bytes(
// CHECK-SAME:    tensor<4x5xi8>
varve.weight @f8 : tensor<4x5x!varve.f8e5m2>
varve.graph @bytes() -> tensor<4x5xf32> {
  %w = varve.use @f8 : tensor<4x5x!varve.f8e5m2>
  %0 = varve.dequantize %w : (tensor<4x5x!varve.f8e5m2>) -> tensor<4x5xf32>
  varve.output %0 : tensor<4x5xf32>
}

// A large weight is decoded in parts: 1024 rows of 256, and the rest.
// REMARK: quantize.mlir:[[#@LINE+13]]:8: remark: computed by way of f32: there is no kernel for weights in q4_k
// CHECK-LABEL: func.func private @parts(
// CHECK-SAME:    %[[N:[a-z0-9]+]]: index, %[[X:[a-z0-9]+]]: tensor<?x256xf32> {{.*}}, %[[W:[a-z0-9]+]]: tensor<2100x1x144xi8>
// CHECK:         %[[ALL:.+]] = tensor.empty(%[[N]]) : tensor<?x2100xf32>
// CHECK:         %[[WHOLE:.+]] = scf.for %[[FROM:.+]] = %{{.+}} to %{{.+}} step %{{.+}} iter_args(%[[Y:.+]] = %[[ALL]])
// CHECK:           %[[ROWS:.+]] = tensor.extract_slice %[[W]][%[[FROM]], 0, 0] [1024, 1, 144] [1, 1, 1] : tensor<2100x1x144xi8> to tensor<1024x1x144xi8>
// CHECK:           %[[SOME:.+]] = linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "reduction"]} ins(%[[X]], %{{.+}} : tensor<?x256xf32>, tensor<1024x256xf32>)
// CHECK:           tensor.insert_slice %[[SOME]] into %[[Y]][0, %[[FROM]]] [%[[N]], 1024] [1, 1]
// CHECK:         %[[REST:.+]] = tensor.extract_slice %[[W]][2048, 0, 0] [52, 1, 144] [1, 1, 1]
// CHECK:         tensor.insert_slice %{{.+}} into %[[WHOLE]][0, 2048] [%[[N]], 52] [1, 1]
varve.weight @q4 : tensor<2100x256x!varve.q4_k>
varve.graph @parts(%x: tensor<?x256xf32, #varve.dims<n, 256>>) -> tensor<?x2100xf32, #varve.dims<n, 2100>> {
  %w = varve.use @q4 : tensor<2100x256x!varve.q4_k>
  %0 = varve.linear %x, %w : (tensor<?x256xf32, #varve.dims<n, 256>>, tensor<2100x256x!varve.q4_k>) -> tensor<?x2100xf32, #varve.dims<n, 2100>>
  varve.output %0 : tensor<?x2100xf32, #varve.dims<n, 2100>>
}

// A row is read in place.
// CHECK-LABEL: func.func private @rows(
// CHECK-SAME:    %[[W:[a-z0-9]+]]: tensor<2100x1x144xi8>
// CHECK:         linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel"]} ins(%{{.+}} : tensor<3xi64>) outs(%{{.+}} : tensor<3x1x4x2x32xf32>)
// CHECK:         tensor.collapse_shape %{{.+}} {{\[\[}}0], [1, 2, 3, 4]] : tensor<3x1x4x2x32xf32> into tensor<3x256xf32>
varve.graph @rows(%ids: tensor<3xi64>) -> tensor<3x256xf32> {
  %w = varve.use @q4 : tensor<2100x256x!varve.q4_k>
  %0 = varve.gather %w, %ids : (tensor<2100x256x!varve.q4_k>, tensor<3xi64>) -> tensor<3x256xf32>
  varve.output %0 : tensor<3x256xf32>
}
