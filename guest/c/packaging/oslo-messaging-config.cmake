# find_package(oslo-messaging) gives these targets:
#
#   oslo::messaging           when compiling for WebAssembly: the SDK, for a program
#   oslo::messaging-server    the same for a plugin that serves methods
#   oslo::messaging-listener  the same for a plugin that handles notifications
#   oslo::messaging-testing   when compiling for the machine: the SDK over a played host, for tests
#
# A plugin links one of them. It is compiled as part of the project that asks for it, which needs the
# language C.

get_filename_component(_oslo_root "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

# oslo-NAME, of these sources, with the bindings in a folder.
function(_oslo_target name bindings)
  if(TARGET oslo-${name})
    return()
  endif()
  set(sources ${ARGN})
  list(TRANSFORM sources PREPEND "${_oslo_root}/")
  # Of an archive a linker would leave out what gives the plugin its memory and its world.
  add_library(oslo-${name} OBJECT EXCLUDE_FROM_ALL ${sources})
  add_library(oslo::${name} ALIAS oslo-${name})
  target_include_directories(oslo-${name}
    PUBLIC "${_oslo_root}/include"
    PRIVATE "${_oslo_root}/src" "${_oslo_root}/${bindings}")
  target_compile_features(oslo-${name} PRIVATE c_std_11)
endfunction()

# The same for a component, whose bindings say what it is.
function(_oslo_component name bindings)
  _oslo_target(${name} ${bindings} @SDK_SOURCES@ ${bindings}/oslo_world.c ${ARGN})
  target_link_libraries(oslo-${name} INTERFACE
    "${_oslo_root}/${bindings}/oslo_world_component_type.o")
endfunction()

if(CMAKE_C_COMPILER_TARGET MATCHES "wasm" OR CMAKE_SYSTEM_PROCESSOR MATCHES "wasm")
  _oslo_component(messaging bindings/program)
  _oslo_component(messaging-server bindings/server @SERVER_SOURCES@)
  _oslo_component(messaging-listener bindings/listener @LISTENER_SOURCES@)
  # They have no `main`: the host calls what they export.
  target_link_options(oslo-messaging-server INTERFACE -mexec-model=reactor)
  target_link_options(oslo-messaging-listener INTERFACE -mexec-model=reactor)
else()
  _oslo_target(messaging-testing bindings/program @TESTING_SOURCES@)
  target_include_directories(oslo-messaging-testing PUBLIC "${_oslo_root}/testing")
endif()
