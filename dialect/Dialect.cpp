// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Registration of the dialect, and its attributes and types.
#include "dialect/Dialect.h"
#include "llvm/ADT/TypeSwitch.h"
#include "mlir/IR/DialectImplementation.h"

using namespace mlir;
using namespace varve::ir;

#include "dialect/Dialect.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialect/Attributes.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "dialect/Types.cpp.inc"

// The directive DimList of declarative assembly: (0, past + 1).
static ParseResult parseDimList(OpAsmParser &parser, DimsAttr &dims) {
  dims = parseDims(parser, AsmParser::Delimiter::Paren);
  return success(dims != nullptr);
}

static void printDimList(OpAsmPrinter &printer, Operation *, DimsAttr dims) {
  printer << "(";
  printDims(printer, dims);
  printer << ")";
}

// The directive MeshAxes: <data = 1, model = 4>.
static ParseResult parseMeshAxes(OpAsmParser &parser, ArrayAttr &axes, DenseI64ArrayAttr &sizes) {
  SmallVector<Attribute> names;
  SmallVector<int64_t> values;
  Builder &builder = parser.getBuilder();
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater, [&]() -> ParseResult {
        std::string name;
        if (parser.parseKeywordOrString(&name) || parser.parseEqual() || parser.parseInteger(values.emplace_back()))
          return failure();
        names.push_back(builder.getStringAttr(name));
        return success();
      }))
    return failure();
  axes = builder.getArrayAttr(names);
  sizes = builder.getDenseI64ArrayAttr(values);
  return success();
}

static void printMeshAxes(OpAsmPrinter &printer, Operation *, ArrayAttr axes, DenseI64ArrayAttr sizes) {
  printer << "<";
  llvm::interleaveComma(llvm::zip(axes.getAsRange<StringAttr>(), sizes.asArrayRef()), printer, [&](auto axis) {
    printer.printKeywordOrString(std::get<0>(axis).getValue());
    printer << " = " << std::get<1>(axis);
  });
  printer << ">";
}

// The name in ODS of an operand or a result, if `op` is an Op: "indices"; of one of several, "inputs #1".
template <class Op> static bool findName(Operation *op, bool isOperand, unsigned index, std::string &name) {
  auto of = dyn_cast<Op>(op);
  if (!of)
    return false;
  SmallVector<StringRef> names;
  (isOperand ? Op::argumentNames() : Op::resultNames()).split(names, ',');
  if (isOperand)
    llvm::erase_if(names, [](StringRef each) { return llvm::is_contained(Op::getAttributeNames(), each); });
  for (auto [i, each] : llvm::enumerate(names)) {
    auto [begin, count] = isOperand ? of.getODSOperandIndexAndLength(i) : of.getODSResultIndexAndLength(i);
    if (index >= begin && index < begin + count)
      name = each.str() + (count > 1 ? " #" + std::to_string(index - begin) : "");
  }
  return true;
}

template <class... Ops> static std::string nameAmong(Operation *op, bool isOperand, unsigned index) {
  std::string name;
  (findName<Ops>(op, isOperand, index, name) || ...);
  return name;
}

// What generated checks say of a value of a wrong type (see CMakeLists.txt): "expects indices to be ".
static InFlightDiagnostic expectsValue(Operation *op, StringRef kind, unsigned index) {
  std::string name = nameAmong<
#define GET_OP_LIST
#include "dialect/Ops.cpp.inc"
      >(op, kind == "operand", index);
  return op->emitOpError("expects ") << name << " to be ";
}

#define GET_OP_CLASSES
#include "dialect/OpClasses.cpp.inc"

namespace {
// #dims at the head of a printed module, once for each list of names.
struct Aliases : OpAsmDialectInterface {
  using OpAsmDialectInterface::OpAsmDialectInterface;
  AliasResult getAlias(Attribute attribute, raw_ostream &os) const override {
    if (!isa<DimsAttr>(attribute))
      return AliasResult::NoAlias;
    os << "dims";
    return AliasResult::OverridableAlias;
  }
};
} // namespace

void VarveDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "dialect/Ops.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialect/Attributes.cpp.inc"
      >();
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialect/Types.cpp.inc"
      >();
  addInterfaces<Aliases>();
}

Operation *VarveDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type, Location location) {
  auto elements = dyn_cast<ElementsAttr>(value);
  if (!elements || elements.getType() != type)
    return nullptr;
  return ConstantOp::create(builder, location, type, elements);
}

