// RUN: varve-opt %s -split-input-file --varve-outline-layers | FileCheck %s

// A layer is outlined with all that is in it; what is in it stays, and names of layers inside count.

!x = tensor<4xf32>
// CHECK-LABEL: varve.graph @nested(
// CHECK-SAME:    %[[X:[^:]+]]:
// CHECK:         %[[Y:.+]] = func.call @Block_0(%[[X]]) {varve.layer = "h.0"}
// CHECK:         %[[Z:.+]] = func.call @Block_0(%[[Y]]) {varve.layer = "h.1"}
// CHECK:         varve.layer "h.2" : "Block"
// CHECK:           varve.layer "other" : "Act"
// CHECK-NOT:     func.call
varve.graph @nested(%x: !x) -> !x {
  %0 = varve.layer "h.0" : "Block" -> !x {
    %1 = varve.layer "act" : "Act" -> !x {
      %2 = varve.silu %x : (!x) -> !x
      %3 = varve.tanh %2 : (!x) -> !x
      varve.print %3, "after" : !x
      varve.output %3 : !x
    }
    %4 = varve.add %1, %x : (!x, !x) -> !x
    varve.output %4 : !x
  }
  %5 = varve.layer "h.1" : "Block" -> !x {
    %1 = varve.layer "act" : "Act" -> !x {
      %2 = varve.silu %0 : (!x) -> !x
      %3 = varve.tanh %2 : (!x) -> !x
      varve.print %3, "after" : !x
      varve.output %3 : !x
    }
    %4 = varve.add %1, %0 : (!x, !x) -> !x
    varve.output %4 : !x
  }
  %6 = varve.layer "h.2" : "Block" -> !x {
    %1 = varve.layer "other" : "Act" -> !x {
      %2 = varve.silu %5 : (!x) -> !x
      %3 = varve.tanh %2 : (!x) -> !x
      varve.print %3, "after" : !x
      varve.output %3 : !x
    }
    %4 = varve.add %1, %5 : (!x, !x) -> !x
    varve.output %4 : !x
  }
  varve.output %6 : !x
}
// CHECK:       func.func private @Block_0(
// CHECK-SAME:    %[[X:[^:]+]]: tensor<4xf32>)
// CHECK-NEXT:    %[[A:.+]] = varve.layer "act" : "Act" -> tensor<4xf32> {
// CHECK-NEXT:      %[[S:.+]] = varve.silu %[[X]]
// CHECK-NEXT:      %[[T:.+]] = varve.tanh %[[S]]
// CHECK-NEXT:      varve.print %[[T]], "after"
// CHECK-NEXT:      varve.output %[[T]]
// CHECK-NEXT:    }
// CHECK-NEXT:    %[[R:.+]] = varve.add %[[A]], %[[X]]
// CHECK-NEXT:    return %[[R]]
// CHECK-NOT:   func.func

// -----

// Where layers differ, equal ones inside are found, at any depth; the call has the full path. A layer that only wraps
// another is outlined as a whole.

