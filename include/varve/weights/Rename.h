// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Other names and shapes for what a checkpoint holds: rules, as data, that make one model's state of another's.
//   weights::Rules rules = weights::Rules::open("gguf-to-llama.json");
//   std::cout << rules.plan(checkpoint).text();          // a dry run; reads no tensor
//   model.load_state_dict(rules.apply(checkpoint));
#pragma once
#include "varve/weights/Checkpoint.h"
#include <filesystem>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace varve::weights {

/// One name or several.
struct Names : std::vector<std::string> {
  Names() = default;
  // NOLINTBEGIN(google-explicit-constructor): a rule is written as strings
  Names(const char *name) : std::vector<std::string>{name} {}
  Names(std::string name) : std::vector<std::string>{std::move(name)} {}
  Names(std::initializer_list<const char *> names) : std::vector<std::string>(names.begin(), names.end()) {}
  Names(std::vector<std::string> names) : std::vector<std::string>(std::move(names)) {}
  // NOLINTEND(google-explicit-constructor)
};

/// What becomes of the tensors whose names match. In `from` each `*` stands for any text, and the `*` at the same place
/// of `to` for that text; `{}` stands for the numbers 0, 1, ... The first rule that matches a name is used.
///   {"blk.*.attn_q.weight", "model.layers.*.self_attn.q_proj.weight", {.heads = "llama.attention.head_count"}}
/// Several names in `from`, or one with `{}`, are joined; several in `to`, or one with `{}`, are its parts; no name
/// in `to` leaves the tensor out. It is done in this order: transpose, rotary order, join or part, add, cast.
struct RenameRule {
  Names from, to;
  /// The two axes of a matrix are exchanged.
  bool transpose = false;
  /// Rows [head, pair, 2] become [head, 2, pair]: GGUF's order of rotary pairs (neighbours) becomes Hugging Face's
  /// (halves). The number of heads, or the key of the metadata that has it, the first of several that is there; 0: no
  /// change.
  std::variant<int64_t, Names> heads = 0;
  /// The axis along which tensors are joined or parted.
  int64_t axis = 0;
  /// Joined tensors lie along a new axis; a tensor is parted into the slices of one that goes. Of several names with
  /// `{}` each, those of one number are joined along `axis`, and the numbers lie along a new first axis.
  bool new_axis = false;
  /// The sizes of the parts; none: they are equal.
  std::vector<int64_t> sizes = {};
  /// What is added to each element of floats, in f32.
  double add = 0;
  /// A float type that floats are converted to.
  std::optional<DType> cast = {};
  /// It may match nothing.
  bool optional = false;
  /// Why tensors are left out, for people.
  std::string reason = {};
};

/// What rules make of a checkpoint, known from names and types alone.
struct RenamePlan {
  struct Step {
    size_t rule = 0; // SIZE_MAX: no rule matches, the name stays
    std::vector<std::string> from, to;
    std::vector<std::string> types; // of each in `to`
    int64_t heads = 0;
    std::string how; // what is done besides, or why it is left out: "transposed, parted along axis 0"
  };
  std::vector<Step> steps;
  /// What is wrong, a line each: a rule that matches nothing, names that clash, a shape that cannot be parted.
  std::vector<std::string> problems;
  /// The map, a line each.
  std::string text() const;
};

/// A list of rules, in JSON:
///   {"rules": [{"from": "blk.*.attn_q.weight", "to": "model.layers.*.self_attn.q_proj.weight",
///               "heads": "llama.attention.head_count"},
///              {"from": "h.*.attn.c_attn.weight", "to": ["h.*.q.weight", "h.*.k.weight", "h.*.v.weight"],
///               "transpose": true, "axis": 0},
///              {"from": "*.experts.{}.w1.weight", "to": "*.experts.w1.weight", "new_axis": true},
///              {"from": "*_norm.weight", "to": "*norm.weight", "add": -1},
///              {"from": "*.inv_freq", "to": [], "optional": true, "reason": "computed from rope_theta"}]}
class Rules {
public:
  Rules() = default;
  Rules(std::vector<RenameRule> rules)
      : rules(std::move(rules)) {} // NOLINT(google-explicit-constructor): a list is one
  Rules(std::initializer_list<RenameRule> rules) : rules(rules) {}

  /// **Throws** `Error` with the place for what is no JSON of this form, and for a rule that makes no sense. `where` names
  /// the text in messages.
  static Rules parse(std::string_view json, const std::string &where = "rules");
  static Rules open(const std::filesystem::path &path);
  /// A set that comes with the library, by its name, "llama-gguf"; see `ShippedRules.h`.
  /// **Throws** `Error` for a name that is none, with the nearest and all.
  static Rules shipped(std::string_view name);

  bool empty() const { return rules.empty(); }
  std::span<const RenameRule> list() const { return rules; }
  /// What `apply` would do. Reads no tensor.
  RenamePlan plan(const Checkpoint &checkpoint) const;
  /// The checkpoint under other names. A tensor that only gets another name, or is parted along its first axis, is not
  /// copied. **Throws** one `Error` with all problems of the plan, before any tensor is read.
  Checkpoint apply(const Checkpoint &checkpoint) const;

private:
  std::vector<RenameRule> rules;
};

} // namespace varve::weights
