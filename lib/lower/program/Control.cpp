// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Branches and loops. First their types are converted, while they are still ops of the dialect; then each gets its memory:
// a branch computes into the memory of the op's results, a trip of a loop into memory that is free, and then what it has
// written is passed on as what is carried, so that nothing is copied from trip to trip.
#include "lib/lower/Loops.h"
#include "lib/lower/Lower.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/Dominance.h"

using namespace mlir;

namespace varve::lower {

using ir::Dim;

namespace {

//===- types ----------------------------------------------------------------------------------------------------------

// The dimensions of results, and of what a loop scans, which their lowered types do not have.
ArrayAttr shapesOf(Operation *op) {
  SmallVector<Attribute> shapes;
  SmallVector<Type> all(op->getResultTypes());
  if (auto loop = dyn_cast<ir::LoopOp>(op))
    llvm::append_range(all, loop.getScanned().getTypes());
  for (Type type : all) {
    SmallVector<StringAttr> names;
    for (const Dim &dim : ir::dimsOf(cast<RankedTensorType>(type)))
      names.push_back(StringAttr::get(op->getContext(), dim.str()));
    shapes.push_back(ir::DimsAttr::get(op->getContext(), names));
  }
  return ArrayAttr::get(op->getContext(), shapes);
}

// The op with the same bodies and lowered types.
template <class Op> struct ConvertTypes : OpConversionPattern<Op> {
  using OpConversionPattern<Op>::OpConversionPattern;
  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    const TypeConverter &types = *this->getTypeConverter();
    SmallVector<Type> results;
    if (failed(types.convertTypes(op->getResultTypes(), results)))
      return rewriter.notifyMatchFailure(op, "expects results of types that can be lowered");
    OperationState state(op.getLoc(), op->getName(), adaptor.getOperands(), results, op->getAttrs());
    state.addAttribute(convention::kShapes, shapesOf(op));
    for (unsigned region = 0; region < op->getNumRegions(); ++region)
      state.addRegion();
    Operation *fresh = rewriter.create(state);
    for (auto [from, to] : llvm::zip(op->getRegions(), fresh->getRegions())) {
      rewriter.inlineRegionBefore(from, to, to.end());
      if (!to.empty() && failed(rewriter.convertRegionTypes(&to, types)))
        return rewriter.notifyMatchFailure(op, "expects bodies of types that can be lowered");
    }
    rewriter.replaceOp(op, fresh->getResults());
    return success();
  }
};

struct ConvertOutput : OpConversionPattern<ir::OutputOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::OutputOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    if (!isa<ir::CondOp, ir::LoopOp>(op->getParentOp()))
      return rewriter.notifyMatchFailure(op, "expects a branch or a loop around it");
    rewriter.replaceOpWithNewOp<ir::OutputOp>(op, adaptor.getOperands());
    return success();
  }
};

//===- memory ---------------------------------------------------------------------------------------------------------

MemRefType memrefOf(Type tensor) {
  auto type = cast<RankedTensorType>(tensor);
  return MemRefType::get(type.getShape(), type.getElementType());
}

// The same, as a part of other memory too: then what is such a part is read where it lies.
MemRefType anywhere(Type memory) {
  auto type = cast<MemRefType>(memory);
  SmallVector<int64_t> strides(type.getRank(), ShapedType::kDynamic);
  return MemRefType::get(type.getShape(), type.getElementType(),
                         StridedLayoutAttr::get(type.getContext(), ShapedType::kDynamic, strides));
}

// What both have in common: where results go.
class Placer {
public:
  explicit Placer(Operation *op) : op(op), builder(op), location(op->getLoc()) {
    shapes = op->getAttrOfType<ArrayAttr>(convention::kShapes);
  }

protected:
  Value index(int64_t value) { return arith::ConstantIndexOp::create(builder, location, value); }
  // A body's terminator, in a function that is verified before and after.
  static ir::OutputOp outputOf(Region &region) { return cast<ir::OutputOp>(region.front().getTerminator()); }

