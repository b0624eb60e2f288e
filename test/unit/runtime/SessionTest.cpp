// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/runtime/Session.h"
#include "test/unit/runtime/Fake.h"
#include "varve/runtime/Print.h"
#include <catch2/catch.hpp>
#include <future>
#include <thread>

using namespace varve;
using namespace varve::test;

namespace {

Tensor input() { return Tensor::from<float>({2, 4}, {1, 0, 0, 0, 1, 1, 1, 1}); }
std::vector<float> expected() { return {1.5f, 5.25f, 8, 10.5f, 26.25f, 41}; }

Tensor ids(std::vector<int64_t> values) {
  auto size = static_cast<int64_t>(values.size());
  return Tensor::from({1, size}, values);
}
Tensor scalar(int64_t value) { return Tensor::from<int64_t>({}, {value}); }
Tensor mask(int64_t size) { return Tensor::zeros(boolean, {1, size}); }

// The three inputs of "lookup" that satisfy it for these ids.
std::vector<Tensor> lookup(const std::vector<int64_t> &values) {
  auto seq = static_cast<int64_t>(values.size());
  return {ids(values), scalar(2 * seq), mask(3 * seq)};
}

SessionOptions quiet(int threads = 2) {
  return {.threads = threads, .pin = {}, .print = [](std::string_view) {}};
}

} // namespace

TEST_CASE("an entry runs, with one thread and with several, and gives the same", "[Session]") {
  Executable exe = fake().bind(fake_state());
  for (int threads : {1, 2, 5, 0}) {
    Session session(exe, quiet(threads));
    for (int i = 0; i < 50; ++i) {
      std::vector<Tensor> out = session.run("linear", {input()});
      REQUIRE(out.size() == 1);
      CHECK(out[0].type() == "f32 [2, 3]");
      CHECK(out[0].to_vector<float>() == expected());
      CHECK_FALSE(out[0].read_only());
    }
    CHECK(session.threads() >= 1);
    CHECK(session.executable().bound());
  }
}

TEST_CASE("the batch may be any size, zero too", "[Session]") {
  Session session(fake().bind(fake_state()), quiet());
  CHECK(session.run("linear", {Tensor::zeros(f32, {0, 4})})[0].type() == "f32 [0, 3]");
  CHECK(session.run("linear", {Tensor::zeros(f32, {100, 4})})[0].type() == "f32 [100, 3]");
  CHECK(session.run("linear", {Tensor::zeros(f32, {1, 4})})[0].to_vector<float>() ==
        std::vector<float>{0.5f, 0.25f, -1});
}

TEST_CASE("memory of outputs is used again only when nobody holds it", "[Session]") {
  Session session(fake().bind(fake_state()), quiet());
  std::vector<Tensor> first = session.run("linear", {input()});
  std::vector<Tensor> second = session.run("linear", {input()});
  CHECK(first[0].data() != second[0].data());
  const void *address = first[0].data();
  DLManagedTensorVersioned *exported = first[0].to_dlpack_versioned();
  first.clear();
  CHECK(session.run("linear", {input()})[0].data() != address); // DLPack holds it
  Tensor::from_dlpack(exported);                                // and lets go
  bool again = false;
  for (int i = 0; i < 3; ++i) // one of the idle blocks
    again = session.run("linear", {input()})[0].data() == address || again;
  std::vector<Tensor> third = session.run("linear", {input()}), fourth = session.run("linear", {input()});
  again = again || third[0].data() == address || fourth[0].data() == address;
  CHECK(again);
}

TEST_CASE("outputs outlive session and executable", "[Session]") {
  std::vector<Tensor> out;
  {
    Session session(fake().bind(fake_state()), quiet());
    out = session.run("linear", {input()});
  }
  CHECK(out[0].to_vector<float>() == expected());
}

