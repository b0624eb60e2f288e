// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Verifiers, folding and text of the structural ops.
#include "dialect/Dialect.h"
#include "llvm/ADT/StringSet.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/FunctionImplementation.h"

using namespace mlir;
using namespace varve::ir;
using varve::Encoding;
using varve::info_of;

// Whether values of the type are tensors of the dialect; packed weights are not.
static bool isTensor(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && isNamed(tensor) && isElement(tensor.getElementType());
}

LogicalResult varve::ir::verifyOutput(OutputOp output, StringRef what, TypeRange results) {
  if (TypeRange(output.getOperandTypes()) == results)
    return success();
  auto list = [](TypeRange types) {
    std::string text = types.empty() ? "none" : "";
    llvm::raw_string_ostream stream(text);
    llvm::interleaveComma(types, stream, [&](Type type) { stream << "'" << type << "'"; });
    return text;
  };
  return output.emitOpError("expects operands of the ")
         << what << "'s result types " << list(results) << ", but got " << list(output.getOperandTypes());
}

bool varve::ir::isView(Operation *op) {
  return isa<ReshapeOp, TransposeOp, BroadcastOp, SliceOp, SplitOp, IdentityOp, RebindOp>(op);
}

//===- graph ----------------------------------------------------------------------------------------------------------

// As upstream's functions, with the placement between types and attributes.
ParseResult GraphOp::parse(OpAsmParser &parser, OperationState &result) {
  StringAttr name;
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<Type> types, results;
  SmallVector<DictionaryAttr> resultAttributes;
  bool isVariadic = false;
  if (parser.parseSymbolName(name, getSymNameAttrName(result.name), result.attributes) ||
      function_interface_impl::parseFunctionSignatureWithArguments(parser, /*allowVariadic=*/false, arguments,
                                                                   isVariadic, results, resultAttributes))
    return failure();
  Builder &builder = parser.getBuilder();
  for (OpAsmParser::Argument &argument : arguments)
    types.push_back(argument.type);
  result.addAttribute(getFunctionTypeAttrName(result.name), TypeAttr::get(builder.getFunctionType(types, results)));
  if (succeeded(parser.parseOptionalKeyword("on"))) {
    FlatSymbolRefAttr placement;
    if (parser.parseAttribute(placement, getPlacementAttrName(result.name), result.attributes))
      return failure();
  }
  SMLoc at = parser.getCurrentLocation();
  NamedAttrList attributes;
  if (parser.parseOptionalAttrDictWithKeyword(attributes))
    return failure();
  for (StringAttr written :
       {getSymNameAttrName(result.name), getFunctionTypeAttrName(result.name), getPlacementAttrName(result.name)})
    if (attributes.get(written))
      return parser.emitError(at, "expects no attribute ") << written << " here: it has its place in the text";
  result.attributes.append(attributes);
  call_interface_impl::addArgAndResultAttrs(builder, result, arguments, resultAttributes,
                                            getArgAttrsAttrName(result.name), getResAttrsAttrName(result.name));
  SMLoc place = parser.getCurrentLocation();
  Region *body = result.addRegion();
  OptionalParseResult parsed = parser.parseOptionalRegion(*body, arguments, /*enableNameShadowing=*/false);
  if (parsed.has_value() && succeeded(*parsed) && body->empty())
    return parser.emitError(place, "expects a body that is not empty");
  return parsed.has_value() ? *parsed : success(); // that it has one is for the verifier to say
}

void GraphOp::print(OpAsmPrinter &printer) {
  printer << ' ';
  printer.printSymbolName(getSymName());
  function_interface_impl::printFunctionSignature(printer, *this, getArgumentTypes(), /*isVariadic=*/false,
                                                  getResultTypes());
  if (FlatSymbolRefAttr placement = getPlacementAttr())
    printer << " on " << placement;
  function_interface_impl::printFunctionAttributes(
      printer, *this,
      {getFunctionTypeAttrName(), getArgAttrsAttrName(), getResAttrsAttrName(), getPlacementAttrName()});
  printer << ' ';
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false, /*printBlockTerminators=*/true);
}

