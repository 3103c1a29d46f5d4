/* SPDX-License-Identifier: GPL-2.0 */
/*
 * undefined - an instruction that is none, where nobody handles it
 *
 * After a reset, the IDT is at address 0, with limit 0xffff. In real mode, handlers'
 * addresses are there. In other modes, the processor looks for gates, and finds zeros:
 * none is present.
 *
 * Exits:  one IO (OUT 0x80); SHUTDOWN, with EIP at the UD2
 * Output: none
 * Status: 243, after a report
 */
#include "common.inc"
#include "modes.inc"

	guest
	to_protected_mode
	mov	$0x12, %al
	out	%al, $0x80
	ud2

	gdt
