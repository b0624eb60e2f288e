// RUN: varve-opt %s -split-input-file --varve-outline-layers | FileCheck %s

// Two blocks that do the same with other values and weights.

!x = tensor<?x8xf32, #varve.dims<batch, 8>>
varve.weight @h.0.w : tensor<8x8xf32>
varve.weight @h.0.b : tensor<8xf32>
varve.weight @h.1.w : tensor<8x8xf32>
varve.weight @h.1.b : tensor<8xf32>
// CHECK-LABEL: varve.graph @equal(
// CHECK-SAME:    %[[X:[^:]+]]:
// CHECK-DAG:     %[[W0:.+]] = varve.use @h.0.w
// CHECK-DAG:     %[[B0:.+]] = varve.use @h.0.b
// CHECK:         %[[Y0:.+]] = func.call @Linear_0(%[[X]], %[[W0]], %[[B0]]) {varve.layer = "h.0"}
// CHECK-DAG:     %[[W1:.+]] = varve.use @h.1.w
// CHECK-DAG:     %[[B1:.+]] = varve.use @h.1.b
// CHECK:         %[[Y1:.+]] = func.call @Linear_0(%[[Y0]], %[[W1]], %[[B1]]) {varve.layer = "h.1"}
// CHECK:         varve.output %[[Y1]]
varve.graph @equal(%x: !x) -> !x {
  %0 = varve.layer "h.0" : "Linear" -> !x {
    %w = varve.use @h.0.w : tensor<8x8xf32>
    %1 = varve.linear %x, %w : (!x, tensor<8x8xf32>) -> !x
    %b = varve.use @h.0.b : tensor<8xf32>
    %2 = varve.add %1, %b : (!x, tensor<8xf32>) -> !x
    varve.output %2 : !x
  }
  %3 = varve.layer "h.1" : "Linear" -> !x {
    %w = varve.use @h.1.w : tensor<8x8xf32>
    %b = varve.use @h.1.b : tensor<8xf32>
    %1 = varve.linear %0, %w : (!x, tensor<8x8xf32>) -> !x
    %2 = varve.add %1, %b : (!x, tensor<8xf32>) -> !x
    varve.output %2 : !x
  }
  varve.output %3 : !x
}
// CHECK:       func.func private @Linear_0(
// CHECK-SAME:    %[[A:[^:]+]]: tensor<?x8xf32, #dims>, %[[W:[^:]+]]: tensor<8x8xf32>, %[[B:[^:]+]]: tensor<8xf32>)
// CHECK-NEXT:    %[[L:.+]] = varve.linear %[[A]], %[[W]]
// CHECK-NEXT:    %[[S:.+]] = varve.add %[[L]], %[[B]]
// CHECK-NEXT:    return %[[S]]
// CHECK-NOT:   func.func

// -----

// What differs: an attribute of an op, a type, the kind, a label, an operand, an attribute of the layer.

// CHECK-LABEL: varve.graph @different(
// CHECK-NOT:     func.call
// CHECK-COUNT-7: varve.layer
// CHECK-NOT:   func.func
varve.graph @different(%x: tensor<4x4xf32>, %y: tensor<4x4xf32>, %z: tensor<2x4xf32>) {
  varve.layer "attribute.0" : "A" {
    %0 = varve.softmax %x {axis = 0 : i64} : (tensor<4x4xf32>) -> tensor<4x4xf32>
    varve.print %0, "a" : tensor<4x4xf32>
  }
  varve.layer "attribute.1" : "A" {
    %0 = varve.softmax %x {axis = 1 : i64} : (tensor<4x4xf32>) -> tensor<4x4xf32>
    varve.print %0, "a" : tensor<4x4xf32>
  }
  varve.layer "type" : "A" {
    %0 = varve.softmax %z {axis = 0 : i64} : (tensor<2x4xf32>) -> tensor<2x4xf32>
    varve.print %0, "a" : tensor<2x4xf32>
  }
  varve.layer "kind" : "B" {
    %0 = varve.softmax %x {axis = 0 : i64} : (tensor<4x4xf32>) -> tensor<4x4xf32>
    varve.print %0, "a" : tensor<4x4xf32>
  }
  varve.layer "label" : "A" {
    %0 = varve.softmax %x {axis = 0 : i64} : (tensor<4x4xf32>) -> tensor<4x4xf32>
    varve.print %0, "b" : tensor<4x4xf32>
  }
  varve.layer "operand" : "A" {
    %0 = varve.softmax %x {axis = 0 : i64} : (tensor<4x4xf32>) -> tensor<4x4xf32>
    varve.print %x, "a" : tensor<4x4xf32>
  }
  varve.layer "mark" : "A" attributes {mark} {
    %0 = varve.softmax %x {axis = 0 : i64} : (tensor<4x4xf32>) -> tensor<4x4xf32>
    varve.print %0, "a" : tensor<4x4xf32>
  }
  varve.output
}

