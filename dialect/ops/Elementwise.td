// Ops that work element by element: unary and binary arithmetic, logic, comparison, selection, conversion.
#ifndef VARVE_OPS_ELEMENTWISE_TD
#define VARVE_OPS_ELEMENTWISE_TD
include "dialect/ops/Base.td"

// result[i] = f(input[i]), of the input's type.
class Varve_UnaryOp<string mnemonic, Type operand, string formula, list<Trait> traits = []> : Varve_ComputeOp<mnemonic, traits> {
  let summary = formula # ", element by element";
  let description = [{
    **Shapes**: any; the result has the operand's.

    **Example**
    ```mlir
    %0 = varve.}] # mnemonic # [{ %x : (tensor<2x?x}] # !cond(!eq(mnemonic, "not"): "i1", true: "f32") # [{, #varve.dims<2, seq>>) -> tensor<2x?x}] # !cond(!eq(mnemonic, "not"): "i1", true: "f32") # [{, #varve.dims<2, seq>>
    ```
  }];
  let arguments = (ins operand:$input);
  let results = (outs operand:$result);
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(::mlir::MLIRContext *, ::std::optional<::mlir::Location>,
        Adaptor adaptor, ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      types.push_back(adaptor.getInput().getType());
      return ::mlir::success();
    }
  }];
}

def Varve_NegOp : Varve_UnaryOp<"neg", Varve_NumberTensor, "-x"> { let hasFolder = 1; }
def Varve_AbsOp : Varve_UnaryOp<"abs", Varve_NumberTensor, "|x|"> { let hasFolder = 1; }
def Varve_ExpOp : Varve_UnaryOp<"exp", Varve_FloatTensor, "e to the power of x">;
def Varve_LogOp : Varve_UnaryOp<"log", Varve_FloatTensor, "natural logarithm of x">;
def Varve_SqrtOp : Varve_UnaryOp<"sqrt", Varve_FloatTensor, "square root of x">;
def Varve_RsqrtOp : Varve_UnaryOp<"rsqrt", Varve_FloatTensor, "1 / sqrt(x)">;
def Varve_SinOp : Varve_UnaryOp<"sin", Varve_FloatTensor, "sine of x, in radians">;
def Varve_CosOp : Varve_UnaryOp<"cos", Varve_FloatTensor, "cosine of x, in radians">;
def Varve_TanhOp : Varve_UnaryOp<"tanh", Varve_FloatTensor, "hyperbolic tangent of x">;
def Varve_ErfOp : Varve_UnaryOp<"erf", Varve_FloatTensor, "error function of x">;
def Varve_SigmoidOp : Varve_UnaryOp<"sigmoid", Varve_FloatTensor, "1 / (1 + exp(-x))">;
def Varve_SiluOp : Varve_UnaryOp<"silu", Varve_FloatTensor, "x / (1 + exp(-x))">;
def Varve_ReluOp : Varve_UnaryOp<"relu", Varve_NumberTensor, "max(x, 0)"> { let hasFolder = 1; }
def Varve_FloorOp : Varve_UnaryOp<"floor", Varve_FloatTensor, "x rounded down"> { let hasFolder = 1; }
def Varve_CeilOp : Varve_UnaryOp<"ceil", Varve_FloatTensor, "x rounded up"> { let hasFolder = 1; }
def Varve_RoundOp : Varve_UnaryOp<"round", Varve_FloatTensor, "x rounded to the nearest integer, halves to even"> { let hasFolder = 1; }
def Varve_NotOp : Varve_UnaryOp<"not", Varve_BoolTensor, "logical not"> { let hasFolder = 1; }
def Varve_GeluOp : Varve_UnaryOp<"gelu", Varve_FloatTensor, "x * Phi(x), by erf or by the tanh approximation"> {
  let arguments = (ins Varve_FloatTensor:$input,
      DefaultValuedAttr<Varve_WordAttr<["none", "tanh"]>, "\"none\"">:$approximate);
}

// result[i] = f(lhs[i], rhs[i]), shapes broadcast as in NumPy.
class Varve_BinaryOp<string mnemonic, Type operand, string formula, list<Trait> traits = []> : Varve_ComputeOp<mnemonic, traits> {
  let summary = formula # ", element by element";
  let description = [{
    **Shapes**: lhs and rhs broadcast: aligned at the last dimension, where one has size 1 or lacks the dimension it takes
    the other's.

    **Constraints**
    - C1: lhs and rhs have equal element types.
    - C2: lhs and rhs broadcast.

    **Example**
    ```mlir
    %0 = varve.}] # mnemonic # [{ %x, %y : (tensor<2x?x}] # !cond(!or(!eq(mnemonic, "and"), !eq(mnemonic, "or"), !eq(mnemonic, "xor")): "i1", true: "f32") # [{, #varve.dims<2, seq>>, tensor<2x1x}] # !cond(!or(!eq(mnemonic, "and"), !eq(mnemonic, "or"), !eq(mnemonic, "xor")): "i1", true: "f32") # [{>) -> tensor<2x?x}] # !cond(!or(!eq(mnemonic, "and"), !eq(mnemonic, "or"), !eq(mnemonic, "xor")): "i1", true: "f32") # [{, #varve.dims<2, seq>>
    ```
  }];
  let arguments = (ins operand:$lhs, operand:$rhs);
  let results = (outs operand:$result);
  let extraClassDefinition = [{
    ::llvm::LogicalResult $cppClass::inferReturnTypes(::mlir::MLIRContext *, ::std::optional<::mlir::Location> location,
        Adaptor adaptor, ::llvm::SmallVectorImpl<::mlir::Type> &types) {
      return ::varve::ir::inferBinary(location, adaptor.getLhs().getType(), adaptor.getRhs().getType(), types);
    }
  }];
}

