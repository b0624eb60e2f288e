// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Blocking after Goto and van de Geijn, "Anatomy of High-Performance Matrix Multiplication", with the right-hand side
// packed when it was bound. One row at a time reads each panel as one stream; more rows share a block of panels in cache.
// Each element of y is one chain of sums in the order of k within a block of k, whatever the number of rows or threads.
#include "lib/target/cpu/MatmulKernel.h"
#include "lib/lower/Lower.h"
#include "lib/target/cpu/Loops.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace varve::target::cpu {

namespace {
constexpr int64_t kDepth = 512; // k of a block: 4 panels of it in f32 are 256 KiB, a quarter of a level-2 cache
constexpr int64_t kPanels = 4;  // panels of a block
constexpr int64_t kTaskProducts = 262144; // products that are worth a task of their own
constexpr int64_t kUnroll = 4;            // chains of sums for a single row: latency of a fused multiply-add

class Kernel : Loops {
public:
  Kernel(OpBuilder builder, Location location, func::FuncOp function, Type element, MatmulTile tile)
      : Loops(builder, location), element(element), tile(tile), x(function.getArgument(1)), w(function.getArgument(2)),
        y(function.getArgument(3)) {}

  void emit() {
    rows = memref::DimOp::create(builder, location, x, 0);
    depth = memref::DimOp::create(builder, location, x, 1);
    panels = memref::DimOp::create(builder, location, w, 0);
    Value isRow = arith::CmpIOp::create(builder, location, arith::CmpIPredicate::eq, rows, index(1));
    ifThenElse(isRow, [&] { single(); }, [&] { blocks(); });
    func::ReturnOp::create(builder, location);
  }

private:
  VectorType vectorOf(Type type) { return VectorType::get({tile.lanes}, type); }
  int64_t vectors() const { return tile.panel / tile.lanes; }

  // How many units of so many products make a task.
  Value grain(Value products) { return max(div(index(kTaskProducts), max(products, index(1))), index(1)); }

  SmallVector<Value> loadWeights(Value panel, Value k) {
    SmallVector<Value> result;
    for (int64_t v = 0; v < vectors(); ++v) {
      Value values =
          vector::LoadOp::create(builder, location, vectorOf(element), w, ValueRange{panel, k, index(v * tile.lanes)});
      if (element != builder.getF32Type())
        values = arith::ExtFOp::create(builder, location, vectorOf(builder.getF32Type()), values);
      result.push_back(values);
    }
    return result;
  }

  // sums[r][v] += x[row + r, k] * w[panel, k, v]
  void accumulate(Value row, Value panel, Value k, int64_t count, MutableArrayRef<Value> sums) {
    SmallVector<Value> weights = loadWeights(panel, k);
    for (int64_t r = 0; r < count; ++r) {
      Value scalar = memref::LoadOp::create(builder, location, x, ValueRange{add(row, index(r)), k});
      Value wide = vector::BroadcastOp::create(builder, location, vectorOf(builder.getF32Type()), scalar);
      for (int64_t v = 0; v < vectors(); ++v) {
        Value &sum = sums[r * vectors() + v];
        sum = vector::FMAOp::create(builder, location, wide, weights[v], sum);
      }
    }
  }

  // `count` rows of one panel, over k in [begin, end), added to y.
  void tileOf(Value row, Value panel, Value begin, Value end, int64_t count) {
    SmallVector<Value> sums;
    auto place = [&](int64_t number) {
      return SmallVector<Value>{add(row, index(number / vectors())), panel, index(number % vectors() * tile.lanes)};
    };
    for (int64_t number = 0; number < count * vectors(); ++number)
      sums.push_back(vector::LoadOp::create(builder, location, vectorOf(builder.getF32Type()), y, place(number)));
    sums = loop(begin, end, 1, sums, [&](Value k, ValueRange carried) {
      SmallVector<Value> next(carried);
      accumulate(row, panel, k, count, next);
      return next;
    });
    for (auto [number, sum] : llvm::enumerate(sums))
      vector::StoreOp::create(builder, location, sum, y, place(number));
  }

