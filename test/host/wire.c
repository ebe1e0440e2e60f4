#include "wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEVICE "host0"

const uint8_t wire_host_mac[6] = {0x02, 0, 0, 0, 0, 0x01};
const uint8_t wire_peer_mac[6] = {0x02, 0, 0, 0, 0, 0x02};

/* Limits that would make one scenario depend on its neighbours, and frames that
 * nobody expects. The rate of challenge ACKs stays as it is. */
static const struct {
	const char *path, *value;
} settings[] = {
    {"/proc/sys/net/ipv6/conf/all/disable_ipv6", "1"},
    {"/proc/sys/net/ipv6/conf/default/disable_ipv6", "1"},
    {"/proc/sys/net/core/somaxconn", "65535"},
    {"/proc/sys/net/ipv4/tcp_max_syn_backlog", "65535"},
    {"/proc/sys/net/ipv4/tcp_syncookies", "0"},
    {"/proc/sys/net/ipv4/tcp_fastopen", "3"},
    {"/proc/sys/net/ipv4/tcp_max_tw_buckets", "262144"},
    {"/proc/sys/net/ipv4/tcp_no_metrics_save", "1"},
    {"/proc/sys/net/ipv4/ip_local_port_range", "10000 60999"},
};

static void settings_write(void)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		int fd = open(settings[i].path, O_WRONLY);

		/* What this kernel does not have makes no difference. */
		if (fd >= 0 && write(fd, settings[i].value, strlen(settings[i].value)) < 0)
			fprintf(stderr, "host: %s: %s\n", settings[i].path, strerror(errno));
		if (fd >= 0)
			close(fd);
	}
}

static void address_set(struct sockaddr *to, uint32_t address)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(address)};

	memcpy(to, &in, sizeof(in));
}

static int device_up(int control)
{
	struct ifreq request = {.ifr_name = DEVICE};
	struct arpreq neighbour = {.arp_flags = ATF_PERM | ATF_COM, .arp_dev = DEVICE};

	request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	memcpy(request.ifr_hwaddr.sa_data, wire_host_mac, 6);
	if (ioctl(control, SIOCSIFHWADDR, &request) < 0)
		return -errno;
	address_set(&request.ifr_addr, WIRE_HOST);
	if (ioctl(control, SIOCSIFADDR, &request) < 0)
		return -errno;
	address_set(&request.ifr_netmask, 0xffffff00u);
	if (ioctl(control, SIOCSIFNETMASK, &request) < 0)
		return -errno;
	request.ifr_qlen = 100000;
	if (ioctl(control, SIOCSIFTXQLEN, &request) < 0)
		return -errno;
	if (ioctl(control, SIOCGIFFLAGS, &request) < 0)
		return -errno;
	request.ifr_flags |= IFF_UP | IFF_RUNNING;
	if (ioctl(control, SIOCSIFFLAGS, &request) < 0)
		return -errno;
	address_set(&neighbour.arp_pa, WIRE_PEER);
	neighbour.arp_ha.sa_family = ARPHRD_ETHER;
	memcpy(neighbour.arp_ha.sa_data, wire_peer_mac, 6);
	return ioctl(control, SIOCSARP, &neighbour) < 0 ? -errno : 0;
}

int wire_open(const char **what)
{
	struct ifreq request = {.ifr_name = DEVICE, .ifr_flags = IFF_TAP | IFF_NO_PI};
	int wire, control, ret;

	*what = "a network namespace";
	if (unshare(CLONE_NEWNET) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return -errno;
	*what = "/dev/net/tun";
	wire = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
	if (wire < 0)
		return -errno;
	*what = "a tap device";
	if (ioctl(wire, TUNSETIFF, &request) < 0) {
		ret = -errno;
		close(wire);
		return ret;
	}
	settings_write();
	*what = "the tap device's address";
	control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ret = control < 0 ? -errno : device_up(control);
	if (control >= 0)
		close(control);
	if (ret < 0) {
		close(wire);
		return ret;
	}
	return wire;
}

int wire_send(int wire, const uint8_t *frame, uint32_t len)
{
	return write(wire, frame, len) == (ssize_t)len ? 0 : -errno;
}

uint32_t wire_receive(int wire, uint8_t frame[WIRE_FRAME_MAX])
{
	ssize_t n = read(wire, frame, WIRE_FRAME_MAX);

	return n > 0 ? (uint32_t)n : 0;
}
