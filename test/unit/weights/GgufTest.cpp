// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/weights/Gguf.h"
#include "lib/weights/gguf/Header.h"
#include "lib/weights/gguf/Metadata.h"
#include "test/unit/Support.h"
#include <catch2/catch.hpp>

using namespace varve;
using namespace varve::weights;
using namespace varve::test;

namespace {

// A file put together field by field.
struct Bytes {
  std::string text;

  Bytes &u32(uint32_t number) { return gguf::write_number(text, number), *this; }
  Bytes &u64(uint64_t number) { return gguf::write_number(text, number), *this; }
  Bytes &string(std::string_view value) { return gguf::write_text(text, value), *this; }
  Bytes &raw(std::string_view value) { return text += value, *this; }
  Bytes &pad(size_t unit) { return text.append((unit - text.size() % unit) % unit, '\0'), *this; }
  Bytes &zeros(size_t count) { return text.append(count, '\0'), *this; }
  Bytes &tensor(std::string_view name, std::vector<uint64_t> sizes, uint32_t type, uint64_t offset) {
    string(name).u32(static_cast<uint32_t>(sizes.size()));
    for (uint64_t size : sizes)
      u64(size);
    return u32(type).u64(offset);
  }
};

Bytes header(uint64_t tensors, uint64_t metadata, uint32_t version = 3) {
  return Bytes().raw("GGUF").u32(version).u64(tensors).u64(metadata);
}

std::string refused(const Bytes &bytes) {
  return error_of([&] { gguf::parse_header(as_bytes(bytes.text), "m"); });
}

// What is wrong with one tensor that has these sizes, in GGUF's order, and so many bytes of data.
std::string one(std::vector<uint64_t> sizes, uint32_t type, uint64_t offset, size_t data) {
  return refused(header(1, 0).tensor("a", std::move(sizes), type, offset).pad(32).zeros(data));
}

Bytes good() {
  MetadataArray inner{std::vector<uint8_t>{1, 2}};
  Bytes bytes = header(2, 3);
  bytes.string("general.alignment").u32(4).u32(64);
  bytes.string("names").u32(9).u32(8).u64(2).string("x").string("yz");
  bytes.string("nested").u32(9).u32(9).u64(1).u32(0).u64(2).raw("\1\2");
  bytes.tensor("a", {3, 2}, 0, 64).tensor("b", {64}, 2, 0).pad(64).zeros(64 + 24);
  return bytes;
}

} // namespace

TEST_CASE("a GGUF file is mapped, not copied", "[Gguf]") {
  TemporaryFolder folder;
  write_text(folder / "m.gguf", good().text);
  Checkpoint checkpoint = open_gguf(folder / "m.gguf");
  CHECK(checkpoint.tensors.at("a").type() == "f32 [2, 3]");
  CHECK(checkpoint.tensors.at("b").type() == "q4_0 [64]");
  CHECK(checkpoint.tensors.at("b").shape() == std::vector<int64_t>{2, 18});
  CHECK(checkpoint.tensors.at("a").read_only());
  CHECK(checkpoint.sources.at("a").offset == checkpoint.sources.at("b").offset + 64);
  CHECK(checkpoint.sources.at("b").offset % 64 == 0);
  CHECK(checkpoint.metadata.at("general.alignment") == uint32_t(64));
  CHECK(checkpoint.realigned.empty());
  auto *data = static_cast<const std::byte *>(checkpoint.tensors.at("b").data());
  CHECK(static_cast<const std::byte *>(checkpoint.tensors.at("a").data()) == data + 64);
}

TEST_CASE("a tensor of a GGUF file that is not aligned to its elements is copied, and told", "[Gguf]") {
  TemporaryFolder folder;
  Bytes bytes = header(2, 1).string("general.alignment").u32(4).u32(1);
  write_text(folder / "m.gguf", bytes.tensor("ab", {1}, 24, 0).tensor("b", {1}, 0, 1).pad(4).zeros(5).text);
  Checkpoint checkpoint = open_gguf(folder / "m.gguf");
  CHECK(checkpoint.realigned == std::vector<std::string>{"b"});
  CHECK(checkpoint.tensors.at("b").to_vector<float>() == std::vector<float>{0});
}

