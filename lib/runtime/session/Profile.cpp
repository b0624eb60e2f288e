// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// A profile as tables for people.
#include "varve/runtime/Profile.h"
#include "lib/runtime/Table.h"
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

namespace varve {
namespace {

using runtime::Align;
using runtime::Table;

std::string number(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

// Three digits that count.
std::string short_number(double value) {
  if (value == std::floor(value))
    return number(value, 0);
  return number(value, value < 1 ? 3 : value < 10 ? 2 : value < 100 ? 1 : 0);
}

std::string megabytes(double bytes) { return short_number(bytes * 1e-6) + " MB"; }

// The parts of two paths that are equal, and * for the others; both have as many.
std::string common_path(const std::string &a, const std::string &b) {
  std::string path;
  size_t i = 0, j = 0;
  while (i < a.size() || j < b.size()) {
    size_t end_a = std::min(a.find('.', i), a.size()), end_b = std::min(b.find('.', j), b.size());
    std::string part = a.substr(std::min(i, a.size()), end_a - std::min(i, a.size()));
    bool same = part == b.substr(std::min(j, b.size()), end_b - std::min(j, b.size()));
    path += (path.empty() ? "" : ".") + (same ? part : "*");
    i = end_a + 1;
    j = end_b + 1;
  }
  return path;
}

// The same op of layers that share code, as one.
std::vector<ProfileRow> merged(const std::vector<ProfileRow> &rows) {
  std::vector<ProfileRow> all;
  std::map<size_t, size_t> places;
  for (const ProfileRow &row : rows) {
    auto [at, fresh] = places.try_emplace(row.body, all.size());
    if (fresh) {
      all.push_back(row);
      continue;
    }
    ProfileRow &sum = all[at->second];
    sum.layer = common_path(sum.layer, row.layer);
    sum.calls += row.calls;
    sum.seconds += row.seconds;
    sum.flops += row.flops;
    sum.bytes += row.bytes;
  }
  std::sort(all.begin(), all.end(), [](const ProfileRow &a, const ProfileRow &b) { return a.seconds > b.seconds; });
  return all;
}

std::string table_of(const EntryProfile &entry, const MachineRates &rates) {
  std::vector<ProfileRow> rows = merged(entry.rows);
  bool known = rates.flops > 0 && rates.bytes > 0;
  double runs = static_cast<double>(entry.runs), covered = 0, flops = 0, bytes = 0, least = 0;
  // The seconds that products take at best.
  auto computing = [&](const ProfileRow &row) { return known ? row.flops / rates.flops_of(row.unit) : 0; };
  for (const ProfileRow &row : rows) {
    least += computing(row);
    covered += row.seconds;
    flops += row.flops;
    bytes += row.bytes;
  }
  std::string text = "\nentry " + entry.name + ": " + std::to_string(entry.runs) +
                     (entry.runs == 1 ? " run" : " runs") + " of " + short_number(entry.seconds / runs * 1e3) +
                     " ms, " + number(entry.seconds > 0 ? covered / entry.seconds * 100 : 0, 1) +
                     " % of it in these ops\n\n";
  std::vector<Table::Column> columns{{"layer"},
                                     {"op"},
                                     {"calls", Align::right},
                                     {"ms", Align::right},
                                     {"%", Align::right},
                                     {"MFLOP", Align::right},
                                     {"MB", Align::right},
                                     {"GFLOP/s", Align::right},
                                     {"GB/s", Align::right}};
  if (known)
    columns.insert(columns.end(), {{"% of roofline", Align::right}, {"by"}});
  Table table(columns);
  auto add = [&](const std::string &layer, const std::string &op, const std::string &calls, double seconds,
                 double all_flops, double all_bytes, double best, const std::string &unit) {
    double per = seconds > 0 ? 1 / seconds : 0;
    std::vector<std::string> cells{layer,
                                   op,
                                   calls,
                                   number(seconds / runs * 1e3, 3),
                                   number(entry.seconds > 0 ? seconds / entry.seconds * 100 : 0, 1),
                                   short_number(all_flops / runs * 1e-6),
                                   short_number(all_bytes / runs * 1e-6),
                                   number(all_flops * per * 1e-9, 1),
                                   number(all_bytes * per * 1e-9, 1)};
    if (known)
      cells.insert(cells.end(), {number(std::max(best, all_bytes / rates.bytes) * per * 100, 0),
                                 best > all_bytes / rates.bytes ? unit : "read"});
    table.add(std::move(cells));
  };
  for (const ProfileRow &row : rows)
    add(row.layer.empty() ? "-" : row.layer, row.op, short_number(static_cast<double>(row.calls) / runs), row.seconds,
        row.flops, row.bytes, computing(row), std::string(name_of(row.unit)));
  table.rule();
  add("total", "", "", covered, flops, bytes, least, "peak");
  text += table.text();

  std::string slow;
  for (const ProfileRow &row : rows)
    for (const std::string &remark : row.remarks)
      slow += "  " + number(entry.seconds > 0 ? row.seconds / entry.seconds * 100 : 0, 1) + " %  " +
              (row.layer.empty() ? "" : row.layer + ": ") + row.op + ": " + remark +
              (row.location.empty() ? "" : " (" + row.location + ")") + "\n";
  return text + (slow.empty() ? "" : "\nwithout a fast path:\n" + slow);
}

} // namespace

double MachineRates::flops_of(ProductUnit unit) const {
  double rate = unit == ProductUnit::bf16 ? bf16_flops : unit == ProductUnit::int8 ? int8_flops : flops;
  return rate > 0 ? rate : flops;
}

std::string Profile::text(const MachineRates &rates) const {
  std::string text = "threads: " + std::to_string(threads) + "\n";
  if (rates.flops > 0 && rates.bytes > 0)
    text += "machine: " + short_number(rates.flops * 1e-9) + " GFLOP/s of f32, " +
            (rates.bf16_flops > 0 ? short_number(rates.bf16_flops * 1e-9) + " of bf16, " : "") +
            (rates.int8_flops > 0 ? short_number(rates.int8_flops * 1e-9) + " of int8, " : "") +
            short_number(rates.bytes * 1e-9) + " GB/s from memory\n";
  text += "memory: scratch " + megabytes(static_cast<double>(scratch_bytes)) + ", state " +
          megabytes(static_cast<double>(state_bytes)) + ", weights " + megabytes(static_cast<double>(weight_bytes)) +
          " where they are and " + megabytes(static_cast<double>(packed_bytes)) + " packed" +
          (mapped_bytes ? " and " + megabytes(static_cast<double>(mapped_bytes)) + " packed in a file" : "") +
          ", most resident " + megabytes(static_cast<double>(resident_bytes)) + "\n";
  for (const EntryProfile &entry : entries)
    text += table_of(entry, rates);
  return text;
}

} // namespace varve
