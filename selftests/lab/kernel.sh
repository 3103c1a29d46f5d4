# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared, see lab
#
# The kernels. kernel_prepare makes one ready, out of the cache when it can,
# and says where its parts are:

kernel_image=		# what boots
kernel_kdir=		# build tree for modules
kernel_srcdir=		# source tree, where there is one
kernel_release=		# as uname -r says
kernel_modules=		# KVM's modules, to be /lib/modules/$kernel_release

# nokaslr makes addresses, and so instruction counts, the same in each run. A
# panic or an oops ends the machine at once by a triple fault (reboot=t). What the
# kernel does against speculative attacks is off unless --append="mitigations=auto"
# asks for it: no emulator speculates.
kernel_arguments='console=ttyS0 nokaslr panic=-1 oops=panic reboot=t mitigations=off'

# small and debug are Debian's source of this series with small.config; debug
# has debug.config on top.
kernel_source_series=6.1

kernel_prepare() {
	packages_need_build
	packages_get
	mkdir -p "$lab_cache" || die "$lab_cache cannot be made (MINIVMX_CACHE names another place)"
	case $1 in
	small) kernel_prepare_source small small.config ;;
	debug) kernel_prepare_source debug small.config debug.config ;;
	stock | [0-9]*.[0-9]*) kernel_prepare_debian "$1" ;;
	*) die "$1: no such kernel; there are small, debug, stock, and versions known to apt such as 6.12" ;;
	esac
}

# kernel_cached NAME MAKER [ARG...]: makes $lab_cache/NAME by running MAKER in
# it, unless it was made before. Who comes second waits; what was interrupted
# has no stamp and is made afresh.
kernel_cached() {
	local dir=$lab_cache/$1 lock

	shift
	[ -e "$dir/complete" ] && return
	exec {lock}>"$dir.lock" || die "$lab_cache cannot be written"
	flock -n "$lock" || {
		lab_note "waiting for another lab that is making $dir"
		machine_step flock "$lock"
	}
	if [ ! -e "$dir/complete" ]; then
		rm -rf "$dir"
		mkdir -p "$dir" || die "$dir cannot be made"
		"$@" "$dir"
		touch "$dir/complete"
	fi
	exec {lock}>&-
}

# kernel_keep_modules FROM TO RELEASE MODULE...: takes modules, and what they
# depend on, from the tree FROM, and writes TO/lib/modules/RELEASE.
kernel_keep_modules() {
	local from=$1 to=$2 release=$3 dir=$2/lib/modules/$3 name file kept

	shift 3
	mkdir -p "$dir" || die "$dir cannot be made"
	while [ $# -gt 0 ]; do
		# A module's name has _ where its file's may have -.
		name=${1//[-_]/[-_]}
		shift
		file=$(find "$from" -name "$name.ko" -o -name "$name.ko.xz" | head -n 1)
		[ -n "$file" ] || continue
		kept=$dir/$(basename "${file%.xz}")
		[ -e "$kept" ] && continue
		case $file in
		*.xz) xz -dc "$file" ;;
		*) cat "$file" ;;
		esac >"$kept" || die "$file cannot be unpacked"
		# .modinfo holds NUL-ended strings; depends= lists names with commas.
		# shellcheck disable=SC2046 # a list of words
		set -- "$@" $(tr '\0' '\n' <"$kept" | sed -n 's/^depends=//p' | tr , ' ')
	done
	busybox depmod -b "$to" "$release" || die "depmod failed for $release"
}

# ----------------------------------------------------------- small and debug

# kernel_prepare_source NAME CONFIG...: the configuration is all of CONFIG.
kernel_prepare_source() {
	local name=$1 key dir version found

	shift
	# Any version of the source does, as long as options and compiler are
	# these: a kernel that is there is not built anew for a newer one.
	key=$( (cd "$lab_dir" && cat "$@" && gcc --version | head -n 1) | sha256sum | cut -c 1-12)
	found=$(printf '%s\n' "$lab_cache/$name-"*"-$key/complete" | sort -V | tail -n 1)
	if [ -e "$found" ]; then
		dir=${found%/complete}
	else
		version=$(kernel_source_version)
		[ -n "$version" ] || die "apt knows no linux-source-$kernel_source_series, which --kernel=$name is built from"
		dir=$lab_cache/$name-$version-$key
		kernel_cached "${dir##*/}" kernel_build "$name" "$@"
	fi

	kernel_kdir=$dir/linux
	kernel_srcdir=$dir/linux
	kernel_image=$dir/linux/arch/x86/boot/bzImage
	kernel_release=$(cat "$dir/linux/include/config/kernel.release")
	kernel_modules=$dir/lib/modules/$kernel_release
}

kernel_source_tar() {
	echo "$1/usr/src/linux-source-$kernel_source_series.tar.xz"
}

kernel_source_version() {
	local package=linux-source-$kernel_source_series

	if [ -e "$(kernel_source_tar '')" ]; then
		dpkg-query -W -f '${Version}' "$package"
		return
	fi
	packages_update
	apt-cache show --no-all-versions "$package" 2>/dev/null | sed -n 's/^Version: //p'
}

# kernel_build NAME CONFIG... DIR
kernel_build() {
	local name=$1 dir=${*: -1} log tar target

	set -- "${@:2:$#-2}"
	log=$dir/build.log
	package_need flex flex
	package_need bison bison
	package_need bc bc
	package_need lz4 lz4
	package_need xz-utils xz
	package_need libelf-dev /usr/include/libelf.h
	package_need libssl-dev /usr/include/openssl/ssl.h
	packages_need_initramfs
	packages_get

	lab_note "building the $name kernel, once: 3 to 7 minutes on 2 CPUs (log: $log)"
	tar=$(kernel_source_tar '')
	if [ ! -e "$tar" ]; then
		package_fetch "linux-source-$kernel_source_series" "$dir/fs"
		tar=$(kernel_source_tar "$dir/fs")
	fi
	mkdir "$dir/linux"
	machine_step tar -xJf "$tar" -C "$dir/linux" --strip-components=1 ||
		die "$tar cannot be unpacked into $dir"
	rm -rf "$dir/fs"
	# Of an option that is there twice, the last one counts.
	(cd "$lab_dir" && cat "$@") >"$dir/linux/arch/x86/configs/lab_defconfig"
	# "headers" leaves in usr/include what selftests compile against.
	for target in lab_defconfig bzImage modules headers; do
		machine_step make -C "$dir/linux" -j"$(nproc)" $target </dev/null >>"$log" 2>&1 || {
			tail -n 20 "$log" >&2
			die "the $name kernel does not build; see $log"
		}
	done
	kernel_keep_modules "$dir/linux" "$dir" \
		"$(cat "$dir/linux/include/config/kernel.release")" kvm-intel
}