// Other ops' attributes, as those of functions that a graph was lowered to, are their own affair.
static LogicalResult verifyFunctionAttribute(Operation *op, StringRef what, unsigned index, NamedAttribute attribute,
                                             ArrayRef<StringRef> known) {
  if (!isa<GraphOp>(op))
    return success();
  if (!llvm::is_contained(known, attribute.getName().getValue()))
    return op->emitOpError("expects no attribute of ")
           << what << " " << index << " but " << llvm::join(known, " and ") << ", but got " << attribute.getName();
  if (!isa<StringAttr>(attribute.getValue()))
    return op->emitOpError("expects a string as ")
           << attribute.getName() << " of " << what << " " << index << ", but got " << attribute.getValue();
  return success();
}

LogicalResult VarveDialect::verifyRegionArgAttribute(Operation *op, unsigned, unsigned index,
                                                     NamedAttribute attribute) {
  return verifyFunctionAttribute(op, "argument", index, attribute, {kNameAttr, kDimAttr});
}

LogicalResult VarveDialect::verifyRegionResultAttribute(Operation *op, unsigned, unsigned index,
                                                        NamedAttribute attribute) {
  return verifyFunctionAttribute(op, "result", index, attribute, {kNameAttr});
}

bool varve::ir::isElement(Type type) {
  return isa<Float32Type, Float16Type, BFloat16Type>(type) || type.isSignlessInteger(1) || type.isSignlessInteger(8) ||
         type.isSignlessInteger(32) || type.isSignlessInteger(64) || type.isUnsignedInteger(8);
}

varve::Encoding varve::ir::encodingOf(Type element) {
  auto encoded = dyn_cast<EncodedType>(element);
  return encoded ? encoded.getEncoding() : Encoding::none;
}

bool varve::ir::isEncoded(RankedTensorType type) {
  Encoding encoding = encodingOf(type.getElementType());
  return encoding != Encoding::none && (!type.getEncoding() || isa<PanelsAttr>(type.getEncoding())) &&
         type.hasStaticShape() && type.getRank() > 0 && type.getShape().back() % info_of(encoding).elements == 0;
}

// The text of an expression, spelled with keywords, integers, `+`, `-`, `*`, `floordiv` and parentheses.
static ParseResult parseSum(AsmParser &parser, std::string &text, size_t depth) {
  auto factor = [&]() -> ParseResult {
    StringRef word;
    APInt value;
    if (OptionalParseResult integer = parser.parseOptionalInteger(value); integer.has_value()) {
      llvm::SmallString<20> digits;
      value.toStringSigned(digits);
      text += digits.str();
      return *integer;
    }
    SMLoc at = parser.getCurrentLocation();
    if (succeeded(parser.parseOptionalLParen())) {
      if (depth + 1 == DimExpr::maxDepth)
        return parser.emitError(at, "expects at most ")
               << DimExpr::maxDepth - 1 << " parentheses around each other in a dimension, but got more";
      text += "(";
      if (parseSum(parser, text, depth + 1) || parser.parseRParen())
        return failure();
      text += ")";
      return success();
    }
    if (parser.parseKeyword(&word))
      return failure();
    text += word;
    return success();
  };
  auto product = [&]() -> ParseResult {
    while (true) {
      if (factor())
        return failure();
      if (succeeded(parser.parseOptionalStar()))
        text += "*";
      else if (succeeded(parser.parseOptionalKeyword("floordiv")))
        text += " floordiv ";
      else
        return success();
    }
  };
  if (succeeded(parser.parseOptionalMinus()))
    text += "-";
  while (true) {
    if (product())
      return failure();
    if (succeeded(parser.parseOptionalPlus()))
      text += " + ";
    else if (succeeded(parser.parseOptionalMinus()))
      text += " - ";
    else
      return success();
  }
}

// One dimension: an expression.
static ParseResult parseExpr(AsmParser &parser, StringAttr &name) {
  SMLoc at = parser.getCurrentLocation();
  std::string text;
  if (parseSum(parser, text, 0))
    return failure();
  if (DimExpr::isName(text)) {
    name = StringAttr::get(parser.getContext(), text);
    return success();
  }
  std::optional<DimExpr> expr = DimExpr::parse(text);
  if (!expr)
    return parser.emitError(at, "expects a sum of products of names and integers, but got '") << text << "'";
  name = StringAttr::get(parser.getContext(), expr->str());
  return success();
}

DimsAttr varve::ir::parseDims(AsmParser &parser, AsmParser::Delimiter delimiter) {
  SmallVector<StringAttr> names;
  SMLoc at = parser.getCurrentLocation();
  if (parser.parseCommaSeparatedList(delimiter, [&] { return parseExpr(parser, names.emplace_back()); }))
    return {};
  return parser.getChecked<DimsAttr>(at, parser.getContext(), names);
}

void varve::ir::printDims(AsmPrinter &printer, DimsAttr dims) {
  llvm::interleaveComma(dims.getNames(), printer, [&](StringAttr name) { printer << name.getValue(); });
}

