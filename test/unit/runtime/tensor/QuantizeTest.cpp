// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/unit/Support.h"
#include "varve/runtime/Npz.h"
#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>

using namespace varve;
using test::error_of;

// How many blocks are others.
static int64_t differences(const Tensor &found, const Tensor &expected) {
  const EncodingInfo &info = info_of(found.encoding());
  REQUIRE(found.bytes() == expected.bytes());
  auto *a = static_cast<const char *>(found.data()), *b = static_cast<const char *>(expected.data());
  int64_t count = 0;
  for (size_t at = 0; at < found.bytes(); at += static_cast<size_t>(info.bytes))
    count += std::memcmp(a + at, b + at, static_cast<size_t>(info.bytes)) != 0;
  return count;
}

TEST_CASE("floats become the blocks that gguf-py, or PyTorch, makes of them, bit for bit", "[quantize]") {
  StateDict golden = load_npz_bf16(VARVE_TEST_DATA "/encodings/quantized.npz");
  int64_t seen = 0;
  for (const EncodingInfo &info : encodings()) {
    std::string name(info.name);
    INFO(name);
    CHECK(golden.contains(name + ".f32") == quantizes(info.encoding));
    if (!quantizes(info.encoding))
      continue;
    ++seen;
    for (const char *source : {"f32", "f16", "bf16"}) {
      INFO(source);
      const Tensor &floats = golden.at(source);
      REQUIRE(name_of(floats.dtype()) == source);
      Tensor blocks = floats.to(info.encoding);
      CHECK(blocks.encoding() == info.encoding);
      CHECK(blocks.logical_shape() == floats.shape());
      CHECK(differences(blocks, golden.at(name + "." + source)) == 0);
    }
  }
  CHECK(seen == 8);
}

TEST_CASE("blocks that became floats become the blocks that gguf-py makes of these", "[quantize]") {
  StateDict blocks = load_npz(VARVE_TEST_DATA "/encodings/blocks.npz");
  StateDict golden = load_npz_bf16(VARVE_TEST_DATA "/encodings/quantized.npz");
  for (const EncodingInfo &info : encodings()) {
    std::string name(info.name);
    if (!quantizes(info.encoding) || info.elements == 1)
      continue;
    INFO(name);
    std::vector<float> all = Tensor::encoded(info.encoding, blocks.at(name + ".blocks")).to(f32).to_vector<float>(),
                       finite;
    for (auto at = all.begin(); at != all.end(); at += 32)
      if (std::all_of(at, at + 32, [](float x) { return std::isfinite(x); }))
        finite.insert(finite.end(), at, at + 32);
    auto size = static_cast<int64_t>(finite.size());
    CHECK(differences(Tensor::from<float>({size}, finite).to(info.encoding), golden.at(name + ".again")) == 0);
  }
}

TEST_CASE("every bf16, every tie and every limit becomes the FP8 that PyTorch makes of it", "[quantize]") {
  StateDict golden = load_npz_bf16(VARVE_TEST_DATA "/encodings/quantized.npz");
  std::vector<float> every(0x10000);
  for (uint32_t bits = 0; bits < 0x10000; ++bits)
    every[bits] = std::bit_cast<float>(bits << 16);
  for (Encoding encoding : {Encoding::f8e4m3, Encoding::f8e5m2}) {
    std::string name(name_of(encoding));
    INFO(name);
    CHECK(differences(Tensor::from<float>({0x10000}, every).to(encoding), golden.at(name + ".every-bf16")) == 0);
    CHECK(differences(golden.at(name + ".ties").to(encoding), golden.at(name + ".of-ties")) == 0);
  }
}

TEST_CASE("what was quantised stays the same when it is quantised again", "[quantize]") {
  StateDict blocks = load_npz(VARVE_TEST_DATA "/encodings/blocks.npz");
  for (Encoding encoding : {Encoding::f8e4m3, Encoding::f8e5m2}) {
    Tensor every = Tensor::encoded(encoding, blocks.at(std::string(name_of(encoding)) + ".blocks"));
    int64_t nan = encoding == Encoding::f8e5m2 ? 4 : 0; // of three NaN of each sign one is made
    CHECK(differences(every.to(f32).to(encoding), every) == nan);
    CHECK(differences(every.to(bf16).to(encoding), every) == nan);
  }
  // Where the farthest element is a level, the scale is found again exactly.
  std::vector<float> values;
  for (uint32_t i = 0, bits = 1; i < 64 * 32; ++i, bits = bits * 1664525 + 1013904223)
    values.push_back(static_cast<float>(static_cast<int32_t>(bits)) * 0x1p-30F);
  for (Encoding encoding : {Encoding::q4_0, Encoding::q5_0, Encoding::q8_0}) {
    Tensor once = Tensor::from<float>({32, 64}, values).to(encoding);
    CHECK(differences(once.to(f32).to(encoding), once) == 0);
  }
}

TEST_CASE("any number of whole blocks is quantised", "[quantize]") {
  CHECK(Tensor::zeros(f32, {2, 0}).to(Encoding::q8_0).type() == "q8_0 [2, 0]");
  CHECK(Tensor::zeros(f32, {0, 32}).to(Encoding::q8_0).type() == "q8_0 [0, 32]");
  CHECK(Tensor::zeros(f16, {64}).to(Encoding::q4_1).shape() == std::vector<int64_t>{2, 20});
  CHECK(Tensor::zeros(f32, {3, 5}).to(Encoding::f8e5m2).shape() == std::vector<int64_t>{3, 5, 1});
  std::vector<float> many(3 * 96 * 32); // more than one piece of a 16-bit type
  for (size_t i = 0; i < many.size(); ++i)
    many[i] = static_cast<float>(static_cast<int>(i * 37 % 512) - 256);
  Tensor floats = Tensor::from<float>({3, 96, 32}, many);
  CHECK(differences(floats.to(f16).to(Encoding::q5_1), floats.to(Encoding::q5_1)) == 0);
}

TEST_CASE("what cannot be quantised is refused", "[quantize]") {
  Tensor floats = Tensor::zeros(f32, {2, 48});
  CHECK(error_of([&] { floats.to(Encoding::q4_0); }) ==
        "expects a last axis of whole blocks of 32 to be made q4_0, but got f32 [2, 48]");
  CHECK(error_of([&] { Tensor::zeros(f32, {}).to(Encoding::f8e4m3); }) ==
        "expects a last axis of whole blocks of 1 to be made f8e4m3, but got f32 []");
  CHECK(error_of([&] { Tensor::zeros(i32, {32}).to(Encoding::q4_0); }) ==
        "expects floats to be made q4_0, but got i32 [32]");
  CHECK(error_of([&] { Tensor::zeros(f32, {32}).to(Encoding::q8_0).to(Encoding::q4_0); }) ==
        "expects floats to be made q4_0, but got q8_0 [32]");
  for (Encoding encoding : {Encoding::none, Encoding::q4_k, Encoding::q5_k, Encoding::q6_k, Encoding::nvfp4})
    CHECK(
        error_of([&] { floats.to(encoding); }) ==
        "expects an encoding that floats can be made (q4_0, q4_1, q5_0, q5_1, q8_0, mxfp4, f8e4m3, f8e5m2), but got " +
            std::string(name_of(encoding)));
}
