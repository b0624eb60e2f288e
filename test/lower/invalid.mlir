// RUN: varve-opt %s --varve-convert-to-linalg --verify-diagnostics

// Layers are dissolved before.
varve.graph @layer(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-error @+1 {{failed to legalize operation 'varve.layer'}}
  %0 = varve.layer "act" : "ReLU" -> tensor<4xf32> {
    %1 = varve.relu %x : (tensor<4xf32>) -> tensor<4xf32>
    varve.output %1 : tensor<4xf32>
  }
  varve.output %0 : tensor<4xf32>
}
