// Packed weights are kept in a file, mapped the next time, and made anew where they do not fit.
// RUN: rm -rf %t && mkdir %t
// RUN: varve-run %s --weights random --save-weights %t/model.safetensors --input iota --output %t/y.npy
// RUN: varve-run %s --weights %t --packed --input iota --expect %t/y.npy 2>&1 | FileCheck %s --check-prefix=SAME --implicit-check-not=warning
// RUN: ls %t | FileCheck %s --check-prefix=FILES
// RUN: varve-run %s --weights %t --packed --input iota --expect %t/y.npy --time 1 2>&1 | FileCheck %s --check-prefixes=SAME,MAPPED --implicit-check-not=warning
// RUN: touch %t/model.safetensors
// RUN: varve-run %s --weights %t --packed --input iota --expect %t/y.npy 2>&1 | FileCheck %s --check-prefixes=SAME,OTHER
// RUN: python3 -c "import sys; open(sys.argv[1], 'r+b').truncate(500)" %t/model.safetensors.packed
// RUN: varve-run %s --weights %t --packed --input iota --expect %t/y.npy 2>&1 | FileCheck %s --check-prefixes=SAME,CUT
// RUN: varve-run %s --weights random --packed=%t/p --input iota --expect %t/y.npy 2>&1 | FileCheck %s --check-prefix=SAME --implicit-check-not=warning
// RUN: varve-run %s --weights random --packed=%t/p --input iota --expect %t/y.npy 2>&1 | FileCheck %s --check-prefix=SAME --implicit-check-not=warning
// RUN: not varve-run %s --weights random --packed --input iota 2>&1 | FileCheck %s --check-prefix=NO-NAME
// RUN: not varve-run %s --weights %t --packed=%t/model.safetensors --input iota 2>&1 | FileCheck %s --check-prefix=KIND

// FILES: model.safetensors.packed
// MAPPED: bound in {{.*}} ms
// MAPPED: memory: scratch {{.*}} MB, state 0 MB, weights 0 MB where they are, 0 MB packed, {{0.01[0-9]*}} MB packed in a file; most resident
// OTHER: varve-run: warning: {{.*}}model.safetensors.packed: expects weights of this checkpoint as it is now, but got those of another, or of an older state of it; it is made anew
// CUT: varve-run: warning: {{.*}}model.safetensors.packed: expects a file of {{[0-9]+}} bytes, but got 500; it is made anew
// SAME: output 'y' is as expected
// NO-NAME: varve-run: error: expects --packed=FILE where --weights are not of a checkpoint, but got no name of a file
// KIND: varve-run: error: {{.*}}model.safetensors: expects a file of packed weights, which begins with VARVEPCK, to use or to replace, but got another kind of file
varve.weight @w : tensor<40x64xf32>
varve.graph @f(%x: tensor<2x64xf32> {varve.name = "x"}) -> (tensor<2x40xf32> {varve.name = "y"}) {
  %w = varve.use @w : tensor<40x64xf32>
  %0 = varve.linear %x, %w : (tensor<2x64xf32>, tensor<40x64xf32>) -> tensor<2x40xf32>
  varve.output %0 : tensor<2x40xf32>
}
