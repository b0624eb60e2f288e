// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Transpositions, and elementwise ops with what lies the other way round: sizes around those of vectors and of what a task has,
// static and named, on one thread and on several.
#include "varve/compiler/Compile.h"
#include "varve/nn.h"
#include "varve/runtime/Session.h"
#include <catch2/catch.hpp>

using namespace varve;

namespace {

using Sizes = std::vector<int64_t>;

Sizes permuted(const Sizes &sizes, const Sizes &order) {
  Sizes result;
  for (int64_t axis : order)
    result.push_back(sizes[static_cast<size_t>(axis)]);
  return result;
}

// The transposition, and twice that with an image in the result's layout added.
struct Turn : nn::Layer<Turn> {
  explicit Turn(Sizes order) : order(std::move(order)) {}
  Value forward(Value x, Value y) {
    Value turned = transpose(x, order);
    turned.output("turned");
    return turned * 2 + rebind(y, turned.shape(), "expects an image of the result's shape");
  }
  Sizes order;
};

// Small whole numbers, which all types have.
Tensor numbers(DType dtype, const Sizes &sizes, int64_t seed) {
  size_t count = 1;
  for (int64_t size : sizes)
    count *= static_cast<size_t>(size);
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i)
    values[i] = static_cast<float>((static_cast<int64_t>(i) * 7 + seed) % 31);
  return Tensor::from<float>(sizes, values).to(dtype);
}

std::vector<float> floats(const Tensor &tensor) { return tensor.to(f32).to_vector<float>(); }

void check(const Sizes &sizes, const Sizes &order, DType dtype = f32, const std::string &cpu = "native") {
  std::string text = std::string(name_of(dtype)) + " of";
  for (int64_t size : sizes)
    text += " " + std::to_string(size);
  INFO(text);
  Sizes result = permuted(sizes, order);
  Tensor x = numbers(dtype, sizes, 3), y = numbers(dtype, result, 5);
  std::vector<float> given = floats(x), added = floats(y), turned(given.size()), sum(given.size());
  for (size_t i = 0; i < given.size(); ++i) { // of the result
    Sizes place(sizes.size());
    for (size_t axis = sizes.size(), rest = i; axis-- > 0; rest /= static_cast<size_t>(result[axis]))
      place[static_cast<size_t>(order[axis])] = static_cast<int64_t>(rest) % result[axis];
    int64_t from = 0;
    for (size_t axis = 0; axis < sizes.size(); ++axis)
      from = from * sizes[axis] + place[axis];
    turned[i] = given[static_cast<size_t>(from)];
    sum[i] = turned[i] * 2 + added[i];
  }
  for (bool named : {false, true}) {
    Shape in, out;
    for (size_t axis = 0; axis < sizes.size(); ++axis)
      in.push_back(named ? Dim("s" + std::to_string(axis)) : Dim(sizes[axis]));
    for (int64_t axis : order)
      out.push_back(named ? Dim("r" + std::to_string(axis)) : Dim(sizes[static_cast<size_t>(axis)]));
    Turn layer(order);
    std::vector<GraphInput> types = {{"x", tensor_type(dtype, in)}, {"y", tensor_type(dtype, out)}};
    Executable exe = compile(Graph("f", layer, types), {.cpu = cpu});
    for (int threads : {1, 3}) {
      std::vector<Tensor> results = Session(exe, {.threads = threads}).run({x, y});
      bool is_sum = floats(results[0]) == sum, is_turned = floats(results[1]) == turned;
      CHECK(is_sum);
      CHECK(is_turned);
    }
  }
}

} // namespace

TEST_CASE("transpositions move every element to its place") {
  for (int64_t rows : {1, 7, 8, 16, 17, 65, 130})
    for (int64_t columns : {3, 8, 9, 33})
      check({rows, columns}, {1, 0});
  check({3, 17, 19}, {0, 2, 1});
  check({17, 3, 19}, {2, 1, 0});
  check({9, 18, 20}, {1, 2, 0});
  check({20, 18, 9}, {2, 0, 1});
  check({2, 5, 7, 40}, {0, 3, 1, 2}); // planes: two axes that stay side by side
  check({2, 40, 5, 7}, {0, 2, 3, 1});
  check({2, 9, 3, 16}, {0, 2, 3, 1});
  check({1, 3, 30, 31}, {0, 2, 3, 1}); // too few channels for a block
  check({0, 9}, {1, 0});
}

TEST_CASE("transpositions of 16 bits, and in vectors of four and of eight lanes") {
  for (DType dtype : {bf16, f16})
    check({2, 19, 21}, {0, 2, 1}, dtype);
  for (const char *cpu : {"x86-64-v2", "x86-64-v3"})
    check({2, 19, 21}, {0, 2, 1}, f32, cpu);
}
