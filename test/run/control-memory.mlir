// What bodies share with what is around them, and with the next trip: views, memories that change places, layers' paths.
// RUN: varve-run %s --entry strided --input iota 2>/dev/null | FileCheck %s --check-prefix=STRIDED
// RUN: varve-run %s --entry strided --input iota 2>&1 >/dev/null | FileCheck %s --check-prefix=COLUMNS
// RUN: varve-run %s --entry layers --input 1,2 --input 2 --tap "b.*" 2>&1 | FileCheck %s --check-prefix=LAYERS
// RUN: varve-run %s --entry swap --input 1,0 --input 0,0 --input 3,200 | FileCheck %s --check-prefix=SWAP
// RUN: varve-run %s --entry both --input=-0.5,1.5 --input 1 | FileCheck %s --check-prefix=BOTH
// RUN: varve-run %s --entry gaps --dim n=2 --input iota | FileCheck %s --check-prefix=GAPS
// RUN: varve-run %s --entry ones --dim n=2 --input iota | FileCheck %s --check-prefix=ONES
// RUN: varve-run %s --entry part --dim n=1 --input x=iota --input w=1,1,1,1,1,1,1,1 | FileCheck %s --check-prefix=PART

// Slices that are not contiguous are carried, handed out, scanned, and given to a function that two layers share.
// STRIDED:      y: f32 [3, 2]
// STRIDED-NEXT: {{\[\[}} 3,  6],
// STRIDED-NEXT:  [15, 18],
// STRIDED-NEXT:  [27, 30]]
// STRIDED-NEXT: z: f32 [3, 2]
// STRIDED-NEXT: {{\[\[}} 1,  2],
// STRIDED-NEXT:  [ 5,  6],
// STRIDED-NEXT:  [ 9, 10]]
// STRIDED-NEXT: w: f32 [2, 3]
// STRIDED-NEXT: {{\[\[}}    8,  5000, 52488],
// STRIDED-NEXT:  [  128, 10368, 80000]]
// COLUMNS:      a.col f32 [3]
// COLUMNS-NEXT: [ 2, 10, 18]
// COLUMNS-NEXT: b.col f32 [3]
// COLUMNS-NEXT: [  4, 100, 324]
// COLUMNS-NEXT: a.col f32 [3]
// COLUMNS-NEXT: [ 4, 12, 20]
// COLUMNS-NEXT: b.col f32 [3]
!x = tensor<3x4xf32>
varve.graph @strided(%x: !x {varve.name = "x"}) -> (tensor<3x2xf32> {varve.name = "y"}, tensor<3x2xf32> {varve.name = "z"}, tensor<2x3xf32> {varve.name = "w"}) {
  %s = varve.slice %x {starts = #varve.dims<0, 1>, ends = #varve.dims<3, 3>, steps = array<i64: 1, 1>} : (!x) -> tensor<3x2xf32>
  %0 = varve.loop to(2) carry(%s : tensor<3x2xf32>) do(%i, %h) {
    %1 = varve.add %h, %s : (tensor<3x2xf32>, tensor<3x2xf32>) -> tensor<3x2xf32>
    varve.output %1 : tensor<3x2xf32>
  }
  %zero = varve.constant dense<0.0> : tensor<f32>
  %m = varve.reduce_max %x {axes = array<i64: 0, 1>} : (!x) -> tensor<f32>
  %p = varve.compare %m, %zero {predicate = "gt"} : (tensor<f32>, tensor<f32>) -> tensor<i1>
  %c = varve.cond %p -> tensor<3x2xf32> {
    varve.output %s : tensor<3x2xf32>
  } else {
    varve.output %0 : tensor<3x2xf32>
  }
  %t = varve.loop to(2) scan(%s along 1 : tensor<3x2xf32>) stack(tensor<2x3xf32> along 0) do(%i, %col) {
    %l = varve.layer "a" : "A" -> tensor<3xf32> {
      %1 = varve.add %col, %col : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
      varve.print %1, "col" : tensor<3xf32>
      %2 = varve.mul %1, %col : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
      varve.output %2 : tensor<3xf32>
    }
    %l2 = varve.layer "b" : "A" -> tensor<3xf32> {
      %1 = varve.add %l, %l : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
      varve.print %1, "col" : tensor<3xf32>
      %2 = varve.mul %1, %l : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
      varve.output %2 : tensor<3xf32>
    }
    varve.output %l2 : tensor<3xf32>
  }
  varve.output %0, %c, %t : tensor<3x2xf32>, tensor<3x2xf32>, tensor<2x3xf32>
}

// A loop in a layer that is called twice: one function, each print and tap with the path of its call.
// LAYERS:      a.h f32 [2]
// LAYERS-NEXT: [1, 2]
// LAYERS-NEXT: a.h f32 [2]
// LAYERS-NEXT: [2, 4]
// LAYERS-NEXT: b.h f32 [2]
// LAYERS-NEXT: [3, 6]
// LAYERS-NEXT: b.t f32 [2]
// LAYERS-NEXT: [3, 6]
// LAYERS-NEXT: b.h f32 [2]
// LAYERS-NEXT: [ 6, 12]
// LAYERS-NEXT: b.t f32 [2]
// LAYERS-NEXT: [ 6, 12]
// LAYERS:      y: f32 [2]
// LAYERS-NEXT: [ 9, 18]
varve.graph @layers(%x: tensor<2xf32> {varve.name = "x"}, %n: tensor<i64> {varve.name = "n"}) -> (tensor<2xf32> {varve.name = "y"}) {
  %a = varve.layer "a" : "L" -> tensor<2xf32> {
    %0 = varve.loop to(%n : tensor<i64>) carry(%x : tensor<2xf32>) do(%i, %h) {
      varve.print %h, "h" : tensor<2xf32>
      %t = varve.identity %h {tag = "t"} : (tensor<2xf32>) -> tensor<2xf32>
      %1 = varve.add %t, %x : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
      varve.output %1 : tensor<2xf32>
    }
    varve.output %0 : tensor<2xf32>
  }
  %b = varve.layer "b" : "L" -> tensor<2xf32> {
    %0 = varve.loop to(%n : tensor<i64>) carry(%a : tensor<2xf32>) do(%i, %h) {
      varve.print %h, "h" : tensor<2xf32>
      %t = varve.identity %h {tag = "t"} : (tensor<2xf32>) -> tensor<2xf32>
      %1 = varve.add %t, %a : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
      varve.output %1 : tensor<2xf32>
    }
    varve.output %0 : tensor<2xf32>
  }
  varve.output %b : tensor<2xf32>
}

// Values that change places, one that goes to two, and types that lie as others in memory.
// SWAP:      a: bool [2]
// SWAP-NEXT: [false, false]
// SWAP-NEXT: b: bool [2]
// SWAP-NEXT: [ true, false]
// SWAP-NEXT: c: bool [2]
// SWAP-NEXT: [ true, false]
// SWAP-NEXT: d: u8 [2]
// SWAP-NEXT: [24, 64]
varve.graph @swap(%x: tensor<2xi1> {varve.name = "x"}, %y: tensor<2xi1> {varve.name = "y"}, %u: tensor<2xui8> {varve.name = "u"}) -> (tensor<2xi1> {varve.name = "a"}, tensor<2xi1> {varve.name = "b"}, tensor<2xi1> {varve.name = "c"}, tensor<2xui8> {varve.name = "d"}) {
  %0:4 = varve.loop to(3) carry(%x, %y, %y, %u : tensor<2xi1>, tensor<2xi1>, tensor<2xi1>, tensor<2xui8>) do(%i, %a, %b, %c, %d) {
    %e = varve.add %d, %d : (tensor<2xui8>, tensor<2xui8>) -> tensor<2xui8>
    varve.output %b, %a, %a, %e : tensor<2xi1>, tensor<2xi1>, tensor<2xi1>, tensor<2xui8>
  }
  varve.output %0#0, %0#1, %0#2, %0#3 : tensor<2xi1>, tensor<2xi1>, tensor<2xi1>, tensor<2xui8>
}

// A result that a branch computes more of, and that is handed out itself, is not overwritten.
// BOTH:      y: f32 [2]
// BOTH-NEXT: [ 0.479426, -0.997495]
// BOTH-NEXT: z: f32 [2]
// BOTH-NEXT: [ 1, -0]
varve.graph @both(%x: tensor<2xf32> {varve.name = "x"}, %p: tensor<i1> {varve.name = "p"}) -> (tensor<2xf32> {varve.name = "y"}, tensor<2xf32> {varve.name = "z"}) {
  %0 = varve.sin %x : (tensor<2xf32>) -> tensor<2xf32>
  %y = varve.neg %0 : (tensor<2xf32>) -> tensor<2xf32>
  %z = varve.cond %p -> tensor<2xf32> {
    %1 = varve.ceil %y : (tensor<2xf32>) -> tensor<2xf32>
    varve.output %1 : tensor<2xf32>
  } else {
    varve.output %y : tensor<2xf32>
  }
  varve.output %y, %z : tensor<2xf32>, tensor<2xf32>
}

// What is carried at first is a part of something larger: here, of the windows of whole rows.
// PART:      y: f32 [1, 1, 1, 2]
// PART-NEXT: {{\[\[\[\[}}3, 5]]]]
#x = #varve.dims<n, 2, n, 3>
#y = #varve.dims<n, 1, (n + 1) floordiv 3 + 1, 2>
varve.graph @part(%x: tensor<?x2x?x3xf32, #x> {varve.name = "x"}, %w: tensor<1x2x2x2xf32> {varve.name = "w"}) -> (tensor<?x1x?x2xf32, #y> {varve.name = "y"}) {
  %0 = varve.conv %x, %w {dilations = array<i64: 2, 2>, padding_begin = array<i64: 2, 2>, padding_end = array<i64: 2, 2>, strides = array<i64: 3, 3>} : (tensor<?x2x?x3xf32, #x>, tensor<1x2x2x2xf32>) -> tensor<?x1x?x2xf32, #y>
  %1 = varve.loop to(n) carry(%0 : tensor<?x1x?x2xf32, #y>) do(%i, %h) {
    %2 = varve.abs %h : (tensor<?x1x?x2xf32, #y>) -> tensor<?x1x?x2xf32, #y>
    varve.output %2 : tensor<?x1x?x2xf32, #y>
  }
  varve.output %1 : tensor<?x1x?x2xf32, #y>
}

// The axis of a trip is one of two of size 1, and of the other it is not known how far it reaches.
// ONES:      y: f32 [1, 2, 2, 2, 2]
// ONES-NEXT: {{\[\[\[\[\[}}0, 1],
// ONES-NEXT:    [2, 3]],
// ONES-NEXT:   {{\[\[}}0, 1],
// ONES-NEXT:    [2, 3]]],
// ONES-NEXT:  {{\[\[\[}}4, 5],
// ONES-NEXT:    [6, 7]],
// ONES-NEXT:   {{\[\[}}4, 5],
// ONES-NEXT:    [6, 7]]]]]
// ONES:      z: f32 [2, 1, 2, 2]
// ONES-NEXT: {{\[\[\[\[}}0, 1],
// ONES-NEXT:   [4, 5]]],
// ONES-NEXT:  {{\[\[\[}}2, 3],
// ONES-NEXT:   [6, 7]]]]
varve.graph @ones(%x: tensor<1x?x2x?xf32, #varve.dims<1, n, 2, n>> {varve.name = "x"}) -> (tensor<1x?x2x2x?xf32, #varve.dims<1, n, 2, 2, n>> {varve.name = "y"}, tensor<2x1x?x?xf32, #varve.dims<2, 1, n, n>> {varve.name = "z"}) {
  %0:2 = varve.loop to(2) scan(%x along 2 : tensor<1x?x2x?xf32, #varve.dims<1, n, 2, n>>) stack(tensor<1x?x2x2x?xf32, #varve.dims<1, n, 2, 2, n>> along 2, tensor<2x1x?x?xf32, #varve.dims<2, 1, n, n>> along 0) do(%i, %s) {
    varve.output %x, %s : tensor<1x?x2x?xf32, #varve.dims<1, n, 2, n>>, tensor<1x?x?xf32, #varve.dims<1, n, n>>
  }
  varve.output %0#0, %0#1 : tensor<1x?x2x2x?xf32, #varve.dims<1, n, 2, 2, n>>, tensor<2x1x?x?xf32, #varve.dims<2, 1, n, n>>
}

// A part with gaps is given to a function that two layers share, though its type does not tell that it has any.
// GAPS:      y: f32 [2, 1, 2]
// GAPS-NEXT: {{\[\[\[}}-0, -1]],
// GAPS-NEXT:  {{\[\[}}-4, -5]]]
!part = tensor<2x1x?xf32, #varve.dims<2, 1, n>>
varve.graph @gaps(%x: tensor<2x2x?xf32, #varve.dims<2, 2, n>> {varve.name = "x"}) -> (!part {varve.name = "y"}) {
  %0 = varve.slice %x {starts = #varve.dims<0, 0, 0>, ends = #varve.dims<2, 1, n>, steps = array<i64: 1, 1, 1>} : (tensor<2x2x?xf32, #varve.dims<2, 2, n>>) -> !part
  %1 = varve.layer "a" : "Twice" -> !part {
    %2 = varve.neg %0 : (!part) -> !part
    %3 = varve.floor %2 : (!part) -> !part
    %4 = varve.ceil %3 : (!part) -> !part
    varve.output %4 : !part
  }
  %5 = varve.layer "b" : "Twice" -> !part {
    %2 = varve.neg %1 : (!part) -> !part
    %3 = varve.floor %2 : (!part) -> !part
    %4 = varve.ceil %3 : (!part) -> !part
    varve.output %4 : !part
  }
  %6 = varve.neg %5 : (!part) -> !part
  varve.output %6 : !part
}
