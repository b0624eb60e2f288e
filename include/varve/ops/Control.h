// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Branches and loops that are decided when the model runs. (A C++ `if` or `for` is decided when the graph is recorded.)
//   Value y = cond(greater(limit, 0), [&] { return expert(x); }, [&] { return x; });
//   Value h = loop(8, x, [&](Value h) { return block(h); });
//
// A function that is a body is called once, while the graph is recorded. It may call layers, print, and load and store
// buffers. What it takes and returns are values, or lists, tuples or structs of values. It sees the values around it; what
// is made in it can be used outside only where it is returned.
#pragma once
#include "varve/Weight.h"
#include "varve/detail/Control.h"
#include "varve/detail/Values.h"

namespace varve {

/// How often a loop runs: a number, a dimension, or a scalar i32 or i64 that is known when the model runs, where a
/// negative one is 0.
class Count {
public:
  // NOLINTBEGIN(google-explicit-constructor): written as a number, a name or a value
  template <std::integral T> Count(T size) : count(Dim(size)) {}
  Count(const char *name) : count(Dim(name)) {}
  Count(Dim size) : count(std::move(size)) {}
  Count(Value limit) : limit(limit) {}
  // NOLINTEND(google-explicit-constructor)

private:
  friend struct CountAccess;
  std::optional<Dim> count;
  Value limit;
};

/// A loop that goes on as long as a condition holds, which is asked before each trip: a function of the trip's number
/// and what is carried, or of what is carried alone, that gives a scalar bool. With a count, it ends then at the latest.
template <class Condition> struct While {
  explicit While(Condition condition, std::optional<Count> at_most = {})
      : condition(std::move(condition)), at_most(std::move(at_most)) {}
  Condition condition;
  std::optional<Count> at_most;
};

/// What a body returns that may end its loop: what is carried on, and whether there is another trip, a scalar bool.
template <class State> struct Next {
  State state;
  Value more;
};
template <class State> Next(State, Value) -> Next<State>;

struct ScanOptions {
  /// Of each scanned input: the axis whose places are the trips.
  int64_t axis = 0;
  /// The new axis of each stacked result.
  int64_t stack_axis = 0;
};

namespace detail {

/// The condition as a value, and its line.
std::pair<Value, Site> flag_of(const Operand &condition);
/// The count or limit of a loop.
LoopParts parts_of(const std::optional<Count> &count);
/// True, as a scalar.
Value always(Site site);
/// The size of all scanned values along the axis. **Throws** `Error` if there is none.
Dim trips_of(const NamedValues &scanned, int64_t axis, Site site);

template <class T> struct IsNext : std::false_type {};
template <class State> struct IsNext<Next<State>> : std::true_type {};
template <class T> struct IsPair : std::false_type {};
template <class A, class B> struct IsPair<std::pair<A, B>> : std::true_type {};

template <class T> void append_values(T &object, NamedValues &values) {
  for_each_value({}, object, [&](const std::string &name, Value value) { values.emplace_back(name, value); });
}
template <class T> NamedValues values_of(T &object) {
  NamedValues values;
  append_values(object, values);
  return values;
}
/// The object with other values, which begin at `next`.
template <class T> T with_values(T object, const std::vector<Value> &values, size_t &next) {
  for_each_value({}, object, [&](const std::string &, Value &value) { value = values.at(next++); });
  return object;
}

/// Calls a body with the trip's number before the other arguments, if it takes that.
template <class Body, class... Args> decltype(auto) call_body(Body &body, Value trip, Args &&...args) {
  if constexpr (std::is_invocable_v<Body &, Value, Args...>) {
    return body(trip, std::forward<Args>(args)...);
  } else {
    static_assert(
        std::is_invocable_v<Body &, Args...>,
        "the function of a loop takes what is carried (and of a scan the slices), or the trip's number before it");
    return body(std::forward<Args>(args)...);
  }
}

/// What one trip of a loop returns: what is carried, pieces, and whether to go on.
template <class State> const State &state_of(const State &state) { return state; }
template <class State> const State &state_of(const Next<State> &next) { return next.state; }

template <class State> struct Looped {
  State state;
  std::vector<Value> results;
  size_t next; // of the results that are no state
};

/// Records a loop. `trip(number, state, slices)` records the body and gives what it hands out.
template <bool IsEnding, class State, class Condition, class Trip>
Looped<State> record_loop(LoopParts parts, State init, Condition condition, Trip trip, Site site) {
  parts.inits = values_of(init);
  if constexpr (IsEnding)
    parts.inits.emplace_back("more", always(site));
  size_t carried = parts.inits.size();
  Control control(std::move(parts), site);
  if constexpr (IsEnding) {
    control.end({{"", control.begin().at(carried)}});
  } else if constexpr (!std::is_null_pointer_v<Condition>) {
    std::vector<Value> values = control.begin();
    size_t next = 1;
    control.end({{"", call_body(condition, values[0], with_values(init, values, next))}});
  }
  std::vector<Value> values = control.begin();
  size_t next = 1;
  State state = with_values(init, values, next);
  control.end(trip(values[0], std::move(state),
                   std::vector<Value>(values.begin() + 1 + static_cast<int64_t>(carried), values.end())));
  std::vector<Value> results = control.finish();
  next = 0;
  state = with_values(std::move(init), results, next);
  return {std::move(state), std::move(results), carried};
}

/// A loop without scanned inputs and stacked results.
template <class State, class Condition, class Body>
State run_loop(LoopParts parts, State init, Condition condition, Body &body, Site site) {
  using Result = std::remove_cvref_t<decltype(call_body(body, Value(), std::declval<State>()))>;
  constexpr bool ends = IsNext<Result>::value;
  static_assert(!ends || std::is_null_pointer_v<Condition>, "a loop has a While, or a body that returns Next");
  static_assert(std::is_same_v<std::remove_cvref_t<decltype(state_of(std::declval<Result>()))>, State>,
                "the function of a loop returns what it takes, or a Next of it");
  if constexpr (ends)
    parts.is_conditional = true;
  return record_loop<ends>(
             std::move(parts), std::move(init), std::move(condition),
             [&](Value trip, State state, const std::vector<Value> &) {
               Result result = call_body(body, trip, std::move(state));
               NamedValues values = values_of(state_of(result));
               if constexpr (ends)
                 values.emplace_back("more", result.more);
               return values;
             },
             site)
      .state;
}

} // namespace detail

/// What one of two functions returns when the model runs; the other one does nothing then. Both return values of the same
/// types, or nothing.
/// **Shapes** a scalar condition. **Types** condition bool. **Throws** `Error` if the functions return values of different
/// types, and whatever they throw; the graph is then as it was before. **IR** `varve.cond`.
template <class OnTrue, class OnFalse> auto cond(Operand condition, OnTrue &&on_true, OnFalse &&on_false) {
  using Result = std::remove_cvref_t<std::invoke_result_t<OnTrue &>>;
  static_assert(std::is_same_v<Result, std::remove_cvref_t<std::invoke_result_t<OnFalse &>>>,
                "both functions of a cond return the same C++ type");
  auto [value, site] = detail::flag_of(condition);
  detail::Control control(value, site);
  auto record = [&](auto &function) {
    control.begin();
    if constexpr (std::is_void_v<Result>) {
      function();
      control.end({});
    } else {
      Result result = function();
      control.end(detail::values_of(result));
      return result;
    }
  };
  if constexpr (std::is_void_v<Result>) {
    record(on_true);
    record(on_false);
    control.finish();
  } else {
    Result result = record(on_true);
    record(on_false);
    size_t next = 0;
    return detail::with_values(std::move(result), control.finish(), next);
  }
}
/// Runs the function when the model runs and the condition holds: for what it prints or stores.
template <class OnTrue> void cond(Operand condition, OnTrue &&on_true) {
  cond(condition, [&] { on_true(); }, [] {});
}

/// Runs the body again and again, each time with what it has returned the time before, at first with `init`; returns
/// what it returned last. The body takes the number of the trip and what is carried, or what is carried alone. It returns
/// what is carried on, or a `Next` that also says whether to go on.
/// **Shapes** any. **Types** what is carried keeps its types. **Throws** `Error` if the body changes one, or the count is negative, and
/// whatever the body throws; the graph is then as it was before. **IR** `varve.loop`.
template <class State, class Body> State loop(Count count, State init, Body &&body, Site site = Site::current()) {
  return detail::run_loop(detail::parts_of(count), std::move(init), nullptr, body, site);
}
/// As long as a condition holds.
template <class Condition, class State, class Body>
State loop(While<Condition> condition, State init, Body &&body, Site site = Site::current()) {
  detail::LoopParts parts = detail::parts_of(condition.at_most);
  parts.is_conditional = true;
  return detail::run_loop(std::move(parts), std::move(init), std::move(condition.condition), body, site);
}
/// With nothing that is carried: for what the body prints or stores. It takes the number of the trip.
template <class Body>
  requires std::is_void_v<std::invoke_result_t<Body &, Value>>
void loop(Count count, Body &&body, Site site = Site::current()) {
  loop(
      std::move(count), std::tuple<>(),
      [&](Value trip, std::tuple<> state) {
        body(trip);
        return state;
      },
      site);
}

/// A loop over the places of an axis of one or several values. The body takes what is carried, and of each value the slice
/// at its place (the trip's number before them, if it takes three arguments). It returns a pair: what is carried on, or a
/// `Next`, and one or several pieces. The result is a pair, too: what was carried last, and the pieces of all places,
/// stacked; those of trips that a `Next` has cut off are zeros.
/// **Shapes** slices lack the axis, stacked results have it. **Types** any. **Throws** `Error` as `loop`, and if the values
/// have different sizes along the axis. **IR** `varve.loop`.
template <class Xs, class State, class Body>
auto scan(Xs xs, State init, Body &&body, ScanOptions options = {}, Site site = Site::current()) {
  using Result =
      std::remove_cvref_t<decltype(detail::call_body(body, Value(), std::declval<State>(), std::declval<Xs>()))>;
  static_assert(detail::IsPair<Result>::value, "the function of a scan returns a pair: what is carried, and pieces");
  using First = typename Result::first_type;
  using Pieces = typename Result::second_type;
  constexpr bool ends = detail::IsNext<First>::value;
  static_assert(std::is_same_v<std::remove_cvref_t<decltype(detail::state_of(std::declval<First>()))>, State>,
                "the function of a scan returns what it takes, or a Next of it, as the first of a pair");
  detail::LoopParts parts;
  parts.scanned = detail::values_of(xs);
  parts.axis = options.axis;
  parts.stack_axis = options.stack_axis;
  parts.count = detail::trips_of(parts.scanned, options.axis, site);
  parts.is_conditional = ends;
  std::optional<Pieces> pieces;
  auto looped = detail::record_loop<ends>(
      std::move(parts), std::move(init), nullptr,
      [&](Value trip, State state, const std::vector<Value> &slices) {
        size_t next = 0;
        Result result = detail::call_body(body, trip, std::move(state), detail::with_values(xs, slices, next));
        detail::NamedValues values = detail::values_of(detail::state_of(result.first));
        if constexpr (ends)
          values.emplace_back("more", result.first.more);
        detail::append_values(result.second, values);
        pieces = std::move(result.second);
        return values;
      },
      site);
  return std::pair<State, Pieces>(std::move(looped.state),
                                  detail::with_values(std::move(*pieces), looped.results, looped.next));
}

} // namespace varve
