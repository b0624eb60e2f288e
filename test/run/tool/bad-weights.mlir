// A checkpoint that is missing, damaged, or not this model's.
// RUN: varve-run %s --entry f --weights random --save-weights %t.safetensors
// RUN: varve-run %s --entry g --weights random --save-weights %t.g.safetensors --summary
// RUN: varve-run %s --entry f --weights %t.safetensors
// RUN: not varve-run %s --entry f --weights %t.none 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: head -c 200 %t.safetensors > %t.cut.safetensors
// RUN: not varve-run %s --entry f --weights %t.cut.safetensors 2>&1 | FileCheck %s --check-prefix=CUT
// RUN: head -c 5 %t.safetensors > %t.short.safetensors
// RUN: not varve-run %s --entry f --weights %t.short.safetensors 2>&1 | FileCheck %s --check-prefix=SHORT
// RUN: sed -e s/tensor.5x3xf32./tensor\<3x5xf32\>/g -e s/tensor.4xbf16./tensor\<4xf16\>/g -e s/@b/@c/g %s > %t.other.mlir
// RUN: not varve-run %t.other.mlir --entry f --weights %t.safetensors 2>&1 | FileCheck %s --check-prefix=OTHER

// NONE: varve-run: error: {{.*}}.none: expects {{.*}}, but got
// CUT: varve-run: error: {{.*}}.cut.safetensors: {{.*}}expects
// SHORT: varve-run: error: {{.*}}.short.safetensors: expects {{.*}}, but got a file of 5 bytes
// OTHER: varve-run: error: expects a value for each of the 3 weights, but got 3 that cannot be bound:
// OTHER-NEXT: weight 'w' ({{.*}}) expects f32 [3, 5], but got f32 [5, 3] (transposed?)
// OTHER-NEXT: weight 'h' ({{.*}}) expects f16 [4], but got bf16 [4]
// OTHER-NEXT: weight 'c' ({{.*}}) expects f32 [2], but got none
varve.weight @w : tensor<5x3xf32>
varve.weight @h : tensor<4xbf16>
varve.weight @b : tensor<2xf32>
varve.graph @f() -> (tensor<5x3xf32>, tensor<4xbf16>, tensor<2xf32>) {
  %0 = varve.use @w : tensor<5x3xf32>
  %1 = varve.use @h : tensor<4xbf16>
  %2 = varve.use @b : tensor<2xf32>
  varve.output %0, %1, %2 : tensor<5x3xf32>, tensor<4xbf16>, tensor<2xf32>
}
varve.graph @g() {
  varve.output
}
