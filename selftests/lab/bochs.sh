# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared, see lab
#
# Lane bochs: the Bochs emulator has VT-x of its own, on any machine.

bochs_isolinux=/usr/lib/ISOLINUX/isolinux.bin
bochs_ldlinux=/usr/lib/syslinux/modules/bios/ldlinux.c32
bochs_bios=/usr/share/bochs/BIOS-bochs-latest
bochs_vgabios=/usr/share/bochs/VGABIOS-lgpl-latest

# Bochs executes this many instructions per second of the time that it shows
# to the guest. More of them make each wait for a device longer; much less, and
# the guest does little but serve its timer.
bochs_ips=10000000

bochs_packages() {
	package_need bochs bochs
	package_need bochs-term "/usr/lib/$(uname -m)-linux-gnu/bochs/plugins/libbx_term_gui.so"
	package_need bochsbios $bochs_bios
	package_need vgabios /usr/share/vgabios/vgabios.bin
	package_need isolinux $bochs_isolinux
	package_need syslinux-common $bochs_ldlinux
	package_need xorriso xorriso
	packages_need_initramfs
}

# bochs_choose_cpu RELEASE: the newest CPU model whose XSAVE sizes the kernel
# finds consistent.
bochs_choose_cpu() {
	if [ -n "${LAB_BOCHS_CPU:-}" ]; then
		bochs_cpu=$LAB_BOCHS_CPU
	elif [ "${1%%.*}" -ge 7 ]; then
		bochs_cpu=corei7_haswell_4770
	else
		bochs_cpu=corei7_skylake_x
	fi
}

# For the kernel: it must not believe the clock rate that the CPU model claims,
# or its seconds would be some hundred times too long.
bochs_arguments() {
	echo "tsc=reliable tsc_early_khz=$((bochs_ips / 1000))"
}

# A bootable CD with the kernel and its initramfs.
bochs_iso() {
	local iso=$machine_dir/iso

	mkdir "$iso"
	ln -s "$kernel_image" "$iso/linux"
	ln "$machine_dir/initrd" "$iso/initrd"
	cp $bochs_isolinux $bochs_ldlinux "$iso" || die "no room in $machine_dir"
	printf 'default linux\nlabel linux\nkernel linux\nappend initrd=initrd %s\n' \
		"$1" >"$iso/isolinux.cfg"
	machine_step xorriso -as mkisofs -quiet -f -o "$machine_dir/cd.iso" \
		-b isolinux.bin -c boot.cat -no-emul-boot -boot-load-size 4 \
		-boot-info-table "$iso" >"$machine_dir/iso.log" 2>&1 || {
		cat "$machine_dir/iso.log" >&2
		die "no boot medium can be made in $machine_dir"
	}
}

bochs_config() {
	local out="mode=file, dev=$machine_dir/out"

	[ -n "$lab_terminal" ] && out="mode=term, dev=$lab_terminal"
	cat <<CONFIG
memory: guest=$opt_mem, host=$opt_mem
cpu: model=$bochs_cpu, count=$opt_cpus, ips=$bochs_ips, reset_on_triple_fault=0
romimage: file=$bochs_bios
vgaromimage: file=$bochs_vgabios
ata0-master: type=cdrom, path=$machine_dir/cd.iso, status=inserted
boot: cdrom
clock: sync=none, time0=utc
display_library: term
log: $machine_dir/emulator.log
com1: enabled=1, mode=file, dev=$machine_dir/console
com2: enabled=1, $out
com3: enabled=1, mode=file, dev=$machine_dir/err
com4: enabled=1, mode=file, dev=$machine_dir/back
CONFIG
}

bochs_run() {
	bochs_choose_cpu "$kernel_release"
	if [ "$opt_kernel" = debug ]; then
		# Its timer tick takes as many instructions as 10 ms of 10 MIPS have.
		bochs_ips=100000000
		# The other model's XSAVE sizes are a warning at boot.
		bochs_cpu=${LAB_BOCHS_CPU:-corei7_haswell_4770}
	elif [ ${#opt_linux[@]} -gt 0 ]; then
		# A guest's timer tick takes a dozen exits, and ours come on top.
		bochs_ips=40000000
	fi
	bochs_boot
}

# This build of Bochs shows the machine's screen on a pseudo-terminal of its own,
# and stops for ever once that is full. So somebody has to read it.
bochs_read_screen() {
	local screen=

	until [ -n "$screen" ]; do
		sleep 0.2
		screen=$(sed -n 's/^Bochs connected to screen "\([^"]*\)".*/\1/p' \
			"$machine_dir/emulator.out" 2>/dev/null)
	done
	# Raw: it has no lines, and no echo that Bochs would have to read.
	stty raw -echo <"$screen"
	exec cat "$screen" >/dev/null
}

# bochs_boot: boots $kernel_image and the initramfs on $bochs_cpu.
bochs_boot() {
	bochs_iso "$kernel_arguments $(bochs_arguments)$opt_append"
	bochs_config >"$machine_dir/bochsrc"
	# Debian's Bochs starts in its debugger: "c" is to continue.
	echo c >"$machine_dir/bochs.go"
	bochs_read_screen </dev/null >/dev/null 2>&1 &
	machine_reader=$!
	# Its debugger wants a terminal, which script gives it.
	TERM=xterm machine_run script -qfec \
		"echo \$\$ >'$machine_dir/pid'; exec bochs -q -f '$machine_dir/bochsrc' -rc '$machine_dir/bochs.go'" \
		/dev/null
}
