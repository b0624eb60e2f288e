// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/ops/Control.h"
#include "test/unit/ops/Recorded.h"
#include "varve/ops/Elementwise.h"
#include "varve/ops/Index.h"
#include "varve/ops/Reduce.h"
#include "varve/ops/Shape.h"
#include "varve/ops/Structure.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::error_of;
using test::refused;

namespace {

const TensorType vec = tensor_type(f32, {4}), flag = tensor_type(boolean, {});

// The lines of the graph's body.
template <class Fn> std::string body(Fn fn, std::vector<GraphInput> inputs) {
  std::string text = Graph("f", fn, std::move(inputs)).text();
  size_t begin = text.find('\n', text.find("varve.graph")) + 1;
  return text.substr(begin, text.rfind("  }\n}") - begin);
}

struct State {
  Value sum;
  std::vector<Value> others;
  int number = 0;
};

std::string place(uint32_t line) { return std::string(Site::current().file_name()) + ":" + std::to_string(line); }

} // namespace

TEST_CASE("a branch is one op with two bodies") {
  auto model = [](Value p, Value x) { return cond(p, [&] { return exp(x); }, [&] { return x; }); };
  CHECK(body(model, {flag, vec}) == R"(    %0 = varve.cond %arg0 -> tensor<4xf32> {
      %1 = varve.exp %arg1 : (tensor<4xf32>) -> tensor<4xf32>
      varve.output %1 : tensor<4xf32>
    } else {
      varve.output %arg1 : tensor<4xf32>
    }
    varve.output %0 : tensor<4xf32>
)");
}

TEST_CASE("a branch returns what its functions return: nothing, a list, a tuple, a struct") {
  CHECK(contains(body(
                     [](Value p, Value x) {
                       cond(p, [&] { x.print("x"); });
                       return x;
                     },
                     {flag, vec}),
                 R"(    varve.cond %arg0 {
      varve.print %arg1, "x" : tensor<4xf32>
    } else {
    })"));
  CHECK(contains(body(
                     [](Value p, Value x) {
                       auto [a, b] = cond(p, [&] { return std::tuple(x, exp(x)); }, [&] { return std::tuple(-x, x); });
                       return a + b;
                     },
                     {flag, vec}),
                 "varve.add %0#0, %0#1"));
  auto structs = [](Value p, Value x) {
    State state = cond(p, [&] { return State{x, {exp(x), x}, 7}; }, [&] { return State{-x, {x, x}, 8}; });
    CHECK(state.number == 7);
    return std::vector{state.others[0], state.others[1], state.sum};
  };
  CHECK(contains(body(structs, {flag, vec}), "varve.output %0#1, %0#2, %0#0"));
  CHECK(contains(body([](Value, Value x) { return cond(true, [&] { return x; }, [&] { return -x; }); }, {flag, vec}),
                 "varve.constant dense<true> : tensor<i1>"));
}

TEST_CASE("a branch is refused where its condition or its types do not fit") {
  bool called = false;
  auto with = [&](Value p, Value x) {
    return cond(
        p,
        [&] {
          called = true;
          return x;
        },
        [&] { return x; });
  };
  CHECK(refused(with, {tensor_type(boolean, {2}), vec}) ==
        "expects condition to be tensor of i1 without dimensions, but got 'tensor<2xi1>'");
  CHECK(refused(with, {tensor_type(i64, {}), vec}) ==
        "expects condition to be tensor of i1 without dimensions, but got 'tensor<i64>'");
  CHECK_FALSE(called);
  CHECK(refused([](Value p, Value x) { return cond(p, [&] { return x; }, [&] { return reshape(x, {2, 2}); }); },
                {flag, vec}) ==
        "expects operands of the cond's result types 'tensor<4xf32>', but got 'tensor<2x2xf32>'");
  CHECK(refused([](Value p,
                   Value x) { return cond(p, [&] { return std::vector{x, x}; }, [&] { return std::vector{x}; })[0]; },
                {flag, vec}) == "expects on_false to return values for the same 2 places as on_true, but got 1 value");
  CHECK(refused(
            [](Value p, Value x) {
              return cond(p, [&] { return std::pair(x, Value()); }, [&] { return std::pair(Value(), x); }).first;
            },
            {flag, vec}) ==
        "expects on_false to return values for the same 1 place as on_true, but got 1 value for others");
  uint32_t line = 0;
  std::string text = error_of([&] {
    Graph("f",
          [&](Value p, Value x) {
            line = Site::current().line() + 1;
            return cond(p, [&] { return x; }, [&] { return reshape(x, {2, 2}); });
          },
          {flag, vec});
  });
  CHECK(text.starts_with(place(line) + ": error: expects operands of the cond's result types"));
}

