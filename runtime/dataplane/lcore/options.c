/* Do the options fit the program? All that can be said before memory is taken. */
#include <errno.h>
#include <string.h>

#include "../port/replay.h"
#include "open.h"

static const struct dataplane_binding *binding_of(const struct dataplane_options *options,
						  const char *port)
{
	for (unsigned int i = 0; i < options->binding_count; i++)
		if (strcmp(options->bindings[i].port, port) == 0)
			return &options->bindings[i];
	return NULL;
}

static bool program_has_port(const struct program *program, const char *port)
{
	for (uint8_t i = 0; i < program->port_count; i++)
		if (strcmp(program->ports[i], port) == 0)
			return true;
	return false;
}

static bool same_device(const char *a, const char *b)
{
	size_t len = strcspn(a, ",");

	return len == strcspn(b, ",") && strncmp(a, b, len) == 0;
}

/* Under two names of devices each would receive what the other sends. */
static bool same_interface(const char *a, const char *b, char *interface, size_t size)
{
	char other[64];

	return port_device_interface(a, interface, size) &&
	       port_device_interface(b, other, sizeof(other)) && strcmp(interface, other) == 0;
}

static int check_other(const struct dataplane_binding *b, const struct dataplane_binding *other,
		       struct fault *fault)
{
	char interface[64];

	if (strcmp(other->port, b->port) == 0)
		return fault_set(fault, -EINVAL, FAULT_PORT_BOUND_TWICE,
				 "port %s is given twice: `%s` and `%s`", b->port, other->device,
				 b->device);
	if (same_device(other->device, b->device))
		return fault_set(fault, -EINVAL, FAULT_BAD_DEVICE_STRING,
				 "ports %s and %s are both `%.*s`: each device needs a name "
				 "of its own, as in net_af_packet0 and net_af_packet1",
				 other->port, b->port, (int)strcspn(b->device, ","), b->device);
	if (same_interface(other->device, b->device, interface, sizeof(interface)))
		return fault_set(fault, -EINVAL, FAULT_BAD_DEVICE_STRING,
				 "ports %s and %s are both on the interface `%s`: each port needs "
				 "one of its own",
				 other->port, b->port, interface);
	return 0;
}

static int check_binding(const struct program *program, const struct dataplane_options *options,
			 unsigned int number, struct fault *fault)
{
	const struct dataplane_binding *b = &options->bindings[number];

	if (!program_has_port(program, b->port))
		return fault_set(fault, -EINVAL, FAULT_PORT_UNKNOWN, "%s has no port `%s`",
				 program->name, b->port);
	for (unsigned int i = 0; i < number; i++) {
		int ret = check_other(b, &options->bindings[i], fault);

		if (ret < 0)
			return ret;
	}
	return port_check_device(b->port, b->device, fault);
}

static int check_live(const struct program *program, const struct dataplane_options *options,
		      struct fault *fault)
{
	for (unsigned int i = 0; i < options->binding_count; i++) {
		int ret = check_binding(program, options, i, fault);

		if (ret < 0)
			return ret;
	}
	for (uint8_t i = 0; i < program->port_count; i++)
		if (binding_of(options, program->ports[i]) == NULL)
			return fault_set(
			    fault, -EINVAL, FAULT_PORT_NOT_BOUND,
			    "port %s has no device: --port %s=net_af_packet0,iface=NAME",
			    program->ports[i], program->ports[i]);
	return 0;
}

static bool power_of_two_or_none(uint32_t slots)
{
	return slots == 0 || (slots >= 16 && slots <= 1u << 24 && (slots & (slots - 1)) == 0);
}

static int check_numbers(const struct dataplane_options *options, struct fault *fault)
{
	if (options->burst < 1 || options->burst > BURST_MAX)
		return fault_set(fault, -EINVAL, FAULT_DATAPLANE_FAILED,
				 "a burst has 1 to %u packets, not %u", BURST_MAX, options->burst);
	if (options->laps > LAPS_MAX || (options->laps > 0 && options->capture == NULL))
		return fault_set(fault, -EINVAL, FAULT_DATAPLANE_FAILED,
				 "a capture can have 1 to %u laps, not %u", LAPS_MAX,
				 options->laps);
	if (!power_of_two_or_none(options->ring_events) ||
	    !power_of_two_or_none(options->ring_answers) ||
	    !power_of_two_or_none(options->ring_spill))
		return fault_set(fault, -EINVAL, FAULT_DATAPLANE_FAILED,
				 "rings have a power of two of slots, 16 at least");
	return 0;
}

int options_check(const struct program *program, const struct dataplane_options *options,
		  struct fault *fault)
{
	int ret = check_numbers(options, fault);

	if (ret < 0)
		return ret;
	if (program->chain_count == 0 || program->port_count == 0 ||
	    program->port_count > RUNNER_PORTS_MAX)
		return fault_set(fault, -EINVAL, FAULT_NOTHING_TO_RUN_ON,
				 "%s has no chain with a port", program->name);
	if (options->capture != NULL && options->binding_count > 0)
		return fault_set(fault, -EINVAL, FAULT_CAPTURE_AND_PORTS,
				 "a capture and devices cannot be used at once");
	if (options->capture != NULL)
		return replay_check(options->capture, fault);
	if (options->binding_count == 0)
		return fault_set(
		    fault, -EINVAL, FAULT_NOTHING_TO_RUN_ON,
		    "nothing to run on: give --capture FILE, or a --port for each port");
	return check_live(program, options, fault);
}
