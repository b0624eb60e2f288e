// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Matrix products with constant weights against what the machine can do.
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

std::string type(int64_t rows, int64_t columns, DType dtype) {
  return "tensor<" + std::to_string(rows) + "x" + std::to_string(columns) + "x" + std::string(name_of(dtype)) + ">";
}

// `count` products of one input, each with a weight and an output of its own.
std::string module_text(const Shape &shape, int64_t count) {
  std::string x = type(shape.m, shape.k, shape.dtype), w = type(shape.n, shape.k, shape.dtype);
  std::string y = type(shape.m, shape.n, shape.dtype), declared, body, values, types;
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

Executable bound(const Shape &shape, int64_t count, const std::string &cpu) {
  Executable executable = compile_module(module_text(shape, count), "varve-bench", {.cpu = cpu});
  StateDict state;
  for (const TensorInfo &info : executable.weights())
    state[info.name] = run::make_values("random", info.name, info.dtype, info.sizes);
  return executable.bind(state);
}

std::vector<unsigned> thread_counts(const Settings &settings, const Machine &machine) {
  if (!settings.threads.empty())
    return settings.threads;
  return machine.cpus() == 1 ? std::vector<unsigned>{1} : std::vector<unsigned>{1, machine.cpus()};
}

Report products(const std::string &title, const std::vector<Shape> &shapes, const Settings &settings, bool vector) {
  Report report(title, {{"M", "", 0},
                        {"N", "", 0},
                        {"K", "", 0},
                        {"dtype", ""},
                        {"threads", "", 0},
                        {"best", "ms", 3},
                        {"median", "ms", 3},
                        {"GFLOP/s", "", 1},
                        {"% of peak", "", 1},
                        {"GB/s", "", 1},
                        {"% of bandwidth", "", 1}});
  Machine machine;
  report.note("machine", machine.text());
  for (unsigned threads : thread_counts(settings, machine)) {
    const Limits &limits = machine.limits(threads);
    std::string label = ", threads " + std::to_string(threads);
    report.note("f32 peak GFLOP/s" + label, limits.gflops);
    report.note("read bandwidth GB/s" + label, limits.bandwidth);
  }
  for (const Shape &shape : shapes) {
    double weight_bytes = static_cast<double>(shape.n) * static_cast<double>(shape.k) * double(size_of(shape.dtype));
    int64_t count = vector ? std::max<int64_t>(1, static_cast<int64_t>(from_memory / weight_bytes + 0.999)) : 1;
    Executable executable = bound(shape, count, settings.cpu);
    Tensor x = run::make_values("random", "x", shape.dtype, {shape.m, shape.k});
    for (unsigned threads : thread_counts(settings, machine)) {
      Session session(executable, {.threads = static_cast<int>(threads)});
      Times times = repeat(session, "products", {x}, settings.seconds);
      double seconds = times.best / double(count);
      double flops = 2.0 * double(shape.m) * double(shape.n) * double(shape.k);
      double bytes = weight_bytes + double(shape.m * (shape.n + shape.k)) * double(size_of(shape.dtype));
      const Limits &limits = machine.limits(threads);
      report.add({double(shape.m), double(shape.n), double(shape.k), std::string(name_of(shape.dtype)), double(threads),
                  seconds * 1e3, times.median / double(count) * 1e3, flops / seconds * 1e-9,
                  flops / seconds * 1e-7 / limits.gflops, bytes / seconds * 1e-9,
                  bytes / seconds * 1e-7 / limits.bandwidth});
    }
  }
  return report;
}

} // namespace

Times repeat(Session &session, const std::string &entry, const std::vector<Tensor> &inputs, double seconds) {
  using Clock = std::chrono::steady_clock;
  constexpr size_t least = 5;
  session.run(entry, inputs); // memory is touched, threads are awake
  std::vector<double> times;
  auto begin = Clock::now();
  while (times.size() < least || std::chrono::duration<double>(Clock::now() - begin).count() < seconds) {
    auto start = Clock::now();
    session.run(entry, inputs);
    times.push_back(std::chrono::duration<double>(Clock::now() - start).count());
  }
  std::sort(times.begin(), times.end());
  return {times.front(), times[times.size() / 2]};
}

Report matmul(const std::vector<Shape> &shapes, const Settings &settings) {
  return products("matmul", shapes, settings, false);
}

Report matvec(const std::vector<Shape> &shapes, const Settings &settings) {
  return products("matvec", shapes, settings, true);
}

} // namespace varve::bench
