// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "test/unit/runtime/Fake.h"
#include "varve/runtime/varve.h"
#include <catch2/catch.hpp>
#include <memory>
#include <thread>

using namespace varve;
using namespace varve::test;

extern "C" int run_from_c(const char *path, float *result);

namespace {

struct Loaded {
  TemporaryFolder folder;
  std::string path = (folder / "a.varve").string();
  std::unique_ptr<varve_executable, void (*)(varve_executable *)> executable{nullptr, varve_executable_free};

  Loaded() {
    fake().save(path);
    executable.reset(varve_executable_load(path.c_str()));
    REQUIRE(executable);
  }
};

} // namespace

TEST_CASE("a model runs from C", "[CApi]") {
  Loaded loaded;
  std::vector<float> result(6);
  CAPTURE(varve_last_error());
  REQUIRE(run_from_c(loaded.path.c_str(), result.data()) == 0);
  CHECK(result == std::vector<float>{1.5f, 5.25f, 8, 10.5f, 26.25f, 41});
}

TEST_CASE("what fails in C gives a status and a text", "[CApi]") {
  CHECK(varve_executable_load("/none.varve") == nullptr);
  CHECK(std::string(varve_last_error()) ==
        "/none.varve: expects a file that can be read, but got 'No such file or directory'");
  CHECK(varve_executable_load(nullptr) == nullptr);
  CHECK(std::string(varve_last_error()) == "expects a path, but got null");
  CHECK(varve_session_create(nullptr, 0) == nullptr);
  CHECK(std::string(varve_last_error()) == "expects an executable, but got null");
  CHECK(varve_executable_bind_weights(nullptr, nullptr, nullptr, 0) == 1);
  CHECK(varve_session_reset(nullptr) == 1);
  CHECK(varve_session_run(nullptr, nullptr, nullptr, 0, nullptr, 0) == 1);
  CHECK(std::string(varve_last_error()) == "expects a session, but got null");
  varve_executable_free(nullptr);
  varve_session_free(nullptr);

  Loaded loaded;
  CHECK(varve_session_create(loaded.executable.get(), -1) == nullptr);
  CHECK(std::string(varve_last_error()) == "expects 0 to 1024 threads, but got -1");
  CHECK(varve_executable_bind_weights(loaded.executable.get(), nullptr, nullptr, 0) == 1);
  CHECK(contains(varve_last_error(), "weight 'head.bias' expects f32 [3], but got none"));
  CHECK(varve_executable_bind_weights(loaded.executable.get(), nullptr, nullptr, 1) == 1);
  CHECK(std::string(varve_last_error()) == "expects names, but got null");

  float value = 0;
  int64_t shape[1] = {1};
  DLTensor tensor = {&value, {kDLCPU, 0}, 1, {kDLFloat, 32, 1}, shape, nullptr, 0};
  const char *names[2] = {"a", "a"};
  const DLTensor *tensors[2] = {&tensor, &tensor};
  CHECK(varve_executable_bind_weights(loaded.executable.get(), names, tensors, 2) == 1);
  CHECK(std::string(varve_last_error()) == "expects each weight once, but got 'a' twice");
  tensor.device.device_type = kDLCUDA;
  CHECK(varve_executable_bind_weights(loaded.executable.get(), names, tensors, 1) == 1);
  CHECK(contains(varve_last_error(), "expects a DLPack tensor on the CPU"));
  tensors[0] = nullptr;
  CHECK(varve_executable_bind_weights(loaded.executable.get(), names, tensors, 1) == 1);
  CHECK(std::string(varve_last_error()) == "expects a tensor for each weight, but got null");
}

TEST_CASE("packed weights are kept from C", "[CApi]") {
  Loaded loaded;
  StateDict state = fake_state();
  std::vector<std::unique_ptr<DLManagedTensorVersioned, void (*)(DLManagedTensorVersioned *)>> held;
  std::vector<const char *> names;
  std::vector<const DLTensor *> tensors;
  for (const auto &[name, tensor] : state) {
    held.emplace_back(tensor.to_dlpack_versioned(), [](DLManagedTensorVersioned *self) { self->deleter(self); });
    names.push_back(name.c_str());
    tensors.push_back(&held.back()->dl_tensor);
  }
  std::string packed = (loaded.folder / "packed").string();
  auto bind = [&](const char *file, const char *version) {
    return varve_executable_bind_weights_packed(loaded.executable.get(), names.data(), tensors.data(), 2, file,
                                                version);
  };
  CHECK(bind(nullptr, nullptr) == 1);
  CHECK(std::string(varve_last_error()) == "expects the path of a file for packed weights, but got null");
  REQUIRE(bind(packed.c_str(), nullptr) == 0);
  auto made = std::filesystem::last_write_time(packed);
  std::vector<std::byte> bytes = read_bytes(packed);
  REQUIRE(bind(packed.c_str(), nullptr) == 0);
  CHECK(read_bytes(packed) == bytes);
  CHECK(std::filesystem::last_write_time(packed) == made);
  REQUIRE(bind(packed.c_str(), "v1") == 0); // why it is made anew is on stderr
  CHECK(read_bytes(packed) != bytes);
  write_text(packed, "something else");
  CHECK(bind(packed.c_str(), "v1") == 1);
  CHECK(contains(varve_last_error(), "packed: expects a file of packed weights"));
}

