// RUN: varve-run %s --entry heads --dim batch=2 --dim seq=3 --input iota | FileCheck %s --check-prefix=HEADS
// RUN: varve-run %s --entry heads --dim batch=2 --dim seq=0 --input iota | FileCheck %s --check-prefix=NONE
// RUN: varve-run %s --entry joins --dim n=2 --dim m=1 --input a=1,2 --input b=3 | FileCheck %s --check-prefix=JOINS
// RUN: varve-run %s --entry joins --dim n=0 --dim m=1 --input a=iota --input b=3 | FileCheck %s --check-prefix=LESS
// RUN: varve-run %s --entry cuts --dim n=7 --input iota | FileCheck %s --check-prefix=CUTS
// RUN: not varve-run %s --entry cuts --dim n=2 --input iota 2>&1 | FileCheck %s --check-prefix=SHORT
// RUN: varve-run %s --entry padded --dim n=3 --input 1,2,3 | FileCheck %s --check-prefix=PADDED
// RUN: not varve-run %s --entry padded --dim n=2 --input iota 2>&1 | FileCheck %s --check-prefix=MIRROR
// RUN: not varve-run %s --entry replicated --dim n=0 --input zeros 2>&1 | FileCheck %s --check-prefix=NOTHING
// RUN: not varve-run %s --entry filled --dim n=2 --input zeros 2>&1 | FileCheck %s --check-prefix=MINUS
// RUN: varve-run %s --entry filled --dim n=4 --input zeros | FileCheck %s --check-prefix=FILLED

