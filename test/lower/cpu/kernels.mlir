// RUN: varve-opt %s --split-input-file --varve-cpu-fuse-kernels --canonicalize | FileCheck %s
// RUN: varve-opt %s --split-input-file --varve-cpu-fuse-kernels | varve-opt --split-input-file | FileCheck %s
// Products take what follows them into their bodies, and what is read there, where that changes nothing.

// CHECK-LABEL: func.func @bias_and_residual(
// CHECK-SAME:    %[[X:.+]]: tensor<?x8xf32>, %[[P:.+]]: tensor<?x8x8xf32>, %[[W:.+]]: tensor<2x8x32xbf16>, %[[B:.+]]: tensor<40xbf16>, %[[R:.+]]: tensor<2x?x40xbf16>
// CHECK:         %[[FLAT:.+]] = tensor.collapse_shape %[[R]] {{\[\[}}0, 1], [2]]
// CHECK:         %[[Y:.+]] = varve_cpu.product %[[P]], %[[W]] row %[[X]] with %[[B]], %[[FLAT]] into
// CHECK-SAME:        maps = [#[[N:.+]], #[[MN:.+]]]
// CHECK:         ^bb0(%[[SUM:.+]]: f32, %[[BIAS:.+]]: bf16, %[[RES:.+]]: bf16):
// CHECK:           arith.truncf %[[SUM]] : f32 to bf16
// CHECK:           varve_cpu.yield
// CHECK:         tensor.expand_shape %[[Y]] {{\[\[}}0, 1], [2]]
// CHECK-NOT:     linalg.generic
#last = affine_map<(d0, d1, d2) -> (d2)>
#all = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
func.func @bias_and_residual(%x: tensor<?x8xf32>, %p: tensor<?x8x8xf32>, %w: tensor<2x8x32xbf16>, %b: tensor<40xbf16>, %r: tensor<2x?x40xbf16>, %rows: index, %seq: index) -> tensor<2x?x40xbf16> {
  %e = tensor.empty(%rows) : tensor<?x40xbf16>
  %y = varve_cpu.product %p, %w row %x into %e {
  ^bb0(%sum: f32):
    %s = arith.truncf %sum : f32 to bf16
    varve_cpu.yield %s : bf16
  } : (tensor<?x8x8xf32>, tensor<2x8x32xbf16>, tensor<?x8xf32>, tensor<?x40xbf16>) -> tensor<?x40xbf16>
  %wide = tensor.expand_shape %y [[0, 1], [2]] output_shape [2, %seq, 40] : tensor<?x40xbf16> into tensor<2x?x40xbf16>
  %o = tensor.empty(%seq) : tensor<2x?x40xbf16>
  %z = linalg.generic {indexing_maps = [#all, #last, #all, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%wide, %b, %r : tensor<2x?x40xbf16>, tensor<40xbf16>, tensor<2x?x40xbf16>) outs(%o : tensor<2x?x40xbf16>) {
  ^bb0(%a: bf16, %bias: bf16, %res: bf16, %out: bf16):
    %0 = arith.addf %a, %bias : bf16
    %1 = arith.addf %0, %res : bf16
    linalg.yield %1 : bf16
  } -> tensor<2x?x40xbf16>
  return %z : tensor<2x?x40xbf16>
}

// -----

// A product that something else reads too stays as it is.
// CHECK-LABEL: func.func @read_twice(
// CHECK:         varve_cpu.product
// CHECK:         linalg.generic
#map = affine_map<(d0, d1) -> (d0, d1)>
func.func @read_twice(%x: tensor<4x8xf32>, %p: tensor<1x8x8xf32>, %w: tensor<1x8x32xf32>) -> (tensor<4x32xf32>, tensor<4x32xf32>) {
  %e = tensor.empty() : tensor<4x32xf32>
  %y = varve_cpu.product %p, %w row %x into %e {
  ^bb0(%sum: f32):
    varve_cpu.yield %sum : f32
  } : (tensor<1x8x8xf32>, tensor<1x8x32xf32>, tensor<4x8xf32>, tensor<4x32xf32>) -> tensor<4x32xf32>
  %z = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]} ins(%y : tensor<4x32xf32>) outs(%e : tensor<4x32xf32>) {
  ^bb0(%a: f32, %out: f32):
    %0 = arith.negf %a : f32
    linalg.yield %0 : f32
  } -> tensor<4x32xf32>
  return %y, %z : tensor<4x32xf32>, tensor<4x32xf32>
}

