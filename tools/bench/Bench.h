// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The benchmarks of varve-bench, one function each.
#pragma once
#include "tools/bench/Machine.h"
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
  Encoding encoding = Encoding::none; // of the weight
  /// Two inputs instead of an input and a weight: so many products [m, k] times [k, n], or times the transposition of [n, k].
  int64_t batch = 0; // 0: a weight
  bool transposed = false;
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

/// The numbers of threads that are measured.
std::vector<unsigned> thread_counts(const Settings &settings, const Machine &machine);
/// What all rows are held against: the machine, before and after.
void note_machine(Report &report, Machine &machine, const std::vector<unsigned> &threads, const std::string &when);

/// input [m, k] times a weight [n, k] that was packed when bound, or products of two inputs.
Report matmul(const std::vector<Shape> &shapes, const Settings &settings);
/// The same with one row or a few, over so many weights that each is read from memory.
Report matvec(const std::vector<Shape> &shapes, const Settings &settings);
/// A saved graph, or a folder with one and its weights.
Report model(run::Options options, int64_t tokens, const Settings &settings);
/// What a model of a known shape is measured with.
struct NamedModel {
  std::string name;
  int64_t batch = 1, seq = 128, context = 512; // seq of a prefill; context: what the cache holds when it decodes
  DType dtype = f32;
  Encoding encoding = Encoding::none;
  std::string save; // a folder for the executable and its weights, or x.varve for it alone; none: nothing is written
};
bool is_named_model(const std::string &name);
/// bert-base, minilm, llama-1.1b, vit-b16 or resnet50 with random weights: each entry a row.
Report named_model(const NamedModel &model, const Settings &settings);

struct AttentionShape {
  int64_t batch = 1, heads = 32, kv_heads = 8, queries = 512, keys = 512, head_dim = 64;
  bool causal = false;
  int64_t window = 0; // 0: none
  DType dtype = f32;
};
/// Products that the mask leaves against the peak; with one query, what is read of keys and values against the read rate.
Report attention(const std::vector<AttentionShape> &shapes, const Settings &settings);

/// Norms, softmax, rope, activations and a chain of elementwise ops on [rows, width]: bytes in and out against the read
/// rate. What fits a cache may be above it.
Report norm(const std::vector<std::string> &ops, const std::vector<int64_t> &rows, const std::vector<int64_t> &widths,
            DType dtype, const Settings &settings);

/// Functions of one float: the greatest and the mean error in units in the last place, over all floats or each 1021st, and the
/// rate in a cache.
Report functions_of_floats(const std::vector<std::string> &names, bool all, const Settings &settings);

struct ConvShape {
  int64_t n = 1, c = 0, h = 0, w = 0, k = 0, r = 1, s = 1, stride = 1, pad = 0, groups = 1;
  DType dtype = f32;
  bool given = false; // the weight is an input, so that it is in no panels
  bool channels_last = false;
};
/// The convolutions of a network: resnet50, resnext50 (those in groups), or depthwise ones of several.
std::vector<ConvShape> conv_shapes(const std::string &net);
Report conv(const std::vector<ConvShape> &shapes, const Settings &settings);

/// What taps cost: the same decoder without any, with all of them off, and with all on, run in turns.
Report taps(const std::vector<unsigned> &layers, const std::vector<int64_t> &seqs, const Settings &settings);
int64_t nanoseconds_now();
/// In a process that was just started, at `since`, and whose main began at `main`: from a Llama of 1.1B parameters to one that can run,
/// with code from the cache. Lines of a stage, a tab, and milliseconds.
std::string compile_fresh(const std::string &cache, int64_t since, int64_t main, const std::string &cpu);
/// How long it takes to record and to compile Llamas of so many layers, and to find the code of the largest in a fresh process.
Report compile_times(const std::vector<unsigned> &layers, const Settings &settings);

} // namespace varve::bench