TEST_CASE("a GGUF header is checked completely", "[Gguf]") {
  CHECK(refused(good()) == "(no error)");
  CHECK(refused(Bytes()) == "m: expects a GGUF file, which begins with the bytes 'GGUF', but got something else");
  CHECK(refused(Bytes().raw("GGML0000")) ==
        "m: expects a GGUF file, which begins with the bytes 'GGUF', but got something else");
  CHECK(refused(header(0, 0, 1)) == "m: byte 4: expects GGUF of version 2 or 3, but got version 1");
  CHECK(refused(header(0, 0, 0)) == "m: byte 4: expects GGUF of version 2 or 3, but got version 0");
  CHECK(refused(header(0, 0, 3 << 24)) ==
        "m: byte 4: expects a little-endian file, but got a big-endian one (of version 3)");
  CHECK(refused(Bytes().raw("GGUF")) == "m: byte 4: expects a version of 4 bytes, but got the file's end, at byte 4");
  CHECK(refused(header(1, 0)) ==
        "m: byte 8: expects a number of tensors of at most 0, for which the file has room, but got 1");
  CHECK(refused(header(UINT64_MAX, 0).zeros(100)) == "m: byte 8: expects a number of tensors of at most 4, for which "
                                                     "the file has room, but got 18446744073709551615");
  CHECK(refused(header(0, 9).zeros(100)) ==
        "m: byte 16: expects a number of metadata of at most 7, for which the file has room, but got 9");
  CHECK(refused(header(0, 2'000'000).zeros(30'000'000)) ==
        "m: byte 16: expects a number of metadata of at most 1048576, but got 2000000");
  CHECK(refused(header(0, 0)) == "(no error)");
}

TEST_CASE("each fault of a GGUF file's metadata is told", "[Gguf]") {
  auto told = [](const Bytes &rest, uint64_t count = 1) { return refused(header(0, count).raw(rest.text).zeros(16)); };
  CHECK(told(Bytes().string("").zeros(20)) == "m: byte 24: metadata: expects a key of 1 to 65535 bytes, but got 0");
  CHECK(told(Bytes().string(std::string(65536, 'k'))) ==
        "m: byte 24: metadata: expects a key of 1 to 65535 bytes, but got 65536");
  CHECK(told(Bytes().u64(1000)) ==
        "m: byte 32: metadata: expects a key of 1000 bytes, but got the file's end, at byte 48");
  CHECK(told(Bytes().string("k").u32(13)) ==
        "m: byte 33: metadata 'k': expects a type of metadata from 0 to 12, but got 13");
  CHECK(told(Bytes().string("k").u32(7).raw("\2")) == "m: byte 37: metadata 'k': expects a bool, 0 or 1, but got 2");
  CHECK(told(Bytes().string("k").u32(8).u64(1000)) ==
        "m: byte 45: metadata 'k': expects a string of 1000 bytes, but got the file's end, at byte 61");
  CHECK(told(Bytes().string("k").u32(9).u32(10).u64(3)) ==
        "m: byte 41: metadata 'k': expects a number of items of at most 2, for which the file has room, but got 3");
  CHECK(told(Bytes().string("k").u32(9).u32(8).u64(UINT64_MAX)) == "m: byte 41: metadata 'k': expects a number of "
                                                                   "items of at most 2, for which the file has room, "
                                                                   "but got 18446744073709551615");
  CHECK(told(Bytes().string("k").u32(9).u32(7).u64(2).raw("\1\3")) ==
        "m: byte 50: metadata 'k': expects a bool, 0 or 1, but got 3");
  Bytes deep = Bytes().string("k").u32(9);
  for (int i = 0; i < 10; ++i)
    deep.u32(9).u64(1);
  CHECK(told(deep) == "m: byte 133: metadata 'k': expects arrays of at most 8 levels, but got more");
  Bytes twice = Bytes().string("k").u32(0).raw("\1").string("k").u32(0).raw("\1");
  CHECK(told(twice, 2) == "m: byte 38: metadata 'k': expects each key once, but got it a second time");

  auto aligned = [&](const Bytes &value) { return told(Bytes().string("general.alignment").raw(value.text)); };
  CHECK(aligned(Bytes().u32(4).u32(8)) == "(no error)");
  CHECK(aligned(Bytes().u32(4).u32(0)) ==
        "m: metadata 'general.alignment': expects a power of two as u32, but got u32 0");
  CHECK(aligned(Bytes().u32(4).u32(24)) ==
        "m: metadata 'general.alignment': expects a power of two as u32, but got u32 24");
  CHECK(aligned(Bytes().u32(10).u64(32)) ==
        "m: metadata 'general.alignment': expects a power of two as u32, but got u64 32");
}

