// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How exact functions of floats are, over all of f32, and what functions compute that are made of several ops.
#include "test/unit/Support.h"
#include "varve/compiler/Compile.h"
#include "varve/nn.h"
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <limits>

using namespace varve;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity(), not_a_number = std::numeric_limits<double>::quiet_NaN();

// The values of a function of inputs.
template <class T, class Fn> std::vector<T> values_of(Fn fn, std::vector<Tensor> inputs) {
  std::vector<GraphInput> types;
  for (const Tensor &input : inputs) {
    Shape shape;
    for (int64_t size : input.shape())
      shape.push_back(size);
    types.push_back(tensor_type(input.dtype(), shape));
  }
  return compile(Graph("f", fn, types))(inputs)[0].to_vector<T>();
}

using Floats = std::vector<float>;
using Integers = std::vector<int64_t>;
using Bools = std::vector<bool>;

Tensor floats(const Floats &values) { return Tensor::from<float>({static_cast<int64_t>(values.size())}, values); }
Tensor integers(std::vector<int64_t> shape, const Integers &values) { return Tensor::from<int64_t>(shape, values); }
Tensor counted(std::vector<int64_t> shape) {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  Integers all;
  for (int64_t i = 0; i < count; ++i)
    all.push_back(i);
  return integers(shape, all);
}

// How far a result is from the exact one, in units in the last place of the float next to that.
double distance(float result, double exact) {
  auto rounded = static_cast<float>(exact);
  if (std::isnan(exact) || std::isinf(rounded))
    return (std::isnan(exact) && std::isnan(result)) || result == rounded ? 0 : inf;
  float size = std::max(std::fabs(rounded), std::numeric_limits<float>::min());
  double unit = static_cast<double>(std::nextafter(size, 2 * size)) - static_cast<double>(size);
  return std::fabs(static_cast<double>(result) - exact) / unit;
}

// Floats of every exponent and sign, NaN and infinities too.
Floats all_kinds() {
  Floats values;
  for (uint64_t bits = 0; bits <= 0xffffffff; bits += 9973)
    values.push_back(std::bit_cast<float>(static_cast<uint32_t>(bits)));
  for (double special : {0.0, -0.0, 1.0, -1.0, inf, -inf, not_a_number})
    values.push_back(static_cast<float>(special));
  return values;
}

struct Exactness {
  const char *name;
  Value (*function)(Operand);
  double (*reference)(double);
  double units;
};

const Exactness functions[] = {
    {"exp", exp, std::exp, 1.1},        {"erf", erf, std::erf, 2.3},        {"exp2", exp2, std::exp2, 0.51},
    {"expm1", expm1, std::expm1, 0.51}, {"log", log, std::log, 0.51},       {"log1p", log1p, std::log1p, 0.51},
    {"log2", log2, std::log2, 0.51},    {"log10", log10, std::log10, 0.51}, {"sin", sin, std::sin, 0.51},
    {"cos", cos, std::cos, 0.51},       {"tan", tan, std::tan, 0.51},       {"asin", asin, std::asin, 0.51},
    {"acos", acos, std::acos, 0.51},    {"atan", atan, std::atan, 0.51},    {"sinh", sinh, std::sinh, 0.51},
    {"cosh", cosh, std::cosh, 0.51},    {"tanh", tanh, std::tanh, 1.3},     {"asinh", asinh, std::asinh, 0.51},
    {"acosh", acosh, std::acosh, 0.51}, {"atanh", atanh, std::atanh, 0.51}, {"sqrt", sqrt, std::sqrt, 0.5},
};

// What the functions give, in the order of the table; one graph, since a compilation has a price of its own.
std::vector<Tensor> all_functions_of(const Floats &x) {
  auto all = [](Value x) {
    std::vector<Value> values;
    for (const Exactness &each : functions)
      values.push_back(each.function(x));
    return values;
  };
  return compile(Graph("f", all, {tensor_type(f32, {static_cast<int64_t>(x.size())})}))({floats(x)});
}

} // namespace

TEST_CASE("functions of one float are as exact as told") {
  Floats x = all_kinds();
  std::vector<Tensor> results = all_functions_of(x);
  for (size_t f = 0; f < std::size(functions); ++f) {
    Floats y = results[f].to_vector<float>();
    double most = 0;
    float where = 0;
    for (size_t i = 0; i < x.size(); ++i)
      if (double units = distance(y[i], functions[f].reference(static_cast<double>(x[i]))); units > most) {
        most = units;
        where = x[i];
      }
    CAPTURE(functions[f].name, where);
    CHECK(most <= functions[f].units);
  }
}

