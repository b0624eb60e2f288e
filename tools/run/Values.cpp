// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/run/Values.h"
#include "lib/runtime/tensor/Elements.h"
#include "varve/Error.h"
#include <charconv>
#include <cstdlib>
#include <limits>
#include <type_traits>

namespace varve::run {
namespace {

using runtime::generate;

// A well mixed number of a seed and an index (splitmix64).
uint64_t mixed(uint64_t seed, uint64_t index) {
  uint64_t x = seed + (index + 1) * 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

template <typename T> constexpr bool is_float = !std::is_integral_v<T>;

Tensor random(uint64_t seed, DType dtype, const std::vector<int64_t> &shape) {
  return generate(dtype, shape, [&]<typename T>(int64_t index, T) {
    uint64_t bits = mixed(seed, static_cast<uint64_t>(index)) >> 40; // 24: exact in a float
    if constexpr (is_float<T>)
      return static_cast<float>(bits) * 0x1p-23f - 1.0f;
    else
      return static_cast<T>(std::is_same_v<T, bool> ? bits >> 23 : bits >> 21);
  });
}

template <typename T> bool parse(const std::string &text, T &value) {
  const char *begin = text.data(), *end = begin + text.size();
  if constexpr (std::is_same_v<T, bool>) {
    value = text == "true" || text == "1";
    return value || text == "false" || text == "0";
  } else if constexpr (std::is_integral_v<T>) {
    auto [stop, error] = std::from_chars(begin, end, value);
    return error == std::errc() && stop == end;
  } else {
    char *stop = nullptr;
    value = T(std::strtof(begin, &stop));
    return !text.empty() && stop == end;
  }
}

Tensor listed(const std::string &word, const std::string &name, DType dtype, const std::vector<int64_t> &shape) {
  std::vector<std::string> values(1);
  for (char c : word)
    if (c == ',')
      values.emplace_back();
    else
      values.back() += c;
  Tensor probe = Tensor::empty(dtype, shape);
  if (values.size() != 1 && static_cast<int64_t>(values.size()) != probe.size())
    throw Error("input '" + name + "' expects one value or " + std::to_string(probe.size()) + " (shape " +
                shape_text(shape) + "), but got " + std::to_string(values.size()));
  return generate(dtype, shape, [&]<typename T>(int64_t index, T) {
    const std::string &text = values[values.size() == 1 ? 0 : static_cast<size_t>(index)];
    T value{};
    if (!parse(text, value))
      throw Error("input '" + name + "' expects a .npy file, random[:seed], iota, zeros or values of dtype " +
                  std::string(name_of(dtype)) + ", but got '" + text + "'");
    return value;
  });
}

bool is_random(const std::string &word) { return word == "random" || word.starts_with("random:"); }

// Values of one seed and different names differ.
uint64_t seed_of(const std::string &word, const std::string &name) {
  uint64_t seed = 0;
  if (word != "random" && !parse(word.substr(7), seed))
    throw Error("expects random or random:SEED, but got '" + word + "'");
  for (char c : name)
    seed = mixed(seed, static_cast<unsigned char>(c));
  return seed;
}

} // namespace

bool is_made_up(const std::string &word) { return is_random(word) || word == "iota" || word == "zeros"; }
bool is_file(const std::string &word) { return word.ends_with(".npy"); }

Tensor make_values(const std::string &word, const std::string &name, DType dtype, const std::vector<int64_t> &shape) {
  if (word == "zeros")
    return Tensor::zeros(dtype, shape);
  if (word == "iota")
    return generate(dtype, shape, []<typename T>(int64_t index, T) {
      if constexpr (is_float<T>)
        return static_cast<float>(index);
      else
        return static_cast<T>(std::is_same_v<T, bool> ? index & 1 : index);
    });
  if (!is_random(word))
    return listed(word, name, dtype, shape);
  return random(seed_of(word, name), dtype, shape);
}

// A byte of a scale: what its blocks stand for is small then.
static uint8_t tame(Encoding encoding, size_t byte, uint8_t value) {
  auto half = [&](size_t from) { return uint8_t(byte == from ? value : 0x14); }; // near 2^-10, little endian
  switch (encoding) {
  case Encoding::q4_1:
  case Encoding::q5_1:
    return byte < 4 ? half(byte & 2) : value;
  case Encoding::q4_k:
  case Encoding::q5_k: // of parts that have scales of up to 63
    return byte < 4 ? (byte % 2 == 0 ? value : 0x04) : value;
  case Encoding::q6_k:
    return byte < 208 ? value : byte == 208 ? value : 0x04;
  case Encoding::mxfp4:
    return byte == 0 ? 119 : value;
  case Encoding::nvfp4:
    return byte < 4 ? value & 0x1f : value;
  case Encoding::f8e4m3:
  case Encoding::f8e5m2:
    return value & 0xaf; // a bit of the exponent is 0
  default:
    return byte < 2 ? half(0) : value;
  }
}

Tensor make_blocks(const std::string &word, const std::string &name, Encoding encoding, std::vector<int64_t> shape) {
  const EncodingInfo &info = info_of(encoding);
  if (word != "zeros" && !is_random(word))
    throw Error("expects random[:seed], zeros or a file for weight '" + name + "' in " + std::string(info.name) +
                ", but got '" + word + "'");
  shape.back() /= info.elements;
  shape.push_back(info.bytes);
  Tensor blocks = Tensor::zeros(u8, shape);
  if (word != "zeros") {
    uint64_t seed = seed_of(word, name);
    auto *bytes = blocks.mutable_data<uint8_t>();
    for (int64_t i = 0; i < blocks.size(); ++i)
      bytes[i] = tame(encoding, static_cast<size_t>(i % info.bytes),
                      static_cast<uint8_t>(mixed(seed, static_cast<uint64_t>(i)) >> 56));
  }
  return Tensor::encoded(encoding, blocks);
}

} // namespace varve::run
