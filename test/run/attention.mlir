// RUN: varve-run %s --entry decode --dim past=6 --input random:1 | FileCheck %s
// RUN: varve-run %s --entry decode --dim past=0 --input random:2 | FileCheck %s
// RUN: varve-run %s --entry decode --dim past=40 --input random:3 --threads 1 | FileCheck %s
// RUN: varve-run %s --entry groups --dim t=5 --dim s=37 --input random:4 | FileCheck %s
// RUN: varve-run %s --entry window --dim t=9 --input random:5 | FileCheck %s
// RUN: varve-run %s --entry blind --input random:6 | FileCheck %s --check-prefix=BLIND
// RUN: varve-run %s --entry turns --dim seq=5 --input random:7 | FileCheck %s --check-prefix=TURNS

// What the entries give is the greatest difference of two ways to the same numbers.
// CHECK: y: f32 []
// CHECK-NEXT: {{^}}{{[0-9.]+e-0[6-9]|0}}{{$}}

// The last query alone, and as the last of all.
varve.graph @decode(%q: tensor<2x?x4x24xf32, #varve.dims<2, past + 1, 4, 24>> {varve.name = "q"}, %k: tensor<2x?x2x24xf32, #varve.dims<2, past + 1, 2, 24>> {varve.name = "k"}, %v: tensor<2x?x2x24xf32, #varve.dims<2, past + 1, 2, 24>> {varve.name = "v"}, %past: tensor<i64> {varve.dim = "past"}) -> (tensor<f32> {varve.name = "y"}) {
  %0 = varve.attention %q, %k, %v {causal} : (tensor<2x?x4x24xf32, #varve.dims<2, past + 1, 4, 24>>, tensor<2x?x2x24xf32, #varve.dims<2, past + 1, 2, 24>>, tensor<2x?x2x24xf32, #varve.dims<2, past + 1, 2, 24>>) -> tensor<2x?x4x24xf32, #varve.dims<2, past + 1, 4, 24>>
  %1 = varve.slice %0 {starts = #varve.dims<0, past, 0, 0>, ends = #varve.dims<2, past + 1, 4, 24>, steps = array<i64: 1, 1, 1, 1>} : (tensor<2x?x4x24xf32, #varve.dims<2, past + 1, 4, 24>>) -> tensor<2x1x4x24xf32>
  %last = varve.slice %q {starts = #varve.dims<0, -1, 0, 0>, ends = #varve.dims<2, past + 1, 4, 24>, steps = array<i64: 1, 1, 1, 1>} : (tensor<2x?x4x24xf32, #varve.dims<2, past + 1, 4, 24>>) -> tensor<2x1x4x24xf32>
  %2 = varve.attention %last, %k, %v {causal} : (tensor<2x1x4x24xf32>, tensor<2x?x2x24xf32, #varve.dims<2, past + 1, 2, 24>>, tensor<2x?x2x24xf32, #varve.dims<2, past + 1, 2, 24>>) -> tensor<2x1x4x24xf32>
  %3 = varve.sub %1, %2 : (tensor<2x1x4x24xf32>, tensor<2x1x4x24xf32>) -> tensor<2x1x4x24xf32>
  %4 = varve.abs %3 : (tensor<2x1x4x24xf32>) -> tensor<2x1x4x24xf32>
  %5 = varve.reduce_max %4 : (tensor<2x1x4x24xf32>) -> tensor<f32>
  varve.output %5 : tensor<f32>
}

// Shared heads, and heads that were repeated.
varve.graph @groups(%q: tensor<1x?x6x17xf32, #varve.dims<1, t, 6, 17>> {varve.name = "q"}, %k: tensor<1x?x2x17xf32, #varve.dims<1, s, 2, 17>> {varve.name = "k"}, %v: tensor<1x?x2x9xf32, #varve.dims<1, s, 2, 9>> {varve.name = "v"}) -> (tensor<f32> {varve.name = "y"}) {
  %0 = varve.attention %q, %k, %v : (tensor<1x?x6x17xf32, #varve.dims<1, t, 6, 17>>, tensor<1x?x2x17xf32, #varve.dims<1, s, 2, 17>>, tensor<1x?x2x9xf32, #varve.dims<1, s, 2, 9>>) -> tensor<1x?x6x9xf32, #varve.dims<1, t, 6, 9>>
  %heads = varve.constant dense<[0, 0, 0, 1, 1, 1]> : tensor<6xi64>
  %ks = varve.gather %k, %heads {axis = 2} : (tensor<1x?x2x17xf32, #varve.dims<1, s, 2, 17>>, tensor<6xi64>) -> tensor<1x?x6x17xf32, #varve.dims<1, s, 6, 17>>
  %vs = varve.gather %v, %heads {axis = 2} : (tensor<1x?x2x9xf32, #varve.dims<1, s, 2, 9>>, tensor<6xi64>) -> tensor<1x?x6x9xf32, #varve.dims<1, s, 6, 9>>
  %1 = varve.attention %q, %ks, %vs : (tensor<1x?x6x17xf32, #varve.dims<1, t, 6, 17>>, tensor<1x?x6x17xf32, #varve.dims<1, s, 6, 17>>, tensor<1x?x6x9xf32, #varve.dims<1, s, 6, 9>>) -> tensor<1x?x6x9xf32, #varve.dims<1, t, 6, 9>>
  %2 = varve.sub %0, %1 : (tensor<1x?x6x9xf32, #varve.dims<1, t, 6, 9>>, tensor<1x?x6x9xf32, #varve.dims<1, t, 6, 9>>) -> tensor<1x?x6x9xf32, #varve.dims<1, t, 6, 9>>
  %3 = varve.abs %2 : (tensor<1x?x6x9xf32, #varve.dims<1, t, 6, 9>>) -> tensor<1x?x6x9xf32, #varve.dims<1, t, 6, 9>>
  %4 = varve.reduce_max %3 : (tensor<1x?x6x9xf32, #varve.dims<1, t, 6, 9>>) -> tensor<f32>
  varve.output %4 : tensor<f32>
}

// A causal window, and the same as a mask of bools that is computed.
varve.graph @window(%q: tensor<1x?x2x8xf32, #varve.dims<1, t, 2, 8>> {varve.name = "q"}) -> (tensor<f32> {varve.name = "y"}) {
  %0 = varve.attention %q, %q, %q {causal, window = 3} : (tensor<1x?x2x8xf32, #varve.dims<1, t, 2, 8>>, tensor<1x?x2x8xf32, #varve.dims<1, t, 2, 8>>, tensor<1x?x2x8xf32, #varve.dims<1, t, 2, 8>>) -> tensor<1x?x2x8xf32, #varve.dims<1, t, 2, 8>>
  %i = varve.iota {shape = #varve.dims<1, 1, t, t>, dtype = i32, axis = 2} : () -> tensor<1x1x?x?xi32, #varve.dims<1, 1, t, t>>
  %j = varve.iota {shape = #varve.dims<1, 1, t, t>, dtype = i32, axis = 3} : () -> tensor<1x1x?x?xi32, #varve.dims<1, 1, t, t>>
  %three = varve.constant dense<3> : tensor<1xi32>
  %past = varve.compare %j, %i {predicate = "le"} : (tensor<1x1x?x?xi32, #varve.dims<1, 1, t, t>>, tensor<1x1x?x?xi32, #varve.dims<1, 1, t, t>>) -> tensor<1x1x?x?xi1, #varve.dims<1, 1, t, t>>
  %distance = varve.sub %i, %j : (tensor<1x1x?x?xi32, #varve.dims<1, 1, t, t>>, tensor<1x1x?x?xi32, #varve.dims<1, 1, t, t>>) -> tensor<1x1x?x?xi32, #varve.dims<1, 1, t, t>>
  %near = varve.compare %distance, %three {predicate = "lt"} : (tensor<1x1x?x?xi32, #varve.dims<1, 1, t, t>>, tensor<1xi32>) -> tensor<1x1x?x?xi1, #varve.dims<1, 1, t, t>>
  %mask = varve.and %past, %near : (tensor<1x1x?x?xi1, #varve.dims<1, 1, t, t>>, tensor<1x1x?x?xi1, #varve.dims<1, 1, t, t>>) -> tensor<1x1x?x?xi1, #varve.dims<1, 1, t, t>>
  %1 = varve.attention %q, %q, %q, %mask : (tensor<1x?x2x8xf32, #varve.dims<1, t, 2, 8>>, tensor<1x?x2x8xf32, #varve.dims<1, t, 2, 8>>, tensor<1x?x2x8xf32, #varve.dims<1, t, 2, 8>>, tensor<1x1x?x?xi1, #varve.dims<1, 1, t, t>>) -> tensor<1x?x2x8xf32, #varve.dims<1, t, 2, 8>>
  %2 = varve.sub %0, %1 : (tensor<1x?x2x8xf32, #varve.dims<1, t, 2, 8>>, tensor<1x?x2x8xf32, #varve.dims<1, t, 2, 8>>) -> tensor<1x?x2x8xf32, #varve.dims<1, t, 2, 8>>
  %3 = varve.abs %2 : (tensor<1x?x2x8xf32, #varve.dims<1, t, 2, 8>>) -> tensor<1x?x2x8xf32, #varve.dims<1, t, 2, 8>>
  %4 = varve.reduce_max %3 : (tensor<1x?x2x8xf32, #varve.dims<1, t, 2, 8>>) -> tensor<f32>
  varve.output %4 : tensor<f32>
}

// Queries before the first key see none: zeros, and no NaN.
// BLIND: y: f32 [4]
// BLIND-NEXT: [ 0, 0, {{-?0\.[0-9]+}}, {{-?0\.[0-9]+}}]
varve.graph @blind(%q: tensor<1x4x1x1xf32> {varve.name = "q"}, %k: tensor<1x2x1x1xf32> {varve.name = "k"}) -> (tensor<4xf32> {varve.name = "y"}) {
  %0 = varve.attention %q, %k, %k {causal} : (tensor<1x4x1x1xf32>, tensor<1x2x1x1xf32>, tensor<1x2x1x1xf32>) -> tensor<1x4x1x1xf32>
  %1 = varve.reshape %0 {shape = #varve.dims<4>} : (tensor<1x4x1x1xf32>) -> tensor<4xf32>
  varve.output %1 : tensor<4xf32>
}

// Turned by an angle and back again; the two pairings are the same under a permutation.
// TURNS: y: f32 []
// TURNS-NEXT: {{^}}{{[0-9.]+e-0[6-9]|0}}{{$}}
// TURNS: z: f32 []
// TURNS-NEXT: {{^}}{{[0-9.]+e-0[6-9]|0}}{{$}}
varve.graph @turns(%x: tensor<1x?x3x8xf32, #varve.dims<1, seq, 3, 8>> {varve.name = "x"}, %angle: tensor<?x4xf32, #varve.dims<seq, 4>> {varve.name = "angle"}) -> (tensor<f32> {varve.name = "y"}, tensor<f32> {varve.name = "z"}) {
  %cos = varve.cos %angle : (tensor<?x4xf32, #varve.dims<seq, 4>>) -> tensor<?x4xf32, #varve.dims<seq, 4>>
  %sin = varve.sin %angle : (tensor<?x4xf32, #varve.dims<seq, 4>>) -> tensor<?x4xf32, #varve.dims<seq, 4>>
  %back = varve.neg %sin : (tensor<?x4xf32, #varve.dims<seq, 4>>) -> tensor<?x4xf32, #varve.dims<seq, 4>>
  %0 = varve.rope %x, %cos, %sin {pairing = "half"} : (tensor<1x?x3x8xf32, #varve.dims<1, seq, 3, 8>>, tensor<?x4xf32, #varve.dims<seq, 4>>, tensor<?x4xf32, #varve.dims<seq, 4>>) -> tensor<1x?x3x8xf32, #varve.dims<1, seq, 3, 8>>
  %1 = varve.rope %0, %cos, %back {pairing = "half"} : (tensor<1x?x3x8xf32, #varve.dims<1, seq, 3, 8>>, tensor<?x4xf32, #varve.dims<seq, 4>>, tensor<?x4xf32, #varve.dims<seq, 4>>) -> tensor<1x?x3x8xf32, #varve.dims<1, seq, 3, 8>>
  %2 = varve.sub %1, %x : (tensor<1x?x3x8xf32, #varve.dims<1, seq, 3, 8>>, tensor<1x?x3x8xf32, #varve.dims<1, seq, 3, 8>>) -> tensor<1x?x3x8xf32, #varve.dims<1, seq, 3, 8>>
  %3 = varve.abs %2 : (tensor<1x?x3x8xf32, #varve.dims<1, seq, 3, 8>>) -> tensor<1x?x3x8xf32, #varve.dims<1, seq, 3, 8>>
  %4 = varve.reduce_max %3 : (tensor<1x?x3x8xf32, #varve.dims<1, seq, 3, 8>>) -> tensor<f32>
  %order = varve.constant dense<[0, 4, 1, 5, 2, 6, 3, 7]> : tensor<8xi64>
  %5 = varve.gather %x, %order {axis = 3} : (tensor<1x?x3x8xf32, #varve.dims<1, seq, 3, 8>>, tensor<8xi64>) -> tensor<1x?x3x8xf32, #varve.dims<1, seq, 3, 8>>
  %6 = varve.rope %5, %cos, %sin {pairing = "interleaved"} : (tensor<1x?x3x8xf32, #varve.dims<1, seq, 3, 8>>, tensor<?x4xf32, #varve.dims<seq, 4>>, tensor<?x4xf32, #varve.dims<seq, 4>>) -> tensor<1x?x3x8xf32, #varve.dims<1, seq, 3, 8>>
  %7 = varve.gather %0, %order {axis = 3} : (tensor<1x?x3x8xf32, #varve.dims<1, seq, 3, 8>>, tensor<8xi64>) -> tensor<1x?x3x8xf32, #varve.dims<1, seq, 3, 8>>
  %8 = varve.sub %6, %7 : (tensor<1x?x3x8xf32, #varve.dims<1, seq, 3, 8>>, tensor<1x?x3x8xf32, #varve.dims<1, seq, 3, 8>>) -> tensor<1x?x3x8xf32, #varve.dims<1, seq, 3, 8>>
  %9 = varve.abs %8 : (tensor<1x?x3x8xf32, #varve.dims<1, seq, 3, 8>>) -> tensor<1x?x3x8xf32, #varve.dims<1, seq, 3, 8>>
  %10 = varve.reduce_max %9 : (tensor<1x?x3x8xf32, #varve.dims<1, seq, 3, 8>>) -> tensor<f32>
  varve.output %4, %10 : tensor<f32>, tensor<f32>
}
