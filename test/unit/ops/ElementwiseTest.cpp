// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Elementwise.h"
#include "test/unit/ops/Recorded.h"
#include <catch2/catch.hpp>
#include <limits>

using namespace varve;
using test::contains;
using test::recorded;
using test::refused;

namespace {

TensorType vec(DType dtype) { return tensor_type(dtype, {4}); }

std::string of_two(DType lhs, DType rhs) {
  return refused([](Value a, Value b) { return a + b; }, {vec(lhs), vec(rhs)});
}
std::string result_of(DType lhs, DType rhs) {
  std::string name;
  Graph graph("f",
              [&](Value a, Value b) {
                Value sum = a + b;
                name = name_of(sum.dtype());
                return sum;
              },
              {vec(lhs), vec(rhs)});
  return name;
}

} // namespace

TEST_CASE("functions of one operand") {
  auto check = [](Value (*fn)(Operand), const std::string &op) {
    CHECK(recorded([fn](Value x) { return fn(x); }, {vec(f32)}) ==
          "varve." + op + " %arg0 : (tensor<4xf32>) -> tensor<4xf32>");
  };
  check(neg, "neg");
  check(abs, "abs");
  check(exp, "exp");
  check(exp2, "exp2");
  check(expm1, "expm1");
  check(log, "log");
  check(log1p, "log1p");
  check(log2, "log2");
  check(log10, "log10");
  check(sqrt, "sqrt");
  check(rsqrt, "rsqrt");
  check(sin, "sin");
  check(cos, "cos");
  check(tan, "tan");
  check(asin, "asin");
  check(acos, "acos");
  check(atan, "atan");
  check(sinh, "sinh");
  check(cosh, "cosh");
  check(tanh, "tanh");
  check(asinh, "asinh");
  check(acosh, "acosh");
  check(atanh, "atanh");
  check(erf, "erf");
  check(sigmoid, "sigmoid");
  check(silu, "silu");
  check(relu, "relu");
  check(floor, "floor");
  check(ceil, "ceil");
  check(round, "round");
  check(trunc, "trunc");
  check(sign, "sign");
  CHECK(recorded([](Value x) { return logical_not(x); }, {vec(boolean)}) ==
        "varve.not %arg0 : (tensor<4xi1>) -> tensor<4xi1>");
  CHECK(recorded([](Value x) { return bitwise_invert(x); }, {vec(i32)}) ==
        "varve.not %arg0 : (tensor<4xi32>) -> tensor<4xi32>");
  CHECK(recorded([](Value x) { return gelu(x); }, {vec(f32)}) == "varve.gelu %arg0 : (tensor<4xf32>) -> tensor<4xf32>");
  CHECK(recorded([](Value x) { return gelu(x, {.approximate = Approximate::tanh}); }, {vec(f32)}) ==
        "varve.gelu %arg0 {approximate = \"tanh\"} : (tensor<4xf32>) -> tensor<4xf32>");
}

TEST_CASE("an operand of another kind is refused in the words of the op") {
  CHECK(refused([](Value x) { return exp(x); }, {vec(i32)}) ==
        "expects input to be tensor of f32, f16 or bf16 whose dynamic dimensions have names, but got 'tensor<4xi32>'");
  CHECK(contains(refused([](Value x) { return neg(x); }, {vec(boolean)}), "expects input to be tensor of"));
  CHECK(refused([](Value x) { return bitwise_invert(x); }, {vec(f32)}) ==
        "expects input to be tensor of i8, i32, i64, ui8 or i1 whose dynamic dimensions have names, but got "
        "'tensor<4xf32>'");
  CHECK(refused([](Value) { return silu(2.0); }, {vec(f32)}) == "expects a value as input, but got a number");
  CHECK(refused([](Value) { return add(1, 2); }, {vec(f32)}) ==
        "expects a value among lhs and rhs, but got two numbers");
}

