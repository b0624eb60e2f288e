// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Single ops that are no products with weights: attention, norms and elementwise chains; and convolutions.
#include "tools/bench/Bench.h"
#include "tools/run/Load.h"
#include "tools/run/Values.h"
#include "varve/Error.h"
#include "varve/compiler/Compile.h"
#include "varve/nn.h"
#include <algorithm>
#include <array>

namespace varve::bench {
namespace {

constexpr double from_memory = 256e6; // as much as no cache holds

Unit unit_of(DType dtype) { return dtype == bf16 ? Unit::bf16 : Unit::f32; }

// How many pairs of a query and a key the mask leaves, for one head of one item.
double pairs_of(const AttentionShape &shape) {
  if (!shape.causal && shape.window == 0)
    return double(shape.queries) * double(shape.keys);
  double pairs = 0;
  for (int64_t i = 0; i < shape.queries; ++i) {
    int64_t seen = std::max<int64_t>(i + shape.keys - shape.queries + 1, 0);
    pairs += double(shape.window ? std::min(seen, shape.window) : seen);
  }
  return pairs;
}

Value apply(const std::string &op, const std::vector<Value> &x) {
  if (op == "rms_norm")
    return rms_norm(x[0], x[1]);
  if (op == "layer_norm")
    return layer_norm(x[0], x[1], x[2]);
  if (op == "softmax")
    return softmax(x[0]);
  if (op == "rope")
    return rope(x[0], x[1], x[2]);
  if (op == "swiglu")
    return silu(x[0]) * x[1];
  if (op == "gelu")
    return gelu(x[0]);
  if (op == "chain")
    return relu(x[0] * x[1] + x[0]) * x[1] - x[0];
  throw Error("expects --op rms_norm, layer_norm, softmax, rope, swiglu, gelu or chain, but got '" + op + "'");
}

// What an op takes, the large ones first, and how many of these there are.
std::pair<std::vector<GraphInput>, int> inputs_of(const std::string &op, int64_t rows, int64_t width, DType dtype) {
  TensorType matrix = tensor_type(dtype, {rows, width}), vector = tensor_type(dtype, {width});
  if (op == "rms_norm")
    return {{matrix, vector}, 1};
  if (op == "layer_norm")
    return {{matrix, vector, vector}, 1};
  if (op == "rope") { // heads of 64
    if (width % 64 != 0)
      throw Error("expects --width a multiple of 64 of rope, but got " + std::to_string(width));
    TensorType angles = tensor_type(f32, {rows, 32});
    return {{tensor_type(dtype, {1, rows, width / 64, 64}), angles, angles}, 1};
  }
  if (op == "swiglu" || op == "chain")
    return {{matrix, matrix}, 2};
  return {{matrix}, 1};
}

std::vector<Tensor> random_inputs(const Executable &executable) {
  std::vector<Tensor> tensors;
  for (const TensorInfo &info : executable.inputs())
    tensors.push_back(run::make_values("random", info.name, info.dtype, info.sizes));
  return tensors;
}

} // namespace

Report attention(const std::vector<AttentionShape> &shapes, const Settings &settings) {
  Report report("attention", {{"batch", "", 0},
                              {"heads", "", 0},
                              {"kv heads", "", 0},
                              {"queries", "", 0},
                              {"keys", "", 0},
                              {"head", "", 0},
                              {"mask", ""},
                              {"dtype", ""},
                              {"threads", "", 0},
                              {"median", "ms", 3},
                              {"GFLOP/s", "", 1},
                              {"GB/s", "", 1},
                              {"% of roof", "", 1},
                              {"roof", ""}});
  Machine machine;
  report.note("machine", machine.text());
  std::vector<unsigned> counts = thread_counts(settings, machine);
  for (const AttentionShape &shape : shapes) {
    bool decode = shape.queries == 1;
    int64_t seen = shape.window ? std::min(shape.window, shape.keys) : shape.keys;
    double bytes = 2.0 * double(shape.batch * seen * shape.kv_heads * shape.head_dim) * double(size_of(shape.dtype));
    double flops = 4.0 * double(shape.batch * shape.heads * shape.head_dim) * pairs_of(shape);
    // So many that all come from memory; of small ones 16, which a cache may hold, since more take long to compile.
    int64_t count = decode ? std::clamp<int64_t>(static_cast<int64_t>(from_memory / bytes + 0.999), 1, 16) : 1;
    TensorType query = tensor_type(shape.dtype, {shape.batch, shape.queries, shape.heads, shape.head_dim});
    TensorType key = tensor_type(shape.dtype, {shape.batch, shape.keys, shape.kv_heads, shape.head_dim});
    std::vector<GraphInput> inputs = {query};
    for (int64_t i = 0; i < 2 * count; ++i)
      inputs.emplace_back(key);
    AttentionOptions options{.causal = shape.causal};
    if (shape.window)
      options.window = shape.window;
    Graph graph(
        "attention",
        [&](const std::vector<Value> &x) {
          std::vector<Value> results;
          for (size_t i = 1; i < x.size(); i += 2)
            results.push_back(varve::attention(x[0], x[i], x[i + 1], options));
          return results;
        },
        inputs);
    Executable executable = compile(graph, {.cpu = settings.cpu});
    std::vector<Tensor> values = random_inputs(executable);
    std::string mask = shape.window ? "window " + std::to_string(shape.window) : shape.causal ? "causal" : "none";
    for (unsigned threads : counts) {
      Session session(executable, {.threads = static_cast<int>(threads)});
      Unit unit = unit_of(shape.dtype);
      double each = 1 / double(count);
      Measured times =
          measure(session, "attention", values, settings.seconds, (decode ? bytes : flops) * double(count) * 1e-9,
                  [&] { return decode ? machine.bandwidth(threads) : machine.peak(unit, threads); });
      double median = times.median * each;
      report.add({double(shape.batch), double(shape.heads), double(shape.kv_heads), double(shape.queries),
                  double(shape.keys), double(shape.head_dim), mask, std::string(name_of(shape.dtype)), double(threads),
                  median * 1e3, flops / median * 1e-9, bytes / median * 1e-9, times.ratio * 100,
                  decode ? std::string("read") : std::string(name_of(unit)) + " peak"});
    }
  }
  return report;
}

Report norm(const std::vector<std::string> &ops, const std::vector<int64_t> &rows, const std::vector<int64_t> &widths,
            DType dtype, const Settings &settings) {
  Report report("norm", {{"op", ""},
                         {"rows", "", 0},
                         {"width", "", 0},
                         {"dtype", ""},
                         {"threads", "", 0},
                         {"MB", "", 1},
                         {"median", "ms", 4},
                         {"GB/s", "", 1},
                         {"% of read", "", 1}});
  Machine machine;
  report.note("machine", machine.text());
  for (const std::string &op : ops)
    for (int64_t width : widths)
      for (int64_t count : rows) {
        auto [inputs, large] = inputs_of(op, count, width, dtype);
        Graph graph("op", [&](const std::vector<Value> &x) { return apply(op, x); }, inputs);
        Executable executable = compile(graph, {.cpu = settings.cpu});
        std::vector<Tensor> values = random_inputs(executable);
        double bytes = double(count) * double(width) * double(size_of(dtype)) * (large + 1);
        for (unsigned threads : thread_counts(settings, machine)) {
          Session session(executable, {.threads = static_cast<int>(threads)});
          Measured times = measure(session, "op", values, settings.seconds, bytes * 1e-9,
                                   [&] { return machine.bandwidth(threads); });
          report.add({op, double(count), double(width), std::string(name_of(dtype)), double(threads), bytes * 1e-6,
                      times.median * 1e3, bytes / times.median * 1e-9, times.ratio * 100});
        }
      }
  return report;
}

static std::vector<ConvShape> resnet_shapes() {
  std::vector<ConvShape> shapes = {{.c = 3, .h = 224, .w = 224, .k = 64, .r = 7, .s = 7, .stride = 2, .pad = 3}};
  int64_t in = 64, size = 56;
  for (int64_t middle = 64; middle <= 512; middle *= 2) {
    int64_t stride = middle == 64 ? 1 : 2, out = 4 * middle;
    auto add = [&](int64_t c, int64_t side, int64_t k, int64_t r, int64_t step) {
      shapes.push_back({.c = c, .h = side, .w = side, .k = k, .r = r, .s = r, .stride = step, .pad = r / 2});
    };
    add(in, size, middle, 1, 1);
    add(middle, size, middle, 3, stride);
    add(in, size, out, 1, stride);
    size /= stride;
    add(middle, size, out, 1, 1);
    add(out, size, middle, 1, 1);
    if (stride == 2)
      add(middle, size, middle, 3, 1);
    in = out;
  }
  return shapes;
}

std::vector<ConvShape> conv_shapes(const std::string &net) {
  if (net == "resnet50")
    return resnet_shapes();
  std::vector<ConvShape> shapes;
  auto add = [&](int64_t c, int64_t side, int64_t r, int64_t stride, int64_t groups) {
    shapes.push_back(
        {.c = c, .h = side, .w = side, .k = c, .r = r, .s = r, .stride = stride, .pad = r / 2, .groups = groups});
  };
  if (net == "resnext50") {
    for (int64_t c = 128, side = 56; c <= 1024; c *= 2, side /= 2) {
      if (c > 128)
        add(c, 2 * side, 3, 2, 32);
      add(c, side, 3, 1, 32);
    }
    return shapes;
  }
  if (net != "depthwise")
    throw Error("expects --net resnet50, resnext50 or depthwise, but got '" + net + "'");
  for (auto [c, side, r, stride] : std::vector<std::array<int64_t, 4>>{{32, 112, 3, 1},
                                                                       {96, 112, 3, 2},
                                                                       {144, 56, 3, 1},
                                                                       {192, 28, 3, 1},
                                                                       {576, 14, 3, 1},
                                                                       {960, 7, 3, 1},
                                                                       {240, 28, 5, 2},
                                                                       {672, 14, 5, 1},
                                                                       {96, 56, 7, 1},
                                                                       {768, 7, 7, 1}})
    add(c, side, r, stride, c);
  // Along one axis: Mamba's, and a Conformer's.
  shapes.push_back({.c = 1536, .h = 1, .w = 1024, .k = 1536, .r = 1, .s = 4, .groups = 1536});
  shapes.push_back({.c = 512, .h = 1, .w = 400, .k = 512, .r = 1, .s = 31, .groups = 512});
  return shapes;
}

Report conv(const std::vector<ConvShape> &shapes, const Settings &settings) {
  Report report("conv", {{"N", "", 0},
                         {"C", "", 0},
                         {"H", "", 0},
                         {"W", "", 0},
                         {"K", "", 0},
                         {"R", "", 0},
                         {"S", "", 0},
                         {"stride", "", 0},
                         {"pad", "", 0},
                         {"groups", "", 0},
                         {"dtype", ""},
                         {"threads", "", 0},
                         {"best", "ms", 3},
                         {"median", "ms", 3},
                         {"GFLOP/s", "", 1},
                         {"% of peak", "", 1},
                         {"GB/s", "", 1}});
  Machine machine;
  report.note("machine", machine.text());
  for (const ConvShape &shape : shapes) {
    ConvOptions options{.strides = {shape.stride, shape.stride}, .padding = {shape.pad, shape.pad}};
    options.groups = shape.groups;
    nn::Conv2d layer(shape.c, shape.k,
                     {.kernel = {shape.r, shape.s},
                      .strides = options.strides,
                      .padding = options.padding,
                      .groups = shape.groups,
                      .dtype = shape.dtype});
    varve::Shape image{shape.n, shape.c, shape.h, shape.w};
    if (shape.channels_last)
      std::rotate(image.begin() + 1, image.begin() + 2, image.end());
    std::vector<GraphInput> inputs{tensor_type(shape.dtype, image)};
    if (shape.given)
      inputs.emplace_back(tensor_type(shape.dtype, {shape.k, shape.c / shape.groups, shape.r, shape.s}));
    Graph graph(
        "conv",
        [&](const std::vector<Value> &x) {
          if (shape.channels_last) // no transposition is left of these
            return transpose(layer(transpose(x[0], {0, 3, 1, 2})), {0, 2, 3, 1});
          return shape.given ? varve::conv(x[0], x[1], options) : layer(x[0]);
        },
        inputs);
    Executable executable = compile(graph, {.cpu = settings.cpu});
    executable = executable.bind(run::load_weights(executable, "random", "conv"));
    std::vector<Tensor> values = random_inputs(executable);
    std::vector<int64_t> out = executable.outputs()[0].sizes;
    if (shape.channels_last)
      std::rotate(out.begin() + 1, out.end() - 1, out.end());
    double flops =
        2.0 * double(shape.n * shape.k) * double(out[2] * out[3]) * double(shape.c / shape.groups * shape.r * shape.s);
    double bytes = double(size_of(shape.dtype)) * double(shape.n) *
                   double(shape.c * shape.h * shape.w + shape.k * out[2] * out[3]);
    for (unsigned threads : thread_counts(settings, machine)) {
      Session session(executable, {.threads = static_cast<int>(threads)});
      Measured times = measure(session, "conv", values, settings.seconds, flops * 1e-9,
                               [&] { return machine.peak(unit_of(shape.dtype), threads); });
      report.add({double(shape.n), double(shape.c), double(shape.h), double(shape.w), double(shape.k), double(shape.r),
                  double(shape.s), double(shape.stride), double(shape.pad), double(shape.groups),
                  std::string(name_of(shape.dtype)), double(threads), times.best * 1e3, times.median * 1e3,
                  flops / times.median * 1e-9, times.ratio * 100, bytes / times.median * 1e-9});
    }
  }
  return report;
}

} // namespace varve::bench
