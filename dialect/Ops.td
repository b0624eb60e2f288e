// Every op of the dialect, by family.
#ifndef VARVE_OPS_TD
#define VARVE_OPS_TD
include "dialect/ops/program/Structure.td"
include "dialect/ops/program/Mesh.td"
include "dialect/ops/program/Control.td"
include "dialect/ops/tensor/Elementwise.td"
include "dialect/ops/nn/Contract.td"
include "dialect/ops/tensor/Index.td"
include "dialect/ops/tensor/Reduce.td"
include "dialect/ops/nn/Normalize.td"
include "dialect/ops/nn/Attention.td"
include "dialect/ops/tensor/Quantize.td"
include "dialect/ops/tensor/Shape.td"
include "dialect/ops/nn/Conv.td"
include "dialect/ops/nn/Pool.td"
include "dialect/ops/nn/Resize.td"
include "dialect/ops/nn/Scan.td"
include "dialect/ops/tensor/Cumulative.td"
include "dialect/ops/tensor/Sort.td"
include "dialect/ops/tensor/Random.td"
#endif
