// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The folder of compiled code: what is found in it, what is not, and what becomes of damage.
#include "lib/runtime/File.h"
#include "test/unit/Support.h"
#include "varve/compiler/Compile.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>
#include <fstream>
#include <thread>

using namespace varve;
namespace fs = std::filesystem;
using test::contains;

namespace {

std::string module_of(const std::string &op) {
  return "#d = #varve.dims<n>\n"
         "varve.graph @f(%x: tensor<?xf32, #d>) -> tensor<?xf32, #d> {\n"
         "  %0 = varve." +
         op +
         " : (tensor<?xf32, #d>) -> tensor<?xf32, #d>\n"
         "  varve.output %0 : tensor<?xf32, #d>\n}";
}

// A folder of the test's own, and what compiling with it said.
struct Folder {
  test::TemporaryFolder temporary;
  fs::path path = temporary.path;
  std::string warnings, remarks;
  bool compiled = false; // the last time, and not found

  CompileOptions options() {
    compiled = false;
    return {.remark = [this](std::string_view text) { remarks += std::string(text) + "\n"; },
            .cache = path,
            .warning = [this](std::string_view text) { warnings += std::string(text) + "\n"; },
            .timing = [this](std::string_view stage, double) { compiled |= stage == "link"; }};
  }
  std::vector<float> run(const std::string &text, CompileOptions options, const std::string &name = "f.mlir") {
    Executable exe = compile_module(text, name, options);
    return exe({Tensor::from<float>({3}, {1, -2, 3})})[0].to_vector<float>();
  }
  std::vector<float> run(const std::string &text) { return run(text, options()); }

  std::vector<fs::path> entries() const {
    std::vector<fs::path> all;
    for (const fs::directory_entry &file : fs::directory_iterator(path))
      all.push_back(file.path());
    return all;
  }
};

const std::vector<float> negated{-1, 2, -3};

} // namespace

TEST_CASE("code that was compiled once is found again, and says the same") {
  Folder folder;
  CHECK(folder.run(module_of("neg %x")) == negated);
  CHECK(folder.compiled);
  REQUIRE(folder.entries().size() == 1);
  CHECK(folder.run(module_of("neg %x")) == negated);
  CHECK_FALSE(folder.compiled);
  CHECK(folder.entries().size() == 1);
  CHECK(folder.warnings.empty());

  std::string transpose = "varve.graph @f(%x: tensor<4x8xf32>) -> tensor<8x4xf32> {\n"
                          "  %0 = varve.transpose %x {permutation = array<i64: 1, 0>} : (tensor<4x8xf32>) -> "
                          "tensor<8x4xf32>\n  varve.output %0 : tensor<8x4xf32>\n}";
  compile_module(transpose, "t.mlir", folder.options());
  std::string said = std::exchange(folder.remarks, "");
  CHECK(contains(said, "t.mlir:2: error: computed element by element"));
  compile_module(transpose, "t.mlir", folder.options());
  CHECK_FALSE(folder.compiled);
  CHECK(folder.remarks == said);
}

TEST_CASE("another attribute, line, name, CPU or option is another entry") {
  Folder folder;
  auto misses = [&](const std::string &text, CompileOptions options, const std::string &name = "f.mlir") {
    folder.run(text, options, name);
    return folder.compiled;
  };
  std::string text = module_of("softmax %x {axis = 0 : i64}");
  CHECK(misses(text, folder.options()));
  CHECK(misses(module_of("neg %x"), folder.options()));
  CHECK(misses(module_of("softmax %x {axis = -1 : i64}"), folder.options()));
  CHECK(misses("\n" + text, folder.options()));
  CHECK(misses(text, folder.options(), "g.mlir"));
  CompileOptions older = folder.options();
  older.cpu = "x86-64-v3";
  CHECK(misses(text, older));
  CompileOptions timed = folder.options();
  timed.profile = true;
  CHECK(misses(text, timed));
  CHECK(folder.entries().size() == 7);
  CHECK_FALSE(misses(text, folder.options()));
  older = folder.options();
  older.cpu = "x86-64-v3";
  CHECK_FALSE(misses(text, older));
  CHECK(folder.warnings.empty());
}

