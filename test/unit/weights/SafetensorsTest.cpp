// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/weights/Safetensors.h"
#include "lib/weights/safetensors/Header.h"
#include "test/unit/Support.h"
#include <catch2/catch.hpp>
#include <cstring>

using namespace varve;
using namespace varve::weights;
using namespace varve::test;

namespace {

// The bytes of a file with this header and as many bytes of data.
std::string file_bytes(std::string_view header, size_t data) {
  uint64_t length = header.size();
  std::string bytes(reinterpret_cast<const char *>(&length), sizeof length);
  bytes += header;
  for (size_t i = 0; i < data; ++i)
    bytes += static_cast<char>(i);
  return bytes;
}

std::string refused(const std::string &bytes) {
  return error_of([&] { parse_header(as_bytes(bytes), "m"); });
}
std::string refused(std::string_view header, size_t data) { return refused(file_bytes(header, data)); }

constexpr std::string_view two =
    R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},)"
    R"("b":{"dtype":"BF16","shape":[1,2],"data_offsets":[8,12]},"__metadata__":{"format":"pt"}})";

} // namespace

TEST_CASE("a safetensors file is mapped, not copied", "[Safetensors]") {
  TemporaryFolder folder;
  StateDict state = {{"w", Tensor::from<float>({2, 2}, {1, 2, 3, 4})},
                     {"b", Tensor::from<BFloat16>({3}, {1.0f, 2.0f, -0.5f})},
                     {"none", Tensor::zeros(f32, {0, 5})},
                     {"scalar", Tensor::from<int64_t>({}, {7})},
                     {"flag", Tensor::from<bool>({3}, {true, false, true})}};
  save_safetensors(folder / "m.safetensors", state, {{"format", "pt"}});
  Checkpoint checkpoint = open_safetensors(folder / "m.safetensors");
  REQUIRE(checkpoint.tensors.size() == 5);
  for (const auto &[name, tensor] : state) {
    CAPTURE(name);
    const Tensor &read = checkpoint.tensors.at(name);
    CHECK(read.type() == tensor.type());
    CHECK(std::memcmp(read.data(), tensor.data(), tensor.bytes()) == 0);
    CHECK(read.read_only());
    CHECK(checkpoint.sources.at(name).file == (folder / "m.safetensors").string());
  }
  CHECK(checkpoint.metadata == Metadata{{"format", "pt"}});
  CHECK(checkpoint.realigned.empty());
  CHECK(checkpoint.sources.at("scalar").offset % 64 == 0);
  const StateDict &as_state = checkpoint;
  CHECK(as_state.size() == 5);
  Tensor kept = checkpoint.tensors.at("w");
  checkpoint = {};
  CHECK(kept.to_vector<float>() == std::vector<float>{1, 2, 3, 4}); // it keeps the map
}

TEST_CASE("every element type of Varve is written and read", "[Safetensors]") {
  TemporaryFolder folder;
  StateDict state;
  for (DType dtype : {f32, f16, bf16, i8, i32, i64, u8, boolean})
    state[std::string(name_of(dtype))] = Tensor::zeros(dtype, {3, 1});
  save_safetensors(folder / "m.safetensors", state);
  Checkpoint checkpoint = open_safetensors(folder / "m.safetensors");
  for (const auto &[name, tensor] : state)
    CHECK(checkpoint.tensors.at(name).type() == tensor.type());
  CHECK(checkpoint.realigned.empty());
}

TEST_CASE("a tensor that is not aligned to its elements is copied, and told", "[Safetensors]") {
  TemporaryFolder folder;
  std::string header = R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                       R"("b":{"dtype":"F16","shape":[2],"data_offsets":[1,5]}})";
  header.append((8 - header.size() % 8) % 8, ' ');
  write_text(folder / "m.safetensors", file_bytes(header, 5));
  Checkpoint checkpoint = open_safetensors(folder / "m.safetensors");
  CHECK(checkpoint.realigned == std::vector<std::string>{"b"});
  CHECK(checkpoint.tensors.at("b").data<Half>()[1].bits == 0x0403);
  CHECK(checkpoint.tensors.at("a").to_vector<uint8_t>() == std::vector<uint8_t>{0});
  CHECK(checkpoint.sources.at("b").offset == 8 + header.size() + 1);
}

