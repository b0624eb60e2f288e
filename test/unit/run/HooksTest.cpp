// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What hooks do when a model runs: in bodies that equal layers share, against PyTorch's forward hooks
// (test/data/hooks/make.py), and that nothing is left of them when they are taken away.
#include "dialect/Dialect.h"
#include "lib/compiler/ModuleReader.h"
#include "lib/compiler/Registration.h"
#include "lib/passes/Passes.h"
#include "mlir/Transforms/Passes.h"
#include "test/unit/Support.h"
#include "varve/compiler/Compile.h"
#include "varve/nn.h"
#include "varve/runtime/Npy.h"
#include "varve/runtime/Print.h"
#include "varve/runtime/Session.h"
#include "varve/weights/Open.h"
#include <catch2/catch.hpp>
#include <limits>

using namespace varve;
using namespace varve::test;
using Names = std::vector<std::string>;

namespace {

std::filesystem::path data() { return VARVE_HOOKS_DATA; }

struct Block : nn::Layer<Block> {
  Child<nn::LayerNorm> norm{*this, "norm", 16};
  Child<nn::MLP> mlp{*this, "mlp", 16, 24};
  Value forward(Value x) { return x + mlp(norm(x)); }
};

struct Model : nn::Layer<Model> {
  Child<nn::LayerList<Block>> layers{*this, "layers"};
  Child<nn::RMSNorm> norm{*this, "norm", 16};
  Child<nn::Linear> head{*this, "head", 16, 6, {.bias = true}};
  Model() {
    for (int i = 0; i < 3; ++i)
      layers.emplace();
  }
  Value forward(Value x) {
    for (Block &layer : layers)
      x = layer(x);
    return head(norm(x));
  }
};

StateDict weights_of_model() { return weights::open((data() / "model.safetensors").string()).tensors; }
Tensor input() { return load_npy(data() / "input.npy"); }

Graph graph_of(Model &model) { return {"model", model, {tensor_type(f32, {"batch", "seq", 16})}}; }

// The model with the hooks that there are now, compiled, with these weights.
Executable compiled(const StateDict &state = weights_of_model()) {
  Model model;
  model.load_state_dict(state);
  return compile(graph_of(model));
}

SessionOptions in(const std::filesystem::path &folder, std::string *text = nullptr) {
  return {.threads = 1,
          .pin = {},
          .print =
              [text](std::string_view part) {
                if (text)
                  *text += part;
              },
          .folder = folder};
}

// A copy of the weights with one element changed.
StateDict changed(const std::string &name, float value) {
  StateDict state = weights_of_model();
  Tensor tensor = state.at(name).clone();
  tensor.mutable_data<float>()[0] = value;
  state[name] = tensor;
  return state;
}

// The module's text after passes.
std::string transformed(const std::string &text, const std::function<void(mlir::OpPassManager &)> &passes) {
  mlir::MLIRContext context(compiler::registry());
  mlir::OwningOpRef<mlir::ModuleOp> module = compiler::readModule(text, "hooks.mlir", context);
  REQUIRE(module);
  mlir::PassManager manager(&context);
  passes(manager);
  REQUIRE(mlir::succeeded(manager.run(*module)));
  std::string result;
  llvm::raw_string_ostream(result) << *module;
  return result;
}

std::string canonical(const std::string &text) {
  return transformed(text, [](mlir::OpPassManager &manager) { manager.addPass(mlir::createCanonicalizerPass()); });
}

std::string stripped(const std::string &text) {
  return transformed(text, [](mlir::OpPassManager &manager) {
    manager.addPass(passes::createStripHooksPass());
    manager.addPass(mlir::createCanonicalizerPass());
  });
}

std::string inserted(const std::string &text, const passes::InsertHooksPassOptions &options) {
  return transformed(text,
                     [&](mlir::OpPassManager &manager) { manager.addPass(passes::createInsertHooksPass(options)); });
}

// Returns its inputs in another order, one of them twice, and a number.
struct Mixer : nn::Layer<Mixer> {
  struct Result {
    Value second;
    std::vector<Value> rest;
  };
  Result forward(Value x) {
    Value first = exp(x), second = log(x);
    return {second, {first, second, x, dim_value("n")}};
  }
};

struct Mixing : nn::Layer<Mixing> {
  Child<Mixer> mixer{*this, "mixer"};
  std::pair<Value, Value> forward(Value x) {
    auto [second, rest] = mixer(x);
    return {second + rest[0] * rest[1] - rest[2], rest[3]};
  }
};

std::string mixing() {
  Mixing model;
  return Graph("mixing", model, {tensor_type(f32, {"n"})}).text();
}

} // namespace

