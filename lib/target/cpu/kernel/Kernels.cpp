// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/target/cpu/kernel/BlockProduct.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/DstBufferizableOpInterfaceImpl.h"

using namespace mlir;

#include "lib/target/cpu/kernel/KernelsDialect.cpp.inc"

namespace varve::target::cpu {

void VarveCpuDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "lib/target/cpu/kernel/Kernels.cpp.inc"
      >();
}

// On tensors the ops are pure.
static void addEffects(DestinationStyleOpInterface op,
                       SmallVectorImpl<SideEffects::EffectInstance<MemoryEffects::Effect>> &effects) {
  for (OpOperand &operand : op->getOpOperands())
    if (isa<MemRefType>(operand.get().getType())) {
      if (op.isDpsInit(&operand))
        effects.emplace_back(MemoryEffects::Write::get(), &operand);
      else
        effects.emplace_back(MemoryEffects::Read::get(), &operand);
    }
}

static bool isFloatOfRank(Type type, int64_t rank) {
  auto shaped = dyn_cast<ShapedType>(type);
  return shaped && shaped.getRank() == rank && isa<Float32Type, Float16Type, BFloat16Type>(shaped.getElementType());
}

static bool isInOrder(AffineMap map) {
  for (unsigned i = 1; i < map.getNumResults(); ++i)
    if (map.getDimPosition(i - 1) >= map.getDimPosition(i))
      return false;
  return true;
}

static bool isFloat(Type type) { return isFloatOfRank(type, cast<ShapedType>(type).getRank()); }

LogicalResult PackOp::verify() {
  if (!isFloatOfRank(getInput().getType(), 2) && !(getMap() && isFloat(getInput().getType())))
    return emitOpError("expects input to be a matrix of f32, f16 or bf16, but got ") << getInput().getType();
  if (!getMap() && !getBatch().empty())
    return emitOpError("expects a map of several matrices, but got none");
  if (std::optional<AffineMap> map = getMap()) {
    int64_t batch = getBatch().size();
    if (map->getNumDims() != batch + 2 || map->getNumSymbols() != 0 || !map->isProjectedPermutation(true) ||
        map->getNumResults() != cast<ShapedType>(getInput().getType()).getRank() || !map->isFunctionOfDim(batch) ||
        !map->isFunctionOfDim(batch + 1))
      return emitOpError("expects a map from (batch.., m, k) to the axes of ")
             << getInput().getType() << ", but got " << getMapAttr();
  }
  auto output = cast<ShapedType>(getOutput().getType());
  if (!isFloatOfRank(output, 3) || output.isDynamicDim(2) ||
      !(getPairs() ? output.getElementType().isBF16() : output.getElementType().isF32()))
    return emitOpError("expects output to be groups of a known number of rows in ")
           << (getPairs() ? "bf16" : "f32") << ", but got " << output;
  if (getPairs() && !cast<ShapedType>(getInput().getType()).getElementType().isBF16())
    return emitOpError("expects input to be bf16 in pairs, but got ") << getInput().getType();
  return success();
}

// What the body reads, and that it is elementwise.
template <class Op> static LogicalResult verifyBody(Op op, StringRef places) {
  if (op.getMaps().size() != op.getExtras().size())
    return op.emitOpError("expects a map for each extra operand, but got ") << op.getMaps().size();
  auto output = cast<ShapedType>(op.getOutput().getType());
  SmallVector<Type> arguments{Float32Type::get(op.getContext())};
  for (auto [extra, map] : llvm::zip(op.getExtras(), op.getMaps().template getAsValueRange<AffineMapAttr>())) {
    auto type = cast<ShapedType>(extra.getType());
    if (map.getNumDims() != output.getRank() || map.getNumSymbols() != 0 || !map.isProjectedPermutation() ||
        map.getNumResults() != type.getRank() || !isInOrder(map))
      return op.emitOpError("expects maps to ")
             << places << ", as many as the operand has axes, but got " << AffineMapAttr::get(map);
    arguments.push_back(type.getElementType());
  }
  if (!llvm::equal(op.getBody().getArgumentTypes(), arguments))
    return op.emitOpError("expects a body of the sum and the elements of its extra operands");
  for (Operation &inner : op.getBody().front().without_terminator())
    if (!inner.hasTrait<OpTrait::ConstantLike>() &&
        (!OpTrait::hasElementwiseMappableTraits(&inner) || inner.getNumRegions()))
      return inner.emitOpError("expects to be elementwise in a body");
  Type given = cast<YieldOp>(op.getBody().front().getTerminator()).getValue().getType();
  if (given != output.getElementType())
    return op.emitOpError("expects the body to give an element of output, but got ") << given;
  return success();
}

