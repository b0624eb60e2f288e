// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a CPU does that has no instruction for it.
#pragma once
#include "lib/target/cpu/Target.h"

namespace llvm {
class Module;
}

namespace varve::target::cpu {

/// Replaces fused multiply-adds where the target has none by a product and a sum, rounded each, and conversions of f16 by integer
/// arithmetic that gives the same numbers. LLVM would call functions, element by element, of libraries that generated code does
/// not link.
void expandForBaseline(llvm::Module &module, const Target &target);

} // namespace varve::target::cpu
