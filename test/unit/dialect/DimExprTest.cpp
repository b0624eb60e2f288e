// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialect/DimExpr.h"
#include <catch2/catch.hpp>
#include <functional>
#include <limits>
#include <random>
#include <set>

using varve::ir::DimExpr;

static constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

static DimExpr expr(std::string_view text) {
  std::optional<DimExpr> parsed = DimExpr::parse(text);
  REQUIRE(parsed);
  return *parsed;
}

TEST_CASE("a text has one canonical form") {
  auto canonical = [](std::string_view text) { return expr(text).str(); };
  CHECK(canonical("0") == "0");
  CHECK(canonical("007") == "7");
  CHECK(canonical("-3") == "-3");
  CHECK(canonical("seq") == "seq");
  CHECK(canonical("  seq+past ") == "past + seq");
  CHECK(canonical("1 + seq") == "seq + 1");
  CHECK(canonical("seq*2") == "2*seq");
  CHECK(canonical("seq + seq") == "2*seq");
  CHECK(canonical("seq - seq") == "0");
  CHECK(canonical("0*seq") == "0");
  CHECK(canonical("-seq") == "-seq");
  CHECK(canonical("1 - 2*seq") == "-2*seq + 1");
  CHECK(canonical("seq*batch*3*2") == "6*batch*seq");
  CHECK(canonical("z + a*b - 1") == "a*b + z - 1");
  CHECK(canonical("x*x*x + x*x") == "x*x*x + x*x");
  CHECK(canonical("_a.b_2*A") == "A*_a.b_2");
}

TEST_CASE("what is no expression is not read") {
  for (std::string_view text :
       {"",   " ",  "+",   "-",   "--1",     "a b",        "a +",          "* a",          "a**b",
        "2a", "(a", "a)",  "()",  "a/2",     "a floordiv", "a floordiv b", "a floordiv 0", "floordiv 2",
        ".a", "a-", "1.5", "a\n", "\xc3\xa4"})
    CHECK_FALSE(DimExpr::parse(text));
  CHECK(DimExpr::parse("9223372036854775807"));
  CHECK_FALSE(DimExpr::parse("9223372036854775808"));
  CHECK_FALSE(DimExpr::parse("99999999999999999999999999999999999999999999"));
  CHECK_FALSE(DimExpr::parse("9223372036854775807 + 1"));
  CHECK_FALSE(DimExpr::parse("9223372036854775807*2*n"));
}

TEST_CASE("a text without end is refused soon") {
  std::string product = "a", sum = "a";
  for (int i = 0; i < 200000; ++i) {
    product += "*a";
    sum += "+a" + std::to_string(i);
  }
  CHECK_FALSE(DimExpr::parse(product));
  CHECK_FALSE(DimExpr::parse(sum));
}

TEST_CASE("names") {
  CHECK(DimExpr::isName("seq"));
  CHECK(DimExpr::isName("_"));
  CHECK(DimExpr::isName("h.0"));
  CHECK_FALSE(DimExpr::isName(""));
  CHECK_FALSE(DimExpr::isName("0h"));
  CHECK_FALSE(DimExpr::isName(".h"));
  CHECK_FALSE(DimExpr::isName("a-b"));
  CHECK_FALSE(DimExpr::isName("a b"));
}

TEST_CASE("constants and single names are told apart") {
  CHECK(DimExpr().constant() == 0);
  CHECK(DimExpr(7).constant() == 7);
  CHECK(expr("a - a + 3").constant() == 3);
  CHECK_FALSE(expr("a").constant());
  CHECK_FALSE(expr("a + 1").constant());
  CHECK(expr("a").name() == "a");
  CHECK(DimExpr::named("a").name() == "a");
  for (std::string_view text : {"2*a", "a + 1", "a*a", "-a", "1", "0"})
    CHECK_FALSE(expr(text).name());
}

TEST_CASE("equal expressions are equal texts") {
  CHECK(expr("a + b") == expr("b + a"));
  CHECK(expr("a") + expr("b") == expr("a + b"));
  CHECK((expr("a") + 1) * (expr("a") - 1) == expr("a*a - 1"));
  CHECK_FALSE(expr("a") == expr("b"));
}

