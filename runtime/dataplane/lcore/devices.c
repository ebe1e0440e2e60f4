/* The devices of a program: found, asked whether they can share packets out to the
 * instances by themselves, and started. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../port/af_packet.h"
#include "../port/device.h"
#include "distributor.h"

static const char *device_of(const struct dataplane_options *options, const char *port)
{
	for (unsigned int i = 0; i < options->binding_count; i++)
		if (strcmp(options->bindings[i].port, port) == 0)
			return options->bindings[i].device;
	return "";
}

bool devices_may_share_out(const struct program *program, const struct dataplane_options *options)
{
	if (program_instances(program) == 1 || options->capture != NULL ||
	    options->rss == DATAPLANE_RSS_SOFTWARE)
		return false;
	for (unsigned int i = 0; i < options->binding_count; i++)
		if (af_packet_names(options->bindings[i].device))
			return false;
	return true;
}

static bool hears_datagrams(const struct program *program)
{
	for (uint8_t i = 0; i < program->chain_count; i++)
		if (program->chains[i]->features->udp)
			return true;
	return false;
}

static void why_not(struct distributor *d, const struct port *p, const char *device,
		    const char *why)
{
	snprintf(d->why, sizeof(d->why), "`%.*s` of port %s %s", (int)strcspn(device, ","), device,
		 p->name, why);
}

/* Whether all devices can. False: `d->why`. */
static bool all_can(struct runner *r, const struct dataplane_options *options)
{
	struct distributor *d = r->distributor;
	char why[96];

	for (uint8_t i = 0; i < r->port_count; i++) {
		if (device_rss_can(&r->port[i], &d->rss, why, sizeof(why)))
			continue;
		why_not(d, &r->port[i], device_of(options, r->port[i].name), why);
		return false;
	}
	return true;
}

static int refuse(const struct distributor *d, struct fault *fault)
{
	return fault_set(fault, -ENOTSUP, FAULT_NOT_SHARED_BY_DEVICE,
			 "the devices cannot feed %u instances: %s", d->rss.queues, d->why);
}

/* `d->by_device` afterwards. A fault where it is a must. */
static int choose(struct runner *r, const struct dataplane_options *options, struct fault *fault)
{
	struct distributor *d = r->distributor;

	d->rss = (struct rss){.queues = program_instances(r->program),
			      .entries = RSS_ENTRIES_MOST,
			      .ports = share_by_ports(&d->share),
			      .datagrams = hears_datagrams(r->program),
			      .tunnels = d->share.decap != 0,
			      .outer_will_do = options->rss == DATAPLANE_RSS_DEVICE};
	if (options->rss == DATAPLANE_RSS_SOFTWARE)
		snprintf(d->why, sizeof(d->why), "as `--rss software` says");
	else
		d->by_device = all_can(r, options);
	rss_set_key(&d->rss, rss_key(flow_secret_draw()));
	return options->rss == DATAPLANE_RSS_DEVICE && !d->by_device ? refuse(d, fault) : 0;
}

static int start_all(struct runner *r, const struct dataplane_options *options,
		     const struct rss *rss, struct fault *fault)
{
	for (uint8_t i = 0; i < r->port_count; i++) {
		const char *device = device_of(options, r->port[i].name);
		int ret = device_start(&r->port[i], device, r->memory.mbufs, rss, fault);

		if (ret == 0)
			continue;
		if (rss != NULL)
			why_not(r->distributor, &r->port[i], device,
				"refuses its queues or its key");
		return ret;
	}
	return 0;
}

static int start_sharing(struct runner *r, const struct dataplane_options *options,
			 struct fault *fault)
{
	struct distributor *d = r->distributor;

	if (start_all(r, options, &d->rss, fault) == 0) {
		d->feeds = false;
		d->share.rss = &d->rss;
		return 0;
	}
	d->by_device = false;
	if (options->rss == DATAPLANE_RSS_DEVICE)
		return refuse(d, fault);
	return start_all(r, options, NULL, fault);
}

int devices_open(struct runner *r, const struct dataplane_options *options, struct fault *fault)
{
	for (uint8_t i = 0; i < r->port_count; i++) {
		const char *name = r->program->ports[i];
		int ret = device_find(&r->port[i], name, device_of(options, name), r->memory.mbufs,
				      fault);

		if (ret < 0)
			return ret;
	}
	if (r->distributor != NULL) {
		int ret = choose(r, options, fault);

		if (ret < 0)
			return ret;
		if (r->distributor->by_device)
			return start_sharing(r, options, fault);
	}
	return start_all(r, options, NULL, fault);
}

void distributor_describe(const struct runner *main, char *text, size_t size)
{
	const struct distributor *d = main->distributor;
	const char *by;

	*text = '\0';
	if (d == NULL)
		return;
	by = share_by_ports(&d->share) ? "addresses and ports" : "addresses";
	if (d->by_device)
		snprintf(text, size, "%u instances, fed by the devices' RSS, by %s", d->count, by);
	else if (!d->feeds)
		snprintf(text, size, "%u instances, each with its part of the capture, by %s",
			 d->count, by);
	else if (d->why[0] == '\0')
		snprintf(text, size, "%u instances, fed in software, by %s", d->count, by);
	else
		snprintf(text, size, "%u instances, fed in software, by %s: %s", d->count, by,
			 d->why);
}
