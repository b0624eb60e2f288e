// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/run/Quantize.h"
#include "lib/runtime/Glob.h"
#include "lib/runtime/Quote.h"
#include "lib/runtime/Table.h"
#include "lib/weights/gguf/Types.h"
#include "varve/Error.h"
#include "varve/weights/Gguf.h"
#include "varve/weights/Open.h"
#include <optional>

namespace varve::run {
namespace {

struct Arguments {
  std::string from, to, encoding;
  std::optional<std::string> layers;
};

Arguments parse(std::span<char *const> texts) {
  const std::string usage = "expects quantize CHECKPOINT FILE.gguf --encoding NAME [--layers GLOB], but got ";
  Arguments result;
  for (size_t i = 0; i < texts.size(); ++i) {
    std::string text = texts[i], value;
    if (!text.starts_with("--")) {
      if (text.empty() || !result.to.empty())
        throw Error(usage + runtime::quote(text) + (result.to.empty() ? "" : " too"));
      (result.from.empty() ? result.from : result.to) = text;
      continue;
    }
    size_t equal = text.find('=');
    std::string option = text.substr(0, equal);
    if (option != "--encoding" && option != "--layers")
      throw Error(usage + runtime::quote(text));
    if (equal == std::string::npos && i + 1 == texts.size())
      throw Error(usage + option + " without a value");
    value = equal == std::string::npos ? texts[++i] : text.substr(equal + 1);
    if (option == "--encoding")
      result.encoding = value;
    else
      result.layers = value;
  }
  if (result.to.empty())
    throw Error(usage + (result.from.empty() ? "no files" : "one file"));
  if (result.encoding.empty())
    throw Error(usage + "no encoding");
  return result;
}

Encoding encoding_of(const std::string &name) {
  std::string names;
  for (const EncodingInfo &each : encodings()) {
    if (!quantizes(each.encoding) || !weights::gguf::number_of({u8, each.encoding}))
      continue;
    if (each.name == name)
      return each.encoding;
    names += (names.empty() ? "" : ", ") + std::string(each.name);
  }
  throw Error("expects --encoding to be one that is quantised to and that GGUF has (" + names + "), but got " +
              runtime::quote(name));
}

// Why a tensor stays as it is; empty if it does not.
std::string reason_to_keep(const Tensor &tensor, const EncodingInfo &info, bool matches) {
  if (tensor.encoding() != Encoding::none)
    return "blocks already";
  if (!is_floating(tensor.dtype()))
    return "no floats";
  if (!matches)
    return "not in --layers";
  if (tensor.rank() < 2)
    return "rank below 2";
  if (tensor.shape().back() % info.elements != 0)
    return "last axis no multiple of " + std::to_string(info.elements);
  return "";
}

std::string name_of_type(const Tensor &tensor) {
  return std::string(tensor.encoding() == Encoding::none ? name_of(tensor.dtype()) : name_of(tensor.encoding()));
}

} // namespace

std::string quantize(std::span<char *const> texts) {
  Arguments arguments = parse(texts);
  const EncodingInfo &info = info_of(encoding_of(arguments.encoding));
  std::optional<runtime::Glob> layers;
  if (arguments.layers)
    layers.emplace(*arguments.layers);
  if (std::filesystem::path(arguments.to).extension() != ".gguf")
    throw Error("expects a file to write whose name ends in .gguf, but got " + runtime::quote(arguments.to));

  weights::Checkpoint checkpoint = weights::open(arguments.from);
  runtime::Table table({{"name"}, {"shape"}, {"was"}, {"is"}, {"bytes", runtime::Align::right}, {"kept"}}, "  ");
  size_t changed = 0;
  uint64_t before = 0, after = 0;
  for (auto &[name, tensor] : checkpoint.tensors) {
    std::string was = name_of_type(tensor), reason = reason_to_keep(tensor, info, !layers || layers->matches(name));
    before += tensor.bytes();
    if (reason.empty()) {
      tensor = tensor.to(info.encoding);
      ++changed;
    }
    after += tensor.bytes();
    table.add(
        {name, shape_text(tensor.logical_shape()), was, name_of_type(tensor), std::to_string(tensor.bytes()), reason});
  }
  if (changed == 0)
    throw Error(arguments.from + ": expects a tensor to make " + std::string(info.name) +
                " of (floats of rank 2 or more, a last axis that is a multiple of " + std::to_string(info.elements) +
                (layers ? ", a name that matches --layers " + runtime::quote(*arguments.layers) : "") +
                "), but got none");

  // GGUF's documentation wants a version of what is quantised, and lets the type of most tensors be found from them.
  checkpoint.metadata["general.quantization_version"] = uint32_t(2);
  checkpoint.metadata.erase("general.file_type");
  weights::save_gguf(arguments.to, checkpoint, checkpoint.metadata);
  return arguments.to + ": " + std::to_string(changed) + " of " + std::to_string(checkpoint.tensors.size()) +
         " tensors made " + std::string(info.name) + ", " + std::to_string(before) + " bytes now " +
         std::to_string(after) + "\n\n" + table.text();
}

} // namespace varve::run
