#include "play.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MS 1000000ull
#define PACE_ANSWER_NS (1 * MS)
#define PACE_DELAY_NS (60 * MS) /* Linux delays acknowledgements by 40 ms */
#define SETTLE_NS (120 * MS)
#define FIRST_PORT 1024
#define LAST_PORT 65000
#define LISTEN_PORT 8000
#define SMALL_BUFFER 4096

enum listener_kind { LISTENER_PLAIN, LISTENER_SMALL, LISTENER_INLINE, LISTENER_FASTOPEN };

static uint64_t now_ns(void)
{
	static uint64_t last;
	struct timespec t;
	uint64_t now;

	clock_gettime(CLOCK_MONOTONIC, &t);
	now = (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
	last = now > last ? now : last + 1;
	return last;
}

static void *grow(void *memory, size_t *room, size_t need, size_t size)
{
	if (need <= *room)
		return memory;
	*room = need * 2;
	memory = realloc(memory, *room * size);
	if (memory == NULL)
		abort();
	return memory;
}

/* ---- the host's application ---- */

static int listener_open(uint16_t port, enum listener_kind kind)
{
	struct sockaddr_in at = {
	    .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(WIRE_HOST)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1, small = SMALL_BUFFER, queue = 4096;

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (kind == LISTENER_SMALL)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	if (kind == LISTENER_INLINE)
		setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &one, sizeof(one));
	if (kind == LISTENER_FASTOPEN)
		setsockopt(fd, IPPROTO_TCP, TCP_FASTOPEN, &queue, sizeof(queue));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(fd, 4096) < 0) {
		close(fd);
		return -errno;
	}
	return fd;
}

static enum listener_kind listener_of(const struct scenario *s)
{
	return s->fastopen     ? LISTENER_FASTOPEN
	       : s->oob_inline ? LISTENER_INLINE
	       : s->small      ? LISTENER_SMALL
			       : LISTENER_PLAIN;
}

static struct play *play_of_port(struct host *h, uint16_t port)
{
	for (size_t i = 0; i < h->play_count; i++)
		if (h->plays[i].peer.port == port)
			return &h->plays[i];
	return NULL;
}

static struct connection *connection_add(struct play *p, int fd)
{
	struct connection *c;

	if (p->connection_count == PLAY_CONNECTIONS_MAX) {
		close(fd);
		return NULL;
	}
	c = &p->connection[p->connection_count++];
	*c = (struct connection){.fd = fd};
	return c;
}

static void application_accept(struct host *h, int listener)
{
	struct sockaddr_in from;
	socklen_t size = sizeof(from);
	int fd;

	while ((fd = accept4(listener, (struct sockaddr *)&from, &size, SOCK_NONBLOCK)) >= 0) {
		struct play *p = play_of_port(h, ntohs(from.sin_port));
		struct connection *c = p == NULL ? NULL : connection_add(p, fd);

		if (c != NULL)
			c->established = true;
		else if (p == NULL)
			close(fd);
		size = sizeof(from);
	}
}

static bool socket_established(int fd)
{
	struct tcp_info info;
	socklen_t size = sizeof(info);

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) < 0)
		return false;
	return info.tcpi_state != TCP_SYN_SENT && info.tcpi_state != TCP_SYN_RECV &&
	       info.tcpi_state != TCP_CLOSE;
}

static void connection_read(struct connection *c)
{
	c->established = c->established || socket_established(c->fd);
	while (c->end == END_OPEN && !c->given_up) {
		ssize_t n;

		c->bytes = grow(c->bytes, &c->room, c->len + 65536, 1);
		n = recv(c->fd, c->bytes + c->len, c->room - c->len, MSG_DONTWAIT);
		if (n > 0) {
			c->len += (size_t)n;
			c->established = true;
		} else if (n == 0) {
			c->end = c->told ? END_RESET : END_EOF;
			c->established = true;
		} else if (errno == EAGAIN || errno == EINTR) {
			return;
		} else {
			c->perhaps = !c->established && errno == ECONNRESET;
			c->end = END_RESET;
		}
	}
}