TEST_CASE("a model agrees with what PyTorch's forward hooks wrote, layer by layer") {
  auto compare = nn::compare_hook("outputs", {}, {.rtol = 1e-4, .atol = 1e-6});
  Executable exe = compiled();
  CHECK(contains(exe.manifest_json(), R"("call_sites":["","layers.0","layers.1","layers.2"])"));
  Session session(exe, in(data()));
  CHECK(session.run({input()})[0].shape() == std::vector<int64_t>{2, 5, 6});
}

TEST_CASE("the first layer that differs is the one that is told") {
  auto compare = nn::compare_hook("outputs", {}, {.rtol = 1e-4, .atol = 1e-6});
  for (std::string layer : {"layers.0.norm", "layers.1.mlp.up_proj", "layers.2.mlp.down_proj", "norm", "head"}) {
    Session session(compiled(changed(layer + ".weight", 40)), in(data()));
    std::string error = error_of([&] { session.run({input()}); });
    CAPTURE(layer, error);
    CHECK(contains(error, "error: in layer '" + layer + "': " + (data() / "outputs" / layer / "output.npy").string() +
                              ": expects ["));
    CHECK(contains(error, "rtol 0.0001, atol 1e-06), but got "));
    CHECK(contains(error, " elements differ, max error "));
  }
}

TEST_CASE("layers that share a body print and dump each with its own path") {
  auto print = nn::stats_hook({.path = "layers.*.mlp"});
  auto dump = nn::dump_hook("d", {.path = "layers.*.norm"});
  auto root = nn::dump_hook("d", {.path = ""});
  TemporaryFolder folder;
  std::string text;
  Session session(compiled(), in(folder.path, &text));
  std::vector<Tensor> outputs = session.run({input()});
  Names paths;
  for (size_t at = 0; (at = text.find("layers.", at)) != std::string::npos; ++at)
    paths.push_back(text.substr(at, text.find(' ', at) - at));
  CHECK(paths == Names{"layers.0.mlp.output", "layers.1.mlp.output", "layers.2.mlp.output"});
  CHECK(contains(text, "layers.1.mlp.output f32 [2, 5, 16]\ncount 160, min "));
  for (std::string layer : {"layers.0.norm", "layers.1.norm", "layers.2.norm"}) {
    std::vector<float> found = load_npy(folder / ("d/" + layer + "/output.npy")).to_vector<float>();
    std::vector<float> expected = load_npy(data() / "outputs" / layer / "output.npy").to_vector<float>();
    REQUIRE(found.size() == expected.size());
    for (size_t i = 0; i < found.size(); ++i)
      REQUIRE(found[i] == Approx(expected[i]).margin(1e-5));
  }
  CHECK(load_npy(folder / "d/output.npy").to_vector<float>() == outputs[0].to_vector<float>());
}

TEST_CASE("the first value that is not finite is told with the layer that made it") {
  auto check = nn::check_finite_hook();
  Executable exe = compiled(changed("layers.1.mlp.gate_proj.weight", std::numeric_limits<float>::infinity()));
  std::string text;
  Session session(exe, in({}, &text));
  std::string error = error_of([&] { session.run({input()}); });
  CHECK(contains(error, "HooksTest.cpp:"));
  CHECK(contains(error,
                 "error: in layer 'layers.1.mlp.gate_proj': expects 'output' without NaN and infinities, but got "
                 "10 infinities among 240 elements, the first at [0, 0, 0]"));
  CHECK(Session(compiled(), in({}, &text)).run({input()}).size() == 1);
  CHECK(text.empty());
}

