/*
 * Exit reasons, and what the bits of the exit qualification mean.
 * Sources: SDM Vol. 3D, "VMX Basic Exit Reasons", Appendix C, and Vol. 3C, "Basic
 * VM-Exit Information", 28.2.1, edition 083.
 */
const reasonNames = {
	0: "Exception or NMI", 1: "External interrupt", 2: "Triple fault", 3: "INIT signal",
	4: "Start-up IPI (SIPI)", 5: "I/O SMI", 6: "Other SMI", 7: "Interrupt window",
	8: "NMI window", 9: "Task switch", 10: "CPUID", 11: "GETSEC", 12: "HLT", 13: "INVD",
	14: "INVLPG", 15: "RDPMC", 16: "RDTSC", 17: "RSM", 18: "VMCALL", 19: "VMCLEAR",
	20: "VMLAUNCH", 21: "VMPTRLD", 22: "VMPTRST", 23: "VMREAD", 24: "VMRESUME",
	25: "VMWRITE", 26: "VMXOFF", 27: "VMXON", 28: "Control-register access", 29: "MOV DR",
	30: "I/O instruction", 31: "RDMSR", 32: "WRMSR",
	33: "VM-entry failure: invalid guest state", 34: "VM-entry failure: MSR loading",
	36: "MWAIT", 37: "Monitor trap flag", 39: "MONITOR", 40: "PAUSE",
	41: "VM-entry failure: machine check", 43: "TPR below threshold", 44: "APIC access",
	45: "Virtualized EOI", 46: "Access to GDTR or IDTR", 47: "Access to LDTR or TR",
	48: "EPT violation", 49: "EPT misconfiguration", 50: "INVEPT", 51: "RDTSCP",
	52: "VMX-preemption timer expired", 53: "INVVPID", 54: "WBINVD or WBNOINVD",
	55: "XSETBV", 56: "APIC write", 57: "RDRAND", 58: "INVPCID", 59: "VMFUNC", 60: "ENCLS",
	61: "RDSEED", 62: "Page-modification log full", 63: "XSAVES", 64: "XRSTORS",
	65: "PCONFIG", 66: "SPP-related event", 67: "UMWAIT", 68: "TPAUSE", 69: "LOADIWKEY",
	70: "ENCLV", 72: "ENQCMD PASID translation failure",
	73: "ENQCMDS PASID translation failure", 74: "Bus lock", 75: "Instruction timeout",
	76: "SEAMCALL", 77: "TDCALL", 78: "RDMSRLIST", 79: "WRMSRLIST",
};

const reasonName = r => reasonNames[r] || "Reason " + r;

/* These come from outside: the instruction at RIP has not begun. */
const notTheInstruction = new Set([1, 2, 3, 4, 5, 6, 7, 8, 33, 34, 37, 41, 43, 45, 52, 56, 62, 75]);

const registers = ["RAX", "RCX", "RDX", "RBX", "RSP", "RBP", "RSI", "RDI",
	"R8", "R9", "R10", "R11", "R12", "R13", "R14", "R15"];
const exceptionNames = { 0: "#DE", 1: "#DB", 2: "NMI", 3: "#BP", 4: "#OF", 5: "#BR", 6: "#UD",
	7: "#NM", 8: "#DF", 10: "#TS", 11: "#NP", 12: "#SS", 13: "#GP", 14: "#PF", 16: "#MF",
	17: "#AC", 18: "#MC", 19: "#XM", 20: "#VE", 21: "#CP" };
const eventTypes = ["external interrupt", "reserved", "NMI", "hardware exception",
	"software interrupt", "privileged software exception", "software exception", "other event"];

const yes = (one, zero) => v => v ? one : zero;
const pick = list => v => list[v] || "reserved";
const crRegister = v => registers[v];

