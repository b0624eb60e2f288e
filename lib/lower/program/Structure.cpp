// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Graphs and outlined layers become functions of the calling convention in Lower.h; results go to memory that the caller
// gives; state is read in place and written by copies of exactly what is stored.
#include "lib/lower/Lower.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include <set>

using namespace mlir;

namespace varve::lower {

using ir::Dim;
using ir::Dims;

namespace {
MemRefType memrefOf(Type tensor) {
  auto type = cast<RankedTensorType>(tensor);
  return MemRefType::get(type.getShape(), type.getElementType());
}

// The weights that a graph uses, in the order of the module's declarations.
SmallVector<ir::WeightOp> weightsOf(ir::GraphOp graph) {
  DenseSet<StringAttr> used;
  graph.walk([&](ir::UseOp use) { used.insert(use.getWeightAttr().getAttr()); });
  SmallVector<ir::WeightOp> weights;
  for (auto weight : graph->getParentOfType<ModuleOp>().getOps<ir::WeightOp>())
    if (used.contains(weight.getSymNameAttr()))
      weights.push_back(weight);
  return weights;
}

// A function of the convention with `body` as its body. Tensors that come in are never written to.
void buildFunction(ConversionPatternRewriter &rewriter, const TypeConverter &types, FunctionOpInterface old,
                   TypeRange weights, ArrayRef<NamedAttribute> attributes) {
  Location location = old.getLoc();
  MLIRContext *context = rewriter.getContext();
  auto module = old->getParentOfType<ModuleOp>();
  auto dims = module->getAttrOfType<ArrayAttr>(convention::kDims);
  SmallVector<Type> extra{LLVM::LLVMPointerType::get(context), rewriter.getI64Type()};
  extra.append(dims.size(), rewriter.getIndexType());
  SmallVector<Type> results;
  for (Type type : old.getResultTypes())
    results.push_back(memrefOf(types.convertType(type)));

  Block &entry = old.getFunctionBody().front();
  TypeConverter::SignatureConversion signature(entry.getNumArguments());
  signature.addInputs(extra);
  for (auto [index, type] : llvm::enumerate(old.getArgumentTypes()))
    signature.addInputs(index, types.convertType(type));
  for (Type type : weights)
    signature.addInputs(types.convertType(type));
  signature.addInputs(results);

  rewriter.setInsertionPoint(old);
  auto function = func::FuncOp::create(rewriter, location, SymbolTable::getSymbolName(old).getValue(),
                                       rewriter.getFunctionType(signature.getConvertedTypes(), {}));
  function->setAttrs(attributes);
  function.setFunctionType(rewriter.getFunctionType(signature.getConvertedTypes(), {}));
  SymbolTable::setSymbolName(function, SymbolTable::getSymbolName(old).getValue());
  function.setPrivate();
  for (auto [index, type] : llvm::enumerate(function.getArgumentTypes()))
    if (isa<TensorType>(type))
      function.setArgAttr(index, bufferization::BufferizationDialect::kWritableAttrName, rewriter.getBoolAttr(false));
  rewriter.inlineRegionBefore(old.getFunctionBody(), function.getBody(), function.end());
  rewriter.applySignatureConversion(&function.front(), signature);
  rewriter.eraseOp(old);
}

struct LowerGraph : OpConversionPattern<ir::GraphOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::GraphOp op, OpAdaptor, ConversionPatternRewriter &rewriter) const override {
    SmallVector<Type> weights;
    for (ir::WeightOp weight : weightsOf(op))
      weights.push_back(weight.getType());
    buildFunction(rewriter, *getTypeConverter(), cast<FunctionOpInterface>(op.getOperation()), weights,
                  llvm::to_vector(op->getDiscardableAttrs()));
    return success();
  }
};

struct LowerFunction : OpConversionPattern<func::FuncOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(func::FuncOp op, OpAdaptor, ConversionPatternRewriter &rewriter) const override {
    buildFunction(rewriter, *getTypeConverter(), cast<FunctionOpInterface>(op.getOperation()), {}, {});
    return success();
  }
};

