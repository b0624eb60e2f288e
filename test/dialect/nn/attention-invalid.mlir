// RUN: varve-opt %s -split-input-file -verify-diagnostics

varve.graph @rope_c1_rank(%x: tensor<2x4x8xf32>, %c: tensor<2x4xf32>, %s: tensor<2x4xf32>) {
  // expected-error @+2 {{expects input [batch, seq, heads, dim], but got 'tensor<2x4x8xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.rope %x, %c, %s {pairing = "half"} : (tensor<2x4x8xf32>, tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<2x4x8xf32>
  varve.output
}

// -----

varve.graph @rope_c2_types_differ(%x: tensor<1x2x4x8xf32>, %c: tensor<2x4xf32>, %s: tensor<1x2x4xf32>) {
  // expected-error @+2 {{expects cos and sin of the same type, but got 'tensor<2x4xf32>' and 'tensor<1x2x4xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.rope %x, %c, %s {pairing = "half"} : (tensor<1x2x4x8xf32>, tensor<2x4xf32>, tensor<1x2x4xf32>) -> tensor<1x2x4x8xf32>
  varve.output
}

// -----

varve.graph @rope_c3_cos_rank(%x: tensor<1x2x4x8xf32>, %c: tensor<4xf32>, %s: tensor<4xf32>) {
  // expected-error @+2 {{expects input [batch, seq, heads, dim] and cos [seq, dim / 2] or [batch, seq, dim / 2], but got 'tensor<1x2x4x8xf32>' and 'tensor<4xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.rope %x, %c, %s {pairing = "half"} : (tensor<1x2x4x8xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<1x2x4x8xf32>
  varve.output
}

// -----

varve.graph @rope_c3_seq_differs(%x: tensor<1x?x4x8xf32, #varve.dims<1, seq, 4, 8>>, %c: tensor<?x4xf32, #varve.dims<past, 4>>, %s: tensor<?x4xf32, #varve.dims<past, 4>>) {
  // expected-error @+2 {{expects input [batch, seq, heads, dim] and cos [seq, dim / 2] or [batch, seq, dim / 2], but got 'tensor<1x?x4x8xf32, #varve.dims<1, seq, 4, 8>>' and 'tensor<?x4xf32, #varve.dims<past, 4>>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.rope %x, %c, %s {pairing = "half"} : (tensor<1x?x4x8xf32, #varve.dims<1, seq, 4, 8>>, tensor<?x4xf32, #varve.dims<past, 4>>, tensor<?x4xf32, #varve.dims<past, 4>>) -> tensor<1x?x4x8xf32, #varve.dims<1, seq, 4, 8>>
  varve.output
}

// -----

varve.graph @rope_c3_batch_differs(%x: tensor<2x2x4x8xf32>, %c: tensor<1x2x4xf32>, %s: tensor<1x2x4xf32>) {
  // expected-error @+2 {{expects input [batch, seq, heads, dim] and cos [seq, dim / 2] or [batch, seq, dim / 2], but got 'tensor<2x2x4x8xf32>' and 'tensor<1x2x4xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.rope %x, %c, %s {pairing = "half"} : (tensor<2x2x4x8xf32>, tensor<1x2x4xf32>, tensor<1x2x4xf32>) -> tensor<2x2x4x8xf32>
  varve.output
}

// -----

varve.graph @rope_c3_dim_not_half(%x: tensor<1x2x4x8xf32>, %c: tensor<2x8xf32>, %s: tensor<2x8xf32>) {
  // expected-error @+2 {{expects input [batch, seq, heads, dim] and cos [seq, dim / 2] or [batch, seq, dim / 2], but got 'tensor<1x2x4x8xf32>' and 'tensor<2x8xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.rope %x, %c, %s {pairing = "half"} : (tensor<1x2x4x8xf32>, tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<1x2x4x8xf32>
  varve.output
}

// -----

varve.graph @rope_c3_dim_odd(%x: tensor<1x2x4x7xf32>, %c: tensor<2x3xf32>, %s: tensor<2x3xf32>) {
  // expected-error @+2 {{expects input [batch, seq, heads, dim] and cos [seq, dim / 2] or [batch, seq, dim / 2], but got 'tensor<1x2x4x7xf32>' and 'tensor<2x3xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.rope %x, %c, %s {pairing = "half"} : (tensor<1x2x4x7xf32>, tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<1x2x4x7xf32>
  varve.output
}

