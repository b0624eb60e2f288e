// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The benchmarks of varve-bench, one function each.
#pragma once
#include "tools/bench/Report.h"
#include "tools/run/Options.h"
#include "varve/runtime/Session.h"
#include <functional>

namespace varve::bench {

struct Settings {
  std::vector<unsigned> threads; // one measurement for each; empty: 1 and all
  double seconds = 1;            // spent on each
  std::string cpu = "native";
};

struct Shape {
  int64_t m = 1, n = 0, k = 0;
  DType dtype = f32;
};

/// Of repeated runs, in seconds.
struct Times {
  double best = 0, median = 0;
};
Times repeat(Session &session, const std::string &entry, const std::vector<Tensor> &inputs, double seconds);

/// Of repeated runs, what `rate` gave in between: how much the machine could do a second at that time. A ratio is of a
/// run's rate to that, the median of all.
struct Measured : Times {
  double ratio = 0; // work / seconds / rate
};
/// `work` is what one run does, in the unit of `rate`.
Measured measure(Session &session, const std::string &entry, const std::vector<Tensor> &inputs, double seconds,
                 double work, const std::function<double()> &rate);

/// input [m, k] times a weight [n, k] that was packed when bound.
Report matmul(const std::vector<Shape> &shapes, const Settings &settings);
/// The same with one row, over so many weights that each is read from memory.
Report matvec(const std::vector<Shape> &shapes, const Settings &settings);
/// A saved graph, or a folder with one and its weights.
Report model(run::Options options, int64_t tokens, const Settings &settings);
/// What taps cost: the same decoder without any, with all of them off, and with all on, run in turns.
Report taps(const std::vector<unsigned> &layers, const std::vector<int64_t> &seqs, const Settings &settings);
/// How long it takes to record and to compile Llamas of so many layers.
Report compile_times(const std::vector<unsigned> &layers, const Settings &settings);

} // namespace varve::bench
