# SPDX-License-Identifier: Apache-2.0
# Tests that run programs. Debian's own python3 is named by path: its aiosmtpd is the SMTP server of the tests.
find_program(SIGILO_PYTHON python3 PATHS /usr/bin NO_DEFAULT_PATH REQUIRED)

function(sigilo_python_test name)
  cmake_parse_arguments(ARG "" "SCRIPT;TIMEOUT" "ARGS;LABELS" ${ARGN})
  if(NOT EXISTS "${CMAKE_SOURCE_DIR}/${ARG_SCRIPT}")
    return()
  endif()
  add_test(NAME "${name}" COMMAND "${SIGILO_PYTHON}" "${CMAKE_SOURCE_DIR}/${ARG_SCRIPT}" ${ARG_ARGS})
  set_tests_properties("${name}" PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}" SKIP_RETURN_CODE 77
    ENVIRONMENT "SIGILO_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY};SIGILO_SOURCE=${CMAKE_SOURCE_DIR}")
endfunction()

sigilo_python_test("house: the rules that no compiler checks" SCRIPT tests/house/house_test.py TIMEOUT 60 LABELS house)
sigilo_python_test("verifier: a sealed file opens without libsodium" SCRIPT tests/verifier/open_sealed.py TIMEOUT 60
                   LABELS verifier ARGS --test "${CMAKE_SOURCE_DIR}/tests/vectors/sealed")
sigilo_python_test("ledger: a second reader of the vectors" SCRIPT tests/ledger/vectors_test.py TIMEOUT 120 LABELS ledger)
# Where Go's standard library comes without object files, they are made once, in the build's own directory.
sigilo_python_test("ledger: Go's packages for transparency logs" SCRIPT tests/ledger/interop/interop_test.py TIMEOUT 600
                   LABELS ledger)
sigilo_python_test("cli: the commands as a person runs them" SCRIPT tests/cli/cli_test.py TIMEOUT 300 LABELS cli)
sigilo_python_test("e2e: the whole way of the data" SCRIPT tests/e2e/e2e_test.py TIMEOUT 600 LABELS e2e)
sigilo_python_test("e2e: files, numbers and history" SCRIPT tests/e2e/media_test.py TIMEOUT 600 LABELS e2e)
sigilo_python_test("e2e: a bundle of evidence" SCRIPT tests/e2e/bundle_test.py TIMEOUT 300 LABELS e2e)
sigilo_python_test("e2e: checkpoints remembered outside" SCRIPT tests/e2e/anchor_test.py TIMEOUT 300 LABELS e2e)
sigilo_python_test("e2e: bad input at the front door" SCRIPT tests/e2e/bad_input_test.py TIMEOUT 300 LABELS e2e)
sigilo_python_test("e2e: a full disk" SCRIPT tests/e2e/full_disk_test.py TIMEOUT 300 LABELS e2e)
sigilo_python_test("e2e: killed in mid-stream" SCRIPT tests/e2e/kill_stream.py TIMEOUT 600 LABELS e2e
                   ARGS --bin "${CMAKE_RUNTIME_OUTPUT_DIRECTORY}" --messages 2000)