// -----

varve.graph @rope_c4_element_type(%x: tensor<1x2x4x8xf32>, %c: tensor<2x4xf16>, %s: tensor<2x4xf16>) {
  // expected-error @+2 {{expects cos and sin of element type f32 or the input's, but got 'tensor<2x4xf16>' and input 'tensor<1x2x4x8xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.rope %x, %c, %s {pairing = "half"} : (tensor<1x2x4x8xf32>, tensor<2x4xf16>, tensor<2x4xf16>) -> tensor<1x2x4x8xf32>
  varve.output
}

// -----

varve.graph @rope_pairing_unknown(%x: tensor<1x2x4x8xf32>, %c: tensor<2x4xf32>, %s: tensor<2x4xf32>) {
  // expected-error @+1 {{expects pairing to be one of half, interleaved, but got "neox"}}
  %0 = varve.rope %x, %c, %s {pairing = "neox"} : (tensor<1x2x4x8xf32>, tensor<2x4xf32>, tensor<2x4xf32>) -> tensor<1x2x4x8xf32>
  varve.output
}

// -----

varve.graph @attention_c1_query_rank(%q: tensor<3x4x8xf32>, %k: tensor<2x5x2x8xf32>, %v: tensor<2x5x2x8xf32>) {
  // expected-error @+2 {{expects query [batch, seq, heads, dim], but got 'tensor<3x4x8xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.attention %q, %k, %v : (tensor<3x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x8xf32>) -> tensor<3x4x8xf32>
  varve.output
}

// -----

varve.graph @attention_c1_value_rank(%q: tensor<2x3x4x8xf32>, %k: tensor<2x5x2x8xf32>, %v: tensor<5x2x8xf32>) {
  // expected-error @+2 {{expects value [batch, seq, heads, dim], but got 'tensor<5x2x8xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.attention %q, %k, %v : (tensor<2x3x4x8xf32>, tensor<2x5x2x8xf32>, tensor<5x2x8xf32>) -> tensor<2x3x4x8xf32>
  varve.output
}

// -----

varve.graph @attention_c2_key_element_type(%q: tensor<2x3x4x8xf32>, %k: tensor<2x5x2x8xf16>, %v: tensor<2x5x2x8xf32>) {
  // expected-error @+2 {{expects query and key of equal element type, but got 'tensor<2x3x4x8xf32>' and 'tensor<2x5x2x8xf16>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.attention %q, %k, %v : (tensor<2x3x4x8xf32>, tensor<2x5x2x8xf16>, tensor<2x5x2x8xf32>) -> tensor<2x3x4x8xf32>
  varve.output
}

// -----

varve.graph @attention_c2_value_element_type(%q: tensor<2x3x4x8xf32>, %k: tensor<2x5x2x8xf32>, %v: tensor<2x5x2x8xbf16>) {
  // expected-error @+2 {{expects query and value of equal element type, but got 'tensor<2x3x4x8xf32>' and 'tensor<2x5x2x8xbf16>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.attention %q, %k, %v : (tensor<2x3x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x8xbf16>) -> tensor<2x3x4x8xf32>
  varve.output
}

// -----

varve.graph @attention_c3_batch_differs(%q: tensor<2x3x4x8xf32>, %k: tensor<1x5x2x8xf32>, %v: tensor<1x5x2x8xf32>) {
  // expected-error @+2 {{expects query [B, T, H, D] and key [B, S, Hkv, D], but got 'tensor<2x3x4x8xf32>' and 'tensor<1x5x2x8xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.attention %q, %k, %v : (tensor<2x3x4x8xf32>, tensor<1x5x2x8xf32>, tensor<1x5x2x8xf32>) -> tensor<2x3x4x8xf32>
  varve.output
}

// -----

varve.graph @attention_c3_dim_differs(%q: tensor<2x3x4x8xf32>, %k: tensor<2x5x2x16xf32>, %v: tensor<2x5x2x8xf32>) {
  // expected-error @+2 {{expects query [B, T, H, D] and key [B, S, Hkv, D], but got 'tensor<2x3x4x8xf32>' and 'tensor<2x5x2x16xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.attention %q, %k, %v : (tensor<2x3x4x8xf32>, tensor<2x5x2x16xf32>, tensor<2x5x2x8xf32>) -> tensor<2x3x4x8xf32>
  varve.output
}