// Expects where something runs to be a mesh, if it is said.
static LogicalResult verifyPlacement(Operation *op, FlatSymbolRefAttr placement, SymbolTableCollection &symbols) {
  if (!placement || symbols.lookupNearestSymbolFrom<MeshOp>(op, placement))
    return success();
  return op->emitOpError("expects a mesh of the module, but got ") << placement;
}

LogicalResult GraphOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return verifyPlacement(*this, getPlacementAttr(), symbols); // C7
}

LogicalResult GraphOp::verify() {
  llvm::StringSet<> names;
  for (auto [index, type] : llvm::enumerate(getArgumentTypes())) {
    auto name = getArgAttrOfType<StringAttr>(index, kNameAttr);
    if (isa<BufferType>(type) && !name) // C3
      return emitOpError("expects a varve.name for buffer argument ") << index;
    if (name && !names.insert(name.getValue()).second) // C3
      return emitOpError("expects arguments of different names, but got ") << name << " twice";
    if (!isa<BufferType>(type) && !isTensor(type)) // C4
      return emitOpError("expects a tensor whose dynamic dimensions have names or a buffer as argument ")
             << index << ", but got " << type;
    if (auto dim = getArgAttrOfType<StringAttr>(index, kDimAttr)) { // C5
      auto tensor = dyn_cast<RankedTensorType>(type);
      if (!tensor || tensor.getRank() != 0 || !tensor.getElementType().isInteger(64))
        return emitOpError("expects a scalar i64 tensor for dimension ") << dim << ", but got " << type;
      if (!DimExpr::isName(dim.getValue()))
        return emitOpError("expects a name as varve.dim, but got ") << dim;
    }
  }
  names.clear();
  for (auto [index, type] : llvm::enumerate(getResultTypes())) {
    if (auto name = getResultAttrOfType<StringAttr>(index, kNameAttr);
        name && !names.insert(name.getValue()).second) // C3
      return emitOpError("expects results of different names, but got ") << name << " twice";
    if (!isTensor(type)) // C4
      return emitOpError("expects a tensor whose dynamic dimensions have names as result ")
             << index << ", but got " << type;
  }
  return success();
}

// Calls fn on each list of dimensions in the op's result types and attributes.
static void forEachDims(Operation *op, llvm::function_ref<void(DimsAttr)> fn) {
  for (Type type : op->getResultTypes())
    if (auto tensor = dyn_cast<RankedTensorType>(type))
      if (auto dims = dyn_cast_or_null<DimsAttr>(tensor.getEncoding()))
        fn(dims);
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](DimOp dim) { fn(dim.getValue()); })
      .Case([&](LoopOp loop) {
        if (loop.getCount())
          fn(*loop.getCount());
      })
      .Case([&](BufferStoreOp store) {
        if (store.getOffsets())
          fn(*store.getOffsets());
      })
      .Case([&](SliceOp slice) {
        fn(slice.getStarts());
        fn(slice.getEnds());
      })
      .Case([&](SplitOp split) { fn(split.getSizes()); });
}

// C1: expects that an argument gives each name its value.
static LogicalResult verifyNames(GraphOp graph) {
  llvm::StringSet<> bound;
  llvm::DenseSet<DimsAttr> checked;
  for (auto [index, type] : llvm::enumerate(graph.getArgumentTypes())) {
    if (auto dim = graph.getArgAttrOfType<StringAttr>(index, kDimAttr))
      bound.insert(dim.getValue());
    if (auto tensor = dyn_cast<RankedTensorType>(type))
      for (const Dim &dim : dimsOf(tensor))
        if (dim.name && DimExpr::isName(dim.name.getValue()))
          bound.insert(dim.name.getValue());
  }
  auto check = [&](DimsAttr dims, Operation *op) -> LogicalResult {
    if (!checked.insert(dims).second)
      return success();
    std::string missing;
    for (StringAttr entry : dims.getNames())
      exprOf(entry).forEachName([&](const std::string &name) {
        if (missing.empty() && !bound.contains(name))
          missing = name;
      });
    if (!missing.empty())
      return op->emitOpError("expects an argument that gives dimension '") << missing << "' its value";
    return success();
  };
  for (Type type : graph.getArgumentTypes())
    if (auto tensor = dyn_cast<RankedTensorType>(type))
      if (auto dims = dyn_cast_or_null<DimsAttr>(tensor.getEncoding()); dims && failed(check(dims, graph)))
        return failure();
  LogicalResult result = success();
  graph.getBody().walk([&](Operation *op) {
    forEachDims(op, [&](DimsAttr dims) {
      if (succeeded(result))
        result = check(dims, op);
    });
    return failed(result) ? WalkResult::interrupt() : WalkResult::advance();
  });
  return result;
}

