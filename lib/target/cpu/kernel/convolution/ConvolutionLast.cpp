// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A convolution with channels last is the product of its windows with its weight; its output is a matrix with a row for each
// window. Nothing is unfolded: a window's elements lie as far from its first one as those of any other, so that a tile reads
// its windows at addresses of their own and at one offset for each k. For that each window must lie in memory, in f32: an input
// with padding, or of 16 bits, is laid out anew once. Each sum is one chain in the order of k, whatever the number of threads;
// k counts the kernel's elements of one channel after the other, so that sums are those of channels first.
#include "lib/target/cpu/Loops.h"
#include "lib/target/cpu/RuntimeTable.h"
#include "lib/target/cpu/kernel/convolution/Convolution.h"

using namespace mlir;

namespace varve::target::cpu {

namespace {
constexpr int64_t kDepth = 512;           // most k of a block
constexpr int64_t kPanels = 2;            // panels of a block
constexpr int64_t kTaskPanels = 16;       // most panels of a task: their sums are on the stack
constexpr int64_t kLeastPanels = 4;       // of a task
constexpr int64_t kTasks = 16;            // fewer blocks of windows than these, and panels are divided too
constexpr int64_t kTaskProducts = 262144; // products that are worth a task of their own

class ChannelsLast : PanelLoops {
public:
  ChannelsLast(OpBuilder builder, func::FuncOp function, Tile tile, bool isLaidOut, bool isPoint)
      : PanelLoops(builder, function.getLoc(), tile), isPoint(isPoint), input(function.getArgument(1)),
        weight(function.getArgument(2)), f32(builder.getF32Type()) {
    element = cast<MemRefType>(input.getType()).getElementType();
    panel = cast<MemRefType>(weight.getType()).getDimSize(2);
    vectors = panel / tile.lanes;
    auto numbers = function.getArguments().drop_front(3);
    if (isLaidOut) {
      room = numbers[0];
      numbers = numbers.drop_front();
    }
    finish = numbers[0];
    record = numbers[1];
    numbers = numbers.drop_front(2);
    for (SmallVector<Value> *list : {&kernel, &strides, &dilations, &padding, &counts}) {
      list->assign(numbers.begin(), numbers.begin() + 3);
      numbers = numbers.drop_front(3);
    }
    groups = numbers[0];
  }

