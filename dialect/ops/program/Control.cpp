// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Verifiers, folding and text of branches and loops.
#include "dialect/Dialect.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"

using namespace mlir;
using namespace varve::ir;

// What ends a body, if it is there and of the right kind: else the region's own verification says so.
static OutputOp outputOf(Region &region) {
  return region.empty() || region.front().empty() ? OutputOp() : dyn_cast<OutputOp>(region.front().back());
}

// Whether the value may be, or be a view of, what a buffer holds. What a branch or a loop hands out is a copy, which
// stays as it is when the buffer changes; so no folding may put such a value in the result's place.
static bool mayShowState(Value value) {
  while (true) {
    Operation *op = value.getDefiningOp();
    if (!op) // a slice of what a loop scans, or an argument of an outlined layer
      return !isa<GraphOp>(value.getParentBlock()->getParentOp());
    if (isa<BufferLoadOp, LayerOp>(op))
      return true;
    if (!isView(op))
      return false;
    value = op->getOperand(0);
  }
}

//===- cond -----------------------------------------------------------------------------------------------------------

LogicalResult CondOp::verify() {
  for (Region *body : {&getOnTrue(), &getOnFalse()})
    if (OutputOp output = outputOf(*body); output && failed(verifyOutput(output, "cond", getResultTypes()))) // C1
      return failure();
  return success();
}

namespace {
// A condition that is known: the body stands in the op's place.
struct ChooseBody : OpRewritePattern<CondOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(CondOp op, PatternRewriter &rewriter) const override {
    DenseElementsAttr condition;
    if (!matchPattern(op.getCondition(), m_Constant(&condition)))
      return rewriter.notifyMatchFailure(op, "expects a constant condition");
    Block &body = (condition.getSplatValue<bool>() ? op.getOnTrue() : op.getOnFalse()).front();
    auto output = cast<OutputOp>(body.getTerminator());
    if (llvm::any_of(output.getOperands(), mayShowState))
      return rewriter.notifyMatchFailure(op, "expects results that are no views of state");
    SmallVector<Value> values(output.getOperands());
    rewriter.eraseOp(output);
    rewriter.inlineBlockBefore(&body, op);
    rewriter.replaceOp(op, values);
    return success();
  }
};

// Results that nobody uses.
struct DropUnusedOfCond : OpRewritePattern<CondOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(CondOp op, PatternRewriter &rewriter) const override {
    SmallVector<Type> types;
    SmallVector<Value> used;
    for (OpResult result : op.getResults())
      if (!result.use_empty()) {
        types.push_back(result.getType());
        used.push_back(result);
      }
    if (types.size() == op.getNumResults())
      return rewriter.notifyMatchFailure(op, "expects a result without uses");
    auto fresh = CondOp::create(rewriter, op.getLoc(), types, op.getCondition());
    fresh->setDiscardableAttrs(op->getDiscardableAttrDictionary());
    for (auto [from, to] : {std::pair(&op.getOnTrue(), &fresh.getOnTrue()), {&op.getOnFalse(), &fresh.getOnFalse()}}) {
      rewriter.inlineRegionBefore(*from, *to, to->end());
      auto output = cast<OutputOp>(to->front().getTerminator());
      SmallVector<Value> kept;
      for (auto [result, value] : llvm::zip(op.getResults(), output.getOperands()))
        if (!result.use_empty())
          kept.push_back(value);
      rewriter.modifyOpInPlace(output, [&] { output->setOperands(kept); });
    }
    for (auto [from, to] : llvm::zip(used, fresh.getResults()))
      rewriter.replaceAllUsesWith(from, to);
    rewriter.eraseOp(op);
    return success();
  }
};
} // namespace

void CondOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<ChooseBody, DropUnusedOfCond>(context);
}

//===- loop: rules ----------------------------------------------------------------------------------------------------