// C6: expects sizes that can be addressed.
static LogicalResult verifySizes(GraphOp graph) {
  auto check = [](TypeRange types, Operation *op) -> LogicalResult {
    for (Type type : types)
      if (auto tensor = dyn_cast<RankedTensorType>(type); tensor && !isAddressable(tensor.getShape()))
        return op->emitOpError("expects tensors of less than 2^60 elements, but got ") << type;
    return success();
  };
  if (failed(check(graph.getArgumentTypes(), graph)))
    return failure();
  WalkResult result =
      graph.getBody().walk([&](Operation *op) { return WalkResult(failure(failed(check(op->getResultTypes(), op)))); });
  return failure(result.wasInterrupted());
}

namespace {
// Follows values that are, or are views of, what a buffer held when it was loaded, through one run of a graph: C1 of
// BufferLoadOp and C4 of BufferStoreOp. A layer runs once, where it stands; of a branch either body may run; a loop's run
// once here, and what was loaded before it must then not be used in it at all if it is stored to there, since the next trip
// would. What a branch hands out, or a loop carries, is a copy.
class LoadedValues {
public:
  LogicalResult run(Block &block) {
    for (Operation &op : block)
      if (failed(run(op)))
        return failure();
    return success();
  }

private:
  struct Load {
    BufferLoadOp op;
    Operation *store = nullptr; // that followed
    Operation *use = nullptr;   // the last one
  };

  static LogicalResult refuse(Load load, Operation *use) {
    InFlightDiagnostic error = load.op.emitOpError("expects no use after a store to the buffer, but got one by ")
                               << use->getName();
    error.attachNote(load.store->getLoc()) << "the store";
    error.attachNote(use->getLoc()) << "the use";
    return error;
  }

  LogicalResult run(Operation &op) {
    for (Value operand : op.getOperands())
      for (unsigned id : views.lookup(operand)) {
        loads[id].use = &op;
        if (loads[id].store)
          return refuse(loads[id], &op);
      }
    if (failed(runBodies(op)))
      return failure();
    if (auto load = dyn_cast<BufferLoadOp>(op)) {
      views[load] = {static_cast<unsigned>(loads.size())};
      loads.push_back({load});
    } else if (auto store = dyn_cast<BufferStoreOp>(op)) {
      for (unsigned id : views.lookup(store.getInput()))
        if (loads[id].op.getBuffer() == store.getBuffer())
          return store.emitOpError("expects an input that is no view of the buffer, but got one")
                     .attachNote(loads[id].op.getLoc())
                 << "loaded here";
      for (Load &load : loads)
        if (load.op && !load.store && load.op.getBuffer() == store.getBuffer())
          load.store = store;
    } else if (auto layer = dyn_cast<LayerOp>(op)) {
      for (auto [result, value] : llvm::zip(layer.getResults(), layer.getBody().front().getTerminator()->getOperands()))
        follow(value, result);
    } else if (isView(&op)) {
      for (Value result : op.getResults())
        follow(op.getOperand(0), result);
    }
    return success();
  }

