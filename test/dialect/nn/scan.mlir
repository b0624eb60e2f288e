// RUN: varve-opt %s | varve-opt | FileCheck %s
// RUN: varve-opt %s --emit-bytecode | varve-opt | FileCheck %s

// CHECK-LABEL: varve.graph @scan
varve.graph @scan(%x: tensor<2x?x8xbf16, #varve.dims<2, seq, 8>>, %w: tensor<8x4xbf16>, %past: tensor<2x3x8xbf16>, %a: tensor<8x16xf32>, %b: tensor<2x?x16xbf16, #varve.dims<2, seq, 16>>, %h: tensor<2x8x16xf32>) {
  // CHECK: %{{.*}}, %{{.*}} = varve.causal_conv %{{.*}}, %{{.*}}, %{{.*}} : (tensor<2x?x8xbf16, #{{.*}}>, tensor<8x4xbf16>, tensor<2x3x8xbf16>) -> (tensor<2x?x8xbf16, #{{.*}}>, tensor<2x3x8xbf16>)
  %0, %1 = varve.causal_conv %x, %w, %past : (tensor<2x?x8xbf16, #varve.dims<2, seq, 8>>, tensor<8x4xbf16>, tensor<2x3x8xbf16>) -> (tensor<2x?x8xbf16, #varve.dims<2, seq, 8>>, tensor<2x3x8xbf16>)
  // CHECK: %{{.*}}, %{{.*}} = varve.selective_scan {{.*}} -> (tensor<2x?x8xbf16, #{{.*}}>, tensor<2x8x16xf32>)
  %2, %3 = varve.selective_scan %x, %0, %a, %b, %b, %h : (tensor<2x?x8xbf16, #varve.dims<2, seq, 8>>, tensor<2x?x8xbf16, #varve.dims<2, seq, 8>>, tensor<8x16xf32>, tensor<2x?x16xbf16, #varve.dims<2, seq, 16>>, tensor<2x?x16xbf16, #varve.dims<2, seq, 16>>, tensor<2x8x16xf32>) -> (tensor<2x?x8xbf16, #varve.dims<2, seq, 8>>, tensor<2x8x16xf32>)
  varve.output
}