// -----

varve.graph @attention_c3_value_seq_differs(%q: tensor<2x3x4x8xf32>, %k: tensor<2x5x2x8xf32>, %v: tensor<2x6x2x8xf32>) {
  // expected-error @+2 {{expects key [B, S, Hkv, D] and value [B, S, Hkv, Dv], but got 'tensor<2x5x2x8xf32>' and 'tensor<2x6x2x8xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.attention %q, %k, %v : (tensor<2x3x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x6x2x8xf32>) -> tensor<2x3x4x8xf32>
  varve.output
}

// -----

varve.graph @attention_c4_heads_no_multiple(%q: tensor<2x3x4x8xf32>, %k: tensor<2x5x3x8xf32>, %v: tensor<2x5x3x8xf32>) {
  // expected-error @+2 {{expects heads of query in a multiple of those of key, but got 4 and 3}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.attention %q, %k, %v : (tensor<2x3x4x8xf32>, tensor<2x5x3x8xf32>, tensor<2x5x3x8xf32>) -> tensor<2x3x4x8xf32>
  varve.output
}

// -----

varve.graph @attention_c4_no_heads(%q: tensor<2x3x4x8xf32>, %k: tensor<2x5x0x8xf32>, %v: tensor<2x5x0x8xf32>) {
  // expected-error @+2 {{expects heads of query in a multiple of those of key, but got 4 and 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.attention %q, %k, %v : (tensor<2x3x4x8xf32>, tensor<2x5x0x8xf32>, tensor<2x5x0x8xf32>) -> tensor<2x3x4x8xf32>
  varve.output
}

// -----

varve.graph @attention_c5_mask_shape(%q: tensor<2x3x4x8xf32>, %k: tensor<2x5x2x8xf32>, %v: tensor<2x5x2x8xf32>, %m: tensor<2x4x3x3xf32>) {
  // expected-error @+2 {{expects mask [2, 4, 3, 5] or 1 in the first two dimensions, but got 'tensor<2x4x3x3xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.attention %q, %k, %v, %m : (tensor<2x3x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x8xf32>, tensor<2x4x3x3xf32>) -> tensor<2x3x4x8xf32>
  varve.output
}

// -----

varve.graph @attention_c5_mask_rank(%q: tensor<2x3x4x8xf32>, %k: tensor<2x5x2x8xf32>, %v: tensor<2x5x2x8xf32>, %m: tensor<3x5xf32>) {
  // expected-error @+2 {{expects mask [2, 4, 3, 5] or 1 in the first two dimensions, but got 'tensor<3x5xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.attention %q, %k, %v, %m : (tensor<2x3x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x8xf32>, tensor<3x5xf32>) -> tensor<2x3x4x8xf32>
  varve.output
}

// -----

varve.graph @attention_c5_mask_heads_of_key(%q: tensor<2x3x4x8xf32>, %k: tensor<2x5x2x8xf32>, %v: tensor<2x5x2x8xf32>, %m: tensor<2x2x3x5xf32>) {
  // expected-error @+2 {{expects mask [2, 4, 3, 5] or 1 in the first two dimensions, but got 'tensor<2x2x3x5xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.attention %q, %k, %v, %m : (tensor<2x3x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x8xf32>, tensor<2x2x3x5xf32>) -> tensor<2x3x4x8xf32>
  varve.output
}

// -----

varve.graph @attention_c6_mask_element_type(%q: tensor<2x3x4x8xf32>, %k: tensor<2x5x2x8xf32>, %v: tensor<2x5x2x8xf32>, %m: tensor<1x1x3x5xf16>) {
  // expected-error @+2 {{expects mask of element type i1 or the query's, but got 'tensor<1x1x3x5xf16>' and 'tensor<2x3x4x8xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.attention %q, %k, %v, %m : (tensor<2x3x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x8xf32>, tensor<1x1x3x5xf16>) -> tensor<2x3x4x8xf32>
  varve.output
}

// -----

