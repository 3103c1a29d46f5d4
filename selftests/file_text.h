/* SPDX-License-Identifier: GPL-2.0 */
#ifndef SELFTESTS_FILE_TEXT_H
#define SELFTESTS_FILE_TEXT_H

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

/** file_write() - a text into a file of the kernel's; 0, or a negative errno */
static inline int file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

/** file_read() - the start of a file, as a string; 0, or a negative errno */
static inline int file_read(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length;
	int ret = 0;

	if (fd < 0)
		return -errno;
	length = read(fd, text, size - 1);
	if (length < 0)
		ret = -errno;
	text[length < 0 ? 0 : length] = 0;
	close(fd);
	return ret;
}

#endif /* SELFTESTS_FILE_TEXT_H */