  void emit() {
    auto metadata = memref::ExtractStridedMetadataOp::create(builder, location, input);
    ValueRange given = metadata.getStrides(); // of n, depth, height, width and channel
    image = given[0];
    steps.assign(given.drop_front().begin(), given.drop_front().end());
    steps.pop_back();
    Value batch = sizeOf(0), inputs = sizeOf(4);
    channels = div(inputs, groups);
    if (room)
      layOut(batch, inputs);
    address = addressOf(room ? room : input);
    if (!room)
      address = at(address, metadata.getOffset());
    depth = memref::DimOp::create(builder, location, weight, 1);
    step = ceilDiv(depth, ceilDiv(depth, index(kDepth))); // blocks of k are equally long
    Value isOne = compare(arith::CmpIPredicate::ule, depth, step);
    slots = select(isOne, index(0), index(1));

    windows = mul(counts[0], mul(counts[1], counts[2]));
    Value one = index(1), rows = index(tile.rows), most = index(windowsOf(tile));
    Value block = mul(ceilDiv(ceilDiv(windows, max(ceilDiv(windows, most), one)), rows), rows);
    Value blocks = ceilDiv(windows, max(block, one));
    Value panels = div(memref::DimOp::create(builder, location, weight, 0), groups);
    Value spread = mul(mul(batch, groups), blocks);
    Value some = ceilDiv(panels, ceilDiv(index(kTasks), max(spread, one)));
    some = min(index(kTaskPanels), mul(ceilDiv(some, index(kLeastPanels)), index(kLeastPanels)));
    Value parts = ceilDiv(panels, some), products = mul(mul(block, depth), mul(some, index(panel)));
    Value grain = max(div(index(kTaskProducts), max(products, one)), one);
    tasks(mul(spread, parts), grain, [&](Value first, Value last) {
      Type i64 = builder.getI64Type();
      origins = memoryOf(i64, {windowsOf(tile)});
      offsets = memoryOf(i64, {kDepth});
      sums = memoryOf(f32, {kTaskPanels, windowsOf(tile) + 1, panel});
      if (weightElement() != f32)
        widened = memoryOf(f32, {kPanels, kDepth, panel});
      loop(first, last, 1, [&](Value point) {
        Value from = mul(rem(point, blocks), block), rest = div(point, blocks);
        Value part = mul(rem(rest, parts), some), outer = div(rest, parts);
        Value number = div(outer, groups), group = rem(outer, groups), firstPanel = mul(group, panels);
        compute({add(mul(number, image), mul(group, channels)), add(mul(number, windows), from), from,
                 min(block, sub(windows, from)), add(firstPanel, part), add(firstPanel, min(panels, add(part, some)))});
      });
    });
    func::ReturnOp::create(builder, location);
  }

private:
  struct Task {
    Value origin;      // of the group's first channel in memory
    Value row;         // the first one of the output
    Value from, count; // windows
    Value firstPanel, lastPanel;
  };
  Type weightElement() { return cast<MemRefType>(weight.getType()).getElementType(); }
  PanelReader reader() { return {builder, location, tile.lanes, weight, widened}; }
  VectorType vectorOf(Type type) { return VectorType::get({tile.lanes}, type); }
  Value sizeOf(int64_t axis) { return memref::DimOp::create(builder, location, input, axis); }
  Value compare(arith::CmpIPredicate predicate, Value a, Value b) {
    return arith::CmpIOp::create(builder, location, predicate, a, b);
  }
  Value zeroOf(Type type) { return arith::ConstantOp::create(builder, location, builder.getZeroAttr(type)); }
  Value extended(Value value) {
    if (getElementTypeOrSelf(value) == f32)
      return value;
    auto vector = dyn_cast<VectorType>(value.getType());
    return arith::ExtFOp::create(builder, location, vector ? Type(vector.clone(f32)) : f32, value);
  }

  // The input in f32 with its padding, up to the last element that a window reads.
  void layOut(Value batch, Value inputs) {
    SmallVector<Value> extents = extentsOf(builder, location, counts, kernel, strides, dilations);
    Value pitch = pitchOf(builder, location, inputs), rows = mul(extents[0], extents[1]);
    steps[2] = pitch;
    steps[1] = mul(extents[2], pitch);
    steps[0] = mul(extents[1], steps[1]);
    image = mul(extents[0], steps[0]);
    Value zero = index(0), perTask = div(index(kTaskPoints), max(steps[1], index(1)));
    tasks(mul(batch, rows), max(perTask, index(1)), [&](Value first, Value last) {
      loop(first, last, 1, [&](Value line) {
        Value n = div(line, rows), row = rem(line, rows);
        Value z = sub(div(row, extents[1]), padding[0]), y = sub(rem(row, extents[1]), padding[1]);
        Value isInside = arith::AndIOp::create(builder, location, isBelow(z, sizeOf(1)), isBelow(y, sizeOf(2)));
        loop(zero, extents[2], 1, [&](Value column) {
          Value x = sub(column, padding[2]), to = add(mul(line, steps[1]), mul(column, pitch));
          Value isThere = arith::AndIOp::create(builder, location, isInside, isBelow(x, sizeOf(3)));
          auto place = [&](Value channel) { return SmallVector<Value>{n, z, y, x, channel}; };
          ifThenElse(
              isThere,
              [&] {
                fill(to, inputs, [&](Value channel, bool isWide) -> Value {
                  if (isWide)
                    return vector::LoadOp::create(builder, location, vectorOf(element), input, place(channel));
                  return memref::LoadOp::create(builder, location, input, place(channel));
                });
              },
              [&] { fill(to, inputs, [&](Value, bool isWide) { return zeroOf(isWide ? vectorOf(f32) : f32); }); });
        });
      });
    });
  }

