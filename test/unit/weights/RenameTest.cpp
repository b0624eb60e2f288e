// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/weights/Rename.h"
#include "test/unit/Support.h"
#include <catch2/catch.hpp>
#include <numeric>

using namespace varve;
using namespace varve::weights;
using test::contains;
using test::error_of;
using Lines = std::vector<std::string>;

namespace {

// 0, 1, 2, ...
Tensor counted(std::vector<int64_t> shape, float first = 0) {
  int64_t count = std::accumulate(shape.begin(), shape.end(), int64_t(1), std::multiplies<>());
  std::vector<float> values(static_cast<size_t>(count));
  std::iota(values.begin(), values.end(), first);
  return Tensor::from<float>(std::move(shape), values);
}

// The checkpoint of these names, each a scalar.
Checkpoint named(const Lines &names) {
  Checkpoint checkpoint;
  for (const std::string &name : names)
    checkpoint.tensors.emplace(name, counted({}));
  return checkpoint;
}

Lines renamed(const Checkpoint &checkpoint, const Rules &rules) {
  Lines names;
  for (const auto &[name, tensor] : rules.apply(checkpoint).tensors)
    names.push_back(name);
  return names;
}

std::string only(const std::string &name, const char *from, const char *to) {
  RenameRule rule{from, to};
  rule.optional = true;
  return renamed(named({name}), {rule})[0];
}

Lines problems(const Checkpoint &checkpoint, const Rules &rules) { return rules.plan(checkpoint).problems; }

} // namespace

TEST_CASE("the first rule that matches gives a name another") {
  Checkpoint checkpoint = named({"blk.0.attn_q.weight", "blk.11.attn_q.bias", "output.weight", "kept"});
  Rules rules = {{"blk.*.attn_q.*", "layers.*.q_proj.*"}, {"output.weight", "lm_head.weight"}, {"out*", "no*"}};
  CHECK(problems(checkpoint, rules) == Lines{"expects a rule that matches a name, but got 'out*'"});
  checkpoint.tensors.emplace("outer", counted({2, 3}));
  CHECK(renamed(checkpoint, rules) ==
        Lines{"kept", "layers.0.q_proj.weight", "layers.11.q_proj.bias", "lm_head.weight", "noer"});
  CHECK(contains(rules.plan(checkpoint).text(), "blk.0.attn_q.weight -> layers.0.q_proj.weight  f32 []\n"));
  CHECK(contains(rules.plan(checkpoint).text(), "outer               -> noer  f32 [2, 3]\n"));
  CHECK(rules.apply(checkpoint).tensors.at("noer").data() == checkpoint.tensors.at("outer").data());
}

TEST_CASE("a hole takes as little as it can, the last one the rest") {
  CHECK(only("a.b.c.b.d", "*.b.*", "<*|*>") == "<a|c.b.d>");
  CHECK(only("aaa", "a*a", "<*>") == "<a>");
  CHECK(only("aa", "a*a", "<*>") == "<>");
  CHECK(only("a", "a*a", "<*>") == "a");
  CHECK(only("x", "*", "model.*") == "model.x");
  CHECK(only("a.1.b", "a.*.b", "b") == "b");
  CHECK(only("a.12.b", "a.{}.b", "b.{}") == "b.12");
  CHECK(only("a.1x.b", "a.{}.b", "b.{}") == "a.1x.b");
  CHECK(only("a.01.b", "a.{}.b", "b.{}") == "a.01.b");
  CHECK(only("a.99999999999999999999.b", "a.{}.b", "b.{}") == "a.99999999999999999999.b");
}

