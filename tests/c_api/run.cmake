# Installs the build BUILD into a folder of its own, builds this folder's project against it, and runs the
# program with MODEL. C_COMPILER and CXX_COMPILER are the build's, SANITIZE its sanitizers.
function(step)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

set(work ${BUILD}/c_api)
file(REMOVE_RECURSE ${work})
step(${CMAKE_COMMAND} --install ${BUILD} --prefix ${work}/prefix)
set(flags)
if(SANITIZE)
  set(flags -fsanitize=${SANITIZE})
endif()
step(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR} -B ${work}/build -G Ninja
  -DCMAKE_PREFIX_PATH=${work}/prefix -DCMAKE_C_COMPILER=${C_COMPILER} -DCMAKE_CXX_COMPILER=${CXX_COMPILER}
  -DCMAKE_C_FLAGS=${flags} -DCMAKE_CXX_FLAGS=${flags})
step(${CMAKE_COMMAND} --build ${work}/build)
# A copy: the linker may not have let go of its file yet, and the system refuses to run what is open for writing.
file(COPY_FILE ${work}/build/c_api ${work}/c_api)
step(${work}/c_api ${MODEL})
