# SPDX-License-Identifier: GPL-2.0
# make            the module for KDIR, vmrun and the guests, into build/
# make demo       a guest says hello, in the lab
# make check      all tests; the last line sums them up
# make help       the rest

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:

top := $(CURDIR)
build := $(top)/build
lab := $(top)/selftests/lab/lab

# The kernel to build for: the running one, or else the lab's.
running := /lib/modules/$(shell uname -r)/build
# Asked once, and only by a target that needs it.
KDIR ?= $(eval KDIR := $$(if $$(wildcard $$(running)/Makefile),$$(running),$$(shell \
	echo "no headers of the running kernel: building for the lab's kernel instead" >&2; \
	$$(lab) --print-kdir)))$(KDIR)
release = $(or $(shell sed -n 's/.*UTS_RELEASE "\(.*\)"/\1/p' \
		$(KDIR)/include/generated/utsrelease.h 2> /dev/null),\
	$(error KDIR=$(KDIR) is not a kernel build tree: install the headers of your kernel, or give KDIR=))

# A kernel's objects live in a folder of its own, which links back to the
# sources: several kernels can be built for, and the sources stay clean. Two
# kernels of one release do not get mixed: the folder knows its KDIR.
out = $(build)/$(release)
sources := Kbuild module uapi selftests/kunit selftests/hoststate
# BTF would need pahole and the vmlinux, which headers do not have.
kbuild = $(MAKE) -C $(KDIR) M=$(out) CONFIG_DEBUG_INFO_BTF_MODULES=

.PHONY: all module userspace guests selftests lab-payload lab demo demo-share check \
	check-static bench fuzz trust modules_install install clean help

# The lab's payload is made on each of its runs.
all: module userspace guests
	@[ $(release) = $$(uname -r) ] || [ -n "$(MINIVMX_TESTS)" ] || \
		echo "build/$(release)/minivmx.ko loads only into that kernel, which is not the running one"

module:
	@mkdir -p $(build)
	+@exec 9>$(build)/.lock; flock 9; \
	[ "$$(cat $(out)/.kdir 2> /dev/null)" = "$(KDIR)" ] || rm -rf $(out); \
	mkdir -p $(out)/selftests && echo "$(KDIR)" > $(out)/.kdir; \
	find $(out) -xtype l -delete; \
	for s in $(sources); do \
		cp -rsf $(top)/$$s $(out)/$$(dirname $$s)/ || exit; \
	done; \
	$(kbuild) $(if $(W),W=$(W)) $(if $(C),C=$(C)) \
		MINIVMX_TESTS=$(MINIVMX_TESTS) modules

userspace:
	+@mkdir -p $(build); exec 9>$(build)/.lock; flock 9; \
	$(MAKE) -C userspace O=$(build)/bin

guests:
	+@mkdir -p $(build); exec 9>$(build)/.lock; flock 9; \
	$(MAKE) -C guests O=$(build)/guests

# The tests need the kernel's own harness: sources, not just headers.
selftests:
	+@mkdir -p $(build); exec 9>$(build)/.lock; flock 9; \
	$(MAKE) -C selftests KSRC=$$($(lab) --print-kdir --kernel=small) \
		OUTPUT=$(build)/selftests

# What the lab boots with; it calls this by itself. It needs no sources of a
# kernel: the test programs are in it once somebody has built them.
lab-payload: MINIVMX_TESTS = 1
lab-payload: all $(if $(wildcard $(build)/selftests),selftests)

lab:
	$(lab)

demo:
	@selftests/demo.sh

demo-share:
	@selftests/demo_share.sh

check:
	@selftests/check.sh

# Ratios, not pass or fail.
bench: selftests
	@$(lab) --lane=bochs -- sh -c 'modprobe kvm-intel; insmod minivmx.ko; selftests/bench'

# What was tried to make it hurt its host, and what was found.
trust: selftests
	@selftests/trust.sh

# Each fuzzer for so many seconds of the lab's clock, from another seed each time.
DURATION ?= 60
fuzz:
	@selftests/fuzz.sh $(DURATION) $(SEED)

check-static:
	@selftests/static.sh

modules_install: module
	@[ $(release) = $$(uname -r) ] || [ -n "$(INSTALL_MOD_PATH)" ] || { \
		echo "$(release) is not the running kernel: give INSTALL_MOD_PATH=, or install its headers" >&2; exit 1; }
	$(kbuild) modules_install

install: userspace
	$(MAKE) -C userspace O=$(build)/bin install

clean:
	rm -rf $(build)

help:
	@echo 'What needs a kernel of the lab builds it the first time: 3 to 7 minutes.'
	@echo
	@echo 'make                  the module, vmrun and the guests, into build/'
	@echo 'make demo             a guest says hello in the lab, with each exit; a minute'
	@echo 'make demo-share       two guests have one CPU, 70 to 30'
	@echo 'make check            all tests; most of an hour'
	@echo 'make guests           the guests only'
	@echo 'make check-static     checkpatch, sparse, W=1; a minute or two'
	@echo 'make bench            what an exit costs, beside KVM; a few minutes'
	@echo 'make trust            what was tried against the host, at length; an hour or two'
	@echo 'make fuzz DURATION=60 random input for so many seconds of the lab'"'"'s clock, four'
	@echo '                      times: half an hour with 60; SEED=N repeats it'
	@echo 'make lab              a shell in the lab'
	@echo 'make selftests        the test programs'
	@echo 'make modules_install  the module, into the kernel KDIR'
	@echo 'make install          vmrun and the rule for udev, into PREFIX (/usr/local)'
	@echo 'make clean            remove build/'
	@echo 'KDIR=DIR              build for the kernel whose build tree this is'
