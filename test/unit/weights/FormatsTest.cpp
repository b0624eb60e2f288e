// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Files that the packages safetensors, gguf and numpy wrote (test/data/formats/make.py).
#include "lib/runtime/File.h"
#include "lib/runtime/Json.h"
#include "lib/runtime/npy/NpzDirectory.h"
#include "test/unit/Support.h"
#include "varve/runtime/Npz.h"
#include "varve/weights/Gguf.h"
#include "varve/weights/Open.h"
#include "varve/weights/Save.h"
#include <catch2/catch.hpp>
#include <cstdlib>

using namespace varve;
using namespace varve::weights;
using namespace varve::test;

namespace {

const std::filesystem::path folder = VARVE_TEST_DATA "/formats";

runtime::json::Value expected() {
  std::vector<std::byte> bytes = read_bytes(folder / "tensors.json");
  return runtime::json::parse({reinterpret_cast<const char *>(bytes.data()), bytes.size()}, "tensors.json");
}

} // namespace

TEST_CASE("the tensors of other people's files are read", "[Formats]") {
  const runtime::json::Value files = expected();
  for (const auto &[file, tensors] : files.items()) {
    CAPTURE(file);
    Checkpoint checkpoint = weights::open(folder / file);
    CHECK(checkpoint.tensors.size() == tensors.size());
    CHECK(checkpoint.sources.size() == tensors.size());
    CHECK(checkpoint.realigned.empty());
    for (const auto &[name, fields] : tensors.items()) {
      CAPTURE(name);
      REQUIRE(checkpoint.tensors.contains(name));
      const Tensor &tensor = checkpoint.tensors.at(name);
      auto shape = fields["shape"].get<std::vector<int64_t>>();
      CHECK(tensor.type() == fields["type"].get<std::string>() + " " + shape_text(shape));
      CHECK(runtime::crc32({static_cast<const std::byte *>(tensor.data()), tensor.bytes()}) ==
            fields["crc"].get<uint32_t>());
    }
  }
}

TEST_CASE("the metadata of other people's files are read", "[Formats]") {
  CHECK(weights::open(folder / "types.safetensors").metadata ==
        Metadata{{"format", "pt"}, {"empty", ""}, {"text", "é \"quoted\"\n"}});
  CHECK(weights::open(folder / "sharded").metadata == Metadata{{"format", "pt"}, {"total_size", "640"}});
  CHECK(weights::open(folder / "version-2.gguf").metadata ==
        Metadata{{"general.architecture", "llama"}, {"general.alignment", uint32_t(64)}});
  CHECK(weights::open(folder / "split-00003-of-00003.gguf").metadata ==
        Metadata{{"general.architecture", "llama"}, {"llama.block_count", uint32_t(5)}});
  MetadataArray first{std::vector<int32_t>{0, 1}}, second{std::vector<int32_t>{1, 2}};
  CHECK(weights::open(folder / "nested.gguf").metadata ==
        Metadata{{"nested", std::vector<MetadataArray>{first, second}}, {"none", std::vector<std::string>()}});

  Metadata metadata = weights::open(folder / "types.gguf").metadata;
  std::vector<int32_t> numbers(1000);
  for (int32_t i = 0; i < 1000; ++i)
    numbers[static_cast<size_t>(i)] = i;
  CHECK(metadata.at("many.long") == numbers);
  metadata.erase("many.long");
  Metadata want = {{"general.architecture", "llama"}};
  auto add = [&]<typename T>(const std::string &name, T a, T b) {
    want["one." + name + ".0"] = a;
    want["one." + name + ".1"] = b;
    want["many." + name] = std::vector<T>{a, b};
  };
  add("uint8", uint8_t(0), uint8_t(200));
  add("int8", int8_t(-128), int8_t(127));
  add("uint16", uint16_t(0), uint16_t(65535));
  add("int16", int16_t(-32768), int16_t(1));
  add("uint32", uint32_t(0), UINT32_MAX);
  add("int32", INT32_MIN, int32_t(2));
  add("float32", 0.5f, -1.25f);
  add("bool", true, false);
  add("string", std::string("text é"), std::string());
  add("uint64", uint64_t(0), UINT64_MAX);
  add("int64", INT64_MIN, int64_t(3));
  add("float64", 0.1, -1e300);
  CHECK(metadata == want);
}

TEST_CASE("what is not for us of other people's files is refused", "[Formats]") {
  CHECK(error_of([] { open_gguf(folder / "big-endian.gguf"); }) ==
        (folder / "big-endian.gguf").string() +
            ": byte 4: expects a little-endian file, but got a big-endian one (of version 3)");
  CHECK(contains(error_of([] { load_npz(folder / "compressed.npz"); }),
                 "expects members that are stored as they are (numpy.savez), but got 'x.npy' with compression method 8 "
                 "(numpy.savez_compressed?)"));
}

// For test/data/formats/check.py, which opens them with the packages.
TEST_CASE("every file is written anew", "[.write]") {
  const char *to = std::getenv("VARVE_WRITE_TO");
  REQUIRE(to);
  std::filesystem::path out = to;
  for (const char *file : {"types.gguf", "aligned.gguf", "nested.gguf", "types.safetensors"}) {
    Checkpoint checkpoint = weights::open(folder / file);
    save_state_dict(out / file, checkpoint, {.metadata = checkpoint.metadata});
  }
  Checkpoint old = open_gguf(folder / "version-2.gguf");
  save_gguf(out / "version-2.gguf", old, old.metadata, {.version = 2});
  Checkpoint split = open_gguf(folder / "split-00001-of-00003.gguf");
  save_state_dict(out / "split.gguf", split, {.max_shard_bytes = 136, .metadata = split.metadata});
  Checkpoint sharded = weights::open(folder / "sharded");
  save_state_dict(out / "sharded", sharded, {.max_shard_bytes = 400, .metadata = sharded.metadata});
  StateDict arrays = load_npz(folder / "arrays.npz");
  save_npz(out / "arrays.npz", arrays);
  runtime::write_npz(out / "large.npz", arrays, 1); // in the form for large archives
}
