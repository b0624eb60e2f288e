// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Random numbers. They are a function of a key (the seed) and a stream, two i64 values or numbers: the same on every machine and
// with any number of threads. Use another stream for each tensor of numbers, and another key, or stream, for each run.
//   Value noise = random_normal(seed, 0, {"batch", 64});
//
// Philox4x32-10; docs/reference/random.md tells which bits an element has.
// **Shapes** the given one. **Throws** `Error`. **Source** https://doi.org/10.1145/2063384.2063405
#pragma once
#include "varve/Weight.h"

namespace varve {

/// 32 random bits, as i32. **Shapes** the given one. **Types** key and stream i64, without dimensions, as for all functions here.
/// **Throws** `Error`. **IR** `varve.random`.
Value random_bits(Operand key, Operand stream, Shape shape);
/// Numbers in [0, 1), each of the multiples of 2^-24 (f16: 2^-11, bf16: 2^-8) as likely. **Types** f32, f16, bf16.
/// **Throws** `Error`. **IR** `varve.random`.
Value random_uniform(Operand key, Operand stream, Shape shape, DType dtype = f32);
/// Numbers of mean 0 and variance 1. **Types** f32, f16, bf16. **Throws** `Error`. **IR** `varve.random`.
Value random_normal(Operand key, Operand stream, Shape shape, DType dtype = f32);
/// Integers in [low, high), each as likely up to one part in 2^32 / (high - low). **Types** i64. **Throws** `Error` if there is none, or they are
/// more than 2^31. **IR** `varve.random` and arithmetic.
Value random_integers(Operand key, Operand stream, Shape shape, int64_t low, int64_t high);

} // namespace varve
