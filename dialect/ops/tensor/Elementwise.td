// Ops that work element by element: unary and binary arithmetic, logic, comparison, selection, conversion.
#ifndef VARVE_OPS_ELEMENTWISE_TD
#define VARVE_OPS_ELEMENTWISE_TD
include "dialect/ops/Base.td"

// The element type of an example.
class Varve_ExampleElement<Type operand> {
  string text = !cond(!eq(operand, Varve_BitsTensor): "i1", !eq(operand, Varve_IntegerTensor): "i32", true: "f32");
}

// result[i] = f(input[i]), of the input's type.
class Varve_UnaryOp<string mnemonic, Type operand, string formula, list<Trait> traits = []>
    : Varve_ComputeOp<mnemonic, !listconcat([Varve_Elementwise], traits)> {
  let summary = formula # ", element by element";
  let description = [{
    **Shapes**: any; the result has the operand's.

    **Example**
    ```mlir
    %0 = varve.}] # mnemonic # [{ %x : (tensor<2x?x}] # Varve_ExampleElement<operand>.text # [{, #varve.dims<2, seq>>) -> tensor<2x?x}] # Varve_ExampleElement<operand>.text # [{, #varve.dims<2, seq>>
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
def Varve_Exp2Op : Varve_UnaryOp<"exp2", Varve_FloatTensor, "2 to the power of x">;
def Varve_Expm1Op : Varve_UnaryOp<"expm1", Varve_FloatTensor, "exp(x) - 1, exact to the last places near 0">;
def Varve_LogOp : Varve_UnaryOp<"log", Varve_FloatTensor, "natural logarithm of x">;
def Varve_Log1pOp : Varve_UnaryOp<"log1p", Varve_FloatTensor, "log(1 + x), exact to the last places near 0">;
def Varve_Log2Op : Varve_UnaryOp<"log2", Varve_FloatTensor, "logarithm of x to the base 2">;
def Varve_Log10Op : Varve_UnaryOp<"log10", Varve_FloatTensor, "logarithm of x to the base 10">;
def Varve_SqrtOp : Varve_UnaryOp<"sqrt", Varve_FloatTensor, "square root of x">;
def Varve_RsqrtOp : Varve_UnaryOp<"rsqrt", Varve_FloatTensor, "1 / sqrt(x)">;
def Varve_SinOp : Varve_UnaryOp<"sin", Varve_FloatTensor, "sine of x, in radians">;
def Varve_CosOp : Varve_UnaryOp<"cos", Varve_FloatTensor, "cosine of x, in radians">;
def Varve_TanOp : Varve_UnaryOp<"tan", Varve_FloatTensor, "tangent of x, in radians">;
def Varve_AsinOp : Varve_UnaryOp<"asin", Varve_FloatTensor, "arc sine of x, in radians">;
def Varve_AcosOp : Varve_UnaryOp<"acos", Varve_FloatTensor, "arc cosine of x, in radians">;
def Varve_AtanOp : Varve_UnaryOp<"atan", Varve_FloatTensor, "arc tangent of x, in radians">;
def Varve_SinhOp : Varve_UnaryOp<"sinh", Varve_FloatTensor, "hyperbolic sine of x">;
def Varve_CoshOp : Varve_UnaryOp<"cosh", Varve_FloatTensor, "hyperbolic cosine of x">;
def Varve_TanhOp : Varve_UnaryOp<"tanh", Varve_FloatTensor, "hyperbolic tangent of x">;
def Varve_AsinhOp : Varve_UnaryOp<"asinh", Varve_FloatTensor, "inverse hyperbolic sine of x">;
def Varve_AcoshOp : Varve_UnaryOp<"acosh", Varve_FloatTensor, "inverse hyperbolic cosine of x">;
def Varve_AtanhOp : Varve_UnaryOp<"atanh", Varve_FloatTensor, "inverse hyperbolic tangent of x">;
def Varve_ErfOp : Varve_UnaryOp<"erf", Varve_FloatTensor, "error function of x">;
def Varve_SigmoidOp : Varve_UnaryOp<"sigmoid", Varve_FloatTensor, "1 / (1 + exp(-x))">;
def Varve_SiluOp : Varve_UnaryOp<"silu", Varve_FloatTensor, "x / (1 + exp(-x))">;
def Varve_ReluOp : Varve_UnaryOp<"relu", Varve_NumberTensor, "max(x, 0)"> { let hasFolder = 1; }
def Varve_FloorOp : Varve_UnaryOp<"floor", Varve_FloatTensor, "x rounded down"> { let hasFolder = 1; }
def Varve_CeilOp : Varve_UnaryOp<"ceil", Varve_FloatTensor, "x rounded up"> { let hasFolder = 1; }
def Varve_RoundOp : Varve_UnaryOp<"round", Varve_FloatTensor, "x rounded to the nearest integer, halves to even"> { let hasFolder = 1; }
def Varve_TruncOp : Varve_UnaryOp<"trunc", Varve_FloatTensor, "x rounded toward 0"> { let hasFolder = 1; }
def Varve_SignOp : Varve_UnaryOp<"sign", Varve_NumberTensor, "1, 0 or -1 as x is positive, 0 or negative; NaN of NaN"> { let hasFolder = 1; }
def Varve_NotOp : Varve_UnaryOp<"not", Varve_BitsTensor, "every bit of x inverted; of i1: logical not"> { let hasFolder = 1; }
def Varve_GeluOp : Varve_UnaryOp<"gelu", Varve_FloatTensor, "x * Phi(x), by erf or by the tanh approximation"> {
  let arguments = (ins Varve_FloatTensor:$input,
      DefaultValuedAttr<Varve_WordAttr<["none", "tanh"]>, "\"none\"">:$approximate);
}

// result[i] = f(lhs[i], rhs[i]), shapes broadcast as in NumPy.
class Varve_BinaryOp<string mnemonic, Type operand, string formula, list<Trait> traits = []>
    : Varve_ComputeOp<mnemonic, !listconcat([Varve_Elementwise], traits)> {
  let summary = formula # ", element by element";
  let description = [{
    **Shapes**: lhs and rhs broadcast: aligned at the last dimension, where one has size 1 or lacks the dimension it takes
    the other's.

    **Constraints**
    - C1: lhs and rhs have equal element types.
    - C2: lhs and rhs broadcast.

    **Example**
    ```mlir
    %0 = varve.}] # mnemonic # [{ %x, %y : (tensor<2x?x}] # Varve_ExampleElement<operand>.text # [{, #varve.dims<2, seq>>, tensor<2x1x}] # Varve_ExampleElement<operand>.text # [{>) -> tensor<2x?x}] # Varve_ExampleElement<operand>.text # [{, #varve.dims<2, seq>>
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
def Varve_FloorDivideOp : Varve_BinaryOp<"floor_divide", Varve_NumberTensor, "lhs / rhs, rounded toward negative infinity; of integers x / 0 is 0"> { let hasFolder = 1; }
def Varve_RemainderOp : Varve_BinaryOp<"remainder", Varve_NumberTensor, "what floor_divide leaves of lhs, exactly: it has the sign of rhs; of integers that of 0 is 0"> { let hasFolder = 1; }
def Varve_PowOp : Varve_BinaryOp<"pow", Varve_FloatTensor, "lhs to the power of rhs">;
def Varve_Atan2Op : Varve_BinaryOp<"atan2", Varve_FloatTensor, "the angle of the point (rhs, lhs), in radians from -pi to pi">;
def Varve_CopysignOp : Varve_BinaryOp<"copysign", Varve_FloatTensor, "|lhs| with the sign of rhs"> { let hasFolder = 1; }
def Varve_NextafterOp : Varve_BinaryOp<"nextafter", Varve_FloatTensor, "the number of the element type that is next to lhs toward rhs; rhs if they are equal">;
def Varve_MaximumOp : Varve_BinaryOp<"maximum", Varve_NumberTensor, "the greater of lhs and rhs; NaN if either is NaN", [Commutative]> { let hasFolder = 1; }
def Varve_MinimumOp : Varve_BinaryOp<"minimum", Varve_NumberTensor, "the lesser of lhs and rhs; NaN if either is NaN", [Commutative]> { let hasFolder = 1; }
def Varve_AndOp : Varve_BinaryOp<"and", Varve_BitsTensor, "bitwise and; of i1: logical and", [Commutative]> { let hasFolder = 1; }
def Varve_OrOp : Varve_BinaryOp<"or", Varve_BitsTensor, "bitwise or; of i1: logical or", [Commutative]> { let hasFolder = 1; }
def Varve_XorOp : Varve_BinaryOp<"xor", Varve_BitsTensor, "bitwise exclusive or; of i1: logical exclusive or", [Commutative]> { let hasFolder = 1; }
def Varve_ShiftLeftOp : Varve_BinaryOp<"shift_left", Varve_IntegerTensor, "lhs * 2^rhs, its low bits; 0 if rhs is negative or no less than the width"> { let hasFolder = 1; }
def Varve_ShiftRightOp : Varve_BinaryOp<"shift_right", Varve_IntegerTensor, "lhs / 2^rhs, rounded down; as for a very large rhs if rhs is negative"> { let hasFolder = 1; }

def Varve_CompareOp : Varve_ComputeOp<"compare", [Varve_Elementwise]> {
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

def Varve_SelectOp : Varve_ComputeOp<"select", [Varve_Elementwise]> {
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

def Varve_CastOp : Varve_ComputeOp<"cast", [Varve_Elementwise]> {
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
