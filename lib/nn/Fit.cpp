// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Whether a value fits a weight, and what may be the cause if it does not.
#include "lib/nn/Tree.h"
#include "varve/nn/Attention.h"
#include <algorithm>
#include <numeric>

namespace varve::nn::detail {
namespace {

using Sizes = std::vector<int64_t>;

// With a sign for what has no number: a count of elements that does not fit is told from every other.
int64_t count(const Sizes &sizes) {
  int64_t product = 1;
  for (int64_t size : sizes)
    if (__builtin_mul_overflow(product, size, &product))
      return -1;
  return product;
}

// The only axis where two shapes of one rank differ.
std::optional<size_t> odd_axis(const Sizes &a, const Sizes &b) {
  std::optional<size_t> axis;
  for (size_t i = 0; i < a.size() && a.size() == b.size(); ++i)
    if (a[i] != b[i] && std::exchange(axis, i))
      return {};
  return axis;
}

// "8 heads of 64 instead of 4", for the products of an attention.
std::string other_heads(const Node *owner, const Sizes &declared, const Sizes &found, size_t axis) {
  const auto *attention = owner ? dynamic_cast<const Attention *>(owner->parent()) : nullptr;
  int64_t size = attention ? attention->options.head_dim : 0;
  if (size == 0 || declared[axis] % size != 0 || found[axis] % size != 0)
    return "";
  return "it looks like " + std::to_string(found[axis] / size) + " heads of " + std::to_string(size) + " instead of " +
         std::to_string(declared[axis] / size);
}

std::string cause_of(const Weight &weight, const Sizes &declared, const Sizes &found) {
  if (declared.size() == 2 && found.size() == 2 && declared[0] == found[1] && declared[1] == found[0])
    return "it looks transposed";
  if (std::optional<size_t> axis = odd_axis(declared, found)) {
    if (std::string text = other_heads(Tree::state(weight).owner, declared, found, *axis); !text.empty())
      return text;
    auto of = [&](int64_t whole, int64_t part) {
      return part > 0 && whole > part && whole % part == 0 && whole / part <= 64;
    };
    std::string along = " along axis " + std::to_string(*axis);
    if (of(found[*axis], declared[*axis]))
      return "it looks like " + std::to_string(found[*axis] / declared[*axis]) + " of them stacked" + along;
    if (of(declared[*axis], found[*axis]))
      return "it looks like one of " + std::to_string(declared[*axis] / found[*axis]) + " parts" + along;
  }
  if (count(declared) == count(found) && count(found) >= 0)
    return "it has as many elements";
  return "";
}

} // namespace

std::string joined(const std::string &path, const std::string &name) { return path.empty() ? name : path + "." + name; }

std::string declared_text(const Weight &weight) {
  Site site = weight.declared();
  return site.line() == 0 ? "" : ", declared at " + std::string(site.file_name()) + ":" + std::to_string(site.line());
}

bool is_decoded(const Weight &weight, const Tensor &value, const LoadOptions &options) {
  return options.cast && !options.override_quantization_encoding && value.encoding() != Encoding::none &&
         weight.quantization_encoding() == Encoding::none && is_floating(weight.dtype());
}

std::map<std::string, int64_t> known_sizes(LayerBase &root) {
  std::map<std::string, int64_t> sizes;
  for (const Tree::Entry &entry : Tree::names(root)) {
    const Tree::State &state = Tree::state(*entry.weight);
    for (size_t i = 0; i < state.declared.shape.size(); ++i)
      if (!state.declared.shape[i].is_static() && state.type.shape[i].is_static())
        sizes.emplace(state.declared.shape[i].str(), state.type.shape[i].value());
  }
  return sizes;
}

void fix_sizes(LayerBase &root, const std::map<std::string, int64_t> &sizes) {
  for (const Tree::Entry &entry : Tree::names(root))
    for (Dim &dim : Tree::state(*entry.weight).type.shape)
      if (auto found = sizes.find(dim.str()); !dim.is_static() && found != sizes.end())
        dim = Dim(found->second);
}

std::optional<Tensor> zeros_for(const Weight &weight, const std::map<std::string, int64_t> &sizes) {
  std::vector<int64_t> shape;
  for (const Dim &dim : weight.shape()) {
    auto found = dim.is_static() ? sizes.end() : sizes.find(dim.str());
    if (!dim.is_static() && found == sizes.end())
      return {};
    shape.push_back(dim.is_static() ? dim.value() : found->second);
  }
  const EncodingInfo &info = info_of(weight.quantization_encoding());
  if (info.encoding == Encoding::none)
    return Tensor::zeros(weight.dtype(), std::move(shape));
  shape.back() /= info.elements;
  shape.push_back(info.bytes);
  return Tensor::encoded(info.encoding, Tensor::zeros(u8, std::move(shape)));
}

std::optional<LoadMismatch> misfit(const Weight &weight, const std::string &name, const Tensor &value,
                                   const LoadOptions &options, std::map<std::string, int64_t> &sizes,
                                   const std::string &place) {
  Encoding encoding = weight.quantization_encoding();
  std::string expected =
      (encoding == Encoding::none ? "" : std::string(name_of(encoding)) + " of ") + weight.type().str();
  expected += declared_text(weight);
  auto wrong = [&](const std::string &what, const std::string &cause) {
    return LoadMismatch{name, what, expected, value.type() + place, cause};
  };

  const Sizes &found = value.logical_shape();
  const Shape &shape = weight.shape();
  std::map<std::string, int64_t> fresh = sizes;
  Sizes declared;
  bool fits = shape.size() == found.size();
  std::string cause;
  for (size_t i = 0; i < shape.size(); ++i) {
    if (shape[i].is_static()) {
      declared.push_back(shape[i].value());
    } else {
      int64_t size = i < found.size() ? found[i] : 0;
      declared.push_back(fresh.emplace(shape[i].str(), size).first->second);
      if (declared.back() != size)
        cause = shape[i].str() + " is " + std::to_string(declared.back()) + " in other weights";
    }
    fits = fits && declared[i] == found[i];
  }
  if (!fits)
    return wrong("shape", cause.empty() ? cause_of(weight, declared, found) : cause);
  if (value.encoding() != encoding && !options.override_quantization_encoding && !is_decoded(weight, value, options))
    return wrong("encoding", "");
  bool castable = options.cast && is_floating(value.dtype()) && is_floating(weight.dtype());
  if (value.encoding() == Encoding::none && value.dtype() != weight.dtype() && !castable)
    return wrong("dtype", "");
  sizes = std::move(fresh);
  return {};
}

} // namespace varve::nn::detail
