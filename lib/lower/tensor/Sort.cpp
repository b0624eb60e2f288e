// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Ops that order elements. They compare keys, integers in the order of the elements, and where these are equal places: no
// two elements are equal then, so any way of sorting is stable, and one that compares all pairs of a pass at once will do.
#include "lib/lower/Loops.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;

namespace varve::lower {

using ir::Dim;
using ir::DimExpr;
using ir::Dims;

namespace {
// Up to so many greatest elements are looked for one after another; else all are sorted.
constexpr int64_t kMostSelected = 64;

// Thin names over builders of integers.
struct Integers {
  OpBuilder &b;
  Location l;
  using P = arith::CmpIPredicate;
  Value index(int64_t value) const { return arith::ConstantIndexOp::create(b, l, value); }
  Value constant(int64_t value, Type type) const { return arith::ConstantIntOp::create(b, l, type, value); }
  Value add(Value x, Value y) const { return arith::AddIOp::create(b, l, x, y); }
  Value sub(Value x, Value y) const { return arith::SubIOp::create(b, l, x, y); }
  Value both(Value x, Value y) const { return arith::AndIOp::create(b, l, x, y); }
  Value either(Value x, Value y) const { return arith::OrIOp::create(b, l, x, y); }
  Value flip(Value x, Value y) const { return arith::XOrIOp::create(b, l, x, y); }
  Value half(Value x) const { return arith::ShRUIOp::create(b, l, x, index(1)); }
  Value power(Value exponent) const { return arith::ShLIOp::create(b, l, index(1), exponent); }
  Value compare(P p, Value x, Value y) const { return arith::CmpIOp::create(b, l, p, x, y); }
  Value select(Value c, Value x, Value y) const { return arith::SelectOp::create(b, l, c, x, y); }
  Value cast(Value x, Type to) const { return arith::IndexCastOp::create(b, l, to, x); }
  // Whether (key, place) comes before another.
  Value before(Value key, Value place, Value otherKey, Value otherPlace) const {
    Value isLess = compare(P::slt, key, otherKey), isEqual = compare(P::eq, key, otherKey);
    return either(isLess, both(isEqual, compare(P::slt, place, otherPlace)));
  }
};

// The key of an element: with `descending` the greatest element has the least one.
Value keyOf(OpBuilder &b, Location l, Value x, Type element, bool descending) {
  Integers i{b, l};
  Type type = element.isInteger(64) ? b.getI64Type() : b.getI32Type();
  Value key = x;
  if (isa<FloatType>(element)) {
    // The bits of floats of one sign are ordered as these are, negative ones the other way round.
    Type f32 = b.getF32Type();
    Value wide = toFloat(b, l, x, f32), zero = floatConstant(b, l, 0, f32);
    wide = arith::AddFOp::create(b, l, wide, zero); // -0 + 0 is 0
    Value bits = arith::BitcastOp::create(b, l, type, wide);
    Value sign = arith::ShRSIOp::create(b, l, bits, i.constant(31, type));
    key = i.flip(bits, i.both(sign, i.constant(0x7fffffff, type)));
    Value isNan = arith::CmpFOp::create(b, l, arith::CmpFPredicate::UNO, wide, wide);
    key = i.select(isNan, i.constant(0x7fffffff, type), key);
  } else if (x.getType() != type) {
    key = element.isUnsignedInteger() ? arith::ExtUIOp::create(b, l, type, x).getResult()
                                      : arith::ExtSIOp::create(b, l, type, x).getResult();
  }
  return descending ? i.flip(key, i.constant(-1, type)) : key;
}

// Orders along one axis of an op's input.
class Order {
public:
  Order(ConversionPatternRewriter &b, Operation *op, Value input, RankedTensorType type, int64_t axis, bool descending)
      : b(b), op(op), l(op->getLoc()), input(input), element(type.getElementType()), dims(ir::dimsOf(type)),
        axis(*ir::normalizeAxis(std::nullopt, "axis", axis, type.getRank())) {
    keyType = element.isInteger(64) ? b.getI64Type() : b.getI32Type();
    all = b.getMultiDimIdentityMap(dims.size());
    keys = compute(b, op, dims, keyType, input, all,
                   [&](OpBuilder &b, Location l, ValueRange v) { return keyOf(b, l, v[0], element, descending); });
  }

