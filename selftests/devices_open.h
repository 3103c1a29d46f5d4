/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A device of root's that an ordinary user may open, for the length of a test.
 */
#ifndef SELFTESTS_DEVICES_OPEN_H
#define SELFTESTS_DEVICES_OPEN_H

#include <sys/stat.h>

#include "devices.h"

/* Nobody's uid, and nobody's but for its name. */
#define NOBODY	65534

/** device_mode() - sets the mode of a device. Return: what it was. */
static inline mode_t device_mode(struct __test_metadata *_metadata, const char *path,
				 mode_t mode)
{
	struct stat stat_before;

	/* No ASSERT: after one that failed, one in a teardown never ends. */
	EXPECT_EQ(0, stat(path, &stat_before));
	EXPECT_EQ(0, chmod(path, mode));
	return stat_before.st_mode & 07777;
}

#endif /* SELFTESTS_DEVICES_OPEN_H */