!x = tensor<4xf32>
// CHECK-LABEL: varve.graph @inside(
// CHECK-SAME:    %[[X:[^:]+]]:
// CHECK:         varve.layer "a" : "Block"
// CHECK:           %[[Y:.+]] = func.call @Act_0(%[[X]]) {varve.layer = "a.act"}
// CHECK:           varve.sqrt %[[Y]]
// CHECK:         varve.layer "b" : "Block"
// CHECK:           varve.layer "c" : "Block"
// CHECK:             func.call @Act_0({{.+}}) {varve.layer = "b.c.act"}
// CHECK:         func.call @Wrap_0({{.+}}) {varve.layer = "w.0"}
// CHECK:         func.call @Wrap_0({{.+}}) {varve.layer = "w.1"}
varve.graph @inside(%x: !x) -> !x {
  %0 = varve.layer "a" : "Block" -> !x {
    %1 = varve.layer "act" : "Act" -> !x {
      %2 = varve.silu %x : (!x) -> !x
      %3 = varve.tanh %2 : (!x) -> !x
      varve.output %3 : !x
    }
    %4 = varve.sqrt %1 : (!x) -> !x
    varve.output %4 : !x
  }
  %5 = varve.layer "b" : "Block" -> !x {
    %1 = varve.layer "c" : "Block" -> !x {
      %6 = varve.layer "act" : "Act" -> !x {
        %2 = varve.silu %0 : (!x) -> !x
        %3 = varve.tanh %2 : (!x) -> !x
        varve.output %3 : !x
      }
      varve.output %6 : !x
    }
    varve.output %1 : !x
  }
  %7 = varve.layer "w.0" : "Wrap" -> !x {
    %1 = varve.layer "norm" : "Norm" -> !x {
      %2 = varve.exp %5 : (!x) -> !x
      %3 = varve.tanh %2 : (!x) -> !x
      varve.output %3 : !x
    }
    varve.output %1 : !x
  }
  %8 = varve.layer "w.1" : "Wrap" -> !x {
    %1 = varve.layer "norm" : "Norm" -> !x {
      %2 = varve.exp %7 : (!x) -> !x
      %3 = varve.tanh %2 : (!x) -> !x
      varve.output %3 : !x
    }
    varve.output %1 : !x
  }
  varve.output %8 : !x
}
// CHECK:       func.func private @Act_0(
// CHECK-NOT:     varve.layer
// CHECK:       func.func private @Wrap_0(
// CHECK:         varve.layer "norm"
// CHECK-NOT:   func.func

// -----

// One function for all graphs of the module.

!x = tensor<4xf32>
varve.weight @w : tensor<4xf32>
// CHECK-LABEL: varve.graph @prefill(
// CHECK:         func.call @Scale_0({{.+}}) {varve.layer = "scale"}
// CHECK-LABEL: varve.graph @decode(
// CHECK:         func.call @Scale_0({{.+}}) {varve.layer = "scale"}
// CHECK-COUNT-1: func.func
// CHECK-NOT:   func.func
varve.graph @prefill(%x: !x) -> !x {
  %0 = varve.layer "scale" : "Scale" -> !x {
    %w = varve.use @w : !x
    %1 = varve.mul %x, %w : (!x, !x) -> !x
    %2 = varve.tanh %1 : (!x) -> !x
    varve.output %2 : !x
  }
  varve.output %0 : !x
}
varve.graph @decode(%x: !x) -> !x {
  %0 = varve.layer "scale" : "Scale" -> !x {
    %w = varve.use @w : !x
    %1 = varve.mul %x, %w : (!x, !x) -> !x
    %2 = varve.tanh %1 : (!x) -> !x
    varve.output %2 : !x
  }
  varve.output %0 : !x
}

// -----

// Names are free symbols: of the kind what an identifier may hold, and no number that is taken.

