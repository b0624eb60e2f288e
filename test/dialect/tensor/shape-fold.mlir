// RUN: varve-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: varve.graph @nothing_to_do
varve.graph @nothing_to_do(%x: tensor<2x?xf32, #varve.dims<2, n>>) -> (tensor<2x?xf32, #varve.dims<2, n>>, tensor<2x?xf32, #varve.dims<2, n>>, tensor<2x?xf32, #varve.dims<2, n>>, tensor<2x?xf32, #varve.dims<2, n>>, tensor<2x?xf32, #varve.dims<2, n>>, tensor<2x?xf32, #varve.dims<2, n>>) {
  // CHECK-NEXT: varve.output %arg0, %arg0, %arg0, %arg0, %arg0, %arg0
  %0 = varve.reshape %x {shape = #varve.dims<2, -1>} : (tensor<2x?xf32, #varve.dims<2, n>>) -> tensor<2x?xf32, #varve.dims<2, n>>
  %1 = varve.transpose %x {permutation = array<i64: 0, 1>} : (tensor<2x?xf32, #varve.dims<2, n>>) -> tensor<2x?xf32, #varve.dims<2, n>>
  %2 = varve.broadcast %x {shape = #varve.dims<2, n>} : (tensor<2x?xf32, #varve.dims<2, n>>) -> tensor<2x?xf32, #varve.dims<2, n>>
  %3 = varve.slice %x {starts = #varve.dims<0, 0>, ends = #varve.dims<2, n>, steps = array<i64: 1, 1>} : (tensor<2x?xf32, #varve.dims<2, n>>) -> tensor<2x?xf32, #varve.dims<2, n>>
  %4 = varve.concat %x {axis = 0 : i64} : (tensor<2x?xf32, #varve.dims<2, n>>) -> tensor<2x?xf32, #varve.dims<2, n>>
  %5 = varve.split %x {axis = 1 : i64, sizes = #varve.dims<n>} : (tensor<2x?xf32, #varve.dims<2, n>>) -> tensor<2x?xf32, #varve.dims<2, n>>
  varve.output %0, %1, %2, %3, %4, %5 : tensor<2x?xf32, #varve.dims<2, n>>, tensor<2x?xf32, #varve.dims<2, n>>, tensor<2x?xf32, #varve.dims<2, n>>, tensor<2x?xf32, #varve.dims<2, n>>, tensor<2x?xf32, #varve.dims<2, n>>, tensor<2x?xf32, #varve.dims<2, n>>
}

// CHECK-LABEL: varve.graph @reshape_of_reshape
varve.graph @reshape_of_reshape(%x: tensor<?x8xf32, #varve.dims<n, 8>>) -> (tensor<?x4xf32, #varve.dims<2*n, 4>>, tensor<?x8xf32, #varve.dims<n, 8>>) {
  // CHECK-NEXT: %[[R:.*]] = varve.reshape %arg0
  // CHECK-NEXT: varve.output %[[R]], %arg0
  %0 = varve.reshape %x {shape = #varve.dims<-1>} : (tensor<?x8xf32, #varve.dims<n, 8>>) -> tensor<?xf32, #varve.dims<8*n>>
  %1 = varve.reshape %0 {shape = #varve.dims<-1, 4>} : (tensor<?xf32, #varve.dims<8*n>>) -> tensor<?x4xf32, #varve.dims<2*n, 4>>
  %2 = varve.reshape %0 {shape = #varve.dims<n, 8>} : (tensor<?xf32, #varve.dims<8*n>>) -> tensor<?x8xf32, #varve.dims<n, 8>>
  varve.output %1, %2 : tensor<?x4xf32, #varve.dims<2*n, 4>>, tensor<?x8xf32, #varve.dims<n, 8>>
}

// CHECK-LABEL: varve.graph @transpose_of_transpose
varve.graph @transpose_of_transpose(%x: tensor<2x3x4xf32>) -> (tensor<4x2x3xf32>, tensor<2x3x4xf32>) {
  // CHECK-NEXT: %[[T:.*]] = varve.transpose %arg0 {permutation = array<i64: 2, 0, 1>} : (tensor<2x3x4xf32>) -> tensor<4x2x3xf32>
  // CHECK-NEXT: varve.output %[[T]], %arg0
  %0 = varve.transpose %x {permutation = array<i64: 1, 2, 0>} : (tensor<2x3x4xf32>) -> tensor<3x4x2xf32>
  %1 = varve.transpose %0 {permutation = array<i64: 1, 2, 0>} : (tensor<3x4x2xf32>) -> tensor<4x2x3xf32>
  %2 = varve.transpose %1 {permutation = array<i64: 1, 2, 0>} : (tensor<4x2x3xf32>) -> tensor<2x3x4xf32>
  varve.output %1, %2 : tensor<4x2x3xf32>, tensor<2x3x4xf32>
}

// CHECK-LABEL: varve.graph @broadcast_of_broadcast
varve.graph @broadcast_of_broadcast(%x: tensor<1x4xf32>) -> tensor<2x3x4xf32> {
  // CHECK-NEXT: %[[B:.*]] = varve.broadcast %arg0 {{.*}} : (tensor<1x4xf32>) -> tensor<2x3x4xf32>
  // CHECK-NEXT: varve.output %[[B]]
  %0 = varve.broadcast %x {shape = #varve.dims<3, 4>} : (tensor<1x4xf32>) -> tensor<3x4xf32>
  %1 = varve.broadcast %0 {shape = #varve.dims<2, 3, 4>} : (tensor<3x4xf32>) -> tensor<2x3x4xf32>
  varve.output %1 : tensor<2x3x4xf32>
}

// A step takes a part even where the type stays.
// CHECK-LABEL: varve.graph @slice_with_step
varve.graph @slice_with_step(%x: tensor<1xf32>) -> tensor<1xf32> {
  // CHECK: varve.slice
  %0 = varve.slice %x {starts = #varve.dims<0>, ends = #varve.dims<1>, steps = array<i64: 2>} : (tensor<1xf32>) -> tensor<1xf32>
  varve.output %0 : tensor<1xf32>
}

// CHECK-LABEL: varve.graph @concat_of_empty
varve.graph @concat_of_empty(%x: tensor<2x4xf32>, %none: tensor<2x0xf32>) -> (tensor<2x8xf32>, tensor<2x4xf32>, tensor<2x0xf32>) {
  // CHECK-NEXT: %[[C:.*]] = varve.concat %arg0, %arg0 {axis = 1 : i64}
  // CHECK-NEXT: %[[E:.*]] = varve.concat %arg1, %arg1 {axis = 1 : i64}
  // CHECK-NEXT: varve.output %[[C]], %arg0, %[[E]]
  %0 = varve.concat %x, %none, %x {axis = 1 : i64} : (tensor<2x4xf32>, tensor<2x0xf32>, tensor<2x4xf32>) -> tensor<2x8xf32>
  %1 = varve.concat %none, %x {axis = -1 : i64} : (tensor<2x0xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  %2 = varve.concat %none, %none {axis = 1 : i64} : (tensor<2x0xf32>, tensor<2x0xf32>) -> tensor<2x0xf32>
  varve.output %0, %1, %2 : tensor<2x8xf32>, tensor<2x4xf32>, tensor<2x0xf32>
}

// CHECK-LABEL: varve.graph @concat_of_split
varve.graph @concat_of_split(%x: tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>, tensor<8x2xf32>) {
  // CHECK-NEXT: %[[S:.*]]:2 = varve.split %arg0
  // CHECK-NEXT: %[[SWAPPED:.*]] = varve.concat %[[S]]#1, %[[S]]#0
  // CHECK-NEXT: %[[OTHER:.*]] = varve.concat %[[S]]#0, %[[S]]#1 {axis = 0 : i64}
  // CHECK-NEXT: varve.output %arg0, %[[SWAPPED]], %[[OTHER]]
  %0:2 = varve.split %x {axis = -1 : i64, sizes = #varve.dims<2, 2>} : (tensor<4x4xf32>) -> (tensor<4x2xf32>, tensor<4x2xf32>)
  %1 = varve.concat %0#0, %0#1 {axis = 1 : i64} : (tensor<4x2xf32>, tensor<4x2xf32>) -> tensor<4x4xf32>
  %2 = varve.concat %0#1, %0#0 {axis = 1 : i64} : (tensor<4x2xf32>, tensor<4x2xf32>) -> tensor<4x4xf32>
  %3 = varve.concat %0#0, %0#1 {axis = 0 : i64} : (tensor<4x2xf32>, tensor<4x2xf32>) -> tensor<8x2xf32>
  varve.output %1, %2, %3 : tensor<4x4xf32>, tensor<4x4xf32>, tensor<8x2xf32>
}

// CHECK-LABEL: varve.graph @constants
varve.graph @constants() -> (tensor<3x2xi32>, tensor<3x2xi32>, tensor<2x2x3xi32>, tensor<1x2xi32>, tensor<2x6xi32>, tensor<2x1xi32>, tensor<2x2xi32>) {
  // CHECK-DAG: %[[RESHAPE:.*]] = varve.constant dense<{{\[\[}}1, 2], [3, 4], [5, 6]]> : tensor<3x2xi32>
  // CHECK-DAG: %[[TRANSPOSE:.*]] = varve.constant dense<{{\[\[}}1, 4], [2, 5], [3, 6]]> : tensor<3x2xi32>
  // CHECK-DAG: %[[BROADCAST:.*]] = varve.constant dense<{{\[\[\[}}1, 2, 3], [4, 5, 6]], {{\[\[}}1, 2, 3], [4, 5, 6]]]> : tensor<2x2x3xi32>
  // CHECK-DAG: %[[SLICE:.*]] = varve.constant dense<{{\[\[}}4, 6]]> : tensor<1x2xi32>
  // CHECK-DAG: %[[CONCAT:.*]] = varve.constant dense<{{\[\[}}1, 2, 3, 1, 2, 3], [4, 5, 6, 4, 5, 6]]> : tensor<2x6xi32>
  // CHECK-DAG: %[[FIRST:.*]] = varve.constant dense<{{\[\[}}1], [4]]> : tensor<2x1xi32>
  // CHECK-DAG: %[[REST:.*]] = varve.constant dense<{{\[\[}}2, 3], [5, 6]]> : tensor<2x2xi32>
  // CHECK: varve.output %[[RESHAPE]], %[[TRANSPOSE]], %[[BROADCAST]], %[[SLICE]], %[[CONCAT]], %[[FIRST]], %[[REST]]
  %x = varve.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>
  %0 = varve.reshape %x {shape = #varve.dims<3, -1>} : (tensor<2x3xi32>) -> tensor<3x2xi32>
  %1 = varve.transpose %x {permutation = array<i64: 1, 0>} : (tensor<2x3xi32>) -> tensor<3x2xi32>
  %2 = varve.broadcast %x {shape = #varve.dims<2, 2, 3>} : (tensor<2x3xi32>) -> tensor<2x2x3xi32>
  %3 = varve.slice %x {starts = #varve.dims<-1, 0>, ends = #varve.dims<2, 3>, steps = array<i64: 1, 2>} : (tensor<2x3xi32>) -> tensor<1x2xi32>
  %4 = varve.concat %x, %x {axis = 1 : i64} : (tensor<2x3xi32>, tensor<2x3xi32>) -> tensor<2x6xi32>
  %5:2 = varve.split %x {axis = 1 : i64, sizes = #varve.dims<1, 2>} : (tensor<2x3xi32>) -> (tensor<2x1xi32>, tensor<2x2xi32>)
  varve.output %0, %1, %2, %3, %4, %5#0, %5#1 : tensor<3x2xi32>, tensor<3x2xi32>, tensor<2x2x3xi32>, tensor<1x2xi32>, tensor<2x6xi32>, tensor<2x1xi32>, tensor<2x2xi32>
}

// One value repeated stays one value, at any size.
// CHECK-LABEL: varve.graph @splat_constants
varve.graph @splat_constants(%past: tensor<i64> {varve.dim = "past"}) -> (tensor<65536xf32>, tensor<1024x64xf32>, tensor<1x1024xf32>) {
  // CHECK-DAG: %[[A:.*]] = varve.constant dense<2.000000e+00> : tensor<65536xf32>
  // CHECK-DAG: %[[B:.*]] = varve.constant dense<2.000000e+00> : tensor<1024x64xf32>
  // CHECK-DAG: %[[C:.*]] = varve.constant dense<2.000000e+00> : tensor<1x1024xf32>
  // CHECK: varve.output %[[A]], %[[B]], %[[C]]
  %x = varve.constant dense<2.0> : tensor<64x1024xf32>
  %0 = varve.reshape %x {shape = #varve.dims<-1>} : (tensor<64x1024xf32>) -> tensor<65536xf32>
  %1 = varve.transpose %x {permutation = array<i64: 1, 0>} : (tensor<64x1024xf32>) -> tensor<1024x64xf32>
  %2 = varve.slice %x {starts = #varve.dims<past, 0>, ends = #varve.dims<past + 1, 1024>, steps = array<i64: 1, 1>} : (tensor<64x1024xf32>) -> tensor<1x1024xf32>
  varve.output %0, %1, %2 : tensor<65536xf32>, tensor<1024x64xf32>, tensor<1x1024xf32>
}

// What is taken of a constant is not known yet.
// CHECK-LABEL: varve.graph @slice_of_constant_at_name
varve.graph @slice_of_constant_at_name(%past: tensor<i64> {varve.dim = "past"}) -> tensor<1xf32> {
  // CHECK: varve.slice
  %x = varve.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %0 = varve.slice %x {starts = #varve.dims<past>, ends = #varve.dims<past + 1>, steps = array<i64: 1>} : (tensor<2xf32>) -> tensor<1xf32>
  varve.output %0 : tensor<1xf32>
}

// CHECK-LABEL: varve.graph @pad_and_flip
varve.graph @pad_and_flip(%x: tensor<2x?xf32, #varve.dims<2, seq>>, %v: tensor<f32>, %row: tensor<1x1xf32>) -> (tensor<2x?xf32, #varve.dims<2, seq>>, tensor<2x?xf32, #varve.dims<2, seq>>, tensor<1x1xf32>, tensor<2x3xi32>) {
  // CHECK: %[[FLIP:.*]] = varve.constant dense<{{\[\[}}3, 2, 1], [6, 5, 4]]> : tensor<2x3xi32>
  // CHECK-NEXT: varve.output %arg0, %arg0, %arg2, %[[FLIP]]
  %c = varve.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>
  %0 = varve.pad %x, %v {low = #varve.dims<0, 0>, high = #varve.dims<0, 0>} : (tensor<2x?xf32, #varve.dims<2, seq>>, tensor<f32>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  %1 = varve.flip %x {axes = array<i64: 0, 1>} : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  %2 = varve.flip %1 : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  %3 = varve.flip %row : (tensor<1x1xf32>) -> tensor<1x1xf32>
  %4 = varve.flip %c {axes = array<i64: -1>} : (tensor<2x3xi32>) -> tensor<2x3xi32>
  varve.output %0, %2, %3, %4 : tensor<2x?xf32, #varve.dims<2, seq>>, tensor<2x?xf32, #varve.dims<2, seq>>, tensor<1x1xf32>, tensor<2x3xi32>
}