TEST_CASE(
    "functions of zeros, infinities, NaN, subnormal and huge numbers are those of the C library, with their signs") {
  constexpr float least = std::numeric_limits<float>::denorm_min(), most = std::numeric_limits<float>::max();
  Floats x = {0,          1,          static_cast<float>(inf),
              least,      3 * least,  std::numeric_limits<float>::min(),
              1e-20F,     88.7F,      88.8F,
              103.9F,     104.1F,     3.92F,
              3.93F,      9,          10,
              1.5707963F, 3.1415927F, 65536,
              1e9F,       1.1e9F,     1e15F,
              1e22F,      3e38F,      most};
  size_t half = x.size();
  for (size_t i = 0; i < half; ++i)
    x.push_back(-x[i]);
  for (uint32_t bits : {0x7fc00000U, 0xffc00000U, 0x7fffffffU, 0x7f800001U}) // NaN of several kinds
    x.push_back(std::bit_cast<float>(bits));
  std::vector<Tensor> results = all_functions_of(x);
  for (size_t f = 0; f < std::size(functions); ++f) {
    Floats y = results[f].to_vector<float>();
    for (size_t i = 0; i < x.size(); ++i) {
      double exact = functions[f].reference(static_cast<double>(x[i]));
      CAPTURE(functions[f].name, x[i], y[i], exact);
      CHECK(distance(y[i], exact) <= functions[f].units);
      CHECK((std::isnan(exact) || std::signbit(y[i]) == std::signbit(exact)));
    }
  }
}

TEST_CASE("gelu, silu and sigmoid are as exact as their formulas in f32") {
  Floats x;
  for (double each = -100; each <= 100; each += 0.0078125)
    x.push_back(static_cast<float>(each));
  auto of = [&](auto fn) { return values_of<float>([fn](Value v) { return fn(v); }, {floats(x)}); };
  Floats by_erf = of([](Value v) { return gelu(v); }),
         by_tanh = of([](Value v) { return gelu(v, {.approximate = Approximate::tanh}); }),
         some = of([](Value v) { return silu(v); }), part = of([](Value v) { return sigmoid(v); });
  for (size_t i = 0; i < x.size(); ++i) {
    double v = static_cast<double>(x[i]);
    double exact = v / 2 * std::erfc(-v / std::sqrt(2.0));
    double approximate = v / (1 + std::exp(-2 * std::sqrt(2 / std::acos(-1.0)) * (v + 0.044715 * v * v * v)));
    CAPTURE(x[i]);
    // Of what is added to 1 the absolute error counts.
    CHECK(std::fabs(static_cast<double>(by_erf[i]) - exact) <= 0x1p-22 * std::fabs(v));
    CHECK(std::fabs(static_cast<double>(by_tanh[i]) - approximate) <= 0x1p-22 * std::fabs(v));
    if (v > -88) { // where e^-x is finite
      CHECK(distance(part[i], 1 / (1 + std::exp(-v))) <= 2.5);
      CHECK(distance(some[i], v / (1 + std::exp(-v))) <= 2.5);
    }
  }
}

TEST_CASE("functions of two floats are as exact as told") {
  // Neighbours far apart, and near.
  Floats x = all_kinds(), y = x;
  for (size_t i = 0; i < y.size(); ++i)
    y[i] = i % 2 ? x[(i * 7919) % x.size()] : static_cast<float>(std::fmod(static_cast<double>(i), 37.0) - 18.0);
  struct Two {
    const char *name;
    Value (*function)(Operand, Operand);
    double (*reference)(double, double);
    double units;
  };
  const Two functions[] = {{"pow", pow, std::pow, 0.51},
                           {"atan2", atan2, std::atan2, 0.51},
                           {"hypot", hypot, std::hypot, 3},
                           {"remainder", remainder,
                            [](double a, double b) {
                              double rest = std::fmod(a, b);
                              return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
                            },
                            0.5},
                           {"copysign", copysign, std::copysign, 0}};
  for (const Two &each : functions) {
    Floats z = values_of<float>([&](Value a, Value b) { return each.function(a, b); }, {floats(x), floats(y)});
    double most = 0;
    size_t where = 0;
    for (size_t i = 0; i < x.size(); ++i)
      if (double units = distance(z[i], each.reference(static_cast<double>(x[i]), static_cast<double>(y[i])));
          units > most) {
        most = units;
        where = i;
      }
    CAPTURE(each.name, x[where], y[where], z[where]);
    CHECK(most <= each.units);
  }
}

