// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The file of packed weights: made once, mapped afterwards, and never used for what it is not.
#include "lib/runtime/Digest.h"
#include "lib/runtime/File.h"
#include "lib/runtime/executable/Program.h"
#include "test/unit/runtime/Fake.h"
#include "varve/runtime/Session.h"
#include <catch2/catch.hpp>
#include <cstring>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace varve;
using namespace varve::runtime;
using namespace varve::test;
namespace fs = std::filesystem;

namespace {

// Weights in a file, code that wants two of them packed, and what binding says.
struct Folder {
  TemporaryFolder folder;
  fs::path weights = folder / "weights", packed = folder / "packed";
  std::string warnings;
  std::vector<WeightInfo> infos = {{"a", f32, {5, 70}, 4, ""}, {"plain", f32, {3}, 0, ""}, {"b", bf16, {9, 6}, 8, ""}};

  Folder() { write(1); }

  // The values from `first` on; the file is written in place, so that maps see it.
  void write(float first) const {
    std::vector<float> values(353);
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = first + static_cast<float>(i);
    std::vector<BFloat16> halves;
    for (int i = 0; i < 54; ++i)
      halves.push_back(BFloat16(first + static_cast<float>(i)));
    std::ofstream file(weights, std::ios::binary);
    file.write(reinterpret_cast<const char *>(values.data()), 353 * 4);
    file.write(reinterpret_cast<const char *>(halves.data()), 54 * 2);
  }

  StateDict state() const {
    MappedFile map = map_file(weights);
    auto view = [&](DType dtype, size_t at, std::vector<int64_t> shape) {
      return Tensor::view(dtype, std::move(shape), static_cast<const void *>(map.data.get() + at), map.data);
    };
    return {{"a", view(f32, 0, {5, 70})}, {"plain", view(f32, 1400, {3})}, {"b", view(bf16, 1412, {9, 6})}};
  }
  // The same in memory that is no map's.
  StateDict copied() const {
    StateDict all = state();
    for (auto &[name, tensor] : all)
      tensor = tensor.clone();
    return all;
  }

  std::shared_ptr<const Program> bind(const StateDict &state, const std::string &version = "") {
    warnings.clear();
    auto code = std::make_shared<Code>();
    code->manifest.weights = infos;
    return bind_weights(code, state, {.packed = packed, .version = version, .warning = [this](std::string_view text) {
                                        warnings += std::string(text) + "\n";
                                      }});
  }
  std::shared_ptr<const Program> bind() { return bind(state()); }

  ino_t file() const {
    struct stat info{};
    return ::stat(packed.c_str(), &info) == 0 ? info.st_ino : 0;
  }
};

// Bound with a file or without, weights are the same bytes.
bool same(const Program &a, const Program &b) {
  bool equal = a.weights.size() == b.weights.size();
  for (size_t i = 0; equal && i < a.weights.size(); ++i)
    equal = a.weights[i].type() == b.weights[i].type() &&
            std::memcmp(a.weights[i].data(), b.weights[i].data(), a.weights[i].bytes()) == 0;
  return equal;
}

bool right(const Folder &folder, const std::shared_ptr<const Program> &program) {
  auto code = std::make_shared<Code>();
  code->manifest.weights = folder.infos;
  return same(*bind_weights(code, folder.state()), *program);
}

// Changes bytes of the file and leaves its time as it was.
void damage(const fs::path &path, size_t at, uint8_t with) {
  fs::file_time_type time = fs::last_write_time(path);
  {
    std::fstream file(path, std::ios::binary | std::ios::in | std::ios::out);
    file.seekg(static_cast<std::streamoff>(at));
    char byte = static_cast<char>(file.get() ^ with);
    file.seekp(static_cast<std::streamoff>(at));
    file.put(byte);
  }
  fs::last_write_time(path, time);
}

} // namespace

