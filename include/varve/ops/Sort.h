// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Operations that order elements. Equal ones stay in their order; NaN counts as greatest.
//   auto [weights, experts] = top_k(softmax(router(x)), 2);
#pragma once
#include "varve/Weight.h"

namespace varve {

struct SortOptions {
  int64_t axis = -1;
  /// The greatest first.
  bool descending = false;
};
/// Elements in order, and where they were: i64.
struct Sorted {
  Value values, indices;
};
/// The elements in order along an axis. **Shapes** the input's. **Types** numbers. **Throws** `Error`. **IR** `varve.sort`.
Sorted sort(Operand input, SortOptions options = {});
/// Where the elements are in order: the indices of `sort`. **Shapes** the input's. **Types** numbers; the
/// result is i64. **Throws** `Error`. **IR** `varve.sort`.
Value argsort(Operand input, SortOptions options = {});
/// The k greatest elements along an axis, the greatest first.
/// **Shapes** the input's, with k as the axis. **Types** numbers. **Throws** `Error` if there are less; what is not known is checked
/// when the model runs. **IR** `varve.top_k`.
Sorted top_k(Operand input, int64_t k, int64_t axis = -1);

} // namespace varve
