# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared, see lab
#
# Lanes qemu and tcg: QEMU, on the host's KVM with nested VT-x, or emulating
# all by itself, and then without VT-x.

qemu_packages() {
	package_need qemu-system-x86 qemu-system-x86_64
	packages_need_initramfs
}

# qemu_command ACCELERATOR MACHINE CPU DIR OUT ERR: sets qemu_argv. DIR is that
# of the kernel, the initramfs and the other ports; OUT is a terminal when a
# shell is wanted.
qemu_command() {
	local dir=$4 out=file port

	[ -z "$lab_terminal" ] || out=serial

	qemu_argv=(qemu-system-x86_64 -accel "$1" -machine "$2" -cpu "$3"
		-smp "$opt_cpus" -m "$opt_mem" -nodefaults -no-user-config
		-display none -no-reboot
		-kernel "$dir/kernel" -initrd "$dir/initrd" -append "$kernel_arguments$opt_append")
	# The first serial port belongs to the machine. The others are devices,
	# which take the usual addresses in turn.
	qemu_argv+=(
		-chardev "file,id=console,path=$dir/console" -serial "chardev:console"
		-chardev "$out,id=out,path=$5" -device "isa-serial,chardev=out"
		-chardev "file,id=err,path=$6" -device "isa-serial,chardev=err"
		-chardev "file,id=back,path=$dir/back" -device "isa-serial,chardev=back"
	)
}

qemu_run() {
	local accelerator=kvm cpu=host

	if [ "$opt_lane" = tcg ]; then
		accelerator=tcg
		cpu=Skylake-Client
	fi
	ln -s "$kernel_image" "$machine_dir/kernel"
	qemu_command $accelerator pc $cpu "$machine_dir" \
		"${lab_terminal:-$machine_dir/out}" "$machine_dir/err"
	machine_run "${qemu_argv[@]}"
}
