// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/fuzz/Build.h"
#include "varve/nn.h"
#include <map>

namespace varve::fuzz {
namespace {

using Values = std::vector<Value>;
using Names = std::vector<std::string>;
using Known = std::map<std::string, Value>;

struct Model;

// One call of a layer: its parameters are its arguments, it sees nothing else.
struct Block : nn::Layer<Block> {
  Model &model;
  const Json &definition;
  Block(Model &model, const Json &definition) : model(model), definition(definition) {}
  Values forward(const Values &arguments);
};

struct Model : nn::Layer<Model> {
  const Json &recipe, &program;
  Child<nn::LayerList<Block>> layers{*this, "layers"};
  std::vector<std::unique_ptr<Weight>> weights;

  Model(const Json &recipe, const Json &program) : recipe(recipe), program(program) {
    if (program.contains("calls"))
      for (const Json &name : program["calls"])
        layers.emplace(*this, program.at("layers").at(name.get<std::string>()));
  }

  Values forward(const Values &arguments) {
    Known known;
    size_t argument = 0, weight = 0;
    for (const Json &input : recipe.at("inputs")) {
      std::string kind = input.at("kind"), name = input.at("name");
      if (kind == "input")
        known[name] = arguments.at(argument++);
      else if (kind == "weight")
        known[name] = *weights.at(weight++);
    }
    return run(program.at("nodes"), known, program.at("outputs"));
  }

  static Values find(const Json &names, const Known &known) {
    Values values;
    for (const Json &name : names)
      values.push_back(known.at(name.get<std::string>()));
    return values;
  }

  // Bodies see what is around them: a copy of what is known there.
  Values run(const Json &nodes, Known known, const Json &results) {
    for (const Json &node : nodes) {
      Values values = apply(node, known);
      const Json &names = node.at("out");
      if (values.size() != names.size())
        throw Error("expects " + std::to_string(names.size()) + " results of " + node.at("op").dump() + ", but got " +
                    std::to_string(values.size()));
      for (size_t i = 0; i < values.size(); ++i)
        known[names[i].get<std::string>()] = values[i];
    }
    return find(results, known);
  }

  // A body with its parameters' values.
  Values body(const Json &definition, const Known &outside, const Values &arguments, const char *results = "results") {
    Known known = outside;
    const Json &parameters = definition.at("params");
    for (size_t i = 0; i < parameters.size(); ++i)
      known[parameters[i].get<std::string>()] = arguments.at(i);
    return run(definition.at("nodes"), std::move(known), definition.at(results));
  }

  static Values joined(Value first, const Values &second, const Values &third = {}) {
    Values all = {first};
    all.insert(all.end(), second.begin(), second.end());
    all.insert(all.end(), third.begin(), third.end());
    return all;
  }

  Values apply(const Json &node, const Known &known) {
    std::string op = node.at("op");
    Values operands = find(node.at("in"), known);
    if (op == "layer")
      return layers[node.at("call").get<size_t>()](operands);
    if (op == "cond")
      return cond(
          operands.at(0), [&] { return body(node.at("then"), known, {}); },
          [&] { return body(node.at("else"), known, {}); });
    if (op == "loop")
      return record_loop(node, known, operands);
    if (op == "scan")
      return record_scan(node, known, operands);
    return fuzz::record(op, operands, node.at("attrs"));
  }

  static Count count_of(const Json &node, const Known &known) {
    const Json &count = node.at("count");
    if (node.contains("limit"))
      return known.at(node["limit"].get<std::string>());
    return count.is_string() ? Count(Dim(count.get<std::string>())) : Count(count.get<int64_t>());
  }

  Values record_loop(const Json &node, const Known &known, const Values &inits) {
    const Json &definition = node.at("body");
    auto step = [&](Value trip, const Values &state) { return body(definition, known, joined(trip, state)); };
    if (node.contains("while"))
      return loop(
          While([&](Value trip, const Values &state) { return body(node["while"], known, joined(trip, state)).at(0); },
                count_of(node, known)),
          inits, step);
    if (!definition.contains("more"))
      return loop(count_of(node, known), inits, step);
    return loop(count_of(node, known), inits, [&](Value trip, const Values &state) {
      // The last result is the flag.
      Values all = body(definition, known, joined(trip, state), "all_results");
      Value more = all.back();
      all.pop_back();
      return Next(all, more);
    });
  }

  Values record_scan(const Json &node, const Known &known, const Values &operands) {
    auto carried = node.at("carried").get<size_t>();
    Values inits(operands.begin(), operands.begin() + static_cast<std::ptrdiff_t>(carried)),
        scanned(operands.begin() + static_cast<std::ptrdiff_t>(carried), operands.end());
    auto step = [&](Value trip, const Values &state, const Values &slices) {
      Values all = body(node.at("body"), known, joined(trip, state, slices));
      auto middle = all.begin() + static_cast<std::ptrdiff_t>(carried);
      return std::pair(Values(all.begin(), middle), Values(middle, all.end()));
    };
    auto [last, pieces] = scan(scanned, inits, step, {.axis = node.at("axis"), .stack_axis = node.at("stack_axis")});
    last.insert(last.end(), pieces.begin(), pieces.end());
    return last;
  }
};

Values Block::forward(const Values &arguments) { return model.body(definition, {}, arguments); }

} // namespace

Tensor blocks_of(const Json &input, const Tensor &floats) {
  return floats.to(encoding_from_name(input.at("encoding").get<std::string>()));
}

Built build(const Json &recipe, const std::string &program, const std::string &name, const StateDict &tensors,
            const std::string &prefix) {
  Model model(recipe, recipe.at(program));
  std::vector<GraphInput> inputs;
  std::vector<Tensor> given;
  StateDict weights;
  for (const Json &input : recipe.at("inputs")) {
    std::string kind = input.at("kind"), label = input.at("name");
    const Tensor &tensor = tensors.at(prefix + label);
    DType dtype = dtype_from_name(input.at("dtype").get<std::string>());
    Shape shape = shape_of(input.at("dims"));
    if (kind == "dim") {
      inputs.push_back(dim_input(label));
      given.push_back(tensor);
    } else if (kind == "input") {
      inputs.emplace_back(label, tensor_type(dtype, shape));
      given.push_back(tensor);
    } else {
      auto &weight = model.weights.emplace_back(std::make_unique<Weight>(model, prefix + label, dtype, shape));
      bool packed = input.contains("encoding");
      if (packed)
        weight->set_quantization_encoding(encoding_from_name(input["encoding"].get<std::string>()));
      weights[weight->path()] = packed ? blocks_of(input, tensor) : tensor;
      weight->set_value(weights[weight->path()]);
    }
  }
  return {Graph(name, model, std::move(inputs)), std::move(given), std::move(weights)};
}

} // namespace varve::fuzz
