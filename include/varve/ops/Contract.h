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

/// Each row times the weight of its group: the first sizes[0] rows belong to the first, and so on.
/// **Shapes** input [rows, in], weight [groups, out, in], sizes [groups], result [rows, out].
/// **Types** floats, the same for both, sums taken in f32; sizes i32 or i64. **Throws** `Error`; sizes whose sum is not the
/// number of rows, when the model runs. **IR** `varve.grouped_matmul`.
Value grouped_matmul(Operand input, Operand weight, Operand sizes);

} // namespace varve