!x = tensor<4xf32>
varve.weight @my__Act_0 : tensor<4xf32>
// CHECK-LABEL: varve.graph @my__Act_2(
// CHECK:         func.call @my__Act_1({{.+}}) {varve.layer = "0"}
// CHECK:         func.call @my__Act_1({{.+}}) {varve.layer = "0#1"}
// CHECK:         func.call @my__Act_3({{.+}}) {mark, varve.layer = "1"}
// CHECK:         func.call @my__Act_3({{.+}}) {mark, varve.layer = "2"}
// CHECK:         func.call @layer_0({{.+}}) {varve.layer = "3"}
// CHECK:       func.func private @my__Act_1(
// CHECK:       func.func private @my__Act_3(
// CHECK:       func.func private @layer_0(
varve.graph @my__Act_2(%x: !x) -> !x {
  %0 = varve.layer "0" : "my::Act" -> !x {
    %1 = varve.silu %x : (!x) -> !x
    %2 = varve.tanh %1 : (!x) -> !x
    varve.output %2 : !x
  }
  %3 = varve.layer "0#1" : "my::Act" -> !x {
    %1 = varve.silu %0 : (!x) -> !x
    %2 = varve.tanh %1 : (!x) -> !x
    varve.output %2 : !x
  }
  %4 = varve.layer "1" : "my::Act" -> !x attributes {mark} {
    %1 = varve.silu %3 : (!x) -> !x
    %2 = varve.tanh %1 : (!x) -> !x
    varve.output %2 : !x
  }
  %5 = varve.layer "2" : "my::Act" -> !x attributes {mark} {
    %1 = varve.silu %4 : (!x) -> !x
    %2 = varve.tanh %1 : (!x) -> !x
    varve.output %2 : !x
  }
  %6 = varve.layer "3" : "" -> !x {
    %1 = varve.silu %5 : (!x) -> !x
    %2 = varve.tanh %1 : (!x) -> !x
    varve.output %2 : !x
  }
  %7 = varve.layer "4" : "" -> !x {
    %1 = varve.silu %6 : (!x) -> !x
    %2 = varve.tanh %1 : (!x) -> !x
    varve.output %2 : !x
  }
  varve.output %7 : !x
}

// -----

// One op is not worth a function; nor is one op with its weight.

varve.weight @a : tensor<4x4xf32>
varve.weight @b : tensor<4x4xf32>
// CHECK-LABEL: varve.graph @small(
// CHECK-COUNT-2: varve.layer
// CHECK-NOT:   func.func
varve.graph @small(%x: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %0 = varve.layer "0" : "Linear" -> tensor<2x4xf32> {
    %w = varve.use @a : tensor<4x4xf32>
    %1 = varve.linear %x, %w : (tensor<2x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
    varve.output %1 : tensor<2x4xf32>
  }
  %2 = varve.layer "1" : "Linear" -> tensor<2x4xf32> {
    %w = varve.use @b : tensor<4x4xf32>
    %1 = varve.linear %0, %w : (tensor<2x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
    varve.output %1 : tensor<2x4xf32>
  }
  varve.output %2 : tensor<2x4xf32>
}

// -----

// What a layer hands out may come from outside; what it takes may be another outlined layer's.

!x = tensor<4xf32>
varve.weight @a : !x
varve.weight @b : !x
// CHECK-LABEL: varve.graph @through(
// CHECK-SAME:    %[[X:[^:]+]]:
// CHECK:         %[[A:.+]] = varve.use @a
// CHECK:         %[[Y:.+]]:3 = func.call @Through_0(%[[X]], %[[A]])
// CHECK:         %[[B:.+]] = varve.use @b
// CHECK:         %[[Z:.+]]:3 = func.call @Through_0(%[[Y]]#1, %[[B]])
// CHECK:         varve.output %[[Z]]#0, %[[Z]]#1, %[[Z]]#2, %[[Y]]#2
varve.graph @through(%x: !x) -> (!x, !x, !x, !x) {
  %0:3 = varve.layer "0" : "Through" -> !x, !x, !x {
    %w = varve.use @a : !x
    %c = varve.constant dense<1.0> : !x
    %1 = varve.add %x, %c : (!x, !x) -> !x
    varve.output %x, %1, %w : !x, !x, !x
  }
  %2:3 = varve.layer "1" : "Through" -> !x, !x, !x {
    %w = varve.use @b : !x
    %c = varve.constant dense<1.0> : !x
    %1 = varve.add %0#1, %c : (!x, !x) -> !x
    varve.output %0#1, %1, %w : !x, !x, !x
  }
  varve.output %2#0, %2#1, %2#2, %0#2 : !x, !x, !x, !x
}
// CHECK:       func.func private @Through_0(
// CHECK-SAME:    %[[X:[^:]+]]: tensor<4xf32>, %[[W:[^:]+]]: tensor<4xf32>)
// CHECK:         %[[S:.+]] = varve.add %[[X]]
// CHECK:         return %[[X]], %[[S]], %[[W]]
