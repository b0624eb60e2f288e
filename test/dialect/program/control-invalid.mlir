// RUN: varve-opt %s -split-input-file -verify-diagnostics

varve.graph @cond_condition_not_scalar(%p: tensor<1xi1>) {
  // expected-error @+1 {{expects condition to be tensor of i1 without dimensions, but got 'tensor<1xi1>'}}
  "varve.cond"(%p) ({
    varve.output
  }, {
    varve.output
  }) : (tensor<1xi1>) -> ()
  varve.output
}

// -----

varve.graph @cond_c1_types_differ(%p: tensor<i1>, %x: tensor<4xf32>, %y: tensor<5xf32>) {
  %0 = varve.cond %p -> tensor<4xf32> {
    varve.output %x : tensor<4xf32>
  } else {
    // expected-error @+1 {{expects operands of the cond's result types 'tensor<4xf32>', but got 'tensor<5xf32>'}}
    varve.output %y : tensor<5xf32>
  }
  varve.output
}

// -----

varve.graph @cond_c1_nothing(%p: tensor<i1>, %x: tensor<4xf32>) {
  %0 = varve.cond %p -> tensor<4xf32> {
    // expected-error @+1 {{expects operands of the cond's result types 'tensor<4xf32>', but got none}}
    varve.output
  } else {
    varve.output %x : tensor<4xf32>
  }
  varve.output
}

// -----

varve.graph @cond_store_before_use(%p: tensor<i1>, %x: tensor<4xf32>, %b: !varve.buffer<4xf32> {varve.name = "b"}) {
  // expected-error @+1 {{expects no use after a store to the buffer, but got one by varve.print}}
  %0 = varve.buffer.load %b : (!varve.buffer<4xf32>) -> tensor<4xf32>
  varve.cond %p {
    // expected-note @+1 {{the store}}
    varve.buffer.store %x, %b : tensor<4xf32>, !varve.buffer<4xf32>
  } else {
    varve.print %0, "the other body has stored nothing" : tensor<4xf32>
  }
  // expected-note @+1 {{the use}}
  varve.print %0, "x" : tensor<4xf32>
  varve.output
}

// -----

varve.graph @loop_limit_not_scalar(%n: tensor<2xi64>) {
  // expected-error @+1 {{expects limit to be tensor of i32 or i64 without dimensions, but got 'tensor<2xi64>'}}
  varve.loop to(%n : tensor<2xi64>) do(%i) {
  }
  varve.output
}

// -----

varve.graph @loop_c1_no_end() {
  // expected-error @+1 {{expects a count, a limit or a condition, but got none}}
  varve.loop do(%i) {
  }
  varve.output
}

// -----

varve.graph @loop_c1_two_bounds(%n: tensor<i64>) {
  // expected-error @+1 {{expects a count or a limit, but got both}}
  "varve.loop"(%n) <{count = #varve.dims<3>, axes = array<i64>, stack_axes = array<i64>, operandSegmentSizes = array<i32: 1, 0, 0>}> ({
  }, {
  ^bb0(%i: tensor<i64>):
    varve.output
  }) : (tensor<i64>) -> ()
  varve.output
}

// -----

varve.graph @loop_c2_negative() {
  // expected-error @+1 {{expects a count of at least 0, but got -1}}
  varve.loop to(-1) do(%i) {
  }
  varve.output
}

// -----

varve.graph @loop_c2_several() {
  // expected-error @+1 {{expects one expression as count, but got 2}}
  varve.loop to(3, 4) do(%i) {
  }
  varve.output
}

// -----

varve.graph @loop_c3_scan_without_count(%n: tensor<i64>, %x: tensor<4xf32>) {
  // expected-error @+1 {{expects a count where inputs are scanned, but got none}}
  varve.loop to(%n : tensor<i64>) scan(%x along 0 : tensor<4xf32>) do(%i, %e) {
  }
  varve.output
}

// -----

