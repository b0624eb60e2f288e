// RUN: varve-opt %s --split-input-file --verify-diagnostics

func.func @pack_rank(%x: tensor<4x2x8xf32>, %p: tensor<1x8x8xf32>) {
  // expected-error @+1 {{expects input to be a matrix of f32, f16 or bf16, but got 'tensor<4x2x8xf32>'}}
  %0 = varve_cpu.pack %x into %p : (tensor<4x2x8xf32>, tensor<1x8x8xf32>) -> tensor<1x8x8xf32>
  return
}

// -----

func.func @pack_output(%x: tensor<4x8xf32>, %p: tensor<1x8x?xf32>) {
  // expected-error @+1 {{expects output to be groups of a known number of rows in f32, but got 'tensor<1x8x?xf32>'}}
  %0 = varve_cpu.pack %x into %p : (tensor<4x8xf32>, tensor<1x8x?xf32>) -> tensor<1x8x?xf32>
  return
}

// -----

func.func @pack_batch(%x: tensor<4x8xf32>, %b: index, %p: tensor<?x8x8xf32>) {
  // expected-error @+1 {{expects a map of several matrices, but got none}}
  %0 = varve_cpu.pack %x batch(%b) into %p : (tensor<4x8xf32>, index, tensor<?x8x8xf32>) -> tensor<?x8x8xf32>
  return
}

// -----

func.func @pack_map(%x: tensor<4x8xf32>, %b: index, %p: tensor<?x8x8xf32>) {
  // expected-error @+1 {{expects a map from (batch.., m, k) to the axes of 'tensor<4x8xf32>', but got affine_map<(d0, d1, d2) -> (d0, d1)>}}
  %0 = varve_cpu.pack %x batch(%b) into %p {map = affine_map<(d0, d1, d2) -> (d0, d1)>} : (tensor<4x8xf32>, index, tensor<?x8x8xf32>) -> tensor<?x8x8xf32>
  return
}

// -----

func.func @product_batch(%p: tensor<1x8x8xf32>, %w: tensor<1x8x32xf32>, %b: index, %e: tensor<4x32xf32>) {
  // expected-error @+1 {{expects a row or, of floats, a batch of how many products and rows of each, but got 1 sizes}}
  %0 = varve_cpu.product %p, %w batch(%b) into %e {
  ^bb0(%sum: f32):
    varve_cpu.yield %sum : f32
  } : (tensor<1x8x8xf32>, tensor<1x8x32xf32>, index, tensor<4x32xf32>) -> tensor<4x32xf32>
  return
}

// -----

func.func @product_weight(%x: tensor<4x8xf32>, %p: tensor<1x8x8xf32>, %w: tensor<32x8xf32>, %e: tensor<4x32xf32>) {
  // expected-error @+1 {{expects weight to be panels of f32, f16 or bf16, but got 'tensor<32x8xf32>'}}
  %0 = varve_cpu.product %p, %w row %x into %e {
  ^bb0(%sum: f32):
    varve_cpu.yield %sum : f32
  } : (tensor<1x8x8xf32>, tensor<32x8xf32>, tensor<4x8xf32>, tensor<4x32xf32>) -> tensor<4x32xf32>
  return
}

// -----

func.func @quantize_input(%x: tensor<4x32xi32>, %p: tensor<1x10xi32>) {
  // expected-error @+1 {{expects input to be a matrix of f32, f16 or bf16, but got 'tensor<4x32xi32>'}}
  %0 = varve_cpu.quantize %x into %p {encoding = "q8_0"} : (tensor<4x32xi32>, tensor<1x10xi32>) -> tensor<1x10xi32>
  return
}

// -----

func.func @quantize_output(%x: tensor<4x32xf32>, %p: tensor<1x10xf32>) {
  // expected-error @+1 {{expects output to be groups of words of i32, but got 'tensor<1x10xf32>'}}
  %0 = varve_cpu.quantize %x into %p {encoding = "q8_0"} : (tensor<4x32xf32>, tensor<1x10xf32>) -> tensor<1x10xf32>
  return
}

// -----

func.func @quantize_encoding(%x: tensor<4x32xf32>, %p: tensor<1x10xi32>) {
  // expected-error @+1 {{expects an encoding that has a kernel, but got 'mxfp4'}}
  %0 = varve_cpu.quantize %x into %p {encoding = "mxfp4"} : (tensor<4x32xf32>, tensor<1x10xi32>) -> tensor<1x10xi32>
  return
}

// -----

