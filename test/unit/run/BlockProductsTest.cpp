// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Products with weights in blocks that the CPU has kernels for: within the documented bound of the product with the decoded
// weight, and the same bits for any number of threads and rows, and on machines with other instructions.
#include "tools/run/Values.h"
#include "varve/compiler/Compile.h"
#include "varve/nn.h"
#include "varve/runtime/Session.h"
#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

using namespace varve;

namespace {

struct Product : nn::Layer<Product> {
  Product(int64_t in, int64_t out, DType dtype, bool shown)
      : up(*this, "up", in, out, nn::LinearOptions{.dtype = dtype, .bias = true}), shown(shown) {}
  Value forward(Value x, Value residual) {
    Value product = up(x);
    if (shown) // what a graph hands out is stored
      product.output("product");
    return silu(product) + residual;
  }
  Child<nn::Linear> up;
  bool shown;
};

struct Sizes {
  int64_t in, out;
  std::vector<int64_t> rows;
};

// Elements of blocks of all sizes, of which one is 0.
Tensor rows_of(DType dtype, int64_t count, int64_t in) {
  std::vector<float> values;
  for (int64_t m = 0; m < count; ++m)
    for (int64_t k = 0; k < in; ++k) {
      double size = m == 2 && k < 256 ? 0 : std::exp2(static_cast<double>((m * 5 + k / 32) % 7) - 3);
      values.push_back(static_cast<float>(std::sin(static_cast<double>(m * 131 + k * 7 + 1)) * size));
    }
  return Tensor::from<float>({count, in}, values).to(dtype);
}

Tensor first_rows(const Tensor &tensor, int64_t from, int64_t count) {
  std::vector<float> all = tensor.to(f32).to_vector<float>();
  int64_t in = tensor.shape()[1];
  return Tensor::from<float>({count, in},
                             std::vector<float>(all.begin() + from * in, all.begin() + (from + count) * in))
      .to(tensor.dtype());
}

void check(Encoding encoding, DType dtype, const Sizes &sizes) {
  auto [in, out, counts] = sizes;
  Tensor blocks = run::make_blocks("random", "w", encoding, {out, in});
  StateDict state = {{"up.weight", blocks}, {"up.bias", run::make_values("random", "b", dtype, {out})}};
  Product fused(in, out, dtype, false), apart(in, out, dtype, true);
  fused.load_state_dict(state, {.override_quantization_encoding = true});
  apart.load_state_dict(state, {.override_quantization_encoding = true});
  TensorType x = tensor_type(dtype, {"rows", in}), residual = tensor_type(dtype, {"rows", out});
  std::vector<std::string> remarks;
  auto remark = [&](std::string_view text) { remarks.emplace_back(text); };
  Executable one = compile(Graph("f", fused, {{"x", x}, {"residual", residual}}), {.remark = remark});
  Executable other = compile(Graph("f", apart, {{"x", x}, {"residual", residual}}));
  CHECK(remarks.empty());
  std::vector<float> weight = blocks.to(f32).to_vector<float>(), bias = state["up.bias"].to(f32).to_vector<float>();
  int64_t length = info_of(encoding).elements;
  double unit = dtype == f32 ? 0x1p-24 : dtype == f16 ? 0x1p-11 : 0x1p-8;
  for (int64_t count : counts) {
    INFO(name_of(encoding) << " " << name_of(dtype) << " " << count << "x" << in << "x" << out);
    std::vector<Tensor> inputs = {rows_of(dtype, count, in), run::make_values("random", "r", dtype, {count, out})};
    std::vector<Tensor> expected = Session(other, {.threads = 1}).run(inputs);
    std::vector<float> found = Session(one, {.threads = 1}).run(inputs)[0].to(f32).to_vector<float>();
    CHECK(found == expected[0].to(f32).to_vector<float>());
    CHECK(found == Session(one, {.threads = 2}).run(inputs)[0].to(f32).to_vector<float>());
    if (count > 1) { // the last row alone
      std::vector<float> alone = Session(one, {.threads = 1})
                                     .run({first_rows(inputs[0], count - 1, 1), first_rows(inputs[1], count - 1, 1)})[0]
                                     .to(f32)
                                     .to_vector<float>();
      CHECK(std::equal(alone.begin(), alone.end(), found.end() - out));
    }
    std::vector<float> product = expected[1].to(f32).to_vector<float>(), xs = inputs[0].to(f32).to_vector<float>();
    double worst = 0; // in units of the bound
    for (int64_t m = 0; m < count; ++m)
      for (int64_t n = 0; n < out; ++n) {
        double sum = bias[n], bound = 1e-7 * std::abs(sum);
        for (int64_t begin = 0; begin < in; begin += length) {
          double most = 0, size = 0;
          for (int64_t k = begin; k < begin + length; ++k) {
            double a = xs[m * in + k], b = weight[n * in + k];
            sum += a * b;
            most = std::max(most, std::abs(a));
            size += std::abs(b);
          }
          bound += most / 254 * 1.0001 * size;
        }
        bound += (dtype == f32 ? 2 : 3) * unit * (std::abs(sum) + std::abs(bias[n]) + bound) + 1e-30;
        worst = std::max(worst, std::abs(product[m * out + n] - sum) / bound);
      }
    CHECK(worst <= 1);
  }
}

// The product alone.
struct Plain : nn::Layer<Plain> {
  Plain(int64_t in, int64_t out) : up(*this, "up", in, out) {}
  Value forward(Value x) { return up(x); }
  Child<nn::Linear> up;
};

Executable plain(Encoding encoding, int64_t in, int64_t out, const std::string &cpu = "native") {
  Plain model(in, out);
  model.load_state_dict({{"up.weight", run::make_blocks("random", "w", encoding, {out, in})}},
                        {.override_quantization_encoding = true});
  return compile(Graph("f", model, {tensor_type(f32, {"rows", in})}), {.cpu = cpu});
}

const Encoding kernels[] = {Encoding::q4_0, Encoding::q8_0, Encoding::q4_k, Encoding::q6_k};

} // namespace

