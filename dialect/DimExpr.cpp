// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialect/DimExpr.h"
#include <algorithm>
#include <cctype>
#include <iterator>
#include <limits>

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

std::optional<DimExpr> DimExpr::parse(std::string_view text) {
  if (isName(text)) // most are
    return named(std::string(text));
  size_t at = 0;
  auto skip = [&] {
    while (at < text.size() && text[at] == ' ')
      ++at;
  };
  auto take = [&](char c) {
    skip();
    if (at >= text.size() || text[at] != c)
      return false;
    ++at;
    return true;
  };
  auto factor = [&]() -> std::optional<DimExpr> {
    skip();
    size_t begin = at;
    while (at < text.size() &&
           (std::isalnum(static_cast<unsigned char>(text[at])) || text[at] == '_' || text[at] == '.'))
      ++at;
    std::string_view word = text.substr(begin, at - begin);
    if (isName(word))
      return named(std::string(word));
    if (word.empty() || !std::all_of(word.begin(), word.end(), [](unsigned char c) { return std::isdigit(c); }))
      return std::nullopt;
    __int128 value = 0;
    for (char c : word) {
      value = value * 10 + (c - '0');
      if (value > std::numeric_limits<int64_t>::max())
        return std::nullopt;
    }
    return DimExpr(static_cast<int64_t>(value));
  };
  DimExpr sum;
  bool negative = take('-');
  while (true) {
    std::optional<DimExpr> product = factor();
    while (product && take('*')) {
      std::optional<DimExpr> next = factor();
      product = next ? std::optional(*product * *next) : std::nullopt;
    }
    if (!product || product->isOverflow())
      return std::nullopt;
    sum = negative ? sum - *product : sum + *product;
    if (take('+'))
      negative = false;
    else if (take('-'))
      negative = true;
    else
      break;
  }
  skip();
  return at == text.size() && !sum.isOverflow() ? std::optional(sum) : std::nullopt;
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
    for (const std::string &name : names)
      product += (product.empty() ? "" : "*") + name;
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
  if (terms.size() != 1 || terms.begin()->first.size() != 1 || terms.begin()->second != 1)
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

} // namespace varve::ir
