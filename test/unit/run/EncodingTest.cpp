// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Weights in blocks, computed with: the numbers that gguf-py and PyTorch make of them (test/data/encodings/make.py), and
// products that differ from those of the decoded weight only in the order of their sums and, where there is a kernel, in what
// quantising the input costs.
#include "test/unit/Support.h"
#include "tools/run/Values.h"
#include "varve/compiler/Compile.h"
#include "varve/nn.h"
#include "varve/ops/Quantize.h"
#include "varve/runtime/Npz.h"
#include "varve/runtime/Session.h"
#include "varve/runtime/varve.h"
#include "varve/weights/Open.h"
#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <memory>

using namespace varve;
using namespace varve::test;

namespace {

struct Numbers : nn::Layer<Numbers> {
  Weight weight;
  explicit Numbers(const std::vector<int64_t> &shape) : weight(*this, "weight", f32, {shape.begin(), shape.end()}) {}
  Value forward() { return dequantize(weight); }
};

// A table that is looked up in and multiplied with, as a model's that ties its embedding.
struct Tied : nn::Layer<Tied> {
  Child<nn::Embedding> table;
  Child<nn::Linear> head;
  Tied(int64_t count, int64_t dim, DType dtype)
      : table(*this, "table", count, dim, nn::EmbeddingOptions{.dtype = dtype}),
        head(*this, "head", dim, count, nn::LinearOptions{.dtype = dtype}) {
    head.set_shared_weight("weight", table.weight);
  }
  std::pair<Value, Value> forward(Value ids, Value x) { return {table(ids), head(x)}; }
};

std::vector<Tensor> outputs(const Executable &executable, const std::vector<Tensor> &inputs, int threads = 1) {
  Session session(executable, {.threads = threads});
  return session.run(inputs);
}

int64_t differing(const Tensor &found, const Tensor &expected) {
  REQUIRE(found.shape() == expected.shape());
  int64_t count = 0;
  for (int64_t i = 0; i < found.size(); ++i) {
    float a = found.data<float>()[i], b = expected.data<float>()[i];
    bool same = std::isnan(a) ? std::isnan(b) : std::bit_cast<uint32_t>(a) == std::bit_cast<uint32_t>(b);
    count += same ? 0 : 1;
  }
  return count;
}

} // namespace

TEST_CASE("compiled code makes of blocks what gguf-py and PyTorch make of them, bit for bit") {
  StateDict golden = load_npz(VARVE_TEST_DATA "/encodings/blocks.npz");
  for (const EncodingInfo &info : encodings().subspan(1)) {
    std::string name(info.name);
    INFO(name);
    Tensor blocks = Tensor::encoded(info.encoding, golden.at(name + ".blocks"));
    Numbers model(blocks.logical_shape());
    model.load_state_dict({{"weight", blocks}}, {.override_quantization_encoding = true});
    Executable executable = compile(Graph("numbers", model, {}));
    CHECK(differing(outputs(executable, {})[0], golden.at(name)) == 0);
  }
}

TEST_CASE("embedding and linear take a weight of every encoding") {
  for (const EncodingInfo &info : encodings().subspan(1)) {
    // One piece, and several with a rest.
    for (auto [rows, columns] : {std::pair<int64_t, int64_t>(5, 3 * info.elements), {1030, 512}, {3, 131072}}) {
      INFO(info.name << " " << rows << "x" << columns);
      Tensor blocks = run::make_blocks("random", "w", info.encoding, {rows, columns});
      Tensor plain = blocks.to(f32);
      Tensor ids = Tensor::from<int64_t>({3}, {1, -1, 0});
      Tied model(rows, columns, f32);
      model.load_state_dict({{"table.weight", blocks}}, {.override_quantization_encoding = true});
      Executable executable =
          compile(Graph("tied", model, {tensor_type(i64, {"n"}), tensor_type(f32, {"batch", columns})}));
      for (int64_t batch : {1, 0, 7}) {
        Tensor x = run::make_values("random", "x", f32, {batch, columns});
        std::vector<Tensor> found = outputs(executable, {ids, x});
        Tensor rows_found = found[0];
        for (int64_t row = 0; row < 3; ++row) {
          int64_t from = row == 0 ? 1 : row == 1 ? rows - 1 : 0;
          for (int64_t k = 0; k < columns; ++k)
            REQUIRE(rows_found.data<float>()[row * columns + k] == plain.data<float>()[from * columns + k]);
        }
        REQUIRE(found[1].shape() == std::vector<int64_t>{batch, rows});
        for (int64_t m = 0; m < batch; ++m)
          for (int64_t n = 0; n < rows; n += 1 + rows / 9) {
            double sum = 0, bound = 0;
            // Kernels round the input to int8, a block's length at a time.
            for (int64_t begin = 0; begin < columns; begin += info.elements) {
              double most = 0, size = 0;
              for (int64_t k = begin; k < begin + info.elements; ++k) {
                double a = x.data<float>()[m * columns + k], b = plain.data<float>()[n * columns + k];
                sum += a * b;
                bound += 1e-6 * std::abs(a * b);
                most = std::max(most, std::abs(a));
                size += std::abs(b);
              }
              if (has_panels(info.encoding))
                bound += most / 254 * size;
            }
            REQUIRE(std::abs(found[1].data<float>()[m * rows + n] - sum) <= bound);
          }
        CHECK(differing(outputs(executable, {ids, x}, 2)[1], found[1]) == 0);
      }
    }
  }
}

