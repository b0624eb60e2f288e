// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Products of two activations against sums in f64: batches, sides that are transposed or repeated, sizes around those of tiles.
#include "varve/compiler/Compile.h"
#include "varve/nn.h"
#include "varve/runtime/Session.h"
#include <catch2/catch.hpp>
#include <cmath>

using namespace varve;

namespace {

using Sizes = std::vector<int64_t>;

Tensor values(DType dtype, const Sizes &shape, int64_t seed) {
  int64_t count = 1;
  for (int64_t size : shape)
    count *= size;
  std::vector<float> result;
  for (int64_t i = 0; i < count; ++i)
    result.push_back(static_cast<float>(std::sin(static_cast<double>(i * 7 + seed)) * 0.5));
  return Tensor::from<float>(shape, result).to(dtype);
}

// How a side [.., rows, columns] comes to the product.
enum class Side { as_it_is, transposed, heads, once };

// [a, b, m, k], from an input that lies otherwise.
Value side_of(Value x, Side side) {
  switch (side) {
  case Side::transposed:
    return transpose(x, {0, 1, 3, 2});
  case Side::heads:
    return transpose(x, {0, 2, 1, 3});
  default:
    return x;
  }
}

Sizes stored(Side side, int64_t a, int64_t b, int64_t rows, int64_t columns) {
  switch (side) {
  case Side::transposed:
    return {a, b, columns, rows};
  case Side::heads:
    return {a, rows, b, columns};
  case Side::once:
    return {a, 1, rows, columns};
  default:
    return {a, b, rows, columns};
  }
}

// Where element (i, j, r, c) of the side lies.
int64_t place(Side side, const Sizes &shape, int64_t i, int64_t j, int64_t r, int64_t c) {
  Sizes at{i, j, r, c};
  if (side == Side::transposed)
    at = {i, j, c, r};
  if (side == Side::heads)
    at = {i, r, j, c};
  if (side == Side::once)
    at[1] = 0;
  int64_t number = 0;
  for (size_t axis = 0; axis < 4; ++axis)
    number = number * shape[axis] + at[axis];
  return number;
}

struct Product {
  DType dtype;
  int64_t a, b, m, n, k;
  Side left, right;
};

std::vector<double> expected(const Product &p, const Tensor &x, const Tensor &y, std::vector<double> &sizes) {
  std::vector<float> xs = x.to(f32).to_vector<float>(), ys = y.to(f32).to_vector<float>();
  std::vector<double> result;
  for (int64_t i = 0; i < p.a; ++i)
    for (int64_t j = 0; j < p.b; ++j)
      for (int64_t m = 0; m < p.m; ++m)
        for (int64_t n = 0; n < p.n; ++n) {
          double sum = 0, size = 1e-6;
          for (int64_t k = 0; k < p.k; ++k) {
            double each = static_cast<double>(xs[static_cast<size_t>(place(p.left, x.shape(), i, j, m, k))]) *
                          ys[static_cast<size_t>(place(p.right, y.shape(), i, j, k, n))];
            sum += each;
            size += std::abs(each);
          }
          result.push_back(std::max(sum, 0.0)); // a relu follows
          sizes.push_back(size);
        }
  return result;
}

void check(const Product &p, bool known) {
  Sizes left = stored(p.left, p.a, p.b, p.m, p.k), right = stored(p.right, p.a, p.b, p.k, p.n);
  INFO(name_of(p.dtype) << " " << p.a << "x" << p.b << " of " << p.m << "x" << p.k << " * " << p.k << "x" << p.n
                        << ", sides " << int(p.left) << " " << int(p.right) << (known ? ", known" : ""));
  auto type = [&](const Sizes &sizes, Side side, const char *rows, const char *columns) {
    Shape dims;
    if (known) {
      dims.assign(sizes.begin(), sizes.end());
    } else {
      dims = {"a", "b", rows, columns};
      if (side == Side::transposed)
        dims = {"a", "b", columns, rows};
      if (side == Side::heads)
        dims = {"a", rows, "b", columns};
      if (side == Side::once)
        dims[1] = 1;
    }
    return tensor_type(p.dtype, dims);
  };
  auto model = [&](Value x, Value y) { return relu(matmul(side_of(x, p.left), side_of(y, p.right))); };
  Executable executable = compile(Graph("f", model, {type(left, p.left, "m", "k"), type(right, p.right, "k", "n")}));
  std::vector<Tensor> inputs{values(p.dtype, left, 3), values(p.dtype, right, 5)};
  std::vector<float> result = Session(executable, {.threads = 1}).run(inputs)[0].to(f32).to_vector<float>();
  CHECK(result == Session(executable, {.threads = 2}).run(inputs)[0].to(f32).to_vector<float>());
  std::vector<double> sizes, sums = expected(p, inputs[0], inputs[1], sizes);
  REQUIRE(result.size() == sums.size());
  double worst = 0, tolerance = p.dtype == f32 ? 4e-6 : p.dtype == f16 ? 1e-3 : 8e-3;
  for (size_t i = 0; i < sums.size(); ++i)
    worst = std::max(worst, std::abs(result[i] - sums[i]) / sizes[i]);
  CHECK(worst < tolerance);
}

} // namespace

