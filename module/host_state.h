/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The part of the host's state that a VM exit does not give back by itself.
 */
#ifndef MINIVMX_HOST_STATE_H
#define MINIVMX_HOST_STATE_H

#include <linux/types.h>
#include <asm/desc_defs.h>

/**
 * struct host_state - what is saved at the start of a window
 * @gdt: GDTR; an exit sets its limit to 0xffff
 * @idt: IDTR; likewise
 * @ldt_selector: LDTR; an exit makes it null
 * @ds: DS selector, the caller's own; an exit makes it null, as the next three
 * @es: ES selector
 * @fs: FS selector
 * @gs: GS selector
 * @fs_base: the caller's FS base
 * @user_gs_base: the caller's GS base, in IA32_KERNEL_GS_BASE; only if @gs
 * @dr7: an exit sets it to 0x400
 * @debugctl: IA32_DEBUGCTL; an exit clears it
 * @cr2: not switched by the processor
 * @pkru: XRSTOR of guest state overwrites it; only if the host has it on
 *
 * Source: SDM Vol. 3C, "Loading Host State", 28.5, edition 083.
 */
struct host_state {
	struct desc_ptr gdt, idt;
	u16 ldt_selector;
	u16 ds, es, fs, gs;
	unsigned long fs_base, user_gs_base;
	unsigned long dr7;
	unsigned long debugctl;
	unsigned long cr2;
	u32 pkru;
};

void host_state_save(struct host_state *host);
void host_state_restore(const struct host_state *host);

#endif /* MINIVMX_HOST_STATE_H */
