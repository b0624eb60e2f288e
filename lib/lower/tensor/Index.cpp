// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ops that count positions or look them up. An index comes from data: it is checked, and what is wrong is reported when the
// run has ended, so no memory outside the tensor is touched meanwhile.
#include "lib/lower/Decode.h"
#include "lib/lower/Loops.h"
#include "lib/lower/Scalar.h"

using namespace mlir;

namespace varve::lower {

using ir::Dim;
using ir::Dims;

namespace {
bool isLookup(Operation *op) { return op->hasAttr(convention::kNumber) && op->getParentOfType<func::FuncOp>(); }

// Reports indices outside [-size, size).
class Bounds {
public:
  Bounds(OpBuilder &builder, Operation *op, Value size) : op(op) {
    Location location = op->getLoc();
    int64_t number = op->getAttrOfType<IntegerAttr>(convention::kNumber).getInt();
    failure = arith::ConstantIntOp::create(builder, location, number, 64);
    bound = arith::IndexCastOp::create(builder, location, builder.getI64Type(), size);
    Value zero = arith::ConstantIntOp::create(builder, location, 0, 64);
    least = arith::SubIOp::create(builder, location, zero, bound);
  }
  // The index, as i64, and whether it lies outside.
  std::pair<Value, Value> test(OpBuilder &b, Location l, Value index) const {
    if (!index.getType().isInteger(64))
      index = arith::ExtSIOp::create(b, l, b.getI64Type(), index);
    Value below = arith::CmpIOp::create(b, l, arith::CmpIPredicate::slt, index, least);
    Value above = arith::CmpIOp::create(b, l, arith::CmpIPredicate::sge, index, bound);
    return {index, arith::OrIOp::create(b, l, below, above)};
  }
  void report(OpBuilder &b, Value index) const {
    auto function = op->getParentOfType<func::FuncOp>();
    callRuntime(b, op, convention::kFail, {function.getArgument(convention::context), failure, index, bound});
  }

private:
  Operation *op;
  Value failure, bound, least;
};

// Reports each index outside [-size, size).
void checkIndices(OpBuilder &builder, Operation *op, RankedTensorType type, Value indices, Value size) {
  Location location = op->getLoc();
  Dims dims = ir::dimsOf(type);
  Bounds bounds(builder, op, size);
  SmallVector<Value> from(dims.size(), arith::ConstantIndexOp::create(builder, location, 0)), to,
      steps(dims.size(), arith::ConstantIndexOp::create(builder, location, 1));
  for (const Dim &dim : dims)
    to.push_back(sizeOf(builder, op, dim));
  scf::buildLoopNest(builder, location, from, to, steps, [&](OpBuilder &b, Location l, ValueRange place) {
    auto [index, isOutside] = bounds.test(b, l, tensor::ExtractOp::create(b, l, indices, place));
    scf::IfOp::create(b, l, isOutside, [&, index = index](OpBuilder &then, Location where) {
      bounds.report(then, index);
      scf::YieldOp::create(then, where);
    });
  });
}

// The row that an index means: negative ones count from the end; what is outside is moved inside.
Value rowOf(OpBuilder &b, Location l, Value index, Value size) {
  Value zero = arith::ConstantIndexOp::create(b, l, 0), one = arith::ConstantIndexOp::create(b, l, 1);
  index = arith::IndexCastOp::create(b, l, b.getIndexType(), index);
  Value negative = arith::CmpIOp::create(b, l, arith::CmpIPredicate::slt, index, zero);
  Value fromEnd = arith::AddIOp::create(b, l, index, size);
  Value row = arith::SelectOp::create(b, l, negative, fromEnd, index);
  row = arith::MinSIOp::create(b, l, row, arith::SubIOp::create(b, l, size, one));
  return arith::MaxSIOp::create(b, l, row, zero);
}

// Computes each element of the result by looking it up at an index into a dimension. In one without places there is nothing to
// read, whatever the index.
Value lookUpAll(OpBuilder &builder, Operation *op, Dim dim, ArrayRef<Dim> dims, Type element, Value indices,
                AffineMap map, Body lookUp) {
  Location location = op->getLoc();
  Value into = emptyTensor(builder, op, dims, storageOf(element));
  auto fill = [&](OpBuilder &b) {
    TypedAttr zero = b.getZeroAttr(cast<RankedTensorType>(into.getType()).getElementType());
    return linalg::FillOp::create(b, location, arith::ConstantOp::create(b, location, zero).getResult(), into)
        .getResult(0);
  };
  if (!dim.name)
    return dim.size == 0 ? fill(builder) : computeInto(builder, op, into, indices, map, lookUp);
  Value none = arith::ConstantIndexOp::create(builder, location, 0);
  Value some = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::sgt, sizeOf(builder, op, dim), none);
  return scf::IfOp::create(
             builder, location, some,
             [&](OpBuilder &b, Location l) {
               scf::YieldOp::create(b, l, computeInto(b, op, into, indices, map, lookUp));
             },
             [&](OpBuilder &b, Location l) { scf::YieldOp::create(b, l, fill(b)); })
      .getResult(0);
}

struct LowerGather : OpConversionPattern<ir::GatherOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::GatherOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    if (!isLookup(op))
      return rewriter.notifyMatchFailure(op, "expects a gather that was numbered, in a function");
    Dims from = ir::dimsOf(op.getInput().getType()), results = ir::dimsOf(op.getType()), dims = results;
    Encoding encoding = ir::encodingOf(op.getInput().getType().getElementType());
    std::optional<Decoder> decoder; // of rows in blocks
    if (encoding != Encoding::none && !isEmpty(results) && !isEmpty(from)) {
      decoder.emplace(rewriter, op.getLoc(), adaptor.getInput(), encoding, panelOf(op.getInput().getType()));
      dims.pop_back();
      for (int64_t each : decoder->loops())
        dims.push_back({each, {}});
    }
    unsigned rank = dims.size(), count = ir::dimsOf(op.getIndices().getType()).size();
    unsigned axis = *ir::normalizeAxis(std::nullopt, "axis", op.getAxis(), from.size());
    Value input = adaptor.getInput();
    Value size = sizeOf(rewriter, op, from[axis]);
    checkIndices(rewriter, op, op.getIndices().getType(), adaptor.getIndices(), size);