func.func @product_encoding(%x: tensor<4x32xf32>, %p: tensor<1x10xi32>, %w: tensor<1x1x272xi8>, %e: tensor<4x16xf32>) {
  // expected-error @+1 {{expects an encoding that has a kernel, but got 'mxfp4'}}
  %0 = varve_cpu.product %p, %w row %x into %e attributes {encoding = "mxfp4"} {
  ^bb0(%sum: f32):
    varve_cpu.yield %sum : f32
  } : (tensor<1x10xi32>, tensor<1x1x272xi8>, tensor<4x32xf32>, tensor<4x16xf32>) -> tensor<4x16xf32>
  return
}

// -----

func.func @product_blocks(%x: tensor<4x32xf32>, %p: tensor<1x10xi32>, %w: tensor<1x1x272xi8>, %e: tensor<4x16xf32>) {
  // expected-error @+1 {{expects weight to be panels of blocks of q8_0, but got 'tensor<1x1x272xi8>'}}
  %0 = varve_cpu.product %p, %w row %x into %e attributes {encoding = "q8_0"} {
  ^bb0(%sum: f32):
    varve_cpu.yield %sum : f32
  } : (tensor<1x10xi32>, tensor<1x1x272xi8>, tensor<4x32xf32>, tensor<4x16xf32>) -> tensor<4x16xf32>
  return
}

// -----

func.func @product_maps(%x: tensor<4x8xf32>, %p: tensor<1x8x8xf32>, %w: tensor<1x8x32xf32>, %r: tensor<32x4xf32>, %e: tensor<4x32xf32>) {
  // expected-error @+1 {{expects maps to (m, n), (m), (n) or none, as many as the operand has axes, but got affine_map<(d0, d1) -> (d1, d0)>}}
  %0 = varve_cpu.product %p, %w row %x with %r into %e attributes {maps = [affine_map<(d0, d1) -> (d1, d0)>]} {
  ^bb0(%sum: f32, %a: f32):
    varve_cpu.yield %sum : f32
  } : (tensor<1x8x8xf32>, tensor<1x8x32xf32>, tensor<4x8xf32>, tensor<32x4xf32>, tensor<4x32xf32>) -> tensor<4x32xf32>
  return
}

// -----

func.func @product_count(%x: tensor<4x8xf32>, %p: tensor<1x8x8xf32>, %w: tensor<1x8x32xf32>, %r: tensor<4x32xf32>, %e: tensor<4x32xf32>) {
  // expected-error @+1 {{expects a map for each extra operand, but got 0}}
  %0 = varve_cpu.product %p, %w row %x with %r into %e {
  ^bb0(%sum: f32, %a: f32):
    varve_cpu.yield %sum : f32
  } : (tensor<1x8x8xf32>, tensor<1x8x32xf32>, tensor<4x8xf32>, tensor<4x32xf32>, tensor<4x32xf32>) -> tensor<4x32xf32>
  return
}

// -----

func.func @product_body(%x: tensor<4x8xf32>, %p: tensor<1x8x8xf32>, %w: tensor<1x8x32xf32>, %e: tensor<4x32xbf16>) {
  // expected-error @+1 {{expects the body to give an element of output, but got 'f32'}}
  %0 = varve_cpu.product %p, %w row %x into %e {
  ^bb0(%sum: f32):
    varve_cpu.yield %sum : f32
  } : (tensor<1x8x8xf32>, tensor<1x8x32xf32>, tensor<4x8xf32>, tensor<4x32xbf16>) -> tensor<4x32xbf16>
  return
}

// -----

func.func @product_arguments(%x: tensor<4x8xf32>, %p: tensor<1x8x8xf32>, %w: tensor<1x8x32xf32>, %e: tensor<4x32xf32>) {
  // expected-error @+1 {{expects a body of the sum and the elements of its extra operands}}
  %0 = varve_cpu.product %p, %w row %x into %e {
  ^bb0(%sum: f32, %more: f32):
    varve_cpu.yield %sum : f32
  } : (tensor<1x8x8xf32>, tensor<1x8x32xf32>, tensor<4x8xf32>, tensor<4x32xf32>) -> tensor<4x32xf32>
  return
}

// -----

func.func @product_not_elementwise(%x: tensor<4x8xf32>, %p: tensor<1x8x8xf32>, %w: tensor<1x8x32xf32>, %e: tensor<4x32xf32>) {
  %0 = varve_cpu.product %p, %w row %x into %e {
  ^bb0(%sum: f32):
    // expected-error @+1 {{expects to be elementwise in a body}}
    %v = vector.broadcast %sum : f32 to vector<4xf32>
    varve_cpu.yield %sum : f32
  } : (tensor<1x8x8xf32>, tensor<1x8x32xf32>, tensor<4x8xf32>, tensor<4x32xf32>) -> tensor<4x32xf32>
  return
}

