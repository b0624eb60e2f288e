// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A convolution whose weight lies as it is, for few output channels in a group: lanes are windows. A task lays rows of the
// input out in f32, in its cache, with what is padding as zeros, and of a stride s as s planes in which windows are neighbours.
// There, one plane is one axis: windows that would begin at a row's end are computed too, and left out when sums are handed
// on. So each element of the kernel is one weight times vectors at a fixed distance, whatever the sizes.
// Each sum is one chain in the order of k, whatever the number of threads.
#include "lib/target/cpu/Loops.h"
#include "lib/target/cpu/RuntimeTable.h"
#include "lib/target/cpu/kernel/convolution/Convolution.h"

using namespace mlir;

namespace varve::target::cpu {

namespace {
constexpr int64_t kCells = 32768;         // of the input, laid out: 128 KiB
constexpr int64_t kSums = 16384;          // of a task, on the stack twice: with windows between rows, and without
constexpr int64_t kWindows = 2048;        // of a block: with a few rows of the input they fit the first-level cache
constexpr int64_t kFewWindows = 256;      // that are not divided any more to have more tasks
constexpr int64_t kOutputs = 16;          // most output channels that share what is laid out
constexpr int64_t kFactors = 2048;        // most k of a block
constexpr int64_t kTasks = 16;            // fewer blocks than these, and rows are divided further
constexpr int64_t kTaskProducts = 262144; // products that are worth a task of their own
constexpr int64_t kTileOutputs = 4;       // most output channels of a tile
constexpr int64_t kLongRow = 2;           // vectors of a row that is handed on by itself
constexpr int64_t kLeastColumns = 64;     // that a kernel must leave room for

class DirectKernel : Loops {
public:
  DirectKernel(OpBuilder builder, func::FuncOp function, Tile tile, Step stepKind)
      : Loops(builder, function.getLoc()), lanes(tile.lanes), registers(tile.lanes == 16 ? 32 : 16), stepKind(stepKind),
        input(function.getArgument(1)), weight(function.getArgument(2)), finish(function.getArgument(3)),
        record(function.getArgument(4)), f32(builder.getF32Type()),
        element(cast<MemRefType>(input.getType()).getElementType()) {
    auto numbers = function.getArguments().drop_front(5);
    for (SmallVector<Value> *list : {&kernel, &strides, &dilations, &padding, &counts}) {
      list->assign(numbers.begin(), numbers.begin() + 3);
      numbers = numbers.drop_front(3);
    }
    groups = numbers[0];
  }

  void emit() {
    Value batch = measureInput();
    chooseBlocks(batch);
    Value blocks = mul(counts[0], mul(rowBlocks, columnBlocks));
    Value points = mul(mul(batch, mul(groupBlocks, parts)), blocks);
    Value products = mul(mul(mul(rows, columns), depth), mul(part, groupsOfBlock));
    tasks(points, max(div(index(kTaskProducts), max(products, index(1))), index(1)), [&](Value first, Value last) {
      cells = memory(f32, kCells + (most(1) + 1) * lanes);
      raw = memory(f32, kSums);
      compact = memory(f32, kSums + lanes);
      offsets = memory(builder.getIndexType(), kFactors);
      if (isCopied())
        factors = memory(f32, kTileOutputs * kFactors);
      fillOffsets();
      loop(first, last, 1, [&](Value point) {
        Block block;
        Value rest = div(point, blocks), inPlane = rem(point, blocks), perSlice = mul(rowBlocks, columnBlocks);
        block.slice = div(inPlane, perSlice);
        block.row = mul(div(rem(inPlane, perSlice), columnBlocks), rows);
        block.column = mul(rem(inPlane, columnBlocks), columns);
        block.rows = min(rows, sub(counts[1], block.row));
        block.columns = min(columns, sub(counts[2], block.column));
        block.firstOutput = mul(rem(rest, parts), part);
        block.lastOutput = min(outputs, add(block.firstOutput, part));
        rest = div(rest, parts);
        block.firstGroup = mul(rem(rest, groupBlocks), groupsOfBlock);
        block.lastGroup = min(groups, add(block.firstGroup, groupsOfBlock));
        block.number = div(rest, groupBlocks);
        compute(block);
      });
    });
    func::ReturnOp::create(builder, location);
  }

private:
  struct Block {
    Value number;                  // in the batch
    Value slice, row, rows;        // windows: along depth, and rows of them
    Value column, columns;         // windows of a row
    Value firstGroup, lastGroup;   // of several groups, all outputs
    Value firstOutput, lastOutput; // of each group
  };

