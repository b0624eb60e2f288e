// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/runtime/Npy.h"
#include "lib/runtime/npy/NpyHeader.h"
#include "test/unit/Support.h"
#include <catch2/catch.hpp>
#include <cstring>

using namespace varve;
using namespace varve::test;
using runtime::NpyHeader;
using runtime::parse_npy_header;

namespace {

std::string npy(const std::string &header, size_t data, int version = 1) {
  std::string bytes = "\x93NUMPY";
  bytes += static_cast<char>(version);
  bytes += '\0';
  for (int i = 0; i < (version == 1 ? 2 : 4); ++i)
    bytes += static_cast<char>(header.size() >> (8 * i));
  bytes += header;
  for (size_t i = 0; i < data; ++i)
    bytes += static_cast<char>(i);
  return bytes;
}

} // namespace

TEST_CASE("tensors go to .npy files and come back", "[Npy]") {
  TemporaryFolder folder;
  for (DType dtype : {f32, f16, i8, i32, i64, u8, boolean})
    for (const std::vector<int64_t> &shape : {std::vector<int64_t>{}, {0}, {3}, {2, 3}, {2, 0, 4}}) {
      Tensor tensor = Tensor::zeros(dtype, shape);
      for (size_t i = 0; i < tensor.bytes(); ++i)
        static_cast<uint8_t *>(tensor.mutable_data())[i] = i % 2;
      save_npy(folder / "x.npy", tensor);
      CHECK(read_bytes(folder / "x.npy").size() % 64 == tensor.bytes() % 64);
      Tensor read = load_npy(folder / "x.npy");
      CHECK(read.type() == tensor.type());
      CHECK(std::memcmp(read.data(), tensor.data(), tensor.bytes()) == 0);
    }
}

TEST_CASE("bf16 goes to a .npy file as the bits in uint16", "[Npy]") {
  TemporaryFolder folder;
  Tensor tensor = Tensor::from<BFloat16>({2}, {1.0f, -2.0f});
  save_npy(folder / "x.npy", tensor);
  CHECK(load_npy_any(folder / "x.npy").type() == load_npy_bf16(folder / "x.npy").type());
  CHECK(load_npy_bf16(folder / "x.npy").to_vector<float>() == std::vector<float>{1, -2});
  CHECK(error_of([&] { load_npy(folder / "x.npy"); }) ==
        (folder / "x.npy").string() +
            ": expects to be read as bf16 (load_npy_bf16, load_npz_bf16), NumPy's uint16 being none of "
            "Varve's types, but got a request for its own type");
  save_npy(folder / "x.npy", Tensor::zeros(f32, {1}));
  CHECK(error_of([&] { load_npy_bf16(folder / "x.npy"); }) ==
        (folder / "x.npy").string() + ": expects bf16 as its bits in uint16 ('<u2'), but got '<f4'");
}

TEST_CASE("what NumPy writes is read", "[Npy]") {
  auto read = [](const std::string &header, int version = 1) {
    return parse_npy_header(as_bytes(npy(header, 0, version)), "x");
  };
  NpyHeader header = read("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }          \n");
  CHECK(header.descr == "<f4");
  CHECK_FALSE(header.fortran_order);
  CHECK(header.shape == std::vector<int64_t>{3, 4});
  CHECK(read("{'descr': '<f4', 'fortran_order': True, 'shape': (3,), }\n", 2).shape == std::vector<int64_t>{3});
  CHECK(read("{\"shape\":(),\"descr\":\"|b1\",\"fortran_order\":True}").fortran_order);
}

