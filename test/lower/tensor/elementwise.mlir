// RUN: varve-opt %s --varve-convert-to-linalg | FileCheck %s

// CHECK-DAG: #[[$ALL:.+]] = affine_map<(d0, d1, d2) -> (d0, d1, d2)>
// CHECK-DAG: #[[$SPREAD:.+]] = affine_map<(d0, d1, d2) -> (d1, 0)>
// CHECK-DAG: #[[$ONE:.+]] = affine_map<(d0) -> (0)>
// CHECK-DAG: #[[$EACH:.+]] = affine_map<(d0) -> (d0)>

// Dimensions of size 1 are read at 0, those that lack not at all.
// CHECK-LABEL: func.func private @broadcast(
// CHECK-SAME:    %[[SEQ:[a-z0-9]+]]: index, %[[X:[a-z0-9]+]]: tensor<2x?x8xf32> {bufferization.writable = false}, %[[Y:[a-z0-9]+]]: tensor<?x1xf32>
// CHECK:         %[[INTO:.+]] = tensor.empty(%[[SEQ]]) : tensor<2x?x8xf32>
// CHECK:         linalg.generic {indexing_maps = [#[[$ALL]], #[[$SPREAD]], #[[$ALL]]], iterator_types = ["parallel", "parallel", "parallel"]} ins(%[[X]], %[[Y]] : tensor<2x?x8xf32>, tensor<?x1xf32>) outs(%[[INTO]] : tensor<2x?x8xf32>)
// CHECK-NEXT:    ^bb0(%[[A:.+]]: f32, %[[B:.+]]: f32, %{{.+}}: f32):
// CHECK-NEXT:      %[[SUM:.+]] = arith.addf %[[A]], %[[B]] : f32
// CHECK-NEXT:      linalg.yield %[[SUM]] : f32
varve.graph @broadcast(%x: tensor<2x?x8xf32, #varve.dims<2, seq, 8>>, %y: tensor<?x1xf32, #varve.dims<seq, 1>>) {
  %0 = varve.add %x, %y : (tensor<2x?x8xf32, #varve.dims<2, seq, 8>>, tensor<?x1xf32, #varve.dims<seq, 1>>) -> tensor<2x?x8xf32, #varve.dims<2, seq, 8>>
  varve.output
}

// f16 and bf16 are computed in f32 and rounded once.
// CHECK-LABEL: func.func private @half(
// CHECK:         ^bb0(%[[X:.+]]: bf16, %{{.+}}: bf16):
// CHECK-NEXT:      %[[WIDE:.+]] = arith.extf %[[X]] : bf16 to f32
// CHECK:           %[[MINUS:.+]] = arith.negf %[[WIDE]] : f32
// CHECK:           %[[POWER:.+]] = math.exp %[[MINUS]] fastmath<afn> : f32
// CHECK:           %[[BY:.+]] = arith.addf %{{.+}}, %[[POWER]] : f32
// CHECK:           %[[SILU:.+]] = arith.divf %[[WIDE]], %[[BY]] : f32
// CHECK-NEXT:      %[[ROUNDED:.+]] = arith.truncf %[[SILU]] : f32 to bf16
// CHECK-NEXT:      linalg.yield %[[ROUNDED]] : bf16
varve.graph @half(%x: tensor<4xbf16>) {
  %0 = varve.silu %x : (tensor<4xbf16>) -> tensor<4xbf16>
  varve.output
}

// A bool is stored in a byte, and true if that is not 0.
// CHECK-LABEL: func.func private @bools(
// CHECK:         linalg.generic {indexing_maps = [#[[$EACH]], #[[$ONE]], #[[$EACH]]], {{.*}} ins(%{{.+}} : tensor<4xi8>, tensor<1xi8>) outs(%{{.+}} : tensor<4xi8>)
// CHECK-NEXT:    ^bb0(%[[X:.+]]: i8, %[[Y:.+]]: i8, %{{.+}}: i8):
// CHECK:           %[[XB:.+]] = arith.cmpi ne, %[[X]], %{{.+}} : i8
// CHECK:           %[[YB:.+]] = arith.cmpi ne, %[[Y]], %{{.+}} : i8
// CHECK:           %[[AND:.+]] = arith.andi %[[XB]], %[[YB]] : i1
// CHECK:           %[[STORED:.+]] = arith.extui %[[AND]] : i1 to i8
// CHECK:           linalg.yield %[[STORED]] : i8
// CHECK:           arith.ori %{{.+}}, %{{.+}} : i1
// CHECK:           arith.xori %{{.+}}, %{{.+}} : i1
// CHECK:           %[[TRUE:.+]] = arith.constant true
// CHECK:           arith.xori %{{.+}}, %[[TRUE]] : i1
varve.graph @bools(%x: tensor<4xi1>, %y: tensor<1xi1>) {
  %0 = varve.and %x, %y : (tensor<4xi1>, tensor<1xi1>) -> tensor<4xi1>
  %1 = varve.or %x, %y : (tensor<4xi1>, tensor<1xi1>) -> tensor<4xi1>
  %2 = varve.xor %x, %y : (tensor<4xi1>, tensor<1xi1>) -> tensor<4xi1>
  %3 = varve.not %x : (tensor<4xi1>) -> tensor<4xi1>
  varve.output
}

// CHECK-LABEL: func.func private @compare(
// CHECK:           arith.cmpf oeq
// CHECK:           arith.cmpf une
// CHECK:           arith.cmpf olt
// CHECK:           arith.cmpi sle, {{.*}} : i32
// CHECK:           arith.cmpi ugt, {{.*}} : i8
// CHECK:           %[[GE:.+]] = arith.cmpi uge, {{.*}} : i1
// CHECK:           arith.extui %[[GE]] : i1 to i8
// CHECK:           %[[IS:.+]] = arith.cmpi ne, %{{.+}}, %{{.+}} : i8
// CHECK:           arith.select %[[IS]], %{{.+}}, %{{.+}} : f32
varve.graph @compare(%x: tensor<4xf32>, %y: tensor<4xf32>, %i: tensor<4xi32>, %j: tensor<4xi32>, %u: tensor<4xui8>, %v: tensor<4xui8>, %b: tensor<4xi1>, %c: tensor<4xi1>) {
  %0 = varve.compare %x, %y {predicate = "eq"} : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  %1 = varve.compare %x, %y {predicate = "ne"} : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  %2 = varve.compare %x, %y {predicate = "lt"} : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>
  %3 = varve.compare %i, %j {predicate = "le"} : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi1>
  %4 = varve.compare %u, %v {predicate = "gt"} : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xi1>
  %5 = varve.compare %b, %c {predicate = "ge"} : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
  %6 = varve.select %b, %x, %y : (tensor<4xi1>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  varve.output
}

// CHECK-LABEL: func.func private @floats(
// CHECK:           arith.negf
// CHECK:           math.absf
// CHECK:           math.exp
// CHECK:           math.log
// CHECK:           math.sqrt
// CHECK:           %[[ROOT:.+]] = math.sqrt
// CHECK:           arith.divf %{{.+}}, %[[ROOT]]
// CHECK:           math.sin
// CHECK:           math.cos
// CHECK:           math.tanh
// CHECK:           math.erf
// CHECK:           %[[POWER:.+]] = math.exp %{{.+}} fastmath<afn>
// CHECK:           %[[BY:.+]] = arith.addf %{{.+}}, %[[POWER]]
// CHECK:           arith.divf %{{.+}}, %[[BY]]
// CHECK:           %[[BELOW:.+]] = arith.cmpf ogt, %[[NOTHING:.+]], %[[R:.+]] : f32
// CHECK:           arith.select %[[BELOW]], %[[NOTHING]], %[[R]]
// CHECK:           math.floor
// CHECK:           math.ceil
// CHECK:           math.roundeven
// CHECK:           arith.constant 0.707106769 : f32
// CHECK:           math.erf %{{.+}} fastmath<afn>
// CHECK:           arith.constant -1.59576917 : f32
// CHECK:           arith.constant 4.471500e-02 : f32
// CHECK:           math.exp %{{.+}} fastmath<afn>
// CHECK:           arith.divf
varve.graph @floats(%x: tensor<4xf32>) {
  %0 = varve.neg %x : (tensor<4xf32>) -> tensor<4xf32>
  %1 = varve.abs %x : (tensor<4xf32>) -> tensor<4xf32>
  %2 = varve.exp %x : (tensor<4xf32>) -> tensor<4xf32>
  %3 = varve.log %x : (tensor<4xf32>) -> tensor<4xf32>
  %4 = varve.sqrt %x : (tensor<4xf32>) -> tensor<4xf32>
  %5 = varve.rsqrt %x : (tensor<4xf32>) -> tensor<4xf32>
  %6 = varve.sin %x : (tensor<4xf32>) -> tensor<4xf32>
  %7 = varve.cos %x : (tensor<4xf32>) -> tensor<4xf32>
  %8 = varve.tanh %x : (tensor<4xf32>) -> tensor<4xf32>
  %9 = varve.erf %x : (tensor<4xf32>) -> tensor<4xf32>
  %10 = varve.sigmoid %x : (tensor<4xf32>) -> tensor<4xf32>
  %11 = varve.relu %x : (tensor<4xf32>) -> tensor<4xf32>
  %12 = varve.floor %x : (tensor<4xf32>) -> tensor<4xf32>
  %13 = varve.ceil %x : (tensor<4xf32>) -> tensor<4xf32>
  %14 = varve.round %x : (tensor<4xf32>) -> tensor<4xf32>
  %15 = varve.gelu %x : (tensor<4xf32>) -> tensor<4xf32>
  %16 = varve.gelu %x {approximate = "tanh"} : (tensor<4xf32>) -> tensor<4xf32>
  varve.output
}

// CHECK-LABEL: func.func private @arithmetic(
// CHECK:           arith.subf
// CHECK:           arith.mulf
// CHECK:           arith.divf
// CHECK:           math.powf
// CHECK:           arith.maximumf
// CHECK:           arith.minimumf
// CHECK:           arith.addi {{.*}} : i32
// CHECK:           arith.subi {{.*}} : i32
// CHECK:           arith.muli {{.*}} : i32
// CHECK:           %[[LESS:.+]] = arith.cmpi slt
// CHECK:           arith.select %[[LESS]]
// CHECK:           %[[MORE:.+]] = arith.cmpi ugt
// CHECK:           arith.select %[[MORE]]
varve.graph @arithmetic(%x: tensor<4xf32>, %y: tensor<4xf32>, %i: tensor<4xi32>, %j: tensor<4xi32>, %u: tensor<4xui8>, %v: tensor<4xui8>) {
  %0 = varve.sub %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %1 = varve.mul %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %2 = varve.div %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %3 = varve.pow %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %4 = varve.maximum %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %5 = varve.minimum %x, %y : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %6 = varve.add %i, %j : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  %7 = varve.sub %i, %j : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  %8 = varve.mul %i, %j : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  %9 = varve.minimum %i, %j : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  %10 = varve.maximum %u, %v : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  varve.output
}

// No division by 0 is left, and none of the least integer by -1.
// CHECK-LABEL: func.func private @divide(
// CHECK:         ^bb0(%[[X:.+]]: i32, %[[Y:.+]]: i32, %{{.+}}: i32):
// CHECK:           %[[NONE:.+]] = arith.cmpi eq, %[[Y]], %[[ZERO:.+]] : i32
// CHECK:           %[[MINUS:.+]] = arith.cmpi eq, %[[Y]], %{{.+}} : i32
// CHECK:           %[[EITHER:.+]] = arith.ori %[[NONE]], %[[MINUS]] : i1
// CHECK:           %[[BY:.+]] = arith.select %[[EITHER]], %[[ONE:.+]], %[[Y]] : i32
// CHECK:           arith.divsi %[[X]], %[[BY]] : i32
// CHECK:           %[[RESULT:.+]] = arith.select %[[NONE]], %[[ZERO]], %{{.+}} : i32
// CHECK:           linalg.yield %[[RESULT]] : i32
// CHECK:         ^bb0(%[[X:.+]]: i8, %[[Y:.+]]: i8, %{{.+}}: i8):
// CHECK:           %[[BY:.+]] = arith.select %{{.+}}, %{{.+}}, %[[Y]] : i8
// CHECK:           arith.divui %[[X]], %[[BY]] : i8
varve.graph @divide(%i: tensor<4xi32>, %j: tensor<4xi32>, %u: tensor<4xui8>, %v: tensor<4xui8>) {
  %0 = varve.div %i, %j : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  %1 = varve.div %u, %v : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  varve.output
}

// What is outside the target's range, or NaN, never reaches the conversion.
// CHECK-LABEL: func.func private @cast(
// CHECK:         ^bb0(%[[X:.+]]: f32, %{{.+}}: i8):
// CHECK:           %[[INSIDE:.+]] = arith.andi
// CHECK:           %[[SAFE:.+]] = arith.select %[[INSIDE]], %[[X]], %{{.+}} : f32
// CHECK:           arith.fptosi %[[SAFE]] : f32 to i8
// CHECK:           arith.cmpf une
// CHECK:           %[[WIDE:.+]] = arith.sitofp %{{.+}} : i32 to f32
// CHECK:           arith.truncf %[[WIDE]] : f32 to bf16
// CHECK:           arith.uitofp %{{.+}} : i8 to f32
// CHECK:           arith.trunci %{{.+}} : i32 to i8
// CHECK:           arith.extui %{{.+}} : i8 to i64
// CHECK:           %[[WIDE:.+]] = arith.extf %{{.+}} : f16 to f32
// CHECK:           arith.truncf %[[WIDE]] : f32 to bf16
varve.graph @cast(%x: tensor<4xf32>, %i: tensor<4xi32>, %u: tensor<4xui8>, %h: tensor<4xf16>) {
  %0 = varve.cast %x {dtype = i8} : (tensor<4xf32>) -> tensor<4xi8>
  %1 = varve.cast %x {dtype = i1} : (tensor<4xf32>) -> tensor<4xi1>
  %2 = varve.cast %i {dtype = bf16} : (tensor<4xi32>) -> tensor<4xbf16>
  %3 = varve.cast %u {dtype = f32} : (tensor<4xui8>) -> tensor<4xf32>
  %4 = varve.cast %i {dtype = ui8} : (tensor<4xi32>) -> tensor<4xui8>
  %5 = varve.cast %u {dtype = i64} : (tensor<4xui8>) -> tensor<4xi64>
  %6 = varve.cast %h {dtype = bf16} : (tensor<4xf16>) -> tensor<4xbf16>
  varve.output
}

// What has a name in math has its arithmetic in the target.
// CHECK-LABEL: func.func private @functions(
// CHECK:           math.exp2 %{{.+}} : f32
// CHECK:           math.expm1 %{{.+}} : f32
// CHECK:           math.log1p %{{.+}} : f32
// CHECK:           math.log2 %{{.+}} : f32
// CHECK:           math.log10 %{{.+}} : f32
// CHECK:           math.tan %{{.+}} : f32
// CHECK:           math.asin %{{.+}} : f32
// CHECK:           math.acos %{{.+}} : f32
// CHECK:           math.atan %{{.+}} : f32
// CHECK:           math.sinh %{{.+}} : f32
// CHECK:           math.cosh %{{.+}} : f32
// CHECK:           math.asinh %{{.+}} : f32
// CHECK:           math.acosh %{{.+}} : f32
// CHECK:           math.atanh %{{.+}} : f32
// CHECK:           math.trunc %{{.+}} : f32
// CHECK:           math.atan2 %{{.+}}, %{{.+}} : f32
// CHECK:           math.copysign %{{.+}}, %{{.+}} : f32
varve.graph @functions(%x: tensor<4xf32>) {
  %0 = varve.exp2 %x : (tensor<4xf32>) -> tensor<4xf32>
  %1 = varve.expm1 %x : (tensor<4xf32>) -> tensor<4xf32>
  %2 = varve.log1p %x : (tensor<4xf32>) -> tensor<4xf32>
  %3 = varve.log2 %x : (tensor<4xf32>) -> tensor<4xf32>
  %4 = varve.log10 %x : (tensor<4xf32>) -> tensor<4xf32>
  %5 = varve.tan %x : (tensor<4xf32>) -> tensor<4xf32>
  %6 = varve.asin %x : (tensor<4xf32>) -> tensor<4xf32>
  %7 = varve.acos %x : (tensor<4xf32>) -> tensor<4xf32>
  %8 = varve.atan %x : (tensor<4xf32>) -> tensor<4xf32>
  %9 = varve.sinh %x : (tensor<4xf32>) -> tensor<4xf32>
  %10 = varve.cosh %x : (tensor<4xf32>) -> tensor<4xf32>
  %11 = varve.asinh %x : (tensor<4xf32>) -> tensor<4xf32>
  %12 = varve.acosh %x : (tensor<4xf32>) -> tensor<4xf32>
  %13 = varve.atanh %x : (tensor<4xf32>) -> tensor<4xf32>
  %14 = varve.trunc %x : (tensor<4xf32>) -> tensor<4xf32>
  %15 = varve.atan2 %x, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %16 = varve.copysign %x, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  varve.output
}

// The remainder has the sign of the divisor, the quotient is rounded down.
// CHECK-LABEL: func.func private @remainders(
// CHECK:           %[[REST:.+]] = arith.remf %[[X:.+]], %[[Y:.+]] : f32
// CHECK:           %[[MOVES:.+]] = arith.andi %{{.+}}, %{{.+}} : i1
// CHECK:           %[[MOVED:.+]] = arith.addf %[[REST]], %[[Y]] : f32
// CHECK:           arith.select %[[MOVES]], %[[MOVED]], %[[REST]] : f32
// CHECK:           arith.remf
// CHECK:           arith.divf %{{.+}}, %{{.+}} : f64
// CHECK:           math.roundeven %{{.+}} : f64
// CHECK:           arith.truncf %{{.+}} : f64 to f32
// CHECK:           arith.remui %{{.+}}, %{{.+}} : i8
// CHECK:           arith.remsi %{{.+}}, %{{.+}} : i32
varve.graph @remainders(%x: tensor<4xf32>, %u: tensor<4xui8>, %i: tensor<4xi32>) {
  %0 = varve.remainder %x, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %1 = varve.floor_divide %x, %x : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %2 = varve.remainder %u, %u : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  %3 = varve.remainder %i, %i : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  varve.output
}

// Amounts outside of the width never reach a shift. The next number is one of the type itself.
// CHECK-LABEL: func.func private @bits(
// CHECK:           %[[INSIDE:.+]] = arith.cmpi ult, %[[BY:.+]], %{{.+}} : i32
// CHECK:           %[[SAFE:.+]] = arith.select %[[INSIDE]], %[[BY]], %{{.+}} : i32
// CHECK:           %[[SHIFTED:.+]] = arith.shli %{{.+}}, %[[SAFE]] : i32
// CHECK:           arith.select %[[INSIDE]], %[[SHIFTED]], %{{.+}} : i32
// CHECK:           arith.shrsi %{{.+}}, %{{.+}} : i32
// CHECK:           arith.shrui %{{.+}}, %{{.+}} : i8
// CHECK:           %[[ONES:.+]] = arith.constant -1 : i32
// CHECK:           arith.xori %{{.+}}, %[[ONES]] : i32
// CHECK:           arith.bitcast %{{.+}} : bf16 to i16
varve.graph @bits(%i: tensor<4xi32>, %u: tensor<4xui8>, %x: tensor<4xbf16>) {
  %0 = varve.shift_left %i, %i : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  %1 = varve.shift_right %i, %i : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  %2 = varve.shift_right %u, %u : (tensor<4xui8>, tensor<4xui8>) -> tensor<4xui8>
  %3 = varve.not %i : (tensor<4xi32>) -> tensor<4xi32>
  %4 = varve.nextafter %x, %x : (tensor<4xbf16>, tensor<4xbf16>) -> tensor<4xbf16>
  varve.output
}

// Zeros of both signs and NaN have their own sign.
// CHECK-LABEL: func.func private @sign(
// CHECK:         ^bb0(%[[X:.+]]: f32, %{{.+}}: f32):
// CHECK:           %[[ABOVE:.+]] = arith.cmpf ogt, %[[X]], %{{.+}} : f32
// CHECK:           %[[BELOW:.+]] = arith.cmpf olt, %[[X]], %{{.+}} : f32
// CHECK:           %[[REST:.+]] = arith.select %[[BELOW]], %{{.+}}, %[[X]] : f32
// CHECK:           arith.select %[[ABOVE]], %{{.+}}, %[[REST]] : f32
varve.graph @sign(%x: tensor<4xf32>) {
  %0 = varve.sign %x : (tensor<4xf32>) -> tensor<4xf32>
  varve.output
}