  Value allocate(unsigned result) {
    auto type = cast<RankedTensorType>(op->getResult(result).getType());
    SmallVector<Value> sizes;
    for (auto [axis, name] : llvm::enumerate(cast<ir::DimsAttr>(shapes[result]).getNames()))
      if (type.isDynamicDim(axis))
        sizes.push_back(sizeOf(builder, op, ir::exprOf(name)));
    return memref::AllocOp::create(builder, location, memrefOf(type), sizes);
  }

  // The memory that the result is put into afterwards anyway, if it is there already: then it is computed there.
  Value destinationOf(unsigned result) {
    for (Operation *user : op->getResult(result).getUsers()) {
      auto put = dyn_cast<bufferization::MaterializeInDestinationOp>(user);
      if (!put || !isa<MemRefType>(put.getDest().getType()) || put->getBlock() != op->getBlock() ||
          cast<MemRefType>(put.getDest().getType()) != memrefOf(op->getResult(result).getType()) ||
          !DominanceInfo().properlyDominates(put.getDest(), op))
        continue;
      Value destination = put.getDest();
      put.erase();
      return destination;
    }
    return {};
  }
  Value memoryOf(unsigned result) {
    Value destination = destinationOf(result);
    return destination ? destination : allocate(result);
  }

  void put(OpBuilder &b, Value tensor, Value memory) {
    bufferization::MaterializeInDestinationOp::create(b, location, Type(), tensor, memory, /*restrict=*/true,
                                                      /*writable=*/true);
  }
  Value tensorOf(OpBuilder &b, Value memory, Type type) {
    return bufferization::ToTensorOp::create(b, location, type, memory, /*restrict=*/true);
  }
  Value isTrue(OpBuilder &b, Value flag) {
    Value stored = tensor::ExtractOp::create(b, location, flag, ValueRange());
    Value zero = arith::ConstantIntOp::create(b, location, 0, 8);
    return arith::CmpIOp::create(b, location, arith::CmpIPredicate::ne, stored, zero);
  }
  // Moves the ops of a body, but for its terminator, to the builder's place; gives what it hands out.
  SmallVector<Value> moveBody(OpBuilder &b, Region &body, ValueRange arguments) {
    Block &block = body.front();
    for (auto [argument, value] : llvm::zip(block.getArguments(), arguments))
      argument.replaceAllUsesWith(value);
    Operation *output = block.getTerminator();
    SmallVector<Value> values(output->getOperands());
    output->erase();
    b.getInsertionBlock()->getOperations().splice(b.getInsertionPoint(), block.getOperations());
    return values;
  }

  Operation *op;
  OpBuilder builder;
  Location location;
  ArrayAttr shapes;
};

class CondPlacer : Placer {
public:
  explicit CondPlacer(ir::CondOp cond) : Placer(cond), cond(cond) {}

  void place() {
    SmallVector<Value> memories;
    for (unsigned result = 0; result < cond.getNumResults(); ++result)
      memories.push_back(memoryOf(result));
    bool hasElse = cond.getNumResults() != 0 || !llvm::hasSingleElement(cond.getOnFalse().front());
    auto branch = scf::IfOp::create(builder, location, isTrue(builder, cond.getCondition()), hasElse);
    auto fill = [&](OpBuilder inside, Region &body) {
      for (auto [value, memory] : llvm::zip(moveBody(inside, body, {}), memories))
        put(inside, value, memory);
    };
    fill(branch.getThenBodyBuilder(), cond.getOnTrue());
    if (hasElse)
      fill(branch.getElseBodyBuilder(), cond.getOnFalse());
    for (auto [result, memory] : llvm::zip(cond.getResults(), memories))
      result.replaceAllUsesWith(tensorOf(builder, memory, result.getType()));
    cond.erase();
  }

private:
  ir::CondOp cond;
};

class LoopPlacer : Placer {
public:
  explicit LoopPlacer(ir::LoopOp loop) : Placer(loop), loop(loop), carried(loop.getNumCarried()) {}

