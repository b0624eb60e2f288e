// RUN: varve-opt %s "--varve-insert-hooks=layers=model.layers.*.mlp" 2>&1 | FileCheck %s --check-prefixes=ALL,MLP
// RUN: varve-opt %s "--varve-insert-hooks=layers=model.layers.[01].mlp* kind=statistics" | FileCheck %s --check-prefixes=ALL,STATS
// RUN: varve-opt %s --varve-insert-hooks | FileCheck %s --check-prefixes=ALL,EVERY
// RUN: varve-opt %s "--varve-insert-hooks=layers=model.layers.1.mlp" --varve-inline-layers | FileCheck %s --check-prefix=PATH
// RUN: varve-opt %s "--varve-insert-hooks=layers=mlp" 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not varve-opt %s "--varve-insert-hooks=kind=stats" 2>&1 | FileCheck %s --check-prefix=KIND
// RUN: not varve-opt %s "--varve-insert-hooks=layers=[" 2>&1 | FileCheck %s --check-prefix=GLOB
// NONE: warning: expects a layer whose path matches 'mlp', but got none
// KIND: error: expects kind print or statistics, but got 'stats'
// GLOB: error: expects a glob that layers' paths match, but got '[': invalid glob pattern

!x = tensor<?x4xf32, #varve.dims<n, 4>>
varve.weight @w : tensor<4x4xf32, #varve.panels<4>>

// PATH: varve.print %{{.+}}, "output" {layer = "model.layers.1.mlp"} : tensor<?x4xf32, #dims>
// PATH-NOT: varve.print

// ALL-LABEL: varve.graph @f(
varve.graph @f(%x: !x) -> (!x, !x) {
  // ALL: varve.layer "model"
  %0:2 = varve.layer "model" : "Model" -> !x, !x {
    // ALL:        varve.layer "layers.0.mlp"
    // ALL:          %[[A:.+]] = varve.silu
    // MLP-NEXT:     varve.print %[[A]], "output" : tensor<?x4xf32, #dims>
    // STATS-NEXT:   varve.print %[[A]], "output" {style = "statistics"} : tensor<?x4xf32, #dims>
    // EVERY-NEXT:   varve.print %[[A]], "output" : tensor<?x4xf32, #dims>
    // ALL-NEXT:     varve.output %[[A]]
    %1 = varve.layer "layers.0.mlp" : "MLP" -> !x {
      %2 = varve.silu %x : (!x) -> !x
      varve.output %2 : !x
    }
    // ALL:        varve.layer "layers.1.mlp"
    // ALL:          %[[B:.+]] = varve.silu
    // ALL-NEXT:     varve.print %[[B]], "output"
    %3 = varve.layer "layers.1.mlp" : "MLP" -> !x {
      %2 = varve.silu %1 : (!x) -> !x
      varve.output %2 : !x
    }
    // A second call has a name of its own. What cannot be printed (a packed weight) is not.
    // ALL:        varve.layer "layers.1.mlp#1"
    // ALL:          %[[C:.+]] = varve.silu
    // ALL-NEXT:     varve.use
    // MLP-NEXT:     varve.output
    // STATS-NEXT:   varve.print %[[C]], "output.0" {style = "statistics"} : tensor<?x4xf32, #dims>
    // STATS-NEXT:   varve.output
    // EVERY-NEXT:   varve.print %[[C]], "output.0" : tensor<?x4xf32, #dims>
    // EVERY-NEXT:   varve.output
    %4, %w = varve.layer "layers.1.mlp#1" : "MLP" -> !x, tensor<4x4xf32, #varve.panels<4>> {
      %2 = varve.silu %3 : (!x) -> !x
      %v = varve.use @w : tensor<4x4xf32, #varve.panels<4>>
      varve.output %2, %v : !x, tensor<4x4xf32, #varve.panels<4>>
    }
    %5 = varve.linear %4, %w : (!x, tensor<4x4xf32, #varve.panels<4>>) -> !x
    // EVERY:      varve.print %{{.+}}, "output.0"
    // EVERY-NEXT: varve.print %{{.+}}, "output.1"
    // MLP-NOT:    varve.print
    // STATS-NOT:  varve.print
    varve.output %5, %3 : !x, !x
  }
  varve.output %0#0, %0#1 : !x, !x
}
