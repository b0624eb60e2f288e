// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ops by their names in a recipe, recorded by the public functions.
#pragma once
#include "varve/Value.h"
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace varve::fuzz {

using Json = nlohmann::json;

/// Sizes are numbers, expressions texts.
Shape shape_of(const Json &dims);

/// Records an op that computes: its name without "varve.", its operands in the op's order, and attributes by their names
/// in the dialect. **Throws** `Error` for a name that is none, and what the op's function throws.
std::vector<Value> record(const std::string &op, const std::vector<Value> &operands, const Json &attributes);

/// The names that `record` knows.
std::vector<std::string> recorded_ops();

} // namespace varve::fuzz
