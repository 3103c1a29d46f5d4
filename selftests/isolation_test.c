// SPDX-License-Identifier: GPL-2.0
/*
 * Registers stay where they belong: those of one guest are not seen by another
 * one, nor by the caller of RUN, nor those of the caller by a guest.
 *
 * Breakage it catches: a register that is not loaded before an entry or not
 * given back after an exit, an FPU component that is switched only in part.
 */
#include <cpuid.h>
#include <sys/syscall.h>

#include "devices.h"
#include "guest_code.h"
#include "vm.h"

#define X87_SSE			0x3	/* what FXSAVE knows */
#define ALL_BUT_PKRU		0xe7	/* AVX and the three of AVX-512, too */
#define XFEATURE_PKRU		9
#define XSAVE_MAX		8192
#define XSAVE_LEGACY		512

#define DUMP			0x4000	/* where the guests put what they have */

DEVICE_FIXTURE(isolation) {
	struct vm vm;
};

DEVICE_FIXTURE_SETUP(isolation)
{
	ASSERT_EQ(0, vm_open(&self->vm, variant->path));
}

FIXTURE_TEARDOWN(isolation)
{
	vm_close(&self->vm);
}

/* ------------------------- guest against guest --------------------------- */

/* struct dump: what a guest finds in its registers, in the order it stores. */
struct dump {
	uint32_t reg[8];	/* EAX, EBX, ECX, EDX, ESI, EDI, EBP, ESP */
	uint32_t cr2;
	uint32_t padding[3];
	uint8_t fx[512];	/* FXSAVE: x87, MXCSR, XMM0-XMM7 */
};

GUEST_CODE(32, dump_all,
	   "mov	%eax, 0x4000\n"
	   "mov	%ebx, 0x4004\n"
	   "mov	%ecx, 0x4008\n"
	   "mov	%edx, 0x400c\n"
	   "mov	%esi, 0x4010\n"
	   "mov	%edi, 0x4014\n"
	   "mov	%ebp, 0x4018\n"
	   "mov	%esp, 0x401c\n"
	   "mov	%cr2, %eax\n"
	   "mov	%eax, 0x4020\n"
	   "fxsave	0x4030\n"
	   "hlt\n");

/* Fills all that it has, and then asks for nothing but an exit. */
GUEST_CODE(32, fill_all,
	   "mov	$0x5ec2e7, %eax\n"
	   "mov	%eax, %cr2\n"
	   "mov	%eax, 0x5000\n"
	   "mov	%eax, 0x5004\n"
	   "mov	%eax, 0x5008\n"
	   "mov	%eax, 0x500c\n"
	   ".irp n, 0, 1, 2, 3, 4, 5, 6, 7\n"
	   "movups	0x5000, %xmm\\n\n"
	   ".endr\n"
	   "fldpi\n"
	   "fldl2e\n"
	   "fldln2\n"
	   "movl	$0x9fc0, 0x5010\n"
	   "ldmxcsr	0x5010\n"
	   "movw	$0x0c7f, 0x5014\n"
	   "fldcw	0x5014\n"
	   "mov	%eax, %ebx\n"
	   "mov	%eax, %ecx\n"
	   "mov	%eax, %edx\n"
	   "mov	%eax, %esi\n"
	   "mov	%eax, %edi\n"
	   "mov	%eax, %ebp\n"
	   "mov	%eax, %esp\n"
	   "filled:\n"
	   "out	%eax, $0x10\n"
	   "jmp	filled\n");

static void start(struct __test_metadata *_metadata, struct vm *vm,
		  const uint8_t *code, const uint8_t *end)
{
	struct minivmx_sregs sregs;

	ASSERT_EQ(0, vm_load(vm, code, end));
	ASSERT_EQ(0, vm_get_sregs(vm->vcpu, &sregs));
	vm_flat_segments(&sregs, 0);
	sregs.cr4 |= CR4_OSFXSR;
	ASSERT_EQ(0, vm_set_sregs(vm->vcpu, &sregs));
}

