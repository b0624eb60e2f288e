// What is switched off costs nothing: without its hooks a program is the one that never had any.

// RUN: split-file %s %t
// RUN: varve-opt %t/hooked.mlir --varve-strip-hooks --canonicalize -o %t/stripped.mlir
// RUN: varve-opt %t/plain.mlir --canonicalize -o %t/never.mlir
// RUN: diff %t/stripped.mlir %t/never.mlir
// RUN: FileCheck %s < %t/stripped.mlir
// RUN: varve-opt %t/plain.mlir "--varve-insert-hooks" "--varve-insert-hooks=kind=stats" \
// RUN:   "--varve-insert-hooks=kind=check-finite" "--varve-insert-hooks=kind=dump folder=a" \
// RUN:   "--varve-insert-hooks=kind=compare folder=a rtol=1e-3" "--varve-insert-hooks=kind=tap" -o %t/every.mlir
// RUN: FileCheck %s --check-prefix=EVERY < %t/every.mlir
// RUN: varve-opt %t/every.mlir --varve-strip-hooks --canonicalize -o %t/inserted.mlir
// RUN: diff %t/inserted.mlir %t/never.mlir
// RUN: varve-opt %t/hooked.mlir --varve-strip-hooks --varve-shape -o %t/stripped.mlir
// RUN: varve-opt %t/plain.mlir --varve-shape -o %t/never.mlir
// RUN: diff %t/stripped.mlir %t/never.mlir

// EVERY:      varve.print %{{.+}}, "output" : tensor<4xf32>
// EVERY-NEXT: varve.print %{{.+}}, "output" {style = "statistics"}
// EVERY-NEXT: varve.print %{{.+}}, "output" {style = "finite"}
// EVERY-NEXT: varve.print %{{.+}}, "output" {style = "dump", to = "a"}
// EVERY-NEXT: varve.print %{{.+}}, "output" {rtol = 1.000000e-03 : f64, style = "compare", to = "a"}
// EVERY-NEXT: varve.identity %{{.+}} {tag = "output"}
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
  // A layer that only hands on what it is given was nothing before it was tapped.
  %7 = varve.layer "dropout" : "Dropout" -> !x {
    %8 = varve.identity %0#0 {tag = "output"} : (!x) -> !x
    varve.output %8 : !x
  }
  %6 = varve.identity %7 : (!x) -> !x
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
