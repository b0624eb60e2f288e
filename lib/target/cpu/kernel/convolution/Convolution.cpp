// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A convolution is the product of its unfolded input with its weight. A task unfolds the windows that it computes for a block
// of k into memory of its own, as groups of windows side by side for each k, where they stay in the second-level cache while
// panels of the weight go past. Lanes are output channels, so that any number of windows fills the registers; sums are turned
// when they are done, and the body is computed with windows as lanes, since that is how the output lies in memory.
// Each sum is one chain in the order of k, whatever the number of threads.
#include "lib/target/cpu/kernel/convolution/Convolution.h"
#include "lib/target/cpu/Loops.h"
#include "lib/target/cpu/RuntimeTable.h"
#include "lib/target/cpu/kernel/Transpose.h"
#include <numeric>

using namespace mlir;

namespace varve::target::cpu {

namespace {
constexpr int64_t kDepth = 512;           // k of a block: of 64 windows in f32, 128 KiB; of 4 panels, 256 KiB
constexpr int64_t kPanels = 4;            // panels of a block
constexpr int64_t kTaskPanels = 16;       // most panels of a task: their sums are on the stack
constexpr int64_t kLeastPanels = 8;       // that it is worth to unfold for
constexpr int64_t kTasks = 16;            // fewer blocks of windows than these, and panels are divided too
constexpr int64_t kTaskProducts = 262144; // products that are worth a task of their own
constexpr int64_t kKnownRows = 4;         // rows of windows in a vector that have code of their own

// Windows that lie side by side: whole tiles, and with wide vectors whole vectors too. Of narrow ones, each holds the windows
// of one tile, so that a tile reads no cache line that is not its own.
int64_t groupOf(Tile tile) { return tile.lanes == 8 && tile.rows <= 8 ? tile.rows : std::lcm(tile.rows, tile.lanes); }
// The elements of memory that a group has for each k: whole vectors.
int64_t widthOf(Tile tile) { return llvm::alignTo(groupOf(tile), tile.lanes); }

class ConvolutionKernel : Loops {
public:
  ConvolutionKernel(OpBuilder builder, func::FuncOp function, Tile tile, Step stepKind)
      : Loops(builder, function.getLoc()), tile(tile), stepKind(stepKind), input(function.getArgument(1)),
        weight(function.getArgument(2)), finish(function.getArgument(3)), record(function.getArgument(4)),
        f32(builder.getF32Type()), i32(builder.getI32Type()) {
    element = cast<MemRefType>(input.getType()).getElementType();
    panel = cast<MemRefType>(weight.getType()).getDimSize(2);
    vectors = panel / tile.lanes;
    auto numbers = function.getArguments().drop_front(5);
    auto three = [&](SmallVector<Value> &list) {
      list.assign(numbers.begin(), numbers.begin() + 3);
      numbers = numbers.drop_front(3);
    };
    for (SmallVector<Value> *list : {&kernel, &strides, &dilations, &padding, &counts})
      three(*list);
    groups = numbers[0];
  }

  void emit() {
    auto metadata = memref::ExtractStridedMetadataOp::create(builder, location, input);
    places.assign(metadata.getStrides().begin(), metadata.getStrides().end());
    Value batch = memref::DimOp::create(builder, location, input, 0);
    int64_t any = ShapedType::kDynamic;
    auto type = MemRefType::get({any}, element, StridedLayoutAttr::get(builder.getContext(), any, {1}));
    flat = memref::ReinterpretCastOp::create(
        builder, location, type, metadata.getBaseBuffer(), OpFoldResult(metadata.getOffset()),
        SmallVector<OpFoldResult>{mul(batch, places[0])}, SmallVector<OpFoldResult>{builder.getIndexAttr(1)});
    for (unsigned axis = 0; axis < 3; ++axis)
      sizes.push_back(memref::DimOp::create(builder, location, input, 2 + axis));
    all = index(1);
    for (unsigned axis = 0; axis < 5; ++axis) {
      Value size = memref::DimOp::create(builder, location, input, axis);
      all = add(all, mul(max(sub(size, index(1)), index(0)), places[axis]));
    }
    channels = div(memref::DimOp::create(builder, location, input, 1), groups);
    depth = memref::DimOp::create(builder, location, weight, 1);
    taps = mul(kernel[0], mul(kernel[1], kernel[2]));
    step = ceilDiv(depth, ceilDiv(depth, index(kDepth))); // blocks of k are equally long
    Value isOne = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::ule, depth, step);
    slots = arith::SelectOp::create(builder, location, isOne, index(0), index(1));

