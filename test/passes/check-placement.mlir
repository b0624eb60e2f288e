// RUN: varve-opt %s -split-input-file --varve-check-placement | FileCheck %s
// RUN: varve-opt %s -split-input-file --varve-check-placement=devices=cuda:1,cpu:0 | FileCheck %s
// RUN: varve-opt %s -split-input-file --varve-shape | FileCheck %s --check-prefix=SHAPE
// RUN: not varve-opt %s --varve-check-placement=devices=cpu 2>&1 | FileCheck %s --check-prefix=OPTION
// OPTION: error: expects devices such as cpu:0 or cuda:1, but got 'cpu'

// What runs on the device that is there loses its placement, and a mesh that nobody names goes whatever it is.

// CHECK-NOT: varve.mesh
// CHECK-NOT: @cpu_0
// SHAPE-NOT: varve.mesh
varve.mesh @cpu_0 <model = 1> ["cpu:0"]
varve.mesh @other <data = 1> ["cpu:0"]
varve.mesh @nobody <model = 2> ["cuda:0", "cuda:1"]
// CHECK: varve.weight @w : tensor<4x8xf32>
// CHECK-NOT: sharding
varve.weight @w : tensor<4x8xf32> sharding<@cpu_0, [{model}, {}]>
// CHECK: varve.graph @f(%{{.*}}: tensor<8xf32>) -> tensor<4xf32> {
varve.graph @f(%x: tensor<8xf32>) -> tensor<4xf32> on @cpu_0 {
  // CHECK-NEXT: varve.layer "a" : "A" -> tensor<4xf32> attributes {note = 1 : i64} {
  // CHECK-NEXT:   varve.layer "b" : "B" -> tensor<4xf32> {
  // SHAPE-NOT: varve.layer "
  %0 = varve.layer "a" : "A" -> tensor<4xf32> on @cpu_0 attributes {note = 1 : i64} {
    %1 = varve.layer "b" : "B" -> tensor<4xf32> on @other {
      %w = varve.use @w : tensor<4x8xf32>
      %2 = varve.linear %x, %w : (tensor<8xf32>, tensor<4x8xf32>) -> tensor<4xf32>
      varve.output %2 : tensor<4xf32>
    }
    varve.output %1 : tensor<4xf32>
  }
  varve.output %0 : tensor<4xf32>
}
// CHECK: func.func private @outlined() {
func.func private @outlined() attributes {varve.placement = @cpu_0} {
  return
}

// -----

// A program that says nothing of it is as it was.

// CHECK: varve.graph @g() {
varve.graph @g() {
  varve.output
}