TEST_CASE("tensors are transposed, put in rotary order and cast") {
  Checkpoint checkpoint;
  checkpoint.tensors = {{"t", counted({2, 3})}, {"q", counted({8, 1})}, {"h", counted({3})}};
  checkpoint.sources["t"] = {"file", 7};
  checkpoint.metadata["heads"] = "2";
  Rules rules = {{"t", "transposed", true}, {"q", "rotated", false, "heads"}};
  StateDict state = rules.apply(checkpoint).tensors;
  CHECK(state.at("transposed").shape() == std::vector<int64_t>{3, 2});
  CHECK(state.at("transposed").to_vector<float>() == std::vector<float>{0, 3, 1, 4, 2, 5});
  CHECK(state.at("rotated").to_vector<float>() == std::vector<float>{0, 2, 1, 3, 4, 6, 5, 7});
  CHECK(rules.apply(checkpoint).sources.at("transposed").offset == 7);
  RenameRule cast{"h", "h"};
  cast.cast = bf16;
  CHECK(Rules{cast}.apply(checkpoint).tensors.at("h").type() == "bf16 [3]");
  CHECK(contains(Rules{cast}.plan(checkpoint).text(), "h -> h  bf16 [3]"));

  RenameRule add{"h", "h"};
  add.add = -1;
  CHECK(Rules{add}.apply(checkpoint).tensors.at("h").to_vector<float>() == std::vector<float>{-1, 0, 1});
  CHECK(Rules{add}.plan(checkpoint).text() == "h -> h  f32 [3]  -1 added\nq -> q  f32 [8, 1]\nt -> t  f32 [2, 3]\n");
  checkpoint.tensors["half"] = counted({3}).to(bf16);
  add = {"half", "half"};
  add.add = 0.0078125; // bf16 has no room for it beside 2
  CHECK(Rules{add}.apply(checkpoint).tensors.at("half").to_vector<float>() ==
        std::vector<float>{0.0078125, 1.0078125, 2});
  checkpoint.tensors["half"] = Tensor::from<int32_t>({1}, {3});
  CHECK(problems(checkpoint, {add}) == Lines{"expects floats to be added to, but got i32 [1] of 'half'"});
  checkpoint.tensors.erase("half");

  CHECK(problems(checkpoint, {{"h", "h", true}}) == Lines{"expects a matrix to be transposed, but got f32 [3] of 'h'"});
  CHECK(problems(checkpoint, {{"q", "q", false, "none"}}) ==
        Lines{"expects a number of heads as 'none' of the metadata, but got none"});
  CHECK(problems(checkpoint, {{"q", "q", false, Names{"none", "neither"}}}) ==
        Lines{"expects a number of heads as 'none' or 'neither' of the metadata, but got none"});
  CHECK(problems(checkpoint, {{"q", "q", false, Names{"none", "heads"}}}).empty());
  checkpoint.metadata["heads"] = "two";
  CHECK(problems(checkpoint, {{"q", "q", false, "heads"}}) ==
        Lines{"expects a number of heads as 'heads' of the metadata, but got 'two'"});
  CHECK(problems(checkpoint, {{"t", "t", false, 3}}) ==
        Lines{"expects rows of 3 heads, each of pairs, but got f32 [2, 3] of 't'"});
}

TEST_CASE("a tensor is parted, along the first axis without a copy") {
  Checkpoint checkpoint;
  checkpoint.tensors = {{"h.0.qkv", counted({2, 6})}};
  RenameRule rule{"h.*.qkv", {"h.*.q", "h.*.k", "h.*.v"}};
  rule.axis = 1;
  StateDict state = Rules{rule}.apply(checkpoint).tensors;
  CHECK(state.at("h.0.q").to_vector<float>() == std::vector<float>{0, 1, 6, 7});
  CHECK(state.at("h.0.v").to_vector<float>() == std::vector<float>{4, 5, 10, 11});
  rule.sizes = {3, 1, 2};
  state = Rules{rule}.apply(checkpoint).tensors;
  CHECK(state.at("h.0.k").to_vector<float>() == std::vector<float>{3, 9});

  RenameRule rows{"h.*.qkv", {"h.*.a", "h.*.b"}};
  state = Rules{rows}.apply(checkpoint).tensors;
  CHECK(state.at("h.0.b").to_vector<float>() == std::vector<float>{6, 7, 8, 9, 10, 11});
  CHECK(state.at("h.0.b").data() == checkpoint.tensors.at("h.0.qkv").data<float>() + 6);

  RenameRule slices{"h.*.qkv", "h.*.{}"};
  slices.new_axis = true;
  state = Rules{slices}.apply(checkpoint).tensors;
  CHECK(state.at("h.0.1").shape() == std::vector<int64_t>{6});

  rule.sizes = {3, 1, 1};
  CHECK(problems(checkpoint, {rule}) ==
        Lines{"expects parts of axis 1 that are all of it, but got f32 [2, 6] of 'h.0.qkv'"});
  rule.sizes = {};
  rule.axis = 0;
  CHECK(problems(checkpoint, {rule}) == Lines{"expects 3 equal parts of axis 0, but got f32 [2, 6] of 'h.0.qkv'"});
  rule.axis = 2;
  CHECK(problems(checkpoint, {rule}) == Lines{"expects an axis 2, but got f32 [2, 6] of 'h.0.qkv'"});
}

