// RUN: varve-opt %s --varve-convert-to-linalg | FileCheck %s

// Elements become keys, and passes over all places exchange those of pairs.
// CHECK-LABEL: func.func private @sort(
// CHECK-SAME:    %[[SEQ:[a-z0-9]+]]: index, %[[X:[a-z0-9]+]]: tensor<?xf16>
// CHECK:         %[[KEYS:.+]] = linalg.generic {{.*}} ins(%[[X]] : tensor<?xf16>) outs(%{{.+}} : tensor<?xi32>)
// CHECK:           arith.bitcast %{{.+}} : f32 to i32
// CHECK:           arith.cmpf uno
// CHECK:         %[[A:.+]] = memref.alloc(%[[SEQ]]) : memref<?xi64>
// CHECK:         %[[B:.+]] = memref.alloc(%[[SEQ]]) : memref<?xi64>
// CHECK:         linalg.generic {{.*}} outs(%[[A]] : memref<?xi64>)
// CHECK:           tensor.extract %[[KEYS]]
// CHECK:           arith.shli
// CHECK:         math.ctlz
// CHECK:         scf.for {{.*}} -> (index, index, index, index)
// CHECK:           linalg.generic {{.*}} outs(%[[B]] : memref<?xi64>)
// CHECK:             memref.load %[[A]]
// CHECK-NOT:         tensor.extract
// CHECK:           linalg.generic {{.*}} outs(%[[A]] : memref<?xi64>)
// CHECK:             memref.load %[[B]]
// CHECK:         %[[BOTH:.+]] = bufferization.to_tensor %[[A]] restrict
// CHECK:         %[[PLACES:.+]] = linalg.generic {{.*}} ins(%[[BOTH]] : tensor<?xi64>)
// CHECK:           arith.andi
// CHECK:         linalg.generic {{.*}} ins(%[[PLACES]] : tensor<?xi64>) outs(%{{.+}} : tensor<?xf16>)
// CHECK:           tensor.extract %[[X]]
varve.graph @sort(%x: tensor<?xf16, #varve.dims<seq>>) {
  %0:2 = varve.sort %x {axis = 0 : i64} : (tensor<?xf16, #varve.dims<seq>>) -> (tensor<?xf16, #varve.dims<seq>>, tensor<?xi64, #varve.dims<seq>>)
  varve.output
}

// Keys of 64 bits are looked up.
// CHECK-LABEL: func.func private @long(
// CHECK:         linalg.generic {{.*}} outs(%{{.+}} : tensor<?xi64>)
// CHECK:           linalg.generic {{.*}} outs(%{{.+}} : memref<?xi64>)
// CHECK:         scf.for
// CHECK:             memref.load
// CHECK:             memref.load
// CHECK:             tensor.extract
// CHECK:             tensor.extract
varve.graph @long(%x: tensor<?xi64, #varve.dims<seq>>) {
  %0:2 = varve.sort %x {axis = 0 : i64} : (tensor<?xi64, #varve.dims<seq>>) -> (tensor<?xi64, #varve.dims<seq>>, tensor<?xi64, #varve.dims<seq>>)
  varve.output
}

// A few greatest ones are looked for one after another; many are the beginning of all in order.
// CHECK-LABEL: func.func private @top_k(
// CHECK:         scf.for {{.*}} -> (tensor<3xi64>)
// CHECK:           linalg.generic {{.*}} iterator_types = ["reduction"]
// CHECK:           linalg.generic {{.*}} iterator_types = ["reduction"]
// CHECK:           tensor.insert_slice
// CHECK:         math.ctlz
// CHECK:         tensor.extract_slice %{{.+}}[0] [100] [1] : tensor<200xi64> to tensor<100xi64>
varve.graph @top_k(%x: tensor<200xi32>) {
  %0:2 = varve.top_k %x {axis = 0 : i64, k = 3 : i64} : (tensor<200xi32>) -> (tensor<3xi32>, tensor<3xi64>)
  %1:2 = varve.top_k %x {axis = 0 : i64, k = 100 : i64} : (tensor<200xi32>) -> (tensor<100xi32>, tensor<100xi64>)
  varve.output
}
