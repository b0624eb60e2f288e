// Branches and loops: bodies that run once, not at all, or again and again.
#ifndef VARVE_OPS_CONTROL_TD
#define VARVE_OPS_CONTROL_TD
include "dialect/ops/Base.td"
include "mlir/IR/BuiltinAttributes.td"

def Varve_CondOp : Varve_Op<"cond", [
    SingleBlockImplicitTerminator<"OutputOp">, RecursiveMemoryEffects, RecursivelySpeculatable, NoRegionArguments]> {
  let summary = "one of two bodies";
  let description = [{
    Runs `on_true` if the condition holds, else `on_false`; the results are what that body hands out. The other body does
    nothing: its prints are silent, its stores store nothing, its lookups cannot fail. Bodies see the values around them.

    **Constraints**
    - C1: the operands of both terminators have the result types.

    **Example**
    ```mlir
    varve.graph @maybe(%p: tensor<i1>, %x: tensor<4xf32>) -> tensor<4xf32> {
      %0 = varve.cond %p -> tensor<4xf32> {
        %1 = varve.relu %x : (tensor<4xf32>) -> tensor<4xf32>
        varve.output %1 : tensor<4xf32>
      } else {
        varve.output %x : tensor<4xf32>
      }
      varve.output %0 : tensor<4xf32>
    }
    ```
  }];
  let arguments = (ins Varve_ScalarBool:$condition);
  let results = (outs Variadic<Varve_Tensor>:$results);
  let regions = (region SizedRegion<1>:$on_true, SizedRegion<1>:$on_false);
  let assemblyFormat = "$condition (`->` type($results)^)? attr-dict-with-keyword $on_true `else` $on_false";
  let hasCanonicalizer = 1;
  let hasVerifier = 1;
}

def Varve_LoopOp : Varve_Op<"loop", [AttrSizedOperandSegments, SingleBlockImplicitTerminator<"OutputOp">, RecursiveMemoryEffects]> {
  let summary = "a body that runs again and again";
  let description = [{
    `to` says how often the body runs: an expression of named dimensions, or a scalar that is known when the program runs
    (a negative one is 0). `while` has a region that is run before each trip, as long as trips are left; the loop ends when
    it hands out false. Both may be there.

    The body takes the number of the trip, from 0 on, what is carried, and of each scanned input the slice of this trip
    along its axis, which the slice lacks. It hands out what is carried to the next trip, and then a piece of each stacked
    result. The condition takes the number of the trip and what is carried.

    The results are what is carried in the end, and then the pieces of all trips, stacked along a new axis. Pieces of
    trips that a condition has cut off are zeros.

    **Constraints**
    - C1: there is a count, a limit or a condition, and not both count and limit.
    - C2: the count is one expression, and not negative.
    - C3: there is a count where something is scanned or stacked.
    - C4: each scanned input has an axis, and as many places along it as the count; each stacked result has an axis.
    - C5: the results are of the carried types, then what pieces stacked along their axes make.
    - C6: body and condition take what the op says.
    - C7: the condition hands out one scalar of i1.
    - C8: the body hands out values of the carried types, and a piece for each stacked result.

    **Example**
    ```mlir
    varve.graph @sums(%zero: tensor<2xf32>, %xs: tensor<?x2xf32, #varve.dims<seq, 2>>) -> tensor<?x2xf32, #varve.dims<seq, 2>> {
      %0:2 = varve.loop to(seq) carry(%zero : tensor<2xf32>) scan(%xs along 0 : tensor<?x2xf32, #varve.dims<seq, 2>>)
          stack(tensor<?x2xf32, #varve.dims<seq, 2>> along 0) do(%i, %sum, %x) {
        %1 = varve.add %sum, %x : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
        varve.output %1, %1 : tensor<2xf32>, tensor<2xf32>
      }
      varve.output %0#1 : tensor<?x2xf32, #varve.dims<seq, 2>>
    }
    ```
  }];
  let arguments = (ins OptionalAttr<Varve_DimsAttr>:$count, Optional<Varve_ScalarIndex>:$limit, Variadic<Varve_Tensor>:$inits,
                       Variadic<Varve_Tensor>:$scanned, DenseI64ArrayAttr:$axes, DenseI64ArrayAttr:$stack_axes);
  let results = (outs Variadic<Varve_Tensor>:$results);
  let regions = (region MaxSizedRegion<1>:$condition, SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let hasCanonicalizer = 1;
  let hasVerifier = 1;
  let declarations = [{
    /// The types of a body's arguments. Expects C2, C3 and C4 of what is scanned.
    static ::mlir::FailureOr<::llvm::SmallVector<::mlir::Type>> argumentTypes(::varve::ir::MaybeLoc location, DimsAttr count,
        ::mlir::TypeRange inits, ::mlir::TypeRange scanned, ::llvm::ArrayRef<int64_t> axes);
    /// The type of a piece of each trip, stacked along the axis.
    static ::mlir::FailureOr<::mlir::Type> stackedType(::varve::ir::MaybeLoc location, DimsAttr count, ::mlir::Type piece, int64_t axis);

    unsigned getNumCarried() { return getInits().size(); }
    /// What ends the body.
    OutputOp getOutput();
    /// The body's argument for a carried value.
    ::mlir::BlockArgument getCarried(unsigned index) { return getBody().getArgument(1 + index); }
    bool isConditional() { return !getCondition().empty(); }
  }];
}
#endif
