// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a model says of a part that is made or called wrongly.
//   CHECK(refused<nn::MaxPool>(tensor_type(f32, {4}), MaxPoolOptions{.kernel = {2}}) == "expects ...");
#pragma once
#include "test/unit/Support.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>

namespace varve::test {

template <class T> struct Holder : nn::Layer<Holder<T>> {
  Child<T> part;
  template <class... Args> explicit Holder(Args &&...args) : part(*this, "part", std::forward<Args>(args)...) {}
  Value forward(Value x) { return part(x); }
};

/// The message of the error; checks that it names the part, and a line.
template <class T, class... Args> std::string refused(const TensorType &x, Args &&...args) {
  try {
    Holder<T> model(std::forward<Args>(args)...);
    Graph("f", model, {x});
  } catch (const Error &error) {
    CHECK(error.layer() == "part");
    CHECK(contains(error.file(), "Refused.h"));
    CHECK(error.line() != 0);
    return error.message();
  }
  return "(no error)";
}

} // namespace varve::test
