# LLVM and MLIR: Debian's shared libraries, tablegen, and one precompiled header for all that includes MLIR.
set(MLIR_DIR /usr/lib/llvm-22/lib/cmake/mlir CACHE PATH "MLIR's CMake package")
find_package(MLIR 22.1 REQUIRED CONFIG)
list(APPEND CMAKE_MODULE_PATH ${MLIR_CMAKE_DIR} ${LLVM_CMAKE_DIR})
include(TableGen)
include(AddLLVM)
include(AddMLIR)
list(APPEND CMAKE_INSTALL_RPATH ${LLVM_LIBRARY_DIR})

# A component library beside the shared ones would put a second MLIR into the program, silently.
add_library(varve-mlir INTERFACE)
target_link_libraries(varve-mlir INTERFACE MLIR LLVM)
include_directories(SYSTEM ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS}) # tablegen reads the directory's, not the target's

# varve_mlir_library(name sources...): a static library on the MLIR side.
function(varve_mlir_library name)
  add_library(${name} STATIC ${ARGN})
  target_link_libraries(${name} PUBLIC varve-mlir)
  if(TARGET varve-pch)
    target_precompile_headers(${name} REUSE_FROM varve-pch)
    target_compile_options(${name} PRIVATE $<$<CXX_COMPILER_ID:Clang>:-Xclang -fno-pch-timestamp>)
  endif()
  if(TARGET varve-dialect-inc)
    add_dependencies(${name} varve-dialect-inc)
  endif()
endfunction()

file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/cmake/pch.cpp CONTENT "// Holds the precompiled header.\n")
add_library(varve-pch STATIC ${PROJECT_BINARY_DIR}/cmake/pch.cpp)
target_link_libraries(varve-pch PUBLIC varve-mlir)
target_precompile_headers(varve-pch PRIVATE ${PROJECT_SOURCE_DIR}/cmake/Pch.h)
target_compile_options(varve-pch PRIVATE $<$<CXX_COMPILER_ID:Clang>:-Xclang -fno-pch-timestamp>)
