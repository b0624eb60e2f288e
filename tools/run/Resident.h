// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What of this process is in memory, as the system counts it.
#pragma once
#include <cstddef>
#include <string_view>

namespace varve::run {

/// Bytes of a field of /proc/self/status: VmRSS, resident now; RssAnon, of that no file's; VmHWM, the most that was ever resident. 0 if there is no such.
size_t resident(std::string_view field);

} // namespace varve::run
