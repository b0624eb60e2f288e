// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/runtime/Executable.h"
#include "lib/runtime/executable/Program.h"
#include "test/unit/runtime/Fake.h"
#include "varve/runtime/Session.h"
#include <catch2/catch.hpp>

using namespace varve;
using namespace varve::test;

TEST_CASE("an executable tells what is in it", "[Executable]") {
  Executable exe = fake();
  CHECK(exe.entries() == std::vector<std::string>{"linear", "lookup"});
  std::vector<TensorInfo> inputs = exe.inputs("lookup");
  REQUIRE(inputs.size() == 3);
  CHECK(inputs[0].name == "ids");
  CHECK(inputs[0].dtype == i64);
  CHECK(inputs[0].shape == "[1, seq]");
  CHECK(inputs[0].sizes == std::vector<int64_t>{1, -1});
  CHECK(inputs[1].symbol == "past");
  CHECK(inputs[1].shape == "[]");
  CHECK(inputs[2].shape == "[1, past + seq]");
  CHECK(exe.outputs("lookup").at(1).shape == "[seq - 2]");
  CHECK(exe.weights().at(0).shape == "[3, 4]");
  CHECK(exe.weights().at(0).sizes == std::vector<int64_t>{3, 4});
  CHECK(exe.buffers().at(0).name == "calls");
  CHECK(exe.manifest_json().front() == '{');
  CHECK(exe.manifest_json().back() == '}');
  CHECK(error_of([&] { (void)exe.inputs(); }) == "expects the name of an entry (linear, lookup), but got none");
  CHECK(error_of([&] { (void)exe.outputs("generate"); }) ==
        "expects the name of an entry (linear, lookup), but got 'generate'");
}

TEST_CASE("an executable is saved and loaded, and is the same bytes", "[Executable]") {
  TemporaryFolder folder;
  std::vector<std::byte> sealed = runtime::seal(fake_elf());
  Executable::from_bytes(sealed).save(folder / "a.varve");
  CHECK(read_bytes(folder / "a.varve") == sealed);
  Executable loaded = Executable::load(folder / "a.varve");
  CHECK(loaded.entries().size() == 2);
  loaded.save(folder / "b.varve");
  CHECK(read_bytes(folder / "b.varve") == sealed);
  CHECK(error_of([&] { loaded.save(folder / "none" / "b.varve"); }) ==
        (folder / "none/b.varve").string() +
            ": expects a place where a file can be written, but got 'No such file or directory'");
  CHECK(error_of([&] { (void)Executable::load(folder / "c.varve"); }) ==
        (folder / "c.varve").string() + ": expects a file that can be read, but got 'No such file or directory'");
}

TEST_CASE("a file cut at any length is refused", "[Executable]") {
  std::vector<std::byte> sealed = runtime::seal(fake_elf());
  for (size_t length = 0; length < sealed.size(); length += length < 100 || length + 100 > sealed.size() ? 1 : 997) {
    CAPTURE(length);
    CHECK(error_of([&] { (void)Executable::from_bytes(std::span(sealed).first(length)); }) ==
          "executable: expects an executable of Varve, which ends in a trailer of 32 bytes that begins with VARVEEXE, "
          "but got " +
              std::to_string(length) + " bytes without one (cut short, or another kind of file)");
  }
}

TEST_CASE("a file with any byte changed is refused", "[Executable]") {
  const std::vector<std::byte> sealed = runtime::seal(fake_elf());
  for (size_t at = 0; at<sealed.size(); at += at + 40> sealed.size() ? 1 : 101) {
    if (at >= sealed.size() - 20 && at < sealed.size() - 16)
      continue; // the reserved field
    std::vector<std::byte> changed = sealed;
    changed[at] ^= std::byte(0x10);
    CAPTURE(at);
    CHECK(error_of([&] { (void)Executable::from_bytes(changed); }) != "(no error)");
  }
  std::vector<std::byte> changed = sealed;
  changed[5000] ^= std::byte(1);
  CHECK(contains(error_of([&] { (void)Executable::from_bytes(changed); }), "(the file is damaged)"));
  changed = sealed;
  changed.insert(changed.begin(), std::byte(0));
  CHECK(contains(error_of([&] { (void)Executable::from_bytes(changed); }),
                 "bytes of code, as its trailer says, but got " + std::to_string(sealed.size() - 31)));
  changed = sealed;
  changed[sealed.size() - 24] = std::byte(1);
  CHECK(error_of([&] { (void)Executable::from_bytes(changed); }) ==
        "executable: expects an executable of ABI version 3, but got version 1; compile the model again with this "
        "Varve");
}

TEST_CASE("the checksum is FNV-1a", "[Executable]") {
  std::vector<std::byte> sealed = runtime::seal(as_bytes("foobar"));
  REQUIRE(sealed.size() == 6 + 32);
  uint64_t checksum = 0;
  for (size_t i = 8; i-- > 0;)
    checksum = checksum << 8 | std::to_integer<uint64_t>(sealed[6 + 24 + i]);
  CHECK(checksum == 0x85944171f73967e8u);
}

