/*
 * One exit: the instruction, the qualification bit by bit, and what the processor
 * saved and loaded, with the SDM's words.
 */
function table(className, rows) {
	const node = make("table", className);

	for (const cells of rows) {
		const row = make("tr");

		cells.forEach((cell, n) => row.append(n === 0 && !className ? make("th", "", cell) : make("td", n === 1 && !className ? "value" : "", cell)));
		node.append(row);
	}
	return node;
}

function instruction(i) {
	const { bytes, text } = code(i), outside = notTheInstruction.has(basic(i));
	const note = (text ? bytes + "  \u00b7  " : "") + where(i) + "  \u00b7  " + mode(i) +
		(outside ? "  \u00b7  not begun: the exit came from outside" : "");

	return make("div", "insn", text || "its bytes are not known", make("small", "", note));
}

/* What MINIVMX_RUN returned with, INTR for a signal; 0, it failed. */
function userExit(i) {
	const n = col.user_exit[i];

	return n ? "for MINIVMX_EXIT_" + (data.user_exits[n] || n) : "for no exit";
}

/* What else the exit left in the VMCS, as far as it means something. */
function circumstances(i) {
	const rows = [
		["Guest, before", number(guestTime(i)) + " ticks"],
		["Kernel, after", number(kernelTime(i)) + " ticks"],
	];

	if (toUser(i))
		rows.push(["VMM, after", `${number(vmmTime(i))} ticks, ${userExit(i)}`]);
	if (data.cpus > 1)
		rows.unshift(["vCPU", String(col.cpu[i])]);
	if (col.injected[i])
		rows.push(["Entry injected", event(col.injected[i])]);
	if (basic(i) === 0 || basic(i) === 1)
		rows.push(["Interruption info", `${hex(col.interruption_info[i], 8)}: ${event(col.interruption_info[i])}`]);
	if (col.interruption_info[i] >>> 31 && col.interruption_info[i] & 0x800)
		rows.push(["Error code", hex(col.interruption_error[i])]);
	if (col.idt_vectoring_info[i] >>> 31)
		rows.push(["Interrupted delivery", event(col.idt_vectoring_info[i])]);
	if (basic(i) === 48 || basic(i) === 49)
		rows.push(["Guest-physical", hex(col.physical[i])]);
	if (basic(i) === 48 && bits(col.qualification[i], 7, 7))
		rows.push(["Guest-linear", hex(col.linear[i])]);
	if ([10, 18, 28, 29, 30, 31, 32, 55].includes(basic(i)))
		rows.push([[28, 29].includes(basic(i)) ? "Operand" : [32, 55].includes(basic(i)) ? "EDX:EAX" : "RAX",
			hex(col.value[i]) + (BigInt(col.value[i]) === BigInt(col.result[i]) ? "" : " \u2192 " + hex(col.result[i]))]);
	return table("", rows);
}

/* ------------------------- saved and loaded ------------------------------- */

function fieldTip(field, i) {
	const value = known[field.name], control = exitControls[field.condition];
	const tip = [make("b", "", field.sdmName), value ? " = " + hex(value(i)) : "", make("br"), field.words];

	if (control)
		tip.push(make("small", "", `“${control}” is ${holds(field.condition, i) ? 1 : 0} here.`));
	tip.push(make("small", "", `Encoding ${hex(field.encoding, 4)}. SDM Vol. 3C, ${field.heading}`));
	return tip;
}

/* A list with one tab stop; arrows go through it, and each field explains itself. */
function fieldList(fields, i) {
	const list = make("ul", "fields");
	let here = -1;

	const explain = n => {
		list.children[here]?.classList.remove("here");
		here = n;
		const item = list.children[n], box = item.getBoundingClientRect();
		item.classList.add("here");
		showTip(box.left, box.bottom, fieldTip(fields[n], i), item);
		list.setAttribute("aria-label", `${fields[n].sdmName}. ${fields[n].words}`);
	};
	fields.forEach((field, n) => {
		const value = known[field.name];
		const item = make("li", holds(field.condition, i) ? "" : "not", field.name + (value ? " = " + hex(value(i)) : ""));

		item.addEventListener("pointerenter", () => explain(n));
		item.addEventListener("pointerleave", hideTip);
		list.append(item);
	});
	list.tabIndex = 0;
	list.addEventListener("focus", () => { if (list.matches(":focus-visible")) explain(Math.max(here, 0)); });
	list.addEventListener("blur", () => {
		list.children[here]?.classList.remove("here");
		hideTip();
	});
	list.addEventListener("keydown", e => {
		const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[e.key];

		if (e.key === "Escape")
			hideTip();
		if (!step)
			return;
		e.preventDefault();
		explain(Math.min(Math.max(here + step, 0), fields.length - 1));
	});
	return list;
}

/* Whether the reader has opened or closed a group holds for the next exit, too. */
const open = new Map();

function fieldGroups(groups, i) {
	return [...groups].filter(([, fields]) => fields.length).map(([heading, fields]) => {
		const done = fields.filter(field => holds(field.condition, i)).length;
		const node = make("details", "", make("summary", "", heading + " ",
			make("small", "", done === fields.length ? `${done} fields` : `${done} of ${fields.length} fields`)),
		fieldList(fields, i));

		node.open = open.get(heading) ?? true;
		node.addEventListener("toggle", () => open.set(heading, node.open));
		return node;
	});
}

/* A failed VM entry is no VM exit: SDM Vol. 3C, "VM-Entry Failures During or After
 * Loading Guest State", 27.8, edition 083. */
function saved(i) {
	if (failed(i))
		return [make("p", "note", "None: the VM entry failed. Guest state is not saved, and a failed entry stores no MSRs (27.8).")];
	return [make("p", "note", "Before these: exit reason, qualification and the other fields of 28.2. Struck out: not saved here."),
		...fieldGroups(savedFields, i)];
}

function showDetail(i) {
	const q = decode(i);

	hideTip();
	$("detail").replaceChildren(
		make("h3", "", swatch(`var(--${reasonColours.get(basic(i))})`), `${number(place[i] + 1)}. ${reasonName(basic(i))} (${basic(i)})`),
		make("p", "note", what(i) || "\u00a0"),
		instruction(i),
		circumstances(i),
		make("h3", "", "Exit qualification " + hex(col.qualification[i])),
		q.length ? table("bits", q.map(([range, name, , meaning]) => [range, name, meaning])) :
			make("p", "note", "This reason has none: the field is cleared."),
		make("h3", "", "What the processor saved"),
		...saved(i),
		make("h3", "", "What it loaded"),
		make("p", "note", alwaysSet),
		...fieldGroups(loadedFields, i));
}
