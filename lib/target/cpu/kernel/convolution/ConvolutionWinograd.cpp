// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A convolution of 3x3 windows with channels last by Winograd's F(2x2, 3x3): A. Lavin, S. Gray, "Fast Algorithms for
// Convolutional Neural Networks", 2015. A tile of 2x2 windows sees 4x4 pixels d; of each channel these become the 16 numbers
// B' d B, and the kernel g has become G g G' when the weight was bound. For each of the 16 there is a product over channels, and a
// tile's windows are A' m A of the 16 sums m. So four windows take 16 multiplications a channel in place of 36.
//
// A task transforms some tiles into memory of its own, which stays in the second-level cache while panels of the weight go past,
// each read from its first byte to its last. Each sum is one chain in the order of channels, whatever the number of threads.
#include "lib/target/cpu/Loops.h"
#include "lib/target/cpu/RuntimeTable.h"
#include "lib/target/cpu/kernel/convolution/Convolution.h"

using namespace mlir;

namespace varve::target::cpu {

namespace {
constexpr int64_t kNumbers = 16;          // of a tile and channel
constexpr int64_t kTiles = 24;            // most of a task
constexpr int64_t kRoom = 6400;           // most f32 that the tiles of a task have of each of the 16 numbers
constexpr int64_t kLeastPanels = 4;       // of a task, which transforms its tiles for them
constexpr int64_t kTasksOfWorker = 8;     // fewer of them, and panels are divided too
constexpr int64_t kTaskProducts = 262144; // products that are worth a task of their own

class Winograd : PanelLoops {
public:
  Winograd(OpBuilder builder, func::FuncOp function, Tile tile)
      : PanelLoops(builder, function.getLoc(), tile), context(function.getArgument(0)), input(function.getArgument(1)),
        weight(function.getArgument(2)), finish(function.getArgument(3)), record(function.getArgument(4)),
        f32(builder.getF32Type()) {
    panel = cast<MemRefType>(weight.getType()).getDimSize(2);
    vectors = panel / tile.lanes;
    // As `numbersOf` has them: kernel, strides and dilations are known.
    auto numbers = function.getArguments().drop_front(5);
    padding = {numbers[10], numbers[11]};
    counts = {numbers[13], numbers[14]};
  }

  void emit() {
    auto metadata = memref::ExtractStridedMetadataOp::create(builder, location, input);
    ValueRange given = metadata.getStrides(); // of n, depth, height, width and channel
    image = given[0];
    steps = {given[2], given[3]};
    address = at(addressOf(input), metadata.getOffset());
    Value batch = sizeOf(0);
    sizes = {sizeOf(2), sizeOf(3)};
    channels = sizeOf(4);
    pitch = pitchOf(builder, location, channels);
    windows = mul(counts[0], counts[1]);
    across = ceilDiv(counts[1], index(2));

    Value one = index(1), all = mul(ceilDiv(counts[0], index(2)), across);
    Value most = max(min(index(kTiles), div(index(kRoom), pitch)), one);
    Value block = evenGrain(all, most), blocks = ceilDiv(all, block), spread = mul(batch, blocks);
    Value panels = memref::DimOp::create(builder, location, weight, 0);
    Value workers = loadContext(builder, location, context, ContextField::workers, builder.getI64Type());
    workers = arith::IndexCastOp::create(builder, location, builder.getIndexType(), workers);
    Value wanted = mul(sub(workers, one), index(kTasksOfWorker)); // one worker needs a single task
    Value some = ceilDiv(panels, max(ceilDiv(wanted, max(spread, one)), one));
    some = max(some, min(index(kLeastPanels), panels));
    Value parts = ceilDiv(panels, some),
          products = mul(mul(block, mul(channels, index(kNumbers))), mul(some, index(panel)));
    tasks(mul(spread, parts), max(div(index(kTaskProducts), max(products, one)), one), [&](Value first, Value last) {
      transformed = memoryOf(f32, {kNumbers, kRoom + kLine});
      multiplied = memoryOf(f32, {kNumbers, kTiles * panel + kLine});
      sums = memoryOf(f32, {2, 2 * kTiles, panel});
      nothing = memoryOf(f32, {ir::kMostWinogradChannels});
      loop(index(0), channels, tile.lanes, [&](Value c) { store(zero(), nothing, {c}); });
      loop(first, last, 1, [&](Value point) {
        Value part = mul(rem(point, parts), some), outer = div(point, parts);
        Value n = div(outer, blocks), from = mul(rem(outer, blocks), block);
        compute({n, from, min(block, sub(all, from)), part, min(panels, add(part, some)), sub(all, from)});
      });
    });
    func::ReturnOp::create(builder, location);
  }

private:
  struct Task {
    Value n;           // image
    Value from, count; // tiles
    Value firstPanel, lastPanel;
    Value left; // tiles of the image from the first one on
  };
  using Square = std::array<std::array<Value, 4>, 4>;

