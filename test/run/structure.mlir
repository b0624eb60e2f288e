// RUN: varve-run %s --entry step --dim seq=2 --input 3 --input iota | FileCheck %s --check-prefix=STEP
// RUN: not varve-run %s --entry step --dim seq=2 --input 7 --input iota 2>&1 | FileCheck %s --check-prefix=FULL
// RUN: varve-run %s --entry tap --input 1,2 2>&1 | FileCheck %s --check-prefix=TAP
// RUN: varve-run %s --entry pairs --dim n=2 --dim m=2 --input zeros | FileCheck %s --check-prefix=PAIRS
// RUN: not varve-run %s --entry pairs --dim n=2 --dim m=3 --input zeros 2>&1 | FileCheck %s --check-prefix=ODD
// RUN: varve-run %s --entry layers --input 1,2 | FileCheck %s --check-prefix=LAYERS

// State: what was stored is read from where it was stored, the rest is zero; a slice beyond the end is an error.
// STEP: y: f32 [5, 2]
// STEP-NEXT: {{\[\[}}0, 0],
// STEP-NEXT: [0, 0],
// STEP-NEXT: [0, 0],
// STEP-NEXT: [0, 1],
// STEP-NEXT: [2, 3]]
// FULL: structure.mlir:[[#@LINE+2]]: error: expects a stored slice that ends inside dimension 0 of its buffer
varve.graph @step(%past: tensor<i64> {varve.dim = "past", varve.name = "past"}, %x: tensor<?x2xf32, #varve.dims<seq, 2>> {varve.name = "x"}, %b: !varve.buffer<8x2xf32> {varve.name = "b"}) -> (tensor<?x2xf32, #varve.dims<past + seq, 2>> {varve.name = "y"}) {
  varve.buffer.store %x, %b offsets(past, 0) : tensor<?x2xf32, #varve.dims<seq, 2>>, !varve.buffer<8x2xf32>
  %0 = varve.buffer.load %b : (!varve.buffer<8x2xf32>) -> tensor<8x2xf32>
  %1 = varve.slice %0 {starts = #varve.dims<0, 0>, ends = #varve.dims<past + seq, 2>, steps = array<i64: 1, 1>} : (tensor<8x2xf32>) -> tensor<?x2xf32, #varve.dims<past + seq, 2>>
  varve.output %1 : tensor<?x2xf32, #varve.dims<past + seq, 2>>
}

// What is printed may be a view, of any type.
// TAP: odd f32 [1]
// TAP-NEXT: [2]
// TAP: is bool [2]
varve.graph @tap(%x: tensor<2xf32> {varve.name = "x"}) -> (tensor<2xf32> {varve.name = "y"}) {
  %0 = varve.slice %x {starts = #varve.dims<1>, ends = #varve.dims<2>, steps = array<i64: 1>} : (tensor<2xf32>) -> tensor<1xf32>
  varve.print %0, "odd" : tensor<1xf32>
  %1 = varve.compare %x, %0 {predicate = "lt"} : (tensor<2xf32>, tensor<1xf32>) -> tensor<2xi1>
  varve.print %1, "is" : tensor<2xi1>
  %2 = varve.identity %x {tag = "y"} : (tensor<2xf32>) -> tensor<2xf32>
  varve.output %2 : tensor<2xf32>
}

// PAIRS: y: i64 []
// PAIRS-NEXT: 4
// ODD: structure.mlir:[[#@LINE+2]]: error: x and y are pairs
varve.graph @pairs(%x: tensor<?xf32, #varve.dims<n>> {varve.name = "x"}, %z: tensor<?xf32, #varve.dims<m>> {varve.name = "z"}) -> (tensor<i64> {varve.name = "y"}, tensor<?xf32, #varve.dims<m>> {varve.name = "sum"}) {
  %0 = varve.rebind %x, "x and y are pairs" : tensor<?xf32, #varve.dims<n>> to tensor<?xf32, #varve.dims<m>>
  %1 = varve.add %0, %z : (tensor<?xf32, #varve.dims<m>>, tensor<?xf32, #varve.dims<m>>) -> tensor<?xf32, #varve.dims<m>>
  %2 = varve.dim <m + n>
  varve.output %2, %1 : tensor<i64>, tensor<?xf32, #varve.dims<m>>
}

// Equal layers are one function, called twice.
// LAYERS: y: f32 [2]
// LAYERS-NEXT: [ 6, 59.5]
varve.graph @layers(%x: tensor<2xf32> {varve.name = "x"}) -> (tensor<2xf32> {varve.name = "y"}) {
  %0 = varve.layer "0" : "Step" -> tensor<2xf32> {
    %one = varve.constant dense<[1.0, 1.5]> : tensor<2xf32>
    %2 = varve.add %x, %one : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %3 = varve.mul %2, %x : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    varve.output %3 : tensor<2xf32>
  }
  %1 = varve.layer "1" : "Step" -> tensor<2xf32> {
    %one = varve.constant dense<[1.0, 1.5]> : tensor<2xf32>
    %2 = varve.add %0, %one : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    %3 = varve.mul %2, %0 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    varve.output %3 : tensor<2xf32>
  }
  varve.output %1 : tensor<2xf32>
}
