// Ops that give elements another place, and compute nothing.
#ifndef VARVE_OPS_SHAPE_TD
#define VARVE_OPS_SHAPE_TD
include "dialect/ops/Base.td"

def Varve_ReshapeOp : Varve_ComputeOp<"reshape"> {
  let summary = "the same elements in row-major order under another shape";
  let description = [{
    One entry of the shape may be -1: it is what remains.

    **Shapes**: the result has the given shape.

    **Constraints**
    - C1: at most one entry is -1; no other is negative.
    - C2: the entry for -1 is an expression: the product of the input's dimensions over that of the other entries.
    - C3: the product of the input's dimensions is that of the shape's, as expressions.

    **Example**
    ```mlir
    %0 = varve.reshape %x {shape = #varve.dims<2, seq, 4, -1>} : (tensor<2x?x32xf32, #varve.dims<2, seq, 32>>) -> tensor<2x?x4x8xf32, #varve.dims<2, seq, 4, 8>>
    ```
  }];
  let arguments = (ins Varve_Tensor:$input, Varve_DimsAttr:$shape);
  let results = (outs Varve_Tensor:$result);
  let hasFolder = 1;
}

def Varve_TransposeOp : Varve_ComputeOp<"transpose"> {
  let summary = "the dimensions in another order";
  let description = [{
    **Shapes**: dimension `i` of the result is dimension `permutation[i]` of the input.

    **Constraints**
    - C1: the permutation holds each of 0 to rank - 1 once.

    **Example**
    ```mlir
    %0 = varve.transpose %x {permutation = array<i64: 0, 2, 1>} : (tensor<2x?x8xf32, #varve.dims<2, seq, 8>>) -> tensor<2x8x?xf32, #varve.dims<2, 8, seq>>
    ```
  }];
  let arguments = (ins Varve_Tensor:$input, DenseI64ArrayAttr:$permutation);
  let results = (outs Varve_Tensor:$result);
  let hasFolder = 1;
}

def Varve_BroadcastOp : Varve_ComputeOp<"broadcast"> {
  let summary = "repeats the input along dimensions of size 1 and new leading ones";
  let description = [{
    **Shapes**: the result has the given shape.

    **Constraints**
    - C1: no dimension of the shape is negative.
    - C2: the shape has at least the input's rank; aligned at the last dimension, each of the input's is 1 or the shape's.

    **Example**
    ```mlir
    %0 = varve.broadcast %x {shape = #varve.dims<2, seq, 8>} : (tensor<1x8xf32>) -> tensor<2x?x8xf32, #varve.dims<2, seq, 8>>
    ```
  }];
  let arguments = (ins Varve_Tensor:$input, Varve_DimsAttr:$shape);
  let results = (outs Varve_Tensor:$result);
  let hasFolder = 1;
}

def Varve_SliceOp : Varve_ComputeOp<"slice"> {
  let summary = "elements start, start + step, .. before end of each dimension";
  let description = [{
    A start or end that is a negative number counts from the end of its dimension: -1 is `dim - 1`. What is known to lie outside
    the dimension is an error; what is not known is checked when the program runs.

    **Shapes**: each dimension of the result is `(end - start) / step`, rounded up.

    **Constraints**
    - C1: one start, end and step for each dimension.
    - C2: steps are at least 1.
    - C3: `0 <= start <= end <= dim`, as far as it is known.
    - C4: `(end - start) / step` is an expression.

    **Example**
    ```mlir
    %0 = varve.slice %x {starts = #varve.dims<0, -1>, ends = #varve.dims<2, seq>, steps = array<i64: 1, 1>} : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x1xf32>
    ```
  }];
  let arguments = (ins Varve_Tensor:$input, Varve_DimsAttr:$starts, Varve_DimsAttr:$ends, DenseI64ArrayAttr:$steps);
  let results = (outs Varve_Tensor:$result);
  let hasFolder = 1;
}

