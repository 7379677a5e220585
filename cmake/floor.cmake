# One library per floor: roentgen_floor(NAME SOURCES a.cpp b.cpp USES lower floors and libraries).
function(roentgen_floor name)
  cmake_parse_arguments(FLOOR "" "" "SOURCES;USES;PRIVATE_USES" ${ARGN})
  add_library(roentgen_${name} STATIC ${FLOOR_SOURCES})
  target_include_directories(roentgen_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  target_link_libraries(roentgen_${name} PUBLIC ${FLOOR_USES} PRIVATE ${FLOOR_PRIVATE_USES})
endfunction()
