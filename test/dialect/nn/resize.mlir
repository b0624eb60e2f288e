// RUN: varve-opt %s | varve-opt | FileCheck %s
// RUN: varve-opt %s --emit-bytecode | varve-opt | FileCheck %s

// CHECK-DAG: #[[$MORE:.+]] = #varve.dims<1, 4, width + width floordiv 2>
// CHECK-DAG: #[[$LESS:.+]] = #varve.dims<1, 4, (3*width) floordiv 4>
// CHECK-DAG: #[[$SIZES:.+]] = #varve.dims<14, 5>
// CHECK-LABEL: varve.graph @resize
varve.graph @resize(%x: tensor<1x4x?xf32, #varve.dims<1, 4, width>>, %y: tensor<2x4x7x9xf16>) {
  // CHECK: varve.resize %{{.*}} {mode = "linear", scales = array<f64: 1.500000e+00>} : ({{.*}}) -> tensor<1x4x?xf32, #[[$MORE]]>
  %0 = varve.resize %x {mode = "linear", scales = array<f64: 1.5>} : (tensor<1x4x?xf32, #varve.dims<1, 4, width>>) -> tensor<1x4x?xf32, #varve.dims<1, 4, (3*width) floordiv 2>>
  // CHECK: varve.resize %{{.*}} {mode = "nearest", scales = array<f64: 7.500000e-01>} : ({{.*}}) -> tensor<1x4x?xf32, #[[$LESS]]>
  %1 = varve.resize %x {mode = "nearest", scales = array<f64: 0.75>} : (tensor<1x4x?xf32, #varve.dims<1, 4, width>>) -> tensor<1x4x?xf32, #varve.dims<1, 4, (3*width) floordiv 4>>
  // CHECK: varve.resize %{{.*}} {mode = "nearest_exact", sizes = #[[$SIZES]]} : (tensor<2x4x7x9xf16>) -> tensor<2x4x14x5xf16>
  %2 = varve.resize %y {mode = "nearest_exact", sizes = #varve.dims<14, 5>} : (tensor<2x4x7x9xf16>) -> tensor<2x4x14x5xf16>
  // CHECK: varve.resize %{{.*}} {antialias, mode = "linear", scales = array<f64: 5.000000e-01, 5.000000e-01>} : (tensor<2x4x7x9xf16>) -> tensor<2x4x3x4xf16>
  %20 = varve.resize %y {mode = "linear", scales = array<f64: 0.5, 0.5>, antialias} : (tensor<2x4x7x9xf16>) -> tensor<2x4x3x4xf16>
  // CHECK: varve.resize %{{.*}} {align_corners, mode = "cubic", scales = array<f64: 1.100000e+00, 3.000000e+00>} : (tensor<2x4x7x9xf16>) -> tensor<2x4x7x27xf16>
  %3 = varve.resize %y {mode = "cubic", scales = array<f64: 1.1, 3.0>, align_corners} : (tensor<2x4x7x9xf16>) -> tensor<2x4x7x27xf16>
  varve.output
}
