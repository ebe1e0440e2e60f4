/* Every counter of an lcore, once. The table makes the struct, the names that
 * the summary and the metrics print, and the reference page. Names are
 * `group.cause`; all count since the start. */
#pragma once

#include <stdint.h>

#define MBX_COUNTERS(X)                                                                            \
	X(packets_in, "packets.in", "frames received")                                             \
	X(packets_out, "packets.out", "frames received that were handed to a port")                \
	X(packets_injected, "packets.injected", "frames that the stack itself sent (resets)")      \
	X(packets_injected_lost, "packets.injected_lost",                                          \
	  "frames of the stack itself that found no room")                                         \
	X(packets_injected_unbuilt, "packets.injected_unbuilt",                                    \
	  "resets that a tunnel's headers do not allow, or that are too long to keep")             \
	X(packets_handed_on, "packets.handed_on",                                                  \
	  "frames that a device sent to another instance than their flow's")                       \
	X(bytes_in, "bytes.in", "bytes of frames received")                                        \
	X(bytes_out, "bytes.out", "bytes of these")                                                \
	X(drop_nf, "dropped.nf", "an NF said drop")                                                \
	X(drop_flow, "dropped.flow", "the flow was dropped or reset by an NF")                     \
	X(drop_blocked, "dropped.blocked", "at or beyond bytes that an NF dropped")                \
	X(drop_rewritten, "dropped.rewritten", "resent with other bytes than were delivered")      \
	X(drop_unkept, "dropped.unkept",                                                           \
	  "TCP bytes for which `buffer` has no room, and a function may drop: sent again later")   \
	X(drop_unheard, "dropped.unheard",                                                         \
	  "TCP bytes that no function has heard, and the stack says drop")                         \
	X(drop_malformed, "dropped.malformed", "cannot be parsed, and the chain says drop")        \
	X(drop_unread, "dropped.unread",                                                           \
	  "in more tunnels than are followed, or fragments in fragments, and an NF drops")         \
	X(drop_overload, "dropped.overload", "a worker is behind, and the NF says drop")           \
	X(drop_error, "dropped.error", "a handler failed, and the NF says drop")                   \
	X(drop_fragment_refused, "dropped.fragment_refused",                                       \
	  "held in line, and its datagram is none that a host takes")                              \
	X(drop_fragment_expired, "dropped.fragment_expired",                                       \
	  "held in line, and its datagram was not whole in time")                                  \
	X(drop_fragment_evicted, "dropped.fragment_evicted",                                       \
	  "held in line, and its datagram was pushed out by `fragments`")                          \
	X(drop_no_memory, "dropped.no_memory", "no buffer was free")                               \
	X(drop_no_far_port, "dropped.no_far_port", "consumed: the chain has one port")             \
	X(drop_transmit, "dropped.transmit", "the device did not take the frame in time")          \
	X(drop_shutdown, "dropped.shutdown", "still waiting when the program ended")               \
	X(malformed, "seen.malformed", "frames that cannot be parsed")                             \
	X(unmatched, "seen.unmatched", "frames that no stack matches, forwarded unchanged")        \
	X(fragments, "seen.fragments", "IP fragments")                                             \
	X(decap_packets, "decap.packets", "packets seen inside of tunnels")                        \
	X(decap_short, "decap.short", "tunnels whose header is cut: what carries them is seen")    \
	X(decap_form, "decap.form", "tunnels of a version or form that no host takes: the same")   \
	X(decap_deep, "decap.deep",                                                                \
	  "more than 8 tunnels in each other: the ninth is not followed")                          \
	X(decap_checksum, "decap.checksum",                                                        \
	  "checksum around a tunnelled packet wrong: its end ignores it")                          \
	X(fragments_completed, "fragments.completed", "datagrams put together")                    \
	X(fragments_nested, "fragments.nested",                                                    \
	  "of these, with a fragment inside, which is not put together again")                     \
	X(fragments_duplicate, "fragments.duplicate", "fragments whose bytes were there already")  \
	X(fragments_overlapping, "fragments.overlapping",                                          \
	  "datagrams refused because fragments overlap")                                           \
	X(fragments_malformed, "fragments.malformed", "fragments or datagrams that no host takes") \
	X(fragments_too_long, "fragments.too_long", "the same, because of more than 65535 bytes")  \
	X(fragments_expired, "fragments.expired", "datagrams that were not whole in time")         \
	X(fragments_too_far, "fragments.too_far",                                                  \
	  "datagrams begun again: more than 64 fragments of their sender came in between")         \
	X(fragments_evicted, "fragments.evicted", "datagrams pushed out by `fragments`")           \
	X(checksum_ip, "checksum.ip", "IPv4 header checksum wrong")                                \
	X(checksum_tcp, "checksum.tcp", "TCP checksum wrong")                                      \
	X(checksum_udp, "checksum.udp", "UDP checksum wrong")                                      \
	X(checksum_icmp, "checksum.icmp", "ICMP checksum wrong")                                   \
	X(flows_started, "flows.started", "flows entered into the table")                          \
	X(flows_midstream, "flows.midstream", "of these, picked up without their SYN")             \
	X(flows_fin, "flows.ended_fin", "ended by FIN on both sides")                              \
	X(flows_rst, "flows.ended_rst", "ended by a reset")                                        \
	X(flows_idle, "flows.ended_idle", "ended by the idle time")                                \
	X(flows_evicted, "flows.ended_evicted", "evicted because the table was full")              \
	X(flows_shutdown, "flows.ended_shutdown", "open when the program ended")                   \
	X(flow_table_full, "flows.table_full", "a flow found no place")                            \
	X(icmp_errors, "icmp.errors", "ICMP errors that concern a flow")                           \
	X(icmp_errors_no_flow, "icmp.errors_no_flow",                                              \
	  "ICMP errors that concern no flow in the table")                                         \
	X(icmp_errors_unreadable, "icmp.errors_unreadable",                                        \
	  "ICMP errors whose quote names no flow: cut short, damaged, a later fragment")           \
	X(icmp_errors_forged, "icmp.errors_forged",                                                \
	  "ICMP errors about a TCP segment that is not in flight, or sent to another host than "   \
	  "they concern")                                                                          \
	X(tcp_out_of_order, "tcp.out_of_order", "segments held until a hole is filled")            \
	X(tcp_rexmit, "tcp.retransmitted", "segments with bytes that were delivered before")       \
	X(tcp_overlap, "tcp.overlap_conflicts", "overlaps with other bytes")                       \
	X(tcp_overlap_unknown, "tcp.overlap_unknown", "overlaps that could not be compared")       \
	X(tcp_gap, "tcp.gaps", "holes given up")                                                   \
	X(tcp_gap_bytes, "tcp.gap_bytes", "bytes in holes given up")                               \
	X(tcp_crossed_window, "tcp.crossed_window",                                                \
	  "segments that cross the right edge of the window, kept until they are acknowledged")    \
	X(tcp_ignored_window, "tcp.ignored_window", "segments left or right of the window")        \
	X(tcp_ignored_no_ack, "tcp.ignored_no_ack", "segments without ACK")                        \
	X(tcp_ignored_ack, "tcp.ignored_ack",                                                      \
	  "segments that acknowledge what was never sent, "                                        \
	  "or far too old")                                                                        \
	X(tcp_ignored_paws, "tcp.ignored_paws", "segments with an old timestamp")                  \
	X(tcp_ignored_syn, "tcp.ignored_syn", "SYN inside a connection")                           \
	X(tcp_ignored_rst, "tcp.ignored_rst", "resets that the host does not take")                \
	X(tcp_ignored_after_fin, "tcp.ignored_after_fin", "data after FIN")                        \
	X(tcp_ignored_keep_alive, "tcp.ignored_keep_alive",                                        \
	  "bytes of keep-alives, in the place of one that is acknowledged")                        \
	X(tcp_ignored_md5, "tcp.ignored_md5", "MD5 option unexpected or not to be read")           \
	X(tcp_ignored_port, "tcp.ignored_port", "segments that come in at the other side's port")  \
	X(tcp_ignored_flags, "tcp.ignored_flags", "flag combinations that no host takes")          \
	X(held_copied, "held.copied", "held segments that were copied to chunks")                  \
	X(held_digested, "held.digested",                                                          \
	  "segments of which a digest is kept, because memory for their bytes is short")           \
	X(held_lost, "held.lost", "held segments given up because the buffer was full")            \
	X(from_start_lost, "held.from_start_lost", "bytes of `from start` that found no buffer")   \
	X(events_lost, "events.lost", "events not delivered: a worker is behind")                  \
	X(events_unjudged, "events.unjudged",                                                      \
	  "events of packets that did not wait any longer for a worker: it hangs or is gone")      \
	X(publications_lost, "events.publications_lost", "publications that found no room")        \
	X(stale_handles, "handles.stale", "calls with a handle of a flow that has ended")          \
	X(verdicts_without_packet, "verdicts.without_packet",                                      \
	  "verdicts on an event that no "                                                          \
	  "packet caused")                                                                         \
	X(writes_refused, "writes.refused", "header writes that the packet cannot take")           \
	X(replay_copied, "replay.copied", "replayed frames copied because they were still held")

struct counters {
#define MBX_COUNTER_FIELD(field, name, doc) uint64_t field;
	MBX_COUNTERS(MBX_COUNTER_FIELD)
#undef MBX_COUNTER_FIELD
};

struct counter_info {
	const char *name;
	const char *doc;
};

/* In the order of struct counters; `counter_count` entries. */
extern const struct counter_info counter_infos[];
extern const unsigned int counter_count;
