// RUN: varve-opt %s | varve-opt | FileCheck %s
// RUN: varve-opt %s --emit-bytecode | varve-opt | FileCheck %s
// RUN: varve-opt %s -canonicalize | FileCheck %s --check-prefix=FOLD

// CHECK-LABEL: varve.graph @cumulative
varve.graph @cumulative(%x: tensor<2x?xf32, #varve.dims<2, seq>>, %u: tensor<4xui8>) {
  // CHECK: varve.cumsum %{{.*}} {axis = -1 : i64} : (tensor<2x?xf32, #{{.*}}>) -> tensor<2x?xf32, #{{.*}}>
  %0 = varve.cumsum %x {axis = -1 : i64} : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.cumprod %{{.*}} {axis = 0 : i64} : (tensor<4xui8>) -> tensor<4xui8>
  %1 = varve.cumprod %u {axis = 0 : i64} : (tensor<4xui8>) -> tensor<4xui8>
  varve.output
}

// Each element is the only one.
// FOLD-LABEL: varve.graph @single
varve.graph @single(%x: tensor<2x1xf32>) -> (tensor<2x1xf32>, tensor<2x1xf32>) {
  // FOLD: %[[SUM:.*]] = varve.cumsum
  // FOLD: varve.output %arg0, %[[SUM]]
  %0 = varve.cumprod %x {axis = 1 : i64} : (tensor<2x1xf32>) -> tensor<2x1xf32>
  %1 = varve.cumsum %x {axis = 0 : i64} : (tensor<2x1xf32>) -> tensor<2x1xf32>
  varve.output %0, %1 : tensor<2x1xf32>, tensor<2x1xf32>
}