Attribute DimsAttr::parse(AsmParser &parser, Type) { return parseDims(parser, AsmParser::Delimiter::LessGreater); }

void DimsAttr::print(AsmPrinter &printer) const {
  printer << "<";
  printDims(printer, *this);
  printer << ">";
}

LogicalResult DimsAttr::verify(function_ref<InFlightDiagnostic()> emitError, ArrayRef<StringAttr> names) {
  for (StringAttr name : names) {
    if (DimExpr::isName(name.getValue()))
      continue;
    std::optional<DimExpr> expr = DimExpr::parse(name.getValue());
    if (!expr || expr->str() != name.getValue())
      return emitError() << "expects a dimension in canonical form, but got '" << name.getValue() << "'"
                         << (expr ? " for " + expr->str() : std::string());
  }
  return success();
}

LogicalResult DimsAttr::verifyEncoding(ArrayRef<int64_t> shape, Type,
                                       function_ref<InFlightDiagnostic()> emitError) const {
  if (shape.size() != getNames().size())
    return emitError() << "expects one name for each of " << shape.size() << " dimensions, but got "
                       << getNames().size();
  if (!ShapedType::isDynamicShape(shape))
    return emitError() << "expects #varve.dims only where a dimension is dynamic";
  for (auto [axis, size, name] : llvm::enumerate(shape, getNames())) {
    std::optional<int64_t> constant;
    if (!DimExpr::isName(name.getValue()))
      constant = exprOf(name).constant();
    if (ShapedType::isDynamic(size) ? constant.has_value() : constant != size)
      return emitError() << "expects " << (ShapedType::isDynamic(size) ? "a name" : "the size " + std::to_string(size))
                         << " for dimension " << axis << ", but got " << name.getValue();
  }
  return success();
}

// <32>, <32, 2>, <32, winograd>
Attribute PanelsAttr::parse(AsmParser &parser, Type) {
  int64_t rows = 0, group = 1;
  bool winograd = false;
  SMLoc at = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseInteger(rows))
    return {};
  if (succeeded(parser.parseOptionalComma())) {
    winograd = succeeded(parser.parseOptionalKeyword("winograd"));
    if (!winograd && parser.parseInteger(group))
      return {};
  }
  if (parser.parseGreater())
    return {};
  return parser.getChecked<PanelsAttr>(at, parser.getContext(), rows, group, winograd);
}

void PanelsAttr::print(AsmPrinter &printer) const {
  printer << "<" << getRows();
  if (getGroup() != 1)
    printer << ", " << getGroup();
  if (getWinograd())
    printer << ", winograd";
  printer << ">";
}

LogicalResult PanelsAttr::verify(function_ref<InFlightDiagnostic()> emitError, int64_t rows, int64_t group,
                                 bool winograd) {
  if (rows < 1 || rows > 1024)
    return emitError() << "expects panels of 1 to 1024 rows, but got " << rows;
  if (group != 1 && group != 2 && group != 4)
    return emitError() << "expects groups of 1, 2 or 4 columns, but got " << group;
  if (winograd && group != 1)
    return emitError() << "expects single columns of Winograd's kernels, but got groups of " << group;
  return success();
}

LogicalResult PanelsAttr::verifyEncoding(ArrayRef<int64_t> shape, Type element,
                                         function_ref<InFlightDiagnostic()> emitError) const {
  if (Encoding encoding = encodingOf(element); encoding != Encoding::none && !has_panels(encoding))
    return emitError() << "expects an encoding that is stored in panels, but got " << StringRef(name_of(encoding));
  if (shape.size() < 2 || ShapedType::isDynamicShape(shape))
    return emitError() << "expects a weight of static shape [rows, columns..], but got rank " << shape.size();
  if (getGroup() != 1 && encodingOf(element) != Encoding::none)
    return emitError() << "expects blocks in single columns, but got groups of " << getGroup();
  if (getGroup() != 1 && shape.size() != 2)
    return emitError() << "expects a matrix for columns in groups, but got rank " << shape.size();
  if (getWinograd() &&
      (shape.size() != 4 || !hasWinogradChannels(shape[1]) || shape[2] != 3 || shape[3] != 3 || !element.isF32()))
    return emitError()
           << "expects kernels of 3x3 in f32, of a multiple of 16 channels up to 512, for Winograd's, but got "
           << RankedTensorType::get(shape, element);
  return success();
}