  // Where the elements are in order: Batcher's merge exchange, which is a network for any size (Knuth, TAOCP 3, 5.2.2, algorithm
  // M). Each pass compares places i and i + d for the i that have r at bit p, all at the same time. The passes go to and fro
  // between two memories; one too many, when p is 0, changes nothing. (Of tensors that are read inside of a computation and
  // written after it bufferisation makes copies.) Where keys have 32 bits, what is moved is the key with the place behind it.
  Value sorted() {
    MemRefType type = memref(b.getI64Type());
    SmallVector<Value> sizes, memories;
    for (const Dim &dim : dims)
      if (dim.name)
        sizes.push_back(sizeOf(b, op, dim));
    for (int number = 0; number < 2; ++number)
      memories.push_back(memref::AllocOp::create(b, l, type, sizes));
    fill(b, memories[0], [&](OpBuilder &b, Location l) -> Value {
      Integers i{b, l};
      SmallVector<Value> at = placeOf(b, l);
      Value place = i.cast(at[axis], b.getI64Type());
      if (!isPacked())
        return place;
      Value key = arith::ExtSIOp::create(b, l, b.getI64Type(), tensor::ExtractOp::create(b, l, keys, at).getResult());
      return i.either(arith::ShLIOp::create(b, l, key, i.constant(32, b.getI64Type())), place);
    });
    Integers i{b, l};
    Value size = sizeOf(b, op, dims[axis]), zero = i.index(0), one = i.index(1);
    Value last = arith::MaxSIOp::create(b, l, i.sub(size, one), zero);
    Value leading = math::CountLeadingZerosOp::create(b, l, i.cast(last, b.getI64Type()));
    Value bits = i.sub(i.index(64), i.cast(leading, b.getIndexType())); // of the last place
    Value top = i.half(i.power(bits));
    Value passes = i.half(arith::MulIOp::create(b, l, bits, i.add(bits, one)));
    SmallVector<Value> start = {top, top, zero, top};
    scf::ForOp::create(b, l, zero, i.half(i.add(passes, one)), one, start,
                       [&](OpBuilder &b, Location l, Value, ValueRange carried) {
                         Pass pass = {carried[0], carried[1], carried[2], carried[3]};
                         for (int number = 0; number < 2; ++number) {
                           exchange(b, memories[number], memories[1 - number], size, pass);
                           pass = pass.next(b, l, top);
                         }
                         scf::YieldOp::create(b, l, {pass.p, pass.q, pass.r, pass.d});
                       });
    Type tensor = RankedTensorType::get(type.getShape(), type.getElementType());
    Value places = bufferization::ToTensorOp::create(b, l, tensor, memories[0], /*restrict=*/true);
    if (!isPacked())
      return places;
    return compute(b, op, dims, b.getI64Type(), places, all, [](OpBuilder &b, Location l, ValueRange v) -> Value {
      return Integers{b, l}.both(v[0], Integers{b, l}.constant(0xffffffff, b.getI64Type()));
    });
  }

  // Where the first `count` elements of the order are: each is the first of those after the one before.
  Value first(int64_t count) {
    Integers i{b, l};
    Dims others = ir::withoutAxes(dims, axis, /*keepDims=*/false), taken = dims;
    taken[axis] = Dim{count, {}};
    Value start = emptyTensor(b, op, taken, b.getI64Type());
    auto loop = scf::ForOp::create(
        b, l, i.index(0), i.index(count), i.index(1), start, [&](OpBuilder &b, Location l, Value j, ValueRange places) {
          auto [lastKey, lastPlace] = lastBefore(b, others, places[0], j);
          Value key = firstAfter(b, lastKey, lastPlace, {});
          Value place = firstAfter(b, lastKey, lastPlace, key);
          SmallVector<OpFoldResult> offsets(dims.size(), b.getIndexAttr(0)), ones(dims.size(), b.getIndexAttr(1)),
              sizes = sizesOf(b, op, dims);
          offsets[axis] = j;
          sizes[axis] = b.getIndexAttr(1);
          Dims kept = dims; // with the axis, as above
          kept[axis] = Dim{1, {}};
          place = reshape(b, op, place, others, kept);
          Value into = tensor::InsertSliceOp::create(b, l, place, places[0], offsets, sizes, ones);
          scf::YieldOp::create(b, l, into);
        });
    return loop.getResult(0);
  }