  VectorType vectorOf(Type type) { return VectorType::get({lanes}, type); }
  Value memory(Type type, int64_t size) {
    return memref::AllocaOp::create(builder, location, MemRefType::get({size}, type), builder.getI64IntegerAttr(64));
  }
  Value number(Value index) { return arith::IndexCastOp::create(builder, location, builder.getI64Type(), index); }
  Value compare(arith::CmpIPredicate predicate, Value a, Value b) {
    return arith::CmpIOp::create(builder, location, predicate, a, b);
  }
  Value select(Value condition, Value a, Value b) {
    return arith::SelectOp::create(builder, location, condition, a, b);
  }
  Value zero() { return arith::ConstantOp::create(builder, location, builder.getZeroAttr(vectorOf(f32))); }
  void store(Value vector, Value memory, Value place) {
    vector::StoreOp::create(builder, location, vector, memory, ValueRange{place});
  }
  Value load(Value memory, Value place) {
    return vector::LoadOp::create(builder, location, vectorOf(f32), memory, ValueRange{place});
  }
  Value extended(Value value) {
    if (getElementTypeOrSelf(value) == f32)
      return value;
    auto vector = dyn_cast<VectorType>(value.getType());
    return arith::ExtFOp::create(builder, location, vector ? Type(vector.clone(f32)) : f32, value);
  }
  // Whether factors are read from a copy of some output channels' weights, in f32.
  bool isCopied() {
    auto type = cast<MemRefType>(weight.getType());
    return type.getElementType() != f32 || !type.getLayout().isIdentity();
  }
  // Vectors of windows of a tile with so many output channels: there are registers for sums, for what is read, and a factor.
  int64_t most(int64_t outputs) { return outputs == 1 ? 12 : (registers - 1) / (outputs + 1); }

  // What the input's memory is like; gives the batch.
  Value measureInput() {
    auto metadata = memref::ExtractStridedMetadataOp::create(builder, location, input);
    places.assign(metadata.getStrides().begin(), metadata.getStrides().end());
    Value batch = memref::DimOp::create(builder, location, input, 0), one = index(1);
    all = one; // up to the last element
    for (unsigned axis = 0; axis < 5; ++axis) {
      Value size = memref::DimOp::create(builder, location, input, axis);
      all = add(all, mul(max(sub(size, one), index(0)), places[axis]));
      if (axis >= 2)
        sizes.push_back(size);
    }
    int64_t any = ShapedType::kDynamic;
    auto type = MemRefType::get({any}, element, StridedLayoutAttr::get(builder.getContext(), any, {1}));
    flat = memref::ReinterpretCastOp::create(builder, location, type, metadata.getBaseBuffer(),
                                             OpFoldResult(metadata.getOffset()), SmallVector<OpFoldResult>{all},
                                             SmallVector<OpFoldResult>{builder.getIndexAttr(1)});
    channels = div(memref::DimOp::create(builder, location, input, 1), groups);
    outputs = div(memref::DimOp::create(builder, location, weight, 0), groups);
    depth = memref::DimOp::create(builder, location, weight, 1);
    taps = mul(kernel[0], mul(kernel[1], kernel[2]));
    return batch;
  }

