// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Work that a file from elsewhere may crash, done in a child process.
//   int status = run_in_child("varve-run", "x.mlir", [](Child &child) { child.begin("the compiler"); ... });
#pragma once
#include <cstdio>
#include <functional>
#include <string>

namespace varve::run {

/// The child's own side.
class Child {
public:
  Child(int control, std::FILE *errors) : control(control), errors(errors) {}
  /// Who is to blame from now on, if the process ends.
  void begin(const std::string &what);
  /// The tool's own stderr; what anything else writes to stderr is kept back.
  std::FILE *stderr_stream() const { return errors; }

private:
  int control;
  std::FILE *errors;
};

/// As long as it lives, the process is ended (SIGXCPU) when it has used that many more seconds of CPU time.
class CpuLimit {
public:
  explicit CpuLimit(unsigned seconds);
  ~CpuLimit();
  CpuLimit(const CpuLimit &) = delete;
  CpuLimit &operator=(const CpuLimit &) = delete;

private:
  unsigned long before;
};

/// Runs `body` in a child process and returns the tool's exit status: 0; 1 if it throws or if the child ends in any
/// other way than by returning. Says why in one message, `TOOL: error: ..`. To be called before there are threads.
int run_in_child(const std::string &tool, const std::string &file, const std::function<void(Child &)> &body);

} // namespace varve::run
