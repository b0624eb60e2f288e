// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/Dim.h"
#include "test/unit/Support.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::error_of;

TEST_CASE("a dimension is a size, a name, or sums and products of them") {
  CHECK(Dim(7).value() == 7);
  CHECK(Dim(7).is_static());
  CHECK(Dim("seq").str() == "seq");
  CHECK_FALSE(Dim("seq").is_static());
  CHECK((Dim("past") + Dim("seq")).str() == "past + seq");
  CHECK((Dim("seq") + 1).str() == "seq + 1");
  CHECK((Dim("seq") * 2 - "seq").str() == "seq");
  CHECK((Dim("a") * "b" * 3).str() == "3*a*b");
  CHECK((Dim("h") / 2).str() == "h floordiv 2");
  CHECK((Dim("h") * 4 / 2).str() == "2*h");
  CHECK(Dim("(h - 1) floordiv 2 + 1") == (Dim("h") + 1) / 2);
  CHECK(Dim(-7) / 2 == Dim(-4));
  CHECK((Dim("seq") - "seq") == Dim(0));
  CHECK((Dim("seq") - "seq").is_static());
}

TEST_CASE("equal dimensions have equal text, whatever the order") {
  CHECK(Dim("seq + past") == Dim("past") + Dim("seq"));
  CHECK(Dim("2 + 3") == Dim(5));
  CHECK(Dim("seq") != Dim("batch"));
}

TEST_CASE("what is no dimension throws") {
  CHECK(error_of([] { Dim(""); }) == "expects a dimension: a size, a name, or sums and products of them, but got ''");
  CHECK(error_of([] { Dim("a//b"); }) ==
        "expects a dimension: a size, a name, or sums and products of them, but got 'a//b'");
  CHECK(error_of([] { (void)Dim("seq").value(); }) == "expects a static dimension, but got 'seq'");
  CHECK(error_of([] { Dim("h") / 0; }) == "expects a divisor of 1 or more, but got h / 0");
  CHECK(error_of([] { Dim(INT64_MAX) * 2; }) ==
        "expects a dimension that fits in 64 bits, but got 9223372036854775807 * 2");
  CHECK(error_of([] { Dim(INT64_MAX) + 1; }) ==
        "expects a dimension that fits in 64 bits, but got 9223372036854775807 + 1");
  CHECK(error_of([] { Dim(INT64_MIN) - 1; }) ==
        "expects a dimension that fits in 64 bits, but got -9223372036854775808 - 1");
}

TEST_CASE("a tensor type prints as in a paper") {
  TensorType type = tensor_type(bf16, {"batch", "seq", 2048});
  CHECK(type.str() == "bf16 [batch, seq, 2048]");
  CHECK(type == tensor_type(bf16, {"batch", "seq", 2048}));
  CHECK(type != tensor_type(f32, {"batch", "seq", 2048}));
  CHECK(tensor_type(i64, {}).str() == "i64 []");
}