// A weight is an argument of the entry, after the graph's own.
struct LowerUse : OpConversionPattern<ir::UseOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::UseOp op, OpAdaptor, ConversionPatternRewriter &rewriter) const override {
    auto number = op->getAttrOfType<IntegerAttr>(convention::kNumber);
    auto function = op->getParentOfType<func::FuncOp>();
    if (!number || !function)
      return rewriter.notifyMatchFailure(op, "expects a use that was numbered, in a function");
    rewriter.replaceOp(op, function.getArgument(number.getInt()));
    return success();
  }
};

template <class Op> struct LowerReturn : OpConversionPattern<Op> {
  using OpConversionPattern<Op>::OpConversionPattern;
  LogicalResult matchAndRewrite(Op op, typename Op::Adaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    auto function = dyn_cast<func::FuncOp>(op->getParentOp());
    if (!function)
      return rewriter.notifyMatchFailure(op, "expects a function around it");
    unsigned first = function.getNumArguments() - adaptor.getOperands().size();
    for (auto [index, value] : llvm::enumerate(adaptor.getOperands()))
      bufferization::MaterializeInDestinationOp::create(rewriter, op.getLoc(), Type(), value,
                                                        function.getArgument(first + index), /*restrict=*/true,
                                                        /*writable=*/true);
    rewriter.replaceOpWithNewOp<func::ReturnOp>(op);
    return success();
  }
};

// The caller gives the memory of the results.
struct LowerCall : OpConversionPattern<func::CallOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(func::CallOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    auto function = op->getParentOfType<func::FuncOp>();
    unsigned dims = op->getParentOfType<ModuleOp>()->getAttrOfType<ArrayAttr>(convention::kDims).size();
    auto site = op->getAttrOfType<IntegerAttr>(convention::kSite);
    SmallVector<Value> operands{function.getArgument(convention::context),
                                arith::ConstantIntOp::create(rewriter, op.getLoc(), site ? site.getInt() : 0, 64)};
    for (unsigned index = 0; index < dims; ++index)
      operands.push_back(function.getArgument(convention::dims + index));
    llvm::append_range(operands, adaptor.getOperands());
    SmallVector<Value> results;
    for (Type type : op.getResultTypes()) {
      SmallVector<Value> sizes;
      for (const Dim &dim : ir::dimsOf(cast<RankedTensorType>(type)))
        if (dim.name)
          sizes.push_back(sizeOf(rewriter, op, dim));
      results.push_back(
          memref::AllocOp::create(rewriter, op.getLoc(), memrefOf(getTypeConverter()->convertType(type)), sizes));
    }
    llvm::append_range(operands, results);
    func::CallOp::create(rewriter, op.getLoc(), op.getCallee(), TypeRange(), operands);
    SmallVector<Value> tensors;
    for (auto [type, memory] : llvm::zip(op.getResultTypes(), results))
      tensors.push_back(bufferization::ToTensorOp::create(rewriter, op.getLoc(), getTypeConverter()->convertType(type),
                                                          memory, /*restrict=*/true));
    rewriter.replaceOp(op, tensors);
    return success();
  }
};

struct LowerConstant : OpConversionPattern<ir::ConstantOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::ConstantOp op, OpAdaptor, ConversionPatternRewriter &rewriter) const override {
    auto type = cast<RankedTensorType>(getTypeConverter()->convertType(op.getType()));
    auto dense = dyn_cast<DenseElementsAttr>(op.getValue());
    if (!dense)
      return rewriter.notifyMatchFailure(op, "expects dense elements");
    Type element = op.getType().getElementType();
    if (element.isInteger(1))
      dense = cast<DenseIntElementsAttr>(dense).mapValues(type.getElementType(),
                                                          [](const APInt &value) { return value.zext(8); });
    else if (element.isUnsignedInteger(8))
      dense = dense.bitcast(type.getElementType());
    if (dense.isSplat()) { // computed, so that it melts into its users
      Value scalar =
          arith::ConstantOp::create(rewriter, op.getLoc(), cast<TypedAttr>(dense.getSplatValue<Attribute>()));
      rewriter.replaceOp(op, filledTensor(rewriter, op, ir::dimsOf(op.getType()), scalar));
    } else {
      rewriter.replaceOpWithNewOp<arith::ConstantOp>(op, type, dense);
    }
    return success();
  }
};