TEST_CASE("a header is checked completely", "[Safetensors]") {
  Header header = parse_header(as_bytes(file_bytes(two, 12)), "m");
  REQUIRE(header.tensors.size() == 2);
  CHECK(header.tensors[1].name == "b");
  CHECK(header.tensors[1].begin == 8 + two.size() + 8);
  CHECK(header.metadata.at("format") == "pt");
  CHECK(parse_header(as_bytes(file_bytes("{}", 0)), "m").tensors.empty());

  CHECK(refused("") == "m: expects 8 bytes with the header's length at byte 0, but got a file of 0 bytes");
  CHECK(refused("abc") == "m: expects 8 bytes with the header's length at byte 0, but got a file of 3 bytes");
  CHECK(refused(file_bytes(two, 0).substr(0, 50)) ==
        "m: expects a header of " + std::to_string(two.size()) + " bytes at byte 8, but got a file of 50 bytes");
  CHECK(refused(std::string(8, '\xff')) ==
        "m: expects a header of 18446744073709551615 bytes at byte 8, but got a file of 8 bytes");
  CHECK(refused("{", 0) == "m: header at byte 8: expects JSON, but got a syntax error at byte 2");
  CHECK(refused("", 0) == "m: header at byte 8: expects JSON, but got a syntax error at byte 1");
  CHECK(refused("[]", 0) == "m: header at byte 8: expects an object, but got array");
  CHECK(refused(std::string(1000, '['), 0) == "m: header at byte 8: expects JSON of at most 64 levels, but got more");
  CHECK(refused(R"({"a":1e999})", 0) == "m: header at byte 8: expects JSON with numbers that fit, but got one out of "
                                        "range");
  CHECK(refused(R"({"__metadata__":{"a":3}})", 0) ==
        "m: header at byte 8: __metadata__: 'a': expects a string, but got number");
  CHECK(refused(R"({"__metadata__":[]})", 0) == "m: header at byte 8: __metadata__: expects an object, but got array");
}

