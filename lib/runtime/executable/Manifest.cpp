// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/executable/Manifest.h"
#include "lib/runtime/File.h"
#include "lib/runtime/Json.h"
#include "lib/runtime/executable/Abi.h"
#include "lib/runtime/tensor/Memory.h"
#include "varve/runtime/Tensor.h"
#include <algorithm>
#include <limits>

namespace varve::runtime {

std::vector<int64_t> panels_shape(const WeightInfo &info) {
  auto parts = [](int64_t size, int64_t part) { return size / part + (size % part != 0); };
  int64_t columns = 1;
  for (size_t axis = 1; axis < info.shape.size(); ++axis)
    columns *= info.shape[axis];
  if (const EncodingInfo &blocks = info_of(info.encoding); blocks.encoding != Encoding::none)
    return {parts(info.shape[0], info.panel), columns / blocks.elements, info.panel * blocks.bytes};
  if (info.winograd) // of each kernel 16 numbers, not 9
    return {parts(info.shape[0], info.panel), columns / 9 * 16, info.panel};
  return {parts(info.shape[0], info.panel), parts(columns, info.group), info.panel * info.group};
}

namespace {

using json::Value;

constexpr int64_t most_rank = 64;
constexpr int64_t most_panel = 4096;

// Reads the elements of an array field, each with its own path for messages.
template <typename Read> auto list(const Value &parent, const char *name, const std::string &where, Read read) {
  std::string path = where + "." + name;
  const Value &values = json::array(json::field(parent, name, where), path);
  std::vector<decltype(read(values, path))> out;
  out.reserve(values.size());
  for (size_t i = 0; i < values.size(); ++i)
    out.push_back(read(values[i], path + "[" + std::to_string(i) + "]"));
  return out;
}

std::string text(const Value &parent, const char *name, const std::string &where) {
  return json::string(json::field(parent, name, where), where + "." + name);
}

std::string text_or_empty(const Value &parent, const char *name, const std::string &where) {
  const Value *value = json::optional(parent, name, where);
  return value ? json::string(*value, where + "." + name) : std::string();
}

DType dtype(const Value &parent, const std::string &where) {
  std::string name = text(parent, "dtype", where);
  try {
    return dtype_from_name(name);
  } catch (const Error &error) {
    throw Error(where + ".dtype: " + error.message());
  }
}

// Of a weight; none if it does not say.
Encoding encoding(const Value &parent, const std::string &where) {
  std::string name = text_or_empty(parent, "encoding", where);
  try {
    return name.empty() ? Encoding::none : encoding_from_name(name);
  } catch (const Error &error) {
    throw Error(where + ".encoding: " + error.message());
  }
}

int64_t integer_in(const Value &value, const std::string &where, int64_t low, int64_t high) {
  int64_t number = json::integer(value, where);
  if (number < low || number > high)
    throw Error(where + ": expects an integer from " + std::to_string(low) + " to " + std::to_string(high) +
                ", but got " + std::to_string(number));
  return number;
}

// Unique names, since everything is looked up by them.
template <typename Range> void expect_unique(const Range &range, const std::string &where) {
  std::set<std::string> names;
  for (const auto &each : range)
    if (!names.insert(each.name).second)
      throw Error(where + ": expects each name once, but got " + quote(each.name) + " twice");
}

uint32_t symbol_index(const std::vector<std::string> &symbols, const std::string &name, const std::string &where) {
  auto found = std::find(symbols.begin(), symbols.end(), name);
  if (found == symbols.end())
    throw Error(where + ": expects a symbol of the entry, but got " + quote(name));
  return static_cast<uint32_t>(found - symbols.begin());
}

DimExpr expression(const Value &value, const std::vector<std::string> &symbols, const std::string &where) {
  DimExpr expr;
  if (value.is_number()) {
    int64_t constant = json::integer(value, where);
    expr.text = std::to_string(constant);
    expr.terms.push_back({constant, {}, {}});
  } else if (value.is_string()) {
    expr.text = value.get<std::string>();
    expr.terms.push_back({1, {symbol_index(symbols, expr.text, where)}, {}});
  } else if (value.is_object()) {
    expr.text = text(value, "text", where);
    expr.terms = list(value, "terms", where, [&](const Value &product, const std::string &path) {
      DimExpr::Term term;
      if (json::array(product, path).empty())
        throw Error(path + ": expects a coefficient and its symbols, but got an empty array");
      term.coefficient = json::integer(product[0], path + "[0]");
      for (size_t i = 1; i < product.size(); ++i) {
        std::string at = path + "[" + std::to_string(i) + "]";
        if (product[i].is_object()) {
          DimExpr numerator = expression(json::field(product[i], "floordiv", at), symbols, at + ".floordiv");
          int64_t divisor =
              integer_in(json::field(product[i], "by", at), at + ".by", 1, std::numeric_limits<int64_t>::max());
          term.quotients.push_back({std::move(numerator), divisor});
        } else {
          term.symbols.push_back(symbol_index(symbols, json::string(product[i], at), at));
        }
      }
      return term;
    });
  } else {
    throw Error(where + ": expects an integer, a symbol or an expression, but got " + value.type_name());
  }
  return expr;
}

std::vector<int64_t> static_shape(const Value &parent, DType dtype, const std::string &where) {
  std::vector<int64_t> shape =
      list(parent, "shape", where, [](const Value &v, const std::string &at) { return json::integer(v, at); });
  if (!byte_count(dtype, shape))
    throw Error(where + ".shape: expects sizes that are not negative and whose bytes fit in 63 bits, but got " +
                shape_text(shape));
  return shape;
}

WeightInfo weight(const Value &value, const std::string &where) {
  WeightInfo info;
  info.name = text(value, "name", where);
  info.dtype = dtype(value, where);
  info.shape = static_shape(value, info.dtype, where);
  if (const Value *panel = json::optional(value, "panel", where))
    info.panel = integer_in(*panel, where + ".panel", 0, most_panel);
  if (const Value *group = json::optional(value, "group", where)) {
    info.group = integer_in(*group, where + ".group", 1, 8 / static_cast<int64_t>(size_of(info.dtype)));
    if ((info.group & (info.group - 1)) != 0 || info.panel == 0)
      throw Error(where + ".group: expects a power of two, of a weight in panels, but got " +
                  std::to_string(info.group));
  }
  if (const Value *winograd = json::optional(value, "winograd", where)) {
    info.winograd = json::boolean(*winograd, where + ".winograd");
    bool is_square = info.shape.size() == 4 && info.shape[2] == 3 && info.shape[3] == 3;
    if (info.winograd && !(is_square && info.dtype == f32 && info.panel != 0 && info.group == 1))
      throw Error(where + ".winograd: expects a weight of f32 [out, in, 3, 3] in panels, but got " +
                  std::string(name_of(info.dtype)) + " " + shape_text(info.shape));
  }
  if (info.panel != 0) {
    if (info.shape.size() < 2)
      throw Error(where + ".panel: expects a weight of rank 2 or more, but got rank " +
                  std::to_string(info.shape.size()));
    std::vector<int64_t> packed = {info.shape[0] / info.panel + (info.shape[0] % info.panel != 0), info.panel};
    packed.insert(packed.end(), info.shape.begin() + 1, info.shape.end());
    if (info.group != 1 && info.shape.size() != 2)
      throw Error(where + ".group: expects a weight of rank 2, but got rank " + std::to_string(info.shape.size()));
    if (info.group != 1 && info.shape[1] % info.group != 0)
      packed.push_back(2); // more than what a last group is filled with
    if (info.winograd)
      packed.push_back(2); // more than 16 for 9
    if (!byte_count(info.dtype, packed))
      throw Error(where + ".shape: expects a shape whose packed bytes fit in 63 bits, but got " +
                  shape_text(info.shape));
  }
  info.encoding = encoding(value, where);
  if (const EncodingInfo &blocks = info_of(info.encoding); blocks.encoding != Encoding::none) {
    if (info.dtype != u8)
      throw Error(where + ".dtype: expects u8 for a weight in blocks, but got " + std::string(name_of(info.dtype)));
    if (info.panel != 0 && !has_panels(info.encoding))
      throw Error(where + ".panel: expects none for a weight in " + std::string(blocks.name) + ", but got " +
                  std::to_string(info.panel));
    if (info.shape.empty() || info.shape.back() % blocks.elements != 0)
      throw Error(where + ".shape: expects a last dimension that is a multiple of " + std::to_string(blocks.elements) +
                  ", but got " + shape_text(info.shape));
  }
  info.location = text_or_empty(value, "location", where);
  return info;
}

BufferInfo buffer(const Value &value, const std::string &where) {
  BufferInfo info;
  info.name = text(value, "name", where);
  info.dtype = dtype(value, where);
  info.shape = static_shape(value, info.dtype, where);
  return info;
}

std::vector<DimExpr> dims(const Value &value, const std::vector<std::string> &symbols, const std::string &where) {
  return list(value, "shape", where,
              [&](const Value &dim, const std::string &at) { return expression(dim, symbols, at); });
}

InputInfo input(const Value &value, const std::vector<std::string> &symbols, const std::string &where) {
  InputInfo info;
  info.name = text(value, "name", where);
  info.dtype = dtype(value, where);
  info.shape = dims(value, symbols, where);
  if (const Value *symbol = json::optional(value, "symbol", where)) {
    info.symbol = symbol_index(symbols, json::string(*symbol, where + ".symbol"), where + ".symbol");
    if (info.dtype != i64 || !info.shape.empty())
      throw Error(where + ".symbol: expects a scalar of dtype i64, but got " + std::string(name_of(info.dtype)) +
                  " of rank " + std::to_string(info.shape.size()));
  }
  return info;
}

CheckInfo check(const Value &value, const std::vector<std::string> &symbols, const std::string &where) {
  CheckInfo info;
  info.lhs = expression(json::field(value, "lhs", where), symbols, where + ".lhs");
  info.rhs = expression(json::field(value, "rhs", where), symbols, where + ".rhs");
  info.relation = text(value, "relation", where);
  if (info.relation != "==" && info.relation != "<=")
    throw Error(where + ".relation: expects '==' or '<=', but got " + quote(info.relation));
  info.message = text(value, "message", where);
  info.layer = text_or_empty(value, "layer", where);
  info.location = text_or_empty(value, "location", where);
  return info;
}

// A symbol gets its value from an input; one without has none.
void expect_bound(const EntryInfo &entry, const std::string &where) {
  for (size_t i = 0; i < entry.symbols.size(); ++i) {
    bool bound = std::any_of(entry.inputs.begin(), entry.inputs.end(), [&](const InputInfo &input) {
      return input.symbol == static_cast<int64_t>(i) ||
             std::any_of(input.shape.begin(), input.shape.end(),
                         [&](const DimExpr &dim) { return dim.is_symbol() && dim.terms[0].symbols[0] == i; });
    });
    if (!bound)
      throw Error(where + ".symbols: expects an input that gives symbol " + quote(entry.symbols[i]) +
                  " its value, but got none");
  }
}

EntryInfo entry(const Value &value, const Manifest &manifest, const std::string &where) {
  EntryInfo info;
  info.name = text(value, "name", where);
  info.symbols =
      list(value, "symbols", where, [](const Value &v, const std::string &at) { return json::string(v, at); });
  if (std::set<std::string>(info.symbols.begin(), info.symbols.end()).size() != info.symbols.size())
    throw Error(where + ".symbols: expects each symbol once, but got one twice");
  info.inputs =
      list(value, "inputs", where, [&](const Value &v, const std::string &at) { return input(v, info.symbols, at); });
  auto indices = [&](const char *name, size_t count) {
    return list(value, name, where, [&](const Value &v, const std::string &at) {
      return static_cast<uint32_t>(integer_in(v, at, 0, static_cast<int64_t>(count) - 1));
    });
  };
  info.weights = indices("weights", manifest.weights.size());
  info.buffers = indices("buffers", manifest.buffers.size());
  info.outputs = list(value, "outputs", where, [&](const Value &v, const std::string &at) {
    OutputInfo output;
    output.name = text(v, "name", at);
    output.dtype = dtype(v, at);
    output.shape = dims(v, info.symbols, at);
    return output;
  });
  info.checks =
      list(value, "checks", where, [&](const Value &v, const std::string &at) { return check(v, info.symbols, at); });
  expect_unique(info.inputs, where + ".inputs");
  expect_unique(info.outputs, where + ".outputs");
  expect_bound(info, where);
  return info;
}

// What prints and taps have in common.
template <typename Info> Info shown(const Value &value, const std::string &where) {
  Info info;
  info.layer = text_or_empty(value, "layer", where);
  info.label = text(value, "label", where);
  info.dtype = dtype(value, where);
  info.rank = integer_in(json::field(value, "rank", where), where + ".rank", 0, most_rank);
  return info;
}

double tolerance(const Value &parent, const char *name, const std::string &where) {
  const Value *value = json::optional(parent, name, where);
  if (!value)
    return 0;
  if (!value->is_number() || !(value->get<double>() >= 0))
    throw Error(where + "." + name + ": expects a number of 0 or more, but got " +
                (value->is_number() ? value->dump() : value->type_name()));
  return value->get<double>();
}

PrintInfo print(const Value &value, const std::string &where) {
  constexpr std::string_view styles[] = {"compact", "full", "statistics", "finite", "dump", "compare"};
  auto info = shown<PrintInfo>(value, where);
  info.style = text(value, "style", where);
  if (std::find(std::begin(styles), std::end(styles), info.style) == std::end(styles))
    throw Error(where + ".style: expects compact, full, statistics, finite, dump or compare, but got " +
                quote(info.style));
  info.to = text_or_empty(value, "to", where);
  try {
    if (!info.to.empty())
      path_below({}, info.to);
  } catch (const Error &error) {
    throw Error(where + ".to: " + error.message());
  }
  if (info.to.empty() && (info.style == "dump" || info.style == "compare"))
    throw Error(where + ".to: expects a folder for style " + info.style + ", but got none");
  info.rtol = tolerance(value, "rtol", where);
  info.atol = tolerance(value, "atol", where);
  info.location = text_or_empty(value, "location", where);
  return info;
}

TapPlace tap(const Value &value, size_t call_sites, const std::string &where) {
  auto info = shown<TapPlace>(value, where);
  info.call_sites = list(value, "call_sites", where, [&](const Value &v, const std::string &at) {
    return static_cast<uint32_t>(integer_in(v, at, 0, static_cast<int64_t>(call_sites) - 1));
  });
  return info;
}

ProductUnit unit(const std::string &name, const std::string &where) {
  for (ProductUnit each : {ProductUnit::f32, ProductUnit::bf16, ProductUnit::int8})
    if (name == name_of(each) || name.empty())
      return each;
  throw Error(where + ": expects f32, bf16 or int8, but got " + quote(name));
}

ProfileInfo read_profile(const Value &value, size_t remarks, const std::string &where) {
  ProfileInfo info;
  auto string = [](const Value &v, const std::string &at) { return json::string(v, at); };
  info.symbols = list(value, "symbols", where, string);
  std::vector<std::string> symbols = info.symbols;
  if (json::optional(value, "least", where))
    info.least = list(value, "least", where, [&](const Value &v, const std::string &at) {
      symbols.push_back(text(v, "name", at));
      return LeastInfo{expression(json::field(v, "of", at), info.symbols, at + ".of"),
                       json::integer(json::field(v, "most", at), at + ".most")};
    });
  info.rows = list(value, "rows", where, [&](const Value &v, const std::string &at) {
    ProfileRowInfo row;
    row.ops = list(v, "ops", at, string);
    row.layer = text(v, "layer", at);
    row.location = text(v, "location", at);
    row.flops = expression(json::field(v, "flops", at), symbols, at + ".flops");
    row.bytes = expression(json::field(v, "bytes", at), symbols, at + ".bytes");
    row.slow = text(v, "slow", at);
    row.unit = unit(text_or_empty(v, "unit", at), at + ".unit");
    row.remarks = list(v, "remarks", at, [&](const Value &remark, const std::string &place) {
      return static_cast<uint32_t>(integer_in(remark, place, 0, static_cast<int64_t>(remarks) - 1));
    });
    return row;
  });
  info.events = list(value, "events", where, [&](const Value &v, const std::string &at) {
    int64_t row = integer_in(json::field(v, "row", at), at + ".row", 0, static_cast<int64_t>(info.rows.size()) - 1);
    return ProfileEventInfo{static_cast<uint32_t>(row), text(v, "kind", at)};
  });
  return info;
}

} // namespace

int64_t DimExpr::evaluate(const std::vector<int64_t> &values) const {
  int64_t sum = 0;
  bool overflow = false;
  for (const Term &term : terms) {
    int64_t product = term.coefficient;
    for (uint32_t symbol : term.symbols)
      overflow |= __builtin_mul_overflow(product, values.at(symbol), &product);
    for (const Quotient &quotient : term.quotients) {
      int64_t numerator = quotient.numerator.evaluate(values);
      int64_t down = numerator % quotient.divisor < 0 ? 1 : 0;
      overflow |= __builtin_mul_overflow(product, numerator / quotient.divisor - down, &product);
    }
    overflow |= __builtin_add_overflow(sum, product, &sum);
  }
  if (overflow)
    throw Error("expects the dimension " + text + " to fit in 64 bits, but got a value that overflows");
  return sum;
}

bool DimExpr::is_symbol() const {
  return terms.size() == 1 && terms[0].coefficient == 1 && terms[0].symbols.size() == 1 && terms[0].quotients.empty();
}

bool DimExpr::is_constant() const {
  return terms.size() == 1 && terms[0].symbols.empty() && terms[0].quotients.empty();
}

void DimExpr::for_each_symbol(const std::function<void(uint32_t)> &fn) const {
  for (const Term &term : terms) {
    for (uint32_t symbol : term.symbols)
      fn(symbol);
    for (const Quotient &quotient : term.quotients)
      quotient.numerator.for_each_symbol(fn);
  }
}

std::string join_path(std::initializer_list<std::string_view> parts) {
  std::string path;
  for (std::string_view part : parts) {
    path += path.empty() || part.empty() ? "" : ".";
    path += part;
  }
  return path;
}

Manifest Manifest::parse(std::string_view source) {
  const std::string where = "manifest";
  Value root = json::parse(source, where);
  Manifest manifest;
  manifest.abi = json::integer(json::field(root, "abi", where), where + ".abi");
  if (manifest.abi != abi::version) // first, since another version may have other fields
    throw Error("expects an executable of ABI version " + std::to_string(abi::version) + ", but got version " +
                std::to_string(manifest.abi) + "; compile the model again with this Varve");
  manifest.producer = text_or_empty(root, "producer", where);
  manifest.triple = text(root, "triple", where);
  manifest.cpu = text_or_empty(root, "cpu", where);
  auto string = [](const Value &v, const std::string &at) { return json::string(v, at); };
  manifest.features = list(root, "features", where, string);
  manifest.weights = list(root, "weights", where, weight);
  manifest.buffers = list(root, "buffers", where, buffer);
  expect_unique(manifest.weights, where + ".weights");
  expect_unique(manifest.buffers, where + ".buffers");
  manifest.entries =
      list(root, "entries", where, [&](const Value &v, const std::string &at) { return entry(v, manifest, at); });
  expect_unique(manifest.entries, where + ".entries");
  if (manifest.entries.empty())
    throw Error(where + ".entries: expects at least one entry, but got none");
  manifest.call_sites = list(root, "call_sites", where, string);
  manifest.prints = list(root, "prints", where, print);
  manifest.taps = list(root, "taps", where,
                       [&](const Value &v, const std::string &at) { return tap(v, manifest.call_sites.size(), at); });
  auto message = [](const Value &v, const std::string &at) {
    return MessageInfo{text(v, "message", at), text_or_empty(v, "layer", at), text_or_empty(v, "location", at)};
  };
  manifest.failures = list(root, "failures", where, message);
  if (json::optional(root, "remarks", where))
    manifest.remarks = list(root, "remarks", where, message);
  if (const Value *value = json::optional(root, "profile", where))
    manifest.profile = read_profile(*value, manifest.remarks.size(), where + ".profile");
  return manifest;
}

} // namespace varve::runtime

std::string_view varve::name_of(ProductUnit unit) {
  return unit == ProductUnit::f32 ? "f32" : unit == ProductUnit::bf16 ? "bf16" : "int8";
}
