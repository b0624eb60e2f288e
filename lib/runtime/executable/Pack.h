// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Weights in the layout that matrix products read: [out, in] -> [ceil(out / panel)][ceil(in / group)][panel][group], blocks in
// granules (BlockPanels.h).
#pragma once
#include "lib/runtime/executable/Manifest.h"
#include "varve/Encoding.h"
#include "varve/runtime/Tensor.h"
#include <cstdint>
#include <functional>

namespace varve::runtime {

/// The last panel and the last group are filled with zeros. `from` is aligned to a group of elements, which has at most 8
/// bytes, `to` to 64 bytes.
void pack_panels(void *to, const void *from, DType dtype, int64_t out, int64_t in, int64_t panel, int64_t group = 1);
/// The same of blocks of an encoding that has panels: [ceil(out / panel)][blocks][panel * bytes of a block].
void pack_blocks(void *to, const void *from, Encoding encoding, int64_t out, int64_t in, int64_t panel);

/// Kernels g of 3x3 as G g G' of Winograd's F(2x2, 3x3), computed in f64: [out, in, 3, 3] -> [ceil(out / panel)][16][in][panel].
void pack_winograd(float *to, const float *from, int64_t out, int64_t in, int64_t panel);

/// Packs a weight that has panels in parts of some megabytes: `place` says where the bytes [begin, end) of the whole go, at a
/// multiple of 64, and `done` hears when they are there. Pages of a mapped file that a part was read from are given back, and
/// so is memory that only this handle holds. **Throws** `Error` for a map whose file has become shorter.
void pack_weight(const WeightInfo &info, Tensor tensor, const std::function<void *(size_t begin, size_t end)> &place,
                 const std::function<void()> &done);

} // namespace varve::runtime
