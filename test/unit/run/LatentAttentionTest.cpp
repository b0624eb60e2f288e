// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Latent attention against transformers, expanded and absorbed: test/data/layers/golden_latent.py made what is expected.
#include "test/unit/Numbers.h"
#include "test/unit/Support.h"
#include "varve/compiler/Compile.h"
#include "varve/nn.h"
#include "varve/runtime/Npy.h"
#include "varve/runtime/Session.h"
#include "varve/weights/Open.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::difference;
using test::error_of;

namespace {

const std::string data = VARVE_LAYERS_DATA "/latent/";
constexpr int64_t batch = 2, length = 13, width = 22;

struct Model : nn::Layer<Model> {
  Child<nn::RotaryEmbedding> rotary;
  Child<nn::LatentAttention> attention;
  Model(int64_t dim, const nn::LatentAttentionOptions &options)
      : rotary(*this, "rotary_emb", options.qk_rope_head_dim, nn::RotaryOptions{.scaling = options.scaling}),
        attention(*this, "self_attn", dim, options) {}
  Value forward(Value x) {
    return attention(x, rotary(x.dim(1), attention.options.cache ? attention.options.past : Dim(0)));
  }
  Value forward(Value x, Value position) { return attention(x, rotary(x.dim(1), position), Value(), position); }
};

nn::LatentAttentionOptions sizes(int64_t cache) {
  return {.heads = 3,
          .kv_lora_rank = 9,
          .qk_nope_head_dim = 5,
          .qk_rope_head_dim = 6,
          .v_head_dim = 7,
          .causal = true,
          .cache = cache,
          .batch = cache ? batch : 1};
}

nn::LatentAttentionOptions yarn(int64_t cache) {
  nn::LatentAttentionOptions options = sizes(cache);
  options.q_lora_rank = 11;
  options.bias = true;
  options.scaling = {.kind = nn::RopeScaling::Kind::yarn,
                     .factor = 4,
                     .original_max_position_embeddings = 8,
                     .beta_fast = 2,
                     .mscale = 0.7,
                     .mscale_all_dim = 0.9};
  return options;
}

nn::LatentAttentionOptions plain(int64_t cache) {
  nn::LatentAttentionOptions options = sizes(cache);
  options.pairing = Pairing::half;
  return options;
}

std::vector<float> read(const std::string &name) { return load_npy(data + name + ".npy").to_vector<float>(); }

// Of both rows, positions from `begin` on.
std::vector<float> positions(const std::vector<float> &all, int64_t begin, int64_t count) {
  std::vector<float> part;
  for (int64_t row = 0; row < batch; ++row) {
    auto at = all.begin() + (row * length + begin) * width;
    part.insert(part.end(), at, at + count * width);
  }
  return part;
}

void check(const std::string &name, const nn::LatentAttentionOptions &whole, const nn::LatentAttentionOptions &cached) {
  INFO(name);
  weights::Checkpoint checkpoint = weights::open(data + name + ".safetensors");
  auto input = read(name + "-input"), expected = read(name + "-expected");
  Model model(width, whole);
  model.attention.load_state_dict(checkpoint);
  for (bool named : {false, true}) {
    Shape shape = named ? Shape{"batch", "seq", width} : Shape{batch, length, width};
    Executable exe = compile(Graph("f", model, {tensor_type(f32, shape)}));
    Tensor x = Tensor::from<float>({batch, length, width}, input);
    auto one = Session(exe, {.threads = 1}).run({x})[0].to_vector<float>();
    CHECK(difference(one, expected) < 1e-5);
    CHECK(Session(exe, {.threads = 2}).run({x})[0].to_vector<float>() == one);
  }

  // Pieces of unknown length expand the latents; of 4 positions and of 1 they absorb the matrix; and all may take turns.
  Model kept(width, cached);
  kept.attention.load_state_dict(checkpoint);
  auto graph = [&](const std::string &entry, const Dim &seq) {
    return Graph(entry, [&](Value x) { return kept(x); },
                 {{"x", tensor_type(f32, {batch, seq, width})}, dim_input("past")});
  };
  auto at = [&](const std::string &entry, const Dim &seq) {
    return Graph(entry, [&](Value x, Value position) { return kept(x, position); },
                 {{"x", tensor_type(f32, {batch, seq, width})}, {"position", tensor_type(i64, {})}});
  };
  Graph any = graph("any", "seq"), four = graph("four", 4), one = graph("one", 1), any_at = at("any_at", "seq"),
        one_at = at("one_at", 1);
  Executable exe = compile({&any, &four, &one, &any_at, &one_at});
  using Pieces = std::vector<std::pair<std::string, int64_t>>;
  for (const Pieces &pieces : {Pieces{{"any", 8}, {"one", 1}, {"one", 1}, {"one", 1}, {"one", 1}, {"one", 1}},
                               Pieces{{"four", 4}, {"four", 4}, {"any", 1}, {"four", 4}},
                               Pieces{{"any_at", 6}, {"one_at", 1}, {"any_at", 1}, {"one", 1}, {"any", 4}}}) {
    Session session(exe, {.threads = 2});
    int64_t begin = 0;
    for (const auto &[entry, count] : pieces) {
      INFO(entry << " at " << begin);
      Tensor x = Tensor::from<float>({batch, count, width}, positions(input, begin, count));
      auto made = session.run(entry, {x, Tensor::from<int64_t>({}, {begin})})[0].to_vector<float>();
      CHECK(difference(made, positions(expected, begin, count)) < 1e-5);
      begin += count;
    }
  }
}

} // namespace

