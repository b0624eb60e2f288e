// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Devices: where a layer runs and its weights lie.
//   model.to({cuda(0), cuda(1)}, Sharding::tensor_parallel());
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

namespace varve {

/// A device of one machine: its kind, and its number among those of the kind.
struct Device {
  enum class Kind : uint8_t { cpu, cuda };
  Kind kind = Kind::cpu;
  int64_t index = 0;

  bool operator==(const Device &) const = default;
  /// "cpu:0", "cuda:1".
  std::string str() const;
  /// The device of that text, "cuda" being "cuda:0". **Throws** `Error` for any other text.
  static Device parse(std::string_view text);
};

inline Device cpu(int64_t index = 0) { return {Device::Kind::cpu, index}; }
inline Device cuda(int64_t index = 0) { return {Device::Kind::cuda, index}; }

} // namespace varve
