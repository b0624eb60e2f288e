// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A file that becomes shorter while it is mapped: an Error where the library reads it, not a SIGBUS.
#include "lib/runtime/File.h"
#include "test/unit/Support.h"
#include "varve/runtime/Npy.h"
#include "varve/runtime/Npz.h"
#include "varve/runtime/Print.h"
#include "varve/weights/Open.h"
#include "varve/weights/Save.h"
#include <catch2/catch.hpp>

using namespace varve;
using namespace varve::test;

TEST_CASE("a mapped file that shrinks is an error where its tensors are read", "[Map]") {
  TemporaryFolder folder;
  for (const char *name : {"m.safetensors", "m.gguf"}) {
    CAPTURE(name);
    weights::save_state_dict(folder / name, {{"w", Tensor::zeros(f32, {100'000})}});
    uintmax_t size = std::filesystem::file_size(folder / name);
    Tensor tensor = weights::open(folder / name).tensors.at("w");
    tensor.expect_intact();
    std::filesystem::resize_file(folder / name, 5000);
    const std::string told = (folder / name).string() + ": expects the " + std::to_string(size) +
                             " bytes that it had when it was mapped, but got 5000";
    auto refused = [&](auto body) { CHECK(contains(error_of(body), told)); };
    CHECK(error_of([&] { tensor.expect_intact(); }) == told);
    refused([&] { (void)tensor.clone(); });
    refused([&] { (void)tensor.reshape({1000, 100}).clone(); });
    refused([&] { (void)tensor.to_vector<float>(); });
    refused([&] { (void)to_text(tensor, PrintStyle::compact); });
    refused([&] { weights::save_state_dict(folder / "n.safetensors", {{"w", tensor}}); });
    refused([&] { weights::save_state_dict(folder / "n.gguf", {{"w", tensor}}); });
    refused([&] { save_npy(folder / "n.npy", tensor); });
    refused([&] { save_npz(folder / "n.npz", {{"w", tensor}}); });
    CHECK_FALSE(std::filesystem::exists(folder / "n.gguf"));
    std::filesystem::resize_file(folder / name, size); // as long again, though with zeros
    tensor.expect_intact();
  }
}

TEST_CASE("a mapped file that is replaced or removed stays as it was", "[Map]") {
  TemporaryFolder folder;
  weights::save_state_dict(folder / "m.gguf", {{"w", Tensor::from<float>({2}, {1, 2})}});
  Tensor tensor = weights::open(folder / "m.gguf").tensors.at("w");
  weights::save_state_dict(folder / "m.gguf", {});
  CHECK(tensor.to_vector<float>() == std::vector<float>{1, 2});
  std::filesystem::remove(folder / "m.gguf");
  CHECK(tensor.to_vector<float>() == std::vector<float>{1, 2});
}