TEST_CASE("digests are those that XXH64 is known by", "[PackedFile]") {
  auto digest = [](std::string_view text) { return digest_of(as_bytes(text)); };
  CHECK(digest("") == 0xef46db3751d8e999u);
  CHECK(digest("a") == 0xd24ec4f1a98c6e5bu);
  CHECK(digest("abc") == 0x44bc2cf5ad770999u);
  CHECK(digest("Nobody inspects the spammish repetition") == 0xfbcea83c8a378bf1u);
  std::string text(1000, 'x');
  for (size_t i = 0; i < text.size(); ++i)
    text[i] = static_cast<char>(i * 31);
  for (size_t step : {1, 7, 31, 32, 33, 500}) {
    Digest parts;
    for (size_t at = 0; at < text.size(); at += step)
      parts.add(std::string_view(text).substr(at, step));
    CHECK(parts.value() == digest(text));
  }
}

TEST_CASE("packed weights are kept, and the file is mapped the next time", "[PackedFile]") {
  Folder folder;
  std::shared_ptr<const Program> first = folder.bind();
  CHECK(right(folder, first));
  ino_t file = folder.file();
  REQUIRE(file != 0);
  std::shared_ptr<const Program> second = folder.bind();
  CHECK(right(folder, second));
  CHECK(folder.warnings.empty());
  CHECK(folder.file() == file);
  CHECK(first->packed_bytes == (8 * 70 * 4 + 16 * 6 * 2));
  CHECK(second->mapped_bytes == second->packed_bytes);
  CHECK(reinterpret_cast<uintptr_t>(second->weights[0].data()) % 4096 == 0);
  CHECK(second->weights[0].read_only());
  CHECK(second->maps.size() == 2); // and the checkpoint, of the weight that is not packed
  CHECK(std::distance(fs::directory_iterator(folder.folder.path), {}) == 2); // nothing is left behind
}

TEST_CASE("a mapped start reads no weights", "[PackedFile]") {
  TemporaryFolder folder;
  const int64_t out = 4096, in = 2048; // 32 MiB
  std::vector<std::byte> zeros(static_cast<size_t>(out * in * 4), std::byte(1));
  std::span<const std::byte> piece = zeros;
  write_file(folder / "w", {&piece, 1});
  auto code = std::make_shared<Code>();
  code->manifest.weights = {{"w", f32, {out, in}, 16, ""}};
  auto bind = [&] {
    MappedFile map = map_file(folder / "w");
    StateDict state = {{"w", Tensor::view(f32, {out, in}, static_cast<const void *>(map.data.get()), map.data)}};
    return bind_weights(code, std::move(state), {.packed = folder / "packed"});
  };
  // Pages of a map that this process has touched.
  auto touched = [](const Tensor &tensor) {
    std::ifstream file("/proc/self/smaps");
    char begin[32];
    std::snprintf(begin, sizeof begin, "%zx-", reinterpret_cast<size_t>(tensor.data()) / 4096 * 4096 - 4096);
    bool here = false;
    for (std::string line; std::getline(file, line);) {
      here |= line.starts_with(begin);
      if (here && line.starts_with("Rss:"))
        return std::stol(line.substr(4));
    }
    return -1L;
  };
  bind();
  std::shared_ptr<const Program> second = bind();
  long kibibytes = touched(second->weights[0]);
  CHECK(kibibytes >= 0);
  CHECK(kibibytes <= 128); // the header, and what the system maps around it
}

TEST_CASE("packing gives pages of a mapped checkpoint back", "[PackedFile]") {
  TemporaryFolder folder;
  const int64_t out = 4096, in = 2048;
  std::vector<std::byte> bytes(static_cast<size_t>(out * in * 4), std::byte(1));
  std::span<const std::byte> piece = bytes;
  write_file(folder / "w", {&piece, 1});
  auto resident = [] {
    std::ifstream file("/proc/self/status");
    for (std::string line; std::getline(file, line);)
      if (line.starts_with("RssFile:"))
        return std::stol(line.substr(8));
    return 0L;
  };
  MappedFile map = map_file(folder / "w");
  Tensor tensor = Tensor::view(f32, {out, in}, static_cast<const void *>(map.data.get()), map.data);
  auto code = std::make_shared<Code>();
  code->manifest.weights = {{"w", f32, {out, in}, 16, ""}};
  long before = resident();
  std::shared_ptr<const Program> program = bind_weights(code, {{"w", tensor}});
  CHECK(resident() - before < 4096);                                        // of 32768
  CHECK(tensor.to_vector<float>().size() == static_cast<size_t>(out * in)); // and is still there to be read
}

