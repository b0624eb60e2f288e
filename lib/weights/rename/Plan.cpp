// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Which tensors a rule takes and what it makes of them, from names and types alone.
#include "lib/weights/rename/Rename.h"
#include "varve/Error.h"
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <map>

namespace varve::weights {
namespace {

using Sizes = std::vector<int64_t>;
constexpr std::string_view number_mark = "{}";

// A pattern cut at its stars and numbers.
struct Pattern {
  std::vector<std::string_view> pieces;
  std::vector<bool> is_number; // of the holes between pieces

  explicit Pattern(std::string_view text) {
    while (true) {
      size_t star = text.find('*'), number = text.find(number_mark), hole = std::min(star, number);
      pieces.push_back(text.substr(0, hole));
      if (hole == std::string_view::npos)
        return;
      is_number.push_back(number < star);
      text.remove_prefix(hole + (number < star ? number_mark.size() : 1));
    }
  }
  size_t stars() const { return static_cast<size_t>(std::count(is_number.begin(), is_number.end(), false)); }
  size_t numbers() const { return is_number.size() - stars(); }
};

struct Match {
  std::vector<std::string> stars;
  int64_t number = -1;
};

// A hole takes as little as it can, the last one the rest.
std::optional<Match> match(const Pattern &pattern, std::string_view name) {
  const auto &pieces = pattern.pieces;
  if (pieces.size() == 1)
    return name == pieces[0] ? std::optional(Match()) : std::nullopt;
  if (name.size() < pieces.front().size() + pieces.back().size() || !name.starts_with(pieces.front()) ||
      !name.ends_with(pieces.back()))
    return {};
  name.remove_prefix(pieces.front().size());
  name.remove_suffix(pieces.back().size());
  Match result;
  for (size_t i = 1; i < pieces.size(); ++i) {
    size_t at = i + 1 == pieces.size() ? name.size() : name.find(pieces[i]);
    if (at == std::string_view::npos)
      return {};
    std::string_view hole = name.substr(0, at);
    if (pattern.is_number[i - 1]) {
      auto [end, error] = std::from_chars(hole.data(), hole.data() + hole.size(), result.number);
      if (error != std::errc() || end != hole.data() + hole.size() || result.number < 0 ||
          (hole.size() > 1 && hole[0] == '0'))
        return {};
    } else {
      result.stars.emplace_back(hole);
    }
    if (i + 1 < pieces.size())
      name.remove_prefix(at + pieces[i].size());
  }
  return result;
}

std::string filled(const Pattern &pattern, const Match &match, int64_t number) {
  std::string text(pattern.pieces[0]);
  size_t star = 0;
  for (size_t i = 1; i < pattern.pieces.size(); ++i) {
    text += pattern.is_number[i - 1] ? std::to_string(number) : match.stars[star++];
    text += pattern.pieces[i];
  }
  return text;
}

// A tensor as it becomes: what its dimensions count, and its shape.
struct Kind {
  DType dtype = f32;
  Encoding encoding = Encoding::none;
  Sizes shape; // logical

  std::string str() const {
    return std::string(encoding == Encoding::none ? name_of(dtype) : name_of(encoding)) + " " +
           shape_text(std::span<const int64_t>(shape));
  }
};

std::optional<int64_t> integer_of(const MetadataValue &value) {
  if (const auto *text = std::get_if<std::string>(&value.get())) { // in safetensors all are texts
    int64_t number = 0;
    auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    return error == std::errc() && end == text->data() + text->size() ? std::optional(number) : std::nullopt;
  }
  try {
    return value.integer();
  } catch (const Error &) { // no integer
    return {};
  }
}

// What is wrong with a step, thrown inside this file.
struct Problem {
  std::string text;
};

// The types that a step makes of others.
class Typing {
public:
  Typing(const RenameRule &rule, RenamePlan::Step &step, const Metadata &metadata) : rule(rule), step(step) {
    if (const auto *keys = std::get_if<Names>(&rule.heads))
      step.heads = heads_of(*keys, metadata);
    else
      step.heads = std::get<int64_t>(rule.heads);
  }

