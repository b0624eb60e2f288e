// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/run/Options.h"
#include "llvm/Support/CommandLine.h"
#include "varve/Error.h"
#include <charconv>

namespace varve::run {
namespace {

namespace cl = llvm::cl;

constexpr const char *overview = R"(varve-run: compiles a saved graph and runs it

  varve-run mlp.mlir --summary
  varve-run mlp.mlir --weights checkpoint/ --input x.npy --expect y.npy --rtol 1e-4
  varve-run mlp.mlir --weights random --dim batch=1 --dim seq=128 --input random --time 20
  varve-run mlp.mlir --weights random --dim batch=1 --dim seq=128 --input random --time 20 --profile=trace.json
  varve-run mlp.mlir --weights checkpoint/ --input x.npy --cache /var/cache/varve --packed
  varve-run mlp.mlir --save mlp.varve && varve-run mlp.varve --weights checkpoint/ --input x.npy --output y.npy
  varve-run inspect checkpoint/ [--json] [--rules auto]
  varve-run quantize checkpoint/ model.gguf --encoding q4_0 [--layers 'blk.*']

An input is a .npy file (uint16 stands for bf16), random[:seed], iota, zeros, one value for all elements, or a list of
values: --input x.npy, --input ids=random:7, --input past=3, --input 1,2,3. Without a name it is the next one; a last
'random', 'iota' or 'zeros' without a name stands for all that remain. Outputs are named, or taken in order, likewise.

`inspect` shows what is in a file of weights or tensors (safetensors, GGUF, .npz, .npy) or a folder with a checkpoint;
with --rules (auto, a name such as llama-gguf, or a .json file), which names and shapes these rules would give it.
`quantize` writes a checkpoint (the same formats) as GGUF, with its metadata, in which floats of rank 2 or more, whose last axis
is a multiple of a block, are q4_0, q4_1, q5_0, q5_1, q8_0 or mxfp4; with --layers, those whose names match.
Outputs that go to no file and are compared with none are printed. What the program itself prints, and what --tap shows,
goes to stderr; a program whose prints write or read files (dump, compare) needs --files. With --summary or --save alone nothing is run.
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

// LLVM's own words for a wrong number would go past ours.
template <typename T> T number(const std::string &option, const std::string &text, T most) {
  T value{};
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !(value >= 0) || value > most)
    throw Error("expects a number from 0 to " + (most < 1e300 ? std::to_string(most) : "1e300") + " for --" + option +
                ", but got '" + text + "'");
  return value;
}

PrintStyle style_of(const std::string &text) {
  if (text != "compact" && text != "full" && text != "statistics")
    throw Error("expects --print compact, full or statistics, but got '" + text + "'");
  return text == "full" ? PrintStyle::full : text == "compact" ? PrintStyle::compact : PrintStyle::statistics;
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
  return !inputs.empty() || !outputs.empty() || !expected.empty() || !taps.empty() || time != 0 || profile ||
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
  static cl::opt<string> weights("weights", cl::cat(category), cl::value_desc("checkpoint"),
                                 cl::desc("A folder or a file of safetensors or GGUF; or random[:seed], or zeros"));
  static cl::list<string> inputs("input", cl::cat(category), cl::value_desc("[name=]values"),
                                 cl::desc("An input, see above"));
  static cl::list<string> dims("dim", cl::cat(category), cl::value_desc("name=size"),
                               cl::desc("The size of a named dimension, where no file gives it"));
  static cl::list<string> outputs("output", cl::cat(category), cl::value_desc("[name=]y.npy"),
                                  cl::desc("Writes an output"));
  static cl::list<string> expected(
      "expect", cl::cat(category), cl::value_desc("[name=]y.npy"),
      cl::desc("Compares an output; what differs is an error. float32 may stand for f16 and bf16"));
  static cl::opt<string> rtol("rtol", cl::cat(category), cl::init("1e-5"), cl::value_desc("x"),
                              cl::desc("Passes if |found - expected| <= atol + rtol * |expected| (default 1e-5)"));
  static cl::opt<string> atol("atol", cl::cat(category), cl::init("1e-8"), cl::value_desc("x"),
                              cl::desc("(default 1e-8)"));
  static cl::opt<string> style("print", cl::cat(category), cl::init("compact"), cl::value_desc("style"),
                               cl::desc("How outputs and taps are printed: compact (default), full or statistics"));
  static cl::list<string> taps(
      "tap", cl::cat(category), cl::value_desc("glob"),
      cl::desc("Prints the taps whose path matches: * is any text, ? a character, [0-3] some"));
  static cl::opt<string> files("files", cl::cat(category), cl::value_desc("dir"),
                               cl::desc("The folder below which the program's prints may write and read files"));
  static cl::opt<bool> summary("summary", cl::cat(category),
                               cl::desc("Shows layers (of a graph), inputs, outputs, weights and buffers"));
  static cl::opt<string> depth("depth", cl::cat(category), cl::init("100"), cl::value_desc("n"),
                               cl::desc("Of the layers, only those whose paths have at most n names"));
  static cl::opt<string> threads("threads", cl::cat(category), cl::init("0"), cl::value_desc("n"),
                                 cl::desc("Threads (default: one for each CPU); results do not depend on it"));
  static cl::opt<string> time("time", cl::cat(category), cl::init("0"), cl::value_desc("n"),
                              cl::desc("Runs n times more and shows the times"));
  static cl::opt<string> profile(
      "profile", cl::ValueOptional, cl::cat(category), cl::value_desc("trace.json"),
      cl::desc("Shows where the time goes, by layer and op, of --time runs (default 1) after "
               "a first one; with a file, the last run for Chrome or Perfetto"));
  static cl::opt<string> save("save", cl::cat(category), cl::value_desc("model.varve"),
                              cl::desc("Writes the executable, without weights"));
  static cl::opt<string> save_weights(
      "save-weights", cl::cat(category), cl::value_desc("checkpoint"),
      cl::desc("Writes the weights, made-up ones too: .safetensors, .gguf (for blocks) or a folder"));
  static cl::opt<string> cpu("cpu", cl::cat(category), cl::init("native"), cl::value_desc("name"),
                             cl::desc("The CPU to compile for: native (default), x86-64-v3, x86-64-v4, znver4, .."));

  static cl::opt<string> cache("cache", cl::cat(category), cl::value_desc("dir"),
                               cl::desc("A folder where compiled code is kept, and found the next time"));
  static cl::opt<string> cache_mb("cache-mb", cl::cat(category), cl::init("1024"), cl::value_desc("n"),
                                  cl::desc("What that folder holds at most, in MiB (default 1024)"));

  static cl::opt<string> packed(
      "packed", cl::ValueOptional, cl::cat(category), cl::value_desc("file"),
      cl::desc("Keeps packed weights in a file, which the next start maps: nothing is packed then, and no weight read "
               "before it is used (default: the checkpoint's name and .packed)"));

  cl::SetVersionPrinter([](llvm::raw_ostream &out) { out << "varve " VARVE_VERSION "\n"; });
  string problem;
  llvm::raw_string_ostream stream(problem);
  if (!cl::ParseCommandLineOptions(argc, argv, overview, &stream))
    throw Error(first_line(problem, "varve-run"));

  return {model,
          entry,
          cpu,
          weights,
          save,
          save_weights,
          files,
          cache,
          profile,
          packed,
          all_given(inputs),
          all_given(outputs),
          all_given(expected),
          taps,
          sizes_given(dims),
          number<double>("rtol", rtol, 1e300),
          number<double>("atol", atol, 1e300),
          number<unsigned>("threads", threads, 1024),
          number<unsigned>("time", time, 1'000'000'000),
          number<unsigned>("cache-mb", cache_mb, 1 << 30),
          number<int>("depth", depth, 1'000'000),
          summary,
          profile.getNumOccurrences() != 0,
          packed.getNumOccurrences() != 0,
          style_of(style)};
}

} // namespace varve::run