TEST_CASE("products of activations are the sums of products") {
  for (DType dtype : {f32, bf16, f16})
    for (Side left : {Side::as_it_is, Side::transposed, Side::heads})
      for (Side right : {Side::as_it_is, Side::transposed, Side::heads, Side::once}) {
        check({dtype, 2, 3, 7, 17, 9, left, right}, false);
        check({dtype, 1, 2, 16, 64, 33, left, right}, true);
      }
  // Around tiles, panels and blocks of k.
  for (int64_t m : {1, 4, 5, 6, 8, 13, 65})
    for (int64_t n : {1, 4, 15, 16, 31, 32, 70})
      check({f32, 1, 2, m, n, 19, Side::as_it_is, Side::transposed}, false);
  for (int64_t k : {1, 2, 7, 8, 16, 255, 257, 519, 1030})
    for (Side right : {Side::as_it_is, Side::transposed}) {
      check({f32, 2, 1, 9, 33, k, Side::as_it_is, right}, false);
      check({bf16, 2, 1, 9, 33, k, Side::transposed, right}, false);
    }
}

TEST_CASE("products of activations of no elements") {
  check({f32, 2, 2, 5, 7, 0, Side::as_it_is, Side::as_it_is}, false); // sums of nothing
  check({bf16, 2, 2, 5, 70, 0, Side::transposed, Side::transposed}, false);
  check({f32, 0, 2, 5, 7, 8, Side::as_it_is, Side::as_it_is}, false);
  check({f32, 2, 2, 0, 7, 8, Side::as_it_is, Side::as_it_is}, false);
  check({f32, 2, 2, 5, 0, 8, Side::as_it_is, Side::transposed}, false);
}

TEST_CASE("matrices with one right-hand side are rows of one product") {
  auto model = [](Value x, Value y) { return matmul(x, y); };
  Executable executable = compile(Graph("f", model, {tensor_type(f32, {"a", "m", 9}), tensor_type(f32, {9, 20})}));
  Tensor x = values(f32, {3, 5, 9}, 1), y = values(f32, {9, 20}, 2);
  std::vector<float> all = executable({x, y})[0].to_vector<float>();
  std::vector<float> xs = x.to_vector<float>();
  for (int64_t i = 0; i < 3; ++i) {
    Tensor one = Tensor::from<float>({1, 5, 9}, std::vector<float>(xs.begin() + i * 45, xs.begin() + (i + 1) * 45));
    std::vector<float> rows = executable({one, y})[0].to_vector<float>();
    CHECK(rows == std::vector<float>(all.begin() + i * 100, all.begin() + (i + 1) * 100));
  }
}
