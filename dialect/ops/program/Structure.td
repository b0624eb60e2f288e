// The structure of a program: graphs, layers, weights, state, taps and run-time shape assertions.
#ifndef VARVE_OPS_STRUCTURE_TD
#define VARVE_OPS_STRUCTURE_TD
include "dialect/ops/Base.td"
include "mlir/IR/BuiltinAttributes.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/FunctionInterfaces.td"

def Varve_GraphOp : Varve_Op<"graph", [
    AffineScope, AutomaticAllocationScope, IsolatedFromAbove, FunctionOpInterface, HasParent<"::mlir::ModuleOp">, SingleBlockImplicitTerminator<"OutputOp">,
    OpAsmOpInterface, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "an entry of the program";
  let description = [{
    A function on tensors and buffers, run by its name. Arguments and results have names in the attribute `varve.name`. A
    scalar i64 argument with the attribute `varve.dim` gives a named dimension its value. Dimensions of tensor arguments
    that are a single name give that name its value; all others are checked against them when the program runs. `on @mesh`,
    after the types, says where it runs, apart from layers that say it for themselves.

    **Constraints**
    - C1: every name of a dimension in the body is given a value by an argument.
    - C2: the operands of the terminator have the result types.
    - C3: a buffer argument has a name; no two arguments have the same name, nor two results.
    - C4: arguments are tensors whose dynamic dimensions have names, or buffers; results are tensors.
    - C5: `varve.dim` is a name, on a scalar i64 tensor.
    - C6: no tensor of the body has 2^60 elements or more, as far as its sizes are static.
    - C7: the placement is a mesh of the module.

    **Example**
    ```mlir
    varve.graph @double(%x: tensor<?x4xf32, #varve.dims<batch, 4>> {varve.name = "x"}) -> (tensor<?x4xf32, #varve.dims<batch, 4>> {varve.name = "y"}) {
      %0 = varve.add %x, %x : (tensor<?x4xf32, #varve.dims<batch, 4>>, tensor<?x4xf32, #varve.dims<batch, 4>>) -> tensor<?x4xf32, #varve.dims<batch, 4>>
      varve.output %0 : tensor<?x4xf32, #varve.dims<batch, 4>>
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<FunctionType>:$function_type,
                       OptionalAttr<DictArrayAttr>:$arg_attrs, OptionalAttr<DictArrayAttr>:$res_attrs, OptionalAttr<FlatSymbolRefAttr>:$placement);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
  let declarations = [{
    ::llvm::ArrayRef<::mlir::Type> getArgumentTypes() { return getFunctionType().getInputs(); }
    ::llvm::ArrayRef<::mlir::Type> getResultTypes() { return getFunctionType().getResults(); }
    ::mlir::Region *getCallableRegion() { return &getBody(); }
  }];
}

def Varve_OutputOp : Varve_Op<"output", [Pure, Terminator, ReturnLike, ParentOneOf<["GraphOp", "LayerOp", "CondOp", "LoopOp"]>]> {
  let summary = "hands values out of a graph, a layer, a branch or a loop's body";
  let description = [{
    **Example**
    ```mlir
    varve.graph @f(%x: tensor<4xf32>) -> tensor<4xf32> {
      varve.output %x : tensor<4xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<Varve_MaybePacked>:$operands);
  let assemblyFormat = "($operands^ `:` type($operands))? attr-dict";
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ::mlir::ValueRange()); }]>];
}

def Varve_LayerOp : Varve_Op<"layer", [
    SingleBlockImplicitTerminator<"OutputOp">, RecursiveMemoryEffects, NoRegionArguments, RecursivelySpeculatable,
    DeclareOpInterfaceMethods<RegionBranchOpInterface>, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "one call of a layer";
  let description = [{
    Holds the layer's name relative to its parent (`gate_proj`; `h.0` for an item of a list) and its C++ type. The body sees
    the values around it. A layer called again gets the names `gate_proj#1`, `gate_proj#2`. `on @mesh`, before the body, says
    where it runs; without, it runs where what is around it does.

    **Constraints**
    - C1: the operands of the terminator have the result types.
    - C2: the placement is a mesh of the module.

    **Example**
    ```mlir
    %0 = varve.layer "act" : "ReLU" -> tensor<4xf32> {
      %1 = varve.relu %x : (tensor<4xf32>) -> tensor<4xf32>
      varve.output %1 : tensor<4xf32>
    }
    ```
  }];
  let arguments = (ins StrAttr:$name, StrAttr:$kind, OptionalAttr<FlatSymbolRefAttr>:$placement);
  let results = (outs Variadic<Varve_MaybePacked>:$results);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = "$name `:` $kind (`->` type($results)^)? (`on` $placement^)? attr-dict-with-keyword $body";
  let hasCanonicalizer = 1;
  let hasVerifier = 1;
}

