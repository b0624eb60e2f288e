// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/weights/Save.h"
#include "test/unit/Support.h"
#include "varve/weights/Gguf.h"
#include "varve/weights/Open.h"
#include "varve/weights/Safetensors.h"
#include <catch2/catch.hpp>
#include <csignal>
#include <cstring>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace varve;
using namespace varve::weights;
using namespace varve::test;
namespace fs = std::filesystem;
using Files = std::vector<fs::path>;

namespace {

StateDict five(float value) {
  StateDict state;
  for (const char *name : {"a", "b", "c", "d", "e"})
    state[name] = Tensor::from<float>({4}, {value, 2, 3, 4});
  return state;
}

float first(const fs::path &path) { return weights::open(path).tensors.at("e").data<float>()[0]; }

std::vector<std::string> names_in(const fs::path &folder) {
  std::vector<std::string> names;
  for (const auto &each : fs::directory_iterator(folder))
    names.push_back(each.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

// How a child process ends that runs `body` and may write files of 1000 bytes: as on a disk that is full then, or, with
// `killed`, by a signal in the middle of writing.
template <typename Body> int ended_in_child(bool killed, Body body) {
  pid_t child = ::fork();
  if (child == 0) {
    std::signal(SIGXFSZ, killed ? SIG_DFL : SIG_IGN);
    rlimit none{0, 0}, little{1000, 1000};
    ::setrlimit(RLIMIT_CORE, &none);
    ::setrlimit(RLIMIT_FSIZE, &little);
    ::_exit(contains(error_of(body), ": expects room to write the file, but got 'File too large'") ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  return status;
}

} // namespace

TEST_CASE("a state is saved as the path says", "[Save]") {
  TemporaryFolder folder;
  Metadata metadata = {{"format", "pt"}};
  CHECK(save_state_dict(folder.path, five(1), {.metadata = metadata}) == Files{folder / "model.safetensors"});
  CHECK(save_state_dict(folder / "new/deep", five(2)) == Files{folder / "new/deep/model.safetensors"});
  CHECK(save_state_dict(folder / "x.safetensors", five(3)) == Files{folder / "x.safetensors"});
  CHECK(save_state_dict(folder / "x.gguf", five(4), {.metadata = metadata}) == Files{folder / "x.gguf"});
  CHECK(save_state_dict(folder / "y.gguf", five(5), {.max_shard_bytes = 32}).size() == 3);
  CHECK(first(folder.path) == 1);
  CHECK(first(folder / "new/deep") == 2);
  CHECK(first(folder / "x.safetensors") == 3);
  CHECK(first(folder / "x.gguf") == 4);
  CHECK(first(folder / "y-00002-of-00003.gguf") == 5);
  CHECK(weights::open(folder.path).metadata == metadata);
  CHECK(weights::open(folder / "x.gguf").metadata == metadata);
  CHECK(error_of([&] { save_state_dict(folder / "x.bin", {}); }) ==
        (folder / "x.bin").string() + ": expects a folder, or a file named .safetensors or .gguf, but got 'x.bin'");
  write_text(folder / "file", "");
  CHECK(error_of([&] { save_state_dict(folder / "file/model", {}); }) ==
        (folder / "file/model").string() + ": expects a folder that can be made, but got 'Not a directory'");
}

TEST_CASE("safetensors are sharded with an index as Hugging Face does", "[Save]") {
  TemporaryFolder folder;
  StateDict state = five(1);
  state["b"] = Tensor::zeros(f32, {100}); // larger than a file may be
  Metadata metadata = {{"format", "pt"}};
  Files files = save_state_dict(folder.path, state, {.max_shard_bytes = 32, .metadata = metadata});
  CHECK(files == Files{folder / "model-00001-of-00004.safetensors", folder / "model-00002-of-00004.safetensors",
                       folder / "model-00003-of-00004.safetensors", folder / "model-00004-of-00004.safetensors",
                       folder / "model.safetensors.index.json"});
  std::vector<std::byte> index = read_bytes(files.back());
  CHECK(std::string(reinterpret_cast<const char *>(index.data()), index.size()) == R"({
  "metadata": {
    "total_size": 464
  },
  "weight_map": {
    "a": "model-00001-of-00004.safetensors",
    "b": "model-00002-of-00004.safetensors",
    "c": "model-00003-of-00004.safetensors",
    "d": "model-00003-of-00004.safetensors",
    "e": "model-00004-of-00004.safetensors"
  }
}
)");
  Checkpoint checkpoint = weights::open(folder.path);
  CHECK(checkpoint.tensors.size() == 5);
  CHECK(checkpoint.metadata == Metadata{{"format", "pt"}, {"total_size", "464"}});
  // What was read is written again, over itself: it is mapped, and the old files live as long as the map.
  save_state_dict(folder.path, checkpoint, {.max_shard_bytes = 32, .metadata = checkpoint.metadata});
  CHECK(weights::open(folder.path).metadata == checkpoint.metadata);
  CHECK(first(folder.path) == 1);
}

TEST_CASE("a checkpoint of either form replaces one of either form, and leaves nothing of it", "[Save]") {
  TemporaryFolder folder;
  write_text(folder / "config.json", "{}");
  write_text(folder / "other-00001-of-00001.safetensors", "");
  using Names = std::vector<std::string>;
  save_state_dict(folder.path, five(1), {.max_shard_bytes = 48});
  save_state_dict(folder.path, five(2), {.max_shard_bytes = 48});
  CHECK(first(folder.path) == 2);
  CHECK(names_in(folder.path) == Names{"config.json", "model.2-00001-of-00002.safetensors",
                                       "model.2-00002-of-00002.safetensors", "model.safetensors.index.json",
                                       "other-00001-of-00001.safetensors"});
  save_state_dict(folder.path, five(3), {.max_shard_bytes = 48});
  CHECK(names_in(folder.path) == Names{"config.json", "model-00001-of-00002.safetensors",
                                       "model-00002-of-00002.safetensors", "model.safetensors.index.json",
                                       "other-00001-of-00001.safetensors"});
  save_state_dict(folder.path, five(4));
  CHECK(first(folder.path) == 4);
  CHECK(names_in(folder.path) == Names{"config.json", "model.safetensors", "other-00001-of-00001.safetensors"});
  save_state_dict(folder.path, five(5), {.max_shard_bytes = 48});
  CHECK(first(folder.path) == 5);
  CHECK(names_in(folder.path) == Names{"config.json", "model-00001-of-00002.safetensors",
                                       "model-00002-of-00002.safetensors", "model.safetensors.index.json",
                                       "other-00001-of-00001.safetensors"});
}

TEST_CASE("a full disk leaves the old checkpoint whole and nothing of the new one", "[Save]") {
  StateDict large = {{"a", Tensor::zeros(f32, {8})}, {"e", Tensor::zeros(f32, {10'000})}};
  for (const char *name : {"m.safetensors", "m.gguf"})
    for (uint64_t most : {0, 32}) {
      CAPTURE(name, most);
      TemporaryFolder folder;
      save_state_dict(folder / name, five(1));
      std::vector<std::string> before = names_in(folder.path);
      CHECK(ended_in_child(false, [&] { save_state_dict(folder / name, large, {.max_shard_bytes = most}); }) == 0);
      CHECK(first(folder / name) == 1);
      CHECK(names_in(folder.path) == before);
    }
}

TEST_CASE("a kill in the middle leaves the old checkpoint whole", "[Save]") {
  StateDict large = {{"a", Tensor::zeros(f32, {8})}, {"e", Tensor::zeros(f32, {10'000})}};
  for (const char *name : {"m.safetensors", "m.gguf"}) {
    CAPTURE(name);
    TemporaryFolder folder;
    save_state_dict(folder / name, five(1));
    int status = ended_in_child(true, [&] { save_state_dict(folder / name, large); });
    CHECK(WIFSIGNALED(status));
    CHECK(first(folder / name) == 1);
  }
  TemporaryFolder folder; // shards over shards: the index tells the old ones from those that are half there
  save_state_dict(folder.path, five(1), {.max_shard_bytes = 48});
  int status = ended_in_child(true, [&] { save_state_dict(folder.path, large, {.max_shard_bytes = 48}); });
  CHECK(WIFSIGNALED(status));
  CHECK(first(folder.path) == 1);
  save_state_dict(folder.path, five(2), {.max_shard_bytes = 48});
  CHECK(first(folder.path) == 2);
}

TEST_CASE("FP8 goes to safetensors, and no other blocks do", "[Save]") {
  TemporaryFolder folder;
  Tensor bytes = Tensor::from<uint8_t>({2, 3, 1}, {1, 2, 3, 4, 5, 6});
  StateDict state = {{"a", Tensor::encoded(Encoding::f8e4m3, bytes)}, {"b", Tensor::encoded(Encoding::f8e5m2, bytes)}};
  save_safetensors(folder / "m.safetensors", state);
  Checkpoint checkpoint = weights::open(folder / "m.safetensors");
  CHECK(checkpoint.tensors.at("a").type() == "f8e4m3 [2, 3]");
  CHECK(checkpoint.tensors.at("b").type() == "f8e5m2 [2, 3]");
  CHECK(std::memcmp(checkpoint.tensors.at("b").data(), bytes.data(), 6) == 0);
  Tensor q4 = Tensor::encoded(Encoding::q4_0, Tensor::zeros(u8, {2, 18}));
  CHECK(error_of([&] { save_safetensors(folder / "n.safetensors", {{"w", q4}}); }) ==
        (folder / "n.safetensors").string() +
            ": tensor 'w': expects a type that safetensors has, but got blocks of q4_0 [64] (GGUF has them)");
  CHECK(error_of([&] { save_safetensors(folder / "n.safetensors", {}, {{"k", uint32_t(3)}}); }) ==
        (folder / "n.safetensors").string() +
            ": metadata 'k': expects a string, being all that safetensors has, but got u32 3");
}