TEST_CASE("state is shared by the entries, and belongs to the session", "[Session]") {
  Executable exe = fake().bind(fake_state());
  Session session(exe, quiet()), other(exe, quiet());
  session.run("linear", {input()});
  session.run("lookup", lookup({1, 2}));
  CHECK(session.buffer("calls").to_vector<int64_t>() == std::vector<int64_t>{2});
  CHECK(other.buffer("calls").to_vector<int64_t>() == std::vector<int64_t>{0});
  session.reset();
  CHECK(session.buffer("calls").to_vector<int64_t>() == std::vector<int64_t>{0});
  CHECK(session.buffer("nothing").type() == "f32 [2, 0]");
  Tensor mine = Tensor::from<int64_t>({1}, {40});
  session.set_buffer("calls", mine);
  session.run("linear", {input()});
  CHECK(mine.to_vector<int64_t>() == std::vector<int64_t>{41});

  CHECK(error_of([&] { (void)session.buffer("k"); }) ==
        "expects the name of one of the 2 state buffers (calls, nothing), but got 'k'");
  CHECK(error_of([&] { session.set_buffer("calls", Tensor::zeros(i64, {2})); }) ==
        "expects state buffer 'calls' to be i64 [1], but got i64 [2]");
  int64_t value = 0;
  CHECK(error_of([&] {
          session.set_buffer("calls", Tensor::view(i64, {1}, static_cast<const void *>(&value), nullptr));
        }) == "expects memory that may be written for state buffer 'calls', but got a read-only tensor");
  alignas(8) char odd[16] = {};
  CHECK(error_of([&] { session.set_buffer("calls", Tensor::view(i64, {1}, static_cast<void *>(odd + 1), nullptr)); }) ==
        "expects memory aligned to its elements for state buffer 'calls', but got i64 [1] that is not");
}

TEST_CASE("dimensions bind symbols, and expressions of them give shapes", "[Session]") {
  Session session(fake(), quiet());
  std::vector<Tensor> out = session.run("lookup", lookup({5, 6, 7}));
  REQUIRE(out.size() == 2);
  CHECK(out[0].to_vector<int64_t>() == std::vector<int64_t>{10, 12, 14});
  CHECK(out[1].to_vector<int64_t>() == std::vector<int64_t>{7});
}

TEST_CASE("inputs that do not fit are told", "[Session]") {
  Session session(fake().bind(fake_state()), quiet());
  auto refused = [&](const char *entry, std::vector<Tensor> inputs) {
    return error_of([&] { session.run(entry, inputs); });
  };
  CHECK(refused("linear", {}) == "entry 'linear' expects 1 input (x), but got 0");
  CHECK(refused("lookup", {scalar(1)}) == "entry 'lookup' expects 3 inputs (ids, past, mask), but got 1");
  CHECK(refused("linear", {Tensor()}) == "input 'x' expects a tensor, but got none (a default-made Tensor)");
  CHECK(refused("linear", {Tensor::zeros(i32, {2, 4})}) == "input 'x' expects dtype f32, but got i32");
  CHECK(refused("linear", {Tensor::zeros(f32, {4})}) ==
        "input 'x' expects rank 2 (shape [n, 4]), but got rank 1 (shape [4])");
  CHECK(refused("linear", {Tensor::zeros(f32, {2, 5})}) == "input 'x' expects dimension 1 to be 4, but got 5");
  alignas(8) char odd[40] = {};
  CHECK(refused("linear", {Tensor::view(f32, {2, 4}, static_cast<const void *>(odd + 1), nullptr)}) ==
        "input 'x' expects memory aligned to its elements (4 bytes), but got an address with remainder 1");
  CHECK(refused("lookup", {ids({1}), scalar(2), mask(4)}) ==
        "input 'mask' expects dimension 1 to be past + seq = 3, but got 4");
  CHECK(refused("lookup", {ids({1}), scalar(-1), mask(0)}) == "input 'past' expects past to be 0 or more, but got -1");
  CHECK(refused("lookup", {ids({1}), scalar(INT64_MAX), mask(4)}) ==
        "expects the dimension past + seq to fit in 64 bits, but got a value that overflows");
  CHECK(refused("generate", {}) == "expects the name of an entry (linear, lookup), but got 'generate'");
  CHECK(error_of([&] { session.run({}); }) == "expects the name of an entry (linear, lookup), but got none");
}

