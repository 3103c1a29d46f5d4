/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Each member of each structure of minivmx.h, minivmx_state.h and minivmx_run.h,
 * for uapi_test.c. minivmx_run.vmx is minivmx's own.
 */
#ifndef SELFTESTS_UAPI_STRUCTURES_H
#define SELFTESTS_UAPI_STRUCTURES_H

/* ------------------------- minivmx.h ------------------------- */

SAME_SIZE(userspace_memory_region);
SAME_MEMBER(userspace_memory_region, slot);
SAME_MEMBER(userspace_memory_region, flags);
SAME_MEMBER(userspace_memory_region, guest_phys_addr);
SAME_MEMBER(userspace_memory_region, memory_size);
SAME_MEMBER(userspace_memory_region, userspace_addr);

SAME_SIZE(dirty_log);
SAME_MEMBER(dirty_log, slot);
SAME_MEMBER(dirty_log, padding1);
SAME_MEMBER(dirty_log, dirty_bitmap);
SAME_MEMBER(dirty_log, padding2);

/* ------------------------- minivmx_state.h ------------------------- */

SAME_SIZE(regs);
SAME_MEMBER(regs, rax);
SAME_MEMBER(regs, rbx);
SAME_MEMBER(regs, rcx);
SAME_MEMBER(regs, rdx);
SAME_MEMBER(regs, rsi);
SAME_MEMBER(regs, rdi);
SAME_MEMBER(regs, rsp);
SAME_MEMBER(regs, rbp);
SAME_MEMBER(regs, r8);
SAME_MEMBER(regs, r9);
SAME_MEMBER(regs, r10);
SAME_MEMBER(regs, r11);
SAME_MEMBER(regs, r12);
SAME_MEMBER(regs, r13);
SAME_MEMBER(regs, r14);
SAME_MEMBER(regs, r15);
SAME_MEMBER(regs, rip);
SAME_MEMBER(regs, rflags);

SAME_SIZE(segment);
SAME_MEMBER(segment, base);
SAME_MEMBER(segment, limit);
SAME_MEMBER(segment, selector);
SAME_MEMBER(segment, type);
SAME_MEMBER(segment, present);
SAME_MEMBER(segment, dpl);
SAME_MEMBER(segment, db);
SAME_MEMBER(segment, s);
SAME_MEMBER(segment, l);
SAME_MEMBER(segment, g);
SAME_MEMBER(segment, avl);
SAME_MEMBER(segment, unusable);
SAME_MEMBER(segment, padding);

SAME_SIZE(dtable);
SAME_MEMBER(dtable, base);
SAME_MEMBER(dtable, limit);
SAME_MEMBER(dtable, padding);

SAME_SIZE(sregs);
SAME_STRUCT_MEMBER(sregs, cs);
SAME_STRUCT_MEMBER(sregs, ds);
SAME_STRUCT_MEMBER(sregs, es);
SAME_STRUCT_MEMBER(sregs, fs);
SAME_STRUCT_MEMBER(sregs, gs);
SAME_STRUCT_MEMBER(sregs, ss);
SAME_STRUCT_MEMBER(sregs, tr);
SAME_STRUCT_MEMBER(sregs, ldt);
SAME_STRUCT_MEMBER(sregs, gdt);
SAME_STRUCT_MEMBER(sregs, idt);
SAME_MEMBER(sregs, cr0);
SAME_MEMBER(sregs, cr2);
SAME_MEMBER(sregs, cr3);
SAME_MEMBER(sregs, cr4);
SAME_MEMBER(sregs, cr8);
SAME_MEMBER(sregs, efer);
SAME_MEMBER(sregs, apic_base);
SAME_MEMBER(sregs, interrupt_bitmap);

SAME_SIZE(sregs2);
SAME_STRUCT_MEMBER(sregs2, cs);
SAME_STRUCT_MEMBER(sregs2, ds);
SAME_STRUCT_MEMBER(sregs2, es);
SAME_STRUCT_MEMBER(sregs2, fs);
SAME_STRUCT_MEMBER(sregs2, gs);
SAME_STRUCT_MEMBER(sregs2, ss);
SAME_STRUCT_MEMBER(sregs2, tr);
SAME_STRUCT_MEMBER(sregs2, ldt);
SAME_STRUCT_MEMBER(sregs2, gdt);
SAME_STRUCT_MEMBER(sregs2, idt);
SAME_MEMBER(sregs2, cr0);
SAME_MEMBER(sregs2, cr2);
SAME_MEMBER(sregs2, cr3);
SAME_MEMBER(sregs2, cr4);
SAME_MEMBER(sregs2, cr8);
SAME_MEMBER(sregs2, efer);
SAME_MEMBER(sregs2, apic_base);
SAME_MEMBER(sregs2, flags);
SAME_MEMBER(sregs2, pdptrs);

