// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Every op's numbers against PyTorch's: compiled with static and with dynamic sizes, with weights as inputs and as
// weights, run with one thread and with two. `varve-golden-test -c softmax` runs the cases of one op.
#include "Emit.h"
#include "lib/runtime/tensor/Compare.h"
#include "varve/compiler/Compile.h"
#include "varve/runtime/Session.h"
#include <catch2/catch.hpp>
#include <cstring>
#include <map>

namespace varve::test {
namespace {

class Failures {
public:
  void add(const std::string &what, const std::string &why) { text += "\n" + what + ": " + why; }
  void report() {
    if (!text.empty())
      FAIL_CHECK(text);
  }

private:
  std::string text;
};

std::optional<Executable> compile_entries(const std::vector<const Entry *> &entries, std::string &problem) {
  std::string text;
  StateDict weights;
  for (const Entry *entry : entries) {
    text += entry->text;
    weights.insert(entry->weights.begin(), entry->weights.end());
  }
  try {
    return compile_module(text, entries.front()->golden->op).bind(weights);
  } catch (const Error &error) {
    problem = error.what() + ("\n" + entries.front()->text);
    return std::nullopt;
  }
}

bool same_bits(const Tensor &a, const Tensor &b) {
  return a.type() == b.type() && (a.bytes() == 0 || std::memcmp(a.data(), b.data(), a.bytes()) == 0);
}

void run_entry(const Entry &entry, Session &one, Session &two, Failures &failures) {
  try {
    std::vector<Tensor> outputs = one.run(entry.name, entry.inputs), again = two.run(entry.name, entry.inputs);
    const Case &golden = *entry.golden;
    if (outputs.size() != golden.outputs.size())
      return failures.add(entry.what, "expects " + std::to_string(golden.outputs.size()) + " outputs, but got " +
                                          std::to_string(outputs.size()));
    for (size_t i = 0; i < outputs.size(); ++i) {
      runtime::Comparison comparison = runtime::compare(outputs[i], golden.outputs[i], {golden.rtol, golden.atol});
      if (!comparison.equal)
        failures.add(entry.what, "output " + std::to_string(i) + " " + comparison.text);
      else if (outputs[i].dtype() != golden.outputs[i].dtype())
        failures.add(entry.what, "expects " + golden.outputs[i].type() + ", but got " + outputs[i].type());
      if (!same_bits(outputs[i], again[i]))
        failures.add(entry.what, "output " + std::to_string(i) + " differs between 1 and 2 threads");
    }
  } catch (const Error &error) {
    failures.add(entry.what, error.what());
  }
}

void run_entries(const Executable &executable, const std::vector<const Entry *> &entries, Failures &failures) {
  Session one(executable, {.threads = 1}), two(executable, {.threads = 2});
  for (const Entry *entry : entries)
    run_entry(*entry, one, two, failures);
}

} // namespace

TEST_CASE("ops compute what PyTorch computes") {
  std::vector<Case> cases = load_cases(VARVE_OPS_DATA), more = load_cases(VARVE_NN_OPS_DATA);
  CHECK(more.size() >= 245);
  cases.insert(cases.end(), more.begin(), more.end());
  std::vector<std::string> ops;
  for (const Case &each : cases)
    if (ops.empty() || ops.back() != each.op)
      ops.push_back(each.op);
  CHECK(cases.size() >= 936);
  Emitter emitter;
  for (const std::string &op : ops) {
    DYNAMIC_SECTION(op) {
      std::vector<Entry> entries;
      Failures failures;
      for (const Case &each : cases)
        for (const Variant &variant : variants)
          if (each.op == op)
            try {
              if (auto entry = emitter.emit(each, variant, "e" + std::to_string(entries.size())))
                entries.push_back(std::move(*entry));
            } catch (const Error &error) {
              failures.add(each.name, error.what());
            }
      std::vector<const Entry *> all;
      for (const Entry &entry : entries)
        all.push_back(&entry);
      CHECK(all.size() >= 2); // static and dynamic
      // One module for all, since a compilation has a price of its own; one each only to find who is to blame.
      std::string problem;
      if (std::optional<Executable> executable = compile_entries(all, problem)) {
        run_entries(*executable, all, failures);
      } else {
        failures.add(op, "cannot be compiled: " + problem);
        for (const Entry *entry : all)
          if (auto alone = compile_entries({entry}, problem))
            run_entries(*alone, {entry}, failures);
          else
            failures.add(entry->what, problem);
      }
      failures.report();
    }
  }
}

// So that a variant does not go missing in silence.
TEST_CASE("nearly every golden case has a dynamic variant") {
  Emitter emitter;
  std::map<std::string, int> entries;
  std::string without;
  std::vector<Case> cases = load_cases(VARVE_OPS_DATA);
  for (const Case &each : cases) {
    bool sized = false;
    for (const std::vector<Tensor> *tensors : {&each.inputs, &each.outputs})
      for (const Tensor &tensor : *tensors)
        for (int64_t size : tensor.shape())
          sized |= size != 1;
    for (const Variant &variant : variants) {
      bool there = emitter.emit(each, variant, "e").has_value();
      entries[variant.name] += there;
      if (variant.dynamic && !variant.bound && sized && !there)
        without += each.name + " ";
    }
  }
  // All sizes 1 but a head's, products that no name expresses, or only the axis that is cut.
  CHECK(without == "rope/f32/half/1x1x1x2 rope/bf16/half/1x1x4x64-f32-tables rope/f32/interleaved/1x1x1x2 "
                   "rope/bf16/interleaved/1x1x4x64-f32-tables reshape/f32/7x6-2x21 reshape/f32/0x5-7x0 "
                   "split/f32/5-5-axis0 split/f16/9-4_5-axis0 split/u8/7-3_4-axis0 ");
  CHECK(entries["static"] == static_cast<int>(cases.size()));
  CHECK(entries["static+weights"] == 60);
  CHECK(entries["dynamic+weights"] == 48);
}

TEST_CASE("nearly every golden case of ops over places and sequences has a dynamic variant") {
  Emitter emitter;
  std::map<std::string, int> entries;
  std::string without;
  for (const Case &each : load_cases(VARVE_NN_OPS_DATA))
    for (const Variant &variant : variants) {
      bool there = emitter.emit(each, variant, "e").has_value();
      entries[variant.name] += there;
      if (variant.dynamic && !variant.bound && !there)
        without += each.name + " ";
    }
  // All sizes are 1.
  CHECK(without == "conv/f32/2d/single conv_transpose/f32/2d/single max_pool/f32/2d/single avg_pool/f32/2d/single ");
  CHECK(entries["static"] == 263);
  CHECK(entries["static+weights"] == 110);
  CHECK(entries["dynamic+weights"] == 107);
}

} // namespace varve::test
