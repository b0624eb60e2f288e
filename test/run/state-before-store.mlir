// RUN: varve-run %s --input 1,2 | FileCheck %s

// What was computed from state before a store keeps its value.
// CHECK: y: f32 [2]
// CHECK-NEXT: [2, 3]
varve.graph @update(%x: tensor<2xf32> {varve.name = "x"}, %s: !varve.buffer<2xf32> {varve.name = "s"}) -> (tensor<2xf32> {varve.name = "y"}) {
  %0 = varve.buffer.load %s : (!varve.buffer<2xf32>) -> tensor<2xf32>
  %1 = varve.exp %0 : (tensor<2xf32>) -> tensor<2xf32>
  varve.buffer.store %x, %s : tensor<2xf32>, !varve.buffer<2xf32>
  %2 = varve.add %1, %x : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  varve.output %2 : tensor<2xf32>
}
