/* Reads /proc/net/dev: unlike /sys it always shows the caller's namespace. */
#include "interface.h"

#include <errno.h>
#include <inttypes.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

enum interface_state interface_look(const char *interface, unsigned int index)
{
	struct ifreq request = {0};
	int fd, ret;

	if (if_nametoindex(interface) != index)
		return INTERFACE_GONE;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return INTERFACE_UP;
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", interface);
	ret = ioctl(fd, SIOCGIFFLAGS, &request);
	close(fd);
	return ret == 0 && (request.ifr_flags & IFF_UP) == 0 ? INTERFACE_DOWN : INTERFACE_UP;
}

int interface_hear_all(unsigned int index)
{
	const struct packet_mreq request = {.mr_ifindex = (int)index, .mr_type = PACKET_MR_PROMISC};
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0); /* protocol 0: receives nothing */
	int error;

	if (fd < 0)
		return -errno;
	if (setsockopt(fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request, sizeof(request)) == 0)
		return fd;
	error = errno;
	close(fd);
	return -error;
}

/* "  eth0: BYTES PACKETS ERRORS ..."; NULL when the line is another's. */
static const char *counters_of(const char *line, const char *interface)
{
	size_t len = strlen(interface);

	line += strspn(line, " ");
	if (strncmp(line, interface, len) != 0 || line[len] != ':')
		return NULL;
	return line + len + 1;
}

int interface_frames_received(const char *interface, uint64_t *frames)
{
	char line[512];
	int ret = -ENODEV;
	FILE *file = fopen("/proc/net/dev", "re");

	if (file == NULL)
		return -errno;
	while (ret != 0 && fgets(line, sizeof(line), file) != NULL) {
		const char *counters = counters_of(line, interface);

		if (counters != NULL && sscanf(counters, "%*u %" SCNu64, frames) == 1)
			ret = 0;
	}
	fclose(file);
	return ret;
}
