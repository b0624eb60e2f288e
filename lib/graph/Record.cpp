// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ops, weights and buffers as they are recorded. MLIR reports, and has returned, before anything is thrown.
#include "lib/graph/Record.h"
#include "lib/graph/Recorder.h"
#include <cstddef>

using namespace mlir;

namespace varve {

Value ValueAccess::make(uint32_t graph, uint32_t slot) {
  Value value;
  value.graph = graph;
  value.slot = slot;
  return value;
}

namespace detail {
namespace {

// The properties of an op that is not made yet.
class Properties {
public:
  Properties(RegisteredOperationName op, DictionaryAttr attributes, Location location) : op(op) {
    if (op.getOpPropertyByteSize() == 0)
      return;
    storage.resize(static_cast<size_t>(op.getOpPropertyByteSize()) / sizeof(std::max_align_t) + 1);
    op.initOpProperties(get(), nullptr);
    result = op.setOpPropertiesFromAttribute(op, get(), attributes, [&] { return emitError(location); });
  }
  Properties(const Properties &) = delete;
  Properties &operator=(const Properties &) = delete;
  ~Properties() {
    if (!storage.empty())
      op.destroyOpProperties(get());
  }
  OpaqueProperties get() { return storage.empty() ? nullptr : storage.data(); }
  LogicalResult result = success();

private:
  RegisteredOperationName op;
  SmallVector<std::max_align_t, 8> storage;
};

} // namespace

std::vector<Value> record(std::string_view op, std::span<const Value> operands, std::span<const Attribute> attributes,
                          Site site, std::span<const TensorType> types) {
  Recorder &r = recorder(site);
  std::optional<RegisteredOperationName> name = RegisteredOperationName::lookup(op, &r.context);
  if (!name)
    fail("expects an op of the dialect, but got '" + std::string(op) + "'", site);
  SmallVector<mlir::Value, 4> values;
  for (Value operand : operands)
    values.push_back(r.at(operand, site));
  Location location = r.locate(site);
  NamedAttrList list;
  for (const Attribute &attribute : attributes)
    list.append(StringAttr::get(&r.context, attribute.name), attribute_of(attribute, &r.context));
  DictionaryAttr dictionary = list.getDictionary(&r.context);

  Properties properties(*name, dictionary, location);
  if (failed(properties.result))
    r.raise(location);
  SmallVector<Type, 2> results;
  for (const TensorType &type : types)
    results.push_back(tensor_type_of(type, &r.context));
  if (auto *rule = name->getInterface<InferTypeOpInterface>()) {
    if (failed(rule->inferReturnTypes(&r.context, location, values, DictionaryAttr(), properties.get(), {}, results)))
      r.raise(location);
  }
  Operation *operation = Operation::create(location, *name, results, values, NamedAttrList(), properties.get(),
                                           /*successors=*/{}, /*numRegions=*/0);
  r.body().push_back(operation);
  if (failed(name->verifyInvariants(operation))) {
    operation->erase();
    r.raise(location);
  }
  std::vector<Value> made;
  for (OpResult result : operation->getResults())
    made.push_back(r.add(result));
  return made;
}

Value record_one(std::string_view op, std::initializer_list<Value> operands,
                 std::initializer_list<Attribute> attributes, Site site) {
  return record(op, {operands.begin(), operands.size()}, {attributes.begin(), attributes.size()}, site).at(0);
}

void expect_usable(Value value, Site site) { recorder(site).at(value, site); }

Value record_use(const std::shared_ptr<WeightState> &weight, Site site) {
  Recorder &r = recorder(site);
  Location location = r.locate(site);
  if (!r.weight_index.contains(weight.get())) {
    std::string path = weight->path(r.root);
    for (const Dim &dim : weight->type.shape)
      if (!dim.is_static())
        fail("expects a weight whose sizes are known, but got '" + path + "' of " + weight->type.str() +
                 ": load its value, or set its shape, before a graph uses it",
             site);
    std::optional<Placed> placed = placement_of(*weight);
    Split split = placed ? split_of(*weight, *placed) : Split();
    if (auto [other, fresh] = r.symbols.try_emplace(path, weight.get()); !fresh) {
      std::string a = other->second->owner ? other->second->owner->path() : "", b = weight->owner->path();
      fail("expects weights of different names in a graph, but got " +
               (a == b ? "two models that have '" + path + "'"
                       : "'" + path + "' of layer '" + a + "' and of layer '" + b + "'"),
           site);
    }
    auto symbol = StringAttr::get(&r.context, path);
    TensorType own = weight->type;
    own.encoding = weight->encoding;
    RankedTensorType type = tensor_type_of(own, &r.context);
    OpBuilder builder(r.graph);
    Location declared = location;
    if (Site at = weight->site.line() != 0 ? weight->site : weight->owner->declared(); at.line() != 0)
      declared = FileLineColLoc::get(&r.context, at.file_name(), at.line(), at.column());
    auto op = ir::WeightOp::create(builder, declared, symbol, TypeAttr::get(type), ir::ShardingAttr());
    std::optional<size_t> mesh = placed ? std::optional(r.mesh_of(*placed)) : std::nullopt;
    r.weight_index[weight.get()] = r.weights.size();
    r.weights.push_back({weight, symbol, type, op, mesh, std::move(split)});
    r.used.insert(weight->use);
  }
  const Recorder::Used &used = r.weights[r.weight_index.lookup(weight.get())];
  OpBuilder builder = r.builder();
  return r.add(ir::UseOp::create(builder, location, used.type, FlatSymbolRefAttr::get(used.symbol)));
}

void Recorder::forget_weights(size_t count) {
  for (; weights.size() > count; weights.pop_back()) {
    Used &last = weights.back();
    weight_index.erase(last.state.get());
    symbols.erase(last.symbol.getValue());
    used.erase(last.state->use);
    last.op->erase();
  }
}

Value buffer_argument(const Buffer &buffer, const Node &layer, Site site) {
  Recorder &r = recorder(site);
  auto found = r.buffers.find(&buffer);
  if (found != r.buffers.end())
    return ValueAccess::make(r.id, found->second);
  RankedTensorType tensor = tensor_type_of(buffer.type(), &r.context);
  auto type = ir::BufferType::get(&r.context, tensor.getShape(), tensor.getElementType());
  std::string path = path_of(layer, r.root);
  path += (path.empty() ? "" : ".") + buffer.name();
  Value argument = r.add_argument(type, path, /*dim=*/false, r.locate(site));
  r.buffers[&buffer] = ValueAccess::slot(argument);
  r.used.insert(layer.use());
  return argument;
}

} // namespace detail
} // namespace varve
