// RUN: varve-opt %s --varve-convert-to-linalg | FileCheck %s

// CHECK-DAG: #[[$PAIR:.+]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d4)>
// CHECK-DAG: #[[$TABLE:.+]] = affine_map<(d0, d1, d2, d3, d4) -> (d1, d4)>
// CHECK-DAG: #[[$TABLES:.+]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d3)>
// CHECK-DAG: #[[$FIRST:.+]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d3)>
// CHECK-DAG: #[[$ALL:.+]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d1, d2, d3, d4)>
// CHECK-DAG: #[[$QUERY:.+]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d3, d1, d2, d5)>
// CHECK-DAG: #[[$KEY:.+]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d4, d1, d5)>
// CHECK-DAG: #[[$SCORE:.+]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d2, d3, d4)>
// CHECK-DAG: #[[$POWER:.+]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d2, d3, d1, d4)>
// CHECK-DAG: #[[$VALUE:.+]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d4, d2, d5)>
// CHECK-DAG: #[[$MIXED:.+]] = affine_map<(d0, d1, d2, d3, d4, d5) -> (d0, d1, d2, d3, d5)>
// CHECK-DAG: #[[$SUM:.+]] = affine_map<(d0, d1, d2, d3, d4) -> (d0, d2, d3, d1)>
// CHECK-DAG: #[[$ONE_MASK:.+]] = affine_map<(d0, d1, d2, d3, d4) -> (0, 0, d3, d4)>
// CHECK-DAG: #[[$HEAD_MASK:.+]] = affine_map<(d0, d1, d2, d3, d4) -> (0, d1, d2, d3, d4)>
// CHECK-DAG: #[[$SLOPE:.+]] = affine_map<(d0, d1, d2, d3, d4) -> (d1, d2)>
// CHECK-DAG: #[[$ROW:.+]] = affine_map<(d0, d1, d2, d3) -> (d0, d1, d2, d3)>
// CHECK-DAG: #[[$SINK:.+]] = affine_map<(d0, d1, d2, d3) -> (d1, d2)>