    Value windows = mul(counts[0], mul(counts[1], counts[2])), one = index(1);
    Value blocks = ceilDiv(windows, index(windowsOf(tile)));
    Value group = index(groupOf(tile)), block = mul(ceilDiv(ceilDiv(windows, max(blocks, one)), group), group);
    blocks = ceilDiv(windows, max(block, one));
    Value panels = div(memref::DimOp::create(builder, location, weight, 0), groups);
    Value spread = mul(mul(batch, groups), blocks);
    Value some = ceilDiv(panels, ceilDiv(index(kTasks), max(spread, one)));
    some = min(index(kTaskPanels), mul(ceilDiv(some, index(kLeastPanels)), index(kLeastPanels)));
    Value parts = ceilDiv(panels, some), products = mul(mul(block, depth), mul(some, index(panel)));
    Value grain = max(div(index(kTaskProducts), max(products, one)), one);
    tasks(mul(spread, parts), grain, [&](Value first, Value last) {
      unfolded = memory({windowsOf(tile) / groupOf(tile), kDepth, widthOf(tile)});
      sums = memory({kTaskPanels, windowsOf(tile), panel});
      turned = memory({panel, windowsOf(tile)});
      if (weightElement() != f32)
        widened = memory({kPanels, kDepth, panel});
      loop(first, last, 1, [&](Value point) {
        Value from = mul(rem(point, blocks), block), rest = div(point, blocks);
        Value part = mul(rem(rest, parts), some), outer = div(rest, parts);
        Value number = div(outer, groups), which = rem(outer, groups);
        Task task{number,
                  add(mul(number, places[0]), mul(mul(which, channels), places[1])),
                  from,
                  min(block, sub(windows, from)),
                  add(mul(which, panels), part),
                  add(mul(which, panels), min(panels, add(part, some)))};
        compute(task);
      });
    });
    func::ReturnOp::create(builder, location);
  }

private:
  struct Task {
    Value number, origin; // in the batch; of the group's first channel in memory
    Value from, count;    // windows
    Value firstPanel, lastPanel;
  };
  // An element of the kernel: how deep, how high, where a row's first window reads it, and which windows of a row find it inside.
  struct Tap {
    Value z, y, shift, low, high;
  };
  // Lanes of a vector of windows that are in one row, and where they are read, but for the channel.
  struct Run {
    Value place, lanes;
    SmallVector<Value> elements; // of two loads, if every second element is read
  };

  Type weightElement() { return cast<MemRefType>(weight.getType()).getElementType(); }
  PanelReader reader() { return {builder, location, tile.lanes, weight, widened}; }
  VectorType vectorOf(Type type) { return VectorType::get({tile.lanes}, type); }
  Value memory(ArrayRef<int64_t> shape) {
    return memref::AllocaOp::create(builder, location, MemRefType::get(shape, f32), builder.getI64IntegerAttr(64));
  }
  Value zeroOf(Type type) { return arith::ConstantOp::create(builder, location, builder.getZeroAttr(type)); }
  Value extended(Value value) {
    auto type = cast<VectorType>(value.getType());
    return type.getElementType() == f32 ? value : arith::ExtFOp::create(builder, location, type.clone(f32), value);
  }
  Value number(Value index) { return arith::IndexCastOp::create(builder, location, builder.getI64Type(), index); }

