// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/Error.h"
#include <catch2/catch.hpp>

using varve::Error;

TEST_CASE("an error's text holds place, layer and message, and leaves out what is absent", "[Error]") {
  CHECK(std::string(Error("expects a, but got b").what()) == "expects a, but got b");
  CHECK(std::string(Error("m", "layers.0", "a.cpp", 7).what()) == "a.cpp:7: error: in layer 'layers.0': m");
  CHECK(std::string(Error("m", "", "a.cpp", 7).what()) == "a.cpp:7: error: m");
  CHECK(std::string(Error("m", "layers.0", "", 0).what()) == "in layer 'layers.0': m");
  CHECK(std::string(Error("m", "", "a.cpp", 0).what()) == "a.cpp: error: m");
  CHECK(std::string(Error("m", "", "", 0).what()) == "m");
}

TEST_CASE("an error's parts can be asked for", "[Error]") {
  Error error("m", "layers.0", "a.cpp", 7);
  CHECK(error.message() == "m");
  CHECK(error.layer() == "layers.0");
  CHECK(error.file() == "a.cpp");
  CHECK(error.line() == 7);
  varve::Site site = varve::Site::current();
  Error here("m", "", site);
  CHECK(here.file() == site.file_name());
  CHECK(here.line() == site.line());
}
