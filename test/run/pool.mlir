// One window of one element, in rows that have more, whose number is known only when the program runs.
// RUN: varve-run %s --dim m=3 --input=3,9,1,8,2,7,4,6,5,0,-1,2,-3,4,0,5,-2,6 | FileCheck %s

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
