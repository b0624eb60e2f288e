// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/target/cpu/Baseline.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/InstIterator.h"
#include "llvm/IR/IntrinsicInst.h"
#include "llvm/IR/Module.h"

using namespace llvm;

namespace varve::target::cpu {

namespace {
bool isHalf(Type *type) { return type->getScalarType()->isHalfTy(); }

// IEEE 754's binary16 and binary32, on bits.
struct Halves {
  IRBuilder<> &b;
  Type *floats, *ints, *shorts, *halves;

  Halves(IRBuilder<> &b, Type *like)
      : b(b), floats(like->getWithNewType(b.getFloatTy())), ints(like->getWithNewType(b.getInt32Ty())),
        shorts(like->getWithNewType(b.getInt16Ty())), halves(like->getWithNewType(b.getHalfTy())) {}

  Value *number(uint32_t bits) { return ConstantInt::get(ints, bits); }
  Value *real(uint32_t bits) { return b.CreateBitCast(number(bits), floats); }

  // The exponent is moved by a product with 2^112, which is exact and makes normal numbers of subnormal ones.
  Value *toFloat(Value *half) {
    Value *bits = b.CreateZExt(b.CreateBitCast(half, shorts), ints);
    Value *sign = b.CreateShl(b.CreateAnd(bits, 0x8000), 16), *size = b.CreateAnd(bits, 0x7fff);
    Value *moved = b.CreateFMul(b.CreateBitCast(b.CreateShl(size, 13), floats), real(0x77800000));
    Value *isFinite = b.CreateICmpULT(size, number(0x7c00));
    Value *special = b.CreateOr(b.CreateShl(size, 13), number(0x7f800000));
    Value *found = b.CreateSelect(isFinite, b.CreateBitCast(moved, ints), special);
    return b.CreateBitCast(b.CreateOr(found, sign), floats);
  }

  // To nearest, ties to even: of normal numbers by adding what carries, of subnormal ones by the float adder.
  Value *toHalf(Value *value) {
    Value *bits = b.CreateBitCast(value, ints);
    Value *sign = b.CreateLShr(b.CreateAnd(bits, 0x80000000U), 16), *size = b.CreateAnd(bits, 0x7fffffff);
    Value *odd = b.CreateAnd(b.CreateLShr(size, 13), 1);
    Value *normal = b.CreateLShr(b.CreateAdd(b.CreateAdd(size, number(0xc8000fff)), odd), 13);
    Value *infinity = number(0x7c00);
    normal = b.CreateSelect(b.CreateICmpUGE(size, number(0x47800000)), infinity, normal);
    Value *added = b.CreateFAdd(b.CreateBitCast(size, floats), real(0x3f000000)); // whose last bit is 2^-24
    Value *subnormal = b.CreateSub(b.CreateBitCast(added, ints), number(0x3f000000));
    Value *found = b.CreateSelect(b.CreateICmpULT(size, number(0x38800000)), subnormal, normal);
    Value *quiet = b.CreateOr(b.CreateAnd(b.CreateLShr(size, 13), 0x3ff), number(0x7e00));
    found = b.CreateSelect(b.CreateICmpUGT(size, number(0x7f800000)), quiet, found);
    return b.CreateBitCast(b.CreateTrunc(b.CreateOr(found, sign), shorts), halves);
  }
};

Value *expanded(Instruction &instruction, const Target &target) {
  IRBuilder<> b(&instruction);
  Type *type = instruction.getType();
  if (auto *call = dyn_cast<IntrinsicInst>(&instruction)) {
    if (target.fma || call->getIntrinsicID() != Intrinsic::fma)
      return nullptr;
    return b.CreateFAdd(b.CreateFMul(call->getArgOperand(0), call->getArgOperand(1)), call->getArgOperand(2));
  }
  if (target.f16c || !isa<CastInst>(instruction))
    return nullptr;
  Value *from = instruction.getOperand(0);
  if (isa<FPExtInst>(instruction) && isHalf(from->getType())) {
    Value *value = Halves(b, type).toFloat(from);
    return value->getType() == type ? value : b.CreateFPExt(value, type);
  }
  if (isa<FPTruncInst>(instruction) && isHalf(type) && from->getType()->getScalarType()->isFloatTy())
    return Halves(b, type).toHalf(from);
  if (isa<SIToFPInst, UIToFPInst>(instruction) && isHalf(type)) { // through f32, as with the instruction
    Halves halves(b, type);
    return halves.toHalf(isa<SIToFPInst>(instruction) ? b.CreateSIToFP(from, halves.floats)
                                                      : b.CreateUIToFP(from, halves.floats));
  }
  if (isa<FPToSIInst, FPToUIInst>(instruction) && isHalf(from->getType())) {
    Value *value = Halves(b, from->getType()).toFloat(from);
    return isa<FPToSIInst>(instruction) ? b.CreateFPToSI(value, type) : b.CreateFPToUI(value, type);
  }
  return nullptr;
}
} // namespace

void expandForBaseline(Module &module, const Target &target) {
  if (target.fma && target.f16c)
    return;
  for (Function &function : module)
    for (Instruction &instruction : make_early_inc_range(instructions(function)))
      if (Value *value = expanded(instruction, target)) {
        instruction.replaceAllUsesWith(value);
        instruction.eraseFromParent();
      }
}

} // namespace varve::target::cpu
