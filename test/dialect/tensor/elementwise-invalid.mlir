// RUN: varve-opt %s -split-input-file -verify-diagnostics

varve.graph @neg_operand_bool(%x: tensor<4xi1>) {
  // expected-error @+1 {{expects input to be tensor of f32, f16, bf16, i8, i32, i64 or ui8 whose dynamic dimensions have names, but got 'tensor<4xi1>'}}
  %0 = varve.neg %x : (tensor<4xi1>) -> tensor<4xi1>
  varve.output
}

// -----

varve.graph @exp_operand_integer(%x: tensor<4xi32>) {
  // expected-error @+1 {{expects input to be tensor of f32, f16 or bf16 whose dynamic dimensions have names, but got 'tensor<4xi32>'}}
  %0 = varve.exp %x : (tensor<4xi32>) -> tensor<4xi32>
  varve.output
}

// -----

varve.graph @not_operand_float(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects input to be tensor of i8, i32, i64, ui8 or i1 whose dynamic dimensions have names, but got 'tensor<4xf32>'}}
  %0 = varve.not %x : (tensor<4xf32>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @abs_operand_packed() {
  %0 = varve.use @w : tensor<8x4xf32, #varve.panels<8>>
  // expected-error @+1 {{expects input to be tensor of f32, f16, bf16, i8, i32, i64 or ui8 whose dynamic dimensions have names, but got 'tensor<8x4xf32, #varve.panels<8>>'}}
  %1 = varve.abs %0 : (tensor<8x4xf32, #varve.panels<8>>) -> tensor<8x4xf32>
  varve.output
}
varve.weight @w : tensor<8x4xf32, #varve.panels<8>>

// -----

func.func @abs_operand_unnamed(%x: tensor<?xf32>) {
  // expected-error @+1 {{expects input to be tensor of f32, f16, bf16, i8, i32, i64 or ui8 whose dynamic dimensions have names, but got 'tensor<?xf32>'}}
  %0 = varve.abs %x : (tensor<?xf32>) -> tensor<?xf32>
  return
}

// -----

func.func @abs_operand_vector(%x: vector<4xf32>) {
  // expected-error @+1 {{expects input to be tensor of f32, f16, bf16, i8, i32, i64 or ui8 whose dynamic dimensions have names, but got 'vector<4xf32>'}}
  %0 = varve.abs %x : (vector<4xf32>) -> vector<4xf32>
  return
}

// -----

func.func @abs_operand_f64(%x: tensor<4xf64>) {
  // expected-error @+1 {{expects input to be tensor of f32, f16, bf16, i8, i32, i64 or ui8 whose dynamic dimensions have names, but got 'tensor<4xf64>'}}
  %0 = varve.abs %x : (tensor<4xf64>) -> tensor<4xf64>
  return
}

// -----

varve.graph @abs_result_differs(%x: tensor<4xf32>) {
  // expected-error @+2 {{failed to infer returned types}}
  // expected-error @+1 {{op inferred type(s) 'tensor<4xf32>' are incompatible with return type(s) of operation 'tensor<5xf32>'}}
  %0 = varve.abs %x : (tensor<4xf32>) -> tensor<5xf32>
  varve.output
}

// -----

varve.graph @gelu_approximate_unknown(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects approximate to be one of none, tanh, but got "erf"}}
  %0 = varve.gelu %x {approximate = "erf"} : (tensor<4xf32>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @add_c1_element_types_differ(%x: tensor<4xf32>, %y: tensor<4xbf16>) {
  // expected-error @+2 {{expects lhs and rhs of equal element type, but got 'tensor<4xf32>' and 'tensor<4xbf16>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.add %x, %y : (tensor<4xf32>, tensor<4xbf16>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @add_c2_sizes_differ(%x: tensor<2x4xf32>, %y: tensor<3xf32>) {
  // expected-error @+2 {{expects lhs and rhs to broadcast, but got 'tensor<2x4xf32>' and 'tensor<3xf32>': dimension 1 is 4 and 3}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.add %x, %y : (tensor<2x4xf32>, tensor<3xf32>) -> tensor<2x4xf32>
  varve.output
}

// -----

varve.graph @mul_c2_names_differ(%x: tensor<?xf32, #varve.dims<seq>>, %y: tensor<?xf32, #varve.dims<past>>) {
  // expected-error @+2 {{expects lhs and rhs to broadcast, but got 'tensor<?xf32, #varve.dims<seq>>' and 'tensor<?xf32, #varve.dims<past>>': dimension 0 is seq and past}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.mul %x, %y : (tensor<?xf32, #varve.dims<seq>>, tensor<?xf32, #varve.dims<past>>) -> tensor<?xf32, #varve.dims<seq>>
  varve.output
}

// -----

varve.graph @sub_c2_name_and_size(%x: tensor<?xf32, #varve.dims<seq>>, %y: tensor<4xf32>) {
  // expected-error @+2 {{expects lhs and rhs to broadcast, but got 'tensor<?xf32, #varve.dims<seq>>' and 'tensor<4xf32>': dimension 0 is seq and 4}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.sub %x, %y : (tensor<?xf32, #varve.dims<seq>>, tensor<4xf32>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @pow_operand_integer(%x: tensor<4xi32>) {
  // expected-error @+1 {{expects lhs to be tensor of f32, f16 or bf16 whose dynamic dimensions have names, but got 'tensor<4xi32>'}}
  %0 = varve.pow %x, %x : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  varve.output
}

// -----

varve.graph @and_operand_float(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects lhs to be tensor of i8, i32, i64, ui8 or i1 whose dynamic dimensions have names, but got 'tensor<4xf32>'}}
  %0 = varve.and %x, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @compare_c1_element_types_differ(%x: tensor<4xi32>, %y: tensor<4xi64>) {
  // expected-error @+2 {{expects lhs and rhs of equal element type, but got 'tensor<4xi32>' and 'tensor<4xi64>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.compare %x, %y {predicate = "eq"} : (tensor<4xi32>, tensor<4xi64>) -> tensor<4xi1>
  varve.output
}

// -----

varve.graph @compare_c2_sizes_differ(%x: tensor<4xf32>, %y: tensor<5xf32>) {
  // expected-error @+2 {{expects lhs and rhs to broadcast, but got 'tensor<4xf32>' and 'tensor<5xf32>': dimension 0 is 4 and 5}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.compare %x, %y {predicate = "eq"} : (tensor<4xf32>, tensor<5xf32>) -> tensor<4xi1>
  varve.output
}

// -----

varve.graph @compare_predicate_unknown(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects predicate to be one of eq, ne, lt, le, gt, ge, but got "<"}}
  %0 = varve.compare %x, %x {predicate = "<"} : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  varve.output
}