TEST_CASE("checks of the model are run, and name layer and line", "[Session]") {
  Session session(fake().bind(fake_state()), quiet());
  CHECK(error_of([&] { session.run("linear", {Tensor::zeros(f32, {101, 4})}); }) ==
        "model.cpp:12: error: in layer 'head': expects the batch to fit, but got n = 101 and 100");
  CHECK(error_of([&] { session.run("lookup", {ids({1, 2}), scalar(3), mask(5)}); }) ==
        "expects past to be twice seq, but got past = 3 and 2*seq = 4");
}

TEST_CASE("an output of a negative size is told", "[Session]") {
  Session session(fake(), quiet());
  CHECK(error_of([&] { session.run("lookup", lookup({1})); }) ==
        "output 'tail' expects dimension 0 to be 0 or more, but got seq - 2 = -1");
}

TEST_CASE("scratch of a negative size is told", "[Session]") {
  Session session(fake(), quiet());
  CHECK(error_of([&] { session.run("lookup", lookup({1, 2, 3, 4, 5})); }) ==
        "entry 'lookup' expects scratch memory of 0 bytes or more, but got -1");
}

TEST_CASE("what the model finds in its data is told, and the next run is clean", "[Session]") {
  Session session(fake(), quiet(3));
  CHECK(error_of([&] { session.run("lookup", lookup({1, 300})); }) ==
        "model.cpp:30: error: in layer 'embed': expects indices in [0, 256), but got 300");
  CHECK(error_of([&] { session.run("lookup", lookup({1, 1000})); }) == "expects fewer than 999, but got 1000");
  CHECK(error_of([&] { session.run("lookup", lookup({1, 2000})); }) ==
        "expects code that names one of its manifest's 2 failures, but got number 9");
  CHECK(session.run("lookup", lookup({1, 2})).size() == 2);
  std::string many = error_of([&] { session.run("lookup", lookup(std::vector<int64_t>(100, -5))); });
  CHECK(many == "model.cpp:30: error: in layer 'embed': expects indices in [0, 256), but got -5");
}

TEST_CASE("weights that are not bound are told", "[Session]") {
  Session session(fake(), quiet());
  CHECK(error_of([&] { session.run("linear", {input()}); }) ==
        "expects weights to be bound before entry 'linear' runs (executable.bind(state)), but got none for "
        "head.weight, head.bias");
  CHECK(session.run("lookup", lookup({1, 2})).size() == 2); // uses none
}

TEST_CASE("printed values go to the session's sink, with path, type and values", "[Session]") {
  std::string text;
  Session session(fake(), {.threads = 1, .pin = {}, .print = [&](std::string_view part) { text += part; }});
  session.run("lookup", lookup({5, 6}));
  CHECK(text == "layers.0.ids i64 [1, 2]\n[[5, 6]]\n"
                "layers.0 i64 [1, 2]\ncount 2, min 5, max 6, mean 5.5, std 0.5, nan 0, inf 0\n"
                "ids i64 [1, 2]\n[[5, 6]]\n");
}

TEST_CASE("the first value that is not finite ends the run and silences what follows", "[Session]") {
  std::string text;
  Session session(fake(), {.threads = 1, .pin = {}, .print = [&](std::string_view part) { text += part; }});
  CHECK(error_of([&] { session.run("lookup", lookup({1, 2, 3, 4, 5, 6, 7, 8})); }) ==
        "model.cpp:40: error: in layer 'layers.0.act': expects 'y' without NaN and infinities, but got 1 NaN among 2 "
        "elements, the first at [1]");
  CHECK(text.ends_with("ids i64 [1, 8]\n[[1, 2, 3, 4, 5, 6, 7, 8]]\n"));
  size_t printed = text.size();
  session.run("lookup", lookup({5, 6}));
  CHECK(text.size() > printed);
}