TEST_CASE("products with weights in blocks are within their bound, fused or apart, alone or in a batch") {
  for (Encoding encoding : kernels) {
    int64_t block = info_of(encoding).elements;
    check(encoding, f32, {block, 1, {0, 1, 2}});
    check(encoding, f32, {3 * block, 33, {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 25}});
    check(encoding, bf16, {5 * block, 70, {1, 4, 9}});
    check(encoding, f16, {2 * block, 16, {1, 3, 11}});
    check(encoding, f32, {11 * block, 18, {7, 66}}); // a part of what is opened at a time
    check(encoding, f32, {2048, 530, {1, 2, 101}});
  }
}

TEST_CASE("a product with a weight in blocks has the same bits on every machine") {
  for (Encoding encoding : kernels) {
    INFO(name_of(encoding));
    Tensor x = rows_of(f32, 13, 1024);
    std::vector<float> found = plain(encoding, 1024, 70)({x})[0].to_vector<float>();
    for (std::string cpu : {"x86-64-v3", "x86-64-v4"}) {
      if (cpu == "x86-64-v4" && !__builtin_cpu_supports("x86-64-v4")) {
        WARN("not run on this machine, which has no AVX-512: " << cpu);
        continue;
      }
      for (int64_t count : {1, 13})
        CHECK(std::ranges::equal(plain(encoding, 1024, 70, cpu)({first_rows(x, 0, count)})[0].to_vector<float>(),
                                 std::span(found).first(static_cast<size_t>(count * 70))));
    }
  }
}