FailureOr<SmallVector<Type>> LoopOp::argumentTypes(MaybeLoc location, DimsAttr count, TypeRange inits,
                                                   TypeRange scanned, ArrayRef<int64_t> axes) {
  if (count && count.getNames().size() != 1) // C2
    return emitOptionalError(location, "expects one expression as count, but got ", count.getNames().size());
  if (count && exprOf(count.getNames()[0]).constant().value_or(0) < 0) // C2
    return emitOptionalError(location, "expects a count of at least 0, but got ", count.getNames()[0].getValue());
  if (!count && !scanned.empty()) // C3
    return emitOptionalError(location, "expects a count where inputs are scanned, but got none");
  if (axes.size() != scanned.size()) // C4
    return emitOptionalError(location, "expects an axis for each of ", scanned.size(), " scanned inputs, but got ",
                             axes.size());
  SmallVector<Type> types(inits);
  for (auto [index, type, given] : llvm::enumerate(scanned, axes)) {
    auto tensor = cast<RankedTensorType>(type);
    FailureOr<int64_t> axis = normalizeAxis(location, "axis", given, tensor.getRank()); // C4
    if (failed(axis))
      return failure();
    Dims dims = dimsOf(tensor);
    if (!(exprOf(dims[*axis]) == exprOf(count.getNames()[0]))) // C4
      return emitOptionalError(location, "expects dimension ", *axis, " of scanned input #", index, " to be the count ",
                               count.getNames()[0].getValue(), ", but got ", dims[*axis].str());
    types.push_back(tensorOf(withoutAxes(dims, {*axis}, /*keepDims=*/false), tensor.getElementType()));
  }
  return types;
}

FailureOr<Type> LoopOp::stackedType(MaybeLoc location, DimsAttr count, Type piece, int64_t given) {
  if (!count) // C3
    return emitOptionalError(location, "expects a count where results are stacked, but got none");
  auto tensor = cast<RankedTensorType>(piece);
  FailureOr<int64_t> axis = normalizeAxis(location, "axis", given, tensor.getRank() + 1); // C4
  if (failed(axis))
    return failure();
  Dims dims = dimsOf(tensor);
  dims.insert(dims.begin() + *axis, dimOf(exprOf(count.getNames()[0]), count.getContext()));
  return Type(tensorOf(dims, tensor.getElementType()));
}

OutputOp LoopOp::getOutput() { return cast<OutputOp>(getBody().front().getTerminator()); }

static std::string textOf(TypeRange types) {
  std::string text = types.empty() ? "none" : "";
  llvm::raw_string_ostream stream(text);
  llvm::interleaveComma(types, stream, [&](Type type) { stream << "'" << type << "'"; });
  return text;
}

LogicalResult LoopOp::verify() {
  if (!getCount() && !getLimit() && !isConditional()) // C1
    return emitOpError("expects a count, a limit or a condition, but got none");
  if (getCount() && getLimit()) // C1
    return emitOpError("expects a count or a limit, but got both");
  FailureOr<SmallVector<Type>> inner =
      argumentTypes(getLoc(), getCountAttr(), getInits().getTypes(), getScanned().getTypes(), getAxes());
  if (failed(inner))
    return failure();
  inner->insert(inner->begin(), RankedTensorType::get({}, IntegerType::get(getContext(), 64)));
  unsigned carried = getNumCarried();
  if (carried + getStackAxes().size() != getNumResults()) // C4
    return emitOpError("expects ") << carried << " carried results and an axis for each other one, but got "
                                   << getNumResults() << " results and " << getStackAxes().size() << " axes";
  if (TypeRange(getResultTypes()).take_front(carried) != TypeRange(getInits().getTypes())) // C5
    return emitOpError("expects results of the carried types ")
           << textOf(getInits().getTypes()) << ", but got " << textOf(TypeRange(getResultTypes()).take_front(carried));

  auto verifyArguments = [&](Region &region, StringRef what, TypeRange expected) -> LogicalResult { // C6
    if (TypeRange(region.getArgumentTypes()) == expected)
      return success();
    return emitOpError("expects a ") << what << " that takes " << textOf(expected) << ", but got "
                                     << textOf(region.getArgumentTypes());
  };
  if (failed(verifyArguments(getBody(), "body", *inner)))
    return failure();
  if (isConditional()) {
    if (failed(verifyArguments(getCondition(), "condition", ArrayRef(*inner).take_front(1 + carried))))
      return failure();
    if (OutputOp output = outputOf(getCondition())) {
      Type flag = RankedTensorType::get({}, IntegerType::get(getContext(), 1));
      if (TypeRange(output.getOperandTypes()) != TypeRange(flag)) // C7
        return output.emitOpError("expects the condition to hand out ")
               << flag << ", but got " << textOf(output.getOperandTypes());
    }
  }

  OutputOp output = outputOf(getBody());
  if (!output)
    return success();
  if (output.getNumOperands() != getNumResults()) // C8
    return output.emitOpError("expects the body to hand out ")
           << carried << " carried values and " << getStackAxes().size() << " pieces, but got "
           << output.getNumOperands() << " values";
  for (auto [index, value] : llvm::enumerate(output.getOperands())) {
    if (index < carried) {
      if (Type type = getInits()[index].getType(); value.getType() != type) // C8
        return output.emitOpError("expects the type of carried value #")
               << index << " to stay " << type << ", but got " << value.getType();
      continue;
    }
    FailureOr<Type> stacked = stackedType(getLoc(), getCountAttr(), value.getType(), getStackAxes()[index - carried]);
    if (failed(stacked))
      return failure();
    if (*stacked != getResult(index).getType()) // C5
      return output.emitOpError("expects pieces of stacked result #")
             << index - carried << ", " << getResult(index).getType() << ", but got " << value.getType();
  }
  return success();
}

