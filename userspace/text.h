/* SPDX-License-Identifier: GPL-2.0 */
#ifndef VMRUN_TEXT_H
#define VMRUN_TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

/* 4096 bytes, the most that one exit brings, each as " 0x0a '\n'", and a bit. */
#define TEXT_SIZE	0xb000

/**
 * struct text - a text that grows, in memory that is there: in the sandbox there
 * is no more to be had
 * @length: without the 0 at its end
 * @data: what does not fit is left out
 */
struct text {
	size_t length;
	char data[TEXT_SIZE];
};

__attribute__((format(printf, 2, 3)))
static inline void text_add(struct text *text, const char *format, ...)
{
	size_t room = sizeof(text->data) - text->length;
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(text->data + text->length, room, format, args);
	va_end(args);
	if (length > 0)
		text->length += (size_t)length < room ? (size_t)length : room - 1;
}

#endif /* VMRUN_TEXT_H */
