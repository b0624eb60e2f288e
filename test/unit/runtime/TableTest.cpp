// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/Table.h"
#include <catch2/catch.hpp>

using namespace varve::runtime;

TEST_CASE("a number is grouped by thousands") {
  CHECK(grouped(0) == "0");
  CHECK(grouped(999) == "999");
  CHECK(grouped(1000) == "1,000");
  CHECK(grouped(1234567) == "1,234,567");
  CHECK(grouped(UINT64_MAX) == "18,446,744,073,709,551,615");
}

TEST_CASE("the columns of a table are as wide as their widest cell") {
  Table table({{"layer"}, {"bytes", Align::right}, {"device"}});
  table.rule();
  table.add({"mlp", "1,000", "cpu:0"});
  table.add({"head", "20"});
  table.rule();
  table.add({"total", "1,020"});
  CHECK(table.text() == R"(layer  bytes  device
--------------------
mlp    1,000  cpu:0
head      20
--------------------
total  1,020
)");
}

TEST_CASE("a table may have an indent and no headings; what is in a name does no harm") {
  Table table({{}, {"", Align::right}}, "  ");
  table.add({"\x1b[2Jgr\u00fcn\n", "1"});
  table.add({"a", "22"});
  CHECK(table.text() == "  ?[2Jgr\u00fcn?   1\n  a          22\n");
  CHECK(Table({}).text().empty());
}
