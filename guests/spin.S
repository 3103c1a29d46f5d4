/* SPDX-License-Identifier: GPL-2.0 */
/*
 * spin - a guest that never exits by itself does not own the processor
 *
 * The host's interrupts make it exit, unseen by whoever runs it: other
 * programs get their time, and Ctrl-A x ends it, or a signal.
 *
 * Exits:  none
 * Output: none
 * Status: 251 after Ctrl-A x; none after a signal
 */
#include "common.inc"

	guest
	sti				/* spin_cli is the same without */
	jmp	.