TEST_CASE("functions that are made of others") {
  auto one = [](Value (*fn)(Operand), Floats x) {
    return values_of<float>([fn](Value v) { return fn(v); }, {floats(x)});
  };
  auto test = [](Value (*fn)(Operand), Floats x) {
    return values_of<bool>([fn](Value v) { return fn(v); }, {floats(x)});
  };
  Floats kinds = {0, 1, -2, static_cast<float>(inf), static_cast<float>(-inf), static_cast<float>(not_a_number)};
  CHECK(one(square, {3, -2}) == Floats{9, 4});
  CHECK(one(reciprocal, {4, -2}) == Floats{0.25, -0.5});
  CHECK(one(positive, {4, -2}) == Floats{4, -2});
  CHECK(test(isnan, kinds) == Bools{false, false, false, false, false, true});
  CHECK(test(isinf, kinds) == Bools{false, false, false, true, true, false});
  CHECK(test(isfinite, kinds) == Bools{true, true, true, false, false, false});
  CHECK(test(signbit, {0.0F, -0.0F, 1, -1, static_cast<float>(-inf)}) == Bools{false, true, false, true, true});
  CHECK(values_of<float>([](Value x) { return clip(x, {.low = 0, .high = 1}); }, {floats({-1, 0.5, 2})}) ==
        Floats{0, 0.5, 1});
  Floats sum = values_of<float>([](Value x, Value y) { return logaddexp(x, y); },
                                {floats({0, 1000, static_cast<float>(-inf), static_cast<float>(inf), 1}),
                                 floats({0, 1000, static_cast<float>(-inf), 1, static_cast<float>(-inf)})});
  CHECK(distance(sum[0], std::log(2.0)) <= 2);
  CHECK(distance(sum[1], 1000 + std::log(2.0)) <= 1);
  CHECK(Floats(sum.begin() + 2, sum.end()) == Floats{static_cast<float>(-inf), static_cast<float>(inf), 1});
}

TEST_CASE("functions that give elements other places") {
  auto of = [](auto fn, Tensor x) { return values_of<int64_t>(fn, {x}); };
  CHECK(of([](Value x) { return tile(x, {2, 2}); }, counted({3})) == Integers{0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1, 2});
  CHECK(of([](Value x) { return tile(x, {2}); }, counted({2, 2})) == Integers{0, 1, 0, 1, 2, 3, 2, 3});
  CHECK(of([](Value x) { return tile(x, {0}); }, counted({3})).empty());
  CHECK(of([](Value x) { return repeat(x, 2, 0); }, counted({2, 2})) == Integers{0, 1, 0, 1, 2, 3, 2, 3});
  CHECK(of([](Value x) { return repeat(x, 2, -1); }, counted({2, 2})) == Integers{0, 0, 1, 1, 2, 2, 3, 3});
  CHECK(of([](Value x) { return roll(x, 1, 0); }, counted({4})) == Integers{3, 0, 1, 2});
  CHECK(of([](Value x) { return roll(x, -5, 1); }, counted({2, 3})) == Integers{2, 0, 1, 5, 3, 4});
  CHECK(of([](Value x) { return stack({x, x}, 1); }, counted({2})) == Integers{0, 0, 1, 1});
  CHECK(of([](Value x) { return chunk(x, 2, 1)[1]; }, counted({2, 3})) == Integers{2, 5});
  CHECK(of([](Value x) { return tril(x); }, counted({2, 3})) == Integers{0, 0, 0, 3, 4, 0});
  CHECK(of([](Value x) { return tril(x, 1); }, counted({1, 2, 3})) == Integers{0, 1, 0, 3, 4, 5});
  CHECK(of([](Value x) { return triu(x); }, counted({3, 3})) == Integers{0, 1, 2, 0, 4, 5, 0, 0, 8});
  CHECK(of([](Value x) { return triu(x, -1); }, counted({3, 2})) == Integers{0, 1, 2, 3, 0, 5});
}

