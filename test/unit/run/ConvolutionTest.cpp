// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Convolutions against sums in f64, and what follows them in one kernel against the same apart: all parameters, sizes around
// those of vectors, tiles and blocks, static and named, on one thread and on two; and with channels last, there by Winograd's
// kernel too.
#include "varve/compiler/Compile.h"
#include "varve/nn.h"
#include "varve/runtime/Session.h"
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>

using namespace varve;

namespace {

struct Case {
  int64_t batch, channels, out;
  std::vector<int64_t> size, kernel;
  ConvOptions options = {};
  DType dtype = f32;
  std::string cpu = "native";
};

std::vector<int64_t> shape(std::vector<int64_t> front, const std::vector<int64_t> &spatial) {
  front.insert(front.end(), spatial.begin(), spatial.end());
  return front;
}

int64_t elements(const std::vector<int64_t> &sizes) {
  int64_t count = 1;
  for (int64_t size : sizes)
    count *= size;
  return count;
}

// Of an image with channels last one with channels first, or the other way round.
std::vector<int64_t> permutation(size_t rank, bool to_last) {
  std::vector<int64_t> order(rank);
  std::iota(order.begin(), order.end(), 0);
  if (to_last)
    std::rotate(order.begin() + 1, order.begin() + 2, order.end());
  else
    std::rotate(order.begin() + 1, order.end() - 1, order.end());
  return order;
}

template <class T> std::vector<T> permuted(const std::vector<T> &list, const std::vector<int64_t> &order) {
  std::vector<T> result;
  for (int64_t from : order)
    result.push_back(list[from]);
  return result;
}

Tensor moved(const Tensor &image, bool to_last) {
  std::vector<int64_t> sizes = image.shape();
  int64_t channels = to_last ? sizes[1] : sizes.back(), plane = elements(sizes) / (sizes[0] * channels);
  std::vector<float> given = image.to(f32).to_vector<float>(), values(given.size());
  for (int64_t i = 0; i < elements(sizes); ++i) { // of an image with channels first
    int64_t last = (i / (channels * plane) * plane + i % plane) * channels + i / plane % channels;
    values[to_last ? last : i] = given[to_last ? i : last];
  }
  return Tensor::from<float>(permuted(sizes, permutation(sizes.size(), to_last)), values).to(image.dtype());
}
Tensor with_channels_last(const Tensor &image) { return moved(image, true); }
Tensor with_channels_first(const Tensor &image) { return moved(image, false); }

enum class Form { fused, shown, channels_last, channels_last_shown };

bool is_last(Form form) { return form == Form::channels_last || form == Form::channels_last_shown; }

struct Block : nn::Layer<Block> {
  Block(const Case &c, Form form)
      : weight(*this, "weight", c.dtype, shape_of(c), Site()), bias(*this, "bias", c.dtype, {c.out}, Site()),
        norm(*this, "norm", c.out, nn::BatchNormOptions{.dtype = c.dtype}), options(c.options), form(form) {}
  static Shape shape_of(const Case &c) {
    std::vector<int64_t> sizes = shape({c.out, c.channels / c.options.groups}, c.kernel);
    return Shape(sizes.begin(), sizes.end());
  }
  // No transposition is left of these with channels last, where the convolution has a weight in panels.
  Value turned(Value image, bool to_last) const {
    return is_last(form) ? transpose(image, permutation(image.shape().size(), to_last)) : image;
  }
  Value forward(Value x, Value residual) {
    Value y = conv(turned(x, false), weight, bias, options), given = turned(y, true);
    if (form == Form::shown || form == Form::channels_last_shown) // what a graph hands out is stored
      given.output("y");
    residual = rebind(residual, given.shape(), "expects a residual of the result's shape");
    return turned(relu(norm(y) + turned(residual, false)), true);
  }
  Weight weight, bias;
  Child<nn::BatchNorm> norm;
  ConvOptions options;
  Form form;
};

Tensor tensor(DType dtype, const std::vector<int64_t> &sizes, int64_t seed, double offset = 0) {
  std::vector<float> values;
  for (int64_t i = 0; i < elements(sizes); ++i)
    values.push_back(static_cast<float>(std::sin(static_cast<double>(i * i % 1013 + seed * 17 + i)) * 0.5 + offset));
  return Tensor::from<float>(sizes, values).to(dtype);
}

// One, if the list is empty, or its entry for depth, height or width.
int64_t at(const std::vector<int64_t> &list, size_t axis, int64_t missing) {
  size_t before = 3 - list.size();
  return list.empty() || axis < before ? missing : list[axis - before];
}

struct Sums {
  std::vector<double> sums, sizes; // and the sums of absolute values
};

Sums reference(const Case &c, const std::vector<int64_t> &counts, const std::vector<float> &x,
               const std::vector<float> &weight, const std::vector<float> &bias) {
  Sums result;
  int64_t count[3], size[3], kernel[3];
  for (size_t a = 0; a < 3; ++a) {
    count[a] = at(counts, a, 1);
    size[a] = at(c.size, a, 1);
    kernel[a] = at(c.kernel, a, 1);
  }
  int64_t inner = c.channels / c.options.groups, outer = c.out / c.options.groups;
  for (int64_t n = 0; n < c.batch; ++n)
    for (int64_t o = 0; o < c.out; ++o)
      for (int64_t p = 0; p < count[0] * count[1] * count[2]; ++p) {
        int64_t window[3] = {p / (count[1] * count[2]), p / count[2] % count[1], p % count[2]};
        double sum = bias[o], total = std::abs(sum);
        for (int64_t k = 0; k < inner * kernel[0] * kernel[1] * kernel[2]; ++k) {
          int64_t tap[3] = {k / (kernel[2] * kernel[1]) % kernel[0], k / kernel[2] % kernel[1], k % kernel[2]};
          int64_t place = n * c.channels + o / outer * inner + k / (kernel[0] * kernel[1] * kernel[2]);
          bool inside = true;
          for (size_t a = 0; a < 3; ++a) {
            int64_t i = window[a] * at(c.options.strides, a, 1) + tap[a] * at(c.options.dilations, a, 1) -
                        at(c.options.padding, a, 0);
            inside &= i >= 0 && i < size[a];
            place = place * size[a] + i;
          }
          if (!inside)
            continue;
          double product = static_cast<double>(x[place]) * weight[o * inner * kernel[0] * kernel[1] * kernel[2] + k];
          sum += product;
          total += std::abs(product);
        }
        result.sums.push_back(sum);
        result.sizes.push_back(total);
      }
  return result;
}

// What a case is computed of, and the greatest difference of sums from its own in f64, as a part of the sum of absolute values.
class Run {
public:
  explicit Run(const Case &given) : c(given) {
    for (size_t axis = 0; axis < c.size.size(); ++axis) {
      auto of = [&](const std::vector<int64_t> &list, int64_t missing) { return list.empty() ? missing : list[axis]; };
      int64_t begin = of(c.options.padding, 0), end = of(c.options.padding_end, begin);
      counts.push_back((c.size[axis] + begin + end - of(c.options.dilations, 1) * (c.kernel[axis] - 1) - 1) /
                           of(c.options.strides, 1) +
                       1);
    }
    state = {{"weight", tensor(c.dtype, shape({c.out, c.channels / c.options.groups}, c.kernel), 1)},
             {"bias", tensor(c.dtype, {c.out}, 2)},
             {"norm.weight", tensor(c.dtype, {c.out}, 3, 1)},
             {"norm.bias", tensor(c.dtype, {c.out}, 4)},
             {"norm.running_mean", tensor(c.dtype, {c.out}, 5)},
             {"norm.running_var", tensor(c.dtype, {c.out}, 6, 1)}};
    inputs = {tensor(c.dtype, shape({c.batch, c.channels}, c.size), 7),
              tensor(c.dtype, shape({c.batch, c.out}, counts), 8)};
    last_inputs = {with_channels_last(inputs[0]), with_channels_last(inputs[1])};
    expected = reference(c, counts, floats(inputs[0]), floats(state["weight"]), floats(state["bias"]));
  }

