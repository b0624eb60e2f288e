// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Layers: what a model is made of. A layer is a struct with a `forward`; its members are weights and other layers.
//   struct Block : nn::Layer<Block> {
//     Child<nn::Linear> up{*this, "up_proj", 64, 256}, down{*this, "down_proj", 256, 64};
//     Value forward(Value x) { return x + down(relu(up(x))); }
//   };
#pragma once
#include "varve/Graph.h"
#include "varve/Node.h"
#include "varve/nn/State.h"
#include <memory>
#include <utility>

namespace varve::nn {

class LayerBase;

template <class T> using Named = std::vector<std::pair<std::string, T>>;

/// What every layer is, whatever its `forward`.
class LayerBase : public Node {
public:
  /// The direct children by name, in order.
  Named<LayerBase *> sublayers() const { return children; }
  /// The weights that this layer itself has, by name, in order.
  Named<Weight *> layer_weights() const { return weights; }
  /// The buffers that this layer itself has, by name, in order.
  Named<Buffer *> layer_buffers() const { return buffers; }
  /// This layer and all below, each with its dotted name after `prefix`: parents first, breadth first.
  Named<LayerBase *> recursive_named_layers(const std::string &prefix = {});

  /// Every weight of the tree by its full dotted name. A shared weight is listed once, under its owner if that is in the
  /// tree.
  Named<Weight *> raw_state_dict();
  /// Every weight's value by its full name; zeros for one that is not loaded.
  StateDict state_dict();
  /// Gives every weight its value. Everything is checked before anything changes.
  /// **Throws** one `Error` that says all that is missing, unused or of another shape or dtype; nothing has changed then.
  /// If not `strict`, the report says what is missing or unused, and only shapes and dtypes throw.
  LoadReport load_state_dict(const StateDict &state, const LoadOptions &options = {});
  /// The same; errors name the file and the offset in it.
  LoadReport load_state_dict(const weights::Checkpoint &checkpoint, const LoadOptions &options = {});
  /// Makes this layer's weight `name` the same as another layer's: one storage, one symbol, any of the names on load.
  /// **Throws** `Error` if there is no such weight, or it has another type.
  void set_shared_weight(std::string_view name, Weight &weight);

protected:
  LayerBase() = default;
  /// Makes `child` a part of this layer. **Throws** `Error` for a name that is taken.
  void add_child(LayerBase &child, std::string name, Site site);
  /// Takes it out again.
  void remove_child(LayerBase &child);
  /// For a list of layers: makes these the children, named "0", "1", ...
  void number_children(const std::vector<LayerBase *> &layers);
  /// **Throws** `Error` for no layer, for one that has a parent, and for an index beyond `size`.
  void check_item(const LayerBase *layer, size_t index, size_t size) const;
  /// **Throws** `Error` for an index that is not below `size`.
  void check_index(size_t index, size_t size) const;

private:
  friend class varve::Weight;
  friend class varve::Buffer;
  template <class T> friend class Registered;
  void add(Weight &weight, const std::string &name, Site site);
  void add(Buffer &buffer, const std::string &name, Site site);
  void check_name(const std::string &name, Site site) const;
  LoadReport load(const StateDict &state, const weights::Checkpoint *checkpoint, const LoadOptions &options);

  Named<LayerBase *> children;
  Named<Weight *> weights;
  Named<Buffer *> buffers;
};

/// A name, and the line where it was written.
struct Name {
  // NOLINTBEGIN(google-explicit-constructor): written as a string
  Name(const char *text, Site site = Site::current()) : text(text), site(site) {}
  Name(std::string text, Site site = Site::current()) : text(std::move(text)), site(site) {}
  // NOLINTEND(google-explicit-constructor)
  std::string text;
  Site site;
};

namespace detail {

/// The name of a class as the compiler spells it: "varve::nn::Linear".
template <class T> constexpr std::string_view full_name() {
  std::string_view text = __PRETTY_FUNCTION__; // "... full_name() [T = varve::nn::Linear]"
  size_t begin = text.find("T = ") + 4, end = text.find(';', begin);
  return text.substr(begin, (end == std::string_view::npos ? text.size() - 1 : end) - begin);
}
/// The same without namespaces: "Linear".
constexpr std::string_view short_name(std::string_view name) {
  size_t begin = 0, depth = 0;
  for (size_t i = 0; i < name.size(); ++i) {
    char c = name[i];
    depth += c == '<' || c == '(' || c == '{' ? 1 : 0;
    depth -= c == '>' || c == ')' || c == '}' ? 1 : 0;
    if (c == ':' && depth == 0)
      begin = i + 1;
  }
  return name.substr(begin);
}

/// One call of a layer: opens its scope, notes arguments and outputs, runs the hooks.
class Calling {
public:
  Calling(LayerBase &layer, Site site);
  Calling(const Calling &) = delete;
  Calling &operator=(const Calling &) = delete;
  ~Calling();

