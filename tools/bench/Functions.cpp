// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// How exact functions of one float are, held against the C library's in f64, and how fast.
#include "tools/bench/Bench.h"
#include "varve/Error.h"
#include "varve/compiler/Compile.h"
#include "varve/nn.h"
#include <algorithm>
#include <bit>
#include <cmath>
#include <thread>

namespace varve::bench {
namespace {

constexpr int64_t batch = int64_t(1) << 21; // floats of a run: 8 MB
constexpr uint64_t all_floats = uint64_t(1) << 32, step = 1021;

struct Function {
  const char *name;
  Value (*function)(Operand);
  double (*reference)(double);
  double low = -INFINITY, high = INFINITY; // where it is held to be exact
};

double sigmoid_of(double x) { return 1 / (1 + std::exp(-x)); }

constexpr Function functions[] = {
    {"exp", exp, std::exp},
    {"exp2", exp2, std::exp2},
    {"expm1", expm1, std::expm1},
    {"log", log, std::log},
    {"log1p", log1p, std::log1p},
    {"log2", log2, std::log2},
    {"log10", log10, std::log10},
    {"sin", sin, std::sin},
    {"cos", cos, std::cos},
    {"tan", tan, std::tan},
    {"asin", asin, std::asin},
    {"acos", acos, std::acos},
    {"atan", atan, std::atan},
    {"sinh", sinh, std::sinh},
    {"cosh", cosh, std::cosh},
    {"tanh", tanh, std::tanh},
    {"asinh", asinh, std::asinh},
    {"acosh", acosh, std::acosh},
    {"atanh", atanh, std::atanh},
    {"erf", erf, std::erf},
    {"sqrt", sqrt, std::sqrt},
    {"rsqrt", rsqrt, [](double x) { return 1 / std::sqrt(x); }},
    // What e^-x would overflow for is 0.
    {"sigmoid", [](Operand x) { return sigmoid(x); }, sigmoid_of, -88, INFINITY},
    {"silu", [](Operand x) { return silu(x); }, [](double x) { return x * sigmoid_of(x); }, -88, INFINITY},
};

struct Errors {
  double most = 0, sum = 0, count = 0;
  float where = 0;
  void add(float x, double units) {
    if (units > most)
      most = units, where = x;
    sum += units, count += 1;
  }
  void add(const Errors &other) {
    if (other.most > most)
      most = other.most, where = other.where;
    sum += other.sum, count += other.count;
  }
};

// In units in the last place of the float that the exact result is next to.
double units_between(float result, double exact) {
  auto rounded = static_cast<float>(exact);
  if (std::isnan(exact) || std::isinf(rounded))
    return (std::isnan(exact) && std::isnan(result)) || result == rounded ? 0 : INFINITY;
  int exponent = std::max(std::ilogb(rounded), -126);
  return std::fabs(static_cast<double>(result) - exact) * std::ldexp(1.0, 23 - exponent);
}

Errors errors_of(const Function &function, Session &session, bool all, unsigned threads) {
  Errors errors;
  uint64_t stride = all ? 1 : step;
  std::vector<float> x(batch);
  for (uint64_t bits = 0; bits < all_floats;) {
    for (float &each : x) { // the last ones again, where none are left
      each = std::bit_cast<float>(static_cast<uint32_t>(std::min(bits, all_floats - 1)));
      bits += stride;
    }
    std::vector<float> y = session.run("f", {Tensor::from<float>({batch}, x)})[0].to_vector<float>();
    std::vector<Errors> parts(threads);
    std::vector<std::jthread> team;
    for (unsigned t = 0; t < threads; ++t)
      team.emplace_back([&, t] {
        for (size_t i = t; i < x.size(); i += threads)
          if (double exact = x[i]; !(exact < function.low) && !(exact > function.high))
            parts[t].add(x[i], units_between(y[i], function.reference(exact)));
      });
    team.clear();
    for (const Errors &part : parts)
      errors.add(part);
  }
  return errors;
}

} // namespace

Report functions_of_floats(const std::vector<std::string> &names, bool all, const Settings &settings) {
  Report report("functions", {{"function", ""},
                              {"most", "ULP", 3},
                              {"mean", "ULP", 3},
                              {"at", ""},
                              {"threads", "", 0},
                              {"Gelem/s", "", 2},
                              {"GB/s", "", 1},
                              {"% of read", "", 1}});
  Machine machine;
  report.note("machine", machine.text());
  report.note("inputs", all ? std::string("all 2^32 floats") : "each 1021st of all floats");
  auto known = [](const std::string &name) {
    return std::any_of(std::begin(functions), std::end(functions), [&](const Function &f) { return f.name == name; });
  };
  for (const std::string &name : names)
    if (!known(name))
      throw Error("expects --function exp, log, sin, tanh, erf, .., but got '" + name + "'");
  for (const Function &function : functions) {
    if (!names.empty() && std::find(names.begin(), names.end(), function.name) == names.end())
      continue;
    Graph graph("f", [&](Value x) { return function.function(x); }, {tensor_type(f32, {batch})});
    Executable executable = compile(graph, {.cpu = settings.cpu});
    Session exact(executable, {.threads = 1});
    Errors errors = errors_of(function, exact, all, machine.cpus());
    char where[24];
    std::snprintf(where, sizeof where, "%.9g", static_cast<double>(errors.where));
    // Fast is how a usual layer is: numbers near 0, as many as a second-level cache has room for.
    constexpr int64_t count = 32768;
    Graph small("f", [&](Value x) { return function.function(x); }, {tensor_type(f32, {count})});
    Executable quick = compile(small, {.cpu = settings.cpu});
    std::vector<float> x(count);
    for (size_t i = 0; i < x.size(); ++i)
      x[i] = static_cast<float>(double(i) / double(count) * 8 - 4);
    for (unsigned threads : thread_counts(settings, machine)) {
      Session session(quick, {.threads = static_cast<int>(threads)});
      double bytes = 2.0 * sizeof(float) * count;
      Measured times = measure(session, "f", {Tensor::from<float>({count}, x)}, settings.seconds, bytes * 1e-9,
                               [&] { return machine.bandwidth(threads); });
      report.add({std::string(function.name), errors.most, errors.sum / errors.count, std::string(where),
                  double(threads), count / times.median * 1e-9, bytes / times.median * 1e-9, times.ratio * 100});
    }
  }
  return report;
}

} // namespace varve::bench
