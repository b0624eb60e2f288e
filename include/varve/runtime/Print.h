// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Tensors as text, for people: what `Value::print` shows when a model runs.
//   std::cout << to_text(x) << "\n";             // [[1, 2, 3],
//                                                //  [4, 5, 6]]
#pragma once
#include "varve/runtime/Tensor.h"
#include <optional>
#include <string>
#include <string_view>

namespace varve {

/// What happens to a printed value.
enum class PrintStyle {
  /// As NumPy prints, with "..." for the middle of long dimensions of a large tensor.
  compact,
  /// Every value.
  full,
  /// One line of minimum, maximum, mean, standard deviation, and the numbers of NaN and infinite values.
  statistics,
  /// Nothing, but a NaN or an infinity is an error.
  finite,
  /// A .npy file in a folder for each layer.
  dump,
  /// Nothing, but what differs from such a file is an error.
  compare
};

/// The word for it in the IR.
std::string_view name_of(PrintStyle style);

/// The values as text without a newline at its end. Minimum, maximum, mean and deviation are of the finite values.
/// **Throws** `Error` for a style that has no text (finite, dump, compare).
std::string to_text(const Tensor &tensor, PrintStyle style = PrintStyle::compact);

/// How a value is printed when a model runs.
struct PrintOptions {
  PrintStyle style = PrintStyle::compact;
  /// A path below the session's folder (`SessionOptions::folder`), relative and without `..`. compact, full, statistics:
  /// a text file instead of the session's sink, begun anew by each session; full: also a `.npy` file, of the last value
  /// that was printed. dump, compare: the folder where the value is `<layer path>/<label>.npy`, "output" for no label,
  /// and printed again in the session `<label>.1.npy` and so on.
  std::string to = {};
  /// For compare: |found - expected| <= atol + rtol * |expected|; none: 1e-5 and 1e-8. NaN equals NaN.
  std::optional<double> rtol = {}, atol = {};
};

} // namespace varve