  // The elements at these places.
  Value valuesAt(Value places, ArrayRef<Dim> dims) {
    return compute(b, op, dims, storageOf(element), places, all, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
      SmallVector<Value> place = placeOf(b, l);
      place[axis] = Integers{b, l}.cast(v[0], b.getIndexType());
      return tensor::ExtractOp::create(b, l, input, place);
    });
  }

private:
  bool isPacked() const { return keyType.isInteger(32); }
  SmallVector<Value> placeOf(OpBuilder &b, Location l) const {
    SmallVector<Value> place;
    for (size_t loop = 0; loop < dims.size(); ++loop)
      place.push_back(linalg::IndexOp::create(b, l, loop));
    return place;
  }
  MemRefType memref(Type element) const {
    SmallVector<int64_t> shape;
    for (const Dim &dim : dims)
      shape.push_back(dim.name ? ShapedType::kDynamic : dim.size);
    return MemRefType::get(shape, element);
  }
  // Computes each element of a memory.
  void fill(OpBuilder &builder, Value memory, llvm::function_ref<Value(OpBuilder &, Location)> body) {
    SmallVector<utils::IteratorType> iterators(dims.size(), utils::IteratorType::parallel);
    linalg::GenericOp::create(builder, l, TypeRange(), ValueRange(), memory, all, iterators,
                              [&](OpBuilder &b, Location l, ValueRange) { linalg::YieldOp::create(b, l, body(b, l)); });
  }

  // A pass of the network, with the names that Knuth gives.
  struct Pass {
    Value p, q, r, d;
    Pass next(OpBuilder &b, Location l, Value top) const {
      Integers i{b, l};
      Value isLast = i.compare(Integers::P::eq, p, q), less = i.half(p); // for this p
      return {i.select(isLast, less, p), i.select(isLast, top, i.half(q)), i.select(isLast, i.index(0), p),
              i.select(isLast, less, i.sub(q, p))};
    }
  };

  // One pass, from one memory into another.
  void exchange(OpBuilder &builder, Value places, Value into, Value size, const Pass &pass) {
    Value p = pass.p, r = pass.r, d = pass.d;
    fill(builder, into, [&](OpBuilder &b, Location l) -> Value {
      Integers i{b, l};
      using P = Integers::P;
      SmallVector<Value> at = placeOf(b, l);
      Value here = at[axis], below = i.sub(here, d), above = i.add(here, d);
      auto load = [&](Value index) -> Value {
        SmallVector<Value> where(at);
        where[axis] = index;
        return memref::LoadOp::create(b, l, places, where);
      };
      auto keyAt = [&](Value place) -> Value {
        SmallVector<Value> where(at);
        where[axis] = i.cast(place, b.getIndexType());
        return tensor::ExtractOp::create(b, l, keys, where);
      };
      Value isLow = i.both(i.compare(P::eq, i.both(here, p), r), i.compare(P::slt, above, size));
      Value isHigh = i.both(i.compare(P::sge, below, i.index(0)), i.compare(P::eq, i.both(below, p), r));
      Value place = load(here), other = load(i.select(isLow, above, i.select(isHigh, below, here)));
      Value isFirst = isPacked() ? i.compare(P::slt, place, other) : i.before(keyAt(place), place, keyAt(other), other);
      // The lower of a pair gets the first one, the higher one the other.
      return i.select(i.flip(isFirst, isHigh), place, other);
    });
  }

