// RUN: varve-opt %s --varve-inline-layers | FileCheck %s
// RUN: varve-opt %s --varve-inline-layers --varve-inline-layers | FileCheck %s

!x = tensor<4xf32>

// CHECK-LABEL: varve.graph @nested(
// CHECK-SAME:    %[[X:[^:]+]]:
// CHECK-NEXT:    %[[A:.+]] = varve.neg %[[X]]
// CHECK-NEXT:    %[[B:.+]] = varve.silu %[[A]]
// CHECK-NEXT:    varve.print %[[B]], "inner" {layer = "mlp.gate_proj#1"}
// CHECK-NEXT:    varve.print %[[B]], "half" {layer = "mlp.gate_proj#1.act"}
// CHECK-NEXT:    %[[T:.+]] = varve.identity %[[B]] {layer = "mlp.gate_proj#1", tag = "tap"}
// CHECK-NEXT:    %[[U:.+]] = varve.identity %[[T]] : (
// CHECK-NEXT:    %[[C:.+]] = varve.mul %[[U]], %[[A]]
// CHECK-NEXT:    varve.print %[[C]], "outer" {layer = "mlp", style = "full"}
// CHECK-NEXT:    varve.print %[[C]], "graph" : tensor<4xf32>
// CHECK-NEXT:    varve.output %[[C]], %[[A]], %[[X]]
varve.graph @nested(%x: !x) -> (!x, !x, !x) {
  %0:3 = varve.layer "mlp" : "MLP" -> !x, !x, !x {
    %1 = varve.neg %x : (!x) -> !x
    %2 = varve.layer "gate_proj#1" : "Gate" -> !x {
      %3 = varve.silu %1 : (!x) -> !x
      varve.print %3, "inner" : !x
      varve.print %3, "half" {layer = "act"} : !x
      %5 = varve.identity %3 {tag = "tap"} : (!x) -> !x
      %6 = varve.identity %5 : (!x) -> !x
      varve.output %6 : !x
    }
    %4 = varve.mul %2, %1 : (!x, !x) -> !x
    varve.print %4, "outer" {style = "full"} : !x
    varve.output %4, %1, %x : !x, !x, !x
  }
  varve.print %0#0, "graph" : !x
  varve.output %0#0, %0#1, %0#2 : !x, !x, !x
}

// A root without a name leaves no dot.
// CHECK-LABEL: varve.graph @root(
// CHECK-NEXT:    varve.print %{{.+}}, "x" : tensor<4xf32>
// CHECK-NEXT:    varve.print %{{.+}}, "x" {layer = "norm"} : tensor<4xf32>
// CHECK-NEXT:    varve.output
varve.graph @root(%x: !x) {
  varve.layer "" : "Model" {
    varve.print %x, "x" : !x
    varve.layer "norm" : "Norm" {
      varve.print %x, "x" : !x
    }
  }
  varve.output
}

// In a function the path begins at the function; a call keeps its own.
// CHECK-LABEL: func.func private @Block_0(
// CHECK-SAME:    %[[X:[^:]+]]:
// CHECK-NEXT:    %[[Y:.+]] = varve.tanh %[[X]]
// CHECK-NEXT:    varve.print %[[Y]], "y" {layer = "act"}
// CHECK-NEXT:    return %[[Y]]
func.func private @Block_0(%x: !x) -> !x {
  %0 = varve.layer "act" : "Act" -> !x {
    %1 = varve.tanh %x : (!x) -> !x
    varve.print %1, "y" : !x
    varve.output %1 : !x
  }
  return %0 : !x
}

// CHECK-LABEL: varve.graph @calls(
// CHECK-NEXT:    func.call @Block_0(%{{.+}}) {varve.layer = "decoder.h.0"}
varve.graph @calls(%x: !x) -> !x {
  %0 = varve.layer "decoder" : "Decoder" -> !x {
    %1 = func.call @Block_0(%x) {varve.layer = "decoder.h.0"} : (!x) -> !x
    varve.output %1 : !x
  }
  varve.output %0 : !x
}
