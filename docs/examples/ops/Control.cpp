// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void ops_Control() {
  // cond
  {
    Value x = constant(Tensor::from<float>({2}, {3, -1}));
    Value y = cond(greater(reduce_sum(x), 0), [&] { return sqrt(abs(x)); }, [&] { return -x; });
    y.print("y");
    // y f32 [2]
    // [1.73205,       1]
  }
  // loop
  {
    Value x = constant(1, f32);
    loop(5, x, [](Value x) { return 2 * x; }).print("five times");
    // five times f32 []
    // 32
    loop(While([](Value x) { return less(x, 100); }), x, [](Value x) { return 3 * x; }).print("while");
    // while f32 []
    // 243
  }
  // scan
  {
    Value xs = constant(Tensor::from<float>({3}, {1, 2, 3}));
    auto [last, sums] = scan(xs, constant(0, f32), [](Value sum, Value x) {
      Value next = sum + x;
      return std::pair(next, next);
    });
    sums.print("sums");
    // sums f32 [3]
    // [1, 3, 6]
    last.print("last");
    // last f32 []
    // 6
  }
}
