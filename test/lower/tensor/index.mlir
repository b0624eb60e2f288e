// RUN: varve-opt %s --varve-convert-to-linalg | FileCheck %s

// CHECK-DAG: #[[$ALL:.+]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
// CHECK-DAG: #[[$IDS:.+]] = affine_map<(d0, d1, d2) -> (d0, d1)>

// CHECK: func.func private @varve.rt.fail(!llvm.ptr, i64, i64, i64)

// Each index is checked before rows are read; what is read is inside, whatever the index.
// CHECK-LABEL: func.func private @embedding(
// CHECK-SAME:    %[[CONTEXT:[a-z0-9]+]]: !llvm.ptr, %{{[a-z0-9]+}}: i64, %{{[a-z0-9]+}}: index, %[[SEQ:[a-z0-9]+]]: index, %[[TABLE:[a-z0-9]+]]: tensor<256x8xbf16> {{.*}}, %[[IDS:[a-z0-9]+]]: tensor<2x?xi32>
// CHECK:         %[[SIZE:.+]] = arith.constant 256 : index
// CHECK:         %[[NUMBER:.+]] = arith.constant 0 : i64
// CHECK:         %[[BOUND:.+]] = arith.index_cast %[[SIZE]] : index to i64
// CHECK:         %[[LEAST:.+]] = arith.subi %{{.+}}, %[[BOUND]] : i64
// CHECK:         scf.for %[[I:.+]] = %{{.+}} to %{{.+}} step
// CHECK:           scf.for %[[J:.+]] = %{{.+}} to %[[SEQ]] step
// CHECK:             %[[NARROW:.+]] = tensor.extract %[[IDS]][%[[I]], %[[J]]] : tensor<2x?xi32>
// CHECK:             %[[INDEX:.+]] = arith.extsi %[[NARROW]] : i32 to i64
// CHECK:             %[[BELOW:.+]] = arith.cmpi slt, %[[INDEX]], %[[LEAST]] : i64
// CHECK:             %[[ABOVE:.+]] = arith.cmpi sge, %[[INDEX]], %[[BOUND]] : i64
// CHECK:             %[[WRONG:.+]] = arith.ori %[[BELOW]], %[[ABOVE]] : i1
// CHECK:             scf.if %[[WRONG]] {
// CHECK-NEXT:          func.call @varve.rt.fail(%[[CONTEXT]], %[[NUMBER]], %[[INDEX]], %[[BOUND]])
// CHECK:         linalg.generic {indexing_maps = [#[[$IDS]], #[[$ALL]]], iterator_types = ["parallel", "parallel", "parallel"]} ins(%[[IDS]] : tensor<2x?xi32>) outs(%{{.+}} : tensor<2x?x8xbf16>)
// CHECK-NEXT:    ^bb0(%[[ID:.+]]: i32, %{{.+}}: bf16):
// CHECK:           %[[COLUMN:.+]] = linalg.index 2 : index
// CHECK:           %[[WIDE:.+]] = arith.index_cast %[[ID]] : i32 to index
// CHECK:           %[[NEGATIVE:.+]] = arith.cmpi slt, %[[WIDE]], %{{.+}} : index
// CHECK:           %[[FROM_END:.+]] = arith.addi %[[WIDE]], %[[SIZE]] : index
// CHECK:           %[[ROW:.+]] = arith.select %[[NEGATIVE]], %[[FROM_END]], %[[WIDE]] : index
// CHECK:           %[[HIGH:.+]] = arith.minsi %[[ROW]], %{{.+}} : index
// CHECK:           %[[INSIDE:.+]] = arith.maxsi %[[HIGH]], %{{.+}} : index
// CHECK:           %[[VALUE:.+]] = tensor.extract %[[TABLE]][%[[INSIDE]], %[[COLUMN]]] : tensor<256x8xbf16>
// CHECK:           linalg.yield %[[VALUE]] : bf16
varve.graph @embedding(%table: tensor<256x8xbf16>, %ids: tensor<2x?xi32, #varve.dims<2, seq>>) {
  %0 = varve.gather %table, %ids {axis = 0} : (tensor<256x8xbf16>, tensor<2x?xi32, #varve.dims<2, seq>>) -> tensor<2x?x8xbf16, #varve.dims<2, seq, 8>>
  varve.output
}

// Row r, column c of panels of 32 rows is at [r / 32, c, r % 32].
// CHECK-LABEL: func.func private @panels(
// CHECK-SAME:    %[[IDS:[a-z0-9]+]]: tensor<3xi64> {{.*}}, %[[TABLE:[a-z0-9]+]]: tensor<3x8x32xf32>
// CHECK:         arith.constant 70 : index
// CHECK:         arith.constant 1 : i64
// CHECK:         linalg.generic {{.*}} ins(%[[IDS]] : tensor<3xi64>) outs(%{{.+}} : tensor<3x8xf32>)
// CHECK:           %[[COLUMN:.+]] = linalg.index 1 : index
// CHECK:           %[[ROW:.+]] = arith.maxsi
// CHECK:           %[[ROWS:.+]] = arith.constant 32 : index
// CHECK-DAG:       %[[PANEL:.+]] = arith.divui %[[ROW]], %[[ROWS]] : index
// CHECK-DAG:       %[[LANE:.+]] = arith.remui %[[ROW]], %[[ROWS]] : index
// CHECK:           tensor.extract %[[TABLE]][%[[PANEL]], %[[COLUMN]], %[[LANE]]] : tensor<3x8x32xf32>
varve.weight @table : tensor<70x8xf32, #varve.panels<32>>
varve.graph @panels(%ids: tensor<3xi64>) {
  %table = varve.use @table : tensor<70x8xf32, #varve.panels<32>>
  %0 = varve.gather %table, %ids : (tensor<70x8xf32, #varve.panels<32>>, tensor<3xi64>) -> tensor<3x8xf32>
  varve.output
}

// With columns in pairs it is at [r / 32, c / 2, r % 32 * 2 + c % 2].
// CHECK-LABEL: func.func private @pairs(
// CHECK-SAME:    %[[IDS:[a-z0-9]+]]: tensor<3xi64> {{.*}}, %[[TABLE:[a-z0-9]+]]: tensor<3x5x64xbf16>
// CHECK:           %[[COLUMN:.+]] = linalg.index 1 : index
// CHECK:           %[[PANEL:.+]] = arith.divui
// CHECK:           %[[LANE:.+]] = arith.remui
// CHECK:           %[[TWO:.+]] = arith.constant 2 : index
// CHECK-DAG:       %[[FIRST:.+]] = arith.muli %[[LANE]], %[[TWO]] : index
// CHECK-DAG:       %[[ODD:.+]] = arith.remui %[[COLUMN]], %[[TWO]] : index
// CHECK-DAG:       %[[PLACE:.+]] = arith.addi %[[FIRST]], %[[ODD]] : index
// CHECK-DAG:       %[[PAIR:.+]] = arith.divui %[[COLUMN]], %[[TWO]] : index
// CHECK:           tensor.extract %[[TABLE]][%[[PANEL]], %[[PAIR]], %[[PLACE]]] : tensor<3x5x64xbf16>
varve.weight @paired : tensor<70x9xbf16, #varve.panels<32, 2>>
varve.graph @pairs(%ids: tensor<3xi64>) {
  %table = varve.use @paired : tensor<70x9xbf16, #varve.panels<32, 2>>
  %0 = varve.gather %table, %ids : (tensor<70x9xbf16, #varve.panels<32, 2>>, tensor<3xi64>) -> tensor<3x9xbf16>
  varve.output
}

// What a row has in several dimensions is one row of columns.
// CHECK-LABEL: func.func private @panels_of_kernels(
// CHECK:           %[[CHANNEL:.+]] = linalg.index 1 : index
// CHECK:           %[[TAP:.+]] = linalg.index 2 : index
// CHECK:           %[[TAPS:.+]] = arith.constant 3 : index
// CHECK:           %[[FIRST:.+]] = arith.muli %[[CHANNEL]], %[[TAPS]] : index
// CHECK:           %[[COLUMN:.+]] = arith.addi %[[FIRST]], %[[TAP]] : index
// CHECK:           tensor.extract %{{.+}}[%{{.+}}, %[[COLUMN]], %{{.+}}] : tensor<2x12x32xf32>
varve.weight @kernels : tensor<40x4x3xf32, #varve.panels<32>>
varve.graph @panels_of_kernels(%ids: tensor<3xi64>) {
  %kernels = varve.use @kernels : tensor<40x4x3xf32, #varve.panels<32>>
  %0 = varve.gather %kernels, %ids : (tensor<40x4x3xf32, #varve.panels<32>>, tensor<3xi64>) -> tensor<3x4x3xf32>
  varve.output
}

// An axis whose size is known when the program runs may be empty: nothing is read then.
// CHECK-LABEL: func.func private @dynamic_axis(
// CHECK-SAME:    %[[N:[a-z0-9]+]]: index, %{{[a-z0-9]+}}: index, %[[X:[a-z0-9]+]]: tensor<4x?xi8> {{.*}}, %[[ID:[a-z0-9]+]]: tensor<i64>
// CHECK:         %[[INDEX:.+]] = tensor.extract %[[ID]][] : tensor<i64>
// CHECK:         %[[INTO:.+]] = tensor.empty() : tensor<4xi8>
// CHECK:         %[[SOME:.+]] = arith.cmpi sgt, %[[N]], %{{.+}} : index
// CHECK:         scf.if %[[SOME]] -> (tensor<4xi8>) {
// CHECK:           linalg.generic {{.*}} ins(%[[ID]] : tensor<i64>) outs(%[[INTO]] : tensor<4xi8>)
// CHECK:             %[[ROW:.+]] = linalg.index 0 : index
// CHECK:             tensor.extract %[[X]][%[[ROW]], %{{.+}}] : tensor<4x?xi8>
// CHECK:         } else {
// CHECK:           linalg.fill ins(%{{.+}} : i8) outs(%[[INTO]] : tensor<4xi8>)
varve.graph @dynamic_axis(%x: tensor<4x?xi1, #varve.dims<4, n>>, %id: tensor<i64>) {
  %0 = varve.gather %x, %id {axis = -1} : (tensor<4x?xi1, #varve.dims<4, n>>, tensor<i64>) -> tensor<4xi1>
  varve.output
}

// CHECK-LABEL: func.func private @empty_axis(
// CHECK:         func.call @varve.rt.fail
// CHECK-NOT:     tensor.extract
// CHECK:         linalg.fill ins(%{{.+}} : f32) outs(%{{.+}} : tensor<3x2xf32>)
// CHECK-NOT:     linalg.generic
// CHECK:         return
varve.graph @empty_axis(%x: tensor<0x2xf32>, %ids: tensor<3xi64>) {
  %0 = varve.gather %x, %ids : (tensor<0x2xf32>, tensor<3xi64>) -> tensor<3x2xf32>
  varve.output
}

// CHECK-LABEL: func.func private @iota(
// CHECK:         linalg.generic {indexing_maps = [#{{.+}}], iterator_types = ["parallel", "parallel"]} outs(%{{.+}} : tensor<?x4xi64>)
// CHECK:           %[[INDEX:.+]] = linalg.index 0 : index
// CHECK:           %[[PLACE:.+]] = arith.index_cast %[[INDEX]] : index to i64
// CHECK:           linalg.yield %[[PLACE]] : i64
// CHECK:         linalg.generic {{.*}} outs(%{{.+}} : tensor<4xbf16>)
// CHECK:           %[[WIDE:.+]] = arith.sitofp %{{.+}} : i64 to f32
// CHECK:           arith.truncf %[[WIDE]] : f32 to bf16
// CHECK:         linalg.generic {{.*}} outs(%{{.+}} : tensor<4xi8>)
// CHECK:           arith.trunci %{{.+}} : i64 to i8
varve.graph @iota(%x: tensor<?xf32, #varve.dims<seq>>) {
  %0 = varve.iota {shape = #varve.dims<seq, 4>, dtype = i64, axis = 0} : () -> tensor<?x4xi64, #varve.dims<seq, 4>>
  %1 = varve.iota {shape = #varve.dims<4>, dtype = bf16} : () -> tensor<4xbf16>
  %2 = varve.iota {shape = #varve.dims<4>, dtype = ui8} : () -> tensor<4xui8>
  varve.output
}

// CHECK-LABEL: func.func private @take_along_axis(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<3x4xf32> {{.*}}, %[[I:[a-z0-9]+]]: tensor<3x2xi64>
// CHECK:         call @varve.rt.fail
// CHECK:         linalg.generic {{.*}} ins(%[[I]] : tensor<3x2xi64>) outs(%{{.+}} : tensor<3x2xf32>)
// CHECK:           %[[ROW:.+]] = linalg.index 0
// CHECK:           tensor.extract %[[X]][%[[ROW]], %{{.+}}] : tensor<3x4xf32>
varve.graph @take_along_axis(%x: tensor<3x4xf32>, %i: tensor<3x2xi64>) {
  %0 = varve.take_along_axis %x, %i {axis = 1 : i64} : (tensor<3x4xf32>, tensor<3x2xi64>) -> tensor<3x2xf32>
  varve.output
}

// What has an index outside is reported, and written nowhere.
// CHECK-LABEL: func.func private @scatter(
// CHECK-SAME:    %[[X:[a-z0-9]+]]: tensor<5x4xbf16> {{.*}}, %[[I:[a-z0-9]+]]: tensor<2xi32> {{.*}}, %[[U:[a-z0-9]+]]: tensor<2x4xbf16>
// CHECK:         %[[COPY:.+]] = bufferization.materialize_in_destination %[[X]] in %{{.+}} : (tensor<5x4xbf16>
// CHECK:         scf.for %[[N:.+]] = {{.*}} iter_args(%{{.+}} = %[[COPY]])
// CHECK:           scf.for %[[C:.+]] = {{.*}} iter_args(%[[INTO:.+]] = %{{.+}})
// CHECK:             tensor.extract %[[I]][%[[N]]] : tensor<2xi32>
// CHECK:             scf.if %{{.+}} -> (tensor<5x4xbf16>) {
// CHECK:               call @varve.rt.fail
// CHECK:               scf.yield %[[INTO]]
// CHECK:             } else {
// CHECK:               tensor.extract %[[U]][%[[N]], %[[C]]] : tensor<2x4xbf16>
// CHECK:               tensor.extract %[[INTO]][%[[ROW:.+]], %[[C]]] : tensor<5x4xbf16>
// CHECK:               arith.addf %{{.+}}, %{{.+}} : f32
// CHECK:               tensor.insert %{{.+}} into %[[INTO]][%[[ROW]], %[[C]]] : tensor<5x4xbf16>
varve.graph @scatter(%x: tensor<5x4xbf16>, %i: tensor<2xi32>, %u: tensor<2x4xbf16>) {
  %0 = varve.scatter %x, %i, %u {axis = 0 : i64, reduction = "add"} : (tensor<5x4xbf16>, tensor<2xi32>, tensor<2x4xbf16>) -> tensor<5x4xbf16>
  varve.output
}

// CHECK-LABEL: func.func private @put_along_axis(
// CHECK:         tensor.insert %{{.+}} into %{{.+}}[%{{.+}}, %{{.+}}] : tensor<3x4xf32>
varve.graph @put_along_axis(%x: tensor<3x4xf32>, %i: tensor<3x2xi64>, %u: tensor<3x2xf32>) {
  %0 = varve.put_along_axis %x, %i, %u {axis = 1 : i64} : (tensor<3x4xf32>, tensor<3x2xi64>, tensor<3x2xf32>) -> tensor<3x4xf32>
  varve.output
}
