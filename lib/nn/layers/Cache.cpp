// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/nn/layers/Cache.h"
#include "lib/graph/Record.h"

namespace varve::nn {

void expect_batch_of(const Buffer &cache, Value x, const LayerBase *owner) {
  const Dim &batch = cache.shape()[0];
  if (x.rank() == 0 || x.dim(0) == batch)
    return;
  std::string message = "expects the cache's batch, which is " + batch.str() + ", but got " + x.type().str();
  if (owner)
    throw Error(message, owner->path(), owner->declared());
  varve::detail::fail(message, Site());
}

} // namespace varve::nn
