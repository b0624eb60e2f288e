// Weights in blocks of an encoding, and what they stand for.
#ifndef VARVE_OPS_QUANTIZE_TD
#define VARVE_OPS_QUANTIZE_TD
include "dialect/ops/Base.td"

def Varve_DequantizeOp : Varve_ComputeOp<"dequantize"> {
  let summary = "the numbers that a weight in blocks stands for";
  let description = [{
    The reference of every encoding, bit for bit what gguf-py and PyTorch compute. `varve.linear` and `varve.gather` read such
    a weight themselves.

    **Shapes**: the result has the input's.

    **Example**
    ```mlir
    varve.weight @w : tensor<4x256x!varve.q6_k>
    varve.graph @f() -> tensor<4x256xf32> {
      %0 = varve.use @w : tensor<4x256x!varve.q6_k>
      %1 = varve.dequantize %0 : (tensor<4x256x!varve.q6_k>) -> tensor<4x256xf32>
      varve.output %1 : tensor<4x256xf32>
    }
    ```
  }];
  let arguments = (ins Varve_EncodedTensor:$input);
  let results = (outs Varve_FloatTensor:$result);
}
#endif
