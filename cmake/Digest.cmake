# cmake -DROOT=.. -DOUTPUT=header -P Digest.cmake: a header with a digest of the sources that decide what code comes out.
file(GLOB_RECURSE sources RELATIVE ${ROOT} ${ROOT}/dialect/* ${ROOT}/include/varve/Encoding.h ${ROOT}/lib/compiler/*
  ${ROOT}/lib/lower/* ${ROOT}/lib/passes/* ${ROOT}/lib/runtime/* ${ROOT}/lib/target/*)
list(SORT sources)
set(all "")
foreach(source ${sources})
  file(SHA256 ${ROOT}/${source} hash)
  string(APPEND all "${source} ${hash}\n")
endforeach()
string(SHA256 digest "${all}")
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT "// Made by cmake/Digest.cmake.\n#define VARVE_COMPILER_DIGEST \"${digest}\"\n")
