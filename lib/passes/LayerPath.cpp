// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Paths of layers.
#include "lib/passes/LayerPath.h"

using namespace mlir;

namespace varve::passes {

std::string joinPath(StringRef outer, StringRef inner) {
  std::string path = outer.str();
  if (!outer.empty() && !inner.empty())
    path += ".";
  return path += inner;
}

std::string pathAround(Operation *op) {
  SmallVector<StringRef> names; // innermost first
  for (auto layer = op->getParentOfType<ir::LayerOp>(); layer; layer = layer->getParentOfType<ir::LayerOp>())
    names.push_back(layer.getName());
  std::string path;
  for (StringRef name : llvm::reverse(names))
    path = joinPath(path, name);
  return path;
}

std::string pathOf(ir::LayerOp layer) { return joinPath(pathAround(layer), layer.getName()); }

} // namespace varve::passes
