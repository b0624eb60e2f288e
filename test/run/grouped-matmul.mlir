// RUN: varve-run %s --dim rows=4 --input x=1,2,3,4,5,6,7,8 --input sizes=1,0,3 | FileCheck %s
// RUN: not varve-run %s --dim rows=4 --input x=1,2,3,4,5,6,7,8 --input sizes=1,0,2 2>&1 | FileCheck %s --check-prefix=FEWER
// RUN: not varve-run %s --dim rows=4 --input x=1,2,3,4,5,6,7,8 --input sizes=1,1000000,3 2>&1 | FileCheck %s --check-prefix=MORE
// RUN: not varve-run %s --dim rows=4 --input x=1,2,3,4,5,6,7,8 --input sizes=5,-2,1 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// RUN: not varve-run %s --dim rows=0 --input x=iota --input sizes=1,0,0 2>&1 | FileCheck %s --check-prefix=EMPTY

// CHECK: y: f32 [4, 1]
// CHECK-NEXT: {{\[\[}} 3],
// CHECK-NEXT: [-1],
// CHECK-NEXT: [-1],
// CHECK-NEXT: [-1]]
// FEWER: grouped-matmul.mlir:[[#@LINE+6]]: error: expects sizes of groups of 0 or more whose sum is the number of rows, 4, but got 3
// MORE: error: expects sizes of groups of 0 or more whose sum is the number of rows, 4, but got 1000004
// NEGATIVE: error: expects sizes of groups of 0 or more whose sum is the number of rows, 4, but got -2
// EMPTY: error: expects sizes of groups of 0 or more whose sum is the number of rows, 0, but got 1
varve.graph @groups(%x: tensor<?x2xf32, #varve.dims<rows, 2>> {varve.name = "x"}, %sizes: tensor<3xi32> {varve.name = "sizes"}) -> (tensor<?x1xf32, #varve.dims<rows, 1>> {varve.name = "y"}) {
  %w = varve.constant dense<[[[1.0, 1.0]], [[9.0, 9.0]], [[1.0, -1.0]]]> : tensor<3x1x2xf32>
  %0 = varve.grouped_matmul %x, %w, %sizes : (tensor<?x2xf32, #varve.dims<rows, 2>>, tensor<3x1x2xf32>, tensor<3xi32>) -> tensor<?x1xf32, #varve.dims<rows, 1>>
  varve.output %0 : tensor<?x1xf32, #varve.dims<rows, 1>>
}
