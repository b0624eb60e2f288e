// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Parts of a value, written as in Python; dimensions keep their names.
//   Value last = x(ellipsis, -1), pairs = x(slice(), newaxis, slice(0, "seq", 2));
#pragma once
#include "varve/ops/Shape.h"

namespace varve {

/// Python's `begin:end:step`. `slice()` is a whole dimension, `slice(1)` is `1:` (Python's `slice(1)` is `:1`), `slice(-1, {}, -1)` is
/// `::-1`. Positions are those
/// of `Range`: one that lies outside of the dimension is an error, not moved inside.
/// **Shapes** the dimension is (end - begin) / step, rounded up. **Types** any. **IR** `varve.slice`, where it is used.
inline Range slice(Dim begin = 0, std::optional<Dim> end = {}, int64_t step = 1) {
  return {std::move(begin), std::move(end), step};
}

struct Ellipsis {};
/// As many whole dimensions as the other indices leave.
inline constexpr Ellipsis ellipsis;

struct NewAxis {};
/// A new dimension of size 1.
inline constexpr NewAxis newaxis;

/// What may stand in the parentheses of a value. Each but `ellipsis` and `newaxis` is for one dimension, in order; those that are
/// left at the end are taken whole.
/// - A number, or a dimension's name: the elements there, without the dimension. A negative number counts from the end.
/// - `slice(..)`, or a `Range`: a part of the dimension.
/// - A value of i32 or i64: the elements at these positions, its dimensions in place of the one. Only one, and beside no number,
///   since NumPy has rules of its own for these.
///
/// **Throws** `Error` for more indices than dimensions, and what is known to lie outside; what is not known is checked when the
/// model runs. **IR** `varve.slice`, `varve.gather`, `varve.reshape`, each where it is needed.
class Index {
public:
  // NOLINTBEGIN(google-explicit-constructor): conversion is what it is for
  Index(Dim position, Site site = Site::current()) : kind(Kind::position), range{std::move(position)}, site(site) {}
  template <std::integral T> Index(T position, Site site = Site::current()) : Index(Dim(position), site) {}
  Index(const char *position, Site site = Site::current()) : Index(Dim(position), site) {}
  Index(Range range, Site site = Site::current()) : kind(Kind::range), range(std::move(range)), site(site) {}
  Index(Ellipsis, Site site = Site::current()) : kind(Kind::ellipsis), site(site) {}
  Index(NewAxis, Site site = Site::current()) : kind(Kind::newaxis), site(site) {}
  Index(Value positions, Site site = Site::current()) : kind(Kind::positions), positions(positions), site(site) {}
  // NOLINTEND(google-explicit-constructor)

private:
  friend struct IndexAccess;
  enum class Kind : uint8_t { position, range, ellipsis, newaxis, positions };
  Kind kind;
  Range range; // of a position, its beginning
  Value positions;
  Site site;
};

} // namespace varve
