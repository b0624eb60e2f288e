// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The tree of layers: what is registered where, and the calls of layers.
#include "varve/nn/Layer.h"
#include "lib/graph/Record.h"
#include "lib/runtime/tensor/Memory.h"
#include <algorithm>

using namespace varve::detail;

namespace varve {

static void expect_static(const std::string &what, const TensorType &type, Site site) {
  std::vector<int64_t> sizes;
  for (const Dim &dim : type.shape)
    sizes.push_back(dim.is_static() ? dim.value() : -1);
  if (!runtime::byte_count(type.dtype, sizes))
    throw Error("expects a static shape for " + what + ", of less than 2^63 bytes, but got " + type.str(), "", site);
}

Weight::Weight(nn::LayerBase &layer, std::string name, DType dtype, Shape shape, Site site)
    : own_name(std::move(name)), layer(&layer), state(std::make_shared<WeightState>()) {
  *state = {&layer, own_name, {dtype, std::move(shape)}, site, {}};
  expect_static("weight '" + own_name + "'", state->type, site);
  layer.add(*this, own_name, site);
}

Weight::~Weight() {
  state->owner = nullptr; // others may share it
}

Buffer::Buffer(nn::LayerBase &layer, std::string name, DType dtype, Shape shape, Site site)
    : own_name(std::move(name)), layer(&layer), declared_type{dtype, std::move(shape)} {
  expect_static("buffer '" + own_name + "'", declared_type, site);
  layer.add(*this, own_name, site);
}

namespace nn {

void LayerBase::check_name(const std::string &name, Site site) const {
  auto taken = [&](const auto &list) {
    return std::any_of(list.begin(), list.end(), [&](const auto &entry) { return entry.first == name; });
  };
  if (name.empty() || name.find('.') != std::string::npos)
    throw Error("expects a name without dots in a layer, but got '" + name + "'", path(), site);
  if (taken(children) || taken(weights) || taken(buffers))
    throw Error("expects different names in a layer, but got '" + name + "' twice in " + std::string(kind()), path(),
                site);
}

void LayerBase::add_child(LayerBase &child, std::string name, Site site) {
  check_name(name, site);
  child.own_name = std::move(name);
  child.above = this;
  child.registered = site;
  children.emplace_back(child.own_name, &child);
}

void LayerBase::remove_child(LayerBase &child) {
  std::erase_if(children, [&](const auto &entry) { return entry.second == &child; });
  child.own_name.clear();
  child.above = nullptr;
}

void LayerBase::number_children(const std::vector<LayerBase *> &layers) {
  children.clear();
  for (LayerBase *layer : layers) {
    layer->own_name = std::to_string(children.size());
    layer->above = this;
    children.emplace_back(layer->own_name, layer);
  }
}

void LayerBase::check_item(const LayerBase *layer, size_t index, size_t size) const {
  if (!layer)
    throw Error("expects a layer, but got none", path(), declared());
  if (layer->parent())
    throw Error("expects a layer that has no parent, but got '" + layer->path() + "'", path(), declared());
  if (index > size)
    check_index(index, size + 1);
}

void LayerBase::check_index(size_t index, size_t size) const {
  if (index >= size)
    throw Error("expects an index below " + std::to_string(size) + ", but got " + std::to_string(index), path(),
                declared());
}

void LayerBase::add(Weight &weight, const std::string &name, Site site) {
  check_name(name, site);
  weights.emplace_back(name, &weight);
}

void LayerBase::add(Buffer &buffer, const std::string &name, Site site) {
  check_name(name, site);
  buffers.emplace_back(name, &buffer);
}

Named<LayerBase *> LayerBase::recursive_named_layers(const std::string &prefix) {
  Named<LayerBase *> all = {{prefix, this}};
  for (size_t i = 0; i < all.size(); ++i) {
    auto [path, layer] = all[i];
    for (const auto &[name, child] : layer->children)
      all.emplace_back(path.empty() ? name : path + "." + name, child);
  }
  return all;
}

} // namespace nn
} // namespace varve
