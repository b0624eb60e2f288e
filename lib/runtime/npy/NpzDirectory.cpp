// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/npy/NpzDirectory.h"
#include "lib/runtime/Quote.h"
#include "varve/Error.h"
#include <algorithm>
#include <cstring>
#include <set>
#include <string_view>
#include <tuple>

namespace varve::runtime {
namespace {

constexpr size_t most_comment = 0xffff;
constexpr size_t most_members = size_t(1) << 20;
constexpr uint32_t in_extra = 0xffffffff; // a field of 32 bits whose value is in ZIP64's

class Archive {
public:
  Archive(std::span<const std::byte> bytes, const std::string &file) : bytes(bytes), file(file) {}

  std::vector<NpzMember> members(Uint16 uint16) {
    find_directory();
    std::vector<NpzMember> found;
    std::set<std::string> names;
    size_t at = begin;
    for (uint64_t i = 0; i < count; ++i) {
      size_t place = at;
      found.push_back(member(at));
      if (!names.insert(found.back().name).second)
        fail(place, "each name once", quote(found.back().name) + " twice");
    }
    if (at != end)
      fail(at, "the directory to end after " + std::to_string(count) + " members",
           std::to_string(end - at) + " bytes more");
    std::sort(found.begin(), found.end(), [](const NpzMember &a, const NpzMember &b) {
      return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
    });
    size_t next = 0;
    for (NpzMember &each : found) {
      if (each.begin < next)
        fail(each.begin, "members that do not overlap",
             quote(each.name) + ", which begins before byte " + std::to_string(next));
      next = each.end;
      each.array = parse_npy(bytes.subspan(each.begin, each.end - each.begin), file + ": " + quote(each.name), uint16);
      each.array.data += each.begin;
    }
    return found;
  }

private:
  [[noreturn]] void fail(size_t place, const std::string &expected, const std::string &found) const {
    throw Error(file + ": byte " + std::to_string(place) + ": expects " + expected + ", but got " + found);
  }
  template <typename T> T get(size_t at) const {
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
  }
  std::string_view text(size_t at, size_t length) const {
    return {reinterpret_cast<const char *>(bytes.data()) + at, length};
  }
  bool inside(uint64_t at, uint64_t length, uint64_t limit) const { return at <= limit && length <= limit - at; }

  void find_directory() {
    using namespace zip;
    size_t size = bytes.size(), least = size < most_comment + end_bytes ? 0 : size - most_comment - end_bytes;
    size_t at = size < end_bytes ? size : size - end_bytes;
    while (at != size && at > least &&
           (get<uint32_t>(at) != zip::end || get<uint16_t>(at + 20) != size - at - end_bytes))
      --at;
    if (size < end_bytes || get<uint32_t>(at) != zip::end || get<uint16_t>(at + 20) != size - at - end_bytes)
      throw Error(file + ": expects a .npz file, which is a ZIP archive with a directory at its end, but got none (cut "
                         "off?)");
    if (get<uint16_t>(at + 4) != 0 && get<uint16_t>(at + 4) != 0xffff)
      fail(at + 4, "an archive in one file", "a part of several");
    count = get<uint16_t>(at + 10);
    uint64_t length = get<uint32_t>(at + 12), offset = get<uint32_t>(at + 16);
    size_t limit = at;
    if (count == 0xffff || length == in_extra || offset == in_extra) {
      if (at < locator64_bytes || get<uint32_t>(at - locator64_bytes) != locator64)
        fail(at, "ZIP64's locator before the directory's end", "none");
      auto place = get<uint64_t>(at - locator64_bytes + 8);
      if (!inside(place, end64_bytes, at - locator64_bytes) || get<uint32_t>(place) != end64)
        fail(at - locator64_bytes + 8, "the place of ZIP64's directory's end", std::to_string(place));
      count = get<uint64_t>(place + 32);
      length = get<uint64_t>(place + 40);
      offset = get<uint64_t>(place + 48);
      limit = place;
    }
    if (!inside(offset, length, limit) || offset + length != limit)
      fail(at, "a directory that ends where its end is told, at byte " + std::to_string(limit),
           std::to_string(length) + " bytes from byte " + std::to_string(offset) + " on");
    if (count > length / central_bytes || count > most_members)
      fail(at, "at most " + std::to_string(std::min(length / central_bytes, uint64_t(most_members))) + " members",
           std::to_string(count));
    begin = offset;
    end = limit;
  }

