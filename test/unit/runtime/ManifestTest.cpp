// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/executable/Manifest.h"
#include "test/unit/Support.h"
#include <catch2/catch.hpp>

using namespace varve;
using namespace varve::runtime;
using namespace varve::test;

namespace {

constexpr std::string_view good = R"json({"abi": 3, "producer": "varve 0.1.0", "triple": "x86_64-unknown-linux-gnu",
 "cpu": "znver4", "features": ["avx2"],
 "weights": [{"name": "up.weight", "dtype": "bf16", "shape": [5632, 2048], "panel": 32, "location": "mlp.cpp:9"},
             {"name": "norm", "dtype": "f32", "shape": [2048]},
             {"name": "down.weight", "dtype": "u8", "encoding": "q4_k", "shape": [16, 512], "panel": 0}],
 "buffers": [{"name": "k_cache", "dtype": "bf16", "shape": [1, 256, 2, 32]}],
 "entries": [{"name": "decode", "symbols": ["past", "seq"],
   "inputs":  [{"name": "ids", "dtype": "i64", "shape": [1, "seq"]},
               {"name": "past", "dtype": "i64", "shape": [], "symbol": "past"}],
   "weights": [1, 0], "buffers": [0],
   "outputs": [{"name": "logits", "dtype": "f32",
                "shape": [1, {"text": "past + 2*seq*seq + 3", "terms": [[1, "past"], [2, "seq", "seq"], [3]]}, 256]}],
   "checks":  [{"lhs": "past", "relation": "<=", "rhs": 256, "message": "m", "layer": "layers.0",
                "location": "a.cpp:7"}]}],
 "prints": [{"layer": "mlp", "label": "gate_proj", "dtype": "f32", "rank": 3, "style": "compare", "to": "a/b",
             "rtol": 1e-3, "atol": 0.5, "location": "mlp.cpp:3"},
            {"label": "", "dtype": "i64", "rank": 0, "style": "compact"}],
 "taps": [{"layer": "act", "label": "out", "dtype": "bf16", "rank": 2, "call_sites": [1, 2]}],
 "call_sites": ["", "layers.0", "layers.1"],
 "failures": [{"message": "expects indices in [0, 256)", "layer": "embed_tokens", "location": "llama.cpp:30"}],
 "remarks": [{"message": "slow", "layer": "mlp", "location": "mlp.cpp:4"}],
 "profile": {"symbols": ["seq"], "least": [{"name": "least.0", "of": {"text": "2*seq", "terms": [[2, "seq"]]}, "most": 9}],
   "rows": [{"ops": ["linear", "add"], "layer": "up", "location": "mlp.cpp:9",
   "flops": {"text": "8*seq", "terms": [[8, "seq"]]}, "bytes": "least.0", "slow": "why", "unit": "bf16", "remarks": [0]}],
   "events": [{"row": 0, "kind": "product"}]}})json";

// The error after one text in the good manifest is replaced.
std::string refused(const std::string &from, const std::string &to) {
  std::string text(good);
  size_t begin = text.find(from);
  if (begin == std::string::npos)
    return "not in the manifest: " + from;
  text.replace(begin, from.size(), to);
  return error_of([&] { Manifest::parse(text); });
}

} // namespace

