// RUN: varve-opt %s -split-input-file -verify-diagnostics

// expected-error @+1 {{expects an argument that gives dimension 'seq' its value}}
varve.graph @graph_c1_argument(%x: tensor<?xf32, #varve.dims<seq + 1>>) {
  varve.output
}

// -----

varve.graph @graph_c1_result(%x: tensor<?xf32, #varve.dims<seq>>) {
  // expected-error @+1 {{expects an argument that gives dimension 'past' its value}}
  %0 = varve.iota {shape = #varve.dims<2*past>, dtype = i64} : () -> tensor<?xi64, #varve.dims<2*past>>
  varve.output
}

// -----

varve.graph @graph_c1_inside_layer(%x: tensor<?xf32, #varve.dims<seq>>) {
  varve.layer "a" : "A" {
    // expected-error @+1 {{expects an argument that gives dimension 'past' its value}}
    %0 = varve.dim <past>
  }
  varve.output
}

// -----

varve.graph @graph_c1_store(%x: tensor<1xf32>, %b: !varve.buffer<4xf32> {varve.name = "b"}) {
  // expected-error @+1 {{expects an argument that gives dimension 'past' its value}}
  varve.buffer.store %x, %b offsets(past) : tensor<1xf32>, !varve.buffer<4xf32>
  varve.output
}

// -----

varve.graph @graph_c1_slice(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects an argument that gives dimension 'past' its value}}
  %0 = varve.slice %x {starts = #varve.dims<past>, ends = #varve.dims<past + 1>, steps = array<i64: 1>} : (tensor<4xf32>) -> tensor<1xf32>
  varve.output
}

// -----

varve.graph @graph_c2_types_differ(%x: tensor<4xf32>) -> tensor<5xf32> {
  // expected-error @+1 {{expects operands of the graph's result types 'tensor<5xf32>', but got 'tensor<4xf32>'}}
  varve.output %x : tensor<4xf32>
}

// -----

varve.graph @graph_c2_number_differs(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  // expected-error @+1 {{expects operands of the graph's result types 'tensor<4xf32>', 'tensor<4xf32>', but got 'tensor<4xf32>'}}
  varve.output %x : tensor<4xf32>
}

// -----

// expected-error @+1 {{expects a varve.name for buffer argument 1}}
varve.graph @graph_c3_buffer_without_name(%x: tensor<4xf32>, %b: !varve.buffer<4xf32>) {
  varve.output
}

// -----

// expected-error @+1 {{expects arguments of different names, but got "x" twice}}
varve.graph @graph_c3_arguments_same_name(%x: tensor<4xf32> {varve.name = "x"}, %y: tensor<4xf32> {varve.name = "x"}) {
  varve.output
}

// -----

// expected-error @+1 {{expects results of different names, but got "y" twice}}
varve.graph @graph_c3_results_same_name(%x: tensor<4xf32>) -> (tensor<4xf32> {varve.name = "y"}, tensor<4xf32> {varve.name = "y"}) {
  varve.output %x, %x : tensor<4xf32>, tensor<4xf32>
}

// -----

// expected-error @+1 {{expects a tensor whose dynamic dimensions have names or a buffer as argument 0, but got 'tensor<?xf32>'}}
varve.graph @graph_c4_argument_unnamed(%x: tensor<?xf32>) {
  varve.output
}

// -----

// expected-error @+1 {{expects a tensor whose dynamic dimensions have names or a buffer as argument 0, but got 'tensor<4xf64>'}}
varve.graph @graph_c4_argument_element_type(%x: tensor<4xf64>) {
  varve.output
}

// -----

// expected-error @+1 {{expects a tensor whose dynamic dimensions have names or a buffer as argument 0, but got 'memref<4xf32>'}}
varve.graph @graph_c4_argument_no_tensor(%x: memref<4xf32>) {
  varve.output
}

// -----

