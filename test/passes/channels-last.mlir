// RUN: varve-opt %s --varve-channels-last -split-input-file | FileCheck %s

!first = tensor<?x32x5x6xf32, #varve.dims<n, 32, 5, 6>>
!weight = tensor<32x32x3x3xf32, #varve.panels<16>>
!point = tensor<32x32x1x1xf32, #varve.panels<16>>

// A chain through layers: one transposition before it and one behind, and the second input's. What is broadcast is moved too, a scalar is not.
// CHECK-LABEL: varve.graph @chain(
// CHECK-SAME:    %[[X:.+]]: tensor<?x32x5x6xf32, #[[$FIRST:.+]]>, %[[GATE:.+]]: tensor<?x32x1x1xf32, #{{.+}}>, %[[S:.+]]: tensor<f32>,
// CHECK:         %[[GL:.+]] = varve.transpose %[[GATE]] {permutation = array<i64: 0, 2, 3, 1>}
// CHECK:         %[[XL:.+]] = varve.transpose %[[X]] {permutation = array<i64: 0, 2, 3, 1>} : ({{.+}}) -> tensor<?x5x6x32xf32, #[[$LAST:.+]]>
// CHECK:         %[[L:.+]] = varve.layer "conv" : "Conv2d" -> tensor<?x5x6x32xf32, #[[$LAST]]>
// CHECK:           %[[C:.+]] = varve.conv %[[XL]], %{{.+}} {channels_last, padding_begin
// CHECK:           varve.output %[[C]] : tensor<?x5x6x32xf32, #[[$LAST]]>
// CHECK:         %[[B:.+]] = varve.batch_norm %[[L]], {{.+}} {channels_last,
// CHECK:         %[[M:.+]] = varve.mul %[[B]], %[[GL]]
// CHECK:         %[[A:.+]] = varve.add %[[M]], %[[S]]
// CHECK:         %[[R:.+]] = varve.relu %[[A]]
// CHECK:         varve.conv %[[R]], {{.+}} {channels_last
// CHECK-COUNT-5: {channels_last
// CHECK:         %[[SUM:.+]] = varve.add %{{.+}}, %[[XL]]
// CHECK:         %[[BACK:.+]] = varve.transpose %[[SUM]] {permutation = array<i64: 0, 3, 1, 2>} : ({{.+}}) -> tensor<?x32x5x6xf32, #[[$FIRST]]>
// CHECK:         %[[P:.+]] = varve.adaptive_max_pool %[[BACK]]
// CHECK:         varve.output %[[BACK]], %[[P]]
varve.weight @w : !weight
varve.weight @p : !point
varve.graph @chain(%x: !first, %gate: tensor<?x32x1x1xf32, #varve.dims<n, 32, 1, 1>>, %s: tensor<f32>, %m: tensor<32xf32>) -> (!first, tensor<?x32x4x5xf32, #varve.dims<n, 32, 4, 5>>) {
  %0 = varve.layer "conv" : "Conv2d" -> !first {
    %w = varve.use @w : !weight
    %1 = varve.conv %x, %w {padding_begin = array<i64: 1, 1>, padding_end = array<i64: 1, 1>} : (!first, !weight) -> !first
    varve.output %1 : !first
  }
  %1 = varve.batch_norm %0, %m, %m {epsilon = 1.0e-5 : f64} : (!first, tensor<32xf32>, tensor<32xf32>) -> !first
  %2 = varve.mul %1, %gate : (!first, tensor<?x32x1x1xf32, #varve.dims<n, 32, 1, 1>>) -> !first
  %3 = varve.add %2, %s : (!first, tensor<f32>) -> !first
  %4 = varve.relu %3 : (!first) -> !first
  %p = varve.use @p : !point
  %5 = varve.conv %4, %p : (!first, !point) -> !first
  %6 = varve.conv %5, %p : (!first, !point) -> !first
  %7 = varve.conv %6, %p : (!first, !point) -> !first
  %8 = varve.conv %7, %p : (!first, !point) -> !first
  %9 = varve.conv %8, %p : (!first, !point) -> !first
  %10 = varve.conv %9, %p : (!first, !point) -> !first
  %11 = varve.add %10, %x : (!first, !first) -> !first
  %12 = varve.adaptive_max_pool %11 {size = array<i64: 4, 5>} : (!first) -> tensor<?x32x4x5xf32, #varve.dims<n, 32, 4, 5>>
  varve.output %11, %12 : !first, tensor<?x32x4x5xf32, #varve.dims<n, 32, 4, 5>>
}

// -----

// Fewer convolutions than twice what would be moved stay as they are; so does one whose weight is in no panels.
// CHECK-LABEL: varve.graph @alone(
// CHECK-NOT:     channels_last
// CHECK-NOT:     varve.transpose
// CHECK:         varve.output
varve.weight @p : tensor<32x32x1x1xf32, #varve.panels<16>>
varve.graph @alone(%x: tensor<1x32x5x6xf32>, %w: tensor<32x32x1x1xf32>) -> tensor<1x32x5x6xf32> {
  %p = varve.use @p : tensor<32x32x1x1xf32, #varve.panels<16>>
  %0 = varve.conv %x, %p : (tensor<1x32x5x6xf32>, tensor<32x32x1x1xf32, #varve.panels<16>>) -> tensor<1x32x5x6xf32>
  %1 = varve.tanh %0 : (tensor<1x32x5x6xf32>) -> tensor<1x32x5x6xf32>
  %2 = varve.conv %1, %p : (tensor<1x32x5x6xf32>, tensor<32x32x1x1xf32, #varve.panels<16>>) -> tensor<1x32x5x6xf32>
  %3 = varve.conv %2, %w : (tensor<1x32x5x6xf32>, tensor<32x32x1x1xf32>) -> tensor<1x32x5x6xf32>
  varve.output %3 : tensor<1x32x5x6xf32>
}

// -----

// Where the program itself moves the channels, nothing else has to: after canonicalisation no transposition is left.
// CHECK-LABEL: varve.graph @turned(
// CHECK:         varve.conv {{.+}} {channels_last, strides = array<i64: 2>} : (tensor<1x9x32xf32>, {{.+}}) -> tensor<1x5x32xf32>
varve.weight @p : tensor<32x32x1xf32, #varve.panels<16>>
varve.graph @turned(%x: tensor<1x9x32xf32>) -> tensor<1x5x32xf32> {
  %0 = varve.transpose %x {permutation = array<i64: 0, 2, 1>} : (tensor<1x9x32xf32>) -> tensor<1x32x9xf32>
  %p = varve.use @p : tensor<32x32x1xf32, #varve.panels<16>>
  %1 = varve.conv %0, %p {strides = array<i64: 2>} : (tensor<1x32x9xf32>, tensor<32x32x1xf32, #varve.panels<16>>) -> tensor<1x32x5xf32>
  %2 = varve.transpose %1 {permutation = array<i64: 0, 2, 1>} : (tensor<1x32x5xf32>) -> tensor<1x5x32xf32>
  varve.output %2 : tensor<1x5x32xf32>
}

// -----

// A weight that will be in panels, and pooling between.
// CHECK-LABEL: varve.graph @will_be_packed(
// CHECK:         varve.conv {{.+}} {channels_last}
// CHECK:         varve.max_pool {{.+}} {channels_last, kernel = array<i64: 2>} : (tensor<1x9x32xf32>) -> tensor<1x8x32xf32>
// CHECK:         varve.avg_pool {{.+}} {channels_last, kernel = array<i64: 2>} : (tensor<1x8x32xf32>) -> tensor<1x7x32xf32>
varve.weight @stem : tensor<32x3x1xf32>
varve.graph @will_be_packed(%x: tensor<1x9x3xf32>) -> tensor<1x7x32xf32> {
  %0 = varve.transpose %x {permutation = array<i64: 0, 2, 1>} : (tensor<1x9x3xf32>) -> tensor<1x3x9xf32>
  %w = varve.use @stem : tensor<32x3x1xf32>
  %1 = varve.conv %0, %w : (tensor<1x3x9xf32>, tensor<32x3x1xf32>) -> tensor<1x32x9xf32>
  %2 = varve.max_pool %1 {kernel = array<i64: 2>} : (tensor<1x32x9xf32>) -> tensor<1x32x8xf32>
  %3 = varve.avg_pool %2 {kernel = array<i64: 2>} : (tensor<1x32x8xf32>) -> tensor<1x32x7xf32>
  %4 = varve.transpose %3 {permutation = array<i64: 0, 2, 1>} : (tensor<1x32x7xf32>) -> tensor<1x7x32xf32>
  varve.output %4 : tensor<1x7x32xf32>
}

// -----

// One that something else uses, or of so few outputs that it will be in none.
// CHECK-LABEL: varve.graph @will_not(
// CHECK-NOT:     channels_last
// CHECK:         varve.output
varve.weight @shared : tensor<32x32x1xf32>
varve.weight @few : tensor<8x32x1xf32>
varve.graph @will_not(%x: tensor<1x32x9xf32>) -> (tensor<1x8x9xf32>, tensor<32x32x1xf32>) {
  %w = varve.use @shared : tensor<32x32x1xf32>
  %0 = varve.conv %x, %w : (tensor<1x32x9xf32>, tensor<32x32x1xf32>) -> tensor<1x32x9xf32>
  %1 = varve.conv %0, %w : (tensor<1x32x9xf32>, tensor<32x32x1xf32>) -> tensor<1x32x9xf32>
  %2 = varve.conv %1, %w : (tensor<1x32x9xf32>, tensor<32x32x1xf32>) -> tensor<1x32x9xf32>
  %3 = varve.conv %2, %w : (tensor<1x32x9xf32>, tensor<32x32x1xf32>) -> tensor<1x32x9xf32>
  %f = varve.use @few : tensor<8x32x1xf32>
  %4 = varve.conv %3, %f : (tensor<1x32x9xf32>, tensor<8x32x1xf32>) -> tensor<1x8x9xf32>
  %5 = varve.tanh %w : (tensor<32x32x1xf32>) -> tensor<32x32x1xf32>
  varve.output %4, %5 : tensor<1x8x9xf32>, tensor<32x32x1xf32>
}

// -----

// A tap changes nothing for the others, and is shown channels first.
// CHECK-LABEL: varve.graph @tapped(
// CHECK:         %[[C:.+]] = varve.conv {{.+}} {channels_last} : (tensor<1x9x32xf32>, {{.+}}) -> tensor<1x9x32xf32>
// CHECK:         %[[FIRST:.+]] = varve.transpose %[[C]] {permutation = array<i64: 0, 2, 1>}
// CHECK:         varve.identity %[[FIRST]] {tag = "hidden"} : (tensor<1x32x9xf32>) -> tensor<1x32x9xf32>
// CHECK:         varve.relu %[[C]]
varve.weight @p : tensor<32x32x1xf32, #varve.panels<16>>
varve.graph @tapped(%x: tensor<1x9x32xf32>) -> tensor<1x9x32xf32> {
  %0 = varve.transpose %x {permutation = array<i64: 0, 2, 1>} : (tensor<1x9x32xf32>) -> tensor<1x32x9xf32>
  %p = varve.use @p : tensor<32x32x1xf32, #varve.panels<16>>
  %1 = varve.conv %0, %p : (tensor<1x32x9xf32>, tensor<32x32x1xf32, #varve.panels<16>>) -> tensor<1x32x9xf32>
  %2 = varve.identity %1 {tag = "hidden"} : (tensor<1x32x9xf32>) -> tensor<1x32x9xf32>
  %3 = varve.relu %2 : (tensor<1x32x9xf32>) -> tensor<1x32x9xf32>
  %4 = varve.transpose %3 {permutation = array<i64: 0, 2, 1>} : (tensor<1x32x9xf32>) -> tensor<1x9x32xf32>
  varve.output %4 : tensor<1x9x32xf32>
}
