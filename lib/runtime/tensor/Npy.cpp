// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/runtime/Npy.h"
#include "lib/runtime/File.h"
#include "lib/runtime/tensor/NpyArray.h"

namespace varve {
namespace {

struct Name {
  const char *descr;
  DType dtype;
};
constexpr Name names[] = {{"<f4", f32}, {"<f2", f16}, {"|i1", i8},      {"<i4", i32},
                          {"<i8", i64}, {"|u1", u8},  {"|b1", boolean}, {"<u2", bf16}};
constexpr const char *bf16_bits = "<u2";

// What a uint16 file is taken for.
enum class Bits { refused, wanted, allowed };

DType element_type(const std::string &descr, Bits wanted, const std::string &file) {
  bool bits = descr == bf16_bits;
  if (wanted != Bits::allowed && (wanted == Bits::wanted) != bits)
    throw Error(file +
                (bits ? ": expects to be read as bf16 (load_npy_bf16), NumPy's uint16 being none of Varve's types, "
                        "but got a request for its own type"
                      : ": expects bf16 as its bits in uint16 ('<u2'), but got " + runtime::quote(descr)));
  for (const Name &each : names)
    if (descr == each.descr)
      return each.dtype;
  std::string known;
  for (const Name &each : names)
    known += (known.empty() ? "" : ", ") + std::string(each.descr);
  throw Error(file + ": expects an element type out of " + known + ", but got " + runtime::quote(descr) +
              (descr == "<f8"           ? " (float64; save it as float32)"
               : descr.starts_with('>') ? " (big-endian)"
                                        : ""));
}

Tensor load(const std::filesystem::path &path, Bits wanted) {
  std::string file = path.string();
Tensor load(const std::filesystem::path &path, runtime::Uint16 uint16) {
  runtime::MappedFile map = runtime::map_file(path);
  runtime::NpyArray array = runtime::parse_npy({map.data.get(), map.size}, path.string(), uint16);
  const void *data = map.data.get() + array.data;
  return Tensor::view(array.dtype, std::move(array.shape), data, map.data).clone();
}

} // namespace

Tensor load_npy(const std::filesystem::path &path) { return load(path, Bits::refused); }
Tensor load_npy_bf16(const std::filesystem::path &path) { return load(path, Bits::wanted); }
Tensor load_npy_any(const std::filesystem::path &path) { return load(path, Bits::allowed); }
Tensor load_npy(const std::filesystem::path &path) { return load(path, runtime::Uint16::refused); }
Tensor load_npy_bf16(const std::filesystem::path &path) { return load(path, runtime::Uint16::bf16_only); }

void save_npy(const std::filesystem::path &path, const Tensor &tensor) {
  tensor.expect_intact();
  std::string header = runtime::npy_header(tensor, path.string());
  const std::span<const std::byte> pieces[] = {std::as_bytes(std::span(header)),
                                               {static_cast<const std::byte *>(tensor.data()), tensor.bytes()}};
  runtime::write_file(path, pieces);
}

} // namespace varve