// Pairs are an element of each half: both are views, the result is [.., 2, dim / 2].
// CHECK-LABEL: func.func private @rope_half(
// CHECK-SAME:    %[[SEQ:[a-z0-9]+]]: index, %[[X:[a-z0-9]+]]: tensor<1x?x4x8xbf16> {{.*}}, %[[COS:[a-z0-9]+]]: tensor<?x4xf32> {{.*}}, %[[SIN:[a-z0-9]+]]: tensor<?x4xf32>
// CHECK:         %[[A:.+]] = tensor.extract_slice %[[X]][0, 0, 0, 0] [1, %[[SEQ]], 4, 4] [1, 1, 1, 1]
// CHECK:         %[[B:.+]] = tensor.extract_slice %[[X]][0, 0, 0, 4] [1, %[[SEQ]], 4, 4] [1, 1, 1, 1]
// CHECK:         %[[Y:.+]] = linalg.generic {indexing_maps = [#[[$PAIR]], #[[$PAIR]], #[[$TABLE]], #[[$TABLE]], #[[$ALL]]], {{.*}} ins(%[[A]], %[[B]], %[[COS]], %[[SIN]] : {{.*}}) outs(%{{.+}} : tensor<1x?x4x2x4xbf16>)
// CHECK:           %[[A32:.+]] = arith.extf %{{.+}} : bf16 to f32
// CHECK:           %[[B32:.+]] = arith.extf %{{.+}} : bf16 to f32
// CHECK:           %[[WHICH:.+]] = linalg.index 3 : index
// CHECK:           %[[IS_A:.+]] = arith.cmpi eq, %[[WHICH]], %{{.+}} : index
// CHECK:           %[[MINUS:.+]] = arith.negf %[[B32]] : f32
// CHECK:           %[[OWN:.+]] = arith.select %[[IS_A]], %[[A32]], %[[B32]] : f32
// CHECK:           %[[OTHER:.+]] = arith.select %[[IS_A]], %[[MINUS]], %[[A32]] : f32
// CHECK:           %[[C:.+]] = arith.mulf %[[OWN]], %{{.+}} : f32
// CHECK:           %[[S:.+]] = arith.mulf %[[OTHER]], %{{.+}} : f32
// CHECK:           %[[TURNED:.+]] = arith.addf %[[C]], %[[S]] : f32
// CHECK:           arith.truncf %[[TURNED]] : f32 to bf16
// CHECK:         tensor.collapse_shape %[[Y]] {{\[\[}}0], [1], [2], [3, 4]] : tensor<1x?x4x2x4xbf16> into tensor<1x?x4x8xbf16>
varve.graph @rope_half(%x: tensor<1x?x4x8xbf16, #varve.dims<1, seq, 4, 8>>, %cos: tensor<?x4xf32, #varve.dims<seq, 4>>, %sin: tensor<?x4xf32, #varve.dims<seq, 4>>) {
  %0 = varve.rope %x, %cos, %sin {pairing = "half"} : (tensor<1x?x4x8xbf16, #varve.dims<1, seq, 4, 8>>, tensor<?x4xf32, #varve.dims<seq, 4>>, tensor<?x4xf32, #varve.dims<seq, 4>>) -> tensor<1x?x4x8xbf16, #varve.dims<1, seq, 4, 8>>
  varve.output
}

// Pairs are neighbours; the tables are of each item of the batch.
// CHECK-LABEL: func.func private @rope_interleaved(
// CHECK:         %[[A:.+]] = tensor.extract_slice %[[X:.+]][0, 0, 0, 0] [2, 3, 4, 4] [1, 1, 1, 2]
// CHECK:         %[[B:.+]] = tensor.extract_slice %[[X]][0, 0, 0, 1] [2, 3, 4, 4] [1, 1, 1, 2]
// CHECK:         linalg.generic {indexing_maps = [#[[$FIRST]], #[[$FIRST]], #[[$TABLES]], #[[$TABLES]], #[[$ALL]]], {{.*}} outs(%{{.+}} : tensor<2x3x4x4x2xf32>)
// CHECK:           linalg.index 4 : index
varve.graph @rope_interleaved(%x: tensor<2x3x4x8xf32>, %cos: tensor<2x3x4xf32>, %sin: tensor<2x3x4xf32>) {
  %0 = varve.rope %x, %cos, %sin {pairing = "interleaved"} : (tensor<2x3x4x8xf32>, tensor<2x3x4xf32>, tensor<2x3x4xf32>) -> tensor<2x3x4x8xf32>
  varve.output
}

// Four heads share two of keys and values: a loop of two, and no copy.
// CHECK-LABEL: func.func private @attention(
// CHECK-SAME:    %[[Q:[a-z0-9]+]]: tensor<1x?x4x16xbf16> {{.*}}, %[[K:[a-z0-9]+]]: tensor<1x?x2x16xbf16> {{.*}}, %[[V:[a-z0-9]+]]: tensor<1x?x2x8xbf16>
// CHECK:         %[[SCALE:.+]] = arith.constant 2.500000e-01 : f32
// CHECK:         %[[HEADS:.+]] = tensor.expand_shape %[[Q]] {{\[\[}}0], [1], [2, 3], [4]] {{.*}} into tensor<1x?x2x2x16xbf16>
// CHECK:         %[[SCALED:.+]] = linalg.generic {{.*}} ins(%[[HEADS]] : tensor<1x?x2x2x16xbf16>) outs(%{{.+}} : tensor<1x?x2x2x16xf32>)
// CHECK:           arith.mulf %{{.+}}, %[[SCALE]] : f32
// CHECK:         %[[SCORES:.+]] = linalg.generic {indexing_maps = [#[[$QUERY]], #[[$KEY]], #[[$SCORE]]], iterator_types = ["parallel", "parallel", "parallel", "parallel", "parallel", "reduction"]} ins(%[[SCALED]], %[[K]] : {{.*}}) outs(%{{.+}} : tensor<1x2x2x?x?xf32>)
// CHECK:         %[[MOST:.+]] = linalg.generic {indexing_maps = [#[[$ALL]], #[[$FIRST]]], {{.*}} ins(%[[SCORES]] : tensor<1x2x2x?x?xf32>) outs(%{{.+}} : tensor<1x2x2x?xf32>)
// CHECK:           arith.maximumf
// CHECK:         %[[POWERS:.+]] = linalg.generic {indexing_maps = [#[[$ALL]], #[[$FIRST]], #[[$ALL]]], {{.*}} ins(%[[SCORES]], %[[MOST]] :
// CHECK:           %[[BLIND:.+]] = arith.cmpf oeq, %{{.+}}, %{{.+}} : f32
// CHECK:           %[[FROM:.+]] = arith.select %[[BLIND]]
// CHECK:           %[[BELOW:.+]] = arith.subf %{{.+}}, %[[FROM]] : f32
// CHECK:           math.exp %[[BELOW]] : f32
// CHECK:         %[[SUMS:.+]] = linalg.generic {indexing_maps = [#[[$ALL]], #[[$FIRST]]], {{.*}} ins(%[[POWERS]] :
// CHECK:         %[[MIXED:.+]] = linalg.generic {indexing_maps = [#[[$POWER]], #[[$VALUE]], #[[$MIXED]]], iterator_types = ["parallel", "parallel", "parallel", "parallel", "reduction", "parallel"]} ins(%[[POWERS]], %[[V]] : {{.*}}) outs(%{{.+}} : tensor<1x?x2x2x8xf32>)
// CHECK:         %[[RESULT:.+]] = linalg.generic {indexing_maps = [#[[$ALL]], #[[$SUM]], #[[$ALL]]], {{.*}} ins(%[[MIXED]], %[[SUMS]] : {{.*}}) outs(%{{.+}} : tensor<1x?x2x2x8xbf16>)
// CHECK:           %[[BLIND:.+]] = arith.cmpf oeq, %{{.+}}, %{{.+}} : f32
// CHECK:           %[[BY:.+]] = arith.select %[[BLIND]]
// CHECK:           arith.divf %{{.+}}, %[[BY]] : f32
// CHECK:         tensor.collapse_shape %[[RESULT]] {{\[\[}}0], [1], [2, 3], [4]] : tensor<1x?x2x2x8xbf16> into tensor<1x?x4x8xbf16>
varve.graph @attention(%q: tensor<1x?x4x16xbf16, #varve.dims<1, seq, 4, 16>>, %k: tensor<1x?x2x16xbf16, #varve.dims<1, keys, 2, 16>>, %v: tensor<1x?x2x8xbf16, #varve.dims<1, keys, 2, 8>>) {
  %0 = varve.attention %q, %k, %v : (tensor<1x?x4x16xbf16, #varve.dims<1, seq, 4, 16>>, tensor<1x?x2x16xbf16, #varve.dims<1, keys, 2, 16>>, tensor<1x?x2x8xbf16, #varve.dims<1, keys, 2, 8>>) -> tensor<1x?x4x8xbf16, #varve.dims<1, seq, 4, 8>>
  varve.output
}

// Query i stands at i + S - T, which is i + past here.
// CHECK-LABEL: func.func private @causal_window(
// CHECK-SAME:    %[[PAST:[a-z0-9]+]]: index, %{{[a-z0-9]+}}: index, %{{[a-z0-9]+}}: tensor<1x?x4x16xf32>
// CHECK:           arith.mulf
// CHECK:         %[[SCORES:.+]] = linalg.generic {indexing_maps = [#[[$QUERY]], #[[$KEY]], #[[$SCORE]]]
// CHECK:         linalg.generic {indexing_maps = [#[[$ALL]], #[[$ALL]]], {{.*}} ins(%[[SCORES]] :
// CHECK-NEXT:    ^bb0(%[[SCORE:.+]]: f32, %{{.+}}: f32):
// CHECK:           %[[HIDDEN:.+]] = arith.constant 0xFF800000 : f32
// CHECK:           %[[J:.+]] = linalg.index 4 : index
// CHECK:           %[[I:.+]] = linalg.index 3 : index
// CHECK:           %[[AT:.+]] = arith.addi %[[I]], %[[PAST]] : index
// CHECK:           %[[SEEN:.+]] = arith.cmpi sle, %[[J]], %[[AT]] : index
// CHECK:           %[[CAUSAL:.+]] = arith.select %[[SEEN]], %[[SCORE]], %[[HIDDEN]] : f32
// CHECK:           %[[WINDOW:.+]] = arith.constant 128 : index
// CHECK:           %[[BEFORE:.+]] = arith.subi %[[AT]], %[[WINDOW]] : index
// CHECK:           %[[NEAR:.+]] = arith.cmpi sgt, %[[J]], %[[BEFORE]] : index
// CHECK:           %[[MASKED:.+]] = arith.select %[[NEAR]], %[[CAUSAL]], %[[HIDDEN]] : f32
// CHECK:           linalg.yield %[[MASKED]] : f32
varve.graph @causal_window(%q: tensor<1x?x4x16xf32, #varve.dims<1, seq, 4, 16>>, %k: tensor<1x?x2x16xf32, #varve.dims<1, past + seq, 2, 16>>, %past: tensor<i64> {varve.dim = "past"}) {
  %0 = varve.attention %q, %k, %k {causal, window = 128} : (tensor<1x?x4x16xf32, #varve.dims<1, seq, 4, 16>>, tensor<1x?x2x16xf32, #varve.dims<1, past + seq, 2, 16>>, tensor<1x?x2x16xf32, #varve.dims<1, past + seq, 2, 16>>) -> tensor<1x?x4x16xf32, #varve.dims<1, seq, 4, 16>>
  varve.output
}

// CHECK-LABEL: func.func private @masks(
// CHECK-SAME:    %[[SHOWN:[a-z0-9]+]]: tensor<1x1x3x5xi8> {{.*}}, %[[ADDED:[a-z0-9]+]]: tensor<1x4x3x5xf16>
// CHECK:         arith.constant 3.000000e+00 : f32
// CHECK:         linalg.generic {indexing_maps = [#[[$ALL]], #[[$ONE_MASK]], #[[$ALL]]], {{.*}} ins(%{{.+}}, %[[SHOWN]] : tensor<2x2x2x3x5xf32>, tensor<1x1x3x5xi8>)
// CHECK:           %[[IS:.+]] = arith.cmpi ne, %{{.+}}, %{{.+}} : i8
// CHECK:           arith.select %[[IS]]
// CHECK:         %[[HEADS:.+]] = tensor.expand_shape %[[ADDED]] {{.*}} into tensor<1x2x2x3x5xf16>
// CHECK:         linalg.generic {indexing_maps = [#[[$ALL]], #[[$HEAD_MASK]], #[[$ALL]]], {{.*}} ins(%{{.+}}, %[[HEADS]] :
// CHECK:           %[[WIDE:.+]] = arith.extf %{{.+}} : f16 to f32
// CHECK:           arith.addf %{{.+}}, %[[WIDE]] : f32
varve.graph @masks(%q: tensor<2x3x4x8xf16>, %k: tensor<2x5x2x8xf16>, %shown: tensor<1x1x3x5xi1>, %added: tensor<1x4x3x5xf16>) {
  %0 = varve.attention %q, %k, %k, %shown {scale = 3.0} : (tensor<2x3x4x8xf16>, tensor<2x5x2x8xf16>, tensor<2x5x2x8xf16>, tensor<1x1x3x5xi1>) -> tensor<2x3x4x8xf16>
  %1 = varve.attention %q, %k, %k, %added : (tensor<2x3x4x8xf16>, tensor<2x5x2x8xf16>, tensor<2x5x2x8xf16>, tensor<1x4x3x5xf16>) -> tensor<2x3x4x8xf16>
  varve.output
}

// CHECK-LABEL: func.func private @dynamic_heads(
// CHECK-SAME:    %[[D:[a-z0-9]+]]: index, %[[H:[a-z0-9]+]]: index
// CHECK:         %[[WIDE:.+]] = arith.index_cast %[[D]] : index to i64
// CHECK:         %[[SIZE:.+]] = arith.sitofp %[[WIDE]] : i64 to f32
// CHECK:         %[[ROOT:.+]] = math.sqrt %[[SIZE]] : f32
// CHECK:         arith.divf %{{.+}}, %[[ROOT]] : f32
// CHECK:         tensor.expand_shape %{{.+}} {{\[\[}}0], [1], [2, 3], [4]] output_shape [1, 3, %[[H]], 2, %[[D]]]
varve.graph @dynamic_heads(%q: tensor<1x3x?x?xf32, #varve.dims<1, 3, 2*h, d>>, %k: tensor<1x5x?x?xf32, #varve.dims<1, 5, h, d>>) {
  %0 = varve.attention %q, %k, %k : (tensor<1x3x?x?xf32, #varve.dims<1, 3, 2*h, d>>, tensor<1x5x?x?xf32, #varve.dims<1, 5, h, d>>, tensor<1x5x?x?xf32, #varve.dims<1, 5, h, d>>) -> tensor<1x3x?x?xf32, #varve.dims<1, 3, 2*h, d>>
  varve.output
}

// Capped, biased by slope * (j - (i + past)), and then masked; sinks join the sums.
// CHECK-LABEL: func.func private @kinds(
// CHECK-SAME:    %[[PAST:[a-z0-9]+]]: index, %{{[a-z0-9]+}}: index, %{{[a-z0-9]+}}: tensor<1x?x4x8xbf16> {{.*}}, %[[SINKS:[a-z0-9]+]]: tensor<4xbf16> {{.*}}, %[[SLOPES:[a-z0-9]+]]: tensor<4xf32>
// CHECK:         %[[HEADS:.+]] = tensor.expand_shape %[[SLOPES]] {{.*}} into tensor<2x2xf32>
// CHECK:         linalg.generic {indexing_maps = [#[[$ALL]], #[[$SLOPE]], #[[$ALL]]], {{.*}} ins(%{{.+}}, %[[HEADS]] :
// CHECK-NEXT:    ^bb0(%[[SCORE:.+]]: f32, %[[SLOPE:.+]]: f32, %{{.+}}: f32):
// CHECK:           %[[J:.+]] = linalg.index 4 : index
// CHECK:           %[[I:.+]] = linalg.index 3 : index
// CHECK:           %[[AT:.+]] = arith.addi %[[I]], %[[PAST]] : index
// CHECK:           %[[CAP:.+]] = arith.constant 5.000000e+01 : f32
// CHECK:           %[[PART:.+]] = arith.divf %[[SCORE]], %[[CAP]] : f32
// CHECK:           %[[TANH:.+]] = math.tanh %[[PART]] : f32
// CHECK:           %[[CAPPED:.+]] = arith.mulf %[[TANH]], %[[CAP]] : f32
// CHECK:           %[[FAR:.+]] = arith.subi %[[J]], %[[AT]] : index
// CHECK:           %[[WIDE:.+]] = arith.index_cast %[[FAR]] : index to i64
// CHECK:           %[[DISTANCE:.+]] = arith.sitofp %[[WIDE]] : i64 to f32
// CHECK:           %[[BIAS:.+]] = arith.mulf %[[SLOPE]], %[[DISTANCE]] : f32
// CHECK:           %[[BIASED:.+]] = arith.addf %[[CAPPED]], %[[BIAS]] : f32
// CHECK:           %[[SEEN:.+]] = arith.cmpi sle, %[[J]], %[[AT]] : index
// CHECK:           arith.select %[[SEEN]], %[[BIASED]], %{{.+}} : f32
// CHECK:         %[[HEADS:.+]] = tensor.expand_shape %[[SINKS]] {{.*}} into tensor<2x2xbf16>
// CHECK:         linalg.generic {indexing_maps = [#[[$ROW]], #[[$ROW]], #[[$SINK]], #[[$ROW]]], {{.*}} ins(%{{.+}}, %{{.+}}, %[[HEADS]] :
// CHECK-NEXT:    ^bb0(%[[SUM:.+]]: f32, %[[MOST:.+]]: f32, %[[NARROW:.+]]: bf16, %{{.+}}: f32):
// CHECK:           %[[BLIND:.+]] = arith.cmpf oeq, %[[SUM]], %[[ZERO:.+]] : f32
// CHECK:           %[[SINK:.+]] = arith.extf %[[NARROW]] : bf16 to f32
// CHECK:           %[[BELOW:.+]] = arith.subf %[[SINK]], %[[MOST]] : f32
// CHECK:           %[[POWER:.+]] = math.exp %[[BELOW]] : f32
// CHECK:           %[[WITH:.+]] = arith.addf %[[SUM]], %[[POWER]] : f32
// CHECK:           arith.select %[[BLIND]], %[[ZERO]], %[[WITH]] : f32
varve.graph @kinds(%q: tensor<1x?x4x8xbf16, #varve.dims<1, seq, 4, 8>>, %k: tensor<1x?x2x8xbf16, #varve.dims<1, past + seq, 2, 8>>, %past: tensor<i64> {varve.dim = "past"}, %sinks: tensor<4xbf16>, %slopes: tensor<4xf32>) {
  %0 = varve.attention %q, %k, %k sinks %sinks slopes %slopes {causal, soft_cap = 50.0 : f64} : (tensor<1x?x4x8xbf16, #varve.dims<1, seq, 4, 8>>, tensor<1x?x2x8xbf16, #varve.dims<1, past + seq, 2, 8>>, tensor<1x?x2x8xbf16, #varve.dims<1, past + seq, 2, 8>>, tensor<4xbf16>, tensor<4xf32>) -> tensor<1x?x4x8xbf16, #varve.dims<1, seq, 4, 8>>
  varve.output
}