TEST_CASE("a manifest is read in full", "[Manifest]") {
  Manifest m = Manifest::parse(good);
  CHECK(m.abi == 3);
  CHECK(m.producer == "varve 0.1.0");
  CHECK(m.triple == "x86_64-unknown-linux-gnu");
  CHECK(m.cpu == "znver4");
  REQUIRE(m.remarks.size() == 1);
  CHECK(m.remarks[0].message == "slow");
  REQUIRE(m.profile.has_value());
  REQUIRE(m.profile->rows.size() == 1);
  CHECK(m.profile->rows[0].ops == std::vector<std::string>{"linear", "add"});
  CHECK(m.profile->rows[0].flops.evaluate({5, 9}) == 40);
  CHECK(m.profile->rows[0].bytes.evaluate({5, 9}) == 9);
  CHECK(m.profile->rows[0].unit == ProductUnit::bf16);
  REQUIRE(m.profile->least.size() == 1);
  CHECK(m.profile->least[0].of.evaluate({5}) == 10);
  CHECK(m.profile->least[0].most == 9);
  CHECK(m.profile->events.at(0).kind == "product");
  CHECK(m.features == std::vector<std::string>{"avx2"});
  REQUIRE(m.weights.size() == 3);
  CHECK(m.weights[0].panel == 32);
  CHECK(m.weights[0].location == "mlp.cpp:9");
  CHECK(m.weights[1].panel == 0);
  CHECK(m.weights[1].shape == std::vector<int64_t>{2048});
  CHECK(m.weights[1].encoding == Encoding::none);
  CHECK(m.weights[2].encoding == Encoding::q4_k);
  CHECK(m.buffers.at(0).shape == std::vector<int64_t>{1, 256, 2, 32});
  const EntryInfo &entry = m.entries.at(0);
  CHECK(entry.symbols == std::vector<std::string>{"past", "seq"});
  CHECK(entry.inputs[0].shape[1].is_symbol());
  CHECK_FALSE(entry.inputs[0].shape[0].is_symbol());
  CHECK(entry.inputs[0].symbol == -1);
  CHECK(entry.inputs[1].symbol == 0);
  CHECK(entry.weights == std::vector<uint32_t>{1, 0});
  CHECK(entry.outputs[0].shape[1].evaluate({10, 3}) == 10 + 2 * 9 + 3);
  CHECK(entry.checks[0].relation == "<=");
  CHECK(entry.checks[0].rhs.text == "256");
  REQUIRE(m.prints.size() == 2);
  CHECK(m.prints[0].layer == "mlp");
  CHECK(m.prints[0].style == "compare");
  CHECK(m.prints[0].to == "a/b");
  CHECK(m.prints[0].rtol == 1e-3);
  CHECK(m.prints[0].atol == 0.5);
  CHECK(m.prints[0].location == "mlp.cpp:3");
  CHECK(m.prints[1].to.empty());
  CHECK(m.taps.at(0).layer == "act");
  CHECK(m.taps[0].label == "out");
  CHECK(m.taps[0].dtype == bf16);
  CHECK(m.taps[0].call_sites == std::vector<uint32_t>{1, 2});
  CHECK(m.call_sites.size() == 3);
  CHECK(m.failures[0].location == "llama.cpp:30");
}

TEST_CASE("an expression that overflows is an error", "[Manifest]") {
  DimExpr expr = Manifest::parse(good).entries[0].outputs[0].shape[1];
  CHECK(error_of([&] { (void)expr.evaluate({0, int64_t(1) << 40}); }) ==
        "expects the dimension past + 2*seq*seq + 3 to fit in 64 bits, but got a value that overflows");
  CHECK(contains(error_of([&] { (void)expr.evaluate({INT64_MAX, 1}); }), "overflows"));
}

TEST_CASE("an expression may hold quotients, which are rounded down", "[Manifest]") {
  auto with = [](const std::string &factor) {
    std::string text(good);
    return text.replace(text.find("[3]]"), 3, "[3, " + factor + "]");
  };
  auto quotient = [](const std::string &expr, const std::string &by) {
    return R"({"floordiv": )" + expr + R"(, "by": )" + by + "}";
  };
  // past + 2 * seq * seq + 3 * ((past - 5) floordiv 2)
  std::string past = R"({"text": "past - 5", "terms": [[1, "past"], [-5]]})";
  DimExpr expr = Manifest::parse(with(quotient(past, "2"))).entries[0].outputs[0].shape[1];
  CHECK(expr.evaluate({8, 1}) == 8 + 2 + 3 * 1);
  CHECK(expr.evaluate({2, 0}) == 2 + 3 * -2);
  CHECK_FALSE(expr.is_symbol());
  std::vector<uint32_t> seen;
  expr.for_each_symbol([&](uint32_t symbol) { seen.push_back(symbol); });
  CHECK(seen == std::vector<uint32_t>{0, 1, 1, 0});
  std::string where = "manifest.entries[0].outputs[0].shape[1].terms[2][1]";
  CHECK(error_of([&] { Manifest::parse(with(quotient(past, "0"))); }) ==
        where + ".by: expects an integer from 1 to 9223372036854775807, but got 0");
  CHECK(error_of([&] { Manifest::parse(with(quotient("\"sec\"", "2"))); }) ==
        where + ".floordiv: expects a symbol of the entry, but got 'sec'");
  CHECK(error_of([&] { Manifest::parse(with(R"({"by": 2})")); }) ==
        where + ": expects a field 'floordiv', but got none");
}

