// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/Device.h"
#include "lib/runtime/Quote.h"
#include "varve/Error.h"
#include <charconv>

namespace varve {

static std::string_view name_of(Device::Kind kind) { return kind == Device::Kind::cpu ? "cpu" : "cuda"; }

std::string Device::str() const { return std::string(name_of(kind)) + ":" + std::to_string(index); }

Device Device::parse(std::string_view text) {
  for (Kind kind : {Kind::cpu, Kind::cuda}) {
    std::string_view rest = text;
    if (!rest.starts_with(name_of(kind)))
      continue;
    rest.remove_prefix(name_of(kind).size());
    if (rest.empty())
      return {kind, 0};
    int64_t index = -1;
    auto [end, error] = std::from_chars(rest.data() + 1, rest.data() + rest.size(), index);
    if (rest[0] == ':' && error == std::errc() && end == rest.data() + rest.size() && index >= 0)
      return {kind, index};
  }
  throw Error("expects a device such as cpu:0 or cuda:1, but got " + runtime::quote(text));
}

} // namespace varve
