// RUN: varve-opt %s -split-input-file --varve-pack-weights | FileCheck %s
// RUN: varve-opt %s -split-input-file --varve-pack-weights=panel=8 | FileCheck %s --check-prefix=EIGHT
// RUN: varve-opt %s -split-input-file --varve-pack-weights --varve-pack-weights=panel=8 | FileCheck %s
// RUN: varve-opt %s -split-input-file --varve-pack-weights=bf16-group=2 | FileCheck %s --check-prefix=PAIRS
// RUN: varve-opt %s -split-input-file --varve-pack-weights=winograd=false | FileCheck %s --check-prefix=DIRECT
// RUN: not varve-opt %s --varve-pack-weights=panel=0 2>&1 | FileCheck %s --check-prefix=ZERO
// RUN: not varve-opt %s --varve-pack-weights=panel=1025 2>&1 | FileCheck %s --check-prefix=LARGE
// ZERO: error: expects panels of 1 to 1024 rows, but got 0
// LARGE: error: expects panels of 1 to 1024 rows, but got 1025

// Matrix products, wherever they are; each float type.

// CHECK:       varve.weight @w : tensor<8x4xf32, #varve.panels<32>>
// CHECK:       varve.weight @half : tensor<8x4xf16, #varve.panels<32>>
// CHECK:       varve.weight @brain : tensor<8x4xbf16, #varve.panels<32>>
// EIGHT:       varve.weight @w : tensor<8x4xf32, #varve.panels<8>>
// PAIRS:       varve.weight @half : tensor<8x4xf16, #varve.panels<32>>
// PAIRS:       varve.weight @brain : tensor<8x4xbf16, #varve.panels<32, 2>>
varve.weight @w : tensor<8x4xf32>
varve.weight @half : tensor<8x4xf16>
varve.weight @brain : tensor<8x4xbf16>
// CHECK-LABEL: varve.graph @linear(
// CHECK:         %[[W:.+]] = varve.use @w : tensor<8x4xf32, #varve.panels<32>>
// CHECK:         varve.linear %{{.+}}, %[[W]] : (tensor<2x4xf32>, tensor<8x4xf32, #varve.panels<32>>) -> tensor<2x8xf32>
// CHECK:         varve.layer "inner"
// CHECK:           %[[V:.+]] = varve.use @w : tensor<8x4xf32, #varve.panels<32>>
// CHECK:           varve.layer "innermost"
// CHECK:             varve.linear %{{.+}}, %[[V]] : (tensor<2x4xf32>, tensor<8x4xf32, #varve.panels<32>>) -> tensor<2x8xf32>
varve.graph @linear(%x: tensor<2x4xf32>, %y: tensor<2x4xf16>, %z: tensor<2x4xbf16>)
    -> (tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf16>, tensor<2x8xbf16>) {
  %w = varve.use @w : tensor<8x4xf32>
  %0 = varve.linear %x, %w : (tensor<2x4xf32>, tensor<8x4xf32>) -> tensor<2x8xf32>
  %1 = varve.layer "inner" : "Inner" -> tensor<2x8xf32> {
    %v = varve.use @w : tensor<8x4xf32>
    %2 = varve.layer "innermost" : "Innermost" -> tensor<2x8xf32> {
      %3 = varve.linear %x, %v : (tensor<2x4xf32>, tensor<8x4xf32>) -> tensor<2x8xf32>
      varve.output %3 : tensor<2x8xf32>
    }
    varve.output %2 : tensor<2x8xf32>
  }
  %half = varve.use @half : tensor<8x4xf16>
  %4 = varve.linear %y, %half : (tensor<2x4xf16>, tensor<8x4xf16>) -> tensor<2x8xf16>
  %brain = varve.use @brain : tensor<8x4xbf16>
  %5 = varve.linear %z, %brain : (tensor<2x4xbf16>, tensor<8x4xbf16>) -> tensor<2x8xbf16>
  varve.output %0, %1, %4, %5 : tensor<2x8xf32>, tensor<2x8xf32>, tensor<2x8xf16>, tensor<2x8xbf16>
}

// -----

// A tied embedding is packed once, for its lookups too; a table that is only looked up is not packed.