TEST_CASE("a checkpoint that was written to is packed anew", "[PackedFile]") {
  Folder folder;
  folder.bind();
  folder.write(2); // in place, as long as before
  CHECK(right(folder, folder.bind()));
  CHECK(contains(folder.warnings, folder.packed.string() +
                                      ": expects weights of this checkpoint as it is now, but got those "
                                      "of another, or of an older state of it; it is made anew"));
  CHECK(right(folder, folder.bind()));
  CHECK(folder.warnings.empty());

  // Another file in its place, with its size and the time of its last change.
  fs::file_time_type time = fs::last_write_time(folder.weights);
  fs::rename(folder.weights, folder.folder / "old");
  folder.write(3);
  fs::last_write_time(folder.weights, time);
  CHECK(right(folder, folder.bind()));
  CHECK(contains(folder.warnings, "expects weights of this checkpoint"));

  folder.bind();
  CHECK(folder.warnings.empty());
  folder.write(4);
  fs::last_write_time(folder.weights, time); // who puts the time back does not go unseen
  CHECK(right(folder, folder.bind()));
  CHECK(contains(folder.warnings, "expects weights of this checkpoint"));
}

TEST_CASE("weights in memory are known by what they hold", "[PackedFile]") {
  Folder folder;
  StateDict state = folder.copied();
  CHECK(right(folder, folder.bind(state)));
  ino_t file = folder.file();
  CHECK(right(folder, folder.bind(folder.copied())));
  CHECK(folder.file() == file);
  CHECK(folder.warnings.empty());
  Tensor changed = state["b"].clone();
  static_cast<uint8_t *>(changed.mutable_data())[17] ^= 1;
  state["b"] = changed;
  folder.bind(state);
  CHECK(folder.file() != file);
  CHECK(contains(folder.warnings, "expects weights of this checkpoint"));
  file = folder.file();
  state["plain"] = Tensor::zeros(f32, {3}); // is not packed
  folder.bind(state);
  CHECK(folder.file() == file);
}

TEST_CASE("a version that is given says which weights they are", "[PackedFile]") {
  Folder folder;
  folder.bind(folder.copied(), "v1");
  ino_t file = folder.file();
  folder.bind(folder.state(), "v1"); // wherever they are now
  CHECK(folder.file() == file);
  CHECK(folder.warnings.empty());
  folder.bind(folder.state(), "v2");
  CHECK(folder.file() != file);
  CHECK(contains(folder.warnings, "expects weights of this checkpoint"));
}

TEST_CASE("panels that are too large are refused", "[PackedFile]") {
  Folder folder;
  folder.infos[0].panel = int64_t(1) << 46;
  CHECK(contains(error_of([&] { folder.bind(); }),
                 "weight 'a' expects panels that fit into a file of 2^47 bytes, but got more"));
  CHECK(folder.file() == 0);
}

TEST_CASE("another layout is packed anew", "[PackedFile]") {
  Folder folder;
  folder.bind();
  auto changed = [&](auto change) {
    std::vector<WeightInfo> before = folder.infos;
    change(folder.infos);
    ino_t file = folder.file();
    CHECK(right(folder, folder.bind()));
    CHECK(folder.file() != file);
    CHECK(contains(folder.warnings, "expects weights packed as this executable reads them, but got another layout"));
    folder.infos = before;
    folder.bind();
  };
  changed([](auto &infos) { infos[0].panel = 8; });
  changed([](auto &infos) { infos[2].group = 2; });
  changed([](auto &infos) { infos[0].panel = 0; });
  changed([](auto &infos) { infos[1].panel = 4; });
  changed([](auto &infos) { std::swap(infos[0], infos[2]); });
}