  void place() {
    findWays();
    SmallVector<Value> memories;
    for (unsigned index = 0; index < carried; ++index) {
      memories.push_back(allocate(index));
      // A copy: the value may be read elsewhere, and trips write to this memory.
      Value source = bufferization::ToBufferOp::create(builder, location, anywhere(memories.back().getType()),
                                                       loop.getInits()[index], /*read_only=*/true);
      memref::CopyOp::create(builder, location, source, memories.back());
    }
    for (const Way &way : ways)
      if (way.free)
        memories.push_back(allocate(way.carried));
    for (unsigned result = carried; result < loop.getNumResults(); ++result) {
      stacks.push_back(memoryOf(result));
      if (loop.isConditional())
        fillWithZeros(result);
    }
    if (loop.getCountAttr())
      trips = sizeOf(builder, loop, ir::exprOf(loop.getCountAttr().getNames()[0]));
    else if (Value limit = loop.getLimit())
      trips = arith::IndexCastOp::create(builder, location, builder.getIndexType(),
                                         tensor::ExtractOp::create(builder, location, limit, ValueRange()));
    ValueRange last = loop.isConditional() ? placeWhile(memories) : placeFor(memories);
    for (unsigned result = 0; result < loop.getNumResults(); ++result) {
      Value memory = result < carried ? last[result] : stacks[result - carried];
      Value value = loop.getResult(result);
      value.replaceAllUsesWith(tensorOf(builder, memory, value.getType()));
    }
    loop.erase();
  }

private:
  // How a carried value gets to the next trip: in memory that was free, or in that of a carried value which is passed on.
  struct Way {
    unsigned carried;
    std::optional<unsigned> free;   // place among the free memories
    std::optional<unsigned> passed; // place among the carried values
  };

  // Each carried value's memory may be passed on once; the memories of the others are the next trip's free ones, one for
  // each that is freed, of the same type.
  void findWays() {
    ir::OutputOp output = loop.getOutput();
    llvm::BitVector passed(carried);
    unsigned frees = 0;
    for (unsigned index = 0; index < carried; ++index) {
      auto from = dyn_cast<BlockArgument>(output.getOperand(index));
      Way way{index, {}, {}};
      unsigned number = from ? from.getArgNumber() : 0;
      if (from && from.getOwner() == &loop.getBody().front() && number >= 1 && number <= carried &&
          !passed[number - 1] && shapes[number - 1] == shapes[index]) {
        way.passed = number - 1;
        passed.set(number - 1);
      } else {
        way.free = frees++;
      }
      ways.push_back(way);
    }
    for (const Way &way : ways) {
      if (!way.free)
        continue;
      for (unsigned index = 0; index < carried; ++index)
        if (!passed[index] && shapes[index] == shapes[way.carried] &&
            loop.getResult(index).getType() == loop.getResult(way.carried).getType()) {
          freed.push_back(index);
          passed.set(index);
          break;
        }
    }
  }

  void fillWithZeros(unsigned result) {
    Type element = cast<RankedTensorType>(loop.getResult(result).getType()).getElementType();
    Value zero = arith::ConstantOp::create(builder, location, builder.getZeroAttr(element));
    linalg::FillOp::create(builder, location, zero, stacks[result - carried]);
  }

  SmallVector<Value> tensorsOf(OpBuilder &b, ValueRange memories) {
    SmallVector<Value> tensors;
    for (unsigned index = 0; index < carried; ++index)
      tensors.push_back(tensorOf(b, memories[index], loop.getResult(index).getType()));
    return tensors;
  }

  // The trip's number as the body sees it.
  Value numberOf(OpBuilder &b, Value trip) {
    Value scalar = arith::IndexCastOp::create(b, location, b.getI64Type(), trip);
    return filledTensor(b, loop, {}, scalar);
  }

