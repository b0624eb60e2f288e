// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Calls of layers: noted while ops are recorded flat, made into regions when recording ends. (Regions that are built
// while recording must be rebuilt when a value inside is used outside; ops that others hold then change.)
#include "lib/graph/Recorder.h"
#include "llvm/ADT/SmallPtrSet.h"

using namespace mlir;

namespace varve {

std::string Node::path() const { return detail::path_of(*this, nullptr); }

namespace detail {

// The dotted name of a node below an ancestor; nothing if it is not below. For a weight, without the names of those that
// keep them out.
static std::optional<std::string> relative(const Node &node, const Node *ancestor, bool weight = false) {
  std::string path;
  for (const Node *at = &node; at != ancestor; at = at->parent()) {
    if (!at)
      return {};
    if (!at->name().empty() && !(weight && at->omits_name()))
      path = at->name() + (path.empty() ? "" : ".") + path;
  }
  return path;
}

static std::string path_of(const Node &node, const Node *root, bool weight) {
  if (std::optional<std::string> path = relative(node, root, weight))
    return *path;
  return *relative(node, nullptr, weight);
}

std::string path_of(const Node &node, const Node *root) { return path_of(node, root, false); }
std::string weight_path_of(const Node &owner, const Node *root) { return path_of(owner, root, true); }

// Text nested deeper than 256 is not read back.
static constexpr size_t max_depth = 250;

void check_depth(const Recorder &recorder, Site site) {
  if (recorder.open.size() + recorder.open_bodies.size() > max_depth)
    fail("expects layers that call each other at most " + std::to_string(max_depth) + " deep, but got one more", site);
}

const Node *current_layer() {
  Recorder *current = current_recorder();
  return current && !current->open.empty() ? current->calls[current->open.back()].layer : nullptr;
}

// The name of the op for a call inside another, and the path that says where the layer is registered.
static std::pair<std::string, std::string> names_of(const Node &layer, const Call *around, const Node *root) {
  if (!around) {
    std::string path = layer.parent() ? path_of(layer, root) : std::string();
    return {path, path};
  }
  bool stray = !layer.parent() && &layer != root; // nobody registered it, and it owns nothing
  std::optional<std::string> below = stray ? std::string(layer.kind()) : relative(layer, around->layer);
  if (below)
    return {*below, around->path.empty() ? *below : around->path + "." + *below};
  std::string path = path_of(layer, root); // not a part of the one that calls it
  return {path, path};
}

Scope::Scope(const Node &layer, Site site) {
  Recorder &r = recorder(site);
  check_depth(r, site);
  Call *around = r.open.empty() ? nullptr : &r.calls[r.open.back()];
  auto [name, path] = names_of(layer, around, r.root);
  unsigned before_this = around ? around->names[name]++ : 0;
  bool again = before_this != 0;
  if (again) {
    std::string number = "#" + std::to_string(before_this);
    name += number;
    path += number;
  }
  Location callers = r.locate(site);
  std::optional<size_t> outside = around ? around->mesh : std::nullopt, mesh = outside;
  if (std::optional<Placed> placed = placement_of(layer))
    mesh = r.mesh_of(*placed);
  if (name.empty())
    r.graph_mesh = mesh;
  Operation *before = r.body().empty() ? nullptr : &r.body().back();
  index = r.calls.size();
  r.calls.push_back({&layer,
                     std::move(path),
                     std::string(layer.kind()),
                     std::move(name),
                     site,
                     layer.in_library(),
                     again,
                     callers,
                     before,
                     nullptr,
                     {},
                     mesh,
                     mesh != outside});
  r.open.push_back(index);
  r.used.insert(layer.use());
}

Scope::~Scope() {
  Recorder &r = *current_recorder();
  Call &call = r.calls[index];
  r.open.pop_back();
  call.last = r.body().empty() ? nullptr : &r.body().back();
  if (call.last != call.before && !call.name.empty())
    r.bodies[r.open_bodies.back()].ended.push_back(index);
}

const std::string &Scope::path() const { return current_recorder()->calls[index].path; }

Scope::Author::Author(Scope &scope) : scope(scope) {
  was = std::exchange(current_recorder()->calls[scope.index].library, false);
}
Scope::Author::~Author() { current_recorder()->calls[scope.index].library = was; }

// Puts the ops from first to last into a varve.layer, which returns what is used elsewhere.
static void wrap_ops(Operation *first, Operation *last, const Call &call, FlatSymbolRefAttr placement) {
  Block *block = first->getBlock();
  auto in_block = [&](Operation *op) {
    while (op->getBlock() != block)
      op = op->getParentOp();
    return op;
  };
  llvm::SmallPtrSet<Operation *, 32> inside;
  for (Operation *op = first;; op = op->getNextNode()) {
    inside.insert(op);
    if (op == last)
      break;
  }
  SmallVector<mlir::Value> escaping;
  SmallVector<Type> types;
  for (Operation *op = first;; op = op->getNextNode()) {
    for (OpResult result : op->getResults())
      if (llvm::any_of(result.getUsers(), [&](Operation *user) { return !inside.contains(in_block(user)); })) {
        escaping.push_back(result);
        types.push_back(result.getType());
      }
    if (op == last)
      break;
  }
  OpBuilder builder(first);
  auto layer = ir::LayerOp::create(builder, call.callers, types, call.name, call.kind, placement);
  Block &body = layer.getBody().emplaceBlock();
  body.getOperations().splice(body.end(), block->getOperations(), first->getIterator(), std::next(last->getIterator()));
  for (auto [value, result] : llvm::zip(escaping, layer.getResults()))
    value.replaceUsesWithIf(result, [&](OpOperand &use) { return !layer->isAncestor(use.getOwner()); });
  builder.setInsertionPointToEnd(&body);
  ir::OutputOp::create(builder, call.callers, escaping);
}

void Recorder::wrap(Body &body) {
  Block *block = body.block;
  auto in_block = [&](Operation *op) {
    while (op->getBlock() != block)
      op = op->getParentOp();
    return op;
  };
  for (size_t index : body.ended) { // inner calls end first; what they held is in their layer by now
    const Call &call = calls[index];
    Operation *first = call.before ? in_block(call.before)->getNextNode() : &block->front();
    wrap_ops(first, in_block(call.last), call, call.moved ? meshes[*call.mesh].symbol : FlatSymbolRefAttr());
  }
  body.ended.clear();
}

} // namespace detail
} // namespace varve