def Varve_AddOp : Varve_BinaryOp<"add", Varve_NumberTensor, "lhs + rhs", [Commutative]> { let hasFolder = 1; }
def Varve_SubOp : Varve_BinaryOp<"sub", Varve_NumberTensor, "lhs - rhs"> { let hasFolder = 1; }
def Varve_MulOp : Varve_BinaryOp<"mul", Varve_NumberTensor, "lhs * rhs", [Commutative]> { let hasFolder = 1; }
def Varve_DivOp : Varve_BinaryOp<"div", Varve_NumberTensor, "lhs / rhs; integers round toward negative infinity, and x / 0 is 0"> { let hasFolder = 1; }
def Varve_PowOp : Varve_BinaryOp<"pow", Varve_FloatTensor, "lhs to the power of rhs">;
def Varve_MaximumOp : Varve_BinaryOp<"maximum", Varve_NumberTensor, "the greater of lhs and rhs; NaN if either is NaN", [Commutative]> { let hasFolder = 1; }
def Varve_MinimumOp : Varve_BinaryOp<"minimum", Varve_NumberTensor, "the lesser of lhs and rhs; NaN if either is NaN", [Commutative]> { let hasFolder = 1; }
def Varve_AndOp : Varve_BinaryOp<"and", Varve_BoolTensor, "logical and", [Commutative]> { let hasFolder = 1; }
def Varve_OrOp : Varve_BinaryOp<"or", Varve_BoolTensor, "logical or", [Commutative]> { let hasFolder = 1; }
def Varve_XorOp : Varve_BinaryOp<"xor", Varve_BoolTensor, "logical exclusive or", [Commutative]> { let hasFolder = 1; }

def Varve_CompareOp : Varve_ComputeOp<"compare"> {
  let summary = "compares lhs with rhs, element by element";
  let description = [{
    A comparison with NaN is false, but for `ne`.

    **Shapes**: lhs and rhs broadcast.

    **Constraints**
    - C1: lhs and rhs have equal element types.
    - C2: lhs and rhs broadcast.

    **Example**
    ```mlir
    %0 = varve.compare %x, %y {predicate = "lt"} : (tensor<4xf32>, tensor<1xf32>) -> tensor<4xi1>
    ```
  }];
  let arguments = (ins Varve_Tensor:$lhs, Varve_Tensor:$rhs, Varve_WordAttr<["eq", "ne", "lt", "le", "gt", "ge"]>:$predicate);
  let results = (outs Varve_BoolTensor:$result);
  let hasFolder = 1;
}

def Varve_SelectOp : Varve_ComputeOp<"select"> {
  let summary = "on_true where condition holds, else on_false, element by element";
  let description = [{
    **Shapes**: condition, on_true and on_false broadcast.

    **Constraints**
    - C1: on_true and on_false have equal element types.
    - C2: condition, on_true and on_false broadcast.

    **Example**
    ```mlir
    %0 = varve.select %c, %x, %y : (tensor<4xi1>, tensor<4xf32>, tensor<1xf32>) -> tensor<4xf32>
    ```
  }];
  let arguments = (ins Varve_BoolTensor:$condition, Varve_Tensor:$on_true, Varve_Tensor:$on_false);
  let results = (outs Varve_Tensor:$result);
  let hasFolder = 1;
}

def Varve_CastOp : Varve_ComputeOp<"cast"> {
  let summary = "converts to another element type";
  let description = [{
    Floats to integers: toward zero, saturating, NaN to 0. Integers to narrower integers: the low bits. To bool: not equal to zero.
    Floats to narrower floats: to nearest, halves to even.

    **Shapes**: any; the result has the operand's.

    **Constraints**
    - C1: the target is an element type of the dialect.

    **Example**
    ```mlir
    %0 = varve.cast %x {dtype = bf16} : (tensor<4xf32>) -> tensor<4xbf16>
    ```
  }];
  let arguments = (ins Varve_Tensor:$input, TypeAttr:$dtype);
  let results = (outs Varve_Tensor:$result);
  let hasFolder = 1;
}
#endif
