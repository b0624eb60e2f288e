// RUN: varve-opt %s --split-input-file --varve-cpu-fuse-elementwise | FileCheck %s

// A state is computed from what it was, so an op that reads each element of it several times does not take it in.
// CHECK-LABEL: func.func @state(
// CHECK:         %[[NEXT:.+]] = linalg.generic
// CHECK:         linalg.generic {{.*}} ins(%[[NEXT]],
#same = affine_map<(d0, d1) -> (d0, d1)>
#column = affine_map<(d0, d1) -> (d0, 0)>
func.func @state(%state: tensor<3x1xf32>, %x: tensor<3x1xf32>, %y: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %next = linalg.generic {indexing_maps = [#same, #same], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<3x1xf32>) outs(%state : tensor<3x1xf32>) {
  ^bb0(%a: f32, %old: f32):
    %0 = arith.addf %a, %old : f32
    linalg.yield %0 : f32
  } -> tensor<3x1xf32>
  %e = tensor.empty() : tensor<3x4xf32>
  %z = linalg.generic {indexing_maps = [#column, #same, #same], iterator_types = ["parallel", "parallel"]} ins(%next, %y : tensor<3x1xf32>, tensor<3x4xf32>) outs(%e : tensor<3x4xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %0 = arith.mulf %a, %b : f32
    linalg.yield %0 : f32
  } -> tensor<3x4xf32>
  return %z : tensor<3x4xf32>
}

// -----

// One that reads each once does.
// CHECK-LABEL: func.func @once(
// CHECK:         linalg.generic
// CHECK-NOT:     linalg.generic
#same = affine_map<(d0, d1) -> (d0, d1)>
func.func @once(%state: tensor<3x4xf32>, %x: tensor<3x4xf32>, %y: tensor<3x4xf32>) -> tensor<3x4xf32> {
  %next = linalg.generic {indexing_maps = [#same, #same], iterator_types = ["parallel", "parallel"]} ins(%x : tensor<3x4xf32>) outs(%state : tensor<3x4xf32>) {
  ^bb0(%a: f32, %old: f32):
    %0 = arith.addf %a, %old : f32
    linalg.yield %0 : f32
  } -> tensor<3x4xf32>
  %e = tensor.empty() : tensor<3x4xf32>
  %z = linalg.generic {indexing_maps = [#same, #same, #same], iterator_types = ["parallel", "parallel"]} ins(%next, %y : tensor<3x4xf32>, tensor<3x4xf32>) outs(%e : tensor<3x4xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %0 = arith.mulf %a, %b : f32
    linalg.yield %0 : f32
  } -> tensor<3x4xf32>
  return %z : tensor<3x4xf32>
}
