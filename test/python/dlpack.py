# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Tensors go to NumPy and back by DLPack, and to PyTorch where it is installed, without a copy and freed exactly once.
#   dlpack.py libvarve-python-test.so
import ctypes
import gc
import sys
import threading

import numpy as np

library = ctypes.CDLL(sys.argv[1])
for name in ("give_legacy", "give_versioned", "take_legacy", "take_versioned", "address"):
    getattr(library, name).restype = ctypes.c_void_p
for name in ("why", "type"):
    getattr(library, name).restype = ctypes.c_char_p
for name in ("take_legacy", "take_versioned", "address", "type", "read_only", "drop"):
    getattr(library, name).argtypes = [ctypes.c_void_p]

python = ctypes.pythonapi
python.PyCapsule_New.restype = ctypes.py_object
python.PyCapsule_New.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
python.PyCapsule_GetPointer.restype = ctypes.c_void_p
python.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
python.PyCapsule_SetName.argtypes = [ctypes.py_object, ctypes.c_char_p]
python.PyCapsule_IsValid.argtypes = [ctypes.py_object, ctypes.c_char_p]

# A capsule keeps its names as pointers.
LEGACY, USED_LEGACY = b"dltensor", b"used_dltensor"
VERSIONED, USED_VERSIONED = b"dltensor_versioned", b"used_dltensor_versioned"


class Ours:
    """A tensor of ours, as the array API's protocol wants it."""

    def __init__(self, versioned):
        self.versioned = versioned

    def __dlpack__(self, **_):
        if self.versioned:
            return python.PyCapsule_New(library.give_versioned(), VERSIONED, None)
        return python.PyCapsule_New(library.give_legacy(), LEGACY, None)

    def __dlpack_device__(self):
        return (1, 0)  # the CPU


def take(theirs, **options):
    """Our handle on somebody's tensor; raises ValueError with our words if we refuse it."""
    capsule = theirs.__dlpack__(**options)
    versioned = python.PyCapsule_IsValid(capsule, VERSIONED)
    pointer = python.PyCapsule_GetPointer(capsule, VERSIONED if versioned else LEGACY)
    handle = (library.take_versioned if versioned else library.take_legacy)(pointer)
    if not handle:
        raise ValueError(library.why().decode())  # and the capsule frees what it still has
    python.PyCapsule_SetName(capsule, USED_VERSIONED if versioned else USED_LEGACY)
    return handle


def expect(holds, what):
    if not holds:
        sys.exit(f"dlpack.py: expects {what}, but it is not so")


def check_out(library_of, versioned):
    """Ours goes to another library: same numbers, same memory, freed when the last view is gone, on any thread."""
    array = library_of.from_dlpack(Ours(versioned))
    expect(library.living() == 1, "a tensor that lives while it is viewed")
    expect(array.tolist() == [[0, 1, 2], [3, 4, 5]], "the same numbers")
    if not isinstance(array, np.ndarray) or versioned:  # NumPy takes the legacy form for read-only
        array[1, 2] = 7
        array[1, 2] = 5
    part = array[1]
    del array
    gc.collect()
    expect(library.living() == 1 and float(part[2]) == 5, "memory that lives as long as a part of it is viewed")
    holder = [part]
    del part
    thread = threading.Thread(target=holder.clear)
    thread.start()
    thread.join()
    gc.collect()
    expect(library.living() == 0, "memory that is freed, once")


def check_in(make, address_of, versioned):
    """Another library's tensor comes to us: same memory, given back when we drop it."""
    theirs = make()
    options = {"max_version": (1, 0)} if versioned else {}
    before = sys.getrefcount(theirs)
    handle = take(theirs, **options)
    expect(library.address(handle) == address_of(theirs), "the same memory")
    expect(library.type(handle) == b"f32 [2, 3]", "f32 [2, 3]")
    thread = threading.Thread(target=library.drop, args=(handle,))
    thread.start()
    thread.join()
    expect(sys.getrefcount(theirs) == before, "an array that is given back, once")


def check_numpy():
    numpy_two = int(np.__version__.split(".")[0]) >= 2
    for versioned in (False, True) if numpy_two else (False,):
        check_out(np, versioned)
        check_in(lambda: np.arange(6, dtype=np.float32).reshape(2, 3), lambda array: array.ctypes.data, versioned)
    # What we have no use for stays theirs.
    whole = np.arange(12, dtype=np.float32).reshape(3, 4)
    for theirs, words in ((whole.T, "contiguous"), (whole[:, ::2], "contiguous"), (whole.astype(np.complex64), "f32, f16"),
                          (whole.astype(np.float64), "f32, f16")):
        before = sys.getrefcount(theirs)
        try:
            take(theirs)
            expect(False, f"{theirs.dtype} {theirs.strides} to be refused")
        except ValueError as error:
            expect(words in str(error) and str(error).startswith("expects"), f"an error about {words}, not {error}")
        gc.collect()
        expect(sys.getrefcount(theirs) == before, "a refused array that stays as it was")
    # A view that begins inside its memory comes with the address of its first element.
    view = whole[1:]
    handle = take(view)
    expect(library.address(handle) == view.ctypes.data, "the address of the view")
    library.drop(handle)
    if numpy_two:
        whole.flags.writeable = False
        handle = take(whole, max_version=(1, 0))
        expect(library.read_only(handle) == 1, "a read-only array to stay so")
        library.drop(handle)
    return f"NumPy {np.__version__}"


def check_torch():
    try:
        import torch
    except ImportError:
        return "no PyTorch"
    check_out(torch, False)
    check_in(lambda: torch.arange(6, dtype=torch.float32).reshape(2, 3), lambda tensor: tensor.data_ptr(), False)
    return f"PyTorch {torch.__version__}"


print("by way of DLPack, without a copy:", check_numpy() + ",", check_torch())
expect(library.living() == 0, "nothing of ours to live on")
