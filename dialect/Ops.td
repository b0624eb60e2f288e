// Every op of the dialect, by family.
#ifndef VARVE_OPS_TD
#define VARVE_OPS_TD
include "dialect/ops/Structure.td"
include "dialect/ops/Mesh.td"
include "dialect/ops/Control.td"
include "dialect/ops/Elementwise.td"
include "dialect/ops/Contract.td"
include "dialect/ops/Index.td"
include "dialect/ops/Reduce.td"
include "dialect/ops/Normalize.td"
include "dialect/ops/Attention.td"
include "dialect/ops/Quantize.td"
include "dialect/ops/Shape.td"
include "dialect/ops/Conv.td"
include "dialect/ops/Pool.td"
include "dialect/ops/Resize.td"
include "dialect/ops/Scan.td"
include "dialect/ops/Cumulative.td"
include "dialect/ops/Sort.td"
include "dialect/ops/Random.td"
#endif
