// The varve dialect: a model as its author wrote it. Layers are regions, weights are symbols, dims have names.
#ifndef VARVE_DIALECT_TD
#define VARVE_DIALECT_TD
include "mlir/IR/OpBase.td"

def Varve_Dialect : Dialect {
  let name = "varve";
  let cppNamespace = "::varve::ir";
  let summary = "models as their authors wrote them";
  let description = [{
    A module holds weights (`varve.weight`), graphs (`varve.graph`), the entries of a program, and the meshes of devices
    (`varve.mesh`) that both may be placed on. A graph's body mirrors
    the tree of layers that recorded it: each call of a layer is a `varve.layer` region. Tensors are builtin ranked
    tensors; each dynamic dimension has a name in the type's encoding (`#varve.dims<batch, seq + 1>`), so equal names
    mean equal sizes. Ops mean the same on every device.
  }];
  let useDefaultAttributePrinterParser = 1;
  let hasConstantMaterializer = 1;
  // An encoding is a type's whole name, as in !varve.q4_k.
  let extraClassDeclaration = [{
    ::mlir::Type parseType(::mlir::DialectAsmParser &parser) const override;
    void printType(::mlir::Type type, ::mlir::DialectAsmPrinter &printer) const override;
  }];
  let hasRegionArgAttrVerify = 1;
  let hasRegionResultAttrVerify = 1;
}
#endif
