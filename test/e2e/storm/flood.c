/* Writes hostile frames to an interface, bounded in count and time.
 *
 *   flood DEVICE COUNT SECONDS SEED ETH_FROM ETH_TO IP_FROM IP_TO
 *         SIDE FIRST_PORT PORTS SERVER_PORT TEXT
 *
 * SIDE (client or server) is whose end of the honest connections is forged: those of
 * the ports FIRST_PORT and following. Numbers are guessed, as somebody guesses who
 * does not see the connections; forged data is TEXT, over and over. Prints as JSON how
 * many frames of each kind left. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FRAME_MAX 1514 /* of a link with an MTU of 1500 */
#define AT_ONCE 16     /* frames, then a pause: receivers share the machine's cores */
#define PAUSE_NS 600000

enum kind { SYN, FRAGMENT, DATA, RESET, NOISE, BROKEN, KINDS };

static const char *const kind_names[] = {"syn", "fragment", "data", "reset", "noise", "broken"};

struct flood {
	int fd;
	struct sockaddr_ll to;
	uint8_t macs[12];
	uint32_t from_ip, to_ip; /* network order, like ports below */
	bool from_server;
	uint16_t first_port, ports, server_port; /* host order */
	const char *text;
	size_t text_len;
	uint64_t random;
	uint8_t frame[FRAME_MAX];
	uint64_t sent[KINDS], refused;
};

static uint64_t random_next(struct flood *f)
{
	uint64_t z = f->random += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static uint32_t random_below(struct flood *f, uint32_t end)
{
	return (uint32_t)(random_next(f) % end);
}

static void random_fill(struct flood *f, uint8_t *at, size_t len)
{
	for (size_t i = 0; i < len; i++)
		at[i] = (uint8_t)random_next(f);
}

static uint32_t sum_words(uint32_t sum, const void *data, size_t len)
{
	const uint8_t *at = data;

	for (size_t i = 0; i < len; i++)
		sum += i % 2 == 0 ? (uint32_t)at[i] << 8 : at[i];
	return sum;
}

static uint16_t sum_fold(uint32_t sum)
{
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons((uint16_t)~sum);
}

/* Ethernet and IPv4 headers before `payload` bytes; returns where these begin. */
static uint8_t *put_ip(struct flood *f, uint32_t from, uint16_t offset_word, uint8_t proto,
		       size_t payload)
{
	struct iphdr ip = {.version = 4,
			   .ihl = 5,
			   .ttl = 64,
			   .protocol = proto,
			   .id = (uint16_t)random_next(f),
			   .frag_off = htons(offset_word),
			   .tot_len = htons((uint16_t)(sizeof(ip) + payload)),
			   .saddr = from,
			   .daddr = f->to_ip};

	memcpy(f->frame, f->macs, sizeof(f->macs));
	f->frame[12] = ETH_P_IP >> 8;
	f->frame[13] = ETH_P_IP & 0xff;
	ip.check = sum_fold(sum_words(0, &ip, sizeof(ip)));
	memcpy(f->frame + ETH_HLEN, &ip, sizeof(ip));
	return f->frame + ETH_HLEN + sizeof(ip);
}

/* A whole TCP frame; the text is at its end. Returns its length. */
static size_t put_tcp(struct flood *f, uint32_t from, uint16_t sport, uint16_t dport, uint8_t flags,
		      size_t text)
{
	size_t len = sizeof(struct tcphdr) + text;
	uint8_t *at = put_ip(f, from, IP_DF, IPPROTO_TCP, len);
	struct tcphdr tcp = {.source = htons(sport),
			     .dest = htons(dport),
			     .seq = (uint32_t)random_next(f),
			     .ack_seq = (uint32_t)random_next(f),
			     .doff = 5,
			     .window = htons(8192)};
	uint32_t sum = sum_words(0, &from, 4);

	memcpy(at, &tcp, sizeof(tcp));
	at[13] = flags;
	for (size_t i = 0; i < text; i++)
		at[sizeof(tcp) + i] = (uint8_t)f->text[i % f->text_len];
	sum = sum_words(sum, &f->to_ip, 4);
	sum += IPPROTO_TCP + (uint32_t)len;
	tcp.check = sum_fold(sum_words(sum, at, len));
	memcpy(at + 16, &tcp.check, 2);
	return ETH_HLEN + sizeof(struct iphdr) + len;
}

static uint16_t honest_port(struct flood *f)
{
	return (uint16_t)(f->first_port + random_below(f, f->ports));
}

/* A guess at an honest connection, from the forged end. */
static size_t put_guess(struct flood *f, uint8_t flags, size_t text)
{
	uint16_t port = honest_port(f);

	return f->from_server ? put_tcp(f, f->from_ip, f->server_port, port, flags, text)
			      : put_tcp(f, f->from_ip, port, f->server_port, flags, text);
}

static size_t put_frame(struct flood *f, enum kind kind)
{
	static const uint16_t types[] = {ETH_P_IP,     ETH_P_IPV6,    ETH_P_8021Q,
					 ETH_P_8021AD, ETH_P_MPLS_UC, ETH_P_PPP_SES};
	size_t len = 1 + random_below(f, FRAME_MAX);

	switch (kind) {
	case SYN:
		return put_tcp(f, (uint32_t)random_next(f), (uint16_t)random_next(f),
			       f->server_port, TH_SYN, 0);
	case FRAGMENT: /* no two of one datagram; some have a TCP header of an honest connection */
		len = 8 * (1 + random_below(f, 180));
		random_fill(f,
			    put_ip(f, random_below(f, 2) ? f->from_ip : (uint32_t)random_next(f),
				   IP_MF | (random_below(f, 2) ? 0 : random_below(f, 4000)),
				   IPPROTO_TCP, len),
			    len);
		return ETH_HLEN + sizeof(struct iphdr) + len;
	case DATA:
		return put_guess(f, TH_ACK | TH_PUSH, 1 + random_below(f, 1400));
	case RESET:
		return put_guess(f, TH_RST | (random_below(f, 2) ? TH_ACK : 0), 0);
	case NOISE:
		random_fill(f, f->frame, len);
		return len;
	case BROKEN: /* begins like something that is known */
		random_fill(f, f->frame, len);
		if (len >= ETH_HLEN) {
			uint16_t type = types[random_below(f, sizeof(types) / sizeof(types[0]))];

			memcpy(f->frame, f->macs, sizeof(f->macs));
			f->frame[12] = (uint8_t)(type >> 8);
			f->frame[13] = (uint8_t)type;
			if (len > ETH_HLEN && random_below(f, 2))
				f->frame[ETH_HLEN] = type == ETH_P_IPV6 ? 0x60 : 0x45;
		}
		return len;
	case KINDS:
		break;
	}
	return 0;
}

/* What has no room leaves later; what the kernel does not take as a frame is counted. */
static bool send_frame(struct flood *f, enum kind kind)
{
	size_t len = put_frame(f, kind);

	while (sendto(f->fd, f->frame, len, 0, (struct sockaddr *)&f->to, sizeof(f->to)) < 0) {
		if (errno == EINVAL || errno == EMSGSIZE) {
			f->refused++;
			return true;
		}
		if (errno != ENOBUFS && errno != EAGAIN && errno != EINTR)
			return false;
		usleep(100);
	}
	f->sent[kind]++;
	return true;
}

static bool read_mac(const char *text, uint8_t *mac)
{
	return sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", &mac[0], &mac[1], &mac[2], &mac[3],
		      &mac[4], &mac[5]) == 6;
}

