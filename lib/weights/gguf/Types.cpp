// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/weights/gguf/Types.h"

namespace varve::weights::gguf {
namespace {

struct Entry {
  uint32_t number;
  const char *name;
  std::optional<ElementType> type;
};

constexpr std::optional<ElementType> none;
constexpr std::optional<ElementType> plain(DType dtype) { return ElementType{dtype, Encoding::none}; }
constexpr std::optional<ElementType> blocks(Encoding encoding) { return ElementType{DType::u8, encoding}; }

// Those of ggml.h; those without a type are here for their names, so that a refusal says which it was.
constexpr Entry table[] = {{0, "F32", plain(DType::f32)},
                           {1, "F16", plain(DType::f16)},
                           {2, "Q4_0", blocks(Encoding::q4_0)},
                           {3, "Q4_1", blocks(Encoding::q4_1)},
                           {6, "Q5_0", blocks(Encoding::q5_0)},
                           {7, "Q5_1", blocks(Encoding::q5_1)},
                           {8, "Q8_0", blocks(Encoding::q8_0)},
                           {9, "Q8_1", none},
                           {10, "Q2_K", none},
                           {11, "Q3_K", none},
                           {12, "Q4_K", blocks(Encoding::q4_k)},
                           {13, "Q5_K", blocks(Encoding::q5_k)},
                           {14, "Q6_K", blocks(Encoding::q6_k)},
                           {15, "Q8_K", none},
                           {16, "IQ2_XXS", none},
                           {17, "IQ2_XS", none},
                           {18, "IQ3_XXS", none},
                           {19, "IQ1_S", none},
                           {20, "IQ4_NL", none},
                           {21, "IQ3_S", none},
                           {22, "IQ2_S", none},
                           {23, "IQ4_XS", none},
                           {24, "I8", plain(DType::i8)},
                           {25, "I16", none},
                           {26, "I32", plain(DType::i32)},
                           {27, "I64", plain(DType::i64)},
                           {28, "F64", none},
                           {29, "IQ1_M", none},
                           {30, "BF16", plain(DType::bf16)},
                           {34, "TQ1_0", none},
                           {35, "TQ2_0", none},
                           {39, "MXFP4", blocks(Encoding::mxfp4)},
                           {40, "NVFP4", blocks(Encoding::nvfp4)},
                           {41, "Q1_0", none}};

} // namespace

std::optional<ElementType> element_type(uint32_t number) {
  for (const Entry &each : table)
    if (each.number == number)
      return each.type;
  return {};
}

std::optional<uint32_t> number_of(ElementType type) {
  for (const Entry &each : table)
    if (each.type == type)
      return each.number;
  return {};
}

std::string type_name(uint32_t number) {
  for (const Entry &each : table)
    if (each.number == number)
      return each.name;
  return "type " + std::to_string(number);
}

std::string known_types() {
  std::string names;
  for (const Entry &each : table)
    if (each.type)
      names += (names.empty() ? "" : ", ") + std::string(each.name);
  return names;
}

} // namespace varve::weights::gguf
