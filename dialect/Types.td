// Types of the dialect. Values are builtin tensors; only state that lives across calls has a type of its own.
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
#endif
