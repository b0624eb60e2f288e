// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/Dim.h"
#include "dialect/DimExpr.h"
#include "lib/graph/Record.h"
#include "varve/Error.h"

namespace varve {
namespace {

ir::DimExpr parse(const std::string &text) {
  std::optional<ir::DimExpr> expr = ir::DimExpr::parse(text);
  if (!expr)
    throw Error("expects a dimension: a size, a name, or sums and products of them, but got '" + text + "'");
  return *expr;
}

ir::DimExpr expr_of(const Dim &dim) { return dim.is_static() ? ir::DimExpr(dim.value()) : parse(dim.str()); }

Dim dim_of(const ir::DimExpr &expr, const Dim &lhs, const char *op, const Dim &rhs) {
  if (expr.isOverflow())
    throw Error("expects a dimension that fits in 64 bits, but got " + lhs.str() + " " + op + " " + rhs.str());
  if (std::optional<int64_t> size = expr.constant())
    return *size;
  return expr.str();
}

} // namespace

Dim::Dim(const char *text) : Dim(std::string(text ? text : "")) {}

Dim::Dim(std::string name) {
  if (ir::DimExpr::isName(name)) {
    text = std::move(name);
    return;
  }
  ir::DimExpr expr = parse(name);
  if (std::optional<int64_t> constant = expr.constant())
    size = *constant;
  else
    text = expr.str();
}

int64_t Dim::value() const {
  if (!is_static())
    throw Error("expects a static dimension, but got '" + text + "'");
  return size;
}

Dim operator+(const Dim &lhs, const Dim &rhs) { return dim_of(expr_of(lhs) + expr_of(rhs), lhs, "+", rhs); }
Dim operator-(const Dim &lhs, const Dim &rhs) { return dim_of(expr_of(lhs) - expr_of(rhs), lhs, "-", rhs); }
Dim operator*(const Dim &lhs, const Dim &rhs) { return dim_of(expr_of(lhs) * expr_of(rhs), lhs, "*", rhs); }

Dim operator/(const Dim &lhs, int64_t divisor) {
  if (divisor < 1)
    throw Error("expects a divisor of 1 or more, but got " + lhs.str() + " / " + std::to_string(divisor));
  return dim_of(expr_of(lhs).floorDiv(divisor), lhs, "/", divisor);
}

std::optional<Dim> detail::quotient(const Dim &dim, int64_t by) {
  std::optional<ir::DimExpr> expr = expr_of(dim).dividedBy(by);
  return expr ? std::optional(dim_of(*expr, dim, "/", by)) : std::nullopt;
}

std::string shape_text(const Shape &shape) {
  std::string text = "[";
  for (const Dim &dim : shape)
    text += (text.size() > 1 ? ", " : "") + dim.str();
  return text + "]";
}

std::string TensorType::str() const { return std::string(name_of(encoding, dtype)) + " " + shape_text(shape); }

} // namespace varve