TEST_CASE("taps show what they are asked for, each call of a shared body by its own path") {
  std::vector<float> plain = compiled()({input()})[0].to_vector<float>();
  auto tap = nn::tap_hook();
  Executable exe = compiled();
  std::vector<TapInfo> taps = exe.taps();
  CHECK(taps.size() == 3 * 6 + 3);
  CHECK(std::count_if(taps.begin(), taps.end(), [](const TapInfo &info) { return info.rank != 3; }) == 0);
  Session session(exe, in({}));
  CHECK(session.run({input()})[0].to_vector<float>() == plain);
  std::map<std::string, Tensor> seen;
  Names order;
  session.tap("*", [&](const Tap &tap) {
    seen[tap.path] = tap.value.clone();
    order.push_back(tap.path);
  });
  std::vector<Tensor> outputs = session.run({input()});
  CHECK(outputs[0].to_vector<float>() == plain);
  CHECK(order.size() == taps.size());
  CHECK(seen.size() == taps.size());
  CHECK(order.front() == "layers.0.norm.output");
  CHECK(order.back() == "output");
  CHECK(seen.at("output").to_vector<float>() == plain);
  for (const auto &[path, value] : seen) {
    std::string layer = path == "output" ? "" : path.substr(0, path.size() - 7);
    std::vector<float> expected = load_npy(data() / "outputs" / layer / "output.npy").to_vector<float>();
    std::vector<float> found = value.to_vector<float>();
    CAPTURE(path);
    REQUIRE(found.size() == expected.size());
    for (size_t i = 0; i < found.size(); ++i)
      REQUIRE(found[i] == Approx(expected[i]).margin(1e-5));
  }
  order.clear();
  session.clear_taps();
  session.tap("layers.[!1].mlp.output", [&](const Tap &tap) { order.push_back(tap.path); });
  session.run({input()});
  CHECK(order == Names{"layers.0.mlp.output", "layers.2.mlp.output"});
}

TEST_CASE("a graph without its hooks is the one that never had any") {
  auto text = [] {
    Model model;
    return graph_of(model).text();
  };
  std::string plain = canonical(text()), plain_mixing = canonical(mixing());
  auto print = nn::print_hook();
  auto stats = nn::stats_hook();
  auto tap = nn::tap_hook();
  auto check = nn::check_finite_hook();
  auto dump = nn::dump_hook("d");
  auto compare = nn::compare_hook("d", {}, {.rtol = 1e-3});
  auto again = nn::tap_hook({.kind = "Mixer"});
  std::string hooked = text(), hooked_mixing = mixing();
  CHECK(contains(hooked, "varve.identity"));
  CHECK(contains(hooked, "varve.print"));
  CHECK(stripped(hooked) == plain);
  CHECK(contains(hooked_mixing, "varve.identity"));
  CHECK(stripped(hooked_mixing) == plain_mixing);
}

TEST_CASE("the pass inserts what the hooks insert") {
  auto text = [] {
    Model model;
    return graph_of(model).text();
  };
  std::string plain = text();
  auto same = [&](nn::HookHandle hook, const passes::InsertHooksPassOptions &options) {
    std::string hooked = text();
    hook.remove();
    CHECK(hooked != plain);
    return canonical(hooked) == canonical(inserted(plain, options));
  };
  const nn::HookFilter filter = {.path = "layers.[12].*", .kind = "L*"};
  auto options = [](const char *kind) {
    passes::InsertHooksPassOptions options;
    options.layers = "layers.[12].*";
    options.types = "L*";
    options.kind = kind;
    return options;
  };
  CHECK(same(nn::print_hook(filter), options("print")));
  CHECK(same(nn::stats_hook(filter), options("stats")));
  CHECK(same(nn::check_finite_hook(filter), options("check-finite")));
  CHECK(same(nn::tap_hook(filter), options("tap")));
  auto dump = options("dump"), compare = options("compare");
  dump.folder = compare.folder = "d";
  compare.rtol = 1e-3;
  CHECK(same(nn::dump_hook("d", filter), dump));
  CHECK(same(nn::compare_hook("d", filter, {.rtol = 1e-3}), compare));
}
