// Passes from varve to varve: they shape a program while its ops, weights and layers still have names.
#ifndef VARVE_PASSES_TD
#define VARVE_PASSES_TD
include "mlir/Pass/PassBase.td"

def InsertHooksPass : Pass<"varve-insert-hooks", "::mlir::ModuleOp"> {
  let summary = "looks at the results of layers when the program runs";
  let description = [{
    Adds what the hooks of `varve/nn/Hook.h` add, at the end of the body of every layer of a graph whose path and type
    match: a `varve.print` for each result or, with `kind=tap`, a `varve.identity` with a tag in its place. A path is
    the names of the layers around a layer and its own, joined with dots, as in `model.layers.0.mlp`; a layer that is
    called again has a path of its own (`norm#1`). In globs `*` stands for any text, dots included, `?` for one
    character, `[0-3]` for one of several. The label or tag is `output`, and `0`, `1` where a layer has more than one
    result. Runs before layers are outlined: a body that many layers share has no one path.

    | kind | what happens when the program runs |
    |---|---|
    | `print` | the values are printed |
    | `stats` | minimum, maximum, mean, deviation, and the numbers of NaN and infinities |
    | `check-finite` | a NaN or an infinity ends the run with an error that names the layer |
    | `dump` | the values are written to `<folder>/<layer path>/<label>.npy` |
    | `compare` | they are compared with these files; a difference ends the run with an error |
    | `tap` | nothing, until a session asks for it |
  }];
  let options = [
    Option<"layers", "layers", "std::string", "\"*\"", "Glob that a layer's path matches">,
    Option<"types", "types", "std::string", "\"*\"", "Glob that a layer's type matches">,
    Option<"kind", "kind", "std::string", "\"print\"", "print, stats, check-finite, dump, compare or tap">,
    Option<"folder", "folder", "std::string", "", "For dump and compare: a path below the session's folder">,
    Option<"rtol", "rtol", "double", "1.0e-5", "For compare: |found - expected| <= atol + rtol * |expected|">,
    Option<"atol", "atol", "double", "1.0e-8", "For compare">];
}

def StripHooksPass : Pass<"varve-strip-hooks", "::mlir::ModuleOp"> {
  let summary = "takes prints and taps away";
  let description = [{
    Removes every `varve.print` and replaces every `varve.identity` by its operand. After canonicalisation the program
    is the one that never had them.
  }];
}

def CheckPlacementPass : Pass<"varve-check-placement", "::mlir::ModuleOp"> {
  let summary = "refuses placement on devices that are not there, and takes away what is left";
  let description = [{
    Every mesh that a graph, a layer or a weight names has to be one of the devices of the option, and all of them the
    same: programs are not partitioned, and values not moved between devices yet. Each mesh that is not has one error, where
    the mesh was declared: in a recorded program, the line where a layer was placed. Then meshes, placements and
    shardings are removed: what is left runs on the one device. Runs first.
  }];
  let options = [Option<"devices", "devices", "std::string", "\"cpu:0\"", "Devices that there are, with commas between them">];
}

def PrintDotPass : Pass<"varve-print-dot", "::mlir::ModuleOp"> {
  let summary = "draws graphs, for Graphviz";
  let description = [{
    Writes every graph of the module in the language of Graphviz's `dot`: layers are boxes in boxes, with name and kind;
    ops are nodes; values are edges with their shapes; weights are small boxes, buffers cylinders. The module stays as it is.
    It is printed, too: `varve-opt --varve-print-dot=depth=2 -o /dev/null model.mlir | dot -Tsvg > model.svg`.
  }];
  let options = [
    Option<"depth", "depth", "int64_t", "100", "Layers inside this many others are drawn as one node each">,
    Option<"file", "file", "std::string", "\"-\"", "Where to write; - is the standard output">,
    Option<"weights", "weights", "bool", "true", "Draw weights, and count those of a layer that is one node">];
}

