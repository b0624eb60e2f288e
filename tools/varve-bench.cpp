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
  varve-bench matmul --m 512 --encoding q4_0,q8_0     the weight in blocks
  varve-bench matmul --batch 12 --m 128 --k 64        products of two inputs (--transposed)
  varve-bench attention --queries 512 --causal        attention; one query: a step of decoding
  varve-bench norm --op rms_norm,softmax --rows 4096  norms, softmax, rope, activations, elementwise chains
  varve-bench functions --function exp,tanh           how exact and how fast functions of floats are
  varve-bench conv                                    ResNet-50's convolutions; or any other
  varve-bench model bert-base --batch 8 --seq 128     a model of a known shape with random weights
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

struct Names : cl::list<string> {
  template <typename... Options>
  explicit Names(llvm::StringRef name, const Options &...options)
      : cl::list<string>(name, cl::cat(category), cl::CommaSeparated, cl::value_desc("name,.."), options...) {}

  std::vector<string> values() const { return {begin(), end()}; }
};

struct Number : cl::opt<unsigned> {
  template <typename... Options>
  explicit Number(llvm::StringRef name, unsigned otherwise, const Options &...options)
      : cl::opt<unsigned>(name, cl::cat(category), cl::init(otherwise), cl::value_desc("n"), options...) {}
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

DType float_from_name(const string &name) {
  DType type = dtype_from_name(name);
  if (!is_floating(type))
    throw Error("expects --dtype f32, f16 or bf16, but got '" + name + "'");
  return type;
}

std::vector<int64_t> or_else(std::vector<int64_t> sizes, std::vector<int64_t> otherwise) {
  return sizes.empty() ? std::move(otherwise) : std::move(sizes);
}

// Every combination of the sizes, and 1024 or 4096 where nothing is said.
std::vector<bench::Shape> shapes(const std::vector<int64_t> &m, const std::vector<int64_t> &n,
                                 const std::vector<int64_t> &k, const std::vector<string> &dtypes,
                                 const std::vector<string> &encodings, int64_t otherwise) {
  std::vector<bench::Shape> all;
  for (const string &dtype : dtypes.empty() ? std::vector<string>{"f32"} : dtypes)
    for (const string &encoding : encodings.empty() ? std::vector<string>{"none"} : encodings)
      for (int64_t a : or_else(m, {otherwise}))
        for (int64_t b : or_else(n, {otherwise}))
          for (int64_t c : or_else(k, {otherwise}))
            all.push_back({a, b, c, float_from_name(dtype), encoding_from_name(encoding)});
  return all;
}

// Lives as long as the process: the linker inside it goes over all options once more.
struct CommandLine {
  cl::SubCommand matmul{"matmul", "products of matrices, the second one constant or, with --batch, an input"};
  cl::SubCommand matvec{"matvec", "products of a constant matrix with a vector, read from memory"};
  cl::SubCommand model{"model", "a saved graph"};
  cl::SubCommand compile{"compile", "compile time of models of many layers"};
  cl::SubCommand taps{"taps", "a decoder without taps, with taps that are off, and that are on"};
  cl::SubCommand attention{"attention", "attention over keys and values from memory"};
  cl::SubCommand norm{"norm", "norms, softmax, rope, activations and chains of elementwise ops"};
  cl::SubCommand functions{"functions", "exp, log, sin, tanh, erf and others: errors in ULP, and rates"};
  cl::SubCommand conv{"conv", "convolutions, ResNet-50's if nothing is said"};
  cl::SubCommandGroup products{&matmul, &matvec}, depths{&compile, &taps},
      runs{&matmul, &matvec, &model, &taps, &attention, &norm, &functions, &conv},
      typed{&matmul, &matvec, &model, &attention, &norm, &conv}, encoded{&matmul, &matvec, &model},
      batched{&model, &attention, &matmul},
      all{&matmul, &matvec, &model, &compile, &taps, &attention, &norm, &functions, &conv};

  Sizes m{"m", cl::desc("Rows of the input (default 1024; matvec: 1)"), cl::sub(products)};
  cl::opt<bool> transposed{"transposed", cl::cat(category), cl::sub(matmul),
                           cl::desc("With --batch: the second input is [n, k]")};
  Sizes n{"n", cl::desc("Rows of the weight (default 1024; matvec: 4096)"), cl::sub(products)};
  Sizes k{"k", cl::desc("Columns of input and weight (default 1024; matvec: 4096)"), cl::sub(products)};
  Names dtypes{"dtype", cl::desc("f32 (default), f16 or bf16"), cl::sub(typed)};
  Names encodings{"encoding", cl::desc("Of the weights: none (default), q4_0, q8_0, q4_k, q6_k, .."), cl::sub(encoded)};
  Sizes threads{"threads", cl::desc("Numbers of threads (default: 1, and one for each CPU; taps: 1)"), cl::sub(runs)};
  cl::opt<double> seconds{"seconds", cl::cat(category), cl::init(1.0), cl::desc("Time for each row (default 1)"),
                          cl::sub(runs)};
  Text cpu{"cpu", cl::init("native"), cl::desc("The CPU to compile for (default native)"), cl::sub(all)};
  cl::opt<bool> json{"json", cl::cat(category), cl::desc("JSON instead of a table"), cl::sub(all)};