TEST_CASE("parts of values") {
  auto of = [](auto fn) { return values_of<int64_t>(fn, {counted({2, 3, 4})}); };
  CHECK(of([](Value x) { return x(0, 1); }) == Integers{4, 5, 6, 7});
  CHECK(of([](Value x) { return x(-1, -1, -1); }) == Integers{23});
  CHECK(of([](Value x) { return x(0, slice(1, -1), ellipsis, newaxis); }) == Integers{4, 5, 6, 7});
  CHECK(of([](Value x) { return x(ellipsis, slice(1, 4, 2)); }) == Integers{1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23});
  CHECK(of([](Value x) { return x(0, 0, slice(-1, {}, -1)); }) == Integers{3, 2, 1, 0});
  CHECK(of([](Value x) { return x(0, slice(2, 0, -1), slice(-1, 0, -2)); }) == Integers{11, 9, 7, 5});
  CHECK(of([](Value x) { return x(slice(), 1, slice(2)); }) == Integers{6, 7, 18, 19});
  CHECK(values_of<int64_t>([](Value x, Value i) { return x(ellipsis, i); },
                           {counted({2, 3}), integers({2}, {2, -3})}) == Integers{2, 0, 5, 3});
}

TEST_CASE("places of elements") {
  auto of = [](auto fn, Tensor x) { return values_of<int64_t>(fn, {x}); };
  CHECK(of([](Value i) { return one_hot(i, 3, i64); }, integers({4}, {0, 2, 3, -1})) ==
        Integers{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0});
  CHECK(of([](Value x) { return argsort(x); }, integers({2, 3}, {5, -1, 5, 0, 2, 1})) == Integers{1, 0, 2, 0, 2, 1});
  CHECK(of([](Value x) { return argsort(x, {.descending = true}); }, integers({4}, {1, 7, 1, 7})) ==
        Integers{1, 3, 0, 2});
  CHECK(of([](Value x) { return top_k(x, 2, 0).values; }, integers({3, 2}, {1, 6, 5, 2, 3, 4})) ==
        Integers{5, 6, 3, 4});
  CHECK(of([](Value x) { return cumsum(x, 0); }, integers({2, 2}, {1, 2, 3, 4})) == Integers{1, 2, 4, 6});
}

TEST_CASE("a dimension that is sorted must not be too long, which is checked when it runs") {
  Executable executable = compile(Graph("f", [](Value x) { return argsort(x); }, {tensor_type(f32, {"n"})}));
  CHECK(test::contains(executable.manifest_json(), "expects no more than 2^32 elements to sort along dimension 0"));
  CHECK(executable({floats({})})[0].to_vector<int64_t>().empty());
}

TEST_CASE("random integers lie in their range, and a key and a stream determine them") {
  auto numbers = [](int64_t key, int64_t stream, int64_t low, int64_t high) {
    return values_of<int64_t>([=](Value key) { return random_integers(key, stream, {1000}, low, high); },
                              {integers({}, {key})});
  };
  Integers dice = numbers(1, 0, -3, 3);
  int64_t counts[6] = {};
  for (int64_t each : dice) {
    REQUIRE((each >= -3 && each < 3));
    ++counts[each + 3];
  }
  for (int64_t count : counts)
    CHECK((count > 120 && count < 215)); // 166.7, and four standard deviations
  CHECK(numbers(1, 0, -3, 3) == dice);
  CHECK(numbers(2, 0, -3, 3) != dice);
  CHECK(numbers(1, 1, -3, 3) != dice);
  CHECK(numbers(5, 5, 7, 8) == Integers(1000, 7));
}

namespace {
struct Table : nn::Layer<Table> {
  Value forward(Value x, Value i, Value u) { return scatter(x, i, u); }
};
struct Model : nn::Layer<Model> {
  Child<Table> table{*this, "table"};
  Value forward(Value x, Value i, Value u) { return table(x, i, u); }
};
} // namespace

TEST_CASE("an index outside of its dimension is an error that names the layer") {
  Model model;
  Executable executable =
      compile(Graph("f", model, {tensor_type(f32, {4}), tensor_type(i64, {2}), tensor_type(f32, {2})}));
  CHECK(executable({floats({0, 0, 0, 0}), integers({2}, {-1, 1}), floats({5, 6})})[0].to_vector<float>() ==
        Floats{0, 6, 0, 5});
  std::string text = test::error_of([&] { executable({floats({0, 0, 0, 0}), integers({2}, {1, 4}), floats({5, 6})}); });
  CAPTURE(text);
  CHECK(test::contains(text, "expects indices into dimension 0 of size 4, but got 4"));
  CHECK(test::contains(text, "table"));
  CHECK(test::contains(text, "FunctionsTest.cpp:"));
}