// expected-error @+1 {{expects a tensor whose dynamic dimensions have names as result 0, but got '!varve.buffer<4xf32>'}}
varve.graph @graph_c4_result_buffer(%b: !varve.buffer<4xf32> {varve.name = "b"}) -> !varve.buffer<4xf32> {
  varve.output
}

// -----

varve.weight @w : tensor<8x4xf32, #varve.panels<8>>
// expected-error @+1 {{expects a tensor whose dynamic dimensions have names as result 0, but got 'tensor<8x4xf32, #varve.panels<8>>'}}
varve.graph @graph_c4_result_packed() -> tensor<8x4xf32, #varve.panels<8>> {
  %0 = varve.use @w : tensor<8x4xf32, #varve.panels<8>>
  varve.output %0 : tensor<8x4xf32, #varve.panels<8>>
}

// -----

// expected-error @+1 {{expects a scalar i64 tensor for dimension "n", but got 'tensor<1xi64>'}}
varve.graph @graph_c5_dim_type(%n: tensor<1xi64> {varve.dim = "n"}) {
  varve.output
}

// -----

// expected-error @+1 {{expects a name as varve.dim, but got "n + 1"}}
varve.graph @graph_c5_dim_no_name(%n: tensor<i64> {varve.dim = "n + 1"}) {
  varve.output
}

// -----

// expected-error @+1 {{expects tensors of less than 2^60 elements, but got 'tensor<1152921504606846976xi8>'}}
varve.graph @graph_c6_argument_size(%x: tensor<1152921504606846976xi8>) {
  varve.output
}

// -----

varve.graph @graph_c6_result_size(%x: tensor<f32>, %y: tensor<?xf32, #varve.dims<n>>) {
  // expected-error @+1 {{expects tensors of less than 2^60 elements, but got 'tensor<1073741824x?x1073741824xf32, #varve.dims<1073741824, n, 1073741824>>'}}
  %0 = varve.broadcast %x {shape = #varve.dims<1073741824, n, 1073741824>} : (tensor<f32>) -> tensor<1073741824x?x1073741824xf32, #varve.dims<1073741824, n, 1073741824>>
  varve.output
}

// -----

// expected-error @+1 {{expects no attribute of argument 0 but varve.name and varve.dim, but got "varve.nme"}}
varve.graph @graph_argument_attribute(%x: tensor<4xf32> {varve.nme = "x"}) {
  varve.output
}

// -----

// expected-error @+1 {{expects a string as "varve.name" of argument 0, but got 1 : i64}}
varve.graph @graph_argument_name(%x: tensor<4xf32> {varve.name = 1}) {
  varve.output
}

// -----

// expected-error @+1 {{expects no attribute of result 0 but varve.name, but got "varve.dim"}}
varve.graph @graph_result_attribute(%x: tensor<4xf32>) -> (tensor<4xf32> {varve.dim = "x"}) {
  varve.output %x : tensor<4xf32>
}

// -----

// expected-error @+1 {{expects a string as "varve.name" of result 0, but got unit}}
varve.graph @graph_result_name(%x: tensor<4xf32>) -> (tensor<4xf32> {varve.name}) {
  varve.output %x : tensor<4xf32>
}

// -----

// expected-error @+1 {{region #0 ('body') failed to verify constraint: region with 1 blocks}}
varve.graph @graph_without_body()

// -----

func.func @graph_inside_function() {
  // expected-error @+1 {{expects parent op 'builtin.module'}}
  varve.graph @inner() {
    varve.output
  }
  return
}

// -----

func.func @output_outside() {
  // expected-error @+1 {{expects parent op to be one of 'varve.graph, varve.layer, varve.cond, varve.loop'}}
  varve.output
}

// -----

varve.graph @output_operand(%b: !varve.buffer<4xf32> {varve.name = "b"}) {
  // expected-error @+1 {{expects operands to be tensor whose dynamic dimensions have names, or a packed or encoded weight, but got '!varve.buffer<4xf32>'}}
  varve.output %b : !varve.buffer<4xf32>
}

// -----

varve.graph @layer_c1_types_differ(%x: tensor<4xf32>) {
  %0 = varve.layer "a" : "A" -> tensor<5xf32> {
    // expected-error @+1 {{expects operands of the layer's result types 'tensor<5xf32>', but got 'tensor<4xf32>'}}
    varve.output %x : tensor<4xf32>
  }
  varve.output
}

// -----

varve.graph @layer_c1_no_output(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects operands of the layer's result types 'tensor<4xf32>', but got none}}
  %0 = varve.layer "a" : "A" -> tensor<4xf32> {
  }
  varve.output
}

// -----

varve.graph @layer_result_type(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects results to be tensor whose dynamic dimensions have names, or a packed or encoded weight, but got 'tensor<?xf32>'}}
  %0 = varve.layer "a" : "A" -> tensor<?xf32> {
    %1 = builtin.unrealized_conversion_cast %x : tensor<4xf32> to tensor<?xf32>
    varve.output %1 : tensor<?xf32>
  }
  varve.output
}

