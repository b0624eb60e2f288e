// RUN: varve-opt %s | varve-opt | FileCheck %s
// RUN: varve-opt %s --emit-bytecode | varve-opt | FileCheck %s
// RUN: varve-opt %s -mlir-print-op-generic | varve-opt | FileCheck %s

#rows = #varve.dims<seq, 2>

// CHECK-LABEL: varve.graph @branches
varve.graph @branches(%p: tensor<i1>, %x: tensor<?x2xf32, #rows>) -> tensor<?x2xf32, #rows> {
  // CHECK: %[[Y:.+]] = varve.cond %{{.+}} -> tensor<?x2xf32, #[[ROWS:.+]]> {
  // CHECK:   varve.output %{{.+}} : tensor<?x2xf32, #[[ROWS]]>
  // CHECK: } else {
  // CHECK:   varve.output %{{.+}} : tensor<?x2xf32, #[[ROWS]]>
  // CHECK: }
  %y = varve.cond %p -> tensor<?x2xf32, #rows> {
    %0 = varve.exp %x : (tensor<?x2xf32, #rows>) -> tensor<?x2xf32, #rows>
    varve.output %0 : tensor<?x2xf32, #rows>
  } else {
    varve.output %x : tensor<?x2xf32, #rows>
  }
  // Bodies that hand out nothing.
  // CHECK: varve.cond %{{.+}} {
  // CHECK:   varve.print
  // CHECK: } else {
  // CHECK-NEXT: }
  varve.cond %p {
    varve.print %y, "y" : tensor<?x2xf32, #rows>
  } else {
  }
  // CHECK: varve.output %[[Y]]
  varve.output %y : tensor<?x2xf32, #rows>
}

// CHECK-LABEL: varve.graph @loops
varve.graph @loops(%n: tensor<i32>, %x: tensor<?x2xf32, #rows>, %h: tensor<2xf32>) {
  // CHECK: varve.loop to(3) do(%{{[a-z0-9]+}}) {
  // CHECK:   varve.print
  varve.loop to(3) do(%i) {
    varve.print %i, "trip" : tensor<i64>
  }
  // CHECK: varve.loop to(%{{.+}} : tensor<i32>) carry(%{{.+}} : tensor<2xf32>) do(%{{[a-z0-9]+}}, %[[H:.+]]) {
  // CHECK:   varve.output %[[H]] : tensor<2xf32>
  %0 = varve.loop to(%n : tensor<i32>) carry(%h : tensor<2xf32>) do(%i, %g) {
    varve.output %g : tensor<2xf32>
  }
  // CHECK: varve.loop carry(%{{.+}}, %{{.+}} : tensor<2xf32>, tensor<i32>) while(%[[I:.+]], %{{.+}}, %{{.+}}) {
  // CHECK:   %[[C:.+]] = varve.constant dense<7>
  // CHECK:   varve.compare %[[I]], %[[C]]
  // CHECK: } do(%{{.+}}, %{{.+}}, %{{.+}}) {
  %1:2 = varve.loop carry(%h, %n : tensor<2xf32>, tensor<i32>) while(%i, %g, %m) {
    %seven = varve.constant dense<7> : tensor<i64>
    %more = varve.compare %i, %seven {predicate = "lt"} : (tensor<i64>, tensor<i64>) -> tensor<i1>
    varve.output %more : tensor<i1>
  } do(%i, %g, %m) {
    varve.output %g, %m : tensor<2xf32>, tensor<i32>
  }
  // CHECK: varve.loop to(seq) carry(%{{.+}} : tensor<2xf32>) scan(%{{.+}} along 0, %{{.+}} along -2 : tensor<?x2xf32, #{{.+}}>, tensor<?x2xf32, #{{.+}}>) stack(tensor<2x?xf32, #{{.+}}> along 1) attributes {note = "kept"} do(%{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}) {
  %2:2 = varve.loop to(seq) carry(%h : tensor<2xf32>) scan(%x along 0, %x along -2 : tensor<?x2xf32, #rows>, tensor<?x2xf32, #rows>)
      stack(tensor<2x?xf32, #varve.dims<2, seq>> along 1) attributes {note = "kept"} do(%i, %g, %a, %b) {
    %s = varve.add %g, %a : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    varve.output %s, %b : tensor<2xf32>, tensor<2xf32>
  }
  varve.output
}

// Layers, weights and state in bodies; loops in branches in loops.
// CHECK-LABEL: varve.graph @nested
varve.weight @w : tensor<2xf32>
varve.graph @nested(%h: tensor<2xf32>, %state: !varve.buffer<2xf32> {varve.name = "state"}) {
  // CHECK: varve.loop to(2)
  // CHECK:   varve.cond
  // CHECK:     varve.loop to(3)
  // CHECK:       varve.layer "block" : "Block"
  // CHECK:         varve.use @w
  %0 = varve.loop to(2) carry(%h : tensor<2xf32>) do(%i, %g) {
    %one = varve.constant dense<1> : tensor<i64>
    %p = varve.compare %i, %one {predicate = "eq"} : (tensor<i64>, tensor<i64>) -> tensor<i1>
    %1 = varve.cond %p -> tensor<2xf32> {
      %2 = varve.loop to(3) carry(%g : tensor<2xf32>) do(%j, %f) {
        %3 = varve.layer "block" : "Block" -> tensor<2xf32> {
          %w = varve.use @w : tensor<2xf32>
          %4 = varve.mul %f, %w : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
          varve.output %4 : tensor<2xf32>
        }
        varve.output %3 : tensor<2xf32>
      }
      varve.output %2 : tensor<2xf32>
    } else {
      %2 = varve.buffer.load %state : (!varve.buffer<2xf32>) -> tensor<2xf32>
      varve.output %2 : tensor<2xf32>
    }
    // What the branch handed out is a copy, so it may be used after the store.
    varve.buffer.store %g, %state : tensor<2xf32>, !varve.buffer<2xf32>
    varve.output %1 : tensor<2xf32>
  }
  varve.output
}
