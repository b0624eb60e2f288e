// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Models that were placed: what runs, what is refused, and graphs of different placement in one program.
#include "lib/compiler/ModuleReader.h"
#include "lib/compiler/Registration.h"
#include "test/unit/Support.h"
#include "varve/compiler/Compile.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::error_of;

namespace {

struct Block : nn::Layer<Block> {
  Child<nn::Linear> up{*this, "up", 8, 16}, down{*this, "down", 16, 8};
  Value forward(Value x) { return x + down(silu(up(x))); }
};

struct Model : nn::Layer<Model> {
  Child<Block> first{*this, "first"}, second{*this, "second"};
  Model() {
    StateDict state;
    int seed = 1;
    for (const auto &[name, weight] : raw_state_dict()) {
      std::vector<float> values(128);
      for (float &value : values)
        value = static_cast<float>((seed = seed * 7919 % 10007)) * 1e-4f - 0.5f;
      state.emplace(name, Tensor::from<float>({weight->shape()[0].value(), weight->shape()[1].value()}, values));
    }
    load_state_dict(state);
  }
  Value forward(Value x) { return second(first(x)); }
};

const TensorType matrix = tensor_type(f32, {"n", 8});

std::vector<float> run(Model &model) {
  std::vector<float> values(24);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(i) * 0.1f - 1;
  return compile(Graph("f", model, {matrix}))({Tensor::from<float>({3, 8}, values)})[0].to_vector<float>();
}

// The text of modules merged into the first, or the error.
std::string merged(const std::vector<std::string> &texts) {
  mlir::MLIRContext context(compiler::registry(), mlir::MLIRContext::Threading::DISABLED);
  std::string error;
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) { error += diagnostic.str(); });
  mlir::OwningOpRef<mlir::ModuleOp> all;
  for (const std::string &text : texts) {
    auto part = compiler::readModule(text, "part", context);
    if (!part)
      return error;
    if (!all)
      all = std::move(part);
    else if (failed(compiler::mergeModule(*all, *part)))
      return error;
  }
  std::string text;
  llvm::raw_string_ostream stream(text);
  all->print(stream);
  return text;
}

} // namespace

TEST_CASE("on the device that is there, a model gives the same bits as one that was never placed") {
  Model placed, apart, never;
  placed.to({cpu(0)});
  apart.second.to({cpu(0)}, Sharding::tensor_parallel());
  std::vector<float> expected = run(never);
  CHECK(run(placed) == expected);
  CHECK(run(apart) == expected);
}

TEST_CASE("a device that is not there throws with the layer and the line of `to`") {
  Model model;
  uint32_t line = Site::current().line() + 1;
  model.second.to({cuda(1)});
  Graph graph("f", model, {matrix});
  try {
    compile(graph);
    FAIL("expects an error");
  } catch (const Error &error) {
    CHECK(error.message() == "expects a device that this build can use, cpu:0, but got cuda:1 for layer 'second'");
    CHECK(error.layer() == "second");
    CHECK(contains(error.file(), "PlacementTest.cpp"));
    CHECK(error.line() == line);
  }
}

TEST_CASE("several devices are refused as long as programs are not partitioned") {
  Model model;
  model.to({cpu(0), cpu(1)}, Sharding::tensor_parallel());
  std::string error = error_of([&] { compile(Graph("f", model, {matrix})); });
  CHECK(contains(error, "PlacementTest.cpp:"));
  CHECK(contains(error,
                 "error: expects one device, since programs are not partitioned over several yet, but got cpu:0, "
                 "cpu:1 for graph 'f'"));
}

TEST_CASE("graphs of one model share its meshes") {
  Model model;
  model.to({cpu(0)});
  Graph prefill("prefill", model, {matrix}), decode("decode", model, {tensor_type(f32, {1, 8})});
  CHECK(compile({&prefill, &decode}).entries() == std::vector<std::string>{"prefill", "decode"});
  std::string text = merged({prefill.text(), decode.text()});
  CHECK(text.find("varve.mesh") == text.rfind("varve.mesh"));
  CHECK(contains(text, "varve.graph @prefill("));
  CHECK(contains(text, "varve.graph @decode("));
}

TEST_CASE("meshes of several graphs become one if they are equal, and get other names if names clash") {
  std::string text = merged({R"(
    varve.mesh @a <model = 1> ["cpu:0"]
    varve.mesh @b <model = 2> ["cuda:0", "cuda:1"]
    varve.mesh @h <model = 1> ["cpu:7"]
    varve.weight @v : tensor<4xf32> sharding<@a, [{}]>
    varve.graph @f() on @h {
      varve.layer "l" : "L" on @a {
      }
      varve.output
    })",
                             R"(
    varve.mesh @b <model = 1> ["cpu:0"]
    varve.mesh @c <model = 1> ["cpu:9"]
    varve.mesh @f <model = 1> ["cpu:8"]
    varve.mesh @d <model = 2> ["cuda:0", "cuda:1"]
    varve.weight @w : tensor<4xf32> sharding<@b, [{}]>
    varve.weight @v : tensor<4xf32> sharding<@b, [{}]>
    varve.graph @h() on @f {
      varve.layer "l" : "L" on @d {
        varve.layer "m" : "M" on @c {
        }
      }
      varve.output
    })"});
  CHECK(text == R"(module {
  varve.mesh @a <model = 1> ["cpu:0"]
  varve.mesh @b_1 <model = 2> ["cuda:0", "cuda:1"]
  varve.mesh @h_1 <model = 1> ["cpu:7"]
  varve.weight @v : tensor<4xf32> sharding<@a, [{}]>
  varve.graph @f() on @h_1 {
    varve.layer "l" : "L" on @a {
    }
    varve.output
  }
  varve.mesh @c <model = 1> ["cpu:9"]
  varve.mesh @f_1 <model = 1> ["cpu:8"]
  varve.weight @w : tensor<4xf32> sharding<@a, [{}]>
  varve.graph @h() on @f_1 {
    varve.layer "l" : "L" on @b_1 {
      varve.layer "m" : "M" on @c {
      }
    }
    varve.output
  }
}
)");
}

TEST_CASE("graphs that say different things of one weight, or have one name, are refused") {
  std::string mesh = "varve.mesh @m <model = 2> [\"cuda:0\", \"cuda:1\"]\n";
  std::string whole = mesh + "varve.weight @w : tensor<4xf32> sharding<@m, [{}]>";
  std::string split = mesh + "varve.weight @w : tensor<4xf32> sharding<@m, [{model}]>";
  CHECK(contains(merged({whole, split}), "expects one sharding in all graphs, but got #varve.sharding<@m, [{}]> and "
                                         "#varve.sharding<@m, [{model}]>"));
  CHECK(contains(merged({"varve.weight @w : tensor<4xf32>", split}),
                 "expects one sharding in all graphs, but got none and #varve.sharding<@m, [{model}]>"));
  CHECK(contains(merged({"varve.weight @w : tensor<4xf32>", "varve.weight @w : tensor<5xf32>"}),
                 "expects one type in all graphs, but got 'tensor<4xf32>' and 'tensor<5xf32>'"));
  CHECK(contains(merged({"varve.graph @f() {\n  varve.output\n}", "varve.graph @f() {\n  varve.output\n}"}),
                 "expects graphs of different names, but got \"f\" twice"));
  CHECK(contains(merged({whole, whole}), "varve.weight @w : tensor<4xf32> sharding<@m, [{}]>"));
}
