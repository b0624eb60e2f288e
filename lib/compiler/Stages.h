// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Where a compilation's time goes: each stage, and each pass, is told to whoever asked.
#pragma once
#include "mlir/Pass/PassInstrumentation.h"
#include "mlir/Pass/PassManager.h"
#include "varve/compiler/Compile.h"
#include <chrono>

namespace varve::compiler {

/// Kept until MLIR has returned: no function of the caller's runs inside it.
class Stages {
public:
  explicit Stages(const CompileOptions &options) : options(options) {}

  /// The stage of that name ends now, and the next begins.
  void done(llvm::StringRef name) {
    if (!options.timing)
      return;
    auto now = Clock::now();
    if (!name.empty())
      times.emplace_back(name.str(), std::chrono::duration<double>(now - start).count());
    start = now;
  }

  /// Makes each pass a stage.
  void watch(mlir::PassManager &passes) {
    if (options.timing)
      passes.addInstrumentation(std::make_unique<Watch>(*this));
  }

  void deliver() {
    for (const auto &[name, seconds] : std::exchange(times, {}))
      options.timing(name, seconds);
  }

private:
  using Clock = std::chrono::steady_clock;

  struct Watch : mlir::PassInstrumentation {
    explicit Watch(Stages &stages) : stages(stages) {}
    void runBeforePass(mlir::Pass *pass, mlir::Operation *) override {
      if (depth++ == 0)
        stages.done("");
      else if (name.empty()) // of passes on each function, the first says which
        name = pass->getArgument().str();
    }
    void runAfterPass(mlir::Pass *pass, mlir::Operation *) override {
      if (--depth != 0)
        return;
      stages.done(pass->getArgument().empty() ? llvm::StringRef(name) : pass->getArgument());
      name.clear();
    }
    void runAfterPassFailed(mlir::Pass *, mlir::Operation *) override { --depth; }
    Stages &stages;
    std::string name;
    int depth = 0;
  };

  const CompileOptions &options;
  Clock::time_point start = Clock::now();
  std::vector<std::pair<std::string, double>> times;
};

} // namespace varve::compiler
