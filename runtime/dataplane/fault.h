/* What went wrong, for a person: a code of the shared table (MBX7xxx,
 * runtime/control/errors.ts) and one plain sentence that stands alone. */
#pragma once

#include <stdarg.h>
#include <stdio.h>

#define FAULT_NO_SUCH_DEVICE "MBX7001"
#define FAULT_NO_PERMISSION "MBX7002"
#define FAULT_NO_MEMORY "MBX7003"
#define FAULT_BAD_DEVICE_STRING "MBX7004"
#define FAULT_UNKNOWN_DRIVER "MBX7005"
#define FAULT_DEVICE_FAILED "MBX7006"
#define FAULT_EAL_FAILED "MBX7007"
#define FAULT_HUGEPAGES_FAILED "MBX7008"
#define FAULT_DATAPLANE_FAILED "MBX7009"
#define FAULT_DRAIN_TIMED_OUT "MBX7010"
#define FAULT_DEVICE_GONE "MBX7011"
#define FAULT_DEVICE_DOWN "MBX7012"
#define FAULT_DEVICE_BACK "MBX7013"
#define FAULT_FRAMES_TOO_LONG "MBX7014"
#define FAULT_MORE_LCORES_THAN_CPUS "MBX7015"
#define FAULT_PLACED_ELSEWHERE "MBX7016"
#define FAULT_NOT_SHARED_BY_DEVICE "MBX7018"
#define FAULT_CAPTURE_MISSING "MBX7101"
#define FAULT_NOT_A_CAPTURE "MBX7102"
#define FAULT_CAPTURE_CUT_OFF "MBX7103"
#define FAULT_LINK_TYPE_UNSUPPORTED "MBX7104"
#define FAULT_CAPTURE_UNREADABLE "MBX7105"
#define FAULT_OUT_UNWRITABLE "MBX7106"
#define FAULT_OUT_FAILED "MBX7107"
#define FAULT_PORT_NOT_BOUND "MBX7201"
#define FAULT_PORT_BOUND_TWICE "MBX7202"
#define FAULT_PORT_UNKNOWN "MBX7203"
#define FAULT_NOTHING_TO_RUN_ON "MBX7204"
#define FAULT_CAPTURE_AND_PORTS "MBX7205"
#define FAULT_HANDLER_BUSY "MBX7305"
#define FAULT_CRASHED "MBX7309"
#define FAULT_HANDLER_NOT_PREPARED "MBX7311"

struct fault {
	const char *code; /* NULL: nothing went wrong */
	char message[512];
};

/* Fills `f` and gives `error` back, a negative errno, so that one line reports. */
__attribute__((format(printf, 4, 5))) static inline int
fault_set(struct fault *f, int error, const char *code, const char *format, ...)
{
	va_list args;

	f->code = code;
	va_start(args, format);
	vsnprintf(f->message, sizeof(f->message), format, args);
	va_end(args);
	return error;
}
