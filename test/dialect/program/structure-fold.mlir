// RUN: varve-opt %s -canonicalize -cse | FileCheck %s

// CHECK-LABEL: varve.graph @layer_results_unused
varve.graph @layer_results_unused(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: %[[L:.*]] = varve.layer "act" : "Act" -> tensor<4xf32> {
  // CHECK-NEXT: %[[R:.*]] = varve.relu
  // CHECK-NEXT: varve.output %[[R]] : tensor<4xf32>
  // CHECK-NEXT: }
  // CHECK-NEXT: varve.output %[[L]]
  %0:3 = varve.layer "act" : "Act" -> tensor<4xf32>, tensor<4xf32>, tensor<4xf32> {
    %1 = varve.neg %x : (tensor<4xf32>) -> tensor<4xf32>
    %2 = varve.relu %x : (tensor<4xf32>) -> tensor<4xf32>
    varve.output %1, %2, %x : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
  }
  varve.output %0#1 : tensor<4xf32>
}

// CHECK-LABEL: varve.graph @layer_without_effect
varve.graph @layer_without_effect(%x: tensor<4xf32>) {
  // CHECK-NEXT: varve.output
  %0 = varve.layer "outer" : "Outer" -> tensor<4xf32> {
    %1 = varve.layer "inner" : "Inner" -> tensor<4xf32> {
      %2 = varve.relu %x : (tensor<4xf32>) -> tensor<4xf32>
      varve.output %2 : tensor<4xf32>
    }
    varve.output %1 : tensor<4xf32>
  }
  varve.output
}

// CHECK-LABEL: varve.graph @layer_with_effects
varve.graph @layer_with_effects(%x: tensor<4xf32>, %b: !varve.buffer<4xf32> {varve.name = "b"}) {
  // CHECK: varve.layer "p" : "P" {
  // CHECK-NEXT: varve.print
  varve.layer "p" : "P" {
    varve.print %x, "x" : tensor<4xf32>
  }
  // CHECK: varve.layer "s" : "S" {
  // CHECK-NEXT: varve.buffer.store
  varve.layer "s" : "S" {
    varve.buffer.store %x, %b : tensor<4xf32>, !varve.buffer<4xf32>
  }
  varve.output
}

// A load is dropped if unused, and never moved over a store.
// CHECK-LABEL: varve.graph @loads
varve.graph @loads(%x: tensor<4xf32>, %b: !varve.buffer<4xf32> {varve.name = "b"}) -> tensor<4xf32> {
  // CHECK-NEXT: varve.buffer.store
  // CHECK-NEXT: %[[L:.*]] = varve.buffer.load
  // CHECK-NEXT: varve.output %[[L]]
  %0 = varve.buffer.load %b : (!varve.buffer<4xf32>) -> tensor<4xf32>
  varve.buffer.store %x, %b : tensor<4xf32>, !varve.buffer<4xf32>
  %1 = varve.buffer.load %b : (!varve.buffer<4xf32>) -> tensor<4xf32>
  varve.output %1 : tensor<4xf32>
}

// Loads become one only where no store stands between them, not even inside a layer.
// CHECK-LABEL: varve.graph @equal_loads
varve.graph @equal_loads(%x: tensor<4xf32>, %b: !varve.buffer<4xf32> {varve.name = "b"}) -> tensor<4xf32> {
  // CHECK: %[[A:.*]] = varve.buffer.load
  // CHECK-NEXT: %[[SUM:.*]] = varve.add %[[A]], %[[A]]
  // CHECK-NEXT: varve.layer
  // CHECK: %[[B:.*]] = varve.buffer.load
  // CHECK-NEXT: varve.add %[[SUM]], %[[B]]
  %0 = varve.buffer.load %b : (!varve.buffer<4xf32>) -> tensor<4xf32>
  %1 = varve.buffer.load %b : (!varve.buffer<4xf32>) -> tensor<4xf32>
  %2 = varve.add %0, %1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  varve.layer "s" : "S" {
    varve.buffer.store %x, %b : tensor<4xf32>, !varve.buffer<4xf32>
  }
  %3 = varve.buffer.load %b : (!varve.buffer<4xf32>) -> tensor<4xf32>
  %4 = varve.add %2, %3 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  varve.output %4 : tensor<4xf32>
}

// CHECK-LABEL: varve.graph @dim_known
varve.graph @dim_known() -> tensor<i64> {
  // CHECK-NEXT: %[[C:.*]] = varve.constant dense<6> : tensor<i64>
  // CHECK-NEXT: varve.output %[[C]]
  %0 = varve.dim <2*3>
  varve.output %0 : tensor<i64>
}

// CHECK-LABEL: varve.graph @rebind_same
varve.graph @rebind_same(%x: tensor<?xf32, #varve.dims<n>>) -> tensor<?xf32, #varve.dims<n>> {
  // CHECK-NEXT: varve.output %arg0
  %0 = varve.rebind %x, "same" : tensor<?xf32, #varve.dims<n>> to tensor<?xf32, #varve.dims<n>>
  varve.output %0 : tensor<?xf32, #varve.dims<n>>
}

// A tap stays where it is, each of them, also if nothing uses it; an identity that is none goes.
// CHECK-LABEL: varve.graph @taps_stay
varve.graph @taps_stay(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-NEXT: %[[A:.*]] = varve.identity %arg0 {tag = "hidden"}
  // CHECK-NEXT: varve.identity %arg0 {tag = "hidden"}
  // CHECK-NEXT: varve.layer "l" : "L" {
  // CHECK-NEXT:   varve.identity {{.*}}
  // CHECK-NEXT: }
  // CHECK-NEXT: varve.output %[[A]]
  %0 = varve.identity %x {tag = "hidden"} : (tensor<4xf32>) -> tensor<4xf32>
  %1 = varve.identity %x {tag = "hidden"} : (tensor<4xf32>) -> tensor<4xf32>
  varve.layer "l" : "L" {
    %3 = varve.identity %x {tag = "hidden"} : (tensor<4xf32>) -> tensor<4xf32>
  }
  %2 = varve.identity %0 : (tensor<4xf32>) -> tensor<4xf32>
  varve.output %2 : tensor<4xf32>
}

// A result that is a value from outside, or another result, is that value.
// CHECK-LABEL: varve.graph @layer_results_forwarded
varve.graph @layer_results_forwarded(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  // CHECK: %[[L:.*]] = varve.layer "act" : "Act" -> tensor<4xf32> {
  // CHECK:   varve.output %{{.*}} : tensor<4xf32>
  // CHECK: }
  // CHECK-NEXT: varve.output %[[L]], %arg0, %[[L]]
  %0:3 = varve.layer "act" : "Act" -> tensor<4xf32>, tensor<4xf32>, tensor<4xf32> {
    %1 = varve.relu %x : (tensor<4xf32>) -> tensor<4xf32>
    varve.output %1, %x, %1 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
  }
  %2 = varve.layer "dropout" : "Dropout" -> tensor<4xf32> {
    varve.output %0#2 : tensor<4xf32>
  }
  varve.output %0#0, %0#1, %2 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// Constants come once, at the head of the graph.
// CHECK-LABEL: varve.graph @constants_once
varve.graph @constants_once() -> (tensor<f32>, tensor<f32>) {
  // CHECK-NEXT: %[[C:.*]] = varve.constant
  // CHECK-NEXT: varve.output %[[C]], %[[C]]
  %0 = varve.constant dense<1.0> : tensor<f32>
  %1 = varve.constant dense<1.0> : tensor<f32>
  varve.output %0, %1 : tensor<f32>, tensor<f32>
}

// What a layer says of itself stays when results that nobody uses go.
varve.mesh @cpu_0 <model = 1> ["cpu:0"]
// CHECK-LABEL: varve.graph @layer_attributes_stay
varve.graph @layer_attributes_stay(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK-NEXT: varve.layer "a" : "A" -> tensor<4xf32> on @cpu_0 attributes {note = 1 : i64} {
  %0:2 = varve.layer "a" : "A" -> tensor<4xf32>, tensor<4xf32> on @cpu_0 attributes {note = 1 : i64} {
    %1 = varve.exp %x : (tensor<4xf32>) -> tensor<4xf32>
    varve.output %1, %x : tensor<4xf32>, tensor<4xf32>
  }
  varve.output %0#0 : tensor<4xf32>
}
