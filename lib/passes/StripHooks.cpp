// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Takes prints and taps away. What they kept alive (results of layers, values) goes when the program is canonicalised.
#include "dialect/Dialect.h"
#include "lib/passes/Passes.h"

using namespace mlir;

namespace varve::passes {

#define GEN_PASS_DEF_STRIPHOOKSPASS
#include "lib/passes/Passes.h.inc"

namespace {
struct StripHooks : impl::StripHooksPassBase<StripHooks> {
  void runOnOperation() override {
    getOperation().walk([](Operation *op) {
      if (auto identity = dyn_cast<ir::IdentityOp>(op))
        identity.getResult().replaceAllUsesWith(identity.getInput());
      if (isa<ir::IdentityOp, ir::PrintOp>(op))
        op->erase();
    });
  }
};
} // namespace

} // namespace varve::passes
