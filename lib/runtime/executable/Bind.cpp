// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Gives an executable its weights: everything is checked, then what the compiler wants packed is packed.
#include "lib/runtime/File.h"
#include "lib/runtime/executable/Pack.h"
#include "lib/runtime/executable/Program.h"
#include "varve/Error.h"
#include <set>

namespace varve::runtime {
namespace {

std::string type_text(const WeightInfo &info) {
  return std::string(name_of(info.encoding, info.dtype)) + " " + shape_text(info.shape);
}

// Why this weight cannot be bound; "" if it can.
std::string problem(const WeightInfo &info, const StateDict &state) {
  auto found = state.find(info.name);
  if (found == state.end() || !found->second)
    return "expects " + type_text(info) + ", but got none";
  const Tensor &tensor = found->second;
  std::vector<int64_t> shape = tensor.logical_shape();
  if (tensor.encoding() == info.encoding && tensor.dtype() == info.dtype && shape == info.shape)
    return "";
  std::string text = "expects " + type_text(info) + ", but got " + tensor.type();
  if (info.shape.size() == 2 && shape == std::vector<int64_t>{info.shape[1], info.shape[0]})
    text += " (transposed?)";
  return text;
}

Tensor packed(const WeightInfo &info, const Tensor &tensor) {
  int64_t out = info.shape[0], in = 1;
  for (size_t axis = 1; axis < info.shape.size(); ++axis)
    in *= info.shape[axis];
  Tensor result = Tensor::empty(info.dtype, panels_shape(info));
  if (info.encoding != Encoding::none)
    pack_blocks(result.mutable_data(), tensor.data(), info.encoding, out, in, info.panel);
  else
    pack_panels(result.mutable_data(), tensor.data(), info.dtype, out, in, info.panel, info.group);
  return result;
}

bool aligned(const Tensor &tensor, int64_t group) {
  return reinterpret_cast<uintptr_t>(tensor.data()) % (size_of(tensor.dtype()) * static_cast<size_t>(group)) == 0;
}

} // namespace

std::shared_ptr<const Program> bind_weights(std::shared_ptr<const Code> code, const StateDict &state) {
  const std::vector<WeightInfo> &weights = code->manifest.weights;
  std::string problems;
  size_t count = 0;
  for (const WeightInfo &info : weights) {
    std::string text = problem(info, state);
    if (text.empty())
      continue;
    ++count;
    problems +=
        "\n  weight '" + info.name + "'" + (info.location.empty() ? "" : " (" + info.location + ")") + " " + text;
  }
  if (count != 0)
    throw Error("expects a value for each of the " + std::to_string(weights.size()) + " weights, but got " +
                std::to_string(count) + " that cannot be bound:" + problems);

  auto program = std::make_shared<Program>();
  std::set<const void *> maps;
  for (const WeightInfo &info : weights) {
    Tensor tensor = state.at(info.name);
    tensor.expect_intact();
    if (info.panel != 0)
      // A misaligned map is copied first: the packing loop reads whole groups.
      tensor = packed(info, aligned(tensor, info.group) ? tensor : tensor.clone());
    else if (!aligned(tensor, 1))
      tensor = tensor.clone();
    if (tensor.data() != state.at(info.name).data())
      program->packed_bytes += tensor.bytes();
    else if (const void *map = map_of(tensor.owner()); map && maps.insert(map).second)
      program->maps.push_back(tensor.owner());
    program->weights.push_back(std::move(tensor));
  }
  program->code = std::move(code);
  return program;
}

} // namespace varve::runtime
