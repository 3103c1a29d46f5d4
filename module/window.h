/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A window: the stretch of VMX operation that a vCPU borrows.
 */
#ifndef MINIVMX_WINDOW_H
#define MINIVMX_WINDOW_H

#include "host_state.h"

struct vcpu;

/**
 * struct window - VMX operation on one CPU, with interrupts off
 * @host_cr4: for vmx_cpu_leave()
 * @host: what the exits lose
 */
struct window {
	unsigned long host_cr4;
	struct host_state host;
};

int window_open(struct vcpu *vcpu, struct window *window);
void window_close(struct vcpu *vcpu, const struct window *window);
void window_explain(const struct vcpu *vcpu, int err);

#endif /* MINIVMX_WINDOW_H */
