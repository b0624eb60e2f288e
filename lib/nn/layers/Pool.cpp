// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/Pool.h"

namespace varve::nn {

Value MaxPool::forward(Value x) { return max_pool(x, options); }
Value AvgPool::forward(Value x) { return avg_pool(x, options); }
Value AdaptiveMaxPool::forward(Value x) { return adaptive_max_pool(x, options.size); }
Value AdaptiveAvgPool::forward(Value x) { return adaptive_avg_pool(x, options.size); }
Value Upsample::forward(Value x) { return resize(x, options); }

} // namespace varve::nn
