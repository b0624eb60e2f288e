// RUN: varve-opt %s -split-input-file -verify-diagnostics

// expected-error @+1 {{expects at least one axis, but got none}}
varve.mesh @mesh_c1_no_axis <> ["cpu:0"]

// -----

// expected-error @+1 {{expects axes of different names, but got "model" twice}}
varve.mesh @mesh_c1_axis_twice <model = 1, model = 1> ["cpu:0"]

// -----

// expected-error @+1 {{expects axes of at least one device, but got size 0}}
varve.mesh @mesh_c2_size <model = 0> []

// -----

// expected-error @+1 {{expects a size for each of 2 axes, but got 1 sizes}}
"varve.mesh"() <{axes = ["data", "model"], devices = ["cpu:0"], sizes = array<i64: 1>, sym_name = "mesh_c2_number"}> : () -> ()

// -----

// expected-error @+1 {{expects as many devices as the product of the axes' sizes, 4, but got 3}}
varve.mesh @mesh_c3_number <data = 2, model = 2> ["cuda:0", "cuda:1", "cuda:2"]

// -----

// expected-error @+1 {{expects as many devices as the product of the axes' sizes, 9223372036854775807, but got 1}}
varve.mesh @mesh_c3_overflow <data = 4294967296, model = 4294967296> ["cpu:0"]

// -----

// expected-error @+1 {{expects devices such as cpu:0 or cuda:1, but got "cuda"}}
varve.mesh @mesh_c4_no_number <model = 1> ["cuda"]

// -----

// expected-error @+1 {{expects devices such as cpu:0 or cuda:1, but got "cuda:01"}}
varve.mesh @mesh_c4_number <model = 1> ["cuda:01"]

// -----

// expected-error @+1 {{expects devices such as cpu:0 or cuda:1, but got "cpu:-1"}}
varve.mesh @mesh_c4_negative <model = 1> ["cpu:-1"]

// -----

// expected-error @+1 {{expects devices such as cpu:0 or cuda:1, but got "tpu:0"}}
varve.mesh @mesh_c4_kind <model = 1> ["tpu:0"]

// -----

// expected-error @+1 {{expects different devices, but got "cuda:1" twice}}
varve.mesh @mesh_c4_device_twice <model = 2> ["cuda:1", "cuda:1"]
