// A tap that is off changes nothing: outside of the branches of taps stands what stands without them.
// RUN: varve-opt %s --varve-shape --varve-convert-to-linalg --canonicalize --varve-cpu-fuse-elementwise \
// RUN:   --eliminate-empty-tensors \
// RUN:   "--one-shot-bufferize=bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" \
// RUN:   --cse --canonicalize | FileCheck %s
// RUN: varve-opt %s --varve-cpu | FileCheck %s --check-prefix=LLVM

!x = tensor<?x64xf32, #varve.dims<n, 64>>
!h = tensor<?x4x16xf32, #varve.dims<n, 4, 16>>
varve.weight @w : tensor<64x64xf32>

// CHECK-LABEL: func.func private @f(
// CHECK-SAME:    %[[N:[a-z0-9]+]]: index, %[[X:[a-z0-9]+]]: memref<?x64xf32>, %[[W:[a-z0-9]+]]: memref<2x64x32xf32>, %[[Y:[a-z0-9]+]]: memref<?x64xf32>)
varve.graph @f(%x: !x) -> !x {
  %w = varve.use @w : tensor<64x64xf32>
  // A product lies in memory: its tap copies it.
  // CHECK:      %[[UP:.+]] = memref.alloc(%[[N]])
  // CHECK-NEXT: linalg.fill {{.*}} outs(%[[UP]]
  // CHECK-NEXT: linalg.generic {{.*}} ins(%[[X]], %[[W]] {{.*}} outs(%[[UP]]
  // CHECK:      %[[FLAT:.+]] = memref.collapse_shape %[[UP]]
  // CHECK-NEXT: %[[ON:.+]] = call @varve.rt.tapped
  // CHECK-NEXT: scf.if %[[ON]] {
  // CHECK-NEXT:   %[[COPY:.+]] = memref.alloc
  // CHECK-NEXT:   linalg.copy ins(%[[FLAT]] {{.*}} outs(%[[COPY]]
  // CHECK-NEXT:   %[[ANY:.+]] = memref.cast %[[COPY]]
  // CHECK-NEXT:   func.call @varve.rt.tap.f32
  // CHECK-NEXT: }
  %up = varve.linear %x, %w : (!x, tensor<64x64xf32>) -> !x
  %0 = varve.identity %up {tag = "up"} : (!x) -> !x
  // What is fused with what follows is computed again for its tap.
  // CHECK-NEXT: %[[ON:.+]] = call @varve.rt.tapped
  // CHECK-NEXT: scf.if %[[ON]] {
  // CHECK-NEXT:   %[[COPY:.+]] = memref.alloc
  // CHECK-NEXT:   linalg.generic {{.*}} ins(%[[FLAT]] : {{.*}} outs(%[[COPY]]
  // CHECK-NOT:    math.sqrt
  // CHECK:        math.exp
  // CHECK:        func.call @varve.rt.tap.f32
  // CHECK-NEXT: }
  %1 = varve.exp %0 : (!x) -> !x
  %2 = varve.identity %1 {tag = "exp"} : (!x) -> !x
  // CHECK-NEXT: %[[ON:.+]] = call @varve.rt.tapped
  // CHECK-NEXT: scf.if %[[ON]] {
  // CHECK:        math.exp
  // CHECK:        math.sqrt
  // CHECK:        func.call @varve.rt.tap.f32
  // CHECK-NEXT: }
  %3 = varve.sqrt %2 : (!x) -> !x
  %4 = varve.identity %3 {tag = "sqrt"} : (!x) -> !x
  // What nothing but a tap needs is computed in its branch.
  // CHECK-NEXT: %[[ON:.+]] = call @varve.rt.tapped
  // CHECK-NEXT: scf.if %[[ON]] {
  // CHECK-COUNT-3: memref.alloc
  // CHECK:        func.call @varve.rt.tap.f32
  // CHECK-NEXT: }
  %5 = varve.linear %4, %w : (!x, tensor<64x64xf32>) -> !x
  %6 = varve.identity %5 {tag = "dead"} : (!x) -> !x
  // The chain is one op, straight into the result's memory.
  // CHECK-NEXT: linalg.generic {{.*}} ins(%[[FLAT]], %[[X]] {{.*}} outs(%[[Y]]
  // CHECK:        math.exp
  // CHECK:        math.sqrt
  // CHECK:        arith.mulf
  // CHECK:      }
  // CHECK-NEXT: %[[ON:.+]] = call @varve.rt.tapped
  // CHECK-NEXT: scf.if %[[ON]] {
  // CHECK:        linalg.copy ins(%[[Y]]
  // CHECK:      }
  // CHECK-NEXT: return
  %7 = varve.mul %4, %x : (!x, !x) -> !x
  %8 = varve.identity %7 {tag = "result"} : (!x) -> !x
  varve.output %8 : !x
}

// A tap of state reads it before the store that follows; a value loaded before a store is not read again after it.
// CHECK-LABEL: func.func private @state(
// CHECK-SAME:    %[[B:[a-z0-9]+]]: memref<64xf32>, %[[Y:[a-z0-9]+]]: memref<64xf32>)
// CHECK:         scf.if
// CHECK:           linalg.copy ins(%[[B]]
// CHECK:         %[[SUM:.+]] = memref.alloc() {{.*}} : memref<64xf32>
// CHECK-NEXT:    linalg.generic {{.*}} ins(%[[B]], %{{.*}} outs(%[[SUM]]
// CHECK:         memref.copy %{{.*}}, %[[B]]
// CHECK:         scf.if
// CHECK:           linalg.copy ins(%[[SUM]]
// CHECK:         }
// CHECK-NEXT:    linalg.generic {{.*}} ins(%[[SUM]] : memref<64xf32>) outs(%[[Y]]
varve.graph @state(%x: tensor<64xf32>, %b: !varve.buffer<64xf32> {varve.name = "b"}) -> tensor<64xf32> {
  %0 = varve.buffer.load %b : (!varve.buffer<64xf32>) -> tensor<64xf32>
  %1 = varve.identity %0 {tag = "old"} : (tensor<64xf32>) -> tensor<64xf32>
  %2 = varve.add %1, %x : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
  varve.buffer.store %x, %b : tensor<64xf32>, !varve.buffer<64xf32>
  %3 = varve.identity %2 {tag = "sum"} : (tensor<64xf32>) -> tensor<64xf32>
  %4 = varve.exp %3 : (tensor<64xf32>) -> tensor<64xf32>
  varve.output %4 : tensor<64xf32>
}

// Off: a load of the context's taps, a comparison with null, a branch.
// LLVM-LABEL: llvm.func @varve_entry_0(
// LLVM-SAME:    %[[CONTEXT:[a-z0-9]+]]: !llvm.ptr
// LLVM:         %[[PLACE:.+]] = llvm.getelementptr %[[CONTEXT]][2] : (!llvm.ptr) -> !llvm.ptr, !llvm.ptr
// LLVM-NEXT:    %[[TAPS:.+]] = llvm.load %[[PLACE]]
// LLVM-NEXT:    %[[ANY:.+]] = llvm.icmp "ne" %[[TAPS]], %{{.*}} : !llvm.ptr
// LLVM-NEXT:    llvm.cond_br %[[ANY]], ^[[SOME:.+]], ^{{.+}}
// LLVM-NEXT:  ^[[SOME]]:
// LLVM-NEXT:    %[[FLAG:.+]] = llvm.load %[[TAPS]] : !llvm.ptr -> i8
// LLVM-NEXT:    %[[ON:.+]] = llvm.icmp "ne" %[[FLAG]]
// LLVM-NEXT:    llvm.cond_br %[[ON]]
