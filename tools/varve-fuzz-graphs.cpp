// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// varve-fuzz-graphs: runs a batch of random graphs in all ways. tools/fuzz-graphs makes them, and compares with NumPy.
#include "lib/graph/Record.h"
#include "tools/fuzz/Ways.h"
#include "varve/Error.h"
#include <cstdio>
#include <exception>
#include <string_view>

using namespace varve;

int main(int argc, char **argv) {
  std::string_view first = argc > 1 ? argv[1] : "";
  try {
    if (first == "--ops") { // the dialect's
      for (const std::string &name : detail::op_names())
        std::printf("%s\n", name.c_str());
      return 0;
    }
    if (first == "--recorded-ops") { // those that a recipe may name
      for (const std::string &name : fuzz::recorded_ops())
        std::printf("varve.%s\n", name.c_str());
      return 0;
    }
    if (argc != 4)
      throw Error("expects --ops, --recorded-ops, or FOLDER TOGETHER TEXT_EVERY, but got " + std::to_string(argc - 1) +
                  " arguments");
    fuzz::run_batch(argv[1], {.together = std::stoul(argv[2]), .text_every = std::stoul(argv[3])},
                    [](const std::string &what) {
                      std::printf("%s\n", what.c_str());
                      std::fflush(stdout);
                    });
    return 0;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "varve-fuzz-graphs: error: %s\n", error.what());
    return 1;
  }
}
