// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/Error.h"

namespace varve {
namespace {

std::string compose(const std::string &message, const std::string &layer, const std::string &file, uint32_t line) {
  std::string text;
  if (!file.empty()) {
    text = file;
    if (line != 0)
      text += ":" + std::to_string(line);
    text += ": error: ";
  }
  if (!layer.empty())
    text += "in layer '" + layer + "': ";
  return text + message;
}

} // namespace

Error::Error(const std::string &message) : std::runtime_error(message), text(message) {}

Error::Error(const std::string &message, const std::string &layer, const std::string &file, uint32_t line)
    : std::runtime_error(compose(message, layer, file, line)), text(message), path(layer), source(file), row(line) {}

Error::Error(const std::string &message, const std::string &layer, Site site)
    : Error(message, layer, site.file_name(), site.line()) {}

} // namespace varve