TEST_CASE("a bf16 model takes weights in blocks") {
  Tensor blocks = run::make_blocks("random", "w", Encoding::q8_0, {6, 64});
  Tied model(6, 64, bf16);
  model.load_state_dict({{"table.weight", blocks}}, {.override_quantization_encoding = true});
  Executable executable = compile(Graph("tied", model, {tensor_type(i64, {1}), tensor_type(bf16, {2, 64})}));
  Tensor x = run::make_values("random", "x", bf16, {2, 64});
  std::vector<Tensor> found = outputs(executable, {Tensor::from<int64_t>({1}, {5}), x});
  CHECK(found[0].type() == "bf16 [1, 64]");
  CHECK(found[1].type() == "bf16 [2, 6]");
  std::vector<float> plain = blocks.to(f32).to_vector<float>(), rounded = blocks.to(bf16).to_vector<float>();
  std::vector<float> row = found[0].to_vector<float>(), in = x.to_vector<float>(), out = found[1].to_vector<float>();
  for (size_t k = 0; k < 64; ++k)
    REQUIRE(row[k] == rounded[5 * 64 + k]);
  for (size_t n = 0; n < 6; ++n) {
    float sum = 0;
    for (size_t k = 0; k < 64; ++k)
      sum += in[k] * plain[n * 64 + k];
    CHECK(out[n] == Approx(sum).epsilon(0.01).margin(1e-2)); // the input is rounded to int8
  }
}

TEST_CASE("what is bound must have the encoding that was compiled") {
  Numbers model({2, 32});
  model.load_state_dict({{"weight", run::make_blocks("random", "w", Encoding::q4_0, {2, 32})}},
                        {.override_quantization_encoding = true});
  Graph graph("numbers", model, {});
  Executable executable = compile(graph);
  REQUIRE(executable.weights()[0].encoding == Encoding::q4_0);
  auto error = [&](const Tensor &tensor) { return error_of([&] { executable.bind({{"weight", tensor}}); }); };
  CHECK(contains(error(Tensor::zeros(f32, {2, 32})), "expects q4_0 [2, 32], but got f32 [2, 32]"));
  CHECK(contains(error(run::make_blocks("zeros", "w", Encoding::q8_0, {2, 32})),
                 "expects q4_0 [2, 32], but got q8_0 [2, 32]"));
  CHECK(contains(error(run::make_blocks("zeros", "w", Encoding::q4_0, {2, 64})),
                 "expects q4_0 [2, 32], but got q4_0 [2, 64]"));
}

