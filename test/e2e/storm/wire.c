/* Frames of a file onto an interface, and off it into a file.
 *
 *   wire send DEVICE FILE     a pause after some, so that nobody's ring runs over
 *   wire record DEVICE FILE   until it is told to end; says when it hears
 *
 * A file has frames one after the other, each behind its length in four bytes of
 * this machine. */
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FRAME_MAX 65536
#define AT_ONCE 16
#define PAUSE_NS 1000000
#define RECEIVE_BUFFER (64 << 20)
#define MACS 12
#define TAG 4

static volatile sig_atomic_t told_to_end;

static void end(int signal)
{
	(void)signal;
	told_to_end = 1;
}

static int wire_open(const char *device, uint16_t protocol)
{
	struct sockaddr_ll at = {.sll_family = AF_PACKET,
				 .sll_protocol = (uint16_t)(protocol << 8 | protocol >> 8),
				 .sll_ifindex = (int)if_nametoindex(device)};
	const int buffer = RECEIVE_BUFFER, yes = 1;
	int fd = socket(AF_PACKET, SOCK_RAW, 0);

	if (fd < 0 || at.sll_ifindex == 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &buffer, sizeof(buffer));
	(void)setsockopt(fd, SOL_PACKET, PACKET_AUXDATA, &yes, sizeof(yes));
	(void)setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &yes, sizeof(yes));
	return bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 ? fd : -1;
}

static int wire_send(int fd, FILE *file)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	static uint8_t frame[FRAME_MAX];
	uint32_t len;

	for (unsigned int i = 1; fread(&len, sizeof(len), 1, file) == 1; i++) {
		if (len > sizeof(frame) || fread(frame, len, 1, file) != 1)
			return 1;
		if (send(fd, frame, len, 0) != (ssize_t)len) {
			perror("wire: send");
			return 1;
		}
		if (i % AT_ONCE == 0)
			nanosleep(&pause, NULL);
	}
	return 0;
}

/* The tag that the kernel keeps beside a frame; 0: none. */
static uint32_t kept_tag(struct msghdr *message)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c != NULL; c = CMSG_NXTHDR(message, c)) {
		struct tpacket_auxdata aux;

		if (c->cmsg_level != SOL_PACKET || c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&aux, CMSG_DATA(c), sizeof(aux));
		if (aux.tp_status & TP_STATUS_VLAN_VALID)
			return (uint32_t)aux.tp_vlan_tpid << 16 | aux.tp_vlan_tci;
	}
	return 0;
}

static void write_frame(FILE *file, const uint8_t *frame, uint32_t len, uint32_t tag)
{
	const uint8_t tags[TAG] = {(uint8_t)(tag >> 24), (uint8_t)(tag >> 16), (uint8_t)(tag >> 8),
				   (uint8_t)tag};
	uint32_t whole = len + (tag != 0 ? TAG : 0);

	fwrite(&whole, sizeof(whole), 1, file);
	fwrite(frame, MACS, 1, file);
	if (tag != 0)
		fwrite(tags, TAG, 1, file);
	fwrite(frame + MACS, len - MACS, 1, file);
}

static int wire_record(int fd, FILE *file)
{
	static uint8_t frame[FRAME_MAX];
	char control[256];
	const struct sigaction action = {.sa_handler = end};

	sigaction(SIGTERM, &action, NULL);
	puts("recording");
	fflush(stdout);
	while (!told_to_end) {
		struct iovec part = {.iov_base = frame, .iov_len = sizeof(frame)};
		struct msghdr message = {.msg_iov = &part,
					 .msg_iovlen = 1,
					 .msg_control = control,
					 .msg_controllen = sizeof(control)};
		ssize_t len = recvmsg(fd, &message, 0);

		if (len >= MACS)
			write_frame(file, frame, (uint32_t)len, kept_tag(&message));
	}
	return 0;
}

int main(int argc, char **argv)
{
	bool sends = argc == 4 && strcmp(argv[1], "send") == 0;
	FILE *file = argc == 4 ? fopen(argv[3], sends ? "rb" : "wb") : NULL;
	int fd = argc == 4 ? wire_open(argv[2], sends ? 0 : ETH_P_ALL) : -1;
	int ret;

	if (file == NULL || fd < 0) {
		perror("wire");
		return 2;
	}
	ret = sends ? wire_send(fd, file) : wire_record(fd, file);
	return fclose(file) != 0 ? 1 : ret;
}
