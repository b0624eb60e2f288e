// Where inputs come from and where outputs go.
// RUN: varve-run %s --entry pair --input iota --dim n=2 | FileCheck %s --check-prefix=IOTA
// RUN: varve-run %s --entry pair --input b=1,-2,3 --input 0.5 --dim n=2 | FileCheck %s --check-prefix=LIST
// RUN: varve-run %s --entry pair --input 1 --input 7 --dim n=1 --print full | FileCheck %s --check-prefix=ONE
// RUN: varve-run %s --entry pair --input iota --dim n=2 --output sum=%t.sum.npy --output %t.b.npy | count 0
// RUN: varve-run %s --entry pair --input b=%t.b.npy --input iota --dim n=2 --expect sum=%t.sum.npy --print statistics | FileCheck %s --check-prefix=FILES
// RUN: varve-run %s --entry window --input past=2 --input iota --dim seq=3 | FileCheck %s --check-prefix=WINDOW
// RUN: varve-run %s --entry window --input iota --dim seq=3 --dim past=2 | FileCheck %s --check-prefix=WINDOW
// RUN: varve-run %s --entry halves --input random:3 --output %t.bf16.npy --output %t.f16.npy
// RUN: varve-run %s --entry halves --input random:3 --expect h=%t.f16.npy --expect %t.bf16.npy | FileCheck %s --check-prefix=HALVES
// RUN: varve-run %s --entry widened --input %t.bf16.npy --output %t.f32.npy
// RUN: varve-run %s --entry halves --input random:3 --expect b=%t.f32.npy | FileCheck %s --check-prefix=WIDE
// RUN: varve-run %s --entry flags --input true,0,1,false | FileCheck %s --check-prefix=FLAGS

// IOTA: sum: f32 [2, 2]
// IOTA-NEXT: {{\[\[0, 2\],}}
// IOTA-NEXT: {{ \[4, 6\]\]}}
// IOTA-NEXT: b: i32 [3]
// IOTA-NEXT: [0, 1, 2]
// LIST: sum: f32 [2, 2]
// LIST-NEXT: {{\[\[1, 1\],}}
// LIST: b: i32 [3]
// LIST-NEXT: [ 1, -2,  3]
// ONE: sum: f32 [1, 2]
// ONE-NEXT: {{\[\[2, 2\]\]}}
// ONE-NEXT: b: i32 [2]
// ONE-NEXT: [7, 7]
// FILES: sum.npy: output 'sum' is as expected, max error 0
// FILES-NEXT: b: i32 [3]
// FILES-NEXT: count 3,
#n = #varve.dims<n, 2>
varve.graph @pair(%a: tensor<?x2xf32, #n> {varve.name = "a"}, %b: tensor<?xi32, #varve.dims<n + 1>> {varve.name = "b"})
    -> (tensor<?x2xf32, #n> {varve.name = "sum"}, tensor<?xi32, #varve.dims<n + 1>> {varve.name = "b"}) {
  %0 = varve.add %a, %a : (tensor<?x2xf32, #n>, tensor<?x2xf32, #n>) -> tensor<?x2xf32, #n>
  varve.output %0, %b : tensor<?x2xf32, #n>, tensor<?xi32, #varve.dims<n + 1>>
}

// WINDOW: y: f32 [5]
// WINDOW-NEXT: [0, 0, 0, 1, 2]
varve.graph @window(%x: tensor<?xf32, #varve.dims<seq>> {varve.name = "x"}, %past: tensor<i64> {varve.dim = "past"})
    -> (tensor<?xf32, #varve.dims<past + seq>> {varve.name = "y"}) {
  %0 = varve.constant dense<0.0> : tensor<1xf32>
  %1 = varve.broadcast %0 {shape = #varve.dims<past>} : (tensor<1xf32>) -> tensor<?xf32, #varve.dims<past>>
  %2 = varve.concat %1, %x {axis = 0 : i64} : (tensor<?xf32, #varve.dims<past>>, tensor<?xf32, #varve.dims<seq>>) -> tensor<?xf32, #varve.dims<past + seq>>
  varve.output %2 : tensor<?xf32, #varve.dims<past + seq>>
}

// HALVES: bf16.npy: output 'b' is as expected, max error 0
// HALVES: f16.npy: output 'h' is as expected, max error 0
// WIDE: f32.npy: output 'b' is as expected, max error 0
varve.graph @halves(%x: tensor<7xf32>) -> (tensor<7xbf16> {varve.name = "b"}, tensor<7xf16> {varve.name = "h"}) {
  %0 = varve.cast %x {dtype = bf16} : (tensor<7xf32>) -> tensor<7xbf16>
  %1 = varve.cast %x {dtype = f16} : (tensor<7xf32>) -> tensor<7xf16>
  varve.output %0, %1 : tensor<7xbf16>, tensor<7xf16>
}
varve.graph @widened(%x: tensor<7xbf16>) -> tensor<7xf32> {
  %0 = varve.cast %x {dtype = f32} : (tensor<7xbf16>) -> tensor<7xf32>
  varve.output %0 : tensor<7xf32>
}

// FLAGS: [false, true, false, true]
varve.graph @flags(%x: tensor<4xi1>) -> tensor<4xi1> {
  %0 = varve.not %x : (tensor<4xi1>) -> tensor<4xi1>
  varve.output %0 : tensor<4xi1>
}
