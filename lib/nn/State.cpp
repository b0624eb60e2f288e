// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The weights of a tree by name: listing, loading, sharing. Loading checks everything, then changes anything.
#include "lib/nn/Glob.h"
#include "varve/nn/Layer.h"
#include "varve/weights/Checkpoint.h"
#include <algorithm>
#include <cstring>
#include <set>

using varve::detail::WeightState;

namespace varve::nn {
namespace {

std::string joined(const std::string &path, const std::string &name) { return path.empty() ? name : path + "." + name; }

// "" if it is not known.
std::string declared_text(const Weight &weight) {
  Site site = weight.declared();
  return site.line() == 0 ? "" : ", declared at " + std::string(site.file_name()) + ":" + std::to_string(site.line());
}

std::vector<int64_t> sizes_of(const Weight &weight) {
  std::vector<int64_t> sizes;
  for (const Dim &dim : weight.shape())
    sizes.push_back(dim.value());
  return sizes;
}

bool same_bytes(const Tensor &a, const Tensor &b) {
  return a.dtype() == b.dtype() && a.shape() == b.shape() &&
         (a.data() == b.data() || std::memcmp(a.data(), b.data(), a.bytes()) == 0);
}

// The floats in another float type.
Tensor converted(const Tensor &value, DType dtype) {
  std::vector<float> floats = value.to_vector<float>();
  if (dtype == f32)
    return Tensor::from<float>(value.shape(), floats);
  if (dtype == f16)
    return Tensor::from<Half>(value.shape(), std::vector<Half>(floats.begin(), floats.end()));
  return Tensor::from<BFloat16>(value.shape(), std::vector<BFloat16>(floats.begin(), floats.end()));
}

// A weight that may be loaded, under all names that it has in the tree; the owner's first.
struct Target {
  Weight *weight;
  std::vector<std::string> names;
};

// What is wrong with a state, collected.
struct Problems {
  std::vector<std::string> lines;
  void add(const std::string &line) { lines.push_back("\n  " + line); }
  void raise(const std::string &kind) const {
    if (lines.empty())
      return;
    std::string text = "expects a state that fits " + kind + ", but got " + std::to_string(lines.size()) +
                       (lines.size() == 1 ? " problem:" : " problems:");
    for (const std::string &line : lines)
      text += line;
    throw Error(text);
  }
};

// Why a value may have another shape.
std::string cause(std::vector<int64_t> declared, const std::vector<int64_t> &found) {
  if (declared.size() == 2 && found.size() == 2 && declared[0] == found[1] && declared[1] == found[0])
    return "; it looks transposed";
  auto count = [](const std::vector<int64_t> &sizes) {
    int64_t product = 1;
    for (int64_t size : sizes)
      product *= size;
    return product;
  };
  if (count(declared) == count(found))
    return "; it has as many elements";
  return "";
}

// The part that all names of the state have before the model's, or lack.
std::string prefix_hint(const std::vector<std::string> &missing, const std::vector<std::string> &unused) {
  for (const std::string &name : missing)
    for (const std::string &other : unused) {
      if (other.size() > name.size() && other.ends_with("." + name))
        return "the state's names begin with '" + other.substr(0, other.size() - name.size()) + "'";
      if (name.size() > other.size() && name.ends_with("." + other))
        return "the state's names lack '" + name.substr(0, name.size() - other.size()) + "'";
    }
  return "";
}

} // namespace

Named<Weight *> LayerBase::raw_state_dict() {
  Named<Weight *> all, unique;
  auto visit = [&](auto &self, LayerBase &layer, const std::string &path) -> void {
    for (const auto &[name, weight] : layer.weights)
      all.emplace_back(joined(path, name), weight);
    for (const auto &[name, child] : layer.children)
      self(self, *child, joined(path, name));
  };
  visit(visit, *this, "");
  std::set<const WeightState *> seen, owned;
  for (const auto &[name, weight] : all)
    if (weight->get() == weight->state)
      owned.insert(weight->state.get());
  for (const auto &entry : all) {
    const Weight &weight = *entry.second;
    const WeightState *state = weight.get().get();
    if ((weight.state.get() == state || !owned.contains(state)) && seen.insert(state).second)
      unique.push_back(entry);
  }
  return unique;
}

StateDict LayerBase::state_dict() {
  StateDict state;
  for (const auto &[name, weight] : raw_state_dict())
    state.emplace(name, weight->value() ? weight->value() : Tensor::zeros(weight->dtype(), sizes_of(*weight)));
  return state;
}

void LayerBase::set_shared_weight(std::string_view name, Weight &weight) {
  for (auto &[own, mine] : weights) {
    if (own != name)
      continue;
    if (mine->type() != weight.type())
      throw Error("expects a weight of the type of '" + own + "', " + mine->type().str() + ", but got '" +
                      weight.path() + "' of type " + weight.type().str(),
                  path(), declared());
    std::shared_ptr<WeightState> from = mine->get(), to = weight.get();
    if (from == to)
      return;
    if (!to->value)
      to->value = from->value;
    from->value = {};
    from->same = std::move(to);
    return;
  }
  std::vector<std::string> names;
  for (auto &[own, mine] : weights)
    names.push_back(own);
  std::string near = detail::nearest(name, names);
  throw Error("expects the name of a weight of " + std::string(kind()) + ", but got '" + std::string(name) + "'" +
                  (near.empty() ? "" : "; nearest: '" + near + "'"),
              path(), declared());
}

LoadReport LayerBase::load_state_dict(const StateDict &state, const LoadOptions &options) {
  return load(state, nullptr, options);
}

LoadReport LayerBase::load_state_dict(const weights::Checkpoint &checkpoint, const LoadOptions &options) {
  return load(checkpoint.tensors, &checkpoint, options);
}

LoadReport LayerBase::load(const StateDict &state, const weights::Checkpoint *checkpoint, const LoadOptions &options) {
  std::vector<Target> targets;
  std::map<const WeightState *, size_t> index;
  for (const auto &[name, weight] : raw_state_dict()) {
    index.emplace(weight->get().get(), targets.size());
    targets.push_back({weight, {name}});
  }
  for (const auto &[path, layer] : recursive_named_layers()) // further names of shared weights
    for (const auto &[name, weight] : layer->weights) {
      Target &target = targets[index.at(weight->get().get())];
      if (std::string full = joined(path, name); full != target.names[0])
        target.names.push_back(std::move(full));
    }

  auto place = [&](const std::string &name) -> std::string {
    auto source = checkpoint ? checkpoint->sources.find(name) : decltype(checkpoint->sources.find(name))();
    if (!checkpoint || source == checkpoint->sources.end())
      return "";
    return " (" + source->second.file + " at offset " + std::to_string(source->second.offset) + ")";
  };

  LoadReport report;
  Problems problems;
  std::vector<std::pair<Weight *, Tensor>> values;
  std::vector<const Target *> missing;
  std::set<std::string> used;
  for (const Target &target : targets) {
    const Tensor *value = nullptr;
    std::string from;
    for (const std::string &name : target.names) {
      auto found = state.find(name);
      if (found == state.end())
        continue;
      used.insert(name);
      if (!value) {
        value = &found->second;
        from = name;
      } else if (!same_bytes(*value, found->second)) {
        problems.add("shared: '" + from + "' and '" + name + "' are one weight, but differ in the state");
      }
    }
    if (!value) {
      missing.push_back(&target);
      continue;
    }
    const Weight &weight = *target.weight;
    std::vector<int64_t> sizes = sizes_of(weight);
    if (value->shape() != sizes)
      problems.add("shape: '" + from + "' expects " + weight.type().str() + declared_text(weight) + ", but got " +
                   value->type() + place(from) + cause(sizes, value->shape()));
    else if (value->dtype() != weight.dtype() &&
             !(options.cast && is_floating(value->dtype()) && is_floating(weight.dtype())))
      problems.add("dtype: '" + from + "' expects " + weight.type().str() + declared_text(weight) + ", but got " +
                   value->type() + place(from));
    values.emplace_back(target.weight, *value);
    report.loaded.push_back(from);
  }

  for (const auto &[name, value] : state)
    if (!used.contains(name) && std::none_of(options.ignored.begin(), options.ignored.end(),
                                             [&](const auto &pattern) { return detail::matches(pattern, name); }))
      report.unused.push_back(name);
  for (const Target *target : missing)
    report.missing.push_back(target->names[0]);
  if (options.strict) {
    auto near = [](const std::string &name, const std::vector<std::string> &names) {
      std::string found = detail::nearest(name, names);
      return found.empty() ? "" : "; nearest: '" + found + "'";
    };
    for (const Target *target : missing)
      problems.add("missing: '" + target->names[0] + "' (" + target->weight->type().str() + ")" +
                   declared_text(*target->weight) + near(target->names[0], report.unused));
    for (const std::string &name : report.unused)
      problems.add("unused: '" + name + "'" + place(name) + near(name, report.missing));
    if (std::string hint = prefix_hint(report.missing, report.unused); !hint.empty())
      problems.add(hint);
  }
  problems.raise(path().empty() ? std::string(kind()) : "'" + path() + "'");

  for (auto &[weight, value] : values) // what may fail, first
    if (value.dtype() != weight->dtype())
      value = converted(value, weight->dtype());
  for (auto &[weight, value] : values)
    weight->get()->value = std::move(value);
  return report;
}

} // namespace varve::nn