  // One row: every panel is read once, from its first byte to its last.
  void single() {
    Value zero = index(0), whole = wholeSteps(depth, kUnroll);
    parallel(panels, grain(mul(depth, index(tile.panel))), [&](Value panel) {
      Value none = arith::ConstantOp::create(builder, location, builder.getZeroAttr(vectorOf(builder.getF32Type())));
      SmallVector<Value> sums =
          loop(zero, whole, kUnroll, SmallVector<Value>(kUnroll * vectors(), none), [&](Value k, ValueRange carried) {
            SmallVector<Value> next(carried);
            for (int64_t u = 0; u < kUnroll; ++u)
              accumulate(zero, panel, add(k, index(u)), 1, MutableArrayRef(next).slice(u * vectors(), vectors()));
            return next;
          });
      SmallVector<Value> rest =
          loop(whole, depth, 1, ArrayRef(sums).take_front(vectors()), [&](Value k, ValueRange carried) {
            SmallVector<Value> next(carried);
            accumulate(zero, panel, k, 1, next);
            return next;
          });
      for (int64_t v = 0; v < vectors(); ++v) {
        Value sum = rest[v];
        for (int64_t u = 1; u < kUnroll; ++u)
          sum = arith::AddFOp::create(builder, location, sum, sums[u * vectors() + v]);
        SmallVector<Value> place{zero, panel, index(v * tile.lanes)};
        Value before = vector::LoadOp::create(builder, location, vectorOf(builder.getF32Type()), y, place);
        vector::StoreOp::create(builder, location, arith::AddFOp::create(builder, location, before, sum), y, place);
      }
    });
  }

  // Many rows: a task is a block of panels for a block of rows.
  void blocks() {
    Value blockRows = index(tile.rows * 8), groups = ceilDiv(panels, index(kPanels));
    Value products = mul(min(rows, blockRows), mul(depth, index(kPanels * tile.panel)));
    parallel(mul(groups, ceilDiv(rows, blockRows)), grain(products), [&](Value point) {
      Value firstPanel = mul(rem(point, groups), index(kPanels)),
            lastPanel = min(panels, add(firstPanel, index(kPanels)));
      Value firstRow = mul(div(point, groups), blockRows), lastRow = min(rows, add(firstRow, blockRows));
      Value whole = add(firstRow, wholeSteps(sub(lastRow, firstRow), tile.rows));
      loop(index(0), depth, kDepth, [&](Value begin) {
        Value end = min(depth, add(begin, index(kDepth)));
        auto overPanels = [&](Value row, int64_t count) {
          loop(firstPanel, lastPanel, 1, [&](Value panel) { tileOf(row, panel, begin, end, count); });
        };
        loop(firstRow, whole, tile.rows, [&](Value row) { overPanels(row, tile.rows); });
        Value rest = sub(lastRow, whole);
        for (int64_t count = 1; count < tile.rows; ++count)
          ifThen(arith::CmpIOp::create(builder, location, arith::CmpIPredicate::eq, rest, index(count)),
                 [&] { overPanels(whole, count); });
      });
    });
  }

  Type element;
  MatmulTile tile;
  Value x, w, y, rows, depth, panels;
};
} // namespace

func::FuncOp buildMatmulKernel(OpBuilder &builder, Location location, StringRef name, Type element, MatmulTile tile) {
  int64_t any = ShapedType::kDynamic;
  auto layout = StridedLayoutAttr::get(builder.getContext(), any, {any, 1});
  Type f32 = builder.getF32Type();
  SmallVector<Type> inputs{LLVM::LLVMPointerType::get(builder.getContext()), MemRefType::get({any, any}, f32, layout),
                           MemRefType::get({any, any, tile.panel}, element),
                           MemRefType::get({any, any, tile.panel}, f32)};
  auto function = func::FuncOp::create(builder, location, name, builder.getFunctionType(inputs, {}));
  function.setPrivate();
  Kernel(OpBuilder::atBlockEnd(function.addEntryBlock()), location, function, element, tile).emit();
  return function;
}

} // namespace varve::target::cpu
