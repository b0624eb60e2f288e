// What a program prints goes to stderr, with the path of its layer, before the outputs.
// RUN: varve-run %s --input iota 2>&1 >/dev/null | FileCheck %s
// RUN: varve-run %s --input iota 2>/dev/null | FileCheck %s --check-prefix=OUT

// CHECK: blocks.0.inner.value f32 [2, 2]
// CHECK-NEXT: {{\[\[0, 1\],}}
// CHECK-NEXT: {{ \[2, 3\]\]}}
// CHECK-NEXT: blocks.1.inner.value f32 [2, 2]
// CHECK-NEXT: {{\[\[0, 2\],}}
// CHECK-NEXT: {{ \[4, 6\]\]}}
// CHECK-NEXT: sum f32 [2, 2]
// CHECK-NEXT: count 4, min 0, max 12, mean 6, std 4.47214, nan 0, inf 0
// CHECK-NOT: {{.}}
// OUT: output0: f32 [2, 2]
// OUT-NEXT: {{\[\[ 0,  4\],}}
// OUT-NEXT: {{ \[ 8, 12\]\]}}
// OUT-NOT: {{.}}
varve.graph @f(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %0 = varve.layer "blocks.0" : "Block" -> tensor<2x2xf32> {
    %2 = varve.layer "inner" : "Inner" -> tensor<2x2xf32> {
      varve.print %x, "value" : tensor<2x2xf32>
      %3 = varve.add %x, %x : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
      varve.output %3 : tensor<2x2xf32>
    }
    varve.output %2 : tensor<2x2xf32>
  }
  %1 = varve.layer "blocks.1" : "Block" -> tensor<2x2xf32> {
    %2 = varve.layer "inner" : "Inner" -> tensor<2x2xf32> {
      varve.print %0, "value" : tensor<2x2xf32>
      %3 = varve.add %0, %0 : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
      varve.output %3 : tensor<2x2xf32>
    }
    varve.output %2 : tensor<2x2xf32>
  }
  varve.print %1, "sum" {style = "statistics"} : tensor<2x2xf32>
  varve.output %1 : tensor<2x2xf32>
}