LogicalResult QuantizeOp::verify() {
  if (!isFloatOfRank(getInput().getType(), 2))
    return emitOpError("expects input to be a matrix of f32, f16 or bf16, but got ") << getInput().getType();
  auto output = cast<ShapedType>(getOutput().getType());
  if (output.getRank() != 2 || !output.getElementType().isInteger(32))
    return emitOpError("expects output to be groups of words of i32, but got ") << output;
  if (!blockFormOf(getEncoding()))
    return emitOpError("expects an encoding that has a kernel, but got '") << getEncoding() << "'";
  return success();
}

LogicalResult ProductOp::verify() {
  if (getRow() && !isFloatOfRank(getRow().getType(), 2))
    return emitOpError("expects row to be a matrix of f32, f16 or bf16, but got ") << getRow().getType();
  if (getBatch().size() != (getRow() ? 0 : 2) || (!getRow() && getEncoding()))
    return emitOpError("expects a row or, of floats, a batch of how many products and rows of each, but got ")
           << getBatch().size() << (getRow() ? " sizes beside a row" : " sizes");
  auto weight = cast<ShapedType>(getWeight().getType());
  if (getEncoding()) {
    std::optional<BlockForm> form = blockFormOf(*getEncoding());
    if (!form)
      return emitOpError("expects an encoding that has a kernel, but got '") << *getEncoding() << "'";
    if (weight.getRank() != 3 || !weight.getElementType().isInteger(8) ||
        weight.getDimSize(2) != form->bytes * runtime::blocks::panel_rows)
      return emitOpError("expects weight to be panels of blocks of ") << *getEncoding() << ", but got " << weight;
  } else if (!isFloatOfRank(weight, 3) || weight.isDynamicDim(2))
    return emitOpError("expects weight to be panels of f32, f16 or bf16, but got ") << weight;
  for (Value operand : {getRow(), getPacked(), getWeight()})
    if (operand && getPairs() && !cast<ShapedType>(operand.getType()).getElementType().isBF16())
      return emitOpError("expects factors to be bf16 in pairs, but got ") << operand.getType();
  auto output = cast<ShapedType>(getOutput().getType());
  if (output.getRank() != 2)
    return emitOpError("expects output to be a matrix, but got ") << output;
  return verifyBody(*this, "(m, n), (m), (n) or none");
}

LogicalResult ConvolutionOp::verify() {
  if (!isFloatOfRank(getInput().getType(), 5))
    return emitOpError("expects input ") << (getChannelsLast() ? "[n, depth, height, width, channels]"
                                                               : "[n, channels, depth, height, width]")
                                         << " of f32, f16 or bf16, but got " << getInput().getType();
  auto weight = cast<ShapedType>(getWeight().getType());
  if (!isFloatOfRank(weight, 3) || weight.isDynamicDim(2))
    return emitOpError("expects weight to be panels of f32, f16 or bf16, but got ") << weight;
  if (cast<ShapedType>(getOutput().getType()).getRank() != (getChannelsLast() ? 2 : 3))
    return emitOpError("expects output ")
           << (getChannelsLast() ? "[n and windows, channels]" : "[n, channels, windows]") << ", but got "
           << getOutput().getType();
  if (getRoom() && !getChannelsLast())
    return emitOpError("expects room for channels that are last alone");
  for (ArrayRef<int64_t> list : {getKernel(), getStrides(), getDilations(), getPadding()})
    if (list.size() != 3 || llvm::any_of(list, [](int64_t entry) { return entry < 0; }))
      return emitOpError("expects kernel, strides, dilations and padding for depth, height and width, but got ")
             << list;
  constexpr int64_t ones[] = {1, 1, 1}, window[] = {1, 3, 3};
  auto input = cast<ShapedType>(getInput().getType());
  if (getWinograd() && (!getChannelsLast() || getRoom() || getGroups() != 1 || getKernel() != ArrayRef(window) ||
                        getStrides() != ArrayRef(ones) || getDilations() != ArrayRef(ones) || getPadding()[0] != 0 ||
                        !input.getElementType().isF32() || !weight.getElementType().isF32()))
    return emitOpError("expects 3x3 windows of one group, side by side, in f32 and with channels last for Winograd's");
  return verifyBody(*this, getChannelsLast() ? "(m, n), (m), (n) or none" : "some of (n, c, p) in this order");
}

