// RUN: varve-opt %s | varve-opt | FileCheck %s
// RUN: varve-opt %s --emit-bytecode | varve-opt | FileCheck %s

varve.weight @w : tensor<4x8xbf16, #varve.panels<32>>

// CHECK-LABEL: varve.graph @linear
varve.graph @linear(%x: tensor<2x?x8xf32, #varve.dims<2, seq, 8>>, %w: tensor<4x8xf32>, %row: tensor<8xf32>, %packed: tensor<?x8xbf16, #varve.dims<2*seq, 8>>) {
  // CHECK: varve.linear %{{.*}}, %{{.*}} : (tensor<2x?x8xf32, #{{.*}}>, tensor<4x8xf32>) -> tensor<2x?x4xf32, #{{.*}}>
  %0 = varve.linear %x, %w : (tensor<2x?x8xf32, #varve.dims<2, seq, 8>>, tensor<4x8xf32>) -> tensor<2x?x4xf32, #varve.dims<2, seq, 4>>
  // CHECK: varve.linear %{{.*}}, %{{.*}} : (tensor<8xf32>, tensor<4x8xf32>) -> tensor<4xf32>
  %1 = varve.linear %row, %w : (tensor<8xf32>, tensor<4x8xf32>) -> tensor<4xf32>
  %2 = varve.use @w : tensor<4x8xbf16, #varve.panels<32>>
  // CHECK: varve.linear %{{.*}}, %{{.*}} : (tensor<?x8xbf16, #{{.*}}>, tensor<4x8xbf16, #varve.panels<32>>) -> tensor<?x4xbf16, #{{.*}}>
  %3 = varve.linear %packed, %2 : (tensor<?x8xbf16, #varve.dims<2*seq, 8>>, tensor<4x8xbf16, #varve.panels<32>>) -> tensor<?x4xbf16, #varve.dims<2*seq, 4>>
  varve.output
}

// CHECK-LABEL: varve.graph @matmul
varve.graph @matmul(%x: tensor<2x?x8xf32, #varve.dims<2, seq, 8>>, %y: tensor<8x4xf32>, %z: tensor<2x8x?xf32, #varve.dims<2, 8, past + seq>>, %past: tensor<i64> {varve.dim = "past"}, %a: tensor<3x1x2x5xf16>, %b: tensor<4x5x6xf16>) {
  // CHECK: varve.matmul %{{.*}}, %{{.*}} : (tensor<2x?x8xf32, #{{.*}}>, tensor<8x4xf32>) -> tensor<2x?x4xf32, #{{.*}}>
  %0 = varve.matmul %x, %y : (tensor<2x?x8xf32, #varve.dims<2, seq, 8>>, tensor<8x4xf32>) -> tensor<2x?x4xf32, #varve.dims<2, seq, 4>>
  // CHECK: varve.matmul {{.*}} -> tensor<2x?x?xf32, #{{.*}}>
  %1 = varve.matmul %x, %z : (tensor<2x?x8xf32, #varve.dims<2, seq, 8>>, tensor<2x8x?xf32, #varve.dims<2, 8, past + seq>>) -> tensor<2x?x?xf32, #varve.dims<2, seq, past + seq>>
  // CHECK: varve.matmul %{{.*}}, %{{.*}} : (tensor<3x1x2x5xf16>, tensor<4x5x6xf16>) -> tensor<3x4x2x6xf16>
  %2 = varve.matmul %a, %b : (tensor<3x1x2x5xf16>, tensor<4x5x6xf16>) -> tensor<3x4x2x6xf16>
  varve.output
}

// CHECK-LABEL: varve.graph @grouped_matmul
varve.graph @grouped_matmul(%x: tensor<?x8xf32, #varve.dims<rows, 8>>, %w: tensor<3x4x8xf32>, %sizes: tensor<3xi32>) {
  // CHECK: varve.grouped_matmul %{{.*}}, %{{.*}}, %{{.*}} : (tensor<?x8xf32, #{{.*}}>, tensor<3x4x8xf32>, tensor<3xi32>) -> tensor<?x4xf32, #{{.*}}>
  %0 = varve.grouped_matmul %x, %w, %sizes : (tensor<?x8xf32, #varve.dims<rows, 8>>, tensor<3x4x8xf32>, tensor<3xi32>) -> tensor<?x4xf32, #varve.dims<rows, 4>>
  varve.output
}