    auto panels = dyn_cast_or_null<ir::PanelsAttr>(op.getInput().getType().getEncoding());
    AffineMap indexMap = mapOf(rewriter, rank, llvm::to_vector(llvm::seq(axis, axis + count)));
    auto lookUp = [&](OpBuilder &b, Location l, ValueRange scalars) -> Value {
      SmallVector<Value> place;
      for (unsigned loop = 0; loop < rank; ++loop)
        if (loop < axis || loop >= axis + count)
          place.push_back(linalg::IndexOp::create(b, l, loop));
      Value row = rowOf(b, l, scalars[0], size);
      if (decoder) {
        size_t inner = place.size() - decoder->loops().size();
        place.insert(place.begin(), row);
        return decoder->element(b, l, ArrayRef(place).take_front(inner + 1), ArrayRef(place).drop_front(inner + 1));
      }
      if (panels) { // row r, column c is at [r / n, c / g, r % n * g + c % g]
        Value rows = arith::ConstantIndexOp::create(b, l, panels.getRows());
        Value panel = arith::DivUIOp::create(b, l, row, rows), inside = arith::RemUIOp::create(b, l, row, rows);
        Value column = place[0];
        for (size_t axis = 1; axis < place.size(); ++axis)
          column = arith::AddIOp::create(
              b, l,
              arith::MulIOp::create(b, l, column, arith::ConstantIndexOp::create(b, l, from[axis + 1].size))
                  .getResult(),
              place[axis]);
        if (panels.getGroup() != 1) {
          Value group = arith::ConstantIndexOp::create(b, l, panels.getGroup());
          inside = arith::AddIOp::create(b, l, arith::MulIOp::create(b, l, inside, group),
                                         arith::RemUIOp::create(b, l, column, group));
          column = arith::DivUIOp::create(b, l, column, group);
        }
        place = {panel, column, inside};
      } else {
        place.insert(place.begin() + axis, row);
      }
      return tensor::ExtractOp::create(b, l, input, place);
    };

    Dim places = encoding != Encoding::none && !decoder ? Dim{0, {}} : from[axis];
    Value found =
        lookUpAll(rewriter, op, places, dims, op.getType().getElementType(), adaptor.getIndices(), indexMap, lookUp);
    rewriter.replaceOp(op, reshape(rewriter, op, found, dims, results));
    return success();
  }
};

struct LowerTakeAlongAxis : OpConversionPattern<ir::TakeAlongAxisOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::TakeAlongAxisOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    if (!isLookup(op))
      return rewriter.notifyMatchFailure(op, "expects a lookup that was numbered, in a function");
    int64_t axis = *ir::indexedAxis(op);
    Dim from = ir::dimsOf(op.getInput().getType())[axis];
    Value size = sizeOf(rewriter, op, from);
    checkIndices(rewriter, op, op.getIndices().getType(), adaptor.getIndices(), size);
    unsigned rank = op.getType().getRank();
    auto lookUp = [&](OpBuilder &b, Location l, ValueRange scalars) -> Value {
      SmallVector<Value> place;
      for (unsigned loop = 0; loop < rank; ++loop)
        place.push_back(linalg::IndexOp::create(b, l, loop));
      place[axis] = rowOf(b, l, scalars[0], size);
      return tensor::ExtractOp::create(b, l, adaptor.getInput(), place);
    };
    rewriter.replaceOp(op, lookUpAll(rewriter, op, from, ir::dimsOf(op.getType()), op.getType().getElementType(),
                                     adaptor.getIndices(), rewriter.getMultiDimIdentityMap(rank), lookUp));
    return success();
  }
};

