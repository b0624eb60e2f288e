// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a function of values records: the text of the graph's body, one op a line, without indentation.
//   CHECK(recorded([](Value x) { return exp(x); }, {tensor_type(f32, {4})}) == "varve.exp %arg0 : ...");
#pragma once
#include "test/unit/Support.h"
#include "varve/Graph.h"

namespace varve::test {

/// The ops without the last `varve.output`, and without the names of their results.
template <class Fn> std::string recorded(Fn fn, std::vector<GraphInput> inputs) {
  std::string text = Graph("f", fn, std::move(inputs)).text(), body;
  size_t at = text.find('\n', text.find("varve.graph")) + 1;
  while (true) {
    size_t end = text.find('\n', at);
    std::string line = text.substr(at, end - at);
    at = end + 1;
    line.erase(0, line.find_first_not_of(' '));
    if (size_t equal = line.find(" = "); line.starts_with("%") && equal != std::string::npos)
      line.erase(0, equal + 3);
    if (line.starts_with("varve.output") || line == "}")
      return body;
    body += (body.empty() ? "" : "\n") + line;
  }
}

/// The message of the error, without the place; checks that this is a line of a test.
template <class Fn> std::string refused(Fn fn, std::vector<GraphInput> inputs) {
  try {
    Graph("f", fn, std::move(inputs));
  } catch (const Error &error) {
    bool is_here = error.file().ends_with("Test.cpp") && error.line() != 0;
    return is_here ? error.message() : "(another place: " + error.file() + ") " + error.message();
  }
  return "(no error)";
}

} // namespace varve::test