TEST_CASE("a value that is made in a body ends with it") {
  uint32_t made = 0, used = 0;
  std::string text = error_of([&] {
    Graph("f",
          [&](Value p, Value x) {
            Value kept;
            cond(p, [&] {
              made = Site::current().line() + 1;
              kept = exp(x);
            });
            used = Site::current().line() + 1;
            return kept + x;
          },
          {flag, vec});
  });
  CHECK(text == place(used) +
                    ": error: expects a value that is made here or around, but got one of on_true of a cond, "
                    "made at " +
                    place(made) + ", which has ended: return it from there");
  CHECK(contains(refused(
                     [](Value x) {
                       Value kept;
                       loop(2, x, [&](Value h) { return kept = exp(h); });
                       return kept;
                     },
                     {vec}),
                 "but got one of the body of a loop, made at "));
  CHECK(contains(refused(
                     [](Value p, Value x) {
                       Value kept;
                       return cond(p, [&] { return kept = exp(x); }, [&] { return kept; });
                     },
                     {flag, vec}),
                 "but got one of on_true of a cond, made at "));
  CHECK(contains(
      refused(
          [](Value x) {
            loop(2, [&](Value trip) { trip.output("trip"); });
            return x;
          },
          {vec}),
      "expects an output of the graph that is made outside of branches and loops, but got one of the body of a "
      "loop, made at "));
  CHECK(contains(body(
                     [](Value x) {
                       loop(2, [&](Value) { x.output("x"); });
                       return x;
                     },
                     {vec}),
                 "varve.output %arg0, %arg0"));
  Graph outer("outer",
              [](Value x) {
                CHECK(contains(error_of([&] {
                                 Graph("f", [&](Value p) { return cond(p, [&] { return x; }, [&] { return x; }); },
                                       {flag});
                               }),
                               "but got one of another graph"));
                return x;
              },
              {vec});
}

TEST_CASE("a loop carries values") {
  CHECK(body([](Value x) { return loop(8, x, [](Value i, Value h) { return h * cast(i, f32); }); }, {vec}) ==
        R"(    %0 = varve.loop to(8) carry(%arg0 : tensor<4xf32>) do(%arg1, %arg2) {
      %1 = varve.cast %arg1 {dtype = f32} : (tensor<i64>) -> tensor<f32>
      %2 = varve.mul %arg2, %1 : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
      varve.output %2 : tensor<4xf32>
    }
    varve.output %0 : tensor<4xf32>
)");
  CHECK(contains(
      body([](Value x) { return loop(x.dim(0) * 2, x, [](Value h) { return exp(h); }); }, {tensor_type(f32, {"n"})}),
      "varve.loop to(2*n) carry("));
  CHECK(contains(
      body([](Value n, Value x) { return loop(n, x, [](Value h) { return exp(h); }); }, {tensor_type(i32, {}), vec}),
      "varve.loop to(%arg0 : tensor<i32>) carry("));
  auto structs = [](Value x) {
    State state =
        loop(2, State{x, {x, exp(x)}, 5}, [](State s) { return State{s.others[0], {s.others[1], s.sum}, 6}; });
    CHECK(state.number == 5);
    return std::tuple(state.sum, state.others);
  };
  CHECK(contains(body(structs, {vec}), "carry(%arg0, %arg0, %0 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>)"));
  CHECK(contains(body(
                     [](Value x) {
                       loop("n", [&](Value trip) { print(trip, "trip"); });
                       return x;
                     },
                     {tensor_type(f32, {"n"})}),
                 R"(    varve.loop to(n) do(%arg1) {
      varve.print %arg1, "trip" : tensor<i64>
    })"));
}

