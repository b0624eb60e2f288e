// Ops that order elements.
#ifndef VARVE_OPS_SORT_TD
#define VARVE_OPS_SORT_TD
include "dialect/ops/Base.td"

def Varve_SortOp : Varve_ComputeOp<"sort"> {
  let summary = "the elements in order along an axis, and where they were";
  let description = [{
    The least first, or with `descending` the greatest. Equal elements stay in their order; NaN counts as greatest, and -0 and 0
    are equal. More than 2^32 elements along the axis are an error when the program runs, as for `varve.top_k`.

    **Shapes**: both results have the input's.

    **Constraints**
    - C1: the axis lies in `[-rank, rank)`.

    **Example**
    ```mlir
    %0:2 = varve.sort %x {axis = -1 : i64, descending} : (tensor<2x?xf32, #varve.dims<2, seq>>) -> (tensor<2x?xf32, #varve.dims<2, seq>>, tensor<2x?xi64, #varve.dims<2, seq>>)
    ```
  }];
  let arguments = (ins Varve_NumberTensor:$input, Varve_IntegerAttr:$axis, UnitAttr:$descending);
  let results = (outs Varve_NumberTensor:$values, Varve_IndexTensor:$indices);
}

def Varve_TopKOp : Varve_ComputeOp<"top_k"> {
  let summary = "the k greatest elements along an axis, the greatest first, and where they were";
  let description = [{
    Of equal elements the first ones, in their order; NaN counts as greatest. More than there are is an error; what is not known is
    checked when the program runs.

    **Shapes**: both results have the input's dimensions, with k as the axis.

    **Constraints**
    - C1: the axis lies in `[-rank, rank)`.
    - C2: k is not negative, and not greater than the axis's dimension, as far as that is known.

    **Example**
    ```mlir
    %0:2 = varve.top_k %x {axis = -1 : i64, k = 2 : i64} : (tensor<?x8xf32, #varve.dims<seq, 8>>) -> (tensor<?x2xf32, #varve.dims<seq, 2>>, tensor<?x2xi64, #varve.dims<seq, 2>>)
    ```
  }];
  let arguments = (ins Varve_NumberTensor:$input, Varve_IntegerAttr:$axis, Varve_IntegerAttr:$k);
  let results = (outs Varve_NumberTensor:$values, Varve_IndexTensor:$indices);
}
#endif
