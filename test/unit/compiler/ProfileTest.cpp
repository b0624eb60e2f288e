// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Profiles: what is counted, under which names, and that it changes nothing.
#include "test/unit/Support.h"
#include "varve/compiler/Compile.h"
#include "varve/nn.h"
#include "varve/runtime/Session.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace varve;
using test::contains;

namespace {

struct Block : nn::Layer<Block> {
  Child<nn::Linear> up{*this, "up", 64, 128}, down{*this, "down", 128, 64};
  Value forward(Value x) { return x + down(silu(up(x))); }
};

struct Model : nn::Layer<Model> {
  Child<nn::LayerList<Block>> layers{*this, "layers"};
  Model() {
    for (int i = 0; i < 3; ++i)
      layers.emplace();
    StateDict state;
    int seed = 1;
    for (const auto &[name, weight] : raw_state_dict()) {
      std::vector<float> values(64 * 128);
      for (float &value : values)
        value = static_cast<float>((seed = seed * 7919 % 10007)) * 1e-4f - 0.5f;
      state.emplace(name, Tensor::from<float>({weight->shape()[0].value(), weight->shape()[1].value()}, values));
    }
    load_state_dict(state);
  }
  Value forward(Value x) {
    for (Block &layer : layers)
      x = layer(x);
    return matmul(x, transpose(x, {1, 0}));
  }
};

const ProfileRow *find(const Profile &profile, const std::string &layer, const std::string &op) {
  for (const EntryProfile &entry : profile.entries)
    for (const ProfileRow &row : entry.rows)
      if (row.layer == layer && contains(row.op, op))
        return &row;
  return nullptr;
}

Tensor ramp(int64_t rows) {
  std::vector<float> values(static_cast<size_t>(rows) * 64);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(i % 17) * 0.1f - 1;
  return Tensor::from<float>({rows, 64}, values);
}

} // namespace

TEST_CASE("a profile counts calls, FLOPs and bytes of each op in its layer, and changes no number") {
  Model model;
  Graph graph("f", model, {tensor_type(f32, {"n", 64})});
  Tensor x = ramp(40);
  std::vector<float> expected = compile(graph)({x})[0].to_vector<float>();
  Executable exe = compile(graph, {.profile = true});
  for (int threads : {1, 2}) {
    Session session(exe, {.threads = threads, .profile = true});
    CHECK(session.run({x})[0].to_vector<float>() == expected);
    session.clear_profile();
    CHECK(session.profile().entries.empty());
    session.run({x});
    session.run({x});
    Profile profile = session.profile();
    CHECK(profile.threads == threads);
    REQUIRE(profile.entries.size() == 1);
    CHECK(profile.entries[0].name == "f");
    CHECK(profile.entries[0].runs == 2);
    for (const char *layer : {"layers.0", "layers.1", "layers.2"}) {
      CAPTURE(layer);
      const ProfileRow *up = find(profile, layer + std::string(".up"), "linear");
      REQUIRE(up);
      CHECK(up->op == "linear + silu");
      CHECK(up->calls == 2);
      CHECK(up->flops == 2 * (2.0 * 40 * 64 * 128 + 40 * 128));
      CHECK(up->bytes == 2 * 4 * (40.0 * 64 + 64 * 128 + 40 * 128));
      CHECK(up->seconds > 0);
      CHECK(up->remarks.empty());
      CHECK(contains(up->location, "ProfileTest.cpp:"));
    }
    const ProfileRow *product = find(profile, "", "matmul");
    REQUIRE(product);
    CHECK(contains(product->op, "matmul"));
    CHECK(product->flops == 2 * 2.0 * 40 * 40 * 64);
    double sum = 0;
    for (const ProfileRow &row : profile.entries[0].rows)
      sum += row.seconds;
    CHECK(sum <= profile.entries[0].seconds);
    CHECK(profile.packed_bytes == 6 * 64 * 128 * 4);
    CHECK(profile.weight_bytes == 0);
    CHECK(profile.scratch_bytes > 0);
    CHECK(profile.resident_bytes > profile.packed_bytes);
  }
}

TEST_CASE("code that can be profiled runs in a session that does not") {
  Model model;
  Graph graph("f", model, {tensor_type(f32, {"n", 64})});
  CHECK(compile(graph, {.profile = true})({ramp(3)})[0].to_vector<float>() ==
        compile(graph)({ramp(3)})[0].to_vector<float>());
}

TEST_CASE("a profile as text: layers that share code are one line") {
  Model model;
  Session session(compile(Graph("f", model, {tensor_type(f32, {"n", 64})}), {.profile = true}), {.profile = true});
  session.run({ramp(40)});
  std::string text = session.profile().text({.flops = 1e11, .bytes = 1e10});
  CAPTURE(text);
  CHECK(contains(text, "machine: 100 GFLOP/s of f32, 10 GB/s from memory\n"));
  CHECK(contains(text, "\nentry f: 1 run of "));
  CHECK(contains(text, "\nlayers.*.up"));
  CHECK(contains(text, "% of roofline  by\n"));
  CHECK_FALSE(contains(text, "layers.0"));
  CHECK_FALSE(contains(session.profile().text(), "roofline"));
}

