// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rows become int8: as ggml's Q8_0 and Q8_K, with scales in f32. A row with an element that is not finite gets a scale that is
// not, and quants of 0, so that what it is multiplied with is NaN.
#include "lib/target/cpu/Loops.h"
#include "lib/target/cpu/kernel/BlockProduct.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace varve::target::cpu {

namespace {
constexpr int64_t kTaskElements = 32768; // elements that are worth a task of their own
constexpr float kLeast = 0x1p-120F;      // rows of less are 0: their scale would have no inverse

class QuantizeKernel : Loops {
public:
  QuantizeKernel(OpBuilder builder, func::FuncOp function, BlockForm form, BlockMachine machine)
      : Loops(builder, function.getLoc()), form(form), machine(machine), lanes(machine.lanes),
        input(function.getArgument(1)), output(function.getArgument(2)), i32(builder.getI32Type()),
        f32(builder.getF32Type()) {}

  void emit() {
    Value rows = memref::DimOp::create(builder, location, input, 0),
          depth = memref::DimOp::create(builder, location, input, 1);
    int64_t most = blockRows(lanes);
    Value blocks = div(depth, index(form.elements));
    Value isFew = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::ule, rows, index(kUnopened));
    parallel(
        mul(ceilDiv(rows, index(most)), blocks), index(std::max<int64_t>(kTaskElements / most / form.elements, 1)),
        [&](Value point) {
          Value group = div(point, blocks), block = rem(point, blocks);
          Value row = mul(group, index(most)), count = min(index(most), sub(rows, row)), stride = index(most);
          Value counted = isOpened(lanes) ? arith::SelectOp::create(builder, location, isFew, count, stride) : count;
          for (int64_t tile : llvm::reverse(blockTiles(lanes))) {
            Value fits = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::ule, counted, index(tile));
            stride = arith::SelectOp::create(builder, location, fits, index(tile), stride);
          }
          auto put = [&](Value place, Value value) {
            memref::StoreOp::create(builder, location, value, output, ValueRange{group, place});
          };
          auto plain = [&] {
            Value base = mul(block, mul(stride, index(form.words())));
            loop(index(0), count, 1, [&](Value r) {
              auto store = [&](int64_t word, Value value) { put(add(add(base, mul(stride, index(word))), r), value); };
              quantize(add(row, r), mul(block, index(form.elements)), store, {});
            });
          };
          auto withOpposites = [&] {
            Value base = mul(block, index(most * form.words(true)));
            loop(index(0), count, 1, [&](Value r) {
              Value first = add(base, mul(r, index(2)));
              auto at = [&](int64_t word) { return add(first, index(word * 2 * most)); };
              auto store = [&](int64_t word, Value value) {
                put(word < form.quants() ? at(word) : add(add(base, r), index((word + form.quants()) * most)), value);
              };
              auto storeOpposite = [&](int64_t word, Value value) { put(add(at(word), index(1)), value); };
              quantize(add(row, r), mul(block, index(form.elements)), store, storeOpposite);
            });
          };
          if (!hasOpposites(form, lanes))
            return plain();
          ifThenElse(isFew, plain, withOpposites);
        });
    func::ReturnOp::create(builder, location);
  }

