# SPDX-License-Identifier: Apache-2.0
# A room is one folder of lib/, one static library, one idea. ROOMS are the lower rooms it may
# include (PUBLIC: its headers speak of them); WRAPS are the third-party libraries that only it sees.
# tests/house/ reads every #include against the levels of docs/architecture.md.
function(sigilo_room name)
  cmake_parse_arguments(ARG "" "" "ROOMS;WRAPS;SPEAKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/lib/${name}/*.cpp")
  if(NOT sources)
    return()
  endif()
  add_library(sigilo_${name} STATIC ${sources})
  target_include_directories(sigilo_${name} PUBLIC "${CMAKE_SOURCE_DIR}/lib")
  target_link_libraries(sigilo_${name} PRIVATE sigilo_compiler ${ARG_WRAPS})
  target_link_libraries(sigilo_${name} PUBLIC fmt::fmt tl::expected ${ARG_SPEAKS})
  foreach(room IN LISTS ARG_ROOMS)
    target_link_libraries(sigilo_${name} PUBLIC sigilo_${room})
  endforeach()
endfunction()

# The tests of one folder: tests/<name>/*_test.cpp, linked against the room(s) they speak of.
function(sigilo_tests name)
  cmake_parse_arguments(ARG "" "" "ROOMS;LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/${name}/*.cpp")
  if(NOT sources)
    return()
  endif()
  add_executable(test_${name} ${sources})
  target_include_directories(test_${name} PRIVATE "${CMAKE_SOURCE_DIR}/tests")
  target_compile_definitions(test_${name} PRIVATE
    SIGILO_SOURCE_DIR="${CMAKE_SOURCE_DIR}" SIGILO_BINARY_DIR="${CMAKE_BINARY_DIR}")
  target_link_libraries(test_${name} PRIVATE sigilo_compiler sigilo_test_support Catch2::Catch2WithMain ${ARG_LINKS})
  foreach(room IN LISTS ARG_ROOMS)
    target_link_libraries(test_${name} PRIVATE sigilo_${room})
  endforeach()
  catch_discover_tests(test_${name} TEST_PREFIX "${name}: " DISCOVERY_MODE PRE_TEST
                       PROPERTIES LABELS ${name} TIMEOUT 120)
endfunction()
