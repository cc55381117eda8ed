// SPDX-License-Identifier: (GPL-2.0-only OR BSD-2-Clause)
/* Building a guest, starting it, stopping it, taking it apart. */
#include "arch/arch.h"
#include "lib/printk.h"
#include "lib/string.h"
#include "obj/vm.h"
#include <linux/gunyah/abi/hypercall.h>

#define CSPACE_PAGES	1

struct vm *vm_table[VM_MAX];
struct stage2 host_s2;
struct cspace host_cspace;
struct page_pool object_pool, guest_table_pool, guest_reserve_pool, record_pool;
void (*vm_halted)(struct vm *vm, const struct vm_halt_info *info);

static u64 info_page;

static u64 object_pages(size_t size)
{
	return ALIGN_UP(size, PAGE_SIZE) / PAGE_SIZE;
}

static void *object_alloc(size_t size)
{
	u64 pa = page_pool_alloc(&object_pool, object_pages(size), 1);

	return pa ? arch_pa_to_va(pa) : NULL;
}

static void object_free(void *object, size_t size)
{
	if (object)
		page_pool_free(&object_pool, arch_va_to_pa(object), object_pages(size));
}

static void vgic_kicks(struct vm *vm, unsigned int index)
{
	vcpu_notify(vm->vcpus[index]);
}

static struct vm_doorbell *bell_of_spi(struct vm *vm, u32 intid)
{
	unsigned int i;

	for (i = 0; i < vm->nr_bells; i++)
		if (!vm->bells[i].from_guest && vm->bells[i].spi == intid)
			return &vm->bells[i];
	return NULL;
}

/* A level doorbell stays high while its enabled flags are set */
static bool vgic_resamples(struct vm *vm, u32 intid)
{
	const struct vm_doorbell *b = bell_of_spi(vm, intid);

	return b && doorbell_level(&b->bell);
}

static void vgic_ends(struct vm *vm, u32 intid)
{
	const struct vm_doorbell *b = bell_of_spi(vm, intid);
	const struct virq eoi = { .intid = b ? b->host_virq : 0 };

	virq_assert(&eoi);
}

static int free_slot(void)
{
	int i;

	for (i = 0; i < VM_MAX; i++)
		if (!vm_table[i])
			return i;
	return -1;
}

static bool map_info_area(struct vm *vm)
{
	if (!info_page)
		info_page = page_pool_alloc(&object_pool, 1, 1);
	return info_page &&
	       stage2_map(&vm->s2, VM_INFO_IPA, info_page, PAGE_SIZE, S2_READ) == 0;
}

struct vm *vm_create(u16 vmid)
{
	int slot = free_slot();
	struct vm *vm;

	assert_locked();
	if (slot < 0)
		return NULL;
	vm = object_alloc(sizeof(*vm));
	if (!vm)
		return NULL;
	vm->vmid = vmid;
	if (!stage2_init(&vm->s2, &guest_table_pool, VM_IPA_BITS, vmid))
		goto free_vm;
	stage2_set_reserve(&vm->s2, &guest_reserve_pool);
	addrspace_init(vm);
	if (!map_info_area(vm))
		goto free_s2;
	if (cspace_init(&vm->cspace, &object_pool, CSPACE_PAGES))
		goto free_s2;
	vgic_init(&vm->vgic, vm, 0, arch_nr_lrs());
	vm->vgic.kick = vgic_kicks;
	vm->vgic.resample = vgic_resamples;
	vm->vgic.ended = vgic_ends;
	vm_table[slot] = vm;
	return vm;

free_s2:
	stage2_destroy(&vm->s2);
free_vm:
	object_free(vm, sizeof(*vm));
	return NULL;
}

static void vcpu_destroy(struct vcpu *vcpu)
{
	BUG_ON(vcpu->running);
	cspace_remove(&host_cspace, vcpu->host_cap);
	host_virq_free(vcpu->wakeup.intid);
	object_free(vcpu->arch, arch_vcpu_size());
	object_free(vcpu, sizeof(*vcpu));
}