  VectorType vectorType() { return VectorType::get({tile.lanes}, f32); }
  Value zero() { return arith::ConstantOp::create(builder, location, builder.getZeroAttr(vectorType())); }
  Value sizeOf(int64_t axis) { return memref::DimOp::create(builder, location, input, axis); }
  Value plus(Value a, Value b) { return arith::AddFOp::create(builder, location, a, b); }
  Value minus(Value a, Value b) { return arith::SubFOp::create(builder, location, a, b); }
  Value load(Value memory, ArrayRef<Value> place) {
    return vector::LoadOp::create(builder, location, vectorType(), memory, place);
  }
  void store(Value value, Value memory, ArrayRef<Value> place) {
    vector::StoreOp::create(builder, location, value, memory, place);
  }
  void compute(const Task &task) {
    loop(index(0), task.count, 1, [&](Value which) { transform(task, which); });
    Value tiles = ceilDiv(task.count, index(tile.rows)); // register tiles, of the same height or one less
    loop(task.firstPanel, task.lastPanel, 1, [&](Value each) {
      loop(index(0), index(kNumbers), 1, [&](Value which) {
        Value begin = mul(which, channels), later = laterThan(task, each, which);
        loop(index(0), tiles, 1, [&](Value part) {
          Value row = div(mul(part, task.count), tiles);
          Value count = sub(div(mul(add(part, index(1)), task.count), tiles), row);
          LaterBlock block(builder, location, weight, later, channels, tiles, part);
          cases(count, llvm::to_vector(llvm::seq<int64_t>(1, tile.rows)), [&](std::optional<int64_t> known) {
            multiply(which, row, each, begin, known.value_or(tile.rows), block);
          });
        });
      });
      loop(index(0), task.count, 1, [&](Value which) { sumUp(which); });
      handOut(task, each);
    });
  }

  // How far after the matrix of one of the numbers the one is that comes next: behind it, or the first one for the next tiles.
  Value laterThan(const Task &task, Value each, Value which) {
    Value size = mul(channels, index(panel)), next = add(add(mul(each, index(kNumbers)), which), index(1));
    Value isLast =
        arith::CmpIOp::create(builder, location, arith::CmpIPredicate::eq, next, mul(task.lastPanel, index(kNumbers)));
    Value isMore = isBelow(task.count, task.left);
    Value back = mul(mul(sub(task.lastPanel, task.firstPanel), index(kNumbers)), size);
    Value isBack = arith::AndIOp::create(builder, location, isLast, isMore);
    return sub(size, select(isBack, back, index(0)));
  }

  // B' d B of all channels of a tile.
  void transform(const Task &task, Value which) {
    Value all = add(task.from, which);
    Value y = sub(mul(div(all, across), index(2)), padding[0]), x = sub(mul(rem(all, across), index(2)), padding[1]);
    Value from = mul(task.n, image), none = addressOf(nothing);
    Square pixels;
    for (int64_t r = 0; r < 4; ++r) {
      Value row = add(y, index(r)), isRow = isBelow(row, sizes[0]);
      for (int64_t s = 0; s < 4; ++s) {
        Value column = add(x, index(s));
        Value isThere = arith::AndIOp::create(builder, location, isRow, isBelow(column, sizes[1]));
        Value place = add(from, add(mul(row, steps[0]), mul(column, steps[1])));
        pixels[r][s] = select(isThere, at(address, place), none);
      }
    }
    Value begin = mul(which, pitch);
    loop(index(0), channels, tile.lanes, [&](Value c) {
      Square d;
      for (int64_t r = 0; r < 4; ++r)
        for (int64_t s = 0; s < 4; ++s)
          d[r][s] = LLVM::LoadOp::create(builder, location, vectorType(), at(pixels[r][s], c), /*alignment=*/4);
      auto turn = [&](std::array<Value, 4> v) {
        return std::array<Value, 4>{minus(v[0], v[2]), plus(v[1], v[2]), minus(v[2], v[1]), minus(v[1], v[3])};
      };
      Square half;
      for (int64_t s = 0; s < 4; ++s)
        for (auto [r, value] : llvm::enumerate(turn({d[0][s], d[1][s], d[2][s], d[3][s]})))
          half[r][s] = value;
      for (int64_t r = 0; r < 4; ++r)
        for (auto [s, value] : llvm::enumerate(turn(half[r])))
          store(value, transformed, {index(4 * r + s), add(begin, c)});
    });
  }