// Writes each update to its place, one after another, so that of several for one place the order is known. What has an
// index outside is written nowhere.
template <class Op>
LogicalResult lowerWrites(Op op, typename Op::Adaptor adaptor, ConversionPatternRewriter &rewriter,
                          llvm::function_ref<SmallVector<Value>(ValueRange)> indexPlace,
                          llvm::function_ref<void(SmallVector<Value> &, Value)> target) {
  if (!isLookup(op))
    return rewriter.notifyMatchFailure(op, "expects a scatter that was numbered, in a function");
  Value size = sizeOf(rewriter, op, ir::dimsOf(op.getInput().getType())[*ir::indexedAxis(op)]);
  Bounds bounds(rewriter, op, size);
  Dims dims = ir::dimsOf(op.getUpdates().getType());
  bool adds = op.getReduction() == "add";
  // In memory of its own, whose sizes the program's dimensions give.
  Value into = emptyTensor(rewriter, op, ir::dimsOf(op.getType()), storageOf(op.getType().getElementType()));
  into =
      bufferization::MaterializeInDestinationOp::create(rewriter, op.getLoc(), into.getType(), adaptor.getInput(), into)
          .getResult();
  Value result =
      serialLoops(rewriter, op, dims, into, [&](OpBuilder &b, Location l, ValueRange place, Value tensor) -> Value {
        Value given = tensor::ExtractOp::create(b, l, adaptor.getIndices(), indexPlace(place));
        auto [index, isOutside] = bounds.test(b, l, given);
        auto choice = scf::IfOp::create(
            b, l, isOutside,
            [&, index = index](OpBuilder &b, Location l) {
              bounds.report(b, index);
              scf::YieldOp::create(b, l, tensor);
            },
            [&](OpBuilder &b, Location l) {
              SmallVector<Value> at(place);
              target(at, rowOf(b, l, given, size));
              Value update = tensor::ExtractOp::create(b, l, adaptor.getUpdates(), place);
              if (adds) {
                Type element = update.getType(), carrier = computeType(element);
                auto cast = [&](Value x, Type to) { return isa<FloatType>(to) ? toFloat(b, l, x, to) : x; };
                Value old = tensor::ExtractOp::create(b, l, tensor, at);
                update = cast(joinScalars(b, l, Join::sum, cast(old, carrier), cast(update, carrier)), element);
              }
              scf::YieldOp::create(b, l, tensor::InsertOp::create(b, l, update, tensor, at).getResult());
            });
        return choice.getResult(0);
      });
  rewriter.replaceOp(op, result);
  return success();
}

struct LowerScatter : OpConversionPattern<ir::ScatterOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::ScatterOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    int64_t axis = *ir::indexedAxis(op), count = op.getIndices().getType().getRank();
    return lowerWrites(
        op, adaptor, rewriter, [&](ValueRange place) { return SmallVector<Value>(place.slice(axis, count)); },
        [&](SmallVector<Value> &place, Value row) {
          place.erase(place.begin() + axis, place.begin() + axis + count);
          place.insert(place.begin() + axis, row);
        });
  }
};

struct LowerPutAlongAxis : OpConversionPattern<ir::PutAlongAxisOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::PutAlongAxisOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    int64_t axis = *ir::indexedAxis(op);
    return lowerWrites(
        op, adaptor, rewriter, [&](ValueRange place) { return SmallVector<Value>(place); },
        [&](SmallVector<Value> &place, Value row) { place[axis] = row; });
  }
};

struct LowerIota : OpConversionPattern<ir::IotaOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::IotaOp op, OpAdaptor, ConversionPatternRewriter &rewriter) const override {
    Dims dims = ir::dimsOf(op.getType());
    Type element = op.getType().getElementType(), i64 = rewriter.getI64Type();
    int64_t axis = *ir::normalizeAxis(std::nullopt, "axis", op.getAxis(), dims.size());
    rewriter.replaceOp(
        op, compute(rewriter, op, dims, storageOf(element), {}, {}, [&](OpBuilder &b, Location l, ValueRange) {
          Value place = linalg::IndexOp::create(b, l, axis);
          place = arith::IndexCastOp::create(b, l, i64, place);
          return castScalar(b, l, place, i64, element);
        }));
    return success();
  }
};
} // namespace

void addIndexPatterns(const LoweredTypes &types, RewritePatternSet &patterns) {
  patterns.add<LowerGather, LowerTakeAlongAxis, LowerScatter, LowerPutAlongAxis, LowerIota>(types,
                                                                                            patterns.getContext());
}

} // namespace varve::lower
