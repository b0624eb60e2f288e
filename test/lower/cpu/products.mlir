// RUN: varve-opt %s --varve-cpu-lower-kernels='unroll=2' | FileCheck %s
// Products of floats. Of a whole tile, two steps of k stand one after the other, and before them the block that comes next is asked for,
// in both halves of the tile's share.

// CHECK-LABEL: func.func @product(
// CHECK:         call @[[PACK:varve.pack.[0-9]+]](
// CHECK:         call @[[PRODUCT:varve.product.[0-9]+]](
// CHECK:       func.func private @[[PRODUCT]](
// CHECK:         memref.prefetch %{{.+}}[%[[PANEL:.+]], %[[BEGIN:.+]], %{{.+}}], read, locality<2>, data : memref<?x?x32xf32>
// CHECK:         memref.prefetch %{{.+}}[%[[PANEL]], %[[BEGIN]], %{{.+}}], read, locality<2>, data : memref<?x?x32xf32>
// CHECK-COUNT-32: vector.fma
// CHECK-NOT:     read, locality
func.func @product(%context: !llvm.ptr, %x: memref<?x8xf32>, %p: memref<?x8x8xf32>, %w: memref<2x8x32xf32>, %y: memref<?x64xf32>) {
  varve_cpu.pack %x into %p : (memref<?x8xf32>, memref<?x8x8xf32>) -> ()
  varve_cpu.product %p, %w row %x into %y {
  ^bb0(%sum: f32):
    varve_cpu.yield %sum : f32
  } : (memref<?x8x8xf32>, memref<2x8x32xf32>, memref<?x8xf32>, memref<?x64xf32>) -> ()
  return
}
