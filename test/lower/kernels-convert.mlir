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

// CHECK-LABEL: func.func private @linear(
// CHECK:         varve_cpu.pack
// CHECK:         varve_cpu.product
varve.weight @w : tensor<5x8xbf16, #varve.panels<4>>
varve.graph @linear(%x: tensor<?x?x8xbf16, #varve.dims<batch, seq, 8>>) {
  %w = varve.use @w : tensor<5x8xbf16, #varve.panels<4>>
  %0 = varve.linear %x, %w : (tensor<?x?x8xbf16, #varve.dims<batch, seq, 8>>, tensor<5x8xbf16, #varve.panels<4>>) -> tensor<?x?x5xbf16, #varve.dims<batch, seq, 5>>
  varve.output
}

// CHECK-LABEL: func.func private @kinds(
// CHECK:         varve_cpu.attention %{{.+}}, %{{.+}}, %{{.+}} sinks %{{.+}} slopes %{{.+}} into %{{.+}} {causal, scale = 0.353553385 : f32, soft_cap = 5.000000e+01 : f32}
varve.graph @kinds(%q: tensor<1x?x4x8xbf16, #varve.dims<1, seq, 4, 8>>, %k: tensor<1x?x2x8xbf16, #varve.dims<1, past + seq, 2, 8>>, %past: tensor<i64> {varve.dim = "past"}, %sinks: tensor<4xbf16>, %slopes: tensor<4xf32>) {
  %0 = varve.attention %q, %k, %k sinks %sinks slopes %slopes {causal, soft_cap = 50.0 : f64} : (tensor<1x?x4x8xbf16, #varve.dims<1, seq, 4, 8>>, tensor<1x?x2x8xbf16, #varve.dims<1, past + seq, 2, 8>>, tensor<1x?x2x8xbf16, #varve.dims<1, past + seq, 2, 8>>, tensor<4xbf16>, tensor<4xf32>) -> tensor<1x?x4x8xbf16, #varve.dims<1, seq, 4, 8>>
  varve.output
}
