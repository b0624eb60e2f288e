// What lies the other way round is read in blocks and transposed in registers; planes are one axis where they stay side by side.
// RUN: varve-opt %s --split-input-file --varve-cpu-lower-loops=lanes=4 --verify-diagnostics | FileCheck %s

// CHECK-LABEL: func.func @planes(
// CHECK:         memref.collapse_shape %{{.+}} {{\[\[}}0], [1], [2, 3]] : memref<2x8x3x5xf32> into memref<2x8x15xf32>
// CHECK:         scf.forall
// CHECK-COUNT-4:   vector.load %{{.+}} : memref<2x8x15xf32>, vector<4xf32>
// CHECK-COUNT-8:   vector.shuffle
// CHECK-COUNT-4:   vector.store %{{.+}} : memref<2x15x8xf32>, vector<4xf32>
// CHECK:           memref.load %{{.+}} : memref<2x8x15xf32>
func.func @planes(%x: memref<2x8x3x5xf32>, %y: memref<2x3x5x8xf32>) {
  linalg.generic {indexing_maps = [affine_map<(n, h, w, c) -> (n, c, h, w)>, affine_map<(n, h, w, c) -> (n, h, w, c)>],
                  iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%x : memref<2x8x3x5xf32>) outs(%y : memref<2x3x5x8xf32>) {
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  }
  return
}

// -----

// Beside an operand that lies as the result does, and one that has neither axis.
// CHECK-LABEL: func.func @sum(
// CHECK:         scf.forall
// CHECK-COUNT-4:   vector.load %{{.+}} : memref<?x?xbf16>, vector<4xbf16>
// CHECK:           vector.load %{{.+}} : memref<?x?xf32>, vector<4xf32>
// CHECK:           arith.extf %{{.+}} : vector<4xbf16> to vector<4xf32>
func.func @sum(%x: memref<?x?xbf16>, %z: memref<?x?xf32>, %s: memref<f32>, %y: memref<?x?xf32>) {
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>, affine_map<(i, j) -> ()>,
                                   affine_map<(i, j) -> (i, j)>],
                  iterator_types = ["parallel", "parallel"]}
      ins(%x, %z, %s : memref<?x?xbf16>, memref<?x?xf32>, memref<f32>) outs(%y : memref<?x?xf32>) {
  ^bb0(%a: bf16, %b: f32, %c: f32, %d: f32):
    %0 = arith.extf %a : bf16 to f32
    %1 = arith.addf %0, %b : f32
    %2 = arith.mulf %1, %c : f32
    linalg.yield %2 : f32
  }
  return
}

// -----

// Too narrow for a block.
// CHECK-LABEL: func.func @narrow(
// CHECK-NOT:     vector.shuffle
func.func @narrow(%x: memref<3x9xf32>, %y: memref<9x3xf32>) {
  // expected-remark @+1 {{computed element by element: no loop is contiguous in every operand}}
  linalg.generic {indexing_maps = [affine_map<(i, j) -> (j, i)>, affine_map<(i, j) -> (i, j)>],
                  iterator_types = ["parallel", "parallel"]}
      ins(%x : memref<3x9xf32>) outs(%y : memref<9x3xf32>) {
  ^bb0(%a: f32, %b: f32):
    linalg.yield %a : f32
  }
  return
}