static void expect_reset(struct __test_metadata *_metadata, struct vm *vm)
{
	const struct dump *dump = (void *)(vm->memory + DUMP);
	uint16_t fcw, fsw;
	uint32_t mxcsr;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(dump->reg); i++) {
		EXPECT_EQ(0, dump->reg[i]) {
			TH_LOG("register %zu", i);
		}
	}
	EXPECT_EQ(0, dump->cr2);
	memcpy(&fcw, dump->fx, sizeof(fcw));
	memcpy(&fsw, dump->fx + 2, sizeof(fsw));
	memcpy(&mxcsr, dump->fx + 24, sizeof(mxcsr));
	/*
	 * The reset of a processor leaves FCW 0x40, FINIT 0x37f: both devices
	 * start a guest with the latter, the initial state of XRSTOR.
	 */
	EXPECT_EQ(0x37f, fcw);
	EXPECT_EQ(0, fsw);
	EXPECT_EQ(0, dump->fx[4]);		/* all x87 registers are empty */
	EXPECT_EQ(0x1f80, mxcsr);
	for (i = 32; i < 32 + 16 * 16; i++) {
		EXPECT_EQ(0, dump->fx[i]) {
			TH_LOG("FXSAVE byte %zu", i);
		}
	}
}

TEST_DEVICE(isolation, guests)
{
	struct vm other;

	start(_metadata, &self->vm, CODE(fill_all));
	ASSERT_EQ(0, vm_run(self->vm.vcpu));
	ASSERT_EQ(MINIVMX_EXIT_IO, self->vm.run->exit_reason);
	EXPECT_EQ(0x5ec2e7, *(uint32_t *)vm_io_data(self->vm.run));

	ASSERT_EQ(0, vm_open(&other, variant->path));
	start(_metadata, &other, CODE(dump_all));
	ASSERT_EQ(0, vm_run(self->vm.vcpu));
	ASSERT_EQ(0, vm_run(other.vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, other.run->exit_reason);
	expect_reset(_metadata, &other);
	vm_close(&other);
}

/* Another vCPU of the same VM is another processor. */
TEST_DEVICE(isolation, vcpus)
{
	struct minivmx_sregs sregs;
	int second;

	start(_metadata, &self->vm, CODE(fill_all));
	ASSERT_EQ(0, vm_run(self->vm.vcpu));
	ASSERT_EQ(0, vm_get_sregs(self->vm.vcpu, &sregs));
	sregs.cr2 = 0;
	second = vm_ioctl(self->vm.fd, MINIVMX_CREATE_VCPU, 1);
	ASSERT_LE(0, second);
	memcpy(self->vm.memory + VM_ENTRY, dump_all, dump_all_end - dump_all);
	ASSERT_EQ(0, vm_enter_at(second, VM_ENTRY, 0));
	ASSERT_EQ(0, vm_set_sregs(second, &sregs));
	ASSERT_EQ(0, vm_run(second));
	expect_reset(_metadata, &self->vm);
}

/* ------------------------- caller and guest ------------------------------ */

/* XSAVE areas: what C has, what RUN is called with, and what it leaves. */
struct areas {
	_Alignas(64) uint8_t own[XSAVE_MAX];
	_Alignas(64) uint8_t before[XSAVE_MAX];
	_Alignas(64) uint8_t after[XSAVE_MAX];
};

static uint64_t xcr0(void)
{
	uint32_t eax, ebx, ecx, edx;

	if (!__get_cpuid(1, &eax, &ebx, &ecx, &edx) || !(ecx & bit_OSXSAVE))
		return 0;
	asm volatile("xgetbv" : "=a" (eax), "=d" (edx) : "c" (0));
	return eax | (uint64_t)edx << 32;
}

/*
 * MINIVMX_RUN, with the registers of @areas->before loaded just before it and
 * saved to @areas->after just behind it: no C code in between can touch them.
 * C's own are kept in @areas->own.
 */
#define RUN_BETWEEN(save, restore)					\
	asm volatile("mov	%[low], %%eax\n\t"			\
		     "mov	%%r8d, %%edx\n\t"			\
		     save "	%c[own](%[areas])\n\t"			\
		     restore "	%c[before](%[areas])\n\t"		\
		     "mov	%[number], %%eax\n\t"			\
		     "xor	%%edx, %%edx\n\t"			\
		     "syscall\n\t"					\
		     "mov	%%rax, %%rcx\n\t"			\
		     "mov	%[low], %%eax\n\t"			\
		     "mov	%%r8d, %%edx\n\t"			\
		     save "	%c[after](%[areas])\n\t"		\
		     restore "	%c[own](%[areas])\n\t"			\
		     : "=&c" (ret)					\
		     : [areas] "r" (areas), [number] "i" (SYS_ioctl),	\
		       [own] "i" (offsetof(struct areas, own)),		\
		       [before] "i" (offsetof(struct areas, before)),	\
		       [after] "i" (offsetof(struct areas, after)),	\
		       [low] "r" ((uint32_t)mask), "r" (high),		\
		       "D" ((long)vcpu), "S" (MINIVMX_RUN)		\
		     : "rax", "rdx", "r11", "memory")

static int run_between(int vcpu, struct areas *areas, uint64_t mask)
{
	register long high asm("r8") = mask >> 32;
	long ret;

	if (xcr0())
		RUN_BETWEEN("xsave64", "xrstor64");
	else
		RUN_BETWEEN("fxsave64", "fxrstor64");
	return ret;
}

/* What of @wanted there is; without XSAVE, FXSAVE knows x87 and SSE. */
static uint64_t components(uint64_t wanted)
{
	return xcr0() ? xcr0() & wanted : X87_SSE;
}

/* A pattern in every register that @mask names. */
static void fill_area(uint8_t *area, uint64_t mask)
{
	uint32_t offset, size, ecx, edx;
	uint64_t header = mask;
	int i, feature;

	memset(area, 0, XSAVE_MAX);
	memcpy(area, "\x7f\x0c", 2);			/* FCW: round to zero */
	area[4] = 0xff;					/* FTW: all in use */
	memcpy(area + 24, "\xc0\x9f\x00\x00", 4);	/* MXCSR: FTZ, DAZ */
	for (i = 0; i < 8; i++)
		memset(area + 32 + 16 * i, 0x31 + i, 10);
	for (i = 0; i < 16; i++)
		memset(area + 160 + 16 * i, 0x51 + i, 16);
	if (!xcr0())
		return;
	memcpy(area + XSAVE_LEGACY, &header, sizeof(header));

	for (feature = 2; feature < 63; feature++) {
		if (!(mask >> feature & 1))
			continue;
		__cpuid_count(0xd, feature, size, offset, ecx, edx);
		if (feature == XFEATURE_PKRU)
			/* Key 0 is that of all our memory: leave it be. */
			memcpy(area + offset, "\x54\x55\x55\x55", 4);
		else
			memset(area + offset, 0x80 + feature, size);
	}
}

TEST_DEVICE(isolation, caller)
{
	uint64_t mask = components(ALL_BUT_PKRU | 1 << XFEATURE_PKRU);
	static struct areas areas;
	int i;

	fill_area(areas.before, mask);
	start(_metadata, &self->vm, CODE(fill_all));
	for (i = 0; i < 3; i++) {
		memset(areas.after, 0, sizeof(areas.after));
		ASSERT_EQ(0, run_between(self->vm.vcpu, &areas, mask));
		ASSERT_EQ(MINIVMX_EXIT_IO, self->vm.run->exit_reason);
		/* The last 48 bytes of the legacy part are for software. */
		memset(areas.after + 464, 0, 48);
		/* MXCSR_MASK: XSAVE writes it, XRSTOR does not read it. */
		memcpy(areas.after + 28, areas.before + 28, 4);
		EXPECT_EQ(0, memcmp(areas.before, areas.after, sizeof(areas.after)));
	}
	TH_LOG("components of the FPU compared: %#lx", mask);
}

/* The caller's registers are full when a fresh guest looks into its own. */
TEST_DEVICE(isolation, caller_unseen)
{
	uint64_t mask = components(ALL_BUT_PKRU);
	static struct areas areas;

	fill_area(areas.before, mask);
	start(_metadata, &self->vm, CODE(dump_all));
	ASSERT_EQ(0, run_between(self->vm.vcpu, &areas, mask));
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->vm.run->exit_reason);
	expect_reset(_metadata, &self->vm);
}

