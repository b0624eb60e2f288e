// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/passes/Costs.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace varve::passes {

using ir::DimExpr;
using ir::Dims;

namespace {
Dims dimsOf(Value value) { return ir::dimsOf(cast<RankedTensorType>(value.getType())); }
DimExpr elementsOf(Value value) { return ir::productOf(dimsOf(value)); }
DimExpr elementsOf(Operation *op) { return elementsOf(op->getResult(0)); }
DimExpr last(Value value) { return ir::exprOf(dimsOf(value).back()); }

// Of a weight [out, in, ..]: what one of its outputs is summed from.
DimExpr insideOf(Value weight) { return ir::productOf(ArrayRef(Dims(dimsOf(weight))).drop_front()); }

DimExpr leastOf(const DimExpr &expr, int64_t most, std::vector<Least> &least) {
  if (std::optional<int64_t> value = expr.constant())
    return DimExpr(std::min(*value, most));
  auto same = llvm::find_if(least, [&](const Least &each) { return each.most == most && each.of == expr; });
  if (same != least.end())
    return DimExpr::named(same->name);
  least.push_back({"least." + std::to_string(least.size()), expr, most});
  return DimExpr::named(least.back().name);
}

// Twice the sum of min(i, window) for i from 1 to n.
DimExpr windowed(const DimExpr &n, int64_t window, std::vector<Least> &least) {
  DimExpr within = leastOf(n, window, least);
  return within * within + within + (n - within) * DimExpr(2 * window);
}

DimExpr attention(ir::AttentionOp op, std::vector<Least> &least) {
  Dims query = dimsOf(op.getQuery()), value = dimsOf(op.getValue());
  DimExpr queries = ir::exprOf(query[1]), keys = ir::exprOf(value[1]);
  DimExpr pairs = queries * keys; // twice
  pairs = pairs + pairs;
  DimExpr later = queries * queries - queries; // twice the keys that are after their query
  if (std::optional<uint64_t> window = op.getWindow(); window && *window < (uint64_t(1) << 31)) {
    auto size = static_cast<int64_t>(*window);
    DimExpr seen = windowed(keys, size, least) - windowed(keys - queries, size, least);
    pairs = op.getCausal() ? seen : seen + later;
  } else if (op.getCausal()) { // the last query sees all keys, each before it one less
    pairs = pairs - later;
  }
  return pairs * ir::exprOf(query[0]) * ir::exprOf(query[2]) * (ir::exprOf(query[3]) + ir::exprOf(value[3]));
}

DimExpr pool(Operation *op, ArrayRef<int64_t> kernel) {
  DimExpr window(1);
  for (int64_t size : kernel)
    window = window * DimExpr(size);
  return elementsOf(op) * window;
}
} // namespace

