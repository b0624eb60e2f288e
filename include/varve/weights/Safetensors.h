// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Checkpoints in the safetensors format: one file, or several with an index. Read as a map of the file, without a copy.
//   weights::Checkpoint checkpoint = weights::open_safetensors("model.safetensors");
//   Tensor w = checkpoint.tensors.at("up_proj.weight");
#pragma once
#include "varve/weights/Checkpoint.h"
#include <filesystem>
#include <vector>

namespace varve::weights {

/// A single file. The tensors are read-only views on the map, which they keep; one that is not aligned to its elements
/// is copied. The file must not be changed while they are in use.
/// **Throws** `Error`, naming file, tensor and byte offset, for a header that is cut off, no JSON, or lies about sizes
/// or offsets (outside of the file, overlapping, with gaps), and for element types that Varve has not.
/// **Source** https://github.com/huggingface/safetensors
Checkpoint open_safetensors(const std::filesystem::path &path);

/// The files that a `model.safetensors.index.json` names, from its own folder; tensors that it does not name are left
/// out.
/// **Throws** `Error` as above, for a file or tensor that is not there, and for file names that lead out of the folder.
Checkpoint open_safetensors_index(const std::filesystem::path &path);

/// Writes a file that is complete or not there; data begin at a multiple of 64 bytes, wide elements first, so that all
/// are aligned when mapped.
/// **Throws** `Error` if it cannot be written; for the name "__metadata__", metadata that are no strings, and blocks of
/// any encoding but FP8, which the format has not.
void save_safetensors(const std::filesystem::path &path, const StateDict &tensors, const Metadata &metadata = {});

/// Writes a checkpoint as Hugging Face's tools do: `model.safetensors` for the path `model.safetensors`, or, if the data
/// are more than `max_shard_bytes` (0: never), `model-00001-of-00003.safetensors` and so on, each of at most so many
/// bytes of data (a tensor that is larger gets one of its own), and `model.safetensors.index.json`, which names them.
/// The checkpoint that was there before, of either form, is whole until the new one is, and then gone.
/// **Throws** `Error` as above; the files of the new one are removed then. Returns the files.
std::vector<std::filesystem::path> save_safetensors_sharded(const std::filesystem::path &path, const StateDict &tensors,
                                                            const Metadata &metadata, uint64_t max_shard_bytes);

} // namespace varve::weights