// -----

// expected-error @+1 {{expects type to be statically shaped tensor of f32, f16, bf16, i8, i32, i64, ui8 or i1, or of whole blocks of an encoding, but got tensor<?xf32, #varve.dims<n>>}}
varve.weight @weight_dynamic : tensor<?xf32, #varve.dims<n>>

// -----

// expected-error @+1 {{expects type to be statically shaped tensor of f32, f16, bf16, i8, i32, i64, ui8 or i1, or of whole blocks of an encoding, but got tensor<4xf64>}}
varve.weight @weight_element_type : tensor<4xf64>

// -----

// expected-error @+1 {{expects type to be statically shaped tensor of f32, f16, bf16, i8, i32, i64, ui8 or i1, or of whole blocks of an encoding, but got tensor<4x250x!varve.q4_k>}}
varve.weight @weight_cut_block : tensor<4x250x!varve.q4_k>

// -----

// expected-error @+1 {{or of whole blocks of an encoding, but got tensor<!varve.f8e4m3>}}
varve.weight @weight_scalar_block : tensor<!varve.f8e4m3>

// -----

// expected-error @+1 {{expects a tensor whose dynamic dimensions have names or a buffer as argument 0, but got 'tensor<4x32x!varve.q4_0>'}}
varve.graph @graph_c4_blocks(%x: tensor<4x32x!varve.q4_0>) {
  varve.output
}

// -----

// expected-error @+1 {{expects less than 2^60 elements, but got 'tensor<4294967296x4294967296xi8>'}}
varve.weight @weight_c1_size : tensor<4294967296x4294967296xi8>

// -----

// expected-note @+1 {{see existing symbol definition here}}
varve.weight @weight_twice : tensor<4xf32>
// expected-error @+1 {{redefinition of symbol named 'weight_twice'}}
varve.weight @weight_twice : tensor<4xf32>

// -----

varve.graph @use_c1_unknown() {
  // expected-error @+1 {{expects a weight of the module, but got @w}}
  %0 = varve.use @w : tensor<4xf32>
  varve.output
}

// -----

varve.graph @use_c1_graph() {
  // expected-error @+1 {{expects a weight of the module, but got @use_c1_graph}}
  %0 = varve.use @use_c1_graph : tensor<4xf32>
  varve.output
}

// -----

// expected-note @+1 {{the weight is declared here}}
varve.weight @w : tensor<4xf32>
varve.graph @use_c2_type_differs() {
  // expected-error @+1 {{expects the weight's type 'tensor<4xf32>', but got 'tensor<4xbf16>'}}
  %0 = varve.use @w : tensor<4xbf16>
  varve.output
}

// -----

varve.graph @constant_c1_element_type() {
  // expected-error @+1 {{expects a dense tensor of an element type of the dialect, but got dense<1.000000e+00> : tensor<4xf64>}}
  %0 = varve.constant dense<1.0> : tensor<4xf64>
  varve.output
}

// -----