SAME_SIZE(cpuid_entry2);
SAME_MEMBER(cpuid_entry2, function);
SAME_MEMBER(cpuid_entry2, index);
SAME_MEMBER(cpuid_entry2, flags);
SAME_MEMBER(cpuid_entry2, eax);
SAME_MEMBER(cpuid_entry2, ebx);
SAME_MEMBER(cpuid_entry2, ecx);
SAME_MEMBER(cpuid_entry2, edx);
SAME_MEMBER(cpuid_entry2, padding);

SAME_SIZE(cpuid2);
SAME_MEMBER(cpuid2, nent);
SAME_MEMBER(cpuid2, padding);
SAME_FLEXIBLE(cpuid2, entries);

SAME_SIZE(msr_entry);
SAME_MEMBER(msr_entry, index);
SAME_MEMBER(msr_entry, reserved);
SAME_MEMBER(msr_entry, data);

SAME_SIZE(msrs);
SAME_MEMBER(msrs, nmsrs);
SAME_MEMBER(msrs, pad);
SAME_FLEXIBLE(msrs, entries);

SAME_SIZE(msr_list);
SAME_MEMBER(msr_list, nmsrs);
SAME_FLEXIBLE(msr_list, indices);

SAME_SIZE(fpu);
SAME_MEMBER(fpu, fpr);
SAME_MEMBER(fpu, fcw);
SAME_MEMBER(fpu, fsw);
SAME_MEMBER(fpu, ftwx);
SAME_MEMBER(fpu, pad1);
SAME_MEMBER(fpu, last_opcode);
SAME_MEMBER(fpu, last_ip);
SAME_MEMBER(fpu, last_dp);
SAME_MEMBER(fpu, xmm);
SAME_MEMBER(fpu, mxcsr);
SAME_MEMBER(fpu, pad2);

SAME_SIZE(xsave);
SAME_MEMBER(xsave, region);

SAME_SIZE(xcr);
SAME_MEMBER(xcr, xcr);
SAME_MEMBER(xcr, reserved);
SAME_MEMBER(xcr, value);

SAME_SIZE(xcrs);
SAME_MEMBER(xcrs, nr_xcrs);
SAME_MEMBER(xcrs, flags);
SAME_STRUCT_MEMBER(xcrs, xcrs);
SAME_MEMBER(xcrs, padding);

SAME_SIZE(vcpu_events);
SAME_MEMBER(vcpu_events, exception.injected);
SAME_MEMBER(vcpu_events, exception.nr);
SAME_MEMBER(vcpu_events, exception.has_error_code);
SAME_MEMBER(vcpu_events, exception.pending);
SAME_MEMBER(vcpu_events, exception.error_code);
SAME_MEMBER(vcpu_events, interrupt.injected);
SAME_MEMBER(vcpu_events, interrupt.nr);
SAME_MEMBER(vcpu_events, interrupt.soft);
SAME_MEMBER(vcpu_events, interrupt.shadow);
SAME_MEMBER(vcpu_events, nmi.injected);
SAME_MEMBER(vcpu_events, nmi.pending);
SAME_MEMBER(vcpu_events, nmi.masked);
SAME_MEMBER(vcpu_events, nmi.pad);
SAME_MEMBER(vcpu_events, sipi_vector);
SAME_MEMBER(vcpu_events, flags);
SAME_MEMBER(vcpu_events, smi.smm);
SAME_MEMBER(vcpu_events, smi.pending);
SAME_MEMBER(vcpu_events, smi.smm_inside_nmi);
SAME_MEMBER(vcpu_events, smi.latched_init);
SAME_MEMBER(vcpu_events, triple_fault.pending);
SAME_MEMBER(vcpu_events, reserved);
SAME_MEMBER(vcpu_events, exception_has_payload);
SAME_MEMBER(vcpu_events, exception_payload);