  // Writes so many f32, vectors of them and single ones.
  void fill(Value to, Value count, llvm::function_ref<Value(Value, bool)> given) {
    Value whole = wholeSteps(count, tile.lanes);
    loop(index(0), whole, tile.lanes, [&](Value i) {
      vector::StoreOp::create(builder, location, extended(given(i, true)), room, ValueRange{add(to, i)});
    });
    loop(whole, count, 1, [&](Value i) {
      memref::StoreOp::create(builder, location, extended(given(i, false)), room, ValueRange{add(to, i)});
    });
  }

  // Where the task's windows begin.
  void findOrigins(const Task &task) {
    loop(index(0), task.count, 1, [&](Value window) {
      Value all = add(task.from, window), rest = div(all, counts[2]), origin = task.origin;
      SmallVector<Value> at{div(rest, counts[1]), rem(rest, counts[1]), rem(all, counts[2])};
      for (unsigned axis = 0; axis < 3; ++axis)
        origin = add(origin, mul(mul(at[axis], strides[axis]), steps[axis]));
      memref::StoreOp::create(builder, location, number(origin), origins, ValueRange{window});
    });
  }

  // How far from a window's first element those for k in [begin, end) are.
  void findOffsets(Value begin, Value end) {
    SmallVector<Value> position(4), step(4); // channel, depth, height, width
    Value rest = begin, offset = index(0);
    for (int axis = 3; axis >= 0; --axis) {
      position[axis] = axis == 0 ? rest : rem(rest, kernel[axis - 1]);
      step[axis] = axis == 0 ? index(1) : mul(steps[axis - 1], dilations[axis - 1]);
      offset = add(offset, mul(position[axis], step[axis]));
      if (axis > 0)
        rest = div(rest, kernel[axis - 1]);
    }
    loop(begin, end, 1, {position[1], position[2], position[3], offset}, [&](Value k, ValueRange carried) {
      memref::StoreOp::create(builder, location, number(carried[3]), offsets, ValueRange{sub(k, begin)});
      SmallVector<Value> next(carried);
      next[3] = add(next[3], step[3]);
      next[2] = add(next[2], index(1));
      for (int axis = 2; axis >= 0; --axis) { // width, height, depth: at its end, the one before goes on
        Value isEnd = compare(arith::CmpIPredicate::eq, next[axis], kernel[axis]);
        next[3] = select(isEnd, add(sub(next[3], mul(kernel[axis], step[1 + axis])), step[axis]), next[3]);
        next[axis] = select(isEnd, index(0), next[axis]);
        if (axis > 0)
          next[axis - 1] = select(isEnd, add(next[axis - 1], index(1)), next[axis - 1]);
      }
      return next;
    });
  }

  void compute(const Task &task) {
    findOrigins(task);
    lastWindow = sub(task.count, index(1));
    Value tiles = ceilDiv(task.count, index(tile.rows)); // of the same height, or one less
    loop(index(0), ceilDiv(depth, step), 1, [&](Value block) {
      Value begin = mul(block, step), end = min(depth, add(begin, step));
      Value isFirst = compare(arith::CmpIPredicate::eq, begin, index(0));
      Value isLast = compare(arith::CmpIPredicate::eq, end, depth);
      if (!isPoint)
        findOffsets(begin, end);
      loop(task.firstPanel, task.lastPanel, kPanels, [&](Value first) {
        Value last = min(task.lastPanel, add(first, index(kPanels)));
        Value slot = mul(sub(first, task.firstPanel), slots), length = sub(end, begin);
        reader().widen({first, last}, {begin, end});
        Value later = laterThan(task, first, begin, end);
        loop(index(0), tiles, 1, [&](Value which) {
          Value row = div(mul(which, task.count), tiles);
          Value count = sub(div(mul(add(which, index(1)), task.count), tiles), row);
          LaterBlock block(builder, location, weight, later, length, tiles, which);
          loop(first, last, 1, [&](Value each) {
            Value local = sub(each, first), own = add(slot, local);
            cases(count, llvm::to_vector(llvm::seq<int64_t>(1, tile.rows)), [&](std::optional<int64_t> known) {
              tileOf(own, row, each, local, begin, length, isFirst, known.value_or(tile.rows), block);
            });
            ifThen(isLast, [&] { callFinish(own, row, add(task.row, row), each, count); });
          });
        });
      });
    });
  }

