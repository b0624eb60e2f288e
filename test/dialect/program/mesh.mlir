// RUN: varve-opt %s | varve-opt | FileCheck %s
// RUN: varve-opt %s --emit-bytecode | varve-opt | FileCheck %s
// RUN: varve-opt %s --mlir-print-op-generic | varve-opt | FileCheck %s

// CHECK: varve.mesh @mesh <data = 1, model = 4> ["cuda:0", "cuda:1", "cuda:2", "cuda:3"]
varve.mesh @mesh <data = 1, model = 4> ["cuda:0", "cuda:1", "cuda:2", "cuda:3"]
// CHECK-NEXT: varve.mesh @grid <pipe = 2, "a \22b\22" = 2> ["cpu:0", "cpu:1", "cuda:12", "cuda:0"] {note = 1 : i64}
varve.mesh @grid <pipe = 2, "a \22b\22" = 2> ["cpu:0", "cpu:1", "cuda:12", "cuda:0"] {note = 1 : i64}
// CHECK-NEXT: varve.mesh @cpu_0 <model = 1> ["cpu:0"]
varve.mesh @cpu_0 <model = 1> ["cpu:0"]

// Nothing is split; one dimension; by two axes; by segments, also such as give the first devices more.
// CHECK-NEXT: varve.weight @scalar : tensor<f32> sharding<@mesh, []>
varve.weight @scalar : tensor<f32> sharding<@mesh, []>
// CHECK-NEXT: varve.weight @replicated : tensor<64x32xf32> sharding<@mesh, [{}, {}]>
varve.weight @replicated : tensor<64x32xf32> sharding<@mesh, [{}, {}]>
// CHECK-NEXT: varve.weight @rows : tensor<7x0xf32> sharding<@mesh, [{model}, {}]>
varve.weight @rows : tensor<7x0xf32> sharding<@mesh, [{model}, {}]>
// CHECK-NEXT: varve.weight @columns : tensor<96x64xf32, #varve.panels<32>> sharding<@mesh, [{}, {data, model}]> {note = 2 : i64}
varve.weight @columns : tensor<96x64xf32, #varve.panels<32>> sharding<@mesh, [{}, {data, model}]> {note = 2 : i64}
// CHECK-NEXT: varve.weight @both : tensor<8x8xf32> sharding<@grid, [{"a \22b\22"}, {pipe : 4x2}]>
varve.weight @both : tensor<8x8xf32> sharding<@grid, [{"a \22b\22"}, {pipe : 4x2}]>
// CHECK-NEXT: varve.weight @qkv : tensor<5120x64xbf16> sharding<@mesh, [{model : 32x128, 4x128, 4x128}, {}]>
varve.weight @qkv : tensor<5120x64xbf16> sharding<@mesh, [{model : 32x128, 4x128, 4x128}, {}]>
// CHECK-NEXT: varve.weight @uneven : tensor<47x64xbf16> sharding<@mesh, [{model : 6x3, 29x1}, {}]>
varve.weight @uneven : tensor<47x64xbf16> sharding<@mesh, [{model : 6x3, 29x1}, {}]>

// CHECK: varve.graph @placed(%arg0: tensor<4xf32>) -> (tensor<4xf32> {varve.name = "y"}) on @cpu_0 attributes {note = #varve.sharding<@mesh, [{model : 4x1}]>} {
varve.graph @placed(%x: tensor<4xf32>) -> (tensor<4xf32> {varve.name = "y"}) on @cpu_0 attributes {note = #varve.sharding<@mesh, [{model : 4x1}]>} {
  // CHECK-NEXT: varve.layer "a" : "A" -> tensor<4xf32> on @mesh {
  %0 = varve.layer "a" : "A" -> tensor<4xf32> on @mesh {
    varve.output %x : tensor<4xf32>
  }
  // CHECK: varve.layer "b" : "B" on @grid attributes {note = #varve.split<{model : 3x2}>} {
  varve.layer "b" : "B" on @grid attributes {note = #varve.split<{model : 3x2}>} {
    varve.print %0, "x" : tensor<4xf32>
  }
  varve.output %0 : tensor<4xf32>
}

// CHECK: varve.graph @nothing() on @mesh {
varve.graph @nothing() on @mesh {
  varve.output
}

// Rows of a weight in blocks are split as any; along a row, blocks stay whole.
varve.mesh @pair <model = 2> ["cuda:0", "cuda:1"]
// CHECK: varve.weight @blocks.rows : tensor<6x768x!varve.q4_k> sharding<@pair, [{model : 2x1, 2x2}, {}]>
varve.weight @blocks.rows : tensor<6x768x!varve.q4_k> sharding<@pair, [{model : 2x1, 2x2}, {}]>
// CHECK: varve.weight @blocks.columns : tensor<6x768x!varve.q4_k> sharding<@pair, [{}, {model}]>
varve.weight @blocks.columns : tensor<6x768x!varve.q4_k> sharding<@pair, [{}, {model}]>
