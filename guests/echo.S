/* SPDX-License-Identifier: GPL-2.0 */
/*
 * echo - a guest reads, too
 *
 * It waits as programs without interrupts do: it asks the serial port again
 * and again whether a byte has come. Each question is an exit.
 *
 * Exits:  for each byte of input: IO (IN 0x3fd) until bit 0 is set, IO (IN
 *         0x3f8), IO (OUT 0x3f8); at the end of input the same without the
 *         OUT, then HLT
 * Output: the input, up to its end or the first byte 0x04
 * Status: 0
 */
#include "common.inc"

	guest
wait:
	mov	$SERIAL_STATUS, %dx
	in	%dx, %al
	test	$SERIAL_INPUT_READY, %al
	jz	wait

	mov	$SERIAL_DATA, %dx
	in	%dx, %al
	cmp	$END_OF_INPUT, %al
	je	done
	out	%al, %dx
	jmp	wait
done:
	finish
