// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/weights/Metadata.h"
#include "test/unit/Support.h"
#include <catch2/catch.hpp>

using namespace varve::weights;
using namespace varve::test;

TEST_CASE("metadata know their type and tell it", "[Metadata]") {
  MetadataArray inner{std::vector<float>{0.5f}};
  Metadata metadata = {{"u8", uint8_t(7)},
                       {"i8", int8_t(-7)},
                       {"u16", uint16_t(7)},
                       {"i16", int16_t(7)},
                       {"u32", uint32_t(7)},
                       {"i32", int32_t(7)},
                       {"f32", 0.1f},
                       {"bool", true},
                       {"string", "text"},
                       {"u64", UINT64_MAX},
                       {"i64", int64_t(7)},
                       {"f64", 0.1},
                       {"array of f32", std::vector<float>{1, 2.5}},
                       {"array of array of f32", std::vector{inner}}};
  for (const auto &[type, value] : metadata)
    CHECK(value.type() == type);
  CHECK(metadata.at("i8").text() == "-7");
  CHECK(metadata.at("f32").text() == "0.1");
  CHECK(metadata.at("bool").text() == "true");
  CHECK(metadata.at("string").text() == "'text'");
  CHECK(metadata.at("array of f32").text() == "[1, 2.5]");
  CHECK(metadata.at("array of array of f32").text() == "[[0.5]]");
  CHECK(MetadataValue(std::vector<uint8_t>(9)).text() == "[0, 0, 0, 0, 0, 0, .. (9)]");
  CHECK(MetadataValue(std::vector<MetadataArray>()).type() == "array of array");
  CHECK(MetadataValue() == "");
  CHECK(MetadataValue(uint8_t(1)) != MetadataValue(int8_t(1)));
}

TEST_CASE("metadata are fetched with their type", "[Metadata]") {
  MetadataValue big = UINT64_MAX, text = "x", list = std::vector<std::string>{"a", "b"};
  CHECK(MetadataValue(uint16_t(3)).integer() == 3);
  CHECK(MetadataValue(int64_t(-3)).integer() == -3);
  CHECK(MetadataValue(uint16_t(3)).number() == 3);
  CHECK(MetadataValue(0.5f).number() == 0.5);
  CHECK(MetadataValue(true).boolean());
  CHECK(text.string() == "x");
  CHECK(list.array<std::string>().size() == 2);
  CHECK(std::get<MetadataArray>(list.get()).size() == 2);
  CHECK(error_of([&] { (void)big.integer(); }) ==
        "expects metadata of the type integer of 64 bits, but got u64 18446744073709551615");
  CHECK(error_of([&] { (void)MetadataValue(true).integer(); }) ==
        "expects metadata of the type integer of 64 bits, but got bool true");
  CHECK(error_of([&] { (void)text.number(); }) == "expects metadata of the type number, but got string 'x'");
  CHECK(error_of([&] { (void)text.boolean(); }) == "expects metadata of the type bool, but got string 'x'");
  CHECK(error_of([&] { (void)big.string(); }) ==
        "expects metadata of the type string, but got u64 18446744073709551615");
  CHECK(error_of([&] { (void)list.array<float>(); }) ==
        "expects metadata of the type array of f32, but got array of string ['a', 'b']");
}
