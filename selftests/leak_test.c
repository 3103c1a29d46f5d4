// SPDX-License-Identifier: GPL-2.0
/*
 * A VM that is gone has left nothing: thousands of them are made, run to HLT
 * and closed, and then the kernel has as much memory, slab objects and files
 * as before, and the module as many users.
 *
 * Breakage it catches: any allocation, reference or page that is not
 * given back, down to one object of 32 bytes per VM.
 */
#include <limits.h>
#include <stdio.h>

#include "devices.h"
#include "guest_code.h"
#include "number_in.h"
#include "vm.h"

#define WARM_UP		200
#define CYCLES_DEFAULT	10000	/* MINIVMX_CYCLES in the environment changes it */

/*
 * What is allowed to differ, for one leaked object per cycle is thousands.
 * Per-CPU caches of pages hold up to some hundred pages per CPU and zone
 * (pcp->high), which count as not free. Slab pages are kept, too: per cache
 * and CPU a slab in use and its partial ones. The number of files is a per-CPU
 * counter, read without adding up what the CPUs have not passed on: 32 each.
 */
#define PAGES_PER_CPU	512
#define OBJECTS_PER_CPU	256
#define FILES_PER_CPU	64

GUEST_CODE(16, halt,
	   "incw	0x3000\n"
	   "hlt\n");

/* Objects in use in the caches that a VM's parts come from. */
static long slab_objects(void)
{
	static const char *const caches[] = {
		"kmalloc-", "anon_inode_cache", "filp", "vm_area_struct", "kvm",
		"x86_", "mm_struct", "dentry",
	};
	FILE *file = fopen("/proc/slabinfo", "r");
	char line[256], name[64];
	long active, sum = 0;
	size_t i;

	if (!file)
		return -1;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%63s %ld", name, &active) != 2)
			continue;
		for (i = 0; i < ARRAY_SIZE(caches); i++)
			if (!strncmp(name, caches[i], strlen(caches[i])))
				sum += active;
	}
	fclose(file);
	return sum;
}

struct usage {
	long free_kib, slab_kib, objects, files, module;
};

static struct usage measure(const char *module)
{
	struct usage usage;
	FILE *file;

	/* Hand back what the caches can: slabs that are empty, and page cache. */
	file = fopen("/proc/sys/vm/drop_caches", "w");
	if (file) {
		fputs("3", file);
		fclose(file);
	}
	usage.free_kib = number_in("/proc/meminfo", "MemFree: %ld");
	usage.slab_kib = number_in("/proc/meminfo", "Slab: %ld");
	usage.objects = slab_objects();
	usage.files = number_in("/proc/sys/fs/file-nr", "%ld");
	usage.module = number_in(module, "%ld");
	return usage;
}

FIXTURE(leak) {
	long cycles;
};

FIXTURE_VARIANT(leak) {
	const char *path;
	const char *module;	/* its reference count */
	int share;		/* of the cycles: KVM takes 40 times as long */
};

FIXTURE_VARIANT_ADD(leak, minivmx) {
	.path = MINIVMX_PATH,
	.module = "/sys/module/minivmx/refcnt",
	.share = 1,
};

FIXTURE_VARIANT_ADD(leak, kvm) {
	.path = KVM_PATH,
	.module = "/sys/module/kvm_intel/refcnt",
	.share = 40,
};

FIXTURE_SETUP(leak)
{
	const char *cycles = getenv("MINIVMX_CYCLES");

	device_need(_metadata, variant->path);
	self->cycles = (cycles ? atol(cycles) : CYCLES_DEFAULT) / variant->share;
	ASSERT_LT(0, self->cycles);
}

FIXTURE_TEARDOWN(leak)
{
}

/* From nothing to HLT and back to nothing. */
static void cycle(struct __test_metadata *_metadata, const char *path)
{
	struct vm vm;

	ASSERT_EQ(0, vm_open(&vm, path));
	ASSERT_EQ(0, vm_load(&vm, CODE(halt)));
	ASSERT_EQ(0, vm_run(vm.vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, vm.run->exit_reason);
	ASSERT_EQ(1, vm.memory[0x3000]);
	vm_close(&vm);
}

TEST_F_TIMEOUT(leak, cycles, 3600)
{
	long cpus = sysconf(_SC_NPROCESSORS_CONF);
	long slack_kib = cpus * PAGES_PER_CPU * 4;
	long warm_up = self->cycles < 10 * WARM_UP ? self->cycles / 10 : WARM_UP;
	struct usage before, after;
	long i;

	for (i = 0; i < warm_up; i++)
		cycle(_metadata, variant->path);
	before = measure(variant->module);
	for (i = 0; i < self->cycles; i++)
		cycle(_metadata, variant->path);
	after = measure(variant->module);

	TH_LOG("%ld cycles; before and after:", self->cycles);
	TH_LOG("MemFree %ld %ld KiB, Slab %ld %ld KiB, objects %ld %ld",
	       before.free_kib, after.free_kib, before.slab_kib, after.slab_kib,
	       before.objects, after.objects);
	TH_LOG("files %ld %ld, %s %ld %ld", before.files, after.files,
	       variant->module, before.module, after.module);
	if (!access("/sys/kernel/debug/kmemleak", F_OK)) {
		TH_LOG("KASAN holds back what is freed: here, kmemleak looks for leaks");
		before.objects = LONG_MAX / 2;
		slack_kib *= 16;
	}
	EXPECT_LE(before.free_kib - slack_kib, after.free_kib);
	EXPECT_GE(before.slab_kib + slack_kib, after.slab_kib);
	ASSERT_LT(0, before.objects) {
		TH_LOG("/proc/slabinfo cannot be read");
	}
	EXPECT_GE(before.objects + cpus * OBJECTS_PER_CPU, after.objects);
	EXPECT_GE(before.files + cpus * FILES_PER_CPU, after.files);
	EXPECT_EQ(0, after.module);
}

TEST_HARNESS_MAIN
