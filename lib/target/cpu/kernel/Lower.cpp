// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Each op of varve_cpu becomes a call of a kernel. Ops that differ in sizes alone share one; products with other bodies share
// the kernel too, and have functions of their own for what is done with the sums.
#include "lib/lower/Lower.h"
#include "lib/target/cpu/Passes.h"
#include "lib/target/cpu/kernel/BlockProduct.h"
#include "lib/target/cpu/kernel/Pool.h"
#include "lib/target/cpu/kernel/attention/Attention.h"
#include "lib/target/cpu/kernel/convolution/Convolution.h"
#include "lib/target/cpu/memory/Memory.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/TypeSwitch.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"

using namespace mlir;

namespace varve::target::cpu {

#define GEN_PASS_DEF_LOWERKERNELSPASS
#include "lib/target/cpu/Passes.h.inc"

namespace {
// What of an operand a kernel depends on.
void describe(llvm::raw_ostream &out, Value operand) {
  auto type = cast<MemRefType>(operand.getType());
  out << ' ' << type.getElementType() << type.getRank() << isUnitStride(type);
}

// A text that ops have in common if one kernel, or one function behind it, does for them.
std::string keyOf(PackOp op) {
  std::string key;
  llvm::raw_string_ostream out(key);
  out << "pack " << matricesOf(op) << rowsOf(op) << op.getPairs() << op.getMap().has_value();
  return key;
}
std::string keyOf(ProductOp op) {
  std::string key;
  llvm::raw_string_ostream out(key);
  describe(out << "product" << op.getPairs(), op.getWeight());
  if (op.getRow())
    describe(out, op.getRow());
  out << panelOf(op) << op.getEncoding().value_or("");
  return key;
}
std::string keyOf(QuantizeOp op) {
  std::string key;
  llvm::raw_string_ostream out(key);
  describe(out << "quantize " << op.getEncoding(), op.getInput());
  return key;
}
std::string keyOf(AttentionOp op) {
  std::string key;
  llvm::raw_string_ostream out(key);
  out << "attention " << op->getAttrDictionary();
  for (Type type : typesOf(op))
    out << ' ' << type;
  std::optional<bool> few = isFew(op);
  out << " few " << (few ? int(*few) : -1);
  std::optional<int64_t> rows = knownRows(op);
  if (!few || *few)
    out << " rows " << rows.value_or(-1);
  else
    out << " gathered "
        << (rows ? int(*rows >= gatheredRows(cast<MemRefType>(op.getKey().getType()).getElementType())) : -1);
  return key;
}
std::string keyOf(ConvolutionOp op) {
  std::string key;
  llvm::raw_string_ostream out(key);
  out << "convolution " << cast<MemRefType>(op.getInput().getType()).getElementType() << int(stepOf(op)) << ' '
      << (op.getWinograd()       ? 3
          : op.getChannelsLast() ? 1 + isPoint(op)
                                 : 0)
      << bool(op.getRoom()) << panelOf(op) << cast<MemRefType>(op.getWeight().getType()).getLayout().isIdentity();
  describe(out, op.getWeight());
  return key;
}
std::string keyOf(PoolOp op) {
  std::string key;
  llvm::raw_string_ostream out(key);
  describe(out << "pool " << op.getKind() << op.getDivisor().value_or(0) << op.getCountsPadding(), op.getInput());
  return key;
}
template <class Op> std::string keyOfBody(Op op) {
  std::string key;
  llvm::raw_string_ostream out(key);
  out << op->getName() << panelOf(op) << op.getMaps();
  for (MemRefType type : recordOf(op))
    out << ' ' << type;
  DenseMap<Value, unsigned> numbers;
  for (BlockArgument argument : op.getBody().getArguments())
    numbers.insert({argument, numbers.size()});
  for (Operation &inner : op.getBody().front()) {
    out << '\n' << inner.getName() << inner.getAttrDictionary();
    for (Value operand : inner.getOperands())
      out << ' ' << numbers.lookup(operand);
    for (Value result : inner.getResults()) {
      numbers.insert({result, numbers.size()});
      out << ' ' << result.getType();
    }
  }
  return key;
}

struct LowerKernels : impl::LowerKernelsPassBase<LowerKernels> {
  using LowerKernelsPassBase::LowerKernelsPassBase;

