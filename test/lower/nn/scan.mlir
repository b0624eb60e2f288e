// RUN: varve-opt %s --varve-convert-to-linalg | FileCheck %s
// RUN: varve-opt %s --varve-lower-to-linalg --varve-cpu --mlir-print-ir-after=varve-cpu-lower-kernels -o /dev/null 2>&1 | FileCheck %s --check-prefix=PLACE

// CHECK-DAG: #[[$PAST:.+]] = affine_map<(d0, d1, d2, d3) -> (d0, d1 + d2, d3)>

// State and input behind each other; vectors run over channels.
// CHECK-LABEL: func.func private @causal_conv(
// CHECK:         tensor.insert_slice %{{.+}} into %{{.+}}[0, 0, 0] [2, 3, 8]
// CHECK:         %[[ALL:.+]] = tensor.insert_slice %{{.+}} into %{{.+}}[0, 3, 0] [2, %{{.+}}, 8]
// CHECK:         linalg.generic {indexing_maps = [#[[$PAST]], #{{.+}}, #{{.+}}], iterator_types = ["parallel", "parallel", "reduction", "parallel"]} ins(%[[ALL]], %{{.+}} : tensor<2x?x8xbf16>, tensor<4x8xf32>)
// CHECK:         tensor.extract_slice %[[ALL]][0, %{{.+}}, 0] [2, 3, 8]
varve.graph @causal_conv(%x: tensor<2x?x8xbf16, #varve.dims<2, seq, 8>>, %w: tensor<8x4xbf16>, %past: tensor<2x3x8xbf16>) {
  %0, %1 = varve.causal_conv %x, %w, %past : (tensor<2x?x8xbf16, #varve.dims<2, seq, 8>>, tensor<8x4xbf16>, tensor<2x3x8xbf16>) -> (tensor<2x?x8xbf16, #varve.dims<2, seq, 8>>, tensor<2x3x8xbf16>)
  varve.output
}

// A loop over positions, which changes one state in place: no copy and no allocation in it.
// CHECK-LABEL: func.func private @selective_scan(
// CHECK:         scf.for {{.*}} iter_args(%[[H:.+]] = %{{.+}}, %[[Y:.+]] = %{{.+}}) -> (tensor<2x8x16xf32>, tensor<2x?x8xf32>)
// CHECK:           %[[NEXT:.+]] = linalg.generic {{.*}} outs(%[[H]] : tensor<2x8x16xf32>)
// CHECK:             math.exp
// CHECK:           linalg.generic {{.*}} ins(%[[NEXT]], %{{.+}} : tensor<2x8x16xf32>, tensor<2x16xf32>)
// CHECK:           tensor.insert_slice %{{.+}} into %[[Y]]
// PLACE-LABEL: func.func private @selective_scan(
// PLACE:         memref.copy
// PLACE:         scf.for
// PLACE-NOT:       memref.alloc
// PLACE-NOT:       memref.copy
// PLACE:         memref.copy %{{.+}}, %{{.+}} : memref<2x8x16xf32>
varve.graph @selective_scan(%x: tensor<2x?x8xf32, #varve.dims<2, seq, 8>>, %a: tensor<8x16xf32>, %b: tensor<2x?x16xf32, #varve.dims<2, seq, 16>>, %h: tensor<2x8x16xf32>) -> (tensor<2x?x8xf32, #varve.dims<2, seq, 8>>, tensor<2x8x16xf32>) {
  %0, %1 = varve.selective_scan %x, %x, %a, %b, %b, %h : (tensor<2x?x8xf32, #varve.dims<2, seq, 8>>, tensor<2x?x8xf32, #varve.dims<2, seq, 8>>, tensor<8x16xf32>, tensor<2x?x16xf32, #varve.dims<2, seq, 16>>, tensor<2x?x16xf32, #varve.dims<2, seq, 16>>, tensor<2x8x16xf32>) -> (tensor<2x?x8xf32, #varve.dims<2, seq, 8>>, tensor<2x8x16xf32>)
  varve.output %0, %1 : tensor<2x?x8xf32, #varve.dims<2, seq, 8>>, tensor<2x8x16xf32>
}
