// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/nn/LatentAttention.h"
#include "test/unit/Support.h"
#include "varve/nn.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;
using test::error_of;

namespace {

const TensorType hidden = tensor_type(f32, {"batch", "seq", 32});

nn::LatentAttentionOptions small(int64_t q_lora_rank = 0, int64_t cache = 0) {
  return {.heads = 3,
          .q_lora_rank = q_lora_rank,
          .kv_lora_rank = 9,
          .qk_nope_head_dim = 5,
          .qk_rope_head_dim = 6,
          .v_head_dim = 7,
          .causal = true,
          .cache = cache};
}

struct Model : nn::Layer<Model> {
  Child<nn::RotaryEmbedding> rotary{*this, "rotary", 6};
  Child<nn::LatentAttention> attention;
  explicit Model(nn::LatentAttentionOptions options) : attention(*this, "attention", 32, std::move(options)) {}
  Value forward(Value x) {
    return attention(x, rotary(x.dim(1), attention.options.cache ? attention.options.past : Dim(0)));
  }
};

std::string text_of(Model &model, const Dim &seq) {
  return Graph("f", model, {tensor_type(f32, {1, seq, 32}), dim_input("past")}).text();
}

} // namespace

TEST_CASE("LatentAttention: its weights have DeepSeek's names") {
  Model model(small(11));
  std::string text = Graph("f", model, {hidden}).text();
  for (std::string weight : {"q_a_proj.weight : tensor<11x32xf32>", "q_a_layernorm.weight : tensor<11xf32>",
                             "q_b_proj.weight : tensor<33x11xf32>", "kv_a_proj_with_mqa.weight : tensor<15x32xf32>",
                             "kv_a_layernorm.weight : tensor<9xf32>", "kv_b_proj.weight : tensor<36x9xf32>",
                             "o_proj.weight : tensor<32x21xf32>"})
    CHECK(contains(text, "varve.weight @attention." + weight));
  CHECK(contains(text, "interleaved"));
  CHECK_FALSE(contains(text, "bias"));
  CHECK_FALSE(contains(text, "varve.buffer"));
  Model direct(small());
  CHECK(contains(Graph("f", direct, {hidden}).text(), "varve.weight @attention.q_proj.weight : tensor<33x32xf32>"));
}

TEST_CASE("LatentAttention: the cache holds latents; few positions read them as they are, others expand them") {
  Model model(small(0, 64));
  std::string expanded = text_of(model, "seq"), absorbed = text_of(model, 1);
  for (const std::string &text : {expanded, absorbed}) {
    CHECK(contains(text, "!varve.buffer<1x64x1x15xf32> {varve.name = \"attention.latent_cache\"}"));
    CHECK(contains(text, "offsets(0, past, 0, 0)"));
  }
  std::string call = "varve.layer \"kv_b_proj\" : \"Linear\"";
  CHECK(contains(expanded, call));
  CHECK_FALSE(contains(absorbed, call));
  CHECK(contains(absorbed, "varve.use @attention.kv_b_proj.weight"));
  // 17 positions are as many as pay: 18 * (2 * 9 - 12) is 9 * 12.
  CHECK_FALSE(contains(text_of(model, 17), call));
  CHECK(contains(text_of(model, 18), call));
  // A weight in blocks is not taken apart.
  nn::LatentAttentionOptions wider = small(0, 64);
  wider.kv_lora_rank = 32;
  Model floats(wider), blocks(wider);
  CHECK_FALSE(contains(text_of(floats, 1), call));
  blocks.attention.kv_b_proj.weight.set_quantization_encoding(Encoding::q8_0);
  CHECK(contains(text_of(blocks, 1), call));
}

TEST_CASE("LatentAttention: scores are multiplied as DeepSeek does it") {
  auto scale = [](nn::LatentAttentionOptions options) {
    return *nn::LatentAttention(32, std::move(options)).options.scale;
  };
  nn::LatentAttentionOptions options = small();
  CHECK(scale(options) == Approx(1 / std::sqrt(11.0)));
  options.scaling = {.kind = nn::RopeScaling::Kind::yarn, .factor = 40, .original_max_position_embeddings = 4096};
  CHECK(scale(options) == Approx(1 / std::sqrt(11.0)));
  options.scaling.mscale_all_dim = 1;
  CHECK(scale(options) == Approx(1.3688879454 * 1.3688879454 / std::sqrt(11.0)));
  options.scale = 0.5;
  CHECK(scale(options) == 0.5);
}

