/* SPDX-License-Identifier: GPL-2.0-only */
/* Trace points of VMs, vCPUs and memory; those of the RM's protocol are in trace.h */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM gunyah_vm

#if !defined(_GUNYAH_VM_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _GUNYAH_VM_TRACE_H

#include <linux/tracepoint.h>
#include <linux/types.h>

#define gunyah_show_vm_state(s)						\
	__print_symbolic(s,						\
			 { 0, "none" }, { 1, "init" }, { 2, "ready" },	\
			 { 3, "running" }, { 4, "paused" },		\
			 { 5, "load" }, { 6, "auth" },			\
			 { 8, "init-failed" }, { 9, "exited" },		\
			 { 10, "resetting" }, { 11, "reset" },		\
			 { 12, "reset-failed" })

/* taken: false if @to does not follow @from and was ignored */
TRACE_EVENT(gunyah_vm_state,
	TP_PROTO(u16 vmid, u8 from, u8 to, bool taken),
	TP_ARGS(vmid, from, to, taken),
	TP_STRUCT__entry(
		__field(u16, vmid)
		__field(u8, from)
		__field(u8, to)
		__field(bool, taken)
	),
	TP_fast_assign(
		__entry->vmid = vmid;
		__entry->from = from;
		__entry->to = to;
		__entry->taken = taken;
	),
	TP_printk("vmid=%u %s -> %s%s", __entry->vmid,
		  gunyah_show_vm_state(__entry->from), gunyah_show_vm_state(__entry->to),
		  __entry->taken ? "" : " (ignored)")
);

TRACE_EVENT(gunyah_vm_exited,
	TP_PROTO(u16 vmid, u16 type, u32 reason_size),
	TP_ARGS(vmid, type, reason_size),
	TP_STRUCT__entry(
		__field(u16, vmid)
		__field(u16, type)
		__field(u32, reason_size)
	),
	TP_fast_assign(
		__entry->vmid = vmid;
		__entry->type = type;
		__entry->reason_size = reason_size;
	),
	TP_printk("vmid=%u type=%u reason_size=%u",
		  __entry->vmid, __entry->type, __entry->reason_size)
);

/* A step of VM_START or of the teardown */
TRACE_EVENT(gunyah_vm_step,
	TP_PROTO(u16 vmid, const char *step, int err),
	TP_ARGS(vmid, step, err),
	TP_STRUCT__entry(
		__field(u16, vmid)
		__field(const char *, step)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->vmid = vmid;
		__entry->step = step;
		__entry->err = err;
	),
	TP_printk("vmid=%u step=%s err=%d", __entry->vmid, __entry->step, __entry->err)
);

TRACE_EVENT(gunyah_parcel,
	TP_PROTO(u16 vmid, u64 gpa, u64 size, size_t entries, int kind, int err),
	TP_ARGS(vmid, gpa, size, entries, kind, err),
	TP_STRUCT__entry(
		__field(u16, vmid)
		__field(u64, gpa)
		__field(u64, size)
		__field(size_t, entries)
		__field(int, kind)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->vmid = vmid;
		__entry->gpa = gpa;
		__entry->size = size;
		__entry->entries = entries;
		__entry->kind = kind;
		__entry->err = err;
	),
	TP_printk("vmid=%u gpa=0x%llx size=0x%llx entries=%zu %s err=%d",
		  __entry->vmid, __entry->gpa, __entry->size, __entry->entries,
		  __entry->kind ? "lend" : "share", __entry->err)
);

#define gunyah_show_way(w)						\
	__print_symbolic(w, { 0, "lend" }, { 1, "share" }, { 2, "share-exec" })

/* A fault of the guest inside one of its ranges; err: what became of it */
TRACE_EVENT(gunyah_mem_fault,
	TP_PROTO(u64 gpa, bool write, int err),
	TP_ARGS(gpa, write, err),
	TP_STRUCT__entry(
		__field(u64, gpa)
		__field(bool, write)
		__field(int, err)
	),
	TP_fast_assign(
		__entry->gpa = gpa;
		__entry->write = write;
		__entry->err = err;
	),
	TP_printk("gpa=0x%llx %s err=%d", __entry->gpa, __entry->write ? "write" : "read",
		  __entry->err)
);

