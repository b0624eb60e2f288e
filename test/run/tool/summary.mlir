// A graph's layers, and what the compiled program takes and gives.
// RUN: varve-run %s --summary --cpu x86-64-v3 | FileCheck %s --match-full-lines --strict-whitespace
// RUN: varve-run %s --summary --depth 1 | FileCheck %s --check-prefix=FLAT
// RUN: varve-opt %s --emit-bytecode -o %t.mlirbc && varve-run %t.mlirbc --summary --cpu x86-64-v3 | FileCheck %s --match-full-lines --strict-whitespace
// RUN: varve-run %s --save %t.varve && varve-run %t.varve --summary | FileCheck %s --check-prefix=EXECUTABLE
// RUN: not varve-run %s --summary --depth -1 2>&1 | FileCheck %s --check-prefix=BAD

// CHECK:layer     type    output shape  dtype  parameters  bytes  device
// CHECK-NEXT:----------------------------------------------------------------
// CHECK-NEXT:@first    graph   [batch, 8]    f32           320  1,280  cpu:0
// CHECK-NEXT:block     Block   [batch, 40]   f32             8     16  cpu:0
// CHECK-NEXT:block.up  Linear  [batch, 40]   f32           320  1,280  cpu:0
// CHECK-NEXT:----------------------------------------------------------------
// CHECK-NEXT:total                                         648  2,576
// CHECK-EMPTY:
// CHECK-NEXT:layer    type     output shape     dtype     parameters  bytes  device
// CHECK-NEXT:----------------------------------------------------------------------
// CHECK-NEXT:@second  graph    [1000], [8, 40]  i64, f32       1,320  9,280  cpu:0
// CHECK-NEXT:pair     Pair<2>  [1000], [8, 40]  i64, f32           0      0  cpu:0
// CHECK-NEXT:----------------------------------------------------------------------
// CHECK-NEXT:total                                             1,320  9,280
// CHECK-EMPTY:
// CHECK-NEXT:compiled by varve {{.*}} for x86-64-v3, {{.*}}
// CHECK-NEXT:entry first
// CHECK-NEXT:  input   x  f32  [batch, 8]
// CHECK-NEXT:  output  y  f32  [batch, 8]
// CHECK-NEXT:entry second
// CHECK-NEXT:  output  numbers  i64  [1000]
// CHECK-NEXT:  output  shared   f32  [8, 40]
// CHECK-NEXT:weights: 4, 10,576 bytes
// CHECK-NEXT:  block.up.weight   f32   [40, 8]  1,280
// CHECK-NEXT:  block.norm.scale  bf16  [8]         16
// CHECK-NEXT:  shared            f32   [8, 40]  1,280
// CHECK-NEXT:  second.only       i64   [1000]   8,000
// EXECUTABLE-NOT: device
// EXECUTABLE: compiled by varve
// BAD: varve-run: error: expects a number from 0 to 1000000 for --depth, but got '-1'
// FLAT: block   Block {{.*}} 328  1,296
// FLAT-NOT: block.up{{ }}
#d8 = #varve.dims<batch, 8>
#d40 = #varve.dims<batch, 40>
varve.weight @block.up.weight : tensor<40x8xf32>
varve.weight @block.norm.scale : tensor<8xbf16>
varve.weight @shared : tensor<8x40xf32>
varve.weight @second.only : tensor<1000xi64>
varve.graph @first(%x: tensor<?x8xf32, #d8> {varve.name = "x"}) -> (tensor<?x8xf32, #d8> {varve.name = "y"}) {
  %0 = varve.layer "block" : "Block" -> tensor<?x40xf32, #d40> {
    %1 = varve.layer "up" : "Linear" -> tensor<?x40xf32, #d40> {
      %w = varve.use @block.up.weight : tensor<40x8xf32>
      %2 = varve.linear %x, %w : (tensor<?x8xf32, #d8>, tensor<40x8xf32>) -> tensor<?x40xf32, #d40>
      varve.output %2 : tensor<?x40xf32, #d40>
    }
    varve.output %1 : tensor<?x40xf32, #d40>
  }
  %scale = varve.use @block.norm.scale : tensor<8xbf16>
  %1 = varve.cast %scale {dtype = f32} : (tensor<8xbf16>) -> tensor<8xf32>
  %w = varve.use @shared : tensor<8x40xf32>
  %2 = varve.linear %0, %w : (tensor<?x40xf32, #d40>, tensor<8x40xf32>) -> tensor<?x8xf32, #d8>
  %3 = varve.mul %2, %1 : (tensor<?x8xf32, #d8>, tensor<8xf32>) -> tensor<?x8xf32, #d8>
  varve.output %3 : tensor<?x8xf32, #d8>
}
varve.graph @second() -> (tensor<1000xi64> {varve.name = "numbers"}, tensor<8x40xf32> {varve.name = "shared"}) {
  %0:2 = varve.layer "pair" : "Pair<2>" -> tensor<1000xi64>, tensor<8x40xf32> {
    %1 = varve.use @second.only : tensor<1000xi64>
    %2 = varve.use @shared : tensor<8x40xf32>
    varve.output %1, %2 : tensor<1000xi64>, tensor<8x40xf32>
  }
  varve.output %0#0, %0#1 : tensor<1000xi64>, tensor<8x40xf32>
}
