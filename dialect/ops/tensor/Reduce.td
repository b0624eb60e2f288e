// Ops that take one value from all elements along some axes.
#ifndef VARVE_OPS_REDUCE_TD
#define VARVE_OPS_REDUCE_TD
include "dialect/ops/Base.td"

class Varve_ReduceOp<string mnemonic, Type operand, string what, string text> : Varve_ComputeOp<mnemonic> {
  let summary = what # " of the elements along axes";
  let description = "\n    " # text # [{

    **Shapes**: the result has the input's dimensions without the axes; with `keep_dims` they stay, of size 1. Without axes
    all dimensions are reduced. An axis may be negative: it counts from the end.

    **Constraints**
    - C1: each axis lies in `[-rank, rank)`.
    - C2: no axis is named twice.

    **Example**
    ```mlir
    %0 = varve.}] # mnemonic # [{ %x {axes = array<i64: -1>, keep_dims} : (tensor<2x?x8xf32, #varve.dims<2, seq, 8>>) -> tensor<2x?x1xf32, #varve.dims<2, seq, 1>>
    ```
  }];
  let arguments = (ins operand:$input, DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$axes, UnitAttr:$keep_dims);
  let results = (outs operand:$result);
  let hasFolder = 1;
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(::mlir::MLIRContext *, ::std::optional<::mlir::Location> location,
        Adaptor adaptor, ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return ::varve::ir::inferReduce(location, adaptor.getInput().getType(), adaptor.getAxes(), adaptor.getKeepDims(), types);
    }
    // Of the input's type, each element is the only one of its sum.
    ::mlir::OpFoldResult $cppClass::fold(FoldAdaptor) {
      return getInput().getType() == getType() ? ::mlir::OpFoldResult(getInput()) : ::mlir::OpFoldResult();
    }
  }];
}

def Varve_ReduceSumOp : Varve_ReduceOp<"reduce_sum", Varve_NumberTensor, "sum",
    "Floats are summed in f32; integers wrap around. Without elements: 0.">;
def Varve_ReduceMeanOp : Varve_ReduceOp<"reduce_mean", Varve_FloatTensor, "mean",
    "Floats are summed in f32. Without elements: NaN.">;
def Varve_ReduceMaxOp : Varve_ReduceOp<"reduce_max", Varve_NumberTensor, "maximum",
    "NaN if an element is NaN. Without elements: minus infinity, or the least integer.">;
def Varve_ReduceMinOp : Varve_ReduceOp<"reduce_min", Varve_NumberTensor, "minimum",
    "NaN if an element is NaN. Without elements: infinity, or the greatest integer.">;
def Varve_ReduceProdOp : Varve_ReduceOp<"reduce_prod", Varve_NumberTensor, "product",
    "Floats are multiplied in f32; integers wrap around. Without elements: 1.">;

class Varve_ArgOp<string mnemonic, string greatest, string maxima> : Varve_ComputeOp<mnemonic> {
  let summary = "index of the " # greatest # " element along an axis";
  let description = "\n    The first of equal " # maxima # "; NaN counts as " # greatest # [{.

    **Shapes**: the result has the input's dimensions without the axis; with `keep_dims` it stays, of size 1.

    **Constraints**
    - C1: the axis lies in `[-rank, rank)`.
    - C2: the axis is not empty.

    **Example**
    ```mlir
    %0 = varve.}] # mnemonic # [{ %x {axis = -1 : i64} : (tensor<2x?x8xf32, #varve.dims<2, seq, 8>>) -> tensor<2x?xi64, #varve.dims<2, seq>>
    ```
  }];
  let arguments = (ins Varve_NumberTensor:$input, Varve_IntegerAttr:$axis, UnitAttr:$keep_dims);
  let results = (outs Varve_IndexTensor:$result);
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(::mlir::MLIRContext *, ::std::optional<::mlir::Location> location,
        Adaptor adaptor, ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return ::varve::ir::inferArg(location, adaptor.getInput().getType(), adaptor.getAxis(), adaptor.getKeepDims(), types);
    }
  }];
}

def Varve_ArgmaxOp : Varve_ArgOp<"argmax", "greatest", "maxima">;
def Varve_ArgminOp : Varve_ArgOp<"argmin", "least", "minima">;
#endif
