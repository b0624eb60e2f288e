// What all families of ops share: the base classes.
#ifndef VARVE_OPS_BASE_TD
#define VARVE_OPS_BASE_TD
include "dialect/Constraints.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Varve_NamesIn<dag values> {
  string text = !interleave(!foreach(i, !range(!size(values)), !getdagname(values, i)), ",");
}

// An op's operands and results have their names in errors, too: `argumentNames` (with those of attributes), `resultNames`.
class Varve_Op<string mnemonic, list<Trait> traits = []> : Op<Varve_Dialect, mnemonic, traits> {
  code declarations = ""; // what else the op's class declares
  let extraClassDeclaration = [{
    static ::llvm::StringRef argumentNames() { return "}] # Varve_NamesIn<arguments>.text # [{"; }
    static ::llvm::StringRef resultNames() { return "}] # Varve_NamesIn<results>.text # [{"; }
  }] # declarations;
}

// Each element of the result is computed of the operands' elements at its place, shapes broadcast as in NumPy.
def Varve_Elementwise : NativeOpTrait<"Elementwise"> {
  let cppNamespace = "::varve::ir";
}

// An op that computes: pure, its result type inferred by the op's shape rule (`inferReturnTypes`), one form of text.
class Varve_ComputeOp<string mnemonic, list<Trait> traits = []>
    : Varve_Op<mnemonic, !listconcat([Pure, InferTypeOpAdaptor], traits)> {
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}
#endif