  void chooseBlocks(Value batch) {
    Value one = index(1), none = index(0);
    for (unsigned axis = 1; axis < 3; ++axis) {
      Value isOne = compare(arith::CmpIPredicate::eq, kernel[axis], one);
      phases.push_back(select(isOne, one, strides[axis]));
      reach.push_back(div(mul(sub(kernel[axis], one), dilations[axis]), strides[axis]));
    }
    planes = mul(kernel[0], mul(phases[0], phases[1]));
    parts = ceilDiv(outputs, index(kOutputs));
    part = ceilDiv(ceilDiv(outputs, parts), index(kTileOutputs));
    part = min(outputs, mul(part, index(kTileOutputs)));
    parts = ceilDiv(outputs, part);
    // Columns, then rows, for which there is room.
    Value room = sub(div(index(kCells), planes), index(lanes));
    Value windows = sub(min(index(kWindows), div(index(kSums), part)), index((most(1) + 1) * lanes));
    columns = min(windows, sub(div(room, add(reach[0], one)), reach[1]));
    columns = ceilDiv(counts[2], ceilDiv(max(counts[2], one), columns));
    columns = max(columns, one);
    columnBlocks = ceilDiv(counts[2], columns);
    width = add(columns, reach[1]);
    // What is padding behind a row may be padding before the next.
    Value behind = max(sub(width, add(padding[2], sizes[2])), none);
    Value isShared = arith::AndIOp::create(builder, location, compare(arith::CmpIPredicate::eq, strides[2], one),
                                           compare(arith::CmpIPredicate::eq, columnBlocks, one));
    Value shared = select(isShared, min(padding[2], behind), none);
    pitch = max(sub(width, shared), one);
    rows = min(div(windows, pitch), sub(div(sub(room, shared), pitch), reach[0]));
    Value spread = max(mul(mul(batch, groups), mul(parts, mul(counts[0], columnBlocks))), one);
    Value few = max(ceilDiv(counts[1], ceilDiv(index(kTasks), spread)), ceilDiv(index(kFewWindows), pitch));
    rows = max(min(min(rows, few), counts[1]), one);
    rowBlocks = ceilDiv(counts[1], rows);
    rows = max(ceilDiv(counts[1], max(rowBlocks, one)), one);
    plane = add(add(mul(add(rows, reach[0]), pitch), shared), index(lanes));
    channelCells = mul(planes, plane);
    someChannels = max(min(div(index(kCells), channelCells), div(index(kFactors), taps)), one);
    someChannels = ceilDiv(channels, ceilDiv(max(channels, one), someChannels));
    rawPitch =
        add(mul(ceilDiv(add(mul(sub(rows, one), pitch), columns), index(lanes)), index(lanes)), index(most(1) * lanes));
    compactPitch = mul(rows, columns);
    Value isWhole = compare(arith::CmpIPredicate::eq, parts, one);
    groupsOfBlock = max(min(div(index(kWindows), mul(part, compactPitch)), groups), one);
    groupsOfBlock = select(isWhole, groupsOfBlock, one);
    groupBlocks = ceilDiv(groups, groupsOfBlock);
    // Of several groups, or narrow rows, sums are put together first; long rows may be apart.
    Value isDense = compare(arith::CmpIPredicate::eq, pitch, columns);
    Value isLong = arith::OrIOp::create(builder, location, compare(arith::CmpIPredicate::eq, rows, one),
                                        compare(arith::CmpIPredicate::sge, columns, index(kLongRow * lanes)));
    isRaw = arith::AndIOp::create(builder, location, arith::OrIOp::create(builder, location, isDense, isLong),
                                  compare(arith::CmpIPredicate::eq, groupsOfBlock, one));
    hasRows = arith::AndIOp::create(builder, location, isRaw, compare(arith::CmpIPredicate::ne, pitch, columns));
  }

  // Where the first window of a block finds each k of it, from the first on.
  void fillOffsets() {
    loop(index(0), kernel[0], 1, [&](Value z) {
      loop(index(0), kernel[1], 1, [&](Value y) {
        Value down = mul(y, dilations[1]);
        Value from = mul(add(mul(z, phases[0]), rem(down, strides[1])), phases[1]);
        loop(index(0), kernel[2], 1, [&](Value x) {
          Value right = mul(x, dilations[2]);
          Value offset = add(mul(add(from, rem(right, strides[2])), plane),
                             add(mul(div(down, strides[1]), pitch), div(right, strides[2])));
          Value tap = add(mul(add(mul(z, kernel[1]), y), kernel[2]), x);
          loop(index(0), someChannels, 1, [&](Value channel) {
            memref::StoreOp::create(builder, location, add(offset, mul(channel, channelCells)), offsets,
                                    ValueRange{add(mul(channel, taps), tap)});
          });
        });
      });
    });
  }

