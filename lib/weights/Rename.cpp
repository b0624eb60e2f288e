// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/weights/Rename.h"
#include <algorithm>
#include <optional>
#include <string_view>

namespace varve::weights {
namespace {

std::vector<std::string_view> split(std::string_view text) {
  std::vector<std::string_view> pieces;
  for (size_t star = text.find('*'); star != std::string_view::npos; star = text.find('*')) {
    pieces.push_back(text.substr(0, star));
    text.remove_prefix(star + 1);
  }
  pieces.push_back(text);
  return pieces;
}

// What each star stands for; a star takes as little as it can, the last one the rest.
std::optional<std::vector<std::string_view>> match(const std::vector<std::string_view> &pieces, std::string_view name) {
  if (pieces.size() == 1)
    return name == pieces[0] ? std::optional(std::vector<std::string_view>()) : std::nullopt;
  if (name.size() < pieces.front().size() + pieces.back().size() || !name.starts_with(pieces.front()) ||
      !name.ends_with(pieces.back()))
    return {};
  name.remove_prefix(pieces.front().size());
  name.remove_suffix(pieces.back().size());
  std::vector<std::string_view> stars;
  for (size_t i = 1; i + 1 < pieces.size(); ++i) {
    size_t at = name.find(pieces[i]);
    if (at == std::string_view::npos)
      return {};
    stars.push_back(name.substr(0, at));
    name.remove_prefix(at + pieces[i].size());
  }
  stars.push_back(name);
  return stars;
}

std::string filled(const std::vector<std::string_view> &pieces, const std::vector<std::string_view> &stars) {
  std::string text(pieces[0]);
  for (size_t i = 1; i < pieces.size(); ++i)
    text.append(stars[i - 1]).append(pieces[i]);
  return text;
}

} // namespace

Renaming rename(const std::vector<std::string> &names, const std::vector<RenameRule> &rules) {
  Renaming result;
  std::vector<std::pair<std::vector<std::string_view>, std::vector<std::string_view>>> parsed;
  for (const RenameRule &rule : rules) {
    parsed.emplace_back(split(rule.pattern), split(rule.replacement));
    if (auto &[from, to] = parsed.back(); to.size() > from.size()) {
      result.problems.push_back("expects a '*' in the pattern for each in its replacement, but got '" + rule.pattern +
                                "' and '" + rule.replacement + "'");
      to = from;
    }
  }
  std::vector<bool> used(rules.size());
  std::map<std::string, std::string> taken;
  for (const std::string &name : names) {
    std::string fresh = name;
    for (size_t i = 0; i < parsed.size(); ++i)
      if (auto stars = match(parsed[i].first, name)) {
        fresh = filled(parsed[i].second, *stars);
        used[i] = true;
        break;
      }
    auto [other, free] = taken.emplace(fresh, name);
    if (!free)
      result.problems.push_back("expects different names, but got '" + fresh + "' for '" + other->second + "' and '" +
                                name + "'");
    result.names.emplace(name, std::move(fresh));
  }
  for (size_t i = 0; i < rules.size(); ++i)
    if (!used[i])
      result.problems.push_back("expects a rule that matches a name, but got '" + rules[i].pattern + "'");
  return result;
}

std::string Renaming::text() const {
  size_t width = 0;
  for (const auto &[from, to] : names)
    width = std::max(width, from.size());
  std::string text;
  for (const auto &[from, to] : names)
    text += from + std::string(width - from.size(), ' ') + " -> " + to + "\n";
  return text;
}

} // namespace varve::weights
