// What is switched off costs nothing: without its hooks a program is the one that never had any.

// RUN: split-file %s %t
// RUN: varve-opt %t/hooked.mlir --varve-strip-hooks --canonicalize -o %t/stripped.mlir
// RUN: varve-opt %t/plain.mlir --canonicalize -o %t/never.mlir
// RUN: diff %t/stripped.mlir %t/never.mlir
// RUN: FileCheck %s < %t/stripped.mlir
// RUN: varve-opt %t/plain.mlir "--varve-insert-hooks=kind=statistics" --varve-strip-hooks --canonicalize \
// RUN:   -o %t/inserted.mlir
// RUN: diff %t/inserted.mlir %t/never.mlir
// RUN: varve-opt %t/hooked.mlir --varve-strip-hooks --varve-shape -o %t/stripped.mlir
// RUN: varve-opt %t/plain.mlir --varve-shape -o %t/never.mlir
// RUN: diff %t/stripped.mlir %t/never.mlir

// CHECK-NOT: varve.print
// CHECK-NOT: varve.identity
// CHECK:     varve.layer "act" : "Act" -> tensor<4xf32>
// CHECK-NOT: "probe"

//--- hooked.mlir
!x = tensor<4xf32>
varve.weight @w : tensor<4x4xf32>
varve.graph @f(%x: !x) -> !x {
  varve.print %x, "x" : !x
  // The inner value is handed out for a hook alone.
  %0:2 = varve.layer "act" : "Act" -> !x, !x {
    %1 = varve.silu %x : (!x) -> !x
    %2 = varve.identity %1 {tag = "hidden"} : (!x) -> !x
    %3 = varve.identity %2 : (!x) -> !x
    %w = varve.use @w : tensor<4x4xf32>
    %4 = varve.linear %3, %w : (!x, tensor<4x4xf32>) -> !x
    varve.print %4, "out" {style = "statistics"} : !x
    varve.output %4, %2 : !x, !x
  }
  varve.print %0#1, "kept" : !x
  varve.layer "probe" : "Probe" {
    %5 = varve.exp %x : (!x) -> !x
    varve.print %5, "exp" : !x
  }
  %6 = varve.identity %0#0 : (!x) -> !x
  varve.output %6 : !x
}

//--- plain.mlir
!x = tensor<4xf32>
varve.weight @w : tensor<4x4xf32>
varve.graph @f(%x: !x) -> !x {
  %0 = varve.layer "act" : "Act" -> !x {
    %1 = varve.silu %x : (!x) -> !x
    %w = varve.use @w : tensor<4x4xf32>
    %4 = varve.linear %1, %w : (!x, tensor<4x4xf32>) -> !x
    varve.output %4 : !x
  }
  varve.output %0 : !x
}
