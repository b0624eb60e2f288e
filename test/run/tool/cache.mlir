// Compiled code is kept in a folder, and found the next time; what is damaged is made again.
// RUN: rm -rf %t && varve-run %s --cache %t --input iota --dim n=3 | FileCheck %s
// RUN: ls %t | count 1
// RUN: varve-run %s --cache %t --input iota --dim n=3 | FileCheck %s
// RUN: ls %t | count 1
// RUN: varve-run %s --cache %t --cpu x86-64-v3 --input iota --dim n=3 | FileCheck %s
// RUN: ls %t | count 2
// RUN: python3 -c "import glob, sys; [open(f, 'r+b').truncate(500) for f in glob.glob(sys.argv[1] + '/*.varve')]" %t
// RUN: varve-run %s --cache %t --input iota --dim n=3 2>&1 | FileCheck %s --check-prefixes=DAMAGED,CHECK
// RUN: varve-run %s --cache %t --input iota --dim n=3 2>&1 | FileCheck %s --implicit-check-not=warning
// RUN: varve-run %s --cache /proc/self --input iota --dim n=3 2>&1 | FileCheck %s --check-prefixes=READ-ONLY,CHECK
// RUN: not varve-run %s --cache %t --cache-mb x 2>&1 | FileCheck %s --check-prefix=SIZE

// DAMAGED: varve-run: warning: {{.*}}.varve: expects an executable of Varve, {{.*}}; the model is compiled again
// READ-ONLY: varve-run: warning: /proc/self/{{.*}}: expects a place where a file can be written, but got '{{.*}}'; the code is not kept
// SIZE: varve-run: error: expects a number from 0 to {{.*}} for --cache-mb, but got 'x'
// CHECK: y: f32 [3]
// CHECK-NEXT: [-0, -1, -2]
varve.graph @f(%x: tensor<?xf32, #varve.dims<n>> {varve.name = "x"}) -> (tensor<?xf32, #varve.dims<n>> {varve.name = "y"}) {
  %0 = varve.neg %x : (tensor<?xf32, #varve.dims<n>>) -> tensor<?xf32, #varve.dims<n>>
  varve.output %0 : tensor<?xf32, #varve.dims<n>>
}
