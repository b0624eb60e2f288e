// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shape rules of attention and of the rotation of its queries and keys.
#include "dialect/Dialect.h"

using namespace mlir;
using namespace varve::ir;

LogicalResult RopeOp::inferReturnTypes(MLIRContext *, MaybeLoc location, Adaptor adaptor,
                                       SmallVectorImpl<Type> &types) {
  Named input("input", adaptor.getInput()), cos("cos", adaptor.getCos()), sin("sin", adaptor.getSin());
  if (input.type.getRank() != 4) // C1
    return emitOptionalError(location, "expects input [batch, seq, heads, dim], but got ", input.type);
  if (cos.type != sin.type) // C2
    return emitOptionalError(location, "expects cos and sin of the same type, but got ", cos.type, " and ", sin.type);
  Dims dims = dimsOf(input.type), angles = dimsOf(cos.type), leading{dims[0], dims[1]};
  if ((angles.size() != 2 && angles.size() != 3) ||
      ArrayRef(angles).drop_back() != ArrayRef(leading).take_back(angles.size() - 1) ||
      exprOf(angles.back()) * 2 != exprOf(dims[3])) // C3
    return emitOptionalError(location, "expects input [batch, seq, heads, dim] and cos [seq, dim / 2] or ",
                             "[batch, seq, dim / 2], but got ", input.type, " and ", cos.type);
  if (Type element = cos.type.getElementType(); !element.isF32() && element != input.type.getElementType()) // C4
    return emitOptionalError(location, "expects cos and sin of element type f32 or the input's, but got ", cos.type,
                             " and input ", input.type);
  types.push_back(input.type);
  return success();
}

LogicalResult AttentionOp::inferReturnTypes(MLIRContext *, MaybeLoc location, Adaptor adaptor,
                                            SmallVectorImpl<Type> &types) {
  Named query("query", adaptor.getQuery()), key("key", adaptor.getKey()), value("value", adaptor.getValue());
  for (const Named &operand : {query, key, value})
    if (operand.type.getRank() != 4) // C1
      return emitOptionalError(location, "expects ", operand.name, " [batch, seq, heads, dim], but got ", operand.type);
  if (failed(sameElement(location, query, key)) || failed(sameElement(location, query, value))) // C2
    return failure();
  Dims q = dimsOf(query.type), k = dimsOf(key.type), v = dimsOf(value.type);
  if (q[0] != k[0] || q[3] != k[3]) // C3
    return emitOptionalError(location, "expects query [B, T, H, D] and key [B, S, Hkv, D], but got ", query.type,
                             " and ", key.type);
  if (ArrayRef(k).take_front(3) != ArrayRef(v).take_front(3)) // C3
    return emitOptionalError(location, "expects key [B, S, Hkv, D] and value [B, S, Hkv, Dv], but got ", key.type,
                             " and ", value.type);
  if (q[2] != k[2] && !exprOf(q[2]).dividedBy(exprOf(k[2]))) // C4
    return emitOptionalError(location, "expects heads of query in a multiple of those of key, but got ", q[2].str(),
                             " and ", k[2].str());
  if (adaptor.getMask()) {
    Named mask("mask", adaptor.getMask());
    Dims m = dimsOf(mask.type), full{q[0], q[2], q[1], k[1]};
    bool fits = m.size() == 4 && m[2] == full[2] && m[3] == full[3];
    for (int axis : {0, 1})
      fits = fits && (m[axis].isOne() || m[axis] == full[axis]);
    if (!fits) // C5
      return emitOptionalError(location, "expects mask ", str(full), " or 1 in the first two dimensions, but got ",
                               mask.type);
    if (Type element = mask.type.getElementType();
        !element.isInteger(1) && element != query.type.getElementType()) // C6
      return emitOptionalError(location, "expects mask of element type i1 or the query's, but got ", mask.type, " and ",
                               query.type);
  }
  if (std::optional<APFloat> scale = adaptor.getScale(); scale && !scale->isFinite()) // C7
    return emitOptionalError(location, "expects a finite scale, but got ", scale->convertToDouble());
  if (std::optional<int64_t> window = adaptor.getWindow(); window && *window < 1) // C8
    return emitOptionalError(location, "expects a window of 1 or more, but got ", *window);
  if (std::optional<APFloat> cap = adaptor.getSoftCap();
      cap && !(cap->isFinite() && !cap->isNegative() && cap->isNonZero())) // C9
    return emitOptionalError(location, "expects a finite soft cap above 0, but got ", cap->convertToDouble());
  for (auto [name, operand] : {std::pair("sinks", adaptor.getSinks()), std::pair("slopes", adaptor.getSlopes())}) {
    if (!operand)
      continue;
    Named each(name, operand);
    if (Dims dims = dimsOf(each.type); dims.size() != 1 || dims[0] != q[2]) // C10
      return emitOptionalError(location, "expects ", name, " [", q[2].str(), "], one of each head of query, but got ",
                               each.type);
    if (Type element = each.type.getElementType(); !element.isF32() && element != query.type.getElementType()) // C11
      return emitOptionalError(location, "expects ", name, " of element type f32 or the query's, but got ", each.type,
                               " and ", query.type);
  }
  types.push_back(tensorOf({q[0], q[1], q[2], v[3]}, query.type.getElementType()));
  return success();
}
