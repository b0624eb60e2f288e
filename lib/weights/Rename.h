// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the parts of renaming share.
#pragma once
#include "varve/weights/Rename.h"

namespace varve::weights {

/// Why a rule makes no sense, whatever it is used on; "" if it does.
std::string check(const RenameRule &rule);
/// The integer under that key, nothing if there is none.
std::optional<int64_t> integer_of(const Metadata &metadata, const std::string &key);
/// True if a rule makes one tensor of several, or several of one.
bool joins(const RenameRule &rule);
bool parts(const RenameRule &rule);

} // namespace varve::weights
