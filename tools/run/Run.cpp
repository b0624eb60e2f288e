// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/run/Run.h"
#include "tools/run/Compare.h"
#include "tools/run/Inputs.h"
#include "tools/run/Load.h"
#include "tools/run/Summary.h"
#include "tools/run/Values.h"
#include "varve/Error.h"
#include "varve/runtime/Session.h"
#include "varve/weights/Npy.h"
#include "varve/weights/Safetensors.h"
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
  weights::save_safetensors(path, used);
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

// Compares, writes and tells. All is compared before anything is written.
std::string deliver(const runtime::EntryInfo &entry, const std::vector<Tensor> &outputs, const Options &options) {
  std::vector<std::string> names;
  for (const runtime::OutputInfo &info : entry.outputs)
    names.push_back(info.name);
  std::vector<std::string> expected = assign(options.expected, names, "--expect");
  std::vector<std::string> files = assign(options.outputs, names, "--output");
  std::string text, problems;
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (expected[i].empty())
      continue;
    Comparison comparison = compare(outputs[i], load_values(expected[i]), {options.rtol, options.atol});
    std::string line = expected[i] + ": output '" + names[i] + "' ";
    if (comparison.equal)
      text += line + "is as expected, " + comparison.text + "\n";
    else
      problems += (problems.empty() ? "" : "\n") + line + comparison.text;
  }
  if (!problems.empty())
    throw Error(problems);
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (!files[i].empty())
      weights::save_npy(files[i], outputs[i]);
    else if (expected[i].empty() && options.time == 0)
      text += names[i] + ": " + outputs[i].type() + "\n" + to_text(outputs[i], options.style) + "\n";
  }
  return text;
}

} // namespace

void run(const Options &options, Child &child) {
  child.begin("the compiler");
  auto [executable, compile_ms] = load_model(options.model, options.cpu);
  child.begin("the program");
  bool runs = options.runs();
  std::string text = options.summary ? summarize(executable) : "";
  runtime::EntryInfo entry;
  std::vector<Tensor> inputs;
  if (runs) { // what is wrong with the command line, before weights are read
    entry = find_entry(executable, options.entry);
    inputs = make_inputs(entry, options);
  }
  if (runs || !options.save_weights.empty()) {
    StateDict state = load_weights(executable, options.weights, options.model);
    executable = executable.bind(state);
    if (!options.save_weights.empty())
      save_weights(executable, state, options.save_weights);
  }
  if (!options.save.empty())
    executable.save(options.save);
  if (runs) {
    Session session(executable, {.threads = static_cast<int>(options.threads), .print = print_to(child.stderr_stream())});
    std::vector<Tensor> outputs = session.run(entry.name, inputs);
    std::string results = deliver(entry, outputs, options);
    if (options.time != 0 && compile_ms)
      text += "compiled in " + number(*compile_ms) + " ms\n";
    if (options.time != 0)
      text += timed(session, options.time, entry.name, inputs);
    text += results;
  }
  std::fwrite(text.data(), 1, text.size(), stdout);
}

} // namespace varve::run
