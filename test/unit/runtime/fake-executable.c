/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * An executable as the compiler would make it, written by hand: lets the runtime be tested without a compiler. Tests
 * change its manifest in place, so the text below is what they look for. */
#include <stdint.h>

typedef struct Context Context;
typedef void (*Kernel)(Context *, const void *, int64_t, int64_t);
typedef struct {
  void (*parallel)(Context *, Kernel, const void *, int64_t);
  void (*fail)(Context *, int64_t, int64_t, int64_t);
  void (*print)(Context *, int64_t, int64_t, const void *, const int64_t *);
  void (*tap)(Context *, int64_t, int64_t, const void *, const int64_t *);
} Api;
struct Context {
  const Api *api;
  int64_t workers;
  const uint8_t *taps;
};

const char varve_manifest[] =
    "{\"abi\": 3, \"producer\": \"hand\", \"triple\": \"x86_64-unknown-linux-gnu\", \"cpu\": \"x86-64\","
    " \"features\": [\"sse2\"],"
    " \"weights\": ["
    "   {\"name\": \"head.weight\", \"dtype\": \"f32\", \"shape\": [3, 4], \"panel\": 2, \"location\": "
    "\"model.cpp:9\"},"
    "   {\"name\": \"head.bias\", \"dtype\": \"f32\", \"shape\": [3]}],"
    " \"buffers\": [{\"name\": \"calls\", \"dtype\": \"i64\", \"shape\": [1]},"
    "               {\"name\": \"nothing\", \"dtype\": \"f32\", \"shape\": [2, 0]}],"
    " \"entries\": ["
    "   {\"name\": \"linear\", \"symbols\": [\"n\"],"
    "    \"inputs\": [{\"name\": \"x\", \"dtype\": \"f32\", \"shape\": [\"n\", 4]}],"
    "    \"weights\": [0, 1], \"buffers\": [0],"
    "    \"outputs\": [{\"name\": \"y\", \"dtype\": \"f32\", \"shape\": [\"n\", 3]}],"
    "    \"checks\": [{\"lhs\": \"n\", \"relation\": \"<=\", \"rhs\": 100, \"message\": \"expects the batch to fit\","
    "                  \"layer\": \"head\", \"location\": \"model.cpp:12\"}]},"
    "   {\"name\": \"lookup\", \"symbols\": [\"past\", \"seq\"],"
    "    \"inputs\": [{\"name\": \"ids\", \"dtype\": \"i64\", \"shape\": [1, \"seq\"]},"
    "                 {\"name\": \"past\", \"dtype\": \"i64\", \"shape\": [], \"symbol\": \"past\"},"
    "                 {\"name\": \"mask\", \"dtype\": \"bool\", \"shape\": [1,"
    "                  {\"text\": \"past + seq\", \"terms\": [[1, \"past\"], [1, \"seq\"]]}]}],"
    "    \"weights\": [], \"buffers\": [0],"
    "    \"outputs\": [{\"name\": \"doubled\", \"dtype\": \"i64\", \"shape\": [1, \"seq\"]},"
    "                  {\"name\": \"tail\", \"dtype\": \"i64\","
    "                   \"shape\": [{\"text\": \"seq - 2\", \"terms\": [[1, \"seq\"], [-2]]}]}],"
    "    \"checks\": [{\"lhs\": \"past\", \"relation\": \"==\", \"rhs\": {\"text\": \"2*seq\", \"terms\": [[2, "
    "\"seq\"]]},"
    "                  \"message\": \"expects past to be twice seq\"}]}],"
    " \"prints\": [{\"label\": \"ids\", \"dtype\": \"i64\", \"rank\": 2, \"style\": \"full\", \"to\": \"\",       "
    "               \"location\": \"model.cpp:31\"},"
    "              {\"label\": \"\", \"dtype\": \"i64\", \"rank\": 2, \"style\": \"statistics\"},"
    "              {\"layer\": \"act\", \"label\": \"y\", \"dtype\": \"f32\", \"rank\": 1, \"style\": \"finite\","
    "               \"to\": \"\", \"rtol\": 0, \"atol\": 0.5, \"location\": \"model.cpp:40\"}],"
    " \"taps\": [{\"layer\": \"act\", \"label\": \"doubled\", \"dtype\": \"i64\", \"rank\": 2, \"call_sites\": [0, 1]},"
    "            {\"label\": \"never\", \"dtype\": \"i64\", \"rank\": 1, \"call_sites\": [0]}],"
    " \"call_sites\": [\"\", \"layers.0\"],"
    " \"failures\": [{\"message\": \"expects indices in [0, 256)\", \"layer\": \"embed\", \"location\": "
    "\"model.cpp:30\"},"
    "                {\"message\": \"expects fewer than {bound}\"}]}";