TEST_CASE("functions of two operands") {
  auto check = [](Value (*fn)(Operand, Operand), const std::string &op, DType dtype = f32) {
    std::string type = dtype == boolean ? "tensor<4xi1>" : dtype == i32 ? "tensor<4xi32>" : "tensor<4xf32>";
    CHECK(recorded([fn](Value x, Value y) { return fn(x, y); }, {vec(dtype), vec(dtype)}) ==
          "varve." + op + " %arg0, %arg1 : (" + type + ", " + type + ") -> " + type);
  };
  check(add, "add");
  check(sub, "sub");
  check(mul, "mul");
  check(div, "div");
  check(floor_divide, "floor_divide");
  check(remainder, "remainder");
  check(pow, "pow");
  check(atan2, "atan2");
  check(copysign, "copysign");
  check(nextafter, "nextafter");
  check(maximum, "maximum");
  check(minimum, "minimum");
  check(logical_and, "and", boolean);
  check(logical_or, "or", boolean);
  check(logical_xor, "xor", boolean);
  check(bitwise_and, "and", i32);
  check(bitwise_or, "or", i32);
  check(bitwise_xor, "xor", i32);
  check(bitwise_left_shift, "shift_left", i32);
  check(bitwise_right_shift, "shift_right", i32);
}

TEST_CASE("functions that are made of others") {
  CHECK(recorded([](Value x) { return positive(x); }, {vec(f32)}).empty());
  CHECK(recorded([](Value x) { return square(x); }, {vec(i32)}) ==
        "varve.mul %arg0, %arg0 : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>");
  CHECK(contains(recorded([](Value x) { return reciprocal(x); }, {vec(bf16)}),
                 "varve.div %0, %arg0 : (tensor<bf16>, tensor<4xbf16>) -> tensor<4xbf16>"));
  CHECK(recorded([](Value x) { return isnan(x); }, {vec(f16)}) ==
        "varve.compare %arg0, %arg0 {predicate = \"ne\"} : (tensor<4xf16>, tensor<4xf16>) -> tensor<4xi1>");
  CHECK(contains(recorded([](Value x) { return isinf(x); }, {vec(f32)}), "dense<0x7F800000> : tensor<f32>"));
  CHECK(contains(recorded([](Value x) { return isfinite(x); }, {vec(f32)}), "predicate = \"lt\""));
  CHECK(recorded([](Value x) { return isinf(x); }, {vec(i8)}) ==
        "varve.compare %arg0, %arg0 {predicate = \"ne\"} : (tensor<4xi8>, tensor<4xi8>) -> tensor<4xi1>");
  CHECK(contains(recorded([](Value x) { return isfinite(x); }, {vec(u8)}), "predicate = \"eq\""));
  CHECK(contains(recorded([](Value x) { return signbit(x); }, {vec(f32)}), "varve.copysign %0, %arg0"));
  CHECK(contains(recorded([](Value x) { return signbit(x); }, {vec(i64)}), "predicate = \"lt\""));
  CHECK(recorded([](Value x) { return clip(x, {.low = 0}); }, {vec(i32)}) ==
        R"(varve.constant dense<0> : tensor<i32>
varve.maximum %arg0, %0 : (tensor<4xi32>, tensor<i32>) -> tensor<4xi32>)");
  CHECK(recorded([](Value x, Value y) { return clip(x, {.high = y}); }, {vec(f32), vec(f32)}) ==
        "varve.minimum %arg0, %arg1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>");
  CHECK(recorded([](Value x) { return clip(x, {}); }, {vec(f32)}).empty());
  // Narrow floats are computed in f32 and rounded once.
  for (auto fn : {hypot, logaddexp}) {
    std::string text = recorded([fn](Value x) { return fn(x, x); }, {vec(bf16)});
    CHECK(text.starts_with("varve.cast %arg0 {dtype = f32}"));
    CHECK(contains(text.substr(text.rfind('\n')), "{dtype = bf16} : (tensor<4xf32>) -> tensor<4xbf16>"));
  }
  CHECK(recorded([](Value c, Value x) { return where(c, x, x); }, {vec(boolean), vec(f32)}) ==
        "varve.select %arg0, %arg1, %arg1 : (tensor<4xi1>, tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>");
}