// {}, {data, model}, {model : 4x128, 1x128}
static ParseResult parseSplit(AsmParser &parser, SplitAttr &split) {
  SmallVector<StringAttr> axes;
  SmallVector<Segment> segments;
  SMLoc at = parser.getCurrentLocation();
  if (parser.parseLBrace())
    return failure();
  if (failed(parser.parseOptionalRBrace())) {
    auto parseAxis = [&]() -> ParseResult {
      std::string name;
      if (parser.parseKeywordOrString(&name))
        return failure();
      axes.push_back(StringAttr::get(parser.getContext(), name));
      return success();
    };
    auto parseSegment = [&]() -> ParseResult {
      SMLoc place = parser.getCurrentLocation();
      SmallVector<int64_t, 2> sizes;
      if (parser.parseDimensionList(sizes, /*allowDynamic=*/false, /*withTrailingX=*/false))
        return failure();
      if (sizes.size() != 2)
        return parser.emitError(place, "expects a count of units and their size, as in 4x128, but got ")
               << sizes.size() << (sizes.size() == 1 ? " number" : " numbers");
      segments.push_back({sizes[0], sizes[1]});
      return success();
    };
    if (parser.parseCommaSeparatedList(parseAxis) ||
        (succeeded(parser.parseOptionalColon()) && parser.parseCommaSeparatedList(parseSegment)) ||
        parser.parseRBrace())
      return failure();
  }
  split = parser.getChecked<SplitAttr>(at, parser.getContext(), axes, segments);
  return success(split != nullptr);
}

static void printSplit(AsmPrinter &printer, SplitAttr split) {
  printer << "{";
  llvm::interleaveComma(split.getAxes(), printer, [&](StringAttr axis) { printer.printKeywordOrString(axis); });
  if (!split.getSegments().empty())
    printer << " : " << str(split.getSegments());
  printer << "}";
}

Attribute SplitAttr::parse(AsmParser &parser, Type) {
  SplitAttr split;
  if (parser.parseLess() || parseSplit(parser, split) || parser.parseGreater())
    return {};
  return split;
}

void SplitAttr::print(AsmPrinter &printer) const {
  printer << "<";
  printSplit(printer, *this);
  printer << ">";
}

LogicalResult SplitAttr::verify(function_ref<InFlightDiagnostic()> emitError, ArrayRef<StringAttr> axes,
                                ArrayRef<Segment> segments) {
  if (axes.empty() && !segments.empty())
    return emitError() << "expects segments only where an axis splits a dimension, but got " << str(segments);
  return success();
}

Attribute ShardingAttr::parse(AsmParser &parser, Type) {
  FlatSymbolRefAttr mesh;
  SmallVector<SplitAttr> dims;
  if (parser.parseLess() || parser.parseAttribute(mesh) || parser.parseComma() ||
      parser.parseCommaSeparatedList(AsmParser::Delimiter::Square,
                                     [&] { return parseSplit(parser, dims.emplace_back()); }) ||
      parser.parseGreater())
    return {};
  return ShardingAttr::get(parser.getContext(), mesh, dims);
}

void ShardingAttr::print(AsmPrinter &printer) const {
  printer << "<" << getMesh() << ", [";
  llvm::interleaveComma(getDims(), printer, [&](SplitAttr split) { printSplit(printer, split); });
  printer << "]>";
}

Type VarveDialect::parseType(DialectAsmParser &parser) const {
  SMLoc at = parser.getCurrentLocation();
  StringRef name;
  Type type;
  if (generatedTypeParser(parser, &name, type).has_value())
    return type;
  std::string names;
  for (const EncodingInfo &info : encodings().subspan(1)) {
    if (name == StringRef(info.name))
      return EncodedType::get(getContext(), info.encoding);
    names += ", " + std::string(info.name);
  }
  parser.emitError(at, "expects a type of the dialect (buffer") << names << "), but got '" << name << "'";
  return {};
}

void VarveDialect::printType(Type type, DialectAsmPrinter &printer) const {
  if (succeeded(generatedTypePrinter(type, printer)))
    return;
  printer << StringRef(name_of(encodingOf(type)));
}

Type BufferType::parse(AsmParser &parser) {
  SmallVector<int64_t> shape;
  Type element;
  SMLoc at = parser.getCurrentLocation();
  if (parser.parseLess() || parser.parseDimensionList(shape, /*allowDynamic=*/false) || parser.parseType(element) ||
      parser.parseGreater())
    return {};
  return parser.getChecked<BufferType>(at, parser.getContext(), shape, element);
}

void BufferType::print(AsmPrinter &printer) const {
  printer << "<";
  for (int64_t size : getShape())
    printer << size << "x";
  printer << getElementType() << ">";
}

LogicalResult BufferType::verify(function_ref<InFlightDiagnostic()> emitError, ArrayRef<int64_t> shape, Type element) {
  for (int64_t size : shape)
    if (size < 0)
      return emitError() << "expects a static shape, but got dimension "
                         << (ShapedType::isDynamic(size) ? "?" : std::to_string(size));
  if (!isElement(element))
    return emitError() << "expects an element type of the dialect, but got " << element;
  if (!isAddressable(shape))
    return emitError() << "expects less than 2^60 elements";
  return success();
}