#ifdef FAKE_MANIFEST_TOO_LONG
const uint64_t varve_manifest_size = 1 << 20;
#else
const uint64_t varve_manifest_size = sizeof varve_manifest - 1;
#endif

typedef struct {
  const float *x, *weight, *bias;
  float *y, *sums;
} Linear;

/* weight: [2 panels][4][2] */
static void linear_row(Context *context, const void *arguments, int64_t row, int64_t worker) {
  const Linear *a = arguments;
  (void)context;
  for (int64_t column = 0; column < 3; ++column) {
    float *sum = a->sums + worker * 16;
    *sum = a->bias[column];
    for (int64_t k = 0; k < 4; ++k)
      *sum += a->x[row * 4 + k] * a->weight[(column / 2) * 8 + k * 2 + column % 2];
    a->y[row * 3 + column] = *sum;
  }
}

void varve_entry_0(Context *context, void *const *buffers, const int64_t *dims, void *scratch) {
  Linear arguments = {buffers[0], buffers[1], buffers[2], buffers[4], scratch};
  ++*(int64_t *)buffers[3];
  if ((uintptr_t)scratch % 64 != 0)
    context->api->fail(context, 1, (int64_t)((uintptr_t)scratch % 64), 1);
  context->api->parallel(context, linear_row, &arguments, dims[0]);
}
int64_t varve_scratch_0(const int64_t *dims, int64_t workers) {
  (void)dims;
  return workers * 64;
}

typedef struct {
  const int64_t *ids;
  int64_t *doubled;
} Lookup;

static void lookup_id(Context *context, const void *arguments, int64_t task, int64_t worker) {
  const Lookup *a = arguments;
  (void)worker;
  if (a->ids[task] < 0 || a->ids[task] >= 256)
    context->api->fail(context, a->ids[task] == 1000 ? 1 : a->ids[task] == 2000 ? 9 : 0, a->ids[task], 999);
  a->doubled[task] = 2 * a->ids[task];
}

void varve_entry_1(Context *context, void *const *buffers, const int64_t *dims, void *scratch) {
  Lookup arguments = {buffers[0], buffers[4]};
  int64_t sizes[2] = {1, dims[1]};
  (void)scratch;
  context->api->parallel(context, lookup_id, &arguments, dims[1]);
  for (int64_t i = 0; i + 2 < dims[1]; ++i)
    ((int64_t *)buffers[5])[i] = arguments.ids[i + 2];
  ++*(int64_t *)buffers[3];
  context->api->print(context, 1, 0, buffers[0], sizes);
  context->api->print(context, 1, 1, buffers[0], sizes);
  context->api->print(context, 0, 0, buffers[0], sizes);
  if (dims[1] == 8) { /* two values, one of them none */
    float y[2] = {1, 0};
    int64_t two = 2;
    y[1] = y[1] / y[1];
    context->api->print(context, 1, 2, y, &two);
    context->api->print(context, 0, 2, y, &two);
    context->api->print(context, 0, 0, buffers[0], sizes);
  }
  for (int64_t site = 0; site < 2; ++site)
    if (context->taps && context->taps[0])
      context->api->tap(context, site, 0, buffers[4], sizes);
  if (dims[1] == 6)
    context->api->print(context, 7, 0, buffers[0], sizes);
}
int64_t varve_scratch_1(const int64_t *dims, int64_t workers) {
  (void)workers;
  return dims[1] == 5 ? -1 : 0;
}
