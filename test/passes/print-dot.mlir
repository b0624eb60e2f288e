// RUN: varve-opt %s --varve-print-dot -o /dev/null | FileCheck %s
// RUN: varve-opt %s --varve-print-dot='depth=0 file=%t.dot' | FileCheck %s --check-prefix=IR
// RUN: FileCheck %s --check-prefix=FLAT --implicit-check-not=linear < %t.dot
// RUN: varve-opt %s --varve-print-dot=weights=false -o /dev/null | FileCheck %s --check-prefix=BARE --implicit-check-not=weight --implicit-check-not=parameters
// RUN: not varve-opt %s --varve-print-dot=file=%t.not-there/x.dot -o /dev/null 2>&1 | FileCheck %s --check-prefix=ERROR

// IR: varve.graph @f
// ERROR: error: expects a file that can be written, but got '{{.*}}x.dot': No such file or directory
varve.weight @block.up.weight : tensor<8x4xf32>
varve.weight @elsewhere : tensor<8xf32>

// CHECK: digraph varve {
// CHECK: subgraph cluster0 {
// CHECK-NEXT: label=<<b>f</b>>;
// CHECK-NEXT: n0 [label=<x<br/><font {{.*}}>[n, 4] f32</font>>, fillcolor="#dbeafe"
// CHECK-NEXT: n1 [label=<past<br/><font {{.*}}>[] i64</font>>
// FLAT: n0 [label=<x<br/>
varve.graph @f(%x: tensor<?x4xf32, #varve.dims<n, 4>> {varve.name = "x"}, %cache: !varve.buffer<2x8xf32> {varve.name = "block.cache"},
               %past: tensor<i64> {varve.name = "past", varve.dim = "past"}, %shared: !varve.buffer<4xf32> {varve.name = "shared"})
    -> (tensor<?x8xf32, #varve.dims<n, 8>> {varve.name = "y"}, tensor<4xf32>) {
  // A buffer is in the innermost layer that has all its uses, or else in the graph.
  // CHECK-NEXT: n2 [label=<shared<br/><font {{.*}}>[4] f32</font>>, shape=cylinder

  // A layer is a box with its name and kind. A weight has its name in the layer.
  // CHECK-NEXT: subgraph cluster1 {
  // CHECK-NEXT: label=<<b>block</b> <font {{.*}}>Block</font>>;
  // CHECK-NEXT: n3 [label=<cache<br/><font {{.*}}>[2, 8] f32</font>>, shape=cylinder
  // CHECK-NEXT: subgraph cluster2 {
  // CHECK-NEXT: label=<<b>up</b> <font {{.*}}>Linear</font>>;
  // CHECK-NEXT: n4 [label=<weight <font {{.*}}>[8, 4]</font>>, style=filled, fillcolor="#fdf3d4"
  // CHECK-NEXT: n5 [label=<linear>]
  // CHECK-NEXT: }
  // CHECK-NEXT: n6 [label=<elsewhere <font {{.*}}>[8]</font>>
  // CHECK-NEXT: n7 [label=<add>]
  // CHECK-NEXT: n8 [label=<buffer.load>]
  // CHECK-NEXT: n9 [label=<neg>]
  // CHECK-NEXT: n10 [label=<buffer.store<br/><font {{.*}}>offsets [0, past]</font>>]
  // CHECK-NEXT: n11 [label=<print<br/><font {{.*}}>label hidden, style full</font>>, style="rounded,filled,dashed"
  // CHECK-NEXT: }

  // With depth=0 the layer is one node.
  // FLAT: n3 [label=<<b>block</b> <br/><font {{.*}}>Block</font><br/><font {{.*}}>40 parameters</font><br/><font {{.*}}>1 buffer</font>>, style="rounded,filled,bold"
  // BARE: label=<<b>block</b>
  %0 = varve.layer "block" : "Block" -> tensor<?x8xf32, #varve.dims<n, 8>> {
    %1 = varve.layer "up" : "Linear" -> tensor<?x8xf32, #varve.dims<n, 8>> {
      %w = varve.use @block.up.weight : tensor<8x4xf32>
      %2 = varve.linear %x, %w : (tensor<?x4xf32, #varve.dims<n, 4>>, tensor<8x4xf32>) -> tensor<?x8xf32, #varve.dims<n, 8>>
      varve.output %2 : tensor<?x8xf32, #varve.dims<n, 8>>
    }
    %w = varve.use @elsewhere : tensor<8xf32>
    %2 = varve.add %1, %w : (tensor<?x8xf32, #varve.dims<n, 8>>, tensor<8xf32>) -> tensor<?x8xf32, #varve.dims<n, 8>>
    %3 = varve.buffer.load %cache : (!varve.buffer<2x8xf32>) -> tensor<2x8xf32>
    %4 = varve.neg %3 : (tensor<2x8xf32>) -> tensor<2x8xf32>
    varve.buffer.store %4, %cache offsets(0, past) : tensor<2x8xf32>, !varve.buffer<2x8xf32>
    varve.print %2, "hidden" {style = "full"} : tensor<?x8xf32, #varve.dims<n, 8>>
    varve.output %2 : tensor<?x8xf32, #varve.dims<n, 8>>
  }
  // Names may hold anything.
  // CHECK: label=<<b>&#60;b&#62;&#34;&#92;N?&#38;amp;?{{..}}</b> <font {{.*}}>A&#60;int&#62;</font>>;
  %s = varve.layer "<b>\22\5CN\0A&amp;\01\C3\A9" : "A<int>" -> tensor<4xf32> {
    %1 = varve.buffer.load %shared : (!varve.buffer<4xf32>) -> tensor<4xf32>
    varve.output %1 : tensor<4xf32>
  }
  %one = varve.constant dense<1.0> : tensor<4xf32>
  // CHECK: n13 [label=<constant<br/><font {{.*}}>value 1.000000e+00</font>>]
  %t = varve.add %s, %s : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %u = varve.mul %t, %one : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  varve.buffer.store %u, %shared : tensor<4xf32>, !varve.buffer<4xf32>
  %many:2 = varve.layer "many" : "Many" -> tensor<4xf32>, tensor<4xf32> {
    %1 = varve.neg %u : (tensor<4xf32>) -> tensor<4xf32>
    %2 = varve.abs %u : (tensor<4xf32>) -> tensor<4xf32>
    varve.output %1, %2 : tensor<4xf32>, tensor<4xf32>
  }
  %v = varve.add %many#0, %many#1 : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  // CHECK: [[Y:n[0-9]+]] [label=<y<br/><font {{.*}}>[n, 8] f32</font>>, fillcolor="#dbeafe"
  // CHECK-NEXT: [label=<output<br/>
  varve.output %0, %v : tensor<?x8xf32, #varve.dims<n, 8>>, tensor<4xf32>
}

