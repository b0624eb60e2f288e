// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Gives an executable its weights: everything is checked, then what the compiler wants packed is packed.
#include "lib/runtime/File.h"
#include "lib/runtime/executable/Pack.h"
#include "lib/runtime/executable/PackedFile.h"
#include "lib/runtime/executable/Program.h"
#include "lib/runtime/tensor/Memory.h"
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

// Memory of all weights in panels, one behind the other in the order in which they are used: so pages are large, and a product
// that asks for the panels behind its own asks for the next product's first ones.
class Panels {
public:
  explicit Panels(const std::vector<WeightInfo> &weights) {
    size_t bytes = 0;
    for (const WeightInfo &info : weights)
      if (info.panel != 0)
        bytes += bytes_of(info, most_bytes - bytes);
    memory = allocate(bytes);
  }

  Tensor pack(const WeightInfo &info, Tensor tensor) {
    std::byte *to = static_cast<std::byte *>(memory.get()) + used;
    used += bytes_of(info, most_bytes);
    pack_weight(info, std::move(tensor), [&](size_t begin, size_t) { return to + begin; }, [] {});
    return Tensor::view(info.dtype, panels_shape(info), static_cast<const void *>(to), memory);
  }

private:
  static constexpr size_t most_bytes = size_t(1) << 47;
  // Up to where the next one begins.
  static size_t bytes_of(const WeightInfo &info, size_t most) {
    std::optional<size_t> bytes = byte_count(info.dtype, panels_shape(info));
    if (!bytes || *bytes > most - std::min(most, alignment))
      throw Error("weight '" + info.name + "' expects panels that fit into 2^47 bytes with those before, but got more");
    return (*bytes + alignment - 1) / alignment * alignment;
  }

  std::shared_ptr<void> memory;
  size_t used = 0;
};

bool aligned(const Tensor &tensor) { return reinterpret_cast<uintptr_t>(tensor.data()) % size_of(tensor.dtype()) == 0; }

} // namespace

std::shared_ptr<const Program> bind_weights(std::shared_ptr<const Code> code, StateDict state,
                                            const BindOptions &options) {
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
  std::optional<PackedFile> kept;
  std::optional<Panels> panels;
  if (!options.packed.empty())
    kept = keep_packed(code->manifest, state, options);
  if (!kept)
    panels.emplace(weights);
  std::set<const void *> maps;
  auto use_map = [&](const std::shared_ptr<const void> &owner) {
    if (const void *map = map_of(owner); map && maps.insert(map).second)
      program->maps.push_back(owner);
  };
  size_t next = 0; // of those that have panels
  for (const WeightInfo &info : weights) {
    // Taken out of the state, so that it is gone when it has been packed and nobody else has it.
    Tensor tensor = std::move(state.extract(info.name).mapped());
    if (info.panel != 0 && kept) {
      tensor = Tensor::view(info.dtype, panels_shape(info),
                            static_cast<const void *>(kept->map.data.get() + kept->places[next++]), kept->map.data);
      program->packed_bytes += tensor.bytes();
      program->mapped_bytes += tensor.bytes();
      use_map(tensor.owner());
    } else if (info.panel != 0) {
      tensor = panels->pack(info, std::move(tensor));
      program->packed_bytes += tensor.bytes();
    } else if (tensor.expect_intact(); !aligned(tensor)) {
      tensor = tensor.clone();
      program->packed_bytes += tensor.bytes();
    } else {
      use_map(tensor.owner());
    }
    program->weights.push_back(std::move(tensor));
  }
  program->code = std::move(code);
  return program;
}

} // namespace varve::runtime
