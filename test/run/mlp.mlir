// A saved graph, weights made up and then read from a file, its bytecode, its executable: the same numbers every time.
// RUN: varve-run %s --weights random:1 --input random --dim batch=3 --dim seq=5 --save-weights %t.safetensors --output %t.npy
// RUN: varve-run %s --weights %t.safetensors --input random --dim batch=3 --dim seq=5 --expect %t.npy --rtol 0 --atol 0 \
// RUN:   --threads 1 | FileCheck %s --check-prefix=SAME
// RUN: varve-opt %s --emit-bytecode -o %t.mlirbc
// RUN: varve-run %t.mlirbc --weights %t.safetensors --input random --dim batch=3 --dim seq=5 --expect y=%t.npy --rtol 0 --atol 0 | FileCheck %s --check-prefix=SAME
// RUN: varve-run - --weights %t.safetensors --input random --dim batch=3 --dim seq=5 --expect %t.npy < %s | FileCheck %s --check-prefix=SAME
// RUN: varve-run %s --save %t.varve | count 0
// RUN: varve-run %t.varve --weights %t.safetensors --input x=random --dim batch=3 --dim seq=5 --expect %t.npy --rtol 0 --atol 0 | FileCheck %s --check-prefix=SAME
// RUN: varve-run %t.varve --summary | FileCheck %s --check-prefix=SUMMARY
// RUN: varve-run %s --weights zeros --input random --dim batch=1 --dim seq=1 | FileCheck %s --check-prefix=ZEROS
// RUN: varve-run %s --weights random --input random --dim batch=1 --dim seq=1 --time 3 --threads 2 | FileCheck %s --check-prefix=TIME
// RUN: not varve-run %s --weights random:2 --input random --dim batch=3 --dim seq=5 --expect %t.npy 2>&1 | FileCheck %s --check-prefix=OTHER

// SAME: output 'y' is as expected, max error 0
// SUMMARY: compiled by varve {{.*}} for
// SUMMARY-NEXT: entry mlp
// SUMMARY-NEXT: input   x  f32  [batch, seq, 8]
// SUMMARY-NEXT: output  y  f32  [batch, seq, 8]
// SUMMARY-NEXT: weights: 3, 1,632 bytes
// SUMMARY-NEXT: gate_proj.weight  f32  [17, 8]  544
// SUMMARY-NEXT: up_proj.weight    f32  [17, 8]  544
// SUMMARY-NEXT: down_proj.weight  f32  [8, 17]  544
// SUMMARY-NOT: {{.}}
// ZEROS: y: f32 [1, 1, 8]
// ZEROS-NEXT: {{\[\[\[0, 0, 0, 0, 0, 0, 0, 0\]\]\]}}
// TIME: compiled in {{.*}} ms
// TIME-NEXT: bound in {{.*}} ms
// TIME-NEXT: run: min {{.*}} ms, median {{.*}} ms (3 runs, threads: 2)
// TIME-NEXT: memory: scratch {{.*}} MB, state 0 MB, weights {{.*}} MB where they are, {{.*}} MB packed, 0 MB packed in a file; most resident {{.*}} MB
// TIME-NOT: {{.}}
// OTHER: varve-run: error: {{.*}}.npy: output 'y' expects [0, 0, 0] to be {{.*}} (rtol 1e-05, atol 1e-08), but got {{.*}}; {{[0-9]+}} of 120 elements differ, max error {{.*}} at [{{[0-2], [0-4], [0-7]}}]

#x = #varve.dims<batch, seq, 8>
#h = #varve.dims<batch, seq, 17>
varve.weight @gate_proj.weight : tensor<17x8xf32>
varve.weight @up_proj.weight : tensor<17x8xf32>
varve.weight @down_proj.weight : tensor<8x17xf32>
varve.graph @mlp(%x: tensor<?x?x8xf32, #x> {varve.name = "x"}) -> (tensor<?x?x8xf32, #x> {varve.name = "y"}) {
  %gate = varve.layer "gate_proj" : "Linear" -> tensor<?x?x17xf32, #h> {
    %w = varve.use @gate_proj.weight : tensor<17x8xf32>
    %0 = varve.linear %x, %w : (tensor<?x?x8xf32, #x>, tensor<17x8xf32>) -> tensor<?x?x17xf32, #h>
    varve.output %0 : tensor<?x?x17xf32, #h>
  }
  %up = varve.layer "up_proj" : "Linear" -> tensor<?x?x17xf32, #h> {
    %w = varve.use @up_proj.weight : tensor<17x8xf32>
    %0 = varve.linear %x, %w : (tensor<?x?x8xf32, #x>, tensor<17x8xf32>) -> tensor<?x?x17xf32, #h>
    varve.output %0 : tensor<?x?x17xf32, #h>
  }
  %active = varve.silu %gate : (tensor<?x?x17xf32, #h>) -> tensor<?x?x17xf32, #h>
  %product = varve.mul %active, %up : (tensor<?x?x17xf32, #h>, tensor<?x?x17xf32, #h>) -> tensor<?x?x17xf32, #h>
  %down = varve.layer "down_proj" : "Linear" -> tensor<?x?x8xf32, #x> {
    %w = varve.use @down_proj.weight : tensor<8x17xf32>
    %0 = varve.linear %product, %w : (tensor<?x?x17xf32, #h>, tensor<8x17xf32>) -> tensor<?x?x8xf32, #x>
    varve.output %0 : tensor<?x?x8xf32, #x>
  }
  varve.output %down : tensor<?x?x8xf32, #x>
}
