# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Varve through the runtime's C interface: varve/runtime/varve.h."""
import ctypes

import numpy as np

from . import weights
from .rows import file_of, folder_of


class DLTensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("device_type", ctypes.c_int32), ("device_id", ctypes.c_int32),
                ("ndim", ctypes.c_int32), ("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16),
                ("shape", ctypes.POINTER(ctypes.c_int64)), ("strides", ctypes.POINTER(ctypes.c_int64)),
                ("byte_offset", ctypes.c_uint64)]


class Managed(ctypes.Structure):
    pass


Managed._fields_ = [("major", ctypes.c_uint32), ("minor", ctypes.c_uint32), ("context", ctypes.c_void_p),
                    ("deleter", ctypes.CFUNCTYPE(None, ctypes.POINTER(Managed))), ("flags", ctypes.c_uint64),
                    ("tensor", DLTensor)]
CODES = {"f32": (2, 32), "bf16": (4, 16), "i64": (0, 64), "u8": (1, 8)}


class Varve:
    def __init__(self, row, threads, library):
        self.library = lib = ctypes.CDLL(library)
        lib.varve_last_error.restype = ctypes.c_char_p
        lib.varve_executable_load.restype = lib.varve_session_create.restype = ctypes.c_void_p
        executable = ctypes.c_void_p(lib.varve_executable_load(str(folder_of(row) / "model.varve").encode()))
        self.check(bool(executable))
        # Held as long as the session: what is not packed is used where it is.
        self.weights = given = {name: self.tensor(values, kind, shape) for name, kind, values, shape in weights.stored(row)}
        names = (ctypes.c_char_p * len(given))(*[name.encode() for name in given])
        tensors = (ctypes.POINTER(DLTensor) * len(given))(*[ctypes.pointer(t) for t in given.values()])
        self.check(lib.varve_executable_bind_weights(executable, names, tensors, ctypes.c_size_t(len(given))) == 0)
        self.session = ctypes.c_void_p(lib.varve_session_create(executable, threads))
        self.check(bool(self.session))
        self.result = (ctypes.POINTER(Managed) * 1)()
        if row["kind"] == "llama":
            return
        x = np.load(file_of(row, ".npy"))
        kind = "i64" if x.dtype.kind == "i" else row["dtype"]
        self.inputs = self.pointers([self.tensor(weights.to_bf16(x) if kind == "bf16" else x, kind)])

    def check(self, good):
        if not good:
            raise RuntimeError(self.library.varve_last_error().decode())

    def tensor(self, values, kind, shape=None):
        """What describes the array; it holds the array."""
        shape = values.shape if shape is None else shape
        sizes = (ctypes.c_int64 * len(shape))(*shape)
        tensor = DLTensor(values.ctypes.data, 1, 0, len(shape), *CODES[kind], 1, sizes, None, 0)
        tensor.values = values
        return tensor

    def pointers(self, tensors):
        return (ctypes.POINTER(DLTensor) * len(tensors))(*[ctypes.pointer(t) for t in tensors])

    def call(self, entry, inputs):
        """Runs; the result is in self.result until it is let go."""
        if self.library.varve_session_run(self.session, entry, inputs, ctypes.c_size_t(len(inputs)), self.result,
                                          ctypes.c_size_t(1)):
            self.check(False)

    def let_go(self):
        self.result[0].contents.deleter(self.result[0])

    def values(self):
        tensor = self.result[0].contents.tensor
        shape = [tensor.shape[i] for i in range(tensor.ndim)]
        of = ctypes.c_float if tensor.bits == 32 else ctypes.c_uint16
        values = np.ctypeslib.as_array(ctypes.cast(tensor.data, ctypes.POINTER(of)), shape).copy()
        return values if tensor.bits == 32 else (values.astype("u4") << 16).view("f4")

    def run(self):
        self.call(None, self.inputs)
        self.let_go()

    def output(self):
        self.call(None, self.inputs)
        values = self.values()
        self.let_go()
        return values
