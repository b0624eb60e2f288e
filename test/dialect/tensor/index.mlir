// RUN: varve-opt %s | varve-opt | FileCheck %s
// RUN: varve-opt %s --emit-bytecode | varve-opt | FileCheck %s

varve.weight @table : tensor<256x8xbf16, #varve.panels<32>>

// CHECK-LABEL: varve.graph @gather
varve.graph @gather(%table: tensor<256x8xf32>, %ids: tensor<2x?xi64, #varve.dims<2, seq>>, %one: tensor<i32>, %cube: tensor<3x?x5xui8, #varve.dims<3, n, 5>>) {
  // The default axis is not printed.
  // CHECK: varve.gather %{{.*}}, %{{[^{]*}} : (tensor<256x8xf32>, tensor<2x?xi64, #{{.*}}>) -> tensor<2x?x8xf32, #{{.*}}>
  %0 = varve.gather %table, %ids {axis = 0 : i64} : (tensor<256x8xf32>, tensor<2x?xi64, #varve.dims<2, seq>>) -> tensor<2x?x8xf32, #varve.dims<2, seq, 8>>
  // CHECK: varve.gather %{{.*}}, %{{.*}} : (tensor<256x8xf32>, tensor<i32>) -> tensor<8xf32>
  %1 = varve.gather %table, %one : (tensor<256x8xf32>, tensor<i32>) -> tensor<8xf32>
  // CHECK: varve.gather %{{.*}}, %{{.*}} {axis = -2 : i64} : (tensor<3x?x5xui8, #{{.*}}>, tensor<2x?xi64, #{{.*}}>) -> tensor<3x2x?x5xui8, #{{.*}}>
  %2 = varve.gather %cube, %ids {axis = -2 : i64} : (tensor<3x?x5xui8, #varve.dims<3, n, 5>>, tensor<2x?xi64, #varve.dims<2, seq>>) -> tensor<3x2x?x5xui8, #varve.dims<3, 2, seq, 5>>
  %3 = varve.use @table : tensor<256x8xbf16, #varve.panels<32>>
  // CHECK: varve.gather %{{.*}}, %{{.*}} : (tensor<256x8xbf16, #varve.panels<32>>, tensor<i32>) -> tensor<8xbf16>
  %4 = varve.gather %3, %one : (tensor<256x8xbf16, #varve.panels<32>>, tensor<i32>) -> tensor<8xbf16>
  // CHECK: varve.gather %{{.*}}, %{{.*}} : (tensor<256x8xbf16, #varve.panels<32>>, tensor<i32>) -> tensor<8xbf16>
  %5 = varve.gather %3, %one {axis = -2 : i64} : (tensor<256x8xbf16, #varve.panels<32>>, tensor<i32>) -> tensor<8xbf16>
  varve.output
}

// CHECK-LABEL: varve.graph @iota
varve.graph @iota(%x: tensor<?xf32, #varve.dims<seq>>) {
  // CHECK: varve.iota {axis = 1 : i64, dtype = i64, shape = #{{.*}}} : () -> tensor<4x8xi64>
  %0 = varve.iota {shape = #varve.dims<4, 8>, dtype = i64, axis = 1 : i64} : () -> tensor<4x8xi64>
  // CHECK: varve.iota {dtype = f32, shape = #{{.*}}} : () -> tensor<?xf32, #{{.*}}>
  %1 = varve.iota {shape = #varve.dims<seq + 1>, dtype = f32} : () -> tensor<?xf32, #varve.dims<seq + 1>>
  // CHECK: varve.iota {{.*}} : () -> tensor<0xui8>
  %2 = varve.iota {shape = #varve.dims<0>, dtype = ui8} : () -> tensor<0xui8>
  varve.output
}

// CHECK-LABEL: varve.graph @along_axis
varve.graph @along_axis(%x: tensor<?x8xf32, #varve.dims<n, 8>>, %ids: tensor<?x2xi32, #varve.dims<n, 2>>, %u: tensor<?x2xf32, #varve.dims<n, 2>>) {
  // CHECK: varve.take_along_axis %{{.*}}, %{{.*}} {axis = -1 : i64} : (tensor<?x8xf32, #{{.*}}>, tensor<?x2xi32, #{{.*}}>) -> tensor<?x2xf32, #{{.*}}>
  %0 = varve.take_along_axis %x, %ids {axis = -1 : i64} : (tensor<?x8xf32, #varve.dims<n, 8>>, tensor<?x2xi32, #varve.dims<n, 2>>) -> tensor<?x2xf32, #varve.dims<n, 2>>
  // CHECK: varve.put_along_axis %{{.*}}, %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<?x8xf32, #{{.*}}>, tensor<?x2xi32, #{{.*}}>, tensor<?x2xf32, #{{.*}}>) -> tensor<?x8xf32, #{{.*}}>
  %1 = varve.put_along_axis %x, %ids, %u {axis = 1 : i64, reduction = "none"} : (tensor<?x8xf32, #varve.dims<n, 8>>, tensor<?x2xi32, #varve.dims<n, 2>>, tensor<?x2xf32, #varve.dims<n, 2>>) -> tensor<?x8xf32, #varve.dims<n, 8>>
  varve.output
}

// CHECK-LABEL: varve.graph @scatter
varve.graph @scatter(%x: tensor<4x8xi1>, %y: tensor<4x8xi8>, %ids: tensor<2x?xi64, #varve.dims<2, n>>, %u: tensor<2x?x8xi1, #varve.dims<2, n, 8>>, %v: tensor<4x2x?xi8, #varve.dims<4, 2, n>>) {
  // CHECK: varve.scatter %{{.*}}, %{{.*}}, %{{[^{]*}} : (tensor<4x8xi1>, tensor<2x?xi64, #{{.*}}>, tensor<2x?x8xi1, #{{.*}}>) -> tensor<4x8xi1>
  %0 = varve.scatter %x, %ids, %u : (tensor<4x8xi1>, tensor<2x?xi64, #varve.dims<2, n>>, tensor<2x?x8xi1, #varve.dims<2, n, 8>>) -> tensor<4x8xi1>
  // CHECK: varve.scatter %{{.*}}, %{{.*}}, %{{.*}} {axis = 1 : i64, reduction = "add"}
  %1 = varve.scatter %y, %ids, %v {axis = 1 : i64, reduction = "add"} : (tensor<4x8xi8>, tensor<2x?xi64, #varve.dims<2, n>>, tensor<4x2x?xi8, #varve.dims<4, 2, n>>) -> tensor<4x8xi8>
  varve.output
}
