// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Begin and end of a recording, its values and locations, and errors that name the author's line.
#include "lib/graph/Recorder.h"
#include "llvm/ADT/StringSet.h"
#include "mlir/IR/Verifier.h"
#include <atomic>

using namespace mlir;

namespace varve::detail {

Recorder *&current_recorder() {
  static thread_local Recorder *current = nullptr;
  return current;
}

std::vector<std::string> op_names() {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  context.loadDialect<ir::VarveDialect>();
  std::vector<std::string> names;
  for (RegisteredOperationName name : context.getRegisteredOperationsByDialect("varve"))
    names.push_back(name.getStringRef().str());
  return names;
}

std::string graph_of(const std::shared_ptr<GraphUse> &use) {
  Recorder *current = current_recorder();
  return !use->finished && current && current->used.contains(use) ? current->name : use->name;
}

Recorder &recorder(Site site) {
  if (Recorder *current = current_recorder())
    return *current;
  throw Error("expects a graph that is being recorded, but there is none: call the model in a varve::Graph", "", site);
}

Recorder::Recorder(std::string graph_name, Site site)
    : name(std::move(graph_name)), context(MLIRContext::Threading::DISABLED), where(UnknownLoc::get(&context)) {
  static std::atomic<uint32_t> next = 1;
  id = next++;
  if (name.empty())
    throw Error("expects a name for the graph, but got ''", "", site);
  context.loadDialect<ir::VarveDialect>();
  context.printOpOnDiagnostic(false); // an author wrote C++
  context.getDiagEngine().registerHandler([this](Diagnostic &diagnostic) {
    std::string text = diagnostic.str();
    for (const Diagnostic &note : diagnostic.getNotes())
      text += "\n  note: " + note.str();
    messages.push_back({diagnostic.getLocation(), std::move(text)});
    return success();
  });
  where = FileLineColLoc::get(&context, site.file_name(), site.line(), site.column());
  module = ModuleOp::create(where);
  OpBuilder builder(module->getBodyRegion());
  graph = ir::GraphOp::create(builder, where, name, FunctionType::get(&context, {}, {}), ArrayAttr(), ArrayAttr(),
                              FlatSymbolRefAttr());
  bodies.push_back({"", &graph.getBody().emplaceBlock(), {}});
  open_bodies.push_back(0);
}

Value Recorder::add(mlir::Value value, size_t body) {
  slots.push_back(value);
  slot_bodies.push_back(body);
  return ValueAccess::make(id, static_cast<uint32_t>(slots.size() - 1));
}

mlir::Value Recorder::at(Value value, Site site) const {
  if (ValueAccess::graph(value) == id) {
    if (bodies[slot_bodies[ValueAccess::slot(value)]].block)
      return slots[ValueAccess::slot(value)];
    fail("expects a value that is made here or around, but got one of " + body_of(value) +
             ", which has ended: return it from there",
         site);
  }
  fail(value ? "expects a value of graph '" + name + "', which is being recorded, but got one of another graph"
             : "expects a value, but got none (a default-made Value)",
       site);
}

Location Recorder::locate(Site site) {
  if (open.empty())
    return site.line() == 0 ? where
                            : Location(FileLineColLoc::get(&context, site.file_name(), site.line(), site.column()));
  const Call &call = calls[open.back()];
  if (site.line() == 0)
    site = call.site;
  Location location = FileLineColLoc::get(&context, site.file_name(), site.line(), site.column());
  if (call.library)
    location = ir::libraryLine(location);
  if (!call.path.empty())
    location = NameLoc::get(StringAttr::get(&context, call.path), location);
  return CallSiteLoc::get(location, call.callers);
}

namespace {

// Without the op's name, which no author wrote: 'varve.print' op expects ..
std::string reworded(StringRef text) {
  if (text.consume_front("'"))
    text = text.drop_until([](char c) { return c == '\''; }).drop_front().ltrim();
  text.consume_front("op ");
  return text.str();
}

} // namespace

std::string Recorder::body_of(Value value) const {
  size_t slot = ValueAccess::slot(value);
  const Body &body = bodies[slot_bodies[slot]];
  if (body.what.empty() || !slots[slot])
    return body.what;
  return body.what + ", made at " + ir::placeOf(slots[slot].getLoc()).text();
}

void Recorder::raise(std::optional<Location> location) {
  if (messages.empty())
    messages.push_back({location.value_or(where), "expects what the op's verifier allows, but got something else"});
  Message first = std::move(messages.front());
  messages.clear();
  raise(reworded(first.text), location.value_or(first.location));
}

void Recorder::raise(const std::string &message, Location location) {
  ir::Place place = ir::placeOf(location);
  throw Error(message, place.layer, place.file, place.line);
}

void fail(const std::string &message, Site site) {
  Recorder *current = current_recorder();
  if (!current)
    throw Error(message, "", site);
  current->raise(message, current->locate(site));
}

Value Recorder::add_argument(Type type, const std::string &argument, bool dim, Location location) {
  NamedAttrList attributes;
  attributes.append(ir::kNameAttr, StringAttr::get(&context, argument));
  if (dim)
    attributes.append(ir::kDimAttr, StringAttr::get(&context, argument));
  argument_attributes.push_back(attributes.getDictionary(&context));
  return add(entry().addArgument(type, location), 0);
}

void Recorder::finish(std::span<const std::pair<std::string, Value>> results, const std::vector<std::string> &names) {
  Site site;
  if (!names.empty() && names.size() != results.size())
    raise("expects a name for each of " + std::to_string(results.size()) + " outputs, but got " +
              std::to_string(names.size()),
          where);
  std::vector<std::pair<std::string, Value>> all;
  all.reserve(results.size() + outputs.size());
  for (size_t i = 0; i < results.size(); ++i)
    all.emplace_back(!names.empty()              ? names[i]
                     : !results[i].first.empty() ? results[i].first
                     : results.size() == 1       ? "output"
                                                 : "output" + std::to_string(i),
                     results[i].second);
  all.insert(all.end(), outputs.begin(), outputs.end());

  SmallVector<mlir::Value> values;
  SmallVector<mlir::Attribute> attributes;
  llvm::StringSet<> seen;
  for (const auto &[output, value] : all) {
    if (!seen.insert(output).second)
      raise("expects outputs of different names, but got '" + output + "' twice", where);
    values.push_back(at(value, site));
    attributes.push_back(DictionaryAttr::get(
        &context, NamedAttribute(StringAttr::get(&context, ir::kNameAttr), StringAttr::get(&context, output))));
  }
  OpBuilder builder = OpBuilder::atBlockEnd(&entry());
  ir::OutputOp::create(builder, where, values);
  graph.setFunctionType(
      FunctionType::get(&context, TypeRange(entry().getArgumentTypes()), TypeRange(ValueRange(values))));
  SmallVector<mlir::Attribute> arguments(argument_attributes.begin(), argument_attributes.end());
  graph.setArgAttrsAttr(builder.getArrayAttr(arguments));
  graph.setResAttrsAttr(builder.getArrayAttr(attributes));
  place();
  wrap(bodies.front());
  if (failed(verify(*module)))
    raise();
  for (const std::shared_ptr<GraphUse> &use : used)
    if (!std::exchange(use->finished, true))
      use->name = name;
}

} // namespace varve::detail
