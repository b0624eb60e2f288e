// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/run/Inputs.h"
#include "lib/runtime/session/Arguments.h"
#include "tools/run/Values.h"
#include "varve/Error.h"
#include "varve/runtime/Npy.h"
#include <algorithm>

namespace varve::run {
namespace {

using runtime::DimExpr;
using runtime::EntryInfo;
using runtime::InputInfo;

constexpr int64_t unknown = -1;

class Inputs {
public:
  Inputs(const EntryInfo &entry, const Options &options)
      : entry(entry), options(options), sizes(entry.symbols.size(), unknown), tensors(entry.inputs.size()) {}

  std::vector<Tensor> make() {
    read_words();
    for (size_t i = 0; i < tensors.size(); ++i)
      if (is_file(words[i]))
        load(i);
    for (size_t i = 0; i < tensors.size(); ++i) // a scalar that gives a dimension its value
      if (entry.inputs[i].symbol >= 0 && !words[i].empty() && !tensors[i])
        take_scalar(i, make_values(words[i], entry.inputs[i].name, i64, {}));
    read_dims();
    for (size_t i = 0; i < tensors.size(); ++i)
      if (!tensors[i])
        tensors[i] = made(i);
    check(entry, tensors, words);
    return std::move(tensors);
  }

private:
  // A last word without a name that stands for any number of inputs is taken for all that have none. Scalars that give
  // a dimension its value come from --dim, unless they are named.
  void read_words() {
    std::vector<Given> given = options.inputs;
    std::string rest;
    if (!given.empty() && given.back().name.empty() && is_made_up(given.back().value)) {
      rest = given.back().value;
      given.pop_back();
    }
    std::vector<std::string> names;
    for (const InputInfo &info : entry.inputs)
      names.push_back(info.name);
    words = assign(given, names, "--input");
    for (size_t i = 0; i < words.size(); ++i)
      if (words[i].empty() && entry.inputs[i].symbol < 0)
        words[i] = rest;
  }

  void set(size_t symbol, int64_t size) {
    if (sizes[symbol] == unknown)
      sizes[symbol] = size;
  }

  void take_scalar(size_t i, Tensor tensor) {
    if (tensor.dtype() == i64 && tensor.size() == 1) // else the check says so
      set(static_cast<size_t>(entry.inputs[i].symbol), tensor.data<int64_t>()[0]);
    tensors[i] = std::move(tensor);
  }

  void load(size_t i) {
    Tensor tensor = load_npy_any(words[i]);
    const InputInfo &info = entry.inputs[i];
    if (tensor.dtype() != info.dtype || tensor.shape().size() != info.shape.size()) {
      EntryInfo alone = entry; // before sizes that this file does not give are missed
      alone.inputs = {info};
      check(alone, {tensor}, {words[i]});
    }
    for (size_t d = 0; d < info.shape.size(); ++d)
      if (info.shape[d].is_symbol())
        set(info.shape[d].terms[0].symbols[0], tensor.shape()[d]);
    if (info.symbol >= 0)
      take_scalar(i, std::move(tensor));
    else
      tensors[i] = std::move(tensor);
  }

  void read_dims() {
    for (const auto &[name, size] : options.dims) {
      auto at = std::find(entry.symbols.begin(), entry.symbols.end(), name);
      if (at == entry.symbols.end())
        throw Error("expects --dim of a named dimension of entry '" + entry.name + "'" + listed(entry.symbols) +
                    ", but got '" + name + "'");
      auto symbol = static_cast<size_t>(at - entry.symbols.begin());
      if (sizes[symbol] != unknown && sizes[symbol] != size)
        throw Error("expects --dim " + name + "=" + std::to_string(sizes[symbol]) + " as the inputs have it, but got " +
                    std::to_string(size));
      set(symbol, size);
    }
  }

  static std::string listed(const std::vector<std::string> &names) {
    std::string text;
    for (const std::string &name : names)
      text += (text.empty() ? " (" : ", ") + name;
    return text.empty() ? " (it has none)" : text + ")";
  }

  Tensor made(size_t i) {
    const InputInfo &info = entry.inputs[i];
    std::string what =
        "input '" + info.name + "' (" + std::string(name_of(info.dtype)) + " " + runtime::shape_text(info.shape) + ")";
    if (info.symbol >= 0) {
      auto symbol = static_cast<size_t>(info.symbol);
      if (sizes[symbol] == unknown)
        throw Error(what + " expects a value from --dim " + entry.symbols[symbol] + "=SIZE or from --input " +
                    info.name + "=VALUE, but got none");
      return Tensor::from<int64_t>({}, {sizes[symbol]});
    }
    if (words[i].empty())
      throw Error(what + " expects a value from --input, but got none");
    std::vector<int64_t> shape;
    for (const DimExpr &dim : info.shape) {
      dim.for_each_symbol([&](uint32_t symbol) {
        if (sizes[symbol] == unknown)
          throw Error(what + " expects --dim " + entry.symbols[symbol] + "=SIZE, but got none");
      });
      shape.push_back(dim.evaluate(sizes));
      if (shape.back() < 0)
        throw Error(what + " expects sizes of 0 or more, but got " + dim.text + " = " + std::to_string(shape.back()));
    }
    return make_values(words[i], info.name, info.dtype, shape);
  }

  // The runtime's own check, with the file's name in front.
  static void check(const EntryInfo &entry, const std::vector<Tensor> &tensors, const std::vector<std::string> &words) {
    try {
      std::vector<int64_t> symbols;
      runtime::bind_inputs(entry, tensors, symbols);
    } catch (const Error &error) {
      for (size_t i = 0; i < tensors.size(); ++i)
        if (is_file(words[i]) && error.message().starts_with("input '" + entry.inputs[i].name + "' "))
          throw Error(words[i] + ": " + error.message());
      throw;
    }
  }

  const EntryInfo &entry;
  const Options &options;
  std::vector<std::string> words;
  std::vector<int64_t> sizes; // of the symbols
  std::vector<Tensor> tensors;
};

} // namespace

std::vector<Tensor> make_inputs(const EntryInfo &entry, const Options &options) {
  return Inputs(entry, options).make();
}

std::vector<std::string> assign(const std::vector<Given> &given, const std::vector<std::string> &names,
                                const std::string &option) {
  std::vector<std::string> values(names.size());
  std::string all;
  for (const std::string &name : names)
    all += (all.empty() ? "" : ", ") + name;
  auto set = [&](size_t i, const std::string &value) {
    if (!values[i].empty())
      throw Error("expects one " + option + " for '" + names[i] + "', but got '" + values[i] + "' and '" + value + "'");
    if (value.empty())
      throw Error("expects a value after " + option + " " + names[i] + "=, but got none");
    values[i] = value;
  };
  for (const Given &each : given) {
    if (each.name.empty())
      continue;
    auto at = std::find(names.begin(), names.end(), each.name);
    if (at == names.end())
      throw Error("expects " + option + " of one of (" + all + "), but got '" + each.name + "'");
    set(static_cast<size_t>(at - names.begin()), each.value);
  }
  size_t next = 0;
  for (const Given &each : given) {
    if (!each.name.empty())
      continue;
    while (next < values.size() && !values[next].empty())
      ++next;
    if (next == values.size())
      throw Error("expects at most " + std::to_string(names.size()) + " " + option + " (" + all + "), but got '" +
                  each.value + "' too");
    set(next, each.value);
  }
  return values;
}

} // namespace varve::run
