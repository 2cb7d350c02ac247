# cmake -D BUILD=folder -D GENERATOR=Ninja -D COMPILER=c++ [-D FLAGS=...] -P install_and_embed.cmake
# Fails unless every step succeeds.
set(stage ${BUILD}/package-test)
file(REMOVE_RECURSE ${stage})

function(run)
  execute_process(COMMAND ${ARGN} COMMAND_ECHO STDOUT RESULT_VARIABLE status)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "failed: ${status}")
  endif()
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${stage}/installed)
run(${stage}/installed/bin/pinion --version)
run(${CMAKE_COMMAND} -G ${GENERATOR} -S ${CMAKE_CURRENT_LIST_DIR}/consumer -B ${stage}/consumer
  -DCMAKE_PREFIX_PATH=${stage}/installed -DCMAKE_CXX_COMPILER=${COMPILER} -DCMAKE_CXX_FLAGS=${FLAGS})
run(${CMAKE_COMMAND} --build ${stage}/consumer)
run(${stage}/consumer/consumer)
