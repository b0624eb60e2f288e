// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Expressions of named dimensions: sums of products of names, integers and quotients that are rounded down, in a canonical
// form, so that two expressions are equal exactly when their texts are. `past + seq`, `2*batch*seq - 1`,
// `(height + 1) floordiv 2`.
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace varve::ir {

class DimExpr {
public:
  /// A product: its factors, names and quotients (see `quotient`), sorted; repeated for powers.
  using Names = std::vector<std::string>;
  /// Products that have more names come first, then by name; the constant comes last.
  struct Order {
    bool operator()(const Names &a, const Names &b) const { return a.size() != b.size() ? a.size() > b.size() : a < b; }
  };
  using Terms = std::map<Names, int64_t, Order>;

  DimExpr(int64_t value = 0);
  /// What an expression is that cannot be held: it equals nothing, and whatever is made of it is one too. Arithmetic
  /// gives it where a coefficient leaves int64_t or an expression grows beyond `maxTerms` products, `maxNames` factors
  /// in one, or a quotient beyond `maxQuotient` characters.
  static DimExpr overflow();
  bool isOverflow() const { return overflowed; }
  static constexpr size_t maxTerms = 256, maxNames = 32, maxQuotient = 512;
  /// Parentheses around each other in a text; so executables' manifests are not nested too deeply.
  static constexpr size_t maxDepth = 12;
  /// A name; see `isName`.
  static DimExpr named(std::string name);
  /// Reads a text in any order of terms; nothing if it is no expression or a coefficient overflows.
  static std::optional<DimExpr> parse(std::string_view text);
  /// A letter or underscore, then letters, digits, underscores and dots.
  static bool isName(std::string_view text);
  /// Numerator and divisor of a factor that is no name. Every coefficient of the numerator is in [0, divisor), so it is
  /// not negative where the names are not.
  static std::optional<std::pair<DimExpr, int64_t>> quotient(std::string_view factor);
  /// Calls fn for each name, those in quotients too.
  void forEachName(const std::function<void(const std::string &)> &fn) const;

  /// The canonical text.
  std::string str() const;
  /// The value, if the expression has no names.
  std::optional<int64_t> constant() const;
  /// The name, if the expression is one name.
  std::optional<std::string> name() const;
  const Terms &getTerms() const & { return terms; }
  Terms getTerms() && { return std::move(terms); }

  DimExpr operator+(const DimExpr &other) const;
  DimExpr operator-(const DimExpr &other) const;
  DimExpr operator*(const DimExpr &other) const;
  /// This over other, if that is an expression: every coefficient divisible, every product containing other's names.
  std::optional<DimExpr> dividedBy(const DimExpr &other) const;
  /// This over a divisor of 1 or more, rounded down; an overflow for another divisor. What is divisible stands outside of
  /// the quotient, `(2*h + 5) floordiv 2` is `h + 2`, and a quotient of a quotient is one quotient.
  DimExpr floorDiv(int64_t divisor) const;
  bool operator==(const DimExpr &other) const { return !overflowed && !other.overflowed && terms == other.terms; }

private:
  void add(const Names &names, __int128 coefficient);
  Terms terms;
  bool overflowed = false;
};

} // namespace varve::ir