struct LowerLoad : OpConversionPattern<ir::BufferLoadOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::BufferLoadOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    rewriter.replaceOpWithNewOp<bufferization::ToTensorOp>(op, getTypeConverter()->convertType(op.getType()),
                                                           adaptor.getBuffer(), /*restrict=*/true);
    return success();
  }
};

// Where a store at a position begins: what lies outside is reported, and moved inside.
Value positionOf(OpBuilder &builder, ir::BufferStoreOp op, Value position, const Dim &stored, int64_t axis,
                 OpFoldResult offset, int64_t number) {
  Location location = op.getLoc();
  Type i64 = builder.getI64Type(), index = builder.getIndexType();
  auto function = op->getParentOfType<func::FuncOp>();
  Value begin = getValueOrCreateConstantIndexOp(builder, location, offset);
  Value room = arith::ConstantIndexOp::create(builder, location, op.getBuffer().getType().getShape()[axis]);
  room = arith::SubIOp::create(builder, location, room, sizeOf(builder, op, stored));
  Value last = arith::IndexCastOp::create(builder, location, i64,
                                          arith::SubIOp::create(builder, location, room, begin).getResult());
  Value wanted = tensor::ExtractOp::create(builder, location, position, ValueRange());
  if (wanted.getType() != i64)
    wanted = arith::ExtSIOp::create(builder, location, i64, wanted);
  Value zero = arith::ConstantIntOp::create(builder, location, 0, 64);
  Value below = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::slt, wanted, zero);
  Value above = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::sgt, wanted, last);
  scf::IfOp::create(
      builder, location, arith::OrIOp::create(builder, location, below, above), [&](OpBuilder &then, Location where) {
        Value failure = arith::ConstantIntOp::create(then, where, number, 64);
        callRuntime(then, op, convention::kFail, {function.getArgument(convention::context), failure, wanted, last});
        scf::YieldOp::create(then, where);
      });
  Value inside = arith::MaxSIOp::create(builder, location, zero,
                                        arith::MinSIOp::create(builder, location, wanted, last).getResult());
  return arith::AddIOp::create(builder, location, begin,
                               arith::IndexCastOp::create(builder, location, index, inside).getResult());
}

struct LowerStore : OpConversionPattern<ir::BufferStoreOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::BufferStoreOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Dims dims = ir::dimsOf(op.getInput().getType());
    if (isEmpty(dims)) {
      rewriter.eraseOp(op);
      return success();
    }
    SmallVector<OpFoldResult> offsets(dims.size(), rewriter.getIndexAttr(0)),
        ones(dims.size(), rewriter.getIndexAttr(1));
    if (ir::DimsAttr names = op.getOffsetsAttr())
      for (auto [axis, name] : llvm::enumerate(names.getNames()))
        offsets[axis] = sizesOf(rewriter, op, ir::dimOf(ir::exprOf(name), getContext()))[0];
    if (op.getPosition()) {
      auto number = op->getAttrOfType<IntegerAttr>(convention::kNumber);
      if (!number)
        return rewriter.notifyMatchFailure(op, "expects a store that was numbered");
      int64_t axis = *ir::normalizeAxis(std::nullopt, "axis", *op.getAxis(), dims.size());
      offsets[axis] = positionOf(rewriter, op, adaptor.getPosition(), dims[axis], axis, offsets[axis], number.getInt());
    }
    Value slice = memref::SubViewOp::create(rewriter, op.getLoc(), adaptor.getBuffer(), offsets,
                                            sizesOf(rewriter, op, dims), ones);
    // A copy, no materialize_in_destination: nothing may be computed straight into state that other ops still read.
    // In any layout: what is stored may be a part of rows that were computed wider.
    auto type = cast<RankedTensorType>(adaptor.getInput().getType());
    auto any = cast<MemRefType>(bufferization::getMemRefTypeWithFullyDynamicLayout(type));
    Value source = bufferization::ToBufferOp::create(rewriter, op.getLoc(), any, adaptor.getInput(),
                                                     /*read_only=*/true);
    rewriter.replaceOpWithNewOp<memref::CopyOp>(op, source, slice);
    return success();
  }
};

