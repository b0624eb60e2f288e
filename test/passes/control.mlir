// Passes see into bodies: hooks, equal layers, drawings.
// RUN: varve-opt %s --varve-shape | FileCheck %s --check-prefix=SHAPE
// RUN: varve-opt %s "--varve-insert-hooks=layers=b kind=tap" | FileCheck %s --check-prefix=HOOKS
// RUN: varve-opt %s "--varve-insert-hooks=kind=tap" --varve-strip-hooks --canonicalize -o %t.stripped
// RUN: varve-opt %s --canonicalize -o %t.plain
// RUN: diff %t.stripped %t.plain
// RUN: varve-opt %s --varve-print-dot -o /dev/null | FileCheck %s --check-prefix=DOT
// RUN: varve-opt %s --varve-print-dot=depth=0 -o /dev/null | FileCheck %s --check-prefix=FLAT
// RUN: varve-run %s --summary | FileCheck %s --check-prefix=SUMMARY

// SHAPE:         varve.loop to(3) carry(%{{.+}} : tensor<4xf32>) while
// SHAPE:           varve.cond
// SHAPE-NEXT:        varve.use @w
// SHAPE-NEXT:        call @A_0({{.*}}) {varve.layer = "a"}
// SHAPE:           } else {
// SHAPE:             call @A_0({{.*}}) {varve.layer = "b"}
// SHAPE-NEXT:        varve.buffer.store
// SHAPE-LABEL:   func.func private @A_0

// HOOKS:         varve.layer "a"
// HOOKS-NOT:       varve.identity
// HOOKS:         varve.layer "b"
// HOOKS:           varve.identity %{{.+}} {tag = "output"}

// DOT:      label=<<b>loop</b><font point-size="9" color="#606f7b"> 3</font>>
// DOT-NEXT: [[TRIP:n[0-9]+]] [label=<trip>
// DOT-NEXT: [[NEXT:n[0-9]+]] [label=<next>
// DOT:      label=<while>
// DOT:      label=<do>
// DOT:      label=<<b>cond</b>>
// DOT-NEXT: [[BUFFER:n[0-9]+]] [label=<b<br/>
// DOT-NEXT: [[COND:n[0-9]+]] [label=<cond>, shape=diamond
// DOT:      label=<on_true>
// DOT:      label=<<b>a</b>
// DOT:      [[MUL:n[0-9]+]] [label=<mul>]
// DOT:      label=<on_false>
// DOT:      label=<<b>b</b>
// DOT:      [[STORE:n[0-9]+]] [label=<buffer.store>]
// DOT:      [[OUTPUT:n[0-9]+]] [label=<output
// DOT-DAG:  [[TRIP]] -> [[MUL]]
// DOT-DAG:  [[STORE]] -> [[BUFFER]] [style=dashed
// DOT-DAG:  [[COND]] -> [[NEXT]]
// DOT-DAG:  [[NEXT]] -> [[TRIP]] [style=dashed
// DOT-DAG:  [[NEXT]] -> [[OUTPUT]]
// FLAT:     [label=<<b>a</b> <br/>
// SUMMARY:  entry f

varve.weight @w : tensor<4xf32>
varve.graph @f(%p: tensor<i1> {varve.name = "p"}, %x: tensor<4xf32> {varve.name = "x"}, %b: !varve.buffer<4xf32> {varve.name = "b"}) -> tensor<4xf32> {
  %0 = varve.loop to(3) carry(%x : tensor<4xf32>) while(%i, %h) {
    varve.output %p : tensor<i1>
  } do(%i, %h) {
    %1 = varve.cond %p -> tensor<4xf32> {
      %2 = varve.layer "a" : "A" -> tensor<4xf32> {
        %w = varve.use @w : tensor<4xf32>
        %3 = varve.mul %h, %w : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
        %4 = varve.exp %3 : (tensor<4xf32>) -> tensor<4xf32>
        varve.output %4 : tensor<4xf32>
      }
      varve.output %2 : tensor<4xf32>
    } else {
      %2 = varve.layer "b" : "A" -> tensor<4xf32> {
        %w = varve.use @w : tensor<4xf32>
        %3 = varve.mul %h, %w : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
        %4 = varve.exp %3 : (tensor<4xf32>) -> tensor<4xf32>
        varve.output %4 : tensor<4xf32>
      }
      varve.buffer.store %2, %b : tensor<4xf32>, !varve.buffer<4xf32>
      varve.output %2 : tensor<4xf32>
    }
    varve.output %1 : tensor<4xf32>
  }
  varve.output %0 : tensor<4xf32>
}
