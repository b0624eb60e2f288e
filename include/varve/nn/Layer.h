// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Layers: what a model is made of. A layer is a struct with a `forward`; its members are weights and other layers.
//   struct Block : nn::Layer<Block> {
//     Child<nn::Linear> up{*this, "up_proj", 64, 256}, down{*this, "down_proj", 256, 64};
//     Value forward(Value x) { return x + down(relu(up(x))); }
//   };
#pragma once
#include "varve/Graph.h"
#include "varve/nn/LayerBase.h"
#include <memory>
#include <utility>

namespace varve::nn {

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

  /// A value in the argument at that place.
  void argument(size_t place, const std::string &name, Value value);
  void before();
  void output(const std::string &name, Value &value);
  void after();

private:
  struct State;
  std::unique_ptr<State> state;
};

/// Throws the error of a layer's constructor again, with the layer's path before the one that it has, and with a place if it
/// has none: for a part of a library's layer, that layer's. As it is, for no name: then the layer was made, and its
/// parent refused it.
[[noreturn]] void rethrow_in(const LayerBase &parent, const std::string &name, const Error &error, Site site);

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
    using Result = std::remove_cvref_t<decltype(std::declval<Self &>().forward(std::forward<Args>(args)...))>;
    auto *called = static_cast<Self *>(this);
    if (const detail::StandIn *other = replacement()) {
      called = dynamic_cast<Self *>(other->layer.get());
      if (!called)
        return detail::call_instead<Result>(*this, *other, {detail::box(std::forward<Args>(args))...}, site);
    }
    Self &self = *called;
    detail::Calling call(self, site);
    size_t i = 0;
    ((varve::detail::for_each_value(std::to_string(i), args,
                                    [&](const std::string &name, Value value) { call.argument(i, name, value); }),
      ++i),
     ...);
    call.before();
    if constexpr (std::is_void_v<Result>) {
      self.forward(std::forward<Args>(args)...);
      call.after();
    } else {
      Result result = self.forward(std::forward<Args>(args)...);
      varve::detail::for_each_value({}, result,
                                    [&](const std::string &name, Value &value) { call.output(name, value); });
      call.after();
      return result;
    }
  }
};

/// A layer that is a part of another: a T that registers itself with its parent under a name. An error of T's constructor
/// gets that name, and its line.
template <class T> class Registered : public T {
  using Options = typename detail::OptionsOf<T>::type;

public:
  /// Parent, name, and what T's constructor takes; T's options may be written as a list in braces.
  template <class... Args>
    requires std::is_constructible_v<T, Args...>
  Registered(LayerBase &parent, Name name, Args &&...args) try : T(std::forward<Args>(args)...) {
    parent.add_child(*this, std::exchange(name.text, {}), name.site);
  } catch (const Error &error) {
    detail::rethrow_in(parent, name.text, error, name.site);
  }
  Registered(LayerBase &parent, Name name, Options options) try : T(std::move(options)) {
    parent.add_child(*this, std::exchange(name.text, {}), name.site);
  } catch (const Error &error) {
    detail::rethrow_in(parent, name.text, error, name.site);
  }
  template <class A>
  Registered(LayerBase &parent, Name name, A &&a, Options options) try : T(std::forward<A>(a), std::move(options)) {
    parent.add_child(*this, std::exchange(name.text, {}), name.site);
  } catch (const Error &error) {
    detail::rethrow_in(parent, name.text, error, name.site);
  }
  template <class A, class B>
  Registered(LayerBase &parent, Name name, A &&a, B &&b, Options options) try
      : T(std::forward<A>(a), std::forward<B>(b), std::move(options)) {
    parent.add_child(*this, std::exchange(name.text, {}), name.site);
  } catch (const Error &error) {
    detail::rethrow_in(parent, name.text, error, name.site);
  }
  template <class A, class B, class C>
  Registered(LayerBase &parent, Name name, A &&a, B &&b, C &&c, Options options) try
      : T(std::forward<A>(a), std::forward<B>(b), std::forward<C>(c), std::move(options)) {
    parent.add_child(*this, std::exchange(name.text, {}), name.site);
  } catch (const Error &error) {
    detail::rethrow_in(parent, name.text, error, name.site);
  }
};

/// A layer that is a part of another one already, under one more name in this one; its weights may be loaded under
/// either, and are saved under its owner's. It may be gone before this is, which then has no such child.
template <class T> class Borrowed {
public:
  Borrowed(LayerBase &parent, Name name, T &layer) : layer(&layer) {
    parent.borrow(layer, std::move(name.text), name.site);
  }
  Borrowed(const Borrowed &) = delete;
  Borrowed &operator=(const Borrowed &) = delete;
  T &operator*() const { return *layer; }
  T *operator->() const { return layer; }

private:
  T *layer;
};

} // namespace varve::nn

namespace varve {
/// A layer that is a part of another: `Child<nn::Linear> up{*this, "up_proj", 64, 256}`.
template <class T> using Child = nn::Registered<T>;
/// A layer of another one, under a name here too: `Shared<nn::Embedding> tokens{*this, "tokens", encoder.tokens}`, called
/// as `(*tokens)(ids)`.
template <class T> using Shared = nn::Borrowed<T>;
} // namespace varve
