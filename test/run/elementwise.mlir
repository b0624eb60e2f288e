// RUN: varve-run %s --entry narrow --input iota --input 200 | FileCheck %s --check-prefix=NARROW
// RUN: varve-run %s --entry chain --dim n=5 --input 1,2,3,4,5 --input 10,20 | FileCheck %s --check-prefix=CHAIN
// RUN: varve-run %s --entry chain --dim n=0 --input zeros | FileCheck %s --check-prefix=NOTHING
// RUN: varve-run %s --entry odd --input 1 | FileCheck %s --check-prefix=ODD
// RUN: varve-run %s --entry joined --input=1 --input 1,2,4,0.5,8 | FileCheck %s --check-prefix=JOINED

// One element is left of the vectors of 16: only one byte may be written.
// NARROW: y: i8 [17]
// NARROW-NEXT: {{\[}}-56, -55, -54, -53, -52, -51, -50, -49, -48, -47, -46, -45, -44, -43, -42, -41, -40]
// NARROW: z: i8 [17]
// NARROW-NEXT: {{\[}} 0,{{.*}} 16]
varve.graph @narrow(%x: tensor<17xi32> {varve.name = "x"}, %more: tensor<i32> {varve.name = "more"}) -> (tensor<17xi8> {varve.name = "y"}, tensor<17xi8> {varve.name = "z"}) {
  %0 = varve.add %x, %more : (tensor<17xi32>, tensor<i32>) -> tensor<17xi32>
  %1 = varve.cast %0 {dtype = i8} : (tensor<17xi32>) -> tensor<17xi8>
  %2 = varve.cast %x {dtype = i8} : (tensor<17xi32>) -> tensor<17xi8>
  varve.output %1, %2 : tensor<17xi8>, tensor<17xi8>
}

// Operands that broadcast in both directions, bools between, a narrower type at the end.
// CHAIN: y: f16 [2, 5]
// CHAIN-NEXT: {{\[\[}} 11, 12, 13, -40, -50],
// CHAIN-NEXT: [ 21, 22, 23, -80, -100]]
// NOTHING: y: f16 [2, 0]
varve.graph @chain(%x: tensor<?xf32, #varve.dims<n>> {varve.name = "x"}, %y: tensor<2x1xf32> {varve.name = "z"}) -> (tensor<2x?xf16, #varve.dims<2, n>> {varve.name = "y"}) {
  %three = varve.constant dense<3.0> : tensor<f32>
  %0 = varve.add %x, %y : (tensor<?xf32, #varve.dims<n>>, tensor<2x1xf32>) -> tensor<2x?xf32, #varve.dims<2, n>>
  %1 = varve.mul %x, %y : (tensor<?xf32, #varve.dims<n>>, tensor<2x1xf32>) -> tensor<2x?xf32, #varve.dims<2, n>>
  %2 = varve.neg %1 : (tensor<2x?xf32, #varve.dims<2, n>>) -> tensor<2x?xf32, #varve.dims<2, n>>
  %3 = varve.compare %x, %three {predicate = "gt"} : (tensor<?xf32, #varve.dims<n>>, tensor<f32>) -> tensor<?xi1, #varve.dims<n>>
  %4 = varve.not %3 : (tensor<?xi1, #varve.dims<n>>) -> tensor<?xi1, #varve.dims<n>>
  %5 = varve.select %4, %0, %2 : (tensor<?xi1, #varve.dims<n>>, tensor<2x?xf32, #varve.dims<2, n>>, tensor<2x?xf32, #varve.dims<2, n>>) -> tensor<2x?xf32, #varve.dims<2, n>>
  %6 = varve.cast %5 {dtype = f16} : (tensor<2x?xf32, #varve.dims<2, n>>) -> tensor<2x?xf16, #varve.dims<2, n>>
  varve.output %6 : tensor<2x?xf16, #varve.dims<2, n>>
}

// The sign of a single f16 is taken without a library's function that rounds f64 to f16.
// ODD: y: f16 [1]
// ODD-NEXT: [0.432129]
varve.graph @odd(%x: tensor<1xf16> {varve.name = "x"}) -> (tensor<1xf16> {varve.name = "y"}) {
  %0 = varve.cos %x : (tensor<1xf16>) -> tensor<1xf16>
  %1 = varve.log1p %0 : (tensor<1xf16>) -> tensor<1xf16>
  varve.output %1 : tensor<1xf16>
}

// Nor are both roundings, of a function's f64 and of f32, one.
// JOINED: y: f16 [5]
// JOINED-NEXT: [ 1, 0, -1, 2, -2]
varve.graph @joined(%c: tensor<f16> {varve.name = "c"}, %x: tensor<5xf16> {varve.name = "x"}) -> (tensor<5xf16> {varve.name = "y"}) {
  %0 = varve.log2 %x : (tensor<5xf16>) -> tensor<5xf16>
  %1 = varve.sub %c, %0 : (tensor<f16>, tensor<5xf16>) -> tensor<5xf16>
  varve.output %1 : tensor<5xf16>
}
