// RUN: varve-opt %s -split-input-file -verify-diagnostics

// expected-error @+1 {{expects one name for each of 2 dimensions, but got 1}}
func.func private @dims_number(tensor<?x4xf32, #varve.dims<n>>)

// -----

// expected-error @+1 {{expects #varve.dims only where a dimension is dynamic}}
func.func private @dims_static(tensor<4xf32, #varve.dims<4>>)

// -----

// expected-error @+1 {{expects the size 4 for dimension 1, but got 5}}
func.func private @dims_size_differs(tensor<?x4xf32, #varve.dims<n, 5>>)

// -----

// expected-error @+1 {{expects the size 4 for dimension 1, but got n}}
func.func private @dims_name_for_size(tensor<?x4xf32, #varve.dims<n, n>>)

// -----

// expected-error @+1 {{expects a name for dimension 0, but got 4}}
func.func private @dims_size_for_name(tensor<?xf32, #varve.dims<4>>)

// -----

// expected-error @+1 {{expects a sum of products of names and integers, but got '9223372036854775808'}}
func.func private @dims_overflow(tensor<?xf32, #varve.dims<9223372036854775808>>)

// -----

// expected-error @+1 {{expects a sum of products of names and integers, but got '9223372036854775807*2*n'}}
func.func private @dims_product_overflow(tensor<?xf32, #varve.dims<9223372036854775807 * 2 * n>>)

// -----

// expected-error @+1 {{expects a sum of products of names and integers, but got 'a$b'}}
func.func private @dims_name(tensor<?xf32, #varve.dims<a$b>>)

// -----

// expected-error @+1 {{expected ')'}}
func.func private @dims_parenthesis(tensor<?xf32, #varve.dims<(n m)>>)

// -----

// expected-error @+1 {{expects blocks in single columns, but got groups of 2}}
func.func private @panels_blocks(tensor<16x32x!varve.q4_0, #varve.panels<16, 2>>)

// -----

// expected-error @+1 {{expects a matrix for columns in groups, but got rank 3}}
func.func private @panels_rank(tensor<8x8x2xf32, #varve.panels<4, 2>>)

// -----

// expected-error @+1 {{expects groups of 1, 2 or 4 columns, but got 3}}
func.func private @panels_group(tensor<8x8xf32, #varve.panels<4, 3>>)

// -----

// expected-error @+1 {{expects panels of 1 to 1024 rows, but got 0}}
func.func private @panels_rows(tensor<8x8xf32, #varve.panels<0>>)

// -----

// expected-error @+1 {{expects a weight of static shape [rows, columns..], but got rank 1}}
func.func private @panels_rank(tensor<8xf32, #varve.panels<8>>)

// -----

// expected-error @+1 {{expects an encoding that is stored in panels, but got q5_1}}
func.func private @panels_encoding(tensor<8x32x!varve.q5_1, #varve.panels<16>>)

// -----

// expected-error @+1 {{expects an element type of the dialect, but got 'f64'}}
func.func private @buffer_element_type(!varve.buffer<4xf64>)

// -----

// expected-error @+1 {{expected static shape}}
func.func private @buffer_dynamic(!varve.buffer<?xf32>)

// -----

// expected-error @+1 {{expects less than 2^60 elements}}
func.func private @buffer_size(!varve.buffer<4294967296x4294967296xf32>)

// -----

// expected-error @+1 {{expects a count of units and their size, as in 4x128, but got 1 number}}
func.func private @split_segment() attributes {a = #varve.split<{model : 4}>}

// -----

// expected-error @+1 {{expects a count of units and their size, as in 4x128, but got 3 numbers}}
func.func private @split_segment_of_three() attributes {a = #varve.split<{model : 4x2x2}>}

// -----

// expected-error @+1 {{expected valid keyword or string}}
func.func private @split_axis() attributes {a = #varve.split<{4x2}>}

// -----

// expected-error @+1 {{expected valid keyword or string}}
func.func private @split_segments_without_axis() attributes {a = #varve.split<{: 4x2}>}

// -----

// expected-error @+1 {{expected '['}}
func.func private @sharding_dimensions() attributes {a = #varve.sharding<@mesh, {model}>}

// -----

// expected-error @+1 {{expects a type of the dialect (buffer, q4_0, q4_1, q5_0, q5_1, q8_0, q4_k, q5_k, q6_k, mxfp4, nvfp4, f8e4m3, f8e5m2), but got 'q9'}}
func.func private @encoding_unknown(tensor<2x32x!varve.q9>)

// -----

// expected-error @+1 {{expects a type of the dialect (buffer, q4_0, q4_1, q5_0, q5_1, q8_0, q4_k, q5_k, q6_k, mxfp4, nvfp4, f8e4m3, f8e5m2), but got 'none'}}
func.func private @encoding_none(tensor<2x32x!varve.none>)

// -----

// expected-error @+1 {{expects a sum of products of names and integers, but got 'h floordiv 0'}}
func.func private @dims_divided_by_zero(tensor<?xf32, #varve.dims<h floordiv 0>>)

// -----

// expected-error @+1 {{expects a sum of products of names and integers, but got 'h floordiv w'}}
func.func private @dims_divided_by_name(tensor<?xf32, #varve.dims<h floordiv w>>)

// -----

// expected-error @+1 {{expects at most 11 parentheses around each other in a dimension, but got more}}
func.func private @dims_nested(tensor<?xf32, #varve.dims<((((((((((((h))))))))))))>>)

// -----

// expected-error @+1 {{expects kernels of 3x3 in f32, of a multiple of 16 channels up to 512, for Winograd's, but got 'tensor<8x16x3x5xf32>'}}
func.func private @panels_winograd_size(tensor<8x16x3x5xf32, #varve.panels<8, winograd>>)

// -----

// expected-error @+1 {{expects kernels of 3x3 in f32, of a multiple of 16 channels up to 512, for Winograd's, but got 'tensor<8x16x3x3xbf16>'}}
func.func private @panels_winograd_type(tensor<8x16x3x3xbf16, #varve.panels<8, winograd>>)

// -----

// expected-error @+1 {{of a multiple of 16 channels up to 512, for Winograd's, but got 'tensor<8x24x3x3xf32>'}}
func.func private @panels_winograd_channels(tensor<8x24x3x3xf32, #varve.panels<8, winograd>>)

// -----

// expected-error @+1 {{expected '>'}}
func.func private @panels_winograd_group(tensor<8x16x3x3xf32, #varve.panels<8, 2, winograd>>)