TEST_CASE("each fault of a tensor in a header is told", "[Safetensors]") {
  auto one = [](const std::string &fields, size_t data = 8) { return refused("{\"a\":{" + fields + "}}", data); };
  const std::string good = R"("dtype":"F32","shape":[2],"data_offsets":[0,8])";
  CHECK(one(good) == "(no error)");
  CHECK(refused("{\"a\":{" + good + "},\"a\":{" + good + "}}", 8) ==
        "m: header at byte 8: expects each key of an object once, but got 'a' twice");
  CHECK(refused(R"({"a":3})", 0) == "m: tensor 'a': expects an object, but got number");
  CHECK(one(R"("shape":[2],"data_offsets":[0,8])") == "m: tensor 'a': expects a field 'dtype', but got none");
  CHECK(one(R"("dtype":"F32","data_offsets":[0,8])") == "m: tensor 'a': expects a field 'shape', but got none");
  CHECK(one(R"("dtype":"F32","shape":[2])") == "m: tensor 'a': expects a field 'data_offsets', but got none");
  CHECK(one(R"("dtype":5,"shape":[2],"data_offsets":[0,8])") ==
        "m: tensor 'a': dtype: expects a string, but got number");
  CHECK(
      one(R"("dtype":"F64","shape":[1],"data_offsets":[0,8])") ==
      "m: tensor 'a': expects a dtype out of F32, F16, BF16, I8, I32, I64, U8, BOOL, F8_E4M3, F8_E5M2, but got 'F64'");
  CHECK(one(R"("dtype":"F8_E4M3","shape":[],"data_offsets":[0,1])", 1) ==
        "m: tensor 'a': expects f8e4m3 of one dimension at least, but got none");
  CHECK(one(R"("dtype":"F8_E5M2","shape":[9],"data_offsets":[0,8])") ==
        "m: tensor 'a': expects 9 bytes for f8e5m2 [9] at byte 66, but got 8");
  CHECK(one(R"("dtype":"F32","shape":2,"data_offsets":[0,8])") ==
        "m: tensor 'a': shape: expects an array, but got number");
  CHECK(one(R"("dtype":"F32","shape":[2.5],"data_offsets":[0,8])") ==
        "m: tensor 'a': shape: expects an integer, but got a number that is none or too large");
  CHECK(one(R"("dtype":"F32","shape":[99999999999999999999],"data_offsets":[0,8])") ==
        "m: tensor 'a': shape: expects an integer, but got a number that is none or too large");
  CHECK(one(R"("dtype":"F32","shape":[-2],"data_offsets":[0,8])") ==
        "m: tensor 'a': expects a shape of sizes that are not negative and whose bytes fit in 63 bits, but got [-2]");
  CHECK(contains(one(R"("dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8])"),
                 "whose bytes fit in 63 bits, but got [4294967296, 4294967296]"));
  CHECK(one(R"("dtype":"F32","shape":[3],"data_offsets":[0,8])") ==
        "m: tensor 'a': expects 12 bytes for f32 [3] at byte 62, but got 8");
  CHECK(one(R"("dtype":"F32","shape":[2],"data_offsets":[0])") ==
        "m: tensor 'a': data_offsets: expects a begin and an end, but got 1 numbers");
  CHECK(one(R"("dtype":"F32","shape":[2],"data_offsets":[-8,0])") ==
        "m: tensor 'a': expects data offsets in order and within the 8 bytes of data from byte 63 on, but got -8 to 0");
  CHECK(one(R"("dtype":"F32","shape":[2],"data_offsets":[8,0])") ==
        "m: tensor 'a': expects data offsets in order and within the 8 bytes of data from byte 62 on, but got 8 to 0");
  CHECK(one(R"("dtype":"F32","shape":[2],"data_offsets":[4,12])") ==
        "m: tensor 'a': expects data offsets in order and within the 8 bytes of data from byte 63 on, but got 4 to 12");
  CHECK(one(R"("dtype":"F32","shape":[2],"data_offsets":[0,18446744073709551615])") ==
        "m: tensor 'a': data_offsets: expects an integer of 64 bits, but got 18446744073709551615");
  CHECK(one(good, 9) == "m: expects the last tensor to end with the file, at byte 71, but got byte 70");
  CHECK(one(R"("dtype":"F32","shape":[1],"data_offsets":[4,8])") ==
        "m: tensor 'a': expects to begin where the tensor before it ends, at byte 62, but got byte 66 (a gap)");
  CHECK(
      refused(
          R"({"a":{"dtype":"U8","shape":[6],"data_offsets":[0,6]},"b":{"dtype":"U8","shape":[4],"data_offsets":[4,8]}})",
          8) == "m: tensor 'b': expects to begin where the tensor before it ends, at byte 119, but got byte 117 (they "
                "overlap)");
}

TEST_CASE("a cut or changed file gives tensors or an Error, nothing else", "[Safetensors]") {
  const std::string good = file_bytes(two, 12);
  for (size_t length = 0; length < good.size(); ++length)
    CHECK(refused(good.substr(0, length)) != "(no error)");
  uint32_t state = 1;
  auto random = [&] { return state = state * 1664525u + 1013904223u, state >> 8; };
  const char alphabet[] = "0123456789[]{}\",:-.eF\x00\xff";
  for (int round = 0; round < 5000; ++round) {
    std::string bytes = good;
    for (uint32_t i = random() % 4 + 1; i-- > 0;) {
      uint32_t at = random() % bytes.size();
      char c = alphabet[random() % (sizeof alphabet - 1)];
      switch (random() % 3) {
      case 0:
        bytes[at] = c;
        break;
      case 1:
        bytes.erase(at, random() % 9);
        break;
      default:
        bytes.insert(at, random() % 4 + 1, c);
      }
      if (bytes.empty())
        break;
    }
    refused(bytes); // another exception would fail the test
  }
}

