// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/session/Profiler.h"
#include "lib/runtime/Json.h"
#include <algorithm>

namespace varve::runtime {
namespace {

using Json = nlohmann::ordered_json;

std::string joined(const std::vector<std::string> &names) {
  constexpr size_t shown = 4;
  std::string text;
  for (size_t i = 0; i < std::min(names.size(), shown); ++i)
    text += (i ? " + " : "") + names[i];
  if (names.size() > shown)
    text += " + " + std::to_string(names.size() - shown) + " more";
  return text;
}

std::vector<std::string> parts_of(const std::string &path) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin < path.size();) {
    size_t end = std::min(path.find('.', begin), path.size());
    parts.push_back(path.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

double us(int64_t nanoseconds) { return static_cast<double>(nanoseconds) * 1e-3; }

Json slice(const std::string &name, int64_t thread, int64_t begin, int64_t end) {
  return {{"name", name},      {"ph", "X"},       {"pid", 1},
          {"tid", thread + 1}, {"ts", us(begin)}, {"dur", us(std::max<int64_t>(end - begin, 0))}};
}

Json label(const char *what, int64_t thread, const std::string &name) {
  return {{"name", what}, {"ph", "M"}, {"pid", 1}, {"tid", thread + 1}, {"args", {{"name", name}}}};
}

} // namespace

Profiler::Profiler(const Manifest &manifest, ThreadPool &pool)
    : manifest(manifest), pool(pool), workers(static_cast<size_t>(pool.threads())), runs(manifest.entries.size()) {
  if (!manifest.profile)
    throw Error("expects code that was compiled to be profiled (CompileOptions::profile), but got code that was not");
}

void Profiler::clear() {
  runs.assign(manifest.entries.size(), {});
  events.clear();
  for (Worker &worker : workers)
    worker.done.clear();
}

void Profiler::begin_run(size_t index, const std::vector<int64_t> &symbols) {
  entry = index;
  const std::vector<std::string> &names = manifest.entries[index].symbols;
  values.clear();
  for (const std::string &name : info().symbols) {
    auto at = std::find(names.begin(), names.end(), name);
    values.push_back(at == names.end() ? 0 : symbols[static_cast<size_t>(at - names.begin())]);
  }
  for (const LeastInfo &least : info().least)
    values.push_back(std::min(least.of.evaluate(values), least.most));
  events.clear();
  for (Worker &worker : workers)
    worker.done.clear();
  start = Clock::now();
}

void Profiler::mark(int64_t call_site, int64_t event, bool ends) {
  bool known = event >= 0 && static_cast<size_t>(event) < info().events.size() && call_site >= 0 &&
               static_cast<size_t>(call_site) < manifest.call_sites.size();
  if (!known)
    throw Error("expects code that names an event of its manifest's profile, but got number " + std::to_string(event));
  if (!ends) {
    events.push_back({{now(), -1}, static_cast<uint32_t>(call_site), static_cast<uint32_t>(event)});
  } else if (!events.empty()) { // what begins last ends first, and nothing is in another
    events.back().end = now();
  }
}

void Profiler::run_task(abi::Context *context, const void *arguments, int64_t task, int64_t worker) {
  const Loop &loop = *static_cast<const Loop *>(arguments);
  Work &work = loop.self->workers[static_cast<size_t>(worker)].now;
  int64_t begin = loop.self->now();
  loop.kernel(context, loop.arguments, task, worker);
  work.end = loop.self->now();
  work.busy += work.end - begin;
  if (work.tasks++ == 0)
    work.begin = begin;
}

void Profiler::parallel(abi::Kernel kernel, abi::Context *context, const void *arguments, int64_t tasks) {
  Loop loop{this, kernel, arguments};
  pool.run(run_task, context, &loop, tasks);
}

void Profiler::collect() {
  for (Worker &worker : workers) {
    Work work = std::exchange(worker.now, {});
    work.event = events.empty() ? 0 : events.size() - 1;
    if (work.tasks)
      worker.done.push_back(work);
  }
}

void Profiler::end_run() {
  run_end = now();
  Runs &all = runs[entry];
  ++all.runs;
  all.seconds += static_cast<double>(run_end) * 1e-9;
  // Of an op that became several pieces of code, each says how often it was called: the most of them.
  std::map<std::pair<uint32_t, uint32_t>, int64_t> counts;
  std::map<std::pair<uint32_t, uint32_t>, int64_t> calls;
  for (Event &event : events) {
    if (event.end < 0)
      event.end = run_end;
    std::pair key(event.site, info().events[event.number].row);
    auto [at, fresh] = all.rows.try_emplace(key);
    if (fresh)
      at->second.order = all.rows.size();
    at->second.seconds += static_cast<double>(event.end - event.begin) * 1e-9;
    int64_t count = ++counts[{event.site, event.number}];
    calls[key] = std::max(calls[key], count);
  }
  for (const auto &[key, count] : calls) {
    const ProfileRowInfo &row = info().rows[key.second];
    Sum &sum = all.rows[key];
    sum.calls += count;
    sum.flops += static_cast<double>(row.flops.evaluate(values)) * static_cast<double>(count);
    sum.bytes += static_cast<double>(row.bytes.evaluate(values)) * static_cast<double>(count);
  }
}

std::string Profiler::layer_of(uint32_t site, uint32_t row) const {
  return join_path({manifest.call_sites[site], info().rows[row].layer});
}

Profile Profiler::profile() const {
  Profile result;
  result.threads = pool.threads();
  for (size_t i = 0; i < runs.size(); ++i) {
    if (runs[i].runs == 0)
      continue;
    EntryProfile profile{manifest.entries[i].name, runs[i].runs, runs[i].seconds, {}};
    std::vector<std::pair<size_t, ProfileRow>> rows;
    for (const auto &[key, sum] : runs[i].rows) {
      const ProfileRowInfo &row = info().rows[key.second];
      ProfileRow each{layer_of(key.first, key.second),
                      joined(row.ops),
                      row.location,
                      sum.calls,
                      sum.seconds,
                      sum.flops,
                      sum.bytes,
                      {},
                      key.second,
                      row.unit};
      if (!row.slow.empty())
        each.remarks.push_back(row.slow);
      for (uint32_t remark : row.remarks)
        each.remarks.push_back(manifest.remarks[remark].message);
      rows.emplace_back(sum.order, std::move(each));
    }
    std::sort(rows.begin(), rows.end(), [](const auto &a, const auto &b) { return a.first < b.first; });
    for (auto &[order, row] : rows)
      profile.rows.push_back(std::move(row));
    result.entries.push_back(std::move(profile));
  }
  result.trace = trace();
  return result;
}

// Layers are the spans of neighbours that share the beginning of a path.
std::string Profiler::trace() const {
  Json all = Json::array();
  std::string name = manifest.entries[entry].name;
  all.push_back({{"name", "process_name"}, {"ph", "M"}, {"pid", 1}, {"args", {{"name", "varve"}}}});
  for (size_t i = 0; i < workers.size(); ++i)
    all.push_back(label("thread_name", static_cast<int64_t>(i),
                        i == 0 ? "thread 0 (runs the entry)" : "thread " + std::to_string(i)));
  if (!events.empty())
    all.push_back(slice(name, 0, 0, run_end));
  struct Open {
    std::string name;
    int64_t begin;
  };
  std::vector<Open> open;
  int64_t last = 0;
  auto close = [&](size_t depth) {
    for (; open.size() > depth; open.pop_back())
      all.push_back(slice(open.back().name, 0, open.back().begin, last));
  };
  for (const Event &event : events) {
    const ProfileEventInfo &what = info().events[event.number];
    const ProfileRowInfo &row = info().rows[what.row];
    std::string layer = layer_of(event.site, what.row);
    std::vector<std::string> parts = parts_of(layer);
    size_t common = 0;
    while (common < std::min(open.size(), parts.size()) && open[common].name == parts[common])
      ++common;
    close(common);
    for (size_t i = common; i < parts.size(); ++i)
      open.push_back({parts[i], event.begin});
    Json one = slice(joined(row.ops), 0, event.begin, event.end);
    one["args"] = {{"layer", layer}, {"kind", what.kind}, {"location", row.location}};
    all.push_back(std::move(one));
    last = event.end;
  }
  close(0);
  for (size_t i = 1; i < workers.size(); ++i)
    for (const Work &work : workers[i].done) {
      if (work.event >= events.size())
        continue;
      const Event &event = events[work.event];
      uint32_t row = info().events[event.number].row;
      Json one = slice(joined(info().rows[row].ops), static_cast<int64_t>(i), work.begin, work.end);
      one["args"] = {{"layer", layer_of(event.site, row)}, {"tasks", work.tasks}, {"busy us", us(work.busy)}};
      all.push_back(std::move(one));
    }
  return Json{{"displayTimeUnit", "ms"}, {"traceEvents", std::move(all)}}.dump(-1, ' ', false,
                                                                               Json::error_handler_t::replace);
}

} // namespace varve::runtime
