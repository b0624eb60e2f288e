// RUN: varve-opt %s --varve-cpu-convert --verify-diagnostics | FileCheck %s
// What has a kernel on a CPU, and what has not.

// CHECK-LABEL: func.func private @attention(
// CHECK:         varve_cpu.attention %{{.+}}, %{{.+}}, %{{.+}} into %{{.+}} {causal, scale = 0.353553385 : f32, window = 9 : i64}
varve.graph @attention(%q: tensor<1x?x4x8xf32, #varve.dims<1, seq, 4, 8>>, %k: tensor<1x?x2x8xf32, #varve.dims<1, past, 2, 8>>) {
  %0 = varve.attention %q, %k, %k {causal, window = 9 : i64} : (tensor<1x?x4x8xf32, #varve.dims<1, seq, 4, 8>>, tensor<1x?x2x8xf32, #varve.dims<1, past, 2, 8>>, tensor<1x?x2x8xf32, #varve.dims<1, past, 2, 8>>) -> tensor<1x?x4x8xf32, #varve.dims<1, seq, 4, 8>>
  varve.output
}

// A single position with few heads: vectors of queries would be mostly empty.
// CHECK-LABEL: func.func private @few(
// CHECK-NOT:     varve_cpu
varve.graph @few(%q: tensor<1x1x4x8xf32>, %k: tensor<1x9x2x8xf32>) {
  %0 = varve.attention %q, %k, %k : (tensor<1x1x4x8xf32>, tensor<1x9x2x8xf32>, tensor<1x9x2x8xf32>) -> tensor<1x1x4x8xf32>
  varve.output
}

// CHECK-LABEL: func.func private @unknown(
// CHECK-NOT:     varve_cpu
varve.graph @unknown(%q: tensor<1x9x4x?xf32, #varve.dims<1, 9, 4, n>>) {
  // expected-remark @+1 {{computed with all scores in memory: there is no kernel for heads that are not contiguous, or whose size is not known or more than 512}}
  %0 = varve.attention %q, %q, %q : (tensor<1x9x4x?xf32, #varve.dims<1, 9, 4, n>>, tensor<1x9x4x?xf32, #varve.dims<1, 9, 4, n>>, tensor<1x9x4x?xf32, #varve.dims<1, 9, 4, n>>) -> tensor<1x9x4x?xf32, #varve.dims<1, 9, 4, n>>
  varve.output
}

// Of a weight in panels of blocks, and of one that is in no panels.
// CHECK-LABEL: func.func private @blocks(
// CHECK:         %[[QUANTS:.+]] = varve_cpu.quantize %[[X:.+]] into %{{.+}} {encoding = "q8_0"} : (tensor<?x64xbf16>, tensor<?x240xi32>) -> tensor<?x240xi32>
// CHECK:         varve_cpu.product %[[X]], %[[QUANTS]], %{{.+}} into %{{.+}} attributes {encoding = "q8_0"}
// CHECK:         ^bb0(%[[SUM:.+]]: f32):
// CHECK:           arith.truncf %[[SUM]] : f32 to bf16
varve.weight @q8 : tensor<5x64x!varve.q8_0, #varve.panels<16>>
varve.graph @blocks(%x: tensor<?x64xbf16, #varve.dims<seq, 64>>) {
  %w = varve.use @q8 : tensor<5x64x!varve.q8_0, #varve.panels<16>>
  %0 = varve.linear %x, %w : (tensor<?x64xbf16, #varve.dims<seq, 64>>, tensor<5x64x!varve.q8_0, #varve.panels<16>>) -> tensor<?x5xbf16, #varve.dims<seq, 5>>
  varve.output
}

// CHECK-LABEL: func.func private @no_panels(
// CHECK-NOT:     varve_cpu
varve.weight @q5 : tensor<5x64x!varve.q5_1>
varve.graph @no_panels(%x: tensor<2x64xf32>) {
  %w = varve.use @q5 : tensor<5x64x!varve.q5_1>
  // expected-remark @+1 {{computed by way of f32: there is no kernel for weights in q5_1}}
  %0 = varve.linear %x, %w : (tensor<2x64xf32>, tensor<5x64x!varve.q5_1>) -> tensor<2x5xf32>
  varve.output
}

// CHECK-LABEL: func.func private @linear(
// CHECK:         varve_cpu.pack
// CHECK:         varve_cpu.product
varve.weight @w : tensor<5x8xbf16, #varve.panels<4>>
varve.graph @linear(%x: tensor<?x?x8xbf16, #varve.dims<batch, seq, 8>>) {
  %w = varve.use @w : tensor<5x8xbf16, #varve.panels<4>>
  %0 = varve.linear %x, %w : (tensor<?x?x8xbf16, #varve.dims<batch, seq, 8>>, tensor<5x8xbf16, #varve.panels<4>>) -> tensor<?x?x5xbf16, #varve.dims<batch, seq, 5>>
  varve.output
}
