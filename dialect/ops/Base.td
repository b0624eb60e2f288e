// What all families of ops share: the base classes.
#ifndef VARVE_OPS_BASE_TD
#define VARVE_OPS_BASE_TD
include "dialect/Constraints.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Varve_Op<string mnemonic, list<Trait> traits = []> : Op<Varve_Dialect, mnemonic, traits>;

// An op that computes: pure, its result type inferred by the op's shape rule (`inferReturnTypes`), one form of text.
class Varve_ComputeOp<string mnemonic, list<Trait> traits = []>
    : Varve_Op<mnemonic, !listconcat([Pure, InferTypeOpAdaptor], traits)> {
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}
#endif