varve.graph @loop_c3_stack_without_count(%n: tensor<i64>, %x: tensor<f32>) {
  // expected-error @+1 {{expects a count where results are stacked, but got none}}
  %0 = varve.loop to(%n : tensor<i64>) stack(tensor<4xf32> along 0) do(%i) {
    varve.output %x : tensor<f32>
  }
  varve.output
}

// -----

varve.graph @loop_c4_no_such_axis(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects axis in [-1, 1), but got 1}}
  varve.loop to(4) scan(%x along 1 : tensor<4xf32>) do(%i, %e) {
  }
  varve.output
}

// -----

varve.graph @loop_c4_no_such_stack_axis(%x: tensor<f32>) {
  // expected-error @+1 {{expects axis in [-1, 1), but got 1}}
  %0 = varve.loop to(4) stack(tensor<4xf32> along 1) do(%i) {
    varve.output %x : tensor<f32>
  }
  varve.output
}

// -----

varve.graph @loop_c4_other_size(%x: tensor<2x?xf32, #varve.dims<2, seq>>, %past: tensor<i64> {varve.dim = "past"}) {
  // expected-error @+1 {{expects dimension 1 of scanned input #0 to be the count past, but got seq}}
  varve.loop to(past) scan(%x along 1 : tensor<2x?xf32, #varve.dims<2, seq>>) do(%i, %e) {
  }
  varve.output
}

// -----

varve.graph @loop_c4_axis_missing(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects an axis for each of 1 scanned inputs, but got 0}}
  "varve.loop"(%x) <{count = #varve.dims<4>, axes = array<i64>, stack_axes = array<i64>, operandSegmentSizes = array<i32: 0, 0, 1>}> ({
  }, {
  ^bb0(%i: tensor<i64>, %e: tensor<f32>):
    varve.output
  }) : (tensor<4xf32>) -> ()
  varve.output
}

// -----

varve.graph @loop_c4_stack_axis_missing(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects 1 carried results and an axis for each other one, but got 2 results and 0 axes}}
  %0:2 = "varve.loop"(%x) <{count = #varve.dims<4>, axes = array<i64>, stack_axes = array<i64>, operandSegmentSizes = array<i32: 0, 1, 0>}> ({
  }, {
  ^bb0(%i: tensor<i64>, %h: tensor<4xf32>):
    varve.output %h, %h : tensor<4xf32>, tensor<4xf32>
  }) : (tensor<4xf32>) -> (tensor<4xf32>, tensor<4x4xf32>)
  varve.output
}

// -----

varve.graph @loop_c5_carried_result(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects results of the carried types 'tensor<4xf32>', but got 'tensor<5xf32>'}}
  %0 = "varve.loop"(%x) <{count = #varve.dims<4>, axes = array<i64>, stack_axes = array<i64>, operandSegmentSizes = array<i32: 0, 1, 0>}> ({
  }, {
  ^bb0(%i: tensor<i64>, %h: tensor<4xf32>):
    varve.output %h : tensor<4xf32>
  }) : (tensor<4xf32>) -> tensor<5xf32>
  varve.output
}

// -----

varve.graph @loop_c5_stacked_result(%x: tensor<2xf32>) {
  %0 = varve.loop to(4) stack(tensor<2x4xf32> along 0) do(%i) {
    // expected-error @+1 {{expects pieces of stacked result #0, 'tensor<2x4xf32>', but got 'tensor<2xf32>'}}
    varve.output %x : tensor<2xf32>
  }
  varve.output
}

// -----

varve.graph @loop_c6_body_arguments(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects a body that takes 'tensor<i64>', 'tensor<4xf32>', but got 'tensor<i64>', 'tensor<5xf32>'}}
  %0 = "varve.loop"(%x) <{count = #varve.dims<4>, axes = array<i64>, stack_axes = array<i64>, operandSegmentSizes = array<i32: 0, 1, 0>}> ({
  }, {
  ^bb0(%i: tensor<i64>, %h: tensor<5xf32>):
    varve.output %x : tensor<4xf32>
  }) : (tensor<4xf32>) -> tensor<4xf32>
  varve.output
}

// -----

