// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The golden cases of test/data/ops: single ops, their inputs and what PyTorch makes of them.
#pragma once
#include "varve/runtime/Tensor.h"
#include <filesystem>
#include <nlohmann/json.hpp>

namespace varve::test {

struct Case {
  std::string name, op;
  nlohmann::json attributes;
  std::vector<std::string> operands; // names of the inputs
  std::vector<Tensor> inputs, outputs;
  double rtol = 0, atol = 0;
};

/// **Throws** for files that are not as README.md there says.
std::vector<Case> load_cases(const std::filesystem::path &folder);

} // namespace varve::test
