// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What an executable says about itself: its entries, their inputs, outputs, symbols and checks, the weights and state
// buffers that they share. JSON inside the executable; the compiler writes it, the runtime reads and checks it.
//
// {"abi": 3, "producer": "varve 0.1.0",
//  "triple": "x86_64-unknown-linux-gnu", "cpu": "znver4", "features": ["avx2", ...],
//  "weights": [{"name": "up.weight", "dtype": "bf16", "shape": [5632, 2048], "panel": 32, "location": "mlp.cpp:9"},
//              {"name": "down.weight", "dtype": "u8", "encoding": "q4_k", "shape": [2048, 5632], "location": "mlp.cpp:9"},
//              {"name": "conv.weight", "dtype": "f32", "shape": [64, 64, 3, 3], "panel": 32, "winograd": true, "location": "net.cpp:7"}],
//  "buffers": [{"name": "k_cache", "dtype": "bf16", "shape": [1, 256, 2, 32]}],
//  "entries": [{"name": "decode", "symbols": ["past", "seq"],
//    "inputs":  [{"name": "ids", "dtype": "i64", "shape": [1, "seq"]},
//                {"name": "past", "dtype": "i64", "shape": [], "symbol": "past"}],
//    "weights": [0], "buffers": [0],
//    "outputs": [{"name": "logits", "dtype": "f32", "shape": [1, EXPR, 256]}],
//    "checks":  [{"lhs": EXPR, "relation": "<=", "rhs": 256,
//                 "message": "...", "layer": "layers.0", "location": "a.cpp:7"}]}],
//  "prints": [{"layer": "gate_proj", "label": "output", "dtype": "f32", "rank": 3, "style": "compare", "to": "golden",
//              "rtol": 1e-05, "atol": 1e-08, "location": "mlp.cpp:9"}],
//  "taps": [{"layer": "act", "label": "output", "dtype": "f32", "rank": 3, "call_sites": [1, 2]}],
//  "call_sites": ["", "layers.0", "layers.1"],
//  "failures": [{"message": "expects indices in [0, 256)", "layer": "embed_tokens", "location": "llama.cpp:30"}],
//  "remarks": [{"message": "computed element by element: ..", "layer": "head", "location": "llama.cpp:31"}],
//  "profile": {"symbols": ["past", "seq"], "least": [{"name": "least.0", "of": EXPR, "most": 128}],
//    "rows": [{"ops": ["linear", "add"], "layer": "down_proj", "location": "mlp.cpp:9", "flops": EXPR, "bytes": EXPR,
//              "slow": "", "unit": "bf16", "remarks": [0]}],
//    "events": [{"row": 0, "kind": "product"}]}}
//
// The path of a print or a tap is that of the call site, its layer and its label; a tap lists the sites of the function
// that it is in. EXPR is an integer, the name of a symbol, or {"text": "past + seq", "terms": [[1, "past"], [1, "seq"]]}: a sum of
// products, each a coefficient and its factors: symbols, and quotients {"floordiv": EXPR, "by": 2}, rounded down. To the message of a check or a failure the values found are appended
// (", but got 300"); "{bound}" in that of a failure stands for the bound that the code reports with it.
#pragma once
#include "varve/Encoding.h"
#include "varve/Type.h"
#include "varve/runtime/Profile.h"
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace varve::runtime {

/// A sum of products of symbols and quotients, evaluated when the symbols have values.
struct DimExpr {
  struct Quotient;
  struct Term {
    int64_t coefficient = 1;
    std::vector<uint32_t> symbols; // indices into the entry's symbols; a repeated one is a power
    std::vector<Quotient> quotients;
  };
  std::string text; // as the author would write it
  std::vector<Term> terms;
  int64_t evaluate(const std::vector<int64_t> &values) const; // wraps to Error on overflow
  bool is_symbol() const;                                     // exactly one symbol, coefficient 1
  bool is_constant() const;                                   // one term without factors
  /// Calls fn for each symbol, those in quotients too.
  void for_each_symbol(const std::function<void(uint32_t)> &fn) const;
};
struct DimExpr::Quotient {
  DimExpr numerator;
  int64_t divisor = 1; // 1 or more
};

struct WeightInfo {
  std::string name;
  DType dtype = DType::f32;
  std::vector<int64_t> shape; // of elements, in blocks or not
  int64_t panel =
      0; // 0: as in the file; n: [out, in..] packed as [ceil(out / n)][in..][n], the last panel padded with zeros
  std::string location = {};
  Encoding encoding = Encoding::none; // another: the dtype is u8
  int64_t group = 1; // of a weight in panels: [ceil(out / n)][ceil(in / group)][n][group], padded with zeros too
  bool winograd =
      false; // of f32 [out, in, 3, 3] in panels: G g G' of Winograd's F(2x2, 3x3), [ceil(out / n)][16][in][n]
};

/// Of a weight in panels: [panels, groups of columns, elements of both], or [panels, blocks of a row, bytes].
std::vector<int64_t> panels_shape(const WeightInfo &info);

struct BufferInfo {
  std::string name;
  DType dtype = DType::f32;
  std::vector<int64_t> shape;
};

struct InputInfo {
  std::string name;
  DType dtype = DType::f32;
  std::vector<DimExpr> shape;
  int64_t symbol = -1; // not -1: this scalar's value is the value of that symbol
};

struct OutputInfo {
  std::string name;
  DType dtype = DType::f32;
  std::vector<DimExpr> shape;
};

struct CheckInfo {
  DimExpr lhs, rhs;
  std::string relation; // "==" or "<="
  std::string message, layer, location;
};

struct EntryInfo {
  std::string name;
  std::vector<std::string> symbols;
  std::vector<InputInfo> inputs;
  std::vector<uint32_t> weights, buffers;
  std::vector<OutputInfo> outputs;
  std::vector<CheckInfo> checks;
};

struct PrintInfo {
  std::string layer, label; // the layer relative to the call site
  DType dtype = DType::f32;
  int64_t rank = 0;
  std::string style; // "compact", "full", "statistics", "finite", "dump" or "compare"
  std::string to;    // a path relative to the session's folder, "" for none
  double rtol = 0, atol = 0;
  std::string location;
};

struct TapPlace {
  std::string layer, label;
  DType dtype = DType::f32;
  int64_t rank = 0;
  std::vector<uint32_t> call_sites;
};

/// Something said at a place of the model.
struct MessageInfo {
  std::string message, layer, location;
};

/// What a profile has a row for: ops that became code together.
struct ProfileRowInfo {
  std::vector<std::string> ops;
  std::string layer, location; // the layer relative to the call site
  DimExpr flops, bytes;
  ProductUnit unit = ProductUnit::f32;
  std::string slow; // why it is a product without a kernel, "" if it is not
  std::vector<uint32_t> remarks;
};

struct ProfileEventInfo {
  uint32_t row = 0;
  std::string kind; // "product", "loop", "copy", ..
};

/// A symbol that is the lesser of an expression and a number.
struct LeastInfo {
  DimExpr of;
  int64_t most = 0;
};

struct ProfileInfo {
  std::vector<std::string> symbols; // of the expressions in rows; `least` are numbered after them
  std::vector<LeastInfo> least;
  std::vector<ProfileRowInfo> rows;
  std::vector<ProfileEventInfo> events; // as the code numbers them
};

/// Parts of a path with dots between those that are there.
std::string join_path(std::initializer_list<std::string_view> parts);

struct Manifest {
  int64_t abi = 0;
  std::string producer, triple, cpu;
  std::vector<std::string> features;
  std::vector<WeightInfo> weights;
  std::vector<BufferInfo> buffers;
  std::vector<EntryInfo> entries;
  std::vector<std::string> call_sites;
  std::vector<PrintInfo> prints;
  std::vector<TapPlace> taps;
  std::vector<MessageInfo> failures;
  std::vector<MessageInfo> remarks;   // of the compiler
  std::optional<ProfileInfo> profile; // of code that was compiled to be profiled

  /// Reads and checks the text. **Throws** `Error` that names the field at fault.
  static Manifest parse(std::string_view json);
};

} // namespace varve::runtime
