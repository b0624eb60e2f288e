// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/weights/Rename.h"
#include <catch2/catch.hpp>

using namespace varve::weights;
using Names = std::vector<std::string>;

TEST_CASE("the first rule that matches gives a name another") {
  Renaming got =
      rename({"blk.0.attn_q.weight", "blk.11.attn_q.bias", "output.weight", "kept"},
             {{"blk.*.attn_q.*", "layers.*.q_proj.*"}, {"output.weight", "lm_head.weight"}, {"out*", "no*"}});
  CHECK(got.names.at("blk.0.attn_q.weight") == "layers.0.q_proj.weight");
  CHECK(got.names.at("blk.11.attn_q.bias") == "layers.11.q_proj.bias");
  CHECK(got.names.at("output.weight") == "lm_head.weight");
  CHECK(got.names.at("kept") == "kept");
  CHECK(got.problems == Names{"expects a rule that matches a name, but got 'out*'"});
  CHECK(rename({"a", "bc"}, {{"a", "xyz"}, {"bc", ""}}).text() == "a  -> xyz\nbc -> \n");
}

TEST_CASE("a star takes as little as it can, the last one the rest") {
  auto renamed = [](const std::string &name, const std::string &pattern, const std::string &replacement) {
    return rename({name}, {{pattern, replacement}}).names.at(name);
  };
  CHECK(renamed("a.b.c.b.d", "*.b.*", "<*|*>") == "<a|c.b.d>");
  CHECK(renamed("aaa", "a*a", "<*>") == "<a>");
  CHECK(renamed("aa", "a*a", "<*>") == "<>");
  CHECK(renamed("a", "a*a", "<*>") == "a");
  CHECK(renamed("model.x", "model.*", "*") == "x");
  CHECK(renamed("x", "*", "model.*") == "model.x");
  CHECK(renamed("a.1.b", "a.*.b", "b") == "b");
}

TEST_CASE("what rules cannot mean is said") {
  CHECK(rename({"a.1", "a.2"}, {{"a.*", "b"}}).problems ==
        Names{"expects different names, but got 'b' for 'a.1' and 'a.2'"});
  CHECK(rename({"a", "b"}, {{"a", "b"}}).problems == Names{"expects different names, but got 'b' for 'a' and 'b'"});
  CHECK(rename({"a"}, {{"a", "*"}}).problems ==
        Names{"expects a '*' in the pattern for each in its replacement, but got 'a' and '*'"});
}
