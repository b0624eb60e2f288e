// RUN: varve-opt %s --varve-cpu-convert --verify-diagnostics | FileCheck %s
// What has a kernel on a CPU, and what has not.

// CHECK-DAG: #[[$LEFT:.+]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
// CHECK-DAG: #[[$RIGHT:.+]] = affine_map<(d0, d1, d2, d3) -> (0, d1, d3, d2)>

// CHECK-LABEL: func.func private @attention(
// CHECK:         varve_cpu.attention %{{.+}}, %{{.+}}, %{{.+}} parts %{{.+}}, %{{.+}} into %{{.+}} {causal, scale = 0.353553385 : f32, window = 9 : i64}
varve.graph @attention(%q: tensor<1x?x4x8xf32, #varve.dims<1, seq, 4, 8>>, %k: tensor<1x?x2x8xf32, #varve.dims<1, past, 2, 8>>) {
  %0 = varve.attention %q, %k, %k {causal, window = 9 : i64} : (tensor<1x?x4x8xf32, #varve.dims<1, seq, 4, 8>>, tensor<1x?x2x8xf32, #varve.dims<1, past, 2, 8>>, tensor<1x?x2x8xf32, #varve.dims<1, past, 2, 8>>) -> tensor<1x?x4x8xf32, #varve.dims<1, seq, 4, 8>>
  varve.output
}

// A single position: its keys are divided into parts.
// CHECK-LABEL: func.func private @few(
// CHECK:         varve_cpu.attention %{{.+}}, %{{.+}}, %{{.+}} parts %{{.+}}, %{{.+}} into %{{.+}} {scale = 0.353553385 : f32}
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
// CHECK:         %[[QUANTS:.+]] = varve_cpu.quantize %[[X:.+]] into %{{.+}} {encoding = "q8_0"} : (tensor<?x64xbf16>, tensor<?x120xi32>) -> tensor<?x120xi32>
// CHECK:         varve_cpu.product %[[QUANTS]], %{{.+}} row %[[X]] into %{{.+}} attributes {encoding = "q8_0"}
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

// Pairs of columns of bf16, the last one alone.
// CHECK-LABEL: func.func private @pairs(
// CHECK:         varve_cpu.pack %{{.+}} into %{{.+}} {pairs} : (tensor<?x9xbf16>, tensor<?x5x16xbf16>) -> tensor<?x5x16xbf16>
// CHECK:         varve_cpu.product {{.*}} attributes {{{.*}}pairs}
// CHECK:         (tensor<?x5x16xbf16>, tensor<2x5x8xbf16>, tensor<?x9xbf16>, tensor<?x5xbf16>) -> tensor<?x5xbf16>
varve.weight @v : tensor<5x9xbf16, #varve.panels<4, 2>>
varve.graph @pairs(%x: tensor<?x9xbf16, #varve.dims<seq, 9>>) {
  %v = varve.use @v : tensor<5x9xbf16, #varve.panels<4, 2>>
  %0 = varve.linear %x, %v : (tensor<?x9xbf16, #varve.dims<seq, 9>>, tensor<5x9xbf16, #varve.panels<4, 2>>) -> tensor<?x5xbf16, #varve.dims<seq, 5>>
  varve.output
}

// CHECK-LABEL: func.func private @no_rows(
// CHECK-NOT:     varve_cpu
varve.graph @no_rows(%x: tensor<0x9xbf16>) {
  %v = varve.use @v : tensor<5x9xbf16, #varve.panels<4, 2>>
  %0 = varve.linear %x, %v : (tensor<0x9xbf16>, tensor<5x9xbf16, #varve.panels<4, 2>>) -> tensor<0x5xbf16>
  varve.output
}

// Two activations: rows of the left-hand side in tiles, columns of the right-hand side in panels, for each item of the batch; what
// has size 1 is packed again for each.
// CHECK-LABEL: func.func private @matmul(
// CHECK-SAME:    i64, %[[A:[a-z0-9]+]]: index, {{.*}}%[[X:[a-z0-9]+]]: tensor<?x3x?x8xf32> {{.*}}, %[[Y:[a-z0-9]+]]: tensor<1x3x8x20xf32>
// CHECK:         %[[LEFT:.+]] = varve_cpu.pack %[[X]] batch(%[[A]], %{{.+}}) into %{{.+}} {map = #[[$LEFT]]} : (tensor<?x3x?x8xf32>, index, index, tensor<?x8x8xf32>) -> tensor<?x8x8xf32>
// CHECK:         %[[RIGHT:.+]] = varve_cpu.pack %[[Y]] batch(%[[A]], %{{.+}}) into %{{.+}} {map = #[[$RIGHT]]} : (tensor<1x3x8x20xf32>, index, index, tensor<?x8x32xf32>) -> tensor<?x8x32xf32>
// CHECK:         %[[Z:.+]] = varve_cpu.product %[[LEFT]], %[[RIGHT]] batch(%{{.+}}, %{{.+}}) into
// CHECK:         tensor.expand_shape %[[Z]] {{\[\[}}0, 1, 2], [3]]
varve.graph @matmul(%x: tensor<?x3x?x8xf32, #varve.dims<a, 3, m, 8>>, %y: tensor<1x3x8x20xf32>) {
  %0 = varve.matmul %x, %y : (tensor<?x3x?x8xf32, #varve.dims<a, 3, m, 8>>, tensor<1x3x8x20xf32>) -> tensor<?x3x?x20xf32, #varve.dims<a, 3, m, 20>>
  varve.output
}

// One right-hand side: all rows are those of one product.
// CHECK-LABEL: func.func private @matmul_once(
// CHECK:         varve_cpu.product %{{.+}}, %{{.+}} batch(%c1{{.*}}, %{{.+}}) into %{{.+}} {
// CHECK:         (tensor<?x8x8xf32>, tensor<?x8x32xf32>, index, index, tensor<?x20xf32>) -> tensor<?x20xf32>
varve.graph @matmul_once(%x: tensor<?x5x8xf32, #varve.dims<a, 5, 8>>, %y: tensor<8x20xf32>) {
  %0 = varve.matmul %x, %y : (tensor<?x5x8xf32, #varve.dims<a, 5, 8>>, tensor<8x20xf32>) -> tensor<?x5x20xf32, #varve.dims<a, 5, 20>>
  varve.output
}

// Of so few rows packing would be most of the work.
// CHECK-LABEL: func.func private @matmul_row(
// CHECK-NOT:     varve_cpu
varve.graph @matmul_row(%x: tensor<5x1x8xf32>, %y: tensor<5x8x20xf32>) {
  %0 = varve.matmul %x, %y : (tensor<5x1x8xf32>, tensor<5x8x20xf32>) -> tensor<5x1x20xf32>
  varve.output
}

// A weight in panels: windows along missing axes are ones, and the bias is read in the body.
// CHECK-LABEL: func.func private @conv(
// CHECK:         %[[X:.+]] = tensor.expand_shape %{{.+}} {{\[\[}}0], [1], [2, 3], [4]] {{.+}} into tensor<?x3x1x9x?xf32>
// CHECK:         varve_cpu.convolution %[[X]], %{{.+}} windows(%{{.+}}, %{{.+}}, %{{.+}}) with %{{.+}} into %{{.+}} attributes {dilations = array<i64: 1, 1, 2>, groups = 1 : i64, kernel = array<i64: 1, 3, 3>, maps = [#{{.+}}], padding = array<i64: 0, 1, 0>, strides = array<i64: 1, 2, 1>}
// CHECK:           arith.addf
// CHECK:           varve_cpu.yield
varve.weight @kernel : tensor<40x3x3x3xf32, #varve.panels<32>>
varve.graph @conv(%x: tensor<?x3x9x?xf32, #varve.dims<n, 3, 9, w>>, %b: tensor<40xf32>) {
  %w = varve.use @kernel : tensor<40x3x3x3xf32, #varve.panels<32>>
  %0 = varve.conv %x, %w, %b {strides = array<i64: 2, 1>, padding_begin = array<i64: 1, 0>, padding_end = array<i64: 1, 0>, dilations = array<i64: 1, 2>} : (tensor<?x3x9x?xf32, #varve.dims<n, 3, 9, w>>, tensor<40x3x3x3xf32, #varve.panels<32>>, tensor<40xf32>) -> tensor<?x40x5x?xf32, #varve.dims<n, 40, 5, w - 4>>
  varve.output
}

// With channels last the output is a matrix, and padding is laid out in memory of its own; of a 1x1 kernel nothing is.
// CHECK-LABEL: func.func private @channels_last(
// CHECK:         varve_cpu.convolution {{.+}} windows(%{{.+}}, %{{.+}}, %{{.+}}) room %{{.+}} with %{{.+}} into %{{.+}} attributes {channels_last, {{.+}} padding = array<i64: 0, 1, 1>
// CHECK:         (tensor<?x1x9x7x3xf32>, tensor<1x27x32xf32>, index, index, index, index, tensor<32xf32>, tensor<?x32xf32>) -> tensor<?x32xf32>
// CHECK:         varve_cpu.convolution {{.+}} windows(%{{.+}}, %{{.+}}, %{{.+}}) into
// CHECK:         (tensor<?x1x1x63x32xf32>, tensor<1x32x32xf32>, index, index, index, tensor<?x32xf32>) -> tensor<?x32xf32>
varve.weight @last : tensor<32x3x3x3xf32, #varve.panels<32>>
varve.weight @mixing : tensor<32x32x1x1xf32, #varve.panels<32>>
varve.graph @channels_last(%x: tensor<?x9x7x3xf32, #varve.dims<n, 9, 7, 3>>, %b: tensor<32xf32>) {
  %w = varve.use @last : tensor<32x3x3x3xf32, #varve.panels<32>>
  %0 = varve.conv %x, %w, %b {channels_last, padding_begin = array<i64: 1, 1>, padding_end = array<i64: 1, 1>} : (tensor<?x9x7x3xf32, #varve.dims<n, 9, 7, 3>>, tensor<32x3x3x3xf32, #varve.panels<32>>, tensor<32xf32>) -> tensor<?x9x7x32xf32, #varve.dims<n, 9, 7, 32>>
  %v = varve.use @mixing : tensor<32x32x1x1xf32, #varve.panels<32>>
  %1 = varve.conv %0, %v {channels_last} : (tensor<?x9x7x32xf32, #varve.dims<n, 9, 7, 32>>, tensor<32x32x1x1xf32, #varve.panels<32>>) -> tensor<?x9x7x32xf32, #varve.dims<n, 9, 7, 32>>
  varve.output
}

// A weight of Winograd's needs no room; what no kernel takes is computed with the kernels that it was made of.
// CHECK-LABEL: func.func private @winograd(
// CHECK:         varve_cpu.convolution {{.+}} windows(%{{.+}}, %{{.+}}, %{{.+}}) into %{{.+}} attributes {channels_last, {{.+}} winograd}
// CHECK:         (tensor<1x1x9x7x16xf32>, tensor<1x256x32xf32>, index, index, index, tensor<35x32xf32>) -> tensor<35x32xf32>
// CHECK-NOT:     varve_cpu
// CHECK:         linalg.generic {{.+}} tensor<3x4xf32>
varve.weight @kernels : tensor<32x16x3x3xf32, #varve.panels<32, winograd>>
varve.graph @winograd(%x: tensor<1x9x7x16xf32>, %y: tensor<1x16x9x7xf32>) {
  %w = varve.use @kernels : tensor<32x16x3x3xf32, #varve.panels<32, winograd>>
  %0 = varve.conv %x, %w {channels_last} : (tensor<1x9x7x16xf32>, tensor<32x16x3x3xf32, #varve.panels<32, winograd>>) -> tensor<1x7x5x32xf32>
  // expected-remark @+1 {{computed channel by channel: there is no kernel for a weight of Winograd's without channels last}}
  %1 = varve.conv %y, %w : (tensor<1x16x9x7xf32>, tensor<32x16x3x3xf32, #varve.panels<32, winograd>>) -> tensor<1x32x7x5xf32>
  varve.output
}

// CHECK-LABEL: func.func private @pools_last(
// CHECK:         varve_cpu.pool "max" %{{.+}} into %{{.+}} {dilations = array<i64: 1, 1, 2>, kernel = array<i64: 1, 3, 2>, padding = array<i64: 0, 1, 0>, padding_end = array<i64: 0, 0, 1>, strides = array<i64: 1, 2, 1>} : (tensor<?x1x9x7x3xf32>, tensor<?x1x4x6x3xf32>) -> tensor<?x1x4x6x3xf32>
// CHECK:         varve_cpu.pool "mean" %{{.+}} into %{{.+}} {counts_padding, dilations = array<i64: 1, 1, 1>, divisor = 3 : i64,
varve.graph @pools_last(%x: tensor<?x9x7x3xf32, #varve.dims<n, 9, 7, 3>>, %line: tensor<1x9x7xf32>) {
  %0 = varve.max_pool %x {channels_last, kernel = array<i64: 3, 2>, strides = array<i64: 2, 1>, padding_begin = array<i64: 1, 0>, padding_end = array<i64: 0, 1>, dilations = array<i64: 1, 2>} : (tensor<?x9x7x3xf32, #varve.dims<n, 9, 7, 3>>) -> tensor<?x4x6x3xf32, #varve.dims<n, 4, 6, 3>>
  %1 = varve.avg_pool %line {channels_last, kernel = array<i64: 3>, count_include_pad, divisor_override = 3 : i64} : (tensor<1x9x7xf32>) -> tensor<1x7x7xf32>
  varve.output
}

// CHECK-LABEL: func.func private @last_without_panels(
// CHECK-NOT:     varve_cpu
varve.graph @last_without_panels(%x: tensor<1x9x7x3xf32>, %w: tensor<32x3x3x3xf32>) {
  // expected-remark @+1 {{computed channel by channel: with channels last there is no kernel for a weight that is not in panels}}
  %0 = varve.conv %x, %w {channels_last} : (tensor<1x9x7x3xf32>, tensor<32x3x3x3xf32>) -> tensor<1x7x5x32xf32>
  varve.output
}

// A plane is one row where each element is a window.
// CHECK-LABEL: func.func private @pointwise(
// CHECK:         varve_cpu.convolution {{.+}} kernel = array<i64: 1, 1, 1>
// CHECK:         (tensor<2x3x1x1x35xf32>, tensor<1x3x32xf32>, index, index, index, tensor<2x32x35xf32>) -> tensor<2x32x35xf32>
varve.weight @points : tensor<32x3x1x1xf32, #varve.panels<32>>
varve.graph @pointwise(%x: tensor<2x3x5x7xf32>) {
  %w = varve.use @points : tensor<32x3x1x1xf32, #varve.panels<32>>
  %0 = varve.conv %x, %w : (tensor<2x3x5x7xf32>, tensor<32x3x1x1xf32, #varve.panels<32>>) -> tensor<2x32x5x7xf32>
  varve.output
}

// Panels of several groups, and an input with gaps, are left to loops over the weight as it is without panels.
// CHECK-LABEL: func.func private @grouped(
// CHECK-NOT:     varve_cpu
varve.weight @narrow : tensor<32x3x3x3xf32, #varve.panels<32>>
varve.graph @grouped(%x: tensor<1x6x9x9xf32>) {
  %w = varve.use @narrow : tensor<32x3x3x3xf32, #varve.panels<32>>
  %0 = varve.conv %x, %w {groups = 2 : i64} : (tensor<1x6x9x9xf32>, tensor<32x3x3x3xf32, #varve.panels<32>>) -> tensor<1x32x7x7xf32>
  varve.output
}

// CHECK-LABEL: func.func private @gaps(
// CHECK-NOT:     varve_cpu
varve.graph @gaps(%x: tensor<1x3x9x18xf32>) {
  %w = varve.use @narrow : tensor<32x3x3x3xf32, #varve.panels<32>>
  %0 = varve.slice %x {starts = #varve.dims<0, 0, 0, 0>, ends = #varve.dims<1, 3, 9, 18>, steps = array<i64: 1, 1, 1, 2>} : (tensor<1x3x9x18xf32>) -> tensor<1x3x9x9xf32>
  // expected-remark @+1 {{computed channel by channel: there is no kernel for an input that is not contiguous}}
  %1 = varve.conv %0, %w : (tensor<1x3x9x9xf32>, tensor<32x3x3x3xf32, #varve.panels<32>>) -> tensor<1x32x7x7xf32>
  varve.output
}

// A weight that is in no panels has one of each output channel.
// CHECK-LABEL: func.func private @depthwise(
// CHECK:         %[[W:.+]] = tensor.expand_shape %{{.+}} into tensor<6x9x1xf32>
// CHECK:         varve_cpu.convolution %{{.+}}, %[[W]] windows{{.+}} groups = 6 : i64
varve.weight @each : tensor<6x1x3x3xf32>
varve.graph @depthwise(%x: tensor<?x6x9x9xf32, #varve.dims<n, 6, 9, 9>>) {
  %w = varve.use @each : tensor<6x1x3x3xf32>
  %0 = varve.conv %x, %w {groups = 6 : i64} : (tensor<?x6x9x9xf32, #varve.dims<n, 6, 9, 9>>, tensor<6x1x3x3xf32>) -> tensor<?x6x7x7xf32, #varve.dims<n, 6, 7, 7>>
  varve.output
}

// CHECK-LABEL: func.func private @far(
// CHECK-NOT:     varve_cpu
varve.weight @distant : tensor<2x1x300x300xf32>
varve.graph @far(%x: tensor<1x2x400x400xf32>) {
  %w = varve.use @distant : tensor<2x1x300x300xf32>
  // expected-remark @+1 {{computed channel by channel: there is no kernel for windows that reach so far}}
  %0 = varve.conv %x, %w {groups = 2 : i64} : (tensor<1x2x400x400xf32>, tensor<2x1x300x300xf32>) -> tensor<1x2x101x101xf32>
  varve.output
}

// CHECK-LABEL: func.func private @kinds(
// CHECK:         varve_cpu.attention %{{.+}}, %{{.+}}, %{{.+}} sinks %{{.+}} slopes %{{.+}} parts %{{.+}}, %{{.+}} into %{{.+}} {causal, scale = 0.353553385 : f32, soft_cap = 5.000000e+01 : f32}
varve.graph @kinds(%q: tensor<1x?x4x8xbf16, #varve.dims<1, seq, 4, 8>>, %k: tensor<1x?x2x8xbf16, #varve.dims<1, past + seq, 2, 8>>, %past: tensor<i64> {varve.dim = "past"}, %sinks: tensor<4xbf16>, %slopes: tensor<4xf32>) {
  %0 = varve.attention %q, %k, %k sinks %sinks slopes %slopes {causal, soft_cap = 50.0 : f64} : (tensor<1x?x4x8xbf16, #varve.dims<1, seq, 4, 8>>, tensor<1x?x2x8xbf16, #varve.dims<1, past + seq, 2, 8>>, tensor<1x?x2x8xbf16, #varve.dims<1, past + seq, 2, 8>>, tensor<4xbf16>, tensor<4xf32>) -> tensor<1x?x4x8xbf16, #varve.dims<1, seq, 4, 8>>
  varve.output
}
