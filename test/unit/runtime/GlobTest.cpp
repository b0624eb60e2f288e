// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/Glob.h"
#include "test/unit/Support.h"
#include <catch2/catch.hpp>

using namespace varve::test;

static bool matches(std::string_view pattern, std::string_view text) {
  return varve::runtime::Glob(pattern).matches(text);
}

TEST_CASE("a star is any text, dots and none too", "[Glob]") {
  CHECK(matches("*", ""));
  CHECK(matches("*", "layers.0.mlp"));
  CHECK(matches("layers.*.mlp", "layers.0.mlp"));
  CHECK(matches("layers.*.mlp", "layers.0.inner.mlp"));
  CHECK(matches("layers.*.mlp", "layers.0.mlp.mlp"));
  CHECK_FALSE(matches("layers.*.mlp", "layers.0.mlp.gate"));
  CHECK_FALSE(matches("layers.*.mlp", "layers.mlp"));
  CHECK(matches("a*b*c", "axxbyybc"));
  CHECK_FALSE(matches("a*b*c", "axxbyyb"));
  CHECK(matches("a**", "a"));
  CHECK(matches("", ""));
  CHECK_FALSE(matches("", "a"));
  CHECK_FALSE(matches("a", ""));
}

TEST_CASE("a question mark is one character", "[Glob]") {
  CHECK(matches("h.?", "h.3"));
  CHECK_FALSE(matches("h.?", "h."));
  CHECK_FALSE(matches("h.?", "h.31"));
  CHECK(matches("?*?", "ab"));
  CHECK_FALSE(matches("?*?", "a"));
}

TEST_CASE("a set is one of its characters", "[Glob]") {
  CHECK(matches("h.[0-3]", "h.2"));
  CHECK_FALSE(matches("h.[0-3]", "h.4"));
  CHECK(matches("h.[!0-3]", "h.4"));
  CHECK_FALSE(matches("h.[!0-3]", "h.0"));
  CHECK_FALSE(matches("h.[!0-3]", "h."));
  CHECK(matches("[abx-z]", "y"));
  CHECK_FALSE(matches("[abx-z]", "c"));
  CHECK(matches("[*]", "*"));
  CHECK_FALSE(matches("[*]", "a"));
  CHECK(matches("[]]", "]"));
  CHECK(matches("[!]]", "a"));
  CHECK(matches("[-a]", "-"));
  CHECK(matches("[a-]", "-"));
  CHECK(matches("norm[#]1", "norm#1"));
  CHECK(matches("*[0-9].mlp", "layers.10.mlp"));
  CHECK(matches("[\x80-\xff]", "\xc3"));
}

TEST_CASE("a set that is none is told", "[Glob]") {
  for (const char *pattern : {"[", "a[", "[]", "[!]", "[a"})
    CHECK(error_of([&] { matches(pattern, ""); }) ==
          "expects a glob in which every '[' has its ']', but got '" + std::string(pattern) + "'");
  CHECK(error_of([&] { matches("h.[3-0]", ""); }) ==
        "expects ranges from the lower to the higher character in a glob, but got 'h.[3-0]'");
}

TEST_CASE("a pattern of many stars does not take for ever", "[Glob]") {
  std::string pattern, text(5000, 'a');
  for (int i = 0; i < 50; ++i)
    pattern += "*a";
  CHECK(matches(pattern, text));
  CHECK_FALSE(matches(pattern + "b", text));
}
