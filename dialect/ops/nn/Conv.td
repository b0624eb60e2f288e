// Convolutions. Sums are taken in f32.
#ifndef VARVE_OPS_CONV_TD
#define VARVE_OPS_CONV_TD
include "dialect/ops/Base.td"

def Varve_ConvOp : Varve_ComputeOp<"conv"> {
  let summary = "convolution along one, two or three spatial dimensions";
  let description = [{
    Each window of the padded input is multiplied by the weights of each output channel and summed, in f32; the bias is
    added to the sum. The weight is not flipped, as in PyTorch. With groups, an output channel sees the input channels of
    its own group alone. The weight may be packed. With `channels_last` the channels are the last dimension of input and
    result, not the second one; the weight stays as it is.

    The lists have an entry for each spatial dimension; an empty one stands for ones, of padding for zeros.

    **Shapes**: input `[batch, channels, spatial..]`, weight `[out, channels / groups, kernel..]`, bias `[out]`, result
    `[batch, out, spatial..]`, each `(size + padding_begin + padding_end - dilation * (kernel - 1) - 1) floordiv stride + 1`.
    With `channels_last`: input `[batch, spatial.., channels]`, result `[batch, spatial.., out]`.

    **Constraints**
    - C1: the input has one to three spatial dimensions, and the weight as many, of static sizes.
    - C2: lists have no entry or one for each spatial dimension; strides and dilations are 1 or more, padding 0 or more.
    - C3: groups are 1 or more and divide the output channels; the input has groups times the weight's channels.
    - C4: the bias has rank 1 and the size of the output channels.
    - C5: input, weight and bias have equal element types.
    - C6: a window fits into the padded input.
    - C7: with a weight for Winograd's F(2x2, 3x3), strides and dilations are 1, and there is one group.

    **Example**
    ```mlir
    %0 = varve.conv %x, %w, %b {strides = array<i64: 2, 2>, padding_begin = array<i64: 1, 1>, padding_end = array<i64: 1, 1>} : (tensor<?x3x32x?xf32, #varve.dims<batch, 3, 32, width>>, tensor<8x3x3x3xf32>, tensor<8xf32>) -> tensor<?x8x16x?xf32, #varve.dims<batch, 8, 16, (width + 1) floordiv 2>>
    ```
  }];
  let arguments = (ins Varve_FloatTensor:$input, Varve_MaybePacked:$weight, Optional<Varve_FloatTensor>:$bias,
      Varve_NumbersAttr:$strides, Varve_NumbersAttr:$padding_begin, Varve_NumbersAttr:$padding_end,
      Varve_NumbersAttr:$dilations, DefaultValuedAttr<Varve_IntegerAttr, "1">:$groups,
      UnitAttr:$channels_last);
  let results = (outs Varve_FloatTensor:$result);
  let declarations = [{
    ::mlir::FailureOr<::varve::ir::Windows> windows();
  }];
}

def Varve_ConvTransposeOp : Varve_ComputeOp<"conv_transpose"> {
  let summary = "transposed convolution along one, two or three spatial dimensions";
  let description = [{
    What the gradient of `varve.conv` with regard to its input is: each element of the input adds the weights, times its
    value, to the window of the result that it stands for. Sums are taken in f32. Padding is cut from the result;
    `output_padding` makes it longer at its end.

    The lists have an entry for each spatial dimension; an empty one stands for ones, of padding for zeros.

    **Shapes**: input `[batch, channels, spatial..]`, weight `[channels, out / groups, kernel..]`, bias `[out]`, result
    `[batch, out, spatial..]`, each `(size - 1) * stride - padding_begin - padding_end + dilation * (kernel - 1) +
    output_padding + 1`.

    **Constraints**
    - C1: the input has one to three spatial dimensions, and the weight as many, of static sizes.
    - C2: lists have no entry or one for each spatial dimension; strides and dilations are 1 or more, padding 0 or more.
    - C3: groups are 1 or more and divide the input channels, of which the weight has as many.
    - C4: the bias has rank 1 and the size of the output channels.
    - C5: input, weight and bias have equal element types.
    - C6: output_padding is less than the stride or the dilation.
    - C7: the result's sizes are not negative.

    **Example**
    ```mlir
    %0 = varve.conv_transpose %x, %w {strides = array<i64: 2>, output_padding = array<i64: 1>} : (tensor<1x4x?xf32, #varve.dims<1, 4, seq>>, tensor<4x2x3xf32>) -> tensor<1x2x?xf32, #varve.dims<1, 2, 2*seq + 2>>
    ```
  }];
  let arguments = (ins Varve_FloatTensor:$input, Varve_FloatTensor:$weight, Optional<Varve_FloatTensor>:$bias,
      Varve_NumbersAttr:$strides, Varve_NumbersAttr:$padding_begin, Varve_NumbersAttr:$padding_end,
      Varve_NumbersAttr:$output_padding, Varve_NumbersAttr:$dilations,
      DefaultValuedAttr<Varve_IntegerAttr, "1">:$groups);
  let results = (outs Varve_FloatTensor:$result);
  let declarations = [{
    ::mlir::FailureOr<::varve::ir::Windows> windows();
  }];
}
#endif