/* reason: [highest bit, lowest bit, what the SDM calls it, value -> its meaning] */
const qualifications = {
	9: [
		[31, 30, "Source of task switch", pick(["CALL", "IRET", "JMP", "task gate in IDT"])],
		[15, 0, "Selector of the new TSS", v => hex(v, 4)],
	],
	28: [
		[3, 0, "Number of control register", v => "CR" + v],
		[5, 4, "Access type", pick(["MOV to CR", "MOV from CR", "CLTS", "LMSW"])],
		[6, 6, "LMSW operand type", yes("memory", "register")],
		[11, 8, "General-purpose register", crRegister],
		[31, 16, "LMSW source data", v => hex(v, 4)],
	],
	29: [
		[2, 0, "Number of debug register", v => "DR" + v],
		[4, 4, "Direction of access", yes("MOV from DR", "MOV to DR")],
		[11, 8, "General-purpose register", crRegister],
	],
	30: [
		[2, 0, "Size of access", pick(["1 byte", "2 bytes", , "4 bytes"])],
		[3, 3, "Direction of access", yes("IN", "OUT")],
		[4, 4, "String instruction", yes("INS or OUTS", "not string")],
		[5, 5, "REP prefixed", yes("REP", "not REP")],
		[6, 6, "Operand encoding", yes("immediate", "DX")],
		[31, 16, "Port number", v => hex(v)],
	],
	33: [
		[31, 0, "What was invalid", v => ({ 0: "no particular item", 2: "the PDPTEs",
			3: "injection of an NMI while STI or MOV SS blocks",
			4: "the VMCS link pointer" }[v] || "reserved")],
	],
	34: [[31, 0, "Entry of the MSR-load area, from 1 on", v => String(v)]],
	36: [[0, 0, "Address-range monitoring hardware", yes("armed", "not armed")]],
	44: [
		[11, 0, "Offset in the APIC page", v => hex(v, 3)],
		[15, 12, "Type of access", pick(["linear, data read", "linear, data write",
			"linear, instruction fetch", "linear, during event delivery"])],
	],
	45: [[7, 0, "Vector", v => hex(v, 2)]],
	48: [
		[0, 0, "Data read", yes("yes", "no")],
		[1, 1, "Data write", yes("yes", "no")],
		[2, 2, "Instruction fetch", yes("yes", "no")],
		[3, 3, "The address was readable", yes("yes", "no")],
		[4, 4, "The address was writable", yes("yes", "no")],
		[5, 5, "The address was executable", yes("yes", "no")],
		[7, 7, "Guest linear-address field", yes("valid", "not valid")],
		[8, 8, "Access to", yes("the translation of the linear address",
			"a paging-structure entry")],
		[12, 12, "NMI unblocking due to IRET", yes("yes", "no")],
		[16, 16, "Asynchronous to instruction execution", yes("yes", "no")],
	],
	62: [[12, 12, "NMI unblocking due to IRET", yes("yes", "no")]],
};
qualifications[56] = [[11, 0, "Offset in the APIC page", v => hex(v, 3)]];

/* Of #DB, and of nothing else with reason 0 but #PF, whose address it is. */
const debugBits = [
	[3, 0, "Breakpoint conditions met (B3 to B0)", v => v.toString(2).padStart(4, "0")],
	[13, 13, "Debug-register access detected (BD)", yes("yes", "no")],
	[14, 14, "Single instruction or branch (BS)", yes("yes", "no")],
];
const addressOnly = what => [[63, 0, what, v => hex(v)]];

function bits(value, high, low) {
	return Number(BigInt.asUintN(high - low + 1, BigInt(value) >> BigInt(low)));
}

/* Rows of the table for this exit; none: the reason has no qualification. */
function layout(i) {
	const reason = basic(i), vector = col.interruption_info[i] & 0xff;

	if (reason === 0 && vector === 1)
		return debugBits;
	if (reason === 0 && vector === 14)
		return addressOnly("Linear address that caused the page fault");
	if (reason === 14)
		return addressOnly("Linear address of the operand");
	if (reason === 48 && !bits(col.qualification[i], 7, 7))
		return qualifications[48].filter(row => row[0] !== 8);
	if (reason === 28) {
		const type = bits(col.qualification[i], 5, 4);

		return qualifications[28].filter(row =>
			!(type === 3 ? row[0] === 11 : row[0] === 6 || row[0] === 31) &&
			!(type === 2 && row[0] === 11));
	}
	return qualifications[reason] || [];
}

