// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Everything that the author of a model needs: layers, operations, graphs.
//   #include "varve/nn.h"
//   using namespace varve;
#pragma once
#include "varve/Graph.h"
#include "varve/nn/Activation.h"
#include "varve/nn/Attention.h"
#include "varve/nn/Hook.h"
#include "varve/nn/Layer.h"
#include "varve/nn/LayerList.h"
#include "varve/nn/Linear.h"
#include "varve/nn/MLP.h"
#include "varve/nn/Norm.h"
#include "varve/ops/Attention.h"
#include "varve/ops/Contract.h"
#include "varve/ops/Elementwise.h"
#include "varve/ops/Index.h"
#include "varve/ops/Normalize.h"
#include "varve/ops/Quantize.h"
#include "varve/ops/Reduce.h"
#include "varve/ops/Shape.h"
#include "varve/ops/Structure.h"