TEST_CASE("functions for some types only refuse the others") {
  CHECK(refused([](Value x) { return reciprocal(x); }, {vec(i32)}) == "expects input of floats, but got i32");
  CHECK(refused([](Value x) { return hypot(x, x); }, {vec(i64)}) == "expects lhs and rhs of floats, but got i64");
  CHECK(refused([](Value x) { return logaddexp(x, x); }, {vec(u8)}) == "expects lhs and rhs of floats, but got u8");
  CHECK(refused([](Value x) { return logical_not(x); }, {vec(i32)}) == "expects input of bool, but got i32");
  CHECK(refused([](Value x) { return logical_and(x, x); }, {vec(i32)}) == "expects lhs of bool, but got i32");
  CHECK(refused([](Value x, Value y) { return logical_or(x, y); }, {vec(boolean), vec(f32)}) ==
        "expects rhs of bool, but got f32");
  CHECK(refused([](Value x) { return x & x; }, {vec(f32)}) ==
        "expects lhs to be tensor of i8, i32, i64, ui8 or i1 whose dynamic dimensions have names, but got "
        "'tensor<4xf32>'");
}

TEST_CASE("operators") {
  CHECK(recorded([](Value x, Value y) { return (-x + y) * x / (x - y); }, {vec(f32), vec(f32)}) ==
        R"(varve.neg %arg0 : (tensor<4xf32>) -> tensor<4xf32>
varve.add %0, %arg1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
varve.mul %1, %arg0 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
varve.sub %arg0, %arg1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
varve.div %2, %3 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>)");
  CHECK(recorded([](Value x, Value y) { return logical_not(x & y) | (x ^ y); }, {vec(boolean), vec(boolean)}) ==
        R"(varve.and %arg0, %arg1 : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
varve.not %0 : (tensor<4xi1>) -> tensor<4xi1>
varve.xor %arg0, %arg1 : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>
varve.or %1, %2 : (tensor<4xi1>, tensor<4xi1>) -> tensor<4xi1>)");
  CHECK(recorded([](Value x, Value y) { return (x % y) << (x >> y); }, {vec(i64), vec(i64)}) ==
        R"(varve.remainder %arg0, %arg1 : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi64>
varve.shift_right %arg0, %arg1 : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi64>
varve.shift_left %0, %1 : (tensor<4xi64>, tensor<4xi64>) -> tensor<4xi64>)");
}

TEST_CASE("comparisons") {
  auto check = [](Value (*fn)(Operand, Operand), const std::string &predicate) {
    CHECK(recorded([fn](Value x, Value y) { return fn(x, y); }, {vec(f32), vec(f32)}) ==
          "varve.compare %arg0, %arg1 {predicate = \"" + predicate +
              "\"} : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xi1>");
  };
  check(equal, "eq");
  check(not_equal, "ne");
  check(less, "lt");
  check(less_equal, "le");
  check(greater, "gt");
  check(greater_equal, "ge");
}

TEST_CASE("select takes a condition and two values, or numbers") {
  CHECK(recorded([](Value c, Value x) { return select(c, x, 0); }, {vec(boolean), vec(bf16)}) ==
        R"(varve.constant dense<0.000000e+00> : tensor<bf16>
varve.select %arg0, %arg1, %0 : (tensor<4xi1>, tensor<4xbf16>, tensor<bf16>) -> tensor<4xbf16>)");
  CHECK(contains(recorded([](Value x) { return select(true, x, x); }, {vec(f32)}), "dense<true> : tensor<i1>"));
  CHECK(refused([](Value c, Value x) { return select(x, c, c); }, {vec(boolean), vec(f32)}) ==
        "expects condition to be tensor of i1 whose dynamic dimensions have names, but got 'tensor<4xf32>'");
  CHECK(refused([](Value c, Value x, Value y) { return select(c, x, y); }, {vec(boolean), vec(f32), vec(i32)}) ==
        "expects on_true and on_false of element types that have a common one, but got f32 and i32: cast one of them");
}

TEST_CASE("cast") {
  CHECK(recorded([](Value x) { return cast(x, bf16); }, {vec(f32)}) ==
        "varve.cast %arg0 {dtype = bf16} : (tensor<4xf32>) -> tensor<4xbf16>");
  CHECK(recorded([](Value x) { return cast(x, f32); }, {vec(f32)}).empty());
  CHECK(
      contains(recorded([](Value x) { return cast(x, u8) + cast(cast(x, boolean), u8); }, {vec(f32)}), "dtype = ui8"));
}

