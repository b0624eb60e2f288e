// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The precompiled header of tests that record graphs.
#pragma once
#include "test/unit/Plain.h"
#include "varve/nn.h"
