// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/Graph.h"
#include "lib/graph/Recorder.h"
#include "lib/graph/Summary.h"
#include "lib/runtime/File.h"
#include "mlir/Bytecode/BytecodeWriter.h"

using namespace varve::detail;

namespace varve {

struct Graph::Impl {
  Recorder recorder;
  std::vector<std::string> output_names;
  std::vector<Value> values; // what the model is called with
  Recorder *outer = nullptr; // the recording that this one interrupts
};

Graph::Graph(std::string name, const Node *root, std::vector<GraphInput> inputs, GraphOptions options, Site site)
    : impl(new Impl{{std::move(name), site}, std::move(options.outputs), {}}) {
  Recorder &r = impl->recorder;
  r.root = root;
  auto unnamed = std::count_if(inputs.begin(), inputs.end(), [](const GraphInput &input) { return !input.is_dim; });
  size_t index = 0;
  for (GraphInput &input : inputs) {
    if (input.name.empty())
      input.name = unnamed == 1 ? "x" : "input" + std::to_string(index);
    if (input.is_dim && !ir::DimExpr::isName(input.name))
      r.raise("expects a name for a dimension, but got '" + input.name + "'", r.where);
    Value value = r.add_argument(tensor_type_of(input.type, &r.context), input.name, input.is_dim, r.where);
    if (input.is_dim)
      continue;
    impl->values.push_back(value);
    ++index;
  }
}

Graph::Graph(Graph &&) noexcept = default;
Graph &Graph::operator=(Graph &&) noexcept = default;
Graph::~Graph() = default;

Graph::Recording::Recording(Graph &graph) : graph(graph) {
  graph.impl->outer = std::exchange(current_recorder(), &graph.impl->recorder);
}
Graph::Recording::~Recording() { current_recorder() = graph.impl->outer; }

const std::vector<Value> &Graph::values() const { return impl->values; }

void Graph::finish(const Outputs &outputs) { impl->recorder.finish(outputs, impl->output_names); }

void Graph::throw_no_values() const {
  impl->recorder.raise("expects a model that returns values, or nothing, but got a result without a value",
                       impl->recorder.where);
}

void Graph::throw_arity(const std::vector<size_t> &takes) const {
  std::string text;
  for (size_t count : takes)
    text += (text.empty() ? "" : " or ") + std::to_string(count);
  impl->recorder.raise("expects as many inputs as the model takes, " + (text.empty() ? "0 to 8" : text) + ", but got " +
                           std::to_string(impl->values.size()),
                       impl->recorder.where);
}

const std::string &Graph::name() const { return impl->recorder.name; }

std::string Graph::text(bool debug_locations) const {
  std::string text;
  llvm::raw_string_ostream stream(text);
  mlir::OpPrintingFlags flags;
  if (debug_locations)
    flags.enableDebugInfo(true, false);
  impl->recorder.module->print(stream, flags);
  return text;
}

std::string Graph::bytecode() const {
  std::string bytes;
  llvm::raw_string_ostream stream(bytes);
  if (failed(mlir::writeBytecodeToFile(*impl->recorder.module, stream)))
    impl->recorder.raise();
  return bytes;
}

void Graph::save(const std::string &path) const {
  std::string content = path.ends_with(".mlirbc") ? bytecode() : text(/*debug_locations=*/true);
  std::span<const std::byte> piece = std::as_bytes(std::span(content));
  runtime::write_file(path, {&piece, 1});
}

std::string Graph::summary(int depth) const { return summarize(*impl->recorder.module, depth); }

std::vector<std::pair<std::string, TensorType>> Graph::weights() const {
  std::vector<std::pair<std::string, TensorType>> weights;
  for (const Recorder::Used &used : impl->recorder.weights)
    weights.emplace_back(used.symbol.str(), used.state->type);
  return weights;
}

StateDict Graph::state_dict() const {
  StateDict state;
  for (const Recorder::Used &used : impl->recorder.weights)
    if (used.state->value)
      state.emplace(used.symbol.str(), used.state->value);
  return state;
}

} // namespace varve