// -----

// Values from outside are taken in the same pattern: one value twice is not two values. Their order is that of first use.

// CHECK-LABEL: varve.graph @captures(
// CHECK-SAME:    %[[X:[^:]+]]: tensor<4xf32>, %[[Y:[^:]+]]: tensor<4xf32>
// CHECK:         varve.layer "same"
// CHECK:         %[[P:.+]] = func.call @Pair_0(%[[X]], %[[Y]]) {varve.layer = "pair"}
// CHECK:         %[[Q:.+]] = func.call @Pair_0(%[[Y]], %[[X]]) {varve.layer = "swapped"}
// CHECK:         varve.output %[[P]], %[[Q]]
varve.graph @captures(%x: tensor<4xf32>, %y: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  varve.layer "same" : "Pair" -> tensor<4xf32> {
    %0 = varve.mul %x, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    %1 = varve.add %0, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    varve.output %1 : tensor<4xf32>
  }
  %p = varve.layer "pair" : "Pair" -> tensor<4xf32> {
    %0 = varve.mul %x, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    %1 = varve.add %0, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    varve.output %1 : tensor<4xf32>
  }
  %q = varve.layer "swapped" : "Pair" -> tensor<4xf32> {
    %0 = varve.mul %y, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    %1 = varve.add %0, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
    varve.output %1 : tensor<4xf32>
  }
  varve.output %p, %q : tensor<4xf32>, tensor<4xf32>
}
// CHECK:       func.func private @Pair_0(%{{.+}}: tensor<4xf32>, %{{.+}}: tensor<4xf32>)
// CHECK-NOT:   func.func

// -----

// One weight used twice is one argument, and not equal to two weights; one used from outside is like one used inside.

