// RUN: varve-run %s --entry pieces --dim first=5 --dim second=3 --input random:1 | FileCheck %s
// RUN: varve-run %s --entry pieces --dim first=1 --dim second=1 --input random:1 --threads 1 | FileCheck %s
// RUN: varve-run %s --entry pieces --dim first=0 --dim second=4 --input random:1 | FileCheck %s
// RUN: varve-run %s --entry one --input h=1,2,4 | FileCheck %s --check-prefix=ONE

// A sequence in two pieces, the second of which begins with the state that the first left, is bit for bit the whole.
// CHECK: convolved: f32 []
// CHECK-NEXT: {{^}}0{{$}}
// CHECK: scanned: f32 []
// CHECK-NEXT: {{^}}0{{$}}
varve.graph @pieces(%x: tensor<2x?x17xf32, #varve.dims<2, first + second, 17>> {varve.name = "x"}, %first: tensor<i64> {varve.dim = "first"}, %second: tensor<i64> {varve.dim = "second"}) -> (tensor<f32> {varve.name = "convolved"}, tensor<f32> {varve.name = "scanned"}) {
  %zero = varve.constant dense<0.0> : tensor<f32>
  %past = varve.broadcast %zero {shape = #varve.dims<2, 3, 17>} : (tensor<f32>) -> tensor<2x3x17xf32>
  %state = varve.broadcast %zero {shape = #varve.dims<2, 17, 5>} : (tensor<f32>) -> tensor<2x17x5xf32>
  %i = varve.iota {shape = #varve.dims<17, 5>, dtype = f32, axis = 1 : i64} : () -> tensor<17x5xf32>
  %a = varve.neg %i : (tensor<17x5xf32>) -> tensor<17x5xf32>
  %w = varve.iota {shape = #varve.dims<17, 4>, dtype = f32, axis = 0 : i64} : () -> tensor<17x4xf32>
  %delta = varve.sigmoid %x : (tensor<2x?x17xf32, #varve.dims<2, first + second, 17>>) -> tensor<2x?x17xf32, #varve.dims<2, first + second, 17>>
  %b = varve.slice %x {starts = #varve.dims<0, 0, 0>, ends = #varve.dims<2, first + second, 5>, steps = array<i64: 1, 1, 1>} : (tensor<2x?x17xf32, #varve.dims<2, first + second, 17>>) -> tensor<2x?x5xf32, #varve.dims<2, first + second, 5>>

  %y, %end = varve.causal_conv %x, %w, %past : (tensor<2x?x17xf32, #varve.dims<2, first + second, 17>>, tensor<17x4xf32>, tensor<2x3x17xf32>) -> (tensor<2x?x17xf32, #varve.dims<2, first + second, 17>>, tensor<2x3x17xf32>)
  %x0, %x1 = varve.split %x {axis = 1 : i64, sizes = #varve.dims<first, second>} : (tensor<2x?x17xf32, #varve.dims<2, first + second, 17>>) -> (tensor<2x?x17xf32, #varve.dims<2, first, 17>>, tensor<2x?x17xf32, #varve.dims<2, second, 17>>)
  %y0, %mid = varve.causal_conv %x0, %w, %past : (tensor<2x?x17xf32, #varve.dims<2, first, 17>>, tensor<17x4xf32>, tensor<2x3x17xf32>) -> (tensor<2x?x17xf32, #varve.dims<2, first, 17>>, tensor<2x3x17xf32>)
  %y1, %last = varve.causal_conv %x1, %w, %mid : (tensor<2x?x17xf32, #varve.dims<2, second, 17>>, tensor<17x4xf32>, tensor<2x3x17xf32>) -> (tensor<2x?x17xf32, #varve.dims<2, second, 17>>, tensor<2x3x17xf32>)
  %joined = varve.concat %y0, %y1, %last {axis = 1 : i64} : (tensor<2x?x17xf32, #varve.dims<2, first, 17>>, tensor<2x?x17xf32, #varve.dims<2, second, 17>>, tensor<2x3x17xf32>) -> tensor<2x?x17xf32, #varve.dims<2, first + second + 3, 17>>
  %whole = varve.concat %y, %end {axis = 1 : i64} : (tensor<2x?x17xf32, #varve.dims<2, first + second, 17>>, tensor<2x3x17xf32>) -> tensor<2x?x17xf32, #varve.dims<2, first + second + 3, 17>>
  %d0 = varve.sub %joined, %whole : (tensor<2x?x17xf32, #varve.dims<2, first + second + 3, 17>>, tensor<2x?x17xf32, #varve.dims<2, first + second + 3, 17>>) -> tensor<2x?x17xf32, #varve.dims<2, first + second + 3, 17>>
  %e0 = varve.abs %d0 : (tensor<2x?x17xf32, #varve.dims<2, first + second + 3, 17>>) -> tensor<2x?x17xf32, #varve.dims<2, first + second + 3, 17>>
  %convolved = varve.reduce_max %e0 : (tensor<2x?x17xf32, #varve.dims<2, first + second + 3, 17>>) -> tensor<f32>

  %delta0, %delta1 = varve.split %delta {axis = 1 : i64, sizes = #varve.dims<first, second>} : (tensor<2x?x17xf32, #varve.dims<2, first + second, 17>>) -> (tensor<2x?x17xf32, #varve.dims<2, first, 17>>, tensor<2x?x17xf32, #varve.dims<2, second, 17>>)
  %b0, %b1 = varve.split %b {axis = 1 : i64, sizes = #varve.dims<first, second>} : (tensor<2x?x5xf32, #varve.dims<2, first + second, 5>>) -> (tensor<2x?x5xf32, #varve.dims<2, first, 5>>, tensor<2x?x5xf32, #varve.dims<2, second, 5>>)
  %z, %h = varve.selective_scan %x, %delta, %a, %b, %b, %state : (tensor<2x?x17xf32, #varve.dims<2, first + second, 17>>, tensor<2x?x17xf32, #varve.dims<2, first + second, 17>>, tensor<17x5xf32>, tensor<2x?x5xf32, #varve.dims<2, first + second, 5>>, tensor<2x?x5xf32, #varve.dims<2, first + second, 5>>, tensor<2x17x5xf32>) -> (tensor<2x?x17xf32, #varve.dims<2, first + second, 17>>, tensor<2x17x5xf32>)
  %z0, %h0 = varve.selective_scan %x0, %delta0, %a, %b0, %b0, %state : (tensor<2x?x17xf32, #varve.dims<2, first, 17>>, tensor<2x?x17xf32, #varve.dims<2, first, 17>>, tensor<17x5xf32>, tensor<2x?x5xf32, #varve.dims<2, first, 5>>, tensor<2x?x5xf32, #varve.dims<2, first, 5>>, tensor<2x17x5xf32>) -> (tensor<2x?x17xf32, #varve.dims<2, first, 17>>, tensor<2x17x5xf32>)
  %z1, %h1 = varve.selective_scan %x1, %delta1, %a, %b1, %b1, %h0 : (tensor<2x?x17xf32, #varve.dims<2, second, 17>>, tensor<2x?x17xf32, #varve.dims<2, second, 17>>, tensor<17x5xf32>, tensor<2x?x5xf32, #varve.dims<2, second, 5>>, tensor<2x?x5xf32, #varve.dims<2, second, 5>>, tensor<2x17x5xf32>) -> (tensor<2x?x17xf32, #varve.dims<2, second, 17>>, tensor<2x17x5xf32>)
  %scanned = varve.concat %z0, %z1 {axis = 1 : i64} : (tensor<2x?x17xf32, #varve.dims<2, first, 17>>, tensor<2x?x17xf32, #varve.dims<2, second, 17>>) -> tensor<2x?x17xf32, #varve.dims<2, first + second, 17>>
  %d1 = varve.sub %scanned, %z : (tensor<2x?x17xf32, #varve.dims<2, first + second, 17>>, tensor<2x?x17xf32, #varve.dims<2, first + second, 17>>) -> tensor<2x?x17xf32, #varve.dims<2, first + second, 17>>
  %e1 = varve.abs %d1 : (tensor<2x?x17xf32, #varve.dims<2, first + second, 17>>) -> tensor<2x?x17xf32, #varve.dims<2, first + second, 17>>
  %m1 = varve.reduce_max %e1 : (tensor<2x?x17xf32, #varve.dims<2, first + second, 17>>) -> tensor<f32>
  %d2 = varve.sub %h, %h1 : (tensor<2x17x5xf32>, tensor<2x17x5xf32>) -> tensor<2x17x5xf32>
  %e2 = varve.abs %d2 : (tensor<2x17x5xf32>) -> tensor<2x17x5xf32>
  %m2 = varve.reduce_max %e2 : (tensor<2x17x5xf32>) -> tensor<f32>
  %most = varve.maximum %m1, %m2 : (tensor<f32>, tensor<f32>) -> tensor<f32>
  varve.output %convolved, %most : tensor<f32>, tensor<f32>
}

// One position alone: the state is no loop's, and still not computed where it is summed.
// ONE: y: f32 [1, 1, 1]
// ONE-NEXT: 7
varve.graph @one(%h: tensor<1x1x3xf32> {varve.name = "h"}) -> (tensor<1x1x1xf32> {varve.name = "y"}) {
  %x = varve.constant dense<0.0> : tensor<1x1x1xf32>
  %a = varve.constant dense<0.0> : tensor<1x3xf32>
  %b = varve.constant dense<1.0> : tensor<1x1x3xf32>
  %y, %last = varve.selective_scan %x, %x, %a, %b, %b, %h : (tensor<1x1x1xf32>, tensor<1x1x1xf32>, tensor<1x3xf32>, tensor<1x1x3xf32>, tensor<1x1x3xf32>, tensor<1x1x3xf32>) -> (tensor<1x1x1xf32>, tensor<1x1x3xf32>)
  varve.output %y : tensor<1x1x1xf32>
}
