// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/run/Run.h"
#include "lib/runtime/File.h"
#include "lib/runtime/executable/Manifest.h"
#include "lib/runtime/tensor/Compare.h"
#include "tools/bench/Machine.h"
#include "tools/run/Inputs.h"
#include "tools/run/Load.h"
#include "tools/run/Resident.h"
#include "tools/run/Summary.h"
#include "tools/run/Values.h"
#include "varve/Error.h"
#include "varve/runtime/Npy.h"
#include "varve/runtime/Session.h"
#include "varve/weights/Open.h"
#include "varve/weights/Save.h"
#include <algorithm>
#include <chrono>
#include <cstdio>

namespace varve::run {
namespace {

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value);
  return text;
}

void save_weights(const Executable &executable, const StateDict &state, const std::string &path) {
  StateDict used;
  for (const TensorInfo &info : executable.weights())
    used[info.name] = state.at(info.name);
  weights::save_state_dict(path, used);
}

std::string timed(Session &session, unsigned count, const std::string &entry, const std::vector<Tensor> &inputs) {
  using Clock = std::chrono::steady_clock;
  std::vector<double> times;
  for (unsigned i = 0; i < count; ++i) {
    auto start = Clock::now();
    session.run(entry, inputs);
    times.push_back(std::chrono::duration<double, std::milli>(Clock::now() - start).count());
  }
  std::sort(times.begin(), times.end());
  return "run: min " + number(times.front()) + " ms, median " + number(times[times.size() / 2]) + " ms (" +
         std::to_string(count) + (count == 1 ? " run" : " runs") + ", threads: " + std::to_string(session.threads()) +
         ")\n";
}

std::string memory_text(const Session &session) {
  MemoryUse use = session.memory();
  auto mb = [](size_t bytes) { return number(static_cast<double>(bytes) * 1e-6) + " MB"; };
  return "memory: scratch " + mb(use.scratch) + ", state " + mb(use.state) + ", weights " + mb(use.weights) +
         " where they are, " + mb(use.packed) + " packed, " + mb(use.mapped) + " packed in a file; most resident " +
         mb(resident("VmHWM")) + "\n";
}

// What the machine can do is measured after the runs, so that it does not heat it up before.
std::string profiled(Session &session, const std::string &trace) {
  Profile profile = session.profile();
  MachineRates rates;
  try {
    bench::Machine machine(size_t(128) << 20); // a profile need not wait for seconds
    auto threads = static_cast<unsigned>(session.threads());
    rates = {.flops = machine.peak(bench::Unit::f32, threads) * 1e9, .bytes = machine.bandwidth(threads) * 1e9};
    if (machine.has(bench::Unit::bf16))
      rates.bf16_flops = machine.peak(bench::Unit::bf16, threads) * 1e9;
    if (machine.has(bench::Unit::int8))
      rates.int8_flops = machine.peak(bench::Unit::int8, threads) * 1e9;
  } catch (const Error &) { // another machine, or too little memory: a profile without a roofline
  }
  if (!trace.empty()) {
    std::span<const std::byte> bytes = std::as_bytes(std::span(profile.trace));
    runtime::write_file(trace, {&bytes, 1});
  }
  return profile.text(rates);
}

// For each output its files: to compare it with, and to write it to; "" for none.
struct Deliveries {
  std::vector<std::string> names, expected, files;
  Deliveries(const runtime::EntryInfo &entry, const Options &options) {
    for (const runtime::OutputInfo &info : entry.outputs)
      names.push_back(info.name);
    expected = assign(options.expected, names, "--expect");
    files = assign(options.outputs, names, "--output");
  }
};

// Compares, writes and tells. All is compared before anything is written.
std::string deliver(const std::vector<Tensor> &outputs, const Deliveries &to, const Options &options) {
  std::string text, problems;
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (to.expected[i].empty())
      continue;
    runtime::Comparison comparison =
        runtime::compare(outputs[i], load_npy_any(to.expected[i]), {options.rtol, options.atol});
    std::string line = to.expected[i] + ": output '" + to.names[i] + "' ";
    if (comparison.equal)
      text += line + "is as expected, " + comparison.text + "\n";
    else
      problems += (problems.empty() ? "" : "\n") + line + comparison.text;
  }
  if (!problems.empty())
    throw Error(problems);
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (!to.files[i].empty())
      save_npy(to.files[i], outputs[i]);
    else if (to.expected[i].empty() && options.time == 0 && !options.profile)
      text += to.names[i] + ": " + outputs[i].type() + "\n" + to_text(outputs[i], options.style) + "\n";
  }
  return text;
}

