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
  uint64_t seed = 0;
  if (word != "random" && !parse(word.substr(7), seed))
    throw Error("expects random or random:SEED, but got '" + word + "'");
  for (char c : name) // inputs of one seed differ
    seed = mixed(seed, static_cast<unsigned char>(c));
  return random(seed, dtype, shape);
}

} // namespace varve::run
