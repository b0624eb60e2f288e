// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/weights/Save.h"
#include "lib/runtime/Quote.h"
#include "varve/Error.h"
#include "varve/weights/Gguf.h"
#include "varve/weights/Safetensors.h"

namespace varve::weights {

std::vector<std::filesystem::path> save_state_dict(const std::filesystem::path &path, const StateDict &state,
                                                   const SaveOptions &options) {
  namespace fs = std::filesystem;
  std::error_code code;
  bool folder = fs::is_directory(path, code);
  if (!folder && path.extension() == ".gguf")
    return save_gguf(path, state, options.metadata, {.max_file_bytes = options.max_shard_bytes});
  if (!folder && path.extension() == ".safetensors")
    return save_safetensors_sharded(path, state, options.metadata, options.max_shard_bytes);
  if (!folder && path.has_extension())
    throw Error(path.string() + ": expects a folder, or a file named .safetensors or .gguf, but got " +
                runtime::quote(path.filename().string()));
  if (!folder && !fs::create_directories(path, code) && code)
    throw Error(path.string() + ": expects a folder that can be made, but got '" + code.message() + "'");
  return save_safetensors_sharded(path / "model.safetensors", state, options.metadata, options.max_shard_bytes);
}

} // namespace varve::weights
