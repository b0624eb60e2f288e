// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/models/Whisper.h"
#include "docs/examples/Examples.h"

using namespace varve;

void models_Whisper() {
  // Whisper
  {
    std::string folder = "test/data/models/whisper/";
    weights::Checkpoint checkpoint = weights::open(folder);
    models::Whisper model(models::WhisperConfig::from_checkpoint(checkpoint), models::Logits::last);
    model.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint)});
    Tensor mel = load_npy(folder + "mel.npy"); // of speech, [1, bins, frames]
    Graph encode("encode", [&](Value mel) { return model.encode(mel); },
                 {{"mel", tensor_type(f32, {1, mel.shape()[1], mel.shape()[2]})}});
    Graph decode("decode", model, {{"ids", tensor_type(i64, {1, 1})}, dim_input("past")});
    Session session(compile({&encode, &decode})); // keeps what the decoder sees of the encoder's states
    session.run("encode", {mel});
    Tensor logits = session.run("decode", {Tensor::from<int64_t>({1, 1}, {1}), Tensor::from<int64_t>({}, {0})})[0];
    std::cout << logits.type() << "\n";
    // f32 [1, 1, 37]
  }
}