  // How far after a block of panels and steps the one is that comes next: of the next panels, or the next steps of the task's
  // first panels, or the first ones of these or, after the last windows, of the panels after the task's.
  Value laterThan(const Task &task, Value first, Value begin, Value end) {
    auto place = [&](Value panelNumber, Value k) { return mul(add(mul(panelNumber, depth), k), index(panel)); };
    Value next = add(first, index(kPanels)), here = place(first, begin);
    Value isLastStep = compare(arith::CmpIPredicate::uge, end, depth);
    Value isLastWindow = compare(arith::CmpIPredicate::uge, add(task.from, task.count), windows);
    Value following = select(isLastWindow, task.lastPanel, task.firstPanel);
    Value after = select(isLastStep, place(following, index(0)), place(task.firstPanel, end));
    Value isLastPanel = compare(arith::CmpIPredicate::uge, next, task.lastPanel);
    return sub(select(isLastPanel, after, place(next, begin)), here);
  }

  // `rows` windows of the task times one panel, which is the `local`-th of its block.
  void tileOf(Value slot, Value row, Value panelNumber, Value local, Value begin, Value length, Value isFirst,
              int64_t rows, const LaterBlock &later) {
    // With 16 registers and an offset for each step, one row less is twice as slow: LLVM loads all factors first, and has too few
    // registers left for the sums. So it is one row more, whose sums nobody reads.
    bool isFilled = !isPoint && tile.lanes < 16 && rows > 1 && rows + 1 == tile.rows;
    rows += isFilled;
    auto isMore = [&](int64_t r) { return isFilled && r + 1 == rows; };
    SmallVector<Value> first;
    for (int64_t r = 0; r < rows; ++r) {
      Value from = add(row, index(r));
      if (isMore(r))
        from = min(from, lastWindow);
      first.push_back(at(address, memref::LoadOp::create(builder, location, origins, ValueRange{from})));
    }
    auto place = [&](int64_t number) {
      int64_t r = number / vectors;
      Value own = isMore(r) ? index(windowsOf(tile)) : add(row, index(r));
      return SmallVector<Value>{slot, own, index(number % vectors * tile.lanes)};
    };
    SmallVector<Value> values;
    for (int64_t number = 0; number < rows * vectors; ++number) {
      Value before = vector::LoadOp::create(builder, location, vectorOf(f32), sums, place(number));
      values.push_back(select(isFirst, zeroOf(vectorOf(f32)), before));
    }
    // The others are few, and code takes time to compile. Where a step loads an offset and there are 32 registers, LLVM loads for
    // all steps first and has none left for the sums.
    bool isUnrolled = rows + 1 >= tile.rows && (isPoint || tile.lanes < 16);
    values = multiplyRows(
        first, length, values, isUnrolled ? tile.unroll : 1,
        [&](Value k) -> Value {
          return isPoint ? add(begin, k)
                         : memref::LoadOp::create(builder, location, offsets, ValueRange{k}).getResult();
        },
        [&](Value k) { return reader().load(panelNumber, local, begin, k); },
        [&](Value k) {
          if (rows + 1 >= tile.rows)
            later.ask(builder, location, panelNumber, begin, add(begin, k));
        });
    for (auto [number, value] : llvm::enumerate(values))
      vector::StoreOp::create(builder, location, value, sums, place(number));
  }

  void callFinish(Value slot, Value row, Value outputRow, Value panelNumber, Value count) {
    Value place = mul(add(mul(slot, index(windowsOf(tile) + 1)), row), index(panel));
    callAddress(builder, location, finish,
                {record, at(addressOf(sums), place), number(outputRow), number(panelNumber), number(count)});
  }