TEST_CASE("a graph is found by what it does and its lines, not by what its weights hold") {
  Folder folder;
  struct Net : nn::Layer<Net> {
    Child<nn::Linear> up{*this, "up", 3, 2};
    explicit Net(float value) {
      load_state_dict({{"up.weight", Tensor::from<float>({2, 3}, std::vector<float>(6, value))}});
    }
    Value forward(Value x) { return up(x); }
  };
  auto first_of = [&](float value) {
    Net net(value);
    Graph graph("f", net, {tensor_type(f32, {"n", 3})});
    return compile(graph, folder.options())({Tensor::from<float>({1, 3}, {1, 2, 3})})[0].to_vector<float>()[0];
  };
  CHECK(first_of(1) == 6);
  CHECK(folder.compiled);
  CHECK(first_of(2) == 12);
  CHECK_FALSE(folder.compiled);
  CHECK(folder.entries().size() == 1);
}

TEST_CASE("a damaged entry is said, and made again") {
  Folder folder;
  std::string text = module_of("neg %x");
  folder.run(text);
  fs::path entry = folder.entries().at(0);
  auto whole = runtime::read_file(entry);
  auto damage = [&](std::vector<std::byte> bytes, const std::string &expected) {
    std::ofstream(entry, std::ios::binary).write(reinterpret_cast<const char *>(bytes.data()), bytes.size());
    CHECK(folder.run(text) == negated);
    CHECK(folder.compiled);
    CHECK(contains(std::exchange(folder.warnings, ""), entry.string() + ": expects " + expected));
    CHECK(runtime::read_file(entry).size() == whole.size());
    CHECK(folder.run(text) == negated);
    CHECK_FALSE(folder.compiled);
    CHECK(folder.warnings.empty());
  };
  auto bytes = whole;
  bytes.resize(bytes.size() / 2);
  damage(bytes, "an executable of Varve, which ends in a trailer of 32 bytes");
  damage({}, "an executable of Varve, which ends in a trailer of 32 bytes");
  bytes = whole;
  bytes[bytes.size() / 2] ^= std::byte(1);
  damage(bytes, "code with the checksum");
  bytes = whole;
  bytes.erase(bytes.begin() + 100);
  damage(bytes, "");
}

TEST_CASE("several writers and readers of one entry get on") {
  Folder folder;
  std::string text = module_of("neg %x");
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int turn = 0; turn < 3; ++turn) {
        Executable exe = compile_module(text, "f.mlir", {.cache = folder.path, .warning = [](auto) { std::abort(); }});
        right += exe({Tensor::from<float>({3}, {1, -2, 3})})[0].to_vector<float>() == negated;
      }
    });
  for (std::thread &thread : threads)
    thread.join();
  CHECK(right == 12);
  CHECK(folder.entries().size() == 1);
}

TEST_CASE("a folder that cannot be written is said, and the model runs") {
  Folder folder;
  CompileOptions options = folder.options();
  options.cache = "/proc/self"; // read only for everyone
  CHECK(folder.run(module_of("neg %x"), options) == negated);
  CHECK(contains(folder.warnings, "expects a place where a file can be written, but got '"));
  CHECK(contains(folder.warnings, "; the code is not kept"));
  folder.warnings.clear();
  std::ofstream(folder.path / "file") << "x";
  options.cache = folder.path / "file" / "below";
  CHECK(folder.run(module_of("neg %x"), options) == negated);
  CHECK(contains(folder.warnings, "below: expects a folder to keep compiled code in, but got '"));
}

TEST_CASE("the folder is made, and what was used least recently leaves it") {
  Folder folder;
  CompileOptions options = folder.options();
  options.cache = folder.path / "a" / "b";
  folder.run(module_of("neg %x"), options);
  REQUIRE(fs::exists(options.cache));
  uint64_t one = fs::file_size(fs::directory_iterator(options.cache)->path());
  options.cache_bytes = 3 * one + one / 2;
  auto misses = [&](const std::string &op) {
    folder.compiled = false;
    folder.run(module_of(op), options);
    return folder.compiled;
  };
  CHECK(misses("exp %x"));
  CHECK(misses("abs %x"));
  CHECK_FALSE(misses("neg %x")); // used again
  CHECK(misses("sqrt %x"));      // in place of exp
  CHECK_FALSE(misses("neg %x"));
  CHECK_FALSE(misses("abs %x"));
  CHECK(misses("exp %x"));
  std::ofstream(options.cache / "notes.txt") << std::string(4 * one, 'x'); // is nobody's business
  CHECK_FALSE(misses("exp %x"));
  CHECK(folder.warnings.empty());
  options.cache_bytes = one / 2;
  CHECK(misses("floor %x"));
  CHECK(contains(folder.warnings, "expects code of at most " + std::to_string(one / 2) + " bytes to keep"));
  CHECK(fs::exists(options.cache / "notes.txt"));
}
