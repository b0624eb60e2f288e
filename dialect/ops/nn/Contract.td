// Matrix products.
#ifndef VARVE_OPS_CONTRACT_TD
#define VARVE_OPS_CONTRACT_TD
include "dialect/ops/Base.td"

def Varve_LinearOp : Varve_ComputeOp<"linear"> {
  let summary = "input * weight^T";
  let description = [{
    A fully connected layer: the weight is stored as `[out, in]`, as in checkpoints. Sums are taken in f32 for f32, f16 and
    bf16. A weight in blocks of an encoding is read as the numbers that it stands for, in f32.

    **Shapes**: input `[.., in]`, weight `[out, in]`, result `[.., out]`.

    **Constraints**
    - C1: the weight has rank 2 and the input at least rank 1.
    - C2: the input's last dimension is the weight's last.
    - C3: input and weight have equal element types, unless the weight is in blocks of an encoding.

    **Example**
    ```mlir
    %0 = varve.linear %x, %w : (tensor<2x?x8xf32, #varve.dims<2, seq, 8>>, tensor<4x8xf32>) -> tensor<2x?x4xf32, #varve.dims<2, seq, 4>>
    ```
  }];
  let arguments = (ins Varve_FloatTensor:$input, Varve_MaybePacked:$weight);
  let results = (outs Varve_FloatTensor:$result);
}

def Varve_MatmulOp : Varve_ComputeOp<"matmul"> {
  let summary = "matrix product, batched over leading dimensions";
  let description = [{
    **Shapes**: lhs `[.., m, k]`, rhs `[.., k, n]`, result `[.., m, n]`; leading dimensions broadcast.

    **Constraints**
    - C1: lhs and rhs have at least rank 2.
    - C2: lhs's last dimension is rhs's last but one.
    - C3: lhs and rhs have equal element types.
    - C4: leading dimensions broadcast.

    **Example**
    ```mlir
    %0 = varve.matmul %x, %y : (tensor<2x?x8xf32, #varve.dims<2, seq, 8>>, tensor<8x4xf32>) -> tensor<2x?x4xf32, #varve.dims<2, seq, 4>>
    ```
  }];
  let arguments = (ins Varve_FloatTensor:$lhs, Varve_FloatTensor:$rhs);
  let results = (outs Varve_FloatTensor:$result);
}

def Varve_GroupedMatmulOp : Varve_ComputeOp<"grouped_matmul"> {
  let summary = "input * weight^T, each row with the weight of its group";
  let description = [{
    The first `sizes[0]` rows are multiplied by the first weight, the next `sizes[1]` by the second and so on, as the experts of
    a mixture need it. A size below 0, and sizes whose sum is not the number of rows, are an error when the program runs. Sums
    are taken in f32.

    **Shapes**: input `[rows, in]`, weight `[groups, out, in]`, sizes `[groups]`, result `[rows, out]`.

    **Constraints**
    - C1: input has rank 2 and weight rank 3.
    - C2: the input's last dimension is the weight's last.
    - C3: there is a size for each group.
    - C4: input and weight have equal element types.

    **Example**
    ```mlir
    %0 = varve.grouped_matmul %x, %w, %sizes : (tensor<?x8xf32, #varve.dims<rows, 8>>, tensor<3x4x8xf32>, tensor<3xi64>) -> tensor<?x4xf32, #varve.dims<rows, 4>>
    ```
  }];
  let arguments = (ins Varve_FloatTensor:$input, Varve_FloatTensor:$weight, Varve_IndexTensor:$sizes);
  let results = (outs Varve_FloatTensor:$result);
}
#endif
