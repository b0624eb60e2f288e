// RUN: varve-opt %s | varve-opt | FileCheck %s
// RUN: varve-opt %s --emit-bytecode | varve-opt | FileCheck %s

// CHECK-LABEL: varve.graph @reshape
varve.graph @reshape(%x: tensor<2x?x32xf32, #varve.dims<2, seq, 32>>, %y: tensor<?x?xi1, #varve.dims<batch, seq>>, %z: tensor<0x4xf32>, %s: tensor<f16>) {
  // CHECK: varve.reshape %{{.*}} {shape = #{{.*}}} : (tensor<2x?x32xf32, #{{.*}}>) -> tensor<2x?x4x8xf32, #{{.*}}>
  %0 = varve.reshape %x {shape = #varve.dims<2, seq, 4, -1>} : (tensor<2x?x32xf32, #varve.dims<2, seq, 32>>) -> tensor<2x?x4x8xf32, #varve.dims<2, seq, 4, 8>>
  // CHECK: varve.reshape {{.*}} -> tensor<?xf32, #{{.*}}>
  %1 = varve.reshape %x {shape = #varve.dims<-1>} : (tensor<2x?x32xf32, #varve.dims<2, seq, 32>>) -> tensor<?xf32, #varve.dims<64*seq>>
  // CHECK: varve.reshape {{.*}} -> tensor<?xi1, #{{.*}}>
  %2 = varve.reshape %y {shape = #varve.dims<batch*seq>} : (tensor<?x?xi1, #varve.dims<batch, seq>>) -> tensor<?xi1, #varve.dims<batch*seq>>
  // CHECK: varve.reshape {{.*}} -> tensor<?x?xi1, #{{.*}}>
  %3 = varve.reshape %2 {shape = #varve.dims<seq, -1>} : (tensor<?xi1, #varve.dims<batch*seq>>) -> tensor<?x?xi1, #varve.dims<seq, batch>>
  // CHECK: varve.reshape {{.*}} : (tensor<0x4xf32>) -> tensor<2x0x3xf32>
  %4 = varve.reshape %z {shape = #varve.dims<2, 0, 3>} : (tensor<0x4xf32>) -> tensor<2x0x3xf32>
  // CHECK: varve.reshape {{.*}} : (tensor<0x4xf32>) -> tensor<0xf32>
  %5 = varve.reshape %z {shape = #varve.dims<-1>} : (tensor<0x4xf32>) -> tensor<0xf32>
  // CHECK: varve.reshape {{.*}} : (tensor<f16>) -> tensor<1x1xf16>
  %6 = varve.reshape %s {shape = #varve.dims<1, -1>} : (tensor<f16>) -> tensor<1x1xf16>
  // CHECK: varve.reshape {{.*}} : (tensor<1x1xf16>) -> tensor<f16>
  %7 = varve.reshape %6 {shape = #varve.dims<>} : (tensor<1x1xf16>) -> tensor<f16>
  varve.output
}

// CHECK-LABEL: varve.graph @transpose
varve.graph @transpose(%x: tensor<2x?x8xf32, #varve.dims<2, seq, 8>>, %s: tensor<i8>) {
  // CHECK: varve.transpose %{{.*}} {permutation = array<i64: 1, 2, 0>} : (tensor<2x?x8xf32, #{{.*}}>) -> tensor<?x8x2xf32, #{{.*}}>
  %0 = varve.transpose %x {permutation = array<i64: 1, 2, 0>} : (tensor<2x?x8xf32, #varve.dims<2, seq, 8>>) -> tensor<?x8x2xf32, #varve.dims<seq, 8, 2>>
  // CHECK: varve.transpose %{{.*}} {permutation = array<i64>} : (tensor<i8>) -> tensor<i8>
  %1 = varve.transpose %s {permutation = array<i64>} : (tensor<i8>) -> tensor<i8>
  varve.output
}

// CHECK-LABEL: varve.graph @broadcast
varve.graph @broadcast(%x: tensor<1x8xf32>, %y: tensor<?x1xf32, #varve.dims<seq, 1>>, %s: tensor<f32>) {
  // CHECK: varve.broadcast %{{.*}} {shape = #{{.*}}} : (tensor<1x8xf32>) -> tensor<2x?x8xf32, #{{.*}}>
  %0 = varve.broadcast %x {shape = #varve.dims<2, seq, 8>} : (tensor<1x8xf32>) -> tensor<2x?x8xf32, #varve.dims<2, seq, 8>>
  // CHECK: varve.broadcast {{.*}} -> tensor<?x?xf32, #{{.*}}>
  %1 = varve.broadcast %y {shape = #varve.dims<seq, seq + 1>} : (tensor<?x1xf32, #varve.dims<seq, 1>>) -> tensor<?x?xf32, #varve.dims<seq, seq + 1>>
  // CHECK: varve.broadcast {{.*}} : (tensor<f32>) -> tensor<0x3xf32>
  %2 = varve.broadcast %s {shape = #varve.dims<0, 3>} : (tensor<f32>) -> tensor<0x3xf32>
  varve.output
}

// CHECK-LABEL: varve.graph @slice
varve.graph @slice(%x: tensor<2x?xf32, #varve.dims<2, seq>>, %c: tensor<256x8xf32>, %y: tensor<?xi8, #varve.dims<2*n>>, %past: tensor<i64> {varve.dim = "past"}, %n: tensor<i64> {varve.dim = "n"}) {
  // CHECK: varve.slice %{{.*}} {ends = #{{.*}}, starts = #{{.*}}, steps = array<i64: 1, 1>} : (tensor<2x?xf32, #{{.*}}>) -> tensor<2x1xf32>
  %0 = varve.slice %x {starts = #varve.dims<0, -1>, ends = #varve.dims<2, seq>, steps = array<i64: 1, 1>} : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x1xf32>
  // CHECK: varve.slice {{.*}} -> tensor<1x?xf32, #{{.*}}>
  %1 = varve.slice %x {starts = #varve.dims<-1, 1>, ends = #varve.dims<2, -1>, steps = array<i64: 1, 1>} : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<1x?xf32, #varve.dims<1, seq - 2>>
  // CHECK: varve.slice {{.*}} : (tensor<256x8xf32>) -> tensor<?x3xf32, #{{.*}}>
  %2 = varve.slice %c {starts = #varve.dims<past, 0>, ends = #varve.dims<past + seq, 8>, steps = array<i64: 1, 3>} : (tensor<256x8xf32>) -> tensor<?x3xf32, #varve.dims<seq, 3>>
  // CHECK: varve.slice {{.*}} -> tensor<?xi8, #{{.*}}>
  %3 = varve.slice %y {starts = #varve.dims<0>, ends = #varve.dims<2*n>, steps = array<i64: 2>} : (tensor<?xi8, #varve.dims<2*n>>) -> tensor<?xi8, #varve.dims<n>>
  // CHECK: varve.slice {{.*}} -> tensor<?xi8, #{{.*}}>
  %s = varve.slice %y {starts = #varve.dims<1>, ends = #varve.dims<2*n>, steps = array<i64: 3>} : (tensor<?xi8, #varve.dims<2*n>>) -> tensor<?xi8, #varve.dims<(2*n + 1) floordiv 3>>
  // CHECK: varve.slice {{.*}} : (tensor<256x8xf32>) -> tensor<0x8xf32>
  %4 = varve.slice %c {starts = #varve.dims<256, 0>, ends = #varve.dims<256, 8>, steps = array<i64: 1, 1>} : (tensor<256x8xf32>) -> tensor<0x8xf32>
  varve.output
}

// CHECK-LABEL: varve.graph @concat
varve.graph @concat(%x: tensor<2x?xf32, #varve.dims<2, past>>, %y: tensor<2x?xf32, #varve.dims<2, seq>>, %z: tensor<2x3xf32>) {
  // CHECK: varve.concat %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<2x?xf32, #{{.*}}>, tensor<2x?xf32, #{{.*}}>) -> tensor<2x?xf32, #{{.*}}>
  %0 = varve.concat %x, %y {axis = 1 : i64} : (tensor<2x?xf32, #varve.dims<2, past>>, tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, past + seq>>
  // CHECK: varve.concat %{{.*}}, %{{.*}}, %{{.*}} {axis = -1 : i64} : {{.*}} -> tensor<2x?xf32, #{{.*}}>
  %1 = varve.concat %z, %y, %z {axis = -1 : i64} : (tensor<2x3xf32>, tensor<2x?xf32, #varve.dims<2, seq>>, tensor<2x3xf32>) -> tensor<2x?xf32, #varve.dims<2, seq + 6>>
  // CHECK: varve.concat %{{[^,]*}} {axis = 0 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %2 = varve.concat %z {axis = 0 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  varve.output
}

// CHECK-LABEL: varve.graph @split
varve.graph @split(%x: tensor<2x12xf32>, %y: tensor<?x4xf32, #varve.dims<past + seq, 4>>, %past: tensor<i64> {varve.dim = "past"}, %seq: tensor<i64> {varve.dim = "seq"}, %none: tensor<0xf32>) {
  // CHECK: %{{.*}}:3 = varve.split %{{.*}} {axis = -1 : i64, sizes = #{{.*}}} : (tensor<2x12xf32>) -> (tensor<2x8xf32>, tensor<2x0xf32>, tensor<2x4xf32>)
  %0:3 = varve.split %x {axis = -1 : i64, sizes = #varve.dims<8, 0, 4>} : (tensor<2x12xf32>) -> (tensor<2x8xf32>, tensor<2x0xf32>, tensor<2x4xf32>)
  // CHECK: %{{.*}}:2 = varve.split %{{.*}} {axis = 0 : i64, sizes = #{{.*}}} : (tensor<?x4xf32, #{{.*}}>) -> (tensor<?x4xf32, #{{.*}}>, tensor<?x4xf32, #{{.*}}>)
  %1:2 = varve.split %y {axis = 0 : i64, sizes = #varve.dims<past, seq>} : (tensor<?x4xf32, #varve.dims<past + seq, 4>>) -> (tensor<?x4xf32, #varve.dims<past, 4>>, tensor<?x4xf32, #varve.dims<seq, 4>>)
  // CHECK: varve.split %{{.*}} {axis = 0 : i64, sizes = #{{.*}}} : (tensor<0xf32>) -> ()
  varve.split %none {axis = 0 : i64, sizes = #varve.dims<>} : (tensor<0xf32>) -> ()
  varve.output
}

// CHECK-LABEL: varve.graph @pad
varve.graph @pad(%x: tensor<2x?xf32, #varve.dims<2, seq>>, %zero: tensor<f32>) {
  // CHECK: varve.pad %{{.*}}, %{{[^{]*}} {high = #{{.*}}, low = #{{.*}}} : (tensor<2x?xf32, #{{.*}}>, tensor<f32>) -> tensor<3x?xf32, #{{.*}}>
  %0 = varve.pad %x, %zero {low = #varve.dims<0, seq>, high = #varve.dims<1, 2>, mode = "constant"} : (tensor<2x?xf32, #varve.dims<2, seq>>, tensor<f32>) -> tensor<3x?xf32, #varve.dims<3, 2*seq + 2>>
  // CHECK: varve.pad %{{[^,]*}} {high = #{{.*}}, low = #{{.*}}, mode = "reflect"} : (tensor<2x?xf32, #{{.*}}>) -> tensor<4x?xf32, #{{.*}}>
  %1 = varve.pad %x {low = #varve.dims<1, 0>, high = #varve.dims<1, 5>, mode = "reflect"} : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<4x?xf32, #varve.dims<4, seq + 5>>
  // CHECK: mode = "replicate"
  %2 = varve.pad %x {low = #varve.dims<9, 0>, high = #varve.dims<0, 0>, mode = "replicate"} : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<11x?xf32, #varve.dims<11, seq>>
  varve.output
}

// CHECK-LABEL: varve.graph @flip
varve.graph @flip(%x: tensor<2x?xi1, #varve.dims<2, seq>>) {
  // CHECK: varve.flip %{{[^{]*}} : (tensor<2x?xi1, #{{.*}}>) -> tensor<2x?xi1, #{{.*}}>
  %0 = varve.flip %x : (tensor<2x?xi1, #varve.dims<2, seq>>) -> tensor<2x?xi1, #varve.dims<2, seq>>
  // CHECK: varve.flip %{{.*}} {axes = array<i64: -1>}
  %1 = varve.flip %x {axes = array<i64: -1>} : (tensor<2x?xi1, #varve.dims<2, seq>>) -> tensor<2x?xi1, #varve.dims<2, seq>>
  varve.output
}
