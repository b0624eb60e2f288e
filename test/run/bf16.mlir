// RUN: varve-run %s --dim n=21 --input iota | FileCheck %s
// RUN: varve-run %s --dim n=21 --input iota --cpu x86-64-v3 | FileCheck %s
// RUN: varve-run %s --dim n=21 --input iota --cpu x86-64-v4 --save %t.varve

// A rest of a bf16 vector is loaded and stored on machines that have no instruction for it; LLVM's library functions for
// that are not linked.
// CHECK: y: bf16 [21]
// CHECK: [ 0, 2, 4, {{.*}}38, 40]
varve.graph @f(%x: tensor<?xbf16, #varve.dims<n>> {varve.name = "x"}) -> (tensor<?xbf16, #varve.dims<n>> {varve.name = "y"}) {
  %y = varve.add %x, %x : (tensor<?xbf16, #varve.dims<n>>, tensor<?xbf16, #varve.dims<n>>) -> tensor<?xbf16, #varve.dims<n>>
  varve.output %y : tensor<?xbf16, #varve.dims<n>>
}