// The one table of FLOPs. What is not in it is elementwise: one for each element of the result.
DimExpr flopsOf(Operation *op, std::vector<Least> &least) {
  auto elements = [](int64_t each) { return [each](Operation *one) { return elementsOf(one) * DimExpr(each); }; };
  DimExpr two(2);
  DimExpr flops =
      llvm::TypeSwitch<Operation *, DimExpr>(op)
          .Case([&](ir::LinearOp each) { return two * elementsOf(op) * last(each.getInput()); })
          .Case([&](ir::MatmulOp each) { return two * elementsOf(op) * last(each.getLhs()); })
          .Case([&](ir::GroupedMatmulOp each) { return two * elementsOf(op) * last(each.getInput()); })
          .Case([&](ir::ConvOp each) { return two * elementsOf(op) * insideOf(each.getWeight()); })
          .Case(
              [&](ir::ConvTransposeOp each) { return two * elementsOf(each.getInput()) * insideOf(each.getWeight()); })
          .Case([&](ir::CausalConvOp each) { return two * elementsOf(op) * last(each.getWeight()); })
          .Case([&](ir::SelectiveScanOp each) { return DimExpr(6) * elementsOf(each.getInput()) * last(each.getA()); })
          .Case([&](ir::AttentionOp each) { return attention(each, least); })
          .Case<ir::RopeOp>(elements(3))
          .Case<ir::SoftmaxOp>(elements(5))
          .Case<ir::RmsNormOp, ir::BatchNormOp>(elements(4))
          .Case<ir::LayerNormOp, ir::GroupNormOp>(elements(8))
          .Case<ir::DequantizeOp>(elements(2))
          .Case<ir::MaxPoolOp, ir::AvgPoolOp>([&](auto each) { return pool(op, each.getKernel()); })
          .Case<ir::AdaptiveAvgPoolOp, ir::AdaptiveMaxPoolOp, ir::ReduceSumOp, ir::ReduceMeanOp, ir::ReduceMaxOp,
                ir::ReduceMinOp, ir::ReduceProdOp, ir::ArgmaxOp, ir::ArgminOp>(
              [](Operation *each) { return elementsOf(each->getOperand(0)); })
          .Case<ir::BroadcastOp, ir::BufferLoadOp, ir::BufferStoreOp, ir::CastOp, ir::ConcatOp, ir::ConstantOp,
                ir::FlipOp, ir::GatherOp, ir::IdentityOp, ir::IotaOp, ir::PadOp, ir::PutAlongAxisOp, ir::RandomOp,
                ir::RebindOp, ir::ReshapeOp, ir::ScatterOp, ir::SliceOp, ir::SortOp, ir::SplitOp, ir::TakeAlongAxisOp,
                ir::TopKOp, ir::TransposeOp>([](Operation *) { return DimExpr(0); })
          .Default([](Operation *each) { return each->getNumResults() ? elementsOf(each) : DimExpr(0); });
  return flops.isOverflow() ? DimExpr(0) : flops;
}

DimExpr bytesOf(Type element, const DimExpr &count) {
  if (const EncodingInfo &info = info_of(ir::encodingOf(element)); info.encoding != Encoding::none) {
    DimExpr bytes = count * DimExpr(info.bytes);
    return bytes.dividedBy(DimExpr(info.elements)).value_or(bytes.floorDiv(info.elements));
  }
  return count * DimExpr((element.getIntOrFloatBitWidth() + 7) / 8);
}

DimExpr bytesOf(RankedTensorType type) {
  DimExpr bytes = bytesOf(type.getElementType(), DimExpr(ir::productOf(ir::dimsOf(type))));
  return bytes.isOverflow() ? DimExpr(0) : bytes;
}

DimExpr bytesRead(Operation *op, unsigned operand) {
  auto type = dyn_cast<RankedTensorType>(op->getOperand(operand).getType());
  if (!type)
    return 0;
  if (operand == 0 && isa<ir::GatherOp, ir::TakeAlongAxisOp>(op))
    return bytesOf(type.getElementType(), elementsOf(op));
  return bytesOf(type);
}

std::string whyNoKernel(Operation *op) {
  if (auto linear = dyn_cast<ir::LinearOp>(op)) {
    auto weight = cast<RankedTensorType>(linear.getWeight().getType());
    if (Encoding encoding = ir::encodingOf(weight.getElementType()); encoding != Encoding::none)
      return "its weight is in blocks, of " + std::string(name_of(encoding));
    if (!isa_and_nonnull<ir::PanelsAttr>(weight.getEncoding()))
      return "its weight is computed, or read by other than products and row lookups, so that it is not packed";
  }
  if (isa<ir::MatmulOp>(op))
    return "it has fewer than 4 rows, columns or terms, so that packing would be most of the work";
  if (isa<ir::GroupedMatmulOp>(op))
    return "which matrix a row is multiplied with is only known from the data";
  if (auto attention = dyn_cast<ir::AttentionOp>(op)) {
    if (attention.getQuery().getType().isDynamicDim(3) || attention.getValue().getType().isDynamicDim(3))
      return "the size of a head is not known";
    return "it has heads that are large or not contiguous";
  }
  return "";
}

} // namespace varve::passes
