// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/run/Resident.h"
#include <charconv>
#include <fstream>
#include <string>

namespace varve::run {

size_t resident(std::string_view field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with(field) || line.size() <= field.size() || line[field.size()] != ':')
      continue;
    size_t kibibytes = 0, first = line.find_first_not_of(" \t", field.size() + 1);
    if (first != std::string::npos)
      std::from_chars(line.data() + first, line.data() + line.size(), kibibytes);
    return kibibytes * 1024;
  }
  return 0;
}

} // namespace varve::run
