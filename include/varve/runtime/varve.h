/* SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
 * The runtime in plain C: load an executable, bind weights, run it on DLPack tensors. Nothing here aborts or throws: a
 * function that returns an int gives 0 for success, one that returns a pointer gives null for failure, and
 * varve_last_error() then says why.
 *   varve_executable *exe = varve_executable_load("mlp.varve");
 *   varve_session *session = varve_session_create(exe, 0);
 *   varve_session_run(session, "mlp", &input, 1, &output, 1);
 */
#pragma once
#include "varve/runtime/DLPack.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct varve_executable varve_executable;
typedef struct varve_session varve_session;

/* The text of this thread's last failure, "" if none; valid until its next call of a function here that fails. */
const char *varve_last_error(void);

/* An executable from a file. The caller frees it; null may be freed. */
varve_executable *varve_executable_load(const char *path);
void varve_executable_free(varve_executable *executable);

/* Gives the executable its weights: `count` names and tensors. The memory of a weight that is not packed is used where
 * it is, so all of it must outlive the executable and its sessions. Sessions made before keep what they had. A weight in
 * blocks (q8_0, q4_k, ..) is given as bytes: uint8 [.., blocks in a row, bytes of a block]. */
int varve_executable_bind_weights(varve_executable *executable, const char *const *names,
                                  const DLTensor *const *tensors, size_t count);

/* The same, and keeps packed weights in the file `packed`, which the next process maps: nothing is packed or read then.
 * It is made where it is not there, and made anew where it was made from other weights or for another layout, or was
 * damaged; why is written to stderr. `version` says which weights these are (a digest of the checkpoint, say): others
 * need another. If it is null, all bytes of the weights that are packed are read to know them. */
int varve_executable_bind_weights_packed(varve_executable *executable, const char *const *names,
                                         const DLTensor *const *tensors, size_t count, const char *packed,
                                         const char *version);

/* A session with that many threads, the caller's included; 0 is one for each CPU. It may outlive the executable. */
varve_session *varve_session_create(const varve_executable *executable, int threads);
void varve_session_free(varve_session *session);

/* Runs an entry (null: the only one). The inputs stay the caller's. On success each of the `output_count` outputs,
 * which must be the entry's number, is a new tensor whose deleter the caller calls; on failure none is written. */
int varve_session_run(varve_session *session, const char *entry, const DLTensor *const *inputs, size_t input_count,
                      DLManagedTensorVersioned **outputs, size_t output_count);

/* Called with the path of a tap ("layers.0.mlp.output") and its value, both valid during the call. */
typedef void (*varve_tap_function)(void *user, const char *path, const DLTensor *value);

/* Calls `function` for each tap whose path matches the glob (`*`, `?`, `[0-3]`), at every run from now on. A glob that
 * matches no tap of the executable is a failure. */
int varve_session_tap(varve_session *session, const char *glob, varve_tap_function function, void *user);
/* Switches all taps off. */
int varve_session_clear_taps(varve_session *session);

/* Sets the session's state (caches) to zero. */
int varve_session_reset(varve_session *session);

#ifdef __cplusplus
}
#endif
