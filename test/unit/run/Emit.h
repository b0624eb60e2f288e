// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Golden cases as text of the varve dialect: one entry each, in several variants.
#pragma once
#include "Cases.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Types.h"
#include <optional>

namespace varve::test {

struct Variant {
  const char *name;
  bool dynamic; // every dimension that is not 1 has a name, equal sizes the same one
  bool bound;   // weights, biases and tables are weights of the module, not inputs
};
inline constexpr Variant variants[] = {{"static", false, false},
                                       {"dynamic", true, false},
                                       {"static+weights", false, true},
                                       {"dynamic+weights", true, true}};

/// An entry of a module.
struct Entry {
  const Case *golden = nullptr;
  std::string name; // the entry's; a case's name is no good one
  std::string what; // for messages
  std::string text; // declarations and the graph
  std::vector<Tensor> inputs;
  StateDict weights;
};

class Emitter {
public:
  Emitter();
  /// None if the variant is no other than the static one. Result types are what the op's own rule says.
  /// **Throws** `Error` with the rule's words if even a static op breaks it.
  std::optional<Entry> emit(const Case &golden, const Variant &variant, const std::string &name);

private:
  mlir::MLIRContext context;
  mlir::Type element(DType dtype);
  mlir::Type type(const Tensor &tensor, const std::set<int64_t> &named);
  std::optional<std::vector<mlir::Type>> infer(const std::string &op, const std::vector<mlir::Type> &operands,
                                               const std::string &attributes, std::string &problem);
  std::optional<Entry> attempt(const Case &golden, const Variant &variant, const std::string &name,
                               const std::set<int64_t> &named, std::string &problem);
};

} // namespace varve::test
