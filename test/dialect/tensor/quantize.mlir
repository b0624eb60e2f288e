// RUN: varve-opt %s | varve-opt | FileCheck %s
// RUN: varve-opt %s --emit-bytecode | varve-opt | FileCheck %s

// CHECK: varve.weight @w : tensor<4x256x!varve.q6_k>
varve.weight @w : tensor<4x256x!varve.q6_k>
varve.weight @experts : tensor<2x4x32x!varve.q4_0>

// CHECK-LABEL: varve.graph @dequantize
varve.graph @dequantize() {
  // CHECK: varve.use @w : tensor<4x256x!varve.q6_k>
  %w = varve.use @w : tensor<4x256x!varve.q6_k>
  // CHECK: varve.dequantize %{{.*}} : (tensor<4x256x!varve.q6_k>) -> tensor<4x256xf32>
  %0 = varve.dequantize %w : (tensor<4x256x!varve.q6_k>) -> tensor<4x256xf32>
  %experts = varve.use @experts : tensor<2x4x32x!varve.q4_0>
  // CHECK: varve.dequantize %{{.*}} : (tensor<2x4x32x!varve.q4_0>) -> tensor<2x4x32xf32>
  %1 = varve.dequantize %experts : (tensor<2x4x32x!varve.q4_0>) -> tensor<2x4x32xf32>
  varve.output
}

// CHECK-LABEL: varve.graph @products
varve.graph @products(%x: tensor<?x256xbf16, #varve.dims<n, 256>>, %ids: tensor<?xi32, #varve.dims<n>>) {
  %w = varve.use @w : tensor<4x256x!varve.q6_k>
  // CHECK: varve.linear %{{.*}}, %{{.*}} : (tensor<?x256xbf16, #{{.*}}>, tensor<4x256x!varve.q6_k>) -> tensor<?x4xbf16, #{{.*}}>
  %0 = varve.linear %x, %w : (tensor<?x256xbf16, #varve.dims<n, 256>>, tensor<4x256x!varve.q6_k>) -> tensor<?x4xbf16, #varve.dims<n, 4>>
  // CHECK: varve.gather %{{.*}}, %{{.*}} : (tensor<4x256x!varve.q6_k>, tensor<?xi32, #{{.*}}>) -> tensor<?x256xf32, #{{.*}}>
  %1 = varve.gather %w, %ids : (tensor<4x256x!varve.q6_k>, tensor<?xi32, #varve.dims<n>>) -> tensor<?x256xf32, #varve.dims<n, 256>>
  %experts = varve.use @experts : tensor<2x4x32x!varve.q4_0>
  // CHECK: varve.gather %{{.*}}, %{{.*}} : (tensor<2x4x32x!varve.q4_0>, tensor<?xi32, #{{.*}}>) -> tensor<?x4x32xf32, #{{.*}}>
  %2 = varve.gather %experts, %ids : (tensor<2x4x32x!varve.q4_0>, tensor<?xi32, #varve.dims<n>>) -> tensor<?x4x32xf32, #varve.dims<n, 4, 32>>
  // A layer hands a weight in blocks on, as any other.
  // CHECK: varve.layer "tied" : "Tied" -> tensor<4x256x!varve.q6_k>
  %3 = varve.layer "tied" : "Tied" -> tensor<4x256x!varve.q6_k> {
    %4 = varve.use @w : tensor<4x256x!varve.q6_k>
    varve.output %4 : tensor<4x256x!varve.q6_k>
  }
  varve.output
}
