// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/runtime/Npz.h"
#include "lib/runtime/File.h"
#include "lib/runtime/npy/NpzDirectory.h"
#include "test/unit/Support.h"
#include <catch2/catch.hpp>
#include <cstring>

using namespace varve;
using namespace varve::test;
namespace zip = runtime::zip;

namespace {

StateDict some() {
  StateDict state = {{"scalar", Tensor::from<int64_t>({}, {7})}, {"none", Tensor::zeros(f16, {0, 5})}, {"é/b", {}}};
  state["é/b"] = Tensor::from<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  for (DType dtype : {f32, f16, i8, i32, i64, u8, boolean})
    state[std::string(name_of(dtype))] = Tensor::zeros(dtype, {3, 1});
  return state;
}

void check_equal(const StateDict &found, const StateDict &wanted) {
  REQUIRE(found.size() == wanted.size());
  for (const auto &[name, tensor] : wanted) {
    CAPTURE(name);
    CHECK(found.at(name).type() == tensor.type());
    CHECK(std::memcmp(found.at(name).data(), tensor.data(), tensor.bytes()) == 0);
  }
}

std::string bytes_of(const std::filesystem::path &path) {
  std::vector<std::byte> bytes = read_bytes(path);
  return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

// An archive of "a" and "b", and where its parts are.
struct Archive {
  TemporaryFolder folder;
  std::string bytes;
  size_t local, central, end;

  explicit Archive(uint64_t large = 0xffffffff) {
    runtime::write_npz(folder / "x.npz", {{"a", Tensor::zeros(f32, {2})}, {"b", Tensor::zeros(f32, {3})}}, large);
    bytes = bytes_of(folder / "x.npz");
    local = bytes.find(signature(zip::local), 1);
    central = bytes.find(signature(zip::central));
    end = bytes.find(signature(zip::end));
  }
  static std::string signature(uint32_t number) { return {reinterpret_cast<const char *>(&number), 4}; }

  // What is said of the archive with another number at `at`, without the file's name.
  template <typename T> std::string with(size_t at, T number) {
    std::string changed = bytes;
    std::memcpy(changed.data() + at, &number, sizeof number);
    return told(changed);
  }
  std::string told(const std::string &changed) {
    write_text(folder / "y.npz", changed);
    std::string error = error_of([&] { load_npz(folder / "y.npz"); }), begin = (folder / "y.npz").string() + ": ";
    return error.starts_with(begin) ? error.substr(begin.size()) : error;
  }
};

std::string byte(size_t at) { return "byte " + std::to_string(at) + ": expects "; }

} // namespace

TEST_CASE("tensors go to an .npz file and come back", "[Npz]") {
  TemporaryFolder folder;
  StateDict state = some();
  save_npz(folder / "x.npz", state);
  check_equal(load_npz(folder / "x.npz"), state);
  std::string first = bytes_of(folder / "x.npz");
  save_npz(folder / "x.npz", state);
  CHECK(bytes_of(folder / "x.npz") == first); // no time in it
  for (uint64_t large : {1, 200, 1000}) {     // the form for large archives, for some and for all fields
    runtime::write_npz(folder / "x.npz", state, large);
    check_equal(load_npz(folder / "x.npz"), state);
  }
  save_npz(folder / "none.npz", {});
  CHECK(load_npz(folder / "none.npz").empty());
}

TEST_CASE("bf16 goes to an .npz file as the bits in uint16", "[Npz]") {
  TemporaryFolder folder;
  save_npz(folder / "x.npz", {{"h", Tensor::from<BFloat16>({2}, {1.0f, -2.0f})}, {"w", Tensor::zeros(f32, {1})}});
  StateDict read = load_npz_bf16(folder / "x.npz");
  CHECK(read.at("h").type() == "bf16 [2]");
  CHECK(read.at("h").to_vector<float>() == std::vector<float>{1, -2});
  CHECK(read.at("w").type() == "f32 [1]");
  CHECK(contains(error_of([&] { load_npz(folder / "x.npz"); }),
                 "x.npz: 'h': expects to be read as bf16 (load_npy_bf16, load_npz_bf16), NumPy's uint16 being none of "
                 "Varve's types"));
}

TEST_CASE("the CRC is that of ZIP", "[Npz]") {
  CHECK(runtime::crc32(as_bytes("123456789")) == 0xcbf43926);
  CHECK(runtime::crc32(as_bytes("6789"), runtime::crc32(as_bytes("12345"))) == 0xcbf43926);
  CHECK(runtime::crc32({}) == 0);
}

TEST_CASE("an .npz file that is wrong is told", "[Npz]") {
  Archive x;
  auto at = [](size_t place) { return byte(place); };
  const size_t local = x.local, central = x.central, end = x.end;
  CHECK(x.told(x.bytes) == "(no error)");
  const std::string none =
      "expects a .npz file, which is a ZIP archive with a directory at its end, but got none (cut off?)";
  CHECK(x.told("") == none);
  CHECK(x.told("PK") == none);
  CHECK(x.told(x.bytes.substr(0, x.bytes.size() - 1)) == none);
  CHECK(x.told(x.bytes + "x") == none);
  CHECK(x.with(end + 4, uint16_t(1)) == at(end + 4) + "an archive in one file, but got a part of several");
  CHECK(x.with(end + 10, uint16_t(9)) == at(end) + "at most 2 members, but got 9");
  CHECK(x.with(end + 10, uint16_t(1)) ==
        at(central + 51) + "the directory to end after 1 members, but got 51 bytes more");
  CHECK(x.with(end + 12, uint32_t(50)) == at(end) + "a directory that ends where its end is told, at byte " +
                                              std::to_string(end) + ", but got 50 bytes from byte " +
                                              std::to_string(central) + " on");
  CHECK(contains(x.with(end + 16, uint32_t(0xfffffff0)), "but got 102 bytes from byte 4294967280 on"));
  CHECK(x.with(end + 16, uint32_t(0xffffffff)) == at(end) + "ZIP64's locator before the directory's end, but got none");
  CHECK(x.with(central, uint32_t(0)) == at(central) + "an entry of the directory, but got something else");
  CHECK(x.with(central + 28, uint16_t(0xffff)) ==
        at(central) + "an entry inside the directory, but got 65535 bytes of texts");
  CHECK(x.with(central + 8, uint16_t(1)) == at(central) + "members that are not encrypted, but got 'a.npy'");
  CHECK(x.with(central + 10, uint16_t(8)) ==
        at(central) + "members that are stored as they are (numpy.savez), but got 'a.npy' with compression method 8 "
                      "(numpy.savez_compressed?)");
  CHECK(x.with(central + 20, uint32_t(5)) ==
        at(central) + "members that are stored as they are (numpy.savez), but got 'a.npy' with compression method 0");
  CHECK(x.with(central + 24, uint32_t(0xffffffff)) == at(central + 51) + "ZIP64's field with 1 values, but got none");
  CHECK(x.with(central + 46, 'b') == at(0) + "the name 'b.npy', but got 'a.npy'");
  CHECK(x.with(central + 47, 'x') == at(central) + "members named .npy, but got 'axnpy'");
  CHECK(x.with(central + 42, uint32_t(5)) == at(central) + "the place of 'a.npy', but got 5");
  CHECK(x.with(central + 42, uint32_t(0x7fffffff)) == at(central) + "the place of 'a.npy', but got 2147483647");
  CHECK(x.with(local + 28, uint16_t(0xfff0)) ==
        at(local) + "140 bytes of 'b.npy', but got the directory, at byte " + std::to_string(central));
  CHECK(contains(x.with(local - 1, 'x'), at(35) + "the CRC "));
  CHECK(contains(x.with(local - 1, 'x'), " of 'a', but got "));
  CHECK(contains(x.with(40, 'x'), "x.npz: 'a': expects a .npy file of format 1 or 2") == false);
  CHECK(contains(x.with(36, 'x'), "'a': expects a .npy file, which begins with the byte 0x93 and 'NUMPY'"));

  // The second entry tells of the first member again, under its name or where the names say so too.
  std::string twice = x.bytes;
  twice.replace(central + 51, 51, x.bytes.substr(central, 51));
  CHECK(x.told(twice) == at(central + 51) + "each name once, but got 'a' twice");
  std::string pickle = x.bytes;
  pickle.replace(central + 46, 5, "d.pkl");
  CHECK(x.told(pickle) == at(central) + "members named .npy, but got 'd.pkl'");
}

TEST_CASE("members that overlap are refused", "[Npz]") {
  Archive x;
  // The first member is said to reach into the second, whose own bytes are as they were.
  std::string bytes = x.bytes;
  uint32_t size = 0;
  std::memcpy(&size, bytes.data() + x.central + 24, sizeof size);
  size += 60;
  std::memcpy(bytes.data() + x.central + 20, &size, sizeof size);
  std::memcpy(bytes.data() + x.central + 24, &size, sizeof size);
  CHECK(contains(x.told(bytes), "expects 8 bytes of data for f32 [2] at byte 128, but got 68"));
  std::string shifted = x.bytes; // both entries at one place, under one name in the local header each
  uint32_t offset = 0;
  std::memcpy(shifted.data() + x.central + 51 + 42, &offset, sizeof offset);
  CHECK(x.told(shifted) == byte(0) + "the name 'b.npy', but got 'a.npy'");
}

TEST_CASE("ZIP64's fields are checked like the others", "[Npz]") {
  Archive x(1);
  size_t end64 = x.bytes.find(Archive::signature(zip::end64)),
         locator = x.bytes.find(Archive::signature(zip::locator64));
  CHECK(x.told(x.bytes) == "(no error)");
  CHECK(x.with(locator + 8, uint64_t(UINT64_MAX)) ==
        byte(locator + 8) + "the place of ZIP64's directory's end, but got 18446744073709551615");
  CHECK(x.with(locator + 8, uint64_t(3)) == byte(locator + 8) + "the place of ZIP64's directory's end, but got 3");
  CHECK(contains(x.with(end64 + 32, uint64_t(UINT64_MAX)), "members, but got 18446744073709551615"));
  CHECK(contains(x.with(end64 + 40, uint64_t(UINT64_MAX)), "expects a directory that ends where its end is told"));
  CHECK(contains(x.with(end64 + 48, uint64_t(UINT64_MAX)), "expects a directory that ends where its end is told"));
  size_t extra = x.central + zip::central_bytes + 5 + 4;
  CHECK(contains(x.with(extra, uint64_t(UINT64_MAX)), "with compression method 0"));
}

TEST_CASE("a cut or changed .npz file gives tensors or an Error, nothing else", "[Npz]") {
  for (uint64_t large : {uint64_t(1), uint64_t(0xffffffff)}) {
    Archive x(large);
    auto parse = [](const std::string &bytes) {
      return error_of([&] { runtime::parse_npz(as_bytes(bytes), "x", runtime::Uint16::bf16); });
    };
    for (size_t length = 0; length < x.bytes.size(); ++length)
      CHECK(parse(x.bytes.substr(0, length)) != "(no error)");
    uint32_t state = 1;
    auto random = [&] { return state = state * 1664525u + 1013904223u, state >> 8; };
    for (int round = 0; round < 10000; ++round) {
      std::string bytes = x.bytes;
      for (uint32_t i = random() % 3 + 1; i-- > 0;)
        bytes[random() % bytes.size()] = static_cast<char>(random() % 4 == 0 ? 0xff : random() % 16);
      parse(bytes); // another exception would fail the test
    }
  }
}
