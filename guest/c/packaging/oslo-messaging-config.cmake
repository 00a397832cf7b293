# find_package(oslo-messaging) gives one of these targets:
#
#   oslo::messaging          when compiling for WebAssembly: the SDK
#   oslo::messaging-testing  when compiling for the machine: the SDK over a played host, for tests
#
# Both are compiled as part of the project that asks for them, which needs the language C.

get_filename_component(_oslo_root "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
if(CMAKE_C_COMPILER_TARGET MATCHES "wasm" OR CMAKE_SYSTEM_PROCESSOR MATCHES "wasm")
  set(_oslo_name oslo-messaging)
  set(_oslo_alias oslo::messaging)
  set(_oslo_sources @SDK_SOURCES@)
  set(_oslo_objects "${_oslo_root}/bindings/oslo_world_component_type.o")
  set(_oslo_headers "")
else()
  set(_oslo_name oslo-messaging-testing)
  set(_oslo_alias oslo::messaging-testing)
  set(_oslo_sources @TESTING_SOURCES@)
  set(_oslo_objects "")
  set(_oslo_headers "${_oslo_root}/testing")
endif()

if(NOT TARGET ${_oslo_name})
  list(TRANSFORM _oslo_sources PREPEND "${_oslo_root}/")
  # Of an archive a linker would leave out what gives the plugin its memory and its world.
  add_library(${_oslo_name} OBJECT ${_oslo_sources})
  add_library(${_oslo_alias} ALIAS ${_oslo_name})
  target_include_directories(${_oslo_name}
    PUBLIC "${_oslo_root}/include" ${_oslo_headers}
    PRIVATE "${_oslo_root}/src" "${_oslo_root}/bindings")
  target_compile_features(${_oslo_name} PRIVATE c_std_11)
  target_link_libraries(${_oslo_name} INTERFACE ${_oslo_objects})
endif()