  void compute(const Task &task) {
    loop(index(0), ceilDiv(depth, step), 1, [&](Value block) {
      Value begin = mul(block, step), end = min(depth, add(begin, step));
      Value isFirst = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::eq, begin, index(0));
      Value isLast = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::eq, end, depth);
      unfold(task, begin, end);
      loop(task.firstPanel, task.lastPanel, kPanels, [&](Value first) {
        Value last = min(task.lastPanel, add(first, index(kPanels)));
        Value slot = mul(sub(first, task.firstPanel), slots);
        reader().widen({first, last}, {begin, end});
        loop(index(0), task.count, tile.rows, [&](Value row) {
          Value count = min(index(tile.rows), sub(task.count, row));
          loop(first, last, 1, [&](Value each) {
            Value own = add(slot, sub(each, first));
            cases(count, llvm::to_vector(llvm::seq<int64_t>(1, tile.rows)), [&](std::optional<int64_t> known) {
              tileOf(own, row, each, sub(each, first), begin, sub(end, begin), isFirst, known.value_or(tile.rows));
            });
          });
        });
        ifThen(isLast,
               [&] { loop(first, last, 1, [&](Value each) { hand(task, add(slot, sub(each, first)), each); }); });
      });
    });
  }

  // `rows` windows of the task times one panel, which is the `local`-th of its block.
  void tileOf(Value slot, Value row, Value panelNumber, Value local, Value begin, Value length, Value isFirst,
              int64_t rows) {
    Value group = div(row, index(groupOf(tile))), inGroup = rem(row, index(groupOf(tile)));
    auto place = [&](int64_t number) {
      return SmallVector<Value>{slot, add(row, index(number / vectors)), index(number % vectors * tile.lanes)};
    };
    Value zero = zeroOf(vectorOf(f32));
    SmallVector<Value> values;
    for (int64_t number = 0; number < rows * vectors; ++number) {
      Value before = vector::LoadOp::create(builder, location, vectorOf(f32), sums, place(number));
      values.push_back(arith::SelectOp::create(builder, location, isFirst, zero, before));
    }
    values = loop(index(0), length, 1, values, [&](Value k, ValueRange carried) {
      SmallVector<Value> next(carried), weights = reader().load(panelNumber, local, begin, k);
      for (int64_t r = 0; r < rows; ++r) {
        Value scalar =
            memref::LoadOp::create(builder, location, unfolded, ValueRange{group, k, add(inGroup, index(r))});
        Value wide = vector::BroadcastOp::create(builder, location, vectorOf(f32), scalar);
        for (int64_t v = 0; v < vectors; ++v) {
          Value &sum = next[r * vectors + v];
          sum = vector::FMAOp::create(builder, location, wide, weights[v], sum);
        }
      }
      return next;
    });
    for (auto [number, value] : llvm::enumerate(values))
      vector::StoreOp::create(builder, location, value, sums, place(number));
  }

  // Turns a panel's sums and hands them to the function that finishes them.
  void hand(const Task &task, Value slot, Value panelNumber) {
    loop(index(0), task.count, tile.lanes, [&](Value first) {
      for (int64_t v = 0; v < vectors; ++v) {
        SmallVector<Value> rows;
        for (int64_t r = 0; r < tile.lanes; ++r) // what is behind the last is turned too, and read by nobody
          rows.push_back(vector::LoadOp::create(builder, location, vectorOf(f32), sums,
                                                ValueRange{slot, add(first, index(r)), index(v * tile.lanes)}));
        rows = cpu::transpose(builder, location, rows);
        for (auto [lane, row] : llvm::enumerate(rows))
          vector::StoreOp::create(builder, location, row, turned,
                                  ValueRange{index(v * tile.lanes + static_cast<int64_t>(lane)), first});
      }
    });
    Value place =
        LLVM::IntToPtrOp::create(builder, location, finish.getType(),
                                 number(memref::ExtractAlignedPointerAsIndexOp::create(builder, location, turned)));
    callAddress(builder, location, finish,
                {record, place, number(task.number), number(mul(panelNumber, index(panel))), number(task.from),
                 number(index(1)), number(index(0)), number(task.count), number(index(panel)),
                 number(index(windowsOf(tile)))});
  }

  // The task's windows for k in [begin, end), which counts the kernel's elements of one channel after the other.
  void unfold(const Task &task, Value begin, Value end) {
    loop(index(0), taps, 1, [&](Value tap) {
      Value rest = div(tap, kernel[2]), zero = index(0);
      Tap own{
          div(rest, kernel[1]), rem(rest, kernel[1]), sub(mul(rem(tap, kernel[2]), dilations[2]), padding[2]), {}, {}};
      own.low = ceilDiv(max(sub(zero, own.shift), zero), strides[2]);
      own.high = min(ceilDiv(max(sub(sizes[2], own.shift), zero), strides[2]), counts[2]);
      Value firstChannel = ceilDiv(max(sub(begin, tap), zero), taps),
            lastChannel = ceilDiv(max(sub(end, tap), zero), taps);
      int64_t some = std::min(groupOf(tile), tile.lanes);
      loop(zero, task.count, some, [&](Value lane) {
        Value first = add(task.from, lane), valid = min(index(some), sub(task.count, lane));
        Value group = div(lane, index(groupOf(tile))), inGroup = rem(lane, index(groupOf(tile)));
        Value firstRow = div(first, counts[2]), lastRow = div(sub(add(first, valid), index(1)), counts[2]);
        Value rows = add(sub(lastRow, firstRow), index(1));
        auto into = [&](Value channel) {
          return SmallVector<Value>{group, sub(add(mul(channel, taps), tap), begin), inGroup};
        };
        SmallVector<Value> none(stepKind == Step::two ? 2 : 1, zeroOf(vectorOf(element)));
        cases(rows, llvm::to_vector(llvm::seq<int64_t>(1, kKnownRows + 1)), [&](std::optional<int64_t> known) {
          if (known) {
            SmallVector<Run> runs;
            for (int64_t r = 0; r < *known; ++r)
              runs.push_back(runOf(task, own, first, valid, add(firstRow, index(r))));
            loop(firstChannel, lastChannel, 1, [&](Value channel) {
              Value offset = mul(channel, places[1]);
              SmallVector<Value> values = none;
              for (const Run &run : runs)
                load(run, offset, values);
              vector::StoreOp::create(builder, location, extended(join(values)), unfolded, into(channel));
            });
            return;
          }
          // Row after row into the same vectors.
          loop(index(0), rows, 1, [&](Value r) {
            Run run = runOf(task, own, first, valid, add(firstRow, r));
            Value isFirst = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::eq, r, index(0));
            loop(firstChannel, lastChannel, 1, [&](Value channel) {
              Value before = vector::LoadOp::create(builder, location, vectorOf(f32), unfolded, into(channel));
              before = arith::SelectOp::create(builder, location, isFirst, zeroOf(vectorOf(f32)), before);
              SmallVector<Value> values = none;
              load(run, mul(channel, places[1]), values);
              Value joined = arith::SelectOp::create(builder, location, run.lanes, extended(join(values)), before);
              vector::StoreOp::create(builder, location, joined, unfolded, into(channel));
            });
          });
        });
      });
    });
  }

  // The windows of a vector that are in one row of windows, at one element of the kernel. Lanes whose element is padding, and
  // those of other rows, are not read.
  Run runOf(const Task &task, const Tap &tap, Value first, Value valid, Value row) {
    Value start = sub(first, mul(row, counts[2])); // the first lane's column; less than 0 if the row begins behind it
    auto position = [&](unsigned axis, Value window, Value at) {
      return sub(add(mul(window, strides[axis]), mul(at, dilations[axis])), padding[axis]);
    };
    Value zero = index(0);
    Value z = position(0, div(row, counts[1]), tap.z), y = position(1, rem(row, counts[1]), tap.y);
    auto isBelow = [&](Value value, Value size) -> Value { // and not less than 0
      return arith::CmpIOp::create(builder, location, arith::CmpIPredicate::ult, value, size);
    };
    Value isInside = arith::AndIOp::create(builder, location, isBelow(z, sizes[0]), isBelow(y, sizes[1]));
    Value low = max(sub(tap.low, start), zero), high = sub(min(add(start, valid), tap.high), start);
    high = arith::SelectOp::create(builder, location, isInside, high, zero);
    Run run;
    run.place = add(add(task.origin, mul(z, places[2])),
                    add(mul(y, places[3]), mul(add(mul(start, strides[2]), tap.shift), places[4])));
    run.lanes = maskOf(low, high);
    if (stepKind == Step::two)
      for (int64_t half = 0; half < 2; ++half) {
        Value before = index(half * tile.lanes);
        run.elements.push_back(
            maskOf(sub(mul(low, index(2)), before), sub(sub(mul(high, index(2)), index(1)), before)));
      }
    return run;
  }

  // Lanes from `low` to before `high`, either of which may be outside of the vector.
  Value maskOf(Value low, Value high) {
    auto type = vectorOf(i32);
    SmallVector<int32_t> numbers = llvm::to_vector(llvm::seq<int32_t>(0, static_cast<int32_t>(tile.lanes)));
    Value lanes = arith::ConstantOp::create(builder, location, DenseElementsAttr::get(type, ArrayRef(numbers)));
    auto compare = [&](arith::CmpIPredicate predicate, Value bound) -> Value {
      Value narrow = arith::IndexCastOp::create(builder, location, i32, bound);
      return arith::CmpIOp::create(builder, location, predicate, lanes,
                                   vector::BroadcastOp::create(builder, location, type, narrow));
    };
    return arith::AndIOp::create(builder, location, compare(arith::CmpIPredicate::sge, low),
                                 compare(arith::CmpIPredicate::slt, high));
  }

  // Loads the run's elements into their lanes. Where every second element is read, these are lanes of two vectors.
  void load(const Run &run, Value offset, MutableArrayRef<Value> values) {
    Value place = add(run.place, offset);
    VectorType type = vectorOf(element);
    if (stepKind == Step::any) {
      Value lanes = vector::StepOp::create(builder, location, vectorOf(builder.getIndexType()));
      Value apart = arith::MulIOp::create(
          builder, location, lanes,
          vector::BroadcastOp::create(builder, location, vectorOf(builder.getIndexType()), strides[2]));
      values[0] =
          vector::GatherOp::create(builder, location, type, flat, ValueRange{place}, apart, run.lanes, values[0]);
      return;
    }
    for (auto [half, value] : llvm::enumerate(values)) {
      Value from = add(place, index(static_cast<int64_t>(half) * tile.lanes));
      Value mask = stepKind == Step::one ? run.lanes : run.elements[half], before = value;
      auto masked = [&] { return vector::MaskedLoadOp::create(builder, location, type, flat, from, mask, before); };
      if (element == f32) {
        value = masked();
        continue;
      }
      // There are no masked loads of 16 bits: what lies beside is read too, but where that is outside of the input.
      auto compare = [&](arith::CmpIPredicate predicate, Value a, Value b) -> Value {
        return arith::CmpIOp::create(builder, location, predicate, a, b);
      };
      Value isInside = arith::AndIOp::create(builder, location, compare(arith::CmpIPredicate::sge, from, index(0)),
                                             compare(arith::CmpIPredicate::sle, add(from, index(tile.lanes)), all));
      auto branch = scf::IfOp::create(builder, location, TypeRange{type}, isInside, /*withElse=*/true);
      OpBuilder around = builder;
      builder.setInsertionPointToStart(branch.thenBlock());
      Value whole = vector::LoadOp::create(builder, location, type, flat, ValueRange{from});
      Value chosen = arith::SelectOp::create(builder, location, mask, whole, before);
      scf::YieldOp::create(builder, location, chosen);
      builder.setInsertionPointToStart(branch.elseBlock());
      Value few = masked();
      scf::YieldOp::create(builder, location, few);
      builder = around;
      value = branch.getResult(0);
    }
  }

  Value join(ArrayRef<Value> values) {
    if (values.size() == 1)
      return values[0];
    SmallVector<int64_t> even;
    for (int64_t lane = 0; lane < tile.lanes; ++lane)
      even.push_back(2 * lane);
    return vector::ShuffleOp::create(builder, location, values[0], values[1], even);
  }

  Tile tile;
  Step stepKind;
  Value input, weight, finish, record;
  Type element, f32, i32;
  int64_t panel, vectors;
  SmallVector<Value> kernel, strides, dilations, padding, counts, sizes; // for depth, height and width
  SmallVector<Value> places; // how far elements are apart along each axis of the input
  Value groups, channels, depth, taps, step, slots, flat;
  Value all;                             // elements of the input up to the last one
  Value unfolded, sums, turned, widened; // a task's; widened: or null
};
} // namespace