varve.graph @loop_c6_condition_arguments(%p: tensor<i1>) {
  // expected-error @+1 {{expects a condition that takes 'tensor<i64>', but got none}}
  "varve.loop"() <{axes = array<i64>, stack_axes = array<i64>, operandSegmentSizes = array<i32: 0, 0, 0>}> ({
    varve.output %p : tensor<i1>
  }, {
  ^bb0(%i: tensor<i64>):
    varve.output
  }) : () -> ()
  varve.output
}

// -----

varve.graph @loop_c6_number_of_arguments(%x: tensor<4xf32>) {
  // expected-error @+1 {{expects 2 arguments, but got 1}}
  %0 = varve.loop to(4) carry(%x : tensor<4xf32>) do(%i) {
    varve.output %x : tensor<4xf32>
  }
  varve.output
}

// -----

varve.graph @loop_c7_condition_not_scalar(%p: tensor<2xi1>) {
  varve.loop while(%i) {
    // expected-error @+1 {{expects the condition to hand out 'tensor<i1>', but got 'tensor<2xi1>'}}
    varve.output %p : tensor<2xi1>
  } do(%i) {
  }
  varve.output
}

// -----

varve.graph @loop_c8_type_changes(%x: tensor<2xf32>, %n: tensor<i64>) {
  %0:2 = varve.loop to(4) carry(%n, %x : tensor<i64>, tensor<2xf32>) do(%i, %m, %h) {
    %1 = varve.concat %h, %h {axis = 0} : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
    // expected-error @+1 {{expects the type of carried value #1 to stay 'tensor<2xf32>', but got 'tensor<4xf32>'}}
    varve.output %m, %1 : tensor<i64>, tensor<4xf32>
  }
  varve.output
}

// -----

varve.graph @loop_c8_number_of_values(%x: tensor<2xf32>) {
  %0 = varve.loop to(4) carry(%x : tensor<2xf32>) do(%i, %h) {
    // expected-error @+1 {{expects the body to hand out 1 carried values and 0 pieces, but got 2 values}}
    varve.output %h, %h : tensor<2xf32>, tensor<2xf32>
  }
  varve.output
}

// -----

varve.graph @loop_store_in_the_trip_before(%x: tensor<4xf32>, %b: !varve.buffer<4xf32> {varve.name = "b"}) {
  // expected-error @+1 {{expects no use after a store to the buffer, but got one by varve.print}}
  %0 = varve.buffer.load %b : (!varve.buffer<4xf32>) -> tensor<4xf32>
  varve.loop to(2) do(%i) {
    // expected-note @+1 {{the use}}
    varve.print %0, "x" : tensor<4xf32>
    // expected-note @+1 {{the store}}
    varve.buffer.store %x, %b : tensor<4xf32>, !varve.buffer<4xf32>
  }
  varve.output
}

// -----

varve.graph @loop_store_while_scanned(%b: !varve.buffer<2x4xf32> {varve.name = "b"}, %x: tensor<1x4xf32>) {
  // expected-error @+1 {{expects no use after a store to the buffer, but got one by varve.print}}
  %0 = varve.buffer.load %b : (!varve.buffer<2x4xf32>) -> tensor<2x4xf32>
  varve.loop to(2) scan(%0 along 0 : tensor<2x4xf32>) do(%i, %row) {
    // expected-note @+1 {{the use}}
    varve.print %row, "row" : tensor<4xf32>
    // expected-note @+1 {{the store}}
    varve.buffer.store %x, %b offsets(0, 0) : tensor<1x4xf32>, !varve.buffer<2x4xf32>
  }
  varve.output
}

// -----

varve.graph @loop_count_unknown() {
  // expected-error @+1 {{expects an argument that gives dimension 'steps' its value}}
  varve.loop to(2*steps) do(%i) {
  }
  varve.output
}

// -----

varve.graph @loop_unnamed(%x: tensor<?xf32, #varve.dims<n>>) {
  // expected-error @+1 {{expects tensors whose dynamic dimensions have names, but got 'tensor<?xf32>'}}
  varve.loop to(2) carry(%x : tensor<?xf32>) do(%i, %h) {
  }
  varve.output
}