//===- loop: text -----------------------------------------------------------------------------------------------------

// (%a, %b) {..}, given the arguments' types.
static ParseResult parseBody(OpAsmParser &parser, Region &region, ArrayRef<Type> types) {
  SmallVector<OpAsmParser::Argument> arguments;
  SMLoc at = parser.getCurrentLocation();
  if (parser.parseArgumentList(arguments, OpAsmParser::Delimiter::Paren))
    return failure();
  if (arguments.size() != types.size())
    return parser.emitError(at, "expects ") << types.size() << " arguments, but got " << arguments.size();
  for (auto [argument, type] : llvm::zip(arguments, types))
    argument.type = type;
  if (parser.parseRegion(region, arguments))
    return failure();
  if (region.empty())
    return parser.emitError(at, "expects a body that is not empty");
  LoopOp::ensureTerminator(region, parser.getBuilder(), parser.getEncodedSourceLoc(at));
  return success();
}

ParseResult LoopOp::parse(OpAsmParser &parser, OperationState &result) {
  using Unresolved = OpAsmParser::UnresolvedOperand;
  Builder &builder = parser.getBuilder();
  SmallVector<Unresolved> limit, inits, scanned;
  SmallVector<Type> limitTypes, initTypes, scannedTypes, stackTypes;
  SmallVector<int64_t> axes, stackAxes;
  DimsAttr count;
  SMLoc at = parser.getCurrentLocation();
  if (succeeded(parser.parseOptionalKeyword("to"))) {
    if (parser.parseLParen())
      return failure();
    Unresolved operand;
    if (OptionalParseResult parsed = parser.parseOptionalOperand(operand); parsed.has_value()) {
      if (failed(*parsed) || parser.parseColonType(limitTypes.emplace_back()))
        return failure();
      limit.push_back(operand);
    } else if (count = parseDims(parser, AsmParser::Delimiter::None); !count) {
      return failure();
    }
    if (parser.parseRParen())
      return failure();
  }
  if (succeeded(parser.parseOptionalKeyword("carry")) && (parser.parseLParen() || parser.parseOperandList(inits) ||
                                                          parser.parseColonTypeList(initTypes) || parser.parseRParen()))
    return failure();
  auto parseScanned = [&] {
    return failure(parser.parseOperand(scanned.emplace_back()) || parser.parseKeyword("along") ||
                   parser.parseInteger(axes.emplace_back()));
  };
  if (succeeded(parser.parseOptionalKeyword("scan")) &&
      (parser.parseLParen() || parser.parseCommaSeparatedList(parseScanned) ||
       parser.parseColonTypeList(scannedTypes) || parser.parseRParen()))
    return failure();
  auto parseStacked = [&] {
    return failure(parser.parseType(stackTypes.emplace_back()) || parser.parseKeyword("along") ||
                   parser.parseInteger(stackAxes.emplace_back()));
  };
  if (succeeded(parser.parseOptionalKeyword("stack")) &&
      parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren, parseStacked))
    return failure();
  for (Type type : llvm::concat<Type>(initTypes, scannedTypes, stackTypes))
    if (auto tensor = dyn_cast<RankedTensorType>(type); !tensor || !isNamed(tensor))
      return parser.emitError(at, "expects tensors whose dynamic dimensions have names, but got ") << type;
  if (parser.parseOptionalAttrDictWithKeyword(result.attributes) ||
      parser.resolveOperands(limit, limitTypes, at, result.operands) ||
      parser.resolveOperands(inits, initTypes, at, result.operands) ||
      parser.resolveOperands(scanned, scannedTypes, at, result.operands))
    return failure();

  FailureOr<SmallVector<Type>> arguments =
      argumentTypes(parser.getEncodedSourceLoc(at), count, initTypes, scannedTypes, axes);
  if (failed(arguments))
    return failure();
  arguments->insert(arguments->begin(), RankedTensorType::get({}, builder.getI64Type()));
  if (count)
    result.addAttribute(getCountAttrName(result.name), count);
  result.addAttribute(getAxesAttrName(result.name), builder.getDenseI64ArrayAttr(axes));
  result.addAttribute(getStackAxesAttrName(result.name), builder.getDenseI64ArrayAttr(stackAxes));
  result.addAttribute(
      getOperandSegmentSizesAttrName(result.name),
      builder.getDenseI32ArrayAttr({static_cast<int32_t>(limit.size()), static_cast<int32_t>(inits.size()),
                                    static_cast<int32_t>(scanned.size())}));
  result.addTypes(initTypes);
  result.addTypes(stackTypes);
  Region *condition = result.addRegion(), *body = result.addRegion();
  if (succeeded(parser.parseOptionalKeyword("while")) &&
      parseBody(parser, *condition, ArrayRef(*arguments).take_front(1 + inits.size())))
    return failure();
  return failure(parser.parseKeyword("do") || parseBody(parser, *body, *arguments));
}