TEST_CASE("a quotient is there if it is an expression") {
  auto quotient = [](std::string_view a, std::string_view b) {
    std::optional<DimExpr> result = expr(a).dividedBy(expr(b));
    return result ? result->str() : "none";
  };
  CHECK(quotient("6", "3") == "2");
  CHECK(quotient("7", "3") == "none");
  CHECK(quotient("0", "3") == "0");
  CHECK(quotient("3", "0") == "none");
  CHECK(quotient("0", "0") == "none");
  CHECK(quotient("6*a*b + 4*b", "2*b") == "3*a + 2");
  CHECK(quotient("a*a", "a") == "a");
  CHECK(quotient("a", "a*a") == "none");
  CHECK(quotient("a + 1", "a") == "none");
  CHECK(quotient("a", "a + 1") == "none");
  CHECK(quotient("4*a", "-2") == "-2*a");
}

TEST_CASE("what cannot be held is an overflow, and stays one") {
  DimExpr large(kMax), n = DimExpr::named("n");
  for (const DimExpr &over : {large + 1, DimExpr(-kMax) - 1, large * 2, large * n * 2, DimExpr::overflow(),
                              DimExpr(std::numeric_limits<int64_t>::min())}) {
    CHECK(over.isOverflow());
    CHECK_FALSE(over == over);
    CHECK_FALSE(over == DimExpr(0));
    CHECK_FALSE(over.constant());
    CHECK_FALSE(over.name());
    CHECK_FALSE(over.dividedBy(1));
    CHECK_FALSE(DimExpr(1).dividedBy(over));
    CHECK((over + 1).isOverflow());
    CHECK((n - over).isOverflow());
    CHECK((over * 0).isOverflow());
    CHECK_FALSE(DimExpr::parse(over.str()));
  }
  CHECK((large + 0).constant() == kMax);
  CHECK((DimExpr(0) - large).constant() == -kMax);
  // The product of many sums has too many terms.
  DimExpr product(1);
  for (int i = 0; i < 40; ++i)
    product = product * (DimExpr::named("a" + std::to_string(i)) + 1);
  CHECK(product.isOverflow());
}

TEST_CASE("random expressions obey the laws of a ring, and their texts are read back") {
  std::mt19937 random(7); // NOLINT(bugprone-random-generator-seed): the same expressions each time
  auto make = [&] {
    DimExpr e;
    for (unsigned terms = random() % 4; terms > 0; --terms) {
      DimExpr product(static_cast<int64_t>(random() % 7) - 3);
      for (unsigned names = random() % 3; names > 0; --names)
        product = product * DimExpr::named(std::string(1, static_cast<char>('a' + random() % 3)));
      e = e + product;
    }
    return e;
  };
  for (int i = 0; i < 2000; ++i) {
    DimExpr a = make(), b = make(), c = make();
    CHECK(expr(a.str()) == a);
    CHECK(expr(a.str()).str() == a.str());
    CHECK((a == b) == (a.str() == b.str()));
    CHECK(a + b == b + a);
    CHECK((a + b) + c == a + (b + c));
    CHECK(a * b == b * a);
    CHECK((a * b) * c == a * (b * c));
    CHECK(a * (b + c) == a * b + a * c);
    CHECK((a - b) + b == a);
    if (b.getTerms().size() == 1)
      CHECK((a * b).dividedBy(b) == a);
    if (std::optional<DimExpr> quotient = a.dividedBy(b))
      CHECK(*quotient * b == a);
  }
}