  static std::vector<float> floats(const Tensor &tensor) { return tensor.to(f32).to_vector<float>(); }

  Executable program(Form form, bool named, const std::string &cpu) const {
    Shape x{named ? Dim("n") : Dim(c.batch), c.channels};
    for (size_t axis = 0; axis < c.size.size(); ++axis)
      x.push_back(named ? Dim("s" + std::to_string(axis)) : Dim(c.size[axis]));
    Shape y{x[0], c.out};
    for (size_t axis = 0; axis < c.size.size(); ++axis)
      y.push_back(named ? Dim("r" + std::to_string(axis)) : Dim(counts[axis]));
    Block block(c, form);
    block.load_state_dict(state);
    auto type = [&](const Shape &image) {
      return tensor_type(c.dtype, is_last(form) ? permuted(image, permutation(image.size(), true)) : image);
    };
    std::vector<GraphInput> types = {{"x", type(x)}, {"residual", type(y)}};
    return compile(Graph("f", block, types), {.cpu = cpu});
  }
  std::vector<Tensor> run(const Executable &exe, Form form, int threads) const {
    return Session(exe, {.threads = threads}).run(is_last(form) ? last_inputs : inputs);
  }

  double worst(const std::vector<float> &sums) const {
    REQUIRE(sums.size() == expected.sums.size());
    double worst = 0;
    for (size_t i = 0; i < sums.size(); ++i)
      worst =
          std::max(worst, std::isnan(sums[i]) ? INFINITY : std::abs(sums[i] - expected.sums[i]) / expected.sizes[i]);
    return worst;
  }