varve.graph @constant_c1_vector() {
  // expected-error @+1 {{expects a dense tensor of an element type of the dialect, but got dense<1.000000e+00> : vector<4xf32>}}
  %0 = varve.constant dense<1.0> : vector<4xf32>
  varve.output
}

// -----

varve.graph @constant_c1_resource() {
  // expected-error @+1 {{expects a dense tensor of an element type of the dialect, but got dense_resource<blob> : tensor<4xf32>}}
  %0 = varve.constant dense_resource<blob> : tensor<4xf32>
  varve.output
}

// -----

varve.graph @constant_c1_sparse() {
  // expected-error @+1 {{expects a dense tensor of an element type of the dialect, but got sparse<0, 1.000000e+00> : tensor<4xf32>}}
  %0 = varve.constant sparse<[[0]], [1.0]> : tensor<4xf32>
  varve.output
}

// -----

varve.graph @load_c1_used_after_store(%b: !varve.buffer<4xf32> {varve.name = "b"}, %x: tensor<4xf32>) {
  // expected-error @+1 {{expects no use after a store to the buffer, but got one by varve.neg}}
  %0 = varve.buffer.load %b : (!varve.buffer<4xf32>) -> tensor<4xf32>
  // expected-note @+1 {{the store}}
  varve.buffer.store %x, %b : tensor<4xf32>, !varve.buffer<4xf32>
  // expected-note @+1 {{the use}}
  %1 = varve.neg %0 : (tensor<4xf32>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @load_c1_output_after_store(%b: !varve.buffer<4xf32> {varve.name = "b"}, %x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{expects no use after a store to the buffer, but got one by varve.output}}
  %0 = varve.buffer.load %b : (!varve.buffer<4xf32>) -> tensor<4xf32>
  // expected-note @+1 {{the store}}
  varve.buffer.store %x, %b : tensor<4xf32>, !varve.buffer<4xf32>
  // expected-note @+1 {{the use}}
  varve.output %0 : tensor<4xf32>
}

// -----

varve.graph @load_c1_view_used_after_store(%b: !varve.buffer<2x4xf32> {varve.name = "b"}, %x: tensor<1x4xf32>) {
  // expected-error @+1 {{expects no use after a store to the buffer, but got one by varve.print}}
  %0 = varve.buffer.load %b : (!varve.buffer<2x4xf32>) -> tensor<2x4xf32>
  %1 = varve.slice %0 {starts = #varve.dims<0, 0>, ends = #varve.dims<1, 4>, steps = array<i64: 1, 1>} : (tensor<2x4xf32>) -> tensor<1x4xf32>
  %2 = varve.transpose %1 {permutation = array<i64: 1, 0>} : (tensor<1x4xf32>) -> tensor<4x1xf32>
  %3 = varve.reshape %2 {shape = #varve.dims<4>} : (tensor<4x1xf32>) -> tensor<4xf32>
  %4 = varve.broadcast %3 {shape = #varve.dims<2, 4>} : (tensor<4xf32>) -> tensor<2x4xf32>
  %5:2 = varve.split %4 {axis = 0 : i64, sizes = #varve.dims<1, 1>} : (tensor<2x4xf32>) -> (tensor<1x4xf32>, tensor<1x4xf32>)
  %6 = varve.identity %5#1 : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %7 = varve.rebind %6, "same" : tensor<1x4xf32> to tensor<1x4xf32>
  // expected-note @+1 {{the store}}
  varve.buffer.store %x, %b offsets(1, 0) : tensor<1x4xf32>, !varve.buffer<2x4xf32>
  // expected-note @+1 {{the use}}
  varve.print %7, "x" : tensor<1x4xf32>
  varve.output
}

// -----

varve.graph @load_c1_out_of_layer(%b: !varve.buffer<4xf32> {varve.name = "b"}, %x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = varve.layer "outer" : "Outer" -> tensor<4xf32> {
    %1 = varve.layer "inner" : "Inner" -> tensor<4xf32> {
      // expected-error @+1 {{expects no use after a store to the buffer, but got one by varve.neg}}
      %2 = varve.buffer.load %b : (!varve.buffer<4xf32>) -> tensor<4xf32>
      varve.output %2 : tensor<4xf32>
    }
    varve.output %1 : tensor<4xf32>
  }
  // expected-note @+1 {{the store}}
  varve.buffer.store %x, %b : tensor<4xf32>, !varve.buffer<4xf32>
  // expected-note @+1 {{the use}}
  %3 = varve.neg %0 : (tensor<4xf32>) -> tensor<4xf32>
  varve.output %3 : tensor<4xf32>
}

// -----

varve.graph @load_c1_into_layer(%b: !varve.buffer<4xf32> {varve.name = "b"}, %x: tensor<4xf32>) {
  // expected-error @+1 {{expects no use after a store to the buffer, but got one by varve.neg}}
  %0 = varve.buffer.load %b : (!varve.buffer<4xf32>) -> tensor<4xf32>
  varve.layer "first" : "First" {
    // expected-note @+1 {{the store}}
    varve.buffer.store %x, %b : tensor<4xf32>, !varve.buffer<4xf32>
  }
  varve.layer "second" : "Second" {
    // expected-note @+1 {{the use}}
    %1 = varve.neg %0 : (tensor<4xf32>) -> tensor<4xf32>
  }
  varve.output
}

// -----

varve.graph @load_c2_no_argument(%x: tensor<4xf32>) {
  %0 = builtin.unrealized_conversion_cast %x : tensor<4xf32> to !varve.buffer<4xf32>
  // expected-error @+1 {{expects a buffer that is an argument, but got a result of builtin.unrealized_conversion_cast}}
  %1 = varve.buffer.load %0 : (!varve.buffer<4xf32>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @load_no_buffer(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects buffer to be state that lives across calls, such as a KV cache, but got 'tensor<4xf32>'}}
  %0 = "varve.buffer.load"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @store_c1_rank(%b: !varve.buffer<1x4xf32> {varve.name = "b"}, %x: tensor<4xf32>) {
  // expected-error @+1 {{expects input and buffer of equal rank and element type, but got 'tensor<4xf32>' and '!varve.buffer<1x4xf32>'}}
  varve.buffer.store %x, %b : tensor<4xf32>, !varve.buffer<1x4xf32>
  varve.output
}

// -----

varve.graph @store_c1_element_type(%b: !varve.buffer<4xf32> {varve.name = "b"}, %x: tensor<4xbf16>) {
  // expected-error @+1 {{expects input and buffer of equal rank and element type, but got 'tensor<4xbf16>' and '!varve.buffer<4xf32>'}}
  varve.buffer.store %x, %b : tensor<4xbf16>, !varve.buffer<4xf32>
  varve.output
}

// -----

varve.graph @store_c2_offsets(%b: !varve.buffer<1x4xf32> {varve.name = "b"}, %x: tensor<1x4xf32>) {
  // expected-error @+1 {{expects 2 offsets, but got 1}}
  varve.buffer.store %x, %b offsets(0) : tensor<1x4xf32>, !varve.buffer<1x4xf32>
  varve.output
}

// -----

varve.graph @store_c3_behind_end(%b: !varve.buffer<4xf32> {varve.name = "b"}, %x: tensor<2xf32>) {
  // expected-error @+1 {{expects a slice inside dimension 0 of size 4, but got offset 3 and size 2}}
  varve.buffer.store %x, %b offsets(3) : tensor<2xf32>, !varve.buffer<4xf32>
  varve.output
}

// -----

varve.graph @store_c3_before_begin(%b: !varve.buffer<4xf32> {varve.name = "b"}, %x: tensor<2xf32>) {
  // expected-error @+1 {{expects a slice inside dimension 0 of size 4, but got offset -1 and size 2}}
  varve.buffer.store %x, %b offsets(-1) : tensor<2xf32>, !varve.buffer<4xf32>
  varve.output
}

// -----

varve.graph @store_c3_name(%b: !varve.buffer<4xf32> {varve.name = "b"}, %x: tensor<?xf32, #varve.dims<seq>>) {
  // expected-error @+1 {{expects a slice inside dimension 0 of size 4, but got offset -seq + 5 and size seq}}
  varve.buffer.store %x, %b offsets(5 - seq) : tensor<?xf32, #varve.dims<seq>>, !varve.buffer<4xf32>
  varve.output
}

// -----

varve.graph @store_c3_overflow(%b: !varve.buffer<4xf32> {varve.name = "b"}, %x: tensor<2xf32>) {
  // expected-error @+1 {{expects a slice inside dimension 0 of size 4, but got offset 9223372036854775807 and size 2}}
  varve.buffer.store %x, %b offsets(9223372036854775807) : tensor<2xf32>, !varve.buffer<4xf32>
  varve.output
}

// -----

varve.graph @store_c4_view_of_buffer(%b: !varve.buffer<4xf32> {varve.name = "b"}) {
  // expected-note @+1 {{loaded here}}
  %0 = varve.buffer.load %b : (!varve.buffer<4xf32>) -> tensor<4xf32>
  %1 = varve.slice %0 {starts = #varve.dims<1>, ends = #varve.dims<4>, steps = array<i64: 1>} : (tensor<4xf32>) -> tensor<3xf32>
  // expected-error @+1 {{expects an input that is no view of the buffer, but got one}}
  varve.buffer.store %1, %b : tensor<3xf32>, !varve.buffer<4xf32>
  varve.output
}

// -----

varve.graph @store_c5_no_argument(%x: tensor<4xf32>) {
  %0 = builtin.unrealized_conversion_cast %x : tensor<4xf32> to !varve.buffer<4xf32>
  // expected-error @+1 {{expects a buffer that is an argument, but got a result of builtin.unrealized_conversion_cast}}
  varve.buffer.store %x, %0 : tensor<4xf32>, !varve.buffer<4xf32>
  varve.output
}

// -----

varve.graph @print_style(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects style to be one of compact, full, statistics, finite, dump, compare, but got "long"}}
  varve.print %x, "x" {style = "long"} : tensor<4xf32>
  varve.output
}

// -----

varve.graph @print_c1_dump_without_a_folder(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects a folder, the attribute to, for style dump, but got none}}
  varve.print %x, "x" {style = "dump"} : tensor<4xf32>
  varve.output
}

// -----

varve.graph @print_c1_compare_with_an_empty_folder(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects a folder, the attribute to, for style compare, but got none}}
  varve.print %x, "x" {style = "compare", to = ""} : tensor<4xf32>
  varve.output
}

// -----

varve.graph @print_c1_finite_with_a_file(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects no file for style finite, but got "x.txt"}}
  varve.print %x, "x" {style = "finite", to = "x.txt"} : tensor<4xf32>
  varve.output
}

