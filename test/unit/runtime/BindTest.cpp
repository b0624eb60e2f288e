// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/File.h"
#include "lib/runtime/executable/Program.h"
#include "lib/runtime/tensor/BlockPanels.h"
#include "test/unit/runtime/Fake.h"
#include "varve/runtime/Session.h"
#include <catch2/catch.hpp>
#include <cstring>

using namespace varve;
using namespace varve::runtime;
using namespace varve::test;

namespace {

// One weight bound to code that has nothing else.
std::shared_ptr<const Program> bound(const WeightInfo &info, const Tensor &tensor) {
  auto code = std::make_shared<Code>();
  code->manifest.weights.push_back(info);
  return bind_weights(code, {{info.name, tensor}});
}

template <typename T> void check_packing(DType dtype, int64_t out, int64_t in, int64_t panel, int64_t group = 1) {
  CAPTURE(name_of(dtype), out, in, panel, group);
  Tensor tensor = Tensor::empty(dtype, {out, in});
  for (size_t i = 0; i < tensor.bytes(); ++i)
    static_cast<uint8_t *>(tensor.mutable_data())[i] = static_cast<uint8_t>(i * 37 + i / 251 + 1);
  std::shared_ptr<const Program> program = bound({"w", dtype, {out, in}, panel, "", Encoding::none, group}, tensor);
  int64_t panels = (out + panel - 1) / panel, groups = (in + group - 1) / group;
  REQUIRE(program->weights[0].shape() == std::vector<int64_t>{panels, groups, panel * group});
  CHECK(program->packed_bytes == static_cast<size_t>(panels * groups * panel * group) * sizeof(T));
  auto *packed = static_cast<const T *>(program->weights[0].data());
  auto *plain = static_cast<const T *>(tensor.data());
  bool same = true;
  for (int64_t p = 0; p < panels; ++p)
    for (int64_t k = 0; k < groups * group; ++k)
      for (int64_t r = 0; r < panel; ++r) {
        T expected = p * panel + r < out && k < in ? plain[(p * panel + r) * in + k] : T(0);
        same = same && packed[((p * groups + k / group) * panel + r) * group + k % group] == expected;
      }
  CHECK(same);
}

} // namespace

TEST_CASE("weights are packed in panels, the last one filled with zeros", "[Bind]") {
  for (auto [out, in, panel] : std::vector<std::array<int64_t, 3>>{{1, 1, 1},
                                                                   {4, 3, 2},
                                                                   {5, 3, 2},
                                                                   {33, 70, 32},
                                                                   {64, 16, 32},
                                                                   {3, 100, 8},
                                                                   {0, 5, 4},
                                                                   {5, 0, 4},
                                                                   {7, 65, 16}}) {
    check_packing<uint32_t>(f32, out, in, panel);
    check_packing<uint16_t>(bf16, out, in, panel);
    check_packing<uint16_t>(bf16, out, in, panel, 2);
    check_packing<uint8_t>(i8, out, in, panel, 4);
    check_packing<uint16_t>(f16, out, in, panel);
    check_packing<uint8_t>(i8, out, in, panel);
    check_packing<uint64_t>(i64, out, in, panel);
  }
}

TEST_CASE("blocks are packed in panels, granule by granule, the last panel filled with zeros", "[Bind]") {
  for (Encoding encoding : {Encoding::q4_0, Encoding::q8_0, Encoding::q4_k, Encoding::q6_k}) {
    const EncodingInfo &info = info_of(encoding);
    const int64_t out = 19, count = 3, panel = 16;
    CAPTURE(info.name);
    Tensor bytes = Tensor::empty(u8, {out, count, info.bytes});
    auto *plain = static_cast<uint8_t *>(bytes.mutable_data());
    for (size_t i = 0; i < bytes.bytes(); ++i)
      plain[i] = static_cast<uint8_t>(i * 37 + i / 251 + 1);
    Tensor weight = Tensor::encoded(encoding, bytes);
    std::shared_ptr<const Program> program =
        bound({"w", u8, {out, count * info.elements}, panel, "", encoding}, weight);
    REQUIRE(program->weights[0].shape() == std::vector<int64_t>{2, count, panel * info.bytes});
    auto *packed = static_cast<const uint8_t *>(program->weights[0].data());
    auto layout = blocks::panel_layout(encoding).value();
    bool same = true;
    for (int64_t row = 0; row < 2 * panel; ++row)
      for (int64_t block = 0; block < count; ++block)
        for (const blocks::PanelRun &run : layout)
          for (int64_t byte = run.begin; byte < run.end; ++byte) {
            int64_t granule = (byte - run.begin) / run.granule, rest = (byte - run.begin) % run.granule;
            granule = blocks::place_of_granule(encoding, granule);
            int64_t place = run.begin * panel + (granule * panel + row % panel) * run.granule + rest;
            uint8_t expected = row < out ? plain[(row * count + block) * info.bytes + byte] : 0;
            same = same && packed[(row / panel * count + block) * panel * info.bytes + place] == expected;
          }
    CHECK(same);
  }
}

