/* SPDX-License-Identifier: GPL-2.0 */
/*
 * exitcode - a guest says how it went
 *
 * A device of a virtual machine can be anything: this one ends it.
 *
 * Exits:  IO (OUT 0xf4)
 * Output: none
 * Status: 42; with --exit-code=qemu 85
 */
#include "common.inc"

	guest
	mov	$42, %al
	out	%al, $EXIT_PORT
