// RUN: varve-opt %s -canonicalize | FileCheck %s

// CHECK-LABEL: varve.graph @inverse
varve.graph @inverse(%x: tensor<4xf32>, %b: tensor<4xi1>) -> (tensor<4xf32>, tensor<4xi1>) {
  %0 = varve.neg %x : (tensor<4xf32>) -> tensor<4xf32>
  %1 = varve.neg %0 : (tensor<4xf32>) -> tensor<4xf32>
  %2 = varve.not %b : (tensor<4xi1>) -> tensor<4xi1>
  %3 = varve.not %2 : (tensor<4xi1>) -> tensor<4xi1>
  // CHECK-NEXT: varve.output %arg0, %arg1
  varve.output %1, %3 : tensor<4xf32>, tensor<4xi1>
}

// CHECK-LABEL: varve.graph @twice
varve.graph @twice(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  // CHECK-NEXT: %[[A:.*]] = varve.abs
  // CHECK-NEXT: %[[R:.*]] = varve.relu
  // CHECK-NEXT: %[[F:.*]] = varve.floor
  // CHECK-NEXT: %[[C:.*]] = varve.ceil
  // CHECK-NEXT: %[[O:.*]] = varve.round
  // CHECK-NEXT: varve.output %[[A]], %[[R]], %[[F]], %[[C]], %[[O]]
  %0 = varve.abs %x : (tensor<4xf32>) -> tensor<4xf32>
  %1 = varve.abs %0 : (tensor<4xf32>) -> tensor<4xf32>
  %2 = varve.relu %x : (tensor<4xf32>) -> tensor<4xf32>
  %3 = varve.relu %2 : (tensor<4xf32>) -> tensor<4xf32>
  %4 = varve.floor %x : (tensor<4xf32>) -> tensor<4xf32>
  %5 = varve.floor %4 : (tensor<4xf32>) -> tensor<4xf32>
  %6 = varve.ceil %x : (tensor<4xf32>) -> tensor<4xf32>
  %7 = varve.ceil %6 : (tensor<4xf32>) -> tensor<4xf32>
  %8 = varve.round %x : (tensor<4xf32>) -> tensor<4xf32>
  %9 = varve.round %8 : (tensor<4xf32>) -> tensor<4xf32>
  varve.output %1, %3, %5, %7, %9 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: varve.graph @neutral
varve.graph @neutral(%x: tensor<4xf32>, %i: tensor<4xi32>, %b: tensor<4xi1>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xi32>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>) {
  // CHECK-NEXT: varve.output %arg0, %arg0, %arg0, %arg0, %arg1, %arg2, %arg2, %arg2
  %zero = varve.constant dense<0.0> : tensor<f32>
  %minus_zero = varve.constant dense<-0.0> : tensor<4xf32>
  %one = varve.constant dense<1.0> : tensor<1xf32>
  %int_zero = varve.constant dense<0> : tensor<4xi32>
  %true = varve.constant dense<true> : tensor<i1>
  %false = varve.constant dense<false> : tensor<i1>
  %0 = varve.add %x, %minus_zero : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %1 = varve.sub %x, %zero : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %2 = varve.mul %one, %x : (tensor<1xf32>, tensor<4xf32>) -> tensor<4xf32>
  %3 = varve.div %x, %one : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
  %4 = varve.add %i, %int_zero : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  %5 = varve.and %b, %true : (tensor<4xi1>, tensor<i1>) -> tensor<4xi1>
  %6 = varve.or %b, %false : (tensor<4xi1>, tensor<i1>) -> tensor<4xi1>
  %7 = varve.xor %b, %false : (tensor<4xi1>, tensor<i1>) -> tensor<4xi1>
  varve.output %0, %1, %2, %3, %4, %5, %6, %7 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xi32>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>
}

// -0 + 0 is 0, and -0 - -0 is 0.
// CHECK-LABEL: varve.graph @zero_is_not_neutral
varve.graph @zero_is_not_neutral(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  // CHECK: varve.add
  // CHECK: varve.sub
  %zero = varve.constant dense<0.0> : tensor<4xf32>
  %minus_zero = varve.constant dense<-0.0> : tensor<4xf32>
  %0 = varve.add %x, %zero : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %1 = varve.sub %x, %minus_zero : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  varve.output %0, %1 : tensor<4xf32>, tensor<4xf32>
}

// A neutral element that broadcasts x makes another shape.
// CHECK-LABEL: varve.graph @neutral_broadcasts
varve.graph @neutral_broadcasts(%x: tensor<1xf32>) -> tensor<4xf32> {
  // CHECK: varve.mul
  %one = varve.constant dense<1.0> : tensor<4xf32>
  %0 = varve.mul %x, %one : (tensor<1xf32>, tensor<4xf32>) -> tensor<4xf32>
  varve.output %0 : tensor<4xf32>
}

// CHECK-LABEL: varve.graph @equal_operands
varve.graph @equal_operands(%x: tensor<4xf32>, %b: tensor<4xi1>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xi1>, tensor<4xi1>, tensor<4xf32>) {
  // CHECK-NEXT: varve.output %arg0, %arg0, %arg1, %arg1, %arg0
  %0 = varve.maximum %x, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %1 = varve.minimum %x, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %2 = varve.and %b, %b : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
  %3 = varve.or %b, %b : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
  %4 = varve.select %b, %x, %x : (tensor<4xi1>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  varve.output %0, %1, %2, %3, %4 : tensor<4xf32>, tensor<4xf32>, tensor<4xi1>, tensor<4xi1>, tensor<4xf32>
}

// CHECK-LABEL: varve.graph @float_constants
varve.graph @float_constants() -> (tensor<2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
  // CHECK-DAG: %[[ADD:.*]] = varve.constant dense<{{\[\[}}1.500000e+00, -2.000000e+00], [4.500000e+00, 1.000000e+00]]> : tensor<2x2xf32>
  // CHECK-DAG: %[[SUB:.*]] = varve.constant dense<[5.000000e-01, -3.500000e+00]> : tensor<2xf32>
  // CHECK-DAG: %[[MUL:.*]] = varve.constant dense<[1.500000e+00, -2.500000e+00]> : tensor<2xf32>
  // CHECK-DAG: %[[DIV:.*]] = varve.constant dense<[0x7F800000, 0xFF800000]> : tensor<2xf32>
  // CHECK-DAG: %[[MAX:.*]] = varve.constant dense<[1.500000e+00, 0x7FC00000]> : tensor<2xf32>
  // CHECK-DAG: %[[MIN:.*]] = varve.constant dense<[1.000000e+00, 0x7FC00000]> : tensor<2xf32>
  // CHECK-DAG: %[[NEG:.*]] = varve.constant dense<[-1.500000e+00, 2.500000e+00]> : tensor<2xf32>
  // CHECK-DAG: %[[ABS:.*]] = varve.constant dense<[1.500000e+00, 2.500000e+00]> : tensor<2xf32>
  // CHECK-DAG: %[[ROUND:.*]] = varve.constant dense<2.000000e+00> : tensor<2xf32>
  // CHECK: varve.output %[[ADD]], %[[SUB]], %[[MUL]], %[[DIV]], %[[MAX]], %[[MIN]], %[[NEG]], %[[ABS]], %[[ROUND]]
  %x = varve.constant dense<[1.5, -2.5]> : tensor<2xf32>
  %column = varve.constant dense<[[0.0], [3.0]]> : tensor<2x1xf32>
  %offset = varve.constant dense<[0.0, 0.5]> : tensor<2xf32>
  %one = varve.constant dense<1.0> : tensor<f32>
  %zero = varve.constant dense<0.0> : tensor<f32>
  %one_nan = varve.constant dense<[1.0, 0x7FC00000]> : tensor<2xf32>
  %halves = varve.constant dense<[1.5, 2.5]> : tensor<2xf32>
  %shifted = varve.add %x, %offset : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %0 = varve.add %column, %shifted : (tensor<2x1xf32>, tensor<2xf32>) -> tensor<2x2xf32>
  %1 = varve.sub %x, %one : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  %2 = varve.mul %x, %one : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  %3 = varve.div %x, %zero : (tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  %4 = varve.maximum %x, %one_nan : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %5 = varve.minimum %x, %one_nan : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  %6 = varve.neg %x : (tensor<2xf32>) -> tensor<2xf32>
  %7 = varve.abs %x : (tensor<2xf32>) -> tensor<2xf32>
  %8 = varve.round %halves : (tensor<2xf32>) -> tensor<2xf32>
  varve.output %0, %1, %2, %3, %4, %5, %6, %7, %8 : tensor<2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
}

// CHECK-LABEL: varve.graph @half_constants_round
varve.graph @half_constants_round() -> (tensor<bf16>, tensor<f16>, tensor<2xf32>, tensor<2xf32>) {
  // CHECK-DAG: %[[BF16:.*]] = varve.constant dense<2.560000e+02> : tensor<bf16>
  // CHECK-DAG: %[[F16:.*]] = varve.constant dense<0x7C00> : tensor<f16>
  // CHECK-DAG: %[[FLOOR:.*]] = varve.constant dense<[-2.000000e+00, 1.000000e+00]> : tensor<2xf32>
  // CHECK-DAG: %[[CEIL:.*]] = varve.constant dense<[-1.000000e+00, 2.000000e+00]> : tensor<2xf32>
  // CHECK: varve.output %[[BF16]], %[[F16]], %[[FLOOR]], %[[CEIL]]
  %0 = varve.constant dense<256.0> : tensor<bf16>
  %1 = varve.constant dense<1.0> : tensor<bf16>
  %2 = varve.add %0, %1 : (tensor<bf16>, tensor<bf16>) -> tensor<bf16>
  %3 = varve.constant dense<65504.0> : tensor<f16>
  %4 = varve.add %3, %3 : (tensor<f16>, tensor<f16>) -> tensor<f16>
  %5 = varve.constant dense<[-1.5, 1.5]> : tensor<2xf32>
  %6 = varve.floor %5 : (tensor<2xf32>) -> tensor<2xf32>
  %7 = varve.ceil %5 : (tensor<2xf32>) -> tensor<2xf32>
  varve.output %2, %4, %6, %7 : tensor<bf16>, tensor<f16>, tensor<2xf32>, tensor<2xf32>
}

// CHECK-LABEL: varve.graph @integer_constants
varve.graph @integer_constants() -> (tensor<6xi8>, tensor<2xui8>, tensor<6xi8>, tensor<2xui8>, tensor<6xi8>, tensor<6xi8>) {
  // CHECK-DAG: %[[DIV:.*]] = varve.constant dense<[-4, -4, 3, 0, -128, 0]> : tensor<6xi8>
  // CHECK-DAG: %[[UDIV:.*]] = varve.constant dense<[127, 0]> : tensor<2xui8>
  // CHECK-DAG: %[[MAX:.*]] = varve.constant dense<[2, 7, 7, 5, -1, 3]> : tensor<6xi8>
  // CHECK-DAG: %[[UMIN:.*]] = varve.constant dense<[2, 0]> : tensor<2xui8>
  // CHECK-DAG: %[[ABS:.*]] = varve.constant dense<[7, 7, 7, 5, -128, 0]> : tensor<6xi8>
  // CHECK-DAG: %[[ADD:.*]] = varve.constant dense<[-5, 5, 9, 5, 127, 3]> : tensor<6xi8>
  // CHECK: varve.output %[[DIV]], %[[UDIV]], %[[MAX]], %[[UMIN]], %[[ABS]], %[[ADD]]
  %a = varve.constant dense<[-7, 7, 7, 5, -128, 0]> : tensor<6xi8>
  %b = varve.constant dense<[2, -2, 2, 0, -1, 3]> : tensor<6xi8>
  %c = varve.constant dense<[255, 255]> : tensor<2xui8>
  %d = varve.constant dense<[2, 0]> : tensor<2xui8>
  %0 = varve.div %a, %b : (tensor<6xi8>, tensor<6xi8>) -> tensor<6xi8>
  %1 = varve.div %c, %d : (tensor<2xui8>, tensor<2xui8>) -> tensor<2xui8>
  %2 = varve.maximum %a, %b : (tensor<6xi8>, tensor<6xi8>) -> tensor<6xi8>
  %3 = varve.minimum %c, %d : (tensor<2xui8>, tensor<2xui8>) -> tensor<2xui8>
  %4 = varve.abs %a : (tensor<6xi8>) -> tensor<6xi8>
  %5 = varve.add %a, %b : (tensor<6xi8>, tensor<6xi8>) -> tensor<6xi8>
  varve.output %0, %1, %2, %3, %4, %5 : tensor<6xi8>, tensor<2xui8>, tensor<6xi8>, tensor<2xui8>, tensor<6xi8>, tensor<6xi8>
}

// CHECK-LABEL: varve.graph @compare_constants
varve.graph @compare_constants() -> (tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<i1>) {
  // CHECK-DAG: %[[EQ:.*]] = varve.constant dense<[false, true, false, false]> : tensor<4xi1>
  // CHECK-DAG: %[[NE:.*]] = varve.constant dense<[true, false, true, true]> : tensor<4xi1>
  // CHECK-DAG: %[[LT:.*]] = varve.constant dense<[true, false, false, false]> : tensor<4xi1>
  // CHECK-DAG: %[[LE:.*]] = varve.constant dense<[true, true, false, false]> : tensor<4xi1>
  // CHECK-DAG: %[[GT:.*]] = varve.constant dense<[false, false, true, false]> : tensor<4xi1>
  // CHECK-DAG: %[[GE:.*]] = varve.constant dense<[false, true, true, false]> : tensor<4xi1>
  // CHECK-DAG: %[[U:.*]] = varve.constant dense<true> : tensor<i1>
  // CHECK: varve.output %[[EQ]], %[[NE]], %[[LT]], %[[LE]], %[[GT]], %[[GE]], %[[U]]
  %x = varve.constant dense<[1.0, 2.0, 3.0, 0x7FC00000]> : tensor<4xf32>
  %y = varve.constant dense<2.0> : tensor<f32>
  %u = varve.constant dense<200> : tensor<ui8>
  %v = varve.constant dense<100> : tensor<ui8>
  %0 = varve.compare %x, %y {predicate = "eq"} : (tensor<4xf32>, tensor<f32>) -> tensor<4xi1>
  %1 = varve.compare %x, %y {predicate = "ne"} : (tensor<4xf32>, tensor<f32>) -> tensor<4xi1>
  %2 = varve.compare %x, %y {predicate = "lt"} : (tensor<4xf32>, tensor<f32>) -> tensor<4xi1>
  %3 = varve.compare %x, %y {predicate = "le"} : (tensor<4xf32>, tensor<f32>) -> tensor<4xi1>
  %4 = varve.compare %x, %y {predicate = "gt"} : (tensor<4xf32>, tensor<f32>) -> tensor<4xi1>
  %5 = varve.compare %x, %y {predicate = "ge"} : (tensor<4xf32>, tensor<f32>) -> tensor<4xi1>
  %6 = varve.compare %u, %v {predicate = "gt"} : (tensor<ui8>, tensor<ui8>) -> tensor<i1>
  varve.output %0, %1, %2, %3, %4, %5, %6 : tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<i1>
}

// CHECK-LABEL: varve.graph @logic_constants
varve.graph @logic_constants() -> (tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>) {
  // CHECK-DAG: %[[AND:.*]] = varve.constant dense<[true, false, false, false]> : tensor<4xi1>
  // CHECK-DAG: %[[OR:.*]] = varve.constant dense<[true, true, true, false]> : tensor<4xi1>
  // CHECK-DAG: %[[XOR:.*]] = varve.constant dense<[false, true, true, false]> : tensor<4xi1>
  // CHECK-DAG: %[[NOT:.*]] = varve.constant dense<[false, false, true, true]> : tensor<4xi1>
  // CHECK: varve.output %[[AND]], %[[OR]], %[[XOR]], %[[NOT]]
  %a = varve.constant dense<[true, true, false, false]> : tensor<4xi1>
  %b = varve.constant dense<[true, false, true, false]> : tensor<4xi1>
  %0 = varve.and %a, %b : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
  %1 = varve.or %a, %b : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
  %2 = varve.xor %a, %b : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
  %3 = varve.not %a : (tensor<4xi1>) -> tensor<4xi1>
  varve.output %0, %1, %2, %3 : tensor<4xi1>, tensor<4xi1>, tensor<4xi1>, tensor<4xi1>
}

// CHECK-LABEL: varve.graph @select_constants
varve.graph @select_constants(%x: tensor<4xf32>, %y: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>, tensor<2xf32>) {
  // CHECK: %[[C:.*]] = varve.constant dense<[1.000000e+00, -2.000000e+00]> : tensor<2xf32>
  // CHECK: varve.output %arg0, %arg1, %[[C]]
  %true = varve.constant dense<true> : tensor<i1>
  %false = varve.constant dense<false> : tensor<4xi1>
  %mixed = varve.constant dense<[true, false]> : tensor<2xi1>
  %a = varve.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %b = varve.constant dense<-2.0> : tensor<f32>
  %0 = varve.select %true, %x, %y : (tensor<i1>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %1 = varve.select %false, %x, %y : (tensor<4xi1>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %2 = varve.select %mixed, %a, %b : (tensor<2xi1>, tensor<2xf32>, tensor<f32>) -> tensor<2xf32>
  varve.output %0, %1, %2 : tensor<4xf32>, tensor<4xf32>, tensor<2xf32>
}

// CHECK-LABEL: varve.graph @cast_same
varve.graph @cast_same(%x: tensor<?xf32, #varve.dims<n>>) -> tensor<?xf32, #varve.dims<n>> {
  // CHECK-NEXT: varve.output %arg0
  %0 = varve.cast %x {dtype = f32} : (tensor<?xf32, #varve.dims<n>>) -> tensor<?xf32, #varve.dims<n>>
  varve.output %0 : tensor<?xf32, #varve.dims<n>>
}

// CHECK-LABEL: varve.graph @cast_constants
varve.graph @cast_constants() -> (tensor<5xi8>, tensor<5xui8>, tensor<5xi1>, tensor<2xi8>, tensor<2xi64>, tensor<2xi64>, tensor<2xf32>, tensor<2xf32>, tensor<2xbf16>) {
  // Saturating, toward zero, NaN to 0.
  // CHECK-DAG: %[[I8:.*]] = varve.constant dense<[127, -128, 2, -2, 0]> : tensor<5xi8>
  // CHECK-DAG: %[[UI8:.*]] = varve.constant dense<[255, 0, 2, 0, 0]> : tensor<5xui8>
  // CHECK-DAG: %[[I1:.*]] = varve.constant dense<true> : tensor<5xi1>
  // The low bits.
  // CHECK-DAG: %[[LOW:.*]] = varve.constant dense<[44, -1]> : tensor<2xi8>
  // CHECK-DAG: %[[SIGNED:.*]] = varve.constant dense<[-56, 1]> : tensor<2xi64>
  // CHECK-DAG: %[[UNSIGNED:.*]] = varve.constant dense<[200, 1]> : tensor<2xi64>
  // CHECK-DAG: %[[FLOATS:.*]] = varve.constant dense<[2.000000e+02, 1.000000e+00]> : tensor<2xf32>
  // CHECK-DAG: %[[BOOLS:.*]] = varve.constant dense<[1.000000e+00, 0.000000e+00]> : tensor<2xf32>
  // CHECK-DAG: %[[BF16:.*]] = varve.constant dense<[2.560000e+02, 2.580000e+02]> : tensor<2xbf16>
  // CHECK: varve.output %[[I8]], %[[UI8]], %[[I1]], %[[LOW]], %[[SIGNED]], %[[UNSIGNED]], %[[FLOATS]], %[[BOOLS]], %[[BF16]]
  %x = varve.constant dense<[1.0e10, -1.0e10, 2.9, -2.9, 0x7FC00000]> : tensor<5xf32>
  %i = varve.constant dense<[300, -1]> : tensor<2xi32>
  %s = varve.constant dense<[-56, 1]> : tensor<2xi8>
  %u = varve.constant dense<[200, 1]> : tensor<2xui8>
  %b = varve.constant dense<[true, false]> : tensor<2xi1>
  %f = varve.constant dense<[257.0, 257.1]> : tensor<2xf32>
  %0 = varve.cast %x {dtype = i8} : (tensor<5xf32>) -> tensor<5xi8>
  %1 = varve.cast %x {dtype = ui8} : (tensor<5xf32>) -> tensor<5xui8>
  %2 = varve.cast %x {dtype = i1} : (tensor<5xf32>) -> tensor<5xi1>
  %3 = varve.cast %i {dtype = i8} : (tensor<2xi32>) -> tensor<2xi8>
  %4 = varve.cast %s {dtype = i64} : (tensor<2xi8>) -> tensor<2xi64>
  %5 = varve.cast %u {dtype = i64} : (tensor<2xui8>) -> tensor<2xi64>
  %6 = varve.cast %u {dtype = f32} : (tensor<2xui8>) -> tensor<2xf32>
  %7 = varve.cast %b {dtype = f32} : (tensor<2xi1>) -> tensor<2xf32>
  %8 = varve.cast %f {dtype = bf16} : (tensor<2xf32>) -> tensor<2xbf16>
  varve.output %0, %1, %2, %3, %4, %5, %6, %7, %8 : tensor<5xi8>, tensor<5xui8>, tensor<5xi1>, tensor<2xi8>, tensor<2xi64>, tensor<2xi64>, tensor<2xf32>, tensor<2xf32>, tensor<2xbf16>
}

// One value repeated folds at any size; other constants only when small.
// CHECK-LABEL: varve.graph @large_constants
varve.graph @large_constants() -> (tensor<4096x4096xbf16>, tensor<2x1024xf32>) {
  // CHECK-DAG: varve.constant dense<3.000000e+00> : tensor<4096x4096xbf16>
  // CHECK: varve.add
  %0 = varve.constant dense<3.0> : tensor<4096x4096xf32>
  %1 = varve.cast %0 {dtype = bf16} : (tensor<4096x4096xf32>) -> tensor<4096x4096xbf16>
  %2 = varve.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32>
  %3 = varve.constant dense<1.0> : tensor<1024xf32>
  %4 = varve.add %2, %3 : (tensor<2x1xf32>, tensor<1024xf32>) -> tensor<2x1024xf32>
  varve.output %1, %4 : tensor<4096x4096xbf16>, tensor<2x1024xf32>
}

// CHECK-LABEL: varve.graph @empty_constants
varve.graph @empty_constants() -> (tensor<0xf32>, tensor<0xf32>, tensor<0x4xi1>) {
  // CHECK-DAG: varve.constant dense<> : tensor<0xf32>
  // CHECK-DAG: varve.constant dense<> : tensor<0x4xi1>
  // CHECK-NOT: varve.add
  // CHECK-NOT: varve.compare
  %0 = varve.constant dense<> : tensor<0xf32>
  %1 = varve.constant dense<1.0> : tensor<f32>
  %2 = varve.add %0, %1 : (tensor<0xf32>, tensor<f32>) -> tensor<0xf32>
  %3 = varve.neg %0 : (tensor<0xf32>) -> tensor<0xf32>
  %4 = varve.constant dense<> : tensor<0x1xf32>
  %5 = varve.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>
  %6 = varve.compare %4, %5 {predicate = "lt"} : (tensor<0x1xf32>, tensor<4xf32>) -> tensor<0x4xi1>
  varve.output %2, %3, %6 : tensor<0xf32>, tensor<0xf32>, tensor<0x4xi1>
}

// CHECK-LABEL: varve.graph @exact_functions
varve.graph @exact_functions() -> (tensor<4xf32>, tensor<4xf32>, tensor<3xi32>, tensor<2xui8>, tensor<2xf32>) {
  // CHECK-DAG: %[[TRUNC:.*]] = varve.constant dense<[-1.000000e+00, 2.000000e+00, 0.000000e+00, 7.000000e+00]> : tensor<4xf32>
  // CHECK-DAG: %[[SIGN:.*]] = varve.constant dense<[-1.000000e+00, 1.000000e+00, 0.000000e+00, 1.000000e+00]> : tensor<4xf32>
  // CHECK-DAG: %[[SIGNS:.*]] = varve.constant dense<[-1, 0, 1]> : tensor<3xi32>
  // CHECK-DAG: %[[NATURAL:.*]] = varve.constant dense<[1, 0]> : tensor<2xui8>
  // CHECK-DAG: %[[COPY:.*]] = varve.constant dense<[-1.500000e+00, 2.500000e+00]> : tensor<2xf32>
  // CHECK: varve.output %[[TRUNC]], %[[SIGN]], %[[SIGNS]], %[[NATURAL]], %[[COPY]]
  %x = varve.constant dense<[-1.5, 2.5, 0.0, 7.0]> : tensor<4xf32>
  %i = varve.constant dense<[-7, 0, 9]> : tensor<3xi32>
  %u = varve.constant dense<[200, 0]> : tensor<2xui8>
  %y = varve.constant dense<[1.5, -2.5]> : tensor<2xf32>
  %z = varve.constant dense<[-0.0, 0.0]> : tensor<2xf32>
  %0 = varve.trunc %x : (tensor<4xf32>) -> tensor<4xf32>
  %1 = varve.sign %x : (tensor<4xf32>) -> tensor<4xf32>
  %2 = varve.sign %i : (tensor<3xi32>) -> tensor<3xi32>
  %3 = varve.sign %u : (tensor<2xui8>) -> tensor<2xui8>
  %4 = varve.copysign %y, %z : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  varve.output %0, %1, %2, %3, %4 : tensor<4xf32>, tensor<4xf32>, tensor<3xi32>, tensor<2xui8>, tensor<2xf32>
}

// CHECK-LABEL: varve.graph @integers_and_bits
varve.graph @integers_and_bits(%x: tensor<4xi32>) -> (tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xui8>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>) {
  // CHECK-DAG: %[[QUOTIENT:.*]] = varve.constant dense<[3, -4, -4, 0]> : tensor<4xi32>
  // CHECK-DAG: %[[REST:.*]] = varve.constant dense<[1, 1, -1, 0]> : tensor<4xi32>
  // CHECK-DAG: %[[AND:.*]] = varve.constant dense<[2, 0, -8, 0]> : tensor<4xi32>
  // CHECK-DAG: %[[NOT:.*]] = varve.constant dense<[-8, 6, -8, 6]> : tensor<4xi32>
  // CHECK-DAG: %[[LEFT:.*]] = varve.constant dense<[28, -28, 0, 0]> : tensor<4xi32>
  // CHECK-DAG: %[[RIGHT:.*]] = varve.constant dense<[1, -2, 0, -1]> : tensor<4xi32>
  // CHECK-DAG: %[[NATURAL:.*]] = varve.constant dense<[100, 1, 0, 0]> : tensor<4xui8>
  // CHECK: varve.output %[[QUOTIENT]], %[[REST]], %[[AND]], %[[NOT]], %[[LEFT]], %[[RIGHT]], %[[NATURAL]], %arg0, %arg0, %arg0
  %a = varve.constant dense<[7, -7, 7, -7]> : tensor<4xi32>
  %b = varve.constant dense<[2, 2, -2, 0]> : tensor<4xi32>
  %c = varve.constant dense<[2, 6, -8, 0]> : tensor<4xi32>
  %by = varve.constant dense<[2, 2, 32, -1]> : tensor<4xi32>
  %u = varve.constant dense<[200, 200, 200, 200]> : tensor<4xui8>
  %ub = varve.constant dense<[1, 7, 8, 255]> : tensor<4xui8>
  %ones = varve.constant dense<-1> : tensor<i32>
  %zero = varve.constant dense<0> : tensor<i32>
  %0 = varve.floor_divide %a, %b : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  %1 = varve.remainder %a, %b : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  %d = varve.constant dense<[10, 1, -1, -7]> : tensor<4xi32>
  %2 = varve.and %c, %d : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  %3 = varve.not %a : (tensor<4xi32>) -> tensor<4xi32>
  %4 = varve.shift_left %a, %by : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  %5 = varve.shift_right %a, %by : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  %6 = varve.shift_right %u, %ub : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  %7 = varve.and %x, %ones : (tensor<4xi32>, tensor<i32>) -> tensor<4xi32>
  %8 = varve.shift_left %x, %zero : (tensor<4xi32>, tensor<i32>) -> tensor<4xi32>
  %9 = varve.shift_right %x, %zero : (tensor<4xi32>, tensor<i32>) -> tensor<4xi32>
  varve.output %0, %1, %2, %3, %4, %5, %6, %7, %8, %9 : tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>, tensor<4xui8>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>
}

// -1 has more bits than the last: of bools true is all of them, of integers 1 is not.
// CHECK-LABEL: varve.graph @one_is_not_all_bits
varve.graph @one_is_not_all_bits(%x: tensor<4xi32>) -> tensor<4xi32> {
  // CHECK: varve.and
  %one = varve.constant dense<1> : tensor<i32>
  %0 = varve.and %x, %one : (tensor<4xi32>, tensor<i32>) -> tensor<4xi32>
  varve.output %0 : tensor<4xi32>
}
