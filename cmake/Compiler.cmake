# SPDX-License-Identifier: Apache-2.0
# How our own code is compiled. Everything hangs on one interface target, so that
# warnings are errors in our files only and never in a library's headers.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()
# Checks that abort are ours (base/check.hpp) and stay in every build; NDEBUG only concerns libraries.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-Og -g1")

find_program(SIGILO_CCACHE ccache)
if(SIGILO_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${SIGILO_CCACHE}")
endif()

add_library(sigilo_compiler INTERFACE)
target_compile_options(sigilo_compiler INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wnon-virtual-dtor -Werror
  -ffile-prefix-map=${CMAKE_SOURCE_DIR}/=)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # Clang 14 warns on fmt's and Boost's deprecated use of the standard library.
  target_compile_options(sigilo_compiler INTERFACE -Wno-unknown-warning-option)
endif()

if(SIGILO_SANITIZE)
  add_compile_options(-fsanitize=${SIGILO_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${SIGILO_SANITIZE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # Its mark before each function tears coroutines apart: "Cannot represent a difference across sections".
    add_compile_options(-fno-sanitize=function)
  endif()
elseif(CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  # Hardening of what is shipped; tests/packaging looks at the result in the ELF file.
  include(CheckPIESupported)
  check_pie_supported()
  add_compile_options(-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2 -D_GLIBCXX_ASSERTIONS
                      -fstack-protector-strong -fstack-clash-protection)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    add_compile_options(-fcf-protection=full)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "aarch64")
    add_compile_options(-mbranch-protection=standard)
  endif()
  add_link_options(-Wl,-z,relro,-z,now,-z,noexecstack)
endif()

find_program(SIGILO_MOLD mold)
if(SIGILO_MOLD AND NOT CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  add_link_options(-fuse-ld=mold)
endif()
