// SPDX-License-Identifier: GPL-2.0
/* What a case writes down. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "diff.h"

void record(struct rec *r, const char *format, ...)
{
	char line[4096];
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(line, sizeof(line) - 1, format, args);
	va_end(args);
	if (length > (int)sizeof(line) - 2)
		length = sizeof(line) - 2;
	line[length++] = '\n';
	if (write(r->fd, line, length) != length)
		_exit(3);
}

const char *errno_text(long ret)
{
	static char number[32];
	const char *name = ret < 0 ? strerrorname_np(-ret) : NULL;

	if (name)
		return name;
	snprintf(number, sizeof(number), "%ld", ret);
	return number;
}

long record_ret(struct rec *r, const char *what, long ret)
{
	record(r, "%s = %s", what, errno_text(ret));
	return ret;
}

void record_bytes(struct rec *r, const char *what, const void *data, size_t size)
{
	const uint8_t *byte = data;
	char text[1024];
	size_t i, at = 0;

	for (i = 0; i < size && at < sizeof(text) - 4; i++)
		at += sprintf(text + at, " %02x", byte[i]);
	text[at] = 0;
	record(r, "%s:%s", what, text);
}

void record_words(struct rec *r, const char *what, const void *data, size_t size)
{
	uint32_t word;
	size_t i;

	for (i = 0; i < size; i += sizeof(word)) {
		memcpy(&word, (const char *)data + i, sizeof(word));
		if (word)
			record(r, "%s[%#zx] = %#x", what, i, word);
	}
}

void record_need(struct rec *r, const char *what, long ret)
{
	if (ret >= 0)
		return;
	record(r, "cannot go on: %s = %s", what, errno_text(ret));
	_exit(0);
}

struct vm *record_vm(struct rec *r)
{
	record_need(r, "vm_open", vm_open(&r->vm, r->path));
	return &r->vm;
}

static void record_io(struct rec *r)
{
	struct minivmx_run *run = r->vm.run;
	char what[64];
	size_t size = (size_t)run->io.size * run->io.count;

	snprintf(what, sizeof(what), "exit IO %s port %#x size %u count %u",
		 run->io.direction == MINIVMX_EXIT_IO_OUT ? "out" : "in",
		 run->io.port, run->io.size, run->io.count);
	if (run->io.direction == MINIVMX_EXIT_IO_OUT &&
	    run->io.data_offset + size <= r->vm.run_size)
		record_bytes(r, what, vm_io_data(run), size > 64 ? 64 : size);
	else
		record(r, "%s", what);
}

void record_exit(struct rec *r, long ret)
{
	struct minivmx_run *run = r->vm.run;

	if (ret)
		record_ret(r, "RUN", ret);
	if (ret && !(ret == -EINTR && run->exit_reason == MINIVMX_EXIT_INTR))
		return;
	switch (run->exit_reason) {
	case MINIVMX_EXIT_IO:
		record_io(r);
		break;
	case MINIVMX_EXIT_MMIO:
		if (run->mmio.is_write)
			record_bytes(r, "exit MMIO write", run->mmio.data,
				     run->mmio.len > 8 ? 8 : run->mmio.len);
		else
			record(r, "exit MMIO read");
		record(r, "  at %#llx, %u bytes", run->mmio.phys_addr, run->mmio.len);
		break;
	case MINIVMX_EXIT_DEBUG:
		record(r, "exit DEBUG exception %u pc %#llx dr6 %#llx dr7 %#llx",
		       run->debug.arch.exception, run->debug.arch.pc,
		       run->debug.arch.dr6, run->debug.arch.dr7);
		break;
	case MINIVMX_EXIT_FAIL_ENTRY:
		record(r, "exit FAIL_ENTRY %#llx",
		       run->fail_entry.hardware_entry_failure_reason);
		break;
	case MINIVMX_EXIT_INTERNAL_ERROR:
		record(r, "exit INTERNAL_ERROR %u", run->internal.suberror);
		break;
	case MINIVMX_EXIT_HLT:
		record(r, "exit HLT");
		break;
	case MINIVMX_EXIT_SHUTDOWN:
		record(r, "exit SHUTDOWN");
		break;
	case MINIVMX_EXIT_IRQ_WINDOW_OPEN:
		record(r, "exit IRQ_WINDOW_OPEN");
		break;
	case MINIVMX_EXIT_INTR:
		record(r, "exit INTR");
		break;
	case MINIVMX_EXIT_SET_TPR:
		record(r, "exit SET_TPR cr8 %llu", run->cr8);
		break;
	default:
		record(r, "exit %u", run->exit_reason);
	}
}

int record_run(struct rec *r)
{
	int ret;

	/* What an earlier exit left there must not be taken for this one's. */
	r->vm.run->exit_reason = 0xffff;
	ret = vm_run(r->vm.vcpu);
	record_exit(r, ret);
	return ret ? ret : (int)r->vm.run->exit_reason;
}

