// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Models of known shapes with random weights, so that no checkpoint is needed.
#include "tools/bench/Bench.h"
#include "tools/run/Resident.h"
#include "tools/run/Values.h"
#include "varve/Error.h"
#include "varve/compiler/Compile.h"
#include "varve/models/Bert.h"
#include "varve/models/Llama.h"
#include "varve/models/ResNet.h"
#include "varve/models/ViT.h"
#include "varve/weights/Save.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>

namespace varve::bench {
namespace {

constexpr std::array<std::string_view, 5> names = {"bert-base", "minilm", "llama-1.1b", "vit-b16", "resnet50"};

struct Entry {
  std::string name;
  std::vector<Tensor> inputs;
  double tokens = 0; // or images
  double flops = 0;  // of products
  double bytes = 0;  // of weights and caches that one run reads; 0: it is held against the peak
};

struct Prepared {
  std::vector<Graph> graphs;
  std::vector<Entry> entries;
};

std::vector<Graph> one(Graph graph) {
  std::vector<Graph> graphs;
  graphs.push_back(std::move(graph));
  return graphs;
}

// Matrices such that what they are multiplied with keeps its size, scales near 1, all else near 0.
StateDict weights_of(const Executable &executable) {
  StateDict state;
  for (const TensorInfo &info : executable.weights()) {
    if (info.encoding != Encoding::none) {
      state[info.name] = run::make_blocks("random", info.name, info.encoding, info.sizes);
      continue;
    }
    Tensor values = run::make_values("random", info.name, info.dtype, info.sizes);
    float scale = 0.1f, offset = 0;
    if (info.sizes.size() > 1) {
      int64_t fan_in = std::max<int64_t>(values.size() / std::max<int64_t>(info.sizes[0], 1), 1);
      scale = std::sqrt(3.0f / static_cast<float>(fan_in));
    } else if (info.name.ends_with("weight") || info.name.ends_with("running_var")) {
      offset = 1;
    }
    auto spread = [&]<typename T>(T *data) { // in place: there is no memory for large ones twice
      for (int64_t i = 0; i < values.size(); ++i)
        data[i] = T(static_cast<float>(data[i]) * scale + offset);
    };
    if (info.dtype == f32)
      spread(values.mutable_data<float>());
    else if (info.dtype == f16)
      spread(values.mutable_data<Half>());
    else if (info.dtype == bf16)
      spread(values.mutable_data<BFloat16>());
    state[info.name] = std::move(values);
  }
  return state;
}

// Gives the matrices of linear layers an encoding; tables of embeddings keep their dtype.
void encode(nn::LayerBase &model, Encoding encoding) {
  if (encoding == Encoding::none)
    return;
  for (auto &[name, layer] : model.recursive_named_layers())
    if (auto *linear = dynamic_cast<nn::Linear *>(layer))
      linear->weight.set_quantization_encoding(encoding);
}

// Of all linear layers: two for each element of a weight and each row.
double elements_of_linears(nn::LayerBase &model) {
  double elements = 0;
  for (auto &[name, layer] : model.recursive_named_layers())
    if (auto *linear = dynamic_cast<nn::Linear *>(layer))
      elements += double(linear->weight.shape()[0].value()) * double(linear->weight.shape()[1].value());
  return elements;
}

double bytes_of_linears(nn::LayerBase &model) {
  double bytes = 0;
  for (auto &[name, layer] : model.recursive_named_layers())
    if (auto *linear = dynamic_cast<nn::Linear *>(layer)) {
      auto elements = static_cast<uint64_t>(linear->weight.shape()[0].value()) *
                      static_cast<uint64_t>(linear->weight.shape()[1].value());
      bytes += double(bytes_of(elements, linear->weight.quantization_encoding(), linear->weight.dtype()));
    }
  return bytes;
}

Tensor ids_of(int64_t batch, int64_t seq, int64_t vocabulary) {
  std::vector<int64_t> ids(static_cast<size_t>(batch * seq));
  for (size_t i = 0; i < ids.size(); ++i)
    ids[i] = static_cast<int64_t>(i * 7919 % static_cast<size_t>(vocabulary));
  return Tensor::from<int64_t>({batch, seq}, ids);
}

Prepared bert(const NamedModel &shape, models::BertConfig config) {
  config.dtype = shape.dtype;
  config.pooler = false;
  models::BertModel model(config);
  encode(model, shape.encoding);
  Graph graph("encode", model, {{"ids", tensor_type(i64, {"batch", "seq"})}});
  double tokens = double(shape.batch) * double(shape.seq);
  double flops = 2 * elements_of_linears(model) * tokens +
                 4.0 * tokens * double(shape.seq * config.hidden_size * config.num_hidden_layers);
  return {one(std::move(graph)), {{"encode", {ids_of(shape.batch, shape.seq, config.vocab_size)}, tokens, flops}}};
}

Prepared llama(const NamedModel &shape) {
  models::LlamaConfig config{.vocab_size = 32000,
                             .hidden_size = 2048,
                             .intermediate_size = 5632,
                             .num_hidden_layers = 22,
                             .num_attention_heads = 32,
                             .num_key_value_heads = 4,
                             .head_dim = 64,
                             .max_position_embeddings = std::max(shape.seq, shape.context + 1),
                             .rms_norm_eps = 1e-5,
                             .dtype = shape.dtype};
  if (shape.batch != 1)
    throw Error("expects --batch 1 of llama-1.1b, but got " + std::to_string(shape.batch));
  models::Llama model(config, models::Logits::last);
  encode(model, shape.encoding);
  Graph prefill("prefill", model, {{"ids", tensor_type(i64, {1, "seq"})}, dim_input("past")});
  Graph decode("decode", model, {{"ids", tensor_type(i64, {1, 1})}, dim_input("past")});
  double head = double(config.vocab_size * config.hidden_size), all = elements_of_linears(model);
  double layers = double(config.num_hidden_layers), seq = double(shape.seq), context = double(shape.context + 1);
  double kv = double(config.num_key_value_heads * config.head_dim);
  double scores = 4.0 * layers * double(config.num_attention_heads * config.head_dim); // of each query and key
  Tensor zero = Tensor::from<int64_t>({}, {0}), past = Tensor::from<int64_t>({}, {shape.context});
  double cache = 2 * layers * kv * context * double(size_of(shape.dtype));
  std::vector<Graph> graphs = one(std::move(prefill));
  graphs.push_back(std::move(decode));
  return {std::move(graphs),
          {{"prefill",
            {ids_of(1, shape.seq, config.vocab_size), zero},
            seq,
            2 * ((all - head) * seq + head) + scores * seq * (seq + 1) / 2},
           {"decode",
            {ids_of(1, 1, config.vocab_size), past},
            1,
            2 * all + scores * context,
            bytes_of_linears(model) + cache}}};
}

Prepared vit(const NamedModel &shape) {
  models::ViTConfig config{.num_labels = 1000, .dtype = shape.dtype};
  models::ViT model(config);
  encode(model, shape.encoding);
  Graph graph("classify", [&](Value x) { return *model(x).logits; },
              {{"image", tensor_type(shape.dtype, {"batch", 3, 224, 224})}});
  double images = double(shape.batch), positions = 197, width = double(config.hidden_size);
  double head = 1000 * width, all = elements_of_linears(model);
  double flops = 2 * ((all - head) * positions + head + 196 * width * 3 * 256) +
                 4 * double(config.num_hidden_layers) * positions * positions * width;
  return {one(std::move(graph)),
          {{"classify",
            {run::make_values("random", "image", shape.dtype, {shape.batch, 3, 224, 224})},
            images,
            flops * images}}};
}

Prepared resnet(const NamedModel &shape) {
  if (shape.encoding != Encoding::none)
    throw Error("expects no --encoding of resnet50, but got " + std::string(name_of(shape.encoding)));
  models::ResNetConfig config;
  config.dtype = shape.dtype;
  models::ResNet model(config);
  Graph graph("classify", model, {{"image", tensor_type(shape.dtype, {"batch", 3, 224, 224})}});
  double flops = 8.178e9; // of its convolutions and its classifier, two for each multiply-add
  return {one(std::move(graph)),
          {{"classify",
            {run::make_values("random", "image", shape.dtype, {shape.batch, 3, 224, 224})},
            double(shape.batch),
            flops * double(shape.batch)}}};
}

// To a folder with its weights, or to a file alone.
void save(const std::vector<Graph> &graphs, const Executable &executable, const std::filesystem::path &path) {
  if (path.extension() == ".mlir") {
    for (const Graph &graph : graphs) // of several, x.prefill.mlir and so on
      graph.save(graphs.size() == 1 ? path : std::filesystem::path(path).replace_extension(graph.name() + ".mlir"));
    return;
  }
  if (path.extension() == ".varve") {
    executable.save(path);
    return;
  }
  std::filesystem::create_directories(path);
  executable.save(path / "model.varve");
  weights::save_state_dict(path / "model.safetensors", weights_of(executable));
}

Prepared prepare(const NamedModel &shape) {
  if (shape.name == "bert-base")
    return bert(shape, {.hidden_size = 768, .intermediate_size = 3072, .num_attention_heads = 12});
  if (shape.name == "minilm")
    return bert(shape,
                {.hidden_size = 384, .intermediate_size = 1536, .num_attention_heads = 12, .num_hidden_layers = 6});
  if (shape.name == "llama-1.1b")
    return llama(shape);
  return shape.name == "vit-b16" ? vit(shape) : resnet(shape);
}

} // namespace

namespace {

// What the process has needed until each entry has run once, against what its weights need at least.
void note_memory(Report &report, const Executable &bound, const std::vector<Entry> &entries) {
  Session session(bound);
  for (const Entry &entry : entries)
    session.run(entry.name, entry.inputs);
  MemoryUse use = session.memory();
  double weights = static_cast<double>(use.weights + use.packed + use.mapped);
  double most = static_cast<double>(run::resident("VmHWM"));
  auto note = [&](const std::string &name, double bytes) { report.note(name + " MiB", bytes / (1 << 20)); };
  note("weights", weights);
  note("of them packed", static_cast<double>(use.packed));
  note("state", static_cast<double>(use.state));
  note("scratch", static_cast<double>(use.scratch));
  note("most resident", most);
  report.note("most resident, % of weights", most / weights * 100);
}

} // namespace

bool is_named_model(const std::string &name) { return std::find(names.begin(), names.end(), name) != names.end(); }

Report named_model(const NamedModel &model, const Settings &settings) {
  Report report("model", {{"entry", ""},
                          {"threads", "", 0},
                          {"best", "ms", 3},
                          {"median", "ms", 3},
                          {"tokens", "per s", 1},
                          {"GFLOP/s", "", 1},
                          {"GB/s", "", 1},
                          {"% of roof", "", 1},
                          {"roof", ""}});
  auto [graphs, entries] = prepare(model);
  std::vector<const Graph *> all;
  for (const Graph &graph : graphs)
    all.push_back(&graph);
  Executable executable = compile(all, {.cpu = settings.cpu});
  report.note("model", model.name);
  report.note("dtype", std::string(name_of(model.dtype)));
  report.note("weights", std::string(name_of(model.encoding, model.dtype)));
  if (!model.save.empty()) {
    save(graphs, executable, model.save);
    report.note("saved to", model.save);
    return report;
  }
  Executable bound = executable.bind(weights_of(executable));
  note_memory(report, bound, entries); // before the machine is measured, which takes memory of its own
  Machine machine;
  report.note("machine", machine.text());
  for (unsigned threads : thread_counts(settings, machine)) {
    Session session(bound, {.threads = static_cast<int>(threads)});
    for (const Entry &entry : entries) {
      Unit unit = model.encoding != Encoding::none ? Unit::int8 : model.dtype == bf16 ? Unit::bf16 : Unit::f32;
      bool reads = entry.bytes > 0;
      Measured times =
          measure(session, entry.name, entry.inputs, settings.seconds, (reads ? entry.bytes : entry.flops) * 1e-9,
                  [&] { return reads ? machine.bandwidth(threads) : machine.peak(unit, threads); });
      report.add({entry.name, double(threads), times.best * 1e3, times.median * 1e3, entry.tokens / times.median,
                  entry.flops / times.median * 1e-9, entry.bytes / times.median * 1e-9, times.ratio * 100,
                  reads ? std::string("read") : std::string(name_of(unit)) + " peak"});
    }
  }
  return report;
}

} // namespace varve::bench