// Views of views, and copies of them: a third of the last dimension, as two heads, in another order, and flat again.
// HEADS: y: f32 [2, 12]
// HEADS-NEXT: {{\[\[}} 4,  5, 16, 17, 28, 29,  6,  7, 18, 19, 30, 31],
// HEADS-NEXT: [40, 41, 52, 53, 64, 65, 42, 43, 54, 55, 66, 67]]
// NONE: y: f32 [2, 0]
varve.graph @heads(%x: tensor<?x?x12xf32, #varve.dims<batch, seq, 12>> {varve.name = "x"}) -> (tensor<?x?xf32, #varve.dims<batch, 4*seq>> {varve.name = "y"}) {
  %0:3 = varve.split %x {axis = -1, sizes = #varve.dims<4, 4, 4>} : (tensor<?x?x12xf32, #varve.dims<batch, seq, 12>>) -> (tensor<?x?x4xf32, #varve.dims<batch, seq, 4>>, tensor<?x?x4xf32, #varve.dims<batch, seq, 4>>, tensor<?x?x4xf32, #varve.dims<batch, seq, 4>>)
  %1 = varve.reshape %0#1 {shape = #varve.dims<batch, seq, 2, 2>} : (tensor<?x?x4xf32, #varve.dims<batch, seq, 4>>) -> tensor<?x?x2x2xf32, #varve.dims<batch, seq, 2, 2>>
  %2 = varve.transpose %1 {permutation = array<i64: 0, 2, 1, 3>} : (tensor<?x?x2x2xf32, #varve.dims<batch, seq, 2, 2>>) -> tensor<?x2x?x2xf32, #varve.dims<batch, 2, seq, 2>>
  %3 = varve.reshape %2 {shape = #varve.dims<batch, 4*seq>} : (tensor<?x2x?x2xf32, #varve.dims<batch, 2, seq, 2>>) -> tensor<?x?xf32, #varve.dims<batch, 4*seq>>
  varve.output %3 : tensor<?x?xf32, #varve.dims<batch, 4*seq>>
}

// An input and what is computed from it, twice over.
// JOINS: y: i32 [2, 5]
// JOINS-NEXT: {{\[\[}} 1, 2, 3, -1, -2],
// JOINS-NEXT: [ 1, 2, 3, -1, -2]]
// LESS: y: i32 [2, 1]
// LESS-NEXT: {{\[\[}}3],
// LESS-NEXT: [3]]
varve.graph @joins(%a: tensor<?xi32, #varve.dims<n>> {varve.name = "a"}, %b: tensor<?xi32, #varve.dims<m>> {varve.name = "b"}) -> (tensor<2x?xi32, #varve.dims<2, m + 2*n>> {varve.name = "y"}) {
  %0 = varve.neg %a : (tensor<?xi32, #varve.dims<n>>) -> tensor<?xi32, #varve.dims<n>>
  %1 = varve.concat %a, %b, %0 {axis = 0} : (tensor<?xi32, #varve.dims<n>>, tensor<?xi32, #varve.dims<m>>, tensor<?xi32, #varve.dims<n>>) -> tensor<?xi32, #varve.dims<m + 2*n>>
  %2 = varve.broadcast %1 {shape = #varve.dims<2, m + 2*n>} : (tensor<?xi32, #varve.dims<m + 2*n>>) -> tensor<2x?xi32, #varve.dims<2, m + 2*n>>
  varve.output %2 : tensor<2x?xi32, #varve.dims<2, m + 2*n>>
}

// What lies outside is an error before anything runs.
// CUTS: last: f32 [3]
// CUTS-NEXT: [4, 5, 6]
// CUTS: rest: f32 [4]
// CUTS-NEXT: [-0, -1, -2, -3]
// CUTS: third: f32 [2]
// CUTS-NEXT: [1, 4]
// SHORT: shape.mlir:[[#@LINE+2]]: error: expects a slice that starts inside dimension 0
varve.graph @cuts(%x: tensor<?xf32, #varve.dims<n>> {varve.name = "x"}) -> (tensor<3xf32> {varve.name = "last"}, tensor<?xf32, #varve.dims<n - 3>> {varve.name = "rest"}, tensor<2xf32> {varve.name = "third"}) {
  %0 = varve.slice %x {starts = #varve.dims<-3>, ends = #varve.dims<n>, steps = array<i64: 1>} : (tensor<?xf32, #varve.dims<n>>) -> tensor<3xf32>
  %1 = varve.slice %x {starts = #varve.dims<0>, ends = #varve.dims<n - 3>, steps = array<i64: 1>} : (tensor<?xf32, #varve.dims<n>>) -> tensor<?xf32, #varve.dims<n - 3>>
  %2 = varve.neg %1 : (tensor<?xf32, #varve.dims<n - 3>>) -> tensor<?xf32, #varve.dims<n - 3>>
  %3 = varve.slice %x {starts = #varve.dims<1>, ends = #varve.dims<5>, steps = array<i64: 3>} : (tensor<?xf32, #varve.dims<n>>) -> tensor<2xf32>
  varve.output %0, %2, %3 : tensor<3xf32>, tensor<?xf32, #varve.dims<n - 3>>, tensor<2xf32>
}

// PADDED: y: i32 [7]
// PADDED-NEXT: [3, 2, 1, 2, 3, 2, 1]
// PADDED: z: i32 [3]
// PADDED-NEXT: [3, 2, 1]
// MIRROR: shape.mlir:[[#@LINE+2]]: error: expects more elements to reflect in dimension 0 than it is padded with, but got {{.*}}
varve.graph @padded(%x: tensor<?xi32, #varve.dims<n>> {varve.name = "x"}) -> (tensor<?xi32, #varve.dims<n + 4>> {varve.name = "y"}, tensor<?xi32, #varve.dims<n>> {varve.name = "z"}) {
  %0 = varve.pad %x {low = #varve.dims<2>, high = #varve.dims<2>, mode = "reflect"} : (tensor<?xi32, #varve.dims<n>>) -> tensor<?xi32, #varve.dims<n + 4>>
  %1 = varve.flip %x : (tensor<?xi32, #varve.dims<n>>) -> tensor<?xi32, #varve.dims<n>>
  varve.output %0, %1 : tensor<?xi32, #varve.dims<n + 4>>, tensor<?xi32, #varve.dims<n>>
}

// NOTHING: shape.mlir:[[#@LINE+2]]: error: expects an element to replicate in dimension 0, but got {{.*}}
varve.graph @replicated(%x: tensor<?xf32, #varve.dims<n>>) -> tensor<?xf32, #varve.dims<n + 1>> {
  %0 = varve.pad %x {low = #varve.dims<1>, high = #varve.dims<0>, mode = "replicate"} : (tensor<?xf32, #varve.dims<n>>) -> tensor<?xf32, #varve.dims<n + 1>>
  varve.output %0 : tensor<?xf32, #varve.dims<n + 1>>
}

// MINUS: shape.mlir:[[#@LINE+5]]: error: expects 0 or more elements to pad dimension 0 with, but got {{.*}}
// FILLED: y: f32 [5]
// FILLED-NEXT: [0, 0, 0, 0, 7]
varve.graph @filled(%x: tensor<?xf32, #varve.dims<n>> {varve.name = "x"}) -> (tensor<?xf32, #varve.dims<2*n - 3>> {varve.name = "y"}) {
  %v = varve.constant dense<7.0> : tensor<f32>
  %0 = varve.pad %x, %v {low = #varve.dims<0>, high = #varve.dims<n - 3>} : (tensor<?xf32, #varve.dims<n>>, tensor<f32>) -> tensor<?xf32, #varve.dims<2*n - 3>>
  varve.output %0 : tensor<?xf32, #varve.dims<2*n - 3>>
}
