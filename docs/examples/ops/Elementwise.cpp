// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"
#include <cmath>
#include <limits>

using namespace varve;

void ops_Elementwise() {
  // neg
  {
    Value x = constant(Tensor::from<float>({3}, {-1, 0.5, 2}));
    neg(x).print("y");
    // y f32 [3]
    // [   1, -0.5,   -2]
  }
  // abs
  {
    Value x = constant(Tensor::from<float>({3}, {-1, 0.5, -2}));
    abs(x).print("y");
    // y f32 [3]
    // [  1, 0.5,   2]
  }
  // exp
  {
    Value x = constant(Tensor::from<float>({3}, {-1, 0, 1}));
    exp(x).print("y");
    // y f32 [3]
    // [0.367879,        1,  2.71828]
  }
  // exp2
  {
    Value x = constant(Tensor::from<float>({3}, {-1, 0, 3}));
    exp2(x).print("y");
    // y f32 [3]
    // [0.5,   1,   8]
  }
  // expm1
  {
    Value x = constant(Tensor::from<float>({3}, {-1, 0, 1e-6f}));
    expm1(x).print("y");
    // y f32 [3]
    // [-0.632121,         0,     1e-06]
  }
  // log
  {
    Value x = constant(Tensor::from<float>({3}, {1, 2, 10}));
    log(x).print("y");
    // y f32 [3]
    // [       0, 0.693147,  2.30259]
  }
  // log1p
  {
    Value x = constant(Tensor::from<float>({3}, {0, 1, 1e-6f}));
    log1p(x).print("y");
    // y f32 [3]
    // [       0, 0.693147,    1e-06]
  }
  // log2
  {
    Value x = constant(Tensor::from<float>({3}, {1, 8, 0.5}));
    log2(x).print("y");
    // y f32 [3]
    // [ 0,  3, -1]
  }
  // log10
  {
    Value x = constant(Tensor::from<float>({3}, {1, 1000, 0.1f}));
    log10(x).print("y");
    // y f32 [3]
    // [ 0,  3, -1]
  }
  // sqrt
  {
    Value x = constant(Tensor::from<float>({3}, {4, 2, 0}));
    sqrt(x).print("y");
    // y f32 [3]
    // [      2, 1.41421,       0]
  }
  // rsqrt
  {
    Value x = constant(Tensor::from<float>({3}, {4, 2, 0.25}));
    rsqrt(x).print("y");
    // y f32 [3]
    // [     0.5, 0.707107,        2]
  }
  // sin
  {
    Value x = constant(Tensor::from<float>({3}, {0, 1, 2}));
    sin(x).print("y");
    // y f32 [3]
    // [       0, 0.841471, 0.909297]
  }
  // cos
  {
    Value x = constant(Tensor::from<float>({3}, {0, 1, 2}));
    cos(x).print("y");
    // y f32 [3]
    // [        1,  0.540302, -0.416147]
  }
  // tan
  {
    Value x = constant(Tensor::from<float>({3}, {0, 1, -1}));
    tan(x).print("y");
    // y f32 [3]
    // [       0,  1.55741, -1.55741]
  }
  // asin
  {
    Value x = constant(Tensor::from<float>({3}, {0, 1, -0.5}));
    asin(x).print("y");
    // y f32 [3]
    // [        0,    1.5708, -0.523599]
  }
  // acos
  {
    Value x = constant(Tensor::from<float>({3}, {0, 1, -0.5}));
    acos(x).print("y");
    // y f32 [3]
    // [1.5708,      0, 2.0944]
  }
  // atan
  {
    Value x = constant(Tensor::from<float>({3}, {0, 1, -1}));
    atan(x).print("y");
    // y f32 [3]
    // [        0,  0.785398, -0.785398]
  }
  // sinh
  {
    Value x = constant(Tensor::from<float>({3}, {0, 1, -1}));
    sinh(x).print("y");
    // y f32 [3]
    // [      0,  1.1752, -1.1752]
  }
  // cosh
  {
    Value x = constant(Tensor::from<float>({3}, {0, 1, -1}));
    cosh(x).print("y");
    // y f32 [3]
    // [      1, 1.54308, 1.54308]
  }
  // tanh
  {
    Value x = constant(Tensor::from<float>({3}, {0, 1, -1}));
    tanh(x).print("y");
    // y f32 [3]
    // [        0,  0.761594, -0.761594]
  }
  // asinh
  {
    Value x = constant(Tensor::from<float>({3}, {0, 1, -1}));
    asinh(x).print("y");
    // y f32 [3]
    // [        0,  0.881374, -0.881374]
  }
  // acosh
  {
    Value x = constant(Tensor::from<float>({3}, {1, 2, 10}));
    acosh(x).print("y");
    // y f32 [3]
    // [      0, 1.31696, 2.99322]
  }
  // atanh
  {
    Value x = constant(Tensor::from<float>({3}, {0, 0.5, -0.5}));
    atanh(x).print("y");
    // y f32 [3]
    // [        0,  0.549306, -0.549306]
  }
  // erf
  {
    Value x = constant(Tensor::from<float>({3}, {0, 1, -0.5}));
    erf(x).print("y");
    // y f32 [3]
    // [       0, 0.842701,  -0.5205]
  }
  // sigmoid
  {
    Value x = constant(Tensor::from<float>({3}, {0, 2, -2}));
    sigmoid(x).print("y");
    // y f32 [3]
    // [     0.5, 0.880797, 0.119203]
  }
  // silu
  {
    Value x = constant(Tensor::from<float>({3}, {0, 2, -2}));
    silu(x).print("y");
    // y f32 [3]
    // [        0,   1.76159, -0.238406]
  }
  // relu
  {
    Value x = constant(Tensor::from<float>({3}, {0, 2, -2}));
    relu(x).print("y");
    // y f32 [3]
    // [0, 2, 0]
  }
  // floor
  {
    Value x = constant(Tensor::from<float>({3}, {1.5, -1.5, 2}));
    floor(x).print("y");
    // y f32 [3]
    // [ 1, -2,  2]
  }
  // ceil
  {
    Value x = constant(Tensor::from<float>({3}, {1.5, -1.5, 2}));
    ceil(x).print("y");
    // y f32 [3]
    // [ 2, -1,  2]
  }
  // round
  {
    Value x = constant(Tensor::from<float>({3}, {0.5, 1.5, -2.6f}));
    round(x).print("y");
    // y f32 [3]
    // [ 0,  2, -3]
  }
  // trunc
  {
    Value x = constant(Tensor::from<float>({3}, {1.5, -1.5, 2}));
    trunc(x).print("y");
    // y f32 [3]
    // [ 1, -1,  2]
  }
  // sign
  {
    Value x = constant(Tensor::from<float>({3}, {-3, 0, 0.5}));
    sign(x).print("y");
    // y f32 [3]
    // [-1,  0,  1]
  }
  // positive
  {
    Value x = constant(Tensor::from<float>({3}, {-1, 0, 1}));
    positive(x).print("y");
    // y f32 [3]
    // [-1,  0,  1]
  }
  // square
  {
    Value x = constant(Tensor::from<float>({3}, {-1, 2, 0.5}));
    square(x).print("y");
    // y f32 [3]
    // [   1,    4, 0.25]
  }
  // reciprocal
  {
    Value x = constant(Tensor::from<float>({3}, {2, -4, 0.5}));
    reciprocal(x).print("y");
    // y f32 [3]
    // [  0.5, -0.25,     2]
  }
  // isnan
  {
    float inf = std::numeric_limits<float>::infinity();
    Value x = constant(Tensor::from<float>({3}, {1, inf, std::nanf("")}));
    isnan(x).print("y");
    // y bool [3]
    // [false, false,  true]
  }
  // isinf
  {
    float inf = std::numeric_limits<float>::infinity();
    Value x = constant(Tensor::from<float>({3}, {1, inf, std::nanf("")}));
    isinf(x).print("y");
    // y bool [3]
    // [false,  true, false]
  }
  // isfinite
  {
    float inf = std::numeric_limits<float>::infinity();
    Value x = constant(Tensor::from<float>({3}, {1, inf, std::nanf("")}));
    isfinite(x).print("y");
    // y bool [3]
    // [ true, false, false]
  }
  // signbit
  {
    Value x = constant(Tensor::from<float>({3}, {-1, -0.0f, 2}));
    signbit(x).print("y");
    // y bool [3]
    // [ true,  true, false]
  }
  // logical_not
  {
    Value x = constant(Tensor::from<bool>({2}, {true, false}));
    logical_not(x).print("y");
    // y bool [2]
    // [false,  true]
  }
  // bitwise_invert
  {
    Value x = constant(Tensor::from<uint8_t>({3}, {0, 1, 255}));
    bitwise_invert(x).print("y");
    // y u8 [3]
    // [255, 254,   0]
  }
  // gelu
  {
    Value x = constant(Tensor::from<float>({3}, {-1, 0, 2}));
    gelu(x).print("exact");
    // exact f32 [3]
    // [-0.158655,         0,    1.9545]
    gelu(x, {.approximate = Approximate::tanh}).print("nearly");
    // nearly f32 [3]
    // [-0.158808,         0,    1.9546]
  }
  // add
  {
    Value x = constant(Tensor::from<float>({2, 2}, {1, 2, 3, 4}));
    Value y = constant(Tensor::from<float>({2}, {10, 20}));
    add(x, y).print("z");
    // z f32 [2, 2]
    // [[11, 22],
    //  [13, 24]]
    (1 + x).print("more");
    // more f32 [2, 2]
    // [[2, 3],
    //  [4, 5]]
  }
  // sub
  {
    Value x = constant(Tensor::from<float>({2, 2}, {1, 2, 3, 4}));
    Value y = constant(Tensor::from<float>({2}, {10, 20}));
    (x - y).print("z");
    // z f32 [2, 2]
    // [[ -9, -18],
    //  [ -7, -16]]
  }
  // mul
  {
    Value x = constant(Tensor::from<float>({2, 2}, {1, 2, 3, 4}));
    Value y = constant(Tensor::from<float>({2}, {10, 20}));
    (x * y).print("z");
    // z f32 [2, 2]
    // [[10, 40],
    //  [30, 80]]
  }
  // div
  {
    Value x = constant(Tensor::from<float>({2, 2}, {1, 2, 3, 4}));
    (x / 2).print("z");
    // z f32 [2, 2]
    // [[0.5,   1],
    //  [1.5,   2]]
    Value i = constant(Tensor::from<int32_t>({2}, {7, -7}));
    (i / 2).print("down");
    // down i32 [2]
    // [ 3, -4]
  }
  // floor_divide
  {
    Value x = constant(Tensor::from<float>({2}, {7, -7}));
    floor_divide(x, 2).print("z");
    // z f32 [2]
    // [ 3, -4]
  }
  // remainder
  {
    Value x = constant(Tensor::from<float>({2}, {7, -7}));
    remainder(x, 3).print("z");
    // z f32 [2]
    // [1, 2]
    (x % -3).print("of rhs");
    // of rhs f32 [2]
    // [-2, -1]
  }
  // pow
  {
    Value x = constant(Tensor::from<float>({2}, {2, 9}));
    pow(x, 0.5).print("z");
    // z f32 [2]
    // [1.41421,       3]
  }
  // atan2
  {
    Value y = constant(Tensor::from<float>({3}, {1, 1, -1}));
    Value x = constant(Tensor::from<float>({3}, {1, -1, -1}));
    atan2(y, x).print("angle");
    // angle f32 [3]
    // [0.785398,  2.35619, -2.35619]
  }
  // hypot
  {
    Value x = constant(Tensor::from<float>({2}, {3, 3e30f}));
    Value y = constant(Tensor::from<float>({2}, {4, 4e30f}));
    hypot(x, y).print("z");
    // z f32 [2]
    // [    5, 5e+30]
  }
  // logaddexp
  {
    Value x = constant(Tensor::from<float>({2}, {0, 1000}));
    logaddexp(x, x).print("z");
    // z f32 [2]
    // [0.693147,  1000.69]
  }
  // copysign
  {
    Value x = constant(Tensor::from<float>({2, 2}, {1, 2, 3, 4}));
    Value y = constant(Tensor::from<float>({2}, {-1, 1}));
    copysign(x, y).print("z");
    // z f32 [2, 2]
    // [[-1,  2],
    //  [-3,  4]]
  }
  // nextafter
  {
    Value x = constant(Tensor::from<float>({2}, {1, 0}));
    Value up = nextafter(x, 2);
    (up - x).print("distance");
    // distance f32 [2]
    // [1.19209e-07,  1.4013e-45]
  }
  // maximum
  {
    Value x = constant(Tensor::from<float>({2, 2}, {1, 2, 3, 4}));
    Value y = constant(Tensor::from<float>({2}, {2, 3}));
    maximum(x, y).print("z");
    // z f32 [2, 2]
    // [[2, 3],
    //  [3, 4]]
  }
  // minimum
  {
    Value x = constant(Tensor::from<float>({2, 2}, {1, 2, 3, 4}));
    Value y = constant(Tensor::from<float>({2}, {2, 3}));
    minimum(x, y).print("z");
    // z f32 [2, 2]
    // [[1, 2],
    //  [2, 3]]
  }
  // clip
  {
    Value x = constant(Tensor::from<float>({3}, {-5, 0.5, 5}));
    clip(x, {.low = -1, .high = 1}).print("both");
    // both f32 [3]
    // [ -1, 0.5,   1]
    clip(x, {.high = 1}).print("one");
    // one f32 [3]
    // [ -5, 0.5,   1]
  }
  // logical_and
  {
    Value p = constant(Tensor::from<bool>({4}, {true, true, false, false}));
    Value q = constant(Tensor::from<bool>({4}, {true, false, true, false}));
    logical_and(p, q).print("r");
    // r bool [4]
    // [ true, false, false, false]
  }
  // logical_or
  {
    Value p = constant(Tensor::from<bool>({4}, {true, true, false, false}));
    Value q = constant(Tensor::from<bool>({4}, {true, false, true, false}));
    logical_or(p, q).print("r");
    // r bool [4]
    // [ true,  true,  true, false]
  }
  // logical_xor
  {
    Value p = constant(Tensor::from<bool>({4}, {true, true, false, false}));
    Value q = constant(Tensor::from<bool>({4}, {true, false, true, false}));
    logical_xor(p, q).print("r");
    // r bool [4]
    // [false,  true,  true, false]
  }
  // bitwise_and
  {
    Value i = constant(Tensor::from<int32_t>({2}, {6, -6}));
    (i & 3).print("r");
    // r i32 [2]
    // [2, 2]
  }
  // bitwise_or
  {
    Value i = constant(Tensor::from<int32_t>({2}, {6, -6}));
    (i | 3).print("r");
    // r i32 [2]
    // [ 7, -5]
  }
  // bitwise_xor
  {
    Value i = constant(Tensor::from<int32_t>({2}, {6, -6}));
    (i ^ 3).print("r");
    // r i32 [2]
    // [ 5, -7]
  }
  // bitwise_left_shift
  {
    Value i = constant(Tensor::from<int32_t>({2}, {6, -6}));
    (i << 2).print("r");
    // r i32 [2]
    // [ 24, -24]
  }
  // bitwise_right_shift
  {
    Value i = constant(Tensor::from<int32_t>({2}, {6, -6}));
    (i >> 1).print("r");
    // r i32 [2]
    // [ 3, -3]
  }
  // equal
  {
    Value x = constant(Tensor::from<float>({3}, {1, 2, 3}));
    equal(x, 2).print("r");
    // r bool [3]
    // [false,  true, false]
  }
  // not_equal
  {
    Value x = constant(Tensor::from<float>({3}, {1, 2, 3}));
    not_equal(x, 2).print("r");
    // r bool [3]
    // [ true, false,  true]
  }
  // less
  {
    Value x = constant(Tensor::from<float>({3}, {1, 2, 3}));
    less(x, 2).print("r");
    // r bool [3]
    // [ true, false, false]
  }
  // less_equal
  {
    Value x = constant(Tensor::from<float>({3}, {1, 2, 3}));
    less_equal(x, 2).print("r");
    // r bool [3]
    // [ true,  true, false]
  }
  // greater
  {
    Value x = constant(Tensor::from<float>({3}, {1, 2, 3}));
    greater(x, 2).print("r");
    // r bool [3]
    // [false, false,  true]
  }
  // greater_equal
  {
    Value x = constant(Tensor::from<float>({3}, {1, 2, 3}));
    greater_equal(x, 2).print("r");
    // r bool [3]
    // [false,  true,  true]
  }
  // select
  {
    Value x = constant(Tensor::from<float>({3}, {-1, 0, 2}));
    select(less(x, 0), -x, x).print("size");
    // size f32 [3]
    // [1, 0, 2]
  }
  // where
  {
    Value x = constant(Tensor::from<float>({3}, {-1, 0, 2}));
    where(less(x, 0), 0, x).print("y");
    // y f32 [3]
    // [0, 0, 2]
  }
  // cast
  {
    Value x = constant(Tensor::from<float>({3}, {-1.5, 0.5, 300}));
    cast(x, i32).print("whole");
    // whole i32 [3]
    // [ -1,   0, 300]
    cast(x, u8).print("bytes");
    // bytes u8 [3]
    // [  0,   0, 255]
    cast(x, boolean).print("flags");
    // flags bool [3]
    // [true, true, true]
  }
}
