// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/target/cpu/Loops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace varve::target::cpu {

namespace {
// While it lives, the builder inserts where another one does.
class Within {
public:
  Within(OpBuilder &builder, OpBuilder &inner) : builder(builder), saved(builder) { builder = inner; }
  ~Within() { builder = saved; }

private:
  OpBuilder &builder;
  OpBuilder saved;
};
} // namespace

Value Loops::index(int64_t value) { return arith::ConstantIndexOp::create(builder, location, value); }
Value Loops::add(Value a, Value b) { return arith::AddIOp::create(builder, location, a, b); }
Value Loops::sub(Value a, Value b) { return arith::SubIOp::create(builder, location, a, b); }
Value Loops::mul(Value a, Value b) { return arith::MulIOp::create(builder, location, a, b); }
Value Loops::div(Value a, Value b) { return arith::DivUIOp::create(builder, location, a, b); }
Value Loops::rem(Value a, Value b) { return arith::RemUIOp::create(builder, location, a, b); }
Value Loops::min(Value a, Value b) { return arith::MinSIOp::create(builder, location, a, b); }
Value Loops::max(Value a, Value b) { return arith::MaxSIOp::create(builder, location, a, b); }
Value Loops::ceilDiv(Value a, Value b) { return div(add(a, sub(b, index(1))), b); }
Value Loops::wholeSteps(Value size, int64_t step) { return sub(size, rem(size, index(step))); }

void Loops::loop(Value begin, Value end, int64_t step, llvm::function_ref<void(Value)> inside) {
  scf::ForOp::create(builder, location, begin, end, index(step), ValueRange(),
                     [&](OpBuilder &nested, Location, Value i, ValueRange) {
                       Within within(builder, nested);
                       inside(i);
                       scf::YieldOp::create(builder, location);
                     });
}

SmallVector<Value> Loops::loop(Value begin, Value end, int64_t step, ValueRange carried, Carry inside) {
  auto result = scf::ForOp::create(builder, location, begin, end, index(step), carried,
                                   [&](OpBuilder &nested, Location, Value i, ValueRange values) {
                                     Within within(builder, nested);
                                     scf::YieldOp::create(builder, location, inside(i, values));
                                   });
  return SmallVector<Value>(result.getResults());
}

void Loops::tasks(Value total, Value grain, llvm::function_ref<void(Value, Value)> inside) {
  OpFoldResult count = ceilDiv(total, grain);
  scf::ForallOp::create(builder, location, ArrayRef<OpFoldResult>{count}, ValueRange(), std::nullopt,
                        [&](OpBuilder &nested, Location, ValueRange task) {
                          Within within(builder, nested);
                          Value begin = mul(task[0], grain);
                          inside(begin, min(total, add(begin, grain)));
                          scf::InParallelOp::create(builder, location);
                        });
}

SmallVector<Value> Loops::unrolled(Value begin, Value end, int64_t count, ValueRange carried, Advance inside,
                                   llvm::function_ref<void(Value)> once) {
  auto steps = [&](Value from, Value to, int64_t together, ValueRange values) {
    return loop(from, to, together, values, [&](Value i, ValueRange inner) {
      SmallVector<Value> next(inner);
      if (once && together == count)
        once(i);
      for (int64_t u = 0; u < together; ++u)
        inside(u == 0 ? i : add(i, index(u)), next);
      return next;
    });
  };
  if (count == 1)
    return steps(begin, end, 1, carried);
  Value whole = add(begin, wholeSteps(sub(end, begin), count));
  return steps(whole, end, 1, steps(begin, whole, count, carried));
}

void Loops::parallel(Value total, Value grain, llvm::function_ref<void(Value)> inside) {
  tasks(total, grain, [&](Value first, Value last) { loop(first, last, 1, inside); });
}

Value Loops::evenGrain(Value total, Value grain) {
  Value count = max(ceilDiv(total, max(grain, index(1))), index(1));
  return max(ceilDiv(total, count), index(1));
}

void Loops::ifThen(Value condition, llvm::function_ref<void()> inside) {
  scf::IfOp::create(builder, location, condition, [&](OpBuilder &nested, Location) {
    Within within(builder, nested);
    inside();
    scf::YieldOp::create(builder, location);
  });
}

void Loops::ifThenElse(Value condition, llvm::function_ref<void()> inside, llvm::function_ref<void()> otherwise) {
  auto branch = [&](llvm::function_ref<void()> fn) {
    return [this, fn](OpBuilder &nested, Location) {
      Within within(builder, nested);
      fn();
      scf::YieldOp::create(builder, location);
    };
  };
  scf::IfOp::create(builder, location, condition, branch(inside), branch(otherwise));
}

void Loops::cases(Value value, ArrayRef<int64_t> known, llvm::function_ref<void(std::optional<int64_t>)> inside) {
  auto choice = scf::IndexSwitchOp::create(builder, location, TypeRange(), value, known, known.size());
  auto fill = [&](Region &region, std::optional<int64_t> which) {
    OpBuilder nested = OpBuilder::atBlockBegin(&region.emplaceBlock());
    Within within(builder, nested);
    inside(which);
    scf::YieldOp::create(builder, location);
  };
  for (auto [region, each] : llvm::zip(choice.getCaseRegions(), known))
    fill(region, each);
  fill(choice.getDefaultRegion(), std::nullopt);
}

} // namespace varve::target::cpu