void LoopOp::print(OpAsmPrinter &printer) {
  if (DimsAttr count = getCountAttr()) {
    printer << " to(";
    printDims(printer, count);
    printer << ")";
  } else if (Value limit = getLimit()) {
    printer << " to(" << limit << " : " << limit.getType() << ")";
  }
  if (!getInits().empty())
    printer << " carry(" << getInits() << " : " << getInits().getTypes() << ")";
  if (!getScanned().empty()) {
    printer << " scan(";
    llvm::interleaveComma(llvm::zip(getScanned(), getAxes()), printer,
                          [&](auto each) { printer << std::get<0>(each) << " along " << std::get<1>(each); });
    printer << " : " << getScanned().getTypes() << ")";
  }
  if (!getStackAxes().empty()) {
    printer << " stack(";
    llvm::interleaveComma(llvm::zip(TypeRange(getResultTypes()).drop_front(getNumCarried()), getStackAxes()), printer,
                          [&](auto each) { printer << std::get<0>(each) << " along " << std::get<1>(each); });
    printer << ")";
  }
  printer.printOptionalAttrDictWithKeyword(
      (*this)->getAttrs(),
      {getCountAttrName(), getAxesAttrName(), getStackAxesAttrName(), getOperandSegmentSizesAttrName()});
  auto printBody = [&](StringRef word, Region &region) {
    printer << " " << word << "(";
    llvm::interleaveComma(region.getArguments(), printer, [&](Value value) { printer << value; });
    printer << ") ";
    OutputOp output = outputOf(region);
    bool isImplicit = output && output->getNumOperands() == 0 && output->getAttrs().empty();
    printer.printRegion(region, /*printEntryBlockArgs=*/false, /*printBlockTerminators=*/!isImplicit);
  };
  if (isConditional())
    printBody("while", getCondition());
  printBody("do", getBody());
}

//===- loop: folding --------------------------------------------------------------------------------------------------

