// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Emit.h"
#include "dialect/Dialect.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/Block.h"
#include "varve/Error.h"

namespace varve::test {
namespace {

using nlohmann::json;

// Sizes that have a name in a variant; the name follows from the size, so what must be equal is.
using Named = std::set<int64_t>;

std::string dim_text(int64_t size, const Named &named) {
  return named.count(size) ? "s" + std::to_string(size) : std::to_string(size);
}

std::string text_of(const std::vector<mlir::Type> &types) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  llvm::interleaveComma(types, stream);
  return text;
}

std::string element_text(const std::string &dtype) { return dtype == "bool" ? "i1" : dtype == "u8" ? "ui8" : dtype; }

// The sizes of the shape as products of the input's dimensions where they are just that.
std::vector<std::string> reshaped(const std::vector<int64_t> &from, const std::vector<int64_t> &to,
                                  const Named &named) {
  std::vector<std::string> shape;
  size_t next = 0;
  for (int64_t size : to) {
    std::string text;
    int64_t product = 1;
    size_t end = next;
    while (end < from.size() && product < size && from[end] > 0 && size % (product * from[end]) == 0) {
      text += (text.empty() ? "" : " * ") + dim_text(from[end], named);
      product *= from[end++];
    }
    bool exact = product == size && !text.empty();
    shape.push_back(exact ? text : dim_text(size, named));
    next = exact ? end : next;
  }
  return shape;
}

std::vector<std::string> dims_of(const Case &golden, const std::string &key, const json &value, const Named &named) {
  std::vector<int64_t> sizes = value;
  if (golden.op == "reshape")
    return reshaped(golden.inputs[0].shape(), sizes, named);
  std::vector<std::string> dims;
  for (int64_t size : sizes) // starts, ends and pieces are numbers of their own
    dims.push_back(key == "shape" ? dim_text(size, named) : std::to_string(size));
  return dims;
}

std::string list(const std::vector<std::string> &parts) {
  std::string text;
  for (const std::string &part : parts)
    text += (text.empty() ? "" : ", ") + part;
  return text;
}

// As in the op's text: "{axis = 1 : i64, keep_dims}".
std::string attributes_of(const Case &golden, const Named &named) {
  std::vector<std::string> all;
  for (const auto &[key, value] : golden.attributes.items()) {
    if (value.is_boolean()) {
      if (value.get<bool>())
        all.push_back(key);
    } else if (key == "dtype") {
      all.push_back("dtype = " + element_text(value));
    } else if (value.is_string()) {
      all.push_back(key + " = \"" + value.get<std::string>() + "\"");
    } else if (key == "epsilon" || key == "scale") {
      llvm::raw_string_ostream(all.emplace_back())
          << key << " = " << llvm::format("%.17e", value.get<double>()) << " : f64";
    } else if (value.is_number()) {
      all.push_back(key + " = " + std::to_string(value.get<int64_t>()) + " : i64");
    } else if (key == "scales") {
      std::vector<std::string> numbers;
      for (double number : value)
        llvm::raw_string_ostream(numbers.emplace_back()) << llvm::format("%.17e", number);
      all.push_back("scales = array<f64: " + list(numbers) + ">");
    } else if (key == "shape" || key == "starts" || key == "ends" || key == "sizes" || key == "low" || key == "high") {
      all.push_back(key + " = #varve.dims<" + list(dims_of(golden, key, value, named)) + ">");
    } else {
      std::vector<std::string> numbers;
      for (int64_t number : value)
        numbers.push_back(std::to_string(number));
      all.push_back(key + " = array<i64" + (numbers.empty() ? "" : ": ") + list(numbers) + ">");
    }
  }
  return "{" + list(all) + "}";
}

bool is_weight(const Case &golden, size_t operand) {
  const std::string &name = golden.operands[operand];
  return name == "weight" || name == "bias" || (golden.op == "gather" && name == "input");
}

bool is_over_places(const std::string &op) {
  static const std::set<std::string> ops = {"conv",       "conv_transpose",    "max_pool",
                                            "avg_pool",   "adaptive_max_pool", "adaptive_avg_pool",
                                            "group_norm", "batch_norm",        "resize"};
  return ops.count(op) > 0;
}

// The shape of the result is an attribute, not that of an input.
bool is_sized_by_attribute(const Case &golden) {
  return golden.op == "iota" || golden.op == "broadcast" || golden.op == "random";
}

// What to name, from most to least: an op may have no rule for a dimension that is an expression.
std::vector<Named> candidates(const Case &golden) {
  Named all;
  for (const Tensor &input : golden.inputs)
    all.insert(input.shape().begin(), input.shape().end());
  for (const Tensor &output : golden.outputs)
    if (is_sized_by_attribute(golden))
      all.insert(output.shape().begin(), output.shape().end());
  all.erase(1);
  std::vector<Named> sets = {all};
  if (golden.attributes.contains("axis") && !golden.inputs.empty()) {
    int64_t axis = golden.attributes["axis"], rank = golden.inputs[0].rank();
    for (const Tensor &input : golden.inputs)
      if (input.rank() == rank)
        all.erase(input.shape()[static_cast<size_t>(axis < 0 ? axis + rank : axis)]);
    sets.push_back(all);
  }
  // Heads are groups, or halves are pairs: not what a name says.
  if (golden.op == "attention" || golden.op == "rope")
    for (size_t first : {size_t(2), size_t(3)})
      for (size_t i = 0; i < 3; ++i) {
        const std::vector<int64_t> &shape = golden.inputs[i].shape();
        for (size_t d = shape.size() == 4 ? first : shape.size() - 1; d < shape.size(); ++d)
          all.erase(shape[d]);
      }
  if (golden.op == "reshape") // keep what is in both
    std::erase_if(all, [&](int64_t size) {
      const auto &to = golden.outputs[0].shape();
      return std::find(to.begin(), to.end(), size) == to.end();
    });
  sets.push_back(all);
  // Batch and places of [batch, channels, places..], if no size of something else is the same; the batch alone.
  if (is_over_places(golden.op)) {
    Named places, others = {golden.inputs[0].shape()[1]};
    places.insert(golden.inputs[0].shape().begin(), golden.inputs[0].shape().end());
    for (size_t i = 1; i < golden.inputs.size(); ++i)
      others.insert(golden.inputs[i].shape().begin(), golden.inputs[i].shape().end());
    others.insert(1);
    std::erase_if(places, [&](int64_t size) { return others.count(size) > 0; });
    sets.push_back(places);
    int64_t batch = golden.inputs[0].shape()[0];
    sets.push_back(places.count(batch) ? Named{batch} : Named());
  }
  if (golden.op == "causal_conv") { // the kernel is a number
    all.erase(golden.inputs[1].shape()[1]);
    all.erase(golden.inputs[2].shape()[1]);
    sets.push_back(all);
  }
  return sets;
}

} // namespace

