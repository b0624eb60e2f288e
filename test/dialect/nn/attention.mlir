// RUN: varve-opt %s | varve-opt | FileCheck %s
// RUN: varve-opt %s --emit-bytecode | varve-opt | FileCheck %s

// CHECK-LABEL: varve.graph @rope
varve.graph @rope(%x: tensor<?x?x4x8xbf16, #varve.dims<batch, seq, 4, 8>>, %table: tensor<?x4xf32, #varve.dims<seq, 4>>, %each: tensor<?x?x4xbf16, #varve.dims<batch, seq, 4>>, %wide: tensor<1x2x3x?xf32, #varve.dims<1, 2, 3, 2*half>>, %angles: tensor<2x?xf32, #varve.dims<2, half>>) {
  // CHECK: varve.rope %{{.*}}, %{{.*}}, %{{.*}} {pairing = "half"} : (tensor<?x?x4x8xbf16, #{{.*}}>, tensor<?x4xf32, #{{.*}}>, tensor<?x4xf32, #{{.*}}>) -> tensor<?x?x4x8xbf16, #{{.*}}>
  %0 = varve.rope %x, %table, %table {pairing = "half"} : (tensor<?x?x4x8xbf16, #varve.dims<batch, seq, 4, 8>>, tensor<?x4xf32, #varve.dims<seq, 4>>, tensor<?x4xf32, #varve.dims<seq, 4>>) -> tensor<?x?x4x8xbf16, #varve.dims<batch, seq, 4, 8>>
  // CHECK: varve.rope %{{.*}}, %{{.*}}, %{{.*}} {pairing = "interleaved"} : (tensor<?x?x4x8xbf16, #{{.*}}>, tensor<?x?x4xbf16, #{{.*}}>, tensor<?x?x4xbf16, #{{.*}}>) -> tensor<?x?x4x8xbf16, #{{.*}}>
  %1 = varve.rope %x, %each, %each {pairing = "interleaved"} : (tensor<?x?x4x8xbf16, #varve.dims<batch, seq, 4, 8>>, tensor<?x?x4xbf16, #varve.dims<batch, seq, 4>>, tensor<?x?x4xbf16, #varve.dims<batch, seq, 4>>) -> tensor<?x?x4x8xbf16, #varve.dims<batch, seq, 4, 8>>
  // CHECK: varve.rope {{.*}} -> tensor<1x2x3x?xf32, #{{.*}}>
  %2 = varve.rope %wide, %angles, %angles {pairing = "half"} : (tensor<1x2x3x?xf32, #varve.dims<1, 2, 3, 2*half>>, tensor<2x?xf32, #varve.dims<2, half>>, tensor<2x?xf32, #varve.dims<2, half>>) -> tensor<1x2x3x?xf32, #varve.dims<1, 2, 3, 2*half>>
  varve.output
}

// CHECK-LABEL: varve.graph @attention
varve.graph @attention(%q: tensor<?x?x4x8xf32, #varve.dims<batch, seq, 4, 8>>, %k: tensor<?x?x2x8xf32, #varve.dims<batch, past + seq, 2, 8>>, %v: tensor<?x?x2x16xf32, #varve.dims<batch, past + seq, 2, 16>>, %past: tensor<i64> {varve.dim = "past"},
    %full: tensor<?x4x?x?xf32, #varve.dims<batch, 4, seq, past + seq>>, %shared: tensor<1x1x?x?xi1, #varve.dims<1, 1, seq, past + seq>>) {
  // CHECK: varve.attention %{{.*}}, %{{.*}}, %{{.*}} : (tensor<?x?x4x8xf32, #{{.*}}>, tensor<?x?x2x8xf32, #{{.*}}>, tensor<?x?x2x16xf32, #{{.*}}>) -> tensor<?x?x4x16xf32, #{{.*}}>
  %0 = varve.attention %q, %k, %v : (tensor<?x?x4x8xf32, #varve.dims<batch, seq, 4, 8>>, tensor<?x?x2x8xf32, #varve.dims<batch, past + seq, 2, 8>>, tensor<?x?x2x16xf32, #varve.dims<batch, past + seq, 2, 16>>) -> tensor<?x?x4x16xf32, #varve.dims<batch, seq, 4, 16>>
  // CHECK: varve.attention %{{.*}}, %{{.*}}, %{{.*}} {causal, scale = 5.000000e-01 : f64, window = 128 : i64} :
  %1 = varve.attention %q, %k, %v {causal, scale = 0.5 : f64, window = 128 : i64} : (tensor<?x?x4x8xf32, #varve.dims<batch, seq, 4, 8>>, tensor<?x?x2x8xf32, #varve.dims<batch, past + seq, 2, 8>>, tensor<?x?x2x16xf32, #varve.dims<batch, past + seq, 2, 16>>) -> tensor<?x?x4x16xf32, #varve.dims<batch, seq, 4, 16>>
  // CHECK: varve.attention %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} : ({{.*}}, tensor<?x4x?x?xf32, #{{.*}}>) ->
  %2 = varve.attention %q, %k, %v, %full : (tensor<?x?x4x8xf32, #varve.dims<batch, seq, 4, 8>>, tensor<?x?x2x8xf32, #varve.dims<batch, past + seq, 2, 8>>, tensor<?x?x2x16xf32, #varve.dims<batch, past + seq, 2, 16>>, tensor<?x4x?x?xf32, #varve.dims<batch, 4, seq, past + seq>>) -> tensor<?x?x4x16xf32, #varve.dims<batch, seq, 4, 16>>
  // CHECK: varve.attention %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} {causal} : ({{.*}}, tensor<1x1x?x?xi1, #{{.*}}>) ->
  %3 = varve.attention %q, %k, %v, %shared {causal} : (tensor<?x?x4x8xf32, #varve.dims<batch, seq, 4, 8>>, tensor<?x?x2x8xf32, #varve.dims<batch, past + seq, 2, 8>>, tensor<?x?x2x16xf32, #varve.dims<batch, past + seq, 2, 16>>, tensor<1x1x?x?xi1, #varve.dims<1, 1, seq, past + seq>>) -> tensor<?x?x4x16xf32, #varve.dims<batch, seq, 4, 16>>
  varve.output
}

// CHECK-LABEL: varve.graph @symbolic_heads
varve.graph @symbolic_heads(%q: tensor<1x2x?x8xf16, #varve.dims<1, 2, 3*heads, 8>>, %k: tensor<1x2x?x8xf16, #varve.dims<1, 2, heads, 8>>) {
  // CHECK: varve.attention
  %0 = varve.attention %q, %k, %k : (tensor<1x2x?x8xf16, #varve.dims<1, 2, 3*heads, 8>>, tensor<1x2x?x8xf16, #varve.dims<1, 2, heads, 8>>, tensor<1x2x?x8xf16, #varve.dims<1, 2, heads, 8>>) -> tensor<1x2x?x8xf16, #varve.dims<1, 2, 3*heads, 8>>
  varve.output
}

// CHECK-LABEL: varve.graph @kinds
varve.graph @kinds(%q: tensor<?x?x4x8xbf16, #varve.dims<batch, seq, 4, 8>>, %k: tensor<?x?x2x8xbf16, #varve.dims<batch, keys, 2, 8>>, %m: tensor<1x1x?x?xi1, #varve.dims<1, 1, seq, keys>>, %own: tensor<4xbf16>, %wide: tensor<4xf32>) {
  // CHECK: varve.attention %{{.*}}, %{{.*}}, %{{.*}} {causal, soft_cap = 3.000000e+01 : f64} :
  %0 = varve.attention %q, %k, %k {causal, soft_cap = 30.0 : f64} : (tensor<?x?x4x8xbf16, #varve.dims<batch, seq, 4, 8>>, tensor<?x?x2x8xbf16, #varve.dims<batch, keys, 2, 8>>, tensor<?x?x2x8xbf16, #varve.dims<batch, keys, 2, 8>>) -> tensor<?x?x4x8xbf16, #varve.dims<batch, seq, 4, 8>>
  // CHECK: varve.attention %{{.*}}, %{{.*}}, %{{.*}} slopes %{{.*}} : ({{.*}}, tensor<4xf32>) ->
  %1 = varve.attention %q, %k, %k slopes %wide : (tensor<?x?x4x8xbf16, #varve.dims<batch, seq, 4, 8>>, tensor<?x?x2x8xbf16, #varve.dims<batch, keys, 2, 8>>, tensor<?x?x2x8xbf16, #varve.dims<batch, keys, 2, 8>>, tensor<4xf32>) -> tensor<?x?x4x8xbf16, #varve.dims<batch, seq, 4, 8>>
  // CHECK: varve.attention %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} sinks %{{.*}} slopes %{{.*}} : ({{.*}}, tensor<1x1x?x?xi1, #{{.*}}>, tensor<4xbf16>, tensor<4xf32>) ->
  %2 = varve.attention %q, %k, %k, %m sinks %own slopes %wide : (tensor<?x?x4x8xbf16, #varve.dims<batch, seq, 4, 8>>, tensor<?x?x2x8xbf16, #varve.dims<batch, keys, 2, 8>>, tensor<?x?x2x8xbf16, #varve.dims<batch, keys, 2, 8>>, tensor<1x1x?x?xi1, #varve.dims<1, 1, seq, keys>>, tensor<4xbf16>, tensor<4xf32>) -> tensor<?x?x4x8xbf16, #varve.dims<batch, seq, 4, 8>>
  varve.output
}
