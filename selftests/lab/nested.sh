# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared, see lab
#
# Lane nested: a second, independent VT-x, that of KVM's nested code. The
# inner machine is that of lane qemu, booting the kernel and the initramfs
# asked for. It runs in an outer one, that of lane bochs with the small kernel.
# The inner machine's ports lead to those of the outer one: its output to the
# same serial lines, its console to the outer kernel's, and its archive is a
# file to get.

nested_dir=/lab/inner

nested_packages() {
	bochs_packages
	package_need qemu-system-x86 qemu-system-x86_64
}

# A QEMU with nothing but this machine is a third of the size.
nested_program() {
	type -P qemu-system-x86_64-microvm || type -P qemu-system-x86_64
}

# What it reads at start, wherever this Debian keeps it.
nested_firmware() {
	local file dir

	for file in bios-microvm.bin linuxboot_dma.bin; do
		for dir in /usr/share/qemu /usr/share/seabios; do
			[ -e "$dir/$file" ] || continue
			initramfs_add "$dir/$file" "$nested_dir/firmware/$file"
		done
	done
}

nested_command() {
	cat <<COMMAND
mkfifo $nested_dir/console
while IFS= read -r line; do
	echo "inner: \$line"
done <$nested_dir/console >/dev/kmsg &
exec >/dev/kmsg 2>&1
modprobe kvm-intel && $(shell_quote "${qemu_argv[@]}")
COMMAND
}

nested_run() {
	local inner_get=("${opt_get[@]}") inner_image=$kernel_image

	# An entry into a guest's guest takes tens of thousands of instructions:
	# a machine of 10 MIPS would spend all its time on timer ticks.
	bochs_ips=40000000
	# And a guest of that one has a timer tick of its own.
	[ ${#opt_linux[@]} -eq 0 ] || bochs_ips=400000000
	# The inner kernel's time-stamp counter is the outer CPU's.
	opt_append=" $(bochs_arguments)$opt_append"
	qemu_command kvm microvm,pit=on,pic=on,rtc=on,isa-serial=on host $nested_dir \
		/dev/ttyS1 /dev/ttyS2
	qemu_argv+=(-L "$nested_dir/firmware")
	# The inner kernel sees the outer CPU's features.
	bochs_choose_cpu "$kernel_release"

	kernel_prepare small
	initramfs_start "$machine_dir/outer"
	initramfs_add "$(nested_program)" /bin/qemu-system-x86_64
	nested_firmware
	initramfs_add "$inner_image" "$nested_dir/kernel"
	initramfs_add "$machine_dir/initrd" "$nested_dir/initrd"
	nested_command >"$initramfs_root$nested_dir/command"
	lab_command=(sh "$nested_dir/command")
	opt_get=("$nested_dir/back")
	initramfs_orders
	initramfs_pack "$machine_dir/initrd"

	opt_append=' printk.devkmsg=on'
	opt_mem=$((opt_mem + 512))
	opt_cpus=1
	bochs_boot

	# The outer machine's archive holds the inner one's.
	machine_unpack
	[ -e "$machine_dir/back.d/1" ] || machine_explain
	mv "$machine_dir/back.d/1" "$machine_dir/back"
	opt_get=("${inner_get[@]}")
}
