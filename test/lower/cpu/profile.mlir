// To take time changes nothing but that two calls stand around each piece of code; without it, nothing of it is there.
// RUN: varve-opt %s --varve-shape --varve-mark-ops --varve-cpu-convert --varve-cpu-fuse-elementwise --varve-cpu-fuse-kernels \
// RUN:   --one-shot-bufferize='bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map' \
// RUN:   --varve-cpu-insert-profile > %t.profiled
// RUN: FileCheck %s < %t.profiled
// RUN: varve-opt %s --varve-shape --varve-cpu-convert --varve-cpu-fuse-elementwise --varve-cpu-fuse-kernels \
// RUN:   --one-shot-bufferize='bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map' | grep -v '^module' > %t.plain
// RUN: sed '/varve.rt.profile/d; /^module/d' %t.profiled > %t.stripped
// RUN: diff %t.plain %t.stripped
// RUN: varve-opt %s --varve-cpu | FileCheck %s --check-prefix=PLAIN
// RUN: varve-opt %s --varve-cpu=profile=1 | FileCheck %s --check-prefix=PROFILED

// The product is one of plain loops, since its weight is an input.
// CHECK: varve.events = [
// CHECK-SAME: {kind = "loop", ops = array<i64: 0>}
// CHECK-SAME: {kind = "loop", ops = array<i64: 0>, slow}
// CHECK-SAME: {kind = "loop", ops = array<i64: 1, 2>}
// CHECK: func.func private @varve.rt.profile(!llvm.ptr, i64)
// CHECK-LABEL: func.func private @f
// CHECK: call @varve.rt.profile(%arg0, %arg1) {varve.event = 0 : i64}
// CHECK-NEXT: linalg.fill
// CHECK-NEXT: call @varve.rt.profile(%arg0, %arg1) {varve.ends, varve.event = 0 : i64}
// CHECK-NEXT: call @varve.rt.profile(%arg0, %arg1) {varve.event = [[N:1]] : i64}
// CHECK-NEXT: linalg.generic
// CHECK: call @varve.rt.profile(%arg0, %arg1) {varve.ends, varve.event = [[N]] : i64}

// The fifth function of the runtime's table.
// PLAIN-NOT: llvm.getelementptr %{{.*}}[4] : (!llvm.ptr) -> !llvm.ptr, !llvm.ptr
// PROFILED: llvm.getelementptr %{{.*}}[4] : (!llvm.ptr) -> !llvm.ptr, !llvm.ptr
#n4 = #varve.dims<n, 4>
varve.graph @f(%x: tensor<?x4xf32, #n4>, %w: tensor<4x4xf32>) -> tensor<?x4xf32, #n4> {
  %0 = varve.linear %x, %w : (tensor<?x4xf32, #n4>, tensor<4x4xf32>) -> tensor<?x4xf32, #n4>
  %1 = varve.exp %0 : (tensor<?x4xf32, #n4>) -> tensor<?x4xf32, #n4>
  %2 = varve.neg %1 : (tensor<?x4xf32, #n4>) -> tensor<?x4xf32, #n4>
  varve.output %2 : tensor<?x4xf32, #n4>
}
