// What is wrong with a command line is said in one line.
// RUN: varve-run --help | FileCheck %s --check-prefix=HELP
// RUN: varve-run --version | FileCheck %s --check-prefix=VERSION
// RUN: not varve-run 2>&1 | FileCheck %s --check-prefix=NOTHING
// RUN: not varve-run %s --inputs x 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not varve-run %s.not-there 2>&1 | FileCheck %s --check-prefix=NO-FILE
// RUN: not varve-run %s --input iota 2>&1 | FileCheck %s --check-prefix=ENTRY
// RUN: not varve-run %s --entry h 2>&1 | FileCheck %s --check-prefix=NO-ENTRY
// RUN: not varve-run %s --entry f 2>&1 | FileCheck %s --check-prefix=NO-INPUT
// RUN: not varve-run %s --entry f --input iota 2>&1 | FileCheck %s --check-prefix=NO-SIZE
// RUN: not varve-run %s --entry f --input z=iota 2>&1 | FileCheck %s --check-prefix=NAME
// RUN: not varve-run %s --entry f --input x=iota --input x=zeros 2>&1 | FileCheck %s --check-prefix=TWICE
// RUN: not varve-run %s --entry f --input 1 --input 2 --dim n=1 2>&1 | FileCheck %s --check-prefix=TOO-MANY
// RUN: not varve-run %s --entry f --input iota --dim m=3 2>&1 | FileCheck %s --check-prefix=DIM
// RUN: not varve-run %s --entry f --input iota --dim n=-3 2>&1 | FileCheck %s --check-prefix=SIZE
// RUN: not varve-run %s --entry f --input iota --dim n=3 --dim n=4 2>&1 | FileCheck %s --check-prefix=TWO-SIZES
// RUN: not varve-run %s --entry f --input 1,2,3 --dim n=2 2>&1 | FileCheck %s --check-prefix=COUNT
// RUN: not varve-run %s --entry f --input x.np --dim n=2 2>&1 | FileCheck %s --check-prefix=VALUE
// RUN: not varve-run %s --entry f --input iota --dim n=2 --output y=a.npy --output y=b.npy 2>&1 | FileCheck %s --check-prefix=OUTPUTS
// RUN: not varve-run %s --entry f --input iota --dim n=2 --output %t.not-there/y.npy 2>&1 | FileCheck %s --check-prefix=NO-FOLDER
// RUN: not varve-run %s --entry f --input iota --dim n=9000000000000000000 2>&1 | FileCheck %s --check-prefix=HUGE
// RUN: not varve-run %s --threads x 2>&1 | FileCheck %s --check-prefix=THREADS
// RUN: not varve-run %s --cpu potato --summary 2>&1 | FileCheck %s --check-prefix=CPU
// RUN: not varve-run %s --cpu x86-64-v3,rows=0 --summary 2>&1 | FileCheck %s --check-prefix=TUNING
// RUN: not varve-run %s --cpu x86-64-v3,columns=4 --summary 2>&1 | FileCheck %s --check-prefix=TUNING
// RUN: not varve-run %s --cpu x86-64-v3,streams=3 --summary 2>&1 | FileCheck %s --check-prefix=STREAMS
// STREAMS: expects 1, 2 or 4 streams, but got 3
// RUN: not varve-run %s --cpu x86-64-v3,panel=12 --summary 2>&1 | FileCheck %s --check-prefix=PANEL
// TUNING: expects rows, panel, depth, panels, tiles, panel-stays, ahead, blocks-ahead, streams, keys-ahead, values-ahead, value-keys, unroll or winograd of up to 4096 behind a CPU's name, but got '{{rows=0|columns=4}}'
// PANEL: expects a panel of whole vectors of 8, but got 12
// RUN: not varve-run %s --entry g 2>&1 | FileCheck %s --check-prefix=WEIGHTS

// HELP: varve-run mlp.mlir --summary
// HELP-NOT: aarch64
// HELP: --weights=<checkpoint>
// VERSION: varve {{[0-9]+\.[0-9]+\.[0-9]+}}
// NOTHING: varve-run: error: Not enough positional command line arguments specified!
// UNKNOWN: varve-run: error: Unknown command line argument '--inputs'.
// NO-FILE: varve-run: error: {{.*}}.not-there: expects a file that can be read, but got 'No such file or directory'
// ENTRY: varve-run: error: expects the name of an entry (f, g), but got none
// NO-ENTRY: varve-run: error: expects the name of an entry (f, g), but got 'h'
// NO-INPUT: varve-run: error: input 'x' (f32 [n]) expects a value from --input, but got none
// NO-SIZE: varve-run: error: input 'x' (f32 [n]) expects --dim n=SIZE, but got none
// NAME: varve-run: error: expects --input of one of (x), but got 'z'
// TWICE: varve-run: error: expects one --input for 'x', but got 'iota' and 'zeros'
// TOO-MANY: varve-run: error: expects at most 1 --input (x), but got '2' too
// DIM: varve-run: error: expects --dim of a named dimension of entry 'f' (n), but got 'm'
// SIZE: varve-run: error: expects --dim NAME=SIZE with a size of 0 or more, but got 'n=-3'
// TWO-SIZES: varve-run: error: expects one size for --dim n, but got 3 and 4
// COUNT: varve-run: error: input 'x' expects one value or 2 (shape [2]), but got 3
// VALUE: varve-run: error: input 'x' expects a .npy file, random[:seed], iota, zeros or values of dtype f32, but got 'x.np'
// OUTPUTS: varve-run: error: expects one --output for 'y', but got 'a.npy' and 'b.npy'
// NO-FOLDER: varve-run: error: {{.*}}y.npy
// HUGE: varve-run: error: {{.*}}63 bits
// THREADS: varve-run: error: expects a number from 0 to 1024 for --threads, but got 'x'
// CPU: varve-run: error: {{.*}}potato
// WEIGHTS: varve-run: error: {{.*}}command-line.mlir: expects --weights (a folder, a file, random or zeros) for its 1 weight, but got none
varve.weight @w : tensor<3xf32>
varve.graph @f(%x: tensor<?xf32, #varve.dims<n>> {varve.name = "x"}) -> (tensor<?xf32, #varve.dims<n>> {varve.name = "y"}) {
  %0 = varve.neg %x : (tensor<?xf32, #varve.dims<n>>) -> tensor<?xf32, #varve.dims<n>>
  varve.output %0 : tensor<?xf32, #varve.dims<n>>
}
varve.graph @g() -> tensor<3xf32> {
  %0 = varve.use @w : tensor<3xf32>
  varve.output %0 : tensor<3xf32>
}
