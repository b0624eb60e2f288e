// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Whole models: how fast a saved one runs, and how long compilation takes for deeper and deeper ones.
#include "tools/bench/Bench.h"
#include "tools/bench/Machine.h"
#include "tools/run/Inputs.h"
#include "tools/run/Load.h"
#include "tools/run/Resident.h"
#include "varve/Error.h"
#include "varve/compiler/Compile.h"
#include "varve/models/Llama.h"
#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <limits>
#include <spawn.h>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

namespace varve::bench {
namespace {

double mib(const char *field) { return static_cast<double>(run::resident(field)) / (1 << 20); }

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
  auto [executable, compile_ms] = run::load_model(run::ModelFile(options.model), {.cpu = settings.cpu});
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
  report.note("resident MiB", mib("VmRSS"));
  report.note("most resident MiB", mib("VmHWM"));
  return report;
}

namespace {

using Clock = std::chrono::steady_clock;

double ms_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

models::LlamaConfig small_llama(unsigned layers) {
  return {.vocab_size = 1000,
          .hidden_size = 512,
          .intermediate_size = 1376,
          .num_hidden_layers = layers,
          .num_attention_heads = 8,
          .num_key_value_heads = 2,
          .head_dim = 64,
          .max_position_embeddings = 512};
}

// The shape of TinyLlama 1.1B.
models::LlamaConfig llama_1b() {
  return {.vocab_size = 32000,
          .hidden_size = 2048,
          .intermediate_size = 5632,
          .num_hidden_layers = 22,
          .num_attention_heads = 32,
          .num_key_value_heads = 4,
          .head_dim = 64,
          .max_position_embeddings = 2048,
          .dtype = bf16};
}

// The stages that a pass or a part of the compiler belongs to, in their order.
std::string_view stage_of(std::string_view name) {
  constexpr std::pair<std::string_view, std::string_view> first[] = {
      {"bytecode", "write and read bytecode"},
      {"varve-check-placement", "varve passes"},
      {"varve-cpu-convert", "to linalg, fusion"},
      {"varve-cpu-hide-destinations", "bufferise"},
      {"varve-cpu-lower-kernels", "kernels, loops, math"},
      {"varve-cpu-plan-scratch", "scratch, tasks, entries"},
      {"convert-scf-to-cf", "to the LLVM dialect"},
      {"translate", "LLVM IR, clean-up"},
      {"code generation", "code generation"},
      {"link", "link"},
      {"load", "load"},
      {"key", "key"},
      {"keep", "keep"}};
  for (auto [begin, stage] : first)
    if (name == begin)
      return stage;
  return "";
}

// Milliseconds of each stage.
struct StageTimes {
  std::vector<std::pair<std::string, double>> all;
  void add(std::string_view name, double seconds) {
    if (std::string_view stage = stage_of(name); !stage.empty() || all.empty())
      all.emplace_back(stage, 0);
    all.back().second += seconds * 1e3;
  }
};

void add_notes(Report &report, const std::string &what, const StageTimes &times) {
  for (const auto &[stage, ms] : times.all)
    report.note(what + ": " + stage + " ms", ms);
}

// A folder that is gone with this object.
struct TemporaryFolder {
  std::string path = (std::filesystem::temp_directory_path() / "varve-bench-XXXXXX").string();
  TemporaryFolder() {
    if (!::mkdtemp(path.data()))
      throw Error(path + ": expects a folder that can be made");
  }
  ~TemporaryFolder() {
    std::error_code code;
    std::filesystem::remove_all(path, code);
  }
};

struct Fresh {
  double all = 0; // milliseconds from main to runnable
  std::vector<std::pair<std::string, double>> parts;
};

// What `compile_fresh` prints in a process of its own.
Fresh run_fresh(const std::string &cache, const Settings &settings) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw Error("expects a pipe to a fresh process, but got none");
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  std::string self = std::filesystem::read_symlink("/proc/self/exe");
  std::vector<std::string> texts{self, "compile", "--cpu=" + settings.cpu, "--fresh=" + cache,
                                 "--since=" + std::to_string(nanoseconds_now())};
  std::vector<char *> arguments;
  for (std::string &text : texts)
    arguments.push_back(text.data());
  arguments.push_back(nullptr);
  pid_t child = -1;
  int code = ::posix_spawn(&child, self.c_str(), &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  std::string text;
  char buffer[4096];
  for (ssize_t count; code == 0 && (count = ::read(ends[0], buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<size_t>(count));
  ::close(ends[0]);
  int status = -1;
  if (code != 0 || ::waitpid(child, &status, 0) != child || status != 0)
    throw Error(self + ": expects a fresh process that compiles, but got status " + std::to_string(status));
  Fresh fresh;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    size_t tab = line.find('\t');
    fresh.parts.emplace_back(line.substr(0, tab), std::stod(line.substr(tab + 1)));
    if (fresh.parts.size() > 1) // the first is what is before main
      fresh.all += fresh.parts.back().second;
  }
  return fresh;
}

// The best of some: what else the machine does counts least.
void note_fresh(Report &report, const std::string &cache, const Settings &settings) {
  Fresh best = run_fresh(cache, settings);
  for (int i = 0; i < 9; ++i)
    if (Fresh next = run_fresh(cache, settings); next.all < best.all)
      best = next;
  const std::string name = "1.1B, warm, in a fresh process";
  for (const auto &[part, ms] : best.parts)
    report.note(name + ": " + part + " ms", ms);
  report.note(name + ": from main to runnable ms", best.all);
}

} // namespace

int64_t nanoseconds_now() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now().time_since_epoch()).count();
}