Emitter::Emitter() : context(mlir::MLIRContext::Threading::DISABLED) { context.loadDialect<ir::VarveDialect>(); }

mlir::Type Emitter::element(DType dtype) {
  return mlir::parseType(element_text(std::string(name_of(dtype))), &context);
}

mlir::Type Emitter::type(const Tensor &tensor, const std::set<int64_t> &named) {
  ir::Dims dims;
  for (int64_t size : tensor.shape())
    dims.push_back(named.count(size)
                       ? ir::Dim{mlir::ShapedType::kDynamic, mlir::StringAttr::get(&context, dim_text(size, named))}
                       : ir::Dim{size, {}});
  return ir::tensorOf(dims, element(tensor.dtype()));
}

std::optional<std::vector<mlir::Type>> Emitter::infer(const std::string &op, const std::vector<mlir::Type> &operands,
                                                      const std::string &attributes, std::string &problem) {
  mlir::ScopedDiagnosticHandler handler(&context, [&](mlir::Diagnostic &diagnostic) {
    problem += diagnostic.str() + "\n";
    return mlir::success();
  });
  auto dictionary = mlir::dyn_cast_or_null<mlir::DictionaryAttr>(mlir::parseAttribute(attributes, &context));
  if (!dictionary)
    return std::nullopt;
  mlir::Location location = mlir::UnknownLoc::get(&context);
  mlir::Block block;
  for (mlir::Type operand : operands)
    block.addArgument(operand, location);
  // Without results, it holds what the rule asks for.
  mlir::OperationState state(location, "varve." + op, block.getArguments(), {}, dictionary.getValue());
  if (op == "attention") { // which of its optional operands are there
    std::vector<int32_t> segments(6, 0);
    std::fill_n(segments.begin(), operands.size(), 1);
    state.addAttribute("operandSegmentSizes", mlir::DenseI32ArrayAttr::get(&context, segments));
  }
  mlir::Operation *made = mlir::Operation::create(state);
  llvm::SmallVector<mlir::Type> types;
  auto rule = mlir::dyn_cast<mlir::InferTypeOpInterface>(made);
  bool good = rule && mlir::succeeded(rule.inferReturnTypes(&context, location, made->getOperands(),
                                                            made->getDiscardableAttrDictionary(),
                                                            made->getPropertiesStorage(), made->getRegions(), types));
  made->destroy();
  if (!good)
    return std::nullopt;
  return std::vector<mlir::Type>(types.begin(), types.end());
}

