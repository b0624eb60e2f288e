// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Kinds of attention against transformers': sinks as GPT-OSS has, capped scores as Gemma 2, ALiBi as BLOOM; in one go, through
// a KV cache in pieces and position by position, and through one whose place is computed.
#include "test/unit/Numbers.h"
#include "test/unit/Support.h"
#include "varve/compiler/Compile.h"
#include "varve/nn.h"
#include "varve/runtime/Npy.h"
#include "varve/runtime/Session.h"
#include "varve/weights/Open.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::difference;

namespace {

const std::string data = VARVE_LAYERS_DATA "/attention/";
constexpr int64_t kLength = 21;

struct Block : nn::Layer<Block> {
  int64_t dim;
  bool rotates;
  Child<nn::RotaryEmbedding> rotary{*this, "rotary", 10};
  Child<nn::Attention> attention;
  Block(int64_t dim, bool rotates, nn::AttentionOptions options)
      : dim(dim), rotates(rotates), attention(*this, "attention", dim, std::move(options)) {}
  // From 0, from the dimension "past", or from a position on.
  Value forward(Value x) { return at(x, Dim(attention.options.cache ? Dim("past") : Dim(0))); }
  Value forward(Value x, Value position) {
    return attention(x, rotates ? rotary(x.dim(1), position) : nn::Rotation(), Value(), position);
  }

private:
  Value at(Value x, const Dim &past) { return attention(x, rotates ? rotary(x.dim(1), past) : nn::Rotation()); }
};

void check(const std::string &name, int64_t dim, bool rotates, nn::AttentionOptions options) {
  for (DType dtype : {f32, bf16}) {
    INFO(name << " in " << name_of(dtype));
    options.dtype = dtype;
    std::string golden = data + name + (dtype == f32 ? "-expected.npy" : "-bf16.npy");
    std::vector<float> expected = load_npy(golden).to_vector<float>();
    Tensor x = load_npy(data + name + "-x.npy");
    std::vector<float> values = x.to_vector<float>();
    double most = dtype == f32 ? 1e-5 : 2e-2;
    StateDict state;
    for (auto &[key, value] : weights::open(data + name + ".safetensors").tensors)
      state["attention." + key] = value.to(dtype);

    Block plain(dim, rotates, options);
    plain.load_state_dict(state);
    for (Dim seq : {Dim(kLength), Dim("seq")}) {
      Executable exe = compile(Graph("f", plain, {tensor_type(dtype, {1, seq, dim})}));
      Tensor one = Session(exe, {.threads = 1}).run({x.to(dtype)})[0].to(f32);
      CHECK(difference(one.to_vector<float>(), expected) < most);
    }

    options.cache = 24;
    Block cached(dim, rotates, options);
    cached.load_state_dict(state);
    TensorType some = tensor_type(dtype, {1, "seq", dim}), single = tensor_type(dtype, {1, 1, dim});
    auto by_value = [&](Value x, Value position) { return cached(x, position); };
    Graph named("named", cached, {{"x", some}, dim_input("past")}),
        step("step", cached, {{"x", single}, dim_input("past")});
    Graph computed("computed", by_value, {{"x", some}, {"position", tensor_type(i64, {})}});
    Graph one("one", by_value, {{"x", single}, {"position", tensor_type(i64, {})}});
    Executable exe = compile({&named, &step, &computed, &one});
    for (auto [first, later] : {std::pair("named", "step"), std::pair("computed", "one")}) {
      INFO(first);
      Session session(exe, {.threads = 2});
      std::vector<float> found;
      for (int64_t begin = 0; begin < kLength;) {
        int64_t count = begin < 11 ? std::min<int64_t>(9, 11 - begin) : 1; // 9, 2, and then one by one
        std::vector<float> part(values.begin() + begin * dim, values.begin() + (begin + count) * dim);
        Tensor given = Tensor::from<float>({1, count, dim}, part).to(dtype);
        std::vector<float> out = session.run(count > 1 ? first : later, {given, Tensor::from<int64_t>({}, {begin})})[0]
                                     .to(f32)
                                     .to_vector<float>();
        found.insert(found.end(), out.begin(), out.end());
        begin += count;
      }
      CHECK(difference(found, expected) < most);
    }
    options.cache = 0;
  }
}

} // namespace

TEST_CASE("attention with sinks is GPT-OSS's") {
  nn::AttentionOptions options{
      .heads = 6, .kv_heads = 2, .head_dim = 10, .bias = true, .out_bias = true, .causal = true, .sinks = true};
  check("gpt-oss", 19, true, options);
  options.window = 5;
  check("gpt-oss-window", 19, true, options);
}

TEST_CASE("attention with capped scores is Gemma 2's") {
  check("gemma2", 20, true,
        {.heads = 4,
         .kv_heads = 2,
         .head_dim = 10,
         .scale = 1 / std::sqrt(3.0),
         .causal = true,
         .window = 6,
         .soft_cap = 2.5});
}

TEST_CASE("attention with ALiBi is BLOOM's") {
  check("bloom", 35, false, {.heads = 5, .bias = true, .out_bias = true, .causal = true, .alibi = true});
}