// CHECK:       varve.weight @tied : tensor<8x4xf32, #varve.panels<32>>
// CHECK:       varve.weight @table : tensor<8x4xf32>
varve.weight @tied : tensor<8x4xf32>
varve.weight @table : tensor<8x4xf32>
// CHECK-LABEL: varve.graph @embedding(
// CHECK:         %[[W:.+]] = varve.use @tied : tensor<8x4xf32, #varve.panels<32>>
// CHECK:         varve.gather %[[W]], %{{.+}} : (tensor<8x4xf32, #varve.panels<32>>, tensor<3xi64>) -> tensor<3x4xf32>
// CHECK:         varve.gather %[[W]], %{{.+}} {axis = -2 : i64} : (tensor<8x4xf32, #varve.panels<32>>, tensor<3xi64>) -> tensor<3x4xf32>
// CHECK:         varve.linear
varve.graph @embedding(%ids: tensor<3xi64>) -> (tensor<3x8xf32>, tensor<3x4xf32>) {
  %w = varve.use @tied : tensor<8x4xf32>
  %t = varve.use @table : tensor<8x4xf32>
  %0 = varve.gather %w, %ids {axis = 0 : i64} : (tensor<8x4xf32>, tensor<3xi64>) -> tensor<3x4xf32>
  %1 = varve.gather %w, %ids {axis = -2 : i64} : (tensor<8x4xf32>, tensor<3xi64>) -> tensor<3x4xf32>
  %2 = varve.gather %t, %ids {axis = 0 : i64} : (tensor<8x4xf32>, tensor<3xi64>) -> tensor<3x4xf32>
  %3 = varve.add %0, %1 : (tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<3x4xf32>
  %4 = varve.linear %3, %w : (tensor<3x4xf32>, tensor<8x4xf32>) -> tensor<3x8xf32>
  varve.output %4, %2 : tensor<3x8xf32>, tensor<3x4xf32>
}

// -----

// What anything else reads is left alone: columns, the input of a product, another op, a result, another graph's use;
// and what is no float matrix, or not used.

// CHECK-LABEL: varve.weight @columns : tensor<4x4xf32>{{$}}
// CHECK-NOT:   #varve.panels
varve.weight @columns : tensor<4x4xf32>
varve.weight @input : tensor<4x4xf32>
varve.weight @scaled : tensor<4x4xf32>
varve.weight @handed_out : tensor<4x4xf32>
varve.weight @elsewhere : tensor<4x4xf32>
varve.weight @bias : tensor<4xf32>
varve.weight @counts : tensor<4x4xi64>
varve.weight @unused : tensor<4x4xf32>
varve.graph @others(%x: tensor<2x4xf32>, %ids: tensor<3xi64>) -> tensor<4x4xf32> {
  %0 = varve.use @columns : tensor<4x4xf32>
  %1 = varve.linear %x, %0 : (tensor<2x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
  %2 = varve.gather %0, %ids {axis = 1 : i64} : (tensor<4x4xf32>, tensor<3xi64>) -> tensor<4x3xf32>
  %3 = varve.use @input : tensor<4x4xf32>
  %4 = varve.linear %3, %3 : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %5 = varve.use @scaled : tensor<4x4xf32>
  %6 = varve.linear %x, %5 : (tensor<2x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
  %7 = varve.tanh %5 : (tensor<4x4xf32>) -> tensor<4x4xf32>
  %8 = varve.use @handed_out : tensor<4x4xf32>
  %9 = varve.linear %x, %8 : (tensor<2x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
  %10 = varve.use @elsewhere : tensor<4x4xf32>
  %11 = varve.linear %x, %10 : (tensor<2x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
  %12 = varve.use @bias : tensor<4xf32>
  %13 = varve.use @counts : tensor<4x4xi64>
  varve.output %8 : tensor<4x4xf32>
}
varve.graph @elsewhere_too() -> tensor<4x4xf32> {
  %0 = varve.use @elsewhere : tensor<4x4xf32>
  %1 = varve.neg %0 : (tensor<4x4xf32>) -> tensor<4x4xf32>
  varve.output %1 : tensor<4x4xf32>
}

// -----

// Panels that are there stay.

// CHECK-LABEL: varve.weight @packed : tensor<8x4xf32, #varve.panels<16>>
// EIGHT:       varve.weight @packed : tensor<8x4xf32, #varve.panels<16>>
varve.weight @packed : tensor<8x4xf32, #varve.panels<16>>
varve.graph @already(%x: tensor<2x4xf32>) -> tensor<2x8xf32> {
  %w = varve.use @packed : tensor<8x4xf32, #varve.panels<16>>
  %0 = varve.linear %x, %w : (tensor<2x4xf32>, tensor<8x4xf32, #varve.panels<16>>) -> tensor<2x8xf32>
  varve.output %0 : tensor<2x8xf32>
}

// -----

// Kernels of convolutions, if they have enough channels, and whole panels of each group.

// CHECK:       varve.weight @conv : tensor<72x4x3x3xf32, #varve.panels<32>>
// CHECK:       varve.weight @few : tensor<3x4x3x3xf32>{{$}}
// CHECK:       varve.weight @groups : tensor<192x2x3x3xf32, #varve.panels<32>>
// CHECK:       varve.weight @narrow : tensor<132x2x3x3xf32>{{$}}
// CHECK:       varve.weight @transposed : tensor<4x32x3x3xf32>{{$}}
varve.weight @conv : tensor<72x4x3x3xf32>
varve.weight @few : tensor<3x4x3x3xf32>
varve.weight @groups : tensor<192x2x3x3xf32>
varve.weight @narrow : tensor<132x2x3x3xf32>
varve.weight @transposed : tensor<4x32x3x3xf32>
// CHECK-LABEL: varve.graph @convolutions(
// CHECK:         varve.conv %{{.+}}, %{{.+}} : (tensor<1x4x5x5xf32>, tensor<72x4x3x3xf32, #varve.panels<32>>) -> tensor<1x72x3x3xf32>
varve.graph @convolutions(%x: tensor<1x4x5x5xf32>) {
  %0 = varve.use @conv : tensor<72x4x3x3xf32>
  %1 = varve.conv %x, %0 : (tensor<1x4x5x5xf32>, tensor<72x4x3x3xf32>) -> tensor<1x72x3x3xf32>
  %2 = varve.use @few : tensor<3x4x3x3xf32>
  %3 = varve.conv %x, %2 : (tensor<1x4x5x5xf32>, tensor<3x4x3x3xf32>) -> tensor<1x3x3x3xf32>
  %4 = varve.use @groups : tensor<192x2x3x3xf32>
  %5 = varve.conv %x, %4 {groups = 2 : i64} : (tensor<1x4x5x5xf32>, tensor<192x2x3x3xf32>) -> tensor<1x192x3x3xf32>
  %6 = varve.use @narrow : tensor<132x2x3x3xf32>
  %7 = varve.conv %x, %6 {groups = 2 : i64} : (tensor<1x4x5x5xf32>, tensor<132x2x3x3xf32>) -> tensor<1x132x3x3xf32>
  %8 = varve.use @transposed : tensor<4x32x3x3xf32>
  %9 = varve.conv_transpose %x, %8 : (tensor<1x4x5x5xf32>, tensor<4x32x3x3xf32>) -> tensor<1x32x7x7xf32>
  varve.output
}

// -----

// Winograd's kernels: of 3x3, beside one another, with channels last, of whole vectors of channels and enough tiles.

// CHECK:       varve.weight @tiles : tensor<40x32x3x3xf32, #varve.panels<32, winograd>>
// CHECK:       varve.weight @named : tensor<40x32x3x3xf32, #varve.panels<32, winograd>>
// CHECK:       varve.weight @first : tensor<40x32x3x3xf32, #varve.panels<32>>
// CHECK:       varve.weight @strided : tensor<40x32x3x3xf32, #varve.panels<32>>
// CHECK:       varve.weight @halves : tensor<40x32x3x3xbf16, #varve.panels<32>>
// CHECK:       varve.weight @odd : tensor<40x33x3x3xf32, #varve.panels<32>>
// CHECK:       varve.weight @small : tensor<40x32x3x3xf32, #varve.panels<32>>
// CHECK:       varve.weight @wide : tensor<40x32x5x5xf32, #varve.panels<32>>
// DIRECT:      varve.weight @tiles : tensor<40x32x3x3xf32, #varve.panels<32>>
varve.weight @tiles : tensor<40x32x3x3xf32>
varve.weight @named : tensor<40x32x3x3xf32>
varve.weight @first : tensor<40x32x3x3xf32>
varve.weight @strided : tensor<40x32x3x3xf32>
varve.weight @halves : tensor<40x32x3x3xbf16>
varve.weight @odd : tensor<40x33x3x3xf32>
varve.weight @small : tensor<40x32x3x3xf32>
varve.weight @wide : tensor<40x32x5x5xf32>
varve.graph @winograd(%x: tensor<1x13x9x32xf32>, %y: tensor<1x?x?x32xf32, #varve.dims<1, h, w, 32>>, %z: tensor<1x32x13x9xf32>, %b: tensor<1x13x9x32xbf16>, %o: tensor<1x13x9x33xf32>, %s: tensor<1x6x10x32xf32>) {
  %0 = varve.use @tiles : tensor<40x32x3x3xf32>
  %1 = varve.conv %x, %0 {channels_last} : (tensor<1x13x9x32xf32>, tensor<40x32x3x3xf32>) -> tensor<1x11x7x40xf32>
  %2 = varve.use @named : tensor<40x32x3x3xf32>
  %3 = varve.conv %y, %2 {channels_last, padding_begin = array<i64: 1, 1>, padding_end = array<i64: 1, 1>} : (tensor<1x?x?x32xf32, #varve.dims<1, h, w, 32>>, tensor<40x32x3x3xf32>) -> tensor<1x?x?x40xf32, #varve.dims<1, h, w, 40>>
  %4 = varve.use @first : tensor<40x32x3x3xf32>
  %5 = varve.conv %z, %4 : (tensor<1x32x13x9xf32>, tensor<40x32x3x3xf32>) -> tensor<1x40x11x7xf32>
  %6 = varve.use @strided : tensor<40x32x3x3xf32>
  %7 = varve.conv %x, %6 {channels_last, strides = array<i64: 1, 2>} : (tensor<1x13x9x32xf32>, tensor<40x32x3x3xf32>) -> tensor<1x11x4x40xf32>
  %8 = varve.use @halves : tensor<40x32x3x3xbf16>
  %9 = varve.conv %b, %8 {channels_last} : (tensor<1x13x9x32xbf16>, tensor<40x32x3x3xbf16>) -> tensor<1x11x7x40xbf16>
  %10 = varve.use @odd : tensor<40x33x3x3xf32>
  %11 = varve.conv %o, %10 {channels_last} : (tensor<1x13x9x33xf32>, tensor<40x33x3x3xf32>) -> tensor<1x11x7x40xf32>
  %12 = varve.use @small : tensor<40x32x3x3xf32>
  %13 = varve.conv %s, %12 {channels_last} : (tensor<1x6x10x32xf32>, tensor<40x32x3x3xf32>) -> tensor<1x4x8x40xf32>
  %14 = varve.use @wide : tensor<40x32x5x5xf32>
  %15 = varve.conv %x, %14 {channels_last} : (tensor<1x13x9x32xf32>, tensor<40x32x5x5xf32>) -> tensor<1x9x5x40xf32>
  varve.output
}

// -----

// Blocks of an encoding that has a kernel, in panels of 16 rows whatever those of floats are; no other encoding, and nothing that is decoded as a whole.

// CHECK:       varve.weight @blocks : tensor<8x64x!varve.q4_0, #varve.panels<16>>
// CHECK:       varve.weight @fives : tensor<8x64x!varve.q5_1>
// CHECK:       varve.weight @decoded : tensor<8x64x!varve.q4_0>
// EIGHT:       varve.weight @blocks : tensor<8x64x!varve.q4_0, #varve.panels<16>>
varve.weight @blocks : tensor<8x64x!varve.q4_0>
varve.weight @fives : tensor<8x64x!varve.q5_1>
varve.weight @decoded : tensor<8x64x!varve.q4_0>
varve.graph @in_blocks(%x: tensor<2x64xf32>, %ids: tensor<3xi64>) {
  %w = varve.use @blocks : tensor<8x64x!varve.q4_0>
  %0 = varve.linear %x, %w : (tensor<2x64xf32>, tensor<8x64x!varve.q4_0>) -> tensor<2x8xf32>
  %1 = varve.gather %w, %ids {axis = 0 : i64} : (tensor<8x64x!varve.q4_0>, tensor<3xi64>) -> tensor<3x64xf32>
  %v = varve.use @fives : tensor<8x64x!varve.q5_1>
  %2 = varve.linear %x, %v : (tensor<2x64xf32>, tensor<8x64x!varve.q5_1>) -> tensor<2x8xf32>
  %u = varve.use @decoded : tensor<8x64x!varve.q4_0>
  %3 = varve.linear %x, %u : (tensor<2x64xf32>, tensor<8x64x!varve.q4_0>) -> tensor<2x8xf32>
  %4 = varve.dequantize %u : (tensor<8x64x!varve.q4_0>) -> tensor<8x64xf32>
  varve.output
}
