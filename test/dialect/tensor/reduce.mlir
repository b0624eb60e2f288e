// RUN: varve-opt %s | varve-opt | FileCheck %s
// RUN: varve-opt %s --emit-bytecode | varve-opt | FileCheck %s

// CHECK-LABEL: varve.graph @reduce
varve.graph @reduce(%x: tensor<2x?x8xf32, #varve.dims<2, seq, 8>>, %i: tensor<3x0xi8>, %s: tensor<bf16>) {
  // CHECK: varve.reduce_sum %{{.*}} {axes = array<i64: 1>} : (tensor<2x?x8xf32, #{{.*}}>) -> tensor<2x8xf32>
  %0 = varve.reduce_sum %x {axes = array<i64: 1>} : (tensor<2x?x8xf32, #varve.dims<2, seq, 8>>) -> tensor<2x8xf32>
  // CHECK: varve.reduce_mean %{{.*}} {axes = array<i64: -1>, keep_dims} : (tensor<2x?x8xf32, #{{.*}}>) -> tensor<2x?x1xf32, #{{.*}}>
  %1 = varve.reduce_mean %x {axes = array<i64: -1>, keep_dims} : (tensor<2x?x8xf32, #varve.dims<2, seq, 8>>) -> tensor<2x?x1xf32, #varve.dims<2, seq, 1>>
  // The order of axes does not matter.
  // CHECK: varve.reduce_max %{{.*}} {axes = array<i64: -1, 0>} : (tensor<2x?x8xf32, #{{.*}}>) -> tensor<?xf32, #{{.*}}>
  %2 = varve.reduce_max %x {axes = array<i64: -1, 0>} : (tensor<2x?x8xf32, #varve.dims<2, seq, 8>>) -> tensor<?xf32, #varve.dims<seq>>
  // Without axes all dimensions are reduced.
  // CHECK: varve.reduce_min %{{[^{]*}} : (tensor<2x?x8xf32, #{{.*}}>) -> tensor<f32>
  %3 = varve.reduce_min %x {axes = array<i64>} : (tensor<2x?x8xf32, #varve.dims<2, seq, 8>>) -> tensor<f32>
  // CHECK: varve.reduce_prod %{{.*}} {keep_dims} : (tensor<3x0xi8>) -> tensor<1x1xi8>
  %4 = varve.reduce_prod %i {keep_dims} : (tensor<3x0xi8>) -> tensor<1x1xi8>
  // CHECK: varve.reduce_max %{{.*}} {axes = array<i64: 1>} : (tensor<3x0xi8>) -> tensor<3xi8>
  %5 = varve.reduce_max %i {axes = array<i64: 1>} : (tensor<3x0xi8>) -> tensor<3xi8>
  // CHECK: varve.reduce_sum %{{.*}} : (tensor<bf16>) -> tensor<bf16>
  %6 = varve.reduce_sum %s : (tensor<bf16>) -> tensor<bf16>
  varve.output
}

// CHECK-LABEL: varve.graph @argmax
varve.graph @argmax(%x: tensor<2x?x8xf32, #varve.dims<2, seq, 8>>) {
  // CHECK: varve.argmax %{{.*}} {axis = -1 : i64} : (tensor<2x?x8xf32, #{{.*}}>) -> tensor<2x?xi64, #{{.*}}>
  %0 = varve.argmax %x {axis = -1 : i64} : (tensor<2x?x8xf32, #varve.dims<2, seq, 8>>) -> tensor<2x?xi64, #varve.dims<2, seq>>
  // CHECK: varve.argmax %{{.*}} {axis = 1 : i64, keep_dims} : (tensor<2x?x8xf32, #{{.*}}>) -> tensor<2x1x8xi64>
  %1 = varve.argmax %x {axis = 1 : i64, keep_dims} : (tensor<2x?x8xf32, #varve.dims<2, seq, 8>>) -> tensor<2x1x8xi64>
  varve.output
}

// CHECK-LABEL: varve.graph @argmin
varve.graph @argmin(%x: tensor<2x?x8xui8, #varve.dims<2, seq, 8>>) {
  // CHECK: varve.argmin %{{.*}} {axis = -1 : i64, keep_dims} : (tensor<2x?x8xui8, #{{.*}}>) -> tensor<2x?x1xi64, #{{.*}}>
  %0 = varve.argmin %x {axis = -1 : i64, keep_dims} : (tensor<2x?x8xui8, #varve.dims<2, seq, 8>>) -> tensor<2x?x1xi64, #varve.dims<2, seq, 1>>
  varve.output
}
