// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Values: the results of operations while a graph is being recorded. Operators and functions on them are in varve/ops.
//   Value y = silu(x) * 2 + bias;
#pragma once
#include "varve/Dim.h"
#include "varve/Error.h"
#include "varve/runtime/Print.h"
#include <type_traits>

namespace varve {

class Index;
class Value;
class Weight;

/// A handle on a value of the graph that the current thread records; two words, copied freely. It may outlive the layer
/// that made it. Used after the recording, or in another graph, it **throws**.
class Value {
public:
  Value() = default;
  /// False for a default-made one, which is none.
  explicit operator bool() const { return graph != 0; }

  TensorType type() const;
  Shape shape() const;
  /// The size of one axis; a negative one counts from the end. **Throws** `Error` if there is no such axis.
  Dim dim(int64_t axis, Site site = Site::current()) const;
  DType dtype() const;
  int64_t rank() const;

  /// A part of the value, as Python's brackets give it: x(0, slice(1, -1), ellipsis, newaxis). What may stand between them is
  /// told at `Index`, in varve/ops/Indexing.h.
  Value operator()(const Index &i) const;
  Value operator()(const Index &i, const Index &j) const;
  Value operator()(const Index &i, const Index &j, const Index &k) const;
  Value operator()(const Index &i, const Index &j, const Index &k, const Index &l) const;
  Value operator()(const Index &i, const Index &j, const Index &k, const Index &l, const Index &m) const;
  Value operator()(const Index &i, const Index &j, const Index &k, const Index &l, const Index &m,
                   const Index &n) const;

  /// Prints the value when the model runs, after the path of the layer; or writes it to a file, checks it for NaN and
  /// infinities, or compares it with a file: see `PrintOptions`. **Throws** `Error` for options that do not go together.
  /// **IR** `varve.print`.
  void print(std::string label = {}, PrintOptions options = {}, Site site = Site::current()) const;
  void print(std::string label, PrintStyle style, Site site = Site::current()) const;
  /// Makes the value one more output of the graph, from wherever it is in the model. **Throws** `Error` for a name that
  /// is taken.
  void output(std::string name, Site site = Site::current()) const;

  /// The same value of the same graph. The comparison of elements is `equal`.
  bool operator==(const Value &) const = default;

private:
  friend struct ValueAccess;
  uint32_t graph = 0, slot = 0; // the recording's number, and an index there
};

/// What operations take: a value, a weight, or a C++ number, which takes the element type of the other operand. It notes
/// the line where it was written, so operators know theirs.
class Operand {
public:
  // NOLINTBEGIN(google-explicit-constructor): conversion is what it is for
  Operand(Value value, Site site = Site::current()) : value(value), site(site) {}
  Operand(const Weight &weight, Site site = Site::current());
  template <class T>
    requires std::is_arithmetic_v<T>
  Operand(T number, Site site = Site::current()) : site(site) {
    if constexpr (std::is_same_v<T, bool>) {
      kind = Kind::boolean;
      integer = number;
    } else if constexpr (std::is_integral_v<T>) {
      kind = Kind::integer;
      integer = static_cast<int64_t>(number);
    } else {
      kind = Kind::real;
      real = static_cast<double>(number);
    }
  }
  // NOLINTEND(google-explicit-constructor)

private:
  friend struct OperandAccess;
  enum class Kind : uint8_t { value, boolean, integer, real };
  Kind kind = Kind::value;
  Value value;
  int64_t integer = 0;
  double real = 0;
  Site site;
};

} // namespace varve
