// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Softmax and norms of rows that are long enough to be computed one after the other, against the same in f64; and elements that
// are computed many together against fewer.
#include "varve/compiler/Compile.h"
#include "varve/nn.h"
#include "varve/runtime/Session.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

using namespace varve;

namespace {

using Row = std::vector<double>;

Row softmax_of(const Row &x) {
  double most = *std::max_element(x.begin(), x.end()), sum = 0;
  Row y;
  for (double each : x) {
    y.push_back(std::exp(each - most));
    sum += y.back();
  }
  for (double &each : y)
    each /= sum;
  return y;
}

// With `center`, layer_norm, else rms_norm; of weights 1.
Row norm_of(const Row &x, bool center) {
  double mean = 0, square = 0;
  for (double each : x)
    mean += center ? each / double(x.size()) : 0;
  for (double each : x)
    square += (each - mean) * (each - mean) / double(x.size());
  Row y;
  for (double each : x)
    y.push_back((each - mean) / std::sqrt(square + 1e-5));
  return y;
}

std::vector<float> numbers(int64_t count) {
  std::vector<float> values;
  for (int64_t i = 0; i < count; ++i)
    values.push_back(static_cast<float>((i * 7919) % 10007) / 1500.0F - 3);
  return values;
}

} // namespace

TEST_CASE("what is computed row by row is right for whole vectors and rests, known and unknown sizes, any number of "
          "threads") {
  // A residual before, and something behind; the sum of a row by itself.
  auto all = [](const std::vector<Value> &x) {
    Value sum = x[0] + x[1];
    NormOptions options{.epsilon = 1e-5};
    return std::vector<Value>{softmax(x[0]), sum, rms_norm(sum, x[2], options),
                              relu(layer_norm(sum, x[2], x[3], options)), reduce_sum(x[0] * x[0], {.axes = {-1}})};
  };
  for (int64_t width : {32, 64, 65, 72, 127, 768, 1031, 17000})
    for (int64_t rows : {1, 3, 70}) {
      if (width * rows > 60000)
        continue;
      CAPTURE(width, rows);
      std::vector<float> x = numbers(width * rows), y = x;
      std::reverse(y.begin(), y.end());
      std::vector<float> ones(static_cast<size_t>(width), 1), zeros(static_cast<size_t>(width), 0);
      std::vector<Tensor> given = {Tensor::from<float>({rows, width}, x), Tensor::from<float>({rows, width}, y),
                                   Tensor::from<float>({width}, ones), Tensor::from<float>({width}, zeros)};
      std::vector<std::vector<float>> before;
      for (bool known : {true, false}) {
        Shape shape = known ? Shape{rows, width} : Shape{"rows", "width"}, row = known ? Shape{width} : Shape{"width"};
        Executable exe = compile(
            Graph("f", all,
                  {tensor_type(f32, shape), tensor_type(f32, shape), tensor_type(f32, row), tensor_type(f32, row)}));
        for (int threads : {1, 2}) {
          CAPTURE(known, threads);
          Session session(exe, {.threads = threads});
          std::vector<std::vector<float>> results;
          for (const Tensor &result : session.run(given))
            results.push_back(result.to_vector<float>());
          if (!before.empty())
            CHECK(results == before);
          before = results;
        }
      }
      for (int64_t r = 0; r < rows; ++r) {
        Row a, sum;
        double squares = 0, most = 0;
        for (int64_t i = r * width; i < (r + 1) * width; ++i) {
          a.push_back(double(x[size_t(i)]));
          sum.push_back(double(x[size_t(i)] + y[size_t(i)]));
          squares += a.back() * a.back();
        }
        Row soft = softmax_of(a), rms = norm_of(sum, false), layer = norm_of(sum, true);
        for (int64_t i = 0; i < width; ++i) {
          auto at = static_cast<size_t>(r * width + i), in = static_cast<size_t>(i);
          most = std::max({most, std::fabs(double(before[0][at]) / soft[in] - 1),
                           std::fabs(double(before[1][at]) - sum[in]), std::fabs(double(before[2][at]) - rms[in]),
                           std::fabs(double(before[3][at]) - std::max(layer[in], 0.0))});
        }
        CHECK(most < 1e-5);
        CHECK(std::fabs(double(before[4][static_cast<size_t>(r)]) / squares - 1) < 1e-5);
      }
    }
}

TEST_CASE("softmax of a row with NaN or infinity is NaN, and of minus infinities 0 but where all are") {
  float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  constexpr int64_t width = 100;
  Executable exe = compile(Graph("f", [](Value x) { return softmax(x); }, {tensor_type(f32, {5, width})}));
  std::vector<float> x(5 * width, 0);
  x[3] = nan;
  x[width + 99] = nan;
  x[2 * width + 50] = inf;
  std::fill_n(x.begin() + 3 * width, 50, -inf);
  std::fill_n(x.begin() + 4 * width, width, -inf);
  std::vector<float> y = exe({Tensor::from<float>({5, width}, x)})[0].to_vector<float>();
  for (int64_t row : {0, 1, 4})
    CHECK(std::all_of(y.begin() + row * width, y.begin() + (row + 1) * width, [](float v) { return std::isnan(v); }));
  CHECK(std::isnan(y[2 * width + 50]));
  CHECK(std::all_of(y.begin() + 3 * width, y.begin() + 3 * width + 50, [](float v) { return v == 0; }));
  CHECK(std::all_of(y.begin() + 3 * width + 50, y.begin() + 4 * width, [](float v) { return v == 0.02F; }));
}

TEST_CASE("elements have the same bits computed by many together, by one vector, and by less") {
  auto all = [](Value x) {
    Value y = gelu(x) + exp(-x) * tanh(x) + erf(x) + sin(x) - log(abs(x));
    return std::vector<Value>{y, cast(y, i32), less(x, y), silu(x) * cast(cast(x, i8), x.dtype())};
  };
  constexpr int64_t count = 103, piece = 7; // less than two vectors; less than one
  std::vector<float> x = numbers(count);
  for (const char *cpu : {"native", "x86-64-v2"})
    for (DType dtype : {f32, f16, bf16}) {
      CAPTURE(cpu, name_of(dtype));
      Executable exe = compile(Graph("f", all, {tensor_type(dtype, {"n"})}), {.cpu = cpu});
      Executable to = compile(Graph("f", [&](Value v) { return cast(v, dtype); }, {tensor_type(f32, {"n"})}));
      auto results = [&](int64_t from, int64_t until) {
        std::vector<float> part(x.begin() + from, x.begin() + until);
        std::vector<Tensor> made = exe({to({Tensor::from<float>({until - from}, part)})[0]});
        std::vector<std::string> bytes;
        for (const Tensor &each : made)
          bytes.emplace_back(static_cast<const char *>(each.data()), each.bytes());
        return bytes;
      };
      std::vector<std::string> whole = results(0, count), pieces(whole.size());
      for (int64_t from = 0; from < count; from += piece) {
        std::vector<std::string> some = results(from, std::min(count, from + piece));
        for (size_t i = 0; i < some.size(); ++i)
          pieces[i] += some[i];
      }
      for (size_t i = 0; i < whole.size(); ++i)
        CHECK((whole[i] == pieces[i]));
    }
}
