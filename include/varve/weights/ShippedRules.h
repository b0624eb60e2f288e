// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The rules that come with the library: from what Hugging Face and GGUF call the tensors of the models that people know to
// the names and shapes of Varve's layers, which are those of Hugging Face's modules.
//   weights::Checkpoint checkpoint = weights::open("llama-q8_0.gguf");
//   llama.load_state_dict(checkpoint, {.renames = weights::rules_for(checkpoint), .cast = true});
#pragma once
#include "varve/weights/Rename.h"
#include <span>
#include <string>
#include <vector>

namespace varve::weights {

/// A set of rules that comes with the library, as `Rules::shipped(name)`. One set may serve several families.
struct ShippedRules {
  /// The family and whose names it is from: "llama-gguf", "qwen3-hf".
  std::string name;
  /// What a checkpoint calls the family: `general.architecture` of GGUF, `model_type` or an entry of `architectures` of a
  /// config.json.
  std::vector<std::string> architectures;
  /// One line for people.
  std::string about;
};

/// All, by name.
std::span<const ShippedRules> shipped_rules();

/// The set for a checkpoint: by its metadata `general.architecture` if it is of GGUF, else by the config.json in the folder
/// of its first tensor's file. **Throws** `Error` if that is not there or cannot be read, or if there are no rules for what
/// it says.
std::string shipped_rules_for(const Checkpoint &checkpoint);
/// The rules of that set.
Rules rules_for(const Checkpoint &checkpoint);

} // namespace varve::weights
