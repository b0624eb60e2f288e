// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What goes into memory that is given, before eliminate-empty-tensors computes it there.
// Keeps that pass inside a branch. Upstream's pass (22.1) computes a value in the memory that it goes to even
// where it goes there in one branch only; what the other branch computes into that memory then overwrites the value, though
// others still read it: each is a `restrict` tensor of its own, so bufferisation takes them for two memories. While that
// pass runs, the memory that a branch writes to is known in that branch alone.
#include "lib/target/cpu/Passes.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace varve::target::cpu {

#define GEN_PASS_DEF_RESHAPEDESTINATIONSPASS
#define GEN_PASS_DEF_HIDEDESTINATIONSPASS
#define GEN_PASS_DEF_SHOWDESTINATIONSPASS
#include "lib/target/cpu/Passes.h.inc"

namespace {
struct ReshapeDestinations : impl::ReshapeDestinationsPassBase<ReshapeDestinations> {
  using ReshapeDestinationsPassBase::ReshapeDestinationsPassBase;
  void runOnOperation() override {
    getOperation().walk([](bufferization::MaterializeInDestinationOp put) {
      auto expand = put.getSource().getDefiningOp<tensor::ExpandShapeOp>();
      auto type = dyn_cast<MemRefType>(put.getDest().getType());
      if (!expand || !type || !type.getLayout().isIdentity() || expand.getSrcType().getRank() == 0)
        return;
      // Where the memory is known, so that it is there before what is computed into it.
      OpBuilder builder(put.getContext());
      builder.setInsertionPointAfterValue(put.getDest());
      Value flat =
          memref::CollapseShapeOp::create(builder, put.getLoc(), put.getDest(), expand.getReassociationIndices());
      put.getDestMutable().assign(flat);
      put.getSourceMutable().assign(expand.getSrc());
      if (expand.use_empty())
        expand.erase();
    });
  }
};

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
