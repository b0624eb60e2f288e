// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What one call of an entry must satisfy: inputs against the manifest, symbols, checks, the shapes of the outputs.
#pragma once
#include "lib/runtime/executable/Manifest.h"
#include "varve/Error.h"
#include "varve/runtime/Tensor.h"
#include <span>
#include <vector>

namespace varve::runtime {

/// Checks the inputs and gives each of the entry's symbols its value. **Throws** `Error`.
void bind_inputs(const EntryInfo &entry, std::span<const Tensor> inputs, std::vector<int64_t> &symbols);

/// Evaluates the entry's checks. **Throws** `Error` for the first that does not hold.
void run_checks(const EntryInfo &entry, const std::vector<int64_t> &symbols);

std::vector<int64_t> output_shape(const OutputInfo &output, const std::vector<int64_t> &symbols);

/// An error at a place of the model: `location` is "file:line" or "".
Error located(const std::string &message, const std::string &layer, const std::string &location);

/// "[1, seq, past + seq]".
std::string shape_text(const std::vector<DimExpr> &shape);

} // namespace varve::runtime