std::string compile_fresh(const std::string &cache, int64_t since, int64_t main, const std::string &cpu) {
  std::string text;
  Clock::time_point start = Clock::now();
  auto part = [&](const std::string &name, double ms) { text += name + "\t" + std::to_string(ms) + "\n"; };
  part("before main (exec, shared libraries)", static_cast<double>(main - since) * 1e-6);
  part("command line", static_cast<double>(nanoseconds_now() - main) * 1e-6);
  auto done = [&](const std::string &name) {
    part(name, ms_since(start));
    start = Clock::now();
  };
  models::Llama llama(llama_1b(), models::Logits::last);
  done("model");
  Graph prefill("prefill", llama, {{"ids", tensor_type(i64, {1, "seq"})}, dim_input("past")});
  done("trace prefill");
  Graph decode("decode", llama, {{"ids", tensor_type(i64, {1, 1})}, dim_input("past")});
  done("trace decode");
  double told = 0;
  Executable executable =
      compile({&prefill, &decode}, {.cpu = cpu, .cache = cache, .timing = [&](std::string_view stage, double seconds) {
                                      part(std::string(stage), seconds * 1e3);
                                      told += seconds * 1e3;
                                    }});
  part("rest of compile", ms_since(start) - told);
  start = Clock::now();
  Session session(executable);
  done("session");
  return text;
}

Report compile_times(const std::vector<unsigned> &layers, const Settings &settings) {
  Report report("compile", {{"model", ""},
                            {"layers", "", 0},
                            {"trace", "ms", 1},
                            {"compile", "ms", 1},
                            {"warm", "ms", 1},
                            {"per layer", "ms", 2}});
  TemporaryFolder folder;
  auto row = [&](const std::string &name, const models::LlamaConfig &config, bool notes) {
    models::Llama llama(config, models::Logits::last);
    double trace = std::numeric_limits<double>::infinity(), cold = trace, warm = trace;
    StageTimes cold_stages, warm_stages;
    for (int i = 0; i < 3; ++i) { // the best: what else the machine does counts least
      auto start = Clock::now();
      Graph prefill("prefill", llama, {{"ids", tensor_type(i64, {1, "seq"})}, dim_input("past")});
      Graph decode("decode", llama, {{"ids", tensor_type(i64, {1, 1})}, dim_input("past")});
      trace = std::min(trace, ms_since(start));
      auto timed = [&](double &best, StageTimes &best_stages, const std::string &cache) {
        StageTimes stages;
        auto begin = Clock::now();
        compile({&prefill, &decode}, {.cpu = settings.cpu,
                                      .cache = cache,
                                      .timing = [&](std::string_view stage, double s) { stages.add(stage, s); }});
        if (double ms = ms_since(begin); ms < best) {
          best = ms;
          best_stages = stages;
        }
      };
      timed(cold, cold_stages, "");
      if (i == 0)
        compile({&prefill, &decode}, {.cpu = settings.cpu, .cache = folder.path});
      timed(warm, warm_stages, folder.path);
    }
    double count = static_cast<double>(config.num_hidden_layers);
    report.add({name, count, trace, cold, warm, (trace + cold) / count});
    if (notes) {
      report.note(name + ", cold: trace ms", trace);
      add_notes(report, name + ", cold", cold_stages);
      report.note(name + ", warm: trace ms", trace);
      add_notes(report, name + ", warm", warm_stages);
    }
  };
  for (unsigned count : layers)
    row("512 wide", small_llama(count), false);
  row("1.1B", llama_1b(), true);
  note_fresh(report, folder.path, settings);
  report.note("most resident MiB", mib("VmHWM"));
  return report;
}

} // namespace varve::bench
