// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// varve-run: compiles a saved graph, or loads an executable, and runs it. What a file could do to the compiler or to the
// program it does to a child process.
#include "tools/run/Inspect.h"
#include "tools/run/Quantize.h"
#include "tools/run/Run.h"
#include <cstdio>
#include <exception>
#include <string_view>

int main(int argc, char **argv) {
  try {
    std::string_view command = argc > 1 ? argv[1] : "";
    if (command == "inspect") {
      varve::run::Inspection inspection = varve::run::inspect({argv + 2, argv + argc});
      std::fwrite(inspection.text.data(), 1, inspection.text.size(), stdout);
      if (inspection.problem.empty())
        return 0;
      std::fprintf(stderr, "varve-run: error: %s\n", inspection.problem.c_str());
      return 1;
    }
    if (command == "quantize") {
      std::string text = varve::run::quantize({argv + 2, argv + argc});
      std::fwrite(text.data(), 1, text.size(), stdout);
      return 0;
    }
    varve::run::Options options = varve::run::parse_options(argc, argv);
    return varve::run::run_in_child("varve-run", options.model,
                                    [&](varve::run::Child &child) { varve::run::run(options, child); });
  } catch (const std::exception &error) {
    std::fprintf(stderr, "varve-run: error: %s\n", error.what());
    return 1;
  }
}
