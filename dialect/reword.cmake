# What TableGen's checks say, in the form of all our errors:
#   operand #1 must be tensor of i64, but got ..                              expects indices to be tensor of i64, but got ..
#   attribute 'style' failed to satisfy constraint: one of compact, full      expects style to be one of compact, full, but got ..
file(READ ${IN} text)
string(REGEX REPLACE "op->emitOpError\\(valueKind\\) << \" #\" << valueIndex[ \n]*<< \" must be (variadic of )?"
  "expectsValue(op, valueKind, valueIndex) << \"" text "${text}")
string(REGEX REPLACE "<< \"attribute '\" << attrName[ \n]*<< \"' failed to satisfy constraint: (type attribute of )?([^\"]*)\""
  "<< \"expects \" << attrName << \" to be \\2, but got \" << attr" text "${text}")
foreach(expected expectsValue "expects \" << attrName")
  if(NOT text MATCHES "${expected}")
    message(FATAL_ERROR "expects the checks of ${IN} in the form that MLIR 22.1 gives them")
  endif()
endforeach()
file(WRITE ${OUT} "${text}")
