// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// From a module's text to numbers, and what is refused on the way.
#include "varve/compiler/Compile.h"
#include "varve/runtime/Session.h"
#include <catch2/catch.hpp>
#include <cmath>

using namespace varve;

namespace {
const char *const mlp = R"(
#d8 = #varve.dims<batch, 8>
#d40 = #varve.dims<batch, 40>
varve.weight @up : tensor<40x8xf32>
varve.weight @down : tensor<8x40xf32>
varve.graph @mlp(%x: tensor<?x8xf32, #d8> {varve.name = "x"}) -> (tensor<?x8xf32, #d8> {varve.name = "y"}) {
  %0 = varve.layer "up" : "Up" -> tensor<?x40xf32, #d40> {
    %w = varve.use @up : tensor<40x8xf32>
    %1 = varve.linear %x, %w : (tensor<?x8xf32, #d8>, tensor<40x8xf32>) -> tensor<?x40xf32, #d40>
    %2 = varve.silu %1 : (tensor<?x40xf32, #d40>) -> tensor<?x40xf32, #d40>
    varve.output %2 : tensor<?x40xf32, #d40>
  }
  %w = varve.use @down : tensor<8x40xf32>
  %1 = varve.linear %0, %w : (tensor<?x40xf32, #d40>, tensor<8x40xf32>) -> tensor<?x8xf32, #d8>
  varve.output %1 : tensor<?x8xf32, #d8>
}
)";

std::vector<float> numbers(size_t count, int seed) {
  std::vector<float> values(count);
  for (size_t i = 0; i < count; ++i)
    values[i] = static_cast<float>((i * 7919 + seed * 104729) % 1000) * 0.002f - 1.0f;
  return values;
}

// y = silu(x up^T) down^T in double precision.
std::vector<double> reference(const std::vector<float> &x, const std::vector<float> &up, const std::vector<float> &down) {
  std::vector<double> y;
  for (size_t row = 0; row < x.size() / 8; ++row) {
    std::vector<double> hidden;
    for (int j = 0; j < 40; ++j) {
      double sum = 0;
      for (int k = 0; k < 8; ++k)
        sum += static_cast<double>(x[row * 8 + k]) * up[j * 8 + k];
      hidden.push_back(sum / (1 + std::exp(-sum)));
    }
    for (int j = 0; j < 8; ++j) {
      double sum = 0;
      for (int k = 0; k < 40; ++k)
        sum += hidden[k] * down[j * 40 + k];
      y.push_back(sum);
    }
  }
  return y;
}
} // namespace

TEST_CASE("a module's text becomes native code with a dynamic batch") {
  std::vector<float> up = numbers(320, 1), down = numbers(320, 2);
  Executable exe = compile_module(mlp, "mlp.mlir")
                       .bind({{"up", Tensor::from<float>({40, 8}, up)}, {"down", Tensor::from<float>({8, 40}, down)}});
  for (int64_t batch : {0, 1, 2, 7, 8, 9, 64, 65, 200}) {
    INFO("batch " << batch);
    std::vector<float> x = numbers(batch * 8, 3);
    std::vector<double> expected = reference(x, up, down);
    std::vector<float> first;
    for (int threads : {1, 2}) {
      Session session(exe, {.threads = threads});
      std::vector<Tensor> out = session.run({Tensor::from<float>({batch, 8}, x)});
      REQUIRE(out.size() == 1);
      REQUIRE(out[0].shape() == std::vector<int64_t>{batch, 8});
      std::vector<float> y = out[0].to_vector<float>();
      for (size_t i = 0; i < y.size(); ++i)
        REQUIRE(y[i] == Approx(expected[i]).margin(1e-5).epsilon(1e-5));
      if (threads == 1)
        first = y;
      else
        CHECK(first == y); // bit for bit
    }
  }
}

TEST_CASE("an executable that was saved runs without the compiler") {
  std::vector<float> up = numbers(320, 1), down = numbers(320, 2), x = numbers(24, 3);
  StateDict state{{"up", Tensor::from<float>({40, 8}, up)}, {"down", Tensor::from<float>({8, 40}, down)}};
  Executable exe = compile_module(mlp, "mlp.mlir");
  std::filesystem::path path = std::filesystem::temp_directory_path() / "varve-compile-test.varve";
  exe.save(path);
  Tensor input = Tensor::from<float>({3, 8}, x);
  CHECK(Executable::load(path).bind(state)({input})[0].to_vector<float>() ==
        exe.bind(state)({input})[0].to_vector<float>());
  std::filesystem::remove(path);
}
