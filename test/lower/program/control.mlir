// A trip computes into memory that is free, and passes it on: nothing is copied from trip to trip.
// RUN: varve-opt %s --varve-shape --varve-convert-to-linalg --canonicalize --varve-cpu-fuse-elementwise \
// RUN:   --eliminate-empty-tensors \
// RUN:   "--one-shot-bufferize=bufferize-function-boundaries function-boundary-type-conversion=identity-layout-map" \
// RUN:   --cse --canonicalize | FileCheck %s

!x = tensor<?x64xf32, #varve.dims<n, 64>>

// What is carried is copied once into the loop's own memory, and once out of it. One value moves on, one is computed where
// the third memory is free; the first one's is free then.
// CHECK-LABEL: func.func private @carry(
// CHECK-SAME:    %[[N:[a-z0-9]+]]: index, %[[X:[a-z0-9]+]]: memref<?x64xf32>, %[[Y:[a-z0-9]+]]: memref<?x64xf32>, %[[P:[a-z0-9]+]]: memref<?x64xf32>, %[[Q:[a-z0-9]+]]: memref<?x64xf32>)
// CHECK:         %[[A:.+]] = memref.alloc(%[[N]])
// CHECK-NEXT:    memref.copy %[[X]], %[[A]]
// CHECK-NEXT:    %[[B:.+]] = memref.alloc(%[[N]])
// CHECK-NEXT:    memref.copy %[[Y]], %[[B]]
// CHECK-NEXT:    %[[C:.+]] = memref.alloc(%[[N]])
// CHECK-NEXT:    %[[LAST:.+]]:3 = scf.for %{{.+}} = %{{.+}} to %[[N]] step %{{.+}} iter_args(%[[NOW:.+]] = %[[A]], %[[NEXT:.+]] = %[[B]], %[[FREE:.+]] = %[[C]])
// CHECK-NEXT:      linalg.generic {{.*}} ins(%[[NOW]], %[[NEXT]] {{.*}} outs(%[[FREE]]
// CHECK-NOT:       memref.copy
// CHECK:           scf.yield %[[NEXT]], %[[FREE]], %[[NOW]]
// CHECK-NEXT:    }
// CHECK-NEXT:    memref.copy %[[LAST]]#0, %[[P]]
// CHECK-NEXT:    memref.copy %[[LAST]]#1, %[[Q]]
// CHECK-NEXT:    return
varve.graph @carry(%x: !x, %y: !x) -> (!x, !x) {
  %0:2 = varve.loop to(n) carry(%x, %y : !x, !x) do(%i, %a, %b) {
    %1 = varve.exp %a : (!x) -> !x
    %2 = varve.add %1, %b : (!x, !x) -> !x
    varve.output %b, %2 : !x, !x
  }
  varve.output %0#0, %0#1 : !x, !x
}

// Both bodies compute where the result goes.
// CHECK-LABEL: func.func private @branch(
// CHECK-SAME:    %[[P:[a-z0-9]+]]: memref<i8>, %[[X:[a-z0-9]+]]: memref<?x64xf32>, %[[Y:[a-z0-9]+]]: memref<?x64xf32>)
// CHECK-NOT:     memref.alloc
// CHECK-NOT:     memref.copy
// CHECK:         %[[FLAG:.+]] = memref.load %[[P]][]
// CHECK-NEXT:    %[[HOLDS:.+]] = arith.cmpi ne, %[[FLAG]]
// CHECK-NEXT:    scf.if %[[HOLDS]] {
// CHECK-NEXT:      linalg.generic {{.*}} ins(%[[X]] {{.*}} outs(%[[Y]]
// CHECK:         } else {
// CHECK-NEXT:      linalg.generic {{.*}} ins(%[[X]] {{.*}} outs(%[[Y]]
// CHECK-NOT:     memref.copy
// CHECK:         return
varve.graph @branch(%p: tensor<i1>, %x: !x) -> !x {
  %0 = varve.cond %p -> !x {
    %1 = varve.exp %x : (!x) -> !x
    varve.output %1 : !x
  } else {
    %1 = varve.neg %x : (!x) -> !x
    varve.output %1 : !x
  }
  varve.output %0 : !x
}

