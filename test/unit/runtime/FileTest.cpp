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

TEST_CASE("a map tells whether its file has become shorter", "[File]") {
  TemporaryFolder folder;
  write_text(folder / "x", std::string(10'000, 'x'));
  MappedFile map = map_file(folder / "x"), other = map_file(folder / "x");
  std::shared_ptr<const void> owner = map.data;
  CHECK(map_of(owner));
  CHECK(map_of(owner) == map_of(map.data));
  CHECK(map_of(owner) != map_of(other.data));
  expect_intact(owner);
  std::filesystem::resize_file(folder / "x", 20'000);
  expect_intact(owner);
  std::filesystem::resize_file(folder / "x", 9'999);
  CHECK(error_of([&] { expect_intact(owner); }) ==
        (folder / "x").string() + ": expects the 10000 bytes that it had when it was mapped, but got 9999");
  CHECK_FALSE(map_of(std::make_shared<int>(1)));
  CHECK_FALSE(map_of(nullptr));
  expect_intact(std::make_shared<int>(1));
  expect_intact(nullptr);
}

TEST_CASE("the beginning of a file is read", "[File]") {
  TemporaryFolder folder;
  write_text(folder / "x", "abcdef");
  CHECK(read_file(folder / "x", 4).size() == 4);
  CHECK(read_file(folder / "x", 100).size() == 6);
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

TEST_CASE("text is appended, to an empty file when it begins", "[File]") {
  TemporaryFolder folder;
  auto text = [&] {
    std::vector<std::byte> bytes = read_file(folder / "t");
    return std::string(reinterpret_cast<const char *>(bytes.data()), bytes.size());
  };
  append_file(folder / "t", "old", true);
  append_file(folder / "t", "a\n", true);
  append_file(folder / "t", "b\n", false);
  CHECK(text() == "a\nb\n");
  CHECK(error_of([&] { append_file("/dev/full", "x", false); }) ==
        "/dev/full: expects room to write the file, but got 'No space left on device'");
}

TEST_CASE("a stranger's path stays below, a stranger's name is one name", "[File]") {
  CHECK(path_below("in", "a/b.txt") == "in/a/b.txt");
  CHECK(path_below("", "..a/b..") == "..a/b..");
  using namespace std::string_literals;
  for (const std::string &path : {""s, "/a"s, ".."s, "a/.."s, "../a"s, "a\0b"s})
    CHECK(contains(error_of([&] { path_below("in", path); }), "expects a relative path without '..', but got '"));
  CHECK(file_name("layers.0.mlp#1") == "layers.0.mlp#1");
  CHECK(file_name("a/b\n\0c"s) == "a_b__c");
  CHECK(file_name("..") == "_..");
  CHECK(file_name("") == "_");
}