static void bell_destroy(struct vm *vm, struct vm_doorbell *b)
{
	cspace_remove(&host_cspace, b->host_cap);
	cspace_remove(&vm->cspace, b->guest_cap);
	if (b->host_virq)
		host_virq_free(b->host_virq);
}

void vm_destroy(struct vm *vm)
{
	unsigned int i;

	assert_locked();
	for (i = 0; i < VM_MAX; i++)
		if (vm_table[i] == vm)
			vm_table[i] = NULL;
	for (i = 0; i < vm->nr_bells; i++)
		bell_destroy(vm, &vm->bells[i]);
	for (i = 0; i < vm->nr_vcpus; i++)
		vcpu_destroy(vm->vcpus[i]);
	stage2_destroy(&vm->s2);
	memextents_destroy(vm);
	cspace_destroy(&vm->cspace, &object_pool);
	object_free(vm, sizeof(*vm));
}

int vm_add_vcpu(struct vm *vm, bool boot)
{
	int err = GUNYAH_ERR_NOMEM;
	struct vcpu *vcpu;

	assert_locked();
	if (vm->nr_vcpus == VM_MAX_VCPUS)
		return GUNYAH_ERR_NORESOURCES;
	vcpu = object_alloc(sizeof(*vcpu));
	if (!vcpu)
		return err;
	vcpu->arch = object_alloc(arch_vcpu_size());
	if (!vcpu->arch)
		goto free_vcpu;
	vcpu->vm = vm;
	vcpu->index = vm->nr_vcpus;
	vcpu->boot = boot;
	vcpu->power = VCPU_OFF;
	vcpu->wakeup.intid = host_virq_alloc();
	err = GUNYAH_ERR_NORESOURCES;
	if (!vcpu->wakeup.intid)
		goto free_arch;
	err = cspace_add(&host_cspace, CAP_VCPU, vcpu,
			 GUNYAH_RIGHT_VCPU_AFFINITY | GUNYAH_RIGHT_VCPU_YIELD_TO | vm->vcpu_rights,
			 &vcpu->host_cap);
	if (err)
		goto free_virq;
	vm->vcpus[vm->nr_vcpus++] = vcpu;
	vm->vgic.nr_vcpus = vm->nr_vcpus;
	vm->vgic.cpu[vcpu->index].priv[INTID_GUEST_VTIMER].hw = 1;
	return GUNYAH_ERR_OK;

free_virq:
	host_virq_free(vcpu->wakeup.intid);
free_arch:
	object_free(vcpu->arch, arch_vcpu_size());
free_vcpu:
	object_free(vcpu, sizeof(*vcpu));
	return err;
}

static bool spi_taken(const struct vm *vm, u32 spi)
{
	unsigned int i;

	for (i = 0; i < vm->nr_bells; i++)
		if (vm->bells[i].spi == spi)
			return true;
	return vm->link.used && (vm->link.tx_spi == spi || vm->link.rx_spi == spi);
}

static u32 free_spi(const struct vm *vm)
{
	u32 spi;

	for (spi = VGIC_PRIVATE; spi < VGIC_PRIVATE + VGIC_NR_SPIS; spi++)
		if (!spi_taken(vm, spi))
			return spi;
	return 0;
}

u32 vm_choose_spi(const struct vm *vm, u32 spi)
{
	if (!spi)
		return free_spi(vm);
	if (spi < VGIC_PRIVATE || spi >= VGIC_PRIVATE + VGIC_NR_SPIS || spi_taken(vm, spi))
		return 0;
	return spi;
}

/* Interrupts of a doorbell: the receiver's, in the guest or in the host */
static int bell_bind(struct vm *vm, struct vm_doorbell *b, u32 spi, bool level)
{
	if (b->from_guest) {
		b->host_virq = host_virq_alloc();
		b->bell.virq.intid = b->host_virq;
		return b->host_virq ? GUNYAH_ERR_OK : GUNYAH_ERR_NORESOURCES;
	}
	b->spi = vm_choose_spi(vm, spi);
	if (!b->spi)
		return GUNYAH_ERR_NORESOURCES;
	b->bell.virq = (struct virq){ .vm = vm, .intid = b->spi };
	b->bell.level = level;
	return GUNYAH_ERR_OK;
}