// -----

func.func @attention_size(%q: tensor<1x4x2x?xf32>, %k: tensor<1x4x2x8xf32>, %e: tensor<1x4x2x8xf32>, %n: index) {
  // expected-error @+1 {{expects heads of a known size, of f32, f16 or bf16, but got 'tensor<1x4x2x?xf32>'}}
  %0 = varve_cpu.attention %q, %k, %k parts %n, %n into %e {scale = 1.0 : f32} : (tensor<1x4x2x?xf32>, tensor<1x4x2x8xf32>, tensor<1x4x2x8xf32>, index, index, tensor<1x4x2x8xf32>) -> tensor<1x4x2x8xf32>
  return
}

// -----

func.func @attention_mask(%q: tensor<1x4x2x8xf32>, %m: tensor<4x4xf32>, %n: index) {
  // expected-error @+1 {{expects a mask of rank 4, but got 'tensor<4x4xf32>'}}
  %0 = varve_cpu.attention %q, %q, %q mask %m parts %n, %n into %q {scale = 1.0 : f32} : (tensor<1x4x2x8xf32>, tensor<1x4x2x8xf32>, tensor<1x4x2x8xf32>, tensor<4x4xf32>, index, index, tensor<1x4x2x8xf32>) -> tensor<1x4x2x8xf32>
  return
}

// -----

func.func @pairs_packed(%x: tensor<4x8xbf16>, %p: tensor<1x4x16xf32>) {
  // expected-error @+1 {{expects output to be groups of a known number of rows in bf16, but got 'tensor<1x4x16xf32>'}}
  %0 = varve_cpu.pack %x into %p {pairs} : (tensor<4x8xbf16>, tensor<1x4x16xf32>) -> tensor<1x4x16xf32>
  return
}

// -----

func.func @pairs_input(%x: tensor<4x8xf32>, %p: tensor<1x4x16xbf16>) {
  // expected-error @+1 {{expects input to be bf16 in pairs, but got 'tensor<4x8xf32>'}}
  %0 = varve_cpu.pack %x into %p {pairs} : (tensor<4x8xf32>, tensor<1x4x16xbf16>) -> tensor<1x4x16xbf16>
  return
}

// -----

func.func @pairs_product(%x: tensor<4x8xbf16>, %p: tensor<1x4x16xbf16>, %w: tensor<1x4x64xf32>, %e: tensor<4x32xf32>) {
  // expected-error @+1 {{expects factors to be bf16 in pairs, but got 'tensor<1x4x64xf32>'}}
  %0 = varve_cpu.product %p, %w row %x into %e attributes {pairs} {
  ^bb0(%sum: f32):
    varve_cpu.yield %sum : f32
  } : (tensor<1x4x16xbf16>, tensor<1x4x64xf32>, tensor<4x8xbf16>, tensor<4x32xf32>) -> tensor<4x32xf32>
  return
}

// -----

func.func @convolution_input(%x: tensor<1x8x4xf32>, %w: tensor<1x8x32xf32>, %e: tensor<1x32x4xf32>, %i: index) {
  // expected-error @+1 {{expects input [n, channels, depth, height, width] of f32, f16 or bf16, but got 'tensor<1x8x4xf32>'}}
  %0 = varve_cpu.convolution %x, %w windows(%i, %i, %i) into %e attributes {dilations = array<i64: 1, 1, 1>, groups = 1 : i64, kernel = array<i64: 1, 1, 1>, padding = array<i64: 0, 0, 0>, strides = array<i64: 1, 1, 1>} {
  ^bb0(%sum: f32):
    varve_cpu.yield %sum : f32
  } : (tensor<1x8x4xf32>, tensor<1x8x32xf32>, index, index, index, tensor<1x32x4xf32>) -> tensor<1x32x4xf32>
  return
}

// -----

func.func @convolution_input_last(%x: tensor<1x8x4xf32>, %w: tensor<1x8x32xf32>, %e: tensor<4x32xf32>, %i: index) {
  // expected-error @+1 {{expects input [n, depth, height, width, channels] of f32, f16 or bf16, but got 'tensor<1x8x4xf32>'}}
  %0 = varve_cpu.convolution %x, %w windows(%i, %i, %i) into %e attributes {channels_last, dilations = array<i64: 1, 1, 1>, groups = 1 : i64, kernel = array<i64: 1, 1, 1>, padding = array<i64: 0, 0, 0>, strides = array<i64: 1, 1, 1>} {
  ^bb0(%sum: f32):
    varve_cpu.yield %sum : f32
  } : (tensor<1x8x4xf32>, tensor<1x8x32xf32>, index, index, index, tensor<4x32xf32>) -> tensor<4x32xf32>
  return
}

