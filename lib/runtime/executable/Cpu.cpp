// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Code for a CPU that this one is not can be loaded, looked at and saved; a session of it is refused, never an illegal
// instruction later.
#include "lib/runtime/Quote.h"
#include "lib/runtime/executable/Program.h"
#include "varve/Error.h"
#include <optional>

namespace varve::runtime {
namespace {

#if defined(__x86_64__)
constexpr std::string_view architecture = "x86_64";

// The compiler's builtin asks the CPU and the operating system both, but takes only literals.
std::optional<bool> has_feature(std::string_view name) {
  struct Entry {
    std::string_view name;
    bool present;
  };
  __builtin_cpu_init();
  const Entry table[] = {
      {"sse", __builtin_cpu_supports("sse") != 0},
      {"sse2", __builtin_cpu_supports("sse2") != 0},
      {"sse3", __builtin_cpu_supports("sse3") != 0},
      {"ssse3", __builtin_cpu_supports("ssse3") != 0},
      {"sse4.1", __builtin_cpu_supports("sse4.1") != 0},
      {"sse4.2", __builtin_cpu_supports("sse4.2") != 0},
      {"popcnt", __builtin_cpu_supports("popcnt") != 0},
      {"avx", __builtin_cpu_supports("avx") != 0},
      {"avx2", __builtin_cpu_supports("avx2") != 0},
      {"fma", __builtin_cpu_supports("fma") != 0},
      {"f16c", __builtin_cpu_supports("f16c") != 0},
      {"bmi", __builtin_cpu_supports("bmi") != 0},
      {"bmi2", __builtin_cpu_supports("bmi2") != 0},
      {"lzcnt", __builtin_cpu_supports("lzcnt") != 0},
      {"movbe", __builtin_cpu_supports("movbe") != 0},
      {"avx512f", __builtin_cpu_supports("avx512f") != 0},
      {"avx512bw", __builtin_cpu_supports("avx512bw") != 0},
      {"avx512cd", __builtin_cpu_supports("avx512cd") != 0},
      {"avx512dq", __builtin_cpu_supports("avx512dq") != 0},
      {"avx512vl", __builtin_cpu_supports("avx512vl") != 0},
      {"avx512ifma", __builtin_cpu_supports("avx512ifma") != 0},
      {"avx512vbmi", __builtin_cpu_supports("avx512vbmi") != 0},
      {"avx512vbmi2", __builtin_cpu_supports("avx512vbmi2") != 0},
      {"avx512vnni", __builtin_cpu_supports("avx512vnni") != 0},
      {"avx512bitalg", __builtin_cpu_supports("avx512bitalg") != 0},
      {"avx512vpopcntdq", __builtin_cpu_supports("avx512vpopcntdq") != 0},
      {"avx512bf16", __builtin_cpu_supports("avx512bf16") != 0},
      {"avx512fp16", __builtin_cpu_supports("avx512fp16") != 0},
      {"avxvnni", __builtin_cpu_supports("avxvnni") != 0},
      {"gfni", __builtin_cpu_supports("gfni") != 0},
      {"amx-tile", __builtin_cpu_supports("amx-tile") != 0},
      {"amx-int8", __builtin_cpu_supports("amx-int8") != 0},
      {"amx-bf16", __builtin_cpu_supports("amx-bf16") != 0},
  };
  for (const Entry &entry : table)
    if (entry.name == name)
      return entry.present;
  return std::nullopt;
}
#else
constexpr std::string_view architecture = "unknown";
std::optional<bool> has_feature(std::string_view) { return std::nullopt; }
#endif

} // namespace

void check_machine(const std::string &triple, const std::vector<std::string> &features) {
  if (triple.substr(0, triple.find('-')) != architecture)
    throw Error("expects a machine of the triple " + quote(triple) + ", but got one of the architecture " +
                std::string(architecture));
  std::string missing;
  for (const std::string &feature : features) {
    std::optional<bool> present = has_feature(feature);
    if (!present)
      throw Error("expects CPU features that this Varve knows, but got " + quote(feature));
    if (!*present)
      missing += (missing.empty() ? "" : ", ") + feature;
  }
  if (!missing.empty())
    throw Error("expects a CPU with " + missing + ", but got one without; compile the model for this machine");
}

} // namespace varve::runtime