/* [bits, what, value, meaning] for each part of this exit's qualification. */
function decode(i) {
	return layout(i).map(([high, low, what, meaning]) => {
		const whole = high === 63 ? col.qualification[i] : bits(col.qualification[i], high, low);

		return [high === low ? String(high) : high + ":" + low, what, whole, meaning(whole)];
	});
}

/* Interruption information: SDM Vol. 3C, table "Format of the VM-Exit
 * Interruption-Information Field", 25.9.2; the other two are laid out alike. */
function event(info) {
	const vector = info & 0xff, type = eventTypes[info >> 8 & 7];

	if (!(info >>> 31))
		return "none";
	return (info >> 8 & 7) === 0 || (info >> 8 & 7) === 4 ? type + " " + hex(vector, 2) :
		(exceptionNames[vector] || "vector " + vector) + ", " + type;
}

/* ------------------------- a line about an exit --------------------------- */

/* The registers that EDX:EAX, RAX or a general-purpose one are, as a value. */
const sized = (value, bytes) => hex(BigInt.asUintN(8 * bytes, BigInt(value)), 2 * bytes);

function ioText(i) {
	const q = col.qualification[i], size = bits(q, 2, 0) + 1, isIn = bits(q, 3, 3);
	const port = hex(bits(q, 31, 16));
	let text = (bits(q, 5, 5) ? "REP " : "") + (isIn ? "IN" : "OUT") + (bits(q, 4, 4) ? "S " : " ") + port;

	if (isIn || bits(q, 4, 4))
		return text;
	text += " \u2190 " + sized(col.value[i], size);
	const c = Number(BigInt.asUintN(8, BigInt(col.value[i])));
	if (size === 1 && port === "0x3f8")
		text += c === 10 ? " '\\n'" : c > 31 && c < 127 ? " '" + String.fromCharCode(c) + "'" : "";
	return text;
}

function crText(i) {
	const q = col.qualification[i], cr = "CR" + bits(q, 3, 0);

	switch (bits(q, 5, 4)) {
	case 0: return cr + " \u2190 " + hex(col.value[i]);
	case 1: return cr + " \u2192 " + hex(col.result[i]);
	case 2: return "CLTS";
	default: return "LMSW " + hex(bits(q, 31, 16), 4);
	}
}

const accessText = q => ["read", "write", "fetch"].filter((_, bit) => bits(q, bit, bit)).join("+") || "access";

function what(i) {
	const q = col.qualification[i];

	switch (basic(i)) {
	case 0: return event(col.interruption_info[i]);
	case 10: return "leaf " + sized(col.value[i], 4) + ", subleaf " + hex(col.rcx[i]);
	case 14: return hex(q);
	case 18: return "RAX " + hex(col.value[i]);
	case 28: return crText(i);
	case 29: return bits(q, 4, 4) ? "DR" + bits(q, 2, 0) + " \u2192 " + hex(col.result[i]) :
		"DR" + bits(q, 2, 0) + " \u2190 " + hex(col.value[i]);
	case 30: return ioText(i);
	case 31: return "MSR " + hex(col.rcx[i]) + " \u2192 " + hex(col.result[i]);
	case 32: return "MSR " + hex(col.rcx[i]) + " \u2190 " + hex(col.value[i]);
	case 48: return accessText(q) + " " + hex(col.physical[i]);
	case 49: return hex(col.physical[i]);
	case 55: return "XCR" + col.rcx[i] + " \u2190 " + hex(col.value[i]);
	default: return "";
	}
}
