// Ops that count positions or look them up.
#ifndef VARVE_OPS_INDEX_TD
#define VARVE_OPS_INDEX_TD
include "dialect/ops/Base.td"

def Varve_GatherOp : Varve_ComputeOp<"gather"> {
  let summary = "the slices of input at the given indices, as in an embedding";
  let description = [{
    An index lies in `[-size, size)` of the axis, a negative one counts from the end; what does not is an error when the
    program runs. Of a weight in blocks of an encoding the result is f32.

    **Shapes**: the result has the input's dimensions before the axis, then those of indices, then the input's after it.

    **Constraints**
    - C1: the axis lies in `[-rank, rank)` of the input.
    - C2: the axis of a packed weight, and of one in blocks of an encoding, is 0.
    - C3: a weight in blocks has at least rank 2.

    **Example**
    ```mlir
    %0 = varve.gather %table, %ids {axis = 0 : i64} : (tensor<256x8xf32>, tensor<2x?xi64, #varve.dims<2, seq>>) -> tensor<2x?x8xf32, #varve.dims<2, seq, 8>>
    ```
  }];
  let arguments = (ins Varve_MaybePacked:$input, Varve_IndexTensor:$indices, DefaultValuedAttr<Varve_IntegerAttr, "0">:$axis);
  let results = (outs Varve_Tensor:$result);
}

def Varve_IotaOp : Varve_ComputeOp<"iota"> {
  let summary = "0, 1, 2, .. along an axis";
  let description = [{
    **Shapes**: the result has the given shape.

    **Constraints**
    - C1: no dimension is negative.
    - C2: the axis lies in `[-rank, rank)` of the shape.
    - C3: the element type is f32, f16, bf16, i8, i32, i64 or ui8.

    **Example**
    ```mlir
    %0 = varve.iota {shape = #varve.dims<4, 8>, dtype = i64, axis = 1 : i64} : () -> tensor<4x8xi64>
    ```
  }];
  let arguments = (ins Varve_DimsAttr:$shape, TypeAttr:$dtype, DefaultValuedAttr<Varve_IntegerAttr, "0">:$axis);
  let results = (outs Varve_NumberTensor:$result);
}
#endif
