// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Runs the examples of the reference, all or those named (`ops/Reduce`). Those of functions are recorded as one graph for each file,
// which is then compiled and run. tools/check-reference.py compares what they write with what they say.
#include "docs/examples/Examples.h"
#include <algorithm>
#include <span>

using namespace varve;

namespace {

struct Example {
  std::string_view name;
  void (*run)();
};

} // namespace

#include "examples.inc" // declarations, and `constexpr Example examples[]`

int main(int argc, char **argv) {
  std::span<char *> names(argv + 1, argv + argc);
  for (const Example &example : examples) {
    if (!names.empty() && std::ranges::find(names, example.name) == names.end())
      continue;
    std::cout << "== " << example.name << "\n" << std::flush;
    try {
      if (example.name.starts_with("ops/")) {
        Graph graph("examples", example.run, {});
        Session(compile(graph), {.print = print_to(stdout)}).run({});
      } else {
        example.run();
      }
    } catch (const std::exception &error) {
      std::cout << "error: " << error.what() << "\n";
    }
    std::fflush(stdout);
  }
}