varve.graph @attention_c7_scale_infinite(%q: tensor<2x3x4x8xf32>, %k: tensor<2x5x2x8xf32>, %v: tensor<2x5x2x8xf32>) {
  // expected-error @+2 {{expects a finite scale, but got INF}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.attention %q, %k, %v {scale = 0x7FF0000000000000 : f64} : (tensor<2x3x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x8xf32>) -> tensor<2x3x4x8xf32>
  varve.output
}

// -----

varve.graph @attention_c8_window_empty(%q: tensor<2x3x4x8xf32>, %k: tensor<2x5x2x8xf32>, %v: tensor<2x5x2x8xf32>) {
  // expected-error @+2 {{expects a window of 1 or more, but got 0}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.attention %q, %k, %v {window = 0 : i64} : (tensor<2x3x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x8xf32>) -> tensor<2x3x4x8xf32>
  varve.output
}

// -----

varve.graph @attention_c9_soft_cap_zero(%q: tensor<2x3x4x8xf32>, %k: tensor<2x5x2x8xf32>) {
  // expected-error @+2 {{expects a finite soft cap above 0, but got 0.000000e+00}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.attention %q, %k, %k {soft_cap = 0.0 : f64} : (tensor<2x3x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x8xf32>) -> tensor<2x3x4x8xf32>
  varve.output
}

// -----

varve.graph @attention_c9_soft_cap_negative(%q: tensor<2x3x4x8xf32>, %k: tensor<2x5x2x8xf32>) {
  // expected-error @+2 {{expects a finite soft cap above 0, but got -2.000000e+00}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.attention %q, %k, %k {soft_cap = -2.0 : f64} : (tensor<2x3x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x8xf32>) -> tensor<2x3x4x8xf32>
  varve.output
}

// -----

varve.graph @attention_c9_soft_cap_infinite(%q: tensor<2x3x4x8xf32>, %k: tensor<2x5x2x8xf32>) {
  // expected-error @+2 {{expects a finite soft cap above 0, but got INF}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.attention %q, %k, %k {soft_cap = 0x7FF0000000000000 : f64} : (tensor<2x3x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x8xf32>) -> tensor<2x3x4x8xf32>
  varve.output
}

// -----

varve.graph @attention_c10_sinks_of_key_heads(%q: tensor<2x3x4x8xf32>, %k: tensor<2x5x2x8xf32>, %s: tensor<2xf32>) {
  // expected-error @+2 {{expects sinks [4], one of each head of query, but got 'tensor<2xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.attention %q, %k, %k sinks %s : (tensor<2x3x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x8xf32>, tensor<2xf32>) -> tensor<2x3x4x8xf32>
  varve.output
}

// -----

varve.graph @attention_c10_slopes_rank(%q: tensor<2x3x4x8xf32>, %k: tensor<2x5x2x8xf32>, %s: tensor<1x4xf32>) {
  // expected-error @+2 {{expects slopes [4], one of each head of query, but got 'tensor<1x4xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.attention %q, %k, %k slopes %s : (tensor<2x3x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x8xf32>, tensor<1x4xf32>) -> tensor<2x3x4x8xf32>
  varve.output
}

// -----

varve.graph @attention_c11_sinks_element_type(%q: tensor<2x3x4x8xf32>, %k: tensor<2x5x2x8xf32>, %s: tensor<4xf16>) {
  // expected-error @+2 {{expects sinks of element type f32 or the query's, but got 'tensor<4xf16>' and 'tensor<2x3x4x8xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.attention %q, %k, %k sinks %s : (tensor<2x3x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x8xf32>, tensor<4xf16>) -> tensor<2x3x4x8xf32>
  varve.output
}

// -----

varve.graph @attention_c11_slopes_element_type(%q: tensor<2x3x4x8xf32>, %k: tensor<2x5x2x8xf32>, %s: tensor<4xbf16>) {
  // expected-error @+2 {{expects slopes of element type f32 or the query's, but got 'tensor<4xbf16>' and 'tensor<2x3x4x8xf32>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.attention %q, %k, %k slopes %s : (tensor<2x3x4x8xf32>, tensor<2x5x2x8xf32>, tensor<2x5x2x8xf32>, tensor<4xbf16>) -> tensor<2x3x4x8xf32>
  varve.output
}
