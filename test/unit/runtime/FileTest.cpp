// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/File.h"
#include "test/unit/Support.h"
#include <catch2/catch.hpp>
#include <cstring>

using namespace varve;
using namespace varve::runtime;
using namespace varve::test;

TEST_CASE("a file is written whole, replaces the old one, and leaves nothing beside it", "[File]") {
  TemporaryFolder folder;
  const std::span<const std::byte> pieces[] = {as_bytes("ab"), {}, as_bytes("cde")};
  write_file(folder / "out", pieces);
  write_file(folder / "out", pieces);
  std::vector<std::byte> bytes = read_file(folder / "out");
  CHECK(std::string(reinterpret_cast<const char *>(bytes.data()), bytes.size()) == "abcde");
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 1);
  MappedFile map = map_file(folder / "out");
  CHECK(map.size == 5);
  CHECK(std::memcmp(map.data.get(), "abcde", 5) == 0);
}

TEST_CASE("files that cannot be written leave nothing", "[File]") {
  TemporaryFolder folder;
  std::filesystem::create_directories(folder / "taken" / "inside");
  std::span<const std::byte> piece = as_bytes("x");
  CHECK(error_of([&] { write_file(folder / "taken", {&piece, 1}); }) ==
        (folder / "taken").string() + ": expects a file that can be written, but got 'Is a directory'");
  CHECK(error_of([&] { write_file(folder / "none/out", {&piece, 1}); }) ==
        (folder / "none/out").string() +
            ": expects a place where a file can be written, but got 'No such file or directory'");
  CHECK(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 1);
}

TEST_CASE("files that cannot be read are told", "[File]") {
  TemporaryFolder folder;
  for (auto read : {+[](const std::filesystem::path &path) { read_file(path); },
                    +[](const std::filesystem::path &path) { map_file(path); }}) {
    CHECK(error_of([&] { read(folder / "none"); }) ==
          (folder / "none").string() + ": expects a file that can be read, but got 'No such file or directory'");
    CHECK(error_of([&] { read(folder.path); }) == folder.path.string() + ": expects a regular file, but got a folder");
    CHECK(error_of([&] { read("/dev/null"); }) == "/dev/null: expects a regular file, but got a device or a pipe");
  }
  write_text(folder / "empty", "");
  CHECK(read_file(folder / "empty").empty());
  CHECK(map_file(folder / "empty").size == 0);
}

TEST_CASE("a temporary file is gone with its object", "[File]") {
  std::string name;
  {
    TemporaryFile file(as_bytes("abc"));
    name = file.path();
    CHECK(read_file(name).size() == 3);
  }
  CHECK_FALSE(std::filesystem::exists(name));
}
