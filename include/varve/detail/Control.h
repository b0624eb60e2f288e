// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Records the bodies of a branch or a loop, one after another, and then the op. The functions in varve/ops/Control.h are
// what it is for.
// Private to the library's headers.
#pragma once
#include "varve/Value.h"
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace varve::detail {

/// Values, and what they are called in what the author returned.
using NamedValues = std::vector<std::pair<std::string, Value>>;

/// What a loop has besides its bodies.
struct LoopParts {
  std::optional<Dim> count;
  Value limit; // none, if there is a count, or no bound
  NamedValues inits, scanned;
  int64_t axis = 0, stack_axis = 0;
  bool is_conditional = false;
};

/// What is gone before `finish` has recorded nothing: as when a body throws.
class Control {
public:
  /// A branch: `on_true` is recorded first, then `on_false`. **Throws** `Error` if the condition is no scalar bool.
  Control(Value condition, Site site);
  /// A loop: the condition is recorded first, if there is one, then the body. **Throws** `Error` for parts that do not go
  /// together.
  Control(LoopParts parts, Site site);
  Control(const Control &) = delete;
  Control &operator=(const Control &) = delete;
  ~Control();

  /// Begins the next body: what is recorded from now on is in it. Gives the values that it takes.
  std::vector<Value> begin();
  /// Ends it: calls of layers in it become regions. **Throws** `Error` if it does not hand out what it should.
  void end(const NamedValues &outputs);
  /// Records the op; gives its results.
  std::vector<Value> finish();

private:
  struct State;
  std::unique_ptr<State> state;
};

} // namespace varve::detail
