// RUN: varve-run %s --entry rows --dim n=5 --input iota --input ids=4,-1,0,-5 | FileCheck %s --check-prefix=ROWS
// RUN: not varve-run %s --entry rows --dim n=5 --input iota --input ids=0,1,5,2 2>&1 | FileCheck %s --check-prefix=BEYOND
// RUN: not varve-run %s --entry rows --dim n=5 --input iota --input ids=0,-6,1,2 2>&1 | FileCheck %s --check-prefix=BEFORE
// RUN: not varve-run %s --entry rows --dim n=0 --input iota --input ids=0,0,0,0 2>&1 | FileCheck %s --check-prefix=EMPTY
// RUN: varve-run %s --entry last --dim n=3 --input iota --input 2 | FileCheck %s --check-prefix=LAST
// RUN: varve-run %s --entry count --dim n=3 --input zeros | FileCheck %s --check-prefix=COUNT
// RUN: varve-run %s --entry written --dim n=3 --input zeros --input ids=2,-3 --input u=iota | FileCheck %s --check-prefix=WRITTEN
// RUN: not varve-run %s --entry written --dim n=3 --input zeros --input ids=2,3 --input u=iota 2>&1 | FileCheck %s --check-prefix=PAST
// RUN: not varve-run %s --entry written --dim n=0 --input zeros --input ids=0,0 --input u=iota 2>&1 | FileCheck %s --check-prefix=NOWHERE
// RUN: not varve-run %s --entry taken --dim n=3 --input iota --input ids=0,1,-3,4 2>&1 | FileCheck %s --check-prefix=TAKEN
// RUN: not varve-run %s --entry put --input iota --input ids=0,1,-3,4 --input u=iota 2>&1 | FileCheck %s --check-prefix=PUT
// RUN: not varve-run %s --entry best --dim n=1 --input iota 2>&1 | FileCheck %s --check-prefix=FEW
// RUN: not varve-run %s --entry least --dim n=0 --input iota 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: varve-run %s --entry counted --dim n=1 --input 5,3,1,2 | FileCheck %s --check-prefix=COUNTED

