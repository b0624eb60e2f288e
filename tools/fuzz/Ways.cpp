// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/fuzz/Ways.h"
#include "tools/fuzz/Build.h"
#include "varve/compiler/Compile.h"
#include "varve/runtime/Npz.h"
#include "varve/runtime/Session.h"
#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <optional>

namespace varve::fuzz {
namespace {

using Tensors = std::vector<Tensor>;

// NaN is NaN, whatever its bits: which operand's a machine hands on is not said.
template <class T> bool same_number(T a, T b) {
  return std::memcmp(&a, &b, sizeof(T)) == 0 ||
         (std::isnan(static_cast<float>(a)) && std::isnan(static_cast<float>(b)));
}
template <class T> int64_t first_difference(const Tensor &a, const Tensor &b) {
  const T *left = a.data<T>(), *right = b.data<T>();
  for (int64_t i = 0; i < a.size(); ++i)
    if (!same_number(left[i], right[i]))
      return i;
  return -1;
}

// What differs, or nothing.
std::string difference(const Tensor &a, const Tensor &b) {
  if (a.dtype() != b.dtype() || a.shape() != b.shape())
    return a.type() + " against " + b.type();
  if (a.bytes() == 0 || std::memcmp(a.data(), b.data(), a.bytes()) == 0)
    return "";
  if (!is_floating(a.dtype()))
    return "other elements";
  int64_t at = a.dtype() == f32   ? first_difference<float>(a, b)
               : a.dtype() == f16 ? first_difference<Half>(a, b)
                                  : first_difference<BFloat16>(a, b);
  if (at < 0)
    return "";
  auto left = a.to_vector<float>(), right = b.to_vector<float>();
  auto i = static_cast<size_t>(at);
  char text[100];
  std::snprintf(text, sizeof text, "element %lld: %.9g against %.9g", static_cast<long long>(at),
                static_cast<double>(left[i]), static_cast<double>(right[i]));
  return text;
}

class Batch {
public:
  Batch(const std::filesystem::path &folder, const WayOptions &options,
        const std::function<void(const std::string &)> &progress)
      : folder(folder), options(options), progress(progress), inputs(load_npz_bf16(folder / "inputs.npz")) {
    std::ifstream file(folder / "batch.json");
    recipes = Json::parse(file);
  }

  void run() {
    for (size_t begin = 0; begin < recipes.size(); begin += options.together)
      run_group(begin, std::min(recipes.size(), begin + options.together));
    save_npz(folder / "outputs.npz", outputs);
    std::ofstream(folder / "results.json") << results.dump();
  }

private:
  const std::filesystem::path &folder;
  const WayOptions &options;
  const std::function<void(const std::string &)> &progress;
  StateDict inputs, outputs;
  Json recipes, results = Json::array();

  struct Item {
    size_t index;
    std::string prefix;
    Json result;
    std::optional<Built> flat, main;
  };

  void note(Item &item, const std::string &way, const std::string &message) {
    item.result["errors"].push_back({{"way", way}, {"message", message}});
  }
  template <class Function> void attempt(Item &item, const std::string &way, Function &&function) {
    try {
      function();
    } catch (const std::exception &error) {
      note(item, way, error.what());
    }
  }

