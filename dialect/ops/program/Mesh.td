// The devices that a program runs on, in a grid whose axes have names.
#ifndef VARVE_OPS_MESH_TD
#define VARVE_OPS_MESH_TD
include "dialect/ops/Base.td"
include "mlir/IR/SymbolInterfaces.td"

def Varve_MeshOp : Varve_Op<"mesh", [Symbol, HasParent<"::mlir::ModuleOp">]> {
  let summary = "devices in a grid with named axes";
  let description = [{
    Graphs, layers and weights say by its symbol where they are. Devices are listed with the last axis running fastest. A
    device is its kind and its number, `cpu:0`, `cuda:1`.

    **Constraints**
    - C1: at least one axis; axes have different names.
    - C2: one size of at least 1 for each axis.
    - C3: as many devices as the product of the sizes.
    - C4: devices are `cpu:N` or `cuda:N`, all different.

    **Example**
    ```mlir
    varve.mesh @mesh <data = 1, model = 4> ["cuda:0", "cuda:1", "cuda:2", "cuda:3"]
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, StrArrayAttr:$axes, DenseI64ArrayAttr:$sizes, StrArrayAttr:$devices);
  let assemblyFormat = "$sym_name custom<MeshAxes>($axes, $sizes) $devices attr-dict";
  let hasVerifier = 1;
  let declarations = [{
    /// The size of an axis; none if there is no such axis.
    std::optional<int64_t> getSize(::mlir::StringAttr axis);
    /// "cuda:0, cuda:1".
    std::string getDeviceText();
  }];
}
#endif
