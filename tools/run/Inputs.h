// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The inputs of a run, from what the command line says of them.
#pragma once
#include "lib/runtime/executable/Manifest.h"
#include "tools/run/Options.h"
#include "varve/runtime/Tensor.h"

namespace varve::run {

/// One tensor for each input. Named dimensions get their sizes from files and scalars, then from `--dim`.
/// **Throws** `Error` for what is missing, and for files that do not fit the entry.
std::vector<Tensor> make_inputs(const runtime::EntryInfo &entry, const Options &options);

/// For each of `names`, the value given for it: those with a name first, then the others in order; "" for none.
/// **Throws** `Error` for names that are not there, for two values, and for more values than names.
std::vector<std::string> assign(const std::vector<Given> &given, const std::vector<std::string> &names,
                                const std::string &option);

} // namespace varve::run