// -----

func.func @convolution_output_last(%x: tensor<1x1x1x4x8xf32>, %w: tensor<1x8x32xf32>, %e: tensor<1x32x4xf32>, %i: index) {
  // expected-error @+1 {{expects output [n and windows, channels], but got 'tensor<1x32x4xf32>'}}
  %0 = varve_cpu.convolution %x, %w windows(%i, %i, %i) into %e attributes {channels_last, dilations = array<i64: 1, 1, 1>, groups = 1 : i64, kernel = array<i64: 1, 1, 1>, padding = array<i64: 0, 0, 0>, strides = array<i64: 1, 1, 1>} {
  ^bb0(%sum: f32):
    varve_cpu.yield %sum : f32
  } : (tensor<1x1x1x4x8xf32>, tensor<1x8x32xf32>, index, index, index, tensor<1x32x4xf32>) -> tensor<1x32x4xf32>
  return
}

// -----

func.func @convolution_winograd(%x: tensor<1x1x9x9x16xf32>, %w: tensor<1x256x32xf32>, %e: tensor<49x32xf32>, %i: index) {
  // expected-error @+1 {{expects 3x3 windows of one group, side by side, in f32 and with channels last for Winograd's}}
  %0 = varve_cpu.convolution %x, %w windows(%i, %i, %i) into %e attributes {channels_last, winograd, dilations = array<i64: 1, 1, 1>, groups = 1 : i64, kernel = array<i64: 1, 3, 3>, padding = array<i64: 0, 0, 0>, strides = array<i64: 1, 1, 2>} {
  ^bb0(%sum: f32):
    varve_cpu.yield %sum : f32
  } : (tensor<1x1x9x9x16xf32>, tensor<1x256x32xf32>, index, index, index, tensor<49x32xf32>) -> tensor<49x32xf32>
  return
}

// -----

func.func @convolution_room(%x: tensor<1x8x1x1x4xf32>, %w: tensor<1x8x32xf32>, %e: tensor<1x32x4xf32>, %i: index) {
  // expected-error @+1 {{expects room for channels that are last alone}}
  %0 = varve_cpu.convolution %x, %w windows(%i, %i, %i) room %i into %e attributes {dilations = array<i64: 1, 1, 1>, groups = 1 : i64, kernel = array<i64: 1, 1, 1>, padding = array<i64: 0, 0, 0>, strides = array<i64: 1, 1, 1>} {
  ^bb0(%sum: f32):
    varve_cpu.yield %sum : f32
  } : (tensor<1x8x1x1x4xf32>, tensor<1x8x32xf32>, index, index, index, index, tensor<1x32x4xf32>) -> tensor<1x32x4xf32>
  return
}

// -----

func.func @pool_image(%x: tensor<1x8x4xf32>, %e: tensor<1x8x4xf32>) {
  // expected-error @+1 {{expects images [n, depth, height, width, channels] of f32, f16 or bf16, but got 'tensor<1x8x4xf32>'}}
  %0 = varve_cpu.pool "max" %x into %e {dilations = array<i64: 1, 1, 1>, kernel = array<i64: 1, 1, 1>, padding = array<i64: 0, 0, 0>, padding_end = array<i64: 0, 0, 0>, strides = array<i64: 1, 1, 1>} : (tensor<1x8x4xf32>, tensor<1x8x4xf32>) -> tensor<1x8x4xf32>
  return
}

// -----

func.func @pool_kind(%x: tensor<1x1x1x8x4xf32>) {
  // expected-error @+1 {{expects max or mean, but got 'least'}}
  %0 = varve_cpu.pool "least" %x into %x {dilations = array<i64: 1, 1, 1>, kernel = array<i64: 1, 1, 1>, padding = array<i64: 0, 0, 0>, padding_end = array<i64: 0, 0, 0>, strides = array<i64: 1, 1, 1>} : (tensor<1x1x1x8x4xf32>, tensor<1x1x1x8x4xf32>) -> tensor<1x1x1x8x4xf32>
  return
}

// -----

func.func @pool_lists(%x: tensor<1x1x1x8x4xf32>) {
  // expected-error @+1 {{expects kernel, strides, dilations and padding for depth, height and width, but got 1, 1}}
  %0 = varve_cpu.pool "max" %x into %x {dilations = array<i64: 1, 1, 1>, kernel = array<i64: 1, 1>, padding = array<i64: 0, 0, 0>, padding_end = array<i64: 0, 0, 0>, strides = array<i64: 1, 1, 1>} : (tensor<1x1x1x8x4xf32>, tensor<1x1x1x8x4xf32>) -> tensor<1x1x1x8x4xf32>
  return
}

