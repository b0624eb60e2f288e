// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Keeps eliminate-empty-tensors inside a branch. Upstream's pass (22.1) computes a value in the memory that it goes to even
// where it goes there in one branch only; what the other branch computes into that memory then overwrites the value, though
// others still read it: each is a `restrict` tensor of its own, so bufferisation takes them for two memories. While that
// pass runs, the memory that a branch writes to is known in that branch alone.
#include "lib/target/cpu/Passes.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"

using namespace mlir;

namespace varve::target::cpu {

#define GEN_PASS_DEF_HIDEDESTINATIONSPASS
#define GEN_PASS_DEF_SHOWDESTINATIONSPASS
#include "lib/target/cpu/Passes.h.inc"

namespace {
struct HideDestinations : impl::HideDestinationsPassBase<HideDestinations> {
  using HideDestinationsPassBase::HideDestinationsPassBase;
  void runOnOperation() override {
    getOperation().walk([](bufferization::MaterializeInDestinationOp put) {
      Value memory = put.getDest();
      if (!isa<scf::IfOp>(put->getParentOp()) || !isa<BaseMemRefType>(memory.getType()) ||
          memory.getParentBlock() == put->getBlock())
        return;
      OpBuilder builder = OpBuilder::atBlockBegin(put->getBlock());
      auto hidden = UnrealizedConversionCastOp::create(builder, put.getLoc(), memory.getType(), memory);
      put.getDestMutable().assign(hidden.getResult(0));
    });
  }
};

struct ShowDestinations : impl::ShowDestinationsPassBase<ShowDestinations> {
  using ShowDestinationsPassBase::ShowDestinationsPassBase;
  void runOnOperation() override {
    getOperation().walk([](UnrealizedConversionCastOp hidden) {
      if (hidden->getNumOperands() != 1 || hidden.getOperandTypes() != hidden.getResultTypes())
        return;
      hidden.replaceAllUsesWith(hidden.getOperands());
      hidden.erase();
    });
  }
};
} // namespace

} // namespace varve::target::cpu
