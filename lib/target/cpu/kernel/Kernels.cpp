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

LogicalResult PackOp::verify() {
  if (!isFloatOfRank(getInput().getType(), 2))
    return emitOpError("expects input to be a matrix of f32, f16 or bf16, but got ") << getInput().getType();
  auto output = cast<ShapedType>(getOutput().getType());
  if (!isFloatOfRank(output, 3) || !output.getElementType().isF32() || output.isDynamicDim(2))
    return emitOpError("expects output to be groups of a known number of rows in f32, but got ") << output;
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
  if (!isFloatOfRank(getInput().getType(), 2))
    return emitOpError("expects input to be a matrix of f32, f16 or bf16, but got ") << getInput().getType();
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
  auto output = cast<ShapedType>(getOutput().getType());
  if (output.getRank() != 2)
    return emitOpError("expects output to be a matrix, but got ") << output;
  if (getMaps().size() != getExtras().size())
    return emitOpError("expects a map for each extra operand, but got ") << getMaps().size();
  SmallVector<Type> arguments{Float32Type::get(getContext())};
  for (auto [extra, map] : llvm::zip(getExtras(), getMaps().getAsValueRange<AffineMapAttr>())) {
    auto type = cast<ShapedType>(extra.getType());
    if (map.getNumDims() != 2 || map.getNumSymbols() != 0 || !map.isProjectedPermutation() ||
        map.getNumResults() != type.getRank() || (map.getNumResults() == 2 && !map.isIdentity()))
      return emitOpError("expects maps to (m, n), (m), (n) or none, as many as the operand has axes, but got ")
             << AffineMapAttr::get(map);
    arguments.push_back(type.getElementType());
  }
  if (!llvm::equal(getBody().getArgumentTypes(), arguments))
    return emitOpError("expects a body of the sum and the elements of its extra operands");
  for (Operation &op : getBody().front().without_terminator())
    if (!op.hasTrait<OpTrait::ConstantLike>() && (!OpTrait::hasElementwiseMappableTraits(&op) || op.getNumRegions()))
      return op.emitOpError("expects to be elementwise in a body");
  Type given = cast<YieldOp>(getBody().front().getTerminator()).getValue().getType();
  if (given != output.getElementType())
    return emitOpError("expects the body to give an element of output, but got ") << given;
  return success();
}

LogicalResult AttentionOp::verify() {
  for (Value operand : {getQuery(), getKey(), getValue(), getOutput()})
    if (!isFloatOfRank(operand.getType(), 4) || cast<ShapedType>(operand.getType()).isDynamicDim(3))
      return emitOpError("expects heads of a known size, of f32, f16 or bf16, but got ") << operand.getType();
  if (getMask() && cast<ShapedType>(getMask().getType()).getRank() != 4)
    return emitOpError("expects a mask of rank 4, but got ") << getMask().getType();
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
    AttentionOp::attachInterface<Bufferize<AttentionOp>>(*context);
  });
}

} // namespace varve::target::cpu

#define GET_OP_CLASSES
#include "lib/target/cpu/kernel/Kernels.cpp.inc"
