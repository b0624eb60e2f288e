// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/LayerList.h"

namespace varve::nn {

void Sequential::add(std::unique_ptr<LayerBase> layer, std::function<Value(Value, Site)> call) {
  check_item(layer.get(), items.size(), items.size());
  items.push_back({std::move(layer), std::move(call)});
  std::vector<LayerBase *> layers;
  layers.reserve(items.size());
  for (Item &item : items)
    layers.push_back(item.layer.get());
  number_children(layers);
}

Value Sequential::forward(Value x) {
  for (Item &item : items)
    x = item.call(x, Site::current());
  return x;
}

} // namespace varve::nn
