// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Graphs: a model, run once on symbolic inputs, and written down.
//   Graph graph("mlp", mlp, {tensor_type(bf16, {"batch", "seq", 2048})});
//   graph.save("mlp.mlir");
#pragma once
#include "varve/Weight.h"
#include "varve/detail/Values.h"
#include <memory>
#include <span>
#include <utility>

namespace varve {

/// What a graph takes: a tensor that becomes an argument of `forward`, or a number that gives a dimension its size.
struct GraphInput {
  // NOLINTBEGIN(google-explicit-constructor): lists of inputs are written as lists of types
  GraphInput(TensorType type) : type(std::move(type)) {}
  GraphInput(std::string name, TensorType type) : name(std::move(name)), type(std::move(type)) {}
  // NOLINTEND(google-explicit-constructor)
  std::string name; // "": "x", or "input0", "input1", .. if there are several
  TensorType type;
  bool is_dim = false;
};

/// A scalar i64 argument of the compiled model whose value is the size of `Dim(name)`; `forward` does not see it.
inline GraphInput dim_input(std::string name) {
  GraphInput input(std::move(name), tensor_type(i64, {}));
  input.is_dim = true;
  return input;
}

struct GraphOptions {
  /// Names of the values that `forward` returns, in their order; else those of the fields if that is a struct ("logits",
  /// "hidden.0"), "output" for one value, or "output0", "output1", ..
  std::vector<std::string> outputs = {};
};

/// A recorded model: a module of the varve dialect. Owns the record; move-only. It does not need the model any more,
/// except that weights loaded later are seen through `state_dict`.
class Graph {
public:
  /// Calls the model (a layer, or any callable) with a value for each input and records what it does. What it returns
  /// (a value, a list, tuple or struct of values) are the outputs. Recording is per thread.
  /// **Throws** `Error` for every mistake in the model, with layer path and C++ line, and for another number of inputs
  /// than the model takes.
  template <class Model>
  Graph(std::string name, Model &&model, std::vector<GraphInput> inputs, GraphOptions options = {},
        Site site = Site::current())
      : Graph(std::move(name), root_of(model), std::move(inputs), std::move(options), site) {
    Recording recording(*this);
    finish(outputs_of(model, site));
  }
  Graph(Graph &&) noexcept;
  Graph &operator=(Graph &&) noexcept;
  ~Graph();

  const std::string &name() const;
  /// The module as text.
  std::string text(bool debug_locations = false) const;
  /// The module as MLIR bytecode: what `compile` takes.
  std::string bytecode() const;
  /// Writes the module, with its locations: text, or bytecode if the path ends in `.mlirbc`. The file is complete or not
  /// there. **Throws** `Error` if it cannot be written.
  void save(const std::string &path) const;
  /// A table of the calls of layers that recorded anything: path, type, output shape, dtype, parameters, bytes and device;
  /// and totals. A layer deeper than `depth` names is left out, and its weights count in the one around it.
  std::string summary(int depth = 100) const;

  /// The weights that the graph uses, by their symbols in the IR.
  std::vector<std::pair<std::string, TensorType>> weights() const;
  /// The values of these weights that are loaded by now.
  StateDict state_dict() const;

private:
  struct Impl;
  // The recording of this thread, for the time of a call of the model.
  struct Recording {
    explicit Recording(Graph &graph);
    Recording(const Recording &) = delete;
    Recording &operator=(const Recording &) = delete;
    ~Recording();
    Graph &graph;
  };
  std::unique_ptr<Impl> impl;

  Graph(std::string name, const Node *root, std::vector<GraphInput> inputs, GraphOptions options, Site site);
  /// The values that the model is called with.
  const std::vector<Value> &values() const;
  /// The values in what the model returns, with the names of the fields if that is a struct.
  using Outputs = std::vector<std::pair<std::string, Value>>;
  void finish(const Outputs &outputs);
  [[noreturn]] void throw_no_values() const;
  [[noreturn]] void throw_arity(const std::vector<size_t> &takes) const;

  template <class Model> static const Node *root_of(const Model &model) {
    if constexpr (std::is_base_of_v<Node, Model>)
      return &model;
    else
      return nullptr;
  }

  template <size_t> using Each = Value;
  template <class Model, size_t... I> static constexpr bool takes(std::index_sequence<I...>) {
    if constexpr (std::is_base_of_v<Node, Model>)
      return requires(Model &model, Each<I>... args) { model.forward(args...); };
    else
      return std::is_invocable_v<Model &, Each<I>...>;
  }
  // True if it takes a list of values, and no number of single ones.
  template <class Model, size_t... N> static constexpr bool takes_list(std::index_sequence<N...>) {
    if constexpr ((takes<Model>(std::make_index_sequence<N>()) || ...))
      return false;
    else if constexpr (std::is_base_of_v<Node, Model>)
      return requires(Model &model, const std::vector<Value> &list) { model.forward(list); };
    else
      return std::is_invocable_v<Model &, const std::vector<Value> &>;
  }

  // What the model, called with args, returns: the values in it.
  template <class Model, class... Args> Outputs flatten(Model &model, Site site, const Args &...args) {
    auto call = [&] {
      if constexpr (std::is_base_of_v<Node, Model>)
        return model(args..., site);
      else
        return model(args...);
    };
    Outputs outputs;
    if constexpr (std::is_void_v<decltype(call())>) {
      call();
    } else {
      auto result = call();
      detail::for_each_value({}, result, [&](const std::string &name, Value value) {
        outputs.emplace_back(detail::Struct<decltype(result)> ? name : "", value);
      });
      if (outputs.empty())
        throw_no_values();
    }
    return outputs;
  }

  // Calls the model with a value for each input, if it takes that many; else with the list of them, if it takes that.
  template <class Model> Outputs outputs_of(Model &model, Site site) {
    const std::vector<Value> &args = values();
    Outputs outputs;
    std::vector<size_t> arities;
    auto attempt = [&]<size_t... I>(std::index_sequence<I...> indices) {
      if constexpr (takes<Model>(indices)) {
        arities.push_back(sizeof...(I));
        if (args.size() == sizeof...(I))
          outputs = flatten(model, site, args[I]...);
      }
    };
    auto all = [&]<size_t... N>(std::index_sequence<N...>) { (attempt(std::make_index_sequence<N>()), ...); };
    all(std::make_index_sequence<9>());
    if constexpr (takes_list<Model>(std::make_index_sequence<9>()))
      return flatten(model, site, args);
    for (size_t arity : arities)
      if (arity == args.size())
        return outputs;
    throw_arity(arities);
  }
};

} // namespace varve
