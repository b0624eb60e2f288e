# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""ONNX Runtime, OpenVINO, IREE and MAX, which run graphs that PyTorch exported (MAX: products that it records itself)."""
import subprocess
import sys
from pathlib import Path

import numpy as np

from . import report
from .rows import file_of, folder_of, in_blocks


def exported(row):
    """The row's ONNX file, made in a process of its own: PyTorch is not held in memory here."""
    path = file_of(row, ".onnx")
    if not path.exists():
        run = f"import json, sys; sys.path.insert(0, {str(Path(__file__).resolve().parents[1])!r}); " \
              "from peers import pytorch; pytorch.onnx_file(json.loads(sys.argv[1]))"
        import json
        done = subprocess.run([sys.executable, "-c", run, json.dumps(row)], stdout=sys.stderr)
        if done.returncode:
            raise RuntimeError("its graph could not be exported from PyTorch")
    return path


class OnnxRuntime:
    def __init__(self, row, threads):
        import onnxruntime
        if row["weights"] == "bf16":
            raise RuntimeError("its CPU kernels are of f32")
        if in_blocks(row) and row["weights"] != "q8_0":
            raise RuntimeError("has no such weights but for its own matmul in 4 bits, which is not compared")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        path = self.in_int8(row) if in_blocks(row) else exported(row)
        self.session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        self.input = {"x": np.load(file_of(row, ".npy"))} if row["kind"] != "llama" else {}

    @staticmethod
    def in_int8(row):
        """Its own dynamic quantisation: weights by rows, inputs as they come. Without VNNI its sums of pairs saturate unless
        weights have 7 bits, as its manual says."""
        from onnxruntime.quantization import QuantType, quantize_dynamic
        path = file_of(row, ".int8.onnx")
        if not path.exists():
            quantize_dynamic(exported(row), path, op_types_to_quantize=["MatMul", "Gemm"], per_channel=True,
                             weight_type=QuantType.QInt8, reduce_range=not report.has("avx512_vnni", "avx_vnni"), extra_options={"MatMulConstBOnly": True},
                             use_external_data_format=row["kind"] == "llama")
        return path

    def run(self):
        return self.session.run(None, self.input)

    def output(self):
        return self.run()[0]


def openvino_options(row, threads):
    return {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": row["dtype"], "PERFORMANCE_HINT": "LATENCY"}


def compressed(model, row):
    """With matrices in what is nearest to the row's blocks."""
    import nncf
    kinds = {"q8_0": nncf.CompressWeightsMode.INT8_SYM, "q4_0": nncf.CompressWeightsMode.INT4_SYM,
             "q4_k": nncf.CompressWeightsMode.INT4_ASYM}
    more = {} if row["weights"] == "q8_0" else {"ratio": 1.0, "group_size": 32, "all_layers": True}
    return nncf.compress_weights(model, mode=kinds[row["weights"]], **more)


class OpenVino:
    def __init__(self, row, threads):
        import openvino
        core = openvino.Core()
        model = core.read_model(exported(row))
        if in_blocks(row):
            model = compressed(model, row)
        self.request = core.compile_model(model, "CPU", openvino_options(row, threads)).create_infer_request()
        self.request.set_input_tensor(openvino.Tensor(np.load(file_of(row, ".npy"))))

    def run(self):
        self.request.infer()

    def output(self):
        self.run()
        return self.request.get_output_tensor().data.astype("f4")


class Iree:
    def __init__(self, row, threads):
        import iree.runtime as runtime
        if row["weights"] != "f32" or row["kind"] == "llama":
            raise RuntimeError("is compared in f32, and not for decoders")
        code = self.compiled(row)
        runtime.flags.parse_flags(f"--task_topology_group_count={threads}")
        self.device = runtime.get_device("local-task")
        config = runtime.Config(device=self.device)
        module = runtime.load_vm_module(runtime.VmModule.mmap(config.vm_instance, str(code)), config)
        names = module.vm_module.function_names
        name = next(n for n in names if not n.startswith("__") and not n.endswith("$async"))
        self.function = module[name]
        self.x = runtime.asdevicearray(self.device, np.load(file_of(row, ".npy")))

    @staticmethod
    def compiled(row):
        code = file_of(row, ".vmfb")
        if not code.exists():
            graph, tools = file_of(row, ".iree.mlir"), Path(sys.executable).parent
            for command in ([tools / "iree-import-onnx", exported(row), "-o", graph, "--opset-version", "17"],
                            [tools / "iree-compile", graph, "-o", code, "--iree-hal-target-device=local",
                             "--iree-hal-local-target-device-backends=llvm-cpu", "--iree-llvmcpu-target-cpu=host",
                             "--iree-opt-data-tiling", "--iree-opt-const-eval=true"]):
                done = subprocess.run([str(c) for c in command], stdout=sys.stderr, stderr=subprocess.PIPE, text=True)
                if done.returncode:
                    lines = [line for line in done.stderr.splitlines() if "error" in line] or ["no reason given"]
                    raise RuntimeError(f"{command[0].name}: {lines[0][-160:]}")
        return code

    def run(self):
        return self.function(self.x)

    def output(self):
        return self.run().to_host()


class Max:
    def __init__(self, row, threads):
        from max import engine
        from max.driver import Buffer
        from max.dtype import DType
        from max.graph import DeviceRef, Graph, TensorType, ops
        if row["kind"] != "product" or row["dtype"] != "f32":
            raise RuntimeError("is compared for products of f32: it has no import of graphs")
        weight, x = np.load(folder_of(row) / "weight.npy"), np.load(file_of(row, ".npy"))
        session = engine.InferenceSession(num_threads=threads)  # before any graph or device: it makes the context
        with Graph("product", input_types=[TensorType(DType.float32, x.shape, DeviceRef.CPU())]) as graph:
            constant = ops.constant(np.ascontiguousarray(weight.T), DType.float32, DeviceRef.CPU())
            graph.output(ops.matmul(graph.inputs[0].tensor, constant))
        self.model = session.load(graph)
        self.x = Buffer.from_numpy(x)

    def run(self):
        return self.model.execute(self.x)

    def output(self):
        return self.run()[0].to_numpy()
