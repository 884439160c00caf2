# cmake --install puts in place: include/chord.h and chord_grammar.h, the static library `chord` with every module in it,
# the program `chord`, and a CMake package, so that
#
#   find_package(chord REQUIRED)
#   target_link_libraries(app PRIVATE chord::chord)
#
# is all that a program in C or C++ needs.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# The static libraries of this build that `target` stands on, itself included.
function(chord_library_closure target result)
  set(pending ${target})
  set(found)
  while(pending)
    list(POP_FRONT pending next)
    if(next MATCHES "^\\$<LINK_ONLY:(.*)>$")
      set(next ${CMAKE_MATCH_1})
    endif()
    if(NOT TARGET ${next} OR next IN_LIST found)
      continue()
    endif()
    list(APPEND found ${next})
    get_target_property(dependencies ${next} INTERFACE_LINK_LIBRARIES)
    if(dependencies)
      list(APPEND pending ${dependencies})
    endif()
  endwhile()
  set(libraries)
  foreach(library IN LISTS found)
    get_target_property(type ${library} TYPE)
    get_target_property(imported ${library} IMPORTED)
    if(type MATCHES "^(STATIC|OBJECT)_LIBRARY$" AND NOT imported)
      list(APPEND libraries ${library})
    endif()
  endforeach()
  set(${result} ${libraries} PARENT_SCOPE)
endfunction()

# One archive instead of a dozen whose order on the command line would matter.
chord_library_closure(chord_abi modules)
list(TRANSFORM modules REPLACE "(.+)" "$<TARGET_OBJECTS:\\1>" OUTPUT_VARIABLE objects)
add_library(chord STATIC ${objects})
add_library(chord::chord ALIAS chord)
set_target_properties(chord PROPERTIES LINKER_LANGUAGE CXX)
target_include_directories(chord INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

install(TARGETS chord EXPORT chord ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES ${PROJECT_SOURCE_DIR}/include/chord.h ${PROJECT_SOURCE_DIR}/include/chord_grammar.h
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
if(TARGET chord_cli)
  install(TARGETS chord_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/chord)
install(EXPORT chord NAMESPACE chord:: FILE chordTargets.cmake DESTINATION ${package_folder})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/chordConfig.cmake.in
  ${CMAKE_BINARY_DIR}/chordConfig.cmake INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${CMAKE_BINARY_DIR}/chordConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/chordConfig.cmake ${CMAKE_BINARY_DIR}/chordConfigVersion.cmake
  DESTINATION ${package_folder})
