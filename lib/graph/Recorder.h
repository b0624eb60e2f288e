// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The state of a recording: the module, the values by slot, the calls of layers that are open. Private to lib/graph.
#pragma once
#include "dialect/Dialect.h"
#include "dialect/Place.h"
#include "lib/graph/Placement.h"
#include "lib/graph/Record.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"
#include <deque>
#include <set>

namespace varve::detail {

/// The call of a layer.
struct Call {
  const Node *layer;
  std::string path; // from the root of the model
  std::string kind;
  std::string name; // of the varve.layer op: relative to the call around it; "" for the root
  Site site;
  bool library;
  bool again;                                         // not the first call of this layer
  mlir::Location callers;                             // where it was called
  mlir::Operation *before = nullptr, *last = nullptr; // what the op will hold: after `before`, to `last`
  llvm::StringMap<unsigned> names;                    // of the calls in it, counted
  std::optional<size_t> mesh;                         // where it runs: an index into the recorder's meshes
  bool moved = false;                                 // and what is around it runs elsewhere
};

/// One entry: a graph that is being recorded, or was.
struct Recorder {
  Recorder(std::string name, Site site);
  Recorder(const Recorder &) = delete;
  Recorder &operator=(const Recorder &) = delete;

  std::string name;
  uint32_t id;
  const Node *root = nullptr;
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  ir::GraphOp graph;
  mlir::Location where; // of the graph in the author's program
  std::vector<mlir::Value> slots;
  std::vector<size_t> slot_bodies; // where each was made

  std::deque<Call> calls;   // all, in the order of their beginning
  std::vector<size_t> open; // indices of those that run, innermost last

  /// What ops are appended to: the graph's own body, or one of a cond or loop.
  struct Body {
    std::string what;          // "the body of a loop"
    mlir::Block *block;        // null when it has ended
    std::vector<size_t> ended; // calls in it that recorded something, in the order of their end: inner ones first
  };
  std::vector<Body> bodies;        // all; the first is the graph's
  std::vector<size_t> open_bodies; // indices of those that are being recorded, innermost last

  struct Used {
    std::shared_ptr<WeightState> state;
    mlir::StringAttr symbol;
    mlir::RankedTensorType type;
    ir::WeightOp op;
    std::optional<size_t> mesh;
    Split split;
  };
  std::vector<Used> weights;
  llvm::DenseMap<const WeightState *, size_t> weight_index;
  llvm::StringMap<const WeightState *> symbols;
  llvm::DenseMap<const Buffer *, uint32_t> buffers; // slots
  std::vector<mlir::DictionaryAttr> argument_attributes;
  std::vector<std::pair<std::string, Value>> outputs; // named ones
  std::set<std::shared_ptr<GraphUse>> used; // of layers and weights, which learn of it when recording has ended

  struct Mesh {
    std::vector<Device> devices;
    mlir::Location location; // where it was said first
    mlir::FlatSymbolRefAttr symbol;
  };
  std::vector<Mesh> meshes;         // in the order of their first use
  std::optional<size_t> graph_mesh; // where the root layer is

  struct Message {
    mlir::Location location;
    std::string text;
  };
  std::vector<Message> messages; // what MLIR has reported

  /// What ops are appended to.
  mlir::Block &body() { return *bodies[open_bodies.back()].block; }
  /// At the end of it. (`OpBuilder::atBlockEnd` asks for the op around it, which a body gets when it has ended.)
  mlir::OpBuilder builder() {
    mlir::OpBuilder builder(&context);
    builder.setInsertionPointToEnd(&body());
    return builder;
  }
  mlir::Block &entry() { return graph.getBody().front(); }
  /// The value, made in the innermost body.
  Value add(mlir::Value value) { return add(value, open_bodies.back()); }
  Value add(mlir::Value value, size_t body);
  /// **Throws** `Error` for a value of no or another graph, and for one of a body that has ended.
  mlir::Value at(Value value, Site site) const;
  /// The body that a value was made in, and where: "the body of a loop, made at model.cpp:12"; "" for the graph's own.
  std::string body_of(Value value) const;
  /// The location of what the author wrote at `site`, in the innermost call.
  mlir::Location locate(Site site);
  /// **Throws** `Error` with what MLIR has reported, for an op at that location; without a location, at that of the
  /// first message.
  [[noreturn]] void raise(std::optional<mlir::Location> location = {});
  /// **Throws** `Error` with this text, for an op at that location.
  [[noreturn]] void raise(const std::string &message, mlir::Location location);

  Value add_argument(mlir::Type type, const std::string &name, bool dim, mlir::Location location);
  /// The mesh of the devices that were said.
  size_t mesh_of(Placed placed);
  /// Writes down meshes, and where the graph and the weights are.
  void place();
  /// Makes the calls of layers that have ended in a body into `varve.layer` ops.
  void wrap(Body &body);
  /// Forgets the weights that were used first after there were `count`.
  void forget_weights(size_t count);
  /// Ends the recording: terminator, types, layers; checks the whole. A result is called as in `names`, if there are
  /// any, else by its own name, else by its place.
  void finish(std::span<const std::pair<std::string, Value>> results, const std::vector<std::string> &names);
};

/// **Throws** `Error` where one more call of a layer, or body of a cond or loop, would be nested too deep.
void check_depth(const Recorder &recorder, Site site);

/// The recording of this thread, or null.
Recorder *&current_recorder();
/// **Throws** `Error` if there is none.
Recorder &recorder(Site site);

mlir::Type element_type(DType dtype, mlir::MLIRContext *context);
DType dtype_of_element(mlir::Type type);
ir::DimsAttr dims_attribute(std::span<const Dim> dims, mlir::MLIRContext *context);
mlir::RankedTensorType tensor_type_of(const TensorType &type, mlir::MLIRContext *context);
TensorType tensor_type_of(mlir::RankedTensorType type);
mlir::Attribute attribute_of(const Attribute &attribute, mlir::MLIRContext *context);

} // namespace varve::detail
