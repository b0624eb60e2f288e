// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Packed weights in a file: little-endian, a header of 64 bytes, a digest (XXH64) of each weight's bytes, then the weights, each at
// a multiple of 4096.
//   offset 0   char[8]  "VARVEPCK"
//          8   u32      1, the version of this form and of all layouts
//         12   u32      the number of weights
//         16   u64      digest of the layout: names, types and panels, in their order
//         24   u64      digest of what says which weights they are
//         32   i64      the time that the file is given when it is complete: any other says that somebody wrote to it since
//         40   u64      bytes of the file
//         48   u64      digest of the weights' digests
//         56   u64      digest of the bytes before
// All of it follows from what is bound, but for the digests of contents, so nothing in the file says where something is.
#pragma once
#include "lib/runtime/File.h"
#include "lib/runtime/executable/Manifest.h"
#include "varve/runtime/Executable.h"
#include <optional>

namespace varve::runtime {

struct PackedFile {
  MappedFile map;
  std::vector<uint64_t> places; // of each weight that has panels, in the manifest's order
};

/// The file of `options.packed`, which is made if it is not there, or not this one; nothing if it cannot be made, which
/// `options.warning` hears. The weights have been checked. **Throws** `Error` for a file of another kind, which is left
/// alone.
std::optional<PackedFile> keep_packed(const Manifest &manifest, const StateDict &state, const BindOptions &options);

} // namespace varve::runtime
