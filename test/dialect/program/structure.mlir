// RUN: varve-opt %s | varve-opt | FileCheck %s
// RUN: varve-opt %s --emit-bytecode | varve-opt | FileCheck %s

// Names of dimensions have one alias for each list.
// CHECK: #[[BATCH:.*]] = #varve.dims<batch, 4>
// CHECK-NOT: #{{.*}} = #varve.dims<batch, 4>
// CHECK-DAG: #{{.*}} = #varve.dims<m*n - 2*m + 1>
// CHECK: module

// CHECK: varve.weight @layers.0.up_proj.weight : tensor<4x4xbf16>
varve.weight @layers.0.up_proj.weight : tensor<4x4xbf16>
// CHECK: varve.weight @packed : tensor<96x64xf32, #varve.panels<32>>
varve.weight @packed : tensor<96x64xf32, #varve.panels<32>>
// CHECK: varve.weight @mask : tensor<3xi1>
varve.weight @mask : tensor<3xi1>

// CHECK: varve.graph @empty() {
// CHECK-NEXT: varve.output
varve.graph @empty() {
  varve.output
}

// CHECK: varve.graph @names(%arg0: tensor<?x4xf32, #dims> {varve.name = "x"}) -> (tensor<?x4xf32, #dims> {varve.name = "y"}) {
varve.graph @names(%x: tensor<?x4xf32, #varve.dims<batch, 4>> {varve.name = "x"}) -> (tensor<?x4xf32, #varve.dims<batch, 4>> {varve.name = "y"}) {
  // CHECK-NEXT: varve.output %arg0 : tensor<?x4xf32, #dims>
  varve.output %x : tensor<?x4xf32, #varve.dims<batch, 4>>
}