def Varve_WeightOp : Varve_Op<"weight", [Symbol, HasParent<"::mlir::ModuleOp">, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "declares a weight";
  let description = [{
    The symbol is the weight's full name in the model. Its data are bound when the program is loaded. The sharding says which
    devices have which part of them; the verifier proves that they cover each dimension exactly once.

    **Constraints**
    - C1: the weight has less than 2^60 elements.
    - C2: the sharding is over a mesh of the module.
    - C3: the sharding has an entry for each dimension.
    - C4: the sharding uses axes of the mesh, each once at most.
    - C5: the segments of a dimension are as long as it, and each has at least one unit for every device that it is split over.
    - C6: the units of the last dimension of a weight in blocks of an encoding are whole blocks.

    **Example**
    ```mlir
    varve.weight @layers.0.up_proj.weight : tensor<64x32xbf16>
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, TypeAttrOf<Varve_WeightTensor>:$type, OptionalAttr<Varve_ShardingAttr>:$sharding);
  let assemblyFormat = "$sym_name `:` $type (`sharding` `` $sharding^)? attr-dict";
  let hasVerifier = 1;
}

def Varve_UseOp : Varve_Op<"use", [Pure, DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "the value of a weight";
  let description = [{
    **Constraints**
    - C1: the symbol is a weight of the module.
    - C2: the result has the weight's type.

    **Example**
    ```mlir
    varve.weight @w : tensor<4xf32>
    varve.graph @f() -> tensor<4xf32> {
      %0 = varve.use @w : tensor<4xf32>
      varve.output %0 : tensor<4xf32>
    }
    ```
  }];
  let arguments = (ins FlatSymbolRefAttr:$weight);
  let results = (outs Varve_WeightTensor:$result);
  let assemblyFormat = "$weight `:` type($result) attr-dict";
}

def Varve_ConstantOp : Varve_Op<"constant", [Pure, ConstantLike, InferTypeOpAdaptor]> {
  let summary = "a tensor known when the graph is built";
  let description = [{
    **Constraints**
    - C1: the value is a `dense<..>` tensor of an element type of the dialect. What is large is better a weight.

    **Example**
    ```mlir
    %0 = varve.constant dense<[1.0, 2.0]> : tensor<2xf32>
    ```
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs Varve_Tensor:$result);
  let assemblyFormat = "attr-dict $value";
  let hasFolder = 1;
}

def Varve_BufferLoadOp : Varve_Op<"buffer.load", [MemoryEffects<[MemRead]>, InferTypeOpAdaptor]> {
  let summary = "the value of a buffer as it is now";
  let description = [{
    No copy is made: neither the value, nor what shows a part or another shape of it, may be used after a store to the buffer.

    **Constraints**
    - C1: no use of the result, or of a view of it (reshape, transpose, broadcast, slice, split, identity, rebind), follows a
      `varve.buffer.store` to the same buffer that follows this load. The graph checks it, into and out of layers.
    - C2: the buffer is an argument.

    **Example**
    ```mlir
    varve.graph @f(%b: !varve.buffer<4xf32> {varve.name = "b"}) -> tensor<4xf32> {
      %0 = varve.buffer.load %b : (!varve.buffer<4xf32>) -> tensor<4xf32>
      varve.output %0 : tensor<4xf32>
    }
    ```
  }];
  let arguments = (ins Arg<Varve_BufferType, "", [MemRead]>:$buffer);
  let results = (outs Varve_Tensor:$result);
  let assemblyFormat = "$buffer attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Varve_BufferStoreOp : Varve_Op<"buffer.store"> {
  let summary = "writes a tensor into a buffer, in place";
  let description = [{
    Element `i` of the input goes to `i + offsets` of the buffer. Without offsets they are zero. Each offset is an
    expression of named dimensions; whether the slice lies inside the buffer is checked when the program runs.

    `at` adds a position, a scalar that the program computes, to the offset along one axis. A position that is negative, or too
    great, is an error when the run has ended; the slice is then stored at the nearest one.

    **Constraints**
    - C1: input and buffer have equal rank and element type.
    - C2: one offset for each dimension, or none.
    - C3: the slice lies inside the buffer, as far as it is known.
    - C4: the input is no view of a value loaded from the same buffer.
    - C5: the buffer is an argument.
    - C6: a position has an axis, which is one of the buffer's.

    **Example**
    ```mlir
    varve.graph @f(%b: !varve.buffer<1x8xf32> {varve.name = "b"}, %x: tensor<1x?xf32, #varve.dims<1, seq>>, %past: tensor<i64> {varve.dim = "past"}) {
      varve.buffer.store %x, %b offsets(0, past) : tensor<1x?xf32, #varve.dims<1, seq>>, !varve.buffer<1x8xf32>
      varve.output
    }
    ```
  }];
  let arguments = (ins Varve_Tensor:$input, Arg<Varve_BufferType, "", [MemWrite]>:$buffer, Optional<Varve_ScalarIndex>:$position,
                       OptionalAttr<Varve_DimsAttr>:$offsets, OptionalAttr<Varve_IntegerAttr>:$axis);
  let assemblyFormat = "$input `,` $buffer (`offsets` `` custom<DimList>($offsets)^)? (`at` `` `(` $position^ `along` $axis `:` type($position) `)`)? attr-dict `:` type($input) `,` qualified(type($buffer))";
  let hasVerifier = 1;
}

def Varve_PrintOp : Varve_Op<"print", [MemoryEffects<[MemRead, MemWrite]>]> {
  let summary = "looks at a value when the program runs";
  let description = [{
    What is done with the value is its style:

    - `compact` (the edges of a large value), `full` and `statistics` print a text after the path of the layer and the
      label. It goes where the session says, or to the text file `to`. With style `full` a file `to` whose name ends in
      `.npy` holds the value itself, the last one that was printed.
    - `finite` ends the run with an error if the value has a NaN or an infinity. Integers have none.
    - `dump` writes the value to `<to>/<layer path>/<label>.npy` (`output.npy` without a label); when a session prints
      the same name again, to `<label>.1.npy` and so on.
    - `compare` reads that file and ends the run with an error unless `|found - expected| <= atol + rtol * |expected|`
      for each element, NaN being equal to NaN, and integers exactly equal.

    The first error of a run is the one that is told, and prints after it in that run do nothing. Files lie below a
    folder of the session's. The attribute `layer` is the path, relative to the graph or function, of layers that were
    around the op and are dissolved.

    **Constraints**
    - C1: `dump` and `compare` have `to`, a folder; `finite` has none.
    - C2: `to` is a relative path without `..`.
    - C3: a file `.npy` is for style `full`.
    - C4: `rtol` and `atol` are for style `compare`, finite and not negative.

    **Example**
    ```mlir
    varve.print %x, "hidden" : tensor<4xf32>
    varve.print %x, "hidden" {style = "compare", to = "golden", rtol = 1.0e-3} : tensor<4xf32>
    ```
  }];
  let arguments = (ins Varve_Tensor:$input, StrAttr:$label,
      DefaultValuedAttr<Varve_WordAttr<["compact", "full", "statistics", "finite", "dump", "compare"]>, "\"compact\"">:$style,
      OptionalAttr<StrAttr>:$to, DefaultValuedOptionalAttr<F64Attr, "1.0e-5">:$rtol, DefaultValuedOptionalAttr<F64Attr, "1.0e-8">:$atol,
      OptionalAttr<StrAttr>:$layer);
  let assemblyFormat = "$input `,` $label attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def Varve_IdentityOp : Varve_Op<"identity", [
    AlwaysSpeculatable, InferTypeOpAdaptor, DeclareOpInterfaceMethods<MemoryEffectsOpInterface>]> {
  let summary = "its operand; with a tag, a tap";
  let description = [{
    A tap is a place whose value can be looked at while the program runs. It is off until a session asks for taps by
    their paths: the path of the layer and the tag. A tap that is off costs one test; its operand is computed as if it
    were not there. Without a tag the op is nothing, and folds away.

    The attribute `layer` is the path, relative to the graph or function, of layers that were around the op and are
    dissolved.

    **Example**
    ```mlir
    %0 = varve.identity %x {tag = "hidden"} : (tensor<4xf32>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins Varve_Tensor:$input, OptionalAttr<StrAttr>:$tag, OptionalAttr<StrAttr>:$layer);
  let results = (outs Varve_Tensor:$result);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def Varve_RebindOp : Varve_Op<"rebind", [Pure]> {
  let summary = "asserts a shape when the program runs";
  let description = [{
    The operand under another shape: dimensions with other expressions are compared when the program runs, before
    anything is computed; the message is part of the error.

    **Constraints**
    - C1: input and result have equal rank and element type.
    - C2: where both sizes are static, they are equal.

    **Example**
    ```mlir
    varve.graph @f(%x: tensor<?xf32, #varve.dims<n>>, %y: tensor<?xf32, #varve.dims<m>>) -> tensor<?xf32, #varve.dims<m>> {
      %0 = varve.rebind %x, "x and y are pairs" : tensor<?xf32, #varve.dims<n>> to tensor<?xf32, #varve.dims<m>>
      varve.output %0 : tensor<?xf32, #varve.dims<m>>
    }
    ```
  }];
  let arguments = (ins Varve_Tensor:$input, StrAttr:$message);
  let results = (outs Varve_Tensor:$result);
  let assemblyFormat = "$input `,` $message attr-dict `:` type($input) `to` type($result)";
  let hasVerifier = 1;
  let hasFolder = 1;
}

def Varve_DimOp : Varve_Op<"dim", [Pure, InferTypeOpAdaptor]> {
  let summary = "the value of an expression of named dimensions";
  let description = [{
    **Constraints**
    - C1: one expression.

    **Example**
    ```mlir
    varve.graph @f(%x: tensor<?xf32, #varve.dims<seq>>) -> tensor<i64> {
      %0 = varve.dim <seq + 1>
      varve.output %0 : tensor<i64>
    }
    ```
  }];
  let arguments = (ins Varve_DimsAttr:$value);
  let results = (outs Varve_Tensor:$result);
  let assemblyFormat = "$value attr-dict";
  let hasFolder = 1;
}
#endif
