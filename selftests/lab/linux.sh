# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared, see lab
#
# Linux as a guest (--linux): kernels, and a root file system that leads to a
# shell, in linux/ of the directory that the command starts in.

# linux_add: into the tree of the initramfs.
linux_add() {
	local kernel image

	[ ${#opt_linux[@]} -gt 0 ] || return 0
	for kernel in "${opt_linux[@]}"; do
		# In a shell of its own: the lab's own kernel stays what it is.
		image=$(kernel_prepare "$kernel" >&2 && echo "$kernel_image") || exit
		initramfs_add "$image" "$initramfs_cwd/linux/$kernel"
	done
	linux_rootfs "$initramfs_root$initramfs_cwd/linux/rootfs.cpio.gz"
}

# linux_rootfs FILE: busybox, and the files of guests/linux.
linux_rootfs() {
	local root=$machine_dir/rootfs initramfs_root

	initramfs_root=$root
	mkdir -p "$root"/{bin,dev,etc,proc,sys,tmp} || die "no room in $machine_dir"
	ln -s bin "$root/sbin"
	initramfs_add "$(type -P busybox)" /bin/busybox
	cp "$lab_top"/guests/linux/{inittab,profile,rc} "$root/etc/" ||
		die "no room in $machine_dir"
	ln -s bin/busybox "$root/init"
	(cd "$root" && find . | busybox cpio -o -H newc -R 0:0 2>/dev/null) |
		gzip -9n >"$1" || die "cpio failed in $machine_dir"
}
