// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/Type.h"
#include "varve/Error.h"
#include <array>

namespace varve {
namespace {

struct Entry {
  std::string_view name;
  uint8_t size;
};

// In the order of the enum.
constexpr std::array<Entry, 8> table = {
    {{"f32", 4}, {"f16", 2}, {"bf16", 2}, {"i8", 1}, {"i32", 4}, {"i64", 8}, {"u8", 1}, {"bool", 1}}};

const Entry &entry(DType dtype) {
  auto index = static_cast<size_t>(dtype);
  if (index >= table.size())
    throw Error("expects an element type, but got the value " + std::to_string(index));
  return table[index];
}

} // namespace

size_t size_of(DType dtype) { return entry(dtype).size; }
std::string_view name_of(DType dtype) { return entry(dtype).name; }

DType dtype_from_name(std::string_view name) {
  for (size_t i = 0; i < table.size(); ++i)
    if (table[i].name == name)
      return static_cast<DType>(i);
  std::string names;
  for (const Entry &each : table)
    names += (names.empty() ? "" : ", ") + std::string(each.name);
  throw Error("expects an element type out of " + names + ", but got '" + std::string(name) + "'");
}

bool is_floating(DType dtype) { return dtype == f32 || dtype == f16 || dtype == bf16; }
bool is_integer(DType dtype) { return dtype == i8 || dtype == i32 || dtype == i64 || dtype == u8; }

} // namespace varve
