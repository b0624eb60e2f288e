// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reads the fields of a GGUF file one after the other; nothing outside of the file is touched, and nothing is allocated
// for more items than the rest of the file can hold.
#pragma once
#include "lib/runtime/Quote.h"
#include "lib/weights/gguf/Types.h"
#include "varve/Error.h"
#include <cstring>
#include <span>
#include <string>
#include <string_view>

namespace varve::weights::gguf {

class Cursor {
public:
  Cursor(std::span<const std::byte> bytes, const std::string &file) : bytes(bytes), file(file) {}

  /// **Throws** `Error`: "FILE: byte N: CONTEXT: expects .., but got ..".
  [[noreturn]] void fail(uint64_t place, const std::string &expected, const std::string &found) const {
    throw Error(file + ": byte " + std::to_string(place) + ": " + (context.empty() ? "" : context + ": ") + "expects " +
                expected + ", but got " + found);
  }
  uint64_t offset() const { return at; }
  uint64_t rest() const { return bytes.size() - at; }

  /// The next so many bytes. `what` is for the message.
  const std::byte *take(uint64_t count, const std::string &what) {
    if (count > rest())
      fail(at, what + " of " + std::to_string(count) + " bytes",
           "the file's end, at byte " + std::to_string(bytes.size()));
    const std::byte *begin = bytes.data() + at;
    at += count;
    return begin;
  }
  template <typename T> T number(const char *what) {
    T value;
    std::memcpy(&value, take(sizeof value, what), sizeof value);
    return value;
  }
  /// A count of items that need at least `least` bytes each.
  uint64_t count(const char *what, uint64_t least) {
    uint64_t place = at, value = number<uint64_t>(what);
    if (value > rest() / least)
      fail(place, std::string(what) + " of at most " + std::to_string(rest() / least) + ", for which the file has room",
           std::to_string(value));
    return value;
  }
  std::string_view text(const char *what) {
    auto length = number<uint64_t>(what);
    return {reinterpret_cast<const char *>(take(length, what)), static_cast<size_t>(length)};
  }
  /// A key or a name: not empty, and of bounded length.
  std::string name(const char *what) {
    uint64_t place = at;
    std::string_view found = text(what);
    if (found.empty() || found.size() > most_name)
      fail(place, std::string(what) + " of 1 to " + std::to_string(most_name) + " bytes", std::to_string(found.size()));
    return std::string(found);
  }

  std::string context; // "metadata 'key'", "tensor 'name'"

private:
  std::span<const std::byte> bytes;
  const std::string &file;
  uint64_t at = 0;
};

} // namespace varve::weights::gguf
