// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The code of products with blocks, kernel by kernel in files of their own, and what they are written with: vectors of which each lane
// has a row of the weight, and where the code that is being built is.
#pragma once
#include "lib/target/cpu/Loops.h"
#include "lib/target/cpu/kernel/BlockProduct.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

namespace varve::target::cpu {

constexpr int64_t kPanel = runtime::blocks::panel_rows;
constexpr int64_t kMostAhead = 8192;       // bytes
constexpr int64_t kTaskProducts = 1 << 19; // products that are worth a task of their own

class BlockCode : protected Loops {
protected:
  BlockCode(mlir::OpBuilder builder, mlir::func::FuncOp function, BlockForm form, BlockMachine machine);

  mlir::Value memoryOf(llvm::ArrayRef<int64_t> sizes, mlir::Type element);
  // Arithmetic on vectors.
  mlir::Value wide(int64_t value);
  mlir::Value wide(mlir::Value scalar);
  mlir::Value plus(mlir::Value a, mlir::Value b) { return mlir::arith::AddIOp::create(builder, location, a, b); }
  mlir::Value times(mlir::Value a, mlir::Value b) { return mlir::arith::MulIOp::create(builder, location, a, b); }
  mlir::Value both(mlir::Value a, int64_t mask) {
    return mlir::arith::AndIOp::create(builder, location, a, wide(mask));
  }
  mlir::Value either(mlir::Value a, mlir::Value b) { return mlir::arith::OrIOp::create(builder, location, a, b); }
  mlir::Value left(mlir::Value a, int64_t by) { return mlir::arith::ShLIOp::create(builder, location, a, wide(by)); }
  mlir::Value right(mlir::Value a, int64_t by) {
    return by == 0 ? a : mlir::arith::ShRUIOp::create(builder, location, a, wide(by));
  }
  mlir::Value signedByte(mlir::Value a, int64_t byte);
  mlir::Value toFloat(mlir::Value a) { return mlir::arith::SIToFPOp::create(builder, location, floats, a); }
  mlir::Value product(mlir::Value a, mlir::Value b) { return mlir::arith::MulFOp::create(builder, location, a, b); }
  mlir::Value ofHalf(mlir::Value bits);
  // A granule of each row of the panel, from the byte of the block on: of 4 bytes or, as f16, of 2.
  mlir::Value granule(int64_t byte, int64_t v, int64_t bytes = 4, mlir::Value more = {});
  // A word of a row, for all lanes.
  mlir::Value word(int64_t number, int64_t r, mlir::Value more = {});
  mlir::Value scale(int64_t r);
  // sum + the four bytes of `bytes`, from 0 to 255, times those of `quants`, which are signed.
  mlir::Value dot(mlir::Value sum, mlir::Value bytes, mlir::Value quants);
  // To each row's sums of a vector: four neighbours along k, `number` the first one's word.
  void accumulate(llvm::MutableArrayRef<mlir::Value> sums, mlir::Value bytes, int64_t number, mlir::Value more = {});
  llvm::SmallVector<mlir::Value> begin(int64_t sum, mlir::Value more = {});
  // The same for all vectors, in pairs.
  llvm::SmallVector<mlir::Value> beginPairs(int64_t sum, mlir::Value more = {});
  // The block's sums of a row, without the scale of its quants.
  void addToTotal(int64_t r, int64_t v, mlir::Value sum);
  mlir::Value call(llvm::StringRef name, mlir::Type type, mlir::Value a, mlir::Value b);
  mlir::Value as(mlir::Type element, mlir::Value a);
  mlir::Value bytesOf(mlir::Value a) { return as(builder.getI8Type(), a); }
  // Bytes of a, negated where those of b are negative, 0 where they are.
  mlir::Value withSign(mlir::Value a, mlir::Value b);
  mlir::Value pairsOf(mlir::Value bytes, mlir::Value quants);
  // The low half of each lane, in both halves.
  mlir::Value twice(mlir::Value a) { return either(both(a, 0xffff), left(a, 16)); }
  // The sum of the two of each lane, times a factor if there is one.
  mlir::Value joined(mlir::Value pairs, mlir::Value factor = {});
  llvm::SmallVector<mlir::Value> nothing(mlir::Type element, int64_t times = 1);
  // `inside` gets the number of each of `count` trips and adds to the sums. Few rows have registers for several at a time.
  using Trip = llvm::function_ref<void(mlir::Value, llvm::MutableArrayRef<mlir::Value>)>;
  llvm::SmallVector<mlir::Value> trips(int64_t count, mlir::ValueRange sums, Trip inside);
  llvm::SmallVector<mlir::Value> trips(int64_t count, int64_t step, mlir::ValueRange sums, Trip inside,
                                       bool isPeeled = false); // its first step is no part of the loop
  void addAll(llvm::MutableArrayRef<mlir::Value> pairs, llvm::ArrayRef<mlir::Value> bytes, int64_t number,
              mlir::Value more);
  llvm::SmallVector<mlir::Value> ofEachVector(llvm::function_ref<mlir::Value(int64_t)> get);
  void addJoined(llvm::MutableArrayRef<mlir::Value> sums, llvm::ArrayRef<mlir::Value> pairs,
                 llvm::ArrayRef<mlir::Value> factors);
  void addAllToTotal(llvm::ArrayRef<mlir::Value> sums, llvm::ArrayRef<mlir::Value> factors);

