// The dialect of what a kernel of its own computes on a CPU: on tensors until bufferisation, then on memrefs.
#ifndef VARVE_TARGET_CPU_KERNELS_TD
#define VARVE_TARGET_CPU_KERNELS_TD
include "mlir/IR/OpBase.td"
include "mlir/Interfaces/DestinationStyleOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def VarveCpu_Dialect : Dialect {
  let name = "varve_cpu";
  let cppNamespace = "::varve::target::cpu";
  let summary = "computations that a CPU has a kernel for";
}

// Writes its last operand, which it does not read.
class VarveCpu_Op<string mnemonic, list<Trait> traits = []> : Op<VarveCpu_Dialect, mnemonic, !listconcat(traits, [
    DestinationStyleOpInterface, DeclareOpInterfaceMethods<MemoryEffectsOpInterface>])> {
  let extraClassDeclaration = [{
    ::mlir::MutableOperandRange getDpsInitsMutable() { return getOutputMutable(); }
  }];
  let extraClassDefinition = [{
    void $cppClass::getEffects(
        ::llvm::SmallVectorImpl<::mlir::SideEffects::EffectInstance<::mlir::MemoryEffects::Effect>> &effects) {
      addEffects(*this, effects);
    }
  }];
  let hasVerifier = 1;
}

def VarveCpu_PackOp : VarveCpu_Op<"pack"> {
  let summary = "rows of matrices side by side, as products read them";
  let description = [{
    input `[m, k]` of floats, output `[ceil(m / rows), k, rows]` of f32: groups of rows, each column's elements contiguous. With pairs,
    input and output are bf16, the latter `[ceil(m / rows), ceil(k / 2), rows * 2]`: two columns of a row side by side, a last one
    alone beside zero. What lies behind the last row is not defined; of a single row nothing is written, since products read it as it is.

    With a map, input has any axes, and element `(batch.., m, k)` lies at the results of the map, each a dimension or 0; there are as
    many matrices as the sizes in `batch` say, whose groups follow each other in output. A single row is packed too.
  }];
  let arguments = (ins AnyShaped:$input, Variadic<Index>:$batch, AnyShaped:$output, OptionalAttr<AffineMapAttr>:$map,
      UnitAttr:$pairs);
  let results = (outs Optional<AnyRankedTensor>:$result);
  let assemblyFormat = [{
    $input (`batch` `(` $batch^ `)`)? `into` $output attr-dict `:` functional-type(operands, results)
  }];
}

def VarveCpu_QuantizeOp : VarveCpu_Op<"quantize"> {
  let summary = "rows of a matrix as int8, as products with a weight in blocks read them";
  let description = [{
    input `[m, k]` of floats, output `[ceil(m / rows), rows * words of a row]` of i32, for as many elements as a block of the
    encoding has: int8 quants, their f32 scale and the sums of quants that the encoding needs. BlockProduct.h says what lies where.
  }];
  let arguments = (ins AnyShaped:$input, AnyShaped:$output, StrAttr:$encoding);
  let results = (outs Optional<AnyRankedTensor>:$result);
  let assemblyFormat = "$input `into` $output attr-dict `:` functional-type(operands, results)";
}

def VarveCpu_ProductOp : VarveCpu_Op<"product", [SingleBlock, AttrSizedOperandSegments]> {
  let summary = "a product with a weight in panels, and what is done with each of its elements";
  let description = [{
    `output[m, n] = body(sum over k of packed[m, k] * weight[n / panel, k, n % panel], extras at (m, n))`. Sums are f32. packed: an
    input `[m, k]` that `pack` has packed; weight `[panels, k, panel]`; output `[m, n]`. Each extra operand is read at the results
    of its map, `(m, n)`, `(m)`, `(n)` or none. With pairs, packed and weight are bf16, the latter `[panels, ceil(k / 2), panel * 2]`, and each two
    products are added to a sum by one instruction (AVX512-BF16), which takes subnormal numbers for zero. With an encoding, weight is
    `[panels, blocks, bytes]` of i8 and packed are rows quantised for it: sums within a block are exact integers.

    row: the input as it is, which is read instead of packed if it is a single row. batch: that there is none, how many
    products there are, and how many rows each has; packed, weight and output have those of each after those of the one before.
  }];
  let arguments = (ins AnyShaped:$packed, AnyShaped:$weight, Optional<AnyShaped>:$row, Variadic<Index>:$batch,
      Variadic<AnyShaped>:$extras, AnyShaped:$output,
      DefaultValuedAttr<TypedArrayAttrBase<AffineMapAttr, "maps">, "{}">:$maps, UnitAttr:$pairs,
      OptionalAttr<StrAttr>:$encoding);
  let results = (outs Optional<AnyRankedTensor>:$result);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $packed `,` $weight (`row` $row^)? (`batch` `(` $batch^ `)`)? (`with` $extras^)? `into` $output
    attr-dict-with-keyword $body `:` functional-type(operands, results)
  }];
}

