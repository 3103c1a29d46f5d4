// SPDX-License-Identifier: GPL-2.0
/*
 * kexec - boot another kernel from this one, without the firmware in between
 *
 *	kexec KERNEL INITRD COMMAND-LINE	gets it ready
 *	kexec					goes there
 */
#include <err.h>
#include <fcntl.h>
#include <linux/reboot.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

int main(int argc, char **argv)
{
	if (argc == 1) {
		syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2,
			LINUX_REBOOT_CMD_KEXEC, NULL);
		err(1, "reboot");
	}
	if (argc != 4)
		errx(2, "usage: kexec [KERNEL INITRD COMMAND-LINE]");
	if (syscall(SYS_kexec_file_load, open_file(argv[1]), open_file(argv[2]),
		    strlen(argv[3]) + 1, argv[3], 0))
		err(1, "kexec_file_load");
	return 0;
}
