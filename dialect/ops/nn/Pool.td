// Ops that take one value from each window along the spatial dimensions.
#ifndef VARVE_OPS_POOL_TD
#define VARVE_OPS_POOL_TD
include "dialect/ops/Base.td"

class Varve_PoolOp<string mnemonic, string more, dag attributes, string rules = ""> : Varve_ComputeOp<mnemonic> {
  let arguments = !con((ins Varve_FloatTensor:$input, DenseI64ArrayAttr:$kernel, Varve_NumbersAttr:$strides,
      Varve_NumbersAttr:$padding_begin, Varve_NumbersAttr:$padding_end), attributes, (ins UnitAttr:$ceil_mode, UnitAttr:$channels_last));
  let results = (outs Varve_FloatTensor:$result);
  let declarations = [{
    ::mlir::FailureOr<::varve::ir::Windows> windows();
  }];
  let description = "\n    " # more # [{

    The lists have an entry for each spatial dimension; an empty one stands for ones, of padding for zeros. With `ceil_mode`
    there is one more window where the last one leaves elements out; it hangs over the end.

    **Shapes**: input `[batch, channels, spatial..]`, with `channels_last` `[batch, spatial.., channels]`, result the same with
    `(size + padding_begin + padding_end - dilation * (kernel - 1) - 1) floordiv stride + 1`.

    **Constraints**
    - C1: the input has one to three spatial dimensions, and the kernel as many.
    - C2: lists have no entry or one for each spatial dimension; kernel, strides and dilations are 1 or more, padding 0 or more.
    - C3: padding is at most half of a window.
    - C4: a window fits into the padded input.}] # rules # [{

    **Example**
    ```mlir
    %0 = varve.}] # mnemonic # [{ %x {kernel = array<i64: 3, 3>, strides = array<i64: 2, 2>, padding_begin = array<i64: 1, 1>, padding_end = array<i64: 1, 1>} : (tensor<?x8x32x?xf32, #varve.dims<batch, 8, 32, width>>) -> tensor<?x8x16x?xf32, #varve.dims<batch, 8, 16, (width + 1) floordiv 2>>
    ```
  }];
}

def Varve_MaxPoolOp : Varve_PoolOp<"max_pool", "NaN if an element is NaN. Padding is never the maximum.",
    (ins Varve_NumbersAttr:$dilations)> {
  let summary = "maximum of each window";
}

def Varve_AvgPoolOp : Varve_PoolOp<"avg_pool",
    "Summed in f32. With `count_include_pad` padding counts as zeros, without it only elements count; with `divisor_override` sums are divided by that number instead.",
    (ins UnitAttr:$count_include_pad, OptionalAttr<Varve_IntegerAttr>:$divisor_override),
    "\n    - C5: `divisor_override` is not 0."> {
  let summary = "mean of each window";
}

class Varve_AdaptivePoolOp<string mnemonic, string more> : Varve_ComputeOp<mnemonic> {
  let arguments = (ins Varve_FloatTensor:$input, DenseI64ArrayAttr:$size);
  let results = (outs Varve_FloatTensor:$result);
  let description = "\n    " # more # [{ Window i of n in a dimension goes from `i * size floordiv n` to before
    `((i + 1) * size + n - 1) floordiv n`; with n = 1 it is the whole dimension.

    **Shapes**: input `[batch, channels, spatial..]`, result `[batch, channels, size..]`.

    **Constraints**
    - C1: the input has one to three spatial dimensions, and the size as many entries.
    - C2: sizes are 1 or more.
    - C3: no spatial dimension is empty.

    **Example**
    ```mlir
    %0 = varve.}] # mnemonic # [{ %x {size = array<i64: 1, 1>} : (tensor<?x8x7x?xf32, #varve.dims<batch, 8, 7, width>>) -> tensor<?x8x1x1xf32, #varve.dims<batch, 8, 1, 1>>
    ```
  }];
}

def Varve_AdaptiveMaxPoolOp : Varve_AdaptivePoolOp<"adaptive_max_pool", "NaN if an element is NaN."> {
  let summary = "maxima of as many windows as the result shall have";
}
def Varve_AdaptiveAvgPoolOp : Varve_AdaptivePoolOp<"adaptive_avg_pool", "Summed in f32."> {
  let summary = "means of as many windows as the result shall have";
}
#endif
