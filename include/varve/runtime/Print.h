// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Tensors as text, for people: what `Value::print` shows when a model runs.
//   std::cout << to_text(x) << "\n";             // [[1, 2, 3],
//                                                //  [4, 5, 6]]
#pragma once
#include "varve/runtime/Tensor.h"
#include <string>

namespace varve {

/// compact: as NumPy prints, with "..." for the middle of long dimensions of a large tensor. full: every value.
/// statistics: one line of minimum, maximum, mean, standard deviation, and the numbers of NaN and infinite values.
enum class PrintStyle { compact, full, statistics };

/// The values as text without a newline at its end. Minimum, maximum, mean and deviation are of the finite values.
std::string to_text(const Tensor &tensor, PrintStyle style = PrintStyle::compact);

} // namespace varve