  void compute(const Block &block) {
    Value count = sub(block.lastOutput, block.firstOutput);
    Value spanned = add(mul(sub(block.rows, index(1)), pitch), block.columns);
    Value vectors = ceilDiv(spanned, index(lanes));
    loop(block.firstGroup, block.lastGroup, 1, [&](Value group) {
      loop(index(0), ceilDiv(channels, someChannels), 1, [&](Value turn) {
        Value firstChannel = mul(turn, someChannels);
        Value some = min(someChannels, sub(channels, firstChannel));
        layOut(block, add(mul(group, channels), firstChannel), some);
        Value isFirst = compare(arith::CmpIPredicate::eq, firstChannel, index(0));
        loop(index(0), count, kTileOutputs, [&](Value first) {
          Value channel = add(mul(group, outputs), add(block.firstOutput, first));
          cases(min(index(kTileOutputs), sub(count, first)), {1, 2, 3}, [&](std::optional<int64_t> few) {
            int64_t known = few.value_or(kTileOutputs);
            tiles(known, channel, first, mul(firstChannel, taps), mul(some, taps), vectors, isFirst);
          });
        });
      });
      Value own = mul(sub(group, block.firstGroup), count);
      ifThenElse(isRaw, [] {}, [&] { leaveOut(block, count, own); });
    });
    auto address = [&](Value memory) {
      return number(memref::ExtractAlignedPointerAsIndexOp::create(builder, location, memory));
    };
    Value place =
        LLVM::IntToPtrOp::create(builder, location, finish.getType(), select(isRaw, address(raw), address(compact)));
    Value firstChannel = add(mul(block.firstGroup, outputs), block.firstOutput);
    Value firstWindow = add(mul(add(mul(block.slice, counts[1]), block.row), counts[2]), block.column);
    Value handed = select(hasRows, block.rows, index(1));
    Value length = select(hasRows, block.columns, mul(block.rows, block.columns));
    callAddress(builder, location, finish,
                {record, place, number(block.number), number(firstChannel), number(firstWindow), number(handed),
                 number(pitch), number(length), number(mul(sub(block.lastGroup, block.firstGroup), count)),
                 number(select(isRaw, rawPitch, compactPitch))});
  }

  // `known` output channels from one on, for all windows of a block and `length` of k.
  void tiles(int64_t known, Value channel, Value local, Value k, Value length, Value vectors, Value isFirst) {
    if (isCopied())
      for (int64_t o = 0; o < known; ++o)
        loop(index(0), length, 1, [&](Value i) {
          Value value = memref::LoadOp::create(builder, location, weight,
                                               ValueRange{add(channel, index(o)), add(k, i), index(0)});
          memref::StoreOp::create(builder, location, extended(value), factors, ValueRange{add(index(o * kFactors), i)});
        });
    // Tiles are about equally wide; of these widths there is code.
    Value width = ceilDiv(vectors, ceilDiv(vectors, index(most(known))));
    SmallVector<int64_t> widths;
    for (int64_t each = 1; each < most(known); each += each < 4 ? 1 : 2)
      widths.push_back(each);
    Value even = mul(ceilDiv(width, index(2)), index(2));
    width = select(compare(arith::CmpIPredicate::ugt, width, index(4)), even, width);
    cases(width, widths, [&](std::optional<int64_t> fewer) {
      int64_t wide = fewer.value_or(most(known));
      loop(index(0), mul(vectors, index(lanes)), wide * lanes,
           [&](Value from) { tileOf(known, wide, channel, local, k, length, from, isFirst); });
    });
  }

