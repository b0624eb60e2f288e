// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/run/Summary.h"
#include "lib/runtime/Table.h"
#include "lib/runtime/executable/Manifest.h"

namespace varve::run {
namespace {

using runtime::Align;
using runtime::grouped;
using runtime::Table;

uint64_t bytes_of(const TensorInfo &info) {
  uint64_t count = 1;
  for (int64_t size : info.sizes)
    count *= static_cast<uint64_t>(size);
  return varve::bytes_of(count, info.encoding, info.dtype);
}

std::string list(const std::string &title, const std::vector<TensorInfo> &infos) {
  if (infos.empty())
    return "";
  Table table({{}, {}, {}, {"", Align::right}}, "  ");
  uint64_t total = 0;
  for (const TensorInfo &info : infos) {
    total += bytes_of(info);
    table.add({info.name, std::string(name_of(info.encoding, info.dtype)), info.shape, grouped(bytes_of(info))});
  }
  return title + ": " + grouped(infos.size()) + ", " + grouped(total) + " bytes\n" + table.text();
}

} // namespace

std::string summarize(const Executable &executable) {
  runtime::Manifest manifest = runtime::Manifest::parse(executable.manifest_json());
  std::string text = "compiled by " + manifest.producer + " for " + manifest.cpu + ", " + manifest.triple + "\n";
  for (const std::string &entry : executable.entries()) {
    Table table({{}, {}, {}, {}}, "  ");
    for (const TensorInfo &info : executable.inputs(entry))
      table.add({info.symbol.empty() ? "input" : "size", info.name, std::string(name_of(info.dtype)), info.shape});
    for (const TensorInfo &info : executable.outputs(entry))
      table.add({"output", info.name, std::string(name_of(info.dtype)), info.shape});
    text += "entry " + entry + "\n" + table.text();
  }
  return text + list("weights", executable.weights()) + list("buffers", executable.buffers());
}

} // namespace varve::run
