// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Branches and loops while they are recorded. A body is a region of its own until the op is made: then all its types are
// known, and a body that throws leaves nothing behind.
#include "varve/detail/Control.h"
#include "lib/graph/Recorder.h"

using namespace mlir;

namespace varve::detail {

struct Control::State {
  State(const char *op, Value condition, LoopParts parts, Site site)
      : r(recorder(site)), op(op), site(site), condition(condition), parts(std::move(parts)), location(r.locate(site)),
        first_body(r.bodies.size()), first_slot(r.slots.size()), first_weight(r.weights.size()) {}
  State(const State &) = delete;
  State &operator=(const State &) = delete;

  ~State() {
    if (finished)
      return;
    // An author's exception comes through here, so nothing may be left that holds what the bodies held.
    while (r.open_bodies.back() >= first_body)
      r.open_bodies.pop_back();
    for (size_t body = first_body; body < r.bodies.size(); ++body)
      r.bodies[body].block = nullptr;
    for (size_t slot = first_slot; slot < r.slots.size(); ++slot)
      if (r.slot_bodies[slot] >= first_body)
        r.slots[slot] = {};
    regions.clear();
    r.forget_weights(first_weight);
  }

  bool is_loop() const { return std::string_view(op) == "loop"; }
  /// The bodies before this one that the op has: of a loop without a condition, the body is the second.
  size_t number() const { return regions.size() - 1 + (is_loop() && !parts.is_conditional ? 1 : 0); }
  std::string what() const {
    if (is_loop())
      return number() == 0 ? "the condition of a loop" : "the body of a loop";
    return number() == 0 ? "on_true of a cond" : "on_false of a cond";
  }

  SmallVector<mlir::Value> values_of(const NamedValues &named) const {
    SmallVector<mlir::Value> values;
    for (const auto &[name, value] : named)
      values.push_back(r.at(value, site));
    return values;
  }