  void runOnOperation() override {
    SmallVector<Operation *> ops;
    getOperation().walk([&](Operation *op) {
      if (isa<PackOp, QuantizeOp, ProductOp, AttentionOp, ConvolutionOp, PoolOp>(op))
        ops.push_back(op);
    });
    for (Operation *op : ops) {
      if (!llvm::all_of(op->getOperandTypes(), llvm::IsaPred<MemRefType, IndexType>)) {
        op->emitOpError("expects memrefs as operands");
        return signalPassFailure();
      }
      takeConstants(op);
      LogicalResult result = llvm::TypeSwitch<Operation *, LogicalResult>(op)
                                 .Case<PackOp, QuantizeOp, ProductOp, AttentionOp, ConvolutionOp, PoolOp>(
                                     [&](auto each) { return lower(each); });
      if (failed(result))
        return signalPassFailure();
      op->erase();
    }
  }

private:
  // Canonicalisation moves constants out of bodies; the functions made of these have their own.
  static void takeConstants(Operation *op) {
    for (Region &region : op->getRegions())
      for (Operation &inner : llvm::make_early_inc_range(region.getOps()))
        for (OpOperand &operand : inner.getOpOperands())
          if (Operation *constant = operand.get().getDefiningOp(); constant && constant->getParentRegion() != &region) {
            OpBuilder builder = OpBuilder::atBlockBegin(&region.front());
            operand.set(builder.clone(*constant)->getResult(0));
          }
  }

  // The function of a key, which `build` builds the first time.
  func::FuncOp once(StringRef prefix, const std::string &key,
                    llvm::function_ref<func::FuncOp(OpBuilder &, StringRef)> build) {
    func::FuncOp &function = functions[key];
    if (!function) {
      OpBuilder builder = OpBuilder::atBlockEnd(getOperation().getBody());
      function = build(builder, (prefix + Twine(functions.size() - 1)).str());
    }
    return function;
  }

  LogicalResult lower(PackOp op) {
    func::FuncOp kernel = once("varve.pack.", keyOf(op),
                               [&](OpBuilder &builder, StringRef name) { return buildPack(builder, name, op, lanes); });
    return call(op, kernel, {op.getMap() ? viewMatrices(op) : op.getInput(), op.getOutput()}, {});
  }

  LogicalResult lower(QuantizeOp op) {
    func::FuncOp kernel = once("varve.quantize.", keyOf(op), [&](OpBuilder &builder, StringRef name) {
      return buildQuantize(builder, name, op, {lanes, vnni});
    });
    return call(op, kernel, op->getOperands(), {});
  }

  LogicalResult lower(ProductOp op) {
    func::FuncOp kernel = once("varve.product.", keyOf(op), [&](OpBuilder &builder, StringRef name) {
      return op.getEncoding() ? buildBlockProduct(builder, name, op, {lanes, vnni, blocksAhead, streams})
                              : buildProduct(builder, name, op,
                                             {lanes, rows, depth, panels, tiles, panelStays, ahead, streams, unroll});
    });
    func::FuncOp finish = once("varve.finish.", keyOfBody(op), [&](OpBuilder &builder, StringRef name) {
      return buildFinish(builder, name, op, {lanes, rows});
    });
    FailureOr<Value> record = makeRecord(op);
    if (failed(record))
      return failure();
    SmallVector<Value> memories{op.getPacked(), op.getWeight()}, others{addressOf(op, finish), *record};
    if (op.getRow())
      memories.push_back(op.getRow());
    llvm::append_range(others, op.getBatch());
    return call(op, kernel, memories, others);
  }

  LogicalResult lower(ConvolutionOp op) {
    func::FuncOp kernel = once("varve.convolution.", keyOf(op), [&](OpBuilder &builder, StringRef name) {
      return buildConvolution(builder, name, op, {.lanes = lanes, .rows = rows, .unroll = unroll});
    });
    func::FuncOp finish = once("varve.finish.", keyOfBody(op), [&](OpBuilder &builder, StringRef name) {
      return op.getChannelsLast() ? buildFinish(builder, name, op, {lanes, rows})
                                  : buildConvolutionFinish(builder, name, op, {lanes, rows});
    });
    FailureOr<Value> record = makeRecord(op);
    if (failed(record))
      return failure();
    OpBuilder builder(op);
    SmallVector<Value> memories{op.getInput(), op.getWeight()}, others{addressOf(op, finish), *record};
    if (op.getRoom())
      memories.push_back(allocate(op, op.getRoom()));
    llvm::append_range(others, numbersOf(builder, op));
    return call(op, kernel, memories, others);
  }