TEST_CASE("a .npy file that is wrong is told", "[Npy]") {
  TemporaryFolder folder;
  auto refused = [&](const std::string &bytes) {
    write_text(folder / "x.npy", bytes);
    std::string error = error_of([&] { load_npy(folder / "x.npy"); }), begin = (folder / "x.npy").string() + ": ";
    return error.starts_with(begin) ? error.substr(begin.size()) : error;
  };
  auto header = [&](const std::string &text, size_t data = 8) { return refused(npy(text, data)); };
  const std::string f4 = "{'descr': '<f4', 'fortran_order': False, 'shape': ";
  CHECK(header(f4 + "(2,)}") == "(no error)");
  CHECK(refused("") == "expects a .npy file, which begins with the byte 0x93 and 'NUMPY', but got something else");
  CHECK(refused("\x93NUMPY") ==
        "expects a .npy file, which begins with the byte 0x93 and 'NUMPY', but got something else");
  CHECK(refused(npy(f4 + "(2,)}", 8, 3)) == "expects a .npy file of format 1 or 2, but got format 3");
  CHECK(refused(npy("", 0, 2).substr(0, 10)) ==
        "expects 4 bytes with the header's length at byte 8, but got a file of 10 bytes");
  CHECK(refused(npy(f4, 0).substr(0, 20)) ==
        "expects a header of at most 10 bytes, but got one of " + std::to_string(f4.size()));
  CHECK(refused(npy(std::string(2 << 20, ' '), 0, 2)) ==
        "expects a header of at most 1048576 bytes, but got one of 2097152");
  CHECK(header(f4 + "(2,)}", 7) == "expects 8 bytes of data for f32 [2] at byte 65, but got 7");
  CHECK(header(f4 + "(2,)}", 9) == "expects 8 bytes of data for f32 [2] at byte 65, but got 9");
  CHECK(header(f4 + "(4294967296, 4294967296)}") ==
        "expects more than 2^63 - 1 bytes of data for f32 [4294967296, 4294967296] at byte 85, but got 8");
  CHECK(header(f4 + "(99999999999999999999,)}") == "header, byte 61: expects a size from 0 to 2^63 - 1, but got '9'");
  CHECK(header(f4 + "(-1,)}") == "header, byte 61: expects a size from 0 to 2^63 - 1, but got '-'");
  CHECK(header(f4 + "(1 2)}") == "header, byte 63: expects ')', but got '2'");
  CHECK(header(f4 + "[1]}") == "header, byte 60: expects '(', but got '['");
  CHECK(header(f4 + "(1,)") == "header, byte 64: expects '}', but got the end of the header");
  CHECK(header(f4 + "(1,)}x") == "header, byte 65: expects the header to end, but got more text");
  CHECK(header(f4 + "(1,), 'shape': (1,)}") == "header, byte 79: expects each key once, but got 'shape' twice");
  CHECK(header(f4 + "(1,), 'x': 1}") ==
        "header, byte 70: expects one of the keys descr, fortran_order and shape, but got 'x'");
  CHECK(header("{'descr': '<f4'}") ==
        "header, byte 26: expects the keys descr, fortran_order and shape, but got 1 of them");
  CHECK(header("{'descr': [('a', '<f4')]}") ==
        "header, byte 20: expects a string (a structured dtype is not supported), but got '['");
  CHECK(header("{'descr") == "header, byte 11: expects a string that ends, but got none");
  CHECK(header("\xff") == "header, byte 10: expects '{', but got the byte 255");
  CHECK(header("{'fortran_order': 1}") == "header, byte 28: expects True or False, but got '1'");
  std::string ones = "(";
  for (int i = 0; i < 70; ++i)
    ones += "1,";
  CHECK(contains(header(f4 + ones + ")}"), "expects at most 64 dimensions, but got more"));

  auto typed = [&](const std::string &descr) {
    return header("{'descr': '" + descr + "', 'fortran_order': False, 'shape': (1,)}");
  };
  CHECK(typed("<f8") == "expects an element type out of <f4, <f2, |i1, <i4, <i8, |u1, |b1, <u2, but got '<f8' "
                        "(float64; save it as float32)");
  CHECK(typed(">f4") == "expects an element type out of <f4, <f2, |i1, <i4, <i8, |u1, |b1, <u2, but got '>f4' "
                        "(big-endian)");
  CHECK(contains(typed("|O"), "but got '|O'"));
  CHECK(header("{'descr': '<f4', 'fortran_order': True, 'shape': (2,)}") ==
        "expects an array in C order, but got Fortran order (save numpy.ascontiguousarray(x))");
  CHECK(error_of([&] { load_npy(folder / "none.npy"); }) ==
        (folder / "none.npy").string() + ": expects a file that can be read, but got 'No such file or directory'");
}

TEST_CASE("a changed .npy header gives a header or an Error, nothing else", "[Npy]") {
  const std::string good = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }\n", 48);
  uint32_t state = 1;
  auto random = [&] { return state = state * 1664525u + 1013904223u, state >> 8; };
  for (int round = 0; round < 5000; ++round) {
    std::string bytes = good.substr(0, random() % 8 == 0 ? random() % good.size() : good.size());
    for (uint32_t i = random() % 3 + 1; i-- > 0 && !bytes.empty();)
      bytes[random() % bytes.size()] = "0123456789(){}'\",:TFd \n\xff"[random() % 24];
    error_of([&] { parse_npy_header(as_bytes(bytes), "x"); });
  }
}
