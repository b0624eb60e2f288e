// RUN: varve-run %s --entry floats --dim n=3 --input 1,2,3,4,5,-6 | FileCheck %s --check-prefix=FLOATS
// RUN: varve-run %s --entry floats --dim n=0 --input zeros | FileCheck %s --check-prefix=EMPTY
// RUN: varve-run %s --entry long --input iota --threads 1 | FileCheck %s --check-prefix=LONG
// RUN: varve-run %s --entry long --input iota --threads 2 | FileCheck %s --check-prefix=LONG
// RUN: varve-run %s --entry integers --input 100,100,100 --input 200,100,7 | FileCheck %s --check-prefix=INTEGERS
// RUN: varve-run %s --entry zeros --dim n=0 --input zeros | FileCheck %s --check-prefix=ZEROS0
// RUN: varve-run %s --entry zeros --dim n=2 --input iota | FileCheck %s --check-prefix=ZEROS2

// FLOATS: sum: f32 [2]
// FLOATS-NEXT: [6, 3]
// FLOATS: mean: f32 []
// FLOATS-NEXT: 1.5
// FLOATS: max: f32 []
// FLOATS-NEXT: 5
// FLOATS: min: f32 [1, 3]
// FLOATS-NEXT: {{\[\[}} 1, 2, -6]]
// FLOATS: prod: f32 [2]
// FLOATS-NEXT: [ 6, -120]
// Without elements: the neutral element; a mean is NaN.
// EMPTY: sum: f32 [2]
// EMPTY-NEXT: [0, 0]
// EMPTY: mean: f32 []
// EMPTY-NEXT: {{-?}}nan
// EMPTY: max: f32 []
// EMPTY-NEXT: -inf
// EMPTY: min: f32 [1, 0]
// EMPTY: prod: f32 [2]
// EMPTY-NEXT: [1, 1]
varve.graph @floats(%x: tensor<2x?xf32, #varve.dims<2, n>> {varve.name = "x"}) -> (tensor<2xf32> {varve.name = "sum"}, tensor<f32> {varve.name = "mean"}, tensor<f32> {varve.name = "max"}, tensor<1x?xf32, #varve.dims<1, n>> {varve.name = "min"}, tensor<2xf32> {varve.name = "prod"}) {
  %0 = varve.reduce_sum %x {axes = array<i64: 1>} : (tensor<2x?xf32, #varve.dims<2, n>>) -> tensor<2xf32>
  %1 = varve.reduce_mean %x : (tensor<2x?xf32, #varve.dims<2, n>>) -> tensor<f32>
  %2 = varve.reduce_max %x : (tensor<2x?xf32, #varve.dims<2, n>>) -> tensor<f32>
  %3 = varve.reduce_min %x {axes = array<i64: 0>, keep_dims} : (tensor<2x?xf32, #varve.dims<2, n>>) -> tensor<1x?xf32, #varve.dims<1, n>>
  %4 = varve.reduce_prod %x {axes = array<i64: 1>} : (tensor<2x?xf32, #varve.dims<2, n>>) -> tensor<2xf32>
  varve.output %0, %1, %2, %3, %4 : tensor<2xf32>, tensor<f32>, tensor<f32>, tensor<1x?xf32, #varve.dims<1, n>>, tensor<2xf32>
}

// More elements than one task takes; a maximum that is computed is found again. Sums of bf16 do not stop growing: that is 100000 in bf16.
// LONG: at: i64 [2]
// LONG-NEXT: [99999, 49999]
// LONG: sum: bf16 []
// LONG-NEXT: 99840{{$}}
varve.graph @long(%x: tensor<100000xf32> {varve.name = "x"}) -> (tensor<2xi64> {varve.name = "at"}, tensor<bf16> {varve.name = "sum"}) {
  %0 = varve.sqrt %x : (tensor<100000xf32>) -> tensor<100000xf32>
  %1 = varve.argmax %0 {axis = 0, keep_dims} : (tensor<100000xf32>) -> tensor<1xi64>
  %2 = varve.reshape %x {shape = #varve.dims<2, 50000>} : (tensor<100000xf32>) -> tensor<2x50000xf32>
  %3 = varve.argmax %2 {axis = 1} : (tensor<2x50000xf32>) -> tensor<2xi64>
  %4 = varve.slice %3 {starts = #varve.dims<1>, ends = #varve.dims<2>, steps = array<i64: 1>} : (tensor<2xi64>) -> tensor<1xi64>
  %5 = varve.concat %1, %4 {axis = 0} : (tensor<1xi64>, tensor<1xi64>) -> tensor<2xi64>
  %one = varve.constant dense<1.0> : tensor<bf16>
  %6 = varve.broadcast %one {shape = #varve.dims<100000>} : (tensor<bf16>) -> tensor<100000xbf16>
  %7 = varve.reduce_sum %6 : (tensor<100000xbf16>) -> tensor<bf16>
  varve.output %5, %7 : tensor<2xi64>, tensor<bf16>
}

// INTEGERS: sum: i8 []
// INTEGERS-NEXT: 44
// INTEGERS: max: u8 []
// INTEGERS-NEXT: 200
// INTEGERS: at: i64 []
// INTEGERS-NEXT: 0
varve.graph @integers(%x: tensor<3xi8> {varve.name = "x"}, %u: tensor<3xui8> {varve.name = "u"}) -> (tensor<i8> {varve.name = "sum"}, tensor<ui8> {varve.name = "max"}, tensor<i64> {varve.name = "at"}) {
  %0 = varve.reduce_sum %x : (tensor<3xi8>) -> tensor<i8>
  %1 = varve.reduce_max %u : (tensor<3xui8>) -> tensor<ui8>
  %2 = varve.argmax %u {axis = 0} : (tensor<3xui8>) -> tensor<i64>
  varve.output %0, %1, %2 : tensor<i8>, tensor<ui8>, tensor<i64>
}

// Elements that are known to be 0 make a product 0, if there are any.
// ZEROS0: y: i32 []
// ZEROS0-NEXT: 1
// ZEROS2: y: i32 []
// ZEROS2-NEXT: 0
varve.graph @zeros(%x: tensor<?xi32, #varve.dims<n>> {varve.name = "x"}) -> (tensor<i32> {varve.name = "y"}) {
  %0 = varve.xor %x, %x : (tensor<?xi32, #varve.dims<n>>, tensor<?xi32, #varve.dims<n>>) -> tensor<?xi32, #varve.dims<n>>
  %1 = varve.reduce_prod %0 : (tensor<?xi32, #varve.dims<n>>) -> tensor<i32>
  varve.output %1 : tensor<i32>
}