  cl::opt<string> path{cl::Positional, cl::Required, cl::cat(category), cl::sub(model),
                       cl::desc("<folder | graph | bert-base | minilm | llama-1.1b | vit-b16 | resnet50>")};
  Text entry{"entry", cl::sub(model), cl::value_desc("name"), cl::desc("The graph, where there are several")};
  Text weights{"weights", cl::sub(model), cl::value_desc("dir|file|random|zeros"), cl::desc("As in varve-run")};
  Texts inputs{"input", cl::sub(model), cl::value_desc("[name=]x.npy|random|.."), cl::desc("As in varve-run")};
  Texts dims{"dim", cl::sub(model), cl::value_desc("name=size"), cl::desc("As in varve-run")};
  cl::opt<unsigned> tokens{
      "tokens",    cl::cat(category),   cl::sub(model),
      cl::init(1), cl::value_desc("n"), cl::desc("How many tokens one run reads or makes (default 1)")};
  Sizes layers{"layers", cl::desc("Numbers of layers (default 4,16,64; taps: 8)"), cl::sub(depths)};
  // Of the process that `compile` starts.
  Text fresh{"fresh", cl::sub(compile), cl::Hidden};
  Text since{"since", cl::sub(compile), cl::Hidden};
  Sizes seqs{"seq", cl::desc("Lengths of the input (default 1,64; model: 128, of one with a name)"), cl::sub(taps),
             cl::sub(model)};
  Sizes batch{"batch", cl::desc("Items at once (default 1); matmul: products of two inputs (default none)"),
              cl::sub(batched)};
  Number context{"context", 512, cl::desc("Tokens in the cache when a named model decodes (default 512)"),
                 cl::sub(model)};
  Text save{
      "save", cl::sub(model), cl::value_desc("dir|x.varve|x.mlir"),
      cl::desc("Writes a named model's executable, to a folder with its weights, or its graph, and measures nothing")};

  Sizes heads{"heads", cl::desc("Heads of the query (default 32)"), cl::sub(attention)};
  Sizes kv_heads{"kv-heads", cl::desc("Heads of key and value (default 8)"), cl::sub(attention)};
  Sizes queries{"queries", cl::desc("Queries (default 1,512)"), cl::sub(attention)};
  Sizes keys{"keys", cl::desc("Keys (default 512)"), cl::sub(attention)};
  Sizes head_dims{"head-dim", cl::desc("Elements of a head (default 64)"), cl::sub(attention)};
  cl::opt<bool> causal{"causal", cl::cat(category), cl::desc("Queries see up to their position"), cl::sub(attention)};
  Number window{"window", 0, cl::desc("Keys that a query sees at most (default: all)"), cl::sub(attention)};

  Names ops{"op", cl::desc("rms_norm, layer_norm, softmax, rope, swiglu, gelu, chain (default: all)"), cl::sub(norm)};
  Sizes rows{"rows", cl::desc("Rows (default 16,16384)"), cl::sub(norm)};
  Sizes widths{"width", cl::desc("Elements of a row (default 2048)"), cl::sub(norm)};

  Text net{"net", cl::init("resnet50"), cl::desc("Whose: resnet50 (default), resnext50 or depthwise"), cl::sub(conv)};
  cl::opt<bool> given{"given", cl::cat(category), cl::sub(conv),
                      cl::desc("Weights are inputs, which the kernel without panels multiplies")};
  cl::opt<bool> channels_last{"channels-last", cl::cat(category), cl::sub(conv),
                              cl::desc("Images are [N, H, W, C], as inside of a network")};
  Names function_names{"function", cl::desc("exp, log, sin, tanh, erf, .. (default: all)"), cl::sub(functions)};
  cl::opt<bool> every_float{"all", cl::cat(category), cl::desc("All 2^32 floats, not each 1021st"), cl::sub(functions)};

