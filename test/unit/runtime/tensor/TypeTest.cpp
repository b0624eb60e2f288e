// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/Type.h"
#include "test/unit/Support.h"
#include <bit>
#include <catch2/catch.hpp>

using namespace varve;
using namespace varve::test;

TEST_CASE("every element type has a name and a size", "[Type]") {
  struct {
    DType dtype;
    std::string name;
    size_t size;
    bool floating, integer;
  } const table[] = {{f32, "f32", 4, true, false}, {f16, "f16", 2, true, false},      {bf16, "bf16", 2, true, false},
                     {i8, "i8", 1, false, true},   {i32, "i32", 4, false, true},      {i64, "i64", 8, false, true},
                     {u8, "u8", 1, false, true},   {boolean, "bool", 1, false, false}};
  for (const auto &row : table) {
    CHECK(name_of(row.dtype) == row.name);
    CHECK(dtype_from_name(row.name) == row.dtype);
    CHECK(size_of(row.dtype) == row.size);
    CHECK(is_floating(row.dtype) == row.floating);
    CHECK(is_integer(row.dtype) == row.integer);
  }
}

TEST_CASE("a name that is no element type's is refused", "[Type]") {
  CHECK(error_of([] { dtype_from_name("f64"); }) ==
        "expects an element type out of f32, f16, bf16, i8, i32, i64, u8, bool, but got 'f64'");
  CHECK(error_of([] { size_of(std::bit_cast<DType>(uint8_t(99))); }) ==
        "expects an element type, but got the value 99");
}