  LogicalResult runBodies(Operation &op) {
    auto runAll = [&] {
      for (Region &region : op.getRegions())
        for (Block &block : region)
          if (failed(run(block)))
            return failure();
      return success();
    };
    if (auto cond = dyn_cast<CondOp>(op)) {
      std::vector<Load> before = loads;
      if (failed(run(cond.getOnTrue().front())))
        return failure();
      std::vector<Load> after = std::exchange(loads, before);
      if (loads.size() < after.size())
        loads.resize(after.size()); // what the other body has loaded is not used here
      if (failed(run(cond.getOnFalse().front())))
        return failure();
      for (size_t id = 0; id < after.size(); ++id) { // those beyond are this body's alone
        Load &load = loads[id];
        bool isUsed = id < before.size() && load.use != before[id].use;
        load = {load.op ? load.op : after[id].op, load.store ? load.store : after[id].store,
                isUsed ? load.use : after[id].use};
      }
      return success();
    }
    if (auto loop = dyn_cast<LoopOp>(op)) {
      for (auto [scanned, slice] :
           llvm::zip(loop.getScanned(), loop.getBody().getArguments().take_back(loop.getScanned().size())))
        follow(scanned, slice);
      size_t before = loads.size();
      SmallVector<unsigned> fresh; // loads of before that nothing is stored to so far
      for (unsigned id = 0; id < before; ++id)
        if (!loads[id].store)
          fresh.push_back(id);
      if (failed(runAll()))
        return failure();
      for (unsigned id : fresh)
        if (loads[id].store && loads[id].use && loop->isProperAncestor(loads[id].use))
          return refuse(loads[id], loads[id].use);
      return success();
    }
    return runAll();
  }

  void follow(Value from, Value to) {
    if (auto it = views.find(from); it != views.end()) {
      SmallVector<unsigned, 1> ids = it->second;
      views[to] = std::move(ids);
    }
  }

  std::vector<Load> loads;
  llvm::DenseMap<Value, SmallVector<unsigned, 1>> views;
};
} // namespace

LogicalResult GraphOp::verifyRegions() {
  if (failed(verifyOutput(cast<OutputOp>(getBody().front().getTerminator()), "graph", getResultTypes()))) // C2
    return failure();
  return failure(failed(verifyNames(*this)) || failed(verifySizes(*this)) ||
                 failed(LoadedValues().run(getBody().front())));
}

//===- layer ----------------------------------------------------------------------------------------------------------

void LayerOp::getSuccessorRegions(RegionBranchPoint point, SmallVectorImpl<RegionSuccessor> &regions) {
  if (point.isParent())
    regions.push_back(RegionSuccessor(&getBody()));
  else
    regions.push_back(RegionSuccessor(getOperation(), getResults()));
}

LogicalResult LayerOp::verifySymbolUses(SymbolTableCollection &symbols) {
  return verifyPlacement(*this, getPlacementAttr(), symbols); // C2
}

// Before the region's own verification, where RegionBranchOpInterface would say it in other words.
LogicalResult LayerOp::verify() {
  Block &body = getBody().front();
  auto output = body.empty() ? OutputOp() : dyn_cast<OutputOp>(body.back());
  return output ? verifyOutput(output, "layer", getResultTypes()) : success(); // C1
}

namespace {
// Upstream's remove-dead-values leaves ub.poison in the terminator (22.1), which is no equal of a layer that never had
// the result; so results that nobody uses are dropped here.
struct DropUnusedResults : OpRewritePattern<LayerOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(LayerOp op, PatternRewriter &rewriter) const override {
    SmallVector<Value> kept;
    SmallVector<Type> types;
    auto output = cast<OutputOp>(op.getBody().front().getTerminator());
    for (auto [result, value] : llvm::zip(op.getResults(), output.getOperands()))
      if (!result.use_empty()) {
        kept.push_back(value);
        types.push_back(value.getType());
      }
    if (kept.size() == op.getNumResults())
      return failure();
    rewriter.modifyOpInPlace(output, [&] { output->setOperands(kept); });
    auto fresh = LayerOp::create(rewriter, op.getLoc(), types, ValueRange(), op->getAttrs());
    rewriter.inlineRegionBefore(op.getBody(), fresh.getBody(), fresh.getBody().end());
    unsigned next = 0;
    for (OpResult result : op.getResults())
      if (!result.use_empty())
        rewriter.replaceAllUsesWith(result, fresh.getResult(next++));
    rewriter.eraseOp(op);
    return success();
  }
};

