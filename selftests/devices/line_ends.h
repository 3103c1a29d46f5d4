/* SPDX-License-Identifier: GPL-2.0 */
/* The other ends of a console's line, two pipes: what is typed, and what is seen. */
#ifndef SELFTESTS_DEVICES_LINE_ENDS_H
#define SELFTESTS_DEVICES_LINE_ENDS_H

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static int keys[2], screen[2];

static inline int open_ends(void)
{
	return pipe(keys) || pipe2(screen, O_NONBLOCK) ? -1 : 0;
}

static inline int close_ends(void **state)
{
	(void)state;
	close(keys[0]);
	close(keys[1]);
	close(screen[0]);
	close(screen[1]);
	return 0;
}

static inline void type(const char *text)
{
	assert_int_equal(write(keys[1], text, strlen(text)), strlen(text));
}

/* All that has come out by now. */
static inline void assert_seen(const char *text)
{
	char seen[64];
	ssize_t n = read(screen[0], seen, sizeof(seen));

	assert_int_equal(n < 0 ? 0 : n, strlen(text));
	assert_memory_equal(seen, text, strlen(text));
}

#endif /* SELFTESTS_DEVICES_LINE_ENDS_H */
