// RUN: varve-opt %s | varve-opt | FileCheck %s
// RUN: varve-opt %s --emit-bytecode | varve-opt | FileCheck %s

// CHECK-LABEL: varve.graph @unary
varve.graph @unary(%x: tensor<2x?xf32, #varve.dims<2, seq>>, %b: tensor<4xi1>) {
  // CHECK: varve.neg %{{.*}} : (tensor<2x?xf32, #{{.*}}>) -> tensor<2x?xf32, #{{.*}}>
  %0 = varve.neg %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.abs
  %1 = varve.abs %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.exp
  %2 = varve.exp %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.log
  %3 = varve.log %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.sqrt
  %4 = varve.sqrt %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.rsqrt
  %5 = varve.rsqrt %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.sin
  %6 = varve.sin %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.cos
  %7 = varve.cos %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.tanh
  %8 = varve.tanh %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.erf
  %9 = varve.erf %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.sigmoid
  %10 = varve.sigmoid %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.silu
  %11 = varve.silu %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.relu
  %12 = varve.relu %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.floor
  %13 = varve.floor %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.ceil
  %14 = varve.ceil %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.round
  %15 = varve.round %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.not %{{.*}} : (tensor<4xi1>) -> tensor<4xi1>
  %16 = varve.not %b : (tensor<4xi1>) -> tensor<4xi1>
  // The default is not printed.
  // CHECK: varve.gelu %{{[^{]*}} : (tensor
  %17 = varve.gelu %x {approximate = "none"} : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.gelu %{{.*}} {approximate = "tanh"}
  %18 = varve.gelu %x {approximate = "tanh"} : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  varve.output
}

// CHECK-LABEL: varve.graph @every_element_type
varve.graph @every_element_type(%f32: tensor<f32>, %f16: tensor<f16>, %bf16: tensor<bf16>, %i8: tensor<i8>, %i32: tensor<i32>, %i64: tensor<i64>, %ui8: tensor<ui8>) {
  // CHECK: varve.abs %{{.*}} : (tensor<f32>) -> tensor<f32>
  %0 = varve.abs %f32 : (tensor<f32>) -> tensor<f32>
  // CHECK: varve.abs %{{.*}} : (tensor<f16>) -> tensor<f16>
  %1 = varve.abs %f16 : (tensor<f16>) -> tensor<f16>
  // CHECK: varve.abs %{{.*}} : (tensor<bf16>) -> tensor<bf16>
  %2 = varve.abs %bf16 : (tensor<bf16>) -> tensor<bf16>
  // CHECK: varve.abs %{{.*}} : (tensor<i8>) -> tensor<i8>
  %3 = varve.abs %i8 : (tensor<i8>) -> tensor<i8>
  // CHECK: varve.abs %{{.*}} : (tensor<i32>) -> tensor<i32>
  %4 = varve.abs %i32 : (tensor<i32>) -> tensor<i32>
  // CHECK: varve.abs %{{.*}} : (tensor<i64>) -> tensor<i64>
  %5 = varve.abs %i64 : (tensor<i64>) -> tensor<i64>
  // CHECK: varve.abs %{{.*}} : (tensor<ui8>) -> tensor<ui8>
  %6 = varve.abs %ui8 : (tensor<ui8>) -> tensor<ui8>
  varve.output
}

// CHECK-LABEL: varve.graph @binary
varve.graph @binary(%x: tensor<4xf32>, %y: tensor<1xf32>, %a: tensor<4xi1>, %b: tensor<i1>) {
  // CHECK: varve.add %{{.*}}, %{{.*}} : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  %0 = varve.add %x, %y : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  // CHECK: varve.sub
  %1 = varve.sub %x, %y : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  // CHECK: varve.mul
  %2 = varve.mul %x, %y : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  // CHECK: varve.div
  %3 = varve.div %x, %y : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  // CHECK: varve.pow
  %4 = varve.pow %x, %y : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  // CHECK: varve.maximum
  %5 = varve.maximum %x, %y : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  // CHECK: varve.minimum
  %6 = varve.minimum %x, %y : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  // CHECK: varve.and %{{.*}}, %{{.*}} : (tensor<4xi1>, tensor<i1>) -> tensor<4xi1>
  %7 = varve.and %a, %b : (tensor<4xi1>, tensor<i1>) -> tensor<4xi1>
  // CHECK: varve.or
  %8 = varve.or %a, %b : (tensor<4xi1>, tensor<i1>) -> tensor<4xi1>
  // CHECK: varve.xor
  %9 = varve.xor %a, %b : (tensor<4xi1>, tensor<i1>) -> tensor<4xi1>
  varve.output
}