// -----

varve.graph @compare_predicate_missing(%x: tensor<4xf32>) {
  // expected-error @+1 {{requires attribute 'predicate'}}
  %0 = varve.compare %x, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  varve.output
}

// -----

varve.graph @select_c1_element_types_differ(%c: tensor<4xi1>, %x: tensor<4xf32>, %y: tensor<4xf16>) {
  // expected-error @+2 {{expects on_true and on_false of equal element type, but got 'tensor<4xf32>' and 'tensor<4xf16>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.select %c, %x, %y : (tensor<4xi1>, tensor<4xf32>, tensor<4xf16>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @select_c2_condition_differs(%c: tensor<3xi1>, %x: tensor<4xf32>) {
  // expected-error @+2 {{expects condition and on_true and on_false to broadcast, but got 'tensor<3xi1>' and 'tensor<4xf32>' and 'tensor<4xf32>': dimension 0 is 3 and 4}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.select %c, %x, %x : (tensor<3xi1>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @select_condition_integer(%c: tensor<4xi8>, %x: tensor<4xf32>) {
  // expected-error @+1 {{expects condition to be tensor of i1 whose dynamic dimensions have names, but got 'tensor<4xi8>'}}
  %0 = varve.select %c, %x, %x : (tensor<4xi8>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @cast_c1_dtype_f64(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects result to be tensor of f32, f16, bf16, i8, i32, i64, ui8 or i1 whose dynamic dimensions have names, but got 'tensor<4xf64>'}}
  %0 = varve.cast %x {dtype = f64} : (tensor<4xf32>) -> tensor<4xf64>
  varve.output
}

// -----

varve.graph @cast_c1_dtype_index(%x: tensor<4xf32>) {
  // expected-error @+2 {{expects dtype f32, f16, bf16, i8, i32, i64, ui8 or i1, but got 'index'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.cast %x {dtype = index} : (tensor<4xf32>) -> tensor<4xi64>
  varve.output
}

// -----

varve.graph @log1p_operand_integer(%x: tensor<4xi32>) {
  // expected-error @+1 {{expects input to be tensor of f32, f16 or bf16 whose dynamic dimensions have names, but got 'tensor<4xi32>'}}
  %0 = varve.log1p %x : (tensor<4xi32>) -> tensor<4xi32>
  varve.output
}

// -----

varve.graph @sign_operand_bool(%x: tensor<4xi1>) {
  // expected-error @+1 {{expects input to be tensor of f32, f16, bf16, i8, i32, i64 or ui8 whose dynamic dimensions have names, but got 'tensor<4xi1>'}}
  %0 = varve.sign %x : (tensor<4xi1>) -> tensor<4xi1>
  varve.output
}

// -----

varve.graph @atan2_operand_integer(%x: tensor<4xi64>) {
  // expected-error @+1 {{expects lhs to be tensor of f32, f16 or bf16 whose dynamic dimensions have names, but got 'tensor<4xi64>'}}
  %0 = varve.atan2 %x, %x : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi64>
  varve.output
}

// -----

varve.graph @remainder_operand_bool(%x: tensor<4xi1>) {
  // expected-error @+1 {{expects lhs to be tensor of f32, f16, bf16, i8, i32, i64 or ui8 whose dynamic dimensions have names, but got 'tensor<4xi1>'}}
  %0 = varve.remainder %x, %x : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
  varve.output
}

// -----

varve.graph @nextafter_operand_integer(%x: tensor<4xi8>) {
  // expected-error @+1 {{expects lhs to be tensor of f32, f16 or bf16 whose dynamic dimensions have names, but got 'tensor<4xi8>'}}
  %0 = varve.nextafter %x, %x : (tensor<4xi8>, tensor<4xi8>) -> tensor<4xi8>
  varve.output
}

// -----

varve.graph @shift_left_operand_bool(%x: tensor<4xi1>) {
  // expected-error @+1 {{expects lhs to be tensor of i8, i32, i64 or ui8 whose dynamic dimensions have names, but got 'tensor<4xi1>'}}
  %0 = varve.shift_left %x, %x : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
  varve.output
}

// -----

varve.graph @shift_right_operand_float(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects lhs to be tensor of i8, i32, i64 or ui8 whose dynamic dimensions have names, but got 'tensor<4xf32>'}}
  %0 = varve.shift_right %x, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  varve.output
}
