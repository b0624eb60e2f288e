// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/run/Load.h"
#include "lib/runtime/File.h"
#include "tools/run/Values.h"
#include "varve/Error.h"
#include "varve/weights/Open.h"
#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <iterator>

namespace varve::run {
namespace {

// What `body` gives; errors name the file, also those whose place is in the author's C++.
template <typename Body> auto naming(const ModelFile &file, Body body) {
  try {
    return body();
  } catch (const Error &error) {
    if (std::string(error.what()).starts_with(file.name + ":"))
      throw;
    throw Error(file.name + ": " + error.what());
  }
}

// Matrices such that what they are multiplied with keeps its size.
void scale_down(Tensor &tensor) {
  float scale = std::sqrt(3.0f / static_cast<float>(std::max<int64_t>(tensor.shape().back(), 1)));
  auto multiply = [&]<typename T>(T *values) {
    for (int64_t i = 0; i < tensor.size(); ++i)
      values[i] = T(static_cast<float>(values[i]) * scale);
  };
  if (tensor.dtype() == f32)
    multiply(tensor.mutable_data<float>());
  else if (tensor.dtype() == f16)
    multiply(tensor.mutable_data<Half>());
  else
    multiply(tensor.mutable_data<BFloat16>());
}

} // namespace

ModelFile::ModelFile(const std::string &path) : name(path == "-" ? "<stdin>" : path) {
  if (path == "-") {
    bytes.assign(std::istreambuf_iterator<char>(std::cin), {});
    return;
  }
  std::vector<std::byte> all = runtime::read_file(path);
  bytes.assign(reinterpret_cast<const char *>(all.data()), all.size());
}

bool ModelFile::is_bytecode() const { return bytes.starts_with("ML\xefR"); }
bool ModelFile::is_executable() const {
  return bytes.starts_with("\x7f"
                           "ELF");
}

void check_graph(const ModelFile &file) {
  naming(file, [&] { return print_module(file.bytes, file.name); });
}

std::string summarize_layers(const ModelFile &file, int depth) {
  return file.is_executable() ? ""
                              : naming(file, [&] { return summarize_module(file.bytes, file.name, depth) + "\n"; });
}

Model load_model(const ModelFile &file, const CompileOptions &options) {
  using Clock = std::chrono::steady_clock;
  return naming(file, [&]() -> Model {
    if (file.is_executable())
      return {Executable::from_bytes(std::as_bytes(std::span(file.bytes))), std::nullopt};
    auto start = Clock::now();
    Executable executable = compile_module(file.bytes, file.name, options);
    return {executable, std::chrono::duration<double, std::milli>(Clock::now() - start).count()};
  });
}

StateDict load_weights(const Executable &executable, const std::string &from, const std::string &model) {
  std::vector<TensorInfo> infos = executable.weights();
  StateDict state;
  if (from == "zeros" || (is_made_up(from) && from != "iota")) {
    for (const TensorInfo &info : infos) {
      if (info.encoding != Encoding::none) {
        state[info.name] = make_blocks(from, info.name, info.encoding, info.sizes);
        continue;
      }
      Tensor &tensor = state[info.name] = make_values(from, info.name, info.dtype, info.sizes);
      if (info.sizes.size() > 1 && is_floating(info.dtype))
        scale_down(tensor);
    }
  } else if (!from.empty()) {
    state = weights::open(from).tensors;
  } else if (!infos.empty()) {
    throw Error(model + ": expects --weights (a folder, a file, random or zeros) for its " +
                std::to_string(infos.size()) + (infos.size() == 1 ? " weight" : " weights") + ", but got none");
  }
  return state;
}

runtime::EntryInfo find_entry(const Executable &executable, const std::string &name) {
  executable.inputs(name); // throws for a name that is not there, and for none where there are several
  for (runtime::EntryInfo &info : runtime::Manifest::parse(executable.manifest_json()).entries)
    if (name.empty() || info.name == name)
      return std::move(info);
  return {};
}

} // namespace varve::run
