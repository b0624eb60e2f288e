// One window of one element, in rows that have more, whose number is known only when the program runs.
// RUN: varve-run %s --entry f --dim m=3 --input=3,9,1,8,2,7,4,6,5,0,-1,2,-3,4,0,5,-2,6 | FileCheck %s
// RUN: varve-run %s --entry last --dim h=3 --input=1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18 | FileCheck %s --check-prefix=LAST
// RUN: varve-opt %s --varve-lower-to-linalg | FileCheck %s --check-prefix=PLAIN
// RUN: varve-run %s --entry points --dim n=2 --input x=1,2,3,4,5 | FileCheck %s --check-prefix=POINTS

// CHECK:      output: f32 [1, 1, 2, 3, 1]
// CHECK-NEXT: {{\[\[\[\[\[}} 4],
// CHECK-NEXT: [ 5],
// CHECK-NEXT: [ 2]],
// CHECK-NEXT: {{\[\[}} 4],
// CHECK-NEXT: [ 5],
// CHECK-NEXT: [-1]]]]]
#x = #varve.dims<1, 1, 3, m, 2>
#y = #varve.dims<1, 1, 2, m, 1>
varve.graph @f(%x: tensor<1x1x3x?x2xf32, #x> {varve.name = "x"}) -> (tensor<1x1x2x?x1xf32, #y> {varve.name = "output"}) {
  %0 = varve.max_pool %x {kernel = array<i64: 2, 1, 1>, strides = array<i64: 1, 1, 2>} : (tensor<1x1x3x?x2xf32, #x>) -> tensor<1x1x2x?x1xf32, #y>
  varve.output %0 : tensor<1x1x2x?x1xf32, #y>
}

// Channels last, where there is a kernel.
// LAST:      output: f32 [1, 2, 2, 2]
// LAST-NEXT: {{\[\[\[\[}} 9, 10],
// LAST-NEXT: [11, 12]],
// LAST-NEXT: {{\[\[}}15, 16],
// LAST-NEXT: [17, 18]]]]
// PLAIN-LABEL: @last(
// PLAIN:         linalg.generic
varve.graph @last(%x: tensor<1x?x3x2xf32, #varve.dims<1, h, 3, 2>> {varve.name = "x"}) -> (tensor<1x?x2x2xf32, #varve.dims<1, h - 1, 2, 2>> {varve.name = "output"}) {
  %0 = varve.max_pool %x {channels_last, kernel = array<i64: 2, 2>} : (tensor<1x?x3x2xf32, #varve.dims<1, h, 3, 2>>) -> tensor<1x?x2x2xf32, #varve.dims<1, h - 1, 2, 2>>
  varve.output %0 : tensor<1x?x2x2xf32, #varve.dims<1, h - 1, 2, 2>>
}

// As many windows as every third place, also where it is not known whether one more place is there.
// POINTS:      output: f32 [1, 1, 2]
// POINTS-NEXT: {{\[\[\[}}1, 4]]]
#p = #varve.dims<1, 1, 2*n + 1>
#q = #varve.dims<1, 1, (2*n) floordiv 3 + 1>
varve.graph @points(%n: tensor<i64> {varve.dim = "n"}, %x: tensor<1x1x?xf32, #p> {varve.name = "x"}) -> (tensor<1x1x?xf32, #q> {varve.name = "output"}) {
  %0 = varve.avg_pool %x {ceil_mode, kernel = array<i64: 1>, strides = array<i64: 3>} : (tensor<1x1x?xf32, #p>) -> tensor<1x1x?xf32, #q>
  varve.output %0 : tensor<1x1x?xf32, #q>
}
