// RUN: varve-opt %s --varve-shape=panel=16 | FileCheck %s

// The pipeline: weights packed, equal layers outlined, the others dissolved, cleaned up.

!x = tensor<?x8xf32, #varve.dims<n, 8>>
!w = tensor<8x8xf32>
// CHECK:       varve.weight @h.0.w : tensor<8x8xf32, #varve.panels<16>>
varve.weight @h.0.w : !w
varve.weight @h.1.w : !w
// CHECK-LABEL: varve.graph @model(
// CHECK-NOT:     varve.layer "
// CHECK:         func.call @Block_0({{.+}}) {varve.layer = "h.0"}
// CHECK:         func.call @Block_0({{.+}}) {varve.layer = "h.1"}
// CHECK-NEXT:    %[[N:.+]] = varve.tanh
// CHECK-NEXT:    varve.output %[[N]]
varve.graph @model(%x: !x) -> !x {
  %0 = varve.layer "h.0" : "Block" -> !x {
    %1 = varve.layer "lin" : "Linear" -> !x {
      %w = varve.use @h.0.w : !w
      %2 = varve.linear %x, %w : (!x, !w) -> !x
      varve.output %2 : !x
    }
    %3 = varve.add %1, %x : (!x, !x) -> !x
    varve.output %3 : !x
  }
  %4 = varve.layer "h.1" : "Block" -> !x {
    %1 = varve.layer "lin" : "Linear" -> !x {
      %w = varve.use @h.1.w : !w
      %2 = varve.linear %0, %w : (!x, !w) -> !x
      varve.output %2 : !x
    }
    %3 = varve.add %1, %0 : (!x, !x) -> !x
    varve.output %3 : !x
  }
  %5 = varve.layer "norm" : "Norm" -> !x {
    %6 = varve.tanh %4 : (!x) -> !x
    %7 = varve.exp %4 : (!x) -> !x
    varve.output %6 : !x
  }
  varve.output %5 : !x
}

// State: loads on both sides of a store, or of a call that may store, are two; without either they are one.
!b = !varve.buffer<8xf32>
!v = tensor<8xf32>
// CHECK-LABEL: varve.graph @state(
// CHECK-SAME:    %[[B:[^:]+]]: !varve.buffer<8xf32> {varve.name = "b"}, %[[C:[^:]+]]:
// CHECK-NEXT:    %[[L0:.+]] = varve.buffer.load %[[B]]
// CHECK-NEXT:    %[[S0:.+]] = varve.add %[[L0]], %[[L0]]
// CHECK-NEXT:    varve.buffer.store %[[S0]], %[[B]]
// CHECK-NEXT:    %[[L1:.+]] = varve.buffer.load %[[B]]
// CHECK-NEXT:    %[[S1:.+]] = varve.neg %[[L1]]
// CHECK-NEXT:    func.call @Add_0(%[[S1]], %[[B]])
// CHECK-NEXT:    func.call @Add_0(%[[S1]], %[[C]])
// CHECK-NEXT:    %[[L2:.+]] = varve.buffer.load %[[B]]
// CHECK-NEXT:    varve.output %[[L2]], %[[S1]]
varve.graph @state(%b: !b {varve.name = "b"}, %c: !b {varve.name = "c"}) -> (!v, !v) {
  %0 = varve.buffer.load %b : (!b) -> !v
  %1 = varve.buffer.load %b : (!b) -> !v
  %2 = varve.add %0, %1 : (!v, !v) -> !v
  varve.buffer.store %2, %b : !v, !b
  %3 = varve.buffer.load %b : (!b) -> !v
  %4 = varve.neg %3 : (!v) -> !v
  varve.layer "a.0" : "Add" {
    %5 = varve.exp %4 : (!v) -> !v
    varve.buffer.store %5, %b : !v, !b
  }
  varve.layer "a.1" : "Add" {
    %5 = varve.exp %4 : (!v) -> !v
    varve.buffer.store %5, %c : !v, !b
  }
  %6 = varve.buffer.load %b : (!b) -> !v
  varve.output %6, %4 : !v, !v
}
// CHECK-LABEL: func.func private @Block_0(
// CHECK-SAME:    %[[X:[^:]+]]: tensor<?x8xf32, #dims>, %[[W:[^:]+]]: tensor<8x8xf32, #varve.panels<16>>)
// CHECK-NEXT:    %[[L:.+]] = varve.linear %[[X]], %[[W]]
// CHECK-NEXT:    %[[A:.+]] = varve.add %[[L]], %[[X]]
// CHECK-NEXT:    return %[[A]]
// CHECK-LABEL: func.func private @Add_0(
// CHECK-NEXT:    varve.exp
// CHECK-NEXT:    varve.buffer.store
// CHECK-NEXT:    return
