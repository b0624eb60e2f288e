// RUN: varve-opt %s --varve-convert-to-linalg | FileCheck %s

// CHECK-LABEL: func.func private @nearest(
// CHECK:         %[[STEP:.+]] = arith.constant 5.000000e-01 : f32
// CHECK:         linalg.generic
// CHECK:           %[[PLACE:.+]] = arith.mulf %{{.+}}, %[[STEP]] : f32
// CHECK:           %[[DOWN:.+]] = math.floor %[[PLACE]] : f32
// CHECK:           arith.minsi
// CHECK:           arith.maxsi
// CHECK:           tensor.extract
// CHECK-NOT:       tensor.extract
varve.graph @nearest(%x: tensor<1x4x?xf32, #varve.dims<1, 4, n>>) {
  %0 = varve.resize %x {mode = "nearest", scales = array<f64: 2.0>} : (tensor<1x4x?xf32, #varve.dims<1, 4, n>>) -> tensor<1x4x?xf32, #varve.dims<1, 4, 2*n>>
  varve.output
}

// Two neighbours in each dimension, in f32.
// CHECK-LABEL: func.func private @linear(
// CHECK-COUNT-4:   tensor.extract %{{.+}} : tensor<1x4x5x7xf16>
// CHECK-NOT:       tensor.extract %{{.+}} : tensor<1x4x5x7xf16>
// CHECK:           arith.truncf %{{.+}} : f32 to f16
varve.graph @linear(%x: tensor<1x4x5x7xf16>) {
  %0 = varve.resize %x {mode = "linear", sizes = #varve.dims<9, 3>} : (tensor<1x4x5x7xf16>) -> tensor<1x4x9x3xf16>
  varve.output
}

// The step between corners is 0 if there is but one element.
// CHECK-LABEL: func.func private @corners(
// CHECK:         arith.cmpf ogt
// CHECK:         arith.select
// CHECK-COUNT-4:   tensor.extract
// CHECK-NOT:       tensor.extract
varve.graph @corners(%x: tensor<1x4x5xf32>) {
  %0 = varve.resize %x {mode = "cubic", sizes = #varve.dims<9>, align_corners} : (tensor<1x4x5xf32>) -> tensor<1x4x9xf32>
  varve.output
}

// Of antialiased results as many elements are looked at as the kernel can meet; of a scale that is not known, all.
// CHECK-LABEL: func.func private @antialiased(
// CHECK:         tensor<5xf32>
// CHECK:         linalg.generic {{.*}} iterator_types = ["parallel", "reduction"]
// CHECK:         linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "parallel", "reduction"]
// CHECK:           tensor.extract
// CHECK:           arith.divf
// CHECK:           arith.mulf
varve.graph @antialiased(%x: tensor<1x4x10xf32>) {
  %0 = varve.resize %x {mode = "linear", sizes = #varve.dims<5>, antialias} : (tensor<1x4x10xf32>) -> tensor<1x4x5xf32>
  varve.output
}

// CHECK-LABEL: func.func private @antialiased_named(
// CHECK:         linalg.generic {{.*}} iterator_types = ["parallel", "parallel", "parallel", "reduction"]} ins(%{{.+}}, %{{.+}} : tensor<?xf32>, tensor<5xf32>)
varve.graph @antialiased_named(%x: tensor<1x4x?xf32, #varve.dims<1, 4, n>>) {
  %0 = varve.resize %x {mode = "cubic", sizes = #varve.dims<5>, antialias} : (tensor<1x4x?xf32, #varve.dims<1, 4, n>>) -> tensor<1x4x5xf32>
  varve.output
}
