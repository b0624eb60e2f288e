// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Layers made in a loop: a list of one class, and a chain of any.
//   Child<nn::LayerList<Block>> blocks{*this, "layers"};
//   blocks.emplace(config);
//   for (Block &block : blocks) x = block(x);
#pragma once
#include "varve/nn/Layer.h"
#include <functional>

namespace varve::nn {

/// Owns layers and names them "0", "1", .. in their order. It is a part of its parent, and is not called itself.
template <class T> class LayerList : public LayerBase {
  using Items = std::vector<std::unique_ptr<T>>;

public:
  std::string_view kind() const override { return "LayerList"; }

  /// Makes a layer at the end.
  template <class... Args> T &emplace(Args &&...args) {
    return append(std::make_unique<T>(std::forward<Args>(args)...));
  }
  /// Takes a layer over, at the end. **Throws** `Error` for none, and for one that has a parent.
  T &append(std::unique_ptr<T> layer) { return insert(size(), std::move(layer)); }
  /// Takes layers over, at the end.
  void extend(Items layers) {
    for (auto &layer : layers)
      append(std::move(layer));
  }
  /// Takes a layer over; those from `index` on get new names. **Throws** `Error` for an index beyond the end.
  T &insert(size_t index, std::unique_ptr<T> layer) {
    check_item(layer.get(), index, items.size());
    T &item = *layer;
    items.insert(items.begin() + static_cast<std::ptrdiff_t>(index), std::move(layer));
    number();
    return item;
  }
  /// Takes a layer out; those after it get new names.
  std::unique_ptr<T> erase(size_t index) {
    check_index(index, items.size());
    std::unique_ptr<T> item = std::move(items[index]);
    items.erase(items.begin() + static_cast<std::ptrdiff_t>(index));
    remove_child(*item);
    number();
    return item;
  }

  size_t size() const { return items.size(); }
  bool empty() const { return items.empty(); }
  /// **Throws** `Error` for an index beyond the end.
  T &operator[](size_t index) const {
    check_index(index, items.size());
    return *items[index];
  }

  struct Iterator {
    typename Items::const_iterator at;
    T &operator*() const { return **at; }
    T *operator->() const { return at->get(); }
    Iterator &operator++() {
      ++at;
      return *this;
    }
    bool operator==(const Iterator &) const = default;
  };
  Iterator begin() const { return {items.begin()}; }
  Iterator end() const { return {items.end()}; }

private:
  Items items;

  void number() {
    std::vector<LayerBase *> layers;
    layers.reserve(items.size());
    for (auto &item : items)
      layers.push_back(item.get());
    number_children(layers);
  }
};

/// A chain of layers of a value each: the output of one is the input of the next. Owns them, named "0", "1", ...
///   nn::Sequential ff(std::make_unique<nn::Linear>(4, 8), std::make_unique<nn::ReLU>());
class Sequential : public Layer<Sequential> {
public:
  template <class... T> explicit Sequential(std::unique_ptr<T>... layers) { (append(std::move(layers)), ...); }

  /// Makes a layer at the end.
  template <class T, class... Args> T &emplace(Args &&...args) {
    return append(std::make_unique<T>(std::forward<Args>(args)...));
  }
  /// Takes a layer over, at the end. **Throws** `Error` for none, and for one that has a parent.
  template <class T> T &append(std::unique_ptr<T> layer) {
    T *item = layer.get();
    add(std::move(layer), [item](Value x, Site site) { return (*item)(x, site); });
    return *item;
  }
  size_t size() const { return items.size(); }
  Value forward(Value x);

private:
  struct Item {
    std::unique_ptr<LayerBase> layer;
    std::function<Value(Value, Site)> call;
  };
  std::vector<Item> items;
  void add(std::unique_ptr<LayerBase> layer, std::function<Value(Value, Site)> call);
};

} // namespace varve::nn