void record_runs(struct rec *r, int max)
{
	while (max--) {
		if (record_run(r) != MINIVMX_EXIT_IO ||
		    r->vm.run->io.direction != MINIVMX_EXIT_IO_OUT)
			return;
	}
}

void record_regs(struct rec *r, const char *names)
{
#define REG(name) { #name, offsetof(struct minivmx_regs, name) }
	static const struct {
		const char *name;
		size_t offset;
	} table[] = {
		REG(rax), REG(rbx), REG(rcx), REG(rdx), REG(rsi), REG(rdi),
		REG(rsp), REG(rbp), REG(r8), REG(r9), REG(r10), REG(r11),
		REG(r12), REG(r13), REG(r14), REG(r15), REG(rip), REG(rflags),
	};
	struct minivmx_regs regs;
	char list[128], *name, *rest;
	uint64_t value;
	size_t i;

	record_need(r, "GET_REGS", vm_get_regs(r->vm.vcpu, &regs));
	snprintf(list, sizeof(list), "%s", names);
	for (name = strtok_r(list, " ", &rest); name;
	     name = strtok_r(NULL, " ", &rest)) {
		for (i = 0; i < ARRAY_SIZE(table); i++) {
			if (strcmp(name, table[i].name))
				continue;
			memcpy(&value, (char *)&regs + table[i].offset, 8);
			record(r, "%s = %#lx", name, value);
		}
	}
}

void record_flags(struct rec *r)
{
	struct minivmx_run *run = r->vm.run;

	record(r, "ready %u if %u flags %u cr8 %llu apic_base %#llx",
	       run->ready_for_interrupt_injection, run->if_flag, run->flags,
	       run->cr8, run->apic_base);
}

void record_events(struct rec *r)
{
	struct minivmx_vcpu_events e;
	size_t i, bytes = 0;

	memset(&e, 0xff, sizeof(e));
	record_need(r, "GET_VCPU_EVENTS",
		    vm_ioctl_p(r->vm.vcpu, MINIVMX_GET_VCPU_EVENTS, &e));
	for (i = 0; i < sizeof(e.reserved); i++)
		bytes += !!e.reserved[i];
	/* What is left of an event that has been delivered says nothing. */
	if (e.exception.injected || e.exception.pending)
		record(r, "exception injected %u nr %u has_error_code %u pending %u code %#x payload %u %#llx",
		       e.exception.injected, e.exception.nr,
		       e.exception.has_error_code, e.exception.pending,
		       e.exception.error_code, e.exception_has_payload,
		       e.exception_payload);
	else
		record(r, "no exception");
	if (e.interrupt.injected)
		record(r, "interrupt injected %u nr %u soft %u",
		       e.interrupt.injected, e.interrupt.nr,
		       e.interrupt.soft);
	record(r, "shadow %u", e.interrupt.shadow);
	/* Bochs lets a guest find NMIs blocked that another guest has blocked. */
	if (!r->nmi)
		e.nmi.masked = 0;
	record(r, "nmi injected %u pending %u masked %u pad %u", e.nmi.injected,
	       e.nmi.pending, e.nmi.masked, e.nmi.pad);
	record(r, "sipi %#x flags %#x smi %u %u %u %u triple %u reserved %zu",
	       e.sipi_vector, e.flags, e.smi.smm, e.smi.pending,
	       e.smi.smm_inside_nmi, e.smi.latched_init,
	       e.triple_fault.pending, bytes);
}
