// Types of the dialect. Values are builtin tensors; state that lives across calls has a type of its own, and a quantised
// weight its encoding as element type.
#ifndef VARVE_TYPES_TD
#define VARVE_TYPES_TD
include "dialect/Dialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinTypeInterfaces.td"

def Varve_BufferType : TypeDef<Varve_Dialect, "Buffer"> {
  let mnemonic = "buffer";
  let summary = "state that lives across calls, such as a KV cache";
  let description = [{
    A buffer is an argument of a graph, found by its name: entries of one program that name the same buffer share it. It
    is read by `varve.buffer.load` and written in place by `varve.buffer.store`. Its shape is static.

    **Example**
    ```mlir
    varve.graph @f(%cache: !varve.buffer<1x256x2x32xbf16> {varve.name = "k_cache"}) {
      varve.output
    }
    ```
  }];
  let parameters = (ins ArrayRefParameter<"int64_t">:$shape, "::mlir::Type":$elementType);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def Varve_EncodedType : TypeDef<Varve_Dialect, "Encoded"> {
  let summary = "an element of a quantised weight";
  let description = [{
    Written by the encoding's name: `!varve.q4_k`. Elements lie in blocks of neighbours along the last axis (of 256, in 144
    bytes), so that axis is a multiple of the block, and nothing cuts one. The shape of a tensor counts elements. Only weights
    have it: it is taken by `varve.weight`, `varve.use`, `varve.linear`, `varve.gather` and `varve.dequantize`, which computes
    what the elements stand for. include/varve/Encoding.h lists the encodings.

    **Example**
    ```mlir
    varve.weight @w : tensor<96x512x!varve.q4_k>
    ```
  }];
  let typeName = "varve.encoded";
  let parameters = (ins "::varve::Encoding":$encoding);
}
#endif
