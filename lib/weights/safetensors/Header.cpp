// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/weights/safetensors/Header.h"
#include "lib/runtime/Json.h"
#include "lib/runtime/tensor/Memory.h"
#include "varve/runtime/Tensor.h"
#include <algorithm>
#include <cstring>
#include <tuple>

namespace varve::weights {
namespace {

namespace json = runtime::json;

constexpr uint64_t length_bytes = 8;
constexpr uint64_t most_header_bytes = 100'000'000; // as in the reference implementation

struct Name {
  const char *name;
  ElementType type;
};
constexpr Name names[] = {{"F32", {f32}},
                          {"F16", {f16}},
                          {"BF16", {bf16}},
                          {"I8", {i8}},
                          {"I32", {i32}},
                          {"I64", {i64}},
                          {"U8", {u8}},
                          {"BOOL", {boolean}},
                          {"F8_E4M3", {u8, Encoding::f8e4m3}},
                          {"F8_E5M2", {u8, Encoding::f8e5m2}}};

ElementType element_type(const std::string &name, const std::string &where) {
  std::string known;
  for (const Name &each : names) {
    if (name == each.name)
      return each.type;
    known += (known.empty() ? "" : ", ") + std::string(each.name);
  }
  throw Error(where + ": expects a dtype out of " + known + ", but got " + runtime::quote(name));
}

std::string_view header_text(std::span<const std::byte> bytes, const std::string &file) {
  if (bytes.size() < length_bytes)
    throw Error(file + ": expects 8 bytes with the header's length at byte 0, but got a file of " +
                std::to_string(bytes.size()) + " bytes");
  uint64_t length = 0;
  std::memcpy(&length, bytes.data(), length_bytes);
  if (length > bytes.size() - length_bytes)
    throw Error(file + ": expects a header of " + std::to_string(length) + " bytes at byte 8, but got a file of " +
                std::to_string(bytes.size()) + " bytes");
  if (length > most_header_bytes)
    throw Error(file + ": expects a header of at most " + std::to_string(most_header_bytes) + " bytes, but got " +
                std::to_string(length));
  return {reinterpret_cast<const char *>(bytes.data()) + length_bytes, static_cast<size_t>(length)};
}

std::string tensor_place(const std::string &file, const std::string &name) {
  return file + ": tensor " + runtime::quote(name);
}

HeaderTensor tensor(const std::string &name, const json::Value &value, const std::string &file, uint64_t base,
                    uint64_t size) {
  std::string where = tensor_place(file, name);
  HeaderTensor out;
  out.name = name;
  out.type = element_type(json::string(json::field(value, "dtype", where), where + ": dtype"), where);
  for (const json::Value &dim : json::array(json::field(value, "shape", where), where + ": shape"))
    out.shape.push_back(json::integer(dim, where + ": shape"));
  const json::Value &offsets = json::array(json::field(value, "data_offsets", where), where + ": data_offsets");
  if (offsets.size() != 2)
    throw Error(where + ": data_offsets: expects a begin and an end, but got " + std::to_string(offsets.size()) +
                " numbers");
  int64_t begin = json::integer(offsets[0], where + ": data_offsets");
  int64_t end = json::integer(offsets[1], where + ": data_offsets");
  uint64_t data = size - base;
  if (begin < 0 || end < begin || static_cast<uint64_t>(end) > data)
    throw Error(where + ": expects data offsets in order and within the " + std::to_string(data) +
                " bytes of data from byte " + std::to_string(base) + " on, but got " + std::to_string(begin) + " to " +
                std::to_string(end));
  out.begin = base + static_cast<uint64_t>(begin);
  out.end = base + static_cast<uint64_t>(end);
  std::optional<size_t> bytes = runtime::byte_count(out.type.dtype, out.shape);
  if (!bytes)
    throw Error(where + ": expects a shape of sizes that are not negative and whose bytes fit in 63 bits, but got " +
                shape_text(out.shape));
  bool fp8 = out.type.encoding != Encoding::none;
  std::string type(fp8 ? name_of(out.type.encoding) : name_of(out.type.dtype));
  if (*bytes != out.end - out.begin)
    throw Error(where + ": expects " + std::to_string(*bytes) + " bytes for " + type + " " + shape_text(out.shape) +
                " at byte " + std::to_string(out.begin) + ", but got " + std::to_string(out.end - out.begin));
  if (fp8 && out.shape.empty())
    throw Error(where + ": expects " + type + " of one dimension at least, but got none");
  if (fp8)
    out.shape.push_back(1);
  return out;
}

// The format wants the data covered exactly once, so that nothing hides in gaps and nothing is shared unseen.
void expect_covered(const Header &header, const std::string &file, uint64_t base, uint64_t size) {
  uint64_t next = base;
  for (const HeaderTensor &each : header.tensors) {
    if (each.begin != next)
      throw Error(tensor_place(file, each.name) + ": expects to begin where the tensor before it ends, at byte " +
                  std::to_string(next) + ", but got byte " + std::to_string(each.begin) +
                  (each.begin < next ? " (they overlap)" : " (a gap)"));
    next = each.end;
  }
  if (next != size)
    throw Error(file + ": expects the last tensor to end with the file, at byte " + std::to_string(size) +
                ", but got byte " + std::to_string(next));
}

} // namespace

const char *safetensors_name(ElementType type) {
  for (const Name &each : names)
    if (each.type == type)
      return each.name;
  return nullptr;
}

Header parse_header(std::span<const std::byte> bytes, const std::string &file) {
  std::string_view text = header_text(bytes, file);
  std::string where = file + ": header at byte 8";
  uint64_t base = length_bytes + text.size();
  json::Value root = json::parse(text, where);
  Header header;
  for (const auto &[name, value] : json::object(root, where).items()) {
    if (name != "__metadata__") {
      header.tensors.push_back(tensor(name, value, file, base, bytes.size()));
      continue;
    }
    for (const auto &[key, item] : json::object(value, where + ": __metadata__").items())
      header.metadata[key] = json::string(item, where + ": __metadata__: " + runtime::quote(key));
  }
  auto before = [](const HeaderTensor &a, const HeaderTensor &b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  };
  std::sort(header.tensors.begin(), header.tensors.end(), before);
  expect_covered(header, file, base, bytes.size());
  return header;
}

} // namespace varve::weights
