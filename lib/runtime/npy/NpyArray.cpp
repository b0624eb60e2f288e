// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/npy/NpyArray.h"
#include "lib/runtime/Quote.h"
#include "lib/runtime/npy/NpyHeader.h"
#include "lib/runtime/tensor/Memory.h"
#include "varve/Error.h"

namespace varve::runtime {
namespace {

struct Name {
  const char *descr;
  DType dtype;
};
constexpr Name names[] = {{"<f4", f32}, {"<f2", f16}, {"|i1", i8},      {"<i4", i32},
                          {"<i8", i64}, {"|u1", u8},  {"|b1", boolean}, {"<u2", bf16}};
constexpr const char *bf16_bits = "<u2";

DType element_type(const std::string &descr, Uint16 uint16, const std::string &file) {
  bool bits = descr == bf16_bits;
  if (bits ? uint16 == Uint16::refused : uint16 == Uint16::bf16_only)
    throw Error(file + (bits ? ": expects to be read as bf16 (load_npy_bf16, load_npz_bf16), NumPy's uint16 being none "
                               "of Varve's types, "
                               "but got a request for its own type"
                             : ": expects bf16 as its bits in uint16 ('<u2'), but got " + quote(descr)));
  for (const Name &each : names)
    if (descr == each.descr)
      return each.dtype;
  std::string known;
  for (const Name &each : names)
    known += (known.empty() ? "" : ", ") + std::string(each.descr);
  throw Error(file + ": expects an element type out of " + known + ", but got " + quote(descr) +
              (descr == "<f8"           ? " (float64; save it as float32)"
               : descr.starts_with('>') ? " (big-endian)"
                                        : ""));
}

} // namespace

NpyArray parse_npy(std::span<const std::byte> bytes, const std::string &file, Uint16 uint16) {
  NpyHeader header = parse_npy_header(bytes, file);
  DType dtype = element_type(header.descr, uint16, file);
  if (header.fortran_order)
    throw Error(file + ": expects an array in C order, but got Fortran order (save numpy.ascontiguousarray(x))");
  std::optional<size_t> size = byte_count(dtype, header.shape);
  if (!size || *size != bytes.size() - header.data)
    throw Error(file + ": expects " + (size ? std::to_string(*size) : "more than 2^63 - 1") + " bytes of data for " +
                std::string(name_of(dtype)) + " " + shape_text(header.shape) + " at byte " +
                std::to_string(header.data) + ", but got " + std::to_string(bytes.size() - header.data));
  return {dtype, std::move(header.shape), header.data};
}

std::string npy_header(const Tensor &tensor, const std::string &where) {
  std::string header = "{'descr': '";
  for (const Name &each : names)
    if (each.dtype == tensor.dtype())
      header += each.descr;
  header += "', 'fortran_order': False, 'shape': (";
  for (int64_t size : tensor.shape())
    header += std::to_string(size) + ", ";
  header += "), }";
  constexpr size_t prefix = 10, unit = 64; // data begin at a multiple of 64, after a newline
  header.append(unit - 1 - (prefix + header.size()) % unit, ' ');
  header += '\n';
  if (header.size() > 0xffff)
    throw Error(where + ": expects a shape whose text fits in 64 KiB, but got rank " + std::to_string(tensor.rank()));
  std::string begin = std::string("\x93NUMPY\x01\x00", 8);
  begin += static_cast<char>(header.size() & 0xff);
  begin += static_cast<char>(header.size() >> 8);
  return begin + header;
}

} // namespace varve::runtime