TEST_CASE("LatentAttention: under tensor_parallel, each device has whole heads, and all have the latents") {
  nn::LatentAttentionOptions options = small(11);
  options.heads = 4;
  Model model(options);
  model.to({cpu(0), cpu(1)}, Sharding::tensor_parallel());
  std::string text = Graph("f", model, {tensor_type(f32, {1, "seq", 32})}).text();
  for (std::string weight : {"q_a_proj.weight : tensor<11x32xf32> sharding<@mesh, [{}, {}]>",
                             "q_b_proj.weight : tensor<44x11xf32> sharding<@mesh, [{model : 4x11}, {}]>",
                             "kv_a_proj_with_mqa.weight : tensor<15x32xf32> sharding<@mesh, [{}, {}]>",
                             "kv_b_proj.weight : tensor<48x9xf32> sharding<@mesh, [{model : 4x12}, {}]>",
                             "o_proj.weight : tensor<32x28xf32> sharding<@mesh, [{}, {model : 4x7}]>"})
    CHECK(contains(text, "@attention." + weight));
}

TEST_CASE("LatentAttention: sizes that do not fit are refused") {
  auto said = [](auto change, int64_t dim = 32) {
    nn::LatentAttentionOptions options = small();
    change(options);
    return error_of([&] { nn::LatentAttention(dim, options); });
  };
  CHECK(said([](auto &) {}) == "(no error)");
  CHECK(said([](auto &) {}, 0) == "expects dim of at least 1, but got 0");
  CHECK(said([](auto &options) { options.heads = 0; }) == "expects heads of at least 1, but got 0");
  CHECK(said([](auto &options) { options.q_lora_rank = -1; }) == "expects q_lora_rank of at least 0, but got -1");
  CHECK(said([](auto &options) { options.kv_lora_rank = 0; }) == "expects kv_lora_rank of at least 1, but got 0");
  CHECK(said([](auto &options) { options.qk_nope_head_dim = 0; }) ==
        "expects qk_nope_head_dim of at least 1, but got 0");
  CHECK(said([](auto &options) { options.v_head_dim = 0; }) == "expects v_head_dim of at least 1, but got 0");
  CHECK(said([](auto &options) { options.qk_rope_head_dim = 5; }) ==
        "expects an even qk_rope_head_dim of at least 2, but got 5");
  CHECK(said([](auto &options) { options.qk_rope_head_dim = 0; }) ==
        "expects an even qk_rope_head_dim of at least 2, but got 0");
  CHECK(said([](auto &options) { options.cache = -4; }) ==
        "expects a static shape for buffer 'latent_cache', of less than 2^63 bytes, but got f32 [1, -4, 1, 15]");
}

TEST_CASE("LatentAttention: calls that do not fit are refused") {
  nn::LatentAttention plain(32, small()), cached(32, small(0, 8));
  nn::RotaryEmbedding rotary(6), other(8);
  auto said = [](auto forward, const TensorType &x = hidden) {
    return error_of([&] { Graph("f", forward, {x, dim_input("past")}); });
  };
  CHECK(contains(said([&](Value x) { return plain(x, rotary(3)); }, tensor_type(f32, {3, 32})),
                 "expects x [batch, seq, dim], but got f32 [3, 32]"));
  CHECK(contains(said([&](Value x) { return plain(x, nn::Rotation()); }),
                 "expects both cos and sin of a rotation, but got neither"));
  CHECK(contains(said([&](Value x) { return plain(x, nn::Rotation{x, Value()}); }),
                 "expects both cos and sin of a rotation, but got one"));
  CHECK(contains(said([&](Value x) { return plain(x, other(x.dim(1))); }),
                 "expects input [batch, seq, heads, dim] and cos [seq, dim / 2] or [batch, seq, dim / 2], but got"));
  CHECK(contains(said([&](Value x) { return plain(x, rotary(x.dim(1)), Value(), constant(3, i64)); }),
                 "expects a cache that has positions, but got a LatentAttention without one"));
  CHECK(contains(said([&](Value x) { return plain(x, rotary(x.dim(1)), x); }), "expects mask [batch, 3, seq, seq]"));
  CHECK(contains(said([&](Value x) { return cached(x, rotary(x.dim(1))); }, tensor_type(f32, {2, 3, 32})),
                 "expects the cache's batch, which is 1, but got f32 [2, 3, 32]"));
  CHECK(contains(said([&](Value x) { return plain(x, rotary(x.dim(1))); }, tensor_type(f32, {1, 3, 4})),
                 "in layer 'q_proj': expects the last dimension of input to be the last of weight"));
}
