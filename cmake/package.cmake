# What `cmake --install` puts down: the server, and all that a program needs to embed it as target pinion::pinion.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# The rooms' objects in one archive, libpinion.a, together with the names of the libraries they use.
get_property(rooms GLOBAL PROPERTY PINION_ROOMS)
set(objects)
set(libraries Threads::Threads)
foreach(room IN LISTS rooms)
  get_target_property(type pinion_${room} TYPE)
  if(type STREQUAL "STATIC_LIBRARY")
    list(APPEND objects $<TARGET_OBJECTS:pinion_${room}>)
  endif()
  get_target_property(uses pinion_${room} INTERFACE_LINK_LIBRARIES)
  list(FILTER uses EXCLUDE REGEX "^pinion_")
  list(APPEND libraries ${uses})
endforeach()
list(REMOVE_DUPLICATES libraries)

add_library(pinion_library STATIC ${objects})
add_library(pinion::pinion ALIAS pinion_library)
set_target_properties(pinion_library PROPERTIES
  OUTPUT_NAME pinion EXPORT_NAME pinion LINKER_LANGUAGE CXX ARCHIVE_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR})
target_compile_features(pinion_library INTERFACE cxx_std_20)
target_include_directories(pinion_library INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(pinion_library PRIVATE ${libraries})

# pinionConfig.cmake finds again every package that those libraries came from (fmt::fmt came from fmt).
set(packages ${libraries})
list(FILTER packages INCLUDE REGEX "::")  # others are files
list(TRANSFORM packages REPLACE "::.*" "")
list(REMOVE_DUPLICATES packages)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/pinion)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/pinionConfig.cmake.in pinionConfig.cmake
  INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(pinionConfigVersion.cmake COMPATIBILITY SameMinorVersion)

install(TARGETS pinion RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT server)
install(TARGETS pinion_library EXPORT pinionTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
install(EXPORT pinionTargets NAMESPACE pinion:: DESTINATION ${package_dir} COMPONENT library)
install(DIRECTORY include/pinion DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT library)
install(FILES ${PROJECT_BINARY_DIR}/pinionConfig.cmake ${PROJECT_BINARY_DIR}/pinionConfigVersion.cmake
  DESTINATION ${package_dir} COMPONENT library)
