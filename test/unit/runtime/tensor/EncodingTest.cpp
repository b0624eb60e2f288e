// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/Encoding.h"
#include "test/unit/Support.h"
#include "varve/Device.h"
#include "varve/runtime/Npy.h"
#include "varve/runtime/Npz.h"
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>

using namespace varve;
using test::error_of;

TEST_CASE("an encoding has a name and a block") {
  for (const EncodingInfo &info : encodings())
    CHECK(encoding_from_name(info.name) == info.encoding);
  CHECK(info_of(Encoding::q4_k).elements == 256);
  CHECK(info_of(Encoding::q4_k).bytes == 144);
  CHECK(name_of(Encoding::none) == "none");
  CHECK(error_of([] { encoding_from_name("q9"); }) ==
        "expects an encoding (none, q4_0, q4_1, q5_0, q5_1, q8_0, q4_k, q5_k, q6_k, mxfp4, nvfp4, f8e4m3, f8e5m2), "
        "but got 'q9'");
}

TEST_CASE("a device has a kind and a number") {
  CHECK(cpu().str() == "cpu:0");
  CHECK(cuda(3).str() == "cuda:3");
  CHECK(Device::parse("cuda") == cuda(0));
  CHECK(Device::parse("cpu:12") == cpu(12));
  for (const char *text : {"", "gpu:0", "cuda:", "cuda:-1", "cuda:1x", "cuda1"})
    CHECK(error_of([&] { Device::parse(text); }) ==
          "expects a device such as cpu:0 or cuda:1, but got '" + std::string(text) + "'");
}

TEST_CASE("blocks stand for the floats that gguf-py, or PyTorch, makes of them, bit for bit") {
  StateDict golden = load_npz(VARVE_TEST_DATA "/encodings/blocks.npz");
  for (const EncodingInfo &info : encodings()) {
    if (info.encoding == Encoding::none)
      continue;
    std::string name(info.name);
    INFO(name);
    Tensor floats = Tensor::encoded(info.encoding, golden.at(name + ".blocks")).to(f32);
    const Tensor &expected = golden.at(name);
    REQUIRE(floats.shape() == expected.shape());
    int64_t differ = 0;
    for (int64_t i = 0; i < floats.size(); ++i) {
      float a = floats.data<float>()[i], b = expected.data<float>()[i];
      bool same = std::isnan(a) ? std::isnan(b) : std::bit_cast<uint32_t>(a) == std::bit_cast<uint32_t>(b);
      differ += same ? 0 : 1;
    }
    CHECK(differ == 0);
  }
  CHECK(Tensor::encoded(Encoding::q8_0, Tensor::zeros(u8, {2, 3, 34})).to(bf16).type() == "bf16 [2, 96]");
  CHECK(error_of([] { Tensor::encoded(Encoding::q8_0, Tensor::zeros(u8, {34})).to(i32); }) ==
        "expects floats to be made another float type, but got q8_0 [32] to i32");
}
