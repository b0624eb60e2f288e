// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Pooling with channels last: lanes are channels, of which some vectors stay in registers while a window goes past. What of a
// window is padding is not read.
#include "lib/target/cpu/kernel/Pool.h"
#include "lib/target/cpu/Loops.h"
#include "lib/target/cpu/memory/Memory.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace varve::target::cpu {

namespace {
constexpr int64_t kTogether = 4; // vectors of channels

class Pool : Loops {
public:
  Pool(OpBuilder builder, func::FuncOp function, PoolOp op, int64_t lanes)
      : Loops(builder, function.getLoc()), op(op), lanes(lanes), input(function.getArgument(1)),
        output(function.getArgument(2)), f32(builder.getF32Type()) {
    element = cast<MemRefType>(input.getType()).getElementType();
    auto numbers = function.getArguments().drop_front(3);
    for (SmallVector<Value> *list : {&kernel, &strides, &dilations, &padding, &behind}) {
      list->assign(numbers.begin(), numbers.begin() + 3);
      numbers = numbers.drop_front(3);
    }
  }

  void emit() {
    Value zero = index(0), one = index(1), channels = sizeOf(output, 4), width = sizeOf(output, 3);
    Value rows = mul(sizeOf(output, 1), sizeOf(output, 2)), taps = mul(kernel[0], mul(kernel[1], kernel[2]));
    Value points = mul(mul(width, channels), taps);
    tasks(mul(sizeOf(output, 0), rows), max(div(index(kTaskPoints), max(points, one)), one),
          [&](Value first, Value last) {
            loop(first, last, 1, [&](Value line) {
              Value row = rem(line, rows);
              SmallVector<Value> place{div(line, rows), div(row, sizeOf(output, 2)), rem(row, sizeOf(output, 2)), {}};
              loop(zero, width, 1, [&](Value column) {
                place[3] = column;
                window(place, channels);
              });
            });
          });
    func::ReturnOp::create(builder, location);
  }

private:
  // The elements of a window that are none of padding, along one axis.
  struct Range {
    Value from, first,
        last; // where the window begins, which may be before 0; the first tap, and the one behind the last
  };
  Value sizeOf(Value memory, int64_t axis) { return memref::DimOp::create(builder, location, memory, axis); }
  bool isMaximum() { return op.getKind() == "max"; }

  Range rangeOf(int64_t axis, Value at) {
    Value zero = index(0), from = sub(mul(at, strides[axis]), padding[axis]);
    Value size = sizeOf(input, 1 + axis);
    Value first = ceilDiv(signedMax(sub(zero, from), zero), dilations[axis]);
    return {from, first, min(kernel[axis], ceilDiv(signedMax(sub(size, from), zero), dilations[axis]))};
  }
  Value signedMax(Value a, Value b) { return arith::MaxSIOp::create(builder, location, a, b); }

  void window(ArrayRef<Value> place, Value channels) {
    SmallVector<Range> ranges;
    for (int64_t axis = 0; axis < 3; ++axis)
      ranges.push_back(rangeOf(axis, place[1 + axis]));
    Value count = isMaximum() ? Value() : countOf(ranges);
    Value zero = index(0), most = wholeSteps(channels, kTogether * lanes), whole = wholeSteps(channels, lanes);
    loop(zero, most, kTogether * lanes, [&](Value c) { join(place, ranges, count, c, kTogether, lanes); });
    loop(most, whole, lanes, [&](Value c) { join(place, ranges, count, c, 1, lanes); });
    loop(whole, channels, 1, [&](Value c) { join(place, ranges, count, c, 1, 1); });
  }

  // Of how many elements a sum is divided to be a mean, as f32.
  Value countOf(ArrayRef<Range> ranges) {
    if (std::optional<int64_t> divisor = op.getDivisor())
      return arith::ConstantOp::create(builder, location, builder.getF32FloatAttr(static_cast<float>(*divisor)));
    Value count = index(1);
    for (auto [axis, range] : llvm::enumerate(ranges)) {
      Value here = sub(range.last, range.first);
      if (op.getCountsPadding()) { // but not what hangs over the end's
        Value end = add(sizeOf(input, 1 + axis), behind[axis]);
        here = min(kernel[axis], sub(end, range.from));
      }
      count = mul(count, here);
    }
    Value integer = arith::IndexCastOp::create(builder, location, builder.getI64Type(), count);
    return arith::SIToFPOp::create(builder, location, f32, integer);
  }

  // So many vectors of channels from one on.
  void join(ArrayRef<Value> place, ArrayRef<Range> ranges, Value count, Value channel, int64_t together,
            int64_t width) {
    auto typeOf = [&](Type type) -> Type { return width == 1 ? type : VectorType::get({width}, type); };
    auto spread = [&](Value scalar) {
      return width == 1 ? scalar : vector::BroadcastOp::create(builder, location, typeOf(f32), scalar).getResult();
    };
    double neutral = isMaximum() ? -std::numeric_limits<double>::infinity() : 0;
    Value start = spread(arith::ConstantOp::create(builder, location, builder.getFloatAttr(f32, neutral)));
    SmallVector<Value> values(together, start), at{place[0], {}, {}, {}, {}};
    auto along = [&](auto &self, size_t axis, ValueRange carried) -> SmallVector<Value> {
      const Range &range = ranges[axis];
      return loop(range.first, range.last, 1, carried, [&](Value tap, ValueRange inner) {
        at[1 + axis] = add(range.from, mul(tap, dilations[axis]));
        if (axis < 2)
          return self(self, axis + 1, inner);
        SmallVector<Value> next;
        for (int64_t i = 0; i < together; ++i) {
          at[4] = add(channel, index(i * width));
          next.push_back(joined(inner[i], read(at, typeOf(element))));
        }
        return next;
      });
    };
    values = along(along, 0, values);
    for (auto [i, value] : llvm::enumerate(values)) {
      if (count)
        value = arith::DivFOp::create(builder, location, value, spread(count));
      if (element != f32)
        value = arith::TruncFOp::create(builder, location, typeOf(element), value);
      SmallVector<Value> to(place);
      to.push_back(add(channel, index(static_cast<int64_t>(i) * width)));
      if (width == 1)
        memref::StoreOp::create(builder, location, value, output, to);
      else
        vector::StoreOp::create(builder, location, value, output, to);
    }
  }

