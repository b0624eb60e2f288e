// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shape rules of matrix products.
#include "dialect/Dialect.h"

using namespace mlir;
using namespace varve::ir;

LogicalResult LinearOp::inferReturnTypes(MLIRContext *, MaybeLoc location, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  Named input("input", adaptor.getInput()), weight("weight", adaptor.getWeight());
  if (weight.type.getRank() != 2 || input.type.getRank() < 1) // C1
    return emitOptionalError(location, "expects input [.., in] and weight [out, in], but got ", input.type, " and ",
                             weight.type);
  Dims dims = dimsOf(input.type), matrix = dimsOf(weight.type);
  if (dims.back() != matrix[1]) // C2
    return emitOptionalError(location, "expects the last dimension of input to be the last of weight, but got ",
                             input.type, " and ", weight.type);
  if (encodingOf(weight.type.getElementType()) == varve::Encoding::none &&
      failed(sameElement(location, input, weight))) // C3
    return failure();
  dims.back() = matrix[0];
  types.push_back(tensorOf(dims, input.type.getElementType()));
  return success();
}

LogicalResult MatmulOp::inferReturnTypes(MLIRContext *, MaybeLoc location, Adaptor adaptor,
                                         SmallVectorImpl<Type> &types) {
  Named lhs("lhs", adaptor.getLhs()), rhs("rhs", adaptor.getRhs());
  if (lhs.type.getRank() < 2 || rhs.type.getRank() < 2) // C1
    return emitOptionalError(location, "expects lhs [.., m, k] and rhs [.., k, n], but got ", lhs.type, " and ",
                             rhs.type);
  Dims left = dimsOf(lhs.type), right = dimsOf(rhs.type);
  if (left.back() != right[right.size() - 2]) // C2
    return emitOptionalError(location, "expects the last dimension of lhs to be the last but one of rhs, but got ",
                             lhs.type, " and ", rhs.type);
  if (failed(sameElement(location, lhs, rhs))) // C3
    return failure();
  Type element = lhs.type.getElementType();
  Named leftBatch("the batch of lhs", tensorOf(ArrayRef(left).drop_back(2), element)),
      rightBatch("the batch of rhs", tensorOf(ArrayRef(right).drop_back(2), element));
  FailureOr<Dims> dims = broadcast(location, {leftBatch, rightBatch}); // C4
  if (failed(dims))
    return failure();
  dims->push_back(left[left.size() - 2]);
  dims->push_back(right.back());
  types.push_back(tensorOf(*dims, element));
  return success();
}

LogicalResult GroupedMatmulOp::inferReturnTypes(MLIRContext *, MaybeLoc location, Adaptor adaptor,
                                                SmallVectorImpl<Type> &types) {
  Named input("input", adaptor.getInput()), weight("weight", adaptor.getWeight()), sizes("sizes", adaptor.getSizes());
  if (input.type.getRank() != 2 || weight.type.getRank() != 3) // C1
    return emitOptionalError(location, "expects input [rows, in] and weight [groups, out, in], but got ", input.type,
                             " and ", weight.type);
  Dims dims = dimsOf(input.type), matrices = dimsOf(weight.type);
  if (dims[1] != matrices[2]) // C2
    return emitOptionalError(location, "expects the last dimension of input to be the last of weight, but got ",
                             input.type, " and ", weight.type);
  if (dimsOf(sizes.type) != Dims{matrices[0]}) // C3
    return emitOptionalError(location, "expects sizes [", matrices[0].str(), "], one for each group, but got ",
                             sizes.type);
  if (failed(sameElement(location, input, weight))) // C4
    return failure();
  types.push_back(tensorOf({dims[0], matrices[1]}, input.type.getElementType()));
  return success();
}
