// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/runtime/Npz.h"
#include "lib/runtime/File.h"
#include "lib/runtime/Quote.h"
#include "lib/runtime/npy/NpzDirectory.h"
#include "varve/Error.h"
#include <algorithm>
#include <limits>

namespace varve {
namespace {

using namespace runtime;

StateDict load(const std::filesystem::path &path, Uint16 uint16) {
  std::string file = path.string();
  MappedFile map = map_file(path);
  std::span<const std::byte> bytes(map.data.get(), map.size);
  StateDict tensors;
  for (NpzMember &each : parse_npz(bytes, file, uint16)) {
    const std::byte *data = bytes.data() + each.array.data;
    // What is checked is the copy, and what lies before it: nobody changes these meanwhile.
    Tensor tensor = Tensor::view(each.array.dtype, std::move(each.array.shape), data, map.data).clone();
    uint32_t crc = crc32(bytes.subspan(each.begin, each.array.data - each.begin));
    crc = crc32({static_cast<const std::byte *>(tensor.data()), tensor.bytes()}, crc);
    if (crc != each.crc)
      throw Error(file + ": byte " + std::to_string(each.begin) + ": expects the CRC " + std::to_string(each.crc) +
                  " of " + quote(each.name) + ", but got " + std::to_string(crc) + " (the file is damaged)");
    tensors.emplace(each.name, std::move(tensor));
  }
  return tensors;
}

template <typename... T> void append(std::string &out, T... numbers) {
  (out.append(reinterpret_cast<const char *>(&numbers), sizeof numbers), ...);
}

struct Written {
  std::string file, header; // of the member; what stands before its data
  std::string local;        // what stands before it
  uint64_t size = 0, offset = 0;
  uint32_t crc = 0;
};

} // namespace

void runtime::write_npz(const std::filesystem::path &path, const StateDict &tensors, uint64_t large) {
  using namespace zip;
  constexpr uint16_t version = 45, stored = 0, time = 0, date = 1 << 5 | 1; // 1980-01-01: equal states, equal files
  auto narrow = [&](uint64_t value) { return value >= large ? 0xffffffff : static_cast<uint32_t>(value); };
  std::vector<Written> members;
  std::vector<std::span<const std::byte>> pieces;
  uint64_t offset = 0;
  members.reserve(tensors.size()); // pieces point into them
  std::string directory;
  for (const auto &[name, tensor] : tensors) {
    tensor.expect_intact();
    std::span<const std::byte> data(static_cast<const std::byte *>(tensor.data()), tensor.bytes());
    Written &each = members.emplace_back();
    each.file = name + ".npy";
    if (each.file.size() > 0xffff)
      throw Error(path.string() + ": expects names of at most 65531 bytes, but got " + std::to_string(name.size()));
    each.header = npy_header(tensor, path.string() + ": " + quote(name));
    each.size = each.header.size() + data.size();
    each.offset = offset;
    each.crc = crc32(data, crc32(std::as_bytes(std::span(each.header))));
    bool ascii = std::all_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    uint16_t flags = ascii ? 0 : utf8_flag;
    auto name_bytes = static_cast<uint16_t>(each.file.size());

    std::string extra;
    if (each.size >= large)
      append(extra, extra64, uint16_t(16), each.size, each.size);
    append(each.local, local, version, flags, stored, time, date, each.crc, narrow(each.size), narrow(each.size),
           name_bytes, static_cast<uint16_t>(extra.size()));
    each.local += each.file + extra;

    std::string fields;
    if (each.size >= large)
      append(fields, each.size, each.size);
    if (each.offset >= large)
      append(fields, each.offset);
    extra.clear();
    if (!fields.empty())
      append(extra, extra64, static_cast<uint16_t>(fields.size()));
    extra += fields;
    append(directory, central, version, version, flags, stored, time, date, each.crc, narrow(each.size),
           narrow(each.size), name_bytes, static_cast<uint16_t>(extra.size()), uint16_t(0), uint16_t(0), uint16_t(0),
           uint32_t(0), narrow(each.offset));
    directory += each.file + extra;

    pieces.push_back(std::as_bytes(std::span(each.local)));
    pieces.push_back(std::as_bytes(std::span(each.header)));
    pieces.push_back(data);
    offset += each.local.size() + each.size;
  }
  uint64_t count = members.size(), length = directory.size(), stop = offset + length;
  bool many = count >= std::min<uint64_t>(large, 0xffff) || length >= large || offset >= large;
  if (many) {
    append(directory, end64, static_cast<uint64_t>(end64_bytes - 12), version, version, uint32_t(0), uint32_t(0), count,
           count, length, offset);
    append(directory, locator64, uint32_t(0), stop, uint32_t(1));
  }
  auto short_count = static_cast<uint16_t>(many ? 0xffff : count);
  append(directory, zip::end, uint16_t(0), uint16_t(0), short_count, short_count, many ? 0xffffffff : narrow(length),
         many ? 0xffffffff : narrow(offset), uint16_t(0));
  pieces.push_back(std::as_bytes(std::span(directory)));
  write_file(path, pieces);
}

StateDict load_npz(const std::filesystem::path &path) { return load(path, Uint16::refused); }
StateDict load_npz_bf16(const std::filesystem::path &path) { return load(path, Uint16::bf16); }
void save_npz(const std::filesystem::path &path, const StateDict &tensors) { write_npz(path, tensors); }

} // namespace varve
