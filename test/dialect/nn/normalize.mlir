// RUN: varve-opt %s | varve-opt | FileCheck %s
// RUN: varve-opt %s --emit-bytecode | varve-opt | FileCheck %s

// CHECK-LABEL: varve.graph @normalize
varve.graph @normalize(%x: tensor<2x?x8xf32, #varve.dims<2, seq, 8>>, %w: tensor<8xf32>, %b: tensor<8xf32>, %row: tensor<?xbf16, #varve.dims<n>>, %rw: tensor<?xbf16, #varve.dims<n>>) {
  // CHECK: varve.softmax %{{.*}} {axis = 1 : i64} : (tensor<2x?x8xf32, #{{.*}}>) -> tensor<2x?x8xf32, #{{.*}}>
  %0 = varve.softmax %x {axis = 1 : i64} : (tensor<2x?x8xf32, #varve.dims<2, seq, 8>>) -> tensor<2x?x8xf32, #varve.dims<2, seq, 8>>
  // CHECK: varve.layer_norm %{{.*}}, %{{.*}}, %{{.*}} {epsilon = 1.000000e-05 : f64} : (tensor<2x?x8xf32, #{{.*}}>, tensor<8xf32>, tensor<8xf32>) -> tensor<2x?x8xf32, #{{.*}}>
  %1 = varve.layer_norm %x, %w, %b {epsilon = 1.0e-5 : f64} : (tensor<2x?x8xf32, #varve.dims<2, seq, 8>>, tensor<8xf32>, tensor<8xf32>) -> tensor<2x?x8xf32, #varve.dims<2, seq, 8>>
  // CHECK: varve.layer_norm %{{[^,]*}}, %{{[^,]*}} {epsilon = 0.000000e+00 : f64} : (tensor<2x?x8xf32, #{{.*}}>, tensor<8xf32>) -> tensor<2x?x8xf32, #{{.*}}>
  %2 = varve.layer_norm %x, %w {epsilon = 0.0 : f64} : (tensor<2x?x8xf32, #varve.dims<2, seq, 8>>, tensor<8xf32>) -> tensor<2x?x8xf32, #varve.dims<2, seq, 8>>
  // CHECK: varve.rms_norm %{{.*}}, %{{.*}} {epsilon = 2.500000e-01 : f64} : (tensor<?xbf16, #{{.*}}>, tensor<?xbf16, #{{.*}}>) -> tensor<?xbf16, #{{.*}}>
  %3 = varve.rms_norm %row, %rw {epsilon = 0.25 : f64} : (tensor<?xbf16, #varve.dims<n>>, tensor<?xbf16, #varve.dims<n>>) -> tensor<?xbf16, #varve.dims<n>>
  varve.output
}

// CHECK-LABEL: varve.graph @channels
varve.graph @channels(%x: tensor<?x8x?xf32, #varve.dims<batch, 8, n>>, %w: tensor<8xf32>, %b: tensor<8xf32>, %last: tensor<2x3x8xf32>) {
  // CHECK: varve.group_norm %{{[^,]*}} {epsilon = 1.000000e-05 : f64, groups = 8 : i64} : (tensor<?x8x?xf32, #{{.*}}>) -> tensor<?x8x?xf32, #{{.*}}>
  %0 = varve.group_norm %x {groups = 8 : i64, epsilon = 1.0e-5 : f64} : (tensor<?x8x?xf32, #varve.dims<batch, 8, n>>) -> tensor<?x8x?xf32, #varve.dims<batch, 8, n>>
  // CHECK: varve.group_norm %{{.*}}, %{{.*}}, %{{.*}} {epsilon = 1.000000e-05 : f64, groups = 2 : i64} : (tensor<?x8x?xf32, #{{.*}}>, tensor<8xf32>, tensor<8xf32>) -> tensor<?x8x?xf32, #{{.*}}>
  %1 = varve.group_norm %x, %w, %b {groups = 2 : i64, epsilon = 1.0e-5 : f64} : (tensor<?x8x?xf32, #varve.dims<batch, 8, n>>, tensor<8xf32>, tensor<8xf32>) -> tensor<?x8x?xf32, #varve.dims<batch, 8, n>>
  // CHECK: varve.batch_norm %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} {epsilon = 0.000000e+00 : f64}
  %2 = varve.batch_norm %x, %b, %w, %w, %b {epsilon = 0.0 : f64} : (tensor<?x8x?xf32, #varve.dims<batch, 8, n>>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<?x8x?xf32, #varve.dims<batch, 8, n>>
  // CHECK: varve.batch_norm %{{[^,]*}}, %{{[^,]*}}, %{{[^,]*}} {channels_last, epsilon = 0.000000e+00 : f64} : (tensor<2x3x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<2x3x8xf32>
  %3 = varve.batch_norm %last, %b, %w {channels_last, epsilon = 0.0 : f64} : (tensor<2x3x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<2x3x8xf32>
  varve.output
}
