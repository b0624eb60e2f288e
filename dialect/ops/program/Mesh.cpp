// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialect/Dialect.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace varve::ir;

// A kind, and a number as it is printed.
bool varve::ir::isDevice(StringRef text) {
  int64_t number = 0;
  return (text.consume_front("cpu:") || text.consume_front("cuda:")) && !text.getAsInteger(10, number) && number >= 0 &&
         std::to_string(number) == text;
}

LogicalResult MeshOp::verify() {
  if (getAxes().empty()) // C1
    return emitOpError("expects at least one axis, but got none");
  llvm::StringSet<> seen;
  for (StringAttr axis : getAxes().getAsRange<StringAttr>())
    if (!seen.insert(axis.getValue()).second) // C1
      return emitOpError("expects axes of different names, but got ") << axis << " twice";
  if (getSizes().size() != getAxes().size()) // C2
    return emitOpError("expects a size for each of ")
           << getAxes().size() << " axes, but got " << getSizes().size() << " sizes";
  int64_t product = 1;
  for (int64_t size : getSizes()) {
    if (size < 1) // C2
      return emitOpError("expects axes of at least one device, but got size ") << size;
    if (llvm::MulOverflow(product, size, product)) // C3
      product = std::numeric_limits<int64_t>::max();
  }
  if (product != static_cast<int64_t>(getDevices().size())) // C3
    return emitOpError("expects as many devices as the product of the axes' sizes, ")
           << product << ", but got " << getDevices().size();
  seen.clear();
  for (StringAttr device : getDevices().getAsRange<StringAttr>()) { // C4
    if (!isDevice(device.getValue()))
      return emitOpError("expects devices such as cpu:0 or cuda:1, but got ") << device;
    if (!seen.insert(device.getValue()).second)
      return emitOpError("expects different devices, but got ") << device << " twice";
  }
  return success();
}

std::optional<int64_t> MeshOp::getSize(StringAttr axis) {
  for (auto [name, size] : llvm::zip(getAxes(), getSizes()))
    if (name == axis)
      return size;
  return {};
}

std::string MeshOp::getDeviceText() {
  std::string text;
  for (StringAttr device : getDevices().getAsRange<StringAttr>())
    text += (text.empty() ? "" : ", ") + device.str();
  return text;
}