TEST_CASE("quotients are rounded down, and have one canonical form") {
  auto canonical = [](std::string_view text) { return expr(text).str(); };
  CHECK(canonical("(a)") == "a");
  CHECK(canonical("2*(a + 1)") == "2*a + 2");
  CHECK(canonical("h floordiv 1") == "h");
  CHECK(canonical("7 floordiv 2") == "3");
  CHECK(canonical("-(7 floordiv 2)") == "-3");
  CHECK(canonical("(3 - 10) floordiv 2") == "-4");
  CHECK(canonical("h floordiv 2") == "h floordiv 2");
  CHECK(canonical("(h + 1) floordiv 2") == "(h + 1) floordiv 2");
  CHECK(canonical("2*h floordiv 2") == "h");
  CHECK(canonical("(h - 1) floordiv 2 + 1") == "(h + 1) floordiv 2");
  CHECK(canonical("(2*h + 5) floordiv 2") == "h + 2");
  CHECK(canonical("(3*h) floordiv 2") == "h + h floordiv 2");
  CHECK(canonical("(2*h + 3) floordiv 4") == "(h + 1) floordiv 2");
  CHECK(canonical("(6 - h) floordiv 4") == "(3*h + 2) floordiv 4 - h + 1");
  CHECK(canonical("h floordiv 2 floordiv 3") == "h floordiv 6");
  CHECK(canonical("((h + 1) floordiv 2 + 1) floordiv 2") == "(h + 3) floordiv 4");
  CHECK(canonical("w*(h floordiv 2)*3") == "3*(h floordiv 2)*w");
  CHECK(canonical("(a*b + c floordiv 2) floordiv 5") == "(a*b + c floordiv 2) floordiv 5");
  CHECK(expr("h floordiv 2") == expr("h").floorDiv(2));
  CHECK_FALSE(expr("h floordiv 2").name());
  CHECK(expr("4*(h floordiv 2)").dividedBy(2) == expr("2*(h floordiv 2)"));
  CHECK(expr("h").floorDiv(0).isOverflow());
}

TEST_CASE("quotients do not grow without end") {
  std::string nested(200, '(');
  CHECK_FALSE(DimExpr::parse(nested + "a" + std::string(200, ')')));
  DimExpr grown = expr("a");
  for (int i = 0; i < 100 && !grown.isOverflow(); ++i)
    grown = (grown * grown + DimExpr::named("b" + std::to_string(i))).floorDiv(2 + i);
  CHECK(grown.isOverflow());
  CHECK(expr("a floordiv 9223372036854775807").floorDiv(2).isOverflow());
}

TEST_CASE("a quotient tells its parts, and names inside are found") {
  std::set<std::string> names;
  DimExpr all = expr("x*((y + 2*z) floordiv 3) + 1");
  all.forEachName([&](const std::string &name) { names.insert(name); });
  CHECK(names == std::set<std::string>{"x", "y", "z"});
  auto parts = DimExpr::quotient("(y + 2*z) floordiv 3");
  REQUIRE(parts);
  CHECK(parts->first == expr("y + 2*z"));
  CHECK(parts->second == 3);
  CHECK_FALSE(DimExpr::quotient("y"));
}

TEST_CASE("the canonical form has the value of what it was made of") {
  // As C++ computes it, on numbers for the names.
  auto down = [](int64_t a, int64_t b) { return a / b - (a % b < 0 ? 1 : 0); };
  std::function<int64_t(const DimExpr &, int64_t)> value = [&](const DimExpr &e, int64_t h) {
    int64_t sum = 0;
    for (const auto &[factors, coefficient] : e.getTerms()) {
      int64_t product = coefficient;
      for (const std::string &factor : factors) {
        auto parts = DimExpr::quotient(factor);
        product *= parts ? down(value(parts->first, h), parts->second) : h;
      }
      sum += product;
    }
    return sum;
  };
  std::mt19937 random(1);
  for (int i = 0; i < 2000; ++i) {
    DimExpr e = expr("h");
    int64_t h = static_cast<int64_t>(random() % 100), number = h;
    for (int step = 0; step < 4; ++step) {
      int64_t factor = static_cast<int64_t>(random() % 7) - 3, added = static_cast<int64_t>(random() % 9) - 4,
              divisor = 1 + static_cast<int64_t>(random() % 6);
      e = (e * factor + added).floorDiv(divisor);
      number = down(number * factor + added, divisor);
    }
    CAPTURE(e.str(), h);
    CHECK(value(e, h) == number);
    CHECK(expr(e.str()) == e);
  }
}
