// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The numbers that GGUF has for types of tensors and of metadata.
#pragma once
#include "lib/weights/ElementType.h"
#include <cstdint>
#include <optional>
#include <string>

namespace varve::weights::gguf {

/// None for a type that Varve has not.
std::optional<ElementType> element_type(uint32_t number);
/// None for a type that GGUF has not.
std::optional<uint32_t> number_of(ElementType type);
/// "Q4_K"; "type 99" for a number that is unknown.
std::string type_name(uint32_t number);
/// The names of all types that both have.
std::string known_types();

inline constexpr uint32_t metadata_string = 8, metadata_array = 9, metadata_types = 13;
inline constexpr size_t most_rank = 4;      // as in ggml
inline constexpr size_t most_name = 0xffff; // bytes of a name or a key
inline constexpr uint32_t default_alignment = 32;
inline constexpr char magic[] = "GGUF";
inline constexpr const char *alignment_key = "general.alignment";
inline constexpr const char *split_number = "split.no", *split_count = "split.count",
                            *split_tensors = "split.tensors.count";

} // namespace varve::weights::gguf
