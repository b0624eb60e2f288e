// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How long opening large checkpoints takes, and how much memory: varve-weights-test "[.measure]" -s, which needs 3 GB of
// disk.
#include "test/unit/Support.h"
#include "varve/weights/Open.h"
#include "varve/weights/Save.h"
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdio>

using namespace varve;
using namespace varve::test;

namespace {

// The most memory that this process has had, in MB.
long peak() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:"))
      return std::stol(line.substr(6)) / 1024;
  return -1;
}

// So many tensors of 16 MiB, all of one memory.
StateDict many(const Tensor &tensor, size_t count) {
  StateDict state;
  for (size_t i = 0; i < count; ++i)
    state["model.layers." + std::to_string(i) + ".weight"] = tensor;
  return state;
}

void measure(const char *what, const std::filesystem::path &path) {
  double best = 1e9, first = 0;
  for (int run = 0; run < 5; ++run) {
    auto start = std::chrono::steady_clock::now();
    weights::Checkpoint checkpoint = weights::open(path);
    double ms = std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
    best = std::min(best, ms);
    first = run == 0 ? ms : first;
    size_t bytes = 0, copied = 0;
    for (const auto &[name, tensor] : checkpoint.tensors)
      (tensor.read_only() ? bytes : copied) += tensor.bytes();
    CHECK(copied == 0);
    CHECK(ms < 50);
    if (run == 4)
      std::printf(
          "%s: %zu tensors, %.2f GB; opened in %.2f ms at first, %.2f ms at best; copied %zu bytes; peak %ld MB\n",
          what, checkpoint.tensors.size(), static_cast<double>(bytes) / 1e9, first, best, copied, peak());
  }
}

} // namespace

TEST_CASE("large checkpoints are opened in no time and no memory", "[.measure]") {
  TemporaryFolder folder;
  Tensor floats = Tensor::zeros(f32, {1024, 4096}), blocks = Tensor::zeros(u8, {4096, 228, 18});
  std::printf("peak before: %ld MB\n", peak());
  weights::save_state_dict(folder / "folder", many(floats, 125), {.max_shard_bytes = 500'000'000});
  std::printf("peak after writing 2 GB of safetensors: %ld MB\n", peak());
  measure("safetensors folder", folder / "folder");

  std::vector<std::string> tokens(150'000);
  for (size_t i = 0; i < tokens.size(); ++i)
    tokens[i] = "token" + std::to_string(i);
  weights::Metadata metadata = {{"tokenizer.ggml.tokens", tokens},
                                {"tokenizer.ggml.scores", std::vector<float>(tokens.size())},
                                {"tokenizer.ggml.token_type", std::vector<int32_t>(tokens.size())}};
  StateDict state = many(Tensor::encoded(Encoding::q4_0, blocks), 60);
  weights::save_state_dict(folder / "m.gguf", state, {.metadata = metadata});
  std::printf("peak after writing 1 GB of GGUF: %ld MB\n", peak());
  measure("GGUF file, with a vocabulary of 150,000", folder / "m.gguf");
}
