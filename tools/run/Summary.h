// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What an executable takes, gives and keeps, as a table.
#pragma once
#include "varve/runtime/Executable.h"
#include <string>

namespace varve::run {

std::string summarize(const Executable &executable);

} // namespace varve::run
