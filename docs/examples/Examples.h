// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What the examples of the reference include.
#pragma once
#include "varve/compiler/Compile.h"
#include "varve/nn.h"
#include "varve/runtime/Npy.h"
#include "varve/runtime/Session.h"
#include "varve/weights/Open.h"
#include "varve/weights/ShippedRules.h"
#include <iostream>
