/* SPDX-License-Identifier: GPL-2.0 */
/*
 * spin_cli - switching interrupts off keeps out the guest's, not the host's
 *
 * Interrupts are off from the start, and the guest never exits by itself. An
 * interrupt of the host makes it exit all the same: with external-interrupt
 * exiting, the guest's IF has no say (SDM Vol. 3C, "Other Causes of VM Exits",
 * 26.2, edition 083). Bochs 2.7 and 3.0 let it have one: there only the
 * VMX-preemption timer ends such a guest's turn.
 *
 * Exits:  none
 * Output: none
 * Status: none; it is ended by a signal
 */
#include "common.inc"

	guest
	jmp	.