// A result that is a value from outside the layer, or another result, is that value.
struct ForwardResults : OpRewritePattern<LayerOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(LayerOp op, PatternRewriter &rewriter) const override {
    bool changed = false;
    llvm::SmallDenseMap<Value, Value> first;
    for (auto [result, value] : llvm::zip(op.getResults(), op.getBody().front().getTerminator()->getOperands())) {
      Operation *from = value.getDefiningOp();
      Value same = from && op->isProperAncestor(from) ? first.try_emplace(value, result).first->second : value;
      if (same == result || result.use_empty())
        continue;
      rewriter.replaceAllUsesWith(result, same);
      changed = true;
    }
    return success(changed);
  }
};

// A layer that does nothing: no results, no effects.
struct DropEmptyLayer : OpRewritePattern<LayerOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(LayerOp op, PatternRewriter &rewriter) const override {
    if (op.getNumResults() != 0 || !llvm::hasSingleElement(op.getBody().front()))
      return failure();
    rewriter.eraseOp(op);
    return success();
  }
};
} // namespace

void LayerOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<ForwardResults, DropUnusedResults, DropEmptyLayer>(context);
}

//===- weights and constants ------------------------------------------------------------------------------------------

LogicalResult UseOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto weight = symbols.lookupNearestSymbolFrom<WeightOp>(*this, getWeightAttr());
  if (!weight) // C1
    return emitOpError("expects a weight of the module, but got ") << getWeightAttr();
  if (weight.getType() != getType()) { // C2
    InFlightDiagnostic error = emitOpError("expects the weight's type ")
                               << weight.getType() << ", but got " << getType();
    error.attachNote(weight.getLoc()) << "the weight is declared here";
    return error;
  }
  return success();
}

LogicalResult WeightOp::verify() {
  if (auto type = cast<RankedTensorType>(getType()); !isAddressable(type.getShape())) // C1
    return emitOpError("expects less than 2^60 elements, but got ") << type;
  return success();
}

// The split of one dimension over the devices of a mesh.
static LogicalResult verifySplit(WeightOp weight, MeshOp mesh, unsigned axis, int64_t size, SplitAttr split) {
  int64_t devices = 1;
  for (StringAttr name : split.getAxes()) {
    std::optional<int64_t> along = mesh.getSize(name);
    if (!along) // C4
      return weight.emitOpError("expects an axis of mesh @") << mesh.getSymName() << ", but got " << name;
    devices *= *along; // a divisor of the number of devices in the mesh
  }
  if (split.getAxes().empty())
    return success();
  auto fault = [&](const Fault &found) -> LogicalResult {
    if (!found)
      return success();
    return weight.emitOpError() << *found << " in dimension " << axis << " of " << weight.getType();
  };
  SmallVector<Segment> segments(split.getSegments());
  auto type = cast<RankedTensorType>(weight.getType());
  Encoding encoding = encodingOf(type.getElementType());
  int64_t block = axis + 1 == type.getRank() ? info_of(encoding).elements : 1;
  if (segments.empty())
    segments.push_back({size / block, block});
  for (const Segment &segment : segments)
    if (segment.unit % block != 0) // C6
      return weight.emitOpError("expects units of whole blocks of ")
             << block << " elements, but got " << segment.unit << " in dimension " << axis << " of " << type;
  if (failed(fault(checkSegments(segments, size, devices)))) // C5
    return failure();
  std::vector<std::vector<Slice>> slices;
  slices.reserve(static_cast<size_t>(devices));
  for (int64_t device = 0; device < devices; ++device)
    slices.push_back(slicesOf(segments, device, devices));
  return fault(checkCover(slices, size));
}