  LogicalResult lower(PoolOp op) {
    func::FuncOp kernel = once("varve.pool.", keyOf(op),
                               [&](OpBuilder &builder, StringRef name) { return buildPool(builder, name, op, lanes); });
    OpBuilder builder(op);
    return call(op, kernel, {op.getInput(), op.getOutput()}, numbersOf(builder, op));
  }

  LogicalResult lower(AttentionOp op) {
    func::FuncOp kernel = once("varve.attention.", keyOf(op), [&](OpBuilder &builder, StringRef name) {
      return buildAttention(
          builder, name, op,
          {.lanes = lanes, .rows = rows, .keysAhead = keysAhead, .valuesAhead = valuesAhead, .valueKeys = valueKeys});
    });
    return call(op, kernel, memoriesOf(op), {allocate(op, op.getRoom()), op.getParts()});
  }

  // Memory of so many f32.
  static Value allocate(Operation *op, Value room) {
    OpBuilder builder(op);
    auto type = MemRefType::get({ShapedType::kDynamic}, builder.getF32Type());
    return memref::AllocOp::create(builder, op->getLoc(), type, room, builder.getI64IntegerAttr(64));
  }

  Value addressOf(Operation *op, func::FuncOp function) {
    OpBuilder builder(op);
    auto address = func::ConstantOp::create(builder, op->getLoc(), function.getFunctionType(), function.getName());
    Type pointer = LLVM::LLVMPointerType::get(&getContext());
    return UnrealizedConversionCastOp::create(builder, op->getLoc(), pointer, address.getResult()).getResult(0);
  }

  // The descriptors of extra operands and output in memory of the function that the op is in.
  template <class Op> FailureOr<Value> makeRecord(Op op) {
    OpBuilder builder(op);
    Location location = op.getLoc();
    LLVMTypeConverter types(&getContext());
    SmallVector<Value> operands(op.getExtras());
    operands.push_back(op.getOutput());
    SmallVector<Value> fields;
    SmallVector<Type> fieldTypes;
    for (auto [operand, type] : llvm::zip(operands, recordOf(op))) {
      FailureOr<Value> memory = castTo(op, operand, type);
      if (failed(memory))
        return failure();
      fieldTypes.push_back(types.convertType(type));
      fields.push_back(UnrealizedConversionCastOp::create(builder, location, fieldTypes.back(), *memory).getResult(0));
    }
    auto type = LLVM::LLVMStructType::getLiteral(&getContext(), fieldTypes);
    Value filled = LLVM::UndefOp::create(builder, location, type);
    for (auto [index, field] : llvm::enumerate(fields))
      filled = LLVM::InsertValueOp::create(builder, location, filled, field, index);
    // Allocated once in the function, not at each turn of a loop.
    OpBuilder entry = OpBuilder::atBlockBegin(&op->template getParentOfType<func::FuncOp>().front());
    Value one = LLVM::ConstantOp::create(entry, location, entry.getI64Type(), 1);
    Value memory = LLVM::AllocaOp::create(entry, location, LLVM::LLVMPointerType::get(&getContext()), type, one,
                                          /*alignment=*/16);
    LLVM::StoreOp::create(builder, location, filled, memory);
    return memory;
  }

  static FailureOr<Value> castTo(Operation *op, Value operand, MemRefType type) {
    if (isUnitStride(type) && !isUnitStride(cast<MemRefType>(operand.getType())))
      return op->emitOpError("expects operands that are contiguous along their last axis, but got ")
             << operand.getType();
    if (operand.getType() == type)
      return operand;
    OpBuilder builder(op);
    return memref::CastOp::create(builder, op->getLoc(), type, operand).getResult();
  }

  static LogicalResult call(Operation *op, func::FuncOp kernel, ValueRange memories, ValueRange others) {
    OpBuilder builder(op);
    SmallVector<Value> operands{op->getParentOfType<func::FuncOp>().getArgument(lower::convention::context)};
    for (auto [memory, type] : llvm::zip(memories, ArrayRef(kernel.getArgumentTypes()).drop_front())) {
      FailureOr<Value> cast = castTo(op, memory, llvm::cast<MemRefType>(type));
      if (failed(cast))
        return failure();
      operands.push_back(*cast);
    }
    llvm::append_range(operands, others);
    func::CallOp::create(builder, op->getLoc(), kernel, operands);
    return success();
  }

  llvm::StringMap<func::FuncOp> functions;
};
} // namespace

} // namespace varve::target::cpu
