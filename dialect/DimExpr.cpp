// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialect/DimExpr.h"
#include <algorithm>
#include <cctype>
#include <iterator>
#include <limits>
#include <numeric>

namespace varve::ir {

DimExpr::DimExpr(int64_t value) { add({}, value); }

DimExpr DimExpr::named(std::string name) {
  DimExpr e;
  e.add({std::move(name)}, 1);
  return e;
}

DimExpr DimExpr::overflow() {
  DimExpr e;
  e.overflowed = true;
  return e;
}

void DimExpr::add(const Names &names, __int128 coefficient) {
  auto [it, isNew] = terms.try_emplace(names, 0);
  __int128 sum = it->second + coefficient;
  // The least int64_t is left out, so that every coefficient has a negative.
  constexpr int64_t limit = std::numeric_limits<int64_t>::max();
  if (sum > limit || sum < -limit || terms.size() > maxTerms || names.size() > maxNames) {
    *this = overflow();
    return;
  }
  it->second = static_cast<int64_t>(sum);
  if (it->second == 0)
    terms.erase(it);
}

bool DimExpr::isName(std::string_view text) {
  if (text.empty() || (!std::isalpha(static_cast<unsigned char>(text[0])) && text[0] != '_'))
    return false;
  return std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '.'; });
}

namespace {
constexpr std::string_view kFloorDiv = " floordiv ";

class Parser {
public:
  explicit Parser(std::string_view text) : text(text) {}
  std::optional<DimExpr> parse() {
    std::optional<DimExpr> expr = sum();
    skip();
    return at == text.size() ? expr : std::nullopt;
  }

private:
  // An expression that has overflowed, even for a moment, is none.
  std::optional<DimExpr> sum() {
    if (++depth > DimExpr::maxDepth)
      return std::nullopt;
    DimExpr result;
    bool negative = take('-');
    while (true) {
      std::optional<DimExpr> next = product();
      if (!next || next->isOverflow())
        return std::nullopt;
      result = negative ? result - *next : result + *next;
      if (take('+'))
        negative = false;
      else if (take('-'))
        negative = true;
      else
        break;
    }
    --depth;
    return result.isOverflow() ? std::nullopt : std::optional(result);
  }
  std::optional<DimExpr> product() {
    std::optional<DimExpr> result = factor();
    while (result) {
      if (take('*')) {
        std::optional<DimExpr> next = factor();
        result = next ? std::optional(*result * *next) : std::nullopt;
      } else if (takeFloorDiv()) {
        std::optional<DimExpr> divisor = factor();
        std::optional<int64_t> number = divisor ? divisor->constant() : std::nullopt;
        result = number ? std::optional(result->floorDiv(*number)) : std::nullopt;
      } else {
        break;
      }
    }
    return result;
  }
  std::optional<DimExpr> factor() {
    if (take('(')) {
      std::optional<DimExpr> inner = sum();
      return take(')') ? inner : std::nullopt;
    }
    std::string_view word = nextWord();
    at += word.size();
    if (DimExpr::isName(word))
      return DimExpr::named(std::string(word));
    if (word.empty() || !std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::isdigit(c); }))
      return std::nullopt;
    __int128 value = 0;
    for (char c : word) {
      value = value * 10 + (c - '0');
      if (value > std::numeric_limits<int64_t>::max())
        return std::nullopt;
    }
    return DimExpr(static_cast<int64_t>(value));
  }
  void skip() {
    while (at < text.size() && text[at] == ' ')
      ++at;
  }
  bool take(char c) {
    skip();
    if (at >= text.size() || text[at] != c)
      return false;
    ++at;
    return true;
  }
  std::string_view nextWord() {
    skip();
    size_t end = at;
    while (end < text.size() &&
           (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_' || text[end] == '.'))
      ++end;
    return text.substr(at, end - at);
  }
  bool takeFloorDiv() {
    if (nextWord() != "floordiv")
      return false;
    at += std::string_view("floordiv").size();
    return true;
  }

  std::string_view text;
  size_t at = 0, depth = 0;
};
} // namespace

std::optional<DimExpr> DimExpr::parse(std::string_view text) {
  if (isName(text)) // most are
    return named(std::string(text));
  return Parser(text).parse();
}

std::optional<std::pair<DimExpr, int64_t>> DimExpr::quotient(std::string_view factor) {
  size_t between = factor.rfind(kFloorDiv);
  if (between == std::string_view::npos)
    return std::nullopt;
  std::optional<DimExpr> numerator = parse(factor.substr(0, between));
  std::optional<DimExpr> divisor = parse(factor.substr(between + kFloorDiv.size()));
  if (!numerator || !divisor || !divisor->constant())
    return std::nullopt;
  return std::pair(*numerator, *divisor->constant());
}

void DimExpr::forEachName(const std::function<void(const std::string &)> &fn) const {
  for (const auto &[factors, coefficient] : terms)
    for (const std::string &factor : factors) {
      if (auto parts = quotient(factor))
        parts->first.forEachName(fn);
      else
        fn(factor);
    }
}