namespace {
// A loop that has the given carried and stacked values of another; its regions are that one's.
LoopOp createReduced(PatternRewriter &rewriter, LoopOp op, const llvm::BitVector &dropped) {
  SmallVector<Value> inits, outputs;
  SmallVector<Type> types;
  SmallVector<int64_t> stackAxes;
  unsigned carried = op.getNumCarried();
  for (OpResult result : op.getResults()) {
    unsigned index = result.getResultNumber();
    if (dropped[index])
      continue;
    types.push_back(result.getType());
    outputs.push_back(op.getOutput().getOperand(index));
    if (index < carried)
      inits.push_back(op.getInits()[index]);
    else
      stackAxes.push_back(op.getStackAxes()[index - carried]);
  }
  auto fresh = LoopOp::create(rewriter, op.getLoc(), types, op.getCountAttr(), op.getLimit(), inits, op.getScanned(),
                              op.getAxes(), stackAxes);
  fresh->setDiscardableAttrs(op->getDiscardableAttrDictionary());
  OutputOp output = op.getOutput();
  rewriter.modifyOpInPlace(output, [&] { output->setOperands(outputs); });
  llvm::BitVector arguments(1 + carried + op.getScanned().size());
  for (unsigned index = 0; index < carried; ++index)
    arguments[1 + index] = dropped[index];
  for (auto [from, to] : {std::pair(&op.getCondition(), &fresh.getCondition()), {&op.getBody(), &fresh.getBody()}}) {
    if (from->empty())
      continue;
    rewriter.inlineRegionBefore(*from, *to, to->end());
    arguments.resize(to->getNumArguments());
    to->front().eraseArguments(arguments);
    arguments.resize(1 + carried + op.getScanned().size());
  }
  unsigned next = 0;
  for (OpResult result : op.getResults())
    if (!dropped[result.getResultNumber()])
      rewriter.replaceAllUsesWith(result, fresh.getResult(next++));
  return fresh;
}

// What is carried and never changes is the value from outside.
struct ForwardInvariants : OpRewritePattern<LoopOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(LoopOp op, PatternRewriter &rewriter) const override {
    llvm::BitVector dropped(op.getNumResults());
    for (unsigned index = 0; index < op.getNumCarried(); ++index)
      dropped[index] = op.getOutput().getOperand(index) == op.getCarried(index) && !mayShowState(op.getInits()[index]);
    if (dropped.none())
      return rewriter.notifyMatchFailure(op, "expects a carried value that stays as it is");
    for (unsigned index : dropped.set_bits()) {
      Value init = op.getInits()[index];
      rewriter.replaceAllUsesWith(op.getCarried(index), init);
      if (op.isConditional())
        rewriter.replaceAllUsesWith(op.getCondition().getArgument(1 + index), init);
      rewriter.replaceAllUsesWith(op.getResult(index), init);
    }
    createReduced(rewriter, op, dropped);
    rewriter.eraseOp(op);
    return success();
  }
};

// Stacked results that nobody uses.
struct DropUnusedStacks : OpRewritePattern<LoopOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(LoopOp op, PatternRewriter &rewriter) const override {
    llvm::BitVector dropped(op.getNumResults());
    for (unsigned index = op.getNumCarried(); index < op.getNumResults(); ++index)
      dropped[index] = op.getResult(index).use_empty();
    if (dropped.none())
      return rewriter.notifyMatchFailure(op, "expects a stacked result without uses");
    createReduced(rewriter, op, dropped);
    rewriter.eraseOp(op);
    return success();
  }
};

// No trip at all, and nothing that is stacked.
struct SkipEmptyLoop : OpRewritePattern<LoopOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(LoopOp op, PatternRewriter &rewriter) const override {
    DimsAttr count = op.getCountAttr();
    if (!count || exprOf(count.getNames()[0]).constant() != 0 || !op.getStackAxes().empty() ||
        llvm::any_of(op.getInits(), mayShowState))
      return rewriter.notifyMatchFailure(op, "expects a loop without trips that stacks nothing");
    rewriter.replaceOp(op, op.getInits());
    return success();
  }
};
} // namespace

void LoopOp::getCanonicalizationPatterns(RewritePatternSet &patterns, MLIRContext *context) {
  patterns.add<ForwardInvariants, DropUnusedStacks, SkipEmptyLoop>(context);
}
