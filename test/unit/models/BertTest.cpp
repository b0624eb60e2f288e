// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/models/Bert.h"
#include "test/unit/Support.h"
#include "varve/weights/Open.h"
#include <catch2/catch.hpp>

using namespace varve;
using test::contains;

TEST_CASE("a BERT block loads Hugging Face's checkpoint as it is") {
  std::string folder = VARVE_TEST_DATA "/encoder";
  models::BertLayer block(models::BertConfig::from_file(folder + "/config.json"));
  CHECK(block.load_state_dict(weights::open(folder)).loaded.size() == 16);
  Graph graph("block", block,
              {{"x", tensor_type(f32, {"batch", "seq", 64})}, {"mask", tensor_type(f32, {"batch", 1, 1, "seq"})}});
  CHECK(contains(graph.text(), "varve.layer \"self\" : \"BertSelfAttention\""));
  CHECK(graph.state_dict().size() == 16);
  CHECK_FALSE(contains(Graph("block", block, {tensor_type(f32, {"batch", "seq", 64})}).text(), "varve.broadcast"));
}
