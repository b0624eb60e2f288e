// RUN: varve-opt %s --varve-convert-to-linalg | FileCheck %s

// CHECK-DAG: #[[$TURNED:.+]] = affine_map<(d0, d1, d2) -> (d1, d2, d0)>
// CHECK-DAG: #[[$ALL:.+]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
// CHECK-DAG: #[[$REPEATED:.+]] = affine_map<(d0, d1, d2) -> (0, d2)>

// Neighbours join or part; what does neither goes by way of the flat tensor.
// CHECK-LABEL: func.func private @reshape(
// CHECK-SAME:    %[[SEQ:[a-z0-9]+]]: index, %[[X:[a-z0-9]+]]: tensor<2x?x32xf32> {{.*}}, %[[Y:[a-z0-9]+]]: tensor<2x?x4x8xf32>
// CHECK:         tensor.expand_shape %[[X]] {{\[\[}}0], [1], [2, 3]] output_shape [2, %[[SEQ]], 4, 8] : tensor<2x?x32xf32> into tensor<2x?x4x8xf32>
// CHECK:         tensor.collapse_shape %[[Y]] {{\[\[}}0, 1], [2, 3]] : tensor<2x?x4x8xf32> into tensor<?x32xf32>
// CHECK:         %[[FLAT:.+]] = tensor.collapse_shape %[[X]] {{\[\[}}0, 1, 2]] : tensor<2x?x32xf32> into tensor<?xf32>
// CHECK:         tensor.expand_shape %[[FLAT]] {{\[\[}}0, 1, 2]] output_shape [4, %{{.+}}, 8] : tensor<?xf32> into tensor<4x?x8xf32>
varve.graph @reshape(%x: tensor<2x?x32xf32, #varve.dims<2, seq, 32>>, %y: tensor<2x?x4x8xf32, #varve.dims<2, seq, 4, 8>>) {
  %0 = varve.reshape %x {shape = #varve.dims<2, seq, 4, 8>} : (tensor<2x?x32xf32, #varve.dims<2, seq, 32>>) -> tensor<2x?x4x8xf32, #varve.dims<2, seq, 4, 8>>
  %1 = varve.reshape %y {shape = #varve.dims<2*seq, 32>} : (tensor<2x?x4x8xf32, #varve.dims<2, seq, 4, 8>>) -> tensor<?x32xf32, #varve.dims<2*seq, 32>>
  %2 = varve.reshape %x {shape = #varve.dims<4, 2*seq, 8>} : (tensor<2x?x32xf32, #varve.dims<2, seq, 32>>) -> tensor<4x?x8xf32, #varve.dims<4, 2*seq, 8>>
  varve.output
}

// CHECK-LABEL: func.func private @reshape_scalar(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<f16> {{.*}}, %[[Y:[a-z0-9]+]]: tensor<1x1xf16>
// CHECK:         %[[FLAT:.+]] = tensor.expand_shape %[[X]] [] output_shape [1] : tensor<f16> into tensor<1xf16>
// CHECK:         tensor.expand_shape %[[FLAT]] {{\[\[}}0, 1]] output_shape [1, 1] : tensor<1xf16> into tensor<1x1xf16>
// CHECK:         %[[FLAT:.+]] = tensor.collapse_shape %[[Y]] {{\[\[}}0, 1]] : tensor<1x1xf16> into tensor<1xf16>
// CHECK:         tensor.collapse_shape %[[FLAT]] [] : tensor<1xf16> into tensor<f16>
varve.graph @reshape_scalar(%x: tensor<f16>, %y: tensor<1x1xf16>) {
  %0 = varve.reshape %x {shape = #varve.dims<1, 1>} : (tensor<f16>) -> tensor<1x1xf16>
  %1 = varve.reshape %y {shape = #varve.dims<>} : (tensor<1x1xf16>) -> tensor<f16>
  varve.output
}

// Upstream does not know that seq * 0 is 0.
// CHECK-LABEL: func.func private @reshape_empty(
// CHECK-SAME:    %[[SEQ:[a-z0-9]+]]: index, %{{[a-z0-9]+}}: tensor<?x0xf32>
// CHECK:         tensor.empty() : tensor<0xf32>
// CHECK:         tensor.empty(%[[SEQ]]) : tensor<0x?xf32>
// CHECK-NEXT:    return
varve.graph @reshape_empty(%x: tensor<?x0xf32, #varve.dims<seq, 0>>) {
  %0 = varve.reshape %x {shape = #varve.dims<0>} : (tensor<?x0xf32, #varve.dims<seq, 0>>) -> tensor<0xf32>
  %1 = varve.reshape %0 {shape = #varve.dims<0, seq>} : (tensor<0xf32>) -> tensor<0x?xf32, #varve.dims<0, seq>>
  varve.output
}

// CHECK-LABEL: func.func private @transpose(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<2x?x8xi8>
// CHECK:         linalg.generic {indexing_maps = [#[[$TURNED]], #[[$ALL]]], {{.*}} ins(%[[X]] : tensor<2x?x8xi8>) outs(%{{.+}} : tensor<8x2x?xi8>)
// CHECK-NEXT:    ^bb0(%[[IN:.+]]: i8, %{{.+}}: i8):
// CHECK-NEXT:      linalg.yield %[[IN]] : i8
varve.graph @transpose(%x: tensor<2x?x8xi1, #varve.dims<2, seq, 8>>) {
  %0 = varve.transpose %x {permutation = array<i64: 2, 0, 1>} : (tensor<2x?x8xi1, #varve.dims<2, seq, 8>>) -> tensor<8x2x?xi1, #varve.dims<8, 2, seq>>
  varve.output
}

// CHECK-LABEL: func.func private @broadcast(
// CHECK:         linalg.generic {indexing_maps = [#[[$REPEATED]], #[[$ALL]]], {{.*}} ins(%{{.+}} : tensor<1x8xf32>) outs(%{{.+}} : tensor<2x?x8xf32>)
varve.graph @broadcast(%x: tensor<1x8xf32>, %y: tensor<?xf32, #varve.dims<seq>>) {
  %0 = varve.broadcast %x {shape = #varve.dims<2, seq, 8>} : (tensor<1x8xf32>) -> tensor<2x?x8xf32, #varve.dims<2, seq, 8>>
  varve.output
}

// A negative start counts from the end; nothing is cut at the end of a dimension.
// CHECK-LABEL: func.func private @slice(
// CHECK-SAME:    %[[SEQ:[a-z0-9]+]]: index, %[[X:[a-z0-9]+]]: tensor<9x?xf32>
// CHECK:         %[[LAST:.+]] = arith.addi %[[SEQ]], %{{.+}} : index
// CHECK:         tensor.extract_slice %[[X]][1, %[[LAST]]] [3, 1] [3, 1] : tensor<9x?xf32> to tensor<3x1xf32>
// CHECK-NOT:     tensor.extract_slice
// CHECK:         tensor.empty(%{{.+}}) : tensor<0x?xf32>
varve.graph @slice(%x: tensor<9x?xf32, #varve.dims<9, seq>>) {
  %0 = varve.slice %x {starts = #varve.dims<1, -1>, ends = #varve.dims<9, seq>, steps = array<i64: 3, 1>} : (tensor<9x?xf32, #varve.dims<9, seq>>) -> tensor<3x1xf32>
  %1 = varve.slice %x {starts = #varve.dims<9, 0>, ends = #varve.dims<9, seq>, steps = array<i64: 1, 1>} : (tensor<9x?xf32, #varve.dims<9, seq>>) -> tensor<0x?xf32, #varve.dims<0, seq>>
  varve.output
}

// CHECK-LABEL: func.func private @concat(
// CHECK-SAME:    %[[PAST:[a-z0-9]+]]: index, %[[SEQ:[a-z0-9]+]]: index, %[[X:[a-z0-9]+]]: tensor<2x?xf32> {{.*}}, %[[EMPTY:[a-z0-9]+]]: tensor<2x0xf32> {{.*}}, %[[Y:[a-z0-9]+]]: tensor<2x?xf32>
// CHECK:         %[[INTO:.+]] = tensor.empty(%{{.+}}) : tensor<2x?xf32>
// CHECK:         %[[FIRST:.+]] = tensor.insert_slice %[[X]] into %[[INTO]][0, 0] [2, %[[PAST]]] [1, 1]
// CHECK-NOT:     tensor.insert_slice %[[EMPTY]]
// CHECK:         tensor.insert_slice %[[Y]] into %[[FIRST]][0, %[[PAST]]] [2, %[[SEQ]]] [1, 1]
varve.graph @concat(%x: tensor<2x?xf32, #varve.dims<2, past>>, %empty: tensor<2x0xf32>, %y: tensor<2x?xf32, #varve.dims<2, seq>>) {
  %0 = varve.concat %x, %empty, %y {axis = -1} : (tensor<2x?xf32, #varve.dims<2, past>>, tensor<2x0xf32>, tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, past + seq>>
  varve.output
}

// CHECK-LABEL: func.func private @split(
// CHECK-SAME:    %[[SEQ:[a-z0-9]+]]: index, %[[X:[a-z0-9]+]]: tensor<?x12xf32>
// CHECK:         tensor.extract_slice %[[X]][0, 0] [%[[SEQ]], 8] [1, 1]
// CHECK-NOT:     tensor.extract_slice
// CHECK:         tensor.empty(%{{.+}}) : tensor<?x0xf32>
// CHECK:         tensor.extract_slice %[[X]][0, 8] [%{{.+}}, 4] [1, 1]
varve.graph @split(%x: tensor<?x12xf32, #varve.dims<seq, 12>>) {
  %0:3 = varve.split %x {axis = -1, sizes = #varve.dims<8, 0, 4>} : (tensor<?x12xf32, #varve.dims<seq, 12>>) -> (tensor<?x8xf32, #varve.dims<seq, 8>>, tensor<?x0xf32, #varve.dims<seq, 0>>, tensor<?x4xf32, #varve.dims<seq, 4>>)
  varve.output
}

// CHECK-LABEL: func.func private @pad(
// CHECK-SAME:    %[[SEQ:[a-z0-9]+]]: index, %[[X:[a-z0-9]+]]: tensor<?x3xf32> {{.*}}, %[[V:[a-z0-9]+]]: tensor<f32>
// CHECK:         %[[SCALAR:.+]] = tensor.extract %[[V]][] : tensor<f32>
// CHECK:         %[[AROUND:.+]] = linalg.fill ins(%[[SCALAR]] : f32) outs(%{{.+}} : tensor<?x6xf32>)
// CHECK:         tensor.insert_slice %[[X]] into %[[AROUND]][0, 1] [%{{.+}}, 3] [1, 1] : tensor<?x3xf32> into tensor<?x6xf32>
// CHECK:         linalg.generic {{.*}} outs(%{{.+}} : tensor<?x7xf32>)
// CHECK:           %[[ROW:.+]] = linalg.index 0 : index
// CHECK:           %[[COLUMN:.+]] = linalg.index 1 : index
// CHECK:           %[[BELOW:.+]] = arith.maxsi
// CHECK:           %[[INSIDE:.+]] = arith.minsi %[[BELOW]]
// CHECK:           tensor.extract %[[X]][%[[ROW]], %[[INSIDE]]] : tensor<?x3xf32>
varve.graph @pad(%x: tensor<?x3xf32, #varve.dims<seq, 3>>, %v: tensor<f32>) {
  %0 = varve.pad %x, %v {low = #varve.dims<0, 1>, high = #varve.dims<0, 2>} : (tensor<?x3xf32, #varve.dims<seq, 3>>, tensor<f32>) -> tensor<?x6xf32, #varve.dims<seq, 6>>
  %1 = varve.pad %x {low = #varve.dims<0, 2>, high = #varve.dims<0, 2>, mode = "reflect"} : (tensor<?x3xf32, #varve.dims<seq, 3>>) -> tensor<?x7xf32, #varve.dims<seq, 7>>
  varve.output
}

// CHECK-LABEL: func.func private @flip(
// CHECK:           %[[ROW:.+]] = linalg.index 0 : index
// CHECK:           %[[COLUMN:.+]] = linalg.index 1 : index
// CHECK:           %[[FROM:.+]] = arith.subi %{{.+}}, %[[ROW]] : index
// CHECK:           tensor.extract %{{.+}}[%[[FROM]], %[[COLUMN]]] : tensor<?x3xi8>
varve.graph @flip(%x: tensor<?x3xi1, #varve.dims<seq, 3>>) {
  %0 = varve.flip %x {axes = array<i64: 0>} : (tensor<?x3xi1, #varve.dims<seq, 3>>) -> tensor<?x3xi1, #varve.dims<seq, 3>>
  varve.output
}
