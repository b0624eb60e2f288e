// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Control.h"
#include "lib/ops/Operands.h"

namespace varve {

struct CountAccess {
  static void give(const Count &count, detail::LoopParts &parts) {
    parts.count = count.count;
    parts.limit = count.limit;
  }
};

namespace detail {

std::pair<Value, Site> flag_of(const Operand &condition) { return {value_of(condition, boolean), site_of(condition)}; }

LoopParts parts_of(const std::optional<Count> &count) {
  LoopParts parts;
  if (count)
    CountAccess::give(*count, parts);
  return parts;
}

Value always(Site site) { return value_of(Operand(true, site), boolean); }

Dim trips_of(const NamedValues &scanned, int64_t axis, Site site) {
  if (scanned.empty())
    fail("expects a value to scan, but got none", site);
  return scanned.front().second.dim(axis, site);
}

} // namespace detail
} // namespace varve
