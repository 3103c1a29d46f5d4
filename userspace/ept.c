// SPDX-License-Identifier: GPL-2.0
/*
 * The EPT lens: what minivmx's tables of guest-physical memory look like after a
 * run, and how many EPT violations it took to fill them. And the knobs that make
 * it take more or fewer: docs/ept.md.
 */
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <asm/vmx.h>

#include "ept.h"
#include "exit_status.h"
#include "guest_memory.h"

#define THP_ENABLED	"/sys/kernel/mm/transparent_hugepage/enabled"

#define EPT_LARGE	0x80ULL
#define EPT_ACCESSED	0x100ULL
#define EPT_DIRTY	0x200ULL
#define EPT_ADDRESS	0x000ffffffffff000ULL

/* ------------------------- before the run ---------------------------------- */

/*
 * Have all pages there, whatever is in them. A read comes first and gets a page of
 * zeros that is shared, and not huge once it is written to: so no read.
 */
static void touch(unsigned char *memory, size_t size)
{
	size_t at;

	for (at = 0; at < size; at += PAGE_SIZE)
		__atomic_fetch_or(&memory[at], 0, __ATOMIC_RELAXED);
}

/* madvise() alone does not tell: huge pages may be switched off altogether. */
static bool thp_is_off(void)
{
	FILE *file = fopen(THP_ENABLED, "r");
	char text[64] = "";
	bool off = true;

	if (file) {
		off = !fgets(text, sizeof(text), file) || strstr(text, "[never]");
		fclose(file);
	}
	return off;
}

/* Mapped with room to spare, so that a multiple of 2 MiB is in it. */
static void *transparent_huge_pages(size_t size)
{
	unsigned char *all = mmap(NULL, size + MINIVMX_EPT_2M, PROT_READ | PROT_WRITE,
				  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t before;

	if (all == MAP_FAILED)
		return MAP_FAILED;
	before = -(unsigned long)all % MINIVMX_EPT_2M;
	if (before)
		munmap(all, before);
	munmap(all + before + size, MINIVMX_EPT_2M - before);
	if (!madvise(all + before, size, MADV_HUGEPAGE))
		return all + before;
	munmap(all + before, size);
	return MAP_FAILED;
}

/**
 * ept_huge_memory() - guest memory that consists of pages of 2 MiB
 * @size: a multiple of 2 MiB
 *
 * Return: the memory, or MAP_FAILED after a message.
 */
void *ept_huge_memory(size_t size)
{
	void *memory = MAP_FAILED;

	if (!thp_is_off())
		memory = transparent_huge_pages(size);
	/* Those that an administrator has set aside. */
	if (memory == MAP_FAILED)
		memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB, -1, 0);
	if (memory == MAP_FAILED) {
		warnx("--ept-page=2M: no huge pages: %s says never, and vm.nr_hugepages is too low",
		      THP_ENABLED);
		return MAP_FAILED;
	}
	touch(memory, size);
	return memory;
}

/* All of it, as if the guest had touched it; the pages are the owner's first. */
static int populate(const struct vm *vm)
{
	struct minivmx_ept_populate rest = { .size = vm->mem_size };
	int ret;

	touch(vm->mem, vm->mem_size);
	do
		ret = ioctl(vm->vm_fd, MINIVMX_EPT_POPULATE, &rest);
	while (ret < 0 && errno == EINTR);
	if (!ret)
		return 0;
	warn("%s: MINIVMX_EPT_POPULATE at 0x%llx", vm->device, rest.guest_phys_addr);
	return STATUS_HOST;
}

static int set_page_size(const struct vm *vm, __u32 size)
{
	if (!ioctl(vm->vm_fd, MINIVMX_EPT_PAGE_SIZE, (unsigned long)size))
		return 0;
	if (errno == EOPNOTSUPP)
		warnx("--ept-page=2M: %s: EPT has none, or they are not safe on this processor",
		      vm->device);
	else
		warn("%s: MINIVMX_EPT_PAGE_SIZE", vm->device);
	return STATUS_HOST;
}

/**
 * ept_prepare() - have EPT filled as the command line says
 * @vm: loaded; its vCPUs have not run
 * @opt: the options
 *
 * Return: 0, or an exit status after a message.
 */
int ept_prepare(const struct vm *vm, const struct ept_options *opt)
{
	struct minivmx_ept_shape shape = { 0 };
	int status = 0;

	if (!ept_wanted(opt))
		return 0;
	if (ioctl(vm->vm_fd, MINIVMX_EPT_SHAPE, &shape) < 0) {
		if (errno == ENOTTY || errno == EINVAL)
			warnx("%s: keeps its EPT to itself (--ept and --ept-* need minivmx)",
			      vm->device);
		else
			warn("%s: MINIVMX_EPT_SHAPE", vm->device);
		return STATUS_HOST;
	}
	if (opt->page_size)
		status = set_page_size(vm, opt->page_size);
	if (!status && opt->eager)
		status = populate(vm);
	return status;
}

/* ------------------------- after the run ----------------------------------- */

