// RUN: varve-run %s --entry choose --input x=1,2 --input p=1 | FileCheck %s --check-prefix=YES
// RUN: varve-run %s --entry choose --input x=1,2 --input p=0 2>&1 | FileCheck %s --check-prefix=NO
// RUN: varve-run %s --entry power --input x=1,2,3 --input n=4 | FileCheck %s --check-prefix=FOUR
// RUN: varve-run %s --entry power --input x=1,2,3 --input n=0 | FileCheck %s --check-prefix=NONE
// RUN: varve-run %s --entry power --input x=1,2,3 --input n=-2 | FileCheck %s --check-prefix=NONE
// RUN: varve-run %s --entry fibonacci --dim steps=10 | FileCheck %s --check-prefix=FIB
// RUN: varve-run %s --entry fibonacci --dim steps=0 | FileCheck %s --check-prefix=FIB0
// RUN: varve-run %s --entry collatz --input n=27 | FileCheck %s --check-prefix=COLLATZ
// RUN: varve-run %s --entry collatz --input n=1 | FileCheck %s --check-prefix=COLLATZ1
// RUN: varve-run %s --entry running --input iota --dim rows=3 | FileCheck %s --check-prefix=RUNNING
// RUN: varve-run %s --entry running --input iota --dim rows=0 | FileCheck %s --check-prefix=RUNNING0
// RUN: varve-run %s --entry part --input x=iota --input h=iota --dim batch=2 | FileCheck %s --check-prefix=PART
// RUN: varve-run %s --entry until --input 1,2,3,4,5 --input limit=7 | FileCheck %s --check-prefix=UNTIL
// RUN: varve-run %s --entry nested --input 1,1 | FileCheck %s --check-prefix=NESTED
// RUN: varve-run %s --entry lookup --input iota --input ids=0,2,1 | FileCheck %s --check-prefix=FOUND
// RUN: not varve-run %s --entry lookup --input iota --input ids=0,5,7 2>&1 | FileCheck %s --check-prefix=OUTSIDE
// RUN: varve-run %s --entry state --time 1 2>&1 | FileCheck %s --check-prefix=STATE
// RUN: varve-run %s --entry state 2>/dev/null | FileCheck %s --check-prefix=BEFORE
// RUN: varve-run %s --entry shown --tap "*" --input 1,2 2>&1 >/dev/null | FileCheck %s --check-prefix=SHOWN
// RUN: not varve-run %s --entry finite --input 3e38 2>&1 | FileCheck %s --check-prefix=FINITE
// RUN: varve-run %s --entry backward --dim n=5 --input past=3 2>&1 | FileCheck %s --check-prefix=COUNT
// RUN: not varve-run %s --entry backward --dim n=2 --input past=3 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// RUN: varve-run %s --entry append --input 1,2 --input from=1 | FileCheck %s --check-prefix=APPEND
// RUN: not varve-run %s --entry append --input 1,2 --input from=3 2>&1 | FileCheck %s --check-prefix=FULL
// RUN: not varve-run %s --entry append --input 1,2 --input from=-1 2>&1 | FileCheck %s --check-prefix=BEFOREIT
// RUN: varve-opt %s --emit-bytecode -o %t.mlirbc
// RUN: varve-run %t.mlirbc --entry nested --input 1,1 --threads 3 | FileCheck %s --check-prefix=NESTED
// RUN: varve-run %s --save %t.varve
// RUN: varve-run %t.varve --entry running --input iota --dim rows=3 | FileCheck %s --check-prefix=RUNNING

// One body runs; the other prints nothing.
// YES: y: f32 [2]
// YES-NEXT: [2, 4]
// NO: other f32 [2]
// NO-NEXT: [1, 2]
// NO-NEXT: y: f32 [2]
// NO-NEXT: [1, 2]
varve.graph @choose(%x: tensor<2xf32> {varve.name = "x"}, %p: tensor<i1> {varve.name = "p"}) -> (tensor<2xf32> {varve.name = "y"}) {
  %0 = varve.cond %p -> tensor<2xf32> {
    %1 = varve.add %x, %x : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    varve.output %1 : tensor<2xf32>
  } else {
    varve.print %x, "other" : tensor<2xf32>
    varve.output %x : tensor<2xf32>
  }
  varve.output %0 : tensor<2xf32>
}