TEST_CASE("latent attention is transformers': with a latent of queries, biases and YaRN; and without") {
  check("latent", yarn(0), yarn(17));
  check("latent-plain", plain(0), plain(17));
}

TEST_CASE("latent attention of a real head's sizes is the same expanded and absorbed") {
  nn::LatentAttentionOptions options{.heads = 2, .causal = true, .cache = 40};
  Model model(48, options);
  auto values = [](int64_t count, double scale) {
    std::vector<float> list;
    for (int64_t i = 0; i < count; ++i)
      list.push_back(static_cast<float>(std::sin(static_cast<double>(i * i % 1013 + i)) * scale));
    return list;
  };
  StateDict state = model.state_dict();
  for (auto &[name, tensor] : state)
    tensor = Tensor::from<float>(tensor.shape(), values(tensor.size(), name.ends_with("norm.weight") ? 1 : 0.1));
  model.load_state_dict(state);
  Graph any("any", [&](Value x) { return model(x); }, {{"x", tensor_type(f32, {1, "seq", 48})}, dim_input("past")});
  Graph one("one", [&](Value x) { return model(x); }, {{"x", tensor_type(f32, {1, 1, 48})}, dim_input("past")});
  Executable exe = compile({&any, &one});
  Session expanded(exe, {.threads = 2}), absorbed(exe, {.threads = 2});
  Tensor prompt = Tensor::from<float>({1, 33, 48}, values(33 * 48, 1));
  for (Session *session : {&expanded, &absorbed})
    session->run("any", {prompt, Tensor::from<int64_t>({}, {0})});
  for (int64_t at = 33; at < 36; ++at) {
    std::vector<Tensor> next = {Tensor::from<float>({1, 1, 48}, values(48, static_cast<double>(at) / 33)),
                                Tensor::from<int64_t>({}, {at})};
    CHECK(difference(absorbed.run("one", next)[0].to_vector<float>(), expanded.run("any", next)[0].to_vector<float>()) <
          1e-5);
  }
}

TEST_CASE("latent attention: a sequence that is longer than the cache is an error of the run") {
  Model model(width, plain(4));
  model.load_state_dict(StateDict(), {.strict = false, .zero_missing = true});
  Executable exe = compile(
      Graph("f", [&](Value x) { return model(x); }, {{"x", tensor_type(f32, {batch, 1, width})}, dim_input("past")}));
  Tensor x = Tensor::zeros(f32, {batch, 1, width});
  exe({x, Tensor::from<int64_t>({}, {3})});
  CHECK(
      contains(error_of([&] { exe({x, Tensor::from<int64_t>({}, {4})}); }),
               "in layer 'self_attn': expects a stored slice that ends inside dimension 1 of its buffer, but got past "
               "+ 1 = 5 and 4"));
}