  // `rows` tiles times one of a panel's matrices.
  void multiply(Value which, Value row, Value panelNumber, Value begin, int64_t rows, const LaterBlock &later) {
    SmallVector<Value> first, none(rows * vectors, zero());
    Value base = at(addressOf(transformed), mul(which, index(kRoom + kLine)));
    for (int64_t r = 0; r < rows; ++r)
      first.push_back(at(base, mul(add(row, index(r)), pitch)));
    SmallVector<Value> values = multiplyRows(
        first, channels, none, rows + 1 >= tile.rows ? tile.unroll : 1, [](Value k) { return k; },
        [&](Value k) {
          SmallVector<Value> weights;
          for (int64_t v = 0; v < vectors; ++v)
            weights.push_back(load(weight, {panelNumber, add(begin, k), index(v * tile.lanes)}));
          return weights;
        },
        [&](Value k) { later.ask(builder, location, panelNumber, begin, add(begin, k)); });
    for (auto [place, value] : llvm::enumerate(values))
      store(value, multiplied,
            {which, add(mul(add(row, index(place / vectors)), index(panel)), index(place % vectors * tile.lanes))});
  }

  // A' m A of all output channels of a panel and a tile.
  void sumUp(Value which) {
    for (int64_t v = 0; v < vectors; ++v) {
      Value lane = index(v * tile.lanes), place = add(mul(which, index(panel)), lane);
      auto turn = [&](std::array<Value, 4> m) {
        return std::array<Value, 2>{plus(plus(m[0], m[1]), m[2]), minus(minus(m[1], m[2]), m[3])};
      };
      std::array<std::array<Value, 4>, 2> half;
      for (int64_t s = 0; s < 4; ++s) {
        std::array<Value, 4> column;
        for (int64_t r = 0; r < 4; ++r)
          column[r] = load(multiplied, {index(4 * r + s), place});
        for (auto [r, value] : llvm::enumerate(turn(column)))
          half[r][s] = value;
      }
      for (int64_t r = 0; r < 2; ++r)
        for (auto [s, value] : llvm::enumerate(turn(half[r])))
          store(value, sums, {index(r), add(mul(which, index(2)), index(s)), lane});
    }
  }

  // Windows of tiles that lie side by side are two parts of rows of the output.
  void handOut(const Task &task, Value panelNumber) {
    Value first = div(task.from, across), last = ceilDiv(add(task.from, task.count), across);
    loop(first, last, 1, [&](Value row) {
      Value begin = max(mul(row, across), task.from);
      Value end = min(mul(add(row, index(1)), across), add(task.from, task.count));
      Value local = mul(sub(begin, task.from), index(2)), x = mul(sub(begin, mul(row, across)), index(2));
      Value count = min(mul(sub(end, begin), index(2)), sub(counts[1], x)), y = mul(row, index(2));
      Value lines = min(index(2), sub(counts[0], y));
      loop(index(0), lines, 1, [&](Value line) {
        Value outputRow = add(mul(task.n, windows), add(mul(add(y, line), counts[1]), x));
        Value place = mul(add(mul(line, index(2 * kTiles)), local), index(panel));
        callAddress(builder, location, finish,
                    {record, at(addressOf(sums), place), number(outputRow), number(panelNumber), number(count)});
      });
    });
  }

  Value context, input, weight, finish, record;
  Type f32;
  int64_t panel, vectors;
  std::array<Value, 2> padding, counts, sizes, steps; // for height and width
  Value image;                                        // how far images are apart
  Value address;                                      // of the first element
  Value channels, pitch, windows, across;             // pitch: of a tile's channels; across: tiles in a row
  Value transformed, multiplied, sums, nothing;       // a task's; nothing: pixels of padding
};
} // namespace

void emitWinograd(func::FuncOp function, Tile tile) {
  Winograd(OpBuilder::atBlockEnd(function.addEntryBlock()), function, tile).emit();
}

} // namespace varve::target::cpu