  Recorder &r;
  const char *op;
  Site site;
  Value condition;
  LoopParts parts;
  Location location;
  size_t first_body, first_slot, first_weight;
  SmallVector<Type> arguments; // of a loop's body
  std::vector<std::unique_ptr<Region>> regions;
  std::vector<std::string> names; // of what on_true returned
  size_t stacked = 0;
  bool finished = false;
};

namespace {
std::string text_of(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return "'" + text + "'";
}

std::string text_of(size_t count, const char *what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}
} // namespace

Control::Control(Value condition, Site site) : state(std::make_unique<State>("cond", condition, LoopParts(), site)) {
  Type type = state->r.at(condition, site).getType();
  if (type != RankedTensorType::get({}, IntegerType::get(&state->r.context, 1)))
    fail("expects condition to be tensor of i1 without dimensions, but got " + text_of(type), site);
}

Control::Control(LoopParts given, Site site) : state(std::make_unique<State>("loop", Value(), std::move(given), site)) {
  Recorder &r = state->r;
  const LoopParts &parts = state->parts;
  if (parts.limit) {
    auto type = cast<RankedTensorType>(r.at(parts.limit, site).getType());
    if (type.getRank() != 0 || (!type.getElementType().isInteger(32) && !type.getElementType().isInteger(64)))
      fail("expects limit to be tensor of i32 or i64 without dimensions, but got " + text_of(type), site);
  }
  ir::DimsAttr count = parts.count ? dims_attribute({&*parts.count, 1}, &r.context) : ir::DimsAttr();
  FailureOr<SmallVector<Type>> types = ir::LoopOp::argumentTypes(
      state->location, count, TypeRange(ValueRange(state->values_of(parts.inits))),
      TypeRange(ValueRange(state->values_of(parts.scanned))), std::vector<int64_t>(parts.scanned.size(), parts.axis));
  if (failed(types))
    r.raise(state->location);
  state->arguments = std::move(*types);
  state->arguments.insert(state->arguments.begin(), RankedTensorType::get({}, IntegerType::get(&r.context, 64)));
}

Control::~Control() = default;

std::vector<Value> Control::begin() {
  Recorder &r = state->r;
  check_depth(r, state->site);
  Block &block = state->regions.emplace_back(std::make_unique<Region>())->emplaceBlock();
  r.open_bodies.push_back(r.bodies.size());
  r.bodies.push_back({state->what(), &block, {}});
  std::vector<Value> values;
  if (!state->is_loop())
    return values;
  ArrayRef<Type> types = state->arguments;
  if (state->number() == 0)
    types = types.take_front(1 + state->parts.inits.size());
  for (Type type : types)
    values.push_back(r.add(block.addArgument(type, state->location)));
  return values;
}

void Control::end(const NamedValues &outputs) {
  Recorder &r = state->r;
  SmallVector<mlir::Value> values = state->values_of(outputs);
  const NamedValues &inits = state->parts.inits;
  if (!state->is_loop()) {
    std::vector<std::string> names;
    for (const auto &[name, value] : outputs)
      names.push_back(name);
    if (state->number() == 0)
      state->names = names;
    else if (names != state->names)
      fail("expects on_false to return values for the same " + text_of(state->names.size(), "place") +
               " as on_true, but got " + text_of(names.size(), "value") +
               (names.size() == state->names.size() ? " for others" : ""),
           state->site);
  } else if (state->number() == 1) {
    if (outputs.size() < inits.size())
      fail("expects the body of a loop to return " + text_of(inits.size(), "carried value") + ", but got " +
               text_of(outputs.size(), "value"),
           state->site);
    for (size_t i = 0; i < inits.size(); ++i) {
      if (outputs[i].first != inits[i].first)
        fail("expects the body of a loop to return carried value '" + inits[i].first + "' as value #" +
                 std::to_string(i) + ", but got '" + outputs[i].first + "'",
             state->site);
      Type type = state->arguments[1 + i];
      if (values[i].getType() != type)
        fail("expects the type of carried value " + (inits[i].first.empty() ? "" : "'" + inits[i].first + "' ") +
                 "to stay " + text_of(type) + ", but got " + text_of(values[i].getType()),
             state->site);
    }
    state->stacked = outputs.size() - inits.size();
  } else if (Type flag = RankedTensorType::get({}, IntegerType::get(&r.context, 1));
             values.size() != 1 || values[0].getType() != flag) {
    fail("expects the condition of a loop to return " + text_of(flag) + ", but got " +
             (values.size() == 1 ? text_of(values[0].getType()) : text_of(values.size(), "value")),
         state->site);
  }
  Recorder::Body &body = r.bodies[r.open_bodies.back()];
  OpBuilder builder = r.builder();
  ir::OutputOp::create(builder, state->location, values);
  r.wrap(body);
  body.block = nullptr;
  r.open_bodies.pop_back();
}

std::vector<Value> Control::finish() {
  Recorder &r = state->r;
  const LoopParts &parts = state->parts;
  OpBuilder builder = r.builder();
  Operation *op = nullptr;
  auto outputs = [&] { return state->regions.back()->front().getTerminator()->getOperands(); };
  if (!state->is_loop()) {
    auto types = llvm::to_vector(state->regions.front()->front().getTerminator()->getOperandTypes());
    auto cond = ir::CondOp::create(builder, state->location, types, r.at(state->condition, state->site));
    cond.getOnTrue().takeBody(*state->regions[0]);
    cond.getOnFalse().takeBody(*state->regions[1]);
    op = cond;
  } else {
    ir::DimsAttr count = parts.count ? dims_attribute({&*parts.count, 1}, &r.context) : ir::DimsAttr();
    SmallVector<mlir::Value> inits = state->values_of(parts.inits), scanned = state->values_of(parts.scanned);
    SmallVector<Type> types(ValueRange(inits).getTypes());
    for (mlir::Value piece : outputs().drop_front(inits.size())) {
      FailureOr<Type> stacked = ir::LoopOp::stackedType(state->location, count, piece.getType(), parts.stack_axis);
      if (failed(stacked))
        r.raise(state->location);
      types.push_back(*stacked);
    }
    auto loop = ir::LoopOp::create(builder, state->location, types, count,
                                   parts.limit ? r.at(parts.limit, state->site) : mlir::Value(), inits, scanned,
                                   std::vector<int64_t>(scanned.size(), parts.axis),
                                   std::vector<int64_t>(state->stacked, parts.stack_axis));
    if (parts.is_conditional)
      loop.getCondition().takeBody(*state->regions.front());
    loop.getBody().takeBody(*state->regions.back());
    op = loop;
  }
  if (failed(op->getRegisteredInfo()->verifyInvariants(op))) {
    op->erase();
    r.raise(state->location);
  }
  state->finished = true;
  std::vector<Value> results;
  for (OpResult result : op->getResults())
    results.push_back(r.add(result));
  return results;
}

} // namespace varve::detail