TEST_CASE("a missing file and a file that is a folder are told", "[Safetensors]") {
  TemporaryFolder folder;
  CHECK(error_of([&] { open_safetensors(folder / "none"); }) ==
        (folder / "none").string() + ": expects a file that can be read, but got 'No such file or directory'");
  CHECK(contains(error_of([&] { open_safetensors(folder.path); }), "expects a regular file, but got a folder"));
}

TEST_CASE("what cannot be saved is told, and the old file stays", "[Safetensors]") {
  TemporaryFolder folder;
  write_text(folder / "m", "old");
  CHECK(error_of([&] { save_safetensors(folder / "m", {{"__metadata__", Tensor::zeros(f32, {1})}}); }) ==
        (folder / "m").string() + ": expects names of tensors other than '__metadata__', but got that");
  CHECK(error_of([&] { save_safetensors(folder / "m", {{"\xff", Tensor::zeros(f32, {1})}}); }) ==
        (folder / "m").string() + ": expects names and metadata in UTF-8, but got bytes that are not");
  CHECK(contains(error_of([&] { save_safetensors(folder / "m", {{"a", Tensor()}}); }), "expects a tensor"));
  CHECK(read_bytes(folder / "m").size() == 3);
}

TEST_CASE("an index names the files of a checkpoint", "[Safetensors]") {
  TemporaryFolder folder;
  save_safetensors(folder / "1.safetensors", {{"a", Tensor::from<float>({1}, {1})}, {"x", Tensor::zeros(f32, {2})}},
                   {{"format", "pt"}});
  save_safetensors(folder / "2.safetensors", {{"b", Tensor::from<float>({1}, {2})}});
  std::filesystem::path index = folder / "model.safetensors.index.json";
  write_text(index, R"({"metadata":{"total_size":8},"weight_map":{"a":"1.safetensors","b":"2.safetensors"}})");
  Checkpoint checkpoint = open_safetensors_index(index);
  CHECK(checkpoint.tensors.size() == 2); // x is not in the map
  CHECK(checkpoint.tensors.at("b").to_vector<float>() == std::vector<float>{2});
  CHECK(checkpoint.sources.at("b").file == (folder / "2.safetensors").string());
  CHECK(checkpoint.metadata == Metadata{{"total_size", "8"}, {"format", "pt"}});

  auto told = [&](const std::string &text) {
    write_text(index, text);
    std::string error = error_of([&] { open_safetensors_index(index); });
    std::string begin = index.string() + ": ";
    return error.starts_with(begin) ? error.substr(begin.size()) : error;
  };
  CHECK(told(R"({"weight_map":{"a":"1.safetensors","c":"2.safetensors","d":"2.safetensors"}})") ==
        "expects the file '2.safetensors' to hold 'c', 'd', but got none");
  CHECK(told(R"({"weight_map":{"a":"3.safetensors"}})") ==
        "expects the file '3.safetensors' with 1 tensors ('a' is one) beside it, but got none");
  CHECK(told("{}") == "expects a field 'weight_map', but got none");
  CHECK(told("[") == "expects JSON, but got a syntax error at byte 2");
  CHECK(told(R"({"weight_map":[]})") == "weight_map: expects an object, but got array");
  CHECK(told(R"({"weight_map":{"a":1}})") == "weight_map: 'a': expects a string, but got number");
  CHECK(told(R"({"metadata":1,"weight_map":{}})") == "metadata: expects an object, but got number");
  for (const char *name :
       {"../1.safetensors", "/etc/passwd", "..", ".", "", "sub/1.safetensors", "a\\\\b", "a\\u0000b"})
    CHECK(contains(told(R"({"weight_map":{"a":")" + std::string(name) + R"("}})"),
                   "weight_map: 'a': expects the name of a file in the same folder, but got '"));
  write_text(folder / "2.safetensors", "cut");
  CHECK(told(R"({"weight_map":{"b":"2.safetensors"}})") ==
        (folder / "2.safetensors").string() +
            ": expects 8 bytes with the header's length at byte 0, but got a file of 3 bytes");
}
