// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Indexing.h"
#include "lib/ops/Operands.h"
#include "varve/ops/Index.h"

namespace varve {

struct IndexAccess {
  using Kind = Index::Kind;
  using List = std::initializer_list<const Index *>;

  static bool takes_dimension(const Index &index) {
    return index.kind != Kind::ellipsis && index.kind != Kind::newaxis;
  }

  // Position i is the range from i to i + 1; of the last one, counted from the end, to the end.
  static Range range_of(const Index &index) {
    if (index.kind == Kind::range)
      return index.range;
    if (index.kind != Kind::position)
      return {};
    const Dim &at = index.range.begin;
    return at == Dim(-1) ? Range{.begin = at} : Range{.begin = at, .end = at + 1};
  }

  static void check(int64_t rank, List indices) {
    int64_t taken = 0, ellipses = 0, positions = 0, values = 0;
    for (const Index *index : indices) {
      taken += takes_dimension(*index);
      ellipses += index->kind == Kind::ellipsis;
      positions += index->kind == Kind::position;
      values += index->kind == Kind::positions;
      if (index->kind == Kind::positions)
        detail::expect_usable(index->positions, index->site);
    }
    Site site = (*indices.begin())->site;
    if (taken > rank)
      detail::fail("expects " + std::to_string(rank) + " indices or fewer, but got " + std::to_string(taken), site);
    if (ellipses > 1)
      detail::fail("expects one ellipsis or none, but got " + std::to_string(ellipses), site);
    if (values > 1 || (values && positions))
      detail::fail("expects one value as index, and no number beside it, but got " + std::to_string(values) +
                       " values and " + std::to_string(positions) + " numbers",
                   site);
  }

  static Value apply(Value value, List indices) {
    Site site = (*indices.begin())->site;
    int64_t left = value.rank();
    check(left, indices);
    for (const Index *index : indices)
      left -= takes_dimension(*index);

    // Each dimension's part; then what becomes of it, in the order of the indices.
    std::vector<Range> ranges;
    bool cuts = false, reshapes = false;
    for (const Index *index : indices) {
      if (index->kind == Kind::ellipsis)
        ranges.resize(ranges.size() + static_cast<size_t>(left));
      if (takes_dimension(*index))
        ranges.push_back(range_of(*index));
      cuts |= index->kind == Kind::position || index->kind == Kind::range;
      reshapes |= index->kind == Kind::position || index->kind == Kind::newaxis;
    }
    Value part = cuts ? slice({value, site}, ranges) : value;
    Shape shape = part.shape(), result;
    auto dim = shape.begin();
    for (const Index *index : indices) {
      if (index->kind == Kind::newaxis) {
        result.push_back(1);
      } else if (index->kind == Kind::ellipsis) {
        result.insert(result.end(), dim, dim + left);
        dim += left;
      } else if (index->kind == Kind::positions) {
        Shape inner = index->positions.shape();
        part = gather({part, site}, {index->positions, site}, dim - shape.begin());
        result.insert(result.end(), inner.begin(), inner.end());
        ++dim;
      } else {
        if (index->kind == Kind::range)
          result.push_back(*dim);
        ++dim;
      }
    }
    result.insert(result.end(), dim, shape.end());
    return reshapes ? reshape({part, site}, result) : part;
  }
};

Value Value::operator()(const Index &i) const { return IndexAccess::apply(*this, {&i}); }
Value Value::operator()(const Index &i, const Index &j) const { return IndexAccess::apply(*this, {&i, &j}); }
Value Value::operator()(const Index &i, const Index &j, const Index &k) const {
  return IndexAccess::apply(*this, {&i, &j, &k});
}
Value Value::operator()(const Index &i, const Index &j, const Index &k, const Index &l) const {
  return IndexAccess::apply(*this, {&i, &j, &k, &l});
}
Value Value::operator()(const Index &i, const Index &j, const Index &k, const Index &l, const Index &m) const {
  return IndexAccess::apply(*this, {&i, &j, &k, &l, &m});
}
Value Value::operator()(const Index &i, const Index &j, const Index &k, const Index &l, const Index &m,
                        const Index &n) const {
  return IndexAccess::apply(*this, {&i, &j, &k, &l, &m, &n});
}

} // namespace varve