TEST_CASE("kernels of 3x3 become G g G' for Winograd's F(2x2, 3x3), the last panel filled with zeros", "[Bind]") {
  const int64_t out = 5, in = 3, panel = 4;
  std::vector<float> values(static_cast<size_t>(out * in * 9));
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<float>(i * i % 101) / 7;
  std::shared_ptr<const Program> program =
      bound({.name = "w", .shape = {out, in, 3, 3}, .panel = panel, .winograd = true},
            Tensor::from<float>({out, in, 3, 3}, values));
  REQUIRE(program->weights[0].shape() == std::vector<int64_t>{2, 16 * in, panel});
  std::vector<float> packed = program->weights[0].to_vector<float>();
  const double g[4][3] = {{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}};
  for (int64_t o = 0; o < 2 * panel; ++o)
    for (int64_t c = 0; c < in; ++c)
      for (int64_t i = 0; i < 4; ++i)
        for (int64_t j = 0; j < 4; ++j) {
          double expected = 0;
          for (int64_t a = 0; o < out && a < 3; ++a)
            for (int64_t b = 0; b < 3; ++b)
              expected += g[i][a] * values[static_cast<size_t>((o * in + c) * 9 + 3 * a + b)] * g[j][b];
          size_t place = static_cast<size_t>(((o / panel * 16 + 4 * i + j) * in + c) * panel + o % panel);
          CHECK(packed[place] == Approx(expected));
        }
}

TEST_CASE("a weight that is not packed is used where it is", "[Bind]") {
  Tensor tensor = Tensor::from<float>({2}, {1, 2});
  std::shared_ptr<const Program> program = bound({"w", f32, {2}, 0, ""}, tensor);
  CHECK(program->weights[0].data() == tensor.data());
  CHECK(program->packed_bytes == 0);
}

TEST_CASE("a weight that is not aligned to its elements is copied", "[Bind]") {
  alignas(8) std::byte bytes[32] = {};
  float values[4] = {1, 2, 3, 4};
  std::memcpy(bytes + 1, values, sizeof values);
  Tensor odd = Tensor::view(f32, {2, 2}, static_cast<const void *>(bytes + 1), nullptr);
  std::shared_ptr<const Program> plain = bound({"w", f32, {2, 2}, 0, ""}, odd);
  CHECK(plain->weights[0].to_vector<float>() == std::vector<float>{1, 2, 3, 4});
  CHECK(plain->packed_bytes == 16);
  CHECK(bound({"w", f32, {2, 2}, 2, ""}, odd)->weights[0].to_vector<float>() == std::vector<float>{1, 3, 2, 4});
}

TEST_CASE("a mapped weight whose file has shrunk is not bound and not run", "[Bind]") {
  TemporaryFolder folder;
  write_text(folder / "w", std::string(64, '\0'));
  auto view = [](const MappedFile &map, size_t at, std::vector<int64_t> shape) {
    return Tensor::view(f32, std::move(shape), static_cast<const void *>(map.data.get() + at), map.data);
  };
  MappedFile map = map_file(folder / "w");
  StateDict state = {{"head.weight", view(map, 0, {3, 4})}, {"head.bias", view(map, 48, {3})}};
  Executable exe = fake().bind(state);
  Session session(exe, {.threads = 1});
  Tensor x = Tensor::zeros(f32, {1, 4});
  auto run = [&] { session.run("linear", {x}); };
  std::string before = error_of(run);
  std::filesystem::resize_file(folder / "w", 60);
  const std::string told =
      (folder / "w").string() + ": expects the 64 bytes that it had when it was mapped, but got 60";
  CHECK(error_of([&] { (void)fake().bind(state); }) == told);
  CHECK(before != told);
  CHECK(error_of(run) == told); // the bias is used where it is
}

TEST_CASE("binding gives a new handle and leaves the old one as it was", "[Bind]") {
  Executable exe = fake();
  CHECK_FALSE(exe.bound());
  StateDict state = fake_state();
  state["unused"] = Tensor::zeros(f32, {1});
  Executable ready = exe.bind(state);
  CHECK(ready.bound());
  CHECK(ready.packed_bytes() == 2 * 4 * 2 * 4);
  CHECK_FALSE(exe.bound());
  CHECK(exe.packed_bytes() == 0);
}

TEST_CASE("everything that cannot be bound is told at once", "[Bind]") {
  CHECK(error_of([] { (void)fake().bind({{"head.weight", Tensor::zeros(f32, {4, 3})}}); }) ==
        "expects a value for each of the 2 weights, but got 2 that cannot be bound:\n"
        "  weight 'head.weight' (model.cpp:9) expects f32 [3, 4], but got f32 [4, 3] (transposed?)\n"
        "  weight 'head.bias' expects f32 [3], but got none");
  StateDict state = fake_state();
  state["head.bias"] = Tensor::zeros(bf16, {3});
  CHECK(error_of([&] { (void)fake().bind(state); }) ==
        "expects a value for each of the 2 weights, but got 1 that cannot be bound:\n"
        "  weight 'head.bias' expects f32 [3], but got bf16 [3]");
  state["head.bias"] = Tensor();
  CHECK(contains(error_of([&] { (void)fake().bind(state); }), "weight 'head.bias' expects f32 [3], but got none"));
}

TEST_CASE("blocks of an encoding are no bytes", "[Bind]") {
  Tensor blocks = Tensor::zeros(u8, {3, 2, 18});
  CHECK(bound({"w", u8, {3, 2, 18}, 0, ""}, blocks)->weights.size() == 1);
  CHECK(contains(error_of([&] { bound({"w", u8, {3, 2, 18}, 0, ""}, Tensor::encoded(Encoding::q4_0, blocks)); }),
                 "weight 'w' expects u8 [3, 2, 18], but got q4_0 [3, 64]"));
  CHECK(bound({"w", u8, {3, 64}, 0, "", Encoding::q4_0}, Tensor::encoded(Encoding::q4_0, blocks))->packed_bytes == 0);
  CHECK(contains(error_of([&] { bound({"w", u8, {3, 64}, 0, "", Encoding::q4_0}, blocks); }),
                 "weight 'w' expects q4_0 [3, 64], but got u8 [3, 2, 18]"));
}
