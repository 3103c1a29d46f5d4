# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared, see lab
#
# The files that the lab's Linux boots with: a tree below $machine_dir/root,
# packed as an uncompressed cpio archive. Under emulation the guest would take
# longer to decompress it than the firmware takes to read it.

initramfs_cwd=/minivmx

# Copies FILE to DEST in the tree; a program takes its libraries along.
initramfs_add() {
	local file=$1 root=${initramfs_root:?} dest=$2 library

	mkdir -p "$root$(dirname "$dest")" || die "no room in $machine_dir"
	cp -rL "$file" "$root$dest" || die "$file cannot be copied"

	while read -r library; do
		[ -e "$root$library" ] && continue
		mkdir -p "$root$(dirname "$library")"
		cp -L "$library" "$root$library" ||
			die "$library, which $file needs, cannot be copied"
	done < <(initramfs_libraries "$file")
}

# The shared libraries and program interpreters of a file or of a directory's
# files. ldd says so on stderr for what is not a dynamic executable.
initramfs_libraries() {
	find -L "$1" -type f -perm -u+x -exec ldd {} \; 2>/dev/null |
		sed -n 's,^[[:space:]].*[[:space:]]\(/[^ ]*\) (0x.*,\1,p; s,^[[:space:]]*\(/[^ ]*\) (0x.*,\1,p' |
		sort -u
}

# The project itself, built for this kernel.
initramfs_payload() {
	local build=$lab_top/build file lock='' root=$initramfs_root$initramfs_cwd

	if [ "${LAB_NO_BUILD:-}" != 1 ]; then
		machine_step make -s -C "$lab_top" KDIR="$kernel_kdir" lab-payload \
			</dev/null >"$machine_dir/make.log" 2>&1 || {
			cat "$machine_dir/make.log" >&2
			die "make lab-payload failed"
		}
	fi

	# Not while make is at work for another lab.
	if [ -d "$build" ]; then
		exec {lock}>"$build/.lock" && machine_step flock -s "$lock"
	fi
	for file in "$build/$kernel_release"/*.ko; do
		[ -e "$file" ] && initramfs_add "$file" "$initramfs_cwd/${file##*/}"
	done
	for file in "$build"/bin/*; do
		[ -f "$file" ] && initramfs_add "$file" "/bin/${file##*/}"
	done
	for file in "$build"/guests/*.bin "$build"/guests/*.elf; do
		[ -e "$file" ] || continue
		initramfs_add "$file" "$initramfs_cwd/guests/${file##*/}"
		ln -sf "guests/${file##*/}" "$root/${file##*/}"
	done
	for file in "$build"/selftests/*; do
		[ -f "$file" ] && [ -x "$file" ] &&
			initramfs_add "$file" "$initramfs_cwd/selftests/${file##*/}"
	done
	[ -z "$lock" ] || exec {lock}>&-
}

# --add=FILE[:DEST]
initramfs_extra() {
	local add file dest

	for add in "${opt_add[@]}"; do
		file=${add%:*}
		dest=${add##*:}
		if [ "$file" = "$add" ] || [ -e "$add" ]; then
			file=$add
			dest=
		fi
		[ -r "$file" ] || die "--add: $file: no such file, or not readable"
		case $dest in
		/*) ;;
		*) dest=$initramfs_cwd/$dest ;;
		esac
		if [ "${dest%/}" != "$dest" ] || [ -d "$initramfs_root$dest" ]; then
			dest=${dest%/}/$(basename "$file")
		fi
		initramfs_add "$file" "$dest"
	done
}

# Words, quoted so that a shell reads them back as they were.
shell_quote() {
	local word

	for word; do
		printf "'%s' " "${word//\'/\'\\\'\'}"
	done
}

# What init is to do: /lab/command, /lab/get, /lab/terminal.
initramfs_orders() {
	local get

	mkdir -p "$initramfs_root/lab"
	if [ ${#lab_command[@]} -gt 0 ]; then
		printf 'cd %s\nexec %s\n' "$initramfs_cwd" "$(shell_quote "${lab_command[@]}")"
	else
		# shellcheck disable=SC2016 # the lab's shell is to expand PWD
		printf 'cd %s\nexport TERM=%s PS1="lab:\$PWD# "\nexec sh\n' \
			"$initramfs_cwd" "${TERM:-dumb}"
		stty size >"$initramfs_root/lab/terminal" 2>/dev/null
	fi >"$initramfs_root/lab/command"

	for get in "${opt_get[@]}"; do
		printf '%s\n' "${get%%:*}"
	done >"$initramfs_root/lab/get"
}

# A fresh tree with what each Linux of ours needs.
initramfs_start() {
	initramfs_root=$1
	mkdir -p "$1"/{bin,dev,proc,sys,tmp,usr,lib/modules,lib64} "$1$initramfs_cwd" ||
		die "no room in $machine_dir"
	ln -s bin "$1/sbin"
	ln -s ../bin "$1/usr/bin"
	ln -s ../bin "$1/usr/sbin"
	ln -s ../lib "$1/usr/lib"
	ln -s ../lib64 "$1/usr/lib64"
	initramfs_add "$(type -P busybox)" /bin/busybox
	cp "$lab_dir/init" "$1/init" && chmod 755 "$1/init"
	# shellcheck disable=SC2154 # set by kernel_prepare
	cp -r "$kernel_modules" "$1/lib/modules/$kernel_release"
}

initramfs_pack() {
	(cd "$initramfs_root" && find . | busybox cpio -o -H newc -R 0:0 2>/dev/null) >"$1" ||
		die "cpio failed in $machine_dir"
}

initramfs_build() {
	initramfs_start "$machine_dir/root"
	initramfs_payload
	linux_add
	initramfs_extra
	initramfs_orders
	initramfs_pack "$machine_dir/initrd"
}
