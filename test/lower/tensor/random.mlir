// RUN: varve-opt %s --varve-convert-to-linalg | FileCheck %s

// Each element computes its own block, from its number.
// CHECK-LABEL: func.func private @random(
// CHECK-SAME:    %[[SEQ:[a-z0-9]+]]: index, %{{[a-z0-9]+}}: tensor<?xf32> {{.*}}, %[[KEY:[a-z0-9]+]]: tensor<i64>
// CHECK:         tensor.extract %[[KEY]][] : tensor<i64>
// CHECK:         linalg.generic {{.*}} outs(%{{.+}} : tensor<2x?xf32>)
// CHECK:           linalg.index 0
// CHECK:           linalg.index 1
// CHECK:           arith.extui %{{.+}} : i32 to i64
// CHECK:           arith.muli %{{.+}}, %{{.+}} : i64
// CHECK:           math.log
// CHECK:           math.sqrt
// CHECK:           math.cos
// CHECK:           math.sin
varve.graph @random(%x: tensor<?xf32, #varve.dims<seq>>, %key: tensor<i64>) {
  %0 = varve.random %key, %key {shape = #varve.dims<2, seq>, dtype = f32, distribution = "normal"} : (tensor<i64>, tensor<i64>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  varve.output
}
