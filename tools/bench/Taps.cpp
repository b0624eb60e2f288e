// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What taps cost when they are off, which should be nothing, and when they are on.
#include "tools/bench/Bench.h"
#include "tools/bench/Machine.h"
#include "tools/run/Values.h"
#include "varve/compiler/Compile.h"
#include <algorithm>
#include <chrono>

namespace varve::bench {
namespace {

using Clock = std::chrono::steady_clock;

// A decoder's layers without its caches, of width 512, on x [1, seq, 512]; every layer is the same text but for its name and
// its weights. tapped: what each op gives has a tap.
std::string decoder(unsigned layers, bool tapped) {
  const std::string x = "tensor<1x?x512xf32, #varve.dims<1, seq, 512>>",
                    h = "tensor<1x?x1376xf32, #varve.dims<1, seq, 1376>>";
  const std::string heads = "tensor<1x?x8x64xf32, #varve.dims<1, seq, 8, 64>>", vector = "tensor<512xf32>";
  std::string declared, body, value = "%x";
  auto weight = [&](unsigned layer, const std::string &name, const std::string &type) {
    std::string symbol = "@layers." + std::to_string(layer) + "." + name;
    declared += "varve.weight " + symbol + " : " + type + "\n";
    return symbol;
  };
  for (unsigned i = 0; i < layers; ++i) {
    std::string inner;
    auto op = [&](const std::string &result, const std::string &text) {
      bool tap = tapped && !text.starts_with("use ");
      std::string type = tap ? text.substr(text.rfind(" -> ") + 4) : "";
      inner += "    %" + result + (tap ? "_untapped" : "") + " = varve." + text + "\n";
      if (tap)
        inner += "    %" + result + " = varve.identity %" + result + "_untapped {tag = \"" + result + "\"} : (" + type +
                 ") -> " + type + "\n";
    };
    auto linear = [&](const std::string &result, const std::string &input, const std::string &from,
                      const std::string &to, int64_t n, int64_t k) {
      std::string type = "tensor<" + std::to_string(n) + "x" + std::to_string(k) + "xf32>";
      op(result + "_w", "use " + weight(i, result + "_proj.weight", type) + " : " + type);
      op(result, "linear %" + input + ", %" + result + "_w : (" + from + ", " + type + ") -> " + to);
    };
    auto norm = [&](const std::string &result, const std::string &input) {
      op(result + "_w", "use " + weight(i, result + ".weight", vector) + " : " + vector);
      op(result,
         "rms_norm " + input + ", %" + result + "_w {epsilon = 1.0e-5 : f64} : (" + x + ", " + vector + ") -> " + x);
    };
    norm("input_norm", value);
    for (const char *name : {"q", "k", "v"}) {
      linear(name, "input_norm", x, x, 512, 512);
      op(std::string(name) + "h",
         "reshape %" + std::string(name) + " {shape = #varve.dims<1, seq, 8, 64>} : (" + x + ") -> " + heads);
    }
    op("mixed", "attention %qh, %kh, %vh {causal} : (" + heads + ", " + heads + ", " + heads + ") -> " + heads);
    op("flat", "reshape %mixed {shape = #varve.dims<1, seq, 512>} : (" + heads + ") -> " + x);
    linear("o", "flat", x, x, 512, 512);
    op("middle", "add " + value + ", %o : (" + x + ", " + x + ") -> " + x);
    norm("post_norm", "%middle");
    linear("gate", "post_norm", x, h, 1376, 512);
    linear("up", "post_norm", x, h, 1376, 512);
    op("active", "silu %gate : (" + h + ") -> " + h);
    op("product", "mul %active, %up : (" + h + ", " + h + ") -> " + h);
    linear("down", "product", h, x, 512, 1376);
    op("sum", "add %middle, %down : (" + x + ", " + x + ") -> " + x);
    std::string name = std::to_string(i);
    body += "  %layer" + name + " = varve.layer \"layers." + name + "\" : \"Block\" -> " + x + " {\n" + inner +
            "    varve.output %sum : " + x + "\n  }\n";
    value = "%layer" + name;
  }
  return declared + "varve.graph @decoder(%x: " + x + ") -> " + x + " {\n" + body + "  varve.output " + value + " : " +
         x + "\n}\n";
}

// Small, so that no layer overflows.
StateDict weights_of(const Executable &executable) {
  StateDict state;
  for (const TensorInfo &info : executable.weights()) {
    Tensor &tensor = state[info.name] = run::make_values("random", info.name, info.dtype, info.sizes);
    auto *values = tensor.mutable_data<float>();
    for (int64_t i = 0; i < tensor.size(); ++i)
      values[i] *= 0.04f;
  }
  return state;
}

struct Variant {
  const char *name;
  const Executable &code;
  std::vector<double> times = {}; // seconds
};

// Runs the variants in turns, each time another one first: what changes on the machine meets all of them. They are bound
// and get their memory anew several times, since where weights lie matters more than a branch does.
void measure(std::vector<Variant> &variants, const StateDict &state, const Tensor &x, int threads, double seconds) {
  constexpr int placements = 8;
  for (int placement = 0; placement < placements; ++placement) {
    std::vector<Session> sessions;
    int64_t seen = 0;
    for (const Variant &variant : variants) {
      sessions.emplace_back(variant.code.bind(state), SessionOptions{.threads = threads});
      if (std::string_view(variant.name) == "on")
        sessions.back().tap("*", [&](const Tap &tap) { seen += tap.value.size(); });
      sessions.back().run({x}); // memory is touched, threads are awake
    }
    auto begin = Clock::now();
    for (size_t round = 0;
         round < 3 || std::chrono::duration<double>(Clock::now() - begin).count() < seconds / placements; ++round)
      for (size_t i = 0; i < variants.size(); ++i) {
        size_t at = (round + i) % variants.size();
        auto start = Clock::now();
        sessions[at].run({x});
        variants[at].times.push_back(std::chrono::duration<double>(Clock::now() - start).count());
      }
  }
  for (Variant &variant : variants)
    std::sort(variant.times.begin(), variant.times.end());
}

} // namespace

Report taps(const std::vector<unsigned> &layers, const std::vector<int64_t> &seqs, const Settings &settings) {
  Report report("taps", {{"layers", "", 0},
                         {"seq", "", 0},
                         {"threads", "", 0},
                         {"taps", ""},
                         {"runs", "", 0},
                         {"best", "ms", 3},
                         {"median", "ms", 3},
                         {"best", "ratio", 4},
                         {"median", "ratio", 4}});
  report.note("machine", Machine().text());
  for (unsigned count : layers) {
    Executable plain = compile_module(decoder(count, false), "varve-bench", {.cpu = settings.cpu});
    Executable tapped = compile_module(decoder(count, true), "varve-bench", {.cpu = settings.cpu});
    StateDict state = weights_of(plain);
    report.note("taps of " + std::to_string(count) + " layers", std::to_string(tapped.taps().size()));
    for (unsigned threads : settings.threads.empty() ? std::vector<unsigned>{1} : settings.threads)
      for (int64_t seq : seqs) {
        // The second one without taps says how far the same code is from itself.
        std::vector<Variant> variants = {{"none", plain}, {"none", plain}, {"off", tapped}, {"on", tapped}};
        Tensor x = run::make_values("random", "x", f32, {1, seq, 512});
        measure(variants, state, x, static_cast<int>(threads), settings.seconds);
        auto median = [](const Variant &variant) { return variant.times[variant.times.size() / 2]; };
        const Variant &none = variants[0];
        for (const Variant &variant : variants)
          report.add({double(count), double(seq), double(threads), std::string(variant.name),
                      double(variant.times.size()), variant.times.front() * 1e3, median(variant) * 1e3,
                      variant.times.front() / none.times.front(), median(variant) / median(none)});
      }
  }
  return report;
}

} // namespace varve::bench