SAME_SIZE(interrupt);
SAME_MEMBER(interrupt, irq);

SAME_SIZE(mp_state);
SAME_MEMBER(mp_state, mp_state);

SAME_SIZE(debugregs);
SAME_MEMBER(debugregs, db);
SAME_MEMBER(debugregs, dr6);
SAME_MEMBER(debugregs, dr7);
SAME_MEMBER(debugregs, flags);
SAME_MEMBER(debugregs, reserved);

SAME_SIZE(guest_debug);
SAME_MEMBER(guest_debug, control);
SAME_MEMBER(guest_debug, pad);
SAME_MEMBER(guest_debug, arch.debugreg);

SAME_SIZE(translation);
SAME_MEMBER(translation, linear_address);
SAME_MEMBER(translation, physical_address);
SAME_MEMBER(translation, valid);
SAME_MEMBER(translation, writeable);
SAME_MEMBER(translation, usermode);
SAME_MEMBER(translation, pad);

SAME_SIZE(signal_mask);
SAME_MEMBER(signal_mask, len);
SAME_FLEXIBLE(signal_mask, sigset);

/* ------------------------- minivmx_run.h ------------------------- */

SAME_SIZE(debug_exit_arch);
SAME_MEMBER(debug_exit_arch, exception);
SAME_MEMBER(debug_exit_arch, pad);
SAME_MEMBER(debug_exit_arch, pc);
SAME_MEMBER(debug_exit_arch, dr6);
SAME_MEMBER(debug_exit_arch, dr7);

SAME_SIZE(run);
SAME_MEMBER(run, request_interrupt_window);
SAME_MEMBER(run, immediate_exit);
SAME_MEMBER(run, padding1);
SAME_MEMBER(run, exit_reason);
SAME_MEMBER(run, ready_for_interrupt_injection);
SAME_MEMBER(run, if_flag);
SAME_MEMBER(run, flags);
SAME_MEMBER(run, cr8);
SAME_MEMBER(run, apic_base);
SAME_MEMBER(run, hw.hardware_exit_reason);
SAME_MEMBER(run, fail_entry.hardware_entry_failure_reason);
SAME_MEMBER(run, fail_entry.cpu);
SAME_MEMBER(run, io.direction);
SAME_MEMBER(run, io.size);
SAME_MEMBER(run, io.port);
SAME_MEMBER(run, io.count);
SAME_MEMBER(run, io.data_offset);
SAME_STRUCT_MEMBER(run, debug.arch);
SAME_MEMBER(run, mmio.phys_addr);
SAME_MEMBER(run, mmio.data);
SAME_MEMBER(run, mmio.len);
SAME_MEMBER(run, mmio.is_write);
SAME_MEMBER(run, internal.suberror);
SAME_MEMBER(run, internal.ndata);
SAME_MEMBER(run, internal.data);
SAME_MEMBER(run, emulation_failure.suberror);
SAME_MEMBER(run, emulation_failure.ndata);
SAME_MEMBER(run, emulation_failure.flags);
SAME_MEMBER(run, emulation_failure.insn_size);
SAME_MEMBER(run, emulation_failure.insn_bytes);
SAME_MEMBER(run, padding);
SAME_MEMBER(run, kvm_valid_regs);
SAME_MEMBER(run, kvm_dirty_regs);
SAME_MEMBER(run, s.padding);

SAME_SIZE(coalesced_mmio_zone);
SAME_MEMBER(coalesced_mmio_zone, addr);
SAME_MEMBER(coalesced_mmio_zone, size);
SAME_MEMBER(coalesced_mmio_zone, pio);

SAME_SIZE(coalesced_mmio);
SAME_MEMBER(coalesced_mmio, phys_addr);
SAME_MEMBER(coalesced_mmio, len);
SAME_MEMBER(coalesced_mmio, pio);
SAME_MEMBER(coalesced_mmio, data);

SAME_SIZE(coalesced_mmio_ring);
SAME_MEMBER(coalesced_mmio_ring, first);
SAME_MEMBER(coalesced_mmio_ring, last);
SAME_FLEXIBLE(coalesced_mmio_ring, coalesced_mmio);

#endif /* SELFTESTS_UAPI_STRUCTURES_H */
