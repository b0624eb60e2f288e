// RUN: varve-opt %s -split-input-file -verify-diagnostics --varve-check-placement=devices=cpu:0,cpu:1
// RUN: varve-opt %s -split-input-file -verify-diagnostics --varve-shape=devices=cpu:0,cpu:1

// expected-error @+1 {{expects a device that this build can use, cpu:0 or cpu:1, but got cuda:0 for graph 'on_a_graph'}}
varve.mesh @cuda_0 <model = 1> ["cuda:0"]
varve.weight @w : tensor<8xf32> sharding<@cuda_0, [{}]>
varve.graph @on_a_graph() on @cuda_0 {
  varve.layer "a" : "A" on @cuda_0 {
  }
  varve.output
}

// -----

// Every mesh has one error.

// expected-error @+1 {{expects a device that this build can use, cpu:0 or cpu:1, but got cuda:0 for layer 'blocks.0'}}
varve.mesh @cuda_0 <model = 1> ["cuda:0"]
// expected-error @+1 {{expects one device, since programs are not partitioned over several yet, but got cpu:0, cpu:1 for layer 'blocks.0.mlp'}}
varve.mesh @mesh <model = 2> ["cpu:0", "cpu:1"]
// expected-error @+1 {{expects a device that this build can use, cpu:0 or cpu:1, but got cpu:2 for weight 'w'}}
varve.mesh @cpu_2 <model = 1> ["cpu:2"]
varve.weight @v : tensor<8xf32> sharding<@cuda_0, [{}]>
varve.weight @w : tensor<8xf32> sharding<@cpu_2, [{}]>
varve.graph @on_layers(%x: tensor<8xf32>) {
  varve.layer "blocks.0" : "Block" on @cuda_0 {
    varve.layer "mlp" : "MLP" on @mesh {
      varve.print %x, "x" : tensor<8xf32>
    }
  }
  varve.layer "blocks.1" : "Block" on @cuda_0 {
  }
  varve.output
}

// -----

varve.mesh @cpu_0 <model = 1> ["cpu:0"]
// expected-error @+1 {{expects one device for the whole program, cpu:0, since values are not moved between devices yet, but got cpu:1 for layer 'a'}}
varve.mesh @cpu_1 <model = 1> ["cpu:1"]
varve.graph @on_two_devices() on @cpu_0 {
  varve.layer "a" : "A" on @cpu_1 {
  }
  varve.output
}

// -----

// expected-error @+1 {{expects a device that this build can use, cpu:0 or cpu:1, but got cuda:7 for function 'outlined'}}
varve.mesh @cuda_7 <model = 1> ["cuda:7"]
func.func private @outlined() attributes {varve.placement = @cuda_7} {
  return
}