int vm_add_doorbell(struct vm *vm, u32 label, bool from_guest, bool source_can_clear, u32 spi,
		    bool level, struct vm_doorbell **out)
{
	u32 send = GUNYAH_RIGHT_DOORBELL_SEND, receive = GUNYAH_RIGHT_DOORBELL_RECEIVE;
	u32 source = send | (source_can_clear ? receive : 0);
	struct vm_doorbell *b;
	int err;

	assert_locked();
	if (vm->nr_bells == VM_MAX_DOORBELLS)
		return GUNYAH_ERR_NORESOURCES;
	b = &vm->bells[vm->nr_bells];
	*b = (struct vm_doorbell){ .label = label, .from_guest = from_guest };
	doorbell_init(&b->bell);
	err = bell_bind(vm, b, spi, level);
	if (err)
		return err;
	err = cspace_add(&host_cspace, CAP_DOORBELL, &b->bell, from_guest ? receive : source,
			 &b->host_cap);
	if (err)
		goto free_virq;
	err = cspace_add(&vm->cspace, CAP_DOORBELL, &b->bell, from_guest ? source : receive,
			 &b->guest_cap);
	if (err)
		goto free_host_cap;
	vm->nr_bells++;
	*out = b;
	return GUNYAH_ERR_OK;

free_host_cap:
	cspace_remove(&host_cspace, b->host_cap);
free_virq:
	if (b->host_virq)
		host_virq_free(b->host_virq);
	return err;
}

int vm_add_bell_eoi(struct vm_doorbell *b)
{
	assert_locked();
	BUG_ON(b->from_guest || b->host_virq);
	b->host_virq = host_virq_alloc();
	return b->host_virq ? GUNYAH_ERR_OK : GUNYAH_ERR_NORESOURCES;
}

void vm_set_gic(struct vm *vm, u64 gicd_base, u64 gicr_base, u64 gicr_stride)
{
	vm->vgic.gicd_base = gicd_base;
	vm->vgic.gicr_base = gicr_base;
	vm->vgic.gicr_stride = gicr_stride;
}

static struct vcpu *boot_vcpu(const struct vm *vm)
{
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++)
		if (vm->vcpus[i]->boot)
			return vm->vcpus[i];
	return NULL;
}

int vm_set_boot_reg(struct vm *vm, u8 set, u8 index, u64 value)
{
	struct vcpu *vcpu = boot_vcpu(vm);

	if (!vcpu || vm->started)
		return GUNYAH_ERR_OBJECT_STATE;
	return vcpu_preset_reg(vcpu, set, index, value);
}

void vm_start(struct vm *vm, u64 entry, u64 context)
{
	unsigned int i;

	assert_locked();
	vm->started = true;
	for (i = 0; i < vm->nr_vcpus; i++)
		if (vm->vcpus[i]->boot)
			vcpu_switch_on(vm->vcpus[i], entry, context);
}

void vm_kill(struct vm *vm)
{
	unsigned int i;

	assert_locked();
	if (vm->dead)
		return;
	vm->dead = true;
	for (i = 0; i < vm->nr_vcpus; i++) {
		struct vcpu *vcpu = vm->vcpus[i];

		if (vcpu->running)
			arch_kick_cpu(vcpu->cpu);
		else
			virq_assert(&vcpu->wakeup);
		if (vcpu->power != VCPU_HALTED)
			vcpu->power = VCPU_EXITED;
	}
}

bool vm_quiesced(const struct vm *vm)
{
	unsigned int i;

	for (i = 0; i < vm->nr_vcpus; i++)
		if (vm->vcpus[i]->running)
			return false;
	return true;
}

void vm_halt(struct vcpu *vcpu, const struct vm_halt_info *info)
{
	vcpu->power = VCPU_HALTED;
	vm_kill(vcpu->vm);
	if (vm_halted)
		vm_halted(vcpu->vm, info);
}