  Texts convs{"shape", cl::value_desc("N,C,H,W,K,R,S[,stride[,pad[,groups]]]"),
              cl::desc("A convolution of [N, C, H, W] with [K, C / groups, R, S], instead of a network's"),
              cl::sub(conv)};
};

DType only_dtype(const CommandLine &line) {
  std::vector<string> names = line.dtypes.values();
  if (names.size() > 1)
    throw Error("expects one --dtype, but got " + std::to_string(names.size()));
  return float_from_name(names.empty() ? "f32" : names[0]);
}

int64_t only(const Sizes &sizes, int64_t otherwise) {
  std::vector<int64_t> values = sizes.values();
  if (values.size() > 1)
    throw Error("expects one number for --" + sizes.ArgStr.str() + ", but got " + std::to_string(values.size()));
  return values.empty() ? otherwise : values[0];
}

std::vector<bench::ConvShape> convolutions(const CommandLine &line) {
  std::vector<bench::ConvShape> all;
  for (const string &text : line.convs) {
    std::vector<int64_t> v;
    const char *at = text.data(), *end = at + text.size();
    for (bool more = true; more;) {
      int64_t value = -1;
      auto [stop, error] = std::from_chars(at, end, value);
      more = error == std::errc() && stop != end && *stop == ',';
      bool good =
          error == std::errc() && (more || stop == end) && value >= (v.size() == 8 ? 0 : 1) && value <= (1 << 30);
      if (!good || v.size() == 10 || (!more && v.size() + 1 < 7))
        throw Error("expects --shape N,C,H,W,K,R,S[,stride[,pad[,groups]]], but got '" + text + "'");
      v.push_back(value);
      at = stop + 1;
    }
    constexpr int64_t defaults[] = {1, 0, 1};
    while (v.size() < 10)
      v.push_back(defaults[v.size() - 7]);
    all.push_back({v[0], v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9]});
  }
  if (all.empty())
    all = bench::conv_shapes(line.net);
  for (bench::ConvShape &shape : all)
    shape.dtype = only_dtype(line), shape.given = line.given, shape.channels_last = line.channels_last;
  return all;
}

std::vector<bench::AttentionShape> attentions(const CommandLine &line) {
  std::vector<bench::AttentionShape> all;
  for (int64_t batch : or_else(line.batch.values(), {1}))
    for (int64_t queries : or_else(line.queries.values(), {1, 512}))
      for (int64_t keys : or_else(line.keys.values(), {512}))
        all.push_back({batch, only(line.heads, 32), only(line.kv_heads, 8), queries, keys, only(line.head_dims, 64),
                       line.causal, line.window, only_dtype(line)});
  return all;
}

bench::Report measure(CommandLine &line) {
  bench::Settings settings{line.threads.values<unsigned>(), line.seconds, line.cpu};
  if (line.attention)
    return bench::attention(attentions(line), settings);
  if (line.conv)
    return bench::conv(convolutions(line), settings);
  if (line.norm) {
    std::vector<string> ops = line.ops.values();
    if (ops.empty())
      ops = {"rms_norm", "layer_norm", "softmax", "rope", "swiglu", "gelu", "chain"};
    return bench::norm(ops, or_else(line.rows.values(), {16, 16384}), or_else(line.widths.values(), {2048}),
                       only_dtype(line), settings);
  }
  if (line.functions)
    return bench::functions_of_floats(line.function_names.values(), line.every_float, settings);
  if (line.matmul) {
    std::vector<bench::Shape> all =
        shapes(line.m.values(), line.n.values(), line.k.values(), line.dtypes.values(), line.encodings.values(), 1024);
    for (bench::Shape &shape : all) {
      shape.batch = only(line.batch, 0);
      shape.transposed = line.transposed;
      if (shape.batch ? shape.encoding != Encoding::none : shape.transposed)
        throw Error("expects --encoding of a weight, and --transposed with --batch");
    }
    return bench::matmul(all, settings);
  }
  if (line.matvec)
    return bench::matvec(shapes(line.m.values().empty() ? std::vector<int64_t>{1} : line.m.values(), line.n.values(),
                                line.k.values(), line.dtypes.values(), line.encodings.values(), 4096),
                         settings);
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
    throw Error("expects a command: matmul, matvec, attention, norm, functions, conv, model, compile or taps; --help "
                "shows more");
  if (bench::is_named_model(line.path)) {
    std::vector<string> encodings = line.encodings.values();
    if (encodings.size() > 1)
      throw Error("expects one --encoding, but got " + std::to_string(encodings.size()));
    return bench::named_model({line.path, only(line.batch, 1), only(line.seqs, 128), line.context, only_dtype(line),
                               encoding_from_name(encodings.empty() ? "none" : encodings[0]), line.save},
                              settings);
  }
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
  int64_t start = bench::nanoseconds_now();
  run::forget_llvm_options();
  static CommandLine line;
  cl::SetVersionPrinter([](llvm::raw_ostream &out) { out << "varve " VARVE_VERSION "\n"; });
  cl::ParseCommandLineOptions(argc, argv, overview);
  try {
    if (!line.fresh.empty()) {
      string text = bench::compile_fresh(line.fresh, std::strtoll(line.since.c_str(), nullptr, 10), start, line.cpu);
      return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
    }
    bool json = line.json; // a compilation's linker puts all options back
    bench::Report report = measure(line);
    string text = json ? report.json() : report.text();
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() ? 0 : 1;
  } catch (const std::exception &error) {
    std::fprintf(stderr, "varve-bench: error: %s\n", error.what());
    return 1;
  }
}
