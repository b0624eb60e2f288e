// RUN: varve-opt %s -split-input-file -verify-diagnostics

varve.graph @random_c1_negative(%key: tensor<i64>, %stream: tensor<i64>) {
  // expected-error @+2 {{expects dimensions of shape of 0 or more, but got -1}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.random %key, %stream {shape = #varve.dims<-1>, dtype = f32, distribution = "normal"} : (tensor<i64>, tensor<i64>) -> tensor<1xf32>
  varve.output
}

// -----

varve.graph @random_c2_key(%key: tensor<2xi64>, %stream: tensor<i64>) {
  // expected-error @+2 {{expects key without dimensions, but got 'tensor<2xi64>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.random %key, %stream {shape = #varve.dims<4>, dtype = f32, distribution = "normal"} : (tensor<2xi64>, tensor<i64>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @random_c2_stream(%key: tensor<i64>, %stream: tensor<1xi64>) {
  // expected-error @+2 {{expects stream without dimensions, but got 'tensor<1xi64>'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.random %key, %stream {shape = #varve.dims<4>, dtype = f32, distribution = "normal"} : (tensor<i64>, tensor<1xi64>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @random_c3_bits(%key: tensor<i64>, %stream: tensor<i64>) {
  // expected-error @+2 {{expects dtype i32 for bits, but got 'i64'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.random %key, %stream {shape = #varve.dims<4>, dtype = i64, distribution = "bits"} : (tensor<i64>, tensor<i64>) -> tensor<4xi64>
  varve.output
}

// -----

varve.graph @random_c3_uniform(%key: tensor<i64>, %stream: tensor<i64>) {
  // expected-error @+2 {{expects dtype f32, f16 or bf16 for uniform, but got 'i32'}}
  // expected-error @+1 {{failed to infer returned types}}
  %0 = varve.random %key, %stream {shape = #varve.dims<4>, dtype = i32, distribution = "uniform"} : (tensor<i64>, tensor<i64>) -> tensor<4xi32>
  varve.output
}

// -----

varve.graph @random_key_i32(%key: tensor<i32>, %stream: tensor<i64>) {
  // expected-error @+1 {{expects key to be tensor of i64 whose dynamic dimensions have names, but got 'tensor<i32>'}}
  %0 = varve.random %key, %stream {shape = #varve.dims<4>, dtype = f32, distribution = "normal"} : (tensor<i32>, tensor<i64>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @random_distribution_unknown(%key: tensor<i64>, %stream: tensor<i64>) {
  // expected-error @+1 {{expects distribution to be one of bits, uniform, normal, but got "cauchy"}}
  %0 = varve.random %key, %stream {shape = #varve.dims<4>, dtype = f32, distribution = "cauchy"} : (tensor<i64>, tensor<i64>) -> tensor<4xf32>
  varve.output
}
