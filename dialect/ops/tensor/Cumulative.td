// Ops whose elements join those before them along an axis.
#ifndef VARVE_OPS_CUMULATIVE_TD
#define VARVE_OPS_CUMULATIVE_TD
include "dialect/ops/Base.td"

class Varve_CumulativeOp<string mnemonic, string what, string verb> : Varve_ComputeOp<mnemonic> {
  let summary = what # " of the elements up to each, along an axis";
  let description = "\n    Floats are " # verb # [{ in f32, in order, each result rounded; integers wrap around.

    **Shapes**: the result has the input's.

    **Constraints**
    - C1: the axis lies in `[-rank, rank)`.

    **Example**
    ```mlir
    %0 = varve.}] # mnemonic # [{ %x {axis = -1 : i64} : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
    ```
  }];
  let arguments = (ins Varve_NumberTensor:$input, Varve_IntegerAttr:$axis);
  let results = (outs Varve_NumberTensor:$result);
  let hasFolder = 1;
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(::mlir::MLIRContext *, ::std::optional<::mlir::Location> location,
        Adaptor adaptor, ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return ::varve::ir::inferAlongAxis(location, adaptor.getInput().getType(), adaptor.getAxis(), types);
    }
    // Along an axis of size 1 each element is the only one.
    ::mlir::OpFoldResult $cppClass::fold(FoldAdaptor) {
      int64_t axis = *::varve::ir::normalizeAxis(::std::nullopt, "axis", getAxis(), getType().getRank());
      return getType().getDimSize(axis) == 1 ? ::mlir::OpFoldResult(getInput()) : ::mlir::OpFoldResult();
    }
  }];
}

def Varve_CumsumOp : Varve_CumulativeOp<"cumsum", "sum", "added">;
def Varve_CumprodOp : Varve_CumulativeOp<"cumprod", "product", "multiplied">;
#endif
