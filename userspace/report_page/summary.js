/*
 * What is above the timeline: who had the time, and a pie of reasons.
 */
const SLICES = 8;

/* [{ reason, exits, ticks, colour }], the most frequent first */
const reasons = (() => {
	const found = new Map();

	for (let i = 0; i < count; i++) {
		const r = basic(i);

		if (!found.has(r))
			found.set(r, { reason: r, exits: 0, ticks: 0 });
		found.get(r).exits++;
		found.get(r).ticks += kernelTime(i) + vmmTime(i);
	}
	return [...found.values()].sort((a, b) => b.exits - a.exits || a.reason - b.reason)
		.map((row, n) => ({ ...row, colour: n < SLICES ? "r" + n : "other" }));
})();
const reasonColours = new Map(reasons.map(row => [row.reason, row.colour]));
const reasonColour = reason => colour(reasonColours.get(reason));

function swatch(background) {
	const node = make("span", "swatch");

	node.style.background = background;
	return node;
}

/* ------------------------- who had the time ------------------------------- */

function showShares() {
	const sums = { guest: 0, kernel: 0, vmm: 0 };

	for (let i = 0; i < count; i++) {
		sums.guest += guestTime(i);
		sums.kernel += kernelTime(i);
		sums.vmm += vmmTime(i);
	}
	const all = sums.guest + sums.kernel + sums.vmm;
	const bar = make("div", "bar"), list = make("dl");

	for (const [key, name, place] of [["guest", "Guest", "VMX non-root operation"],
		["kernel", "Kernel", "minivmx.ko"], ["vmm", "VMM", "vmrun"]]) {
		const part = make("span");

		part.style.flex = String(sums[key] / (all || 1));
		part.style.background = `var(--${key})`;
		bar.append(part);
		list.append(make("div", "", make("dt", "", swatch(`var(--${key})`), name),
			make("dd", "", make("b", "", percent(sums[key], all)), number(sums[key]) + " ticks", make("br"), place)));
	}
	bar.setAttribute("role", "img");
	bar.setAttribute("aria-label", "Shares of the time; the figures follow");
	$("shares").append(bar, list);
	$("shares-note").textContent = "Ticks are those of the host's time-stamp counter: cycles at a fixed rate on hardware, " +
		"instructions in Bochs. The guest's time includes VM entry and VM exit; the VMM's is from the return of MINIVMX_RUN " +
		"to the next VM entry, what the VMM waits for included.";
}

function showFacts() {
	const cpuText = data.cpus > 1 ? `, ${data.cpus} vCPUs` : "";
	const users = col.flags.filter(f => f & TO_USER).length;
	const kept = count < data.exits ? `the first ${number(count)} of ${number(data.exits)} VM exits` : `${number(count)} VM exits`;

	document.title = `${guestName}: ${number(data.exits)} VM exits`;
	$("guest").textContent = guestName;
	$("facts").textContent = `${kept}, of which ${number(users)} reached the VMM${cpuText}; ` +
		`${number(extent())} ticks from the first VM entry to the end`;
}

/* ------------------------- the pie ---------------------------------------- */

function slice(from, to) {
	const at = share => `${(50 * Math.sin(2 * Math.PI * share)).toFixed(3)} ${(-50 * Math.cos(2 * Math.PI * share)).toFixed(3)}`;

	return `M0 0L${at(from)}A50 50 0 ${to - from > .5 ? 1 : 0} 1 ${at(to)}Z`;
}

function svg(tag, attributes) {
	const node = document.createElementNS("http://www.w3.org/2000/svg", tag);

	for (const [name, value] of Object.entries(attributes))
		node.setAttribute(name, value);
	return node;
}

function showPie(measured) {
	const all = reasons.reduce((sum, row) => sum + row[measured], 0) || 1;
	const picture = svg("svg", { viewBox: "-51 -51 102 102", role: "img", "aria-label": "Pie of exit reasons; the list beside it has the figures" });
	const list = make("ul");
	let from = 0;

	for (const row of [...reasons].sort((a, b) => b[measured] - a[measured])) {
		const share = row[measured] / all, filter = () => setFilter("reason:" + row.reason);
		const part = share > .9999 ? svg("circle", { r: 50 }) : svg("path", { d: slice(from, from + share) });
		const title = svg("title", {});

		title.textContent = `${reasonName(row.reason)}: ${percent(share, 1)}`;
		part.append(title);
		part.style.fill = `var(--${row.colour})`;
		part.addEventListener("click", filter);
		if (share > 0)
			picture.append(part);
		from += share;
		const button = make("button", "", swatch(`var(--${row.colour})`), make("span", "", reasonName(row.reason)),
			make("b", "", number(row[measured])), make("i", "", percent(share, 1)));
		button.title = "Only these in the list";
		button.addEventListener("click", filter);
		list.append(make("li", "", button));
	}
	$("pie").replaceChildren(picture, list);
	$("pie-exits").setAttribute("aria-pressed", measured === "exits");
	$("pie-time").setAttribute("aria-pressed", measured === "ticks");
}

function startSummary() {
	showFacts();
	showShares();
	showPie("exits");
	$("pie-exits").addEventListener("click", () => showPie("exits"));
	$("pie-time").addEventListener("click", () => showPie("ticks"));
}
