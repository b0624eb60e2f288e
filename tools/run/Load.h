// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A model from a file: compiled or read, with weights from a checkpoint or made up.
#pragma once
#include "lib/runtime/executable/Manifest.h"
#include "varve/compiler/Compile.h"
#include <optional>

namespace varve::run {

struct Model {
  Executable executable;
  std::optional<double> compile_ms; // none for one that was compiled before
};

/// The bytes of a file, all of stdin for "-". **Throws** `Error`.
struct ModelFile {
  std::string name, bytes;
  explicit ModelFile(const std::string &path);
  bool is_bytecode() const;
  bool is_executable() const;
};

/// Reads a graph and does no more. **Throws** `Error` that names the file.
void check_graph(const ModelFile &file);

/// The table of a graph's layers; nothing for an executable, which has none. **Throws** `Error` that names the file.
std::string summarize_layers(const ModelFile &file, int depth);

/// A graph (text or bytecode) or an executable. **Throws** `Error` that names the file.
Model load_model(const ModelFile &file, const CompileOptions &options);

/// What the executable needs: from a checkpoint, or `random[:seed]`, or `zeros`. **Throws** `Error`.
StateDict load_weights(const Executable &executable, const std::string &from, const std::string &model);

/// The entry of that name, or the only one. **Throws** `Error`.
runtime::EntryInfo find_entry(const Executable &executable, const std::string &name);

} // namespace varve::run
