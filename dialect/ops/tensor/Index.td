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

def Varve_TakeAlongAxisOp : Varve_ComputeOp<"take_along_axis"> {
  let summary = "for each place the element of input at the index that stands there, along an axis";
  let description = [{
    As NumPy's `take_along_axis`: with axis 1 of two, `result[i, j] = input[i, indices[i, j]]`. An index lies in `[-size, size)` of the
    axis, a negative one counts from the end; what does not is an error when the program runs.

    **Shapes**: the result has the dimensions of indices.

    **Constraints**
    - C1: the axis lies in `[-rank, rank)` of the input.
    - C2: input and indices have equal dimensions but for the axis.

    **Example**
    ```mlir
    %0 = varve.take_along_axis %x, %ids {axis = 1 : i64} : (tensor<?x8xf32, #varve.dims<seq, 8>>, tensor<?x2xi64, #varve.dims<seq, 2>>) -> tensor<?x2xf32, #varve.dims<seq, 2>>
    ```
  }];
  let arguments = (ins Varve_Tensor:$input, Varve_IndexTensor:$indices, Varve_IntegerAttr:$axis);
  let results = (outs Varve_Tensor:$result);
}

def Varve_ScatterOp : Varve_ComputeOp<"scatter"> {
  let summary = "input with its slices at the given indices replaced by updates, or added to";
  let description = [{
    What `varve.gather` reads, this writes. Updates come in the row-major order of indices: of several for one index the last one
    stays, or all are added in this order, each sum rounded. An index lies in `[-size, size)` of the axis, a negative one counts
    from the end; what does not is an error when the program runs.

    **Shapes**: updates have the input's dimensions before the axis, then those of indices, then the input's after it; the
    result has the input's.

    **Constraints**
    - C1: the axis lies in `[-rank, rank)` of the input.
    - C2: updates have the shape that a gather with these indices has.
    - C3: input and updates have equal element types.
    - C4: with reduction `add` they are numbers.

    **Example**
    ```mlir
    %0 = varve.scatter %x, %ids, %rows {axis = 0 : i64, reduction = "add"} : (tensor<256x8xf32>, tensor<?xi64, #varve.dims<n>>, tensor<?x8xf32, #varve.dims<n, 8>>) -> tensor<256x8xf32>
    ```
  }];
  let arguments = (ins Varve_Tensor:$input, Varve_IndexTensor:$indices, Varve_Tensor:$updates,
      DefaultValuedAttr<Varve_IntegerAttr, "0">:$axis,
      DefaultValuedAttr<Varve_WordAttr<["none", "add"]>, "\"none\"">:$reduction);
  let results = (outs Varve_Tensor:$result);
}

def Varve_PutAlongAxisOp : Varve_ComputeOp<"put_along_axis"> {
  let summary = "input with elements at the given indices along an axis replaced by updates, or added to";
  let description = [{
    What `varve.take_along_axis` reads, this writes: with axis 1 of two, `result[i, indices[i, j]] = updates[i, j]`. Updates come in
    row-major order, as in `varve.scatter`.

    **Shapes**: the result has the input's dimensions.

    **Constraints**
    - C1: the axis lies in `[-rank, rank)` of the input.
    - C2: input and indices have equal dimensions but for the axis.
    - C3: indices and updates have equal dimensions.
    - C4: input and updates have equal element types.
    - C5: with reduction `add` they are numbers.

    **Example**
    ```mlir
    %0 = varve.put_along_axis %x, %ids, %u {axis = 1 : i64} : (tensor<?x8xf32, #varve.dims<seq, 8>>, tensor<?x2xi64, #varve.dims<seq, 2>>, tensor<?x2xf32, #varve.dims<seq, 2>>) -> tensor<?x8xf32, #varve.dims<seq, 8>>
    ```
  }];
  let arguments = (ins Varve_Tensor:$input, Varve_IndexTensor:$indices, Varve_Tensor:$updates, Varve_IntegerAttr:$axis,
      DefaultValuedAttr<Varve_WordAttr<["none", "add"]>, "\"none\"">:$reduction);
  let results = (outs Varve_Tensor:$result);
}
#endif