  void argument(const std::string &name, Value value);
  void before();
  void output(const std::string &name, Value &value);
  void after();

private:
  struct State;
  std::unique_ptr<State> state;
};

template <class T> struct OptionsOf {
  struct None {
    None() = delete;
    None(const None &) = delete;
  };
  using type = None;
};
template <class T>
  requires requires { typename T::Options; }
struct OptionsOf<T> {
  using type = typename T::Options;
};

} // namespace detail

/// The base of every layer, given the layer itself: `struct MLP : nn::Layer<MLP>`. Calling it runs its `forward`, in a
/// scope that gives what is recorded the layer's name and the author's line, and then the hooks. Arguments and results
/// may be anything; values are found in lists, tuples, optionals and plain structs. Neither copied nor moved.
template <class Self> class Layer : public LayerBase {
public:
  std::string_view kind() const override { return detail::short_name(detail::full_name<Self>()); }
  bool in_library() const override { return detail::full_name<Self>().starts_with("varve::nn::"); }

  // By arity: a default argument cannot follow a pack.
  auto operator()(Site site = Site::current()) { return call(site); }
  template <class A> auto operator()(A &&a, Site site = Site::current()) { return call(site, std::forward<A>(a)); }
  template <class A, class B> auto operator()(A &&a, B &&b, Site site = Site::current()) {
    return call(site, std::forward<A>(a), std::forward<B>(b));
  }
  template <class A, class B, class C> auto operator()(A &&a, B &&b, C &&c, Site site = Site::current()) {
    return call(site, std::forward<A>(a), std::forward<B>(b), std::forward<C>(c));
  }
  template <class A, class B, class C, class D>
  auto operator()(A &&a, B &&b, C &&c, D &&d, Site site = Site::current()) {
    return call(site, std::forward<A>(a), std::forward<B>(b), std::forward<C>(c), std::forward<D>(d));
  }
  template <class A, class B, class C, class D, class E>
  auto operator()(A &&a, B &&b, C &&c, D &&d, E &&e, Site site = Site::current()) {
    return call(site, std::forward<A>(a), std::forward<B>(b), std::forward<C>(c), std::forward<D>(d),
                std::forward<E>(e));
  }
  template <class A, class B, class C, class D, class E, class F>
  auto operator()(A &&a, B &&b, C &&c, D &&d, E &&e, F &&f, Site site = Site::current()) {
    return call(site, std::forward<A>(a), std::forward<B>(b), std::forward<C>(c), std::forward<D>(d),
                std::forward<E>(e), std::forward<F>(f));
  }
  template <class A, class B, class C, class D, class E, class F, class G>
  auto operator()(A &&a, B &&b, C &&c, D &&d, E &&e, F &&f, G &&g, Site site = Site::current()) {
    return call(site, std::forward<A>(a), std::forward<B>(b), std::forward<C>(c), std::forward<D>(d),
                std::forward<E>(e), std::forward<F>(f), std::forward<G>(g));
  }
  template <class A, class B, class C, class D, class E, class F, class G, class H>
  auto operator()(A &&a, B &&b, C &&c, D &&d, E &&e, F &&f, G &&g, H &&h, Site site = Site::current()) {
    return call(site, std::forward<A>(a), std::forward<B>(b), std::forward<C>(c), std::forward<D>(d),
                std::forward<E>(e), std::forward<F>(f), std::forward<G>(g), std::forward<H>(h));
  }

private:
  friend Self; // so that a layer is not given another's name by mistake
  Layer() = default;

  template <class... Args> auto call(Site site, Args &&...args) {
    auto &self = static_cast<Self &>(*this);
    detail::Calling call(*this, site);
    size_t i = 0;
    (varve::detail::for_each_value(std::to_string(i++), args,
                                   [&](const std::string &name, Value value) { call.argument(name, value); }),
     ...);
    call.before();
    if constexpr (std::is_void_v<decltype(self.forward(std::forward<Args>(args)...))>) {
      self.forward(std::forward<Args>(args)...);
      call.after();
    } else {
      auto result = self.forward(std::forward<Args>(args)...);
      varve::detail::for_each_value({}, result,
                                    [&](const std::string &name, Value &value) { call.output(name, value); });
      call.after();
      return result;
    }
  }
};

/// A layer that is a part of another: a T that registers itself with its parent under a name.
template <class T> class Registered : public T {
  using Options = typename detail::OptionsOf<T>::type;

public:
  /// Parent, name, and what T's constructor takes; T's options may be written as a list in braces.
  template <class... Args>
    requires std::is_constructible_v<T, Args...>
  Registered(LayerBase &parent, Name name, Args &&...args) : T(std::forward<Args>(args)...) {
    parent.add_child(*this, std::move(name.text), name.site);
  }
  Registered(LayerBase &parent, Name name, Options options) : T(std::move(options)) {
    parent.add_child(*this, std::move(name.text), name.site);
  }
  template <class A>
  Registered(LayerBase &parent, Name name, A &&a, Options options) : T(std::forward<A>(a), std::move(options)) {
    parent.add_child(*this, std::move(name.text), name.site);
  }
  template <class A, class B>
  Registered(LayerBase &parent, Name name, A &&a, B &&b, Options options)
      : T(std::forward<A>(a), std::forward<B>(b), std::move(options)) {
    parent.add_child(*this, std::move(name.text), name.site);
  }
  template <class A, class B, class C>
  Registered(LayerBase &parent, Name name, A &&a, B &&b, C &&c, Options options)
      : T(std::forward<A>(a), std::forward<B>(b), std::forward<C>(c), std::move(options)) {
    parent.add_child(*this, std::move(name.text), name.site);
  }
};

} // namespace varve::nn

namespace varve {
/// A layer that is a part of another: `Child<nn::Linear> up{*this, "up_proj", 64, 256}`.
template <class T> using Child = nn::Registered<T>;
} // namespace varve
