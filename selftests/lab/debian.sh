# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables are shared, see lab
#
# Debian's own kernels, their cloud flavour. Packages are fetched and unpacked
# in the cache; nothing is installed.

# kernel_prepare_debian stock|VERSION
kernel_prepare_debian() {
	local found dir release version compiler latest=$lab_cache/debian-$1.latest

	found=$(debian_resolve "$1" || { packages_update && debian_resolve "$1"; })
	if [ -n "$found" ]; then
		read -r release version <<<"$found"
		dir=$lab_cache/debian-${release}_$version
		kernel_cached "${dir##*/}" debian_fetch "$release" "$version"
		ln -sfn "${dir##*/}" "$latest"
	elif [ -e "$latest/complete" ]; then
		dir=$(readlink -f "$latest")
		release=$(basename "$dir"/fs/boot/vmlinuz-*)
		release=${release#vmlinuz-}
	else
		die "--kernel=$1: apt knows none; it knows:$(debian_versions)"
	fi

	compiler=$(debian_compiler "$dir" "$release")
	package_need "$compiler" "$compiler"
	# objtool, which looks at each module, needs libelf.
	package_need libelf-dev "/usr/lib/$(uname -m)-linux-gnu/libelf.so.1"
	packages_get
	# The crypto code's self-tests would take half of the time to boot.
	kernel_arguments+=' cryptomgr.notests'
	kernel_kdir=$dir/fs/usr/src/linux-headers-$release
	kernel_srcdir=
	kernel_image=$dir/fs/boot/vmlinuz-$release
	kernel_release=$release
	kernel_modules=$dir/lib/modules/$release
}

# Its modules are to be built with the compiler that built it.
debian_compiler() {
	grep -o 'gcc-[0-9]*' "$1/fs/usr/src/linux-headers-$2/.kernelvariables"
}

# Prints release and package version of stock or of a version; fails when apt
# knows none.
debian_resolve() {
	local package

	case $1 in
	stock) package=linux-image-cloud-amd64 ;;
	*-cloud-amd64) package=linux-image-$1 ;;
	*) package=linux-image-$1-cloud-amd64 ;;
	esac
	debian_show "$package" && return
	# A series need not have a package of its own: take the newest of its
	# versions. A name may be known from others only, with no package to it.
	for package in $(apt-cache pkgnames "linux-image-$1." |
		grep -e '-cloud-amd64$' | sort -rV); do
		debian_show "$package" && return
	done
	return 1
}

debian_show() {
	apt-cache show --no-all-versions "$1" 2>/dev/null | awk '
		/^Package:/ { image = $2 }
		/^Version:/ { version = $2 }
		# A package that always means the newest: take what it means.
		/^Depends: linux-image-/ { image = $2; sub(",", "", image) }
		END {
			sub("linux-image-", "", image)
			if (version)
				print image, version
			exit !version
		}'
}

debian_versions() {
	apt-cache pkgnames linux-image- |
		sed -n 's/^linux-image-\([0-9].*\)-cloud-amd64$/ \1/p' | sort -V | tr -d '\n'
}

# debian_fetch RELEASE VERSION DIR
debian_fetch() {
	local release=$1 version=$2 dir=$3 package headers

	lab_note "fetching Debian's kernel $release and its headers, 50 MB, once, into $dir"
	packages_need_initramfs
	package_need xz-utils xz
	packages_get
	headers=$(apt-cache depends "linux-headers-$release" |
		sed -n 's/^ *Depends: \(linux-headers-.*-common\|linux-kbuild-.*\)$/\1/p')
	[ -n "$headers" ] || die "apt has no linux-headers-$release"
	for package in "linux-image-$release" "linux-headers-$release" $headers; do
		package_fetch "$package=$version" "$dir/fs"
	done

	# The headers expect to lie in /usr/src.
	grep -lrIs ' /usr/src/' "$dir/fs/usr/src/linux-headers-$release/Makefile" \
		"$dir/fs/usr/src/linux-headers-$release/.kernelvariables" |
		xargs -r sed -i "s, /usr/src/, $dir/fs/usr/src/,"

	kernel_keep_modules "$dir/fs/lib/modules/$release" "$dir" "$release" kvm-intel
	rm -rf "$dir/fs/lib/modules" "$dir/fs/usr/share"
}
