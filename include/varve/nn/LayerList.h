// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Layers made in a loop: a list of one class, and a chain of any.
//   Child<nn::LayerList<Block>> blocks{*this, "layers"};
//   blocks.emplace(config);
//   for (Block &block : blocks) x = block(x);            // or blocks.slice(0, 3)
#pragma once
#include "varve/nn/Layer.h"
#include <functional>
#include <ranges>

namespace varve::nn {

namespace detail {
template <class T, class... Args> std::unique_ptr<T> make_in(const LayerBase &list, size_t number, Args &&...args) {
  try {
    return std::make_unique<T>(std::forward<Args>(args)...);
  } catch (const Error &error) {
    rethrow_in(list, std::to_string(number), error, list.declared());
  }
}
} // namespace detail

/// Owns layers and names them "0", "1", .. in their order. It is a part of its parent, and is not called itself.
/// **Shapes**, **Types**, **IR** those of its layers, which are called one by one.
template <class T> class LayerList : public LayerBase {
  using Items = std::vector<std::unique_ptr<T>>;

public:
  std::string_view kind() const override { return "LayerList"; }

  /// Makes a layer at the end. An error of its constructor gets its name.
  template <class... Args> T &emplace(Args &&...args) {
    return append(detail::make_in<T>(*this, size(), std::forward<Args>(args)...));
  }
  /// Takes a layer over, at the end. **Throws** `Error` for none, and for one that has a parent.
  T &append(std::unique_ptr<T> layer) { return insert(size(), std::move(layer)); }
  /// Takes layers over, at the end: all, or none if one is refused.
  void extend(Items layers) {
    for (auto &layer : layers)
      check_item(layer.get(), 0, 0);
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
  /// Takes the layers from `begin` to before `end` out.
  Items erase(size_t begin, size_t end) {
    check_range(begin, end, items.size());
    Items out;
    for (size_t i = begin; i < end; ++i)
      out.push_back(erase(begin));
    return out;
  }
  /// Takes a layer over in the place of another, which it gives back.
  std::unique_ptr<T> replace(size_t index, std::unique_ptr<T> layer) {
    check_index(index, items.size());
    check_item(layer.get(), index, items.size());
    std::unique_ptr<T> old = std::exchange(items[index], std::move(layer));
    number();
    remove_child(*old);
    return old;
  }
  void clear() { erase(0, items.size()); }

  /// The layers from `begin` to before `end`, to be looped over: no list of its own, and valid until this one changes.
  auto slice(size_t begin, size_t end) const {
    check_range(begin, end, items.size());
    return std::ranges::subrange(Iterator{items.begin() + static_cast<std::ptrdiff_t>(begin)},
                                 Iterator{items.begin() + static_cast<std::ptrdiff_t>(end)});
  }
  size_t size() const { return items.size(); }
  bool empty() const { return items.empty(); }
  /// **Throws** `Error` for an index beyond the end.
  T &operator[](size_t index) const {
    check_index(index, items.size());
    return *items[index];
  }

  struct Iterator {
    using value_type = T;
    using difference_type = std::ptrdiff_t;
    typename Items::const_iterator at = {};
    T &operator*() const { return **at; }
    T *operator->() const { return at->get(); }
    Iterator &operator++() {
      ++at;
      return *this;
    }
    Iterator operator++(int) { return Iterator{at++}; }
    bool operator==(const Iterator &) const = default;
  };
  Iterator begin() const { return {items.begin()}; }
  Iterator end() const { return {items.end()}; }

private:
  Items items;

  bool take_over(const LayerBase &child, std::unique_ptr<LayerBase> &layer) override {
    auto *item = dynamic_cast<T *>(layer.get());
    if (!item)
      return false;
    for (auto &mine : items)
      if (mine.get() == &child) {
        std::unique_ptr<T> fresh(item);
        (void)layer.release(); // it is `fresh` now
        layer = std::exchange(mine, std::move(fresh));
        number();
        return true;
      }
    return false;
  }

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
/// **Shapes**, **Types** x what the first one takes, the result what the last one gives. **IR** that of its layers.
class Sequential : public Layer<Sequential> {
public:
  template <class... T> explicit Sequential(std::unique_ptr<T>... layers) { (append(std::move(layers)), ...); }

  /// Makes a layer at the end. An error of its constructor gets its name.
  template <class T, class... Args> T &emplace(Args &&...args) {
    return append(detail::make_in<T>(*this, size(), std::forward<Args>(args)...));
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