// Nothing is bound where the entry needs nothing and nothing is given.
Executable bind(const Executable &executable, const runtime::EntryInfo *entry, const Options &options,
                const BindOptions &how) {
  if (options.weights.empty() && options.save_weights.empty() && (!entry || entry->weights.empty()))
    return executable;
  StateDict state = load_weights(executable, options.weights, options.model);
  if (options.save_weights.empty())
    return executable.bind(std::move(state), how);
  Executable bound = executable.bind(state, how);
  save_weights(executable, state, options.save_weights);
  return bound;
}

// Packed weights lie beside the checkpoint, if nothing else is said.
BindOptions bind_options(const Options &options, const std::function<void(std::string_view)> &warn) {
  BindOptions how{.packed = options.packed, .warning = warn};
  if (options.keep_packed && options.packed.empty()) {
    if (options.weights.empty() || options.weights == "zeros" || is_made_up(options.weights))
      throw Error("expects --packed=FILE where --weights are not of a checkpoint, but got no name of a file");
    how.packed = weights::find_checkpoint(options.weights).path;
    how.packed += ".packed";
  }
  return how;
}

// A graph is a stranger's: it names files only below a folder that the user gives.
void expect_folder(const Executable &executable, const Options &options) {
  for (const runtime::PrintInfo &print : runtime::Manifest::parse(executable.manifest_json()).prints)
    if (!print.to.empty() && options.files.empty())
      throw Error("expects --files DIR, below which the program's prints may write and read files, but got none for '" +
                  print.to + "'");
}

void switch_on_taps(Session &session, const Options &options, const PrintSink &print) {
  auto show = [&print, style = options.style](const Tap &tap) {
    print(tap.path + " " + tap.value.type() + "\n" + to_text(tap.value, style) + "\n");
  };
  for (const std::string &glob : options.taps)
    session.tap(glob, show);
}

std::string run_entry(const Executable &executable, std::optional<double> compile_ms, const Options &options,
                      const BindOptions &how, const PrintSink &print) {
  // What is wrong with the command line is said before weights are read.
  runtime::EntryInfo entry = find_entry(executable, options.entry);
  std::vector<Tensor> inputs = make_inputs(entry, options);
  Deliveries to(entry, options);
  expect_folder(executable, options);
  auto start = std::chrono::steady_clock::now();
  Executable bound = bind(executable, &entry, options, how);
  std::chrono::duration<double, std::milli> bind_ms = std::chrono::steady_clock::now() - start;
  Session session(std::move(bound), {.threads = static_cast<int>(options.threads),
                                     .print = print,
                                     .folder = options.files,
                                     .profile = options.profile});
  switch_on_taps(session, options, print);
  std::vector<Tensor> outputs = session.run(entry.name, inputs);
  session.clear_taps(); // they are not what is timed
  std::string text;
  if (options.profile) {
    session.clear_profile();
    for (unsigned i = 0; i < std::max(options.time, 1U); ++i)
      session.run(entry.name, inputs);
    text += profiled(session, options.trace);
  } else if (options.time != 0) {
    if (compile_ms)
      text += "compiled in " + number(*compile_ms) + " ms\n";
    text += "bound in " + number(bind_ms.count()) + " ms\n";
    text += timed(session, options.time, entry.name, inputs) + memory_text(session);
  }
  return text + deliver(outputs, to, options);
}

} // namespace

void run(const Options &options, Child &child) {
  ModelFile file(options.model);
  if (file.is_bytecode()) {
    // Attributes that hold each other keep MLIR's reader busy for ever (22.1).
    child.begin("the reader");
    CpuLimit limit(10 + static_cast<unsigned>(file.bytes.size() >> 20));
    check_graph(file);
  }
  child.begin("the compiler");
  PrintSink errors = print_to(child.stderr_stream());
  auto warn = [&](std::string_view text) { errors("varve-run: warning: " + std::string(text) + "\n"); };
  auto [executable, compile_ms] = load_model(file, {.cpu = options.cpu,
                                                    .profile = options.profile,
                                                    .cache = options.cache,
                                                    .cache_bytes = uint64_t(options.cache_mb) << 20,
                                                    .warning = warn});
  child.begin("the program");
  std::string text = options.summary ? summarize_layers(file, options.depth) + summarize(executable) : "";
  if (options.runs())
    text += run_entry(executable, compile_ms, options, bind_options(options, warn), errors);
  else
    bind(executable, nullptr, options, bind_options(options, warn));
  if (!options.save.empty())
    executable.save(options.save);
  std::fwrite(text.data(), 1, text.size(), stdout);
}

} // namespace varve::run
