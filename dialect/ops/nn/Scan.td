// Ops that go along a sequence with a state, which at the end is what the next call begins with.
#ifndef VARVE_OPS_SCAN_TD
#define VARVE_OPS_SCAN_TD
include "dialect/ops/Base.td"

def Varve_CausalConvOp : Varve_ComputeOp<"causal_conv"> {
  let summary = "each channel's convolution along a sequence that sees the past alone";
  let description = [{
    `result[b, t, c]` is the sum over k of `weight[c, k] * x[b, t + k, c]`, where x is the state followed by the input. The
    last state is the last `kernel - 1` positions of that. Sums are taken in f32.

    **Shapes**: input `[batch, seq, channels]`, weight `[channels, kernel]`, state `[batch, kernel - 1, channels]`, result as
    the input, last_state as the state.

    **Constraints**
    - C1: input has rank 3 and weight rank 2, with a kernel of static size, at least 1.
    - C2: the weight has a row for each channel.
    - C3: the state is `[batch, kernel - 1, channels]`.
    - C4: input, weight and state have equal element types.

    **Example**
    ```mlir
    %0, %1 = varve.causal_conv %x, %w, %state : (tensor<1x?x8xf32, #varve.dims<1, seq, 8>>, tensor<8x4xf32>, tensor<1x3x8xf32>) -> (tensor<1x?x8xf32, #varve.dims<1, seq, 8>>, tensor<1x3x8xf32>)
    ```
  }];
  let arguments = (ins Varve_FloatTensor:$input, Varve_FloatTensor:$weight, Varve_FloatTensor:$state);
  let results = (outs Varve_FloatTensor:$result, Varve_FloatTensor:$last_state);
}

def Varve_SelectiveScanOp : Varve_ComputeOp<"selective_scan"> {
  let summary = "a linear recurrence whose steps depend on the input, as in Mamba";
  let description = [{
    For each position t, `h = exp(delta[t] * a) * h + delta[t] * b[t] * input[t]`, and `result[t]` is the sum over the state's
    elements of `c[t] * h`. All is computed in f32.

    **Shapes**: input and delta `[batch, seq, channels]`, a `[channels, n]`, b and c `[batch, seq, n]`, state
    `[batch, channels, n]` of f32, result as the input, last_state as the state.

    **Constraints**
    - C1: input has rank 3, and delta its shape.
    - C2: a is `[channels, n]`, b and c are `[batch, seq, n]`.
    - C3: the state is `[batch, channels, n]` of f32.
    - C4: input, b and c have equal element types; delta and a may have others.

    **Example**
    ```mlir
    %0, %1 = varve.selective_scan %x, %delta, %a, %b, %c, %state : (tensor<1x?x8xf32, #varve.dims<1, seq, 8>>, tensor<1x?x8xf32, #varve.dims<1, seq, 8>>, tensor<8x16xf32>, tensor<1x?x16xf32, #varve.dims<1, seq, 16>>, tensor<1x?x16xf32, #varve.dims<1, seq, 16>>, tensor<1x8x16xf32>) -> (tensor<1x?x8xf32, #varve.dims<1, seq, 8>>, tensor<1x8x16xf32>)
    ```
  }];
  let arguments = (ins Varve_FloatTensor:$input, Varve_FloatTensor:$delta, Varve_FloatTensor:$a, Varve_FloatTensor:$b,
      Varve_FloatTensor:$c, Varve_FloatTensor:$state);
  let results = (outs Varve_FloatTensor:$result, Varve_FloatTensor:$last_state);
}
#endif