TEST_CASE("shapes broadcast, by size or by name") {
  CHECK(contains(recorded([](Value x, Value y) { return x + y; },
                          {tensor_type(f32, {"batch", 1, 8}), tensor_type(f32, {"seq", 1})}),
                 "-> tensor<?x?x8xf32, #dims"));
  CHECK(refused([](Value x, Value y) { return x + y; }, {tensor_type(f32, {"batch"}), tensor_type(f32, {"seq"})}) ==
        "expects lhs and rhs to broadcast, but got 'tensor<?xf32, #varve.dims<batch>>' and 'tensor<?xf32, "
        "#varve.dims<seq>>': dimension 0 is batch and seq");
}

TEST_CASE("element types promote as in the array API standard") {
  CHECK(result_of(bf16, f32) == "f32");
  CHECK(result_of(f32, f16) == "f32");
  CHECK(result_of(i8, i32) == "i32");
  CHECK(result_of(i64, i32) == "i64");
  CHECK(result_of(i8, i64) == "i64");
  CHECK(result_of(u8, i32) == "i32");
  CHECK(result_of(i64, u8) == "i64");
  CHECK(recorded([](Value x, Value y) { return x * y; }, {vec(bf16), vec(f32)}) ==
        R"(varve.cast %arg0 {dtype = f32} : (tensor<4xbf16>) -> tensor<4xf32>
varve.mul %0, %arg1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>)");
}

TEST_CASE("where the standard has no answer, there is none") {
  auto message = [](const std::string &lhs, const std::string &rhs) {
    return "expects lhs and rhs of element types that have a common one, but got " + lhs + " and " + rhs +
           ": cast one of them";
  };
  CHECK(of_two(i32, f32) == message("i32", "f32"));
  CHECK(of_two(f16, i8) == message("f16", "i8"));
  CHECK(of_two(boolean, f32) == message("bool", "f32"));
  CHECK(of_two(boolean, i64) == message("bool", "i64"));
  CHECK(of_two(u8, boolean) == message("u8", "bool"));
  CHECK(of_two(u8, i8) == message("u8", "i8"));
  CHECK(of_two(bf16, f16) == message("bf16", "f16"));
}

TEST_CASE("a number takes the type of the other operand") {
  CHECK(recorded([](Value x) { return 2 * x; }, {vec(bf16)}) == R"(varve.constant dense<2.000000e+00> : tensor<bf16>
varve.mul %0, %arg0 : (tensor<bf16>, tensor<4xbf16>) -> tensor<4xbf16>)");
  CHECK(contains(recorded([](Value x) { return x - 0.5; }, {vec(f16)}), "dense<5.000000e-01> : tensor<f16>"));
  CHECK(contains(recorded([](Value x) { return x + 7; }, {vec(u8)}), "dense<7> : tensor<ui8>"));
  CHECK(contains(recorded([](Value x) { return x + (-7); }, {vec(i8)}), "dense<-7> : tensor<i8>"));
  CHECK(contains(recorded([](Value x) { return x & true; }, {vec(boolean)}), "dense<true> : tensor<i1>"));
  float infinity = std::numeric_limits<float>::infinity();
  CHECK(contains(recorded([=](Value x) { return x + infinity; }, {vec(f16)}), "dense<0x7C00> : tensor<f16>"));
}

TEST_CASE("a number that the type does not hold is refused") {
  auto message = [](const std::string &dtype, const std::string &number) {
    return "expects a number that " + dtype + " holds, but got " + number + ": cast the value, or the number";
  };
  CHECK(refused([](Value x) { return x + 0.5; }, {vec(i32)}) == message("i32", "0.500000"));
  CHECK(refused([](Value x) { return x + 300; }, {vec(u8)}) == message("u8", "300"));
  CHECK(refused([](Value x) { return x + (-1); }, {vec(u8)}) == message("u8", "-1"));
  CHECK(refused([](Value x) { return x + 1; }, {vec(boolean)}) == message("bool", "1"));
  CHECK(refused([](Value x) { return x + true; }, {vec(f32)}) == message("f32", "true"));
  CHECK(refused([](Value x) { return x + 70000; }, {vec(f16)}) == message("f16", "70000"));
}