// Sums of products in 16 bits would be off by thousands where they saturate.
TEST_CASE("the greatest quants and weights are multiplied exactly") {
  constexpr int64_t in = 512, out = 17;
  for (Encoding encoding : kernels)
    for (int fill : {0x00, 0x77, 0x7f, 0x80, 0x88, 0xff}) {
      INFO(name_of(encoding) << " " << fill);
      const EncodingInfo &info = info_of(encoding);
      Tensor bytes = Tensor::zeros(u8, {out, in / info.elements, info.bytes});
      for (int64_t block = 0; block < bytes.size() / info.bytes; ++block) {
        uint8_t *begin = bytes.mutable_data<uint8_t>() + block * info.bytes;
        std::fill_n(begin, info.bytes, static_cast<uint8_t>(fill));
        bool isLast = encoding == Encoding::q6_k; // where its factor is
        if (isLast)
          std::fill_n(begin + 192, 16, uint8_t(0x80)); // the greatest scale of a part
        uint8_t *factor = begin + (isLast ? info.bytes - 2 : 0);
        for (int64_t half = 0; half < (encoding == Encoding::q4_k ? 2 : 1); ++half) {
          factor[2 * half] = 0x00; // 1 as f16
          factor[2 * half + 1] = 0x3c;
        }
      }
      Tensor weight = Tensor::encoded(encoding, bytes);
      std::vector<float> decoded = weight.to(f32).to_vector<float>(), x(7 * in);
      for (int64_t m = 0; m < 7; ++m)
        for (int64_t k = 0; k < in; ++k)
          x[m * in + k] = m == 0 || (m == 2 && k % 2 == 0) || (m == 3 && k % 4 < 2) ? -1.0F : 1.0F;
      Plain model(in, out);
      model.load_state_dict({{"up.weight", weight}}, {.override_quantization_encoding = true});
      Executable exe = compile(Graph("f", model, {tensor_type(f32, {"rows", in})}));
      for (int64_t count : {1, 2, 3, 7}) {
        std::vector<float> found = exe({first_rows(Tensor::from<float>({7, in}, x), 0, count)})[0].to_vector<float>();
        double worst = 0;
        for (int64_t m = 0; m < count; ++m)
          for (int64_t n = 0; n < out; ++n) {
            double sum = 0, size = 1e-30;
            for (int64_t k = 0; k < in; ++k) {
              sum += double(x[m * in + k]) * decoded[n * in + k];
              size += std::abs(decoded[n * in + k]);
            }
            worst = std::max(worst, std::abs(found[m * out + n] - sum) / size);
          }
        CHECK(worst <= 1e-5);
      }
    }
}

TEST_CASE("rows that cannot be quantised") {
  for (Encoding encoding : kernels) {
    INFO(name_of(encoding));
    Executable exe = plain(encoding, 512, 17);
    std::vector<float> values(5 * 512, 0.5F);
    values[3] = std::numeric_limits<float>::infinity();
    values[512 + 400] = std::numeric_limits<float>::quiet_NaN();
    std::fill_n(values.begin() + 2 * 512, 512, 1e-40F); // no less than 0 of it
    std::fill_n(values.begin() + 3 * 512, 512, 0.0F);
    std::fill_n(values.begin() + 4 * 512, 512, 1e30F);
    std::vector<float> found = exe({Tensor::from<float>({5, 512}, values)})[0].to_vector<float>();
    CHECK(std::all_of(found.begin(), found.begin() + 2 * 17, [](float y) { return std::isnan(y); }));
    CHECK(std::all_of(found.begin() + 2 * 17, found.begin() + 4 * 17, [](float y) { return y == 0; }));
    CHECK(std::all_of(found.begin() + 4 * 17, found.end(), [](float y) { return std::isfinite(y); }));
  }
}

TEST_CASE("every encoding that is stored in panels has a kernel") {
  for (const EncodingInfo &info : encodings())
    CHECK(has_panels(info.encoding) == (std::ranges::count(kernels, info.encoding) != 0));
}
