// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Kernels of products with a weight in panels of blocks (BlockPanels.h), and of the rows that they are multiplied with. For as
// many elements as a block has, a row has int8 quants, four in a word, then the f32 scale that they all share, the greatest
// magnitude / 127, then sums of quants; rows of a group lie side by side, word by word. So a product's element differs from the
// exact one by no more than the sum over blocks of scale / 2 * the magnitudes of the block's weights, beside the rounding of one
// f32 sum. Each element is computed alike whatever rows are beside it, whatever the machine and the number of threads.
#pragma once
#include "lib/runtime/tensor/BlockPanels.h"
#include "lib/target/cpu/kernel/Product.h"
#include <optional>

namespace varve::target::cpu {

/// What a kernel reads of an encoding.
struct BlockForm {
  Encoding encoding;
  int64_t elements, bytes; // of a block
  int64_t sums;            // words of sums of a row's quants
  int64_t quants() const { return elements / 4; }
  /// Of a row, perhaps with the opposites of its quants.
  int64_t words(bool opposites = false) const { return quants() * (opposites ? 2 : 1) + 1 + sums; }
};

/// The form of an encoding with a kernel, by its name.
std::optional<BlockForm> blockFormOf(llvm::StringRef encoding);

struct BlockMachine {
  int64_t lanes = 16;  // f32 lanes of a vector
  bool vnni = false;   // vectors of 16 lanes have vpdpbusd
  int64_t ahead = 0;   // bytes of a weight that a single row asks for ahead
  int64_t streams = 1; // panels that a single row reads in turns
  /// Whether pairs of bytes are multiplied and added at once, in 16 bits: AVX2.
  bool isPaired() const { return lanes == 8; }
};

/// Whether more than `kUnopened` rows are multiplied with blocks that are opened first, in register tiles of whole groups: with AVX2
/// and AVX-512.
bool isOpened(int64_t lanes);
constexpr int64_t kUnopened = 6; // of more, two groups of 4 or 6 are full enough
/// Whether these rows then have the opposites of their quants too, each beside its word.
bool hasOpposites(const BlockForm &form, int64_t lanes);
/// Rows of a group, as many as a register tile has.
int64_t blockRows(int64_t lanes);
/// The sizes of register tiles, ascending: a group of fewer rows is laid out for the least one that holds them.
llvm::SmallVector<int64_t> blockTiles(int64_t lanes);

/// Builds (context, input, output) at the builder's place.
mlir::func::FuncOp buildQuantize(mlir::OpBuilder &builder, llvm::StringRef name, QuantizeOp op, BlockMachine machine);
/// Builds (context, packed, weight, row, finish, record), as `buildProduct`.
mlir::func::FuncOp buildBlockProduct(mlir::OpBuilder &builder, llvm::StringRef name, ProductOp op,
                                     BlockMachine machine);

} // namespace varve::target::cpu
