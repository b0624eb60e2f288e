// Resampling along the spatial dimensions.
#ifndef VARVE_OPS_RESIZE_TD
#define VARVE_OPS_RESIZE_TD
include "dialect/ops/Base.td"

def Varve_ResizeOp : Varve_ComputeOp<"resize"> {
  let summary = "the input sampled at other sizes of its spatial dimensions";
  let description = [{
    Place i of the result, of n, is place `(i + 0.5) * size / n - 0.5` of the input; with `align_corners` it is
    `i * (size - 1) / (n - 1)`, so that first and last elements stay. `nearest` takes the element at `i * size / n`, rounded
    down, `nearest_exact` that at `(i + 0.5) * size / n`; `linear` weighs the two neighbours in each dimension, `cubic` four,
    with the kernel of A = -0.75. Beyond the input, its last elements are repeated. Where scales are given, 1 / scale stands
    for `size / n`. Places are computed in f32, as PyTorch does.

    With `antialias`, the kernel is as wide as elements of the result lie apart in the input, if that is more than 1: with
    s = max(1, size / n), the elements within s (`linear`) or 2 s (`cubic`) of `(i + 0.5) * size / n` are weighed by the
    kernel of their distance over s, and the weights divided by their sum. The cubic kernel is that of A = -0.5 then.

    **Shapes**: input `[batch, channels, spatial..]`, result `[batch, channels, sizes..]`; with scales each is
    `size * scale`, rounded down.

    **Constraints**
    - C1: the input has one to three spatial dimensions.
    - C2: there are either sizes or scales, one for each spatial dimension.
    - C3: sizes are not negative, scales finite and above 0.
    - C4: of a dimension with a name, the scale is a fraction of integers below 2^20.
    - C5: no spatial dimension of the input is empty.
    - C6: `align_corners` and `antialias` go with `linear` or `cubic`.

    **Example**
    ```mlir
    %0 = varve.resize %x {mode = "linear", scales = array<f64: 2.0, 1.5>} : (tensor<1x4x8x?xf32, #varve.dims<1, 4, 8, width>>) -> tensor<1x4x16x?xf32, #varve.dims<1, 4, 16, width + width floordiv 2>>
    ```
  }];
  let arguments = (ins Varve_FloatTensor:$input, Varve_WordAttr<["nearest", "nearest_exact", "linear", "cubic"]>:$mode,
      OptionalAttr<Varve_DimsAttr>:$sizes, OptionalAttr<DenseF64ArrayAttr>:$scales, UnitAttr:$align_corners, UnitAttr:$antialias);
  let results = (outs Varve_FloatTensor:$result);
}
#endif
