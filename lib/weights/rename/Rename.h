// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the parts of renaming share.
#pragma once
#include "varve/weights/Rename.h"

namespace varve::weights {

/// Why a rule makes no sense, whatever it is used on; "" if it does.
std::string check(const RenameRule &rule);
/// True if a rule makes one tensor of several, or several of one.
bool joins(const RenameRule &rule);
bool parts(const RenameRule &rule);
/// How many names a rule joins for each number, if it does both; else 0.
size_t names_of_a_number(const RenameRule &rule);

} // namespace varve::weights