TEST_CASE("blocks are bound from C as bytes") {
  Numbers model({2, 64});
  Tensor blocks = run::make_blocks("random", "w", Encoding::q8_0, {2, 64});
  model.load_state_dict({{"weight", blocks}}, {.override_quantization_encoding = true});
  Graph graph("numbers", model, {});
  TemporaryFolder folder;
  std::string path = (folder / "numbers.varve").string();
  compile(graph).save(path);
  std::unique_ptr<varve_executable, void (*)(varve_executable *)> executable(varve_executable_load(path.c_str()),
                                                                             varve_executable_free);
  REQUIRE(executable);
  int64_t shape[3] = {2, 2, info_of(Encoding::q8_0).bytes};
  DLTensor bytes = {const_cast<void *>(blocks.data()), {kDLCPU, 0}, 3, {kDLUInt, 8, 1}, shape, nullptr, 0};
  const char *name = "weight";
  const DLTensor *tensor = &bytes;
  CAPTURE(varve_last_error());
  REQUIRE(varve_executable_bind_weights(executable.get(), &name, &tensor, 1) == 0);
  std::unique_ptr<varve_session, void (*)(varve_session *)> session(varve_session_create(executable.get(), 1),
                                                                    varve_session_free);
  DLManagedTensorVersioned *output = nullptr;
  REQUIRE(varve_session_run(session.get(), nullptr, nullptr, 0, &output, 1) == 0);
  Tensor expected = blocks.to(f32);
  const auto *values = static_cast<const float *>(output->dl_tensor.data);
  CHECK(std::equal(values, values + 128, expected.data<float>()));
  output->deleter(output);

  shape[2] = 18;
  CHECK(varve_executable_bind_weights(executable.get(), &name, &tensor, 1) == 1);
  CHECK(contains(varve_last_error(), "34"));
}

TEST_CASE("a product by way of f32 says so") {
  Tied model(4, 32, f32);
  model.load_state_dict({{"table.weight", run::make_blocks("random", "w", Encoding::q5_1, {4, 32})}},
                        {.override_quantization_encoding = true});
  std::vector<std::string> remarks;
  Graph graph("tied", model, {tensor_type(i64, {1}), tensor_type(f32, {1, 32})});
  compile(graph, {.remark = [&](std::string_view text) { remarks.emplace_back(text); }});
  REQUIRE(remarks.size() == 1);
  CHECK(contains(remarks[0], "in layer 'head': computed by way of f32: there is no kernel for weights in q5_1"));
}

namespace {

// Anything that a function makes of tensors, as a layer with these as weights.
struct Made : nn::Layer<Made> {
  std::map<std::string, std::unique_ptr<Weight>> weights;
  std::function<Value(Made &)> function;
  Made(const StateDict &state, std::function<Value(Made &)> function) : function(std::move(function)) {
    for (const auto &[name, tensor] : state) {
      bool blocks = tensor.encoding() != Encoding::none;
      std::vector<int64_t> shape = tensor.logical_shape();
      auto &weight = weights[name] =
          std::make_unique<Weight>(*this, name, blocks ? f32 : tensor.dtype(), Shape(shape.begin(), shape.end()));
      weight->set_quantization_encoding(tensor.encoding());
    }
    load_state_dict(state);
  }
  Value forward() { return function(*this); }
  const Weight &operator[](const std::string &name) const { return *weights.at(name); }
};

// The cases of test/data/encodings/make-scaled.py: name to its tensors.
std::map<std::string, StateDict> scaled_cases() {
  std::map<std::string, StateDict> cases;
  for (auto &[name, tensor] : weights::open(VARVE_TEST_DATA "/encodings/scaled.safetensors").tensors) {
    size_t dot = name.rfind('.');
    cases[name.substr(0, dot)][name.substr(dot + 1)] = tensor;
  }
  return cases;
}

// Without what is expected.
StateDict given(const StateDict &state) {
  StateDict rest = state;
  rest.erase("expected");
  return rest;
}

} // namespace

TEST_CASE("FP8 with scales is what PyTorch makes of it, bit for bit") {
  int count = 0;
  for (auto &[name, state] : scaled_cases()) {
    if (!name.starts_with("f8"))
      continue;
    INFO(name);
    std::array<int64_t, 2> block = {};
    if (contains(name, "block"))
      block = {128, 128};
    Made model(given(state), [&](Made &made) { return dequantize(made["weight"], made["scale"], block); });
    CHECK(differing(outputs(compile(Graph("numbers", model, {})), {})[0], state.at("expected")) == 0);
    ++count;
  }
  CHECK(count == 16);
}

