// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Loading: everything is checked, and what is wrong collected, before anything changes.
#include "lib/nn/Glob.h"
#include "lib/nn/Tree.h"
#include "varve/weights/Checkpoint.h"
#include <algorithm>
#include <cstring>
#include <set>

namespace varve::nn {
namespace {

using detail::Tree;

bool same_bytes(const Tensor &a, const Tensor &b) {
  a.expect_intact();
  b.expect_intact();
  return a.dtype() == b.dtype() && a.encoding() == b.encoding() && a.shape() == b.shape() &&
         (a.data() == b.data() || a.bytes() == 0 || std::memcmp(a.data(), b.data(), a.bytes()) == 0);
}

// A weight that may be loaded, under all names that it has in the tree; the owner's first.
struct Target {
  Weight *weight;
  std::vector<std::string> names;
};

std::vector<Target> targets_of(LayerBase &model) {
  std::vector<Target> targets;
  std::map<const Tree::State *, size_t> index;
  for (const auto &[name, weight] : model.raw_state_dict()) {
    index.emplace(&Tree::state(*weight), targets.size());
    targets.push_back({weight, {name}});
  }
  for (const Tree::Entry &entry : Tree::names(model)) { // further names of shared weights
    Target &target = targets[index.at(&Tree::state(*entry.weight))];
    if (std::find(target.names.begin(), target.names.end(), entry.name) == target.names.end())
      target.names.push_back(entry.name);
  }
  return targets;
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

// One load: what is checked, then what is given.
class Load {
public:
  Load(LayerBase &model, const StateDict &given, const weights::Checkpoint *checkpoint, const LoadOptions &options)
      : model(model), options(options), targets(targets_of(model)) {
    if (size_t align = options.weight_alignment; (align & (align - 1)) != 0 || align > (size_t(1) << 30))
      throw Error("expects weight_alignment to be 0 or a power of two up to 2^30, but got " + std::to_string(align));
    rename(given, checkpoint);
  }

  void check() {
    sizes = detail::known_sizes(Tree::root(model));
    for (const Target &target : targets)
      choose(target);
    std::vector<const Target *> missing;
    for (const Target &target : targets) {
      if (target.names.size() > 1)
        report.ties.push_back(target.names);
      if (std::none_of(target.names.begin(), target.names.end(), [&](auto &name) { return used.contains(name); })) {
        report.missing.push_back(target.names[0]);
        missing.push_back(&target);
      }
    }
    for (const auto &[name, value] : state)
      if (!used.contains(name) && std::none_of(options.ignored.begin(), options.ignored.end(),
                                               [&](auto &pattern) { return detail::matches(pattern, name); }))
        report.unused.push_back(name);
    tell(missing);
  }

  // What may fail for want of memory comes first; then values are given, which cannot fail.
  LoadReport give() {
    for (size_t i = 0; i < values.size(); ++i)
      prepare(report.loaded[i], *values[i].first, values[i].second);
    if (options.zero_missing)
      for (const Target &target : targets)
        if (!target.weight->value() &&
            std::find(report.missing.begin(), report.missing.end(), target.names[0]) != report.missing.end())
          if (std::optional<Tensor> zeros = detail::zeros_for(*target.weight, sizes))
            values.emplace_back(target.weight, *zeros);
    detail::fix_sizes(Tree::root(model), sizes);
    for (auto &[weight, value] : values) {
      Tree::State &to = Tree::state(*weight);
      to.encoding = value.encoding();
      to.value = std::move(value);
    }
    return std::move(report);
  }

  LoadReport report;

private:
  // Everything is looked up under the names that the rules give.
  void rename(const StateDict &given, const weights::Checkpoint *checkpoint) {
    weights::Checkpoint plain;
    if (!checkpoint)
      plain.tensors = given;
    const weights::Checkpoint &from = checkpoint ? *checkpoint : plain;
    if (options.renames.empty()) {
      state = from.tensors;
      sources = from.sources;
      return;
    }
    for (const weights::RenamePlan::Step &step : options.renames.plan(from).steps)
      for (const std::string &name : step.to)
        if (step.from[0] != name)
          before.emplace(name, step.from[0]);
    weights::Checkpoint renamed = options.renames.apply(from);
    state = std::move(renamed.tensors);
    sources = std::move(renamed.sources);
  }

  // Where the value of a name comes from, for messages.
  std::string place(const std::string &name) const {
    auto renamed = before.find(name);
    std::string text = renamed == before.end() ? "" : " (from '" + renamed->second + "')";
    auto source = sources.find(name);
    return source == sources.end()
               ? text
               : text + " (" + source->second.file + " at offset " + std::to_string(source->second.offset) + ")";
  }

  // Finds the value of a weight under any of its names.
  void choose(const Target &target) {
    const Tensor *value = nullptr;
    std::string from;
    bool differs = false;
    for (const std::string &name : target.names) {
      auto found = state.find(name);
      if (found == state.end())
        continue;
      used.insert(name);
      if (!value) {
        value = &found->second;
        from = name;
      } else if (!same_bytes(*value, found->second)) {
        differs = true;
        report.mismatches.push_back({from, "shared", "'" + from + "' and '" + name + "' to be equal, being one weight",
                                     "values that differ" + place(name), ""});
      }
    }
    if (!value || differs)
      return;
    if (auto wrong = detail::misfit(*target.weight, from, *value, options, sizes, place(from))) {
      report.mismatches.push_back(std::move(*wrong));
      return;
    }
    values.emplace_back(target.weight, *value);
    report.loaded.push_back(from);
  }

  void tell(const std::vector<const Target *> &missing) {
    auto near = [](const std::string &name, const std::vector<std::string> &names) {
      std::string found = detail::nearest(name, names);
      return found.empty() ? "" : "; nearest: '" + found + "'";
    };
    for (const LoadMismatch &wrong : report.mismatches)
      report.problems.push_back(wrong.what + ": '" + wrong.name + "' expects " + wrong.expected + ", but got " +
                                wrong.found + (wrong.cause.empty() ? "" : "; " + wrong.cause));
    for (const Target *target : missing) {
      report.problems.push_back("missing: '" + target->names[0] + "' (" + target->weight->type().str() + ")" +
                                detail::declared_text(*target->weight) + near(target->names[0], report.unused));
    }
    for (const std::string &name : report.unused)
      report.problems.push_back("unused: '" + name + "'" + place(name) + near(name, report.missing));
    if (std::string hint = prefix_hint(report.missing, report.unused); !hint.empty())
      report.problems.push_back(hint);
    if (!options.strict || report.problems.empty())
      return;
    std::string path = model.path(), text = "expects a state that fits " +
                                            (path.empty() ? std::string(model.kind()) : "'" + path + "'") +
                                            ", but got " + std::to_string(report.problems.size()) +
                                            (report.problems.size() == 1 ? " problem:" : " problems:");
    for (const std::string &line : report.problems)
      text += "\n  " + line;
    LoadReport failed = std::move(report);
    failed.loaded.clear(); // nothing was
    throw LoadError(text, std::move(failed));
  }

  void prepare(const std::string &name, const Weight &weight, Tensor &value) {
    if (detail::is_decoded(weight, value, options) ||
        (value.encoding() == Encoding::none && value.dtype() != weight.dtype())) {
      value = value.to(weight.dtype());
      report.converted.push_back(name);
      report.copied_bytes += value.bytes();
    }
    size_t align = std::max(weight.align(), options.weight_alignment);
    if (reinterpret_cast<uintptr_t>(value.data()) % align != 0) {
      value = value.clone(std::max<size_t>(align, 64));
      report.realigned.push_back(name);
      report.copied_bytes += value.bytes();
    }
  }

  LayerBase &model;
  const LoadOptions &options;
  std::vector<Target> targets;
  StateDict state;
  std::map<std::string, weights::Source> sources;
  std::map<std::string, std::string> before; // the old names of those that were renamed
  std::set<std::string> used;
  std::map<std::string, int64_t> sizes;
  std::vector<std::pair<Weight *, Tensor>> values; // as in report.loaded
};

} // namespace

LoadReport LayerBase::load_state_dict(const StateDict &state, const LoadOptions &options) {
  return load(state, nullptr, options);
}

LoadReport LayerBase::load_state_dict(const weights::Checkpoint &checkpoint, const LoadOptions &options) {
  return load(checkpoint.tensors, &checkpoint, options);
}

LoadReport LayerBase::load(const StateDict &state, const weights::Checkpoint *checkpoint, const LoadOptions &options) {
  Load load(*this, state, checkpoint, options);
  load.check();
  return load.give();
}

std::string LoadReport::text() const {
  std::string text = "loaded " + std::to_string(loaded.size()) + ", missing " + std::to_string(missing.size()) +
                     ", unused " + std::to_string(unused.size()) + ", not fitting " +
                     std::to_string(mismatches.size()) + "\n";
  for (const std::string &line : problems)
    text += "  " + line + "\n";
  auto list = [&](const std::string &title, const std::vector<std::string> &names) {
    for (const std::string &name : names)
      text += "  " + title + ": '" + name + "'\n";
  };
  list("copied, since its alignment was short", realigned);
  list("copied, since it was of another float type", converted);
  for (const std::vector<std::string> &names : ties) {
    text += "  one weight:";
    for (const std::string &name : names)
      text += " '" + name + "'";
    text += "\n";
  }
  if (copied_bytes != 0)
    text += "  copied " + std::to_string(copied_bytes) + " bytes\n";
  return text;
}

} // namespace varve::nn
