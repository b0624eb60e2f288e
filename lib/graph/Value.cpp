// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/Value.h"
#include "lib/graph/Recorder.h"

using namespace varve::detail;

namespace varve {

Operand::Operand(const Weight &weight, Site site) : value(weight.use(site)), site(site) {}

static mlir::RankedTensorType mlir_type(Value value) {
  return llvm::cast<mlir::RankedTensorType>(recorder(Site()).at(value, Site()).getType());
}

TensorType Value::type() const { return tensor_type_of(mlir_type(*this)); }

Shape Value::shape() const { return type().shape; }
DType Value::dtype() const { return type().dtype; }
int64_t Value::rank() const { return mlir_type(*this).getRank(); }

Dim Value::dim(int64_t axis, Site site) const {
  Shape shape = this->shape();
  auto rank = static_cast<int64_t>(shape.size());
  if (axis < -rank || axis >= rank)
    fail("expects axis in [" + std::to_string(-rank) + ", " + std::to_string(rank) + "), but got " +
             std::to_string(axis),
         site);
  return shape[static_cast<size_t>(axis < 0 ? axis + rank : axis)];
}

void Value::print(std::string label, PrintOptions options, Site site) const {
  std::vector<Attribute> attributes = {{"label", std::string_view(label)}, {"style", name_of(options.style)}};
  if (!options.to.empty())
    attributes.push_back({"to", std::string_view(options.to)});
  if (options.rtol)
    attributes.push_back({"rtol", *options.rtol});
  if (options.atol)
    attributes.push_back({"atol", *options.atol});
  Value operands[] = {*this};
  record("varve.print", operands, attributes, site);
}

void Value::print(std::string label, PrintStyle style, Site site) const {
  print(std::move(label), PrintOptions{.style = style}, site);
}

void Value::output(std::string name, Site site) const {
  Recorder &r = recorder(site);
  r.at(*this, site);
  if (std::string body = r.body_of(*this); !body.empty())
    fail("expects an output of the graph that is made outside of branches and loops, but got one of " + body +
             ": it may run never, or many times; return the value from there",
         site);
  for (const auto &[taken, value] : r.outputs)
    if (taken == name)
      fail("expects outputs of different names, but got '" + name + "' twice", site);
  r.outputs.emplace_back(std::move(name), *this);
}

} // namespace varve