/* ------------------------- the upper halves ------------------------------ */

/*
 * AVX needs CR4.OSXSAVE in the guest. KVM allows it only with a CPUID table,
 * which minivmx has not: there the guest runs with the XCR0 of the host.
 */
GUEST_CODE(32, dump_avx,
	   "vmovups	%ymm0, 0x4000\n"
	   "vmovups	%ymm7, 0x4020\n"
	   "hlt\n");
GUEST_CODE(32, fill_avx,
	   "movl	$0x5ec2e7, 0x5000\n"
	   "vbroadcastss	0x5000, %ymm0\n"
	   "vmovaps	%ymm0, %ymm7\n"
	   "hlt\n");

static void start_avx(struct __test_metadata *_metadata, struct vm *vm,
		      const uint8_t *code, const uint8_t *end)
{
	static struct {
		struct minivmx_cpuid2 head;
		struct minivmx_cpuid_entry2 entries[MINIVMX_MAX_CPUID_ENTRIES];
	} table;
	const struct minivmx_xcrs xcrs = { .nr_xcrs = 1, .xcrs[0].value = 7 };
	struct minivmx_sregs sregs;

	start(_metadata, vm, code, end);
	table.head.nent = MINIVMX_MAX_CPUID_ENTRIES;
	ASSERT_EQ(0, vm_ioctl_p(vm->dev, MINIVMX_GET_SUPPORTED_CPUID, &table));
	ASSERT_EQ(0, vm_ioctl_p(vm->vcpu, MINIVMX_SET_CPUID2, &table));
	ASSERT_EQ(0, vm_get_sregs(vm->vcpu, &sregs));
	sregs.cr4 |= CR4_OSXSAVE;
	ASSERT_EQ(0, vm_set_sregs(vm->vcpu, &sregs));
	ASSERT_EQ(0, vm_ioctl_p(vm->vcpu, MINIVMX_SET_XCRS, &xcrs));
}