std::string DimExpr::str() const {
  if (overflowed)
    return "a size that overflows";
  if (terms.empty())
    return "0";
  std::string text;
  for (const auto &[names, coefficient] : terms) {
    int64_t size = coefficient < 0 ? -coefficient : coefficient;
    text += text.empty() ? (coefficient < 0 ? "-" : "") : (coefficient < 0 ? " - " : " + ");
    std::string product = size != 1 || names.empty() ? std::to_string(size) : "";
    for (const std::string &factor : names) {
      bool alone = product.empty() && names.size() == 1;
      product += product.empty() ? "" : "*";
      product += alone || isName(factor) ? factor : "(" + factor + ")";
    }
    text += product;
  }
  return text;
}

std::optional<int64_t> DimExpr::constant() const {
  if (overflowed)
    return std::nullopt;
  if (terms.empty())
    return 0;
  if (terms.size() == 1 && terms.begin()->first.empty())
    return terms.begin()->second;
  return std::nullopt;
}

std::optional<std::string> DimExpr::name() const {
  if (terms.size() != 1 || terms.begin()->first.size() != 1 || terms.begin()->second != 1 ||
      !isName(terms.begin()->first[0]))
    return std::nullopt;
  return terms.begin()->first[0];
}

DimExpr DimExpr::operator+(const DimExpr &other) const {
  if (overflowed || other.overflowed)
    return overflow();
  DimExpr sum = *this;
  for (const auto &[names, coefficient] : other.terms) {
    sum.add(names, coefficient);
    if (sum.overflowed)
      break;
  }
  return sum;
}

DimExpr DimExpr::operator-(const DimExpr &other) const { return *this + other * DimExpr(-1); }

DimExpr DimExpr::operator*(const DimExpr &other) const {
  if (overflowed || other.overflowed)
    return overflow();
  DimExpr product;
  for (const auto &[a, x] : terms)
    for (const auto &[b, y] : other.terms) {
      Names names;
      std::merge(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(names));
      product.add(names, static_cast<__int128>(x) * y);
      if (product.overflowed)
        return product;
    }
  return product;
}

std::optional<DimExpr> DimExpr::dividedBy(const DimExpr &other) const {
  if (overflowed || other.terms.size() != 1)
    return std::nullopt;
  const auto &[divisor, by] = *other.terms.begin();
  DimExpr quotient;
  for (const auto &[names, coefficient] : terms) {
    if (coefficient % by != 0 || !std::includes(names.begin(), names.end(), divisor.begin(), divisor.end()))
      return std::nullopt;
    Names rest;
    std::set_difference(names.begin(), names.end(), divisor.begin(), divisor.end(), std::back_inserter(rest));
    quotient.add(rest, coefficient / by);
  }
  return quotient;
}

DimExpr DimExpr::floorDiv(int64_t divisor) const {
  if (overflowed || divisor < 1)
    return overflow();
  DimExpr whole, rest;
  int64_t common = divisor; // of the divisor and the rest's coefficients, but for the constant
  for (const auto &[names, coefficient] : terms) {
    int64_t left = coefficient % divisor < 0 ? coefficient % divisor + divisor : coefficient % divisor;
    whole.add(names, (static_cast<__int128>(coefficient) - left) / divisor);
    rest.add(names, left);
    if (!names.empty())
      common = std::gcd(common, left);
  }
  if (whole.overflowed || rest.constant()) // the constant is less than the divisor
    return whole;
  if (common > 1) {
    DimExpr smaller;
    for (const auto &[names, coefficient] : rest.terms)
      smaller.add(names, coefficient / common);
    return whole + smaller.floorDiv(divisor / common);
  }
  // x floordiv a + b, over c, is x + a * b, over a * c.
  const auto &[names, coefficient] = *rest.terms.begin();
  bool single = names.size() == 1 && coefficient == 1 && (rest.terms.size() == 1 || rest.terms.rbegin()->first.empty());
  if (auto inner = single && rest.terms.size() <= 2 ? quotient(names[0]) : std::nullopt) {
    int64_t product = 0;
    if (__builtin_mul_overflow(inner->second, divisor, &product))
      return overflow();
    DimExpr added = rest.terms.size() == 2 ? DimExpr(rest.terms.rbegin()->second) : DimExpr(0);
    return whole + (inner->first + added * inner->second).floorDiv(product);
  }
  std::string text = rest.name() ? rest.str() : "(" + rest.str() + ")";
  text += kFloorDiv;
  text += std::to_string(divisor);
  int64_t depth = 0, deepest = 0;
  for (char c : text) {
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    deepest = std::max(deepest, depth);
  }
  // One more pair stands around it in a product.
  return text.size() > maxQuotient || deepest + 2 > static_cast<int64_t>(maxDepth) ? overflow()
                                                                                   : whole + named(std::move(text));
}

} // namespace varve::ir