TEST_CASE("a damaged file is said, and made again", "[PackedFile]") {
  Folder folder;
  folder.bind();
  const std::vector<std::byte> whole = read_bytes(folder.packed);
  auto made_anew = [&](const std::string &why) {
    CAPTURE(why);
    CHECK(right(folder, folder.bind()));
    CHECK(contains(folder.warnings, folder.packed.string() + ": " + why));
    CHECK(contains(folder.warnings, "; it is made anew"));
    CHECK(read_bytes(folder.packed).size() == whole.size());
    CHECK(right(folder, folder.bind()));
    CHECK(folder.warnings.empty());
  };
  for (size_t size : {size_t(0), size_t(8), size_t(63)}) {
    fs::resize_file(folder.packed, size);
    made_anew("expects a header of 64 bytes, but got " + std::to_string(size));
  }
  for (size_t size : {size_t(64), size_t(100), size_t(5000), whole.size() - 1, whole.size() + 1}) {
    fs::resize_file(folder.packed, size);
    made_anew("expects a file of " + std::to_string(whole.size()) + " bytes, but got " + std::to_string(size));
  }
  damage(folder.packed, 8, 2);
  made_anew("expects packed weights of version 1, but got 3");
  for (size_t at = 12; at < 64; ++at) {
    damage(folder.packed, at, 1);
    made_anew("expects a header with the digest");
  }
  for (size_t at = 64; at < 80; ++at) {
    damage(folder.packed, at, 128);
    made_anew("expects digests with the digest");
  }
}

TEST_CASE("a file that somebody wrote to is read before it is used", "[PackedFile]") {
  Folder folder;
  folder.bind();
  ino_t file = folder.file();
  fs::last_write_time(folder.packed, fs::file_time_type::clock::now()); // as `touch` or a copy does
  CHECK(right(folder, folder.bind()));
  CHECK(folder.file() == file);
  CHECK(contains(folder.warnings,
                 "expects a file that nobody wrote to since it was made, but got one with another time"));

  damage(folder.packed, 4096 + 100, 4);
  fs::last_write_time(folder.packed, fs::file_time_type::clock::now());
  CHECK(right(folder, folder.bind()));
  CHECK(contains(folder.warnings, "weight 'a' expects contents with the digest"));
  CHECK(folder.file() != file);

  damage(folder.packed, fs::file_size(folder.packed) - 1, 4); // the last byte of the last weight
  fs::last_write_time(folder.packed, fs::file_time_type::clock::now());
  CHECK(right(folder, folder.bind()));
  CHECK(contains(folder.warnings, "weight 'b' expects contents with the digest"));
}

// A header that is right in itself but for what it says: whoever can write the file can make one.
TEST_CASE("a header that lies leads nowhere", "[PackedFile]") {
  Folder folder;
  folder.bind();
  const std::vector<std::byte> whole = read_bytes(folder.packed);
  for (size_t field : {12, 16, 24, 40, 48}) {
    for (uint64_t value : {uint64_t(0), uint64_t(1), ~uint64_t(0), uint64_t(1) << 62}) {
      std::vector<std::byte> bytes = whole;
      std::memcpy(bytes.data() + field, &value, field == 12 ? 4 : 8);
      uint64_t self = digest_of(std::span(bytes).first(56));
      std::memcpy(bytes.data() + 56, &self, 8);
      write_text(folder.packed, {reinterpret_cast<const char *>(bytes.data()), bytes.size()});
      CAPTURE(field, value);
      CHECK(right(folder, folder.bind()));
      CHECK(contains(folder.warnings, "; it is made anew"));
    }
  }
}

TEST_CASE("a file of another kind is left alone", "[PackedFile]") {
  Folder folder;
  write_text(folder.packed, "my thesis");
  CHECK(error_of([&] { folder.bind(); }) ==
        folder.packed.string() + ": expects a file of packed weights, which begins with VARVEPCK, to use "
                                 "or to replace, but got another kind of file");
  CHECK(read_bytes(folder.packed).size() == 9);
  folder.packed = folder.weights;
  CHECK(contains(error_of([&] { folder.bind(); }), "expects a file of packed weights"));
  folder.packed = folder.folder.path;
  CHECK(contains(error_of([&] { folder.bind(); }), "expects a regular file, but got a folder"));
}

TEST_CASE("a place that cannot be written is said, and weights are packed in memory", "[PackedFile]") {
  Folder folder;
  folder.packed = "/proc/self/packed";
  std::shared_ptr<const Program> program = folder.bind();
  CHECK(right(folder, program));
  CHECK(program->mapped_bytes == 0);
  CHECK(contains(folder.warnings, "/proc/self/packed: expects a place where a file can be written, but got '"));
  CHECK(contains(folder.warnings, "; packed weights are in memory, and not kept"));
  folder.packed = folder.folder / "not-there/packed";
  CHECK(right(folder, folder.bind()));
  CHECK(contains(folder.warnings, "; packed weights are in memory, and not kept"));
}

