# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
# Copies a checkpoint folder with one lie in the header of its model.safetensors: damage.py FROM TO KIND
import json
import os
import shutil
import sys

source, target, kind = sys.argv[1:]
shutil.copytree(source, target)
path = os.path.join(target, "model.safetensors")
content = open(path, "rb").read()
size = int.from_bytes(content[:8], "little")
header, data = json.loads(content[8:8 + size]), content[8 + size:]
tensor = header["model.norm.weight"]
if kind == "offset":
    tensor["data_offsets"] = [2**40, 2**40 + 2 * tensor["shape"][0]]
elif kind == "shape":
    tensor["shape"] = [tensor["shape"][0] + 1]
elif kind == "dtype":
    tensor["dtype"] = "F16"
elif kind == "name":
    header["model.nrom.weight"] = header.pop("model.norm.weight")
text = json.dumps(header).encode()
length = 2**62 if kind == "length" else len(text)
open(path, "wb").write(length.to_bytes(8, "little") + text + data)
