// RUN: varve-opt %s "--varve-insert-hooks=layers=model.layers.*.mlp" 2>&1 | FileCheck %s --check-prefixes=ALL,MLP
// RUN: varve-opt %s "--varve-insert-hooks=layers=model.layers.[01].mlp* kind=stats" | FileCheck %s --check-prefixes=ALL,STATS
// RUN: varve-opt %s --varve-insert-hooks | FileCheck %s --check-prefixes=ALL,EVERY
// RUN: varve-opt %s "--varve-insert-hooks=layers=model.layers.1.mlp" --varve-inline-layers | FileCheck %s --check-prefix=PATH
// RUN: varve-opt %s "--varve-insert-hooks=layers=mlp" 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: varve-opt %s "--varve-insert-hooks=types=M[A-L]P layers=*.0.*" | FileCheck %s --check-prefix=TYPE
// RUN: varve-opt %s "--varve-insert-hooks=kind=check-finite layers=*.mlp#?" | FileCheck %s --check-prefix=FINITE
// RUN: varve-opt %s "--varve-insert-hooks=kind=dump folder=a/b layers=*.0.mlp" | FileCheck %s --check-prefix=DUMP
// RUN: varve-opt %s "--varve-insert-hooks=kind=compare folder=a/b layers=*.0.mlp" | FileCheck %s --check-prefix=COMPARE
// RUN: varve-opt %s "--varve-insert-hooks=kind=compare folder=a rtol=1e-3 atol=0 layers=*.0.mlp" | FileCheck %s --check-prefix=NEAR
// RUN: varve-opt %s "--varve-insert-hooks=kind=tap layers=model*" | FileCheck %s --check-prefix=TAP
// RUN: not varve-opt %s "--varve-insert-hooks=kind=statistics" 2>&1 | FileCheck %s --check-prefix=KIND
// RUN: not varve-opt %s "--varve-insert-hooks=layers=[" 2>&1 | FileCheck %s --check-prefix=GLOB
// RUN: not varve-opt %s "--varve-insert-hooks=types=[a" 2>&1 | FileCheck %s --check-prefix=TYPES
// RUN: not varve-opt %s "--varve-insert-hooks=kind=dump" 2>&1 | FileCheck %s --check-prefix=FOLDER
// RUN: not varve-opt %s "--varve-insert-hooks=folder=a" 2>&1 | FileCheck %s --check-prefix=NOFOLDER
// RUN: not varve-opt %s "--varve-insert-hooks=kind=dump folder=a rtol=1" 2>&1 | FileCheck %s --check-prefix=TOLERANCE
// RUN: not varve-opt %s "--varve-insert-hooks=kind=dump folder=../a" 2>&1 | FileCheck %s --check-prefix=OUTSIDE
// NONE: warning: expects a layer whose path matches 'mlp' and whose type '*', but got none
// KIND: error: expects kind print, stats, check-finite, dump, compare or tap, but got 'statistics'
// GLOB: error: expects a glob in which every '[' has its ']', but got '['
// TYPES: error: expects a glob in which every '[' has its ']', but got '[a'
// FOLDER: error: expects a folder for kind dump, but got none
// NOFOLDER: error: expects no folder for kind print, but got 'a'
// TOLERANCE: error: expects rtol and atol for kind compare alone, but got them for dump
// OUTSIDE: error: 'varve.print' op expects a relative path without '..' as to, but got "../a"

// TYPE-COUNT-1: varve.print
// TYPE-NOT:     varve.print
// Only floats have what is not finite.
// FINITE:     varve.print %{{.+}}, "0" {style = "finite"} : tensor<?x4xf32, #dims>
// FINITE-NOT: varve.print
// DUMP:    varve.print %{{.+}}, "output" {style = "dump", to = "a/b"}
// COMPARE: varve.print %{{.+}}, "output" {style = "compare", to = "a/b"}
// NEAR:    varve.print %{{.+}}, "output" {atol = 0.000000e+00 : f64, rtol = 1.000000e-03 : f64, style = "compare", to = "a"}

// A tap stands in the place of what it shows.
// TAP:      %[[TAP:.+]] = varve.identity %{{.+}} {tag = "output"}
// TAP-NEXT: varve.output %[[TAP]]
// TAP:      %[[TAP:.+]] = varve.identity %{{.+}} {tag = "0"}
// TAP-NEXT: %[[COUNT:.+]] = varve.identity %{{.+}} {tag = "2"} : (tensor<i64>) -> tensor<i64>
// TAP-NEXT: varve.output %[[TAP]], %{{.+}}, %[[COUNT]]
// TAP:      %[[A:.+]] = varve.identity %{{.+}} {tag = "0"}
// TAP-NEXT: %[[B:.+]] = varve.identity %{{.+}} {tag = "1"}
// TAP-NEXT: varve.output %[[A]], %[[B]]

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
    // ALL-NEXT:     varve.dim
    // MLP-NEXT:     varve.output
    // STATS-NEXT:   varve.print %[[C]], "0" {style = "statistics"} : tensor<?x4xf32, #dims>
    // STATS-NEXT:   varve.print %{{.+}}, "2" {style = "statistics"} : tensor<i64>
    // STATS-NEXT:   varve.output
    // EVERY-NEXT:   varve.print %[[C]], "0" : tensor<?x4xf32, #dims>
    // EVERY-NEXT:   varve.print %{{.+}}, "2" : tensor<i64>
    // EVERY-NEXT:   varve.output
    %4, %w, %n = varve.layer "layers.1.mlp#1" : "MLP" -> !x, tensor<4x4xf32, #varve.panels<4>>, tensor<i64> {
      %2 = varve.silu %3 : (!x) -> !x
      %v = varve.use @w : tensor<4x4xf32, #varve.panels<4>>
      %d = varve.dim <n>
      varve.output %2, %v, %d : !x, tensor<4x4xf32, #varve.panels<4>>, tensor<i64>
    }
    %5 = varve.linear %4, %w : (!x, tensor<4x4xf32, #varve.panels<4>>) -> !x
    // EVERY:      varve.print %{{.+}}, "0"
    // EVERY-NEXT: varve.print %{{.+}}, "1"
    // MLP-NOT:    varve.print
    // STATS-NOT:  varve.print
    varve.output %5, %3 : !x, !x
  }
  varve.output %0#0, %0#1 : !x, !x
}
