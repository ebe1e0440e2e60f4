# ASan and UBSan for what follows, and the dataplane under both: that of the folder
# MBX_SANITIZED, or compiled here where nobody names one. Lines are enough for a report, and
# a warning of a compiler is an error of ours.
add_compile_options(-g1 -fsanitize=address,undefined -fno-sanitize-recover=undefined
	-fno-omit-frame-pointer -Werror)
add_link_options(-fsanitize=address,undefined)
if(MBX_SANITIZED)
	include("${MBX_SANITIZED}/mbx.cmake")
	# Its headers are ours: what a compiler warns of in them counts. DPDK's are not.
	set(CMAKE_NO_SYSTEM_FROM_IMPORTED ON)
	find_package(PkgConfig REQUIRED)
	pkg_check_modules(DPDK REQUIRED libdpdk)
	include_directories(SYSTEM ${DPDK_INCLUDE_DIRS})
else()
	add_subdirectory("${CMAKE_CURRENT_LIST_DIR}/../../runtime/dataplane" dataplane)
endif()
