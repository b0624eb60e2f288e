// Where the time goes, by layer and op; and the last run as a trace.
// RUN: varve-run %s --weights random --dim n=9 --input random --time 3 --profile=%t.json | FileCheck %s
// RUN: python3 -c "import json, sys; t = json.load(open(sys.argv[1])); print(sorted({e['name'] for e in t['traceEvents'] if e['ph'] == 'X' and e['tid'] == 1}))" %t.json | FileCheck %s --check-prefix=TRACE
// RUN: varve-run %s --save %t.varve
// RUN: not varve-run %t.varve --weights random --dim n=9 --input random --profile 2>&1 | FileCheck %s --check-prefix=OTHER

// CHECK: threads: {{[0-9]+}}
// CHECK-NEXT: machine: {{[0-9.]+}} GFLOP/s of f32, {{([0-9.]+ of (bf16|int8), )*[0-9.]+}} GB/s from memory
// CHECK-NEXT: memory: scratch {{[0-9.]+}} MB, state 0 MB, weights 0 MB where they are and 0.008 MB packed, most resident {{[0-9.]+}} MB
// CHECK-EMPTY:
// CHECK-NEXT: entry f: 3 runs of {{[0-9.]+}} ms, {{[0-9.]+}} % of it in these ops
// CHECK-EMPTY:
// CHECK-NEXT: layer {{ *}}op {{ *}}calls {{ *}}ms {{ *}}% {{ *}}MFLOP {{ *}}MB {{ *}}GFLOP/s {{ *}}GB/s  % of roofline
// CHECK-DAG: {{^}}- {{ *}}linear + silu {{ *}}1 {{ *[0-9.]+ *[0-9.]+ *}}0.037 {{ *}}0.012 {{ *[0-9.]+ *[0-9.]+ *[0-9]+}}
// CHECK-DAG: {{^}}- {{ *}}linear {{ *}}1 {{ *[0-9.]+ *[0-9.]+ *}}0.005 {{ *}}0.001 
// CHECK-DAG: {{^}}- {{ *}}matmul + transpose {{ *}}1 {{ *[0-9.]+ *[0-9.]+ *}}0.005 {{ *}}0.003 
// CHECK: ----
// CHECK-NEXT: total
// CHECK-EMPTY:
// CHECK-NEXT: without a fast path:
// CHECK-DAG: {{[0-9.]+}} %  linear: a product in plain loops: its weight is computed, or read by other than products and row lookups, so that it is not packed ({{.*}}profile.mlir:{{[0-9]+}})
// TRACE: ['f', 'linear', 'linear + silu', 'matmul + transpose']
// OTHER: varve-run: error: expects code that was compiled to be profiled (CompileOptions::profile), but got code that was not
#n = #varve.dims<n, 64>
#m = #varve.dims<n, 32>
#t = #varve.dims<32, n>
varve.weight @w : tensor<32x64xf32>
varve.graph @f(%x: tensor<?x64xf32, #n> {varve.name = "x"}) -> (tensor<?x?xf32, #varve.dims<n, n>> {varve.name = "y"}, tensor<32x?xf32, #t> {varve.name = "t"}, tensor<?x?xf32, #varve.dims<n, n>> {varve.name = "z"}) {
  %w = varve.use @w : tensor<32x64xf32>
  %0 = varve.linear %x, %w : (tensor<?x64xf32, #n>, tensor<32x64xf32>) -> tensor<?x32xf32, #m>
  %1 = varve.silu %0 : (tensor<?x32xf32, #m>) -> tensor<?x32xf32, #m>
  %2 = varve.transpose %1 {permutation = array<i64: 1, 0>} : (tensor<?x32xf32, #m>) -> tensor<32x?xf32, #t>
  %3 = varve.matmul %1, %2 : (tensor<?x32xf32, #m>, tensor<32x?xf32, #t>) -> tensor<?x?xf32, #varve.dims<n, n>>
  %4 = varve.linear %1, %1 : (tensor<?x32xf32, #m>, tensor<?x32xf32, #m>) -> tensor<?x?xf32, #varve.dims<n, n>>
  varve.output %3, %2, %4 : tensor<?x?xf32, #varve.dims<n, n>>, tensor<32x?xf32, #t>, tensor<?x?xf32, #varve.dims<n, n>>
}
