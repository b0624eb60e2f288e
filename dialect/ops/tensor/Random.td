// Random numbers: functions of a key and a place, the same on every machine.
#ifndef VARVE_OPS_RANDOM_TD
#define VARVE_OPS_RANDOM_TD
include "dialect/ops/Base.td"

def Varve_RandomOp : Varve_ComputeOp<"random"> {
  let summary = "random numbers that a key and a stream determine";
  let description = [{
    Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011). Element `i`, counted in row-major order, is made
    of word `i mod 4` of the block whose key is (low, high half of key) and whose counter is (low, high half of `i / 4`, low, high half
    of stream). So the same key and stream give the same numbers, of any shape, and streams of one key are independent.

    - `bits`: the word itself, as an i32.
    - `uniform`: its first p bits times 2^-p, in [0, 1); p is 24 for f32, 11 for f16, 8 for bf16.
    - `normal`: of mean 0 and variance 1, by Box and Muller's method in f32. Of each two elements a and b are the two words' first 24
      bits times 2^-24: the first element is `sqrt(-2 log(a + 2^-24)) * cos(2 pi b)`, the second one has the sine.

    **Shapes**: the result has the given shape.

    **Constraints**
    - C1: no dimension is negative.
    - C2: key and stream have no dimensions.
    - C3: the element type is i32 for `bits`, and f32, f16 or bf16 for `uniform` and `normal`.

    **Example**
    ```mlir
    %0 = varve.random %key, %stream {shape = #varve.dims<2, seq>, dtype = f32, distribution = "normal"} : (tensor<i64>, tensor<i64>) -> tensor<2x?xf32, #varve.dims<2, seq>>
    ```
  }];
  let arguments = (ins Varve_LongTensor:$key, Varve_LongTensor:$stream, Varve_DimsAttr:$shape, TypeAttr:$dtype,
      Varve_WordAttr<["bits", "uniform", "normal"]>:$distribution);
  let results = (outs Varve_NumberTensor:$result);
}
#endif