TEST_CASE("a tap shows its value to the functions whose globs match its path", "[Session]") {
  std::vector<TapInfo> all = fake().taps();
  REQUIRE(all.size() == 3);
  CHECK(all[0].path == "act.doubled");
  CHECK(all[1].path == "layers.0.act.doubled");
  CHECK(all[1].dtype == i64);
  CHECK(all[1].rank == 2);
  CHECK(all[2].path == "never");

  Session session(fake(), quiet());
  std::vector<std::string> seen;
  auto note = [&](const char *who) {
    return [&, who](const Tap &tap) { seen.push_back(who + (" " + tap.path) + " " + to_text(tap.value)); };
  };
  session.run("lookup", lookup({5, 6}));
  CHECK(seen.empty());
  session.tap("layers.[0-3].*", note("a"));
  session.run("lookup", lookup({5, 6}));
  CHECK(seen == std::vector<std::string>{"a layers.0.act.doubled [[10, 12]]"});
  session.tap("*", note("b"));
  seen.clear();
  session.run("lookup", lookup({7, 8}));
  CHECK(seen == std::vector<std::string>{"b act.doubled [[14, 16]]", "a layers.0.act.doubled [[14, 16]]",
                                         "b layers.0.act.doubled [[14, 16]]"});
  session.clear_taps();
  seen.clear();
  session.run("lookup", lookup({5, 6}));
  CHECK(seen.empty());
  session.tap("never", note("c"));
  session.run("lookup", lookup({5, 6}));
  CHECK(seen.empty());
}

TEST_CASE("a tap that cannot be is told, what a tap throws comes out of the run", "[Session]") {
  Session session(fake(), quiet());
  CHECK(
      error_of([&] { session.tap("layers.9.*", [](const Tap &) {}); }) ==
      "expects a glob that matches one of the 3 taps (act.doubled, layers.0.act.doubled, never), but got 'layers.9.*'");
  CHECK(error_of([&] { session.tap("[", [](const Tap &) {}); }) ==
        "expects a glob in which every '[' has its ']', but got '['");
  CHECK(error_of([&] { session.tap("*", nullptr); }) == "expects a function for the taps that match '*', but got none");
  int calls = 0;
  session.tap("*", [&](const Tap &) {
    ++calls;
    CHECK(error_of([&] { session.clear_taps(); }).starts_with("expects one call of a Session at a time"));
    throw std::logic_error("tap");
  });
  CHECK_THROWS_WITH(session.run("lookup", lookup({5, 6})), "tap");
  CHECK(calls == 1);
}

TEST_CASE("printed values go to a stream", "[Session]") {
  std::FILE *stream = std::tmpfile();
  REQUIRE(stream);
  {
    Session session(fake(), {.threads = 1, .pin = {}, .print = print_to(stream)});
    session.run("lookup", lookup({5, 6}));
  }
  CHECK(std::ftell(stream) > 50);
  std::fclose(stream);
  std::FILE *full = std::fopen("/dev/full", "w");
  REQUIRE(full);
  {
    Session session(fake(), {.threads = 1, .pin = {}, .print = print_to(full)});
    CHECK(error_of([&] { session.run("lookup", lookup({5, 6})); }) ==
          "expects a stream that printed values can be written to, but got one that refuses them");
  }
  std::fclose(full);
}

TEST_CASE("what a sink throws comes out of the run", "[Session]") {
  int calls = 0;
  auto sink = [&](std::string_view) {
    if (++calls == 1)
      throw std::logic_error("sink");
  };
  Session session(fake(), {.threads = 1, .pin = {}, .print = sink});
  CHECK_THROWS_WITH(session.run("lookup", lookup({5, 6})), "sink");
  CHECK(session.run("lookup", lookup({5, 6})).size() == 2);
}