// CHECK-NEXT: }
// CHECK-NEXT: n0 -> n5 [label=<&#160;&#160;[n, 4]&#160;>]
// CHECK-NEXT: n4 -> n5{{$}}
// CHECK-NEXT: n5 -> n7 [label=<&#160;&#160;[n, 8]&#160;>]
// CHECK-NEXT: n6 -> n7{{$}}
// CHECK-NEXT: n3 -> n8{{$}}
// CHECK-NEXT: n8 -> n9 [label=<&#160;&#160;[2, 8]&#160;>]
// CHECK-NEXT: n9 -> n10 [label=<&#160;&#160;[2, 8]&#160;>]
// CHECK-NEXT: n10 -> n3 [style=dashed, constraint=false]
// CHECK-NEXT: n7 -> n11 [label=<&#160;&#160;[n, 8]&#160;>]
// CHECK: n7 -> [[Y]] [label=<&#160;&#160;[n, 8]&#160;>]

// FLAT: n0 -> n3 [label=<&#160;&#160;[n, 4]&#160;>]
// FLAT: -> [[SUM:n[0-9]+]] [label=<&#160;&#160;2 x [4]&#160;>]
// FLAT: [[SUM]] -> {{n[0-9]+}} [label=<&#160;&#160;[4]&#160;>]{{$}}