static const char *rights_text(__u64 rights)
{
	static const char *const texts[] = {
		"---", "r--", "-w-", "rw-", "--x", "r-x", "-wx", "rwx",
	};

	return texts[rights & 7];
}

static int print_violations(const struct vm *vm, const struct vcpu *vcpus,
			    const struct options *opt)
{
	static struct minivmx_exit_stats stats;
	__u64 violations = 0;
	unsigned int i;

	for (i = 0; i < opt->cpus; i++) {
		if (vm_ioctl(vm, vcpus[i].fd, MINIVMX_GET_EXIT_STATS, &stats) < 0)
			return STATUS_HOST;
		violations += stats.count[EXIT_REASON_EPT_VIOLATION];
	}
	fprintf(stderr, "EPT: %s, %s pages: %llu EPT violation%s\n",
		opt->ept.eager ? "eager" : "lazy",
		opt->ept.page_size == MINIVMX_EPT_4K ? "4K" :
		opt->ept.page_size == MINIVMX_EPT_2M ? "2M" : "4K or 2M", violations,
		violations == 1 ? "" : "s");
	return 0;
}

static void print_ranges(const struct minivmx_ept_shape *shape)
{
	__u32 i;

	for (i = 0; i < shape->nr_ranges; i++) {
		const struct minivmx_ept_range *range = &shape->ranges[i];
		__u64 pages = range->size / range->page_size;

		fprintf(stderr, "  0x%08llx-0x%08llx  %s  %s  %llu page%s\n",
			range->guest_phys_addr, range->guest_phys_addr + range->size - 1,
			rights_text(range->rights),
			range->page_size == MINIVMX_EPT_2M ? "2M" : "4K", pages,
			pages == 1 ? "" : "s");
	}
}

static int print_shape(const struct vm *vm)
{
	static struct minivmx_ept_shape shape;
	bool first = true;

	do {
		__u64 start = shape.next;

		memset(&shape, 0, sizeof(shape));
		shape.start = start;
		if (vm_ioctl(vm, vm->vm_fd, MINIVMX_EPT_SHAPE, &shape) < 0)
			return STATUS_HOST;
		if (first)
			fprintf(stderr,
				"EPT: tables: %llu PML4, %llu PDPT, %llu PD, %llu PT; pages: %llu of 4K, %llu of 2M\n",
				shape.tables[0], shape.tables[1], shape.tables[2],
				shape.tables[3], shape.pages_4k, shape.pages_2m);
		first = false;
		print_ranges(&shape);
	} while (shape.next);
	return 0;
}

/* What an entry says; which address is only for those who may know. */
static void print_entry(const char *table, unsigned int index, __u64 entry, bool leaf)
{
	fprintf(stderr, "  %-4s[%3u]  0x%016llx  ", table, index, entry);
	if (!(entry & 7)) {
		fputs("nothing is mapped\n", stderr);
		return;
	}
	fprintf(stderr, "%s  %s", rights_text(entry),
		!leaf ? "table" : entry & EPT_LARGE ? "page of 2M" : "page of 4K");
	if (entry & EPT_ADDRESS)
		fprintf(stderr, " at 0x%llx", entry & EPT_ADDRESS);
	else
		fputs(", address hidden", stderr);
	if (leaf)
		fprintf(stderr, ", memory type %llu", entry >> 3 & 7);
	fprintf(stderr, "%s%s\n", entry & EPT_ACCESSED ? ", accessed" : "",
		leaf && entry & EPT_DIRTY ? ", dirty" : "");
}

static int print_walk(const struct vm *vm, __u64 address)
{
	static const char *const tables[] = { "PML4", "PDPT", "PD", "PT" };
	struct minivmx_ept_walk walk = { .guest_phys_addr = address };
	unsigned int i;

	if (address >> 48) {
		fprintf(stderr, "EPT: 0x%llx is beyond the 48 bits that EPT translates\n",
			address);
		return 0;
	}
	if (vm_ioctl(vm, vm->vm_fd, MINIVMX_EPT_WALK, &walk) < 0)
		return STATUS_HOST;
	fprintf(stderr, "EPT: walk of 0x%llx, EPT pointer 0x%016llx\n", address, walk.pointer);
	for (i = 0; i < walk.levels; i++)
		print_entry(tables[i], address >> (39 - 9 * i) & 511, walk.entries[i],
			    i == 3 || walk.entries[i] & EPT_LARGE);
	return 0;
}

/**
 * ept_report() - say on standard error what has become of EPT
 * @vm: its descriptor is still open
 * @vcpus: none of them runs any more
 * @opt: the command line
 *
 * Return: 0, or an exit status after a message.
 */
int ept_report(const struct vm *vm, const struct vcpu *vcpus, const struct options *opt)
{
	__u64 address = opt->ept.address;
	int status;

	if (!ept_wanted(&opt->ept))
		return 0;
	status = print_violations(vm, vcpus, opt);
	if (!status && opt->ept.show)
		status = print_shape(vm);
	if (status || !opt->ept.show)
		return status;
	if (!opt->ept.have_address && !guest_code(&vcpus[0], &address)) {
		fputs("EPT: the next instruction is at no guest-physical address\n", stderr);
		return 0;
	}
	return print_walk(vm, address);
}