// Negative indices count from the end. What lies outside is an error, and nothing outside is read.
// ROWS:      y: f32 [4, 2]
// ROWS-NEXT: {{\[\[}}8, 9],
// ROWS-NEXT:  [8, 9],
// ROWS-NEXT:  [0, 1],
// ROWS-NEXT:  [0, 1]]
// BEYOND: index.mlir:[[#@LINE+4]]: error: expects indices into dimension 0 of size 5, but got 5
// BEFORE: index.mlir:[[#@LINE+3]]: error: expects indices into dimension 0 of size 5, but got -6
// EMPTY: index.mlir:[[#@LINE+2]]: error: expects indices into dimension 0 of size 0, but got 0
varve.graph @rows(%x: tensor<?x2xf32, #varve.dims<n, 2>> {varve.name = "x"}, %ids: tensor<4xi64> {varve.name = "ids"}) -> (tensor<4x2xf32> {varve.name = "y"}) {
  %0 = varve.gather %x, %ids : (tensor<?x2xf32, #varve.dims<n, 2>>, tensor<4xi64>) -> tensor<4x2xf32>
  varve.output %0 : tensor<4x2xf32>
}

// Along the last axis, by one index.
// LAST: y: i64 [2]
// LAST: [2, 5]
varve.graph @last(%x: tensor<2x?xi64, #varve.dims<2, n>> {varve.name = "x"}, %id: tensor<i32> {varve.name = "id"}) -> (tensor<2xi64> {varve.name = "y"}) {
  %0 = varve.gather %x, %id {axis = -1} : (tensor<2x?xi64, #varve.dims<2, n>>, tensor<i32>) -> tensor<2xi64>
  varve.output %0 : tensor<2xi64>
}

// COUNT:      y: u8 [3, 2]
// COUNT-NEXT: {{\[\[}}0, 0],
// COUNT-NEXT:  [1, 1],
// COUNT-NEXT:  [2, 2]]
// COUNT:      z: bf16 [300]
// COUNT-NEXT: [  0,   1,   2, ..., 296, 298, 300]
varve.graph @count(%x: tensor<?xf32, #varve.dims<n>>) -> (tensor<?x2xui8, #varve.dims<n, 2>> {varve.name = "y"}, tensor<300xbf16> {varve.name = "z"}) {
  %0 = varve.iota {shape = #varve.dims<n, 2>, dtype = ui8} : () -> tensor<?x2xui8, #varve.dims<n, 2>>
  %1 = varve.iota {shape = #varve.dims<300>, dtype = bf16} : () -> tensor<300xbf16>
  varve.output %0, %1 : tensor<?x2xui8, #varve.dims<n, 2>>, tensor<300xbf16>
}

// WRITTEN:      y: f32 [3, 2]
// WRITTEN-NEXT: {{\[\[}}2, 3],
// WRITTEN-NEXT:  [0, 0],
// WRITTEN-NEXT:  [0, 1]]
// PAST: index.mlir:[[#@LINE+3]]: error: expects indices into dimension 0 of size 3, but got 3
// NOWHERE: index.mlir:[[#@LINE+2]]: error: expects indices into dimension 0 of size 0, but got 0
varve.graph @written(%x: tensor<?x2xf32, #varve.dims<n, 2>> {varve.name = "x"}, %ids: tensor<2xi64> {varve.name = "ids"}, %u: tensor<2x2xf32> {varve.name = "u"}) -> (tensor<?x2xf32, #varve.dims<n, 2>> {varve.name = "y"}) {
  %0 = varve.scatter %x, %ids, %u : (tensor<?x2xf32, #varve.dims<n, 2>>, tensor<2xi64>, tensor<2x2xf32>) -> tensor<?x2xf32, #varve.dims<n, 2>>
  varve.output %0 : tensor<?x2xf32, #varve.dims<n, 2>>
}

// TAKEN: index.mlir:[[#@LINE+2]]: error: expects indices into dimension 1 of size 3, but got 4
varve.graph @taken(%x: tensor<2x?xf32, #varve.dims<2, n>> {varve.name = "x"}, %ids: tensor<2x2xi32> {varve.name = "ids"}) -> tensor<2x2xf32> {
  %0 = varve.take_along_axis %x, %ids {axis = 1} : (tensor<2x?xf32, #varve.dims<2, n>>, tensor<2x2xi32>) -> tensor<2x2xf32>
  varve.output %0 : tensor<2x2xf32>
}

// PUT: index.mlir:[[#@LINE+2]]: error: expects indices into dimension 1 of size 3, but got 4
varve.graph @put(%x: tensor<2x3xf32> {varve.name = "x"}, %ids: tensor<2x2xi32> {varve.name = "ids"}, %u: tensor<2x2xf32> {varve.name = "u"}) -> tensor<2x3xf32> {
  %0 = varve.put_along_axis %x, %ids, %u {axis = 1} : (tensor<2x3xf32>, tensor<2x2xi32>, tensor<2x2xf32>) -> tensor<2x3xf32>
  varve.output %0 : tensor<2x3xf32>
}

// FEW: index.mlir:[[#@LINE+2]]: error: expects 2 elements or more along dimension 0, but got {{.*}}
varve.graph @best(%x: tensor<?xf32, #varve.dims<n>> {varve.name = "x"}) -> (tensor<2xf32>, tensor<2xi64>) {
  %0:2 = varve.top_k %x {axis = 0, k = 2} : (tensor<?xf32, #varve.dims<n>>) -> (tensor<2xf32>, tensor<2xi64>)
  varve.output %0#0, %0#1 : tensor<2xf32>, tensor<2xi64>
}

// NONE: index.mlir:[[#@LINE+2]]: error: expects at least one element along dimension 0, but got {{.*}}
varve.graph @least(%x: tensor<?xf32, #varve.dims<n>> {varve.name = "x"}) -> tensor<i64> {
  %0 = varve.argmin %x {axis = 0} : (tensor<?xf32, #varve.dims<n>>) -> tensor<i64>
  varve.output %0 : tensor<i64>
}

// What a parallel loop is given holds a vector, and lies in memory where vectors may.
// COUNTED:      a: i64 []
// COUNTED-NEXT: 2
// COUNTED:      b: i64 [2, 2, 1, 3]
varve.graph @counted(%x: tensor<4xf32> {varve.name = "x"}, %n: tensor<i64> {varve.dim = "n"}) -> (tensor<i64> {varve.name = "a"}, tensor<2x?x?x3xi64, #varve.dims<2, 2*n, n, 3>> {varve.name = "b"}) {
  %0 = varve.argmin %x {axis = 0} : (tensor<4xf32>) -> tensor<i64>
  %1 = varve.iota {axis = 3, dtype = i64, shape = #varve.dims<2, 2*n, n, 3>} : () -> tensor<2x?x?x3xi64, #varve.dims<2, 2*n, n, 3>>
  varve.output %0, %1 : tensor<i64>, tensor<2x?x?x3xi64, #varve.dims<2, 2*n, n, 3>>
}