// A slice is a view of its input, a piece is computed in its place of the result.
// CHECK-LABEL: func.func private @scan(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<?x64xf32>, %[[H:[a-z0-9]+]]: memref<64xf32>, %[[Y:[a-z0-9]+]]: memref<?x64xf32>)
// CHECK:         memref.copy %[[H]], %{{.+}} : memref<64xf32>
// CHECK:         scf.for %[[I:.+]] = %{{.+}} iter_args(%[[NOW:.+]] = %{{.+}}, %[[FREE:.+]] = %{{.+}})
// CHECK-NEXT:      %[[ROW:.+]] = memref.subview %[[X]][%[[I]], 0] [1, 64] [1, 1]
// CHECK-NEXT:      %[[PIECE:.+]] = memref.subview %[[Y]][%[[I]], 0] [1, 64] [1, 1]
// CHECK-NEXT:      linalg.generic {{.*}} ins(%[[NOW]], %[[ROW]] {{.*}} outs(%[[FREE]]
// CHECK:           linalg.generic {{.*}} ins(%[[FREE]] {{.*}} outs(%[[PIECE]]
// CHECK-NOT:     memref.copy
// CHECK:         return
varve.graph @scan(%x: !x, %h: tensor<64xf32>) -> !x {
  %0:2 = varve.loop to(n) carry(%h : tensor<64xf32>) scan(%x along 0 : !x) stack(!x along 0) do(%i, %a, %row) {
    %1 = varve.add %a, %row : (tensor<64xf32>, tensor<64xf32>) -> tensor<64xf32>
    %2 = varve.exp %1 : (tensor<64xf32>) -> tensor<64xf32>
    varve.output %1, %2 : tensor<64xf32>, tensor<64xf32>
  }
  varve.output %0#1 : !x
}

// A branch whose result is carried computes in the memory that is free; what it only hands on is copied there.
// CHECK-LABEL: func.func private @keep(
// CHECK:         scf.for {{.*}} iter_args(%[[NOW:.+]] = %{{.+}}, %[[FREE:.+]] = %{{.+}})
// CHECK:           scf.if
// CHECK-NEXT:        linalg.generic {{.*}} ins(%[[NOW]] {{.*}} outs(%[[FREE]]
// CHECK:           } else {
// CHECK-NEXT:        memref.copy %[[NOW]], %[[FREE]]
// CHECK-NEXT:      }
// CHECK-NEXT:      scf.yield %[[FREE]], %[[NOW]]
varve.graph @keep(%x: !x, %k: tensor<i64>) -> !x {
  %0 = varve.loop to(3) carry(%x : !x) do(%i, %a) {
    %p = varve.compare %i, %k {predicate = "lt"} : (tensor<i64>, tensor<i64>) -> tensor<i1>
    %1 = varve.cond %p -> !x {
      %2 = varve.exp %a : (!x) -> !x
      varve.output %2 : !x
    } else {
      varve.output %a : !x
    }
    varve.output %1 : !x
  }
  varve.output %0 : !x
}

// A condition is asked only while trips are left; pieces that are cut off are zeros. What is computed before the loop
// stays there.
// CHECK-LABEL: func.func private @asked(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: memref<4xf32>, %[[Y:[a-z0-9]+]]: memref<5x4xf32>)
// CHECK:         linalg.generic {{.*}} ins(%[[X]] {{.*}} outs(%[[SCALE:.+]] : memref<4xf32>)
// CHECK:           math.exp
// CHECK:         linalg.fill ins(%{{.+}} : f32) outs(%[[Y]] : memref<5x4xf32>)
// CHECK:         scf.while (%[[I:.+]] = %{{.+}}, %{{.+}} = %{{.+}}, %{{.+}} = %{{.+}})
// CHECK:           %[[LEFT:.+]] = arith.cmpi slt, %[[I]], %{{.+}} : index
// CHECK:           %[[MORE:.+]] = scf.if %[[LEFT]] -> (i1) {
// CHECK:             linalg.generic
// CHECK:           } else {
// CHECK:             scf.yield %false
// CHECK:           scf.condition(%[[MORE]])
// CHECK:         } do {
// CHECK-NOT:       math.exp
// CHECK:           linalg.generic {{.*}}, %[[SCALE]] {{.*}} outs(%[[FREE:.+]] : memref<4xf32>)
// What is both carried and a piece is copied, the piece alone.
// CHECK:           memref.copy %[[FREE]], %{{.+}} : memref<4xf32>
// CHECK-NOT:     memref.copy
// CHECK:         return
varve.graph @asked(%x: tensor<4xf32>) -> tensor<5x4xf32> {
  %scale = varve.exp %x : (tensor<4xf32>) -> tensor<4xf32>
  %0:2 = varve.loop to(5) carry(%x : tensor<4xf32>) stack(tensor<5x4xf32> along 0) while(%i, %h) {
    %limit = varve.constant dense<9.0> : tensor<f32>
    %most = varve.reduce_max %h {axes = array<i64: 0>} : (tensor<4xf32>) -> tensor<f32>
    %more = varve.compare %most, %limit {predicate = "lt"} : (tensor<f32>, tensor<f32>) -> tensor<i1>
    varve.output %more : tensor<i1>
  } do(%i, %h) {
    %1 = varve.mul %h, %scale : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    varve.output %1, %1 : tensor<4xf32>, tensor<4xf32>
  }
  varve.output %0#1 : tensor<5x4xf32>
}