LogicalResult PoolOp::verify() {
  for (Value operand : {getInput(), getOutput()})
    if (!isFloatOfRank(operand.getType(), 5))
      return emitOpError("expects images [n, depth, height, width, channels] of f32, f16 or bf16, but got ")
             << operand.getType();
  if (getKind() != "max" && getKind() != "mean")
    return emitOpError("expects max or mean, but got '") << getKind() << "'";
  for (ArrayRef<int64_t> list : {getKernel(), getStrides(), getDilations(), getPadding(), getPaddingEnd()})
    if (list.size() != 3 || llvm::any_of(list, [](int64_t entry) { return entry < 0; }))
      return emitOpError("expects kernel, strides, dilations and padding for depth, height and width, but got ")
             << list;
  return success();
}

LogicalResult AttentionOp::verify() {
  for (Value operand : {getQuery(), getKey(), getValue(), getOutput()})
    if (!isFloatOfRank(operand.getType(), 4) || cast<ShapedType>(operand.getType()).isDynamicDim(3))
      return emitOpError("expects heads of a known size, of f32, f16 or bf16, but got ") << operand.getType();
  if (getMask() && cast<ShapedType>(getMask().getType()).getRank() != 4)
    return emitOpError("expects a mask of rank 4, but got ") << getMask().getType();
  for (Value numbers : {getSinks(), getSlopes()})
    if (numbers && !isFloatOfRank(numbers.getType(), 1))
      return emitOpError("expects sinks and slopes of rank 1, of f32, f16 or bf16, but got ") << numbers.getType();
  return success();
}

namespace {
template <typename Op> struct Bufferize : bufferization::DstBufferizableOpInterfaceExternalModel<Bufferize<Op>, Op> {
  bool bufferizesToMemoryRead(Operation *op, OpOperand &operand, const bufferization::AnalysisState &) const {
    return !cast<DestinationStyleOpInterface>(op).isDpsInit(&operand);
  }
  LogicalResult bufferize(Operation *op, RewriterBase &rewriter, const bufferization::BufferizationOptions &options,
                          bufferization::BufferizationState &state) const {
    if (op->getNumResults() == 0)
      return success();
    SmallVector<Value> operands;
    for (Value operand : op->getOperands()) {
      if (!isa<TensorType>(operand.getType())) {
        operands.push_back(operand);
        continue;
      }
      FailureOr<Value> buffer = bufferization::getBuffer(rewriter, operand, options, state);
      if (failed(buffer))
        return failure();
      operands.push_back(*buffer);
    }
    rewriter.setInsertionPoint(op);
    OperationState created(op->getLoc(), op->getName(), operands, TypeRange(), op->getAttrs());
    for (Region &region : op->getRegions())
      created.addRegion()->takeBody(region);
    rewriter.create(created);
    bufferization::replaceOpWithBufferizedValues(rewriter, op, operands.back());
    return success();
  }
};
} // namespace

void registerKernelBufferization(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, VarveCpuDialect *) {
    PackOp::attachInterface<Bufferize<PackOp>>(*context);
    QuantizeOp::attachInterface<Bufferize<QuantizeOp>>(*context);
    ProductOp::attachInterface<Bufferize<ProductOp>>(*context);
    ConvolutionOp::attachInterface<Bufferize<ConvolutionOp>>(*context);
    PoolOp::attachInterface<Bufferize<PoolOp>>(*context);
    AttentionOp::attachInterface<Bufferize<AttentionOp>>(*context);
  });
}

} // namespace varve::target::cpu

#define GET_OP_CLASSES
#include "lib/target/cpu/kernel/Kernels.cpp.inc"
