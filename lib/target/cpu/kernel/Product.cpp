// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Blocking after Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", with the right-hand side
// packed when it was bound. One row at a time reads each panel as one stream; more rows share a block of panels in cache.
// Each element of the sum is one chain of sums in the order of k within a block of k, whatever the number of threads. Finish.cpp
// does what is done with the sums, while they are in the first-level cache.
#include "lib/target/cpu/kernel/Product.h"
#include "lib/target/cpu/Loops.h"
#include "lib/target/cpu/RuntimeTable.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace varve::target::cpu {

namespace {
constexpr int64_t kDepth = 512; // k of a block: 4 panels of it in f32 are 256 KiB, a quarter of a level-2 cache
constexpr int64_t kPanels = 4;  // panels of a block
constexpr int64_t kTiles = 8;   // register tiles of rows of a block
constexpr int64_t kTaskProducts = 262144; // products that are worth a task of their own
constexpr int64_t kUnroll = 4;            // chains of sums for a single row: latency of a fused multiply-add

class ProductKernel : Loops {
public:
  ProductKernel(OpBuilder builder, func::FuncOp function, Tile tile)
      : Loops(builder, function.getLoc()), tile(tile), input(function.getArgument(1)), packed(function.getArgument(2)),
        weight(function.getArgument(3)), finish(function.getArgument(4)), record(function.getArgument(5)),
        f32(builder.getF32Type()) {
    auto type = cast<MemRefType>(weight.getType());
    element = type.getElementType();
    panel = type.getDimSize(2);
    vectors = panel / tile.lanes;
  }

  void emit() {
    rows = memref::DimOp::create(builder, location, input, 0);
    depth = memref::DimOp::create(builder, location, input, 1);
    panels = memref::DimOp::create(builder, location, weight, 0);
    Value isRow = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::eq, rows, index(1));
    ifThenElse(isRow, [&] { single(); }, [&] { blocks(); });
    func::ReturnOp::create(builder, location);
  }

private:
  VectorType vectorOf(Type type) { return VectorType::get({tile.lanes}, type); }

  // How many units of so many products make a task.
  Value grain(Value products) { return max(div(index(kTaskProducts), max(products, index(1))), index(1)); }

  // Memory of a task for the sums of so many tiles.
  Value sumsOf(int64_t tiles) {
    return memref::AllocaOp::create(builder, location, MemRefType::get({tiles, tile.rows, panel}, f32),
                                    builder.getI64IntegerAttr(64));
  }

  SmallVector<Value> loadWeights(Value panelNumber, Value k) {
    SmallVector<Value> result;
    for (int64_t v = 0; v < vectors; ++v) {
      Value values = vector::LoadOp::create(builder, location, vectorOf(element), weight,
                                            ValueRange{panelNumber, k, index(v * tile.lanes)});
      if (element != f32)
        values = arith::ExtFOp::create(builder, location, vectorOf(f32), values);
      result.push_back(values);
    }
    return result;
  }

  // sums[r][v] += rows[r] * weight[panel, k, v]
  void accumulate(ArrayRef<Value> scalars, Value panelNumber, Value k, MutableArrayRef<Value> sums) {
    SmallVector<Value> weights = loadWeights(panelNumber, k);
    for (auto [r, scalar] : llvm::enumerate(scalars)) {
      Value wide = vector::BroadcastOp::create(builder, location, vectorOf(f32), scalar);
      for (int64_t v = 0; v < vectors; ++v) {
        Value &sum = sums[r * vectors + v];
        sum = vector::FMAOp::create(builder, location, wide, weights[v], sum);
      }
    }
  }

