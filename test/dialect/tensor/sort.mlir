// RUN: varve-opt %s | varve-opt | FileCheck %s
// RUN: varve-opt %s --emit-bytecode | varve-opt | FileCheck %s

// CHECK-LABEL: varve.graph @sort
varve.graph @sort(%x: tensor<2x?xf32, #varve.dims<2, seq>>, %u: tensor<4xui8>) {
  // CHECK: varve.sort %{{.*}} {axis = 1 : i64} : (tensor<2x?xf32, #{{.*}}>) -> (tensor<2x?xf32, #{{.*}}>, tensor<2x?xi64, #{{.*}}>)
  %0:2 = varve.sort %x {axis = 1 : i64} : (tensor<2x?xf32, #varve.dims<2, seq>>) -> (tensor<2x?xf32, #varve.dims<2, seq>>, tensor<2x?xi64, #varve.dims<2, seq>>)
  // CHECK: varve.sort %{{.*}} {axis = -1 : i64, descending} : (tensor<4xui8>) -> (tensor<4xui8>, tensor<4xi64>)
  %1:2 = varve.sort %u {axis = -1 : i64, descending} : (tensor<4xui8>) -> (tensor<4xui8>, tensor<4xi64>)
  varve.output
}

// CHECK-LABEL: varve.graph @top_k
varve.graph @top_k(%x: tensor<2x?xf32, #varve.dims<2, seq>>, %y: tensor<2x8xbf16>) {
  // CHECK: varve.top_k %{{.*}} {axis = 1 : i64, k = 3 : i64} : (tensor<2x?xf32, #{{.*}}>) -> (tensor<2x3xf32>, tensor<2x3xi64>)
  %0:2 = varve.top_k %x {axis = 1 : i64, k = 3 : i64} : (tensor<2x?xf32, #varve.dims<2, seq>>) -> (tensor<2x3xf32>, tensor<2x3xi64>)
  // CHECK: varve.top_k %{{.*}} {axis = -1 : i64, k = 8 : i64}
  %1:2 = varve.top_k %y {axis = -1 : i64, k = 8 : i64} : (tensor<2x8xbf16>) -> (tensor<2x8xbf16>, tensor<2x8xi64>)
  varve.output
}
