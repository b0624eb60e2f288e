/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * The C ABI used from C: the header compiles there, and a model runs. */
#include "varve/runtime/varve.h"
#include <string.h>

int run_from_c(const char *path, float *result);

static DLTensor tensor(float *data, int64_t *shape, int rank) {
  DLTensor t;
  memset(&t, 0, sizeof t);
  t.data = data;
  t.device.device_type = kDLCPU;
  t.ndim = rank;
  t.dtype.code = kDLFloat;
  t.dtype.bits = 32;
  t.dtype.lanes = 1;
  t.shape = shape;
  return t;
}

/* 0, or the number of the step that failed; the six values of the output go to `result`. */
int run_from_c(const char *path, float *result) {
  float weight_data[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, bias_data[3] = {0.5f, 0.25f, -1};
  float input_data[8] = {1, 0, 0, 0, 1, 1, 1, 1};
  int64_t weight_shape[2] = {3, 4}, bias_shape[1] = {3}, input_shape[2] = {2, 4};
  DLTensor weight = tensor(weight_data, weight_shape, 2), bias = tensor(bias_data, bias_shape, 1);
  DLTensor input = tensor(input_data, input_shape, 2);
  const char *names[2] = {"head.weight", "head.bias"};
  const DLTensor *weights[2] = {&weight, &bias}, *inputs[1] = {&input};
  DLManagedTensorVersioned *output = NULL;

  varve_executable *executable = varve_executable_load(path);
  if (!executable)
    return 1;
  int step = varve_executable_bind_weights(executable, names, weights, 2) ? 2 : 0;
  varve_session *session = step ? NULL : varve_session_create(executable, 2);
  if (!step && !session)
    step = 3;
  varve_executable_free(executable); /* the session goes on */
  if (!step && varve_session_run(session, "linear", inputs, 1, &output, 1))
    step = 4;
  if (!step && varve_session_reset(session))
    step = 5;
  varve_session_free(session); /* so does the output */
  if (!step && (output->dl_tensor.ndim != 2 || output->dl_tensor.shape[1] != 3))
    step = 6;
  if (!step)
    memcpy(result, output->dl_tensor.data, 6 * sizeof(float));
  if (output)
    output->deleter(output);
  return step;
}
