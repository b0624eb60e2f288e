// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Whole models: how fast a saved one runs, and how long compilation takes for deeper and deeper ones.
#include "tools/bench/Bench.h"
#include "tools/bench/Machine.h"
#include "tools/run/Inputs.h"
#include "tools/run/Load.h"
#include "varve/Error.h"
#include "varve/compiler/Compile.h"
#include "varve/models/Llama.h"
#include <ctime>
#include <filesystem>
#include <fstream>
#include <limits>

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
  Report report("compile", {{"layers", "", 0}, {"trace", "ms", 1}, {"compile", "ms", 1}, {"per layer", "ms", 2}});
  for (unsigned count : layers) {
    models::LlamaConfig config{.vocab_size = 1000,
                               .hidden_size = 512,
                               .intermediate_size = 1376,
                               .num_hidden_layers = count,
                               .num_attention_heads = 8,
                               .num_key_value_heads = 2,
                               .head_dim = 64,
                               .max_position_embeddings = 512};
    models::Llama llama(config);
    double trace = std::numeric_limits<double>::infinity(), compilation = trace;
    for (int i = 0; i < 3; ++i) { // of CPU time the best: what else the machine does counts least
      double start = cpu_ms();
      Graph graph("decoder", llama, {{"ids", tensor_type(i64, {1, "seq"})}, dim_input("past")});
      double traced = cpu_ms();
      compile(graph, {.cpu = settings.cpu});
      trace = std::min(trace, traced - start);
      compilation = std::min(compilation, cpu_ms() - traced);
    }
    report.add({double(count), trace, compilation, (trace + compilation) / count});
  }
  report.note("most resident MiB", resident("VmHWM"));
  return report;
}

} // namespace varve::bench
