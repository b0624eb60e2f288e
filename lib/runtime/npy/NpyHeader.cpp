// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/npy/NpyHeader.h"
#include "lib/runtime/Quote.h"
#include "varve/Error.h"
#include <algorithm>
#include <charconv>
#include <cstring>
#include <set>
#include <string_view>

namespace varve::runtime {
namespace {

constexpr size_t most_header_bytes = size_t(1) << 20;
constexpr size_t most_rank = 64;

// {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }
class Parser {
public:
  Parser(std::string_view text, size_t base, const std::string &file) : text(text), base(base), file(file) {}

  void parse(NpyHeader &header) {
    std::set<std::string> seen;
    expect('{');
    while (!accept('}')) {
      std::string key = string();
      expect(':');
      if (key == "descr")
        header.descr = string();
      else if (key == "fortran_order")
        header.fortran_order = boolean();
      else if (key == "shape")
        header.shape = tuple();
      else
        fail("one of the keys descr, fortran_order and shape", runtime::quote(key));
      if (!seen.insert(key).second)
        fail("each key once", "'" + key + "' twice");
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    if (seen.size() != 3)
      fail("the keys descr, fortran_order and shape", std::to_string(seen.size()) + " of them");
    skip();
    if (at != text.size())
      fail("the header to end", "more text");
  }

private:
  [[noreturn]] void fail(const std::string &expected, const std::string &found) const {
    throw Error(file + ": header, byte " + std::to_string(base + at) + ": expects " + expected + ", but got " + found);
  }
  std::string here() const {
    if (at == text.size())
      return "the end of the header";
    auto byte = static_cast<unsigned char>(text[at]);
    return byte >= 0x20 && byte < 0x7f ? "'" + std::string(1, text[at]) + "'" : "the byte " + std::to_string(byte);
  }
  void skip() {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\n'))
      ++at;
  }
  bool accept(char c) {
    skip();
    if (at == text.size() || text[at] != c)
      return false;
    ++at;
    return true;
  }
  void expect(char c) {
    if (!accept(c))
      fail("'" + std::string(1, c) + "'", here());
  }
  std::string string() {
    skip();
    char mark = at < text.size() ? text[at] : '\0';
    if (mark != '\'' && mark != '"')
      fail("a string (a structured dtype is not supported)", here());
    size_t end = text.find(mark, at + 1);
    if (end == std::string_view::npos)
      fail("a string that ends", "none");
    std::string value(text.substr(at + 1, end - at - 1));
    at = end + 1;
    return value;
  }
  bool boolean() {
    skip();
    for (bool value : {false, true}) {
      std::string_view word = value ? "True" : "False";
      if (text.substr(at, word.size()) != word)
        continue;
      at += word.size();
      return value;
    }
    fail("True or False", here());
  }
  std::vector<int64_t> tuple() {
    std::vector<int64_t> values;
    expect('(');
    while (!accept(')')) {
      skip();
      int64_t value = 0;
      auto [end, code] = std::from_chars(text.data() + at, text.data() + text.size(), value);
      if (code != std::errc() || value < 0)
        fail("a size from 0 to 2^63 - 1", here());
      at = static_cast<size_t>(end - text.data());
      values.push_back(value);
      if (values.size() > most_rank)
        fail("at most " + std::to_string(most_rank) + " dimensions", "more");
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return values;
  }

  std::string_view text;
  size_t base, at = 0;
  const std::string &file;
};

} // namespace

NpyHeader parse_npy_header(std::span<const std::byte> bytes, const std::string &file) {
  constexpr char magic[] = "\x93NUMPY";
  constexpr size_t magic_size = 6;
  if (bytes.size() < 10 || std::memcmp(bytes.data(), magic, magic_size) != 0)
    throw Error(file + ": expects a .npy file, which begins with the byte 0x93 and 'NUMPY', but got something else");
  int version = std::to_integer<int>(bytes[6]);
  if (version != 1 && version != 2)
    throw Error(file + ": expects a .npy file of format 1 or 2, but got format " + std::to_string(version));
  size_t begin = version == 1 ? 10 : 12, length = 0;
  if (bytes.size() < begin)
    throw Error(file + ": expects 4 bytes with the header's length at byte 8, but got a file of " +
                std::to_string(bytes.size()) + " bytes");
  for (size_t i = begin; i-- > 8;)
    length = length << 8 | std::to_integer<size_t>(bytes[i]);
  if (length > bytes.size() - begin || length > most_header_bytes)
    throw Error(file + ": expects a header of at most " +
                std::to_string(std::min(bytes.size() - begin, most_header_bytes)) + " bytes, but got one of " +
                std::to_string(length));
  NpyHeader header;
  header.data = begin + length;
  Parser({reinterpret_cast<const char *>(bytes.data()) + begin, length}, begin, file).parse(header);
  return header;
}

} // namespace varve::runtime