// As often as a value says.
// FOUR: y: f32 [3]
// FOUR-NEXT: [ 1, 16, 81]
// NONE: y: f32 [3]
// NONE-NEXT: [1, 1, 1]
varve.graph @power(%x: tensor<3xf32> {varve.name = "x"}, %n: tensor<i32> {varve.name = "n"}) -> (tensor<3xf32> {varve.name = "y"}) {
  %one = varve.constant dense<1.0> : tensor<3xf32>
  %0 = varve.loop to(%n : tensor<i32>) carry(%one : tensor<3xf32>) do(%i, %h) {
    %1 = varve.mul %h, %x : (tensor<3xf32>, tensor<3xf32>) -> tensor<3xf32>
    varve.output %1 : tensor<3xf32>
  }
  varve.output %0 : tensor<3xf32>
}

// What is carried moves on: the memories change their places.
// FIB: a: i64 [2]
// FIB-NEXT: [55, 55]
// FIB: b: i64 [2]
// FIB-NEXT: [89, 89]
// FIB: all: i64 [10, 2]
// FIB-NEXT: {{\[\[}} 0,  0],
// FIB-NEXT:  [ 1,  1],
// FIB-NEXT:  [ 1,  1],
// FIB0: a: i64 [2]
// FIB0-NEXT: [0, 0]
// FIB0: b: i64 [2]
// FIB0-NEXT: [1, 1]
// FIB0: all: i64 [0, 2]
varve.graph @fibonacci(%steps: tensor<i64> {varve.dim = "steps", varve.name = "steps"}) -> (tensor<2xi64> {varve.name = "a"}, tensor<2xi64> {varve.name = "b"}, tensor<?x2xi64, #varve.dims<steps, 2>> {varve.name = "all"}) {
  %zero = varve.constant dense<0> : tensor<2xi64>
  %one = varve.constant dense<1> : tensor<2xi64>
  %0:3 = varve.loop to(steps) carry(%zero, %one : tensor<2xi64>, tensor<2xi64>) stack(tensor<?x2xi64, #varve.dims<steps, 2>> along 0) do(%i, %a, %b) {
    %1 = varve.add %a, %b : (tensor<2xi64>, tensor<2xi64>) -> tensor<2xi64>
    varve.output %b, %1, %a : tensor<2xi64>, tensor<2xi64>, tensor<2xi64>
  }
  varve.output %0#0, %0#1, %0#2 : tensor<2xi64>, tensor<2xi64>, tensor<?x2xi64, #varve.dims<steps, 2>>
}

// As long as a condition holds; a branch in the body.
// COLLATZ: steps: i64 []
// COLLATZ-NEXT: 111
// COLLATZ1: steps: i64 []
// COLLATZ1-NEXT: 0
varve.graph @collatz(%n: tensor<i64> {varve.name = "n"}) -> (tensor<i64> {varve.name = "steps"}) {
  %zero = varve.constant dense<0> : tensor<i64>
  %one = varve.constant dense<1> : tensor<i64>
  %two = varve.constant dense<2> : tensor<i64>
  %three = varve.constant dense<3> : tensor<i64>
  %0:2 = varve.loop carry(%n, %zero : tensor<i64>, tensor<i64>) while(%i, %m, %s) {
    %1 = varve.compare %m, %one {predicate = "ne"} : (tensor<i64>, tensor<i64>) -> tensor<i1>
    varve.output %1 : tensor<i1>
  } do(%i, %m, %s) {
    %half = varve.div %m, %two : (tensor<i64>, tensor<i64>) -> tensor<i64>
    %even = varve.mul %half, %two : (tensor<i64>, tensor<i64>) -> tensor<i64>
    %is = varve.compare %even, %m {predicate = "eq"} : (tensor<i64>, tensor<i64>) -> tensor<i1>
    %next = varve.cond %is -> tensor<i64> {
      varve.output %half : tensor<i64>
    } else {
      %1 = varve.mul %m, %three : (tensor<i64>, tensor<i64>) -> tensor<i64>
      %2 = varve.add %1, %one : (tensor<i64>, tensor<i64>) -> tensor<i64>
      varve.output %2 : tensor<i64>
    }
    %steps = varve.add %i, %one : (tensor<i64>, tensor<i64>) -> tensor<i64>
    varve.output %next, %steps : tensor<i64>, tensor<i64>
  }
  varve.output %0#1 : tensor<i64>
}

