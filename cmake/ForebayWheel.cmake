# The wheel: the extension in the package, and the command line as a program among the environment's scripts. Both find
# Arrow and librdkafka in the packages pyarrow and confluent-kafka, which are installed beside this one.
set(packages pyarrow confluent_kafka.libs)
set(python "python${Python_VERSION_MAJOR}.${Python_VERSION_MINOR}")
foreach(package ${packages})
  list(APPEND beside_extension "$ORIGIN/../${package}")
  # From bin/ of an environment, of a Debian system, and of `pip install --target`.
  list(APPEND beside_program "$ORIGIN/../lib/${python}/site-packages/${package}"
    "$ORIGIN/../lib/${python}/dist-packages/${package}" "$ORIGIN/../${package}")
endforeach()
set_target_properties(_core PROPERTIES BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "${beside_extension}")
set_target_properties(forebay PROPERTIES BUILD_WITH_INSTALL_RPATH ON INSTALL_RPATH "${beside_program}")
install(TARGETS _core LIBRARY DESTINATION forebay COMPONENT wheel)
install(TARGETS forebay RUNTIME DESTINATION "${SKBUILD_SCRIPTS_DIR}" COMPONENT wheel)
