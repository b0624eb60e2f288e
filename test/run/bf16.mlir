// RUN: varve-run %s --entry f --dim n=21 --input iota | FileCheck %s
// RUN: varve-run %s --entry f --dim n=21 --input iota --cpu x86-64-v3 | FileCheck %s
// RUN: varve-run %s --entry pad --dim n=3 --input iota --cpu x86-64-v3 | FileCheck %s --check-prefix=PAD
// RUN: varve-run %s --cpu sapphirerapids --save %t.varve
// RUN: varve-run %t.varve --summary | FileCheck %s --check-prefix=SAVED

// A rest of a bf16 vector is loaded and stored on machines that have no instruction for it; LLVM's library functions for
// that are not linked.
// CHECK: y: bf16 [21]
// CHECK: [ 0, 2, 4, {{.*}}38, 40]
varve.graph @f(%x: tensor<?xbf16, #varve.dims<n>> {varve.name = "x"}) -> (tensor<?xbf16, #varve.dims<n>> {varve.name = "y"}) {
  %y = varve.add %x, %x : (tensor<?xbf16, #varve.dims<n>>, tensor<?xbf16, #varve.dims<n>>) -> tensor<?xbf16, #varve.dims<n>>
  varve.output %y : tensor<?xbf16, #varve.dims<n>>
}

// Code for another CPU is made on any.
// SAVED: for sapphirerapids

// PAD: y: bf16 [5]
// PAD: [7, 0, 1, 2, 7]
varve.graph @pad(%x: tensor<?xbf16, #varve.dims<n>> {varve.name = "x"}) -> (tensor<?xbf16, #varve.dims<n + 2>> {varve.name = "y"}) {
  %seven = varve.constant dense<7.0> : tensor<bf16>
  %y = varve.pad %x, %seven {low = #varve.dims<1>, high = #varve.dims<1>} : (tensor<?xbf16, #varve.dims<n>>, tensor<bf16>) -> tensor<?xbf16, #varve.dims<n + 2>>
  varve.output %y : tensor<?xbf16, #varve.dims<n + 2>>
}
