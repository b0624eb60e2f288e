// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What eliminate-empty-tensors computes into one memory is one tensor. Where a value goes to the same place as what a branch
// makes of it, upstream's pass makes a tensor of the memory for each (22.1), both `restrict`: bufferisation then takes them
// for two memories, and the branch overwrites the value that others still read.
#include "lib/target/cpu/Passes.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/IR/Dominance.h"

using namespace mlir;

namespace varve::target::cpu {

#define GEN_PASS_DEF_JOINDESTINATIONSPASS
#include "lib/target/cpu/Passes.h.inc"

namespace {
struct JoinDestinations : impl::JoinDestinationsPassBase<JoinDestinations> {
  using JoinDestinationsPassBase::JoinDestinationsPassBase;
  void runOnOperation() override {
    DominanceInfo dominance;
    llvm::DenseMap<Value, SmallVector<bufferization::ToTensorOp>> known;
    // Outer ones and earlier ones first.
    getOperation().walk<WalkOrder::PreOrder>([&](bufferization::ToTensorOp op) {
      if (!op.getWritable()) // a value that is read, not a place
        return;
      for (bufferization::ToTensorOp other : known[op.getBuffer()])
        if (other.getType() == op.getType() && dominance.properlyDominates(other.getResult(), op)) {
          op.replaceAllUsesWith(other.getResult());
          joined.push_back(op);
          return;
        }
      known[op.getBuffer()].push_back(op);
    });
    for (bufferization::ToTensorOp op : joined)
      op.erase();
    joined.clear();
  }

  SmallVector<bufferization::ToTensorOp> joined;
};
} // namespace

} // namespace varve::target::cpu
