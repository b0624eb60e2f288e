// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Weights in the layout that matrix products read: [out, in] -> [ceil(out / panel)][in][panel].
#pragma once
#include "varve/Type.h"
#include <cstdint>

namespace varve::runtime {

/// The last panel is filled with zeros. Both pointers are aligned to the elements, `to` to 64 bytes.
void pack_panels(void *to, const void *from, DType dtype, int64_t out, int64_t in, int64_t panel);

} // namespace varve::runtime
