// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/run/Load.h"
#include "lib/runtime/File.h"
#include "tools/run/Values.h"
#include "varve/Error.h"
#include "varve/compiler/Compile.h"
#include "varve/weights/Open.h"
#include <algorithm>
#include <chrono>
#include <cmath>
#include <iostream>
#include <iterator>

namespace varve::run {
namespace {

std::string read_model(const std::string &path) {
  if (path == "-")
    return {std::istreambuf_iterator<char>(std::cin), std::istreambuf_iterator<char>()};
  std::vector<std::byte> bytes = runtime::read_file(path);
  return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
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

Model load_model(const std::string &file, const std::string &cpu) {
  using Clock = std::chrono::steady_clock;
  std::string bytes = read_model(file), path = file == "-" ? "<stdin>" : file;
  try {
    if (std::string_view(bytes).starts_with("\x7f"
                                            "ELF"))
      return {Executable::from_bytes(std::as_bytes(std::span(bytes))), std::nullopt};
    auto start = Clock::now();
    Executable executable = compile_module(bytes, path, {.cpu = cpu});
    return {executable, std::chrono::duration<double, std::milli>(Clock::now() - start).count()};
  } catch (const Error &error) { // its place may be in the author's C++
    if (std::string(error.what()).starts_with(path + ":"))
      throw;
    throw Error(path + ": " + error.what());
  }
}

StateDict load_weights(const Executable &executable, const std::string &from, const std::string &model) {
  std::vector<TensorInfo> infos = executable.weights();
  StateDict state;
  if (from == "zeros" || (is_made_up(from) && from != "iota")) {
    for (const TensorInfo &info : infos) {
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