TEST_CASE("a row is held against the peak of what its products are made of") {
  ProfileRow row{"up", "linear", "", 1, 1, 100e9, 1e9, {}, 0};
  Profile profile;
  profile.entries = {{"f", 1, 4, {row, row, row, row}}};
  std::vector<ProfileRow> &rows = profile.entries[0].rows;
  rows[1].unit = ProductUnit::bf16;
  rows[2].unit = ProductUnit::int8;
  rows[3].bytes = 9e9;
  for (size_t i = 0; i < 4; ++i)
    rows[i].layer = "row" + std::to_string(rows[i].body = i);
  auto share = [&](const MachineRates &rates, const std::string &layer) {
    std::string text = profile.text(rates);
    size_t begin = text.find("\n" + layer) + 1, end = text.find('\n', begin);
    std::string line = text.substr(begin, end - begin);
    size_t by = line.find_last_of(' '), number = line.find_last_not_of(' ', by),
           before = line.find_last_of(' ', number);
    return line.substr(before + 1, number - before) + " " + line.substr(by + 1);
  };
  MachineRates all{.flops = 200e9, .bytes = 10e9, .bf16_flops = 400e9, .int8_flops = 800e9};
  CHECK(contains(profile.text(all), "machine: 200 GFLOP/s of f32, 400 of bf16, 800 of int8, 10 GB/s from memory\n"));
  CHECK(share(all, "row0") == "50 f32");
  CHECK(share(all, "row1") == "25 bf16");
  CHECK(share(all, "row2") == "12 int8");
  CHECK(share(all, "row3") == "90 read");
  CHECK(share(all, "total") == "34 peak");           // (0.5 + 0.25 + 0.125 + 0.5) of 4 seconds
  MachineRates plain{.flops = 200e9, .bytes = 10e9}; // a machine without instructions for the others
  CHECK(share(plain, "row1") == "50 bf16");
  CHECK(share(plain, "row2") == "50 int8");
}

TEST_CASE("attention counts what its mask and its window leave") {
  for (bool causal : {true, false}) {
    std::string mask = std::string(causal ? "causal, " : "") + "window = 5 : i64";
    std::string q = "tensor<1x?x3x8xf32, #q>", k = "tensor<1x?x3x8xf32, #k>";
    std::string text = "#q = #varve.dims<1, s, 3, 8>\n#k = #varve.dims<1, p + s, 3, 8>\n"
                       "varve.graph @f(%q: " +
                       q + ", %k: " + k + ", %v: " + k + ", %p: tensor<i64> {varve.dim = \"p\"}) -> " + q +
                       " {\n  %0 = varve.attention %q, %k, %v {" + mask + "} : (" + q + ", " + k + ", " + k + ") -> " +
                       q + "\n  varve.output %0 : " + q + "\n}";
    Session session(compile_module(text, "f.mlir", {.profile = true}), {.threads = 1, .profile = true});
    for (auto [past, count] :
         std::vector<std::pair<int64_t, int64_t>>{{0, 3}, {0, 5}, {0, 12}, {3, 1}, {3, 9}, {9, 1}, {9, 4}}) {
      CAPTURE(causal, past, count);
      Tensor keys = Tensor::zeros(f32, {1, past + count, 3, 8});
      session.clear_profile();
      session.run({Tensor::zeros(f32, {1, count, 3, 8}), keys, keys, Tensor::from<int64_t>({}, {past})});
      double pairs = 0;
      for (int64_t i = 0; i < count; ++i)
        for (int64_t j = 0; j < past + count; ++j)
          pairs += past + i - j < 5 && (!causal || j <= past + i);
      double flops = 0;
      Profile profile = session.profile();
      for (const ProfileRow &row : profile.entries.at(0).rows)
        flops += row.flops;
      CHECK(flops == pairs * 3 * 2 * 2 * 8);
    }
  }
}

TEST_CASE("a trace is JSON of spans: layers around ops, a line for each thread") {
  Model model;
  Session session(compile(Graph("f", model, {tensor_type(f32, {"n", 64})}), {.profile = true}),
                  {.threads = 2, .profile = true});
  session.run({ramp(400)});
  nlohmann::json trace = nlohmann::json::parse(session.profile().trace);
  const auto &events = trace.at("traceEvents");
  auto spans = [&](const std::string &name) {
    std::vector<nlohmann::json> all;
    for (const auto &event : events)
      if (event.at("ph") == "X" && event.at("name") == name && event.at("tid") == 1)
        all.push_back(event);
    return all;
  };
  REQUIRE(spans("f").size() == 1);
  REQUIRE(spans("layers").size() == 1);
  REQUIRE(spans("up").size() == 3);
  auto begin = [](const nlohmann::json &e) { return e.at("ts").get<double>(); };
  auto end = [&](const nlohmann::json &e) { return begin(e) + e.at("dur").get<double>(); };
  auto outer = spans("layers")[0], inner = spans("1")[0], up = spans("up")[1];
  CHECK(begin(outer) <= begin(inner) + 1e-6);
  CHECK(begin(inner) <= begin(up) + 1e-6);
  CHECK(end(up) <= end(inner) + 1e-6);
  CHECK(end(inner) <= end(outer) + 1e-6);
  CHECK(std::any_of(events.begin(), events.end(),
                    [](const auto &e) { return e.at("name") == "thread_name" && e.at("tid") == 2; }));
}

TEST_CASE("each entry has its own rows, also where they share code, and what is in a loop counts each trip") {
  Model model;
  Graph once("once", [&](Value x) { return model(x); }, {tensor_type(f32, {"n", 64})});
  Graph many("many", [&](Value x) { return loop(4, x, [&](Value h) { return exp(neg(h)); }); },
             {tensor_type(f32, {"m", 64})});
  Session session(compile({&once, &many}, {.profile = true}), {.profile = true});
  session.run("once", {ramp(2)});
  session.run("many", {ramp(3)});
  Profile profile = session.profile();
  REQUIRE(profile.entries.size() == 2);
  const ProfileRow *exps = find(profile, "", "exp");
  REQUIRE(exps);
  CHECK(exps->calls == 4);
  CHECK(exps->flops == 4 * 2 * 3 * 64.0);
}