TEST_CASE("code that is none, or none for this machine, is refused", "[Executable]") {
  auto refused = [](std::vector<std::byte> elf) {
    return error_of([&] { (void)Executable::from_bytes(runtime::seal(elf)); });
  };
  CHECK(refused({}) == "executable: expects a 64-bit ELF shared object, but got something else");
  std::vector<std::byte> elf = fake_elf();
  elf[18] = std::byte(183); // AArch64
  CHECK(refused(elf) == "executable: expects code for x86-64 (ELF machine 62), but got machine 183");
  CHECK(contains(refused(std::vector<std::byte>(elf.begin(), elf.begin() + 64)), "executable: expects"));
  elf = fake_elf();
  elf.resize(200);
  CHECK(contains(refused(elf), "executable: expects code that can be loaded, but got '"));
  CHECK(refused(fake_elf("\"abi\": 3", "\"abi\": 7")) ==
        "executable: expects an executable of ABI version 3, but got version 7; compile the model again with this "
        "Varve");
  CHECK(refused(fake_elf("varve_entry_1", "varve_entrx_1")) ==
        "executable: expects code that exports varve_entry_1, but got none");
  CHECK(refused(fake_elf("varve_scratch_0", "varve_scrutch_0")) ==
        "executable: expects code that exports varve_scratch_0, but got none");
  CHECK(refused(fake_elf("\"relation\": \"<=\"", "\"relation\": \"=<\"")) ==
        "executable: manifest.entries[0].checks[0].relation: expects '==' or '<=', but got '=<'");
}

TEST_CASE("a manifest that claims to be longer than it is, is refused", "[Executable]") {
  std::vector<std::byte> sealed = runtime::seal(read_bytes(VARVE_FAKE_EXECUTABLE_LYING));
  CHECK(contains(error_of([&] { (void)Executable::from_bytes(sealed); }),
                 "executable: expects a manifest of 1048576 bytes, but got "));
}

TEST_CASE("code for another machine can be looked at and saved, not run", "[Executable]") {
  TemporaryFolder folder;
  auto refused = [&](const Executable &executable) {
    executable.save(folder / "other.varve");
    CHECK(Executable::load(folder / "other.varve").entries() == executable.entries());
    return error_of([&] { Session(executable.bind(fake_state()), {.threads = 1}); });
  };
  CHECK(refused(fake()) == "(no error)");
  CHECK(refused(fake("x86_64-unknown", "riscv-unknown_")) ==
        "expects a machine of the triple 'riscv-unknown_-linux-gnu', but got one of the architecture x86_64");
  CHECK(refused(fake("[\"sse2\"]", "[\"mmx9\"]")) == "expects CPU features that this Varve knows, but got 'mmx9'");
}

TEST_CASE("a CPU that lacks features is told which", "[Executable]") {
  using runtime::check_machine;
  const std::string triple = "x86_64-pc-linux-gnu";
  CHECK(error_of([&] { check_machine(triple, {}); }) == "(no error)");
  CHECK(error_of([&] { check_machine(triple, {"sse2", "sse"}); }) == "(no error)");
  // No CPU has both: one is Intel's, the other never came out for the CPUs that have the first.
  std::vector<std::string> rare = {"sse2", "amx-int8", "avx512fp16", "avxvnni"};
  std::string error = error_of([&] { check_machine(triple, rare); });
  if (error != "(no error)") {
    CHECK(contains(error, "expects a CPU with "));
    CHECK(contains(error, ", but got one without; compile the model for this machine"));
    CHECK_FALSE(contains(error, "sse2"));
  }
  for (const char *name : {"sse3", "ssse3", "sse4.1", "sse4.2", "popcnt", "avx", "avx2", "fma", "f16c", "bmi", "bmi2",
                           "lzcnt", "movbe", "avx512f", "avx512bw", "avx512vl", "avx512dq", "avx512bf16", "avx512vnni"})
    CHECK_FALSE(contains(error_of([&] { check_machine(triple, {name}); }), "knows"));
}

TEST_CASE("the same code may be loaded many times at once", "[Executable]") {
  std::vector<Executable> all;
  all.reserve(5);
  for (int i = 0; i < 5; ++i)
    all.push_back(fake());
  Executable changed = fake("model.cpp:9", "other.cpp:9");
  CHECK(contains(changed.manifest_json(), "other.cpp:9"));
  CHECK(contains(all[4].manifest_json(), "model.cpp:9"));
}

TEST_CASE("an executable with several entries is not called without a name", "[Executable]") {
  CHECK(error_of([] { (void)fake()({Tensor::zeros(f32, {1, 4})}); }) ==
        "expects an executable with one entry, but got 2; make a Session and run its entries by name");
}