  BlockForm form;
  int64_t lanes, vectors;
  bool vnni, paired; // whether four bytes are multiplied and added at once, or two; else it is one by one
  mlir::Value packed, weight, input, finish, record;
  mlir::VectorType ints, floats;
  int64_t ahead, streams;
  // Where the code that is being built is.
  mlir::Value panel, group, block, base;
  mlir::Value beside; // the panel of the second vector, or null: a panel has all vectors
  int64_t tile = 0;
  llvm::SmallVector<mlir::Value> totalsOfTile;           // [tile][vectors]
  llvm::DenseSet<std::pair<int64_t, mlir::Value>> asked; // granules that are asked for ahead
};

class BlockKernel : BlockCode {
public:
  BlockKernel(mlir::OpBuilder builder, mlir::func::FuncOp function, BlockForm form, BlockMachine machine)
      : BlockCode(builder, function, form, machine) {}

  void emit();

private:
  // One row reads a block of some panels each in turns: memory gives more to several streams.
  void single();
  void singleOf(mlir::Value first, int64_t count, mlir::Value sums);
  void asTheyLie();
  // One copy of the code for each size of a tile.
  void tileFor(llvm::ArrayRef<int64_t> sizes, mlir::Value count, mlir::Value sums);
  void callFinish(mlir::Value sums, mlir::Value row, mlir::Value count, mlir::Value slot = {});
  void emitTile(int64_t size, mlir::Value sums);
  void emitBlock();

  // BlockDots.cpp: four products at once, or one by one.
  void q8_0();
  void q4_0();
  // The rest of a block of 256: integers that two trips add to; `inside` gets the trip and adds to them.
  void halves(int64_t v, mlir::Value factor,
              llvm::function_ref<void(mlir::Value, llvm::MutableArrayRef<mlir::Value>)> inside);
  // Of a vector of blocks: their two scales, and scales and minimums of parts 0 to 3, and 4 to 7, as bytes.
  struct Head {
    mlir::Value factor, least, scales[2], leasts[2];
  };
  Head q4_kHead(int64_t v);
  // The minimums of two parts, 16 bits each: of 0 and 2, 1 and 3, 4 and 6, 5 and 7.
  mlir::Value leastsOf(const Head &head, int64_t two);
  void takeLeasts(const Head &head, int64_t v);
  mlir::Value scalesOf(const Head &head, mlir::Value half);
  void q4_k();
  void q6_k();

  // BlockPairs.cpp: two at once.
  // As addAll, of bytes that are signed.
  void addAllSigned(llvm::MutableArrayRef<mlir::Value> sums, llvm::ArrayRef<mlir::Value> bytes, int64_t number,
                    mlir::Value more, bool join);
  void pairs_q8_0();
  void pairs_q4_0();
  void pairs_q4_k();
  // Bytes are read as from 0 to 63. Sums begin with what that is too much, in pairs too, and so fit when all are added, though on
  // the way they may have gone around: up to 4 * 2 * 32 * 127.
  void pairs_q6_k();
  mlir::Value sixBits(int64_t odd, int64_t quarter, int64_t v, mlir::Value more);

  // BlockOpened.cpp
  int64_t openedBlocks() const;
  // Of all vectors' words of k: q8_0's are magnitudes and places of quants, if pairs are multiplied. Behind them are scales of parts,
  // what the minimums take off, then factors.
  int64_t openedVectors() const { return vectors * lanes * 4; }
  int64_t openedWord() const { return (paired && form.encoding == Encoding::q8_0 ? 2 : 1) * openedVectors(); }
  int64_t openedScales() const { return form.quants() * openedWord(); }
  int64_t openedLeasts() const { return openedScales() + 8 * openedVectors(); } // of q4_k
  int64_t openedFactors() const;
  // A scale of a part as what it is multiplied with is.
  mlir::Value openedScale(mlir::Value scale) { return paired ? twice(scale) : scale; }
  void opened();
  // To the sums of a group, those of some blocks.
  void openedTile(mlir::Value sums, mlir::Value slot, mlir::Value begin, mlir::Value count);
  void put(mlir::Value slot, int64_t byte, mlir::Value vector, mlir::Value more = {});
  mlir::Value taken(mlir::Value slot, int64_t byte, mlir::Type element, mlir::Value more = {});
  int64_t ofVector(int64_t v) const { return v * lanes * 4; }
  llvm::SmallVector<mlir::Value> addWords(llvm::ArrayRef<mlir::Value> starts, mlir::Value slot, int64_t count,
                                          mlir::Value more, mlir::Value words);
  void addScaled(llvm::MutableArrayRef<mlir::Value> sums, llvm::ArrayRef<mlir::Value> pairs, mlir::Value slot,
                 mlir::Value more);
  void addOpened(llvm::ArrayRef<mlir::Value> sums, mlir::Value slot, int64_t scaleWord,
                 std::optional<int64_t> place = std::nullopt);
  void open(mlir::Value slot);
  void open_q8_0(mlir::Value slot);
  void open_q4_0(mlir::Value slot);
  void open_q4_k(mlir::Value slot);
  void open_q6_k(mlir::Value slot);
  void multiplyOpened(mlir::Value slot);
  void opened_q8_0(mlir::Value slot);
  void opened_q4_0(mlir::Value slot);
  void opened_q4_k(mlir::Value slot);
  void opened_q6_k(mlir::Value slot);

  // BlockOpenedDots.cpp: the same with four products at once.
  void dotsOfOpened(mlir::Value slot);
  void takeOpenedLeasts(mlir::Value slot);
  // To sums of all rows, `count` words of the opened block.
  llvm::SmallVector<mlir::Value> addDots(llvm::ArrayRef<mlir::Value> sums, mlir::Value slot, int64_t count,
                                         mlir::Value more, mlir::Value words);

  mlir::Value rows, blocks, panels;
  mlir::Value room; // of opened blocks
};

} // namespace varve::target::cpu
