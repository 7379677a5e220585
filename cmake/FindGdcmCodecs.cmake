# GDCM's codecs as the target Gdcm::Codecs. Debian's own GDCMConfig.cmake warns of programs that its
# development package does not hold.
find_path(GDCM_CODECS_INCLUDE gdcmImage.h PATH_SUFFIXES gdcm-3.0)
find_library(GDCM_CODECS_LIBRARY gdcmMSFF)
find_library(GDCM_DATA_LIBRARY gdcmDSED)
find_library(GDCM_COMMON_LIBRARY gdcmCommon)

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(GdcmCodecs REQUIRED_VARS
  GDCM_CODECS_LIBRARY GDCM_DATA_LIBRARY GDCM_COMMON_LIBRARY GDCM_CODECS_INCLUDE)

if(GdcmCodecs_FOUND AND NOT TARGET Gdcm::Codecs)
  add_library(Gdcm::Codecs INTERFACE IMPORTED)
  target_include_directories(Gdcm::Codecs SYSTEM INTERFACE ${GDCM_CODECS_INCLUDE})
  target_link_libraries(Gdcm::Codecs INTERFACE
    ${GDCM_CODECS_LIBRARY} ${GDCM_DATA_LIBRARY} ${GDCM_COMMON_LIBRARY})
endif()