TEST_CASE("a loop ends when a condition says so, or its body") {
  CHECK(body([](Value x) { return loop(While([](Value h) { return less(h, 9); }), x, [](Value h) { return h + 1; }); },
             {tensor_type(i64, {})}) ==
        R"(    %0 = varve.loop carry(%arg0 : tensor<i64>) while(%arg1, %arg2) {
      %1 = varve.constant dense<9> : tensor<i64>
      %2 = varve.compare %arg2, %1 {predicate = "lt"} : (tensor<i64>, tensor<i64>) -> tensor<i1>
      varve.output %2 : tensor<i1>
    } do(%arg1, %arg2) {
      %1 = varve.constant dense<1> : tensor<i64>
      %2 = varve.add %arg2, %1 : (tensor<i64>, tensor<i64>) -> tensor<i64>
      varve.output %2 : tensor<i64>
    }
    varve.output %0 : tensor<i64>
)");
  CHECK(contains(body(
                     [](Value x) {
                       return loop(While([](Value i, Value h) { return less(h, i); }, 5), x,
                                   [](Value h) { return h + 1; });
                     },
                     {tensor_type(i64, {})}),
                 "varve.loop to(5) carry(%arg0 : tensor<i64>) while(%arg1, %arg2) {"));
  CHECK(body([](Value x) { return loop(5, x, [](Value h) { return Next{h + 1, less(h, 9)}; }); },
             {tensor_type(i64, {})}) ==
        R"(    %0 = varve.constant dense<true> : tensor<i1>
    %1:2 = varve.loop to(5) carry(%arg0, %0 : tensor<i64>, tensor<i1>) while(%arg1, %arg2, %arg3) {
      varve.output %arg3 : tensor<i1>
    } do(%arg1, %arg2, %arg3) {
      %2 = varve.constant dense<1> : tensor<i64>
      %3 = varve.add %arg2, %2 : (tensor<i64>, tensor<i64>) -> tensor<i64>
      %4 = varve.constant dense<9> : tensor<i64>
      %5 = varve.compare %arg2, %4 {predicate = "lt"} : (tensor<i64>, tensor<i64>) -> tensor<i1>
      varve.output %3, %5 : tensor<i64>, tensor<i1>
    }
    varve.output %1#0 : tensor<i64>
)");
}

TEST_CASE("a scan takes slices and stacks pieces") {
  const TensorType rows = tensor_type(f32, {"n", 4});
  CHECK(
      body(
          [](Value xs, Value h) {
            auto [last, all] = scan(xs, h, [](Value h, Value x) { return std::pair(h + x, h * x); });
            return std::tuple(last, all);
          },
          {rows, vec}) ==
      R"(    %0:2 = varve.loop to(n) carry(%arg1 : tensor<4xf32>) scan(%arg0 along 0 : tensor<?x4xf32, #dims>) stack(tensor<?x4xf32, #dims> along 0) do(%arg2, %arg3, %arg4) {
      %1 = varve.add %arg3, %arg4 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
      %2 = varve.mul %arg3, %arg4 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
      varve.output %1, %2 : tensor<4xf32>, tensor<4xf32>
    }
    varve.output %0#0, %0#1 : tensor<4xf32>, tensor<?x4xf32, #dims>
)");
  CHECK(contains(
      body(
          [](Value xs) {
            return scan(std::pair(xs, xs), std::tuple<>(),
                        [](Value i, std::tuple<> s, std::pair<Value, Value> x) {
                          return std::pair(s, std::vector{x.first * cast(i, f32), x.second});
                        },
                        {.axis = 1, .stack_axis = -1})
                .second;
          },
          {rows}),
      "%0:2 = varve.loop to(4) scan(%arg0 along 1, %arg0 along 1 : tensor<?x4xf32, #dims>, tensor<?x4xf32, #dims>) "
      "stack(tensor<?x4xf32, #dims> along -1, tensor<?x4xf32, #dims> along -1) do("));
  CHECK(contains(
      body(
          [](Value xs, Value h) {
            return scan(xs, h, [](Value h, Value x) { return std::pair(Next{h + x, greater(reduce_max(h), 0)}, x); })
                .second;
          },
          {rows, vec}),
      "varve.output %2, %5, %arg5 : tensor<4xf32>, tensor<i1>, tensor<4xf32>"));
}

