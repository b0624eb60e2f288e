// RUN: varve-opt %s -split-input-file --varve-convert-to-linalg | FileCheck %s

// The arguments: context, call site, all dimensions of the module, the graph's own, its weights in the order of their
// declaration, and memory for each result. Nothing that comes in is written to.

// CHECK:       module attributes {varve.dims = ["past", "seq"]} {
// CHECK-LABEL: func.func private @entry(
// CHECK-SAME:    %[[CONTEXT:[a-z0-9]+]]: !llvm.ptr, %{{[a-z0-9]+}}: i64, %[[PAST:[a-z0-9]+]]: index, %[[SEQ:[a-z0-9]+]]: index,
// CHECK-SAME:    %{{[a-z0-9]+}}: tensor<i64> {bufferization.writable = false}, %[[X:[a-z0-9]+]]: tensor<?x8xf32> {bufferization.writable = false}, %[[C:[a-z0-9]+]]: memref<1x16xi8>,
// CHECK-SAME:    %[[W:[a-z0-9]+]]: tensor<2x8x4xf32> {bufferization.writable = false}, %[[B:[a-z0-9]+]]: tensor<5xf32> {bufferization.writable = false},
// CHECK-SAME:    %[[Y:[a-z0-9]+]]: memref<?x5xf32>)
// CHECK-SAME:    varve.entry = 0 : i64
// CHECK-SAME:    varve.slots = array<i64: 0, 1, 4, 2, 3, 5>, varve.symbols = ["past", "seq"]
// A call site has a number; the caller gives the memory of the results.
// CHECK:         %[[SITE:.+]] = arith.constant 1 : i64
// CHECK:         %[[FIRST:.+]] = memref.alloc(%[[SEQ]]) : memref<?x5xf32>
// CHECK:         call @Linear_0(%[[CONTEXT]], %[[SITE]], %[[PAST]], %[[SEQ]], %[[X]], %[[W]], %[[B]], %[[FIRST]])
// CHECK:         bufferization.to_tensor %[[FIRST]] restrict
// CHECK:         %[[SITE:.+]] = arith.constant 2 : i64
// CHECK:         %[[SECOND:.+]] = memref.alloc(%[[SEQ]]) : memref<?x5xf32>
// CHECK:         call @Linear_0(%[[CONTEXT]], %[[SITE]], {{.*}}, %[[SECOND]])
// CHECK:         %[[RESULT:.+]] = bufferization.to_tensor %[[SECOND]] restrict
// CHECK:         bufferization.materialize_in_destination %[[RESULT]] in restrict writable %[[Y]]
// CHECK-NEXT:    return
// CHECK-LABEL: func.func private @Linear_0(
// CHECK-SAME:    !llvm.ptr, {{.*}}: i64, {{.*}}: index, {{.*}}: index, {{.*}}: tensor<?x8xf32> {{.*}}: tensor<2x8x4xf32> {{.*}}: tensor<5xf32> {{.*}}, %[[Y:[a-z0-9]+]]: memref<?x5xf32>) {
// CHECK:         bufferization.materialize_in_destination %{{.+}} in restrict writable %[[Y]]
// CHECK-NEXT:    return
// CHECK-NOT:     varve.weight
varve.weight @unused : tensor<2xf32>
varve.weight @w : tensor<5x8xf32, #varve.panels<4>>
varve.weight @b : tensor<5xf32>
varve.graph @entry(%past: tensor<i64> {varve.dim = "past"}, %x: tensor<?x8xf32, #varve.dims<seq, 8>> {varve.name = "x"}, %c: !varve.buffer<1x16xi1> {varve.name = "c"}) -> (tensor<?x5xf32, #varve.dims<seq, 5>> {varve.name = "y"}) {
  %b = varve.use @b : tensor<5xf32>
  %w = varve.use @w : tensor<5x8xf32, #varve.panels<4>>
  %0 = func.call @Linear_0(%x, %w, %b) : (tensor<?x8xf32, #varve.dims<seq, 8>>, tensor<5x8xf32, #varve.panels<4>>, tensor<5xf32>) -> tensor<?x5xf32, #varve.dims<seq, 5>>
  %1 = func.call @Linear_0(%x, %w, %b) : (tensor<?x8xf32, #varve.dims<seq, 8>>, tensor<5x8xf32, #varve.panels<4>>, tensor<5xf32>) -> tensor<?x5xf32, #varve.dims<seq, 5>>
  varve.output %1 : tensor<?x5xf32, #varve.dims<seq, 5>>
}
func.func private @Linear_0(%x: tensor<?x8xf32, #varve.dims<seq, 8>>, %w: tensor<5x8xf32, #varve.panels<4>>, %b: tensor<5xf32>) -> tensor<?x5xf32, #varve.dims<seq, 5>> {
  %0 = varve.linear %x, %w : (tensor<?x8xf32, #varve.dims<seq, 8>>, tensor<5x8xf32, #varve.panels<4>>) -> tensor<?x5xf32, #varve.dims<seq, 5>>
  %1 = varve.add %0, %b : (tensor<?x5xf32, #varve.dims<seq, 5>>, tensor<5xf32>) -> tensor<?x5xf32, #varve.dims<seq, 5>>
  return %1 : tensor<?x5xf32, #varve.dims<seq, 5>>
}

// -----

// Equal elements are filled in, so that they melt into what uses them; others are data. i1 and ui8 are stored as i8.
// CHECK-LABEL: func.func private @constants(
// CHECK:         %[[FOUR:.+]] = arith.constant 4.000000e+00 : bf16
// CHECK:         linalg.fill ins(%[[FOUR]] : bf16) outs(%{{.+}} : tensor<2x2xbf16>)
// CHECK:         %[[TRUE:.+]] = arith.constant 1 : i8
// CHECK:         linalg.fill ins(%[[TRUE]] : i8) outs(%{{.+}} : tensor<2xi8>)
// CHECK:         arith.constant dense<[1, 0, 1]> : tensor<3xi8>
// CHECK:         arith.constant dense<[-56, 3]> : tensor<2xi8>
// CHECK:         arith.constant dense<> : tensor<0xf32>
varve.graph @constants() -> (tensor<2x2xbf16>, tensor<2xi1>, tensor<3xi1>, tensor<2xui8>, tensor<0xf32>) {
  %0 = varve.constant dense<4.0> : tensor<2x2xbf16>
  %1 = varve.constant dense<true> : tensor<2xi1>
  %2 = varve.constant dense<[true, false, true]> : tensor<3xi1>
  %3 = varve.constant dense<[200, 3]> : tensor<2xui8>
  %4 = varve.constant dense<> : tensor<0xf32>
  varve.output %0, %1, %2, %3, %4 : tensor<2x2xbf16>, tensor<2xi1>, tensor<3xi1>, tensor<2xui8>, tensor<0xf32>
}

// -----

// A load is the buffer itself, a store is one copy into its slice.
// CHECK-LABEL: func.func private @buffers(
// CHECK-SAME:    %[[PAST:[a-z0-9]+]]: index, %[[SEQ:[a-z0-9]+]]: index, %[[X:[a-z0-9]+]]: tensor<1x?x4xf32> {{.*}}, %[[CACHE:[a-z0-9]+]]: memref<1x64x4xf32>, %{{[a-z0-9]+}}: tensor<i64> {{.*}}, %[[Y:[a-z0-9]+]]: memref<1x?x4xf32>)
// CHECK:         %[[SLICE:.+]] = memref.subview %[[CACHE]][0, %[[PAST]], 0] [1, %[[SEQ]], 4] [1, 1, 1]
// CHECK:         %[[SOURCE:.+]] = bufferization.to_buffer %[[X]] read_only
// CHECK:         memref.copy %[[SOURCE]], %[[SLICE]]
// CHECK-NOT:     memref.copy
// CHECK:         %[[ALL:.+]] = bufferization.to_tensor %[[CACHE]] restrict : memref<1x64x4xf32> to tensor<1x64x4xf32>
// CHECK:         %[[SEEN:.+]] = tensor.extract_slice %[[ALL]][0, 0, 0] [1, %{{.+}}, 4] [1, 1, 1]
// CHECK:         bufferization.materialize_in_destination %[[SEEN]] in restrict writable %[[Y]]
varve.graph @buffers(%x: tensor<1x?x4xf32, #varve.dims<1, seq, 4>>, %cache: !varve.buffer<1x64x4xf32> {varve.name = "cache"}, %past: tensor<i64> {varve.dim = "past"}) -> tensor<1x?x4xf32, #varve.dims<1, past + seq, 4>> {
  %nothing = varve.constant dense<> : tensor<1x0x4xf32>
  varve.buffer.store %x, %cache offsets(0, past, 0) : tensor<1x?x4xf32, #varve.dims<1, seq, 4>>, !varve.buffer<1x64x4xf32>
  varve.buffer.store %nothing, %cache offsets(0, 64, 0) : tensor<1x0x4xf32>, !varve.buffer<1x64x4xf32>
  %0 = varve.buffer.load %cache : (!varve.buffer<1x64x4xf32>) -> tensor<1x64x4xf32>
  %1 = varve.slice %0 {starts = #varve.dims<0, 0, 0>, ends = #varve.dims<1, past + seq, 4>, steps = array<i64: 1, 1, 1>} : (tensor<1x64x4xf32>) -> tensor<1x?x4xf32, #varve.dims<1, past + seq, 4>>
  varve.output %1 : tensor<1x?x4xf32, #varve.dims<1, past + seq, 4>>
}

// -----

// What is printed is made contiguous; each type of elements has a declaration.
// CHECK-DAG:   func.func private @varve.rt.print.f32(!llvm.ptr, i64, i64, memref<*xf32>)
// CHECK-DAG:   func.func private @varve.rt.print.bf16(!llvm.ptr, i64, i64, memref<*xbf16>)
// CHECK-LABEL: func.func private @print(
// CHECK-SAME:    %[[CONTEXT:[a-z0-9]+]]: !llvm.ptr, %[[SITE:[a-z0-9]+]]: i64, %{{[a-z0-9]+}}: index, %[[X:[a-z0-9]+]]: tensor<?xbf16>
// CHECK:         %[[NUMBER:.+]] = arith.constant 0 : i64
// CHECK:         %[[COPY:.+]] = linalg.copy ins(%[[X]] : tensor<?xbf16>)
// CHECK:         %[[MEMORY:.+]] = bufferization.to_buffer %[[COPY]] read_only
// CHECK:         %[[ANY:.+]] = memref.cast %[[MEMORY]] : memref<?xbf16> to memref<*xbf16>
// CHECK:         call @varve.rt.print.bf16(%[[CONTEXT]], %[[SITE]], %[[NUMBER]], %[[ANY]])
// CHECK:         %[[NUMBER:.+]] = arith.constant 1 : i64
// CHECK:         call @varve.rt.print.f32(%[[CONTEXT]], %[[SITE]], %[[NUMBER]], %{{.+}})
// Integers are finite.
// CHECK-NOT:     call
varve.graph @print(%x: tensor<?xbf16, #varve.dims<seq>>, %y: tensor<2xf32>) {
  varve.print %x, "x" : tensor<?xbf16, #varve.dims<seq>>
  varve.print %y, "y" : tensor<2xf32>
  %n = varve.constant dense<[1, 2]> : tensor<2xi64>
  varve.print %n, "n" {style = "finite"} : tensor<2xi64>
  varve.output
}

// -----

// A tap is a branch; what follows goes on with the operand. Each has its own number, apart from those of prints.
// CHECK-LABEL: func.func private @tap(
// CHECK-SAME:    %[[CONTEXT:[a-z0-9]+]]: !llvm.ptr, %[[SITE:[a-z0-9]+]]: i64, %{{[a-z0-9]+}}: index, %[[X:[a-z0-9]+]]: tensor<?xf32>
// CHECK:         call @varve.rt.print.f32
// CHECK:         %[[NUMBER:.+]] = arith.constant 0 : i64
// CHECK:         %[[ON:.+]] = call @varve.rt.tapped(%[[CONTEXT]], %[[NUMBER]]) : (!llvm.ptr, i64) -> i1
// CHECK-NEXT:    scf.if %[[ON]] {
// CHECK:           %[[COPY:.+]] = linalg.copy ins(%[[X]] : tensor<?xf32>)
// CHECK:           %[[MEMORY:.+]] = bufferization.to_buffer %[[COPY]] read_only
// CHECK:           %[[ANY:.+]] = memref.cast %[[MEMORY]]
// CHECK:           func.call @varve.rt.tap.f32(%[[CONTEXT]], %[[SITE]], %[[NUMBER]], %[[ANY]])
// CHECK-NEXT:    }
// CHECK:         %[[NUMBER:.+]] = arith.constant 1 : i64
// CHECK:         call @varve.rt.tapped(%[[CONTEXT]], %[[NUMBER]])
// CHECK:         bufferization.materialize_in_destination %[[X]] in
varve.graph @tap(%x: tensor<?xf32, #varve.dims<n>>) -> tensor<?xf32, #varve.dims<n>> {
  varve.print %x, "x" : tensor<?xf32, #varve.dims<n>>
  %0 = varve.identity %x {tag = "a"} : (tensor<?xf32, #varve.dims<n>>) -> tensor<?xf32, #varve.dims<n>>
  %1 = varve.identity %0 {tag = "b"} : (tensor<?xf32, #varve.dims<n>>) -> tensor<?xf32, #varve.dims<n>>
  varve.output %1 : tensor<?xf32, #varve.dims<n>>
}

// -----

// CHECK-LABEL: func.func private @names(
// CHECK-SAME:    %[[M:[a-z0-9]+]]: index, %[[N:[a-z0-9]+]]: index, %[[X:[a-z0-9]+]]: tensor<?xf32>
// CHECK:         tensor.cast %[[X]] : tensor<?xf32> to tensor<4xf32>
// CHECK:         %[[TWICE:.+]] = arith.muli %[[N]], %{{.+}} : index
// CHECK:         %[[SUM:.+]] = arith.addi %[[M]], %[[TWICE]] : index
// CHECK:         %[[VALUE:.+]] = arith.index_cast %[[SUM]] : index to i64
// CHECK:         linalg.fill ins(%[[VALUE]] : i64) outs(%{{.+}} : tensor<i64>)
// CHECK:         bufferization.materialize_in_destination %[[X]] in
varve.graph @names(%x: tensor<?xf32, #varve.dims<n>>, %y: tensor<?xf32, #varve.dims<m>>) -> (tensor<?xf32, #varve.dims<m>>, tensor<4xf32>, tensor<i64>) {
  %0 = varve.rebind %x, "x and y are pairs" : tensor<?xf32, #varve.dims<n>> to tensor<?xf32, #varve.dims<m>>
  %1 = varve.identity %0 : (tensor<?xf32, #varve.dims<m>>) -> tensor<?xf32, #varve.dims<m>>
  %2 = varve.rebind %x, "four" : tensor<?xf32, #varve.dims<n>> to tensor<4xf32>
  %3 = varve.dim <m + 2*n>
  varve.output %1, %2, %3 : tensor<?xf32, #varve.dims<m>>, tensor<4xf32>, tensor<i64>
}

// -----

// What is lowered already stays as it is; upstream's dialects may be there.
// CHECK-LABEL: func.func private @lowered(
// CHECK-SAME:    %{{.+}}: !llvm.ptr, %{{.+}}: i64)
// CHECK-NEXT:    return
func.func private @lowered(%context: !llvm.ptr, %site: i64) {
  return
}
