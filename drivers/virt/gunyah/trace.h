/* SPDX-License-Identifier: GPL-2.0-only */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM gunyah

#if !defined(_GUNYAH_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _GUNYAH_TRACE_H

#include <linux/tracepoint.h>
#include <linux/types.h>

/* A request has left completely; a reply may have been matched before this line */
TRACE_EVENT(gunyah_rm_request,
	TP_PROTO(u16 seq, u32 msg_id, size_t size),
	TP_ARGS(seq, msg_id, size),
	TP_STRUCT__entry(
		__field(u16, seq)
		__field(u32, msg_id)
		__field(size_t, size)
	),
	TP_fast_assign(
		__entry->seq = seq;
		__entry->msg_id = msg_id;
		__entry->size = size;
	),
	TP_printk("seq=%u msg=0x%08x size=%zu",
		  __entry->seq, __entry->msg_id, __entry->size)
);

/* A packet that passed the checks of its header; @fragments is packets minus one */
TRACE_EVENT(gunyah_rm_packet,
	TP_PROTO(u8 type, u8 fragments, u16 seq, u32 msg_id, size_t size),
	TP_ARGS(type, fragments, seq, msg_id, size),
	TP_STRUCT__entry(
		__field(u8, type)
		__field(u8, fragments)
		__field(u16, seq)
		__field(u32, msg_id)
		__field(size_t, size)
	),
	TP_fast_assign(
		__entry->type = type;
		__entry->fragments = fragments;
		__entry->seq = seq;
		__entry->msg_id = msg_id;
		__entry->size = size;
	),
	TP_printk("type=%s fragments=%u seq=%u msg=0x%08x size=%zu",
		  __print_symbolic(__entry->type,
				   { 0, "continuation" }, { 1, "request" },
				   { 2, "reply" }, { 3, "notification" }),
		  __entry->fragments, __entry->seq, __entry->msg_id, __entry->size)
);

/* A reply that found its request; late: nobody waits for it any more */
TRACE_EVENT(gunyah_rm_reply,
	TP_PROTO(u16 seq, u32 msg_id, size_t size, bool late),
	TP_ARGS(seq, msg_id, size, late),
	TP_STRUCT__entry(
		__field(u16, seq)
		__field(u32, msg_id)
		__field(size_t, size)
		__field(bool, late)
	),
	TP_fast_assign(
		__entry->seq = seq;
		__entry->msg_id = msg_id;
		__entry->size = size;
		__entry->late = late;
	),
	TP_printk("seq=%u msg=0x%08x size=%zu late=%d",
		  __entry->seq, __entry->msg_id, __entry->size, __entry->late)
);

/* Something was thrown away: enum gunyah_rm_rpc_drop */
TRACE_EVENT(gunyah_rm_drop,
	TP_PROTO(int why, u16 seq, u32 msg_id),
	TP_ARGS(why, seq, msg_id),
	TP_STRUCT__entry(
		__field(int, why)
		__field(u16, seq)
		__field(u32, msg_id)
	),
	TP_fast_assign(
		__entry->why = why;
		__entry->seq = seq;
		__entry->msg_id = msg_id;
	),
	TP_printk("%s seq=%u msg=0x%08x",
		  __print_symbolic(__entry->why,
				   { 0, "junk" }, { 1, "request" },
				   { 2, "stray continuation" }, { 3, "unfinished message" },
				   { 4, "reply to nobody" }, { 5, "late reply" }),
		  __entry->seq, __entry->msg_id)
);

TRACE_EVENT(gunyah_rm_notification,
	TP_PROTO(u32 msg_id, size_t size),
	TP_ARGS(msg_id, size),
	TP_STRUCT__entry(
		__field(u32, msg_id)
		__field(size_t, size)
	),
	TP_fast_assign(
		__entry->msg_id = msg_id;
		__entry->size = size;
	),
	TP_printk("msg=0x%08x size=%zu", __entry->msg_id, __entry->size)
);

/* refused: the message was not queued and has to be sent again */
TRACE_EVENT(gunyah_msgq_full,
	TP_PROTO(u64 capid, bool refused),
	TP_ARGS(capid, refused),
	TP_STRUCT__entry(
		__field(u64, capid)
		__field(bool, refused)
	),
	TP_fast_assign(
		__entry->capid = capid;
		__entry->refused = refused;
	),
	TP_printk("capid=0x%llx refused=%d", __entry->capid, __entry->refused)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