  // Compiles what belongs to the group as one program; where that fails, each for itself.
  void run_group(size_t begin, size_t end) {
    std::vector<Item> items;
    for (size_t i = begin; i < end; ++i) {
      progress("build " + std::to_string(i));
      Item &item = items.emplace_back(Item{i, "g" + std::to_string(i) + "_", Json::object(), {}, {}});
      item.result["errors"] = Json::array();
      item.result["differ"] = Json::array();
      const Json &recipe = recipes[i];
      attempt(item, "flat build",
              [&] { item.flat = build(recipe, "flat", item.prefix + "flat", inputs, item.prefix); });
      attempt(item, "build", [&] { item.main = build(recipe, "main", item.prefix + "main", inputs, item.prefix); });
      for (const Json &input : recipe.at("inputs"))
        if (input.contains("encoding")) { // the numbers that the blocks stand for
          std::string name = item.prefix + input.at("name").get<std::string>();
          outputs[name] = blocks_of(input, inputs.at(name)).to(f32);
        }
    }
    if (items.size() == 1 && items[0].main)
      std::ofstream(folder / "main.mlir") << items[0].main->graph.text();
    std::vector<const Graph *> graphs;
    StateDict weights;
    for (Item &item : items) {
      if (!item.flat || !item.main)
        continue;
      graphs.insert(graphs.end(), {&item.flat->graph, &item.main->graph});
      weights.insert(item.main->weights.begin(), item.main->weights.end());
    }
    std::optional<Executable> together;
    progress("compile " + std::to_string(begin) + " " + std::to_string(end));
    if (!graphs.empty() && end - begin > 1)
      try {
        together = compile(graphs);
      } catch (const std::exception &) { // told below, of the one that it is about
      }
    std::map<bool, std::optional<Executable>> loaded;
    if (together)
      loaded[true] = reload(*together, weights);
    for (Item &item : items) {
      progress("run " + std::to_string(item.index));
      if (item.flat && item.main)
        run_item(item, together, loaded[true]);
      results.push_back(std::move(item.result));
    }
  }

  std::optional<Executable> reload(const Executable &exe, const StateDict &weights) {
    std::filesystem::path path = folder / "program.varve";
    exe.save(path);
    return Executable::load(path).bind(weights);
  }

  void run_item(Item &item, std::optional<Executable> exe, std::optional<Executable> loaded) {
    if (!exe)
      attempt(item, "compile", [&] {
        exe = compile({&item.flat->graph, &item.main->graph});
        loaded = reload(*exe, item.main->weights);
      });
    if (!exe)
      return;
    std::string flat_name = item.prefix + "flat", main_name = item.prefix + "main";
    Tensors flat, main;
    attempt(item, "flat", [&] { flat = Session(*exe, {.threads = 1}).run(flat_name, item.flat->inputs); });
    attempt(item, "built", [&] { main = Session(*exe, {.threads = 1}).run(main_name, item.main->inputs); });
    keep(item, "flat", "", flat);
    keep(item, "main", "main_", main);
    auto way = [&](const std::string &name, const Executable &executable, const std::string &entry, const Built &built,
                   const Tensors &expected, bool profile = false) {
      attempt(item, name, [&] {
        Tensors found = Session(executable, {.threads = 2, .profile = profile}).run(entry, built.inputs);
        for (size_t i = 0; i < expected.size(); ++i)
          if (std::string text = difference(found.at(i), expected[i]); !text.empty())
            item.result["differ"].push_back({{"way", name}, {"output", i}, {"detail", text}});
      });
    };
    way("flat, two threads", *exe, flat_name, *item.flat, flat);
    way("built, two threads", *exe, main_name, *item.main, main);
    way("loaded, two threads", *loaded, main_name, *item.main, main);
    std::string text = item.main->graph.text();
    attempt(item, "text", [&] {
      if (print_module(text, "text") != print_module(item.main->graph.bytecode(), "bytecode"))
        item.result["differ"].push_back({{"way", "text and bytecode"}, {"output", -1}, {"detail", "another module"}});
    });
    if (item.index % options.text_every == 0)
      attempt(item, "text", [&] {
        Executable read = compile_module(text, "text", {.profile = true}).bind(item.main->weights);
        way("text, profiled, two threads", read, main_name, *item.main, main, true);
      });
  }

  void keep(const Item &item, const std::string &program, const std::string &prefix, const Tensors &found) {
    const Json &names = recipes[item.index][program]["outputs"];
    for (size_t i = 0; i < found.size(); ++i)
      outputs[item.prefix + prefix + names[i].get<std::string>()] = found[i];
  }
};

} // namespace

void run_batch(const std::filesystem::path &folder, const WayOptions &options,
               const std::function<void(const std::string &)> &progress) {
  Batch(folder, options, progress).run();
}

} // namespace varve::fuzz