TEST_CASE("each fault of a GGUF file's tensors is told", "[Gguf]") {
  CHECK(one({3}, 0, 0, 12) == "(no error)");
  CHECK(one({}, 0, 0, 4) == "(no error)");
  CHECK(one({0, 5}, 0, 0, 0) == "(no error)");
  CHECK(refused(header(1, 0).tensor("", {3}, 0, 0).zeros(40)) ==
        "m: byte 24: tensors: expects a name of 1 to 65535 bytes, but got 0");
  CHECK(one({1, 1, 1, 1, 1}, 0, 0, 4) == "m: byte 33: tensor 'a': expects at most 4 dimensions, but got 5");
  CHECK(one({UINT64_MAX}, 0, 0, 4) ==
        "m: byte 37: tensor 'a': expects a dimension of 63 bits, but got 18446744073709551615");
  CHECK(one({uint64_t(1) << 40, uint64_t(1) << 30}, 0, 0, 4) ==
        "m: byte 33: tensor 'a': expects a shape whose bytes fit in 63 bits, but got [1073741824, 1099511627776]");
  CHECK(one({uint64_t(1) << 62}, 8, 0, 4) ==
        "m: tensor 'a': expects 4899916394579099648 bytes of data at offset 0 from byte 64 on, but got a file of 68 "
        "bytes");
  const std::string types = "expects a type out of F32, F16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K, I8, I32, "
                            "I64, BF16, MXFP4, NVFP4, but got ";
  CHECK(one({256}, 10, 0, 84) == "m: byte 45: tensor 'a': " + types + "Q2_K");
  CHECK(one({1}, 28, 0, 8) == "m: byte 45: tensor 'a': " + types + "F64");
  CHECK(one({1}, 25, 0, 2) == "m: byte 45: tensor 'a': " + types + "I16");
  CHECK(one({1}, 99, 0, 2) == "m: byte 45: tensor 'a': " + types + "type 99");
  CHECK(one({33}, 2, 0, 36) ==
        "m: byte 33: tensor 'a': expects rows of whole blocks of 32 elements for q4_0, but got [33]");
  CHECK(one({}, 2, 0, 18) ==
        "m: byte 33: tensor 'a': expects rows of whole blocks of 32 elements for q4_0, but got []");
  CHECK(one({3}, 0, 16, 64) == "m: byte 49: tensor 'a': expects an offset that is a multiple of 32, but got 16");
  CHECK(one({3}, 0, ~uint64_t(31), 64) ==
        "m: tensor 'a': expects 12 bytes of data at offset 18446744073709551584 from byte 64 on, but got a file of 128 "
        "bytes");
  CHECK(one({30}, 0, ~uint64_t(31), 64) ==
        "m: byte 49: tensor 'a': expects an offset inside the file, but got 18446744073709551584");
  CHECK(one({3}, 0, 0, 11) ==
        "m: tensor 'a': expects 12 bytes of data at offset 0 from byte 64 on, but got a file of 75 bytes");
  CHECK(refused(header(1, 0).tensor("a", {3}, 0, 0)) ==
        "m: tensor 'a': expects 12 bytes of data at offset 0 from byte 64 on, but got a file of 57 bytes");
  CHECK(refused(header(2, 0).tensor("a", {9}, 0, 0).tensor("b", {1}, 0, 32).pad(32).zeros(64)) ==
        "m: tensor 'b': expects to begin where the tensor before it has ended, at byte 132, but got byte 128 (they "
        "overlap)");
  CHECK(refused(header(2, 0).tensor("a", {1}, 0, 0).tensor("a", {1}, 0, 32).pad(32).zeros(64)) ==
        "m: byte 57: tensor 'a': expects each name once, but got it a second time");
}

