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

def Varve_GroupNormOp : Varve_ComputeOp<"group_norm"> {
  let summary = "(x - mean) / sqrt(variance + epsilon) * weight + bias over groups of channels";
  let description = [{
    Mean and variance are those of all elements of `channels / groups` neighbouring channels of one item of the batch, taken
    in f32; the variance is the mean of the squared distances from the mean. With as many groups as channels it is an
    instance norm. The parameters are none, a weight, or a weight and a bias.

    **Shapes**: input `[batch, channels, ..]`, parameters `[channels]`; the result has the input's.

    **Constraints**
    - C1: the input has at least rank 2.
    - C2: groups are 1 or more and divide the channels.
    - C3: at most two parameters, a weight and a bias, of rank 1 and the size of the channels.
    - C4: parameters have the input's element type.
    - C5: epsilon is finite and not negative.

    **Example**
    ```mlir
    %0 = varve.group_norm %x, %w, %b {groups = 2 : i64, epsilon = 1.0e-5 : f64} : (tensor<2x8x?xf32, #varve.dims<2, 8, seq>>, tensor<8xf32>, tensor<8xf32>) -> tensor<2x8x?xf32, #varve.dims<2, 8, seq>>
    ```
  }];
  let arguments = (ins Varve_FloatTensor:$input, Variadic<Varve_FloatTensor>:$parameters, Varve_IntegerAttr:$groups, F64Attr:$epsilon);
  let results = (outs Varve_FloatTensor:$result);
}

def Varve_BatchNormOp : Varve_ComputeOp<"batch_norm"> {
  let summary = "(x - mean) / sqrt(variance + epsilon) * weight + bias for each channel, of a mean and variance that are given";
  let description = [{
    The form for inference: mean and variance are what training has found. The parameters are none, a weight, or a weight
    and a bias. Computed in f32. With `channels_last` the channels are the last dimension, not the second one.

    **Shapes**: input `[batch, channels, ..]` or `[batch, .., channels]`, mean, variance and parameters `[channels]`; the result has the
    input's.

    **Constraints**
    - C1: the input has at least rank 2.
    - C2: at most two parameters, a weight and a bias; they, mean and variance have rank 1 and the size of the channels.
    - C3: mean, variance and parameters have the input's element type.
    - C4: epsilon is finite and not negative.

    **Example**
    ```mlir
    %0 = varve.batch_norm %x, %mean, %variance, %w, %b {epsilon = 1.0e-5 : f64} : (tensor<?x8x4x4xf32, #varve.dims<batch, 8, 4, 4>>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<?x8x4x4xf32, #varve.dims<batch, 8, 4, 4>>
    ```
  }];
  let arguments = (ins Varve_FloatTensor:$input, Varve_FloatTensor:$mean, Varve_FloatTensor:$variance, Variadic<Varve_FloatTensor>:$parameters, F64Attr:$epsilon, UnitAttr:$channels_last);
  let results = (outs Varve_FloatTensor:$result);
}
#endif
