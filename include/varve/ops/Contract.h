// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Matrix products.
//   Value y = linear(x, weight);
#pragma once
#include "varve/Weight.h"

namespace varve {

/// The matrix product, batched over leading dimensions.
/// **Shapes** lhs [.., m, k], rhs [.., k, n], result [.., m, n]; leading dimensions broadcast.
/// **Types** floats, promoted as in `add`; sums are taken in f32.
/// **Throws** `Error`. **IR** `varve.matmul`.
Value matmul(Operand lhs, Operand rhs);

/// A fully connected layer without bias: input * weight^T.
/// **Shapes** input [.., in], weight [out, in], result [.., out].
/// **Types** floats, the same for both: a weight is never converted unasked; or a weight in blocks of an encoding, which
/// stands for f32. Sums are taken in f32.
/// **Throws** `Error`. **IR** `varve.linear`.
Value linear(Operand input, Operand weight);

} // namespace varve