std::optional<Entry> Emitter::attempt(const Case &golden, const Variant &variant, const std::string &name,
                                      const std::set<int64_t> &named, std::string &problem) {
  Entry entry{&golden, name, golden.name + " (" + variant.name + ")", "", {}, {}};
  std::string declared, arguments, uses, given;
  std::vector<std::string> operands;
  std::vector<mlir::Type> types;
  Named bound_names;
  for (size_t i = 0; i < golden.inputs.size(); ++i) {
    bool weight = variant.bound && is_weight(golden, i);
    types.push_back(type(golden.inputs[i], weight ? Named() : named));
    operands.push_back("%" + golden.operands[i]);
    if (weight) {
      std::string symbol = name + "." + golden.operands[i];
      declared += "varve.weight @" + symbol + " : " + text_of({types.back()}) + "\n";
      uses += "  " + operands.back() + " = varve.use @" + symbol + " : " + text_of({types.back()}) + "\n";
      entry.weights[symbol] = golden.inputs[i];
      continue;
    }
    arguments += (arguments.empty() ? "" : ", ") + operands.back() + ": " + text_of({types.back()}) +
                 " {varve.name = \"" + golden.operands[i] + "\"}";
    entry.inputs.push_back(golden.inputs[i]);
    bound_names.insert(golden.inputs[i].shape().begin(), golden.inputs[i].shape().end());
  }
  for (int64_t size : named) // a name that no input has, of an output's shape
    if (!bound_names.count(size) && is_sized_by_attribute(golden)) {
      std::string text = dim_text(size, named);
      arguments += (arguments.empty() ? "%" : ", %") + text + ": tensor<i64> {varve.dim = \"" + text + "\"}";
      entry.inputs.push_back(Tensor::from<int64_t>({}, {size}));
    }

  std::string attributes = attributes_of(golden, named);
  bool biased = golden.op == "linear" && golden.inputs.size() == 3;
  std::vector<mlir::Type> taken(types.begin(), types.end() - biased);
  std::optional<std::vector<mlir::Type>> results = infer(golden.op, taken, attributes, problem);
  if (!results)
    return std::nullopt;
  std::string result = results->size() > 1 ? "%result:" + std::to_string(results->size()) : "%result";
  std::string body = uses + "  " + result + " = varve." + golden.op + " " +
                     list({operands.begin(), operands.end() - biased}) + " " + attributes + " : (" + text_of(taken) +
                     ") -> (" + text_of(*results) + ")\n";
  std::string output = "%result";
  if (biased) {
    std::vector<mlir::Type> sum = {results->front(), types.back()};
    results = infer("add", sum, "{}", problem);
    if (!results)
      return std::nullopt;
    body += "  %sum = varve.add %result, %bias : (" + text_of(sum) + ") -> " + text_of(*results) + "\n";
    output = "%sum";
  }
  for (size_t i = 0; results->size() > 1 && i < results->size(); ++i)
    output = (i ? output + ", " : "") + "%result#" + std::to_string(i);
  entry.text = declared + "varve.graph @" + name + "(" + arguments + ") -> (" + text_of(*results) + ") {\n" + body +
               "  varve.output " + output + " : " + text_of(*results) + "\n}\n";
  return entry;
}

std::optional<Entry> Emitter::emit(const Case &golden, const Variant &variant, const std::string &name) {
  bool has_weight = false;
  for (size_t i = 0; i < golden.operands.size(); ++i)
    has_weight |= is_weight(golden, i);
  if (variant.bound && !has_weight)
    return std::nullopt;
  std::string problem;
  if (variant.dynamic) {
    for (Named named : candidates(golden)) {
      for (size_t i = 0; variant.bound && i < golden.inputs.size(); ++i)
        if (is_weight(golden, i)) // its sizes are numbers
          for (int64_t size : golden.inputs[i].shape())
            named.erase(size);
      if (!named.empty())
        if (std::optional<Entry> entry = attempt(golden, variant, name, named, problem))
          return entry;
    }
    return std::nullopt;
  }
  std::optional<Entry> entry = attempt(golden, variant, name, {}, problem);
  if (!entry)
    throw Error(golden.name + ": " + problem);
  return entry;
}

} // namespace varve::test
