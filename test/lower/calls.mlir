// A layer's function takes pointers and the sizes that are not known; an entry is the function of its graph, and loads what it needs where
// it needs it. So the time that LLVM takes for a call does not grow with the numbers in descriptors.
// RUN: varve-opt %s --varve-cpu | FileCheck %s
#d = #varve.dims<n, 64>
varve.weight @a.up : tensor<64x64xf32>
varve.weight @a.scale : tensor<64xf32>
varve.weight @b.up : tensor<64x64xf32>
varve.weight @b.scale : tensor<64xf32>

// CHECK: llvm.func @varve_entry_0(%[[CONTEXT:.*]]: !llvm.ptr, %[[BUFFERS:.*]]: !llvm.ptr, %[[DIMS:.*]]: !llvm.ptr, %[[SCRATCH:.*]]: !llvm.ptr)
// CHECK: %[[N:.*]] = llvm.load %[[DIMS]]
// CHECK: %[[X:.*]] = llvm.load %[[BUFFERS]]
// CHECK: %[[UP_PLACE:.*]] = llvm.getelementptr %[[BUFFERS]][1]
// CHECK: %[[UP:.*]] = llvm.load %[[UP_PLACE]]
// CHECK: llvm.call @B_0(%[[CONTEXT]], %{{.*}}, %[[N]], %[[X]], %[[N]], %[[UP]], %{{[^,]*}}, %{{[^,]*}}, %[[N]], %[[SCRATCH]], %{{[^,]*}}, %{{[^,]*}}) : (!llvm.ptr, i64, i64, !llvm.ptr, i64, !llvm.ptr, !llvm.ptr, !llvm.ptr, i64, !llvm.ptr, i64, i64) -> ()
// CHECK: %[[B_UP_PLACE:.*]] = llvm.getelementptr %[[BUFFERS]][3]
// CHECK: llvm.call @B_0
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
// CHECK: llvm.func @B_0(
