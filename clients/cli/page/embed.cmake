# cmake -DOUT=file.c -P embed.cmake: the page's parts as text for C.
set(source "/* Written by embed.cmake. */\n#include \"clients/cli/page/page.h\"\n\n")
foreach(part css js)
  file(READ ${CMAKE_CURRENT_LIST_DIR}/page.${part} bytes HEX)
  string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
  string(APPEND source "const char page_${part}[] = {${bytes}0x00};\n")
endforeach()
file(WRITE ${OUT} "${source}")
