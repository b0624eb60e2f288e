// An input that does not fit: file, place, expected and found.
// RUN: varve-run %s --entry ints --output %t.i32.npy
// RUN: varve-run %s --entry floats --dim n=3 --input iota --output %t.3.npy
// RUN: varve-run %s --entry floats --dim n=2 --input iota --output %t.2.npy
// RUN: varve-run %s --entry sums --input %t.2.npy --input %t.3.npy | FileCheck %s --check-prefix=GOOD
// RUN: not varve-run %s --entry sums --input %t.i32.npy --input %t.2.npy 2>&1 | FileCheck %s --check-prefix=DTYPE
// RUN: not varve-run %s --entry square --input %t.2.npy 2>&1 | FileCheck %s --check-prefix=RANK
// RUN: not varve-run %s --entry fixed --input %t.2.npy 2>&1 | FileCheck %s --check-prefix=SIZE
// RUN: not varve-run %s --entry sums --input %t.3.npy --input %t.3.npy 2>&1 | FileCheck %s --check-prefix=NAMED
// RUN: not varve-run %s --entry sums --input %t.3.npy --input y=iota --dim n=7 2>&1 | FileCheck %s --check-prefix=DIM
// RUN: not varve-run %s --entry pairs --input %t.3.npy --input %t.2.npy 2>&1 | FileCheck %s --check-prefix=REBIND
// RUN: not varve-run %s --entry floats --input %t.2.npy --expect %t.3.npy 2>&1 | FileCheck %s --check-prefix=SHAPE
// RUN: not varve-run %s --entry floats --input %t.2.npy --expect %t.i32.npy 2>&1 | FileCheck %s --check-prefix=EXPECT
// RUN: not varve-run %s --entry lookup --input 0,3 2>&1 | FileCheck %s --check-prefix=LOOKUP
// RUN: head -c 100 %t.3.npy > %t.cut.npy
// RUN: not varve-run %s --entry floats --input %t.cut.npy 2>&1 | FileCheck %s --check-prefix=CUT
// RUN: not varve-run %s --entry floats --input %t.none.npy 2>&1 | FileCheck %s --check-prefix=NONE

// GOOD: [0, 1, 2]
// DTYPE: varve-run: error: {{.*}}.i32.npy: input 'x' expects dtype f32, but got i32
// RANK: varve-run: error: {{.*}}.2.npy: input 'x' expects rank 2 (shape [n, n]), but got rank 1 (shape [2])
// SIZE: varve-run: error: {{.*}}.2.npy: input 'x' expects dimension 0 to be 3, but got 2
// NAMED: varve-run: error: {{.*}}.3.npy: input 'y' expects dimension 0 to be n + 1 = 4, but got 3
// DIM: varve-run: error: expects --dim n=3 as the inputs have it, but got 7
// REBIND: varve-run: error: {{.*}}x and y are pairs, but got n = 3 and m = 2
// SHAPE: varve-run: error: {{.*}}.3.npy: output 'output0' expects f32 [3], but got f32 [2]
// EXPECT: varve-run: error: {{.*}}.i32.npy: output 'output0' expects i32 [3], but got f32 [2]
// LOOKUP: varve-run: error: {{.*}}expects indices into dimension 0 of size 3, but got 3
// CUT: varve-run: error: {{.*}}.cut.npy: expects {{.*}} header
// NONE: varve-run: error: {{.*}}.none.npy: expects a file that can be read, but got 'No such file or directory'
varve.graph @ints() -> tensor<3xi32> {
  %0 = varve.iota {shape = #varve.dims<3>, dtype = i32, axis = 0 : i64} : () -> tensor<3xi32>
  varve.output %0 : tensor<3xi32>
}
varve.graph @floats(%x: tensor<?xf32, #varve.dims<n>>) -> tensor<?xf32, #varve.dims<n>> {
  varve.output %x : tensor<?xf32, #varve.dims<n>>
}
varve.graph @sums(%x: tensor<?xf32, #varve.dims<n>> {varve.name = "x"}, %y: tensor<?xf32, #varve.dims<n + 1>> {varve.name = "y"}) -> tensor<?xf32, #varve.dims<n + 1>> {
  varve.output %y : tensor<?xf32, #varve.dims<n + 1>>
}
varve.graph @square(%x: tensor<?x?xf32, #varve.dims<n, n>> {varve.name = "x"}) {
  varve.output
}
varve.graph @fixed(%x: tensor<3xf32> {varve.name = "x"}) {
  varve.output
}
varve.graph @pairs(%x: tensor<?xf32, #varve.dims<n>>, %y: tensor<?xf32, #varve.dims<m>>) -> tensor<?xf32, #varve.dims<m>> {
  %0 = varve.rebind %x, "x and y are pairs" : tensor<?xf32, #varve.dims<n>> to tensor<?xf32, #varve.dims<m>>
  %1 = varve.add %0, %y : (tensor<?xf32, #varve.dims<m>>, tensor<?xf32, #varve.dims<m>>) -> tensor<?xf32, #varve.dims<m>>
  varve.output %1 : tensor<?xf32, #varve.dims<m>>
}
varve.graph @lookup(%ids: tensor<2xi64>) -> tensor<2xf32> {
  %table = varve.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %0 = varve.gather %table, %ids {axis = 0 : i64} : (tensor<3xf32>, tensor<2xi64>) -> tensor<2xf32>
  varve.output %0 : tensor<2xf32>
}