  void callFinish(Value sums, Value slot, Value firstRow, Value panelNumber, Value count) {
    Type i64 = builder.getI64Type();
    auto number = [&](Value value) -> Value { return arith::IndexCastOp::create(builder, location, i64, value); };
    Value bytes = mul(slot, index(tile.rows * panel * static_cast<int64_t>(sizeof(float))));
    Value address = add(memref::ExtractAlignedPointerAsIndexOp::create(builder, location, sums), bytes);
    Value place = LLVM::IntToPtrOp::create(builder, location, finish.getType(), number(address));
    callAddress(builder, location, finish, {record, place, number(firstRow), number(panelNumber), number(count)});
  }

  // `count` rows of one panel, over k in [begin, end).
  void tileOf(Value sums, Value slot, Value group, Value panelNumber, Value begin, Value end, int64_t count) {
    auto place = [&](int64_t number) {
      return SmallVector<Value>{slot, index(number / vectors), index(number % vectors * tile.lanes)};
    };
    Value isFirst = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::eq, begin, index(0));
    Value zero = arith::ConstantOp::create(builder, location, builder.getZeroAttr(vectorOf(f32)));
    SmallVector<Value> values;
    for (int64_t number = 0; number < count * vectors; ++number) {
      Value before = vector::LoadOp::create(builder, location, vectorOf(f32), sums, place(number));
      values.push_back(arith::SelectOp::create(builder, location, isFirst, zero, before));
    }
    values = loop(begin, end, 1, values, [&](Value k, ValueRange carried) {
      SmallVector<Value> next(carried), scalars;
      for (int64_t r = 0; r < count; ++r)
        scalars.push_back(memref::LoadOp::create(builder, location, packed, ValueRange{group, k, index(r)}));
      accumulate(scalars, panelNumber, k, next);
      return next;
    });
    for (auto [number, value] : llvm::enumerate(values))
      vector::StoreOp::create(builder, location, value, sums, place(number));
  }

  // One row: every panel is read once, from its first byte to its last.
  void single() {
    Value zero = index(0), whole = wholeSteps(depth, kUnroll);
    tasks(panels, grain(mul(depth, index(panel))), [&](Value first, Value last) {
      Value sums = sumsOf(1);
      loop(first, last, 1, [&](Value panelNumber) {
        auto row = [&](Value k) {
          return Value(memref::LoadOp::create(builder, location, input, ValueRange{zero, k}));
        };
        Value none = arith::ConstantOp::create(builder, location, builder.getZeroAttr(vectorOf(f32)));
        SmallVector<Value> chains =
            loop(zero, whole, kUnroll, SmallVector<Value>(kUnroll * vectors, none), [&](Value k, ValueRange carried) {
              SmallVector<Value> next(carried);
              for (int64_t u = 0; u < kUnroll; ++u) {
                Value at = add(k, index(u));
                accumulate(extended(row(at)), panelNumber, at, MutableArrayRef(next).slice(u * vectors, vectors));
              }
              return next;
            });
        SmallVector<Value> rest =
            loop(whole, depth, 1, ArrayRef(chains).take_front(vectors), [&](Value k, ValueRange carried) {
              SmallVector<Value> next(carried);
              accumulate(extended(row(k)), panelNumber, k, next);
              return next;
            });
        for (int64_t v = 0; v < vectors; ++v) {
          Value sum = rest[v];
          for (int64_t u = 1; u < kUnroll; ++u)
            sum = arith::AddFOp::create(builder, location, sum, chains[u * vectors + v]);
          vector::StoreOp::create(builder, location, sum, sums, ValueRange{zero, zero, index(v * tile.lanes)});
        }
        callFinish(sums, zero, zero, panelNumber, index(1));
      });
    });
  }

  Value extended(Value scalar) {
    return scalar.getType() == f32 ? scalar : arith::ExtFOp::create(builder, location, f32, scalar).getResult();
  }

  // Many rows: a task is a block of panels for a block of rows. Sums wait between blocks of k in the task's memory.
  void blocks() {
    Value blockRows = index(tile.rows * kTiles), groups = ceilDiv(panels, index(kPanels));
    Value products = mul(min(rows, blockRows), mul(depth, index(kPanels * panel)));
    // Few rows read the weight once, from its first byte to its last.
    Value isFew = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::ule, rows, index(tile.rows));
    Value step = arith::SelectOp::create(builder, location, isFew, depth, index(kDepth));
    Value isOne = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::ule, depth, step);
    Value slots = arith::SelectOp::create(builder, location, isOne, index(0), index(1));
    tasks(mul(groups, ceilDiv(rows, blockRows)), grain(products), [&](Value first, Value last) {
      Value sums = sumsOf(kPanels * kTiles);
      loop(first, last, 1, [&](Value point) {
        Value firstPanel = mul(rem(point, groups), index(kPanels)),
              lastPanel = min(panels, add(firstPanel, index(kPanels)));
        Value firstRow = mul(div(point, groups), blockRows), lastRow = min(rows, add(firstRow, blockRows));
        loop(index(0), ceilDiv(depth, step), 1, [&](Value block) {
          Value begin = mul(block, step), end = min(depth, add(begin, step));
          Value isLast = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::eq, end, depth);
          loop(firstRow, lastRow, tile.rows, [&](Value row) {
            Value count = min(index(tile.rows), sub(lastRow, row)), group = div(row, index(tile.rows));
            loop(firstPanel, lastPanel, 1, [&](Value panelNumber) {
              Value slot =
                  add(mul(div(sub(row, firstRow), index(tile.rows)), index(kPanels)), sub(panelNumber, firstPanel));
              slot = mul(slot, slots);
              forCount(count, [&](int64_t known) { tileOf(sums, slot, group, panelNumber, begin, end, known); });
              ifThen(isLast, [&] { callFinish(sums, slot, row, panelNumber, count); });
            });
          });
        });
      });
    });
  }

  // One copy of the code for each count of rows.
  void forCount(Value count, llvm::function_ref<void(int64_t)> inside) {
    SmallVector<int64_t> fewer = llvm::to_vector(llvm::seq<int64_t>(1, tile.rows));
    scf::IndexSwitchOp select = scf::IndexSwitchOp::create(builder, location, TypeRange(), count, fewer, fewer.size());
    OpBuilder around = builder;
    auto fill = [&](Region &region, int64_t known) {
      builder.setInsertionPointToStart(&region.emplaceBlock());
      inside(known);
      scf::YieldOp::create(builder, location);
    };
    for (auto [region, known] : llvm::zip(select.getCaseRegions(), fewer))
      fill(region, known);
    fill(select.getDefaultRegion(), tile.rows);
    builder = around;
  }

  Tile tile;
  Value input, packed, weight, finish, record;
  Type element, f32;
  int64_t panel, vectors;
  Value rows, depth, panels;
};
} // namespace

func::FuncOp buildProduct(OpBuilder &builder, StringRef name, ProductOp op, Tile tile) {
  MLIRContext *context = builder.getContext();
  int64_t any = ShapedType::kDynamic;
  auto elementOf = [](Value value) { return cast<MemRefType>(value.getType()).getElementType(); };
  int64_t panel = cast<MemRefType>(op.getWeight().getType()).getDimSize(2);
  Type pointer = LLVM::LLVMPointerType::get(context);
  SmallVector<Type> types{
      pointer,
      MemRefType::get({any, any}, elementOf(op.getInput()), StridedLayoutAttr::get(context, any, {any, any})),
      MemRefType::get({any, any, tile.rows}, builder.getF32Type()),
      MemRefType::get({any, any, panel}, elementOf(op.getWeight())),
      pointer,
      pointer};
  auto function = func::FuncOp::create(builder, UnknownLoc::get(context), name, builder.getFunctionType(types, {}));
  function.setPrivate();
  ProductKernel(OpBuilder::atBlockEnd(function.addEntryBlock()), function, tile).emit();
  return function;
}

} // namespace varve::target::cpu