// Hands a value to a runtime function that shows it. The runtime reads contiguous memory; the value may be a slice.
void show(OpBuilder &builder, Operation *at, ArrayRef<Dim> dims, Value value, StringRef callee, Value number) {
  auto function = at->getParentOfType<func::FuncOp>();
  Value empty = emptyTensor(builder, at, dims, cast<RankedTensorType>(value.getType()).getElementType());
  Value copy = linalg::CopyOp::create(builder, at->getLoc(), value, empty).getResult(0);
  Value memory =
      bufferization::ToBufferOp::create(builder, at->getLoc(), memrefOf(copy.getType()), copy, /*read_only=*/true);
  Value unranked = memref::CastOp::create(
      builder, at->getLoc(), UnrankedMemRefType::get(cast<MemRefType>(memory.getType()).getElementType(), 0), memory);
  callRuntime(builder, at, callee,
              {function.getArgument(convention::context), function.getArgument(convention::site), number, unranked});
}

struct LowerPrint : OpConversionPattern<ir::PrintOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::PrintOp op, OpAdaptor adaptor, ConversionPatternRewriter &rewriter) const override {
    auto number = op->getAttrOfType<IntegerAttr>(convention::kNumber);
    if (!op->getParentOfType<func::FuncOp>() || !number)
      return rewriter.notifyMatchFailure(op, "expects a print that was numbered, in a function");
    RankedTensorType type = op.getInput().getType();
    if (op.getStyle() != "finite" || isa<FloatType>(type.getElementType()))
      show(rewriter, op, ir::dimsOf(type), adaptor.getInput(), convention::kPrint,
           arith::ConstantIntOp::create(rewriter, op.getLoc(), number.getInt(), 64));
    rewriter.eraseOp(op);
    return success();
  }
};

// The shape was checked before the run.
struct LowerRebind : OpConversionPattern<ir::RebindOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::RebindOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    Type type = getTypeConverter()->convertType(op.getType());
    if (type == adaptor.getInput().getType())
      rewriter.replaceOp(op, adaptor.getInput());
    else
      rewriter.replaceOpWithNewOp<tensor::CastOp>(op, type, adaptor.getInput());
    return success();
  }
};

// A tap is a branch that is not taken when it is off; what follows goes on with the operand.
struct LowerIdentity : OpConversionPattern<ir::IdentityOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::IdentityOp op, OpAdaptor adaptor,
                                ConversionPatternRewriter &rewriter) const override {
    if (op.getTag()) {
      auto function = op->getParentOfType<func::FuncOp>();
      auto attribute = op->getAttrOfType<IntegerAttr>(convention::kNumber);
      if (!function || !attribute)
        return rewriter.notifyMatchFailure(op, "expects a tap that was numbered, in a function");
      Value number = arith::ConstantIntOp::create(rewriter, op.getLoc(), attribute.getInt(), 64);
      Value isOn = callRuntime(rewriter, op, convention::kTapped, {function.getArgument(convention::context), number},
                               rewriter.getI1Type())
                       .getResult(0);
      auto branch = scf::IfOp::create(rewriter, op.getLoc(), isOn, /*withElseRegion=*/false);
      OpBuilder inside = branch.getThenBodyBuilder(rewriter.getListener());
      show(inside, op, ir::dimsOf(op.getInput().getType()), adaptor.getInput(), convention::kTap, number);
    }
    rewriter.replaceOp(op, adaptor.getInput());
    return success();
  }
};

struct LowerDim : OpConversionPattern<ir::DimOp> {
  using OpConversionPattern::OpConversionPattern;
  LogicalResult matchAndRewrite(ir::DimOp op, OpAdaptor, ConversionPatternRewriter &rewriter) const override {
    Value size = sizeOf(rewriter, op, ir::exprOf(op.getValue().getNames()[0]));
    Value scalar = arith::IndexCastOp::create(rewriter, op.getLoc(), rewriter.getI64Type(), size);
    rewriter.replaceOp(op, filledTensor(rewriter, op, {}, scalar));
    return success();
  }
};
} // namespace

