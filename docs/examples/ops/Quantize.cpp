// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "docs/examples/Examples.h"

using namespace varve;

void ops_Quantize() {
  // dequantize
  {
    Value weight = constant(Tensor::from<float>({2, 2}, {1, 2, 3, 4})); // or one in blocks of an encoding
    Value scales = constant(Tensor::from<float>({2, 1}, {1, 0.1f}));    // one for each row
    dequantize(weight, scales).print("numbers");
    // numbers f32 [2, 2]
    // [[  1,   2],
    //  [0.3, 0.4]]
  }
  // dequantize_gptq
  {
    // Eight quants of 4 bits in each number: here in = out = 8, all of one group.
    std::vector<int32_t> quants(8, 0x76543210), zeros = {0x11111111};
    Value qweight = constant(Tensor::from<int32_t>({1, 8}, quants));
    Value qzeros = constant(Tensor::from<int32_t>({1, 1}, zeros));
    Value scales = constant(Tensor::from<float>({1, 8}, std::vector<float>(8, 0.5)));
    Value groups = constant(Tensor::zeros(i32, {8}));
    dequantize_gptq(qweight, qzeros, scales, groups)(slice(), 0).print("first column");
    // first column f32 [8]
    // [  -1, -0.5,    0,  0.5,    1,  1.5,    2,  2.5]
  }
}
