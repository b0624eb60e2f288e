// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// llama-demo: a Llama that continues a text, from a checkpoint to words on the screen. Read it as the first tutorial: the
// model itself is lib/models/Llama.cpp.
#include "varve/compiler/Compile.h"
#include "varve/models/Llama.h"
#include "varve/runtime/Session.h"
#include "varve/weights/Open.h"
#include "varve/weights/ShippedRules.h"
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>

using namespace varve;

namespace {

const char *const usage = R"(llama-demo CHECKPOINT [options]: continues a text with a Llama
  CHECKPOINT        a folder with config.json and model.safetensors, or a GGUF file; a byte is a token
  --prompt TEXT     the text to continue
  --tokens N        how many bytes to add (220)
  --temperature T   0 takes the likeliest byte each time (0.7)
  --seed N          of the random choice (1)
  --threads N       0 is one for each CPU (0)
  --cache DIR       a folder where compiled code is kept, and found the next time
  --graph FILE      where the graph of one step is written (llama.mlir)
)";

struct Arguments {
  std::string checkpoint, prompt = "In the beginning God created", graph = "llama.mlir", cache;
  int tokens = 220, threads = 0;
  double temperature = 0.7;
  unsigned seed = 1;
};

Arguments parse(int argc, char **argv) {
  Arguments args;
  for (int i = 1; i < argc; ++i) {
    std::string name = argv[i];
    auto value = [&]() -> std::string {
      return i + 1 < argc ? argv[++i] : throw Error("expects a value after " + name);
    };
    if (name == "--help") {
      std::printf("%s", usage);
      std::exit(0);
    }
    if (name == "--prompt")
      args.prompt = value();
    else if (name == "--tokens")
      args.tokens = std::stoi(value());
    else if (name == "--threads")
      args.threads = std::stoi(value());
    else if (name == "--temperature")
      args.temperature = std::stod(value());
    else if (name == "--seed")
      args.seed = std::stoul(value());
    else if (name == "--cache")
      args.cache = value();
    else if (name == "--graph")
      args.graph = value();
    else if (args.checkpoint.empty() && name[0] != '-')
      args.checkpoint = name;
    else
      throw Error("expects CHECKPOINT and the options that --help lists, but got '" + name + "'");
  }
  if (args.checkpoint.empty())
    throw Error("expects a folder with config.json and model.safetensors, or a GGUF file, but got none");
  return args;
}

// Draws the next byte; a temperature of 0 takes the likeliest.
int64_t sample(const Tensor &logits, double temperature, std::mt19937 &random) {
  std::vector<float> scores = logits.to_vector<float>();
  size_t best = std::max_element(scores.begin(), scores.end()) - scores.begin();
  if (temperature <= 0)
    return static_cast<int64_t>(best);
  std::vector<double> weights;
  for (float score : scores)
    weights.push_back(std::exp((score - scores[best]) / temperature));
  return std::discrete_distribution<int64_t>(weights.begin(), weights.end())(random);
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void run(const Arguments &args) {
  // The model, and its weights: mapped from the file, given the names of its layers, and checked against what these
  // declare. A GGUF file says for itself how each weight is stored: blocks of a few bits stay what they are.
  weights::Checkpoint checkpoint = weights::open(args.checkpoint);
  models::LlamaConfig config = models::LlamaConfig::from_checkpoint(checkpoint);
  models::Llama llama(config, models::Logits::last);
  bool gguf = weights::find_checkpoint(args.checkpoint).format == weights::Format::gguf;
  llama.load_state_dict(
      checkpoint, {.cast = gguf, .override_quantization_encoding = gguf, .renames = weights::rules_for(checkpoint)});

  // Two recordings: a prompt of any length, and one token after `past` others. They share weights and KV caches.
  Graph prefill("prefill", llama, {{"ids", tensor_type(i64, {1, "seq"})}, dim_input("past")}, {.outputs = {"logits"}});
  Graph decode("decode", llama, {{"ids", tensor_type(i64, {1, 1})}, dim_input("past")}, {.outputs = {"logits"}});
  std::printf("%s\n", prefill.summary(4).c_str());
  decode.save(args.graph);
  std::printf("The graph of one step is in %s: try varve-opt on it.\n", args.graph.c_str());

  auto start = std::chrono::steady_clock::now();
  Executable exe = compile({&prefill, &decode}, {.cache = args.cache});
  std::printf("Compiled in %.2f s.\n\n", seconds_since(start));

  Session session(exe, {.threads = args.threads});
  std::mt19937 random(args.seed);
  std::vector<int64_t> ids(args.prompt.begin(), args.prompt.end()); // a byte is a token
  for (int64_t &id : ids)
    id &= 255;
  int64_t past = static_cast<int64_t>(ids.size());
  std::printf("%s", args.prompt.c_str());
  std::fflush(stdout);

  start = std::chrono::steady_clock::now();
  Tensor logits = session.run("prefill", {Tensor::from<int64_t>({1, past}, ids), Tensor::from<int64_t>({}, {0})})[0];
  double prompt_time = seconds_since(start);

  start = std::chrono::steady_clock::now();
  int made = 0;
  for (; made < args.tokens && past < config.max_position_embeddings; ++made, ++past) {
    int64_t next = sample(logits, args.temperature, random);
    std::putchar(static_cast<int>(next));
    std::fflush(stdout);
    logits = session.run("decode", {Tensor::from<int64_t>({1, 1}, {next}), Tensor::from<int64_t>({}, {past})})[0];
  }
  double time = seconds_since(start);
  std::printf("\n\nprompt:     %zu tokens, %.0f tokens/s\ngeneration: %d tokens, %.0f tokens/s on %d threads\n",
              ids.size(), static_cast<double>(ids.size()) / prompt_time, made, made / time, session.threads());
}

} // namespace

int main(int argc, char **argv) {
  try {
    run(parse(argc, argv));
  } catch (const std::exception &error) {
    std::fprintf(stderr, "llama-demo: %s\n", error.what());
    return 1;
  }
}
