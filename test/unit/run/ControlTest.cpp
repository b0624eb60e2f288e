// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Branches and loops against the same in plain Python, with PyTorch's numbers (test/data/control/make.py).
#include "test/unit/Support.h"
#include "varve/compiler/Compile.h"
#include "varve/nn.h"
#include "varve/runtime/Npz.h"
#include "varve/runtime/Session.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

using namespace varve;

namespace {

const StateDict &golden() {
  static const StateDict all = load_npz(std::filesystem::path(VARVE_CONTROL_DATA) / "golden.npz");
  return all;
}
Tensor golden(const std::string &name) { return golden().at(name); }

TensorType like(const Tensor &tensor) {
  Shape shape;
  for (int64_t size : tensor.shape())
    shape.emplace_back(size);
  return tensor_type(tensor.dtype(), shape);
}

void check_near(const Tensor &value, const Tensor &expected) {
  CHECK(value.shape() == expected.shape());
  auto found = value.to_vector<float>(), wanted = expected.to_vector<float>();
  REQUIRE(found.size() == wanted.size());
  for (size_t i = 0; i < found.size(); ++i)
    CHECK(std::abs(found[i] - wanted[i]) <= 1e-5 + 1e-5 * std::abs(wanted[i]));
}

// On one thread and on three, as it was built and after it was printed and read: the same bits.
std::vector<Tensor> run(const Graph &graph, const std::vector<Tensor> &inputs) {
  Executable exe = compile(graph);
  std::vector<Tensor> outputs = Session(exe, {.threads = 1}).run(inputs);
  std::vector<Tensor> others = Session(compile_module(graph.text(), "text"), {.threads = 3}).run(inputs);
  REQUIRE(others.size() == outputs.size());
  for (size_t i = 0; i < outputs.size(); ++i)
    CHECK(std::ranges::equal(std::span(static_cast<const std::byte *>(outputs[i].data()), outputs[i].bytes()),
                             std::span(static_cast<const std::byte *>(others[i].data()), others[i].bytes())));
  return outputs;
}

} // namespace

TEST_CASE("a recurrent network is a scan") {
  auto gru = [](Value x, Value h, Value w_ih, Value w_hh, Value b_ih, Value b_hh) {
    return scan(x, h, [&](Value h, Value x) {
      std::vector<Value> a = split(linear(x, w_ih) + b_ih, {4, 4, 4}, -1),
                         b = split(linear(h, w_hh) + b_hh, {4, 4, 4}, -1);
      Value reset = sigmoid(a[0] + b[0]), update = sigmoid(a[1] + b[1]);
      Value fresh = tanh(a[2] + reset * b[2]);
      Value next = (1 - update) * fresh + update * h;
      return std::pair(next, next);
    });
  };
  std::vector<Tensor> inputs;
  for (const char *name : {"x", "h", "weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0"})
    inputs.push_back(golden(std::string("rnn.") + name));
  std::vector<GraphInput> types;
  for (const Tensor &input : inputs)
    types.emplace_back(like(input));
  std::vector<Tensor> fixed = run(Graph("gru", gru, types), inputs);
  check_near(fixed[0], golden("rnn.last"));
  check_near(fixed[1], golden("rnn.y"));
  types[0] = tensor_type(f32, {"seq", "batch", 5});
  types[1] = tensor_type(f32, {"batch", 4});
  std::vector<Tensor> any = run(Graph("gru", gru, types), inputs);
  check_near(any[0], golden("rnn.last"));
  check_near(any[1], golden("rnn.y"));
}