TEST_CASE("another ABI version is refused before anything else", "[Manifest]") {
  CHECK(error_of([] { Manifest::parse(R"({"abi": 1})"); }) ==
        "expects an executable of ABI version 3, but got version 1; compile the model again with this Varve");
}

TEST_CASE("each fault in a manifest names the field", "[Manifest]") {
  struct {
    std::string from, to, error;
  } const table[] = {
      {R"("abi": 3, )", "", "manifest: expects a field 'abi', but got none"},
      {R"("abi": 3)", R"("abi": "2")", "manifest.abi: expects an integer, but got string"},
      {R"("triple": "x86_64-unknown-linux-gnu")", R"("triple": 3)",
       "manifest.triple: expects a string, but got number"},
      {R"(["avx2"])", R"("avx2")", "manifest.features: expects an array, but got string"},
      {R"(["avx2"])", "[1]", "manifest.features[0]: expects a string, but got number"},
      {R"("dtype": "bf16")", R"("dtype": "f64")",
       "manifest.weights[0].dtype: expects an element type out of f32, f16, bf16, i8, i32, i64, u8, bool, but got "
       "'f64'"},
      {"[5632, 2048]", "[5632, -2048]",
       "manifest.weights[0].shape: expects sizes that are not negative and whose bytes fit in 63 bits, but got [5632, "
       "-2048]"},
      {"[5632, 2048]", "[5632, 2048.5]",
       "manifest.weights[0].shape[1]: expects an integer, but got a number that is none or too large"},
      {"[5632, 2048]", "[5632, 9223372036854775808]",
       "manifest.weights[0].shape[1]: expects an integer of 64 bits, but got 9223372036854775808"},
      {"[5632, 2048]", "[5632, 99999999999999999999]",
       "manifest.weights[0].shape[1]: expects an integer, but got a number that is none or too large"},
      {"[5632, 2048]", "[5632]", "manifest.weights[0].panel: expects a weight of rank 2 or more, but got rank 1"},
      {"[5632, 2048]", "[1, 4611686018427387903]",
       "manifest.weights[0].shape: expects a shape whose packed bytes fit in 63 bits, but got [1, "
       "4611686018427387903]"},
      {R"("q4_k")", R"("q9")",
       "manifest.weights[2].encoding: expects an encoding (none, q4_0, q4_1, q5_0, q5_1, q8_0, q4_k, q5_k, q6_k, "
       "mxfp4, nvfp4, f8e4m3, f8e5m2), but got 'q9'"},
      {R"("u8", "enc)", R"("i8", "enc)", "manifest.weights[2].dtype: expects u8 for a weight in blocks, but got i8"},
      {R"("q4_k", "shape": [16, 512], "panel": 0)", R"("nvfp4", "shape": [16, 512], "panel": 8)",
       "manifest.weights[2].panel: expects none for a weight in nvfp4, but got 8"},
      {"[16, 512]", "[16, 500]",
       "manifest.weights[2].shape: expects a last dimension that is a multiple of 256, but got [16, 500]"},
      {R"("panel": 32)", R"("panel": -1)", "manifest.weights[0].panel: expects an integer from 0 to 4096, but got -1"},
      {R"("panel": 32)", R"("panel": 32, "group": 3)",
       "manifest.weights[0].group: expects a power of two, of a weight in panels, but got 3"},
      {R"("panel": 32)", R"("panel": 32, "group": 8)",
       "manifest.weights[0].group: expects an integer from 1 to 4, but got 8"},
      {R"("panel": 32)", R"("panel": 32, "winograd": 1)",
       "manifest.weights[0].winograd: expects true or false, but got number"},
      {R"("panel": 32)", R"("panel": 32, "winograd": true)",
       "manifest.weights[0].winograd: expects a weight of f32 [out, in, 3, 3] in panels, but got bf16 [5632, 2048]"},
      {R"("panel": 32)", R"("panel": 0, "group": 2)",
       "manifest.weights[0].group: expects a power of two, of a weight in panels, but got 2"},
      {R"("name": "norm")", R"("name": "up.weight")",
       "manifest.weights: expects each name once, but got 'up.weight' twice"},
      {R"("entries": [{"name": "decode")", R"("entries": [{"nome": "decode")",
       "manifest.entries[0]: expects a field 'name', but got none"},
      {R"(["past", "seq"])", R"(["past", "past"])",
       "manifest.entries[0].symbols: expects each symbol once, but got one "
       "twice"},
      {R"(["past", "seq"])", R"(["past", "seq", "batch"])",
       "manifest.entries[0].symbols: expects an input that gives symbol 'batch' its value, but got none"},
      {R"([1, "seq"])", R"([1, "sec"])",
       "manifest.entries[0].inputs[0].shape[1]: expects a symbol of the entry, but got 'sec'"},
      {R"([1, "seq"])", R"([1, true])",
       "manifest.entries[0].inputs[0].shape[1]: expects an integer, a symbol or an expression, but got boolean"},
      {R"("shape": [], "symbol")", R"("shape": [1], "symbol")",
       "manifest.entries[0].inputs[1].symbol: expects a scalar of dtype i64, but got i64 of rank 1"},
      {R"("name": "past", "dtype": "i64")", R"("name": "ids", "dtype": "i64")",
       "manifest.entries[0].inputs: expects each name once, but got 'ids' twice"},
      {"[1, 0]", "[1, 3]", "manifest.entries[0].weights[1]: expects an integer from 0 to 2, but got 3"},
      {R"("buffers": [0])", R"("buffers": [-1])",
       "manifest.entries[0].buffers[0]: expects an integer from 0 to 0, but got -1"},
      {"[3]]", "[]]",
       "manifest.entries[0].outputs[0].shape[1].terms[2]: expects a coefficient and its symbols, but got an empty "
       "array"},
      {"[3]]", "3]", "manifest.entries[0].outputs[0].shape[1].terms[2]: expects an array, but got number"},
      {R"("<=")", R"("<")", "manifest.entries[0].checks[0].relation: expects '==' or '<=', but got '<'"},
      {R"("rank": 3)", R"("rank": 65)", "manifest.prints[0].rank: expects an integer from 0 to 64, but got 65"},
      {R"("compact")", R"("pretty")",
       "manifest.prints[1].style: expects compact, full, statistics, finite, dump or compare, but got 'pretty'"},
      {R"("to": "a/b")", R"("to": "../b")",
       "manifest.prints[0].to: expects a relative path without '..', but got '../b'"},
      {R"("to": "a/b")", R"("to": "/b")", "manifest.prints[0].to: expects a relative path without '..', but got '/b'"},
      {R"("to": "a/b")", R"("to": "a/../b")",
       "manifest.prints[0].to: expects a relative path without '..', but got 'a/../b'"},
      {R"("to": "a/b")", R"("to": "a\u0000b")",
       "manifest.prints[0].to: expects a relative path without '..', but got 'a?b'"},
      {R"("to": "a/b")", R"("to": "")", "manifest.prints[0].to: expects a folder for style compare, but got none"},
      {R"("rtol": 1e-3)", R"("rtol": -1)", "manifest.prints[0].rtol: expects a number of 0 or more, but got -1"},
      {R"("rtol": 1e-3)", R"("rtol": "1")", "manifest.prints[0].rtol: expects a number of 0 or more, but got string"},
      {"[1, 2]}]", "[1, 3]}]", "manifest.taps[0].call_sites[1]: expects an integer from 0 to 2, but got 3"},
      {R"("message": "expects)", R"("massage": "expects)",
       "manifest.failures[0]: expects a field 'message', but got none"},
      {R"("prints": [{)", R"("prints": [3, {)", "manifest.prints[0]: expects an object, but got number"},
      {R"([{"message": "slow")", R"([3, {"message": "slow")", "manifest.remarks[0]: expects an object, but got number"},
      {R"([[8, "seq"]])", R"([[8, "past"]])",
       "manifest.profile.rows[0].flops.terms[0][1]: expects a symbol of the entry, but got 'past'"},
      {R"("slow": "why", )", "", "manifest.profile.rows[0]: expects a field 'slow', but got none"},
      {R"("unit": "bf16")", R"("unit": "f64")",
       "manifest.profile.rows[0].unit: expects f32, bf16 or int8, but got 'f64'"},
      {R"([[2, "seq"]]}, "most")", R"([[2, "least.0"]]}, "most")",
       "manifest.profile.least[0].of.terms[0][1]: expects a symbol of the entry, but got 'least.0'"},
      {R"("most": 9)", R"("most": "9")", "manifest.profile.least[0].most: expects an integer, but got string"},
      {R"("remarks": [0])", R"("remarks": [1])",
       "manifest.profile.rows[0].remarks[0]: expects an integer from 0 to 0, but got 1"},
      {R"({"row": 0)", R"({"row": 1)", "manifest.profile.events[0].row: expects an integer from 0 to 0, but got 1"},
      {R"("cpu": "znver4")", R"("abi": 3)", "manifest: expects each key of an object once, but got 'abi' twice"},
      {"2048]", "2048", "manifest: expects JSON, but got a syntax error at byte "},
      {"2048]", "1e999]", "manifest: expects JSON with numbers that fit, but got one out of range"},
  };
  for (const auto &row : table) {
    CAPTURE(row.from, row.to);
    if (contains(row.error, "syntax error"))
      CHECK(contains(refused(row.from, row.to), row.error));
    else
      CHECK(refused(row.from, row.to) == row.error);
  }
  size_t begin = good.find("\"entries\""), end = good.find("\"prints\"");
  std::string none = std::string(good.substr(0, begin)) + "\"entries\": [], " + std::string(good.substr(end));
  CHECK(error_of([&] { Manifest::parse(none); }) == "manifest.entries: expects at least one entry, but got none");
}

TEST_CASE("a manifest that is nested too deeply is refused", "[Manifest]") {
  CHECK(error_of([] { Manifest::parse(std::string(100000, '[')); }) ==
        "manifest: expects JSON of at most 64 levels, but got more");
  CHECK(error_of([] { Manifest::parse("[1]"); }) == "manifest: expects an object, but got array");
  CHECK(contains(error_of([] { Manifest::parse(""); }), "syntax error at byte 1"));
}

TEST_CASE("a cut or changed manifest gives a manifest or an Error, nothing else", "[Manifest]") {
  uint32_t state = 1;
  auto random = [&] { return state = state * 1664525u + 1013904223u, state >> 8; };
  for (size_t length = 0; length < good.size(); length += 7)
    CHECK(error_of([&] { Manifest::parse(good.substr(0, length)); }) != "(no error)");
  for (int round = 0; round < 2000; ++round) {
    std::string text(good);
    for (uint32_t i = random() % 3 + 1; i-- > 0;)
      text[random() % text.size()] = "0123456789[]{}\",:-.aetu\n"[random() % 24];
    error_of([&] { Manifest::parse(text); }); // another exception would fail the test
  }
}
