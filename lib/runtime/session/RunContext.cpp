// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/session/RunContext.h"
#include "lib/runtime/session/Arguments.h"
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

PrintStyle style(const std::string &name) {
  return name == "full" ? PrintStyle::full : name == "statistics" ? PrintStyle::statistics : PrintStyle::compact;
}

} // namespace

void RunContext::on_parallel(abi::Context *context, abi::Kernel kernel, const void *arguments, int64_t tasks) {
  of(context).pool.run(kernel, context, arguments, tasks);
}

void RunContext::on_fail(abi::Context *context, int64_t failure, int64_t value, int64_t bound) {
  RunContext &self = of(context);
  if (self.failed.test_and_set(std::memory_order_relaxed))
    return;
  self.failure = failure;
  self.value = value;
  self.bound = bound;
}

void RunContext::on_print(abi::Context *context, int64_t call_site, int64_t print, const void *data,
                          const int64_t *sizes) {
  try {
    of(context).print(call_site, print, data, sizes);
  } catch (...) { // generated code cannot be unwound: `finish` throws it
    of(context).record(std::current_exception());
  }
}

const abi::Api RunContext::table = {on_parallel, on_fail, on_print};

RunContext::RunContext(const Manifest &manifest, ThreadPool &pool, PrintSink sink)
    : abi::Context{&table, pool.threads()}, manifest(manifest), pool(pool),
      sink(sink ? std::move(sink) : print_to(stderr)) {}

void RunContext::begin() {
  failed.clear(std::memory_order_relaxed);
  exception = nullptr;
}

void RunContext::finish() {
  if (failed.test(std::memory_order_relaxed)) {
    const FailureInfo &info = at(manifest.failures, failure, "failures");
    std::string message = info.message;
    constexpr std::string_view placeholder = "{bound}";
    if (size_t begin = message.find(placeholder); begin != std::string::npos)
      message.replace(begin, placeholder.size(), std::to_string(bound));
    throw located(message + ", but got " + std::to_string(value), info.layer, info.location);
  }
  if (exception)
    std::rethrow_exception(std::exchange(exception, nullptr));
}

void RunContext::record(std::exception_ptr thrown) {
  std::lock_guard lock(mutex);
  if (!exception)
    exception = std::move(thrown);
}

void RunContext::print(int64_t call_site, int64_t number, const void *data, const int64_t *sizes) {
  const PrintInfo &info = at(manifest.prints, number, "prints");
  const std::string &site = at(manifest.call_sites, call_site, "call sites");
  Tensor tensor = Tensor::view(info.dtype, {sizes, sizes + info.rank}, data, nullptr);
  std::string text = site + (site.empty() || info.label.empty() ? "" : ".") + info.label;
  text += (text.empty() ? "" : " ") + tensor.type() + "\n" + to_text(tensor, style(info.style)) + "\n";
  std::lock_guard lock(mutex);
  sink(text);
}

} // namespace varve::runtime
