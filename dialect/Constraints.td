// What operands, results and attributes may be, said once.
#ifndef VARVE_CONSTRAINTS_TD
#define VARVE_CONSTRAINTS_TD
include "dialect/Attributes.td"
include "dialect/Types.td"
include "mlir/IR/CommonTypeConstraints.td"
include "mlir/IR/CommonAttrConstraints.td"

def Varve_Float : AnyTypeOf<[F32, F16, BF16], "f32, f16 or bf16">;
def Varve_Integer : AnyTypeOf<[I8, I32, I64, UI<8>], "i8, i32, i64 or ui8">;
def Varve_Bool : TypeAlias<I1, "bool">;
def Varve_Element : AnyTypeOf<[Varve_Float, Varve_Integer, Varve_Bool], "f32, f16, bf16, i8, i32, i64, ui8 or i1">;

def Varve_Named : CPred<"::varve::ir::isNamed(::llvm::cast<::mlir::RankedTensorType>($_self))">;
// A tensor value: element type of the dialect, every dynamic dimension named, not packed.
class Varve_TensorOf<Type element, string text> :
    Type<And<[RankedTensorOf<[element]>.predicate, Varve_Named]>, "tensor of " # text # " whose dynamic dimensions have names", "::mlir::RankedTensorType">;
def Varve_Tensor : Varve_TensorOf<Varve_Element, "f32, f16, bf16, i8, i32, i64, ui8 or i1">;
def Varve_FloatTensor : Varve_TensorOf<Varve_Float, "f32, f16 or bf16">;
def Varve_IntegerTensor : Varve_TensorOf<Varve_Integer, "i8, i32, i64 or ui8">;
def Varve_IndexTensor : Varve_TensorOf<AnyTypeOf<[I32, I64]>, "i32 or i64">;
def Varve_LongTensor : Varve_TensorOf<I64, "i64">;
def Varve_BoolTensor : Varve_TensorOf<Varve_Bool, "i1">;
def Varve_BitsTensor : Varve_TensorOf<AnyTypeOf<[Varve_Integer, Varve_Bool]>, "i8, i32, i64, ui8 or i1">;
def Varve_NumberTensor : Varve_TensorOf<AnyTypeOf<[Varve_Float, Varve_Integer]>, "f32, f16, bf16, i8, i32, i64 or ui8">;

// A tensor without dimensions.
class Varve_ScalarOf<Type element, string text> : Type<
    And<[RankedTensorOf<[element]>.predicate, CPred<"::llvm::cast<::mlir::RankedTensorType>($_self).getRank() == 0">]>,
    "tensor of " # text # " without dimensions", "::mlir::RankedTensorType">;
def Varve_ScalarBool : Varve_ScalarOf<I1, "i1">, BuildableType<"::mlir::RankedTensorType::get({}, $_builder.getI1Type())">;
def Varve_ScalarIndex : Varve_ScalarOf<AnyTypeOf<[I32, I64]>, "i32 or i64">;

def Varve_EncodedTensor : Type<
    And<[CPred<"::llvm::isa<::mlir::RankedTensorType>($_self)">, CPred<"::varve::ir::isEncoded(::llvm::cast<::mlir::RankedTensorType>($_self))">]>,
    "statically shaped tensor of whole blocks of an encoding", "::mlir::RankedTensorType">;

// The type of a weight: as a tensor value, packed, or in blocks.
def Varve_WeightTensor : Type<
    Or<[Varve_EncodedTensor.predicate, And<[RankedTensorOf<[Varve_Element]>.predicate, CPred<"::llvm::cast<::mlir::RankedTensorType>($_self).hasStaticShape()">,
         CPred<"::llvm::isa_and_present<::varve::ir::PanelsAttr>(::llvm::cast<::mlir::RankedTensorType>($_self).getEncoding()) || !::llvm::cast<::mlir::RankedTensorType>($_self).getEncoding()">]>]>,
    "statically shaped tensor of f32, f16, bf16, i8, i32, i64, ui8 or i1, or of whole blocks of an encoding", "::mlir::RankedTensorType">;
// An operand that may be a packed weight, or one in blocks.
def Varve_MaybePacked : Type<
    Or<[Varve_Tensor.predicate, Varve_WeightTensor.predicate]>, "tensor whose dynamic dimensions have names, or a packed or encoded weight", "::mlir::RankedTensorType">;

// A signed number, such as an axis that may count from the end; upstream's I64Attr gives uint64_t.
def Varve_IntegerAttr : TypedSignlessIntegerAttrBase<I64, "int64_t", "64-bit signless integer attribute">;

// A list with an entry for each spatial dimension; the empty one, which need not be written, stands for the defaults.
def Varve_NumbersAttr : DefaultValuedAttr<DenseI64ArrayAttr, "{}">;

// A string attribute that is one of a few words.
class Varve_WordAttr<list<string> words> : StringBasedAttr<
    And<[CPred<"::llvm::isa<::mlir::StringAttr>($_self)">,
         Or<!foreach(w, words, CPred<"::llvm::cast<::mlir::StringAttr>($_self).getValue() == \"" # w # "\"">)>]>,
    "one of " # !interleave(words, ", ")>;
#endif
