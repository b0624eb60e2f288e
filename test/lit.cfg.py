# The lit suite: every .mlir and .test file below this folder.
#
# In a RUN line, besides lit's own (%s the file, %S its folder, %t a scratch name of its own):
#   varve-opt, varve-run, ...      this build's tools, found through PATH
#   FileCheck, not, mlir-opt, ...  LLVM's, of the version that the build uses, found the same way
#   %data                          test/data
#   %root                          the source tree
import os
import shutil

import lit.formats

if not hasattr(config, "varve_tools_dir"):
    lit_config.fatal("run lit on a build (build/dev/test), or use `tools/dev test lit`")

config.name = "varve"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
config.excludes = ["data", "fuzz", "unit"]
config.test_source_root = os.path.dirname(__file__)

config.substitutions.append(("%data", os.path.join(config.test_source_root, "data")))
config.substitutions.append(("%root", config.varve_source_dir))

config.environment["PATH"] = os.pathsep.join(
    [config.varve_tools_dir, config.llvm_tools_dir, os.environ["PATH"]])
if shutil.which("dot"):
    config.available_features.add("dot")
# A variable is local to its CHECK-LABEL block, so that one test function cannot match another's values.
config.environment["FILECHECK_OPTS"] = "-enable-var-scope"

# A test that hangs fails by name instead of holding up the rest; lit needs Python's psutil for that.
if lit_config.maxIndividualTestTimeIsSupported[0] and not lit_config.maxIndividualTestTime:
    lit_config.maxIndividualTestTime = 300