TEST_CASE("GPTQ is what its formula gives in f32, bit for bit") {
  int count = 0;
  for (auto &[name, state] : scaled_cases()) {
    if (!name.starts_with("gptq"))
      continue;
    INFO(name);
    GptqOptions options{.bits = name[5] - '0', .zero_offset = name.ends_with("v2") ? 0 : 1};
    Made model(given(state), [&](Made &made) {
      return transpose(dequantize_gptq(made["qweight"], made["qzeros"], made["scales"], made["g_idx"], options),
                       {1, 0});
    });
    CHECK(differing(outputs(compile(Graph("numbers", model, {})), {})[0], state.at("expected")) == 0);
    ++count;
  }
  CHECK(count == 30);
}

TEST_CASE("layers take FP8 with scales, and GPTQ") {
  std::map<std::string, StateDict> cases = scaled_cases();
  auto check = [](auto &model, const Tensor &expected, DType dtype) {
    int64_t out = expected.shape()[0], in = expected.shape()[1];
    Tensor x = run::make_values("random", "x", dtype, {3, in});
    Tensor y = outputs(compile(Graph("product", model, {tensor_type(dtype, {"n", in})})), {x})[0].to(f32);
    REQUIRE(y.shape() == std::vector<int64_t>{3, out});
    std::vector<float> a = x.to_vector<float>(), w = expected.to_vector<float>(), found = y.to_vector<float>();
    for (size_t m = 0; m < 3; ++m)
      for (size_t n = 0; n < static_cast<size_t>(out); ++n) {
        double sum = 0, size = 0;
        for (size_t k = 0; k < static_cast<size_t>(in); ++k) {
          double product = double(a[m * static_cast<size_t>(in) + k]) * w[n * static_cast<size_t>(in) + k];
          sum += product, size += std::abs(product);
        }
        REQUIRE(std::abs(found[m * static_cast<size_t>(out) + n] - sum) <= (dtype == f32 ? 1e-6 : 4e-3) * size);
      }
  };
  using Of = nn::WeightScale::Of;
  for (auto [of, name] : {std::pair(Of::tensor, "tensor"), {Of::row, "row"}, {Of::block, "block"}})
    for (Encoding encoding : {Encoding::f8e4m3, Encoding::f8e5m2}) {
      std::string full = std::string(name_of(encoding)) + "." + name;
      INFO(full);
      StateDict state = cases.at(full);
      Tensor expected = state.at("expected");
      nn::Linear linear(expected.shape()[1], expected.shape()[0],
                        {.encoding = encoding, .scale = nn::WeightScale{.of = of, .name = "scale"}});
      linear.load_state_dict(given(state));
      check(linear, expected, f32);
      nn::Embedding embedding(expected.shape()[0], expected.shape()[1],
                              {.encoding = encoding, .scale = nn::WeightScale{.of = of, .name = "scale"}});
      embedding.load_state_dict(given(state));
      Tensor row =
          outputs(compile(Graph("row", embedding, {tensor_type(i64, {1})})), {Tensor::from<int64_t>({1}, {-1})})[0];
      int64_t in = expected.shape()[1];
      for (int64_t k = 0; k < in; ++k)
        REQUIRE(row.data<float>()[k] == expected.data<float>()[(expected.shape()[0] - 1) * in + k]);
    }
  const StateDict &state = cases.at("gptq.4-32-order");
  const Tensor &expected = state.at("expected");
  Made rows(given(state), [](Made &made) {
    Value factor = dequantize_gptq(made["qweight"], made["qzeros"], made["scales"], made["g_idx"]);
    return gather(transpose(factor, {1, 0}), constant(Tensor::from<int64_t>({2}, {-1, 0})));
  });
  std::vector<float> looked_up = outputs(compile(Graph("rows", rows, {})), {})[0].to_vector<float>();
  std::vector<float> table = expected.to_vector<float>();
  auto columns = static_cast<size_t>(expected.shape()[1]);
  CHECK(std::equal(table.end() - static_cast<ptrdiff_t>(columns), table.end(), looked_up.begin()));
  CHECK(std::equal(table.begin(), table.begin() + static_cast<ptrdiff_t>(columns),
                   looked_up.begin() + static_cast<ptrdiff_t>(columns)));
  for (DType dtype : {f32, f16}) {
    nn::GptqLinear linear(expected.shape()[1], expected.shape()[0], {.dtype = dtype, .group = 32});
    linear.load_state_dict(given(state), {.cast = true});
    check(linear, expected, dtype);
  }
}