void PanelReader::widen(Range panels, Range steps) {
  if (!room)
    return;
  auto type = cast<MemRefType>(weight.getType());
  auto narrow = VectorType::get({lanes}, type.getElementType());
  loop(panels.first, panels.second, 1, [&](Value each) {
    loop(steps.first, steps.second, 1, [&](Value k) {
      for (int64_t lane = 0; lane < type.getDimSize(2); lane += lanes) {
        Value given = vector::LoadOp::create(builder, location, narrow, weight, ValueRange{each, k, index(lane)});
        Value wide = arith::ExtFOp::create(builder, location, narrow.clone(builder.getF32Type()), given);
        vector::StoreOp::create(builder, location, wide, room,
                                ValueRange{sub(each, panels.first), sub(k, steps.first), index(lane)});
      }
    });
  });
}

SmallVector<Value> PanelReader::load(Value panel, Value local, Value begin, Value k) {
  auto type = VectorType::get({lanes}, builder.getF32Type());
  SmallVector<Value> place = room ? SmallVector<Value>{local, k} : SmallVector<Value>{panel, add(begin, k)};
  SmallVector<Value> vectors;
  for (int64_t lane = 0; lane < cast<MemRefType>(weight.getType()).getDimSize(2); lane += lanes)
    vectors.push_back(vector::LoadOp::create(builder, location, type, room ? room : weight,
                                             ValueRange{place[0], place[1], index(lane)}));
  return vectors;
}

