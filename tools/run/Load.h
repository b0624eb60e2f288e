// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A model from a file: compiled or read, with weights from a checkpoint or made up.
#pragma once
#include "lib/runtime/Manifest.h"
#include "varve/runtime/Executable.h"
#include <optional>

namespace varve::run {

struct Model {
  Executable executable;
  std::optional<double> compile_ms; // none for one that was compiled before
};

/// A graph (text or bytecode) or an executable; "-" is stdin. **Throws** `Error` that names the file.
Model load_model(const std::string &path, const std::string &cpu);

/// What the executable needs: from a checkpoint, or `random[:seed]`, or `zeros`. **Throws** `Error`.
StateDict load_weights(const Executable &executable, const std::string &from, const std::string &model);

/// The entry of that name, or the only one. **Throws** `Error`.
runtime::EntryInfo find_entry(const Executable &executable, const std::string &name);

} // namespace varve::run