TEST_CASE("a cut or changed GGUF file gives tensors or an Error, nothing else", "[Gguf]") {
  const std::string whole = good().text;
  for (size_t length = 0; length < whole.size(); ++length)
    CHECK(refused({whole.substr(0, length)}) != "(no error)");
  uint32_t state = 1;
  auto random = [&] { return state = state * 1664525u + 1013904223u, state >> 8; };
  for (int round = 0; round < 20000; ++round) {
    std::string bytes = whole;
    for (uint32_t i = random() % 3 + 1; i-- > 0;)
      bytes[random() % bytes.size()] = static_cast<char>(random() % 4 == 0 ? 0xff : random() % 16);
    refused({bytes}); // another exception would fail the test
  }
}

TEST_CASE("a split GGUF checkpoint is opened by any of its files", "[Gguf]") {
  TemporaryFolder folder;
  auto part = [&](const std::string &name, int number, int count, int tensors, std::string_view tensor) {
    Bytes bytes = header(1, 4);
    bytes.string("split.no").u32(2).raw({reinterpret_cast<const char *>(&number), 2});
    bytes.string("split.count").u32(2).raw({reinterpret_cast<const char *>(&count), 2});
    bytes.string("split.tensors.count").u32(5).u32(static_cast<uint32_t>(tensors));
    bytes.string(number == 0 ? "k" : "l").u32(4).u32(7);
    write_text(folder / name, bytes.tensor(tensor, {1}, 0, 0).pad(32).zeros(4).text);
  };
  part("m-00001-of-00002.gguf", 0, 2, 2, "a");
  part("m-00002-of-00002.gguf", 1, 2, 2, "b");
  for (const char *name : {"m-00001-of-00002.gguf", "m-00002-of-00002.gguf"}) {
    Checkpoint checkpoint = open_gguf(folder / name);
    CHECK(checkpoint.tensors.size() == 2);
    CHECK(checkpoint.sources.at("b").file == (folder / "m-00002-of-00002.gguf").string());
    CHECK(checkpoint.metadata == Metadata{{"k", uint32_t(7)}, {"l", uint32_t(7)}});
  }
  auto told = [&](const std::string &name) {
    std::string error = error_of([&] { open_gguf(folder / name); }), begin = folder.path.string() + "/";
    return error.starts_with(begin) ? error.substr(begin.size()) : error;
  };
  part("m-00002-of-00002.gguf", 1, 2, 2, "a");
  CHECK(told("m-00001-of-00002.gguf") == "m-00002-of-00002.gguf: expects names that no other file of the split has, "
                                         "but got tensor 'a', which is also in " +
                                             (folder / "m-00001-of-00002.gguf").string());
  part("m-00002-of-00002.gguf", 0, 2, 2, "b");
  CHECK(told("m-00001-of-00002.gguf") == "m-00002-of-00002.gguf: expects split.no 1, split.count 2 and "
                                         "split.tensors.count 2, but got 0, 2 and 2");
  part("m-00001-of-00002.gguf", 0, 2, 3, "a");
  part("m-00002-of-00002.gguf", 1, 2, 3, "b");
  CHECK(told("m-00001-of-00002.gguf") ==
        "m-00001-of-00002.gguf: expects 3 tensors in the files of the split, but got 2");
  std::filesystem::remove(folder / "m-00002-of-00002.gguf");
  CHECK(told("m-00001-of-00002.gguf") ==
        "m-00001-of-00002.gguf: expects the file 'm-00002-of-00002.gguf' beside it, but got none");
  part("other.gguf", 0, 2, 2, "a");
  CHECK(told("other.gguf") == "other.gguf: expects a name that ends with '-00001-of-00002.gguf', being number 1 of 2 "
                              "files, but got 'other.gguf'");
  part("other.gguf", 2, 2, 2, "a");
  CHECK(told("other.gguf") == "other.gguf: expects a split of 1 to 99999 files and one of their numbers, but got "
                              "split.count 2 and split.no 2");
  write_text(folder / "text.gguf", header(0, 1).string("split.no").u32(8).string("one").text);
  CHECK(told("text.gguf") ==
        "text.gguf: metadata 'split.no': expects metadata of the type integer of 64 bits, but got string 'one'");
}
