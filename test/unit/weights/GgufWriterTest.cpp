// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/unit/Support.h"
#include "varve/weights/Gguf.h"
#include <catch2/catch.hpp>
#include <cstring>

using namespace varve;
using namespace varve::weights;
using namespace varve::test;
namespace fs = std::filesystem;

namespace {

Tensor blocks(Encoding encoding, std::vector<int64_t> shape) {
  shape.push_back(info_of(encoding).bytes);
  Tensor tensor = Tensor::empty(u8, std::move(shape));
  for (size_t i = 0; i < tensor.bytes(); ++i)
    static_cast<uint8_t *>(tensor.mutable_data())[i] = static_cast<uint8_t>(i * 37 + i / 251);
  return Tensor::encoded(encoding, tensor);
}

void check_equal(const StateDict &found, const StateDict &wanted) {
  REQUIRE(found.size() == wanted.size());
  for (const auto &[name, tensor] : wanted) {
    CAPTURE(name);
    CHECK(found.at(name).type() == tensor.type());
    CHECK(std::memcmp(found.at(name).data(), tensor.data(), tensor.bytes()) == 0);
  }
}

} // namespace

TEST_CASE("what is written as GGUF is read again", "[GgufWriter]") {
  TemporaryFolder folder;
  StateDict state = {{"scalar", Tensor::from<float>({}, {7})}, {"none", Tensor::zeros(f16, {0, 3})}};
  for (DType dtype : {f32, f16, bf16, i8, i32, i64})
    state[std::string(name_of(dtype))] = Tensor::zeros(dtype, {3, 1, 5});
  for (Encoding encoding : {Encoding::q4_0, Encoding::q4_1, Encoding::q5_0, Encoding::q5_1, Encoding::q8_0,
                            Encoding::q4_k, Encoding::q5_k, Encoding::q6_k, Encoding::mxfp4, Encoding::nvfp4})
    state[std::string(name_of(encoding))] = blocks(encoding, {3, 2});
  Metadata metadata = {{"general.architecture", "llama"},
                       {"list", std::vector<std::string>{"a", ""}},
                       {"flags", std::vector<bool>{true, false}},
                       {"nested", std::vector<MetadataArray>{{std::vector<double>{0.5}}, {std::vector<int8_t>{}}}},
                       {"number", -3.0}};
  for (uint32_t alignment : {0, 1, 8, 4096})
    for (uint32_t version : {2, 3}) {
      CAPTURE(alignment, version);
      if (alignment != 0)
        metadata["general.alignment"] = alignment;
      CHECK(save_gguf(folder / "m.gguf", state, metadata, {.version = version}) ==
            std::vector<fs::path>{folder / "m.gguf"});
      CHECK(read_bytes(folder / "m.gguf")[4] == std::byte(version));
      Checkpoint checkpoint = open_gguf(folder / "m.gguf");
      check_equal(checkpoint.tensors, state);
      CHECK(checkpoint.metadata == metadata);
      for (const auto &[name, source] : checkpoint.sources)
        CHECK(source.offset % std::max(alignment, 1u) == 0);
    }
  save_gguf(folder / "none.gguf", {}, {});
  CHECK(open_gguf(folder / "none.gguf").tensors.empty());
}

TEST_CASE("a GGUF checkpoint is split by size, and never over other files", "[GgufWriter]") {
  TemporaryFolder folder;
  StateDict state;
  for (const char *name : {"a", "b", "c", "d", "e"})
    state[name] = Tensor::from<float>({4}, {1, 2, 3, 4});
  state["b"] = Tensor::zeros(f32, {100}); // larger than a file may be
  Metadata metadata = {{"k", "v"}, {"general.alignment", uint32_t(64)}};
  std::vector<fs::path> files = save_gguf(folder / "m.gguf", state, metadata, {.max_file_bytes = 32});
  CHECK(files == std::vector<fs::path>{folder / "m-00001-of-00004.gguf", folder / "m-00002-of-00004.gguf",
                                       folder / "m-00003-of-00004.gguf", folder / "m-00004-of-00004.gguf"});
  Checkpoint checkpoint = open_gguf(files[2]);
  check_equal(checkpoint.tensors, state);
  CHECK(checkpoint.metadata == metadata);
  CHECK(checkpoint.sources.at("d").file == files[2].string());
  CHECK(error_of([&] { save_gguf(folder / "m.gguf", state, metadata, {.max_file_bytes = 32}); }) ==
        files[0].string() + ": expects no file of this name, several files being written that cannot replace others "
                            "at once, but got one");
  CHECK(save_gguf(folder / "m.gguf", state, metadata, {.max_file_bytes = 1000}) ==
        std::vector<fs::path>{folder / "m.gguf"});
}

TEST_CASE("what GGUF has not is told, and the old file stays", "[GgufWriter]") {
  TemporaryFolder folder;
  write_text(folder / "m", "old");
  auto told = [&](const StateDict &state, const Metadata &metadata = {}, GgufOptions options = {}) {
    std::string error = error_of([&] { save_gguf(folder / "m", state, metadata, options); });
    std::string begin = (folder / "m").string() + ": ";
    return error.starts_with(begin) ? error.substr(begin.size()) : error;
  };
  const std::string types =
      "F32, F16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K, I8, I32, I64, BF16, MXFP4, NVFP4";
  CHECK(told({{"a", Tensor::zeros(u8, {2})}}) ==
        "tensor 'a': expects a type that GGUF has (" + types + "), but got u8 [2]");
  CHECK(told({{"a", Tensor::zeros(boolean, {2})}}) ==
        "tensor 'a': expects a type that GGUF has (" + types + "), but got bool [2]");
  CHECK(told({{"a", blocks(Encoding::f8e4m3, {2})}}) ==
        "tensor 'a': expects a type that GGUF has (" + types + "), but got f8e4m3 [2]");
  CHECK(told({{"a", Tensor::zeros(f32, {1, 1, 1, 1, 1})}}) ==
        "tensor 'a': expects at most 4 dimensions, but got f32 [1, 1, 1, 1, 1]");
  CHECK(told({{"", Tensor::zeros(f32, {1})}}) == "expects a tensor's name of 1 to 65535 bytes, but got 0");
  CHECK(told({}, {{"", "x"}}) == "expects a key of metadata of 1 to 65535 bytes, but got 0");
  CHECK(told({}, {{"split.no", uint16_t(1)}}) ==
        "expects metadata without what is said of a split as it is written, but got 'split.no'");
  CHECK(told({}, {{"general.alignment", uint32_t(48)}}) ==
        "expects general.alignment to be a power of two up to 65536 as u32, but got u32 48");
  CHECK(told({}, {{"general.alignment", int32_t(32)}}) ==
        "expects general.alignment to be a power of two up to 65536 as u32, but got i32 32");
  CHECK(told({}, {}, {.version = 1}) == "expects GGUF of version 2 or 3, but got version 1");
  CHECK(told({{"a", Tensor()}}) == "expects a tensor, but got none (a default-made Tensor)");
  CHECK(read_bytes(folder / "m").size() == 3);
}
