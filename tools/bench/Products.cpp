// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Matrix products with constant weights, or of two inputs, against what the machine can do.
#include "tools/bench/Bench.h"
#include "tools/bench/Machine.h"
#include "tools/run/Values.h"
#include "varve/compiler/Compile.h"
#include <algorithm>
#include <chrono>

namespace varve::bench {
namespace {

// Weights of a matrix-vector product come from memory if all of them together are no cache's size.
constexpr double from_memory = 256e6;

std::string type(int64_t rows, int64_t columns, const std::string &element) {
  return "tensor<" + std::to_string(rows) + "x" + std::to_string(columns) + "x" + element + ">";
}

// `count` products of one input, each with a weight and an output of its own.
std::string module_text(const Shape &shape, int64_t count) {
  std::string element(name_of(shape.dtype));
  std::string stored = shape.encoding == Encoding::none ? element : "!varve." + std::string(name_of(shape.encoding));
  std::string x = type(shape.m, shape.k, element), w = type(shape.n, shape.k, stored);
  std::string y = type(shape.m, shape.n, element), declared, body, values, types;
  for (int64_t i = 0; i < count; ++i) {
    std::string n = std::to_string(i), separator = i ? ", " : "";
    declared += "varve.weight @w" + n + " : " + w + "\n";
    body += "  %w" + n + " = varve.use @w" + n + " : " + w + "\n";
    body += "  %y" + n + " = varve.linear %x, %w" + n + " : (" + x + ", " + w + ") -> " + y + "\n";
    values += separator + "%y" + n;
    types += separator + y;
  }
  return declared + "varve.graph @products(%x: " + x + ") -> (" + types + ") {\n" + body + "  varve.output " + values +
         " : " + types + "\n}\n";
}

std::string inputs_text(const Shape &shape) {
  std::string before = std::to_string(shape.batch) + "x", element(name_of(shape.dtype));
  auto type = [&](int64_t rows, int64_t columns) {
    return bench::type(shape.batch, rows, std::to_string(columns) + "x" + element);
  };
  std::string x = type(shape.m, shape.k), y = type(shape.k, shape.n), z = type(shape.m, shape.n);
  std::string stored = shape.transposed ? type(shape.n, shape.k) : y, body;
  if (shape.transposed)
    body = "  %t = varve.transpose %y {permutation = array<i64: 0, 2, 1>} : (" + stored + ") -> " + y + "\n";
  return "varve.graph @products(%x: " + x + ", %y: " + stored + ") -> (" + z + ") {\n" + body +
         "  %z = varve.matmul %x, " + (shape.transposed ? "%t" : "%y") + " : (" + x + ", " + y + ") -> " + z +
         "\n  varve.output %z : " + z + "\n}\n";
}

Executable bound(const Shape &shape, int64_t count, const std::string &cpu) {
  Executable executable =
      compile_module(shape.batch ? inputs_text(shape) : module_text(shape, count), "varve-bench", {.cpu = cpu});
  StateDict state;
  for (const TensorInfo &info : executable.weights())
    state[info.name] = info.encoding == Encoding::none
                           ? run::make_values("random", info.name, info.dtype, info.sizes)
                           : run::make_blocks("random", info.name, info.encoding, info.sizes);
  return executable.bind(state);
}

Report products(const std::string &title, const std::vector<Shape> &shapes, const Settings &settings, bool vector) {
  Report report(title, {{"M", "", 0},
                        {"N", "", 0},
                        {"K", "", 0},
                        {"dtype", ""},
                        {"weights", ""},
                        {"threads", "", 0},
                        {"best", "ms", 3},
                        {"median", "ms", 3},
                        {"GFLOP/s", "", 1},
                        {"GB/s", "", 1},
                        {vector ? "% of read" : "% of peak", "", 1}});
  Machine machine;
  report.note("machine", machine.text());
  std::vector<unsigned> counts = thread_counts(settings, machine);
  note_machine(report, machine, counts, "before");
  for (const Shape &shape : shapes) {
    auto weight_bytes =
        static_cast<double>(bytes_of(static_cast<uint64_t>(shape.n * shape.k), shape.encoding, shape.dtype));
    int64_t count = vector ? std::max<int64_t>(1, static_cast<int64_t>(from_memory / weight_bytes + 0.999)) : 1;
    Executable executable = bound(shape, count, settings.cpu);
    auto random = [&](const std::string &name, std::vector<int64_t> sizes) {
      if (shape.batch)
        sizes.insert(sizes.begin(), shape.batch);
      return run::make_values("random", name, shape.dtype, sizes);
    };
    std::vector<Tensor> inputs{random("x", {shape.m, shape.k})};
    if (shape.batch)
      inputs.push_back(shape.transposed ? random("y", {shape.n, shape.k}) : random("y", {shape.k, shape.n}));
    for (unsigned threads : counts) {
      Session session(executable, {.threads = static_cast<int>(threads)});
      double times_all = double(std::max<int64_t>(shape.batch, 1) * count);
      double flops = 2.0 * double(shape.m) * double(shape.n) * double(shape.k) * times_all;
      double bytes = (weight_bytes + double(shape.m * (shape.n + shape.k)) * double(size_of(shape.dtype))) * times_all;
      // Blocks are best multiplied as integers, whatever is done now.
      Unit unit = shape.encoding != Encoding::none ? Unit::int8 : shape.dtype == bf16 ? Unit::bf16 : Unit::f32;
      Measured times = measure(session, "products", inputs, settings.seconds, (vector ? bytes : flops) * 1e-9,
                               [&] { return vector ? machine.bandwidth(threads) : machine.peak(unit, threads); });
      double each = 1 / double(count);
      std::string weights(name_of(shape.encoding, shape.dtype));
      if (shape.batch)
        weights = std::to_string(shape.batch) + (shape.transposed ? " inputs, transposed" : " inputs");
      report.add({double(shape.m), double(shape.n), double(shape.k), std::string(name_of(shape.dtype)), weights,
                  double(threads), times.best * each * 1e3, times.median * each * 1e3, flops / times.median * 1e-9,
                  bytes / times.median * 1e-9, times.ratio * 100});
    }
  }
  note_machine(report, machine, counts, "after");
  return report;
}

} // namespace

std::vector<unsigned> thread_counts(const Settings &settings, const Machine &machine) {
  if (!settings.threads.empty())
    return settings.threads;
  return machine.cpus() == 1 ? std::vector<unsigned>{1} : std::vector<unsigned>{1, machine.cpus()};
}

void note_machine(Report &report, Machine &machine, const std::vector<unsigned> &threads, const std::string &when) {
  for (unsigned count : threads) {
    std::string label = ", threads " + std::to_string(count) + " " + when;
    for (Unit unit : {Unit::f32, Unit::bf16, Unit::int8})
      if (machine.has(unit))
        report.note(std::string(name_of(unit)) + " peak GFLOP/s" + label, machine.peak(unit, count));
    report.note("read GB/s" + label + " (" + machine.way(count) + ")", machine.bandwidth(count));
  }
}

Times repeat(Session &session, const std::string &entry, const std::vector<Tensor> &inputs, double seconds) {
  return measure(session, entry, inputs, seconds, 0, {});
}

Measured measure(Session &session, const std::string &entry, const std::vector<Tensor> &inputs, double seconds,
                 double work, const std::function<double()> &rate) {
  using Clock = std::chrono::steady_clock;
  auto since = [](Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); };
  constexpr size_t least = 5;
  constexpr double between = 0.02; // seconds of runs from one burst to the next
  session.run(entry, inputs);      // memory is touched, threads are awake
  std::vector<double> times, ratios;
  auto middle = [](std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values.empty() ? 0 : values[values.size() / 2];
  };
  auto begin = Clock::now();
  double before = rate ? rate() : 0;
  while (times.size() < least || since(begin) < seconds) {
    size_t first = times.size();
    if (rate)
      session.run(entry, inputs); // what the burst has put out of caches comes back
    for (auto part = Clock::now(); times.size() == first || (rate && since(part) < between);) {
      auto start = Clock::now();
      session.run(entry, inputs);
      times.push_back(since(start));
    }
    if (!rate)
      continue;
    double after = rate();
    for (size_t i = first; i < times.size(); ++i)
      ratios.push_back(work / times[i] / ((before + after) / 2));
    before = after;
  }
  Measured result;
  result.best = *std::min_element(times.begin(), times.end());
  result.median = middle(times);
  result.ratio = middle(ratios);
  return result;
}

Report matmul(const std::vector<Shape> &shapes, const Settings &settings) {
  return products("matmul", shapes, settings, false);
}

Report matvec(const std::vector<Shape> &shapes, const Settings &settings) {
  return products("matvec", shapes, settings, true);
}

} // namespace varve::bench