  Value read(ArrayRef<Value> at, Type type) {
    Value value = isa<VectorType>(type)
                      ? vector::LoadOp::create(builder, location, cast<VectorType>(type), input, at).getResult()
                      : memref::LoadOp::create(builder, location, input, at).getResult();
    if (element == f32)
      return value;
    auto vector = dyn_cast<VectorType>(type);
    return arith::ExtFOp::create(builder, location, vector ? Type(vector.clone(f32)) : f32, value);
  }

  // A NaN stays. The difference of 0 and -0, for which a maximum takes more instructions, makes none here.
  Value joined(Value before, Value value) {
    if (!isMaximum())
      return arith::AddFOp::create(builder, location, before, value);
    auto compare = [&](arith::CmpFPredicate predicate, Value a, Value b) -> Value {
      return arith::CmpFOp::create(builder, location, predicate, a, b);
    };
    Value isGreater = compare(arith::CmpFPredicate::OGT, before, value);
    Value greater = arith::SelectOp::create(builder, location, isGreater, before, value);
    Value isNaN = compare(arith::CmpFPredicate::UNO, before, before);
    return arith::SelectOp::create(builder, location, isNaN, before, greater);
  }

  PoolOp op;
  int64_t lanes;
  Value input, output;
  Type element, f32;
  SmallVector<Value> kernel, strides, dilations, padding, behind; // for depth, height and width
};

template <class Op> struct ConvertPool : OpConversionPattern<Op> {
  ConvertPool(const lower::LoweredTypes &types, MLIRContext *context)
      : OpConversionPattern<Op>(types, context, /*benefit=*/2) {}

  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    ir::Dims dims = ir::dimsOf(op.getInput().getType()), result = ir::dimsOf(op.getType());
    if (!op.getChannelsLast() || lower::isEmpty(dims) || lower::isEmpty(result) || !isContiguous(adaptor.getInput()))
      return rewriter.notifyMatchFailure(op, "expects a contiguous input with channels last that is not empty");
    ir::Windows windows = *op.windows();
    auto three = [](ArrayRef<int64_t> list, int64_t missing) {
      SmallVector<int64_t> all(3 - list.size(), missing);
      all.append(list.begin(), list.end());
      return all;
    };
    auto wide = [](const ir::Dims &image) {
      ir::Dims all{image[0]};
      all.append(5 - image.size(), ir::Dim{1, {}});
      all.append(image.begin() + 1, image.end());
      return all;
    };
    Value input = lower::reshape(rewriter, op, adaptor.getInput(), dims, wide(dims));
    Value output = lower::emptyTensor(rewriter, op, wide(result), op.getType().getElementType());
    IntegerAttr divisor;
    bool countsPadding = false;
    if constexpr (std::is_same_v<Op, ir::AvgPoolOp>) {
      if (std::optional<int64_t> given = op.getDivisorOverride())
        divisor = rewriter.getI64IntegerAttr(*given);
      countsPadding = op.getCountIncludePad();
    }
    auto pool = PoolOp::create(rewriter, op.getLoc(), output.getType(), input, output,
                               std::is_same_v<Op, ir::MaxPoolOp> ? "max" : "mean", three(windows.kernel, 1),
                               three(windows.strides, 1), three(windows.dilations, 1), three(windows.begin, 0),
                               three(windows.end, 0), divisor, countsPadding);
    rewriter.replaceOp(op, lower::reshape(rewriter, op, pool.getResult(), wide(result), result));
    return success();
  }
};
} // namespace

SmallVector<Value> numbersOf(OpBuilder &builder, PoolOp op) {
  SmallVector<Value> numbers;
  for (ArrayRef<int64_t> list :
       {op.getKernel(), op.getStrides(), op.getDilations(), op.getPadding(), op.getPaddingEnd()})
    for (int64_t entry : list)
      numbers.push_back(arith::ConstantIndexOp::create(builder, op.getLoc(), entry));
  return numbers;
}

func::FuncOp buildPool(OpBuilder &builder, StringRef name, PoolOp op, int64_t lanes) {
  MLIRContext *context = builder.getContext();
  int64_t any = ShapedType::kDynamic;
  auto memoryOf = [&](Value value) {
    SmallVector<int64_t> strides(4, any);
    strides.push_back(1);
    return MemRefType::get(SmallVector<int64_t>(5, any), cast<MemRefType>(value.getType()).getElementType(),
                           StridedLayoutAttr::get(context, any, strides));
  };
  SmallVector<Type> types{LLVM::LLVMPointerType::get(context), memoryOf(op.getInput()), memoryOf(op.getOutput())};
  types.append(15, builder.getIndexType());
  auto function = func::FuncOp::create(builder, UnknownLoc::get(context), name, builder.getFunctionType(types, {}));
  function.setPrivate();
  Pool(OpBuilder::atBlockEnd(function.addEntryBlock()), function, op, lanes).emit();
  return function;
}

void addPoolKernelPatterns(const lower::LoweredTypes &types, RewritePatternSet &patterns) {
  patterns.add<ConvertPool<ir::MaxPoolOp>, ConvertPool<ir::AvgPoolOp>>(types, patterns.getContext());
}

} // namespace varve::target::cpu
