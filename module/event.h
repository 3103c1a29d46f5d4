/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Events on their way to the guest: exceptions, interrupts, NMIs; and its debug
 * registers, which cause some.
 */
#ifndef MINIVMX_EVENT_H
#define MINIVMX_EVENT_H

#include <linux/types.h>
#include <linux/percpu.h>
#include <asm/debugreg.h>

#include "exit.h"
#include "vcpu.h"
#include "vmx_cpu.h"

/* Bits of DR6 that read as 1 here; SDM Vol. 3B, "DR6", 18.2.3, edition 083. */
#define EVENT_DR6_FIXED		0xffff0ff0UL
/* Its bits that say why: BS, BD, B3 to B0. */
#define EVENT_DR6_CAUSES	(DR_STEP | DR6_BD | DR_TRAP_BITS)
#define DR6_BD			BIT(13)
#define DR7_GD			BIT(13)

/* event.c */
void event_raise(struct vcpu *vcpu, u8 vector, u32 error_code);
void event_write_rflags(struct vcpu *vcpu);
void event_read_rflags(struct vcpu *vcpu);
void event_step_trap(struct vcpu *vcpu, unsigned long rflags);
void event_prepare(struct vcpu *vcpu);
void event_inject_one(struct vcpu *vcpu);
bool event_ready_for_interrupt(const struct vcpu *vcpu);
int event_interrupt(struct vcpu *vcpu, void *interrupt);
int event_nmi(struct vcpu *vcpu);
int event_get(struct vcpu *vcpu, void *events);
int event_set(struct vcpu *vcpu, void *events);

/*
 * The guest was entered: what waited is delivered, or an exit that interrupted
 * its delivery says so. As in KVM, an interrupt that waited behind another event
 * is lost: user space sees from ready_for_interrupt_injection not to do that.
 */
static inline void event_delivered(struct vcpu *vcpu)
{
	vcpu->event.info = 0;
	vcpu->irq = -1;
}

/* An event waits to be delivered: tell the processor. On the way of each entry. */
static inline void event_inject(struct vcpu *vcpu)
{
	if (unlikely(vcpu->event.info || vcpu->nmis || vcpu->irq >= 0))
		event_inject_one(vcpu);
}

/* A debugger single-steps, on a processor without the monitor trap flag. */
static inline bool debug_uses_tf(const struct vcpu_debug *debug)
{
	return debug->control & MINIVMX_GUESTDBG_SINGLESTEP &&
		!vmx_caps.monitor_trap;
}

/* debug.c */
void debug_init(struct vcpu_debug *debug);
void debug_load(struct vcpu *vcpu);
void debug_unload(struct vcpu *vcpu);
void debug_fill_run(struct vcpu *vcpu, u32 exception, u64 dr6);
void debug_note_trap(struct vcpu *vcpu, u64 dr6);
enum exit_action exit_mov_dr(struct vcpu *vcpu);
int debug_get_regs(struct vcpu *vcpu, void *regs);
int debug_set_regs(struct vcpu *vcpu, void *regs);
int debug_set_guest_debug(struct vcpu *vcpu, void *debug);

#endif /* MINIVMX_EVENT_H */