TEST_CASE("tensors are joined, by name or by number") {
  Checkpoint checkpoint;
  checkpoint.tensors = {{"0.gate", counted({1, 2})},
                        {"0.up", counted({2, 2}, 10)},
                        {"1.gate", counted({1, 2}, 20)},
                        {"1.up", counted({2, 2}, 30)}};
  StateDict state = Rules{{{"*.gate", "*.up"}, "*.gate_up"}}.apply(checkpoint).tensors;
  CHECK(state.at("1.gate_up").to_vector<float>() == std::vector<float>{20, 21, 30, 31, 32, 33});

  Checkpoint experts;
  for (int i = 0; i < 12; ++i)
    experts.tensors.emplace("experts." + std::to_string(i) + ".w", counted({2}, 10.0F * static_cast<float>(i)));
  RenameRule rule{"experts.{}.w", "w"};
  rule.new_axis = true;
  rule.axis = 1;
  Tensor w = Rules{rule}.apply(experts).tensors.at("w");
  CHECK(w.shape() == std::vector<int64_t>{2, 12});
  CHECK(w.to_vector<float>()[2] == 20); // by number, not by text
  CHECK(w.to_vector<float>()[12] == 1);

  Checkpoint both;
  for (int i = 0; i < 3; ++i)
    for (int j = 0; j < 2; ++j)
      both.tensors.emplace(std::string("e.") + std::to_string(i) + (j == 0 ? ".gate" : ".up"),
                           counted({2, 1}, static_cast<float>(10 * i + 100 * j)));
  RenameRule pairs{{"e.{}.gate", "e.{}.up"}, "gate_up"};
  pairs.new_axis = true;
  pairs.axis = 1;
  Tensor gate_up = Rules{pairs}.apply(both).tensors.at("gate_up");
  CHECK(gate_up.shape() == std::vector<int64_t>{3, 2, 2});
  CHECK(gate_up.to_vector<float>() == std::vector<float>{0, 100, 1, 101, 10, 110, 11, 111, 20, 120, 21, 121});
  both.tensors.emplace("e.9223372036854775807.up", counted({2, 1}));
  CHECK(problems(both, {pairs}) == Lines{"expects all that 'e.{}.gate' joins, 2 names of numbers from 0 on, but got "
                                         "'e.9223372036854775807.up' as the last of 7"});

  experts.tensors.erase("experts.3.w");
  CHECK(problems(experts, {rule}) ==
        Lines{"expects all that 'experts.{}.w' joins, numbers from 0 on, but got 'experts.11.w' as the last of 11"});
  checkpoint.tensors.erase("1.up");
  CHECK(problems(checkpoint, {{{"*.gate", "*.up"}, "*.gate_up"}}) ==
        Lines{"expects all that '*.gate' joins, 2 names, but got '1.gate' as the last of 1"});
  checkpoint.tensors["1.up"] = counted({2, 3});
  CHECK(problems(checkpoint, {{{"*.gate", "*.up"}, "*.gate_up"}}) ==
        Lines{"expects tensors of one type to be joined, as f32 [1, 2], but got f32 [2, 3] of '1.gate'"});
}

TEST_CASE("blocks of an encoding stay whole") {
  Checkpoint checkpoint;
  Tensor bytes = Tensor::zeros(u8, {4, 2, 18});
  for (int64_t i = 0; i < bytes.size(); ++i)
    bytes.mutable_data<uint8_t>()[i] = static_cast<uint8_t>(i);
  checkpoint.tensors = {{"w", Tensor::encoded(Encoding::q4_0, bytes)}};
  RenameRule columns{"w", {"a", "b"}};
  columns.axis = 1;
  StateDict state = Rules{columns}.apply(checkpoint).tensors;
  CHECK(state.at("b").type() == "q4_0 [4, 32]");
  CHECK(state.at("b").to_vector<uint8_t>()[0] == 18);
  CHECK(state.at("b").to_vector<uint8_t>()[18] == 36 + 18);
  columns.sizes = {16, 48};
  CHECK(problems(checkpoint, {columns}) == Lines{"expects blocks that stay whole, but got q4_0 [4, 64] of 'w'"});
  state = Rules{{"w", "w", false, 1}}.apply(checkpoint).tensors; // rows 0 1 2 3 as 0 2 1 3
  CHECK(state.at("w").type() == "q4_0 [4, 64]");
  CHECK(state.at("w").to_vector<uint8_t>()[36] == 72);
  CHECK(problems(checkpoint, {{"w", "w", true}}) ==
        Lines{"expects a matrix to be transposed, but got q4_0 [4, 64] of 'w'"});
  RenameRule cast{"w", "w"};
  cast.cast = f32;
  CHECK(problems(checkpoint, {cast}) == Lines{"expects floats to be cast, but got q4_0 [4, 64] of 'w'"});
}

TEST_CASE("names may be left out, and may not clash") {
  CHECK(renamed(named({"a.inv_freq", "b"}), {{"*.inv_freq", Names()}}) == Lines{"b"});
  CHECK(renamed(named({"a.1", "b", "c.2"}), {{{"a.*", "c.*"}, Names()}}) == Lines{"b"}); // each by itself
  CHECK(problems(named({"a.1", "a.2"}), {{"a.*", "b"}}) ==
        Lines{"expects different names, but got 'b' for 'a.1' and 'a.2'"});
  CHECK(problems(named({"a", "b"}), {{"a", "b"}}) == Lines{"expects different names, but got 'b' for 'a' and 'b'"});
  CHECK(error_of([] { Rules{{"x", "y"}}.apply(named({"a"})); }) ==
        "expects rules that fit the checkpoint, but got 1 problem:\n  expects a rule that matches a name, but got 'x'");
}