int64_t windowsOf(Tile tile) { return llvm::alignTo(64, std::lcm(tile.rows, tile.lanes)); }

bool isPoint(ConvolutionOp op) {
  return llvm::all_of(op.getKernel(), [](int64_t size) { return size == 1; });
}

Step stepOf(ConvolutionOp op) {
  int64_t stride = op.getStrides().back();
  return stride == 1 ? Step::one : stride == 2 ? Step::two : Step::any;
}

SmallVector<Value> numbersOf(OpBuilder &builder, ConvolutionOp op) {
  SmallVector<Value> numbers;
  for (ArrayRef<int64_t> list : {op.getKernel(), op.getStrides(), op.getDilations(), op.getPadding()})
    for (int64_t entry : list)
      numbers.push_back(arith::ConstantIndexOp::create(builder, op.getLoc(), entry));
  numbers.append({op.getDepth(), op.getHeight(), op.getWidth()});
  numbers.push_back(arith::ConstantIndexOp::create(builder, op.getLoc(), op.getGroups()));
  return numbers;
}

func::FuncOp buildConvolution(OpBuilder &builder, StringRef name, ConvolutionOp op, Tile tile) {
  MLIRContext *context = builder.getContext();
  int64_t any = ShapedType::kDynamic;
  auto elementOf = [](Value value) { return cast<MemRefType>(value.getType()).getElementType(); };
  int64_t panel = panelOf(op);
  auto weight = MemRefType::get({any, any, panel}, elementOf(op.getWeight()));
  if (!cast<MemRefType>(op.getWeight().getType()).getLayout().isIdentity())
    weight = MemRefType::get(weight.getShape(), weight.getElementType(),
                             StridedLayoutAttr::get(context, any, {any, any, any}));
  Type pointer = LLVM::LLVMPointerType::get(context);
  SmallVector<Type> types{pointer,
                          MemRefType::get({any, any, any, any, any}, elementOf(op.getInput()),
                                          StridedLayoutAttr::get(context, any, {any, any, any, any, 1})),
                          weight};
  if (op.getRoom())
    types.push_back(MemRefType::get({any}, builder.getF32Type()));
  types.append({pointer, pointer});
  types.append(16, builder.getIndexType());
  auto function = func::FuncOp::create(builder, UnknownLoc::get(context), name, builder.getFunctionType(types, {}));
  function.setPrivate();
  if (op.getWinograd())
    emitWinograd(function, tile);
  else if (op.getChannelsLast())
    emitChannelsLast(function, tile, bool(op.getRoom()), isPoint(op));
  else if (panel == 1)
    emitDirect(function, tile, stepOf(op));
  else
    ConvolutionKernel(OpBuilder::atBlockEnd(function.addEntryBlock()), function, tile, stepOf(op)).emit();
  return function;
}

} // namespace varve::target::cpu
