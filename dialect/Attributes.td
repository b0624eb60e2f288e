// Attributes of the dialect: names of dimensions, the layout of a packed weight.
#ifndef VARVE_ATTRIBUTES_TD
#define VARVE_ATTRIBUTES_TD
include "dialect/Dialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/BuiltinAttributeInterfaces.td"
include "mlir/IR/TensorEncoding.td"

class Varve_Attr<string name, string mnemonic_, list<Trait> traits = []> : AttrDef<Varve_Dialect, name, traits> {
  let mnemonic = mnemonic_;
}

def Varve_DimsAttr : Varve_Attr<"Dims", "dims", [DeclareAttrInterfaceMethods<VerifiableTensorEncoding>]> {
  let summary = "the size of each dimension of a tensor, as an expression of named dimensions";
  let description = [{
    One entry for each dimension: a sum of products of names and integers, in canonical order. A static dimension's
    entry is its size. Two dimensions of one graph with equal entries have equal sizes. The encoding of every tensor that
    has a dynamic dimension, and of no other.

    **Example**
    ```mlir
    varve.graph @f(%x: tensor<?x?xf32, #varve.dims<batch, past + seq>>, %past: tensor<i64> {varve.dim = "past"}, %y: tensor<?xf32, #varve.dims<seq>>) {
      varve.output
    }
    ```
  }];
  let parameters = (ins ArrayRefParameter<"::mlir::StringAttr">:$names);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def Varve_PanelsAttr : Varve_Attr<"Panels", "panels", [DeclareAttrInterfaceMethods<VerifiableTensorEncoding>]> {
  let summary = "a weight [rows, columns] stored in panels of `rows` rows";
  let description = [{
    The encoding of a weight that is packed when bound: `[ceil(rows / n), columns, n]`, the last panel padded with zeros.
    The shape of the type stays the logical one. Matrix products and row lookups read one packed copy.

    **Example**
    ```mlir
    varve.weight @w : tensor<96x64xf32, #varve.panels<32>>
    ```
  }];
  let parameters = (ins "int64_t":$rows);
  let assemblyFormat = "`<` $rows `>`";
  let genVerifyDecl = 1;
}
#endif
