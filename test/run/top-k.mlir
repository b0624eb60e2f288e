// Places that are found go into rows of the result along the axis, whatever other dimensions have one element.
// RUN: varve-run %s --dim seq=1 --input zeros | FileCheck %s
// CHECK: i64 [1, 2, 5, 1]
// CHECK-NEXT: [0],
// CHECK-NEXT: [1],
// CHECK-NEXT: [2],
// CHECK-NEXT: [3],
// CHECK-NEXT: [4]],
// CHECK: [0],
// CHECK-NEXT: [1],
// CHECK-NEXT: [2],
// CHECK-NEXT: [3],
// CHECK-NEXT: [4]]]]
#dims = #varve.dims<1, 2, 5, seq>
varve.graph @f(%x: tensor<1x2x5x?xui8, #dims>) -> tensor<1x2x5x?xi64, #dims> {
  %0:2 = varve.top_k %x {axis = -2, k = 5} : (tensor<1x2x5x?xui8, #dims>) -> (tensor<1x2x5x?xui8, #dims>, tensor<1x2x5x?xi64, #dims>)
  varve.output %0#1 : tensor<1x2x5x?xi64, #dims>
}