TEST_CASE("code that prints what its manifest has not is told", "[Session]") {
  Session session(fake(), quiet());
  CHECK(error_of([&] { session.run("lookup", lookup({1, 2, 3, 4, 5, 6})); }) ==
        "expects code that names one of its manifest's 2 call sites, but got number 7");
}

TEST_CASE("two threads in one session: one is refused, nothing is broken", "[Session]") {
  std::promise<void> inside, finish;
  auto sink = [&, first = true](std::string_view) mutable {
    if (!first)
      return;
    first = false;
    inside.set_value();
    finish.get_future().wait();
  };
  Session session(fake(), {.threads = 1, .pin = {}, .print = sink});
  std::thread thread([&] { session.run("lookup", lookup({1, 2})); });
  inside.get_future().wait();
  const std::string busy = "expects one call of a Session at a time, but got a second one; make a Session for each "
                           "thread";
  CHECK(error_of([&] { session.run("lookup", lookup({1, 2})); }) == busy);
  CHECK(error_of([&] { session.reset(); }) == busy);
  CHECK(error_of([&] { (void)session.buffer("calls"); }) == busy);
  finish.set_value();
  thread.join();
  CHECK(session.run("lookup", lookup({1, 2})).size() == 2);
}

TEST_CASE("sessions of one executable run at the same time", "[Session]") {
  Executable exe = fake().bind(fake_state());
  std::vector<std::thread> threads;
  threads.reserve(4);
  std::atomic<int> right{0};
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      Session session(exe, quiet());
      for (int round = 0; round < 50; ++round)
        right += session.run("linear", {input()})[0].to_vector<float>() == expected();
    });
  for (std::thread &thread : threads)
    thread.join();
  CHECK(right == 200);
}

TEST_CASE("an executable with one entry is called like a function", "[Session]") {
  // The second entry's text is blanked out.
  std::string json = fake().manifest_json();
  size_t begin = json.find(",   {\"name\": \"lookup\""), end = json.find("], \"prints\"");
  std::string second = json.substr(begin, end - begin);
  Executable exe = fake(second, std::string(second.size(), ' ')).bind(fake_state());
  CHECK(exe.inputs().at(0).shape == "[n, 4]");
  CHECK(exe({input()})[0].to_vector<float>() == expected());
  std::vector<Tensor> inputs = {input()};
  std::vector<std::thread> threads;
  threads.reserve(4);
  std::atomic<int> right{0};
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&, copy = exe] { right += copy(inputs)[0].to_vector<float>() == expected(); });
  for (std::thread &thread : threads)
    thread.join();
  CHECK(right == 4);
  Session session(exe, quiet());
  CHECK(session.run(inputs)[0].to_vector<float>() == expected());
  Session moved = std::move(session);
  CHECK(moved.run({input()})[0].to_vector<float>() == expected());
  CHECK(error_of([&] { session.reset(); }) == // NOLINT(bugprone-use-after-move)
        "expects a Session, but got one that was moved from");
}

TEST_CASE("threads and CPUs that there are not are refused", "[Session]") {
  CHECK(error_of([] { Session session(fake(), {.threads = -3}); }) == "expects 0 to 1024 threads, but got -3");
  CHECK(contains(error_of([] { Session session(fake(), {.threads = 2, .pin = {1023}}); }), "but got CPU 1023"));
}

TEST_CASE("a profile is only of code that was compiled for one, and of a session that takes one", "[Session]") {
  Executable exe = fake().bind(fake_state());
  SessionOptions options = quiet();
  options.profile = true;
  CHECK(error_of([&] { Session session(exe, options); }) ==
        "expects code that was compiled to be profiled (CompileOptions::profile), but got code that was not");
  Session session(exe, quiet());
  CHECK(error_of([&] { session.profile(); }) == "expects a Session with SessionOptions::profile, but got one without");
  CHECK(error_of([&] { session.clear_profile(); }) ==
        "expects a Session with SessionOptions::profile, but got one without");
}