TEST_CASE("a run that fails in C writes no output", "[CApi]") {
  Loaded loaded;
  std::unique_ptr<varve_session, void (*)(varve_session *)> session(varve_session_create(loaded.executable.get(), 1),
                                                                    varve_session_free);
  REQUIRE(session);
  DLManagedTensorVersioned *output = nullptr;
  CHECK(varve_session_run(session.get(), nullptr, nullptr, 0, &output, 1) == 1);
  CHECK(std::string(varve_last_error()) == "expects the name of an entry (linear, lookup), but got none");
  CHECK(varve_session_run(session.get(), "linear", nullptr, 0, &output, 2) == 1);
  CHECK(std::string(varve_last_error()) == "expects room for 1 outputs, but got 2");
  CHECK(varve_session_run(session.get(), "linear", nullptr, 1, &output, 1) == 1);
  CHECK(std::string(varve_last_error()) == "expects inputs, but got null");
  CHECK(varve_session_run(session.get(), "linear", nullptr, 0, &output, 1) == 1);
  CHECK(contains(varve_last_error(), "expects weights to be bound"));
  CHECK(output == nullptr);
}

TEST_CASE("taps are switched on from C", "[CApi]") {
  Loaded loaded;
  std::unique_ptr<varve_session, void (*)(varve_session *)> session(varve_session_create(loaded.executable.get(), 1),
                                                                    varve_session_free);
  std::string seen;
  auto note = [](void *user, const char *path, const DLTensor *value) {
    *static_cast<std::string *>(user) += std::string(path) + " " + std::to_string(value->shape[1]) + " " +
                                         std::to_string(static_cast<const int64_t *>(value->data)[1]) + "\n";
  };
  REQUIRE(varve_session_tap(session.get(), "layers*", note, &seen) == 0);
  std::vector<Tensor> inputs = {Tensor::from<int64_t>({1, 2}, {5, 6}), Tensor::from<int64_t>({}, {4}),
                                Tensor::zeros(boolean, {1, 6})};
  std::vector<std::unique_ptr<DLManagedTensorVersioned, void (*)(DLManagedTensorVersioned *)>> held;
  std::vector<const DLTensor *> given;
  for (const Tensor &input : inputs) {
    held.emplace_back(input.to_dlpack_versioned(), [](DLManagedTensorVersioned *self) { self->deleter(self); });
    given.push_back(&held.back()->dl_tensor);
  }
  DLManagedTensorVersioned *outputs[2] = {};
  auto run = [&] {
    REQUIRE(varve_session_run(session.get(), "lookup", given.data(), 3, outputs, 2) == 0);
    for (DLManagedTensorVersioned *output : outputs)
      output->deleter(output);
  };
  run();
  CHECK(seen == "layers.0.act.doubled 2 12\n");
  REQUIRE(varve_session_clear_taps(session.get()) == 0);
  run();
  CHECK(seen == "layers.0.act.doubled 2 12\n");

  CHECK(varve_session_tap(session.get(), "x", note, &seen) == 1);
  CHECK(contains(varve_last_error(), "expects a glob that matches one of the 3 taps"));
  CHECK(varve_session_tap(session.get(), nullptr, note, &seen) == 1);
  CHECK(std::string(varve_last_error()) == "expects a glob, but got null");
  CHECK(varve_session_tap(session.get(), "*", nullptr, nullptr) == 1);
  CHECK(std::string(varve_last_error()) == "expects a function, but got null");
  CHECK(varve_session_clear_taps(nullptr) == 1);
}

TEST_CASE("each thread has its own last error", "[CApi]") {
  varve_executable_load(nullptr);
  std::string other = "unset";
  std::thread([&] { other = varve_last_error(); }).join();
  CHECK(other.empty());
  CHECK(std::string(varve_last_error()) == "expects a path, but got null");
}