// Slices of an input in, pieces of results out, along any axis.
// RUNNING: sum: f32 [2]
// RUNNING-NEXT: [6, 9]
// RUNNING: rows: f32 [3, 2]
// RUNNING-NEXT: {{\[\[}}0, 1],
// RUNNING-NEXT:  [2, 4],
// RUNNING-NEXT:  [6, 9]]
// RUNNING: columns: f32 [2, 3]
// RUNNING-NEXT: {{\[\[}}0, 2, 6],
// RUNNING-NEXT:  [1, 4, 9]]
// RUNNING0: sum: f32 [2]
// RUNNING0-NEXT: [0, 0]
// RUNNING0: rows: f32 [0, 2]
varve.graph @running(%x: tensor<?x2xf32, #varve.dims<rows, 2>> {varve.name = "x"}) -> (tensor<2xf32> {varve.name = "sum"}, tensor<?x2xf32, #varve.dims<rows, 2>> {varve.name = "rows"}, tensor<2x?xf32, #varve.dims<2, rows>> {varve.name = "columns"}) {
  %zero = varve.constant dense<0.0> : tensor<2xf32>
  %t = varve.transpose %x {permutation = array<i64: 1, 0>} : (tensor<?x2xf32, #varve.dims<rows, 2>>) -> tensor<2x?xf32, #varve.dims<2, rows>>
  %0:2 = varve.loop to(rows) carry(%zero : tensor<2xf32>) scan(%x along 0 : tensor<?x2xf32, #varve.dims<rows, 2>>) stack(tensor<?x2xf32, #varve.dims<rows, 2>> along 0) do(%i, %s, %row) {
    %1 = varve.add %s, %row : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    varve.output %1, %1 : tensor<2xf32>, tensor<2xf32>
  }
  %2:2 = varve.loop to(rows) carry(%zero : tensor<2xf32>) scan(%t along -1 : tensor<2x?xf32, #varve.dims<2, rows>>) stack(tensor<2x?xf32, #varve.dims<2, rows>> along -1) do(%i, %s, %row) {
    %1 = varve.add %s, %row : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    varve.output %1, %1 : tensor<2xf32>, tensor<2xf32>
  }
  varve.output %0#0, %0#1, %2#1 : tensor<2xf32>, tensor<?x2xf32, #varve.dims<rows, 2>>, tensor<2x?xf32, #varve.dims<2, rows>>
}

// Trips that the condition cuts off leave zeros.
// UNTIL: sum: i64 []
// UNTIL-NEXT: 10
// UNTIL: sums: i64 [5]
// UNTIL-NEXT: [ 1,  3,  6, 10,  0]
varve.graph @until(%x: tensor<5xi64> {varve.name = "x"}, %limit: tensor<i64> {varve.name = "limit"}) -> (tensor<i64> {varve.name = "sum"}, tensor<5xi64> {varve.name = "sums"}) {
  %zero = varve.constant dense<0> : tensor<i64>
  %0:2 = varve.loop to(5) carry(%zero : tensor<i64>) scan(%x along 0 : tensor<5xi64>) stack(tensor<5xi64> along 0) while(%i, %s) {
    %1 = varve.compare %s, %limit {predicate = "lt"} : (tensor<i64>, tensor<i64>) -> tensor<i1>
    varve.output %1 : tensor<i1>
  } do(%i, %s, %e) {
    %1 = varve.add %s, %e : (tensor<i64>, tensor<i64>) -> tensor<i64>
    varve.output %1, %1 : tensor<i64>, tensor<i64>
  }
  varve.output %0#0, %0#1 : tensor<i64>, tensor<5xi64>
}

// A loop in a branch in a loop, with layers that become one function.
// NESTED: y: f32 [2]
// NESTED-NEXT: [69, 69]
varve.graph @nested(%x: tensor<2xf32> {varve.name = "x"}) -> (tensor<2xf32> {varve.name = "y"}) {
  %one = varve.constant dense<1> : tensor<i64>
  %0 = varve.loop to(3) carry(%x : tensor<2xf32>) do(%i, %h) {
    %p = varve.compare %i, %one {predicate = "eq"} : (tensor<i64>, tensor<i64>) -> tensor<i1>
    %1 = varve.cond %p -> tensor<2xf32> {
      %2 = varve.loop to(3) carry(%h : tensor<2xf32>) do(%j, %g) {
        %3 = varve.layer "twice" : "Twice" -> tensor<2xf32> {
          %c = varve.constant dense<0.5> : tensor<2xf32>
          %4 = varve.add %g, %c : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
          %5 = varve.add %4, %4 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
          varve.output %5 : tensor<2xf32>
        }
        varve.output %3 : tensor<2xf32>
      }
      varve.output %2 : tensor<2xf32>
    } else {
      %3 = varve.layer "twice#1" : "Twice" -> tensor<2xf32> {
        %c = varve.constant dense<0.5> : tensor<2xf32>
        %4 = varve.add %h, %c : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
        %5 = varve.add %4, %4 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
        varve.output %5 : tensor<2xf32>
      }
      varve.output %3 : tensor<2xf32>
    }
    varve.output %1 : tensor<2xf32>
  }
  %6 = varve.constant dense<6.0> : tensor<2xf32>
  %7 = varve.add %0, %6 : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  varve.output %7 : tensor<2xf32>
}

// FOUND: y: f32 [3, 2]
// FOUND-NEXT: {{\[\[}}0, 1],
// FOUND-NEXT:  [4, 5],
// FOUND-NEXT:  [2, 3]]
// OUTSIDE: control.mlir:[[#@LINE+3]]: error: expects indices into dimension 0 of size 3, but got 5
varve.graph @lookup(%x: tensor<3x2xf32> {varve.name = "x"}, %ids: tensor<3xi64> {varve.name = "ids"}) -> (tensor<3x2xf32> {varve.name = "y"}) {
  %0 = varve.loop to(3) scan(%ids along 0 : tensor<3xi64>) stack(tensor<3x2xf32> along 0) do(%i, %id) {
    %1 = varve.gather %x, %id : (tensor<3x2xf32>, tensor<i64>) -> tensor<2xf32>
    varve.output %1 : tensor<2xf32>
  }
  varve.output %0 : tensor<3x2xf32>
}

// State is stored in a body, and read in the next trip and the next run; what was carried is a copy of before.
// STATE: now i64 [1]
// STATE-NEXT: [0]
// STATE-NEXT: now i64 [1]
// STATE-NEXT: [1]
// STATE-NEXT: now i64 [1]
// STATE-NEXT: [2]
// STATE-NEXT: now i64 [1]
// STATE-NEXT: [3]
// BEFORE: before: i64 [1]
// BEFORE-NEXT: [0]
varve.graph @state(%b: !varve.buffer<1xi64> {varve.name = "counter"}) -> (tensor<1xi64> {varve.name = "before"}) {
  %old = varve.buffer.load %b : (!varve.buffer<1xi64>) -> tensor<1xi64>
  %one = varve.constant dense<1> : tensor<1xi64>
  %0 = varve.loop to(2) carry(%old : tensor<1xi64>) do(%i, %h) {
    %1 = varve.buffer.load %b : (!varve.buffer<1xi64>) -> tensor<1xi64>
    varve.print %1, "now" : tensor<1xi64>
    %2 = varve.add %1, %one : (tensor<1xi64>, tensor<1xi64>) -> tensor<1xi64>
    varve.buffer.store %2, %b : tensor<1xi64>, !varve.buffer<1xi64>
    varve.output %h : tensor<1xi64>
  }
  varve.output %0 : tensor<1xi64>
}

// Prints and taps at each trip, with the path of the layer.
// SHOWN:      block.h f32 [2]
// SHOWN-NEXT: [1, 2]
// SHOWN-NEXT: block.y f32 [2]
// SHOWN-NEXT: [2, 4]
// SHOWN-NEXT: block.h f32 [2]
// SHOWN-NEXT: [2, 4]
// SHOWN-NEXT: block.y f32 [2]
// SHOWN-NEXT: [4, 8]
// SHOWN-NOT:  {{.}}
varve.graph @shown(%x: tensor<2xf32> {varve.name = "x"}) -> (tensor<2xf32> {varve.name = "y"}) {
  %0 = varve.loop to(2) carry(%x : tensor<2xf32>) do(%i, %h) {
    %1 = varve.layer "block" : "Block" -> tensor<2xf32> {
      varve.print %h, "h" : tensor<2xf32>
      %2 = varve.add %h, %h : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
      %3 = varve.identity %2 {tag = "y"} : (tensor<2xf32>) -> tensor<2xf32>
      varve.output %3 : tensor<2xf32>
    }
    varve.output %1 : tensor<2xf32>
  }
  varve.output %0 : tensor<2xf32>
}

// FINITE: control.mlir:[[#@LINE+5]]: error: in layer 'block': expects 'h' without NaN and infinities, but got 1 infinity among 1 element
varve.graph @finite(%x: tensor<1xf32> {varve.name = "x"}) -> (tensor<1xf32> {varve.name = "y"}) {
  %0 = varve.loop to(3) carry(%x : tensor<1xf32>) do(%i, %h) {
    %1 = varve.layer "block" : "Block" -> tensor<1xf32> {
      %2 = varve.add %h, %h : (tensor<1xf32>, tensor<1xf32>) -> tensor<1xf32>
      varve.print %2, "h" {style = "finite"} : tensor<1xf32>
      varve.output %2 : tensor<1xf32>
    }
    varve.output %1 : tensor<1xf32>
  }
  varve.output %0 : tensor<1xf32>
}

// COUNT: trip i64 []
// COUNT-NEXT: 0
// COUNT-NEXT: trip i64 []
// COUNT-NEXT: 1
// NEGATIVE: control.mlir:[[#@LINE+2]]: error: expects a count of at least 0, but got 0 and n - past = -1
varve.graph @backward(%past: tensor<i64> {varve.dim = "past", varve.name = "past"}, %n: tensor<i64> {varve.dim = "n", varve.name = "n"}) {
  varve.loop to(n - past) do(%i) {
    varve.print %i, "trip" : tensor<i64>
  }
  varve.output
}

// State is stored where the program computes that it goes.
// APPEND: all: f32 [1, 5, 2]
// APPEND-NEXT: {{\[\[\[}}0, 0],
// APPEND-NEXT:   [1, 2],
// APPEND-NEXT:   [2, 4],
// APPEND-NEXT:   [4, 8],
// APPEND-NEXT:   [0, 0]]]
// FULL: error: {{(in layer 'cache': )?}}expects a position from 0 to 4 along dimension 1, but got 5
// BEFOREIT: error: {{(in layer 'cache': )?}}expects a position from 0 to 4 along dimension 1, but got -1
varve.graph @append(%b: !varve.buffer<1x5x2xf32> {varve.name = "cache"}, %x: tensor<2xf32> {varve.name = "x"}, %from: tensor<i64> {varve.name = "from"}) -> (tensor<1x5x2xf32> {varve.name = "all"}) {
  %0 = varve.loop to(3) carry(%x : tensor<2xf32>) do(%i, %h) {
    %1 = varve.add %i, %from : (tensor<i64>, tensor<i64>) -> tensor<i64>
    %row = varve.reshape %h {shape = #varve.dims<1, 1, 2>} : (tensor<2xf32>) -> tensor<1x1x2xf32>
    varve.layer "cache" : "Cache" {
      varve.buffer.store %row, %b at(%1 along 1 : tensor<i64>) : tensor<1x1x2xf32>, !varve.buffer<1x5x2xf32>
    }
    %2 = varve.add %h, %h : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
    varve.output %2 : tensor<2xf32>
  }
  %all = varve.buffer.load %b : (!varve.buffer<1x5x2xf32>) -> tensor<1x5x2xf32>
  varve.output %all : tensor<1x5x2xf32>
}

// What a loop begins with may be a part of an input, of a size that is not known.
// PART: y: f32 [2, 2]
// PART-NEXT: {{\[\[}} 4,  9],
// PART-NEXT: [14, 19]]
#part = #varve.dims<batch, 2>
#one = #varve.dims<1, batch, 2>
#both = #varve.dims<2, batch, 2>
varve.graph @part(%x: tensor<?x2xf32, #part> {varve.name = "x"}, %h: tensor<2x?x2xf32, #both> {varve.name = "h"}) -> (tensor<?x2xf32, #part> {varve.name = "y"}) {
  %0 = varve.slice %h {starts = #varve.dims<1, 0, 0>, ends = #varve.dims<2, batch, 2>, steps = array<i64: 1, 1, 1>} : (tensor<2x?x2xf32, #both>) -> tensor<1x?x2xf32, #one>
  %1 = varve.reshape %0 {shape = #part} : (tensor<1x?x2xf32, #one>) -> tensor<?x2xf32, #part>
  %2 = varve.loop to(4) carry(%1 : tensor<?x2xf32, #part>) do(%i, %c) {
    %3 = varve.add %c, %x : (tensor<?x2xf32, #part>, tensor<?x2xf32, #part>) -> tensor<?x2xf32, #part>
    varve.output %3 : tensor<?x2xf32, #part>
  }
  varve.output %2 : tensor<?x2xf32, #part>
}
