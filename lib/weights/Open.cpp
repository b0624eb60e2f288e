// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/weights/Open.h"
#include "varve/Error.h"
#include "varve/weights/Safetensors.h"

namespace varve::weights {

Checkpoint open(const std::filesystem::path &path) {
  namespace fs = std::filesystem;
  std::error_code code; // what cannot be asked about counts as absent
  if (!fs::exists(path, code))
    throw Error(path.string() + ": expects a checkpoint (a file or a folder), but got none");
  if (fs::is_directory(path, code)) {
    if (fs::path single = path / "model.safetensors"; fs::exists(single, code))
      return open_safetensors(single);
    if (fs::path index = path / "model.safetensors.index.json"; fs::exists(index, code))
      return open_safetensors_index(index);
    throw Error(path.string() +
                ": expects a folder with model.safetensors or model.safetensors.index.json, but got neither");
  }
  std::string name = path.filename().string();
  if (name.ends_with(".safetensors"))
    return open_safetensors(path);
  if (name.ends_with(".safetensors.index.json"))
    return open_safetensors_index(path);
  throw Error(path.string() +
              ": expects a .safetensors file, a .safetensors.index.json file or a folder with one, but "
              "got a file named '" +
              name + "'");
}

} // namespace varve::weights
