// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Tensors from a word: a file, random, iota, zeros, or the values themselves.
#pragma once
#include "varve/runtime/Tensor.h"
#include <string>

namespace varve::run {

/// True for a word that needs no file and no shape of its own: random[:seed], iota, zeros.
bool is_made_up(const std::string &word);
bool is_file(const std::string &word);

/// `random[:seed]`: floats in [-1, 1), integers from 0 to 7, the same for the same seed and name. `iota`: 0, 1, 2, ..
/// `zeros`. `value,..`: one for all elements, or one for each. **Throws** `Error` for anything else.
Tensor make_values(const std::string &word, const std::string &name, DType dtype, const std::vector<int64_t> &shape);

/// The same in blocks of an encoding, for `random[:seed]` and `zeros`: every bit pattern of a quant, small scales.
/// **Throws** `Error` for another word.
Tensor make_blocks(const std::string &word, const std::string &name, Encoding encoding, std::vector<int64_t> shape);

} // namespace varve::run