varve.weight @a : tensor<4x4xf32>
varve.weight @b : tensor<4x4xf32>
varve.weight @c : tensor<4x4xf32>
// CHECK-LABEL: varve.graph @weights(
// CHECK-SAME:    %[[X:[^:]+]]:
// CHECK:         %[[A:.+]] = varve.use @a
// CHECK:         %[[Y:.+]] = func.call @Tied_0(%[[X]], %[[A]]) {varve.layer = "tied.0"}
// CHECK:         %[[B:.+]] = varve.use @b
// CHECK:         %[[Z:.+]] = func.call @Tied_0(%[[Y]], %[[B]]) {varve.layer = "tied.1"}
// CHECK:         varve.use @c
// CHECK:         %[[C:.+]] = varve.use @c
// CHECK:         %[[V:.+]] = func.call @Tied_0(%[[Z]], %[[C]]) {varve.layer = "outside"}
// CHECK:         varve.layer "untied"
varve.graph @weights(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %0 = varve.layer "tied.0" : "Tied" -> tensor<2x4xf32> {
    %w = varve.use @a : tensor<4x4xf32>
    %1 = varve.linear %x, %w : (tensor<2x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
    %v = varve.use @a : tensor<4x4xf32>
    %2 = varve.linear %1, %v : (tensor<2x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
    varve.output %2 : tensor<2x4xf32>
  }
  %3 = varve.layer "tied.1" : "Tied" -> tensor<2x4xf32> {
    %w = varve.use @b : tensor<4x4xf32>
    %1 = varve.linear %0, %w : (tensor<2x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
    %2 = varve.linear %1, %w : (tensor<2x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
    varve.output %2 : tensor<2x4xf32>
  }
  %w = varve.use @c : tensor<4x4xf32>
  %4 = varve.layer "outside" : "Tied" -> tensor<2x4xf32> {
    %1 = varve.linear %3, %w : (tensor<2x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
    %2 = varve.linear %1, %w : (tensor<2x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
    varve.output %2 : tensor<2x4xf32>
  }
  %5 = varve.layer "untied" : "Tied" -> tensor<2x4xf32> {
    %a = varve.use @a : tensor<4x4xf32>
    %1 = varve.linear %4, %a : (tensor<2x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
    %b = varve.use @b : tensor<4x4xf32>
    %2 = varve.linear %1, %b : (tensor<2x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
    varve.output %2 : tensor<2x4xf32>
  }
  varve.output %5 : tensor<2x4xf32>
}
// CHECK:       func.func private @Tied_0(
// CHECK-SAME:    %[[X:[^:]+]]: tensor<2x4xf32>, %[[W:[^:]+]]: tensor<4x4xf32>)
// CHECK-NEXT:    %[[L:.+]] = varve.linear %[[X]], %[[W]]
// CHECK-NEXT:    %[[M:.+]] = varve.linear %[[L]], %[[W]]
// CHECK-NEXT:    return %[[M]]

// -----

// State: each call has its own buffer. Names of dims mean what they mean in the graph that calls.

!x = tensor<1x?x2xf32, #varve.dims<1, seq, 2>>
!b = !varve.buffer<1x16x2xf32>
// CHECK-LABEL: varve.graph @buffers(
// CHECK-SAME:    %[[X:[^:]+]]: tensor<1x?x2xf32, #dims>, %[[B0:[^:]+]]: !varve.buffer<1x16x2xf32> {varve.name = "k.0"}, %[[B1:[^:]+]]: !varve.buffer
// CHECK:         %[[Y:.+]]:2 = func.call @Cache_0(%[[X]], %[[B0]]) {varve.layer = "0.cache"}
// CHECK:         func.call @Cache_0(%[[Y]]#0, %[[B1]]) {varve.layer = "1.cache"}
varve.graph @buffers(%x: !x, %b0: !b {varve.name = "k.0"}, %b1: !b {varve.name = "k.1"}, %past: tensor<i64> {varve.dim = "past"})
    -> (!x, tensor<1x16x2xf32>, tensor<1x16x2xf32>) {
  %0:2 = varve.layer "0.cache" : "Cache" -> !x, tensor<1x16x2xf32> {
    %1 = varve.silu %x : (!x) -> !x
    varve.buffer.store %1, %b0 offsets(0, past, 0) : !x, !b
    %2 = varve.buffer.load %b0 : (!b) -> tensor<1x16x2xf32>
    varve.output %1, %2 : !x, tensor<1x16x2xf32>
  }
  %3:2 = varve.layer "1.cache" : "Cache" -> !x, tensor<1x16x2xf32> {
    %1 = varve.silu %0#0 : (!x) -> !x
    varve.buffer.store %1, %b1 offsets(0, past, 0) : !x, !b
    %2 = varve.buffer.load %b1 : (!b) -> tensor<1x16x2xf32>
    varve.output %1, %2 : !x, tensor<1x16x2xf32>
  }
  varve.output %3#0, %0#1, %3#1 : !x, tensor<1x16x2xf32>, tensor<1x16x2xf32>
}
// CHECK:       func.func private @Cache_0(
// CHECK-SAME:    %[[X:[^:]+]]: tensor<1x?x2xf32, #dims>, %[[B:[^:]+]]: !varve.buffer<1x16x2xf32>) -> (tensor<1x?x2xf32, #dims>, tensor<1x16x2xf32>)
// CHECK-NEXT:    %[[S:.+]] = varve.silu %[[X]]
// CHECK-NEXT:    varve.buffer.store %[[S]], %[[B]] offsets{{ ?}}(0, past, 0)
// CHECK-NEXT:    %[[L:.+]] = varve.buffer.load %[[B]]
// CHECK-NEXT:    return %[[S]], %[[L]]

// -----

// Constants and dims from outside are copied in, once each; other constants are a difference.

// CHECK-LABEL: varve.graph @copies(
// CHECK-SAME:    %[[X:[^:]+]]:
// CHECK:         %[[Y:.+]] = func.call @Scale_0(%[[X]]) {varve.layer = "0"}
// CHECK:         func.call @Scale_0(%[[Y]]) {varve.layer = "1"}
// CHECK:         varve.layer "2"
varve.graph @copies(%x: tensor<?xi64, #varve.dims<n>>) -> tensor<?xi64, #varve.dims<n>> {
  %two = varve.constant dense<2> : tensor<i64>
  %other = varve.constant dense<2> : tensor<i64>
  %three = varve.constant dense<3> : tensor<i64>
  %n = varve.dim <n>
  %0 = varve.layer "0" : "Scale" -> tensor<?xi64, #varve.dims<n>> {
    %1 = varve.mul %x, %two : (tensor<?xi64, #varve.dims<n>>, tensor<i64>) -> tensor<?xi64, #varve.dims<n>>
    %2 = varve.mul %1, %two : (tensor<?xi64, #varve.dims<n>>, tensor<i64>) -> tensor<?xi64, #varve.dims<n>>
    %3 = varve.add %2, %n : (tensor<?xi64, #varve.dims<n>>, tensor<i64>) -> tensor<?xi64, #varve.dims<n>>
    varve.output %3 : tensor<?xi64, #varve.dims<n>>
  }
  %4 = varve.layer "1" : "Scale" -> tensor<?xi64, #varve.dims<n>> {
    %1 = varve.mul %0, %two : (tensor<?xi64, #varve.dims<n>>, tensor<i64>) -> tensor<?xi64, #varve.dims<n>>
    %2 = varve.mul %1, %other : (tensor<?xi64, #varve.dims<n>>, tensor<i64>) -> tensor<?xi64, #varve.dims<n>>
    %3 = varve.add %2, %n : (tensor<?xi64, #varve.dims<n>>, tensor<i64>) -> tensor<?xi64, #varve.dims<n>>
    varve.output %3 : tensor<?xi64, #varve.dims<n>>
  }
  %5 = varve.layer "2" : "Scale" -> tensor<?xi64, #varve.dims<n>> {
    %1 = varve.mul %4, %two : (tensor<?xi64, #varve.dims<n>>, tensor<i64>) -> tensor<?xi64, #varve.dims<n>>
    %2 = varve.mul %1, %three : (tensor<?xi64, #varve.dims<n>>, tensor<i64>) -> tensor<?xi64, #varve.dims<n>>
    %3 = varve.add %2, %n : (tensor<?xi64, #varve.dims<n>>, tensor<i64>) -> tensor<?xi64, #varve.dims<n>>
    varve.output %3 : tensor<?xi64, #varve.dims<n>>
  }
  varve.output %5 : tensor<?xi64, #varve.dims<n>>
}
// CHECK:       func.func private @Scale_0(%[[X:[^:]+]]: tensor<?xi64, #dims>)
// CHECK-DAG:     %[[C:.+]] = varve.constant dense<2>
// CHECK-DAG:     %[[N:.+]] = varve.dim
// CHECK:         %[[A:.+]] = varve.mul %[[X]], %[[C]]
// CHECK:         %[[B:.+]] = varve.mul %[[A]], %[[C]]
// CHECK:         varve.add %[[B]], %[[N]]

// -----

// Where a layer runs, said of it or of what is around it: equal layers on one mesh share a function, which knows it.

varve.mesh @cpu_0 <model = 1> ["cpu:0"]
varve.mesh @cpu_1 <model = 1> ["cpu:1"]
// CHECK-LABEL: varve.graph @placed(
// CHECK-NEXT:    func.call @A_0(%{{.*}}) {varve.layer = "a.0"}
// CHECK-NEXT:    func.call @A_1(%{{.*}}) {varve.layer = "a.1"}
// CHECK-NEXT:    varve.layer "around" : "Around" on @cpu_1 {
// CHECK-NEXT:      func.call @A_1(%{{.*}}) {varve.layer = "around.a.2"}
// CHECK-NEXT:      func.call @A_0(%{{.*}}) {varve.layer = "around.a.3"}
// CHECK-NEXT:    }
// CHECK:       func.func private @A_0(
// CHECK-SAME:    attributes {varve.placement = @cpu_0} {
// CHECK:       func.func private @A_1(
// CHECK-SAME:    attributes {varve.placement = @cpu_1} {
varve.graph @placed(%x: tensor<4xf32>) on @cpu_0 {
  varve.layer "a.0" : "A" {
    %0 = varve.exp %x : (tensor<4xf32>) -> tensor<4xf32>
    varve.print %0, "a" : tensor<4xf32>
  }
  varve.layer "a.1" : "A" on @cpu_1 {
    %0 = varve.exp %x : (tensor<4xf32>) -> tensor<4xf32>
    varve.print %0, "a" : tensor<4xf32>
  }
  varve.layer "around" : "Around" on @cpu_1 {
    varve.layer "a.2" : "A" {
      %0 = varve.exp %x : (tensor<4xf32>) -> tensor<4xf32>
      varve.print %0, "a" : tensor<4xf32>
    }
    varve.layer "a.3" : "A" on @cpu_0 {
      %0 = varve.exp %x : (tensor<4xf32>) -> tensor<4xf32>
      varve.print %0, "a" : tensor<4xf32>
    }
  }
  varve.output
}

// -----

// A layer inside that runs elsewhere makes its owner another.

varve.mesh @cpu_1 <model = 1> ["cpu:1"]
// CHECK-LABEL: varve.graph @placed_inside(
// CHECK-NOT:     func.call
varve.graph @placed_inside(%x: tensor<4xf32>) {
  varve.layer "a.0" : "A" {
    varve.layer "b" : "B" {
      %0 = varve.exp %x : (tensor<4xf32>) -> tensor<4xf32>
      varve.print %0, "a" : tensor<4xf32>
    }
  }
  varve.layer "a.1" : "A" {
    varve.layer "b" : "B" on @cpu_1 {
      %0 = varve.exp %x : (tensor<4xf32>) -> tensor<4xf32>
      varve.print %0, "a" : tensor<4xf32>
    }
  }
  varve.output
}
