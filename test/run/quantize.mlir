// RUN: varve-run %s --weights random --input random --input 3,-1 2>&1 | FileCheck %s
// RUN: varve-run %s --weights zeros --input random --input 3,-1 --print statistics | FileCheck %s --check-prefix=ZEROS
// RUN: varve-run %s --summary | FileCheck %s --check-prefix=SUMMARY
// RUN: varve-run %s --save %t.varve
// RUN: varve-run %s --weights random --save-weights %t.gguf --input random --input 3,-1 > %t.made
// RUN: varve-run %t.varve --weights %t.gguf --input random --input 3,-1 | diff - %t.made
// RUN: varve-run inspect %t.gguf | FileCheck %s --check-prefix=FILE
// RUN: not varve-run %s --weights random:x --input random --input 3,-1 2>&1 | FileCheck %s --check-prefix=SEED
// RUN: not varve-run %s --weights random --input random --input 3,4 2>&1 | FileCheck %s --check-prefix=BEYOND
varve.weight @table : tensor<4x256x!varve.q4_k>
varve.weight @q8 : tensor<3x256x!varve.q8_0>

// CHECK: y: f32 [1, 4]
// CHECK: rows: f32 [2, 256]
// CHECK: z: bf16 [1, 3]
// CHECK: numbers: f32 [3, 256]
// ZEROS: numbers: f32 [3, 256]
// ZEROS-NEXT: count 768, min 0, max 0,
// SUMMARY: @f {{.*}}1,792 {{.*}}1,392
// SUMMARY: weights: 2, 1,392 bytes
// SUMMARY-NEXT: table q4_k [4, 256] 576
// SUMMARY-NEXT: q8 q8_0 [3, 256] 816
// FILE: table {{.*}}q4_k
// SEED: expects random or random:SEED, but got 'random:x'
// BEYOND: expects indices into dimension 0 of size 4, but got 4
varve.graph @f(%x: tensor<1x256xf32> {varve.name = "x"}, %ids: tensor<2xi64> {varve.name = "ids"}) -> (tensor<1x4xf32> {varve.name = "y"}, tensor<2x256xf32> {varve.name = "rows"}, tensor<1x3xbf16> {varve.name = "z"}, tensor<3x256xf32> {varve.name = "numbers"}) {
  %table = varve.use @table : tensor<4x256x!varve.q4_k>
  %y = varve.linear %x, %table : (tensor<1x256xf32>, tensor<4x256x!varve.q4_k>) -> tensor<1x4xf32>
  %rows = varve.gather %table, %ids : (tensor<4x256x!varve.q4_k>, tensor<2xi64>) -> tensor<2x256xf32>
  %x16 = varve.cast %x {dtype = bf16} : (tensor<1x256xf32>) -> tensor<1x256xbf16>
  %q8 = varve.use @q8 : tensor<3x256x!varve.q8_0>
  %z = varve.linear %x16, %q8 : (tensor<1x256xbf16>, tensor<3x256x!varve.q8_0>) -> tensor<1x3xbf16>
  %numbers = varve.dequantize %q8 : (tensor<3x256x!varve.q8_0>) -> tensor<3x256xf32>
  varve.output %y, %rows, %z, %numbers : tensor<1x4xf32>, tensor<2x256xf32>, tensor<1x3xbf16>, tensor<3x256xf32>
}