// -----

func.func @convolution_weight(%x: tensor<1x8x1x1x4xf32>, %w: tensor<32x8xf32>, %e: tensor<1x32x4xf32>, %i: index) {
  // expected-error @+1 {{expects weight to be panels of f32, f16 or bf16, but got 'tensor<32x8xf32>'}}
  %0 = varve_cpu.convolution %x, %w windows(%i, %i, %i) into %e attributes {dilations = array<i64: 1, 1, 1>, groups = 1 : i64, kernel = array<i64: 1, 1, 1>, padding = array<i64: 0, 0, 0>, strides = array<i64: 1, 1, 1>} {
  ^bb0(%sum: f32):
    varve_cpu.yield %sum : f32
  } : (tensor<1x8x1x1x4xf32>, tensor<32x8xf32>, index, index, index, tensor<1x32x4xf32>) -> tensor<1x32x4xf32>
  return
}

// -----

func.func @convolution_output(%x: tensor<1x8x1x1x4xf32>, %w: tensor<1x8x32xf32>, %e: tensor<1x32x1x4xf32>, %i: index) {
  // expected-error @+1 {{expects output [n, channels, windows], but got 'tensor<1x32x1x4xf32>'}}
  %0 = varve_cpu.convolution %x, %w windows(%i, %i, %i) into %e attributes {dilations = array<i64: 1, 1, 1>, groups = 1 : i64, kernel = array<i64: 1, 1, 1>, padding = array<i64: 0, 0, 0>, strides = array<i64: 1, 1, 1>} {
  ^bb0(%sum: f32):
    varve_cpu.yield %sum : f32
  } : (tensor<1x8x1x1x4xf32>, tensor<1x8x32xf32>, index, index, index, tensor<1x32x1x4xf32>) -> tensor<1x32x1x4xf32>
  return
}

// -----

func.func @convolution_lists(%x: tensor<1x8x1x1x4xf32>, %w: tensor<1x8x32xf32>, %e: tensor<1x32x4xf32>, %i: index) {
  // expected-error @+1 {{expects kernel, strides, dilations and padding for depth, height and width, but got 2, 2}}
  %0 = varve_cpu.convolution %x, %w windows(%i, %i, %i) into %e attributes {dilations = array<i64: 1, 1, 1>, groups = 1 : i64, kernel = array<i64: 1, 1, 1>, padding = array<i64: 0, 0, 0>, strides = array<i64: 2, 2>} {
  ^bb0(%sum: f32):
    varve_cpu.yield %sum : f32
  } : (tensor<1x8x1x1x4xf32>, tensor<1x8x32xf32>, index, index, index, tensor<1x32x4xf32>) -> tensor<1x32x4xf32>
  return
}

// -----

func.func @convolution_maps(%x: tensor<1x8x1x1x4xf32>, %w: tensor<1x8x32xf32>, %r: tensor<4x32xf32>, %e: tensor<1x32x4xf32>, %i: index) {
  // expected-error @+1 {{expects maps to some of (n, c, p) in this order, as many as the operand has axes, but got affine_map<(d0, d1, d2) -> (d2, d1)>}}
  %0 = varve_cpu.convolution %x, %w windows(%i, %i, %i) with %r into %e attributes {dilations = array<i64: 1, 1, 1>, groups = 1 : i64, kernel = array<i64: 1, 1, 1>, padding = array<i64: 0, 0, 0>, strides = array<i64: 1, 1, 1>, maps = [affine_map<(d0, d1, d2) -> (d2, d1)>]} {
  ^bb0(%sum: f32, %a: f32):
    varve_cpu.yield %sum : f32
  } : (tensor<1x8x1x1x4xf32>, tensor<1x8x32xf32>, index, index, index, tensor<4x32xf32>, tensor<1x32x4xf32>) -> tensor<1x32x4xf32>
  return
}

// -----

func.func @attention_sinks(%q: tensor<1x4x2x8xf32>, %s: tensor<1x2xf32>, %n: index) {
  // expected-error @+1 {{expects sinks and slopes of rank 1, of f32, f16 or bf16, but got 'tensor<1x2xf32>'}}
  %0 = varve_cpu.attention %q, %q, %q sinks %s parts %n, %n into %q {scale = 1.0 : f32} : (tensor<1x4x2x8xf32>, tensor<1x4x2x8xf32>, tensor<1x4x2x8xf32>, tensor<1x2xf32>, index, index, tensor<1x4x2x8xf32>) -> tensor<1x4x2x8xf32>
  return
}
