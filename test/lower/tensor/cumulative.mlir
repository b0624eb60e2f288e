// RUN: varve-opt %s --varve-convert-to-linalg | FileCheck %s

// One running value for each place of the other dimensions, in f32.
// CHECK-LABEL: func.func private @cumsum(
// CHECK-SAME:    %[[SEQ:[a-z0-9]+]]: index, %[[X:[a-z0-9]+]]: tensor<2x?xbf16>
// CHECK:         scf.for %[[ROW:.+]] = %{{.+}} to %{{.+}} step %{{.+}} iter_args(%{{.+}} = %{{.+}}) -> (tensor<2x?xbf16>)
// CHECK:           scf.for %[[I:.+]] = %{{.+}} to %[[SEQ]] step %{{.+}} iter_args(%[[INTO:.+]] = %{{.+}}, %[[SUM:.+]] = %{{.+}}) -> (tensor<2x?xbf16>, f32)
// CHECK:             %[[ELEMENT:.+]] = tensor.extract %[[X]][%[[ROW]], %[[I]]] : tensor<2x?xbf16>
// CHECK:             %[[WIDE:.+]] = arith.extf %[[ELEMENT]] : bf16 to f32
// CHECK:             %[[NEXT:.+]] = arith.addf %[[SUM]], %[[WIDE]] : f32
// CHECK:             %[[ROUNDED:.+]] = arith.truncf %[[NEXT]] : f32 to bf16
// CHECK:             %[[WRITTEN:.+]] = tensor.insert %[[ROUNDED]] into %[[INTO]][%[[ROW]], %[[I]]]
// CHECK:             scf.yield %[[WRITTEN]], %[[NEXT]]
varve.graph @cumsum(%x: tensor<2x?xbf16, #varve.dims<2, seq>>) {
  %0 = varve.cumsum %x {axis = 1 : i64} : (tensor<2x?xbf16, #varve.dims<2, seq>>) -> tensor<2x?xbf16, #varve.dims<2, seq>>
  varve.output
}

// CHECK-LABEL: func.func private @cumprod(
// CHECK:         arith.muli %{{.+}}, %{{.+}} : i8
varve.graph @cumprod(%x: tensor<4xui8>) {
  %0 = varve.cumprod %x {axis = 0 : i64} : (tensor<4xui8>) -> tensor<4xui8>
  varve.output
}
