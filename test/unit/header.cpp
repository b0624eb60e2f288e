// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Nothing: CMake makes a precompiled header only for a target with a file that is compiled with it.