// -----

varve.graph @print_c2_absolute(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects a relative path without '..' as to, but got "/etc/x"}}
  varve.print %x, "x" {style = "dump", to = "/etc/x"} : tensor<4xf32>
  varve.output
}

// -----

varve.graph @print_c2_above(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects a relative path without '..' as to, but got "a/../../x"}}
  varve.print %x, "x" {to = "a/../../x"} : tensor<4xf32>
  varve.output
}

// -----

varve.graph @print_c2_empty(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects a relative path without '..' as to, but got ""}}
  varve.print %x, "x" {to = ""} : tensor<4xf32>
  varve.output
}

// -----

varve.graph @print_c3_npy(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects style full for a .npy file, but got statistics}}
  varve.print %x, "x" {style = "statistics", to = "x.npy"} : tensor<4xf32>
  varve.output
}

// -----

varve.graph @print_c4_dump(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects rtol for style compare alone, but got it for dump}}
  varve.print %x, "x" {style = "dump", to = "a", rtol = 1.0} : tensor<4xf32>
  varve.output
}

// -----

varve.graph @print_c4_negative(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects a finite atol of 0 or more, but got -1.000000e+00 : f64}}
  varve.print %x, "x" {style = "compare", to = "a", atol = -1.0} : tensor<4xf32>
  varve.output
}

