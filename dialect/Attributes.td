// Attributes of the dialect: names of dimensions, the layout of a packed weight, how a weight is split over devices.
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
    One entry for each dimension: a sum of products of names, integers and quotients that are rounded down,
    `(seq + 1) floordiv 2`, in canonical form. A static dimension's
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
  let summary = "a weight [rows, columns..] stored in panels of `rows` rows";
  let description = [{
    The encoding of a weight that is packed when bound: `[ceil(rows / n), columns, n]`, the last panel padded with zeros. What
    a row of a convolution's weight has in several dimensions is one row of columns. With a group g, g columns of a matrix lie
    side by side, as instructions for dot products read them: `[ceil(rows / n), ceil(columns / g), n, g]`, the last group padded
    with zeros too. The shape of the type stays the logical one. Matrix products and row lookups read one packed copy.

    With `winograd`, a convolution's kernels g of 3x3 are stored as the 4x4 numbers G g G' of Winograd's F(2x2, 3x3), in f32, for each of which
    there is a matrix: `[ceil(rows / n), 16 * channels, n]`; channels are a multiple of 16, up to 512. See A. Lavin, S. Gray, "Fast Algorithms for Convolutional Neural
    Networks", 2015, https://arxiv.org/abs/1509.09308.

    **Example**
    ```mlir
    varve.weight @w : tensor<96x64xf32, #varve.panels<32>>
    varve.weight @v : tensor<96x64xbf16, #varve.panels<32, 2>>
    varve.weight @k : tensor<96x64x3x3xf32, #varve.panels<32, winograd>>
    ```
  }];
  let parameters = (ins "int64_t":$rows, DefaultValuedParameter<"int64_t", "1">:$group,
      DefaultValuedParameter<"bool", "false">:$winograd);
  let builders = [AttrBuilder<(ins "int64_t":$rows, CArg<"int64_t", "1">:$group, CArg<"bool", "false">:$winograd), [{
    return $_get($_ctxt, rows, group, winograd);
  }]>];
  let skipDefaultBuilders = 1;
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def Varve_SplitAttr : Varve_Attr<"Split", "split"> {
  let summary = "the axes of a mesh that split one dimension, and what of it stays whole";
  let description = [{
    The axes come first, the slowest first; none: the dimension is whole on every device. Segments lie one behind the
    other in the dimension, and each of them is split by itself: `4x128` is four units of 128 elements that are never cut.
    Without segments, the dimension is one segment of units of one element. Of a segment of `count` units on n devices, the
    first `count mod n` devices have one unit more. Written inside of `#varve.sharding`.

    **Example**
    ```mlir
    varve.mesh @mesh <model = 2> ["cuda:0", "cuda:1"]
    varve.weight @qkv : tensor<1024x64xf32> sharding<@mesh, [{model : 4x128, 2x128, 2x128}, {} ]>
    ```
  }];
  let parameters = (ins OptionalArrayRefParameter<"::mlir::StringAttr">:$axes, OptionalArrayRefParameter<"::varve::ir::Segment">:$segments);
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def Varve_ShardingAttr : Varve_Attr<"Sharding", "sharding"> {
  let summary = "how a tensor lies on the devices of a mesh";
  let description = [{
    One entry for each dimension: the axes of the mesh that split it, and its segments, see `#varve.split`. A tensor whose
    entries are all empty is whole on every device of the mesh. Devices along axes that split nothing have the same.

    **Example**
    ```mlir
    varve.mesh @mesh <data = 1, model = 2> ["cuda:0", "cuda:1"]
    varve.weight @up : tensor<256x64xf32> sharding<@mesh, [{model}, {} ]>
    varve.weight @norm : tensor<64xf32> sharding<@mesh, [{} ]>
    ```
  }];
  let parameters = (ins "::mlir::FlatSymbolRefAttr":$mesh, OptionalArrayRefParameter<"::varve::ir::SplitAttr">:$dims);
  let hasCustomAssemblyFormat = 1;
}
#endif