  std::vector<Kind> run(std::vector<Kind> kinds) {
    for (Kind &kind : kinds)
      change(kind);
    Kind whole = kinds[0];
    if (size_t each = names_of_a_number(rule)) {
      std::vector<Kind> numbers;
      for (size_t i = 0; i < kinds.size(); i += each)
        numbers.push_back(joined({kinds.begin() + i, kinds.begin() + i + each}, rule.axis, false));
      whole = joined(numbers, 0, true);
    } else if (joins(rule)) {
      whole = joined(kinds, rule.axis, rule.new_axis);
    }
    std::vector<Kind> results = parts(rule) ? parted(whole) : std::vector<Kind>{whole};
    for (Kind &kind : results) {
      if (rule.add != 0)
        expect(kind.encoding == Encoding::none && is_floating(kind.dtype), "floats to be added to", kind);
      if (rule.cast) {
        expect(kind.encoding == Encoding::none && is_floating(kind.dtype) && is_floating(*rule.cast),
               "floats to be cast", kind);
        kind.dtype = *rule.cast;
      }
    }
    return results;
  }

private:
  static int64_t heads_of(const Names &keys, const Metadata &metadata) {
    for (const std::string &key : keys)
      if (auto found = metadata.find(key); found != metadata.end()) {
        std::optional<int64_t> number = integer_of(found->second);
        if (!number || *number < 1)
          throw Problem{"expects a number of heads as '" + key + "' of the metadata, but got " + found->second.text()};
        return *number;
      }
    std::string text;
    for (const std::string &key : keys)
      text += (text.empty() ? "'" : " or '") + key + "'";
    throw Problem{"expects a number of heads as " + text + " of the metadata, but got none"};
  }

  void expect(bool holds, const std::string &what, const Kind &kind) const {
    if (!holds)
      throw Problem{"expects " + what + ", but got " + kind.str() + " of '" + step.from[0] + "'"};
  }

  void change(Kind &kind) const {
    if (rule.transpose) {
      expect(kind.shape.size() == 2 && kind.encoding == Encoding::none, "a matrix to be transposed", kind);
      std::swap(kind.shape[0], kind.shape[1]);
    }
    if (step.heads != 0) {
      bool rows = kind.encoding == Encoding::none ? !kind.shape.empty() : kind.shape.size() > 1;
      expect(rows && kind.shape[0] % step.heads == 0 && kind.shape[0] / step.heads % 2 == 0,
             "rows of " + std::to_string(step.heads) + " heads, each of pairs", kind);
    }
  }

  void expect_axis(const Kind &kind, size_t axis, size_t extra) const {
    expect(axis < kind.shape.size() + extra, "an axis " + std::to_string(axis), kind);
  }

  Kind joined(const std::vector<Kind> &kinds, int64_t along, bool fresh) const {
    Kind whole = kinds[0];
    auto axis = static_cast<size_t>(along);
    expect_axis(whole, axis, fresh ? 1 : 0);
    for (const Kind &kind : kinds) {
      Kind same = kind;
      if (!fresh && axis < kind.shape.size())
        same.shape[axis] = kinds[0].shape[axis];
      expect(same.str() == kinds[0].str(), "tensors of one type to be joined, as " + kinds[0].str(), kind);
      if (!fresh && &kind != &kinds[0] &&
          __builtin_add_overflow(whole.shape[axis], kind.shape[axis], &whole.shape[axis]))
        expect(false, "sizes that fit", kind);
    }
    if (fresh) {
      expect(whole.encoding == Encoding::none || axis + 1 < whole.shape.size() + 1, "blocks that stay whole", whole);
      whole.shape.insert(whole.shape.begin() + along, static_cast<int64_t>(kinds.size()));
    }
    return whole;
  }

  std::vector<Kind> parted(const Kind &whole) const {
    auto axis = static_cast<size_t>(rule.axis);
    expect_axis(whole, axis, 0);
    int64_t size = whole.shape[axis];
    bool last = whole.encoding != Encoding::none && axis + 1 == whole.shape.size();
    std::vector<Kind> results;
    if (rule.new_axis) {
      expect(!last, "blocks that stay whole", whole);
      Kind part = whole;
      part.shape.erase(part.shape.begin() + rule.axis);
      expect(rule.to.size() == 1 || static_cast<int64_t>(rule.to.size()) == size,
             std::to_string(rule.to.size()) + " slices of axis " + std::to_string(rule.axis), whole);
      results.assign(static_cast<size_t>(size), part);
      return results;
    }
    Sizes sizes = rule.sizes;
    if (sizes.empty()) {
      auto count = static_cast<int64_t>(rule.to.size());
      expect(size % count == 0, std::to_string(count) + " equal parts of axis " + std::to_string(rule.axis), whole);
      sizes.assign(rule.to.size(), size / count);
    }
    int64_t sum = 0;
    for (int64_t each : sizes)
      if (__builtin_add_overflow(sum, each, &sum))
        sum = -1;
    expect(sum == size, "parts of axis " + std::to_string(rule.axis) + " that are all of it", whole);
    for (int64_t each : sizes) {
      expect(!last || each % info_of(whole.encoding).elements == 0, "blocks that stay whole", whole);
      results.push_back(whole);
      results.back().shape[axis] = each;
    }
    return results;
  }

