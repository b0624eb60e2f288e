// Hooks that a pass adds to a saved graph, in a body that two layers share: printed, written, compared, checked, tapped,
// each with the path of its own call; compiled just now or ahead of time.

// RUN: rm -rf %t && mkdir %t
// RUN: varve-opt %s "--varve-insert-hooks=layers=blocks.? kind=stats" -o %t/stats.mlir
// RUN: varve-run %t/stats.mlir --input iota 2>&1 >/dev/null | FileCheck %s --check-prefix=STATS

// RUN: varve-opt %s "--varve-insert-hooks=types=Inner kind=dump folder=d" -o %t/dump.mlir
// RUN: varve-run %t/dump.mlir --input iota --files %t/files
// RUN: ls %t/files/d | FileCheck %s --check-prefix=DUMP
// RUN: varve-opt %s "--varve-insert-hooks=types=Inner kind=compare folder=d" -o %t/compare.mlir
// RUN: varve-run %t/compare.mlir --input iota --files %t/files | FileCheck %s --check-prefix=OUT
// RUN: varve-run %t/compare.mlir --save %t/compare.varve
// RUN: not varve-run %t/compare.varve --input zeros --files %t/files 2>&1 | FileCheck %s --check-prefix=DIFFERS
// RUN: rm %t/files/d/blocks.1.inner/output.npy
// RUN: not varve-run %t/compare.varve --input iota --files %t/files 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: not varve-run %t/compare.mlir --input iota 2>&1 | FileCheck %s --check-prefix=REFUSED
// RUN: not varve-run %t/dump.mlir --input iota 2>&1 | FileCheck %s --check-prefix=REFUSED
// RUN: varve-run %t/dump.mlir --summary | FileCheck %s --check-prefix=SUMMARY

// RUN: varve-opt %s "--varve-insert-hooks=kind=check-finite" -o %t/finite.mlir
// RUN: varve-run %t/finite.mlir --input iota 2>&1 | FileCheck %s --check-prefix=OUT
// RUN: not varve-run %t/finite.mlir --input 1e38,2e38,1,3e38 2>&1 | FileCheck %s --check-prefix=INF

// RUN: varve-opt %s "--varve-insert-hooks=kind=tap" -o %t/tap.mlir
// RUN: varve-run %t/tap.mlir --input iota 2>&1 | FileCheck %s --check-prefix=OUT
// RUN: varve-run %t/tap.mlir --input iota --tap "*.[1-9].inner.*" 2>&1 >/dev/null | FileCheck %s --check-prefix=TAP
// RUN: varve-run %t/tap.mlir --save %t/tap.varve
// RUN: varve-run %t/tap.varve --tap "blocks.?.output" --tap tail* --print statistics --input iota --time 3 2>&1 >/dev/null | FileCheck %s --check-prefix=TAPS
// RUN: not varve-run %t/tap.mlir --input iota --tap "*.output." 2>&1 | FileCheck %s --check-prefix=NOTAP
// RUN: not varve-run %t/tap.mlir --input iota --tap "[" 2>&1 | FileCheck %s --check-prefix=GLOB
// RUN: not varve-run %s --input iota --tap "*" 2>&1 | FileCheck %s --check-prefix=NOTAPS

// STATS:      blocks.0.output f32 [2, 2]
// STATS-NEXT: count 4, min 0, max 9, mean 4.5, std 3.3541, nan 0, inf 0
// STATS-NEXT: blocks.1.output f32 [2, 2]
// STATS-NEXT: count 4, min 0, max 27, mean 13.5, std 10.0623, nan 0, inf 0
// STATS-NOT:  {{.}}
// DUMP:      blocks.0.inner
// DUMP-NEXT: blocks.1.inner
// DUMP-NOT:  {{.}}
// DIFFERS: varve-run: error: {{.*}}in layer 'blocks.0.inner': {{.*}}/files/d/blocks.0.inner/output.npy: expects [0, 1] to be 2 (rtol 1e-05, atol 1e-08), but got 0; 3 of 4 elements differ, max error 6 at [1, 1], where 6 is expected and 0 found
// MISSING: varve-run: error: {{.*}}in layer 'blocks.1.inner': {{.*}}/files/d/blocks.1.inner/output.npy: expects a file that can be read, but got 'No such file or directory'
// REFUSED: varve-run: error: expects --files DIR, below which the program's prints may write and read files, but got none for 'd'
// SUMMARY: compiled by
// OUT:      output0: f32 [2, 2]
// OUT-NEXT: {{\[\[ 0,  9\],}}
// OUT-NEXT: {{ \[18, 27\]\]}}
// OUT-NEXT: output1: i64 []
// OUT-NEXT: 2
// OUT-NOT:  {{.}}
// INF: varve-run: error: {{.*}}finite.mlir:{{[0-9]+}}: error: in layer 'blocks.0.inner': expects 'output' without NaN and infinities, but got 2 infinities among 4 elements, the first at [0, 1]
// TAP:      blocks.1.inner.output f32 [2, 2]
// TAP-NEXT: {{\[\[ 0,  6\],}}
// TAP-NEXT: {{ \[12, 18\]\]}}
// TAP-NOT:  {{.}}
// The runs that are timed are without taps.
// TAPS:      blocks.0.output f32 [2, 2]
// TAPS-NEXT: count 4, min 0, max 9, {{.*}}
// TAPS-NEXT: blocks.1.output f32 [2, 2]
// TAPS-NEXT: count 4, min 0, max 27, {{.*}}
// TAPS-NEXT: tail.output i64 []
// TAPS-NEXT: count 1, min 2, max 2, {{.*}}
// TAPS-NOT:  {{.}}
// NOTAP: varve-run: error: expects a glob that matches one of the 5 taps (tail.output, blocks.0.inner.output, blocks.1.inner.output, {{.*}}), but got '*.output.'
// NOTAPS: varve-run: error: expects a glob that matches one of the 0 taps, but got '*'
// GLOB: varve-run: error: expects a glob in which every '[' has its ']', but got '['

!x = tensor<2x2xf32>
varve.graph @f(%x: !x) -> (!x, tensor<i64>) {
  %0 = varve.layer "blocks.0" : "Block" -> !x {
    %2 = varve.layer "inner" : "Inner" -> !x {
      %3 = varve.add %x, %x : (!x, !x) -> !x
      varve.output %3 : !x
    }
    %4 = varve.add %2, %x : (!x, !x) -> !x
    varve.output %4 : !x
  }
  %1 = varve.layer "blocks.1" : "Block" -> !x {
    %2 = varve.layer "inner" : "Inner" -> !x {
      %3 = varve.add %0, %0 : (!x, !x) -> !x
      varve.output %3 : !x
    }
    %4 = varve.add %2, %0 : (!x, !x) -> !x
    varve.output %4 : !x
  }
  %5 = varve.layer "tail" : "Tail" -> tensor<i64> {
    %6 = varve.constant dense<2> : tensor<i64>
    varve.output %6 : tensor<i64>
  }
  varve.output %1, %5 : !x, tensor<i64>
}
