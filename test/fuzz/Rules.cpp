// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Any text as rules that rename, and what they make of a small checkpoint: a checkpoint or an Error, nothing else.
#include "varve/Error.h"
#include "varve/weights/Rename.h"

using namespace varve;

static weights::Checkpoint small_checkpoint() {
  weights::Checkpoint checkpoint;
  for (const char *name : {"blk.0.a", "blk.1.a", "blk.0.b", "blk.1.b"})
    checkpoint.tensors.emplace(name, Tensor::zeros(f32, {4, 6}));
  checkpoint.tensors.emplace("blk.0.q", Tensor::encoded(Encoding::q4_0, Tensor::zeros(u8, {4, 2, 18})));
  checkpoint.tensors.emplace("bias", Tensor::zeros(bf16, {8}));
  checkpoint.tensors.emplace("empty", Tensor::zeros(f16, {0, 3}));
  checkpoint.metadata["heads"] = uint32_t(2);
  return checkpoint;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const weights::Checkpoint checkpoint = small_checkpoint();
  try {
    weights::Rules rules = weights::Rules::parse({reinterpret_cast<const char *>(data), size});
    (void)rules.plan(checkpoint).text();
    rules.apply(checkpoint);
  } catch (const Error &) {
    return 0; // what most inputs get
  }
  return 0;
}