  const RenameRule &rule;
  RenamePlan::Step &step;
};

// Tensors that one rule takes together.
struct Group {
  size_t rule;
  Match match;
  std::map<int64_t, std::string> from; // by place
};

// Nothing is missing of what a rule joins.
bool complete(const RenameRule &rule, const Group &group) {
  size_t count = group.from.size();
  bool whole = group.match.number < 0 ? count == rule.from.size() : count % rule.from.size() == 0;
  return whole && group.from.rbegin()->first + 1 == static_cast<int64_t>(count);
}

// What a rule does besides giving another name.
std::string how(const RenameRule &rule, const RenamePlan::Step &step) {
  std::string text;
  auto add = [&](const std::string &what) { text += (text.empty() ? "" : ", ") + what; };
  std::string axis = std::to_string(rule.axis);
  if (rule.transpose)
    add("transposed");
  if (step.heads != 0)
    add("rows of " + std::to_string(step.heads) + (step.heads == 1 ? " head" : " heads") + " from pairs to halves");
  if (size_t each = names_of_a_number(rule))
    add(std::to_string(each) + " joined along axis " + axis + ", then stacked along a new axis 0");
  else if (joins(rule))
    add(rule.new_axis ? "stacked along a new axis " + axis : "joined along axis " + axis);
  if (parts(rule))
    add(rule.new_axis ? "slices of axis " + axis : "parts of axis " + axis);
  if (rule.add != 0) {
    std::array<char, 32> number{};
    std::snprintf(number.data(), number.size(), "%+g", rule.add);
    add(std::string(number.data()) + " added");
  }
  if (rule.cast)
    add("as " + std::string(name_of(*rule.cast)));
  return text;
}

} // namespace

bool joins(const RenameRule &rule) {
  return !rule.to.empty() &&
         (rule.from.size() > 1 || (Pattern(rule.from[0]).numbers() != 0 && Pattern(rule.to[0]).numbers() == 0));
}
bool parts(const RenameRule &rule) {
  return rule.to.size() > 1 ||
         (rule.to.size() == 1 && Pattern(rule.to[0]).numbers() != 0 && Pattern(rule.from[0]).numbers() == 0);
}

size_t names_of_a_number(const RenameRule &rule) {
  return joins(rule) && rule.from.size() > 1 && Pattern(rule.from[0]).numbers() != 0 ? rule.from.size() : 0;
}

std::string check(const RenameRule &rule) {
  if (rule.from.empty())
    return "expects a name in from, but got none";
  Pattern first(rule.from[0]);
  auto all_as = [](const Names &names, const Pattern &pattern) {
    return std::all_of(names.begin(), names.end(), [&](const std::string &name) {
      return Pattern(name).stars() == pattern.stars() && Pattern(name).numbers() == pattern.numbers();
    });
  };
  if (first.numbers() > 1 || !all_as(rule.from, first))
    return "expects names with as many * each, and at most one {}, in from, but got '" + rule.from[0] + "'";
  if (names_of_a_number(rule) != 0 && !rule.new_axis)
    return "expects new_axis where several names in from have a {}, but got '" + rule.from[0] + "' without";
  for (const std::string &name : rule.to) {
    Pattern to(name);
    if (to.stars() > first.stars())
      return "expects a * in from for each in to, but got '" + rule.from[0] + "' and '" + name + "'";
    if (to.numbers() > 1 || (rule.to.size() > 1 && to.numbers() != 0))
      return "expects one name with at most one {}, or several, in to, but got '" + name + "'";
    if (to.numbers() != 0 && rule.from.size() > 1)
      return "expects no {} in to where from has several names, but got '" + name + "'";
  }
  if (joins(rule) && parts(rule))
    return "expects several names, or a {}, in from or in to, but got them in both";
  if (parts(rule) && rule.to.size() == 1 && rule.sizes.empty() && !rule.new_axis)
    return "expects sizes or new_axis where to has a {}, but got neither";
  if (!rule.sizes.empty() &&
      (!parts(rule) || rule.new_axis || (rule.to.size() > 1 && rule.sizes.size() != rule.to.size())))
    return "expects sizes for each part of a tensor, but got " + std::to_string(rule.sizes.size()) + " for " +
           std::to_string(rule.to.size()) + " names";
  if (rule.axis < 0)
    return "expects an axis of at least 0, but got " + std::to_string(rule.axis);
  if (const auto *keys = std::get_if<Names>(&rule.heads); keys && keys->empty())
    return "expects a key of the metadata in heads, but got none";
  if (!rule.reason.empty() && !rule.to.empty())
    return "expects a reason only where a tensor is left out, but got one for '" + rule.to[0] + "'";
  if (!std::isfinite(rule.add))
    return "expects a finite number to add, but got " + std::to_string(rule.add);
  if (const auto *heads = std::get_if<int64_t>(&rule.heads); heads && *heads < 0)
    return "expects a number of heads of at least 0, but got " + std::to_string(*heads);
  return "";
}

RenamePlan Rules::plan(const Checkpoint &checkpoint) const {
  RenamePlan plan;
  std::vector<std::vector<Pattern>> patterns;
  for (const RenameRule &rule : rules) {
    std::string wrong = check(rule);
    if (!wrong.empty()) {
      plan.problems.push_back(wrong);
      return plan;
    }
    patterns.emplace_back(rule.from.begin(), rule.from.end());
  }

  std::vector<Group> groups;
  std::map<std::pair<size_t, std::vector<std::string>>, size_t> joint;
  std::vector<bool> used(rules.size());
  for (const auto &[name, tensor] : checkpoint.tensors) {
    std::optional<Match> found;
    size_t rule = 0, place = 0;
    for (; rule < rules.size() && !found; ++rule)
      for (place = 0; place < patterns[rule].size() && !found; ++place)
        found = match(patterns[rule][place], name);
    if (!found) {
      groups.push_back({SIZE_MAX, {}, {{0, name}}});
      continue;
    }
    --rule, --place;
    used[rule] = true;
    if (!joins(rules[rule])) {
      groups.push_back({rule, *found, {{0, name}}});
      continue;
    }
    // All names of the number 0, then those of 1, ..
    auto at = static_cast<int64_t>(place);
    if (found->number >= 0 && __builtin_mul_overflow(found->number, patterns[rule].size(), &at))
      at = INT64_MAX;
    else if (found->number >= 0)
      at += static_cast<int64_t>(place);
    auto [group, fresh] = joint.emplace(std::pair(rule, found->stars), groups.size());
    if (fresh)
      groups.push_back({rule, *found, {}});
    groups[group->second].from.emplace(at, name);
  }

  std::map<std::string, std::string> taken;
  for (const Group &group : groups) {
    RenamePlan::Step step;
    step.rule = group.rule;
    for (const auto &[place, name] : group.from)
      step.from.push_back(name);
    std::vector<Kind> kinds;
    for (const std::string &name : step.from) {
      const Tensor &tensor = checkpoint.tensors.at(name);
      kinds.push_back({tensor.dtype(), tensor.encoding(), tensor.logical_shape()});
    }
    try {
      if (group.rule == SIZE_MAX) {
        step.to = step.from;
      } else {
        const RenameRule &rule = rules[group.rule];
        if (joins(rule) && !complete(rule, group))
          throw Problem{"expects all that '" + rule.from[0] + "' joins, " +
                        (rule.from.size() > 1 ? std::to_string(rule.from.size()) + " names" : "") +
                        (names_of_a_number(rule) != 0 ? " of " : "") +
                        (group.match.number >= 0 ? "numbers from 0 on" : "") + ", but got '" + step.from.back() +
                        "' as the last of " + std::to_string(group.from.size())};
        if (rule.to.empty()) {
          step.how = rule.reason;
        } else {
          kinds = Typing(rule, step, checkpoint.metadata).run(std::move(kinds));
          step.how = how(rule, step);
          for (size_t i = 0; i < kinds.size(); ++i) {
            bool numbered = rule.to.size() == 1;
            Pattern to(rule.to[numbered ? 0 : i]);
            step.to.push_back(filled(to, group.match, parts(rule) ? int64_t(i) : group.match.number));
          }
        }
      }
    } catch (const Problem &problem) {
      plan.problems.push_back(problem.text);
      continue;
    }
    for (size_t i = 0; i < step.to.size(); ++i) {
      step.types.push_back(kinds[i].str());
      auto [other, free] = taken.emplace(step.to[i], step.from[0]);
      if (!free)
        plan.problems.push_back("expects different names, but got '" + step.to[i] + "' for '" + other->second +
                                "' and '" + step.from[0] + "'");
    }
    plan.steps.push_back(std::move(step));
  }
  for (size_t i = 0; i < rules.size(); ++i)
    if (!used[i] && !rules[i].optional)
      plan.problems.push_back("expects a rule that matches a name, but got '" + rules[i].from[0] + "'");
  return plan;
}

std::string RenamePlan::text() const {
  auto list = [](const std::vector<std::string> &names) {
    std::string text;
    for (const std::string &name : names)
      text += (text.empty() ? "" : ", ") + name;
    return text.empty() ? std::string("(left out)") : text;
  };
  size_t width = 0;
  for (const Step &step : steps)
    width = std::max(width, list(step.from).size());
  std::string text;
  for (const Step &step : steps) {
    std::string from = list(step.from);
    text += from + std::string(width - from.size(), ' ') + " -> " + list(step.to) +
            (step.types.empty() ? "" : "  " + step.types[0]) + (step.how.empty() ? "" : "  " + step.how) + "\n";
  }
  for (const std::string &problem : problems)
    text += "problem: " + problem + "\n";
  return text;
}

} // namespace varve::weights
