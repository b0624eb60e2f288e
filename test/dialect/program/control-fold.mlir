// RUN: varve-opt %s -canonicalize | FileCheck %s

// A known condition leaves one body.
// CHECK-LABEL: varve.graph @constant_condition
// CHECK-NEXT:    %[[Y:.+]] = varve.exp %{{.+}}
// CHECK-NEXT:    %[[Z:.+]] = varve.neg %{{.+}}
// CHECK-NEXT:    varve.output %[[Y]], %[[Z]]
varve.graph @constant_condition(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %true = varve.constant dense<true> : tensor<i1>
  %false = varve.constant dense<false> : tensor<i1>
  %0 = varve.cond %true -> tensor<4xf32> {
    %2 = varve.exp %x : (tensor<4xf32>) -> tensor<4xf32>
    varve.output %2 : tensor<4xf32>
  } else {
    varve.print %x, "never" : tensor<4xf32>
    varve.output %x : tensor<4xf32>
  }
  %1 = varve.cond %false -> tensor<4xf32> {
    varve.output %x : tensor<4xf32>
  } else {
    %2 = varve.neg %x : (tensor<4xf32>) -> tensor<4xf32>
    varve.output %2 : tensor<4xf32>
  }
  varve.output %0, %1 : tensor<4xf32>, tensor<4xf32>
}

// What a branch hands out is a copy: state in its place would change with the store.
// CHECK-LABEL: varve.graph @copy_of_state
// CHECK:         %[[OLD:.+]] = varve.cond
// CHECK:         varve.buffer.store
// CHECK:         varve.output %[[OLD]]
varve.graph @copy_of_state(%x: tensor<4xf32>, %b: !varve.buffer<4xf32> {varve.name = "b"}) -> tensor<4xf32> {
  %true = varve.constant dense<true> : tensor<i1>
  %0 = varve.cond %true -> tensor<4xf32> {
    %1 = varve.buffer.load %b : (!varve.buffer<4xf32>) -> tensor<4xf32>
    varve.output %1 : tensor<4xf32>
  } else {
    varve.output %x : tensor<4xf32>
  }
  varve.buffer.store %x, %b : tensor<4xf32>, !varve.buffer<4xf32>
  varve.output %0 : tensor<4xf32>
}

// CHECK-LABEL: varve.graph @copies_that_loops_carry
// CHECK:         varve.loop to(2) carry(%{{.+}} : tensor<4xf32>)
// CHECK:         varve.loop to(0) carry(%{{.+}} : tensor<4xf32>)
varve.graph @copies_that_loops_carry(%x: tensor<4xf32>, %b: !varve.buffer<4xf32> {varve.name = "b"}) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = varve.buffer.load %b : (!varve.buffer<4xf32>) -> tensor<4xf32>
  %1 = varve.loop to(2) carry(%0 : tensor<4xf32>) do(%i, %h) {
    varve.print %h, "h" : tensor<4xf32>
    varve.output %h : tensor<4xf32>
  }
  %2 = varve.loop to(0) carry(%0 : tensor<4xf32>) do(%i, %h) {
    varve.output %x : tensor<4xf32>
  }
  varve.buffer.store %x, %b : tensor<4xf32>, !varve.buffer<4xf32>
  varve.output %1, %2 : tensor<4xf32>, tensor<4xf32>
}

// Results that nobody uses; then the whole op, if it does nothing else.
// CHECK-LABEL: varve.graph @unused
// CHECK-NEXT:    %[[Y:.+]] = varve.cond %{{.+}} -> tensor<4xf32> {
// CHECK-NEXT:      varve.print
// CHECK-NEXT:      varve.output %{{.+}} : tensor<4xf32>
// CHECK-NEXT:    } else {
// CHECK-NEXT:      %[[N:.+]] = varve.neg
// CHECK-NEXT:      varve.output %[[N]] : tensor<4xf32>
// CHECK-NEXT:    }
// CHECK-NEXT:    varve.output %[[Y]]
varve.graph @unused(%p: tensor<i1>, %x: tensor<4xf32>) -> tensor<4xf32> {
  %0:2 = varve.cond %p -> tensor<4xf32>, tensor<4xf32> {
    varve.print %x, "x" : tensor<4xf32>
    %1 = varve.exp %x : (tensor<4xf32>) -> tensor<4xf32>
    varve.output %1, %x : tensor<4xf32>, tensor<4xf32>
  } else {
    %1 = varve.neg %x : (tensor<4xf32>) -> tensor<4xf32>
    varve.output %x, %1 : tensor<4xf32>, tensor<4xf32>
  }
  %2 = varve.cond %p -> tensor<4xf32> {
    varve.output %x : tensor<4xf32>
  } else {
    %3 = varve.neg %x : (tensor<4xf32>) -> tensor<4xf32>
    varve.output %3 : tensor<4xf32>
  }
  varve.output %0#1 : tensor<4xf32>
}

// What a loop carries and never changes, and stacks that nobody uses.
// CHECK-LABEL: varve.graph @invariant(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<4xf32>, %[[Y:[a-z0-9]+]]: tensor<4xf32>
// CHECK-NEXT:    %[[H:.+]] = varve.loop to(3) carry(%[[Y]] : tensor<4xf32>) while(%{{.+}}, %{{.+}}) {
// CHECK:           varve.reduce_max %[[X]]
// CHECK:         } do(%{{[a-z0-9]+}}, %[[G:[a-z0-9]+]]) {
// CHECK-NEXT:      %[[SUM:.+]] = varve.add %[[G]], %[[X]]
// CHECK-NEXT:      varve.output %[[SUM]] : tensor<4xf32>
// CHECK-NEXT:    }
// CHECK-NEXT:    varve.output %[[X]], %[[H]]
varve.graph @invariant(%x: tensor<4xf32>, %y: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %0:3 = varve.loop to(3) carry(%x, %y : tensor<4xf32>, tensor<4xf32>) stack(tensor<3x4xf32> along 0) while(%i, %a, %b) {
    %most = varve.reduce_max %a {axes = array<i64: 0>} : (tensor<4xf32>) -> tensor<f32>
    %least = varve.reduce_min %b {axes = array<i64: 0>} : (tensor<4xf32>) -> tensor<f32>
    %more = varve.compare %least, %most {predicate = "lt"} : (tensor<f32>, tensor<f32>) -> tensor<i1>
    varve.output %more : tensor<i1>
  } do(%i, %a, %b) {
    %sum = varve.add %b, %a : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    varve.output %a, %sum, %b : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
  }
  varve.output %0#0, %0#1 : tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: varve.graph @no_trips(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<4xf32>
// CHECK-NEXT:    varve.output %[[X]]
varve.graph @no_trips(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = varve.loop to(0) carry(%x : tensor<4xf32>) do(%i, %h) {
    varve.print %h, "never" : tensor<4xf32>
    %1 = varve.neg %h : (tensor<4xf32>) -> tensor<4xf32>
    varve.output %1 : tensor<4xf32>
  }
  varve.output %0 : tensor<4xf32>
}