  Case c;
  std::vector<int64_t> counts;
  StateDict state;
  std::vector<Tensor> inputs, last_inputs;
  Sums expected;
};

// Not element by element: Catch would write them all.
void check_same(const std::vector<float> &expected, const Tensor &found) {
  std::vector<float> values = Run::floats(found);
  REQUIRE(values.size() == expected.size());
  size_t differences = 0;
  for (size_t i = 0; i < values.size(); ++i)
    differences += values[i] != expected[i];
  CHECK(differences == 0);
}

std::string text(const Case &c) {
  return std::to_string(c.batch) + " " + std::to_string(c.channels) + " " + std::to_string(c.out) + " of " +
         std::to_string(elements(c.size)) + ", groups " + std::to_string(c.options.groups) + " " +
         std::string(name_of(c.dtype));
}

void check(const Case &c) {
  INFO(text(c));
  Run run(c);
  for (bool named : {false, true}) {
    Executable exe = run.program(Form::fused, named, c.cpu);
    std::vector<Tensor> apart = run.run(run.program(Form::shown, named, c.cpu), Form::shown, 1);
    std::vector<float> fused = Run::floats(run.run(exe, Form::fused, 1)[0]);
    check_same(fused, apart[0]);
    check_same(fused, run.run(exe, Form::fused, 2)[0]);
    Tensor turned = with_channels_last(Tensor::from<float>(shape({c.batch, c.out}, run.counts), fused));
    Executable last = run.program(Form::channels_last, named, c.cpu + ",winograd=0");
    for (int threads : {1, 2})
      check_same(Run::floats(turned), run.run(last, Form::channels_last, threads)[0]);
    CHECK(run.worst(Run::floats(apart[1])) < (c.dtype == f32 ? 4e-6 : c.dtype == f16 ? 1e-3 : 8e-3));
  }
}

// By Winograd's kernel: near the sums, and the same whatever the threads and with what follows in one kernel.
void check_winograd(const Case &c, bool named = false) {
  INFO(text(c));
  Run run(c);
  Form shown = Form::channels_last_shown, form = Form::channels_last;
  std::vector<Tensor> apart = run.run(run.program(shown, named, c.cpu), shown, 1);
  CHECK(run.worst(Run::floats(with_channels_first(apart[1]))) < 1e-6);
  Executable exe = run.program(form, named, c.cpu);
  std::vector<float> direct = Run::floats(run.run(run.program(form, named, c.cpu + ",winograd=0"), form, 1)[0]);
  bool is_another = Run::floats(apart[0]) != direct; // kernel
  CHECK(is_another);
  for (int threads : {1, 2, 5})
    check_same(Run::floats(apart[0]), run.run(exe, form, threads)[0]);
}

// One with a weight of its own, of a batch with no image in it.
struct Alone : nn::Layer<Alone> {
  Alone() : weight(*this, "weight", f32, {6, 1, 3, 3}, Site()) {}
  Value forward(Value x) { return conv(x, weight, {.padding = {1, 1}, .groups = 6}); }
  Weight weight;
};

} // namespace

