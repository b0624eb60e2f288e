// Ops that compute get numbers on their locations, and a list says what they cost.
// RUN: varve-opt %s --varve-mark-ops --mlir-print-debuginfo | FileCheck %s

// CHECK: varve.least = {least.0 = "min(p + s, 5)", least.1 = "min(p, 5)"}
// CHECK-SAME: varve.ops = [
// CHECK-SAME: {flops = "32*n", layer = "", name = "linear", reads = "16*n + 64", writes = "16*n"}
// CHECK-SAME: {flops = "4*n", layer = "", name = "silu", reads = "16*n", writes = "16*n"}
// CHECK-SAME: {flops = "0", layer = "", name = "gather", reads = "20*n", writes = "16*n"}
// CHECK-SAME: {flops = "4*n", layer = "", name = "add"
// A causal query sees itself and what is before it.
// CHECK-SAME: {flops = "96*p*s + 48*s*s + 48*s", layer = "", name = "attention"
// A name stands for what the window leaves of all keys, and of those before the queries.
// CHECK-SAME: {flops = "{{.*}}least.0{{.*}}least.1{{.*}}", layer = "", name = "attention"
// CHECK-SAME: {flops = "0", layer = "", name = "transpose"
// CHECK-SAME: {flops = "0", layer = "", name = "buffer.store", reads = "16*n", writes = "16*n"}
#n4 = #varve.dims<n, 4>
varve.weight @w : tensor<4x4xf32>
// CHECK: varve.graph @f
varve.graph @f(%x: tensor<?x4xf32, #n4>, %i: tensor<?xi32, #varve.dims<n>>) -> tensor<?x4xf32, #n4> {
  // CHECK: varve.use {{.*}} loc([[USE:#loc[0-9]*]])
  %w = varve.use @w : tensor<4x4xf32>
  // CHECK: varve.linear {{.*}} loc([[LINEAR:#loc[0-9]*]])
  %0 = varve.linear %x, %w : (tensor<?x4xf32, #n4>, tensor<4x4xf32>) -> tensor<?x4xf32, #n4>
  %1 = varve.silu %0 : (tensor<?x4xf32, #n4>) -> tensor<?x4xf32, #n4>
  %2 = varve.gather %w, %i : (tensor<4x4xf32>, tensor<?xi32, #varve.dims<n>>) -> tensor<?x4xf32, #n4>
  %3 = varve.add %1, %2 : (tensor<?x4xf32, #n4>, tensor<?x4xf32, #n4>) -> tensor<?x4xf32, #n4>
  varve.output %3 : tensor<?x4xf32, #n4>
}
#q = #varve.dims<1, s, 3, 8>
#k = #varve.dims<1, p + s, 3, 8>
varve.graph @g(%q: tensor<1x?x3x8xf32, #q>, %k: tensor<1x?x3x8xf32, #k>, %v: tensor<1x?x3x8xf32, #k>,
               %p: tensor<i64> {varve.dim = "p"}) -> tensor<1x?x3x8xf32, #q> {
  %0 = varve.attention %q, %k, %v {causal} : (tensor<1x?x3x8xf32, #q>, tensor<1x?x3x8xf32, #k>, tensor<1x?x3x8xf32, #k>) -> tensor<1x?x3x8xf32, #q>
  %1 = varve.attention %0, %k, %v {causal, window = 5 : i64} : (tensor<1x?x3x8xf32, #q>, tensor<1x?x3x8xf32, #k>, tensor<1x?x3x8xf32, #k>) -> tensor<1x?x3x8xf32, #q>
  varve.output %1 : tensor<1x?x3x8xf32, #q>
}
varve.graph @h(%x: tensor<4x?xf32, #varve.dims<4, n>>, %b: !varve.buffer<9x4xf32> {varve.name = "b"}) {
  %0 = varve.transpose %x {permutation = array<i64: 1, 0>} : (tensor<4x?xf32, #varve.dims<4, n>>) -> tensor<?x4xf32, #n4>
  varve.buffer.store %0, %b : tensor<?x4xf32, #n4>, !varve.buffer<9x4xf32>
  varve.output
}
// CHECK: [[LINEAR]] = loc(fused<array<i64: 0>>[
