// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What handles on an executable share: the loaded code, and the code with its weights.
#pragma once
#include "lib/runtime/executable/Abi.h"
#include "lib/runtime/executable/Manifest.h"
#include "varve/runtime/Executable.h"
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace varve::runtime {

/// An opened shared object; closed when the last handle is gone.
struct Code {
  Code() = default;
  ~Code();
  Code(const Code &) = delete;
  Code &operator=(const Code &) = delete;

  void *handle = nullptr;
  std::vector<std::byte> bytes; // sealed, as `save` writes them
  std::string json;
  Manifest manifest;
  std::vector<abi::Entry> entries;
  std::vector<abi::Scratch> scratch;
};

struct Program {
  std::shared_ptr<const Code> code;
  std::vector<Tensor> weights; // one for each of the manifest's, or none: not bound; packed ones have another shape
  std::vector<std::shared_ptr<const void>> maps; // the files that weights are still in, each once
  size_t packed_bytes = 0, mapped_bytes = 0;     // the second are among the first

  bool bound() const { return weights.size() == code->manifest.weights.size(); }
  /// **Throws** `Error` for a name that there is not, and for "" if there are several entries.
  size_t find_entry(std::string_view name) const;
};

/// Checks the trailer that `seal` writes and gives the bytes before it. `where` begins the messages.
std::span<const std::byte> unseal(std::span<const std::byte> bytes, const std::string &where);

std::shared_ptr<const Code> load_code(std::vector<std::byte> bytes, const std::string &where);

/// Checks all of it before it packs any of it, and drops each weight as soon as it is packed.
std::shared_ptr<const Program> bind_weights(std::shared_ptr<const Code> code, StateDict state,
                                            const BindOptions &options = {});

/// **Throws** `Error` unless this machine has the architecture of the triple and every feature (LLVM's names).
void check_machine(const std::string &triple, const std::vector<std::string> &features);

} // namespace varve::runtime