// -----

varve.graph @print_c4_infinite(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects a finite rtol of 0 or more, but got 0x7FF0000000000000 : f64}}
  varve.print %x, "x" {style = "compare", to = "a", rtol = 0x7FF0000000000000 : f64} : tensor<4xf32>
  varve.output
}

// -----

varve.graph @identity_type(%x: tensor<4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{op inferred type(s) 'tensor<4xf32>' are incompatible with return type(s) of operation 'tensor<4xbf16>'}}
  %0 = varve.identity %x : (tensor<4xf32>) -> tensor<4xbf16>
  varve.output
}

// -----

varve.graph @rebind_c1_rank(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects a result of the input's rank and element type, but got 'tensor<4xf32>' and 'tensor<4x1xf32>'}}
  %0 = varve.rebind %x, "" : tensor<4xf32> to tensor<4x1xf32>
  varve.output
}

// -----

varve.graph @rebind_c1_element_type(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects a result of the input's rank and element type, but got 'tensor<4xf32>' and 'tensor<4xi32>'}}
  %0 = varve.rebind %x, "" : tensor<4xf32> to tensor<4xi32>
  varve.output
}

// -----

varve.graph @rebind_c2_sizes_differ(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects equal sizes of dimension 0, but got 4 and 5}}
  %0 = varve.rebind %x, "" : tensor<4xf32> to tensor<5xf32>
  varve.output
}