TEST_CASE("a loop ends when its body says so, and pieces that are cut off are zeros") {
  struct Found {
    Value v, count;
  };
  auto power = [](Value a, Value bound) {
    Found start{constant(Tensor::from<float>({6}, std::vector<float>(6, 1 / std::sqrt(6.0F)))), constant(0, i64)};
    auto [found, norms] = scan(iota({"trips"}), start, [&](Found now, Value) {
      Value w = reshape(matmul(a, reshape(now.v, {6, 1})), {6});
      Value norm = sqrt(reduce_sum(w * w));
      w = w / norm;
      return std::pair(Next{Found{w, now.count + 1}, greater(reduce_max(abs(w - now.v)), bound)}, norm);
    });
    return std::tuple(found.v, found.count, norms);
  };
  Graph graph("power", power, {tensor_type(f32, {6, 6}), tensor_type(f32, {}), dim_input("trips")});
  for (std::string name : {"power.soon", "power.never", "power.none"}) {
    INFO(name);
    Tensor norms = golden(name + ".norms");
    std::vector<Tensor> outputs =
        run(graph, {golden("power.a"), golden(name + ".bound"), Tensor::from<int64_t>({}, {norms.size()})});
    check_near(outputs[0], golden(name + ".v"));
    CHECK(outputs[1].to_vector<int64_t>() == golden(name + ".count").to_vector<int64_t>());
    check_near(outputs[2], norms);
  }
}

TEST_CASE("loops in branches in loops") {
  auto nested = [](Value m, Value n) {
    return scan(std::pair(m, n), constant(Tensor::zeros(f32, {4})),
                [](Value total, std::pair<Value, Value> x) {
                  auto [row, times] = x;
                  Value done = cond(
                      greater(reduce_sum(row), 0),
                      [&] {
                        return loop(times, row, [&](Value j, Value row) {
                          return cond(
                              less(reshape(slice(row, {{.end = 1}}), {}), 0.3),
                              [&] { return tanh(row * (cast(j, f32) + 1)); }, [&] { return row * 0.5 + total; });
                        });
                      },
                      [&] {
                        return loop(While([](Value row) { return greater(reduce_max(abs(row)), 0.1); }), row,
                                    [](Value row) { return row * 0.7; });
                      });
                  return std::pair(total + done, std::tuple<>());
                })
        .first;
  };
  std::vector<Tensor> outputs = run(Graph("nested", nested, {tensor_type(f32, {6, 4}), tensor_type(i64, {6})}),
                                    {golden("nested.m"), golden("nested.n")});
  check_near(outputs[0], golden("nested.total"));
}

TEST_CASE("work in bodies is divided among threads, and its memory is planned once") {
  auto deep = [](Value x, Value w) {
    return loop("trips", x, [&](Value i, Value h) {
      return cond(
          equal(i - i / 2 * 2, 0), [&] { return tanh(matmul(h, w)) + x; },
          [&] { return loop(3, h, [&](Value g) { return softmax(matmul(g, w), -1) * h; }); });
    });
  };
  Graph graph("deep", deep, {tensor_type(f32, {"rows", 96}), tensor_type(f32, {96, 96}), dim_input("trips")});
  std::vector<float> x(300 * 96), w(96 * 96);
  for (size_t i = 0; i < x.size(); ++i)
    x[i] = static_cast<float>(i * 7919 % 1000) / 500 - 1;
  for (size_t i = 0; i < w.size(); ++i)
    w[i] = static_cast<float>(i * 104729 % 1000) / 5000 - 0.1F;
  std::vector<Tensor> inputs = {Tensor::from<float>({300, 96}, x), Tensor::from<float>({96, 96}, w),
                                Tensor::from<int64_t>({}, {5})};
  std::vector<float> looped = run(graph, inputs)[0].to_vector<float>();
  // The same, unrolled by a C++ loop.
  auto unrolled = [](Value x, Value w) {
    Value h = x;
    for (int i = 0; i < 5; ++i) {
      if (i % 2 == 0) {
        h = tanh(matmul(h, w)) + x;
        continue;
      }
      Value g = h;
      for (int j = 0; j < 3; ++j)
        g = softmax(matmul(g, w), -1) * h;
      h = g;
    }
    return h;
  };
  inputs.pop_back();
  Graph flat("flat", unrolled, {tensor_type(f32, {"rows", 96}), tensor_type(f32, {96, 96})});
  CHECK(run(flat, inputs)[0].to_vector<float>() == looped);
}