LogicalResult WeightOp::verifySymbolUses(SymbolTableCollection &symbols) {
  ShardingAttr sharding = getShardingAttr();
  if (!sharding)
    return success();
  auto mesh = symbols.lookupNearestSymbolFrom<MeshOp>(*this, sharding.getMesh());
  if (!mesh) // C2
    return emitOpError("expects a mesh of the module, but got ") << sharding.getMesh();
  auto type = cast<RankedTensorType>(getType());
  if (static_cast<int64_t>(sharding.getDims().size()) != type.getRank()) // C3
    return emitOpError("expects a sharding with an entry for each of ")
           << type.getRank() << " dimensions, but got " << sharding.getDims().size();
  llvm::DenseSet<StringAttr> seen;
  for (SplitAttr split : sharding.getDims())
    for (StringAttr name : split.getAxes())
      if (!seen.insert(name).second) // C4
        return emitOpError("expects each axis of the mesh once at most, but got ") << name << " twice";
  for (auto [axis, split] : llvm::enumerate(sharding.getDims()))
    if (failed(verifySplit(*this, mesh, axis, type.getDimSize(axis), split)))
      return failure();
  return success();
}

LogicalResult ConstantOp::inferReturnTypes(MLIRContext *, MaybeLoc location, Adaptor adaptor,
                                           SmallVectorImpl<Type> &types) {
  Type type = adaptor.getValue().getType();
  if (!isa<DenseElementsAttr>(adaptor.getValue()) || !isTensor(type)) // C1
    return emitOptionalError(location, "expects a dense tensor of an element type of the dialect, but got ",
                             adaptor.getValue());
  types.push_back(type);
  return success();
}

OpFoldResult ConstantOp::fold(FoldAdaptor) { return cast<DenseElementsAttr>(getValue()); }

//===- buffers --------------------------------------------------------------------------------------------------------

LogicalResult BufferLoadOp::inferReturnTypes(MLIRContext *, MaybeLoc, Adaptor adaptor, SmallVectorImpl<Type> &types) {
  auto buffer = cast<BufferType>(adaptor.getBuffer().getType());
  types.push_back(RankedTensorType::get(buffer.getShape(), buffer.getElementType()));
  return success();
}

// Expects a buffer that the program can find by its name.
static LogicalResult verifyBuffer(Operation *op, Value buffer) {
  if (isa<BlockArgument>(buffer))
    return success();
  return op->emitOpError("expects a buffer that is an argument, but got a result of ")
         << buffer.getDefiningOp()->getName();
}

LogicalResult BufferLoadOp::verify() { return verifyBuffer(*this, getBuffer()); } // C2

LogicalResult BufferStoreOp::verify() {
  if (failed(verifyBuffer(*this, getBuffer()))) // C5
    return failure();
  RankedTensorType input = getInput().getType();
  BufferType buffer = getBuffer().getType();
  if (static_cast<size_t>(input.getRank()) != buffer.getShape().size() ||
      input.getElementType() != buffer.getElementType()) // C1
    return emitOpError("expects input and buffer of equal rank and element type, but got ")
           << input << " and " << buffer;
  DimsAttr offsets = getOffsetsAttr();
  if (offsets && static_cast<int64_t>(offsets.getNames().size()) != input.getRank()) // C2
    return emitOpError("expects ") << input.getRank() << " offsets, but got " << offsets.getNames().size();
  for (auto [axis, dim] : llvm::enumerate(dimsOf(input))) {
    DimExpr begin = offsets ? exprOf(offsets.getNames()[axis]) : DimExpr(0), size = exprOf(dim);
    DimExpr rest = DimExpr(buffer.getShape()[axis]) - begin - size;
    for (const DimExpr &distance : {begin, rest})
      if (distance.isOverflow() || distance.constant().value_or(0) < 0) // C3
        return emitOpError("expects a slice inside dimension ")
               << axis << " of size " << buffer.getShape()[axis] << ", but got offset " << begin.str() << " and size "
               << size.str();
  }
  if (bool(getPosition()) != bool(getAxisAttr())) // C6
    return emitOpError("expects a position and an axis, or none, but got ")
           << (getPosition() ? "a position" : "an axis") << " alone";
  if (getPosition() && failed(normalizeAxis(getLoc(), "axis", *getAxis(), input.getRank()))) // C6
    return failure();
  return success();
}

