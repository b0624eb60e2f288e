// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/runtime/Npy.h"
#include "lib/runtime/File.h"
#include "lib/runtime/npy/NpyArray.h"

namespace varve {
namespace {

Tensor load(const std::filesystem::path &path, runtime::Uint16 uint16) {
  runtime::MappedFile map = runtime::map_file(path);
  runtime::NpyArray array = runtime::parse_npy({map.data.get(), map.size}, path.string(), uint16);
  const void *data = map.data.get() + array.data;
  return Tensor::view(array.dtype, std::move(array.shape), data, map.data).clone();
}

} // namespace

Tensor load_npy(const std::filesystem::path &path) { return load(path, runtime::Uint16::refused); }
Tensor load_npy_bf16(const std::filesystem::path &path) { return load(path, runtime::Uint16::bf16_only); }
Tensor load_npy_any(const std::filesystem::path &path) { return load(path, runtime::Uint16::bf16); }

void save_npy(const std::filesystem::path &path, const Tensor &tensor) {
  tensor.expect_intact();
  std::string header = runtime::npy_header(tensor, path.string());
  const std::span<const std::byte> pieces[] = {std::as_bytes(std::span(header)),
                                               {static_cast<const std::byte *>(tensor.data()), tensor.bytes()}};
  runtime::write_file(path, pieces);
}

} // namespace varve
