// RUN: varve-opt %s | varve-opt | FileCheck %s
// RUN: varve-opt %s --emit-bytecode | varve-opt | FileCheck %s

// Expressions are sums of products in canonical order: more names first, then by name, the constant last.
// CHECK-DAG: #[[A:.*]] = #varve.dims<batch*seq, past + seq, -past + 2*seq - 1, 4>
// CHECK-DAG: #[[B:.*]] = #varve.dims<a.b_1, x*x, -y + 1>
// CHECK-DAG: #{{.*}} = #varve.dims<>
// CHECK-DAG: #{{.*}} = #varve.dims<-1, 0>
// CHECK-DAG: #{{.*}} = #varve.dims<(h + 1) floordiv 2, ((h + 1) floordiv 2)*w + w, (h + 2) floordiv 6>
// CHECK: module
// CHECK: func.func private @expressions(tensor<?x?x?x4xf32, #{{.*}}>, tensor<?x?x?xi8, #{{.*}}>)
func.func private @expressions(tensor<?x?x?x4xf32, #varve.dims<seq*batch, seq + past, -1 + seq - past + seq, 2*2>>, tensor<?x?x?xi8, #varve.dims<a.b_1, x*x, 1 - y>>)

// Quotients are rounded down: what is divisible stands outside, and one in another is one.
// CHECK: func.func private @quotients(tensor<?x?x?xf32, #[[C:.*]]>)
func.func private @quotients(tensor<?x?x?xf32, #varve.dims<(h - 1) floordiv 2 + 1, w*((2*h + 6) floordiv 4), (h floordiv 2 + 1) floordiv 3>>)

// CHECK: func.func private @keywords_as_names(tensor<?x?xf32, #{{.*}}>)
func.func private @keywords_as_names(tensor<?x?xf32, #varve.dims<module, f32>>)

// CHECK: func.func private @buffers(!varve.buffer<f32>, !varve.buffer<1x256x2x32xbf16>, !varve.buffer<0x4xui8>)
func.func private @buffers(!varve.buffer<f32>, !varve.buffer<1x256x2x32xbf16>, !varve.buffer<0x4xui8>)

// CHECK: func.func private @panels(tensor<96x64xf32, #varve.panels<32>>, tensor<96x64xbf16, #varve.panels<32, 2>>, tensor<8x8xf32, #varve.panels<4>>, tensor<8x16x3x3xf32, #varve.panels<32, winograd>>)
func.func private @panels(tensor<96x64xf32, #varve.panels<32>>, tensor<96x64xbf16, #varve.panels<32, 2>>, tensor<8x8xf32, #varve.panels<4, 1>>, tensor<8x16x3x3xf32, #varve.panels<32, winograd>>)

// CHECK: func.func private @attributes() attributes {a = #{{.*}}, b = #{{.*}}, c = #varve.panels<1>}
func.func private @attributes() attributes {a = #varve.dims<>, b = #varve.dims<-1, 0>, c = #varve.panels<1>}

// CHECK: func.func private @encodings(tensor<2x32x!varve.q4_0>, tensor<2x32x!varve.q4_1>, tensor<2x32x!varve.q5_0>, tensor<2x32x!varve.q5_1>, tensor<2x32x!varve.q8_0>, tensor<2x256x!varve.q4_k>, tensor<2x256x!varve.q5_k>, tensor<2x256x!varve.q6_k>, tensor<2x32x!varve.mxfp4>, tensor<2x64x!varve.nvfp4>, tensor<2x3x!varve.f8e4m3>, tensor<2x3x!varve.f8e5m2>)
func.func private @encodings(tensor<2x32x!varve.q4_0>, tensor<2x32x!varve.q4_1>, tensor<2x32x!varve.q5_0>, tensor<2x32x!varve.q5_1>, tensor<2x32x!varve.q8_0>, tensor<2x256x!varve.q4_k>, tensor<2x256x!varve.q5_k>, tensor<2x256x!varve.q6_k>, tensor<2x32x!varve.mxfp4>, tensor<2x64x!varve.nvfp4>, tensor<2x3x!varve.f8e4m3>, tensor<2x3x!varve.f8e5m2>)