// -----

varve.graph @dim_c1_two(%x: tensor<?xf32, #varve.dims<n>>) {
  // expected-error @+1 {{expects one expression, but got 2}}
  %0 = varve.dim <n, 1>
  varve.output
}

// -----

// expected-error @+1 {{expects a mesh of the module, but got @mesh}}
varve.graph @graph_c7_no_mesh() on @mesh {
  varve.output
}

// -----

varve.weight @w : tensor<4xf32>
// expected-error @+1 {{expects a mesh of the module, but got @w}}
varve.graph @graph_c7_no_mesh_but_a_weight() on @w {
  varve.output
}

// -----

// expected-error @+1 {{expects no attribute "placement" here: it has its place in the text}}
varve.graph @graph_placement_twice() attributes {placement = @mesh} {
  varve.output
}

// -----

// expected-error @+1 {{expects a body that is not empty}}
varve.graph @graph_without_body() {}

// -----

varve.graph @layer_c2_no_mesh() {
  // expected-error @+1 {{expects a mesh of the module, but got @mesh}}
  varve.layer "a" : "A" on @mesh {
  }
  varve.output
}

// -----

// expected-error @+1 {{expects a mesh of the module, but got @mesh}}
varve.weight @weight_c2_no_mesh : tensor<4xf32> sharding<@mesh, [{}]>

// -----

varve.mesh @mesh <model = 2> ["cuda:0", "cuda:1"]
// expected-error @+1 {{expects a sharding with an entry for each of 2 dimensions, but got 1}}
varve.weight @weight_c3_rank : tensor<4x4xf32> sharding<@mesh, [{model}]>

// -----

varve.mesh @mesh <model = 2> ["cuda:0", "cuda:1"]
// expected-error @+1 {{expects an axis of mesh @mesh, but got "data"}}
varve.weight @weight_c4_axis : tensor<4x4xf32> sharding<@mesh, [{data}, {}]>

// -----

varve.mesh @mesh <model = 2> ["cuda:0", "cuda:1"]
// expected-error @+1 {{expects each axis of the mesh once at most, but got "model" twice}}
varve.weight @weight_c4_axis_twice : tensor<4x4xf32> sharding<@mesh, [{model}, {model}]>

// -----

varve.mesh @mesh <model = 2> ["cuda:0", "cuda:1"]
// expected-error @+1 {{expects segments of 12 elements in all, but got 2x4, 2x1, which are 10 in dimension 0 of 'tensor<12x4xf32>'}}
varve.weight @weight_c5_segments : tensor<12x4xf32> sharding<@mesh, [{model : 2x4, 2x1}, {}]>

