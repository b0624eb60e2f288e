// What is stored may be a part of wider rows in another shape, and so lie in memory with gaps: it is copied once, as it lies.
// RUN: varve-run %s --input iota --dim past=1 --dim seq=2 | FileCheck %s
// RUN: varve-opt %s --varve-shape --varve-lower-to-linalg --varve-cpu --mlir-print-ir-before=varve-cpu-lower-loops -o /dev/null 2>&1 | FileCheck %s --check-prefix=COPY

// CHECK: all: f32 [1, 4, 1, 3]
// CHECK-NEXT: {{\[\[\[\[0, 0, 0\]\],}}
// CHECK-NEXT: {{\[\[1, 2, 3\]\],}}
// CHECK-NEXT: {{\[\[5, 6, 7\]\],}}
// CHECK-NEXT: {{\[\[0, 0, 0\]\]\]\]}}

// COPY-NOT: memref.alloc
// COPY: memref.copy %{{.*}} : memref<1x?x1x3xf32, strided<[?, 4, {{.*}}, 1], offset: 1>> to memref<1x?x1x3xf32, strided<
// COPY-NOT: memref.alloc
varve.graph @f(%b: !varve.buffer<1x4x1x3xf32> {varve.name = "cache"}, %x: tensor<1x?x4xf32, #varve.dims<1, seq, 4>> {varve.name = "x"},
               %past: tensor<i64> {varve.dim = "past"}) -> (tensor<1x4x1x3xf32> {varve.name = "all"}) {
  %0 = varve.slice %x {starts = #varve.dims<0, 0, 1>, ends = #varve.dims<1, seq, 4>, steps = array<i64: 1, 1, 1>} : (tensor<1x?x4xf32, #varve.dims<1, seq, 4>>) -> tensor<1x?x3xf32, #varve.dims<1, seq, 3>>
  %1 = varve.reshape %0 {shape = #varve.dims<1, seq, 1, 3>} : (tensor<1x?x3xf32, #varve.dims<1, seq, 3>>) -> tensor<1x?x1x3xf32, #varve.dims<1, seq, 1, 3>>
  varve.buffer.store %1, %b offsets(0, past, 0, 0) : tensor<1x?x1x3xf32, #varve.dims<1, seq, 1, 3>>, !varve.buffer<1x4x1x3xf32>
  %2 = varve.buffer.load %b : (!varve.buffer<1x4x1x3xf32>) -> tensor<1x4x1x3xf32>
  varve.output %2 : tensor<1x4x1x3xf32>
}
