// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Random numbers: each element computes its block of Philox4x32-10 anew, so that elements need nothing of each other.
#include "lib/lower/Loops.h"
#include <array>
#include <numbers>

using namespace mlir;

namespace varve::lower {

using ir::Dims;

namespace {
// Words of 32 bits.
struct Words {
  OpBuilder &b;
  Location l;
  Type i32 = b.getI32Type(), i64 = b.getI64Type();
  using Block = std::array<Value, 4>;

  Value word(uint32_t value) const { return arith::ConstantOp::create(b, l, b.getIntegerAttr(i32, APInt(32, value))); }
  Value low(Value x) const { return arith::TruncIOp::create(b, l, i32, x); }
  Value high(Value x) const {
    return low(arith::ShRUIOp::create(b, l, x, arith::ConstantIntOp::create(b, l, 32, 64).getResult()));
  }
  Value flip(Value x, Value y) const { return arith::XOrIOp::create(b, l, x, y); }
  Value wide(Value x) const { return arith::ExtUIOp::create(b, l, i64, x); }

  // Ten rounds; the key moves on before each but the first.
  Block philox(Block counter, Value key0, Value key1) const {
    Value factor0 = wide(word(0xd2511f53)), factor1 = wide(word(0xcd9e8d57));
    for (int round = 0; round < 10; ++round) {
      if (round > 0) {
        key0 = arith::AddIOp::create(b, l, key0, word(0x9e3779b9));
        key1 = arith::AddIOp::create(b, l, key1, word(0xbb67ae85));
      }
      Value product0 = arith::MulIOp::create(b, l, wide(counter[0]), factor0);
      Value product1 = arith::MulIOp::create(b, l, wide(counter[2]), factor1);
      counter = {flip(flip(high(product1), counter[1]), key0), low(product1),
                 flip(flip(high(product0), counter[3]), key1), low(product0)};
    }
    return counter;
  }
  Value select(Value c, Value x, Value y) const { return arith::SelectOp::create(b, l, c, x, y); }
  Value hasBit(Value x, int64_t bit) const {
    Value mask = arith::ConstantIntOp::create(b, l, bit, 64);
    Value zero = arith::ConstantIntOp::create(b, l, 0, 64);
    return arith::CmpIOp::create(b, l, arith::CmpIPredicate::ne, arith::AndIOp::create(b, l, x, mask).getResult(),
                                 zero);
  }
  // The first bits of a word as a fraction, in f32, which holds up to 24 exactly.
  Value fraction(Value x, unsigned bits) const {
    Value first = arith::ShRUIOp::create(b, l, x, word(32 - bits));
    Value number = arith::SIToFPOp::create(b, l, b.getF32Type(), first);
    return arith::MulFOp::create(b, l, number,
                                 floatConstant(b, l, std::ldexp(1.0, -static_cast<int>(bits)), b.getF32Type()));
  }
  // Of two words one of two independent normal numbers.
  Value normal(Value x, Value y, Value isSecond) const {
    Type f32 = b.getF32Type();
    Value above = arith::AddFOp::create(b, l, fraction(x, 24), floatConstant(b, l, 0x1p-24, f32)); // no log of 0
    Value log = math::LogOp::create(b, l, above);
    Value radius =
        math::SqrtOp::create(b, l, arith::MulFOp::create(b, l, log, floatConstant(b, l, -2, f32)).getResult());
    Value angle = arith::MulFOp::create(b, l, fraction(y, 24), floatConstant(b, l, 2 * std::numbers::pi, f32));
    Value cosine = math::CosOp::create(b, l, angle), sine = math::SinOp::create(b, l, angle);
    return arith::MulFOp::create(b, l, radius, select(isSecond, sine, cosine));
  }
};

struct LowerRandom : OpConversionPattern<ir::RandomOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::RandomOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Dims dims = ir::dimsOf(op.getType());
    Type element = op.getType().getElementType();
    Location location = op.getLoc();
    Value key = tensor::ExtractOp::create(rewriter, location, adaptor.getKey(), ValueRange());
    Value stream = tensor::ExtractOp::create(rewriter, location, adaptor.getStream(), ValueRange());
    SmallVector<Value> sizes;
    for (const ir::Dim &dim : dims)
      sizes.push_back(arith::IndexCastOp::create(rewriter, location, rewriter.getI64Type(), sizeOf(rewriter, op, dim)));
    StringRef distribution = op.getDistribution();
    unsigned bits = element.isF32() ? 24 : element.isF16() ? 11 : 8;
    rewriter.replaceOp(
        op, compute(rewriter, op, dims, element, {}, {}, [&](OpBuilder &b, Location l, ValueRange) {
          Words w{b, l};
          Value number = arith::ConstantIntOp::create(b, l, 0, 64); // of the element, in row-major order
          for (auto [loop, size] : llvm::enumerate(sizes)) {
            Value place = arith::IndexCastOp::create(b, l, w.i64, linalg::IndexOp::create(b, l, loop).getResult());
            number = arith::AddIOp::create(b, l, arith::MulIOp::create(b, l, number, size).getResult(), place);
          }
          Value block = arith::ShRUIOp::create(b, l, number, arith::ConstantIntOp::create(b, l, 2, 64).getResult());
          Words::Block words =
              w.philox({w.low(block), w.high(block), w.low(stream), w.high(stream)}, w.low(key), w.high(key));
          Value isOdd = w.hasBit(number, 1), isLater = w.hasBit(number, 2);
          Value even = w.select(isLater, words[2], words[0]), odd = w.select(isLater, words[3], words[1]);
          if (distribution == "normal")
            return toFloat(b, l, w.normal(even, odd, isOdd), element);
          Value word = w.select(isOdd, odd, even);
          return distribution == "bits" ? word : toFloat(b, l, w.fraction(word, bits), element);
        }));
    return success();
  }
};
} // namespace

void addRandomPatterns(const LoweredTypes &types, RewritePatternSet &patterns) {
  patterns.add<LowerRandom>(types, patterns.getContext());
}

} // namespace varve::lower
