// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/session/RunContext.h"
#include "lib/runtime/Quote.h"
#include "lib/runtime/session/Arguments.h"
#include "lib/runtime/tensor/Compare.h"
#include "varve/runtime/Print.h"
#include <utility>

namespace varve::runtime {
namespace {

// `items[index]`, or an error: the index comes from generated code.
template <typename T> const T &at(const std::vector<T> &items, int64_t index, const char *what) {
  if (index < 0 || static_cast<size_t>(index) >= items.size())
    throw Error("expects code that names one of its manifest's " + std::to_string(items.size()) + " " + what +
                ", but got number " + std::to_string(index));
  return items[static_cast<size_t>(index)];
}

// A view of what the code shows.
template <typename Info> Tensor viewed(const Info &info, const void *data, const int64_t *sizes) {
  return Tensor::view(info.dtype, {sizes, sizes + info.rank}, data, nullptr);
}

std::string text_of(const PrintInfo &info, const std::string &layer, const Tensor &value) {
  PrintStyle style = info.style == "full"         ? PrintStyle::full
                     : info.style == "statistics" ? PrintStyle::statistics
                                                  : PrintStyle::compact;
  std::string path = join_path({layer, info.label});
  return path + (path.empty() ? "" : " ") + value.type() + "\n" + to_text(value, style) + "\n";
}

} // namespace

void RunContext::on_parallel(abi::Context *context, abi::Kernel kernel, const void *arguments, int64_t tasks) {
  RunContext &self = of(context);
  if (!self.profiler)
    return self.pool.run(kernel, context, arguments, tasks);
  self.profiler->parallel(kernel, context, arguments, tasks);
  self.guarded([&] { self.profiler->collect(); });
}

void RunContext::on_fail(abi::Context *context, int64_t failure, int64_t value, int64_t bound) {
  RunContext &self = of(context);
  if (self.failed.test_and_set(std::memory_order_relaxed))
    return;
  self.failure = failure;
  self.value = value;
  self.bound = bound;
}

// Generated code cannot be unwound: what is thrown waits for `finish`.
template <typename Body> void RunContext::guarded(Body body) {
  std::lock_guard lock(mutex);
  if (exception)
    return;
  try {
    body();
  } catch (...) {
    exception = std::current_exception();
  }
}

void RunContext::on_print(abi::Context *context, int64_t call_site, int64_t print, const void *data,
                          const int64_t *sizes) {
  of(context).guarded([&] { of(context).print(call_site, print, data, sizes); });
}

void RunContext::on_tap(abi::Context *context, int64_t call_site, int64_t tap, const void *data, const int64_t *sizes) {
  of(context).guarded([&] { of(context).call_taps(call_site, tap, data, sizes); });
}

void RunContext::on_profile(abi::Context *context, int64_t call_site, int64_t event, int64_t ends) {
  RunContext &self = of(context);
  if (self.profiler)
    self.guarded([&] { self.profiler->mark(call_site, event, ends != 0); });
}

const abi::Api RunContext::table = {on_parallel, on_fail, on_print, on_tap, on_profile};

RunContext::RunContext(const Manifest &manifest, ThreadPool &pool, PrintSink sink, std::filesystem::path folder)
    : abi::Context{&table, pool.threads(), nullptr}, manifest(manifest), pool(pool),
      sink(sink ? std::move(sink) : print_to(stderr)), files(std::move(folder)) {}

void RunContext::tap(std::string_view pattern, TapFunction function) {
  Glob glob(pattern);
  if (!function)
    throw Error("expects a function for the taps that match " + quote(pattern) + ", but got none");
  std::vector<uint8_t> on = tapped;
  on.resize(manifest.taps.size());
  size_t count = 0, matched = 0;
  std::string paths;
  for (size_t i = 0; i < manifest.taps.size(); ++i)
    for (uint32_t site : manifest.taps[i].call_sites) {
      std::string path = join_path({manifest.call_sites[site], manifest.taps[i].layer, manifest.taps[i].label});
      if (glob.matches(path)) {
        on[i] = 1;
        ++matched;
      }
      constexpr size_t shown = 6;
      if (count <= shown)
        paths += count == 0 ? " (" + path : count < shown ? ", " + path : ", ..";
      ++count;
    }
  if (matched == 0)
    throw Error("expects a glob that matches one of the " + std::to_string(count) + " taps" + paths +
                (paths.empty() ? "" : ")") + ", but got " + quote(pattern));
  tapping.emplace_back(std::move(glob), std::move(function));
  tapped = std::move(on);
  taps = tapped.data();
}

void RunContext::clear_taps() {
  taps = nullptr;
  tapped.clear();
  tapping.clear();
}

void RunContext::begin() {
  failed.clear(std::memory_order_relaxed);
  exception = nullptr;
}

void RunContext::finish() {
  if (failed.test(std::memory_order_relaxed)) {
    const MessageInfo &info = at(manifest.failures, failure, "failures");
    std::string message = info.message;
    constexpr std::string_view placeholder = "{bound}";
    if (size_t begin = message.find(placeholder); begin != std::string::npos)
      message.replace(begin, placeholder.size(), std::to_string(bound));
    throw located(message + ", but got " + std::to_string(value), info.layer, info.location);
  }
  if (exception)
    std::rethrow_exception(std::exchange(exception, nullptr));
}

void RunContext::print(int64_t call_site, int64_t number, const void *data, const int64_t *sizes) {
  const PrintInfo &info = at(manifest.prints, number, "prints");
  std::string layer = join_path({at(manifest.call_sites, call_site, "call sites"), info.layer});
  Tensor value = viewed(info, data, sizes);
  if (!info.to.empty() || info.style == "finite") {
    try {
      show(info, layer, value);
    } catch (const Error &error) {
      throw located(error.message(), layer, info.location);
    }
  } else {
    sink(text_of(info, layer, value));
  }
}

void RunContext::show(const PrintInfo &info, const std::string &layer, const Tensor &value) {
  if (info.style == "finite") {
    if (std::string found = not_finite(value); !found.empty())
      throw Error("expects " + (info.label.empty() ? "a value" : quote(info.label)) +
                  " without NaN and infinities, but got " + found);
  } else if (info.style == "dump") {
    files.dump(info, layer, value);
  } else if (info.style == "compare") {
    files.compare(info, layer, value);
  } else if (info.style == "full" && info.to.ends_with(".npy")) {
    files.save(info.to, value);
  } else {
    files.append(info.to, text_of(info, layer, value));
  }
}

void RunContext::call_taps(int64_t call_site, int64_t number, const void *data, const int64_t *sizes) {
  const TapPlace &info = at(manifest.taps, number, "taps");
  Tap tap{join_path({at(manifest.call_sites, call_site, "call sites"), info.layer, info.label}),
          viewed(info, data, sizes)};
  for (const auto &[glob, function] : tapping)
    if (glob.matches(tap.path))
      function(tap);
}

} // namespace varve::runtime