def VarveCpu_AttentionOp : VarveCpu_Op<"attention", [AttrSizedOperandSegments]> {
  let summary = "softmax(scale * query * key^T + mask) * value for each head, scores of a block of keys at a time";
  let description = [{
    As `varve.attention`, with sizes of heads that are known: query `[B, T, H, D]`, key `[B, S, Hkv, D]`, value `[B, S, Hkv, Dv]`, mask
    `[B or 1, H or 1, T, S]` of floats or i8, sinks and slopes `[H]` of floats, output `[B, T, H, Dv]`. Of a few queries, keys are
    divided among up to `parts` tasks, which have `room` f32 of memory together; of many, parts is 0, and room what keys and values take
    that are laid head by head, or 0 if they are read where they are.
  }];
  let arguments = (ins AnyShaped:$query, AnyShaped:$key, AnyShaped:$value, Optional<AnyShaped>:$mask,
      Optional<AnyShaped>:$sinks, Optional<AnyShaped>:$slopes, Index:$parts, Index:$room, AnyShaped:$output, F32Attr:$scale,
      UnitAttr:$causal,
      OptionalAttr<I64Attr>:$window, OptionalAttr<F32Attr>:$soft_cap);
  let results = (outs Optional<AnyRankedTensor>:$result);
  let assemblyFormat = [{
    $query `,` $key `,` $value (`mask` $mask^)? (`sinks` $sinks^)? (`slopes` $slopes^)? `parts` $parts `,` $room `into` $output
    attr-dict `:` functional-type(operands, results)
  }];
}

def VarveCpu_ConvolutionOp : VarveCpu_Op<"convolution", [SingleBlock, AttrSizedOperandSegments]> {
  let summary = "a convolution with a weight in panels, and what is done with each of its elements";
  let description = [{
    `output[n, c, p] = body(sum over k of window p of input[n] at k * weight[c / panel, k, c % panel], extras at (n, c, p))`.
    Sums are f32. input `[n, channels, depth, height, width]`; weight `[panels, channels of a group times the kernel's elements,
    panel]`, whole panels for each group if there are several; output `[n, c, p]`, windows in the order of depth, height and
    width, of which there are so many. Padding is what lies before the input; what a window reads behind it is zero too. Each
    extra operand is read at the results of its map, some of `(n, c, p)` in this order.

    With `channels_last` the input is `[n, depth, height, width, channels]`, the output a matrix `[n and p, c]`, and the maps are those of a
    `varve_cpu.product`. Where windows reach into padding, or the input is of 16 bits, it is laid out anew in `room`, so many f32.
    With `winograd` too, windows are of 3x3 along height and width with strides and dilations of 1, input and weight f32, the latter
    `[panels, 16 * channels, panel]`, of whole vectors of 16 channels, up to 512, see `#varve.panels`.
  }];
  let arguments = (ins AnyShaped:$input, AnyShaped:$weight, Index:$depth, Index:$height, Index:$width,
      Optional<Index>:$room, Variadic<AnyShaped>:$extras, AnyShaped:$output, DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides,
      DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$padding, I64Attr:$groups, UnitAttr:$channels_last,
      UnitAttr:$winograd, DefaultValuedAttr<TypedArrayAttrBase<AffineMapAttr, "maps">, "{}">:$maps);
  let results = (outs Optional<AnyRankedTensor>:$result);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $input `,` $weight `windows` `(` $depth `,` $height `,` $width `)` (`room` $room^)? (`with` $extras^)? `into` $output
    attr-dict-with-keyword $body `:` functional-type(operands, results)
  }];
}

def VarveCpu_PoolOp : VarveCpu_Op<"pool"> {
  let summary = "the greatest element of each window of an image with channels last, or the mean";
  let description = [{
    input `[n, depth, height, width, channels]`, output the same with a window for each element. Lists are for depth, height and
    width. `kind` is `max`, where NaN is greater than all else, or `mean`: the sum of the elements in f32, by the divisor, or by
    their number, with `counts_padding` that of the padding's too.
  }];
  let arguments = (ins AnyShaped:$input, AnyShaped:$output, StrAttr:$kind, DenseI64ArrayAttr:$kernel, DenseI64ArrayAttr:$strides,
      DenseI64ArrayAttr:$dilations, DenseI64ArrayAttr:$padding, DenseI64ArrayAttr:$padding_end, OptionalAttr<I64Attr>:$divisor,
      UnitAttr:$counts_padding);
  let results = (outs Optional<AnyRankedTensor>:$result);
  let assemblyFormat = "$kind $input `into` $output attr-dict `:` functional-type(operands, results)";
}

def VarveCpu_YieldOp : Op<VarveCpu_Dialect, "yield", [Pure, Terminator, ParentOneOf<["ProductOp", "ConvolutionOp"]>]> {
  let summary = "the element that a body gives";
  let arguments = (ins AnyType:$value);
  let assemblyFormat = "$value attr-dict `:` type($value)";
}
#endif
