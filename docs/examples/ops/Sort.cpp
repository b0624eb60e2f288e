// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void ops_Sort() {
  // sort
  {
    Value x = constant(Tensor::from<float>({4}, {3, 1, 2, 1}));
    auto [values, indices] = sort(x, {.descending = true});
    values.print("values");
    // values f32 [4]
    // [3, 2, 1, 1]
    indices.print("were at");
    // were at i64 [4]
    // [0, 2, 1, 3]
  }
  // argsort
  {
    Value x = constant(Tensor::from<float>({4}, {3, 1, 2, 1}));
    argsort(x).print("order");
    // order i64 [4]
    // [1, 3, 2, 0]
  }
  // top_k
  {
    Value x = constant(Tensor::from<float>({2, 3}, {1, 9, 3, 4, 5, 6}));
    auto [values, indices] = top_k(x, 2);
    values.print("values");
    // values f32 [2, 2]
    // [[9, 3],
    //  [6, 5]]
    indices.print("places");
    // places i64 [2, 2]
    // [[1, 2],
    //  [2, 1]]
  }
}