  // Key and place number j - 1 of those that were found; before the first one stands what is before all.
  std::pair<Value, Value> lastBefore(OpBuilder &builder, ArrayRef<Dim> others, Value places, Value j) {
    Integers i{builder, l};
    Value isFirst = i.compare(Integers::P::eq, j, i.index(0));
    Value before = i.select(isFirst, i.index(0), i.sub(j, i.index(1)));
    SmallVector<OpFoldResult> offsets(dims.size(), builder.getIndexAttr(0)), ones(dims.size(), builder.getIndexAttr(1)),
        sizes = sizesOf(builder, op, dims);
    offsets[axis] = before;
    sizes[axis] = builder.getIndexAttr(1);
    // With the axis: which of several dimensions of size 1 a slice lacks, upstream guesses (22.1).
    Value found = tensor::ExtractSliceOp::create(builder, l, places, offsets, sizes, ones);
    Type i64 = builder.getI64Type();
    SmallVector<AffineExpr> at;
    for (unsigned loop = 0; loop < others.size(); ++loop)
      at.push_back(builder.getAffineDimExpr(loop));
    at.insert(at.begin() + axis, builder.getAffineConstantExpr(0));
    AffineMap there = AffineMap::get(others.size(), 0, at, builder.getContext());
    AffineMap same = builder.getMultiDimIdentityMap(others.size());
    Value place = compute(builder, op, others, i64, found, there, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
      Integers i{b, l};
      return i.select(isFirst, i.constant(-1, i64), v[0]);
    });
    Value key =
        compute(builder, op, others, keyType, place, same, [&](OpBuilder &b, Location l, ValueRange v) -> Value {
          Integers i{b, l};
          APInt none = APInt::getSignedMinValue(keyType.getIntOrFloatBitWidth());
          Value least = arith::ConstantOp::create(b, l, b.getIntegerAttr(keyType, none));
          SmallVector<Value> where;
          for (size_t loop = 0; loop < others.size(); ++loop)
            where.push_back(linalg::IndexOp::create(b, l, loop));
          where.insert(where.begin() + axis, i.select(isFirst, i.index(0), i.cast(v[0], b.getIndexType())));
          return i.select(isFirst, least, tensor::ExtractOp::create(b, l, keys, where));
        });
    return {key, place};
  }

  // Of the elements after (lastKey, lastPlace) the least key; or, given that, the least place that has it.
  Value firstAfter(OpBuilder &builder, Value lastKey, Value lastPlace, Value key) {
    SmallVector<Value> inputs = {keys, lastKey, lastPlace};
    SmallVector<AffineMap> maps = {all, all.dropResult(axis), all.dropResult(axis)};
    Type type = keyType;
    if (key) {
      inputs.push_back(key);
      maps.push_back(maps.back());
      type = builder.getI64Type();
    }
    return reduce(builder, op, Join::minimum, dims, axis, type, inputs, maps,
                  [&](OpBuilder &b, Location l, ValueRange v) -> Value {
                    Integers i{b, l};
                    Value place = i.cast(linalg::IndexOp::create(b, l, axis), b.getI64Type());
                    Value counts = i.before(v[1], v[2], v[0], place);
                    if (key)
                      counts = i.both(counts, i.compare(Integers::P::eq, v[0], v[3]));
                    APInt none = APInt::getSignedMaxValue(type.getIntOrFloatBitWidth());
                    Value most = arith::ConstantOp::create(b, l, b.getIntegerAttr(type, none));
                    return i.select(counts, key ? place : v[0], most);
                  });
  }

  ConversionPatternRewriter &b;
  Operation *op;
  Location l;
  Value input, keys;
  Type element, keyType;
  Dims dims;
  int64_t axis;
  AffineMap all;
};

struct LowerSort : OpConversionPattern<ir::SortOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::SortOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = op.getInput().getType();
    Order order(rewriter, op, adaptor.getInput(), type, op.getAxis(), op.getDescending());
    Value places = order.sorted();
    rewriter.replaceOp(op, {order.valuesAt(places, ir::dimsOf(type)), places});
    return success();
  }
};

struct LowerTopK : OpConversionPattern<ir::TopKOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::TopKOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    RankedTensorType type = op.getInput().getType();
    Dims taken = ir::dimsOf(cast<RankedTensorType>(op.getValues().getType()));
    Order order(rewriter, op, adaptor.getInput(), type, op.getAxis(), /*descending=*/true);
    Value places;
    if (int64_t count = op.getK(); count <= kMostSelected && !isEmpty(taken))
      places = order.first(count);
    else
      places = slice(rewriter, op, order.sorted(), SmallVector<DimExpr>(taken.size()), taken);
    rewriter.replaceOp(op, {order.valuesAt(places, taken), places});
    return success();
  }
};
} // namespace

void addSortPatterns(const LoweredTypes &types, RewritePatternSet &patterns) {
  patterns.add<LowerSort, LowerTopK>(types, patterns.getContext());
}

} // namespace varve::lower
