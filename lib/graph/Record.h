// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Records ops in the graph of the current thread; free of MLIR. What lib/ops, lib/nn and the public handles stand on.
#pragma once
#include "varve/Graph.h"
#include "varve/Node.h"
#include <initializer_list>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

namespace varve {

/// Makes and opens handles.
struct ValueAccess {
  static Value make(uint32_t graph, uint32_t slot);
  static uint32_t graph(Value value) { return value.graph; }
  static uint32_t slot(Value value) { return value.slot; }
};

namespace detail {

/// An attribute that is there or not.
struct Unit {};

/// An attribute of an op by its name in ODS. Refers to what it was made from.
struct Attribute {
  std::string_view name;
  std::variant<Unit, int64_t, double, std::string_view, DType, std::span<const int64_t>, std::span<const Dim>, Tensor,
               std::span<const double>, std::span<const int32_t>>
      value;
};

/// Appends an op. Its result types come from its own rule (`inferReturnTypes`); only an op that has none takes `types`.
/// **Throws** `Error` with the words of the op's rule or verifier, the layer path and the author's line; nothing was
/// recorded then.
std::vector<Value> record(std::string_view op, std::span<const Value> operands, std::span<const Attribute> attributes,
                          Site site, std::span<const TensorType> types = {});
/// The same for an op of one result.
Value record_one(std::string_view op, std::initializer_list<Value> operands,
                 std::initializer_list<Attribute> attributes, Site site);

/// **Throws** `Error` at that line for a value that cannot be used here.
void expect_usable(Value value, Site site);

/// `varve.use` of a weight; declares it at its first use.
Value record_use(const std::shared_ptr<WeightState> &weight, Site site);
/// The graph's argument for a buffer, added at its first use. Only for the ops on buffers.
Value buffer_argument(const Buffer &buffer, const Node &layer, Site site);

/// The graph that has used a layer or weight: the first that is there, or the one that this thread records; "" if none.
std::string graph_of(const std::shared_ptr<GraphUse> &use);

/// The dimension over a number, if that is one.
std::optional<Dim> quotient(const Dim &dim, int64_t by);

/// The names of all ops of the dialect.
std::vector<std::string> op_names();
/// **Throws** `Error` at that line, in the layer that is being called.
[[noreturn]] void fail(const std::string &message, Site site);
/// The dotted name of a node from `root`, or from its own root if it is not below.
std::string path_of(const Node &node, const Node *root);
/// What the names of a layer's weights begin with: the same, without the layers that keep their names out.
std::string weight_path_of(const Node &owner, const Node *root);

/// The call of a layer, as long as it lives; scopes are nested. It becomes a `varve.layer` op, if anything is recorded
/// in it.
class Scope {
public:
  /// **Throws** `Error` if no graph is being recorded.
  Scope(const Node &layer, Site site);
  Scope(const Scope &) = delete;
  Scope &operator=(const Scope &) = delete;
  ~Scope();

  /// The path of this call: that of the layer, `#1` and so on added when called again.
  const std::string &path() const;
  /// Until the guard is gone, what is recorded is the author's own, also in a layer of the library: a hook.
  struct Author {
    explicit Author(Scope &scope);
    Author(const Author &) = delete;
    Author &operator=(const Author &) = delete;
    ~Author();
    Scope &scope;
    bool was;
  };

private:
  size_t index = 0;
};
/// The layer whose call is running, null at the root of a function.
const Node *current_layer();

} // namespace detail
} // namespace varve
