# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared, see lab
#
# What has to be installed on this machine. Each lane and each kernel names
# what it needs; what is missing is installed when we may, else the line to
# type is printed.

packages_missing=()

# package_need PACKAGE WITNESS...: PACKAGE is missing unless each WITNESS is
# there. A witness is a file, or else a command.
package_need() {
	local package=$1 witness

	shift
	for witness; do
		case $witness in
		/*) [ -e "$witness" ] && continue ;;
		*) [ -n "$(type -P "$witness")" ] && continue ;;
		esac
		packages_missing+=("$package")
		return
	done
}

# To build the project's own programs and modules.
packages_need_build() {
	package_need gcc gcc
	package_need libc6-dev /usr/include/stdio.h
	package_need libelf-dev /usr/include/gelf.h
	package_need zlib1g-dev /usr/include/zlib.h
	package_need libseccomp-dev /usr/include/seccomp.h
	package_need libjansson-dev /usr/include/jansson.h
	package_need libcapstone-dev /usr/include/capstone/capstone.h
	package_need make make
}

# To check what can be told from the sources alone.
packages_need_static() {
	packages_need_build
	package_need perl perl		# checkpatch
	package_need sparse sparse
	package_need shellcheck shellcheck
}

# To look at a report as its readers do.
packages_need_report() {
	packages_need_build
	package_need python3 python3
	package_need chromium chromium
	package_need chromium-driver chromedriver
}

packages_need_devices() {
	packages_need_build
	package_need libcmocka-dev /usr/include/cmocka.h
}

# To feed vmrun's loaders with files that libFuzzer makes.
packages_need_fuzz() {
	packages_need_build
	package_need clang clang
	# Of whichever version clang is.
	package_need libclang-rt-dev /usr/lib/llvm-*/lib/clang/*/lib/*/libclang_rt.fuzzer*.a
}

# Either of Debian's two busyboxes will do: the lab copies libraries along.
packages_need_initramfs() {
	package_need busybox-static busybox
}

# A container or a fresh cloud machine may have no package lists yet; only
# root can get them.
packages_update() {
	[ "$(id -u)" = 0 ] || return
	apt-cache show bash 2>/dev/null | grep -q '^Filename:' && return
	lab_note "apt has no package lists: running apt-get update"
	machine_step apt-get update -qq >&2 || die "apt-get update failed"
}

packages_get() {
	local list

	[ ${#packages_missing[@]} -gt 0 ] || return 0
	list=$(printf '%s\n' "${packages_missing[@]}" | sort -u | tr '\n' ' ')
	list=${list% }
	[ -n "$(type -P apt-get)" ] ||
		die "these Debian packages, or their like, are missing: $list"
	[ "$(id -u)" = 0 ] ||
		die "packages are missing; type: sudo apt-get install --no-install-recommends $list"

	packages_update
	lab_note "installing: $list"
	# shellcheck disable=SC2086 # a list of words
	DEBIAN_FRONTEND=noninteractive machine_step apt-get install -qq -y \
		--no-install-recommends $list </dev/null >"$machine_dir/apt.log" 2>&1 || {
		tail -n 5 "$machine_dir/apt.log" >&2
		die "apt-get install failed for: $list"
	}
	packages_missing=()
}

# package_fetch PACKAGE[=VERSION] DIR: unpacks a package into DIR; nothing is
# installed.
package_fetch() {
	local deb dir=$2

	rm -rf "$machine_dir/deb"
	mkdir "$machine_dir/deb" || die "no room in $machine_dir"
	# With the sandbox, apt warns that its own user cannot write here.
	machine_step env -C "$machine_dir/deb" \
		apt-get download -qq -o APT::Sandbox::User=root "$1" >&2 ||
		die "apt-get download $1 failed"
	for deb in "$machine_dir"/deb/*.deb; do
		machine_step dpkg -x "$deb" "$dir" || die "$1 cannot be unpacked into $dir"
	done
	rm -rf "$machine_dir/deb"
}