def PackWeightsPass : Pass<"varve-pack-weights", "::mlir::ModuleOp"> {
  let summary = "stores the weights of matrix products and convolutions in panels";
  let description = [{
    Gives a weight and all its uses the encoding `#varve.panels<n>`, of bf16 `#varve.panels<n, g>`, if it is a float matrix of which at least one use
    is the weight of a `varve.linear` and every other one that too or the input of a `varve.gather` along axis 0. So a
    tied embedding is packed once for both. So is a weight in blocks of an encoding that has a kernel, in panels of 16 rows. The
    weight of `varve.conv` gets panels too, if that is its only use, a group has at least 32 output channels, where there are several
    groups whole panels of them, and more than 4 input channels, 64 output channels or a stride above 2, or channels are last. With
    `winograd`, kernels of 3x3 in f32 are stored as numbers of Winograd's F(2x2, 3x3) where channels are last, strides, dilations and groups are 1,
    input channels a multiple of 16 up to 512, and an image not known to have fewer than 9 tiles of 2x2 windows. A weight that has panels keeps them. Runs before layers are outlined, while
    every use of a weight can be seen.
  }];
  let options = [
    Option<"panel", "panel", "int64_t", "32", "Rows of a panel, 1 to 1024">,
    Option<"bf16Group", "bf16-group", "int64_t", "1", "Columns of bf16 side by side: 2 for dot products of pairs">,
    Option<"winograd", "winograd", "bool", "true", "Kernels of 3x3 in the form of Winograd's F(2x2, 3x3)">];
}

def ChannelsLastPass : Pass<"varve-channels-last", "::mlir::ModuleOp"> {
  let summary = "computes chains of convolutions with the channels as the last dimension";
  let description = [{
    A `varve.conv` whose weight is in panels, or will be, is computed with `channels_last`, and so is what follows it: batch
    normalisation, pooling, elementwise ops on values of the same rank, and whatever layers hand out. A transposition stands where
    a value comes into such a chain or leaves it, unless it meets one there that is the other way round. A chain stays as it is if
    it has fewer convolutions than twice the values that would be transposed; taps do not count, and are shown values with
    channels first. Runs before weights are packed and layers outlined.
  }];
  let options = [Option<"panel", "panel", "int64_t", "32", "Rows of a panel, as of varve-pack-weights">];
}

def OutlineLayersPass : Pass<"varve-outline-layers", "::mlir::ModuleOp"> {
  let summary = "equal layers become one function";
  let description = [{
    Layers of the module's graphs that do the same with other values and weights become calls of one private function
    `@<kind>_<n>`, so that compile time does not grow with depth. Layers are equal if their bodies have equal ops,
    attributes, types and names of layers inside (not the layers' own names), take values from outside in the same
    pattern, and weights in the same pattern whatever their symbols, and run on the same mesh, which the function then
    names in the attribute `varve.placement`. Locations do not count. Larger layers come first,
    and what is inside an outlined layer is no candidate any more. Bodies of fewer than two ops (not counting uses of
    weights, layers and outputs) stay.

    The function's arguments are the values from outside (tensors and buffers) in the order of their first use, then
    one for each weight, in that order too. Constants and `varve.dim` from outside are copied into the body. Named
    dimensions mean in the function what they mean in the graph that calls it. The call is where the layer was and has
    its location; the attribute `varve.layer` is the layer's full path. Layers inside the body stay.
  }];
  let dependentDialects = ["::mlir::func::FuncDialect"];
}

def MarkOpsPass : Pass<"varve-mark-ops", "::mlir::ModuleOp"> {
  let summary = "numbers ops, for a profile";
  let description = [{
    Gives every op that computes a number, on its location, so that what it is lowered to can be told by it: nothing else
    changes. The module's attribute `varve.ops` lists them: name, layer, FLOPs, bytes read and written. Runs last of the
    passes that shape a program, and only to profile it.
  }];
}

def InlineLayersPass : Pass<"varve-inline-layers", "::mlir::ModuleOp"> {
  let summary = "dissolves layers";
  let description = [{
    The ops of every `varve.layer` in graphs and functions move to where the layer was. Prints and taps get the path
    of the layers that were around them, relative to the graph or function, as the attribute `layer`; one that they
    have already is the path's end.
  }];
}
#endif
