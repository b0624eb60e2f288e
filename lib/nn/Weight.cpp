// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a weight is: declared, changed until a graph uses it, and given a value.
#include "varve/Weight.h"
#include "lib/graph/Record.h"
#include "lib/nn/Tree.h"
#include "lib/runtime/tensor/Memory.h"
#include <algorithm>

namespace varve {

using nn::detail::Tree;

static bool is_name(const std::string &text) {
  return text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == std::string::npos;
}

// Expects sizes and names, of less than 2^63 bytes as far as is known.
static void expect_shape(const std::string &name, const TensorType &type, Site site) {
  std::vector<int64_t> sizes;
  bool named = true;
  for (const Dim &dim : type.shape) {
    named &= dim.is_static() || is_name(dim.str());
    sizes.push_back(dim.is_static() ? dim.value() : 1);
  }
  if (!named || !runtime::byte_count(type.dtype, sizes))
    throw Error("expects a shape of sizes and names for weight '" + name + "', of less than 2^63 bytes, but got " +
                    type.str(),
                "", site);
}

Weight::Weight(nn::LayerBase &layer, std::string name, DType dtype, Shape shape, Site site)
    : own_name(std::move(name)), layer(&layer), state(std::make_shared<detail::WeightState>()) {
  state->owner = &layer;
  state->name = own_name;
  state->type = state->declared = {dtype, std::move(shape)};
  state->site = site;
  expect_shape(own_name, state->type, site);
  layer.add(*this, own_name, site);
}

Weight::~Weight() {
  if (state->owner == layer) // others may share it
    state->owner = nullptr;
}

// What the weight would be, with a change: expects that no graph has used it, and that its value still fits.
template <class Change> static void change(const Weight &weight, detail::WeightState &state, Change change, Site site) {
  auto refuse = [&](const std::string &message) { throw Error(message, state.owner ? state.owner->path() : "", site); };
  if (std::string graph = detail::graph_of(state.use); !graph.empty())
    refuse("expects weight '" + weight.path() + "' to change before a graph uses it, but graph '" + graph + "' has");
  detail::WeightState changed = state;
  change(changed);
  if (changed.value) {
    TensorType is{changed.value.encoding() == Encoding::none ? changed.value.dtype() : changed.type.dtype, {}};
    for (int64_t size : changed.value.logical_shape())
      is.shape.emplace_back(size);
    if (is != changed.type || changed.value.encoding() != changed.encoding)
      refuse("expects weight '" + weight.path() + "' to stay what its value is, " + changed.value.type() +
             ", but got " +
             (changed.encoding == Encoding::none ? "" : std::string(name_of(changed.encoding)) + " of ") +
             changed.type.str());
  }
  state = std::move(changed);
}

void Weight::set_shape(Shape shape, Site site) {
  expect_shape(own_name, {dtype(), shape}, site);
  change(*this, *get(), [&](detail::WeightState &to) { to.type.shape = to.declared.shape = std::move(shape); }, site);
}

void Weight::set_dtype(DType dtype, Site site) {
  expect_shape(own_name, {dtype, shape()}, site);
  change(*this, *get(), [&](detail::WeightState &to) { to.type.dtype = to.declared.dtype = dtype; }, site);
}

void Weight::set_quantization_encoding(Encoding encoding, Site site) {
  const EncodingInfo &info = info_of(encoding);
  if (encoding != Encoding::none) {
    const Shape &sizes = shape();
    if (sizes.empty() || (sizes.back().is_static() && sizes.back().value() % info.elements != 0))
      throw Error("expects a last dimension that is a multiple of " + std::to_string(info.elements) + " for weight '" +
                      path() + "' in " + std::string(info.name) + ", but got " + type().str(),
                  layer->path(), site);
  }
  change(*this, *get(), [&](detail::WeightState &to) { to.encoding = encoding; }, site);
}

void Weight::set_align(size_t align, Site site) {
  if (align == 0 || (align & (align - 1)) != 0 || align > (size_t(1) << 30))
    throw Error("expects an alignment that is a power of two up to 2^30 for weight '" + path() + "', but got " +
                    std::to_string(align),
                layer->path(), site);
  change(*this, *get(), [&](detail::WeightState &to) { to.align = align; }, site);
}

void Weight::set_device(Device device, Site site) {
  if (device.index < 0)
    throw Error("expects devices such as cpu:0 or cuda:1, but got " + device.str(), layer->path(), site);
  auto placement = std::make_shared<const detail::Placement>(detail::Placement{{device}, Sharding::replicate(), site});
  change(*this, *get(), [&](detail::WeightState &to) { to.placed = std::move(placement); }, site);
}

void Weight::set_value(Tensor value, Site site) {
  auto &owner = const_cast<nn::LayerBase &>(static_cast<const nn::LayerBase &>(*layer));
  nn::LayerBase &root = Tree::root(owner);
  std::map<std::string, int64_t> sizes = nn::detail::known_sizes(root);
  if (std::optional<nn::LoadMismatch> wrong = nn::detail::misfit(*this, path(), value, {}, sizes, ""))
    throw Error("expects " + wrong->expected + " for weight '" + path() + "', but got " + wrong->found +
                    (wrong->cause.empty() ? "" : "; " + wrong->cause),
                layer->path(), site);
  if (reinterpret_cast<uintptr_t>(value.data()) % align() != 0)
    value = value.clone(std::max<size_t>(align(), 64));
  get()->value = std::move(value);
  nn::detail::fix_sizes(root, sizes);
}

} // namespace varve