TEST_CASE("a depthwise convolution of no image") {
  Alone layer;
  layer.load_state_dict({{"weight", tensor(f32, {6, 1, 3, 3}, 1)}});
  Session session(compile(Graph("f", layer, {{"x", tensor_type(f32, {Dim("n"), 6, 9, 9})}})), {.threads = 1});
  CHECK(session.run({Tensor::zeros(f32, {0, 6, 9, 9})})[0].shape() == std::vector<int64_t>{0, 6, 9, 9});
}

TEST_CASE("convolutions are what the sums say, and the same with what follows them") {
  check({1, 3, 32, {9, 11}, {3, 3}, {.padding = {1, 1}}});
  check({2, 5, 40, {7, 7}, {3, 3}, {.padding = {1, 1}}});
  check({1, 70, 33, {14, 14}, {3, 3}, {.strides = {2, 2}, .padding = {1, 1}}});
  check({1, 3, 64, {31, 37}, {7, 7}, {.strides = {2, 2}, .padding = {3, 3}}});
  check({3, 17, 200, {5, 13}, {1, 1}});
  check({1, 600, 48, {3, 3}, {1, 1}});
  check({1, 9, 16, {12, 17}, {1, 1}, {.strides = {2, 2}}});
  check(
      {1, 4, 20, {19, 23}, {3, 2}, {.strides = {3, 3}, .padding = {2, 1}, .padding_end = {0, 2}, .dilations = {2, 4}}});
  check({2, 12, 96, {6, 10}, {3, 3}, {.padding = {1, 1}, .groups = 3}});
  check({1, 64, 32, {2, 3}, {3, 3}, {.padding = {4, 5}}}); // windows of nothing but padding
  check({1, 6, 32, {33, 1}, {3, 1}});
  check({2, 66, 31, {1, 1}, {1, 1}});
}

TEST_CASE("convolutions of few channels in a group") {
  check({2, 12, 36, {6, 10}, {3, 3}, {.padding = {1, 1}, .groups = 12}});
  check({1, 2, 5, {8, 8}, {3, 3}});
  check({1, 37, 37, {7, 7}, {3, 3}, {.padding = {1, 1}, .groups = 37}});
  check({2, 5, 5, {41, 57}, {3, 3}, {.padding = {1, 1}, .groups = 5}}); // rows in blocks
  check({1, 6, 6, {23, 30}, {5, 5}, {.strides = {2, 2}, .padding = {2, 2}, .groups = 6}});
  check({1, 9, 9, {14, 15}, {7, 7}, {.padding = {3, 3}, .groups = 9}});
  check({1, 4, 4, {19, 23}, {3, 2}, {.strides = {3, 3}, .padding = {2, 1}, .padding_end = {0, 2}, .groups = 4}});
  check({1, 4, 8, {19, 23}, {3, 3}, {.strides = {1, 2}, .padding = {4, 1}, .dilations = {4, 3}, .groups = 4}});
  check({1, 3, 3, {2, 3}, {3, 3}, {.padding = {4, 5}, .groups = 3}}); // windows of nothing but padding
  check({1, 40, 20, {9, 11}, {3, 3}, {.padding = {1, 1}, .groups = 2}});
  check({2, 300, 7, {9, 13}, {3, 3}, {.padding = {1, 1}}}); // channels in blocks
  check({3, 70, 3, {15, 10}, {1, 1}, {.strides = {2, 2}}});
  check({1, 3, 19, {31, 37}, {7, 7}, {.strides = {2, 2}, .padding = {3, 3}}});
  check({1, 2, 2, {3, 2500}, {3, 3}, {.padding = {1, 1}, .groups = 2}}); // columns in blocks
  check({1, 2, 3, {40, 50}, {30, 40}, {.padding = {20, 0}}});            // windows that reach too far
}