static void application_read(struct play *p)
{
	for (unsigned int i = 0; i < p->connection_count; i++)
		connection_read(&p->connection[i]);
}

static void application_connect(struct play *p)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
				 .sin_port = htons(p->peer.port),
				 .sin_addr.s_addr = htonl(WIRE_PEER)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1, small = SMALL_BUFFER;

	if (fd < 0 || connection_add(p, fd) == NULL)
		return;
	if (p->scenario->small)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	if (p->scenario->oob_inline)
		setsockopt(fd, SOL_SOCKET, SO_OOBINLINE, &one, sizeof(one));
	(void)connect(fd, (struct sockaddr *)&to, sizeof(to));
}

/* The host's own bytes: what it writes says where it stands. */
static void application_write(struct connection *c, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++) {
		char byte = (char)('a' + c->written % 26);

		if (send(c->fd, &byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL | MSG_MORE) != 1) {
			c->told = c->told || errno == ECONNRESET;
			break;
		}
		c->written++;
	}
	setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
}

/* Reads the rest. A byte of the host's own says once more what it has got, where a
 * limit on its answers kept it silent. */
static void application_end(struct play *p)
{
	application_read(p);
	for (unsigned int i = 0; i < p->connection_count; i++)
		if (p->connection[i].established && !p->connection[i].given_up)
			application_write(&p->connection[i], 1);
}

static void application_act(struct play *p, const struct step *step)
{
	struct connection *c =
	    p->connection_count == 0 ? NULL : &p->connection[p->connection_count - 1];

	if (step->kind == STEP_CONNECT) {
		application_connect(p);
		return;
	}
	if (c == NULL || c->given_up)
		return;
	if (step->kind == STEP_WRITE) {
		application_write(c, (uint32_t)step->value);
	} else if (step->kind == STEP_READ) {
		application_read(p);
	} else if (step->kind == STEP_SHUT) {
		shutdown(c->fd, SHUT_WR);
	} else if (step->kind == STEP_CLOSE) {
		connection_read(c);
		c->given_up = true;
		close(c->fd);
	}
}

/* ---- the wire ---- */

static void passed_add(struct play *p, const uint8_t *frame, uint32_t len, bool from_host)
{
	p->passed = grow(p->passed, &p->passed_room, p->passed_count + 1, sizeof(*p->passed));
	p->frames = grow(p->frames, &p->frame_room, p->frame_bytes + len, 1);
	memcpy(p->frames + p->frame_bytes, frame, len);
	p->passed[p->passed_count++] = (struct passed){
	    .time = now_ns(), .at = (uint32_t)p->frame_bytes, .len = len, .from_host = from_host};
	p->frame_bytes += len;
}

static void wire_drain(struct host *h)
{
	uint8_t frame[WIRE_FRAME_MAX];
	uint32_t len;

	while ((len = wire_receive(h->wire, frame)) > 0) {
		const uint8_t *ip = frame + 14, *tcp = ip + (ip[0] & 15) * 4;
		struct play *p;

		if (len < 54 || frame[12] != 8 || frame[13] != 0 || ip[9] != 6)
			continue;
		p = play_of_port(h, (uint16_t)(tcp[2] << 8 | tcp[3]));
		if (p == NULL || p->done)
			continue;
		peer_hear(&p->peer, frame, len);
		passed_add(p, frame, len, true);
	}
}

/* What the host did meanwhile; what its application reads makes it speak again. */
static void host_look(struct host *h, struct play *p)
{
	wire_drain(h);
	for (int i = 0; i < 4; i++)
		application_accept(h, h->listener[i]);
	for (unsigned int i = 0; i < p->connection_count; i++)
		p->connection[i].established =
		    p->connection[i].established || socket_established(p->connection[i].fd);
	if (!p->scenario->lazy)
		application_read(p);
	wire_drain(h);
}

