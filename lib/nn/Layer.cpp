// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The tree of layers: what is registered where, and the calls of layers.
#include "varve/nn/Layer.h"
#include "lib/graph/Record.h"
#include "lib/nn/Glob.h"
#include "lib/nn/Tree.h"
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

Buffer::Buffer(nn::LayerBase &layer, std::string name, DType dtype, Shape shape, Site site)
    : own_name(std::move(name)), layer(&layer), declared_type{dtype, std::move(shape)} {
  expect_static("buffer '" + own_name + "'", declared_type, site);
  layer.add(*this, own_name, site);
}

namespace nn {

using detail::StandIn;
using detail::Tree;

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

// What is called in the end where this layer is.
static LayerBase *effective(LayerBase *layer) {
  const StandIn *other = Tree::stand_in(*layer);
  return other ? other->layer.get() : layer;
}

LayerBase::~LayerBase() {
  for (LayerBase *borrower : borrowers) {
    std::erase_if(borrower->children, [&](const auto &entry) { return entry.second == this; });
    std::erase(borrower->lenders, this);
  }
  for (LayerBase *lender : lenders)
    std::erase(lender->borrowers, this);
}

Named<LayerBase *> LayerBase::sublayers() const {
  Named<LayerBase *> all = children;
  for (auto &[name, layer] : all)
    layer = effective(layer);
  return all;
}

void LayerBase::add_child(LayerBase &child, std::string name, Site site) {
  check_name(name, site);
  child.own_name = std::move(name);
  child.above = this;
  child.registered = site;
  children.emplace_back(child.own_name, &child);
}

void LayerBase::borrow(LayerBase &layer, std::string name, Site site) {
  check_name(name, site);
  for (const Node *node = this; node; node = node->parent())
    if (node == &layer)
      throw Error("expects a layer that this one is no part of, but got one above it", path(), site);
  children.emplace_back(std::move(name), &layer);
  layer.borrowers.push_back(this);
  lenders.push_back(&layer);
}

void LayerBase::remove_child(LayerBase &child) {
  std::erase_if(children, [&](const auto &entry) { return entry.second == &child; });
  for (LayerBase *layer : {&child, effective(&child)}) {
    layer->own_name.clear();
    layer->above = nullptr;
  }
  Tree::give_away(child, Tree::root(*this));
}

void LayerBase::number_children(const std::vector<LayerBase *> &layers) {
  children.clear();
  for (LayerBase *layer : layers) {
    std::string name = std::to_string(children.size());
    LayerBase *called = effective(layer);
    called->own_name = name;
    called->above = this;
    children.emplace_back(std::move(name), layer);
  }
}

void detail::rethrow_in(const LayerBase &parent, const std::string &name, const Error &error, Site site) {
  if (name.empty())
    throw;
  std::string path = parent.path();
  for (const std::string &part : {name, error.layer()})
    if (!part.empty())
      path += (path.empty() ? "" : ".") + part;
  if (error.line() != 0)
    throw Error(error.message(), path, error.file(), error.line());
  throw Error(error.message(), path, parent.in_library() ? parent.declared() : site);
}

bool LayerBase::take_over(const LayerBase &, std::unique_ptr<LayerBase> &) { return false; }

void LayerBase::replace(std::string_view name, StandIn with, Site site) {
  if (!with.layer)
    throw Error("expects a layer, but got none", path(), site);
  if (with.layer->parent())
    throw Error("expects a layer that has no parent, but got '" + with.layer->path() + "'", path(), site);
  LayerBase *parent = this, *member = nullptr;
  for (std::string_view rest = name;;) {
    std::string_view first = rest.substr(0, rest.find('.'));
    std::vector<std::string> names;
    for (const auto &[own, child] : parent->children) {
      names.push_back(own);
      if (own == first)
        member = child;
    }
    if (!member) {
      std::string near = detail::nearest(first, names);
      throw Error("expects the name of a layer in " + std::string(parent->kind()) + ", but got '" + std::string(first) +
                      "'" + (near.empty() ? "" : "; nearest: '" + near + "'"),
                  parent->path(), site);
    }
    if (first.size() == rest.size())
      break;
    rest.remove_prefix(first.size() + 1);
    parent = effective(std::exchange(member, nullptr));
  }
  LayerBase &old = *effective(member), &fresh = *with.layer;
  if (old.above != parent)
    throw Error("expects a layer that is a part of " + std::string(parent->kind()) + ", but got '" + std::string(name) +
                    "', which is '" + old.path() + "' of another one: replace it there",
                parent->path(), site);
  fresh.own_name = std::exchange(old.own_name, {});
  fresh.above = std::exchange(old.above, nullptr);
  fresh.registered = site;
  std::unique_ptr<StandIn> gone = std::move(member->stand_in);
  std::unique_ptr<LayerBase> item;
  if (parent->take_over(*member, with.layer))
    item = std::move(with.layer);
  else
    member->stand_in = std::make_unique<StandIn>(std::move(with));
  Tree::give_away(old, Tree::root(*parent));
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

void LayerBase::check_range(size_t begin, size_t end, size_t size) const {
  if (begin > end || end > size)
    throw Error("expects a range inside [0, " + std::to_string(size) + "), but got [" + std::to_string(begin) + ", " +
                    std::to_string(end) + ")",
                path(), declared());
}

void LayerBase::add(Weight &weight, const std::string &name, Site site) {
  check_name(name, site);
  weights.emplace_back(name, &weight);
}

void LayerBase::add(Buffer &buffer, const std::string &name, Site site) {
  check_name(name, site);
  buffers.emplace_back(name, &buffer);
}

void detail::refuse_call(const LayerBase &layer, const StandIn &other, size_t arguments, bool takes, Site site) {
  std::string what = takes ? "returns what " + std::string(layer.kind()) + " does"
                           : "takes the " + std::to_string(arguments) + " arguments that " + std::string(layer.kind()) +
                                 " is called with";
  fail("expects a layer in the place of '" + other.layer->path() + "' that " + what + ", but got a " +
           std::string(other.layer->kind()) + " that does not",
       site);
}

} // namespace nn
} // namespace varve