  // Where the place of a trip begins along an axis of a tensor or memref, and how large it is.
  struct Place {
    SmallVector<OpFoldResult> offsets, sizes, strides;
    ir::Dims dims; // of the place, that of the axis being 1
    unsigned axis = 0;
  };
  static unsigned axisOf(int64_t given, int64_t rank) { return given < 0 ? given + rank : given; }
  Place placeOf(OpBuilder &b, ir::DimsAttr shape, int64_t given, Value trip) {
    Place place;
    unsigned rank = shape.getNames().size(), axis = axisOf(given, rank);
    place.offsets.assign(rank, b.getIndexAttr(0));
    place.strides.assign(rank, b.getIndexAttr(1));
    for (StringAttr name : shape.getNames()) {
      place.dims.push_back(ir::dimOf(ir::exprOf(name), loop.getContext()));
      llvm::append_range(place.sizes, sizesOf(b, loop, place.dims.back()));
    }
    place.axis = axis;
    place.dims[axis] = Dim{};
    place.offsets[axis] = trip;
    place.sizes[axis] = b.getIndexAttr(1);
    return place;
  }

  // The same without the axis.
  static ir::Dims rest(const ir::Dims &dims, unsigned axis) {
    ir::Dims result(dims);
    result.erase(result.begin() + axis);
    return result;
  }
  // Whether another dimension of size 1, with others between, could be taken for the one that a place has not. Where strides
  // are not known, upstream's memref.subview (22.1) takes the first one.
  static bool isAmbiguous(const ir::Dims &dims, unsigned axis) {
    bool isKnown = llvm::all_of(dims, [](const Dim &dim) { return !ShapedType::isDynamic(dim.size); });
    auto isOther = [&](unsigned at) { return at != axis && dims[at].isOne(); };
    unsigned first = axis, last = axis;
    for (unsigned at = 0; at < dims.size(); ++at)
      if (isOther(at))
        first = std::min(first, at), last = std::max(last, at);
    for (unsigned at = first; at <= last && !isKnown; ++at)
      if (at != axis && !dims[at].isOne())
        return true;
    return false;
  }

  // One trip: computes the body, puts what it hands out where it belongs, gives the memories of the next trip.
  SmallVector<Value> emitTrip(OpBuilder &b, Value trip, ValueRange memories) {
    ValueRange free = memories.drop_front(carried);
    SmallVector<Value> arguments{numberOf(b, trip)}, pieces;
    llvm::append_range(arguments, tensorsOf(b, memories));
    for (auto [index, scanned, axis] : llvm::enumerate(loop.getScanned(), loop.getAxes())) {
      Place place = placeOf(b, cast<ir::DimsAttr>(shapes[loop.getNumResults() + index]), axis, trip);
      auto type = cast<RankedTensorType>(loop.getBody().getArgument(1 + carried + index).getType());
      if (isAmbiguous(place.dims, place.axis)) {
        Value one = tensor::ExtractSliceOp::create(b, location, scanned, place.offsets, place.sizes, place.strides);
        arguments.push_back(reshape(b, loop, one, place.dims, rest(place.dims, place.axis)));
        continue;
      }
      arguments.push_back(
          tensor::ExtractSliceOp::create(b, location, type, scanned, place.offsets, place.sizes, place.strides));
    }
    llvm::DenseMap<unsigned, ir::Dims> whole; // pieces that get their axis back
    for (auto [index, stack, axis] : llvm::enumerate(stacks, loop.getStackAxes())) {
      Place place = placeOf(b, cast<ir::DimsAttr>(shapes[carried + index]), axis, trip);
      if (isAmbiguous(place.dims, place.axis)) {
        whole[index] = place.dims;
        pieces.push_back(memref::SubViewOp::create(b, location, stack, place.offsets, place.sizes, place.strides));
        continue;
      }
      auto piece = cast<RankedTensorType>(loop.getOutput().getOperand(carried + index).getType());
      auto type = memref::SubViewOp::inferRankReducedResultType(piece.getShape(), cast<MemRefType>(stack.getType()),
                                                                place.offsets, place.sizes, place.strides);
      pieces.push_back(memref::SubViewOp::create(b, location, type, stack, place.offsets, place.sizes, place.strides));
    }
    SmallVector<Value> outputs = moveBody(b, loop.getBody(), arguments);
    SmallVector<Value> next;
    for (const Way &way : ways) {
      if (way.free)
        put(b, outputs[way.carried], free[*way.free]);
      next.push_back(way.free ? free[*way.free] : memories[*way.passed]);
    }
    for (unsigned index : freed)
      next.push_back(memories[index]);
    for (auto [index, memory] : llvm::enumerate(pieces)) {
      Value piece = outputs[carried + index];
      if (auto found = whole.find(index); found != whole.end()) {
        unsigned axis = axisOf(loop.getStackAxes()[index], found->second.size());
        piece = reshape(b, loop, piece, rest(found->second, axis), found->second);
      }
      put(b, piece, memory);
    }
    return next;
  }

