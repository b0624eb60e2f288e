// RUN: varve-opt %s --split-input-file --varve-cpu-fuse-rows | FileCheck %s

// Residual, sum of squares and norm: one loop over rows, two at a time, op by op, with a number for each on the stack; what the
// residual makes is also read later, so it is in memory.
// CHECK-LABEL: func.func @norm(
// CHECK-SAME:    %[[X:.+]]: memref<?x128xf32>, %[[Y:.+]]: memref<?x128xf32>, %[[H:.+]]: memref<?x128xf32>, %[[OUT:.+]]: memref<?x128xf32>,
// CHECK-NOT:     memref.alloc()
// CHECK:         scf.forall
// CHECK:           %[[SUM:.+]] = memref.alloca() {{.*}} : memref<f32>
// CHECK:           %[[OTHER:.+]] = memref.alloca() {{.*}} : memref<f32>
// CHECK:           scf.for %[[ROW:.+]] = %{{.+}} to %[[LAST:.+]] step %c2
// CHECK:             %[[NEXT:.+]] = arith.addi %[[ROW]], %c1
// CHECK:             memref.subview %[[X]][%[[ROW]], 0] [1, 128] [1, 1]
// CHECK:             memref.subview %[[H]][%[[ROW]], 0]
// CHECK:             linalg.generic {{.*}} iterator_types = ["parallel"]}
// CHECK:             memref.subview %[[X]][%[[NEXT]], 0]
// CHECK:             linalg.generic {{.*}} iterator_types = ["parallel"]}
// CHECK:             linalg.generic {{.*}} iterator_types = []} {{.*}} outs(%[[SUM]] :
// CHECK:             linalg.generic {{.*}} iterator_types = []} {{.*}} outs(%[[OTHER]] :
// CHECK:             linalg.generic {{.*}} iterator_types = ["reduction"]} {{.*}} outs(%[[SUM]] :
// CHECK:             linalg.generic {{.*}} iterator_types = ["reduction"]} {{.*}} outs(%[[OTHER]] :
// CHECK-COUNT-2:     linalg.generic {{.*}} iterator_types = ["parallel"]}
// CHECK:           scf.for %[[ROW:.+]] = %[[LAST]] to
// CHECK:             memref.subview %[[X]][%[[ROW]], 0] [1, 128] [1, 1]
// CHECK-COUNT-4:     linalg.generic
// CHECK-NOT:     linalg.generic
#all = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
func.func @norm(%x: memref<?x128xf32>, %y: memref<?x128xf32>, %h: memref<?x128xf32>, %out: memref<?x128xf32>, %n: index) {
  %zero = arith.constant 0.0 : f32
  linalg.generic {indexing_maps = [#all, #all, #all], iterator_types = ["parallel", "parallel"]} ins(%x, %y : memref<?x128xf32>, memref<?x128xf32>) outs(%h : memref<?x128xf32>) {
  ^bb0(%a: f32, %b: f32, %o: f32):
    %0 = arith.addf %a, %b : f32
    linalg.yield %0 : f32
  }
  %c0 = arith.constant 0 : index
  %sum = memref.alloc(%n) : memref<?xf32>
  linalg.fill ins(%zero : f32) outs(%sum : memref<?xf32>)
  linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]} ins(%h : memref<?x128xf32>) outs(%sum : memref<?xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.mulf %a, %a : f32
    %1 = arith.addf %o, %0 : f32
    linalg.yield %1 : f32
  }
  linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel"]} ins(%h, %sum : memref<?x128xf32>, memref<?xf32>) outs(%out : memref<?x128xf32>) {
  ^bb0(%a: f32, %s: f32, %o: f32):
    %0 = arith.divf %a, %s : f32
    linalg.yield %0 : f32
  }
  return
}

// -----

// A row of unknown length has memory in the scratch: that of its task's first row.
// CHECK-LABEL: func.func @unknown(
// CHECK:         %[[P:.+]] = memref.alloc(
// CHECK:         scf.forall (%[[TASK:.+]]) in
// CHECK:           %[[FIRST:.+]] = arith.muli %[[TASK]],
// CHECK:           scf.for
// CHECK:             memref.subview %[[P]][%[[FIRST]], 0]
#all = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
func.func @unknown(%x: memref<?x?xf32>, %sum: memref<?xf32>, %n: index, %m: index) {
  %p = memref.alloc(%n, %m) : memref<?x?xf32>
  linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]} ins(%x : memref<?x?xf32>) outs(%p : memref<?x?xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = math.exp %a : f32
    linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]} ins(%p : memref<?x?xf32>) outs(%sum : memref<?xf32>) {
  ^bb0(%a: f32, %o: f32):
    %1 = arith.addf %o, %a : f32
    linalg.yield %1 : f32
  }
  return
}

// -----