TEST_DEVICE(isolation, avx)
{
	static const uint8_t zero[64];
	struct vm other;

	if ((xcr0() & 6) != 6)
		SKIP(return, "this CPU or kernel has no AVX");
	start_avx(_metadata, &self->vm, CODE(fill_avx));
	ASSERT_EQ(0, vm_run(self->vm.vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, self->vm.run->exit_reason);

	ASSERT_EQ(0, vm_open(&other, variant->path));
	start_avx(_metadata, &other, CODE(dump_avx));
	memset(other.memory + DUMP, 0xee, sizeof(zero));
	ASSERT_EQ(0, vm_run(other.vcpu));
	ASSERT_EQ(MINIVMX_EXIT_HLT, other.run->exit_reason);
	EXPECT_EQ(0, memcmp(other.memory + DUMP, zero, sizeof(zero)));
	vm_close(&other);

	/* And its own are still there. */
	memcpy(self->vm.memory + VM_ENTRY, dump_avx, dump_avx_end - dump_avx);
	ASSERT_EQ(0, vm_set_regs(self->vm.vcpu,
				 &(struct minivmx_regs){ .rip = VM_ENTRY }));
	ASSERT_EQ(0, vm_run(self->vm.vcpu));
	EXPECT_EQ(0x5ec2e7, *(uint32_t *)(self->vm.memory + DUMP + 28));
}

TEST_HARNESS_MAIN
