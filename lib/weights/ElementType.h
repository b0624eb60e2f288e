// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a file says that a tensor's elements are.
#pragma once
#include "varve/Encoding.h"
#include "varve/Type.h"

namespace varve::weights {

/// Elements of a dtype, or (then u8) blocks of an encoding.
struct ElementType {
  DType dtype = DType::f32;
  Encoding encoding = Encoding::none;
  friend bool operator==(const ElementType &, const ElementType &) = default;
};

} // namespace varve::weights