/* Pages to the guest; error is the hypervisor's */
TRACE_EVENT(gunyah_mem_give,
	TP_PROTO(u64 gfn, unsigned long pfn, u64 nr, int way, u8 access, int error),
	TP_ARGS(gfn, pfn, nr, way, access, error),
	TP_STRUCT__entry(
		__field(u64, gfn)
		__field(unsigned long, pfn)
		__field(u64, nr)
		__field(int, way)
		__field(u8, access)
		__field(int, error)
	),
	TP_fast_assign(
		__entry->gfn = gfn;
		__entry->pfn = pfn;
		__entry->nr = nr;
		__entry->way = way;
		__entry->access = access;
		__entry->error = error;
	),
	TP_printk("gfn=0x%llx pfn=0x%lx nr=%llu %s access=%u error=%d", __entry->gfn,
		  __entry->pfn, __entry->nr, gunyah_show_way(__entry->way),
		  __entry->access, __entry->error)
);

/* Pages back from the guest; error is the hypervisor's */
TRACE_EVENT(gunyah_mem_take,
	TP_PROTO(u64 gfn, unsigned long pfn, u64 nr, int way, int error),
	TP_ARGS(gfn, pfn, nr, way, error),
	TP_STRUCT__entry(
		__field(u64, gfn)
		__field(unsigned long, pfn)
		__field(u64, nr)
		__field(int, way)
		__field(int, error)
	),
	TP_fast_assign(
		__entry->gfn = gfn;
		__entry->pfn = pfn;
		__entry->nr = nr;
		__entry->way = way;
		__entry->error = error;
	),
	TP_printk("gfn=0x%llx pfn=0x%lx nr=%llu %s error=%d", __entry->gfn, __entry->pfn,
		  __entry->nr, gunyah_show_way(__entry->way), __entry->error)
);

TRACE_EVENT(gunyah_vcpu_enter,
	TP_PROTO(u16 vmid, u32 vcpu, const u64 *resume),
	TP_ARGS(vmid, vcpu, resume),
	TP_STRUCT__entry(
		__field(u16, vmid)
		__field(u32, vcpu)
		__field(u64, resume0)
		__field(u64, resume1)
	),
	TP_fast_assign(
		__entry->vmid = vmid;
		__entry->vcpu = vcpu;
		__entry->resume0 = resume[0];
		__entry->resume1 = resume[1];
	),
	TP_printk("vmid=%u vcpu=%u resume=0x%llx,%llu", __entry->vmid, __entry->vcpu,
		  __entry->resume0, __entry->resume1)
);

TRACE_EVENT(gunyah_vcpu_exit,
	TP_PROTO(u16 vmid, u32 vcpu, int error, u64 state, const u64 *data),
	TP_ARGS(vmid, vcpu, error, state, data),
	TP_STRUCT__entry(
		__field(u16, vmid)
		__field(u32, vcpu)
		__field(int, error)
		__field(u64, state)
		__array(u64, data, 3)
	),
	TP_fast_assign(
		__entry->vmid = vmid;
		__entry->vcpu = vcpu;
		__entry->error = error;
		__entry->state = state;
		memcpy(__entry->data, data, sizeof(__entry->data));
	),
	TP_printk("vmid=%u vcpu=%u error=%d state=0x%llx data=0x%llx,0x%llx,0x%llx",
		  __entry->vmid, __entry->vcpu, __entry->error, __entry->state,
		  __entry->data[0], __entry->data[1], __entry->data[2])
);

/* in_kernel: an ioeventfd took it */
TRACE_EVENT(gunyah_mmio,
	TP_PROTO(u16 vmid, u32 vcpu, bool write, u64 addr, u8 len, u64 data, bool in_kernel),
	TP_ARGS(vmid, vcpu, write, addr, len, data, in_kernel),
	TP_STRUCT__entry(
		__field(u16, vmid)
		__field(u32, vcpu)
		__field(bool, write)
		__field(u64, addr)
		__field(u8, len)
		__field(u64, data)
		__field(bool, in_kernel)
	),
	TP_fast_assign(
		__entry->vmid = vmid;
		__entry->vcpu = vcpu;
		__entry->write = write;
		__entry->addr = addr;
		__entry->len = len;
		__entry->data = data;
		__entry->in_kernel = in_kernel;
	),
	TP_printk("vmid=%u vcpu=%u %s 0x%llx len=%u data=0x%llx%s",
		  __entry->vmid, __entry->vcpu, __entry->write ? "write" : "read",
		  __entry->addr, __entry->len, __entry->data,
		  __entry->in_kernel ? " (ioeventfd)" : "")
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE vm_trace
#include <trace/define_trace.h>
