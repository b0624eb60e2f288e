// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A compiled model: native code with named entries, to be saved, loaded without the compiler, given weights and run.
//   Executable exe = Executable::load("mlp.varve").bind(state);
//   std::vector<Tensor> out = exe({x});
#pragma once
#include "varve/runtime/Tensor.h"
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace varve {

namespace runtime {
struct Program;
struct DefaultSession;

/// The bytes of a shared object, made into those of an executable: a trailer with size and checksum is appended.
std::vector<std::byte> seal(std::span<const std::byte> elf);
} // namespace runtime

/// What an executable takes or gives under a name.
struct TensorInfo {
  std::string name;
  DType dtype = DType::f32;
  /// As the author wrote it: "[1, seq, past + seq]".
  std::string shape;
  /// The sizes, -1 for one that is known only when the model runs.
  std::vector<int64_t> sizes;
  /// The symbol whose value this scalar input gives, "" if none.
  std::string symbol;
  /// How a weight is stored; in blocks, `dtype` is u8 and the sizes are those of what they stand for.
  Encoding encoding = Encoding::none;
};

/// How weights are bound.
struct BindOptions {
  /// A file where weights are kept as they were packed. The first `bind` makes it, whole or not at all, and every one after it maps
  /// it: nothing is packed, and no weight is read before it is used. It is made anew, and `warning` says why, where it was
  /// made from other weights or for another layout, was damaged, or was cut off. One for each executable and checkpoint;
  /// several processes may use it. Empty: packed weights are in memory.
  std::filesystem::path packed = {};
  /// What says which weights these are, such as a digest of the checkpoint: others need another. Empty: of views of mapped
  /// files, their sizes and times do; of all others that would be packed, every byte is read.
  std::string version = {};
  /// Called with what went wrong and did not matter to the result: a file that had to be made anew, or could not be
  /// written. None: it is written to stderr.
  std::function<void(std::string_view)> warning = {};
};

/// A place whose value `Session::tap` shows.
struct TapInfo {
  /// The layer's path and the tag: "layers.0.mlp.output".
  std::string path;
  DType dtype = DType::f32;
  int64_t rank = 0;
};

/// A handle on immutable code, and on the weights bound to it. Copies share both; any thread may use one.
class Executable {
public:
  // Moving copies, so no handle is ever empty.
  Executable(const Executable &) = default;
  Executable &operator=(const Executable &) = default;

  /// Code from memory, as `seal` made it. **Throws** `Error` for bytes that are damaged or are of another version
  /// of Varve. Code for another CPU is loaded too, to be looked at or saved; a `Session` refuses it.
  static Executable from_bytes(std::span<const std::byte> bytes);
  /// Code from a file that `save` wrote. **Throws** as `from_bytes`, and names the file.
  static Executable load(const std::filesystem::path &path);
  /// Writes the code, without weights; the file is complete or not there. **Throws** `Error` if it cannot be written.
  void save(const std::filesystem::path &path) const;

  /// The names of the entries, in their order.
  std::vector<std::string> entries() const;
  /// What an entry takes and gives; the name may be left out if there is just one entry. **Throws** `Error` otherwise.
  std::vector<TensorInfo> inputs(std::string_view entry = {}) const;
  std::vector<TensorInfo> outputs(std::string_view entry = {}) const;
  /// What must be bound, and the state that a session keeps.
  std::vector<TensorInfo> weights() const;
  std::vector<TensorInfo> buffers() const;
  /// The taps of all entries, one for each layer that shares a body.
  std::vector<TapInfo> taps() const;
  /// What the compiler had to say besides errors, each with its place: that something has no fast path, say.
  std::vector<std::string> remarks() const;
  /// The manifest as the compiler wrote it.
  const std::string &manifest_json() const;

  /// The same code with these weights: those that the compiler wants packed are packed, once for all entries, the
  /// others are used where they are. Names that the code does not use are no error. **Throws** one `Error` for all that
  /// is missing or has another dtype or shape, and for a file for packed weights that is none; nothing is packed then.
  Executable bind(const StateDict &state, const BindOptions &options = {}) const;
  /// The same, and gives up each weight when it is packed: memory that nobody else holds is free then, so that a model is
  /// never there twice. Pages of mapped files, read to be packed, are given back in any case.
  Executable bind(StateDict &&state, const BindOptions &options = {}) const;
  /// True if every weight has its value (also if there are no weights).
  bool bound() const;
  /// Bytes of the copies that `bind` made: packed weights, and those that were not aligned to their elements.
  size_t packed_bytes() const;
  /// How many of these are in a file, mapped (`BindOptions::packed`).
  size_t mapped_bytes() const;

  /// Runs the only entry in a session with a thread for each CPU, made at the first call; calls from several threads
  /// run one after the other. **Throws** as `Session::run`, and if there are several entries.
  std::vector<Tensor> operator()(std::span<const Tensor> inputs) const;
  std::vector<Tensor> operator()(std::initializer_list<Tensor> inputs) const;

private:
  friend class Session;
  std::shared_ptr<const runtime::Program> program;
  std::shared_ptr<runtime::DefaultSession> session;

  explicit Executable(std::shared_ptr<const runtime::Program> program);
};

} // namespace varve
