// RUN: varve-opt %s | varve-opt | FileCheck %s
// RUN: varve-opt %s --emit-bytecode | varve-opt | FileCheck %s

// CHECK-LABEL: varve.graph @random
varve.graph @random(%x: tensor<?xf32, #varve.dims<seq>>, %key: tensor<i64>, %stream: tensor<i64>) {
  // CHECK: varve.random %{{.*}}, %{{.*}} {distribution = "normal", dtype = f32, shape = #{{.*}}} : (tensor<i64>, tensor<i64>) -> tensor<2x?xf32, #{{.*}}>
  %0 = varve.random %key, %stream {shape = #varve.dims<2, seq>, dtype = f32, distribution = "normal"} : (tensor<i64>, tensor<i64>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: distribution = "uniform", dtype = bf16
  %1 = varve.random %key, %stream {shape = #varve.dims<0>, dtype = bf16, distribution = "uniform"} : (tensor<i64>, tensor<i64>) -> tensor<0xbf16>
  // CHECK: distribution = "bits", dtype = i32
  %2 = varve.random %key, %stream {shape = #varve.dims<>, dtype = i32, distribution = "bits"} : (tensor<i64>, tensor<i64>) -> tensor<i32>
  varve.output
}
