// Ops that bring the elements along one axis to a common scale. All take their sums in f32.
#ifndef VARVE_OPS_NORMALIZE_TD
#define VARVE_OPS_NORMALIZE_TD
include "dialect/ops/Base.td"

def Varve_SoftmaxOp : Varve_ComputeOp<"softmax"> {
  let summary = "exp(x - max) / sum(exp(x - max)) along an axis";
  let description = [{
    The sum is taken in f32. Where every element is minus infinity the result is NaN.

    **Shapes**: any; the result has the input's.

    **Constraints**
    - C1: the axis lies in `[-rank, rank)`.

    **Example**
    ```mlir
    %0 = varve.softmax %x {axis = -1 : i64} : (tensor<2x?xf32, #varve.dims<2, seq>>) -> tensor<2x?xf32, #varve.dims<2, seq>>
    ```
  }];
  let arguments = (ins Varve_FloatTensor:$input, Varve_IntegerAttr:$axis);
  let results = (outs Varve_FloatTensor:$result);
}

def Varve_LayerNormOp : Varve_ComputeOp<"layer_norm"> {
  let summary = "(x - mean) / sqrt(variance + epsilon) * weight + bias over the last dimension";
  let description = [{
    The variance is the mean of the squared distances from the mean. Mean and variance are taken in f32, and rounded to the
    input's type only at the end.

    **Shapes**: input `[.., n]`, weight and bias `[n]`; the result has the input's.

    **Constraints**
    - C1: the input has at least rank 1; weight and bias have rank 1 and the size of the input's last dimension.
    - C2: weight and bias have the input's element type.
    - C3: epsilon is finite and not negative.

    **Example**
    ```mlir
    %0 = varve.layer_norm %x, %w, %b {epsilon = 1.0e-5 : f64} : (tensor<2x?x8xf32, #varve.dims<2, seq, 8>>, tensor<8xf32>, tensor<8xf32>) -> tensor<2x?x8xf32, #varve.dims<2, seq, 8>>
    ```
  }];
  let arguments = (ins Varve_FloatTensor:$input, Varve_FloatTensor:$weight, Optional<Varve_FloatTensor>:$bias, F64Attr:$epsilon);
  let results = (outs Varve_FloatTensor:$result);
}

def Varve_RmsNormOp : Varve_ComputeOp<"rms_norm"> {
  let summary = "x / sqrt(mean(x * x) + epsilon) * weight over the last dimension";
  let description = [{
    The mean is taken in f32; `x / rms` is rounded to the input's type before it is multiplied by the weight, as in
    checkpoints' own code.

    **Shapes**: input `[.., n]`, weight `[n]`; the result has the input's.

    **Constraints**
    - C1: the input has at least rank 1; the weight has rank 1 and the size of the input's last dimension.
    - C2: the weight has the input's element type.
    - C3: epsilon is finite and not negative.

    **Example**
    ```mlir
    %0 = varve.rms_norm %x, %w {epsilon = 1.0e-5 : f64} : (tensor<2x?x8xbf16, #varve.dims<2, seq, 8>>, tensor<8xbf16>) -> tensor<2x?x8xbf16, #varve.dims<2, seq, 8>>
    ```
  }];
  let arguments = (ins Varve_FloatTensor:$input, Varve_FloatTensor:$weight, F64Attr:$epsilon);
  let results = (outs Varve_FloatTensor:$result);
}
#endif