TEST_CASE("convolutions along one and three dimensions") {
  check({2, 10, 32, {100}, {5}, {.padding = {2}}});
  check({1, 7, 70, {130}, {4}, {.strides = {4}, .dilations = {3}}});
  check({1, 80, 16, {50}, {3}, {.strides = {2}, .padding = {1}}});
  check({2, 5, 5, {100}, {4}, {.padding = {3}, .padding_end = {0}, .groups = 5}});
  check({1, 5, 10, {5000}, {31}, {.padding = {15}, .groups = 5}});
  check({1, 6, 6, {5, 6, 7}, {3, 3, 3}, {.strides = {2, 1, 2}, .padding = {1, 1, 1}, .groups = 3}});
  check({2, 3, 32, {4, 6, 9}, {2, 3, 3}, {.strides = {1, 2, 1}, .padding = {1, 0, 1}, .dilations = {2, 1, 1}}});
  check({1, 3, 64, {5, 6, 7}, {3, 3, 3}, {.strides = {2, 2, 2}, .padding = {1, 1, 1}}});
}

TEST_CASE("convolutions of f16 and bf16") {
  for (DType dtype : {bf16, f16}) {
    check({1, 40, 70, {9, 11}, {3, 3}, {.padding = {1, 1}}, dtype});
    check({2, 33, 32, {14, 9}, {3, 3}, {.strides = {2, 2}, .padding = {1, 1}}, dtype});
    check({1, 5, 32, {14, 20}, {3, 3}, {.strides = {1, 3}}, dtype});
    check({2, 11, 11, {9, 11}, {3, 3}, {.padding = {1, 1}, .groups = 11}, dtype});
    check({1, 24, 12, {14, 13}, {3, 3}, {.strides = {2, 2}, .padding = {1, 1}, .groups = 4}, dtype});
    check({1, 4, 4, {30}, {4}, {.strides = {3}, .padding = {3}, .groups = 4}, dtype});
  }
}

TEST_CASE("convolutions by Winograd's F(2x2, 3x3)") {
  Case odd = {2, 48, 40, {13, 9}, {3, 3}, {.padding = {1, 1}}};
  Case uneven = {3, 32, 70, {10, 10}, {3, 3}, {.padding = {2, 0}, .padding_end = {1, 3}}};
  for (const Case &c : {odd, uneven})
    for (bool named : {false, true})
      check_winograd(c, named);
  odd.cpu = "x86-64-v2";
  check_winograd(odd);
  check_winograd({1, 32, 32, {12, 12}, {3, 3}, {.padding = {1, 1}}});
  check_winograd({1, 64, 33, {9, 15}, {3, 3}});                       // no padding
  check_winograd({1, 32, 32, {3, 50}, {3, 3}, {.padding = {4, 5}}});  // windows of none but it
  check_winograd({1, 512, 32, {11, 9}, {3, 3}, {.padding = {1, 1}}}); // few tiles of many channels
  check_winograd({1, 32, 160, {18, 23}, {3, 3}, {.padding = {1, 1}}});
}

TEST_CASE("convolutions in vectors of four and of eight lanes") {
  std::string cpu = GENERATE("x86-64-v2", "x86-64-v3");
  check({1, 5, 40, {9, 15}, {3, 3}, {.padding = {1, 1}}, f32, cpu});
  check({1, 70, 64, {14, 14}, {3, 3}, {.strides = {2, 2}, .padding = {1, 1}}, f32, cpu});
  check({2, 17, 33, {10, 10}, {1, 1}, {}, bf16, cpu});
  check({1, 4, 20, {19, 23}, {3, 2}, {.strides = {3, 3}, .padding = {2, 1}, .dilations = {2, 4}}, f32, cpu});
  check({1, 12, 64, {3, 3}, {3, 3}, {.padding = {1, 1}, .groups = 2}, f16, cpu});
  check({1, 7, 7, {9, 15}, {3, 3}, {.padding = {1, 1}, .groups = 7}, f32, cpu});
  check({1, 30, 15, {17, 9}, {5, 3}, {.strides = {2, 2}, .padding = {2, 1}, .groups = 5}, bf16, cpu});
}
