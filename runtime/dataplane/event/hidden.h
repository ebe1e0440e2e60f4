/* Included by generated units before a handler's code: what a handler may call
 * is in its NAME.gen.h, and nothing of the library, with which it could do what
 * its network function did not declare. */
#pragma GCC poison nf_drop_packet nf_drop_flow nf_reset_flow nf_answer_refuse nf_refuse
#pragma GCC poison nf_block_stream nf_inject_resets nf_set_timer nf_state nf_state_fetch nf_flow
#pragma GCC poison nf_slot_select nf_replay_request nf_answer_cause
#pragma GCC poison inlet_next inlet_pass inlet_record inlet_answer inlet_switch inlet_set_payload
#pragma GCC poison inlet_bytes_refused inlet_publish inlet_look inlet_sleep
#pragma GCC poison burst_drop burst_written burst_apply_blocks burst_goes_on burst_packet
#pragma GCC poison chain_flow_of chain_flow_at chain_keep nf_is_current event_log_next
#pragma GCC poison event_log_append event_log_insert event_log_at event_inherit event_fill
#pragma GCC poison flow_table_at flow_table_get flow_table_insert flow_table_remove
#pragma GCC poison flow_table_free
#pragma GCC poison packet_write_eth_src packet_write_eth_dst
#pragma GCC poison packet_write_ip_src packet_write_ip_dst packet_write_ip_ttl packet_write_ip_tos
#pragma GCC poison packet_write_tcp_sport packet_write_tcp_dport packet_write_tcp_window
#pragma GCC poison packet_write_udp_sport packet_write_udp_dport packet_write_payload
#pragma GCC poison packet_make_private packet_at