def Varve_ConcatOp : Varve_ComputeOp<"concat"> {
  let summary = "inputs one after another along an axis";
  let description = [{
    **Shapes**: the axis of the result is the sum of the inputs' axes; the other dimensions are equal.

    **Constraints**
    - C1: there is an input.
    - C2: inputs have equal ranks.
    - C3: inputs have equal element types.
    - C4: the axis lies in `[-rank, rank)`.
    - C5: inputs have equal dimensions but for the axis.
    - C6: the sum does not overflow.

    **Example**
    ```mlir
    %0 = varve.concat %x, %y {axis = 1 : i64} : (tensor<2x?xf32, #varve.dims<2, past>>, tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, past + seq>>
    ```
  }];
  let arguments = (ins Variadic<Varve_Tensor>:$inputs, Varve_IntegerAttr:$axis);
  let results = (outs Varve_Tensor:$result);
  let hasFolder = 1;
}

def Varve_SplitOp : Varve_ComputeOp<"split"> {
  let summary = "cuts the input into pieces along an axis";
  let description = [{
    **Shapes**: each result has the input's dimensions, and its entry of sizes as the axis.

    **Constraints**
    - C1: the axis lies in `[-rank, rank)`.
    - C2: no size is negative.
    - C3: the sum of the sizes is the axis's dimension, as expressions.

    **Example**
    ```mlir
    %0:2 = varve.split %x {axis = -1 : i64, sizes = #varve.dims<8, 4>} : (tensor<2x12xf32>) -> (tensor<2x8xf32>, tensor<2x4xf32>)
    ```
  }];
  let arguments = (ins Varve_Tensor:$input, Varve_IntegerAttr:$axis, Varve_DimsAttr:$sizes);
  let results = (outs Variadic<Varve_Tensor>:$results);
  let hasFolder = 1;
}

def Varve_PadOp : Varve_ComputeOp<"pad"> {
  let summary = "the input with more elements around it";
  let description = [{
    In mode `constant` they are the value; in mode `reflect` the input's own, mirrored at its first and last element, which are
    not repeated; in mode `replicate` its first or last one. What is known to be too many is an error; what is not known is
    checked when the program runs.

    **Shapes**: each dimension of the result is `low + dim + high`.

    **Constraints**
    - C1: one low and one high for each dimension.
    - C2: no low and no high is negative, as far as it is known.
    - C3: there is a value exactly if the mode is `constant`.
    - C4: the value has no dimensions and the input's element type.
    - C5: where elements are added, a dimension has one to `replicate`, and more than it gets on each side to `reflect`, as far
      as it is known.

    **Example**
    ```mlir
    %0 = varve.pad %x {low = #varve.dims<0, 1>, high = #varve.dims<0, 2>, mode = "reflect"} : (tensor<?x8xf32, #varve.dims<seq, 8>>) -> tensor<?x11xf32, #varve.dims<seq, 11>>
    ```
  }];
  let arguments = (ins Varve_Tensor:$input, Optional<Varve_Tensor>:$value, Varve_DimsAttr:$low, Varve_DimsAttr:$high,
      DefaultValuedAttr<Varve_WordAttr<["constant", "reflect", "replicate"]>, "\"constant\"">:$mode);
  let results = (outs Varve_Tensor:$result);
  let hasFolder = 1;
}

def Varve_FlipOp : Varve_ComputeOp<"flip"> {
  let summary = "the elements in reverse order along axes";
  let description = [{
    Without axes all dimensions are reversed. An axis may be negative: it counts from the end.

    **Shapes**: the result has the input's.

    **Constraints**
    - C1: each axis lies in `[-rank, rank)`.
    - C2: no axis is named twice.

    **Example**
    ```mlir
    %0 = varve.flip %x {axes = array<i64: -1>} : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
    ```
  }];
  let arguments = (ins Varve_Tensor:$input, DefaultValuedAttr<DenseI64ArrayAttr, "{}">:$axes);
  let results = (outs Varve_Tensor:$result);
  let hasFolder = 1;
}
#endif
