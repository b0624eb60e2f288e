// A layer's function takes pointers and the sizes that are not known, and its weights as one pointer, if they lie next to each other in
// the table of buffers. An entry is the function of its graph, and loads what it needs where it needs it.
// RUN: varve-opt %s --varve-cpu | FileCheck %s
#d = #varve.dims<n, 64>
varve.weight @a.up : tensor<64x64xf32>
varve.weight @a.scale : tensor<64xf32>
varve.weight @b.up : tensor<64x64xf32>
varve.weight @b.scale : tensor<64xf32>

// CHECK: llvm.func @varve_entry_0(%[[CONTEXT:.*]]: !llvm.ptr, %[[BUFFERS:.*]]: !llvm.ptr, %[[DIMS:.*]]: !llvm.ptr, %[[SCRATCH:.*]]: !llvm.ptr)
// CHECK: %[[N:.*]] = llvm.load %[[DIMS]]
// CHECK: %[[X:.*]] = llvm.load %[[BUFFERS]]
// CHECK: %[[A:.*]] = llvm.getelementptr %[[BUFFERS]][1]
// CHECK: llvm.call @B_0(%[[CONTEXT]], %{{.*}}, %[[N]], %[[X]], %[[N]], %[[A]], %{{[^,]*}}, %[[N]], %[[SCRATCH]], %{{[^,]*}}, %{{[^,]*}}) : (!llvm.ptr, i64, i64, !llvm.ptr, i64, !llvm.ptr, !llvm.ptr, i64, !llvm.ptr, i64, i64) -> ()
// CHECK: %[[B:.*]] = llvm.getelementptr %[[BUFFERS]][3]
// CHECK: llvm.call @B_0({{.*}}, %[[B]],
// CHECK: llvm.return
varve.graph @f(%x: tensor<?x64xf32, #d> {varve.name = "x"}) -> tensor<?x64xf32, #d> {
  %0 = varve.layer "a" : "B" -> tensor<?x64xf32, #d> {
    %w = varve.use @a.up : tensor<64x64xf32>
    %s = varve.use @a.scale : tensor<64xf32>
    %1 = varve.linear %x, %w : (tensor<?x64xf32, #d>, tensor<64x64xf32>) -> tensor<?x64xf32, #d>
    %2 = varve.mul %1, %s : (tensor<?x64xf32, #d>, tensor<64xf32>) -> tensor<?x64xf32, #d>
    varve.output %2 : tensor<?x64xf32, #d>
  }
  %1 = varve.layer "b" : "B" -> tensor<?x64xf32, #d> {
    %w = varve.use @b.up : tensor<64x64xf32>
    %s = varve.use @b.scale : tensor<64xf32>
    %2 = varve.linear %0, %w : (tensor<?x64xf32, #d>, tensor<64x64xf32>) -> tensor<?x64xf32, #d>
    %3 = varve.mul %2, %s : (tensor<?x64xf32, #d>, tensor<64xf32>) -> tensor<?x64xf32, #d>
    varve.output %3 : tensor<?x64xf32, #d>
  }
  varve.output %1 : tensor<?x64xf32, #d>
}
// CHECK-NOT: llvm.func @f(
// CHECK: llvm.func @B_0(%{{[^,]*}}: !llvm.ptr, %{{[^,]*}}: i64, %{{[^,]*}}: i64, %{{[^,]*}}: !llvm.ptr, %{{[^,]*}}: i64, %[[WEIGHTS:[^,]*]]: !llvm.ptr,
// CHECK-DAG: llvm.load %[[WEIGHTS]]
// CHECK-DAG: %[[SCALE:.*]] = llvm.getelementptr %[[WEIGHTS]][1]
// CHECK-DAG: llvm.load %[[SCALE]]