static uint64_t step_play(struct host *h, struct play *p, const struct step *step)
{
	uint8_t frame[WIRE_FRAME_MAX];
	uint32_t len;

	switch (step->kind) {
	case STEP_SEGMENT:
		len = peer_speak(&p->peer, &step->segment, frame);
		passed_add(p, frame, len, false);
		wire_send(h->wire, frame, len);
		break;
	case STEP_NEW:
		peer_renew(&p->peer, (uint32_t)step->value);
		break;
	case STEP_WAIT:
		return (uint64_t)step->value * MS;
	default:
		application_act(p, step);
		break;
	}
	return step->pace == PACE_DELAY ? PACE_DELAY_NS : PACE_ANSWER_NS;
}

static void play_go_on(struct host *h, struct play *p)
{
	uint64_t pause = SETTLE_NS;
	bool burst = true;

	host_look(h, p);
	if (p->next >= p->scenario->step_count) {
		application_end(p);
		wire_drain(h);
		p->done = true;
		return;
	}
	while (burst && p->next < p->scenario->step_count) {
		const struct step *step = &p->scenario->step[p->next++];

		pause = step_play(h, p, step);
		burst = step->pace == PACE_BURST;
	}
	host_look(h, p);
	if (p->next >= p->scenario->step_count)
		pause += SETTLE_NS;
	p->due = now_ns() + pause;
}

/* Leaves nothing behind that speaks: whoever gets these ports again is alone. */
static void play_end(struct play *p)
{
	struct linger now = {.l_onoff = 1};

	for (unsigned int i = 0; i < p->connection_count; i++) {
		struct connection *c = &p->connection[i];

		if (c->given_up)
			continue;
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
		close(c->fd);
	}
}

static uint16_t port_take(struct host *h)
{
	h->next_port = h->next_port >= LAST_PORT ? FIRST_PORT : (uint16_t)(h->next_port + 1);
	return h->next_port;
}

void host_play(struct host *h, const struct scenario *const *scenarios, struct play *plays,
	       size_t count)
{
	uint64_t begin = now_ns();

	h->plays = plays;
	h->play_count = count;
	for (size_t i = 0; i < count; i++) {
		struct play *p = &plays[i];

		*p = (struct play){.scenario = scenarios[i], .due = begin + i * 20000};
		p->peer.cookie_len = h->cookie_len;
		memcpy(p->peer.cookie, h->cookie, COOKIE_MAX);
		peer_begin(&p->peer, scenarios[i], port_take(h),
			   (uint16_t)(LISTEN_PORT + listener_of(scenarios[i])));
	}
	for (;;) {
		uint64_t now = now_ns(), next = UINT64_MAX;

		for (size_t i = 0; i < count; i++) {
			struct play *p = &plays[i];

			if (!p->done && p->due <= now)
				play_go_on(h, p);
			if (!p->done && p->due < next)
				next = p->due;
		}
		if (next == UINT64_MAX)
			break;
		now = now_ns();
		if (next > now)
			nanosleep(&(struct timespec){.tv_nsec = (long)(next - now)}, NULL);
	}
	for (size_t i = 0; i < count; i++)
		play_end(&plays[i]);
	h->play_count = 0;
	wire_drain(h);
}

void play_free(struct play *p)
{
	for (unsigned int i = 0; i < p->connection_count; i++)
		free(p->connection[i].bytes);
	free(p->passed);
	free(p->frames);
}

/* ---- opening ---- */

/* The cookie that the host gives our address (RFC 7413, section 4.1.2). */
static void cookie_learn(struct host *h)
{
	struct scenario s;
	const struct scenario *only = &s;
	const char *at;
	struct play p;

	if (!scenario_read(&s, "fastopen : S@-1/tfoask A@0", &at))
		return;
	host_play(h, &only, &p, 1);
	h->cookie_len = p.peer.cookie_len;
	memcpy(h->cookie, p.peer.cookie, COOKIE_MAX);
	play_free(&p);
}

int host_open(struct host *h, const char **what)
{
	*h = (struct host){.next_port = FIRST_PORT};
	h->wire = wire_open(what);
	if (h->wire < 0)
		return h->wire;
	*what = "a listening socket";
	for (int i = 0; i < 4; i++) {
		h->listener[i] = listener_open((uint16_t)(LISTEN_PORT + i), (enum listener_kind)i);
		if (h->listener[i] < 0)
			return h->listener[i];
	}
	cookie_learn(h);
	return 0;
}