  bool isPoint;                              // the kernel has one element, so that k is a channel
  Value input, weight, room, finish, record; // room: or null
  Type element, f32;
  int64_t panel, vectors;
  SmallVector<Value> kernel, strides, dilations, padding, counts; // for depth, height and width
  Value image;              // how far images are apart in what windows are read from
  SmallVector<Value> steps; // and neighbours along depth, height and width
  Value address;            // of its first element
  Value groups, channels, windows, depth, step, slots;
  Value origins, offsets, sums, widened, lastWindow; // a task's; widened: or null
};
} // namespace

SmallVector<Value> PanelLoops::multiplyRows(ArrayRef<Value> rows, Value length, ValueRange sums, int64_t unroll,
                                            llvm::function_ref<Value(Value)> offsetOf,
                                            llvm::function_ref<SmallVector<Value>(Value)> weightsOf,
                                            llvm::function_ref<void(Value)> once) {
  auto step = [&](Value k, MutableArrayRef<Value> into) {
    Value offset = offsetOf(k);
    SmallVector<Value> weights = weightsOf(k);
    Type f32 = builder.getF32Type();
    for (auto [r, row] : llvm::enumerate(rows)) {
      Value scalar = LLVM::LoadOp::create(builder, location, f32, at(row, offset), /*alignment=*/4);
      Value wide = vector::BroadcastOp::create(builder, location, VectorType::get({tile.lanes}, f32), scalar);
      for (auto [v, vector] : llvm::enumerate(weights)) {
        Value &sum = into[r * weights.size() + v];
        sum = vector::FMAOp::create(builder, location, wide, vector, sum);
      }
    }
  };
  return unrolled(index(0), length, unroll, sums, step, once);
}

Value PanelLoops::addressOf(Value memory) {
  Value address = memref::ExtractAlignedPointerAsIndexOp::create(builder, location, memory);
  return LLVM::IntToPtrOp::create(builder, location, LLVM::LLVMPointerType::get(builder.getContext()), number(address));
}

Value PanelLoops::isBelow(Value value, Value size) {
  return arith::CmpIOp::create(builder, location, arith::CmpIPredicate::ult, value, size);
}

Value PanelLoops::select(Value condition, Value a, Value b) {
  return arith::SelectOp::create(builder, location, condition, a, b);
}

Value PanelLoops::memoryOf(Type type, ArrayRef<int64_t> shape) {
  return memref::AllocaOp::create(builder, location, MemRefType::get(shape, type), builder.getI64IntegerAttr(64));
}

Value PanelLoops::at(Value from, Value offset) {
  return LLVM::GEPOp::create(builder, location, from.getType(), builder.getF32Type(), from, ValueRange{number(offset)});
}

Value PanelLoops::number(Value value) {
  Type i64 = builder.getI64Type();
  return value.getType() == i64 ? value : arith::IndexCastOp::create(builder, location, i64, value).getResult();
}

SmallVector<Value> extentsOf(OpBuilder &builder, Location location, ArrayRef<Value> counts, ArrayRef<Value> kernel,
                             ArrayRef<Value> strides, ArrayRef<Value> dilations) {
  Value one = arith::ConstantIndexOp::create(builder, location, 1);
  SmallVector<Value> extents;
  for (unsigned axis = 0; axis < 3; ++axis) {
    auto reach = [&](Value count, Value step) {
      Value last = builder.createOrFold<arith::SubIOp>(location, count, one);
      return builder.createOrFold<arith::MulIOp>(location, last, step);
    };
    Value extent = builder.createOrFold<arith::AddIOp>(location, reach(counts[axis], strides[axis]),
                                                       reach(kernel[axis], dilations[axis]));
    extents.push_back(builder.createOrFold<arith::AddIOp>(location, extent, one));
  }
  return extents;
}

Value pitchOf(OpBuilder &builder, Location location, Value channels) {
  Value line = arith::ConstantIndexOp::create(builder, location, kLine);
  Value one = arith::ConstantIndexOp::create(builder, location, 1);
  Value lines = builder.createOrFold<arith::CeilDivUIOp>(location, channels, line);
  lines = builder.createOrFold<arith::OrIOp>(location, lines, one);
  Value isFew = builder.createOrFold<arith::CmpIOp>(location, arith::CmpIPredicate::ult, channels, line);
  return builder.createOrFold<arith::SelectOp>(location, isFew, channels,
                                               builder.createOrFold<arith::MulIOp>(location, lines, line));
}

void emitChannelsLast(func::FuncOp function, Tile tile, bool isLaidOut, bool isPoint) {
  ChannelsLast(OpBuilder::atBlockEnd(function.addEntryBlock()), function, tile, isLaidOut, isPoint).emit();
}

} // namespace varve::target::cpu
