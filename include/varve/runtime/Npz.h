// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// NumPy's .npz files, several tensors by name: inputs, expected outputs and dumps.
//   save_npz("dump.npz", {{"x", x}, {"y", y}});
//   StateDict inputs = load_npz("inputs.npz");
#pragma once
#include "varve/runtime/Tensor.h"
#include <filesystem>

namespace varve {

/// Reads an archive of `numpy.savez`; its members have the types of `load_npy`. Each is checked against its CRC.
/// **Throws** `Error`, naming file, byte and member, for members that are compressed (`numpy.savez_compressed`),
/// encrypted, no arrays, overlapping, outside of the file, of one name or changed, and what `load_npy` throws.
StateDict load_npz(const std::filesystem::path &path);
/// The same; uint16 members are taken as the bits of bf16.
StateDict load_npz_bf16(const std::filesystem::path &path);

/// Writes an archive that is complete or not there, without compression; bf16 as its bits in uint16, blocks of an
/// encoding as their bytes. **Throws** `Error` if it cannot.
void save_npz(const std::filesystem::path &path, const StateDict &tensors);

} // namespace varve
