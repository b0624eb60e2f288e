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
std::vector<double> reference(const std::vector<float> &x, const std::vector<float> &up,
                              const std::vector<float> &down) {
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

namespace {
// The error of compiling a module.
std::string error_of(const std::string &module) {
  try {
    compile_module(module, "model.mlir");
  } catch (const Error &error) {
    return error.what();
  }
  return "no error";
}
} // namespace

TEST_CASE("a module that is none is refused, and the host process goes on") {
  CHECK(error_of("varve.graph @f() {\n  varve.outptu\n}").find("model.mlir:2: error: ") == 0);
  CHECK(error_of("ML\xefR nonsense").find("error") != std::string::npos);
  std::string deep(300, '{');
  CHECK(error_of(deep) == "model.mlir:1: error: expects text nested at most 256 deep, but got more");
  CHECK(compile_module(mlp, "mlp.mlir").entries() == std::vector<std::string>{"mlp"});
}

TEST_CASE("a CPU that LLVM does not know, or that lacks what we need, is refused") {
  CHECK_THROWS_WITH(compile_module(mlp, "mlp.mlir", {.cpu = "z80"}),
                    Catch::Contains("expects a CPU that LLVM knows, but got 'z80'"));
  CHECK_THROWS_WITH(compile_module(mlp, "mlp.mlir", {.cpu = "x86-64"}), Catch::Contains("expects a CPU with ssse3"));
}

TEST_CASE("code for older vectors gives the same numbers, to rounding") {
  std::vector<float> up = numbers(320, 1), down = numbers(320, 2), x = numbers(13 * 8, 3);
  StateDict state{{"up", Tensor::from<float>({40, 8}, up)}, {"down", Tensor::from<float>({8, 40}, down)}};
  std::vector<double> expected = reference(x, up, down);
  std::vector<float> y = compile_module(mlp, "mlp.mlir", {.cpu = GENERATE("x86-64-v2", "x86-64-v3")})
                             .bind(state)({Tensor::from<float>({13, 8}, x)})[0]
                             .to_vector<float>();
  for (size_t i = 0; i < y.size(); ++i)
    CHECK(y[i] == Approx(expected[i]).margin(1e-5).epsilon(1e-5));
}

// Without F16C conversions are integer arithmetic.
TEST_CASE("a CPU without f16 converts it to the last bit") {
  Executable exe = compile_module(R"(
    varve.graph @narrow(%x: tensor<?xf32, #varve.dims<n>>) -> tensor<?xf16, #varve.dims<n>> {
      %0 = varve.cast %x {dtype = f16} : (tensor<?xf32, #varve.dims<n>>) -> tensor<?xf16, #varve.dims<n>>
      varve.output %0 : tensor<?xf16, #varve.dims<n>>
    }
    varve.graph @widen(%x: tensor<?xf16, #varve.dims<n>>) -> tensor<?xf32, #varve.dims<n>> {
      %0 = varve.cast %x {dtype = f32} : (tensor<?xf16, #varve.dims<n>>) -> tensor<?xf32, #varve.dims<n>>
      varve.output %0 : tensor<?xf32, #varve.dims<n>>
    })",
                                  "cast.mlir", {.cpu = "x86-64-v2"});
  Session session(exe);
  // Each f16, what is halfway to the next one, and what is beside that.
  std::vector<float> all, x = {65519, 65520, 65521, 65535, 65536, 1e5F, 3e38F, -INFINITY, 1e-9F, 1e-40F, NAN};
  for (int exponent = -24; exponent <= 5; ++exponent)
    for (int mantissa = exponent == -24 ? 0 : 1024; mantissa < 2048; ++mantissa)
      for (float sign : {1.0F, -1.0F}) {
        all.push_back(sign * std::ldexp(static_cast<float>(mantissa), exponent));
        float half = sign * std::ldexp(static_cast<float>(mantissa) + 0.5F, exponent);
        x.insert(x.end(), {half, std::nextafter(half, 0.0F), std::nextafter(half, 2 * half)});
      }
  auto size = static_cast<int64_t>(all.size());
  CHECK(session.run("widen", {Tensor::from<float>({size}, all).to(f16)})[0].to_vector<float>() == all);
  Tensor given = Tensor::from<float>({static_cast<int64_t>(x.size())}, x);
  std::vector<float> found = session.run("narrow", {given})[0].to(f32).to_vector<float>();
  std::vector<float> expected = given.to(f16).to(f32).to_vector<float>();
  for (size_t i = 0; i < x.size(); ++i)
    if (std::isnan(expected[i]) ? !std::isnan(found[i]) : found[i] != expected[i])
      FAIL_CHECK(x[i] << " became " << found[i] << ", not " << expected[i]);
  Tensor special = Tensor::from<float>({3}, {INFINITY, -INFINITY, NAN}).to(f16);
  std::vector<float> wide = session.run("widen", {special})[0].to_vector<float>();
  CHECK((wide[0] == INFINITY && wide[1] == -INFINITY && std::isnan(wide[2])));
}

TEST_CASE("what has no fast path is said") {
  std::string remarks;
  compile_module("varve.graph @f(%x: tensor<4x8xf32>) -> tensor<8x4xf32> {\n"
                 "  %0 = varve.transpose %x {permutation = array<i64: 1, 0>} : (tensor<4x8xf32>) -> tensor<8x4xf32>\n"
                 "  varve.output %0 : tensor<8x4xf32>\n}",
                 "t.mlir", {.remark = [&](std::string_view text) { remarks += text; }});
  CHECK(remarks.find("computed element by element") != std::string::npos);
}

TEST_CASE("a module's layers are summarized without compiling it") {
  std::string text = R"(
    varve.mesh @pair <model = 2> ["cuda:0", "cuda:1"]
    varve.mesh @elsewhere <model = 1> ["cpu:1"]
    varve.weight @a.w : tensor<4xbf16>
    varve.graph @f(%x: tensor<4xbf16>) -> tensor<4xbf16> on @pair {
      %0 = varve.layer "a" : "A" -> tensor<4xbf16> on @elsewhere {
        %1 = varve.layer "b\n" : "B" -> tensor<4xbf16> {
          %w = varve.use @a.w : tensor<4xbf16>
          %2 = varve.add %x, %w : (tensor<4xbf16>, tensor<4xbf16>) -> tensor<4xbf16>
          varve.output %2 : tensor<4xbf16>
        }
        varve.output %1 : tensor<4xbf16>
      }
      varve.output %0 : tensor<4xbf16>
    })";
  CHECK(summarize_module(text, "f.mlir") == R"(layer  type   output shape  dtype  parameters  bytes  device
--------------------------------------------------------------------
@f     graph  [4]           bf16            0      0  cuda:0, cuda:1
a      A      [4]           bf16            4      8  cpu:1
a.b?   B      [4]           bf16            0      0  cpu:1
--------------------------------------------------------------------
total                                       4      8
)");
  CHECK_THROWS_AS(summarize_module("varve.graph", "f.mlir"), Error);
}