private:
  Value wide(Value scalar) {
    return vector::BroadcastOp::create(builder, location, VectorType::get({lanes}, scalar.getType()), scalar);
  }
  Value integer(int64_t value) { return arith::ConstantIntOp::create(builder, location, value, 32); }
  Value number(float value) { return arith::ConstantOp::create(builder, location, builder.getF32FloatAttr(value)); }
  Value bits(Value value, Type type) { return arith::BitcastOp::create(builder, location, type, value); }

  Value load(Value row, Value column) {
    auto type = cast<MemRefType>(input.getType());
    SmallVector<int64_t> strides;
    int64_t offset;
    auto vector = VectorType::get({lanes}, type.getElementType());
    Value elements;
    if (succeeded(type.getStridesAndOffset(strides, offset)) && strides.back() == 1) {
      elements = vector::LoadOp::create(builder, location, vector, input, ValueRange{row, column});
    } else {
      SmallVector<Value> each;
      for (int64_t lane = 0; lane < lanes; ++lane)
        each.push_back(memref::LoadOp::create(builder, location, input, ValueRange{row, add(column, index(lane))}));
      elements = vector::FromElementsOp::create(builder, location, vector, each);
    }
    auto floats = VectorType::get({lanes}, f32);
    return elements.getType() == floats ? elements : arith::ExtFOp::create(builder, location, floats, elements);
  }

  // One block of one row, told word by word.
  using Store = llvm::function_ref<void(int64_t, Value)>;
  void quantize(Value row, Value column, Store store, Store storeOpposite) {
    auto ints = VectorType::get({lanes}, i32);
    int64_t vectors = form.elements / lanes;
    auto at = [&](int64_t number) { return load(row, add(column, index(number * lanes))); };
    // Magnitudes are ordered as their bits are, and what is not finite is above all others.
    Value most = wide(integer(0)), mask = wide(integer(0x7fffffff));
    for (int64_t number = 0; number < vectors; ++number)
      most = arith::MaxSIOp::create(builder, location, most,
                                    arith::AndIOp::create(builder, location, bits(at(number), ints), mask));
    Value greatest = bits(
        vector::ReductionOp::create(builder, location, vector::CombiningKind::MAXSI, most, arith::FastMathFlags::none),
        f32);
    Value isZero = arith::CmpFOp::create(builder, location, arith::CmpFPredicate::OLT, greatest, number(kLeast));
    Value inverse = arith::DivFOp::create(builder, location, number(127), greatest);
    inverse = wide(arith::SelectOp::create(builder, location, isZero, number(0), inverse));
    Value scale = arith::MulFOp::create(builder, location, greatest, number(1.0F / 127));
    scale = arith::SelectOp::create(builder, location, isZero, number(0), scale);

    SmallVector<Value> sums; // of 16 or 32 elements
    int64_t part = form.encoding == Encoding::q6_k ? 16 : 32;
    for (int64_t number = 0; number < vectors; ++number) {
      Value scaled = arith::MulFOp::create(builder, location, at(number), inverse);
      Value isNumber = arith::CmpFOp::create(builder, location, arith::CmpFPredicate::ORD, scaled, scaled);
      scaled = arith::SelectOp::create(builder, location, isNumber, scaled, wide(this->number(0)));
      scaled = math::RoundEvenOp::create(builder, location, scaled);
      Value quants = arith::FPToSIOp::create(builder, location, ints, scaled);
      if (number * lanes % part == 0)
        sums.push_back(quants);
      else
        sums.back() = arith::AddIOp::create(builder, location, sums.back(), quants);
      Value bytes = arith::TruncIOp::create(builder, location, VectorType::get({lanes}, builder.getI8Type()), quants);
      auto storeAll = [&](Value bytes, Store store) {
        Value words = vector::BitCastOp::create(builder, location, VectorType::get({lanes / 4}, i32), bytes);
        for (int64_t word = 0; word < lanes / 4; ++word)
          store(number * lanes / 4 + word, vector::ExtractOp::create(builder, location, words, word));
      };
      storeAll(bytes, store);
      if (storeOpposite) {
        Value zero = arith::ConstantOp::create(builder, location, builder.getZeroAttr(bytes.getType()));
        storeAll(arith::SubIOp::create(builder, location, zero, bytes), storeOpposite);
      }
    }
    store(form.quants(), bits(scale, i32));
    storeSums(sums, [&](int64_t word, Value value) { store(form.quants() + 1 + word, value); });
  }

  Value reduced(Value sums) {
    return vector::ReductionOp::create(builder, location, vector::CombiningKind::ADD, sums, arith::FastMathFlags::none);
  }

  // So many times what the first two of each four lanes sum up to, and the others, as 16 bits each.
  Value sumsOfPairs(Value sums, int32_t times) {
    auto type = cast<VectorType>(sums.getType());
    SmallVector<int32_t> factors;
    for (int64_t lane = 0; lane < lanes; ++lane)
      factors.push_back(lane % 4 < 2 ? times : 0);
    auto whole = [&](ArrayRef<int32_t> numbers) {
      return arith::ConstantOp::create(builder, location, DenseElementsAttr::get(type, numbers));
    };
    Value first = reduced(arith::MulIOp::create(builder, location, sums, whole(factors)));
    for (int32_t &factor : factors)
      factor = times - factor;
    Value second = reduced(arith::MulIOp::create(builder, location, sums, whole(factors)));
    return twoOf(first, second);
  }
  Value twoOf(Value low, Value high) {
    return arith::OrIOp::create(builder, location, arith::AndIOp::create(builder, location, low, integer(0xffff)),
                                arith::ShLIOp::create(builder, location, high, integer(16)));
  }

  void storeSums(ArrayRef<Value> vectors, Store store) {
    if (machine.isPaired() && (form.encoding == Encoding::q6_k || form.encoding == Encoding::q4_0)) {
      for (auto [word, vector] : llvm::enumerate(vectors))
        store(word, sumsOfPairs(vector, form.encoding == Encoding::q6_k ? -32 : -8));
      return;
    }
    SmallVector<Value> sums = llvm::map_to_vector(vectors, [&](Value vector) { return reduced(vector); });
    auto times = [&](Value sum, int64_t factor) {
      return arith::MulIOp::create(builder, location, sum, integer(factor)).getResult();
    };
    switch (form.encoding) {
    case Encoding::q8_0: // weights are read as bytes from 0 to 255
      return store(0, times(sums[0], -128));
    case Encoding::q4_0:
      return store(0, times(sums[0], -8));
    case Encoding::q6_k:
      for (auto [word, sum] : llvm::enumerate(sums))
        store(word, times(sum, -32));
      return;
    default:
      if (machine.isPaired()) { // of parts 0 and 2, 1 and 3, 4 and 6, 5 and 7
        for (int64_t word = 0; word < 4; ++word)
          store(word, twoOf(sums[word / 2 * 4 + word % 2], sums[word / 2 * 4 + word % 2 + 2]));
        return;
      }
      // Sums as 64 * high + low, in bytes of two words each.
      for (int64_t word = 0; word < 4; ++word) {
        Value joined = integer(0);
        for (int64_t byte = 0; byte < 4; ++byte) {
          Value sum = sums[word % 2 * 4 + byte];
          Value half = word < 2 ? arith::AndIOp::create(builder, location, sum, integer(63)).getResult()
                                : arith::ShRSIOp::create(builder, location, sum, integer(6)).getResult();
          half = arith::AndIOp::create(builder, location, half, integer(255));
          half = arith::ShLIOp::create(builder, location, half, integer(8 * byte));
          joined = arith::OrIOp::create(builder, location, joined, half);
        }
        store(word, joined);
      }
    }
  }

  BlockForm form;
  BlockMachine machine;
  int64_t lanes;
  Value input, output;
  Type i32, f32;
};
} // namespace

func::FuncOp buildQuantize(OpBuilder &builder, StringRef name, QuantizeOp op, BlockMachine machine) {
  MLIRContext *context = builder.getContext();
  int64_t any = ShapedType::kDynamic;
  auto input = cast<MemRefType>(op.getInput().getType());
  SmallVector<int64_t> strides;
  int64_t offset;
  bool isUnit = succeeded(input.getStridesAndOffset(strides, offset)) && strides.back() == 1;
  auto layout = StridedLayoutAttr::get(context, any, {any, isUnit ? 1 : any});
  SmallVector<Type> types{LLVM::LLVMPointerType::get(context),
                          MemRefType::get({any, any}, input.getElementType(), layout),
                          MemRefType::get({any, any}, builder.getI32Type())};
  auto function = func::FuncOp::create(builder, UnknownLoc::get(context), name, builder.getFunctionType(types, {}));
  function.setPrivate();
  QuantizeKernel(OpBuilder::atBlockEnd(function.addEntryBlock()), function, *blockFormOf(op.getEncoding()), machine)
      .emit();
  return function;
}

} // namespace varve::target::cpu
