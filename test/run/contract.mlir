// RUN: varve-run %s --entry tied --weights random:7 --input ids=9,0,-3,4 | FileCheck %s --check-prefix=TIED
// RUN: varve-run %s --entry product --weights random:7 --dim batch=3 --dim seq=5 --input random:1 | FileCheck %s --check-prefix=ZERO
// RUN: varve-run %s --entry product --weights random:7 --dim batch=3 --dim seq=0 --input random:1 | FileCheck %s --check-prefix=LEAST
// RUN: varve-run %s --entry product --weights random:7 --dim batch=1 --dim seq=1 --input random:1 --threads 1 | FileCheck %s --check-prefix=ZERO

// One packed weight for an embedding and a product: its rows are what the product of the identity finds as columns.
// TIED: y: f32 []
// TIED-NEXT: {{^}}0{{$}}
varve.weight @w : tensor<10x3xf32>
varve.graph @tied(%ids: tensor<4xi64> {varve.name = "ids"}) -> (tensor<f32> {varve.name = "y"}) {
  %w = varve.use @w : tensor<10x3xf32>
  %0 = varve.gather %w, %ids : (tensor<10x3xf32>, tensor<4xi64>) -> tensor<4x3xf32>
  %eye = varve.constant dense<[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]> : tensor<3x3xf32>
  %1 = varve.linear %eye, %w : (tensor<3x3xf32>, tensor<10x3xf32>) -> tensor<3x10xf32>
  %2 = varve.gather %1, %ids {axis = 1} : (tensor<3x10xf32>, tensor<4xi64>) -> tensor<3x4xf32>
  %3 = varve.transpose %2 {permutation = array<i64: 1, 0>} : (tensor<3x4xf32>) -> tensor<4x3xf32>
  %4 = varve.sub %0, %3 : (tensor<4x3xf32>, tensor<4x3xf32>) -> tensor<4x3xf32>
  %5 = varve.abs %4 : (tensor<4x3xf32>) -> tensor<4x3xf32>
  %6 = varve.reduce_max %5 : (tensor<4x3xf32>) -> tensor<f32>
  varve.output %6 : tensor<f32>
}

// A product with a packed weight, several dimensions before the last and something to fuse on both sides is what matmul
// finds with the same weight, read as rows.
// ZERO: y: f32 []
// ZERO-NEXT: {{^}}{{[0-9.]+e-0[6-9]|0}}{{$}}
// LEAST: y: f32 []
// LEAST-NEXT: {{^}}-inf{{$}}
varve.weight @v : tensor<70x64xf32>
varve.graph @product(%x: tensor<?x?x64xf32, #varve.dims<batch, seq, 64>> {varve.name = "x"}) -> (tensor<f32> {varve.name = "y"}) {
  %v = varve.use @v : tensor<70x64xf32>
  %0 = varve.silu %x : (tensor<?x?x64xf32, #varve.dims<batch, seq, 64>>) -> tensor<?x?x64xf32, #varve.dims<batch, seq, 64>>
  %1 = varve.linear %0, %v : (tensor<?x?x64xf32, #varve.dims<batch, seq, 64>>, tensor<70x64xf32>) -> tensor<?x?x70xf32, #varve.dims<batch, seq, 70>>
  %2 = varve.tanh %1 : (tensor<?x?x70xf32, #varve.dims<batch, seq, 70>>) -> tensor<?x?x70xf32, #varve.dims<batch, seq, 70>>
  %ids = varve.iota {shape = #varve.dims<70>, dtype = i32} : () -> tensor<70xi32>
  %rows = varve.gather %v, %ids : (tensor<70x64xf32>, tensor<70xi32>) -> tensor<70x64xf32>
  %columns = varve.transpose %rows {permutation = array<i64: 1, 0>} : (tensor<70x64xf32>) -> tensor<64x70xf32>
  %3 = varve.matmul %0, %columns : (tensor<?x?x64xf32, #varve.dims<batch, seq, 64>>, tensor<64x70xf32>) -> tensor<?x?x70xf32, #varve.dims<batch, seq, 70>>
  %4 = varve.tanh %3 : (tensor<?x?x70xf32, #varve.dims<batch, seq, 70>>) -> tensor<?x?x70xf32, #varve.dims<batch, seq, 70>>
  %5 = varve.sub %2, %4 : (tensor<?x?x70xf32, #varve.dims<batch, seq, 70>>, tensor<?x?x70xf32, #varve.dims<batch, seq, 70>>) -> tensor<?x?x70xf32, #varve.dims<batch, seq, 70>>
  %6 = varve.abs %5 : (tensor<?x?x70xf32, #varve.dims<batch, seq, 70>>) -> tensor<?x?x70xf32, #varve.dims<batch, seq, 70>>
  %7 = varve.reduce_max %6 : (tensor<?x?x70xf32, #varve.dims<batch, seq, 70>>) -> tensor<f32>
  varve.output %7 : tensor<f32>
}