TEST_CASE("rules are read from JSON, and what they cannot mean is said with its place") {
  Rules rules = Rules::parse(R"({"rules": [
      {"from": "a.*", "to": ["b.*", "c.*"], "axis": 1, "sizes": [2, 4], "transpose": true, "heads": 4, "cast": "bf16"},
      {"from": ["x", "y"], "to": "z", "new_axis": true, "optional": true},
      {"from": "q", "to": "r", "heads": "llama.attention.head_count"},
      {"from": "*.inv_freq", "to": []}]})");
  REQUIRE(rules.list().size() == 4);
  CHECK(rules.list()[0].sizes == std::vector<int64_t>{2, 4});
  CHECK(rules.list()[0].cast == bf16);
  CHECK(std::get<int64_t>(rules.list()[0].heads) == 4);
  CHECK(rules.list()[1].optional);
  CHECK(rules.list()[3].to.empty());
  auto refused = [](const std::string &rule) {
    return error_of([&] { Rules::parse("{\"rules\": [" + rule + "]}", "r.json"); });
  };
  CHECK(error_of([] { Rules::parse("{", "r.json"); }) == "r.json: expects JSON, but got a syntax error at byte 2");
  CHECK(error_of([] { Rules::parse("{}", "r.json"); }) == "r.json: expects a field 'rules', but got none");
  CHECK(refused("{}") == "r.json.rules[0]: expects a field 'from', but got none");
  CHECK(refused(R"({"from": 3, "to": "a"})") == "r.json.rules[0].from: expects a string, but got number");
  CHECK(refused(R"({"from": "", "to": "a"})") == "r.json.rules[0].from: expects a name of 1 to 1000 bytes, but got 0");
  CHECK(
      refused(R"({"from": "a", "to": "b", "tranpose": true})") ==
      "r.json.rules[0]: expects from, to, transpose, heads, axis, new_axis, sizes, add, cast, optional or reason, but "
      "got 'tranpose'");
  CHECK(refused(R"({"from": "a", "to": "b", "transpose": 1})") ==
        "r.json.rules[0].transpose: expects true or false, but got number");
  CHECK(refused(R"({"from": "a", "to": "b", "axis": -1})") ==
        "r.json.rules[0].axis: expects an integer of at least 0, but got -1");
  CHECK(refused(R"({"from": [], "to": "b"})") == "r.json.rules[0]: expects a name in from, but got none");
  CHECK(refused(R"({"from": "a", "to": "b.*"})") ==
        "r.json.rules[0]: expects a * in from for each in to, but got 'a' and 'b.*'");
  CHECK(refused(R"({"from": "a.{}.{}", "to": "b"})") ==
        "r.json.rules[0]: expects names with as many * each, and at most one {}, in from, but got 'a.{}.{}'");
  CHECK(refused(R"({"from": ["a.{}", "b.{}"], "to": "c"})") ==
        "r.json.rules[0]: expects new_axis where several names in from have a {}, but got 'a.{}' without");
  CHECK(refused(R"({"from": ["a.{}", "b.{}"], "to": "c.{}", "new_axis": true})") ==
        "r.json.rules[0]: expects no {} in to where from has several names, but got 'c.{}'");
  CHECK(refused(R"({"from": "a", "to": "b", "heads": []})") ==
        "r.json.rules[0]: expects a key of the metadata in heads, but got none");
  CHECK(refused(R"({"from": "a", "to": "b", "heads": true})") ==
        "r.json.rules[0].heads: expects an integer, but got boolean");
  CHECK(refused(R"({"from": "a", "to": "b", "add": "1"})") == "r.json.rules[0].add: expects a number, but got string");
  CHECK(refused(R"({"from": "a", "to": "b", "reason": "none"})") ==
        "r.json.rules[0]: expects a reason only where a tensor is left out, but got one for 'b'");
  CHECK(refused(R"({"from": "a", "to": [], "reason": 3})") ==
        "r.json.rules[0].reason: expects a string, but got number");
  CHECK(refused(R"({"from": ["a", "b"], "to": ["c", "d"]})") ==
        "r.json.rules[0]: expects several names, or a {}, in from or in to, but got them in both");
  CHECK(refused(R"({"from": "a", "to": "b.{}"})") ==
        "r.json.rules[0]: expects sizes or new_axis where to has a {}, but got neither");
  CHECK(refused(R"({"from": "a", "to": "b", "sizes": [1]})") ==
        "r.json.rules[0]: expects sizes for each part of a tensor, but got 1 for 1 names");
  CHECK(contains(refused(R"({"from": "a", "to": "b", "cast": "f8"})"), "but got 'f8'"));
}
