// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void ops_Random() {
  // random_bits
  {
    random_bits(7, 0, {3}).print("bits");
    // bits i32 [3]
    // [ -195003859, -1073088036,   490388034]
  }
  // random_uniform
  {
    random_uniform(7, 0, {3}).print("numbers");
    // numbers f32 [3]
    // [0.954597, 0.750152, 0.114177]
    random_uniform(7, 1, {3}).print("others, of another stream");
    // others, of another stream f32 [3]
    // [ 0.49504, 0.171735, 0.311222]
  }
  // random_normal
  {
    Value x = random_normal(7, 0, {1000});
    round(10 * reduce_mean(x)).print("mean, in tenths");
    // mean, in tenths f32 []
    // 0
    round(10 * reduce_mean(x * x)).print("variance, in tenths");
    // variance, in tenths f32 []
    // 11
  }
  // random_integers
  {
    random_integers(7, 0, {6}, 1, 7).print("dice");
    // dice i64 [6]
    // [6, 5, 1, 1, 3, 5]
  }
}