// What another row has written cannot be read before all rows are done; nor what may be the same memory as a view.
// CHECK-LABEL: func.func @transposed(
// CHECK-NOT:     scf.forall
#all = affine_map<(d0, d1) -> (d0, d1)>
#turned = affine_map<(d0, d1) -> (d1, d0)>
#row = affine_map<(d0, d1) -> (d0)>
func.func @transposed(%x: memref<128x128xf32>, %sum: memref<128xf32>, %out: memref<128x128xf32>) {
  linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]} ins(%x : memref<128x128xf32>) outs(%sum : memref<128xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.addf %o, %a : f32
    linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [#all, #turned], iterator_types = ["parallel", "parallel"]} ins(%x : memref<128x128xf32>) outs(%out : memref<128x128xf32>) {
  ^bb0(%a: f32, %o: f32):
    linalg.yield %a : f32
  }
  return
}
// CHECK-LABEL: func.func @view(
// CHECK-NOT:     scf.forall
func.func @view(%x: memref<128x128xf32>, %sum: memref<128xf32>) {
  %y = memref.subview %x[0, 0] [128, 128] [1, 1] : memref<128x128xf32> to memref<128x128xf32, strided<[128, 1]>>
  linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]} ins(%x : memref<128x128xf32>) outs(%sum : memref<128xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.addf %o, %a : f32
    linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel"]} ins(%x, %sum : memref<128x128xf32>, memref<128xf32>) outs(%y : memref<128x128xf32, strided<[128, 1]>>) {
  ^bb0(%a: f32, %s: f32, %o: f32):
    %0 = arith.mulf %a, %s : f32
    linalg.yield %0 : f32
  }
  return
}

// -----

// Short rows stay as they are: a number for each is computed on vectors of rows.
// CHECK-LABEL: func.func @short(
// CHECK-NOT:     scf.forall
#all = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
func.func @short(%x: memref<128x32xf32>, %sum: memref<128xf32>) {
  %zero = arith.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%sum : memref<128xf32>)
  linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]} ins(%x : memref<128x32xf32>) outs(%sum : memref<128xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.addf %o, %a : f32
    linalg.yield %0 : f32
  }
  return
}

// -----

// What is read for the last time where the result is written lies in the result's row. While a long row's powers are
// computed, the next row is asked for.
// CHECK-LABEL: func.func @powers(
// CHECK-SAME:    %[[X:.+]]: memref<8x2048xf32>, %[[OUT:.+]]: memref<8x2048xf32>
// CHECK-NOT:     memref.alloc()
// CHECK:         scf.forall
// CHECK-NOT:       memref.alloca() {{.*}} : memref<2048xf32>
// CHECK:           scf.for %[[ROW:.+]] = {{.*}} step %c1
// CHECK:             %[[FROM:.+]] = memref.subview %[[X]][%[[ROW]], 0]
// CHECK:             %[[POWERS:.+]] = memref.subview %[[OUT]][%[[ROW]], 0]
// CHECK:             linalg.generic {{.*}} ins(%[[FROM]] : {{.*}} outs(%[[POWERS]] : {{.*}} attrs = {varve_cpu.next_row = array<i64: 0>}
// CHECK:             linalg.generic {{.*}} iterator_types = ["reduction"]}
// CHECK:             memref.subview %[[OUT]][%[[ROW]], 0]
// CHECK:             linalg.generic
#all = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
func.func @powers(%x: memref<8x2048xf32>, %out: memref<8x2048xf32>) {
  %zero = arith.constant 0.0 : f32
  %powers = memref.alloc() : memref<8x2048xf32>
  %sum = memref.alloc() : memref<8xf32>
  linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]} ins(%x : memref<8x2048xf32>) outs(%powers : memref<8x2048xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = math.exp %a : f32
    linalg.yield %0 : f32
  }
  linalg.fill ins(%zero : f32) outs(%sum : memref<8xf32>)
  linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]} ins(%powers : memref<8x2048xf32>) outs(%sum : memref<8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.addf %o, %a : f32
    linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [#all, #row, #all], iterator_types = ["parallel", "parallel"]} ins(%powers, %sum : memref<8x2048xf32>, memref<8xf32>) outs(%out : memref<8x2048xf32>) {
  ^bb0(%a: f32, %s: f32, %o: f32):
    %0 = arith.divf %a, %s : f32
    linalg.yield %0 : f32
  }
  return
}

// -----

// Not where the result is read, too: what it was would be gone.
// CHECK-LABEL: func.func @read_again(
// CHECK:           memref.alloca() {{.*}} : memref<2048xf32>
#all = affine_map<(d0, d1) -> (d0, d1)>
#row = affine_map<(d0, d1) -> (d0)>
func.func @read_again(%x: memref<8x2048xf32>) {
  %powers = memref.alloc() : memref<8x2048xf32>
  %sum = memref.alloc() : memref<8xf32>
  linalg.generic {indexing_maps = [#all, #all], iterator_types = ["parallel", "parallel"]} ins(%x : memref<8x2048xf32>) outs(%powers : memref<8x2048xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = math.absf %a : f32
    linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [#all, #row], iterator_types = ["parallel", "reduction"]} ins(%powers : memref<8x2048xf32>) outs(%sum : memref<8xf32>) {
  ^bb0(%a: f32, %o: f32):
    %0 = arith.addf %o, %a : f32
    linalg.yield %0 : f32
  }
  linalg.generic {indexing_maps = [#all, #row, #all, #all], iterator_types = ["parallel", "parallel"]} ins(%powers, %sum, %x : memref<8x2048xf32>, memref<8xf32>, memref<8x2048xf32>) outs(%x : memref<8x2048xf32>) {
  ^bb0(%a: f32, %s: f32, %b: f32, %o: f32):
    %0 = arith.divf %a, %s : f32
    %1 = arith.addf %0, %b : f32
    linalg.yield %1 : f32
  }
  return
}