  void tileOf(int64_t known, int64_t wide, Value channel, Value local, Value k, Value length, Value from,
              Value isFirst) {
    auto place = [&](int64_t o, int64_t v) {
      return add(add(mul(add(local, index(o)), rawPitch), from), index(v * lanes));
    };
    SmallVector<Value> values;
    for (int64_t o = 0; o < known; ++o)
      for (int64_t v = 0; v < wide; ++v)
        values.push_back(select(isFirst, zero(), load(raw, place(o, v))));
    values = loop(index(0), length, 1, values, [&](Value i, ValueRange carried) {
      SmallVector<Value> next(carried), reads;
      Value offset = add(memref::LoadOp::create(builder, location, offsets, ValueRange{i}), from);
      for (int64_t v = 0; v < wide; ++v)
        reads.push_back(load(cells, add(offset, index(v * lanes))));
      for (int64_t o = 0; o < known; ++o) {
        Value factor = isCopied()
                           ? memref::LoadOp::create(builder, location, factors, ValueRange{add(index(o * kFactors), i)})
                           : memref::LoadOp::create(builder, location, weight,
                                                    ValueRange{add(channel, index(o)), add(k, i), index(0)});
        Value spread = vector::BroadcastOp::create(builder, location, vectorOf(f32), factor);
        for (int64_t v = 0; v < wide; ++v) {
          Value &sum = next[o * wide + v];
          sum = vector::FMAOp::create(builder, location, spread, reads[v], sum);
        }
      }
      return next;
    });
    for (int64_t o = 0; o < known; ++o)
      for (int64_t v = 0; v < wide; ++v)
        store(values[o * wide + v], raw, place(o, v));
  }

  // The sums without those of windows that begin at a row's end. What a vector writes too much, the next row writes again.
  void leaveOut(const Block &block, Value count, Value own) {
    loop(index(0), count, 1, [&](Value o) {
      Value from = mul(o, rawPitch), to = mul(add(own, o), compactPitch);
      loop(index(0), block.rows, 1, [&](Value row) {
        Value fromRow = add(from, mul(row, pitch)), toRow = add(to, mul(row, block.columns));
        loop(index(0), block.columns, lanes,
             [&](Value x) { store(load(raw, add(fromRow, x)), compact, add(toRow, x)); });
      });
    });
  }

  // Channels of the input, in planes: [channel][depth of the kernel][row's phase][column's phase][row][column]. Vectors are
  // stored whole, in the order of their places, so that what one writes too much is written again.
  void layOut(const Block &block, Value firstChannel, Value some) {
    Value none = index(0);
    loop(none, some, 1, [&](Value channel) {
      Value image = add(mul(block.number, places[0]), mul(add(firstChannel, channel), places[1]));
      loop(none, kernel[0], 1, [&](Value tap) {
        Value z = sub(add(mul(block.slice, strides[0]), mul(tap, dilations[0])), padding[0]);
        Value isSlice = compare(arith::CmpIPredicate::ult, z, sizes[0]);
        Value slice = add(image, mul(z, places[2]));
        loop(none, phases[0], 1, [&](Value down) {
          loop(none, phases[1], 1, [&](Value right) {
            Value to = mul(add(mul(add(mul(tap, phases[0]), down), phases[1]), right), plane);
            to = add(to, mul(channel, channelCells));
            // The columns before the input, and up to its end.
            Value first = sub(add(mul(block.column, strides[2]), right), padding[2]);
            Value before = min(ceilDiv(max(sub(none, first), none), strides[2]), width);
            Value end = max(min(ceilDiv(max(sub(sizes[2], first), none), strides[2]), width), before);
            Value start = add(first, mul(before, strides[2]));
            Value vectors = mul(ceilDiv(sub(end, before), index(lanes)), index(lanes));
            loop(none, add(block.rows, reach[0]), 1, [&](Value row) {
              Value y = sub(add(mul(add(block.row, row), strides[1]), down), padding[1]);
              Value isRow =
                  arith::AndIOp::create(builder, location, isSlice, compare(arith::CmpIPredicate::ult, y, sizes[1]));
              Value into = add(to, mul(row, pitch)), from = add(add(slice, mul(y, places[3])), start);
              auto clear = [&](Value begin, Value end) {
                loop(begin, end, lanes, [&](Value x) { store(zero(), cells, add(into, x)); });
              };
              ifThenElse(
                  isRow,
                  [&] {
                    clear(none, before);
                    Value isInside = compare(arith::CmpIPredicate::sle, add(from, mul(vectors, strides[2])), all);
                    auto copy = [&](bool whole) {
                      loop(before, end, lanes, [&](Value x) {
                        Value place = add(from, mul(sub(x, before), strides[2]));
                        store(read(place, whole ? Value() : sub(end, x)), cells, add(into, x));
                      });
                    };
                    ifThenElse(isInside, [&] { copy(true); }, [&] { copy(false); });
                    clear(end, width);
                  },
                  [&] { clear(none, width); });
            });
          });
        });
      });
    });
  }