//===- prints, taps, shapes -------------------------------------------------------------------------------------------

LogicalResult PrintOp::verify() {
  StringRef style = getStyle(), to = getTo().value_or("");
  bool isFolder = style == "dump" || style == "compare";
  if (isFolder && to.empty()) // C1
    return emitOpError("expects a folder, the attribute to, for style ") << style << ", but got none";
  if (style == "finite" && getTo()) // C1
    return emitOpError("expects no file for style finite, but got ") << getToAttr();
  SmallVector<StringRef> parts;
  to.split(parts, '/');
  if (getTo() && (to.empty() || to.starts_with("/") || to.contains('\0') || llvm::is_contained(parts, ".."))) // C2
    return emitOpError("expects a relative path without '..' as to, but got ") << getToAttr();
  if (!isFolder && to.ends_with(".npy") && style != "full") // C3
    return emitOpError("expects style full for a .npy file, but got ") << style;
  for (auto [name, attribute] : {std::pair("rtol", getRtolAttr()), std::pair("atol", getAtolAttr())}) { // C4
    if (!attribute)
      continue;
    if (style != "compare")
      return emitOpError("expects ") << name << " for style compare alone, but got it for " << style;
    if (!attribute.getValue().isFinite() || attribute.getValue().isNegative())
      return emitOpError("expects a finite ") << name << " of 0 or more, but got " << attribute;
  }
  return success();
}

// Else a value that only a tap sees would not be computed, and two taps of one value would be one.
void IdentityOp::getEffects(SmallVectorImpl<MemoryEffects::EffectInstance> &effects) {
  if (getTag()) {
    effects.emplace_back(MemoryEffects::Read::get());
    effects.emplace_back(MemoryEffects::Write::get());
  }
}

OpFoldResult IdentityOp::fold(FoldAdaptor) { return getTag() ? OpFoldResult() : OpFoldResult(getInput()); }

LogicalResult IdentityOp::inferReturnTypes(MLIRContext *, MaybeLoc, Adaptor adaptor, SmallVectorImpl<Type> &types) {
  types.push_back(adaptor.getInput().getType());
  return success();
}

LogicalResult RebindOp::verify() {
  RankedTensorType from = getInput().getType(), to = getType();
  if (from.getRank() != to.getRank() || from.getElementType() != to.getElementType()) // C1
    return emitOpError("expects a result of the input's rank and element type, but got ") << from << " and " << to;
  for (auto [axis, pair] : llvm::enumerate(llvm::zip(dimsOf(from), dimsOf(to)))) {
    auto [a, b] = pair;
    if (!a.name && !b.name && a.size != b.size) // C2
      return emitOpError("expects equal sizes of dimension ") << axis << ", but got " << a.size << " and " << b.size;
  }
  return success();
}

OpFoldResult RebindOp::fold(FoldAdaptor) {
  return getInput().getType() == getType() ? OpFoldResult(getInput()) : OpFoldResult();
}

LogicalResult DimOp::inferReturnTypes(MLIRContext *context, MaybeLoc location, Adaptor adaptor,
                                      SmallVectorImpl<Type> &types) {
  if (adaptor.getValue().getNames().size() != 1) // C1
    return emitOptionalError(location, "expects one expression, but got ", adaptor.getValue().getNames().size());
  types.push_back(RankedTensorType::get({}, IntegerType::get(context, 64)));
  return success();
}

OpFoldResult DimOp::fold(FoldAdaptor) {
  if (std::optional<int64_t> value = exprOf(getValue().getNames()[0]).constant())
    return DenseElementsAttr::get(cast<ShapedType>(getType()), *value);
  return {};
}
