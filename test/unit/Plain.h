// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The precompiled header of tests that record no graph.
#pragma once
#include "test/unit/Support.h"
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <map>
