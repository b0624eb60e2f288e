// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/LayerList.h"
#include "test/unit/Support.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::error_of;
using Names = std::vector<std::string>;

namespace {

struct Model : nn::Layer<Model> {
  Child<nn::LayerList<nn::Linear>> layers{*this, "layers"};
  explicit Model(std::vector<int64_t> sizes) {
    for (size_t i = 0; i + 1 < sizes.size(); ++i)
      layers.emplace(sizes[i], sizes[i + 1]);
  }
  Value forward(Value x) {
    for (nn::Linear &layer : layers)
      x = layer(x);
    return x;
  }
};

Names weight_names(Model &model) {
  Names names;
  for (const auto &[name, weight] : model.raw_state_dict())
    names.push_back(name + " " + shape_text(weight->shape()));
  return names;
}

} // namespace

TEST_CASE("a list owns layers and names them by place") {
  Model model({4, 5, 6});
  CHECK(model.layers.size() == 2);
  CHECK_FALSE(model.layers.empty());
  CHECK(weight_names(model) == Names{"layers.0.weight [5, 4]", "layers.1.weight [6, 5]"});
  std::string text = Graph("f", model, {tensor_type(f32, {4})}).text();
  CHECK(contains(text, "varve.layer \"layers.0\" : \"Linear\""));
  CHECK(contains(text, "varve.layer \"layers.1\" : \"Linear\""));
}

TEST_CASE("every change keeps the names true") {
  Model model({4, 5, 6});
  model.layers.append(std::make_unique<nn::Linear>(6, 7));
  model.layers.insert(0, std::make_unique<nn::Linear>(3, 4));
  CHECK(weight_names(model) ==
        Names{"layers.0.weight [4, 3]", "layers.1.weight [5, 4]", "layers.2.weight [6, 5]", "layers.3.weight [7, 6]"});
  std::unique_ptr<nn::Linear> taken = model.layers.erase(1);
  CHECK(taken->parent() == nullptr);
  CHECK(taken->path().empty());
  CHECK(weight_names(model) == Names{"layers.0.weight [4, 3]", "layers.1.weight [6, 5]", "layers.2.weight [7, 6]"});
  std::vector<std::unique_ptr<nn::Linear>> more;
  more.push_back(std::move(taken));
  model.layers.extend(std::move(more));
  CHECK(model.layers[3].path() == "layers.3");
}

TEST_CASE("a list refuses what is no layer of its own") {
  Model model({4, 5});
  CHECK(contains(error_of([&] { model.layers.append(nullptr); }), "in layer 'layers': expects a layer, but got none"));
  CHECK(contains(error_of([&] { (void)model.layers[1]; }), "expects an index below 1, but got 1"));
  CHECK(contains(error_of([&] { model.layers.erase(7); }), "expects an index below 1, but got 7"));
  CHECK(contains(error_of([&] { model.layers.insert(2, std::make_unique<nn::Linear>(1, 1)); }),
                 "expects an index below 2, but got 2"));
}

TEST_CASE("a chain calls its layers one after another") {
  struct Root : nn::Layer<Root> {
    Child<nn::Sequential> ff{*this, "ff", std::make_unique<nn::Linear>(4, 8), std::make_unique<nn::ReLU>()};
    Root() { ff.emplace<nn::Linear>(8, 4); }
    Value forward(Value x) { return ff(x); }
  } root;
  CHECK(root.ff.size() == 3);
  CHECK(contains(Graph("f", root, {tensor_type(f32, {4})}).text(),
                 R"(    %0 = varve.layer "ff" : "Sequential" -> tensor<4xf32> {
      %1 = varve.layer "0" : "Linear" -> tensor<8xf32> {
        %4 = varve.use @ff.0.weight : tensor<8x4xf32>
        %5 = varve.linear %arg0, %4 : (tensor<4xf32>, tensor<8x4xf32>) -> tensor<8xf32>
        varve.output %5 : tensor<8xf32>
      }
      %2 = varve.layer "1" : "ReLU" -> tensor<8xf32> {
        %4 = varve.relu %1 : (tensor<8xf32>) -> tensor<8xf32>
        varve.output %4 : tensor<8xf32>
      }
      %3 = varve.layer "2" : "Linear" -> tensor<4xf32> {
        %4 = varve.use @ff.2.weight : tensor<4x8xf32>
        %5 = varve.linear %2, %4 : (tensor<8xf32>, tensor<4x8xf32>) -> tensor<4xf32>
        varve.output %5 : tensor<4xf32>
      }
      varve.output %3 : tensor<4xf32>
    }
)"));
}
