// Attention and the rotation of its queries and keys.
#ifndef VARVE_OPS_ATTENTION_TD
#define VARVE_OPS_ATTENTION_TD
include "dialect/ops/Base.td"

def Varve_RopeOp : Varve_ComputeOp<"rope"> {
  let summary = "rotates pairs of elements by the angles of their position";
  let description = [{
    A pair `(a, b)` becomes `(a cos - b sin, b cos + a sin)`, computed in f32. With `half` the pairs are elements `i` and
    `i + dim / 2` (as in Hugging Face's Llama), with `interleaved` elements `2 i` and `2 i + 1` (as in the paper).

    **Shapes**: input `[batch, seq, heads, dim]`, cos and sin `[seq, dim / 2]` or `[batch, seq, dim / 2]`; the result has the
    input's.

    **Constraints**
    - C1: the input has rank 4.
    - C2: cos and sin have the same type.
    - C3: cos and sin have shape `[seq, dim / 2]` or `[batch, seq, dim / 2]`.
    - C4: cos and sin have element type f32 or the input's.

    **Example**
    ```mlir
    %0 = varve.rope %x, %cos, %sin {pairing = "half"} : (tensor<1x?x4x8xbf16, #varve.dims<1, seq, 4, 8>>, tensor<?x4xf32, #varve.dims<seq, 4>>, tensor<?x4xf32, #varve.dims<seq, 4>>) -> tensor<1x?x4x8xbf16, #varve.dims<1, seq, 4, 8>>
    ```
  }];
  let arguments = (ins Varve_FloatTensor:$input, Varve_FloatTensor:$cos, Varve_FloatTensor:$sin,
      Varve_WordAttr<["half", "interleaved"]>:$pairing);
  let results = (outs Varve_FloatTensor:$result);
}

def Varve_AttentionOp : Varve_ComputeOp<"attention", [AttrSizedOperandSegments]> {
  let summary = "softmax(scale * query * key^T + mask) * value, for each head";
  let description = [{
    Heads of the query share those of key and value in groups: head `h` reads head `h / (H / Hkv)`. Scores, their softmax and
    all sums are taken in f32. `scale` is `1 / sqrt(D)` if absent.

    Query `i` of `T` stands at position `i + S - T` of the `S` keys. With `causal` it sees keys `j <= i + S - T`; with `window`
    those with `i + S - T - j < window`; with a mask of i1 those where it is true. A mask of floats is added to the scores. A
    query that sees no key has zeros as its result.

    Before it is masked, a score `s` becomes `soft_cap * tanh(s / soft_cap)`, and then `slope * (j - (i + S - T))` is added, with
    the slope of its head (ALiBi). `exp(sink)` of its head joins the sum that powers of scores are divided by, as if there were
    one more key, of that score, and of a value of zeros.

    **Shapes**: query `[B, T, H, D]`, key `[B, S, Hkv, D]`, value `[B, S, Hkv, Dv]`, mask `[B or 1, H or 1, T, S]`, sinks and
    slopes `[H]`, result `[B, T, H, Dv]`.

    **Constraints**
    - C1: query, key and value have rank 4.
    - C2: query, key and value have equal element types.
    - C3: query and key agree in B and D; key and value in B, S and Hkv.
    - C4: H is a multiple of Hkv.
    - C5: the mask has rank 4 and the shape above.
    - C6: the mask has element type i1 or the query's.
    - C7: the scale is finite.
    - C8: the window is at least 1.
    - C9: the soft cap is finite and above 0.
    - C10: sinks and slopes have shape `[H]`.
    - C11: sinks and slopes have element type f32 or the query's.

    **Example**
    ```mlir
    %0 = varve.attention %q, %k, %v {causal, window = 128 : i64} : (tensor<1x?x4x8xf32, #varve.dims<1, seq, 4, 8>>, tensor<1x?x2x8xf32, #varve.dims<1, past + seq, 2, 8>>, tensor<1x?x2x8xf32, #varve.dims<1, past + seq, 2, 8>>) -> tensor<1x?x4x8xf32, #varve.dims<1, seq, 4, 8>>
    ```
  }];
  let arguments = (ins Varve_FloatTensor:$query, Varve_FloatTensor:$key, Varve_FloatTensor:$value, Optional<Varve_Tensor>:$mask,
      Optional<Varve_FloatTensor>:$sinks, Optional<Varve_FloatTensor>:$slopes, OptionalAttr<F64Attr>:$scale, UnitAttr:$causal,
      OptionalAttr<Varve_IntegerAttr>:$window, OptionalAttr<F64Attr>:$soft_cap);
  let results = (outs Varve_FloatTensor:$result);
  let assemblyFormat = [{
    $query `,` $key `,` $value (`,` $mask^)? (`sinks` $sinks^)? (`slopes` $slopes^)? attr-dict `:` functional-type(operands, results)
  }];
}
#endif