  // Values that did not fit, in their order.
  void read_extra(size_t at, size_t length, const std::vector<uint64_t *> &values) const {
    size_t stop = at + length;
    while (stop - at >= 4) {
      auto id = get<uint16_t>(at), size = get<uint16_t>(at + 2);
      at += 4;
      if (size > stop - at)
        break;
      if (id == zip::extra64 && size >= 8 * values.size()) {
        for (size_t i = 0; i < values.size(); ++i)
          *values[i] = get<uint64_t>(at + 8 * i);
        return;
      }
      at += size;
    }
    fail(stop - length, "ZIP64's field with " + std::to_string(values.size()) + " values", "none");
  }

  // One entry of the directory, and what it tells of.
  NpzMember member(size_t &at) const {
    using namespace zip;
    if (!inside(at, central_bytes, end) || get<uint32_t>(at) != central)
      fail(at, "an entry of the directory", "something else");
    auto flags = get<uint16_t>(at + 8), method = get<uint16_t>(at + 10);
    auto name_bytes = get<uint16_t>(at + 28), extra = get<uint16_t>(at + 30), comment = get<uint16_t>(at + 32);
    size_t rest = size_t(name_bytes) + extra + comment;
    if (!inside(at + central_bytes, rest, end))
      fail(at, "an entry inside the directory", std::to_string(rest) + " bytes of texts");
    std::string name(text(at + central_bytes, name_bytes));
    NpzMember member;
    member.crc = get<uint32_t>(at + 16);
    uint64_t packed = get<uint32_t>(at + 20), size = get<uint32_t>(at + 24), offset = get<uint32_t>(at + 42);
    std::vector<uint64_t *> large;
    for (uint64_t *value : {&size, &packed, &offset})
      if (*value == in_extra)
        large.push_back(value);
    if (!large.empty())
      read_extra(at + central_bytes + name_bytes, extra, large);

    if ((flags & encrypted_flag) != 0)
      fail(at, "members that are not encrypted", quote(name));
    if (method != 0 || packed != size)
      fail(at, "members that are stored as they are (numpy.savez)",
           quote(name) + " with compression method " + std::to_string(method) +
               (method == 8 ? " (numpy.savez_compressed?)" : ""));
    if (!name.ends_with(".npy"))
      fail(at, "members named .npy", quote(name) + (name.ends_with("data.pkl") ? " (a file of PyTorch's)" : ""));
    member.name = name.substr(0, name.size() - 4);
    if (!inside(offset, local_bytes, begin) || get<uint32_t>(offset) != local)
      fail(at, "the place of " + quote(name), std::to_string(offset));
    auto local_name = get<uint16_t>(offset + 26), local_extra = get<uint16_t>(offset + 28);
    uint64_t data = offset + local_bytes + local_name + local_extra;
    if (!inside(data, size, begin))
      fail(offset, std::to_string(size) + " bytes of " + quote(name),
           "the directory, at byte " + std::to_string(begin));
    if (text(offset + local_bytes, local_name) != name)
      fail(offset, "the name " + quote(name), quote(text(offset + local_bytes, local_name)));
    member.begin = data;
    member.end = data + size;
    at += central_bytes + rest;
    return member;
  }

  std::span<const std::byte> bytes;
  const std::string &file;
  size_t begin = 0, end = 0; // of the directory
  uint64_t count = 0;
};

} // namespace

std::vector<NpzMember> parse_npz(std::span<const std::byte> bytes, const std::string &file, Uint16 uint16) {
  return Archive(bytes, file).members(uint16);
}

} // namespace varve::runtime