// -----

varve.mesh @mesh <model = 2> ["cuda:0", "cuda:1"]
// expected-error @+1 {{expects at least one unit for each of 2 devices, but got 1 unit of 4 elements in dimension 1 of 'tensor<4x12xf32>'}}
varve.weight @weight_c5_empty_shard : tensor<4x12xf32> sharding<@mesh, [{}, {model : 2x4, 1x4}]>

// -----

varve.mesh @mesh <data = 2, model = 2> ["cuda:0", "cuda:1", "cuda:2", "cuda:3"]
// expected-error @+1 {{expects at least one unit for each of 4 devices, but got 3 units of 1 element in dimension 0 of 'tensor<3xf32>'}}
varve.weight @weight_c5_too_many_devices : tensor<3xf32> sharding<@mesh, [{data, model}]>

// -----

varve.mesh @mesh <model = 2> ["cuda:0", "cuda:1"]
// expected-error @+1 {{expects segments of at least one unit of at least one element, of less than 2^63 in all, but got 4x0 in dimension 0 of 'tensor<0xf32>'}}
varve.weight @weight_c5_empty_units : tensor<0xf32> sharding<@mesh, [{model : 4x0}]>

// -----

varve.mesh @mesh <model = 2> ["cuda:0", "cuda:1"]
// expected-error @+1 {{expects units of whole blocks of 256 elements, but got 128 in dimension 1 of 'tensor<4x1024x!varve.q4_k>'}}
varve.weight @weight_c6_cut_block : tensor<4x1024x!varve.q4_k> sharding<@mesh, [{}, {model : 8x128}]>

// -----

// Without segments, the units are blocks.
varve.mesh @mesh <model = 4> ["cuda:0", "cuda:1", "cuda:2", "cuda:3"]
// expected-error @+1 {{expects at least one unit for each of 4 devices, but got 3 units of 256 elements in dimension 1 of 'tensor<4x768x!varve.q4_k>'}}
varve.weight @weight_c5_few_blocks : tensor<4x768x!varve.q4_k> sharding<@mesh, [{}, {model}]>

// -----

varve.graph @store_c6_no_such_axis(%x: tensor<1xf32>, %b: !varve.buffer<4xf32> {varve.name = "b"}, %i: tensor<i64>) {
  // expected-error @+1 {{expects axis in [-1, 1), but got 1}}
  varve.buffer.store %x, %b at(%i along 1 : tensor<i64>) : tensor<1xf32>, !varve.buffer<4xf32>
  varve.output
}

// -----

varve.graph @store_c6_axis_alone(%x: tensor<1xf32>, %b: !varve.buffer<4xf32> {varve.name = "b"}) {
  // expected-error @+1 {{expects a position and an axis, or none, but got an axis alone}}
  "varve.buffer.store"(%x, %b) <{axis = 0 : i64}> : (tensor<1xf32>, !varve.buffer<4xf32>) -> ()
  varve.output
}

// -----

varve.graph @store_c6_position_alone(%x: tensor<1xf32>, %b: !varve.buffer<4xf32> {varve.name = "b"}, %i: tensor<i32>) {
  // expected-error @+1 {{expects a position and an axis, or none, but got a position alone}}
  "varve.buffer.store"(%x, %b, %i) : (tensor<1xf32>, !varve.buffer<4xf32>, tensor<i32>) -> ()
  varve.output
}

// -----

varve.graph @store_position_not_scalar(%x: tensor<1xf32>, %b: !varve.buffer<4xf32> {varve.name = "b"}, %i: tensor<1xi32>) {
  // expected-error @+1 {{expects position to be tensor of i32 or i64 without dimensions, but got 'tensor<1xi32>'}}
  varve.buffer.store %x, %b at(%i along 0 : tensor<1xi32>) : tensor<1xf32>, !varve.buffer<4xf32>
  varve.output
}
