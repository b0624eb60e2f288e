// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/session/Arguments.h"
#include <algorithm>
#include <charconv>
#include <cstring>

namespace varve::runtime {
namespace {

// "seq = 5", or just "2048" for what has no symbol.
std::string valued(const DimExpr &expr, int64_t value) {
  std::string number = std::to_string(value);
  return expr.text == number ? number : expr.text + " = " + number;
}

void expect_input(const InputInfo &info, const Tensor &tensor) {
  auto fail = [&](const std::string &text) { throw Error("input '" + info.name + "' expects " + text); };
  if (!tensor)
    fail("a tensor, but got none (a default-made Tensor)");
  if (tensor.dtype() != info.dtype)
    fail("dtype " + std::string(name_of(info.dtype)) + ", but got " + std::string(name_of(tensor.dtype())));
  if (tensor.shape().size() != info.shape.size())
    fail("rank " + std::to_string(info.shape.size()) + " (shape " + shape_text(info.shape) + "), but got rank " +
         std::to_string(tensor.rank()) + " (shape " + varve::shape_text(tensor.shape()) + ")");
  if (size_t rest = reinterpret_cast<uintptr_t>(tensor.data()) % size_of(info.dtype))
    fail("memory aligned to its elements (" + std::to_string(size_of(info.dtype)) +
         " bytes), but got an address with remainder " + std::to_string(rest));
}

int64_t scalar(const Tensor &tensor) {
  int64_t value = 0;
  std::memcpy(&value, tensor.data(), sizeof value);
  return value;
}

void expect_count(const EntryInfo &entry, size_t count) {
  if (count == entry.inputs.size())
    return;
  std::string names;
  for (const InputInfo &input : entry.inputs)
    names += (names.empty() ? " (" : ", ") + input.name;
  throw Error("entry '" + entry.name + "' expects " + std::to_string(entry.inputs.size()) +
              (entry.inputs.size() == 1 ? " input" : " inputs") + names + (names.empty() ? "" : ")") + ", but got " +
              std::to_string(count));
}

} // namespace

std::string shape_text(const std::vector<DimExpr> &shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i ? ", " : "") + shape[i].text;
  return text + "]";
}

Error located(const std::string &message, const std::string &layer, const std::string &location) {
  size_t colon = location.rfind(':');
  uint32_t line = 0;
  if (colon != std::string::npos) {
    const char *begin = location.data() + colon + 1, *end = location.data() + location.size();
    if (auto [stop, code] = std::from_chars(begin, end, line); code != std::errc() || stop != end)
      colon = std::string::npos;
  }
  return Error(message, layer, location.substr(0, colon), line);
}

void bind_inputs(const EntryInfo &entry, std::span<const Tensor> inputs, std::vector<int64_t> &symbols) {
  expect_count(entry, inputs.size());
  constexpr int64_t unknown = -1; // sizes and scalars are not negative
  symbols.assign(entry.symbols.size(), unknown);
  for (size_t i = 0; i < inputs.size(); ++i) {
    const InputInfo &info = entry.inputs[i];
    expect_input(info, inputs[i]);
    auto set = [&](size_t symbol, int64_t value) {
      if (symbols[symbol] == unknown)
        symbols[symbol] = value;
    };
    if (info.symbol >= 0) {
      int64_t value = scalar(inputs[i]);
      if (value < 0)
        throw Error("input '" + info.name + "' expects " + entry.symbols[static_cast<size_t>(info.symbol)] +
                    " to be 0 or more, but got " + std::to_string(value));
      set(static_cast<size_t>(info.symbol), value);
    }
    for (size_t d = 0; d < info.shape.size(); ++d)
      if (info.shape[d].is_symbol())
        set(info.shape[d].terms[0].symbols[0], inputs[i].shape()[d]);
  }
  for (size_t i = 0; i < inputs.size(); ++i) {
    const InputInfo &info = entry.inputs[i];
    if (info.symbol >= 0 && scalar(inputs[i]) != symbols[static_cast<size_t>(info.symbol)])
      throw Error("input '" + info.name + "' expects " + entry.symbols[static_cast<size_t>(info.symbol)] + " = " +
                  std::to_string(symbols[static_cast<size_t>(info.symbol)]) + ", but got " +
                  std::to_string(scalar(inputs[i])));
    for (size_t d = 0; d < info.shape.size(); ++d) {
      int64_t expected = info.shape[d].evaluate(symbols), found = inputs[i].shape()[d];
      if (expected != found)
        throw Error("input '" + info.name + "' expects dimension " + std::to_string(d) + " to be " +
                    valued(info.shape[d], expected) + ", but got " + std::to_string(found));
    }
  }
}

void run_checks(const EntryInfo &entry, const std::vector<int64_t> &symbols) {
  for (const CheckInfo &check : entry.checks) {
    int64_t lhs = check.lhs.evaluate(symbols), rhs = check.rhs.evaluate(symbols);
    if (check.relation == "==" ? lhs == rhs : lhs <= rhs)
      continue;
    throw located(check.message + ", but got " + valued(check.lhs, lhs) + " and " + valued(check.rhs, rhs), check.layer,
                  check.location);
  }
}

std::vector<int64_t> output_shape(const OutputInfo &output, const std::vector<int64_t> &symbols) {
  std::vector<int64_t> shape;
  shape.reserve(output.shape.size());
  for (const DimExpr &dim : output.shape) {
    shape.push_back(dim.evaluate(symbols));
    if (shape.back() < 0)
      throw Error("output '" + output.name + "' expects dimension " + std::to_string(shape.size() - 1) +
                  " to be 0 or more, but got " + valued(dim, shape.back()));
  }
  return shape;
}

} // namespace varve::runtime
