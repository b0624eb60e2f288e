// RUN: varve-run %s --entry softmax --dim rows=2 --dim n=4 --input=-inf,-inf,-inf,-inf,0,-inf,0,-inf --input ones=3,3,3,3 | FileCheck %s --check-prefix=SOFTMAX
// RUN: varve-run %s --entry softmax --dim rows=1 --dim n=1 --input 7 --input ones=-1e30 | FileCheck %s --check-prefix=ONE
// RUN: varve-run %s --entry sums --dim rows=37 --dim n=131 --input random:1 | FileCheck %s --check-prefix=SUMS
// RUN: varve-run %s --entry two_at_a_time --input random:1 | FileCheck %s --check-prefix=TWO
// RUN: varve-run %s --entry norms --dim n=4 --input 1,-1,1,-1,100003,100001,100003,100001 | FileCheck %s --check-prefix=NORMS
// RUN: varve-run %s --entry rounds --input 1,2,3,5 | FileCheck %s --check-prefix=ROUNDS

// A row of minus infinities has no softmax.
// SOFTMAX: y: f32 [2, 4]
// SOFTMAX-NEXT: {{\[\[(-?nan(, )?){4}\]}},
// SOFTMAX-NEXT: [ 0.5, 0, 0.5, 0]]
// SOFTMAX: z: f32 [4]
// SOFTMAX-NEXT: [0.25, 0.25, 0.25, 0.25]
// ONE: y: f32 [1, 1]
// ONE-NEXT: {{\[\[}}1]]
// ONE: z: f32 [1]
// ONE-NEXT: [1]
varve.graph @softmax(%x: tensor<?x?xf32, #varve.dims<rows, n>> {varve.name = "x"}, %ones: tensor<?xf32, #varve.dims<n>> {varve.name = "ones"}) -> (tensor<?x?xf32, #varve.dims<rows, n>> {varve.name = "y"}, tensor<?xf32, #varve.dims<n>> {varve.name = "z"}) {
  %0 = varve.softmax %x {axis = -1} : (tensor<?x?xf32, #varve.dims<rows, n>>) -> tensor<?x?xf32, #varve.dims<rows, n>>
  %1 = varve.softmax %ones {axis = 0} : (tensor<?xf32, #varve.dims<n>>) -> tensor<?xf32, #varve.dims<n>>
  varve.output %0, %1 : tensor<?x?xf32, #varve.dims<rows, n>>, tensor<?xf32, #varve.dims<n>>
}

// Along either axis the sum is 1.
// SUMS: y: f32 []
// SUMS-NEXT: {{^}}{{[0-9.]+e-0[6-9]|0}}{{$}}
// SUMS: z: f32 []
// SUMS-NEXT: {{^}}{{[0-9.]+e-0[6-9]|0}}{{$}}
varve.graph @sums(%x: tensor<?x?xf32, #varve.dims<rows, n>> {varve.name = "x"}) -> (tensor<f32> {varve.name = "y"}, tensor<f32> {varve.name = "z"}) {
  %one = varve.constant dense<1.0> : tensor<f32>
  %0 = varve.softmax %x {axis = 1} : (tensor<?x?xf32, #varve.dims<rows, n>>) -> tensor<?x?xf32, #varve.dims<rows, n>>
  %1 = varve.reduce_sum %0 {axes = array<i64: 1>} : (tensor<?x?xf32, #varve.dims<rows, n>>) -> tensor<?xf32, #varve.dims<rows>>
  %2 = varve.sub %1, %one : (tensor<?xf32, #varve.dims<rows>>, tensor<f32>) -> tensor<?xf32, #varve.dims<rows>>
  %3 = varve.abs %2 : (tensor<?xf32, #varve.dims<rows>>) -> tensor<?xf32, #varve.dims<rows>>
  %4 = varve.reduce_max %3 : (tensor<?xf32, #varve.dims<rows>>) -> tensor<f32>
  %5 = varve.softmax %x {axis = 0} : (tensor<?x?xf32, #varve.dims<rows, n>>) -> tensor<?x?xf32, #varve.dims<rows, n>>
  %6 = varve.reduce_sum %5 {axes = array<i64: 0>} : (tensor<?x?xf32, #varve.dims<rows, n>>) -> tensor<?xf32, #varve.dims<n>>
  %7 = varve.sub %6, %one : (tensor<?xf32, #varve.dims<n>>, tensor<f32>) -> tensor<?xf32, #varve.dims<n>>
  %8 = varve.abs %7 : (tensor<?xf32, #varve.dims<n>>) -> tensor<?xf32, #varve.dims<n>>
  %9 = varve.reduce_max %8 : (tensor<?xf32, #varve.dims<n>>) -> tensor<f32>
  varve.output %4, %9 : tensor<f32>, tensor<f32>
}

// The variance is of the distances from the mean: a large mean costs nothing.
// NORMS: layer: f32 [2, 4]
// NORMS-NEXT: {{\[\[}} 1, -1,  1, -1],
// NORMS-NEXT: [ 1, -1,  1, -1]]
// NORMS: rms: f32 [2, 4]
// NORMS-NEXT: {{\[\[}} 1, -1, 1, -1],
// NORMS-NEXT: [1.00001, 0.99999, 1.00001, 0.99999]]
varve.graph @norms(%x: tensor<2x?xf32, #varve.dims<2, n>> {varve.name = "x"}) -> (tensor<2x?xf32, #varve.dims<2, n>> {varve.name = "layer"}, tensor<2x?xf32, #varve.dims<2, n>> {varve.name = "rms"}) {
  %one = varve.constant dense<1.0> : tensor<1xf32>
  %ones = varve.broadcast %one {shape = #varve.dims<n>} : (tensor<1xf32>) -> tensor<?xf32, #varve.dims<n>>
  %0 = varve.layer_norm %x, %ones {epsilon = 0.0} : (tensor<2x?xf32, #varve.dims<2, n>>, tensor<?xf32, #varve.dims<n>>) -> tensor<2x?xf32, #varve.dims<2, n>>
  %1 = varve.rms_norm %x, %ones {epsilon = 0.0} : (tensor<2x?xf32, #varve.dims<2, n>>, tensor<?xf32, #varve.dims<n>>) -> tensor<2x?xf32, #varve.dims<2, n>>
  varve.output %0, %1 : tensor<2x?xf32, #varve.dims<2, n>>, tensor<2x?xf32, #varve.dims<2, n>>
}

// In bf16, rms_norm rounds before it multiplies by the weight: what it gives is the product in bf16 of the rounded numbers.
// ROUNDS: y: bf16 []
// ROUNDS-NEXT: {{^}}0{{$}}
varve.graph @rounds(%x: tensor<4xf32> {varve.name = "x"}) -> (tensor<bf16> {varve.name = "y"}) {
  %0 = varve.cast %x {dtype = bf16} : (tensor<4xf32>) -> tensor<4xbf16>
  %ones = varve.constant dense<1.0> : tensor<4xbf16>
  %w = varve.constant dense<[1.3, 0.7, 1.1, 0.9]> : tensor<4xbf16>
  %1 = varve.rms_norm %0, %ones {epsilon = 1.0e-6} : (tensor<4xbf16>, tensor<4xbf16>) -> tensor<4xbf16>
  %2 = varve.mul %1, %w : (tensor<4xbf16>, tensor<4xbf16>) -> tensor<4xbf16>
  %3 = varve.rms_norm %0, %w {epsilon = 1.0e-6} : (tensor<4xbf16>, tensor<4xbf16>) -> tensor<4xbf16>
  %4 = varve.sub %2, %3 : (tensor<4xbf16>, tensor<4xbf16>) -> tensor<4xbf16>
  %5 = varve.abs %4 : (tensor<4xbf16>) -> tensor<4xbf16>
  %6 = varve.reduce_max %5 : (tensor<4xbf16>) -> tensor<bf16>
  varve.output %6 : tensor<bf16>
}

// Short rows are computed two at a time, and of an odd number one is left: rows that are equal stay so, bit for bit.
// TWO: pair: f32 []
// TWO-NEXT: {{^}}0{{$}}
// TWO: rest: f32 []
// TWO-NEXT: {{^}}0{{$}}
// TWO: sums: f32 []
// TWO-NEXT: {{^}}{{[0-9.]+e-0[6-9]|0}}{{$}}
varve.graph @two_at_a_time(%x: tensor<1x131xf32>) -> (tensor<f32> {varve.name = "pair"}, tensor<f32> {varve.name = "rest"}, tensor<f32> {varve.name = "sums"}) {
  %one = varve.constant dense<1.0> : tensor<f32>
  %w = varve.constant dense<1.5> : tensor<131xf32>
  %zero = varve.constant dense<0.0> : tensor<37x131xf32>
  %rows = varve.add %x, %zero : (tensor<1x131xf32>, tensor<37x131xf32>) -> tensor<37x131xf32>
  %p = varve.softmax %rows {axis = 1} : (tensor<37x131xf32>) -> tensor<37x131xf32>
  %n = varve.rms_norm %p, %w {epsilon = 1.0e-5 : f64} : (tensor<37x131xf32>, tensor<131xf32>) -> tensor<37x131xf32>
  %0 = varve.slice %n {starts = #varve.dims<0, 0>, ends = #varve.dims<1, 131>, steps = array<i64: 1, 1>} : (tensor<37x131xf32>) -> tensor<1x131xf32>
  %1 = varve.slice %n {starts = #varve.dims<1, 0>, ends = #varve.dims<2, 131>, steps = array<i64: 1, 1>} : (tensor<37x131xf32>) -> tensor<1x131xf32>
  %2 = varve.slice %n {starts = #varve.dims<36, 0>, ends = #varve.dims<37, 131>, steps = array<i64: 1, 1>} : (tensor<37x131xf32>) -> tensor<1x131xf32>
  %3 = varve.sub %1, %0 : (tensor<1x131xf32>, tensor<1x131xf32>) -> tensor<1x131xf32>
  %4 = varve.abs %3 : (tensor<1x131xf32>) -> tensor<1x131xf32>
  %5 = varve.reduce_max %4 : (tensor<1x131xf32>) -> tensor<f32>
  %6 = varve.sub %2, %0 : (tensor<1x131xf32>, tensor<1x131xf32>) -> tensor<1x131xf32>
  %7 = varve.abs %6 : (tensor<1x131xf32>) -> tensor<1x131xf32>
  %8 = varve.reduce_max %7 : (tensor<1x131xf32>) -> tensor<f32>
  %9 = varve.reduce_sum %p {axes = array<i64: 1>} : (tensor<37x131xf32>) -> tensor<37xf32>
  %10 = varve.sub %9, %one : (tensor<37xf32>, tensor<f32>) -> tensor<37xf32>
  %11 = varve.abs %10 : (tensor<37xf32>) -> tensor<37xf32>
  %12 = varve.reduce_max %11 : (tensor<37xf32>) -> tensor<f32>
  varve.output %5, %8, %12 : tensor<f32>, tensor<f32>, tensor<f32>
}