  ValueRange placeFor(ValueRange memories) {
    auto result = scf::ForOp::create(builder, location, index(0), trips, index(1), memories);
    OpBuilder inside = OpBuilder::atBlockEnd(result.getBody());
    if (memories.empty()) // else there is no terminator yet
      inside.setInsertionPoint(result.getBody()->getTerminator());
    SmallVector<Value> next = emitTrip(inside, result.getInductionVar(), result.getRegionIterArgs());
    if (!memories.empty())
      scf::YieldOp::create(inside, location, next);
    return result.getResults();
  }

  // The condition is computed only where a trip is left.
  ValueRange placeWhile(ValueRange memories) {
    SmallVector<Value> inits{index(0)};
    llvm::append_range(inits, memories);
    SmallVector<Type> types(ValueRange(inits).getTypes());
    SmallVector<Location> locations(types.size(), location);
    auto result = scf::WhileOp::create(builder, location, types, inits);
    OpBuilder before(builder.getContext());
    Block *asks = before.createBlock(&result.getBefore(), {}, types, locations);
    Value trip = asks->getArgument(0), goesOn;
    auto ask = [&](OpBuilder &b) {
      SmallVector<Value> arguments{numberOf(b, trip)};
      llvm::append_range(arguments, tensorsOf(b, asks->getArguments().drop_front()));
      return isTrue(b, moveBody(b, loop.getCondition(), arguments)[0]);
    };
    if (trips) {
      Value isLeft = arith::CmpIOp::create(before, location, arith::CmpIPredicate::slt, trip, trips);
      auto branch = scf::IfOp::create(before, location, before.getI1Type(), isLeft, /*withElseRegion=*/true);
      OpBuilder yes = OpBuilder::atBlockEnd(branch.thenBlock()), no = OpBuilder::atBlockEnd(branch.elseBlock());
      scf::YieldOp::create(yes, location, ask(yes));
      scf::YieldOp::create(no, location, Value(arith::ConstantIntOp::create(no, location, 0, 1)));
      goesOn = branch.getResult(0);
    } else {
      goesOn = ask(before);
    }
    scf::ConditionOp::create(before, location, goesOn, asks->getArguments());
    OpBuilder after(builder.getContext());
    Block *body = after.createBlock(&result.getAfter(), {}, types, locations);
    SmallVector<Value> next = emitTrip(after, body->getArgument(0), body->getArguments().drop_front());
    next.insert(next.begin(), arith::AddIOp::create(after, location, body->getArgument(0),
                                                    arith::ConstantIndexOp::create(after, location, 1)));
    scf::YieldOp::create(after, location, next);
    return result.getResults().drop_front();
  }

  ir::LoopOp loop;
  unsigned carried;
  SmallVector<Way> ways;
  SmallVector<unsigned> freed; // carried values whose memories are the next trip's free ones, in the order of these
  SmallVector<Value> stacks;   // memories of stacked results
  Value trips;                 // null: no bound
};
} // namespace

void placeControl(ModuleOp module) {
  // Outer ones first: where they put what a body hands out is then where inner ones compute it.
  SmallVector<Operation *> ops;
  module.walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (isa<ir::CondOp, ir::LoopOp>(op))
      ops.push_back(op);
  });
  for (Operation *op : ops) {
    if (auto cond = dyn_cast<ir::CondOp>(op))
      CondPlacer(cond).place();
    else
      LoopPlacer(cast<ir::LoopOp>(op)).place();
  }
}

void addControlPatterns(const LoweredTypes &types, RewritePatternSet &patterns) {
  patterns.add<ConvertTypes<ir::CondOp>, ConvertTypes<ir::LoopOp>, ConvertOutput>(types, patterns.getContext());
}

} // namespace varve::lower
