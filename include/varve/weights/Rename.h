// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Other names for what a checkpoint holds: rules that say which name of a file is which name of a model.
//   weights::Renaming names = weights::rename({"blk.0.ffn_up.weight"}, {{"blk.*.ffn_up.*", "layers.*.up.*"}});
#pragma once
#include <map>
#include <string>
#include <vector>

namespace varve::weights {

/// Gives names of a state those of the model: in `pattern` each `*` stands for any text, and the `*` at the same place of
/// `replacement` for that text. The first rule that matches a name is used.
///   {"blk.*.attn_q.weight", "model.layers.*.self_attn.q_proj.weight"}
struct RenameRule {
  std::string pattern, replacement;
};

/// What a list of rules makes of a list of names.
struct Renaming {
  /// From the old name to the new; a name that no rule matches stays as it is.
  std::map<std::string, std::string> names;
  /// What is wrong: a rule that matches nothing, or has more `*` in its replacement than in its pattern; two names
  /// that become one.
  std::vector<std::string> problems;
  /// The map, a line each: a dry run.
  std::string text() const;
};

Renaming rename(const std::vector<std::string> &names, const std::vector<RenameRule> &rules);

} // namespace varve::weights
