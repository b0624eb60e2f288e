// State is zero at first, written in place, and kept from run to run: the timed runs print what they find.
// RUN: varve-run %s --entry append --input iota --dim past=1 --dim seq=2 | FileCheck %s --check-prefix=APPEND
// RUN: varve-run %s --entry count --time 2 2>&1 | FileCheck %s --check-prefix=COUNT
// RUN: varve-run %s --summary | FileCheck %s --check-prefix=SUMMARY
// RUN: not varve-run %s --entry append --input iota --dim past=3 --dim seq=2 2>&1 | FileCheck %s --check-prefix=OUTSIDE
// RUN: not varve-run %s --entry append --input iota --dim seq=2 --input past=-1 2>&1 | FileCheck %s --check-prefix=NEGATIVE

// SUMMARY: entry append
// SUMMARY-NEXT: input   x     f32  [1, seq]
// SUMMARY-NEXT: size    past  i64  []
// SUMMARY: entry count
// SUMMARY: buffers: 2, 24 bytes
// SUMMARY-NEXT: cache    f32  [1, 4]  16
// SUMMARY-NEXT: counter  i64  [1]      8

// APPEND: all: f32 [1, 4]
// APPEND-NEXT: {{\[\[0, 0, 1, 0\]\]}}
// OUTSIDE: varve-run: error: {{.*}}expects a stored slice that ends inside dimension 1 of its buffer, but got past + seq = 5 and 4
// NEGATIVE: varve-run: error: input 'past' expects past to be 0 or more, but got -1
varve.graph @append(%b: !varve.buffer<1x4xf32> {varve.name = "cache"}, %x: tensor<1x?xf32, #varve.dims<1, seq>> {varve.name = "x"},
                    %past: tensor<i64> {varve.dim = "past"}) -> (tensor<1x4xf32> {varve.name = "all"}) {
  varve.buffer.store %x, %b offsets(0, past) : tensor<1x?xf32, #varve.dims<1, seq>>, !varve.buffer<1x4xf32>
  %0 = varve.buffer.load %b : (!varve.buffer<1x4xf32>) -> tensor<1x4xf32>
  varve.output %0 : tensor<1x4xf32>
}

// COUNT: runs i64 [1]
// COUNT-NEXT: [0]
// COUNT-NEXT: runs i64 [1]
// COUNT-NEXT: [1]
// COUNT-NEXT: runs i64 [1]
// COUNT-NEXT: [2]
varve.graph @count(%b: !varve.buffer<1xi64> {varve.name = "counter"}) {
  %one = varve.constant dense<1> : tensor<1xi64>
  %0 = varve.buffer.load %b : (!varve.buffer<1xi64>) -> tensor<1xi64>
  varve.print %0, "runs" : tensor<1xi64>
  %1 = varve.add %0, %one : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
  varve.buffer.store %1, %b : tensor<1xi64>, !varve.buffer<1xi64>
  varve.output
}
