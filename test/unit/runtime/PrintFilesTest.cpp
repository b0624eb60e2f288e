// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Prints that write and read files, through sessions on the hand-written executable.
#include "lib/runtime/session/PrintFiles.h"
#include "test/unit/runtime/Fake.h"
#include "varve/runtime/Npy.h"
#include "varve/runtime/Session.h"
#include <catch2/catch.hpp>

using namespace varve;
using namespace varve::test;

namespace {

constexpr std::string_view spare = R"("style": "full", "to": "",       )";

// The executable whose first print, of the ids, has this style and file instead.
Executable printing(std::string text) {
  text.resize(spare.size(), ' ');
  return fake(spare, text);
}

std::vector<Tensor> inputs(std::vector<int64_t> ids) {
  auto seq = static_cast<int64_t>(ids.size());
  return {Tensor::from({1, seq}, ids), Tensor::from<int64_t>({}, {2 * seq}), Tensor::zeros(boolean, {1, 3 * seq})};
}

SessionOptions in(const TemporaryFolder &folder) {
  return {.threads = 1, .pin = {}, .print = [](std::string_view) {}, .folder = folder.path};
}

std::string text_of(const std::filesystem::path &path) {
  std::vector<std::byte> bytes = read_bytes(path);
  return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

runtime::PrintInfo info(std::string label, std::string to, std::string style = "dump") {
  runtime::PrintInfo info;
  info.label = std::move(label);
  info.to = std::move(to);
  info.style = std::move(style);
  return info;
}

} // namespace

TEST_CASE("a text file begins anew with each session and grows in it", "[PrintFiles]") {
  TemporaryFolder folder;
  Executable exe = printing(R"("style": "full", "to": "a/b.txt",)");
  const std::string once = "layers.0.ids i64 [1, 2]\n[[5, 6]]\nids i64 [1, 2]\n[[5, 6]]\n";
  for (int round = 0; round < 2; ++round) {
    Session session(exe, in(folder));
    session.run("lookup", inputs({5, 6}));
    CHECK(text_of(folder / "a/b.txt") == once);
    session.run("lookup", inputs({5, 6}));
    CHECK(text_of(folder / "a/b.txt") == once + once);
  }
}

TEST_CASE("an .npy file holds the last value", "[PrintFiles]") {
  TemporaryFolder folder;
  Session session(printing(R"("style": "full", "to": "i.npy",)"), in(folder));
  session.run("lookup", inputs({5, 6}));
  session.run("lookup", inputs({7, 8, 9}));
  CHECK(load_npy(folder / "i.npy").to_vector<int64_t>() == std::vector<int64_t>{7, 8, 9});
}

TEST_CASE("a dump is a file for each layer and label, and one more each time", "[PrintFiles]") {
  TemporaryFolder folder;
  Session session(printing(R"("style": "dump", "to": "d",)"), in(folder));
  session.run("lookup", inputs({5, 6}));
  session.run("lookup", inputs({7, 8}));
  CHECK(load_npy(folder / "d/layers.0/ids.npy").to_vector<int64_t>() == std::vector<int64_t>{5, 6});
  CHECK(load_npy(folder / "d/layers.0/ids.1.npy").to_vector<int64_t>() == std::vector<int64_t>{7, 8});
  CHECK(load_npy(folder / "d/ids.npy").to_vector<int64_t>() == std::vector<int64_t>{5, 6});
  CHECK(load_npy(folder / "d/ids.1.npy").to_vector<int64_t>() == std::vector<int64_t>{7, 8});
}

TEST_CASE("what differs from a dump ends the run, with the layer, the file and the places", "[PrintFiles]") {
  TemporaryFolder folder;
  {
    Session session(printing(R"("style": "dump", "to": "d",)"), in(folder));
    session.run("lookup", inputs({5, 6}));
  }
  const std::string where = "model.cpp:31: error: in layer 'layers.0': " + (folder / "d/layers.0/ids").string();
  Executable exe = printing(R"("style":"compare","to":"d",)");
  CHECK(Session(exe, in(folder)).run("lookup", inputs({5, 6})).size() == 2);
  CHECK(error_of([&] { Session(exe, in(folder)).run("lookup", inputs({5, 9})); }) ==
        where + ".npy: expects [0, 1] to be 6, but got 9; 1 of 2 elements differ, max error 3 at [0, 1], where 6 is "
                "expected and 9 found");
  CHECK(error_of([&] { Session(exe, in(folder)).run("lookup", inputs({5, 6, 7})); }) ==
        where + ".npy: expects i64 [1, 2], but got i64 [1, 3]");
  Session session(exe, in(folder));
  session.run("lookup", inputs({5, 6}));
  CHECK(error_of([&] { session.run("lookup", inputs({5, 6})); }) ==
        where + ".1.npy: expects a file that can be read, but got 'No such file or directory'");
}

TEST_CASE("a file that cannot be written ends the run with an error", "[PrintFiles]") {
  TemporaryFolder folder;
  write_text(folder / "d", "a file");
  std::string error =
      error_of([&] { Session(printing(R"("style": "dump", "to": "d",)"), in(folder)).run("lookup", inputs({5, 6})); });
  CHECK(error == "model.cpp:31: error: in layer 'layers.0': " + (folder / "d/layers.0").string() +
                     ": expects a folder that can be made, but got 'Not a directory'");
  std::filesystem::create_directory(folder / "t");
  CHECK(error_of([&] {
          Session(printing(R"("style": "full", "to": "t",)"), in(folder)).run("lookup", inputs({5, 6}));
        }) == "model.cpp:31: error: in layer 'layers.0': " + (folder / "t").string() +
                  ": expects a file that can be written, but got 'Is a directory'");
}

TEST_CASE("no name leads out of the folder, and no two values share a file", "[PrintFiles]") {
  TemporaryFolder folder;
  runtime::PrintFiles files(folder.path);
  Tensor one = Tensor::from<float>({}, {1}), two = Tensor::from<float>({}, {2});
  files.dump(info("..", "d"), "..", one);
  CHECK(load_npy(folder / "d/_../_...npy").to_vector<float>() == std::vector<float>{1});
  files.dump(info("a/b", "d"), "../../x", two);
  CHECK(load_npy(folder / "d/.._.._x/a_b.npy").to_vector<float>() == std::vector<float>{2});
  files.dump(info(std::string("a\0b", 3), "d"), "", two);
  CHECK(load_npy(folder / "d/a_b.npy").to_vector<float>() == std::vector<float>{2});
  files.dump(info("", "d"), "l", one); // no label is "output"
  files.dump(info("output", "d"), "l", two);
  files.dump(info("output.1", "d"), "l", two);
  CHECK(load_npy(folder / "d/l/output.npy").to_vector<float>() == std::vector<float>{1});
  CHECK(load_npy(folder / "d/l/output.1.npy").to_vector<float>() == std::vector<float>{2});
  CHECK(std::filesystem::exists(folder / "d/l/output.1.1.npy"));
  const char *refused = "expects a relative path without '..', but got ";
  CHECK(error_of([&] { files.dump(info("x", "../d"), "l", one); }) == refused + std::string("'../d'"));
  CHECK(error_of([&] { files.save("/tmp/x.npy", one); }) == refused + std::string("'/tmp/x.npy'"));
  CHECK(error_of([&] { files.append("a/../../x", "text"); }) == refused + std::string("'a/../../x'"));
  CHECK(error_of([&] { files.append("", "text"); }) == refused + std::string("''"));
}

TEST_CASE("bf16 is dumped as bits and compared with those or with f32", "[PrintFiles]") {
  TemporaryFolder folder;
  Tensor value = Tensor::from<BFloat16>({2}, {1, 0.5f});
  runtime::PrintFiles(folder.path).dump(info("x", "d"), "l", value);
  runtime::PrintFiles(folder.path).compare(info("x", "d", "compare"), "l", value);
  save_npy(folder / "d/l/x.npy", Tensor::from<float>({2}, {1, 0.5f}));
  runtime::PrintFiles(folder.path).compare(info("x", "d", "compare"), "l", value);
  save_npy(folder / "d/l/x.npy", Tensor::from<Half>({2}, {1, 0.5f}));
  CHECK(error_of([&] { runtime::PrintFiles(folder.path).compare(info("x", "d", "compare"), "l", value); }) ==
        (folder / "d/l/x.npy").string() + ": expects f16 [2], but got bf16 [2]");
}