// Both entries may share a buffer.
// CHECK-LABEL: varve.graph @buffers
varve.graph @buffers(%cache: !varve.buffer<1x8xf32> {varve.name = "cache"}, %x: tensor<1x?xf32, #varve.dims<1, seq>>, %past: tensor<i64> {varve.dim = "past"}) -> tensor<1x?xf32, #varve.dims<1, past + seq>> {
  // CHECK: varve.buffer.store %arg1, %arg0 offsets(0, past) : tensor<1x?xf32, #{{.*}}>, !varve.buffer<1x8xf32>
  varve.buffer.store %x, %cache offsets(0, past) : tensor<1x?xf32, #varve.dims<1, seq>>, !varve.buffer<1x8xf32>
  // CHECK: %[[L:.*]] = varve.buffer.load %arg0 : (!varve.buffer<1x8xf32>) -> tensor<1x8xf32>
  %0 = varve.buffer.load %cache : (!varve.buffer<1x8xf32>) -> tensor<1x8xf32>
  %1 = varve.slice %0 {starts = #varve.dims<0, 0>, ends = #varve.dims<1, past + seq>, steps = array<i64: 1, 1>} : (tensor<1x8xf32>) -> tensor<1x?xf32, #varve.dims<1, past + seq>>
  varve.output %1 : tensor<1x?xf32, #varve.dims<1, past + seq>>
}

// CHECK-LABEL: varve.graph @store_whole
varve.graph @store_whole(%b: !varve.buffer<4xi8> {varve.name = "b"}, %x: tensor<4xi8>, %s: !varve.buffer<f32> {varve.name = "s"}, %y: tensor<f32>) {
  // CHECK: varve.buffer.store %arg1, %arg0 : tensor<4xi8>, !varve.buffer<4xi8>
  varve.buffer.store %x, %b : tensor<4xi8>, !varve.buffer<4xi8>
  // CHECK: varve.buffer.store %arg1, %arg0 offsets(0) at(%{{.+}} along -1 : tensor<i64>) : tensor<4xi8>, !varve.buffer<4xi8>
  %i = varve.constant dense<0> : tensor<i64>
  varve.buffer.store %x, %b offsets(0) at(%i along -1 : tensor<i64>) : tensor<4xi8>, !varve.buffer<4xi8>
  // CHECK: varve.buffer.store %arg3, %arg2 offsets() : tensor<f32>, !varve.buffer<f32>
  varve.buffer.store %y, %s offsets() : tensor<f32>, !varve.buffer<f32>
  varve.output
}

// What is computed of a loaded value may be used after a store, and a load after the store is another value.
// CHECK-LABEL: varve.graph @load_before_and_after_store
varve.graph @load_before_and_after_store(%b: !varve.buffer<4xf32> {varve.name = "b"}, %c: !varve.buffer<4xf32> {varve.name = "c"}, %x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %0 = varve.buffer.load %b : (!varve.buffer<4xf32>) -> tensor<4xf32>
  %1 = varve.neg %0 : (tensor<4xf32>) -> tensor<4xf32>
  %2 = varve.buffer.load %c : (!varve.buffer<4xf32>) -> tensor<4xf32>
  %3 = varve.layer "inner" : "Inner" -> tensor<4xf32> {
    varve.buffer.store %x, %b : tensor<4xf32>, !varve.buffer<4xf32>
    %4 = varve.buffer.load %b : (!varve.buffer<4xf32>) -> tensor<4xf32>
    varve.output %4 : tensor<4xf32>
  }
  // A buffer may be moved to another one.
  varve.buffer.store %3, %c : tensor<4xf32>, !varve.buffer<4xf32>
  %5 = varve.buffer.load %c : (!varve.buffer<4xf32>) -> tensor<4xf32>
  varve.output %1, %3, %5 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: varve.graph @layers
varve.graph @layers(%x: tensor<4xf32>) -> tensor<4xf32> {
  // CHECK: %[[A:.*]]:2 = varve.layer "block.0" : "Block" -> tensor<4xf32>, tensor<4xf32> {
  %0:2 = varve.layer "block.0" : "Block" -> tensor<4xf32>, tensor<4xf32> {
    // CHECK: %[[B:.*]] = varve.layer "act" : "ReLU" -> tensor<4xf32> attributes {note = "inner"} {
    %1 = varve.layer "act" : "ReLU" -> tensor<4xf32> attributes {note = "inner"} {
      // CHECK: varve.relu %arg0
      %2 = varve.relu %x : (tensor<4xf32>) -> tensor<4xf32>
      // CHECK: varve.output %{{.*}} : tensor<4xf32>
      varve.output %2 : tensor<4xf32>
    }
    // CHECK: varve.output %[[B]], %arg0 : tensor<4xf32>, tensor<4xf32>
    varve.output %1, %x : tensor<4xf32>, tensor<4xf32>
  }
  // CHECK: varve.layer "block.0#1" : "Block" {
  varve.layer "block.0#1" : "Block" {
    // CHECK: varve.print %[[A]]#1, "x" : tensor<4xf32>
    varve.print %0#1, "x" : tensor<4xf32>
    // CHECK-NEXT: }
  }
  varve.output %0#0 : tensor<4xf32>
}

// CHECK-LABEL: varve.graph @uses
varve.graph @uses() {
  // CHECK: varve.use @layers.0.up_proj.weight : tensor<4x4xbf16>
  %0 = varve.use @layers.0.up_proj.weight : tensor<4x4xbf16>
  // A packed weight may come out of a layer.
  // CHECK: varve.layer "head" : "Head" -> tensor<96x64xf32, #varve.panels<32>>
  %1 = varve.layer "head" : "Head" -> tensor<96x64xf32, #varve.panels<32>> {
    %2 = varve.use @packed : tensor<96x64xf32, #varve.panels<32>>
    varve.output %2 : tensor<96x64xf32, #varve.panels<32>>
  }
  varve.output
}

// CHECK-LABEL: varve.graph @constants
varve.graph @constants() {
  // CHECK: varve.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
  %0 = varve.constant dense<[1.0, 2.0]> : tensor<2xf32>
  // CHECK: varve.constant dense<true> : tensor<3x2xi1>
  %1 = varve.constant dense<true> : tensor<3x2xi1>
  // CHECK: varve.constant dense<> : tensor<0x4xui8>
  %2 = varve.constant dense<> : tensor<0x4xui8>
  // CHECK: varve.constant {note = 1 : i64} dense<-0.000000e+00> : tensor<bf16>
  %3 = varve.constant {note = 1 : i64} dense<-0.0> : tensor<bf16>
  varve.output
}

// CHECK-LABEL: varve.graph @taps
varve.graph @taps(%x: tensor<?xf32, #varve.dims<seq>>) -> tensor<?xf32, #varve.dims<seq>> {
  // CHECK: varve.print %arg0, "hidden" : tensor<?xf32, #{{.*}}>
  varve.print %x, "hidden" {style = "compact"} : tensor<?xf32, #varve.dims<seq>>
  // CHECK: varve.print %arg0, "hidden \22state\22\0A" {style = "statistics"} : tensor<?xf32, #{{.*}}>
  varve.print %x, "hidden \22state\22\n" {style = "statistics"} : tensor<?xf32, #varve.dims<seq>>
  // CHECK: varve.print %arg0, "all" {style = "full"}
  varve.print %x, "all" {style = "full"} : tensor<?xf32, #varve.dims<seq>>
  // CHECK: varve.print %arg0, "all" {style = "full", to = "a/x.npy"}
  varve.print %x, "all" {style = "full", to = "a/x.npy"} : tensor<?xf32, #varve.dims<seq>>
  // CHECK: varve.print %arg0, "" {style = "finite"}
  varve.print %x, "" {style = "finite"} : tensor<?xf32, #varve.dims<seq>>
  // CHECK: varve.print %arg0, "x" {style = "dump", to = "..a"}
  varve.print %x, "x" {style = "dump", to = "..a"} : tensor<?xf32, #varve.dims<seq>>
  // CHECK: varve.print %arg0, "x" {atol = 0.000000e+00 : f64, layer = "l", rtol = 1.000000e-03 : f64, style = "compare", to = "."}
  varve.print %x, "x" {style = "compare", to = ".", rtol = 1.0e-3, atol = 0.0, layer = "l"} : tensor<?xf32, #varve.dims<seq>>
  // CHECK: varve.identity %arg0 {tag = "hidden"} : (tensor<?xf32, #{{.*}}>) -> tensor<?xf32, #{{.*}}>
  %0 = varve.identity %x {tag = "hidden"} : (tensor<?xf32, #varve.dims<seq>>) -> tensor<?xf32, #varve.dims<seq>>
  // CHECK: varve.identity %{{[^{]*}} : (tensor
  %1 = varve.identity %0 : (tensor<?xf32, #varve.dims<seq>>) -> tensor<?xf32, #varve.dims<seq>>
  varve.output %1 : tensor<?xf32, #varve.dims<seq>>
}

// CHECK-LABEL: varve.graph @shapes_at_run_time
varve.graph @shapes_at_run_time(%x: tensor<?x?xf32, #varve.dims<n, 2*m>>, %y: tensor<?xf32, #varve.dims<m>>) -> (tensor<?x8xf32, #varve.dims<m, 8>>, tensor<i64>) {
  // CHECK: varve.rebind %arg0, "x and y are pairs" : tensor<?x?xf32, #{{.*}}> to tensor<?x8xf32, #{{.*}}>
  %0 = varve.rebind %x, "x and y are pairs" : tensor<?x?xf32, #varve.dims<n, 2*m>> to tensor<?x8xf32, #varve.dims<m, 8>>
  // CHECK: varve.dim #{{.*}}
  %1 = varve.dim <1 + n*m - 2*m>
  varve.output %0, %1 : tensor<?x8xf32, #varve.dims<m, 8>>, tensor<i64>
}
