// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/Encoding.h"
#include "test/unit/Support.h"
#include "varve/Device.h"
#include <catch2/catch.hpp>

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