// CHECK-LABEL: varve.graph @broadcasting
varve.graph @broadcasting(%x: tensor<?x1x8xf32, #varve.dims<batch, 1, 8>>, %y: tensor<?x1xf32, #varve.dims<past + seq, 1>>, %past: tensor<i64> {varve.dim = "past"}, %z: tensor<?xf32, #varve.dims<seq>>, %empty: tensor<0xf32>, %scalar: tensor<f32>) {
  // CHECK: varve.mul {{.*}} -> tensor<?x?x8xf32, #[[D:.*]]>
  %0 = varve.mul %x, %y : (tensor<?x1x8xf32, #varve.dims<batch, 1, 8>>, tensor<?x1xf32, #varve.dims<past + seq, 1>>) -> tensor<?x?x8xf32, #varve.dims<batch, past + seq, 8>>
  // CHECK: varve.add {{.*}} -> tensor<0xf32>
  %1 = varve.add %empty, %scalar : (tensor<0xf32>, tensor<f32>) -> tensor<0xf32>
  varve.output
}

// CHECK-LABEL: varve.graph @compare_select_cast
varve.graph @compare_select_cast(%x: tensor<4xf32>, %y: tensor<4xf32>, %b: tensor<i1>) {
  // CHECK: varve.compare %{{.*}}, %{{.*}} {predicate = "lt"} : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  %0 = varve.compare %x, %y {predicate = "lt"} : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  // CHECK: predicate = "le"
  %1 = varve.compare %x, %y {predicate = "le"} : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  // CHECK: predicate = "gt"
  %2 = varve.compare %x, %y {predicate = "gt"} : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  // CHECK: predicate = "ge"
  %3 = varve.compare %x, %y {predicate = "ge"} : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  // CHECK: predicate = "ne"
  %4 = varve.compare %x, %y {predicate = "ne"} : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  // CHECK: varve.compare %{{.*}}, %{{.*}} {predicate = "eq"} : (tensor<4xi1>, tensor<i1>) -> tensor<4xi1>
  %5 = varve.compare %0, %b {predicate = "eq"} : (tensor<4xi1>, tensor<i1>) -> tensor<4xi1>
  // CHECK: varve.select %{{.*}}, %{{.*}}, %{{.*}} : (tensor<i1>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %6 = varve.select %b, %x, %y : (tensor<i1>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  // CHECK: varve.cast %{{.*}} {dtype = ui8} : (tensor<4xf32>) -> tensor<4xui8>
  %7 = varve.cast %x {dtype = ui8} : (tensor<4xf32>) -> tensor<4xui8>
  // CHECK: varve.cast %{{.*}} {dtype = f16} : (tensor<4xi1>) -> tensor<4xf16>
  %8 = varve.cast %0 {dtype = f16} : (tensor<4xi1>) -> tensor<4xf16>
  varve.output
}

// CHECK-LABEL: varve.graph @functions
varve.graph @functions(%x: tensor<2x?xf32, #varve.dims<2, seq>>) {
  // CHECK: varve.exp2 
  %0 = varve.exp2 %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.expm1 
  %1 = varve.expm1 %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.log1p 
  %2 = varve.log1p %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.log2 
  %3 = varve.log2 %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.log10 
  %4 = varve.log10 %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.tan 
  %5 = varve.tan %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.asin 
  %6 = varve.asin %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.acos 
  %7 = varve.acos %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.atan 
  %8 = varve.atan %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.sinh 
  %9 = varve.sinh %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.cosh 
  %10 = varve.cosh %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.asinh 
  %11 = varve.asinh %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.acosh 
  %12 = varve.acosh %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.atanh 
  %13 = varve.atanh %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.trunc 
  %14 = varve.trunc %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  // CHECK: varve.sign 
  %15 = varve.sign %x : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
  varve.output
}

// CHECK-LABEL: varve.graph @division_and_bits
varve.graph @division_and_bits(%x: tensor<4xf32>, %y: tensor<1xf32>, %a: tensor<4xi8>, %b: tensor<4xi32>, %c: tensor<4xi64>, %d: tensor<4xui8>) {
  // CHECK: varve.floor_divide %{{.*}}, %{{.*}} : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  %0 = varve.floor_divide %x, %y : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  // CHECK: varve.remainder %{{.*}}, %{{.*}} : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  %1 = varve.remainder %x, %y : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  // CHECK: varve.atan2 %{{.*}}, %{{.*}} : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  %2 = varve.atan2 %x, %y : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  // CHECK: varve.copysign %{{.*}}, %{{.*}} : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  %3 = varve.copysign %x, %y : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  // CHECK: varve.nextafter %{{.*}}, %{{.*}} : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  %4 = varve.nextafter %x, %y : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  // CHECK: varve.floor_divide %{{.*}}, %{{.*}} : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  %5 = varve.floor_divide %d, %d : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  // CHECK: varve.remainder %{{.*}}, %{{.*}} : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi64>
  %6 = varve.remainder %c, %c : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi64>
  // CHECK: varve.and %{{.*}}, %{{.*}} : (tensor<4xi8>, tensor<4xi8>) -> tensor<4xi8>
  %7 = varve.and %a, %a : (tensor<4xi8>, tensor<4xi8>) -> tensor<4xi8>
  // CHECK: varve.or %{{.*}}, %{{.*}} : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  %8 = varve.or %d, %d : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  // CHECK: varve.xor %{{.*}}, %{{.*}} : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi64>
  %9 = varve.xor %c, %c : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi64>
  // CHECK: varve.shift_left %{{.*}}, %{{.*}} : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  %10 = varve.shift_left %b, %b : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  // CHECK: varve.shift_right %{{.*}}, %{{.*}} : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  %11 = varve.shift_right %d, %d : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  // CHECK: varve.not %{{.*}} : (tensor<4xi32>) -> tensor<4xi32>
  %12 = varve.not %b : (tensor<4xi32>) -> tensor<4xi32>
  varve.output
}
