// RUN: varve-opt %s -split-input-file --varve-convert-to-linalg --verify-diagnostics

// Layers are dissolved before.
varve.graph @layer(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{failed to legalize operation 'varve.layer'}}
  %0 = varve.layer "act" : "ReLU" -> tensor<4xf32> {
    %1 = varve.relu %x : (tensor<4xf32>) -> tensor<4xf32>
    varve.output %1 : tensor<4xf32>
  }
  varve.output %0 : tensor<4xf32>
}

// -----

// The lowering's own functions have such names.
// expected-error @+1 {{expects a name that does not begin with 'varve.', but got "varve.rt.tapped"}}
func.func private @varve.rt.tapped(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}

// -----

// expected-error @+1 {{expects a name that does not begin with 'varve.', but got "varve.rt.print"}}
varve.graph @varve.rt.print(%x: tensor<4xf32>) -> tensor<4xf32> {
  varve.output %x : tensor<4xf32>
}