static bool flood_open(struct flood *f, char **argv)
{
	f->random = strtoull(argv[4], NULL, 10);
	f->to = (struct sockaddr_ll){.sll_family = AF_PACKET,
				     .sll_ifindex = (int)if_nametoindex(argv[1])};
	f->from_server = strcmp(argv[9], "server") == 0;
	f->first_port = (uint16_t)atoi(argv[10]);
	f->ports = (uint16_t)atoi(argv[11]);
	f->server_port = (uint16_t)atoi(argv[12]);
	f->text = argv[13];
	f->text_len = strlen(f->text);
	if (!read_mac(argv[6], f->macs) || !read_mac(argv[5], f->macs + 6) ||
	    inet_pton(AF_INET, argv[7], &f->from_ip) != 1 ||
	    inet_pton(AF_INET, argv[8], &f->to_ip) != 1 || f->ports == 0 || f->text_len == 0) {
		fprintf(stderr, "flood: bad addresses, ports or text\n");
		return false;
	}
	f->fd = socket(AF_PACKET, SOCK_RAW, 0);
	if (f->fd < 0)
		perror("flood: socket");
	return f->fd >= 0;
}

static double seconds_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
	static struct flood f;
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	double end;

	if (argc != 14 || !flood_open(&f, argv))
		return 2;
	end = seconds_now() + atof(argv[3]);
	for (uint64_t i = 0, count = strtoull(argv[2], NULL, 10); i < count; i++) {
		if (!send_frame(&f, (enum kind)(i % KINDS))) {
			perror("flood: send");
			return 1;
		}
		if (i % AT_ONCE != AT_ONCE - 1)
			continue;
		if (seconds_now() > end)
			break;
		nanosleep(&pause, NULL);
	}
	printf("{");
	for (unsigned int kind = 0; kind < KINDS; kind++)
		printf("\"%s\":%llu,", kind_names[kind], (unsigned long long)f.sent[kind]);
	printf("\"refused\":%llu}\n", (unsigned long long)f.refused);
	return 0;
}
