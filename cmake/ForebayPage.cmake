# Puts the files of src/serve/page into the program: page_files.cc, made anew when one of them changes.
foreach(file index.html page.css charts.js page.js icon.svg)
  string(MAKE_C_IDENTIFIER "page_${file}" variable)
  file(READ "${CMAKE_SOURCE_DIR}/src/serve/page/${file}" ${variable})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/serve/page/${file}")
endforeach()
configure_file(src/serve/page/page_files.cc.in "${CMAKE_BINARY_DIR}/page_files.cc" @ONLY)
target_sources(forebay_serve PRIVATE "${CMAKE_BINARY_DIR}/page_files.cc")
