// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/run/Options.h"
#include "varve/Error.h"
#include "llvm/Support/CommandLine.h"
#include <charconv>
#include <cmath>

namespace varve::run {
namespace {

namespace cl = llvm::cl;

constexpr const char *overview = R"(varve-run: compiles a saved graph and runs it

  varve-run mlp.mlir --summary
  varve-run mlp.mlir --weights checkpoint/ --input x.npy --expect y.npy --rtol 1e-4
  varve-run mlp.mlir --weights random --dim batch=1 --dim seq=128 --input random --time 20
  varve-run mlp.mlir --save mlp.varve && varve-run mlp.varve --weights checkpoint/ --input x.npy --output y.npy

Outputs that go to no file and are compared with none are printed. With --summary or --save alone nothing is run.
What a file makes the compiler or the program do, even a crash, ends in one error message and exit status 1.
)";

Given given(const std::string &text) {
  size_t equal = text.find('=');
  return equal == std::string::npos ? Given{"", text} : Given{text.substr(0, equal), text.substr(equal + 1)};
}

// What LLVM writes about a wrong option, as one line.
std::string first_line(std::string text, const std::string &tool) {
  text = text.substr(0, text.find('\n'));
  return text.starts_with(tool + ": ") ? text.substr(tool.size() + 2) : text;
}

} // namespace

void forget_llvm_options() {
  llvm::SmallVector<cl::Option *> theirs;
  for (auto &[name, option] : cl::getRegisteredOptions())
    if (option->Categories.front()->getName() != "Generic Options") // --help and its like
      theirs.push_back(option);
  for (cl::Option *option : theirs)
    option->removeArgument();
}

bool Options::runs() const {
  return !inputs.empty() || !outputs.empty() || !expected.empty() || time != 0 ||
         (!summary && save.empty() && save_weights.empty());
}

std::vector<Given> all_given(const std::vector<std::string> &texts) {
  std::vector<Given> all;
  for (const std::string &text : texts)
    all.push_back(given(text));
  return all;
}

std::map<std::string, int64_t> sizes_given(const std::vector<std::string> &texts) {
  std::map<std::string, int64_t> dims;
  for (const std::string &text : texts) {
    auto [name, value] = given(text);
    int64_t size = -1;
    auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), size);
    if (name.empty() || error != std::errc() || end != value.data() + value.size() || size < 0)
      throw Error("expects --dim NAME=SIZE with a size of 0 or more, but got '" + text + "'");
    if (auto [at, fresh] = dims.emplace(name, size); !fresh && at->second != size)
      throw Error("expects one size for --dim " + name + ", but got " + std::to_string(at->second) + " and " + value);
  }
  return dims;
}

Options parse_options(int argc, char **argv) {
  using std::string;
  forget_llvm_options();
  // Not on the stack: the linker inside the process goes over all options once more.
  static cl::OptionCategory category("Options");
  static cl::opt<string> model(cl::Positional, cl::Required, cl::cat(category), cl::value_desc("model"),
                        cl::desc("<model.mlir | model.mlirbc | model.varve | ->"));
  static cl::opt<string> entry("entry", cl::cat(category), cl::value_desc("name"),
                        cl::desc("The graph to run, where there are several"));
  static cl::opt<string> weights("weights", cl::cat(category), cl::value_desc("dir|file|random[:seed]|zeros"),
                          cl::desc("A checkpoint (safetensors), or made-up values"));
  static cl::list<string> inputs("input", cl::cat(category), cl::value_desc("[name=]x.npy|random[:seed]|iota|zeros|value,.."),
                          cl::desc("An input. Without a name: the next one; a last 'random', 'iota' or 'zeros' without "
                                   "a name stands for all that remain. bf16 is uint16 in a .npy file"));
  static cl::list<string> dims("dim", cl::cat(category), cl::value_desc("name=size"),
                        cl::desc("The size of a named dimension, where no file gives it"));
  static cl::list<string> outputs("output", cl::cat(category), cl::value_desc("[name=]y.npy"), cl::desc("Writes an output"));
  static cl::list<string> expected("expect", cl::cat(category), cl::value_desc("[name=]y.npy"),
                            cl::desc("Compares an output; what differs is an error. f16 and bf16 may be compared with "
                                     "float32"));
  static cl::opt<double> rtol("rtol", cl::cat(category), cl::init(1e-5),
                       cl::desc("Passes if |found - expected| <= atol + rtol * |expected| (default 1e-5)"));
  static cl::opt<double> atol("atol", cl::cat(category), cl::init(1e-8), cl::desc("(default 1e-8)"));
  static cl::opt<PrintStyle> style("print", cl::cat(category), cl::desc("How outputs are printed:"),
                            cl::values(clEnumValN(PrintStyle::compact, "compact", "the edges of what is large"),
                                       clEnumValN(PrintStyle::full, "full", "every value"),
                                       clEnumValN(PrintStyle::statistics, "statistics", "minimum, maximum, mean, ..")));
  static cl::opt<bool> summary("summary", cl::cat(category), cl::desc("Shows inputs, outputs, weights and buffers"));
  static cl::opt<unsigned> threads("threads", cl::cat(category), cl::value_desc("n"),
                            cl::desc("Threads (default: one for each CPU); results do not depend on it"));
  static cl::opt<unsigned> time("time", cl::cat(category), cl::value_desc("n"),
                         cl::desc("Runs n times more and shows the times"));
  static cl::opt<string> save("save", cl::cat(category), cl::value_desc("model.varve"),
                       cl::desc("Writes the executable, without weights"));
  static cl::opt<string> save_weights("save-weights", cl::cat(category), cl::value_desc("model.safetensors"),
                               cl::desc("Writes the weights, made-up ones too"));
  static cl::opt<string> cpu("cpu", cl::cat(category), cl::init("native"), cl::value_desc("name"),
                      cl::desc("The CPU to compile for: native (default), x86-64-v3, x86-64-v4, znver4, .."));

  cl::SetVersionPrinter([](llvm::raw_ostream &out) { out << "varve " VARVE_VERSION "\n"; });
  string problem;
  llvm::raw_string_ostream stream(problem);
  if (!cl::ParseCommandLineOptions(argc, argv, overview, &stream))
    throw Error(first_line(problem, "varve-run"));

  Options options{model, entry, cpu, weights, save, save_weights, all_given(inputs), all_given(outputs),
                  all_given(expected), sizes_given(dims), rtol, atol, threads, time, summary, style};
  if (!(options.rtol >= 0) || !(options.atol >= 0))
    throw Error("expects --rtol and --atol of 0 or more");
  if (options.threads > 4096)
    throw Error("expects --threads of at most 4096, but got " + std::to_string(options.threads));
  return options;
}

} // namespace varve::run
