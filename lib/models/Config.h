// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reads a Hugging Face config.json; every error names the file and the entry.
#pragma once
#include "varve/Type.h"
#include <memory>
#include <optional>
#include <string>

namespace varve::models {

class Config {
public:
  explicit Config(std::string path);
  ~Config();
  Config(const Config &) = delete;
  Config &operator=(const Config &) = delete;

  /// A positive integer; without a default it must be there. An entry that is null counts as absent, here and below.
  int64_t integer(const std::string &key, std::optional<int64_t> absent = {}) const;
  /// A positive number.
  double number(const std::string &key, double absent) const;
  bool boolean(const std::string &key, bool absent) const;
  /// "float32", "float16" or "bfloat16".
  DType dtype(const std::string &key, DType absent) const;
  /// Expects this text, if the entry is there.
  void expect(const std::string &key, const std::string &text) const;
  /// Expects that the entry is absent, null or false.
  void expect_off(const std::string &key) const;

private:
  struct Json;
  std::string path;
  std::unique_ptr<Json> json;
  [[noreturn]] void fail(const std::string &key, const std::string &rule) const;
};

} // namespace varve::models
