// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Checkpoints in the GGUF format, in one file or several. Read as a map of the file, without a copy.
//   weights::Checkpoint checkpoint = weights::open_gguf("llama-q4_k.gguf");
//   Tensor w = checkpoint.tensors.at("blk.0.attn_q.weight");  // "q4_k [2048, 2048]"
#pragma once
#include "varve/weights/Checkpoint.h"
#include <filesystem>

namespace varve::weights {

/// A file of version 2 or 3; of a split checkpoint (model-00001-of-00003.gguf) any one, and the others are read from its
/// folder. The tensors are read-only views on the maps, which they keep; one that is not aligned to its elements is
/// copied. The files must not be changed while they are in use. What the metadata say of the split (`split.no`, ..) is
/// not handed on.
/// **Shapes** in Varve's order, [out, in]; GGUF has the reverse. Of blocks, see `Tensor::encoded`.
/// **Types** F32, F16, BF16, I8, I32, I64; blocks Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K, MXFP4, NVFP4.
/// **Throws** `Error`, naming file, byte offset and key or tensor, for a file that is cut off, big-endian, or lies about
/// counts, lengths, types, shapes or offsets; for parts of a split that are missing or of another one.
/// **Source** https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
Checkpoint open_gguf(const std::filesystem::path &path);

struct GgufOptions {
  /// If not 0, tensors go to several files of at most so many bytes of data each (a tensor that is larger gets one of its
  /// own), named `model-00001-of-00003.gguf` for the path `model.gguf`, if there is more than one.
  uint64_t max_file_bytes = 0;
  /// 2 or 3.
  uint32_t version = 3;
};

/// Writes a file that is complete or not there. Data are aligned to what `metadata` say as `general.alignment`, or 32.
/// Several files cannot replace others at once, so none of them may be there before; if one cannot be written, none stays.
/// **Types** as above. Returns the files.
/// **Throws** `Error` if it cannot be written; for other types, more than 4 dimensions, and metadata of a split.
std::vector<std::filesystem::path> save_gguf(const std::filesystem::path &path, const StateDict &tensors,
                                             const Metadata &metadata = {}, GgufOptions options = {});

} // namespace varve::weights