TEST_CASE("several processes make one file and get on", "[PackedFile]") {
  Folder folder;
  std::vector<pid_t> children;
  for (int i = 0; i < 4; ++i) {
    children.push_back(::fork());
    if (children.back() == 0) {
      bool good = true;
      for (int turn = 0; turn < 10; ++turn) {
        good = good && right(folder, folder.bind()) && folder.warnings.empty();
        if (turn % 3 == i % 3)
          ::unlink(folder.packed.c_str()); // the others keep their maps
      }
      ::_exit(good ? 0 : 1);
    }
  }
  for (pid_t child : children) {
    int status = -1;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(status == 0);
  }
  CHECK(right(folder, folder.bind()));
}

TEST_CASE("several threads make one file and get on", "[PackedFile]") {
  Folder folder;
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      auto code = std::make_shared<Code>();
      code->manifest.weights = folder.infos;
      for (int turn = 0; turn < 5; ++turn)
        good += right(folder, bind_weights(code, folder.state(),
                                           {.packed = folder.packed, .warning = [](auto) { std::abort(); }}));
    });
  for (std::thread &thread : threads)
    thread.join();
  CHECK(good == 20);
}

TEST_CASE("a session runs on a mapped file, and notices that it was cut", "[PackedFile]") {
  TemporaryFolder folder;
  auto run = [&](const Executable &exe) {
    Session session(exe, {.threads = 1});
    MemoryUse use = session.memory();
    CHECK(use.mapped == 2 * 4 * 2 * 4);
    CHECK(use.packed == 0);
    CHECK(use.weights == 12);
    return session.run("linear", {Tensor::from<float>({1, 4}, {1, 2, 3, 4})})[0].to_vector<float>();
  };
  Session plain(fake().bind(fake_state()), {.threads = 1});
  std::vector<float> expected = plain.run("linear", {Tensor::from<float>({1, 4}, {1, 2, 3, 4})})[0].to_vector<float>();
  CHECK(plain.memory().packed == 64);
  CHECK(run(fake().bind(fake_state(), {.packed = folder / "packed"})) == expected);
  Executable mapped = fake().bind(fake_state(), {.packed = folder / "packed"});
  CHECK(mapped.mapped_bytes() == 64);
  CHECK(run(mapped) == expected);
  fs::resize_file(folder / "packed", 100);
  CHECK(contains(error_of([&] { run(mapped); }),
                 "packed: expects the 4160 bytes that it had when it was mapped, but got 100"));
}

TEST_CASE("memory that is given up is the system's part by part, and no other's", "[PackedFile]") {
  const int64_t out = 4096, in = 2048; // 32 MiB
  std::vector<WeightInfo> infos = {{"w", f32, {out, in}, 16, ""}};
  auto code = std::make_shared<Code>();
  code->manifest.weights = infos;
  auto filled = [&] {
    Tensor tensor = Tensor::empty(f32, {out, in});
    for (int64_t i = 0; i < tensor.size(); ++i)
      tensor.mutable_data<float>()[i] = static_cast<float>(i % 1021);
    return tensor;
  };
  std::shared_ptr<const Program> expected = bind_weights(code, {{"w", filled()}});
  Tensor kept = filled(), before = kept.clone();
  StateDict state = {{"w", kept}};
  CHECK(same(*bind_weights(code, std::move(state)), *expected));
  CHECK(std::memcmp(kept.data(), before.data(), kept.bytes()) == 0);
  StateDict copied = {{"w", filled()}};
  CHECK(same(*bind_weights(code, copied), *expected));
  CHECK(std::memcmp(copied.at("w").data(), before.data(), before.bytes()) == 0);
}

TEST_CASE("a state that is given up is gone weight by weight", "[PackedFile]") {
  StateDict state = fake_state();
  std::weak_ptr<const void> packed = state["head.weight"].owner(), plain = state["head.bias"].owner();
  StateDict kept = state;
  fake().bind(kept);
  CHECK_FALSE(packed.expired());
  kept.clear();
  Executable exe = fake().bind(std::move(state));
  CHECK(packed.expired());
  CHECK_FALSE(plain.expired());
  CHECK(exe.bound());
}
