// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// varve-bench: how fast compiled code is, against what this machine was just measured to be able to do.
#include "llvm/Support/CommandLine.h"
#include "tools/bench/Bench.h"
#include "tools/run/Inputs.h"
#include "varve/Error.h"
#include <charconv>
#include <cstdio>

namespace {

namespace cl = llvm::cl;
using namespace varve;
using std::string;

constexpr const char *overview = R"(varve-bench: how fast compiled code is, against what the machine can do

  varve-bench matmul --m 1024 --n 1024 --k 1024       products of matrices, the second one constant
  varve-bench matvec --n 4096 --k 4096 --dtype bf16   of a matrix with a vector, weights from memory
  varve-bench model mlp.mlir --weights random --dim seq=128 --input random --tokens 128
  varve-bench compile --layers 4,16,64                compile time of deeper and deeper models
  varve-bench taps --layers 8 --seq 1,64              what taps cost that are off: a decoder with and without them

'varve-bench COMMAND --help' shows a command's options. Peak and bandwidth are measured first, in the same process.
)";

cl::OptionCategory category("Options");

struct Text : cl::opt<string> {
  template <typename... Options>
  explicit Text(llvm::StringRef name, const Options &...options)
      : cl::opt<string>(name, cl::cat(category), options...) {}
};

struct Texts : cl::list<string> {
  template <typename... Options>
  explicit Texts(llvm::StringRef name, const Options &...options)
      : cl::list<string>(name, cl::cat(category), options...) {}
};

struct Sizes : cl::list<string> {
  template <typename... Options>
  explicit Sizes(llvm::StringRef name, const Options &...options)
      : cl::list<string>(name, cl::cat(category), cl::CommaSeparated, cl::value_desc("n,.."), options...) {}

  template <typename T = int64_t> std::vector<T> values() const {
    std::vector<T> all;
    for (const string &text : *this) {
      T value = 0;
      auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
      if (error != std::errc() || end != text.data() + text.size() || value < 1 || value > (1 << 30))
        throw Error("expects numbers from 1 to 2^30 for --" + ArgStr.str() + ", but got '" + text + "'");
      all.push_back(value);
    }
    return all;
  }
};

// Every combination of the sizes, and 1024 or 4096 where nothing is said.
std::vector<bench::Shape> shapes(std::vector<int64_t> m, std::vector<int64_t> n, std::vector<int64_t> k,
                                 const string &dtype, int64_t otherwise) {
  DType type = dtype_from_name(dtype);
  if (!is_floating(type))
    throw Error("expects --dtype f32, f16 or bf16, but got '" + dtype + "'");
  for (std::vector<int64_t> *sizes : {&m, &n, &k})
    if (sizes->empty())
      sizes->push_back(otherwise);
  std::vector<bench::Shape> all;
  for (int64_t a : m)
    for (int64_t b : n)
      for (int64_t c : k)
        all.push_back({a, b, c, type});
  return all;
}

// Lives as long as the process: the linker inside it goes over all options once more.
struct CommandLine {
  cl::SubCommand matmul{"matmul", "products of matrices, the second one constant"};
  cl::SubCommand matvec{"matvec", "products of a constant matrix with a vector, read from memory"};
  cl::SubCommand model{"model", "a saved graph"};
  cl::SubCommand compile{"compile", "compile time of models of many layers"};
  cl::SubCommand taps{"taps", "a decoder without taps, with taps that are off, and that are on"};
  cl::SubCommandGroup products{&matmul, &matvec}, runs{&matmul, &matvec, &model, &taps}, depths{&compile, &taps},
      all{&matmul, &matvec, &model, &compile, &taps};

  Sizes m{"m", cl::desc("Rows of the input (default 1024)"), cl::sub(matmul)};
  Sizes n{"n", cl::desc("Rows of the weight (default 1024; matvec: 4096)"), cl::sub(products)};
  Sizes k{"k", cl::desc("Columns of input and weight (default 1024; matvec: 4096)"), cl::sub(products)};
  Text dtype{"dtype", cl::init("f32"), cl::desc("f32 (default), f16 or bf16"), cl::sub(products)};
  Sizes threads{"threads", cl::desc("Numbers of threads (default: 1, and one for each CPU; taps: 1)"), cl::sub(runs)};
  cl::opt<double> seconds{"seconds", cl::cat(category), cl::init(1.0), cl::desc("Time for each row (default 1)"),
                          cl::sub(runs)};
  Text cpu{"cpu", cl::init("native"), cl::desc("The CPU to compile for (default native)"), cl::sub(all)};
  cl::opt<bool> json{"json", cl::cat(category), cl::desc("JSON instead of a table"), cl::sub(all)};

  cl::opt<string> path{cl::Positional, cl::Required, cl::cat(category), cl::sub(model), cl::desc("<folder | graph>")};
  Text entry{"entry", cl::sub(model), cl::value_desc("name"), cl::desc("The graph, where there are several")};
  Text weights{"weights", cl::sub(model), cl::value_desc("dir|file|random|zeros"), cl::desc("As in varve-run")};
  Texts inputs{"input", cl::sub(model), cl::value_desc("[name=]x.npy|random|.."), cl::desc("As in varve-run")};
  Texts dims{"dim", cl::sub(model), cl::value_desc("name=size"), cl::desc("As in varve-run")};
  cl::opt<unsigned> tokens{
      "tokens",    cl::cat(category),   cl::sub(model),
      cl::init(1), cl::value_desc("n"), cl::desc("How many tokens one run reads or makes (default 1)")};
  Sizes layers{"layers", cl::desc("Numbers of layers (default 4,16,64; taps: 8)"), cl::sub(depths)};
  Sizes seqs{"seq", cl::desc("Lengths of the input (default 1,64)"), cl::sub(taps)};
};

bench::Report measure(CommandLine &line) {
  bench::Settings settings{line.threads.values<unsigned>(), line.seconds, line.cpu};
  if (line.matmul)
    return bench::matmul(shapes(line.m.values(), line.n.values(), line.k.values(), line.dtype, 1024), settings);
  if (line.matvec)
    return bench::matvec(shapes({1}, line.n.values(), line.k.values(), line.dtype, 4096), settings);
  if (line.compile) {
    std::vector<unsigned> layers = line.layers.values<unsigned>();
    return bench::compile_times(layers.empty() ? std::vector<unsigned>{4, 16, 64} : layers, settings);
  }
  if (line.taps) {
    std::vector<unsigned> layers = line.layers.values<unsigned>();
    std::vector<int64_t> seqs = line.seqs.values();
    return bench::taps(layers.empty() ? std::vector<unsigned>{8} : layers,
                       seqs.empty() ? std::vector<int64_t>{1, 64} : seqs, settings);
  }
  if (!line.model)
    throw Error("expects a command: matmul, matvec, model, compile or taps; --help shows more");
  run::Options options;
  options.model = line.path;
  options.entry = line.entry;
  options.weights = line.weights;
  options.inputs = run::all_given(line.inputs);
  options.dims = run::sizes_given(line.dims);
  return bench::model(options, line.tokens, settings);
}

} // namespace

int main(int argc, char **argv) {
  run::forget_llvm_options();
  static CommandLine line;
  cl::SetVersionPrinter([](llvm::raw_ostream &out) { out << "varve " VARVE_VERSION "\n"; });
  cl::ParseCommandLineOptions(argc, argv, overview);
  try {
    bench::Report report = measure(line);
    string text = line.json ? report.json() : report.text();
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "varve-bench: error: %s\n", error.what());
    return 1;
  }
}
