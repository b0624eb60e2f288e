// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Whole models: how fast a saved one runs, and how long compilation takes for deeper and deeper ones.
#include "tools/bench/Bench.h"
#include "tools/bench/Machine.h"
#include "tools/run/Inputs.h"
#include "tools/run/Load.h"
#include "varve/Error.h"
#include "varve/compiler/Compile.h"
#include <chrono>
#include <ctime>
#include <filesystem>
#include <fstream>

namespace varve::bench {
namespace {

// Mebibytes of this process: resident now, and at most so far.
double resident(const std::string &field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(field + ":"))
      return std::stod(line.substr(field.size() + 1)) / 1024;
  return 0;
}

// What this process has used of CPUs: on a busy machine a better measure than time.
double cpu_ms() {
  timespec now{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

// The graph in a folder, whose weights lie beside it.
void find_graph(run::Options &options) {
  namespace fs = std::filesystem;
  if (!fs::is_directory(options.model))
    return;
  std::string folder = options.model;
  std::vector<std::string> graphs;
  for (const fs::directory_entry &file : fs::directory_iterator(folder))
    if (std::string kind = file.path().extension(); kind == ".mlir" || kind == ".mlirbc" || kind == ".varve")
      graphs.push_back(file.path());
  if (graphs.size() != 1)
    throw Error(folder + ": expects one graph (.mlir, .mlirbc or .varve), but got " + std::to_string(graphs.size()));
  options.model = graphs.front();
  if (options.weights.empty())
    options.weights = folder;
}

// A decoder's layers without its caches; every layer is the same text but for its name and its weights.
std::string decoder(unsigned layers) {
  const std::string x = "tensor<1x?x512xf32, #varve.dims<1, seq, 512>>",
                    h = "tensor<1x?x1376xf32, #varve.dims<1, seq, 1376>>";
  const std::string heads = "tensor<1x?x8x64xf32, #varve.dims<1, seq, 8, 64>>", vector = "tensor<512xf32>";
  std::string declared, body, value = "%x";
  auto weight = [&](unsigned layer, const std::string &name, const std::string &type) {
    std::string symbol = "@layers." + std::to_string(layer) + "." + name;
    declared += "varve.weight " + symbol + " : " + type + "\n";
    return symbol;
  };
  for (unsigned i = 0; i < layers; ++i) {
    std::string inner;
    auto op = [&](const std::string &result, const std::string &text) {
      inner += "    %" + result + " = varve." + text + "\n";
    };
    auto linear = [&](const std::string &result, const std::string &input, const std::string &from,
                      const std::string &to, int64_t n, int64_t k) {
      std::string type = "tensor<" + std::to_string(n) + "x" + std::to_string(k) + "xf32>";
      op(result + "_w", "use " + weight(i, result + "_proj.weight", type) + " : " + type);
      op(result, "linear %" + input + ", %" + result + "_w : (" + from + ", " + type + ") -> " + to);
    };
    auto norm = [&](const std::string &result, const std::string &input) {
      op(result + "_w", "use " + weight(i, result + ".weight", vector) + " : " + vector);
      op(result,
         "rms_norm " + input + ", %" + result + "_w {epsilon = 1.0e-5 : f64} : (" + x + ", " + vector + ") -> " + x);
    };
    norm("input_norm", value);
    for (const char *name : {"q", "k", "v"}) {
      linear(name, "input_norm", x, x, 512, 512);
      op(std::string(name) + "h",
         "reshape %" + std::string(name) + " {shape = #varve.dims<1, seq, 8, 64>} : (" + x + ") -> " + heads);
    }
    op("mixed", "attention %qh, %kh, %vh {causal} : (" + heads + ", " + heads + ", " + heads + ") -> " + heads);
    op("flat", "reshape %mixed {shape = #varve.dims<1, seq, 512>} : (" + heads + ") -> " + x);
    linear("o", "flat", x, x, 512, 512);
    op("middle", "add " + value + ", %o : (" + x + ", " + x + ") -> " + x);
    norm("post_norm", "%middle");
    linear("gate", "post_norm", x, h, 1376, 512);
    linear("up", "post_norm", x, h, 1376, 512);
    op("active", "silu %gate : (" + h + ") -> " + h);
    op("product", "mul %active, %up : (" + h + ", " + h + ") -> " + h);
    linear("down", "product", h, x, 512, 1376);
    op("sum", "add %middle, %down : (" + x + ", " + x + ") -> " + x);
    std::string name = std::to_string(i);
    body += "  %layer" + name + " = varve.layer \"layers." + name + "\" : \"Block\" -> " + x + " {\n" + inner +
            "    varve.output %sum : " + x + "\n  }\n";
    value = "%layer" + name;
  }
  return declared + "varve.graph @decoder(%x: " + x + ") -> " + x + " {\n" + body + "  varve.output " + value + " : " +
         x + "\n}\n";
}

} // namespace

Report model(run::Options options, int64_t tokens, const Settings &settings) {
  find_graph(options);
  Report report(
      "model",
      {{"threads", "", 0}, {"best", "ms", 3}, {"median", "ms", 3}, {"runs", "per s", 1}, {"tokens", "per s", 1}});
  auto [executable, compile_ms] = run::load_model(run::ModelFile(options.model), settings.cpu);
  runtime::EntryInfo entry = run::find_entry(executable, options.entry);
  std::vector<Tensor> inputs = run::make_inputs(entry, options);
  Executable bound = executable.bind(run::load_weights(executable, options.weights, options.model));
  report.note("model", options.model);
  report.note("entry", entry.name);
  if (compile_ms)
    report.note("compile ms", *compile_ms);
  report.note("packed weights MiB", static_cast<double>(bound.packed_bytes()) / (1 << 20));
  std::vector<unsigned> counts = settings.threads.empty() ? std::vector<unsigned>{1, 0} : settings.threads;
  for (unsigned threads : counts) {
    Session session(bound, {.threads = static_cast<int>(threads)});
    Times times = repeat(session, entry.name, inputs, settings.seconds);
    report.add({double(session.threads()), times.best * 1e3, times.median * 1e3, 1 / times.median,
                static_cast<double>(tokens) / times.median});
  }
  report.note("resident MiB", resident("VmRSS"));
  report.note("most resident MiB", resident("VmHWM"));
  return report;
}

Report compile_times(const std::vector<unsigned> &layers, const Settings &settings) {
  using Clock = std::chrono::steady_clock;
  Report report("compile", {{"layers", "", 0}, {"time", "ms", 1}, {"CPU time", "ms", 1}, {"per layer", "ms", 2}});
  for (unsigned count : layers) {
    std::string text = decoder(count);
    auto start = Clock::now();
    double before = cpu_ms();
    compile_module(text, "varve-bench", {.cpu = settings.cpu});
    double cpu = cpu_ms() - before;
    double ms = std::chrono::duration<double, std::milli>(Clock::now() - start).count();
    report.add({double(count), ms, cpu, cpu / count});
  }
  report.note("most resident MiB", resident("VmHWM"));
  return report;
}

} // namespace varve::bench
