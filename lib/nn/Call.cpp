// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The call of a layer: its scope, and the hooks that see it.
#include "lib/graph/Record.h"
#include "lib/runtime/Glob.h"
#include "varve/nn/Hook.h"
#include <algorithm>

using varve::detail::current_layer;
using varve::detail::fail;
using varve::detail::Scope;

namespace varve::nn {
namespace {

struct Hook {
  uint64_t id;
  detail::HookFunction function;
  runtime::Glob path, kind;
  const LayerBase *layer;
  bool before;
  Site site;
};

struct Hooks {
  std::vector<std::shared_ptr<Hook>> all;
  uint64_t last = 0;
  bool running = false; // a layer that a hook calls has no hooks
};

Hooks &hooks() {
  static thread_local Hooks hooks;
  return hooks;
}

bool sees(const Hook &hook, const LayerCall &call) {
  return (!hook.layer || hook.layer == &call.layer) && hook.path.matches(call.path) && hook.kind.matches(call.kind);
}

bool owns_anything(LayerBase &layer) {
  auto tree = layer.recursive_named_layers();
  return std::any_of(tree.begin(), tree.end(), [](const auto &entry) {
    return !entry.second->layer_weights().empty() || !entry.second->layer_buffers().empty();
  });
}

LayerBase &checked(LayerBase &layer, Site site) {
  if (!layer.parent() && current_layer() && owns_anything(layer)) {
    std::string kind(layer.kind());
    fail("expects a layer that is a part of the one that calls it, but got a " + kind +
             " with weights that has no parent: make it a member, Child<" + kind + "> name{*this, \"name\", ...}",
         site);
  }
  return layer;
}

} // namespace

struct detail::Calling::State {
  State(LayerBase &layer, Site site) : scope(checked(layer, site), site), layer(layer), site(site) {}
  Scope scope;
  LayerBase &layer;
  Site site;
  Named<Value> arguments;
  std::vector<std::pair<std::string, Value *>> outputs;

  LayerCall call() const {
    LayerCall call{layer, scope.path(), layer.kind(), arguments, {}, site};
    for (const auto &[name, value] : outputs)
      call.outputs.emplace_back(name, *value);
    return call;
  }

  void run(bool before) {
    Hooks &registry = hooks();
    if (registry.all.empty() || registry.running)
      return;
    struct Running {
      bool &flag;
      explicit Running(bool &flag) : flag(flag) { flag = true; }
      Running(const Running &) = delete;
      Running &operator=(const Running &) = delete;
      ~Running() { flag = false; }
    } running(registry.running);
    Scope::Author author(scope);
    auto all = registry.all; // a hook may add or remove hooks
    for (const std::shared_ptr<Hook> &hook : all) {
      if (hook->before != before)
        continue;
      LayerCall now = call();
      if (!sees(*hook, now))
        continue;
      if (std::optional<std::vector<Value>> replacement = hook->function(now))
        replace(*replacement, hook->site);
    }
  }

  void replace(const std::vector<Value> &values, Site hook) {
    if (values.size() != outputs.size())
      fail("expects a hook to return a value for each of " + std::to_string(outputs.size()) + " outputs, but got " +
               std::to_string(values.size()),
           hook);
    for (size_t i = 0; i < values.size(); ++i) // all are checked before one is replaced
      if (TensorType was = outputs[i].second->type(), is = values[i].type(); was != is)
        fail("expects a hook to return " + was.str() + " for output '" + outputs[i].first + "', but got " + is.str(),
             hook);
    for (size_t i = 0; i < values.size(); ++i)
      *outputs[i].second = values[i];
  }
};

detail::Calling::Calling(LayerBase &layer, Site site) : state(std::make_unique<State>(layer, site)) {}
detail::Calling::~Calling() = default;

void detail::Calling::argument(size_t place, const std::string &name, Value value) {
  auto &all = state->arguments;
  bool taken = std::any_of(all.begin(), all.end(), [&](const auto &entry) { return entry.first == name; });
  all.emplace_back(taken ? std::to_string(place) + "." + name : name, value); // a field of another struct
}
void detail::Calling::before() { state->run(true); }
void detail::Calling::output(const std::string &name, Value &value) {
  state->outputs.emplace_back(name.empty() ? "output" : name, &value);
}
void detail::Calling::after() { state->run(false); }

// A glob that is none is the mistake of the line that added the hook.
static runtime::Glob glob_of(const std::string &text, Site site) {
  try {
    return runtime::Glob(text);
  } catch (const Error &error) {
    throw Error(error.message(), "", site);
  }
}

HookHandle detail::add_hook(HookFunction function, HookFilter filter, bool before, Site site) {
  Hook hook{0, std::move(function), glob_of(filter.path, site), glob_of(filter.kind, site), filter.layer, before, site};
  hook.id = ++hooks().last;
  hooks().all.push_back(std::make_shared<Hook>(std::move(hook)));
  return HookHandle(hooks().last);
}

void HookHandle::remove() {
  std::erase_if(hooks().all, [&](const auto &hook) { return hook->id == id; });
  id = 0;
}

void clear_hooks() { hooks().all.clear(); }

} // namespace varve::nn