// -----

// Every second column of an operand is no run of memory: a vector of it cannot be loaded.
// CHECK-LABEL: func.func @strided(
// CHECK:         varve_cpu.product
// CHECK:         linalg.generic
#map = affine_map<(d0, d1) -> (d0, d1)>
func.func @strided(%x: tensor<4x8xf32>, %p: tensor<1x8x8xf32>, %w: tensor<1x8x32xf32>, %r: tensor<4x64xf32>) -> tensor<4x32xf32> {
  %e = tensor.empty() : tensor<4x32xf32>
  %y = varve_cpu.product %p, %w row %x into %e {
  ^bb0(%sum: f32):
    varve_cpu.yield %sum : f32
  } : (tensor<1x8x8xf32>, tensor<1x8x32xf32>, tensor<4x8xf32>, tensor<4x32xf32>) -> tensor<4x32xf32>
  %half = tensor.extract_slice %r[0, 0] [4, 32] [1, 2] : tensor<4x64xf32> to tensor<4x32xf32>
  %z = linalg.generic {indexing_maps = [#map, #map, #map], iterator_types = ["parallel", "parallel"]} ins(%y, %half : tensor<4x32xf32>, tensor<4x32xf32>) outs(%e : tensor<4x32xf32>) {
  ^bb0(%a: f32, %b: f32, %out: f32):
    %0 = arith.addf %a, %b : f32
    linalg.yield %0 : f32
  } -> tensor<4x32xf32>
  return %z : tensor<4x32xf32>
}

// -----

// A convolution's windows are one axis: a residual is flattened, and what has an axis of its own keeps that. Reads of axes of
// size 1 are reads of what is beside them.
// CHECK:       #[[$N_C:.+]] = affine_map<(d0, d1, d2) -> (d0, d1)>
// CHECK-LABEL: func.func @convolution(
// CHECK-SAME:    %{{.+}}: tensor<2x8x1x4x4xf32>, %{{.+}}: tensor<1x8x32xf32>, %[[R:.+]]: tensor<2x32x4x4xf32>, %[[S:.+]]: tensor<2x32x1x1xf32>
// CHECK-DAG:     %[[FLAT:.+]] = tensor.collapse_shape %[[R]] {{\[\[}}0], [1], [2, 3]]
// CHECK-DAG:     %[[SHIFT:.+]] = tensor.collapse_shape %[[S]] {{\[\[}}0], [1, 2, 3]]
// CHECK:         varve_cpu.convolution %{{.+}} with %[[FLAT]], %[[SHIFT]] into
// CHECK-SAME:        maps = [#{{.+}}, #[[$N_C]]]
// CHECK:           arith.addf
// CHECK:           arith.mulf
// CHECK-NOT:     linalg.generic
#planes = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
#channels = affine_map<(d0, d1, d2, d3) -> (d0, d1, 0, 0)>
func.func @convolution(%x: tensor<2x8x1x4x4xf32>, %w: tensor<1x8x32xf32>, %r: tensor<2x32x4x4xf32>, %s: tensor<2x32x1x1xf32>, %i: index) -> tensor<2x32x4x4xf32> {
  %e = tensor.empty() : tensor<2x32x16xf32>
  %y = varve_cpu.convolution %x, %w windows(%i, %i, %i) into %e attributes {dilations = array<i64: 1, 1, 1>, groups = 1 : i64, kernel = array<i64: 1, 1, 1>, padding = array<i64: 0, 0, 0>, strides = array<i64: 1, 1, 1>} {
  ^bb0(%sum: f32):
    varve_cpu.yield %sum : f32
  } : (tensor<2x8x1x4x4xf32>, tensor<1x8x32xf32>, index, index, index, tensor<2x32x16xf32>) -> tensor<2x32x16xf32>
  %wide = tensor.expand_shape %y [[0], [1], [2, 3]] output_shape [2, 32, 4, 4] : tensor<2x32x16xf32> into tensor<2x32x4x4xf32>
  %o = tensor.empty() : tensor<2x32x4x4xf32>
  %z = linalg.generic {indexing_maps = [#planes, #planes, #channels, #planes], iterator_types = ["parallel", "parallel", "parallel", "parallel"]}
      ins(%wide, %r, %s : tensor<2x32x4x4xf32>, tensor<2x32x4x4xf32>, tensor<2x32x1x1xf32>) outs(%o : tensor<2x32x4x4xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %out: f32):
    %0 = arith.addf %a, %b : f32
    %1 = arith.mulf %0, %c : f32
    linalg.yield %1 : f32
  } -> tensor<2x32x4x4xf32>
  return %z : tensor<2x32x4x4xf32>
}

// -----

// So does a product with a weight in blocks.
// CHECK-LABEL: func.func @blocks(
// CHECK:         varve_cpu.product %{{.+}}, %{{.+}} row %{{.+}} into %{{.+}} attributes {encoding = "q8_0"} {
// CHECK:           arith.negf
// CHECK-NOT:     linalg.generic
#map = affine_map<(d0, d1) -> (d0, d1)>
func.func @blocks(%x: tensor<4x32xf32>, %p: tensor<1x120xi32>, %w: tensor<1x1x544xi8>) -> tensor<4x16xf32> {
  %e = tensor.empty() : tensor<4x16xf32>
  %y = varve_cpu.product %p, %w row %x into %e attributes {encoding = "q8_0"} {
  ^bb0(%sum: f32):
    varve_cpu.yield %sum : f32
  } : (tensor<1x120xi32>, tensor<1x1x544xi8>, tensor<4x32xf32>, tensor<4x16xf32>) -> tensor<4x16xf32>
  %z = linalg.generic {indexing_maps = [#map, #map], iterator_types = ["parallel", "parallel"]} ins(%y : tensor<4x16xf32>) outs(%e : tensor<4x16xf32>) {
  ^bb0(%a: f32, %out: f32):
    %0 = arith.negf %a : f32
    linalg.yield %0 : f32
  } -> tensor<4x16xf32>
  return %z : tensor<4x16xf32>
}

// -----

// What was only transposed is packed from where it came from; what would be read with elements apart along both axes is not.
// CHECK-DAG: #[[$HEADS:.+]] = affine_map<(d0, d1, d2) -> (d1, d0, d2)>
// CHECK-LABEL: func.func @pack_transposed(
// CHECK-SAME:    %[[X:.+]]: tensor<4x3x8xf32>, %[[Y:.+]]: tensor<4x8x3xf32>,
// CHECK:         %[[COPY:.+]] = linalg.generic {{.*}} ins(%[[Y]] :
// CHECK-DAG:     varve_cpu.pack %[[X]] batch(%{{.+}}) into %{{.+}} {map = #[[$HEADS]]}
// CHECK-DAG:     varve_cpu.pack %[[COPY]] batch(%{{.+}}) into
#first = affine_map<(d0, d1, d2) -> (d1, d0, d2)>
#last = affine_map<(d0, d1, d2) -> (d1, d2, d0)>
#all = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
func.func @pack_transposed(%x: tensor<4x3x8xf32>, %y: tensor<4x8x3xf32>, %p: tensor<3x8x8xf32>) -> (tensor<3x8x8xf32>, tensor<3x8x8xf32>) {
  %b = arith.constant 3 : index
  %e = tensor.empty() : tensor<3x4x8xf32>
  %a = linalg.generic {indexing_maps = [#first, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%x : tensor<4x3x8xf32>) outs(%e : tensor<3x4x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<3x4x8xf32>
  %c = linalg.generic {indexing_maps = [#last, #all], iterator_types = ["parallel", "parallel", "parallel"]}
      ins(%y : tensor<4x8x3xf32>) outs(%e : tensor<3x4x8xf32>) {
  ^bb0(%in: f32, %out: f32):
    linalg.yield %in : f32
  } -> tensor<3x4x8xf32>
  %0 = varve_cpu.pack %a batch(%b) into %p {map = #all} : (tensor<3x4x8xf32>, index, tensor<3x8x8xf32>) -> tensor<3x8x8xf32>
  %1 = varve_cpu.pack %c batch(%b) into %p {map = #all} : (tensor<3x4x8xf32>, index, tensor<3x8x8xf32>) -> tensor<3x8x8xf32>
  return %0, %1 : tensor<3x8x8xf32>, tensor<3x8x8xf32>
}