  // A vector of every stride-th element from a place on, or so many of it.
  Value read(Value place, Value count) {
    VectorType type = vectorOf(element);
    auto mask = [&](Value size) -> Value {
      return vector::CreateMaskOp::create(builder, location, vectorOf(builder.getI1Type()), size);
    };
    Value nothing = arith::ConstantOp::create(builder, location, builder.getZeroAttr(type));
    auto part = [&](Value from, Value size) -> Value {
      if (!count)
        return vector::LoadOp::create(builder, location, type, flat, ValueRange{from});
      return vector::MaskedLoadOp::create(builder, location, type, flat, ValueRange{from}, mask(size), nothing);
    };
    if (stepKind == Step::one)
      return extended(part(place, count));
    if (stepKind == Step::two) {
      Value size = count ? sub(mul(count, index(2)), index(1)) : Value();
      Value low = part(place, size), high = part(add(place, index(lanes)), size ? sub(size, index(lanes)) : Value());
      SmallVector<int64_t> even;
      for (int64_t lane = 0; lane < lanes; ++lane)
        even.push_back(2 * lane);
      return extended(vector::ShuffleOp::create(builder, location, low, high, even));
    }
    auto indices = vectorOf(builder.getIndexType());
    Value apart = arith::MulIOp::create(builder, location, vector::StepOp::create(builder, location, indices),
                                        vector::BroadcastOp::create(builder, location, indices, strides[2]));
    return extended(vector::GatherOp::create(builder, location, type, flat, ValueRange{place}, apart,
                                             mask(count ? count : index(lanes)), nothing));
  }

  int64_t lanes, registers;
  Step stepKind;
  Value input, weight, finish, record;
  Type f32, element;
  SmallVector<Value> kernel, strides, dilations, padding, counts, sizes; // for depth, height and width
  SmallVector<Value> places;        // how far elements are apart along each axis of the input
  SmallVector<Value> phases, reach; // of height and width: planes of a stride, and how far windows reach in one
  Value groups, channels, outputs, depth, taps, all, flat;
  Value parts, part, groupsOfBlock, groupBlocks, rows, rowBlocks, columns, columnBlocks, someChannels;
  Value width, pitch, planes, plane, channelCells, rawPitch, compactPitch, isRaw, hasRows; // elements, but for `planes`
  Value cells, raw, compact, offsets, factors;                                             // a task's
};
} // namespace

bool fitsDirect(ArrayRef<int64_t> kernel, ArrayRef<int64_t> strides, ArrayRef<int64_t> dilations) {
  int64_t planes = 1, taps = 1, reach[2] = {};
  for (size_t axis = 0; axis < 3; ++axis) {
    taps *= kernel[axis];
    planes *= axis == 0 ? kernel[0] : kernel[axis] == 1 ? 1 : strides[axis];
    if (planes > kCells || taps > kFactors)
      return false;
    if (axis > 0)
      reach[axis - 1] = (kernel[axis] - 1) * dilations[axis] / strides[axis];
  }
  constexpr int64_t mostLanes = 16;
  return reach[0] < kCells && (reach[0] + 1) * (reach[1] + kLeastColumns) + mostLanes <= kCells / planes;
}

void emitDirect(func::FuncOp function, Tile tile, Step step) {
  DirectKernel(OpBuilder::atBlockEnd(function.addEntryBlock()), function, tile, step).emit();
}

} // namespace varve::target::cpu
