/*
 * What vmrun wrote into the page: columns, a number for each exit. Those that are
 * longer than a number of JavaScript come as "0x..." strings: BigInt() takes both.
 */
const data = JSON.parse(document.getElementById("data").textContent);
const col = data.columns;
/* A file's name is bytes, each a character in JSON: most are UTF-8. */
const guestName = new TextDecoder().decode(Uint8Array.from(data.guest, c => c.charCodeAt(0)));
const count = col.reason.length;

/* struct minivmx_trace_record, flags: MINIVMX_TRACE_* of uapi/minivmx_trace.h */
const { TO_USER, PROTECTED, PAGING, LONG, CODE_32, CODE_64 } = data.flags;
const ENTRY_FAILED = 0x80000000;

const $ = id => document.getElementById(id);
const number = n => Math.round(n).toLocaleString("en");
const hex = (value, digits = 0) => "0x" + BigInt(value).toString(16).padStart(digits, "0");
const basic = i => col.reason[i] & 0xffff;
const failed = i => col.reason[i] >= ENTRY_FAILED;

/* make("b", "class", child...): an element; a string becomes text, never markup. */
function make(tag, className, ...children) {
	const node = document.createElement(tag);

	if (className)
		node.className = className;
	node.append(...children);
	return node;
}

/* Colours of page.css, for canvases; forgotten when the theme changes. */
const colours = new Map();

function colour(name) {
	if (!colours.has(name))
		colours.set(name, getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim());
	return colours.get(name);
}

/* "1.2 %", and nothing is 0 that is not. */
function percent(part, whole) {
	const p = whole ? 100 * part / whole : 0;

	if (p > 0 && p < 0.1)
		return "< 0.1 %";
	return (p >= 99.95 || p === 0 ? p.toFixed(0) : p.toFixed(1)) + " %";
}

/* ------------------------- time ------------------------------------------ */

/* Exits in the order of time; those of each vCPU. */
const order = Array.from({ length: count }, (_, i) => i);
const cpus = Array.from({ length: data.cpus }, () => []);

/*
 * Four moments of each exit, in TSC ticks: VM entry, VM exit, dealt with, and the
 * next entry of that vCPU. What is between the last two is the VMM's if
 * MINIVMX_RUN returned, else the kernel's: a window ended, and another began.
 * Counters of two processors may differ: time never runs backwards here.
 */
const entry = new Float64Array(count), exit = new Float64Array(count),
	done = new Float64Array(count), next = new Float64Array(count);

function readTimes() {
	const last = new Float64Array(data.cpus);

	for (let i = 0; i < count; i++) {
		entry[i] = Math.max(Number(col.entry[i]), last[col.cpu[i]]);
		exit[i] = entry[i] + Math.max(Number(col.exit[i]), 0);
		done[i] = next[i] = exit[i] + Math.max(Number(col.done[i]), 0);
		last[col.cpu[i]] = done[i];
		cpus[col.cpu[i]].push(i);
	}
	for (const exits of cpus)
		for (let k = 1; k < exits.length; k++)
			next[exits[k - 1]] = entry[exits[k]];
	if (data.cpus > 1)
		order.sort((a, b) => exit[a] - exit[b] || a - b);
}

const toUser = i => (col.flags[i] & TO_USER) !== 0;
const guestTime = i => exit[i] - entry[i];
const kernelTime = i => done[i] - exit[i] + (toUser(i) ? 0 : next[i] - done[i]);
const vmmTime = i => toUser(i) ? next[i] - done[i] : 0;

readTimes();

/* The place of each exit in the order: its number in the page, from 1 on. */
const place = new Int32Array(count);

order.forEach((i, k) => { place[i] = k; });

/* ------------------------- the instruction -------------------------------- */

/* Each different instruction is there once: its bytes, and as text. */
function code(i) {
	const [bytes, text] = data.code[col.code[i]];

	return { bytes, text };
}

function mode(i) {
	const flags = col.flags[i];

	if (!(flags & PROTECTED))
		return "real mode";
	if (!(flags & LONG))
		return (flags & CODE_32 ? "32-bit" : "16-bit") + " protected mode" +
			(flags & PAGING ? " with paging" : "");
	return flags & CODE_64 ? "64-bit mode" : "compatibility mode";
}

/* Where the instruction is, as the guest's own code would say it. */
function where(i) {
	const base = BigInt(col.cs_base[i]);

	if (!(col.flags[i] & PROTECTED))
		return (base >> 4n).toString(16).padStart(4, "0") + ":" +
			BigInt(col.rip[i]).toString(16).padStart(4, "0");
	return hex(col.rip[i]);
}
