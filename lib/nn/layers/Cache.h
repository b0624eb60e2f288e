// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What layers and models that keep keys and values share.
//   expect_batch_of(k_cache, x);
#pragma once
#include "varve/nn/LayerBase.h"

namespace varve::nn {

/// Expects as many sequences as the cache holds. **Throws** `Error` in the layer that is being called, or in `owner`, if
/// this is no call of it.
void expect_batch_of(const Buffer &cache, Value x, const LayerBase *owner = nullptr);

} // namespace varve::nn