func::CallOp callRuntime(OpBuilder &builder, Operation *at, StringRef name, ValueRange operands, TypeRange results) {
  auto module = at->getParentOfType<ModuleOp>();
  // One declaration for each list of operand types: memrefs of different elements are different types.
  std::string symbol = name.str();
  if (auto memory = dyn_cast<UnrankedMemRefType>(operands.back().getType())) {
    llvm::raw_string_ostream stream(symbol);
    stream << "." << memory.getElementType();
  }
  if (!module.lookupSymbol(symbol)) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(module.getBody());
    auto declaration =
        func::FuncOp::create(builder, at->getLoc(), symbol, builder.getFunctionType(operands.getTypes(), results));
    declaration.setPrivate();
  }
  return func::CallOp::create(builder, at->getLoc(), symbol, results, operands);
}

bool isTap(Operation *op) {
  if (auto branch = dyn_cast<scf::IfOp>(op))
    op = branch.getCondition().getDefiningOp();
  auto call = dyn_cast_or_null<func::CallOp>(op);
  return call && call.getCallee() == convention::kTapped;
}

unsigned firstWeight(ir::GraphOp graph) {
  unsigned dims = graph->getParentOfType<ModuleOp>()->getAttrOfType<ArrayAttr>(convention::kDims).size();
  return convention::dims + dims + graph.getNumArguments();
}

void describeEntry(ir::GraphOp graph) {
  Builder builder(graph.getContext());
  SmallVector<ir::WeightOp> weights = weightsOf(graph);
  DenseMap<StringAttr, unsigned> numbers;
  for (auto [index, weight] : llvm::enumerate(weights))
    numbers[weight.getSymNameAttr()] = firstWeight(graph) + index;
  graph.walk([&](ir::UseOp use) {
    use->setAttr(convention::kNumber, builder.getI64IntegerAttr(numbers.lookup(use.getWeightAttr().getAttr())));
  });

  int64_t buffers = llvm::count_if(graph.getArgumentTypes(), [](Type type) { return isa<ir::BufferType>(type); });
  int64_t input = 0, state = graph.getNumArguments() - buffers + weights.size();
  int64_t weight = graph.getNumArguments() - buffers, output = state + buffers;
  SmallVector<int64_t> slots;
  SmallVector<Attribute> shapes;
  std::set<std::string> bound;
  auto addTensor = [&](RankedTensorType type, int64_t slot) {
    SmallVector<StringAttr> names;
    for (const Dim &dim : ir::dimsOf(type))
      names.push_back(builder.getStringAttr(dim.str()));
    slots.push_back(slot);
    shapes.push_back(ir::DimsAttr::get(graph.getContext(), names));
  };
  for (auto [index, type] : llvm::enumerate(graph.getArgumentTypes())) {
    if (auto buffer = dyn_cast<ir::BufferType>(type)) {
      addTensor(RankedTensorType::get(buffer.getShape(), buffer.getElementType()), state++);
      continue;
    }
    auto tensor = cast<RankedTensorType>(type);
    addTensor(tensor, input++);
    for (const Dim &dim : ir::dimsOf(tensor))
      if (dim.name && ir::DimExpr::isName(dim.name.getValue()))
        bound.insert(dim.name.str());
    if (auto dim = graph.getArgAttrOfType<StringAttr>(index, ir::kDimAttr))
      bound.insert(dim.str());
  }
  for (ir::WeightOp op : weights) {
    auto type = cast<RankedTensorType>(op.getType());
    addTensor(RankedTensorType::get(type.getShape(), type.getElementType()), weight++);
  }
  for (Type type : graph.getResultTypes())
    addTensor(cast<RankedTensorType>(type), output++);
  SmallVector<Attribute> symbols;
  for (const std::string &name : bound)
    symbols.push_back(builder.getStringAttr(name));
  graph->setAttr(convention::kSlots, builder.getDenseI64ArrayAttr(slots));
  graph->setAttr(convention::kShapes, builder.getArrayAttr(shapes));
  graph->setAttr(convention::kSymbols, builder.getArrayAttr(symbols));
}

void addStructurePatterns(const LoweredTypes &types, RewritePatternSet &patterns) {
  patterns.add<LowerGraph, LowerFunction, LowerUse, LowerReturn<ir::OutputOp>, LowerReturn<func::ReturnOp>, LowerCall,
               LowerConstant, LowerLoad, LowerStore, LowerPrint, LowerRebind, LowerIdentity, LowerDim>(
      types, patterns.getContext());
}

} // namespace varve::lower
