// RUN: varve-opt %s --varve-cpu-lower-kernels=vnni | FileCheck %s --check-prefixes=CHECK,VNNI
// RUN: varve-opt %s --varve-cpu-lower-kernels | FileCheck %s --check-prefixes=CHECK,PLAIN
// RUN: varve-opt %s --varve-cpu-lower-kernels='lanes=8 rows=3' | FileCheck %s --check-prefix=EIGHT
// The dot product of bytes where the machine has it, or products of pairs, or arithmetic: all give the same integers.

// CHECK-LABEL: func.func @product(
// CHECK:         call @[[QUANTIZE:varve.quantize.[0-9]+]](
// CHECK:         call @[[PRODUCT:varve.product.[0-9]+]](
// CHECK:       func.func private @[[QUANTIZE]](
// CHECK:         math.roundeven %{{.+}} : vector<16xf32>
// CHECK:       func.func private @[[PRODUCT]](
// VNNI:          llvm.call_intrinsic "llvm.x86.avx512.vpdpbusd.512"
// PLAIN-NOT:     llvm.call_intrinsic
// PLAIN:         arith.muli %{{.+}}, %{{.+}} : vector<16xi32>
// EIGHT-LABEL: func.func private @varve.product
// EIGHT:         llvm.call_intrinsic "llvm.x86.avx2.psign.b"(
// EIGHT:         %[[PAIRS:.+]] = llvm.call_intrinsic "llvm.x86.avx2.pmadd.ub.sw"(
// EIGHT:         llvm.call_intrinsic "llvm.x86.avx2.pmadd.wd"(%[[PAIRS]], %{{.+}})
// Many rows have signs from a shuffle.
// EIGHT:         %[[SIGNED:.+]] = llvm.call_intrinsic "llvm.x86.avx2.pshuf.b"(
// EIGHT:         llvm.call_intrinsic "llvm.x86.avx2.pmadd.ub.sw"(%{{.+}}, %[[SIGNED]])
func.func @product(%context: !llvm.ptr, %x: memref<4x32xf32>, %p: memref<1x120xi32>, %w: memref<1x1x544xi8>, %y: memref<4x16xf32>) {
  varve_cpu.quantize %x into %p {encoding = "q8_0"} : (memref<4x32xf32>, memref<1x120xi32>) -> ()
  varve_cpu.product %p, %w row %x into %y attributes {encoding = "q8_0"} {
  ^bb0(%sum: f32):
    varve_cpu.yield %sum : f32
  } : (memref<1x120xi32>, memref<1x1x544xi8>, memref<4x32xf32>, memref<4x16xf32>) -> ()
  return
}
