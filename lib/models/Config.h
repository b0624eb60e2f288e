// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Reads a Hugging Face config.json, or the metadata of a GGUF file; every error names the file and the entry.
#pragma once
#include "varve/Type.h"
#include "varve/weights/Checkpoint.h"
#include <memory>
#include <optional>
#include <string>

namespace varve::models {

class Config {
public:
  explicit Config(std::string path);
  explicit Config(const weights::Checkpoint &gguf);
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
  /// Expects this number, if the entry is there.
  void expect(const std::string &key, int64_t number) const;
  /// Expects that the entry is absent, null, false or 0.
  void expect_off(const std::string &key) const;

private:
  struct Json;
  std::string path;
  std::unique_ptr<Json> json;
  [[noreturn]] void fail(const std::string &key, const std::string &rule) const;
};

/// True if the metadata are those of GGUF.
bool is_gguf(const weights::Checkpoint &checkpoint);
/// The config.json beside a checkpoint of Hugging Face. **Throws** `Error` if it is of no file.
std::string config_beside(const weights::Checkpoint &checkpoint);

} // namespace varve::models