TEST_CASE("a loop is refused where its parts do not fit") {
  auto step = [](Value h) { return exp(h); };
  CHECK(refused([&](Value x) { return loop(-1, x, step); }, {vec}) == "expects a count of at least 0, but got -1");
  CHECK(refused([&](Value n, Value x) { return loop(n, x, step); }, {tensor_type(f32, {}), vec}) ==
        "expects limit to be tensor of i32 or i64 without dimensions, but got 'tensor<f32>'");
  CHECK(refused([&](Value x) { return loop(2, x, [](Value h) { return concat({h, h}, 0); }); }, {vec}) ==
        "expects the type of carried value to stay 'tensor<4xf32>', but got 'tensor<8xf32>'");
  CHECK(refused(
            [&](Value x) {
              return loop(2, State{x, {x}}, [](State s) { return State{s.sum, {cast(s.others[0], bf16)}}; }).sum;
            },
            {vec}) == "expects the type of carried value 'others.0' to stay 'tensor<4xf32>', but got 'tensor<4xbf16>'");
  CHECK(refused([&](Value x) { return loop(2, State{x, {x}}, [](State s) { return State{s.sum, {}}; }).sum; }, {vec}) ==
        "expects the body of a loop to return 2 carried values, but got 1 value");
  CHECK(refused(
            [&](Value x) {
              return loop(2, std::pair(x, Value()),
                          [](std::pair<Value, Value> s) { return std::pair(Value(), s.first); })
                  .first;
            },
            {vec}) == "expects the body of a loop to return carried value '0' as value #0, but got '1'");
  CHECK(refused([&](Value x) { return loop(While([](Value h) { return h; }), x, step); }, {vec}) ==
        "expects the condition of a loop to return 'tensor<i1>', but got 'tensor<4xf32>'");
  CHECK(refused([&](Value x) { return loop(2, x, [](Value h) { return Next{h, equal(h, h)}; }); }, {vec}) ==
        "expects the type of carried value 'more' to stay 'tensor<i1>', but got 'tensor<4xi1>'");
  CHECK(refused(
            [&](Value x) {
              return scan(std::pair(x, reshape(x, {2, 2})), x,
                          [](Value h, std::pair<Value, Value>) { return std::pair(h, h); })
                  .first;
            },
            {vec}) == "expects dimension 0 of scanned input #1 to be the count 4, but got 2");
  CHECK(refused([&](Value x) { return scan(x, x, [](Value h, Value) { return std::pair(h, h); }, {.axis = 1}).first; },
                {vec}) == "expects axis in [-1, 1), but got 1");
  CHECK(
      refused(
          [&](Value x) { return scan(x, x, [](Value h, Value) { return std::pair(h, h); }, {.stack_axis = 3}).first; },
          {vec}) == "expects axis in [-2, 2), but got 3");
  CHECK(refused(
            [&](Value x) {
              return scan(std::vector<Value>(), x, [](Value h, const std::vector<Value> &) { return std::pair(h, h); })
                  .first;
            },
            {vec}) == "expects a value to scan, but got none");
}

TEST_CASE("an exception of the author's leaves the graph as it was") {
  int calls = 0, caught = 0;
  auto model = [&](Value x) {
    auto fails = [&](auto fn) {
      try {
        fn();
        FAIL("expects an exception");
      } catch (const std::runtime_error &) {
        ++caught;
      }
    };
    Value before = -x;
    auto bad = [&](auto... values) -> Value {
      ++calls;
      auto value = (values + ...);
      exp(value), value.print("never");
      cond(less(reduce_max(x), 0), [&] { x.print("never"); });
      throw std::runtime_error("the author's own");
    };
    fails([&] { loop(3, x, [&](Value h) { return bad(h); }); });
    fails([&] { loop(While([&](Value h) { return bad(h); }), x, [&](Value h) { return h; }); });
    fails([&] { cond(less(reduce_max(x), 0), [&] { return x; }, [&] { return bad(x); }); });
    fails([&] { loop(3, x, [&](Value h) { return loop(2, h, [&](Value g) { return bad(g); }); }); });
    return before;
  };
  std::string text = body(model, {vec});
  CHECK(calls == 4);
  CHECK(caught == 4);
  CHECK_FALSE(contains(text, "never"));
  CHECK_FALSE(contains(text, "varve.loop"));
  CHECK_FALSE(contains(text, "varve.cond"));
}

TEST_CASE("a body is recorded once, and sees the values around it") {
  int calls = 0;
  std::string text = body(
      [&](Value p, Value x) {
        return loop(3, x, [&](Value h) {
          ++calls;
          return cond(
              p,
              [&] {
                ++calls;
                return loop(2, h, [&](Value g) {
                  ++calls;
                  return g + h * x;
                });
              },
              [&] {
                ++calls;
                return h;
              });
        });
      },
      {flag, vec});
  CHECK(calls == 4);
  CHECK(text == R"(    %0 = varve.loop to(3) carry(%arg1 : tensor<4xf32>) do(%arg2, %arg3) {
      %1 = varve.cond %arg0 -> tensor<4xf32> {
        %2 = varve.loop to(2) carry(%arg3 : tensor<4xf32>) do(%arg4, %arg5) {
          %3 = varve.mul %arg3, %arg1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
          %4 = varve.add %arg5, %3 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
          varve.output %4 : tensor<4xf32>
        }
        varve.output %2 : tensor<4xf32>
      } else {
        varve.output %arg3 : tensor<4xf32>
      }
      varve.output %1 : tensor<4xf32>
    }
    varve.output %0 : tensor<4xf32>
)");
}
