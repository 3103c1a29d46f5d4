/*
 * EPT as a picture: guest-physical pages from top to bottom, the timeline's time
 * across. A page has no entry in EPT until the guest touches it; that is an EPT
 * violation, and from then on it is there.
 */
const accesses = [
	{ name: "read", colour: "read" }, { name: "write", colour: "write" },
	{ name: "instruction fetch", colour: "fetch" },
];
const PAGE_SHIFT = 12n;

/* [{ page, inMemory, touches: [{ i, access }] }], by address */
let pages = [];

/* Of an access that reads and writes, the write is what needs the right. */
function accessOf(i) {
	const q = col.qualification[i];

	return bits(q, 2, 2) ? 2 : bits(q, 1, 1) ? 1 : 0;
}

function readPages() {
	const found = new Map();

	for (const i of order) {
		if (basic(i) !== 48)
			continue;
		const page = BigInt(col.physical[i]) >> PAGE_SHIFT;

		if (!found.has(page))
			found.set(page, { page, inMemory: page << PAGE_SHIFT < BigInt(data.memory), touches: [] });
		found.get(page).touches.push({ i, access: accessOf(i) });
	}
	pages = [...found.values()].sort((a, b) => b.inMemory - a.inMemory || (a.page < b.page ? -1 : 1));
	inMemory = pages.filter(row => row.inMemory).length;
}

/* Where row n is, and how high: addresses without memory are set off below. */
const MEMORY_HEIGHT = 260, DEVICE_HEIGHT = 90, SET_OFF = 6;
let inMemory = 0;	/* rows of memory */

function rowBox(n) {
	const high = Math.min(14, MEMORY_HEIGHT / Math.max(inMemory, 1));
	const deviceHigh = Math.min(14, DEVICE_HEIGHT / Math.max(pages.length - inMemory, 1));

	return n < inMemory ? { y: n * high, high } :
		{ y: inMemory * high + (inMemory ? SET_OFF : 0) + (n - inMemory) * deviceHigh, high: deviceHigh };
}

function paintPage(context, row, { y, high }, width) {
	const thick = high > 3 ? high - 1 : high;

	row.touches.forEach((touch, n) => {
		const x = toX(moments(touch.i)[1], width);

		context.fillStyle = colour(accesses[touch.access].colour);
		if (row.inMemory) {
			const after = row.touches[n + 1];
			const end = after ? toX(moments(after.i)[1], width) : width;
			const left = Math.max(x, LABELS);

			if (end > left)
				context.fillRect(left, y, Math.max(Math.min(end, width) - left, 1.5), thick);
		} else if (x >= LABELS && x <= width) {
			context.fillRect(x - 1, y, 2, thick);
		}
	});
}

/* Where a run of pages begins: its address, if there is room. */
function paintAddresses(context) {
	let last = -20;

	context.fillStyle = colour("soft");
	context.textAlign = "left";
	pages.forEach((row, n) => {
		const box = rowBox(n), y = Math.max(box.y + box.high / 2, 6);
		const begins = n === 0 || n === inMemory || pages[n - 1].page + 1n !== row.page;

		if (!begins || y - last < 13)
			return;
		last = y;
		context.fillText((row.page << PAGE_SHIFT).toString(16) + "h", 0, y);
	});
}

function paintMemory() {
	const canvas = $("memory"), height = Math.max(Math.ceil(rowBox(pages.length).y), 14);
	const { context, width } = prepare(canvas, height);

	context.font = "11px " + colour("mono");
	context.fillStyle = colour("hover");
	context.fillRect(LABELS, 0, width - LABELS, height);
	pages.forEach((row, n) => paintPage(context, row, rowBox(n), width));
	paintAddresses(context);
	paintChosen(context, height, width);
	canvas.setAttribute("aria-label", `${pages.length} guest-physical pages that EPT violations were about`);
}

/* The page at a point, and the violation that was last by then. */
function touchAt(x, y, width) {
	const at = fromX(x, width);
	const row = pages.find((_, n) => y >= rowBox(n).y && y < rowBox(n).y + rowBox(n).high);

	if (!row || x < LABELS)
		return null;
	const by = row.touches.filter(t => moments(t.i)[1] <= at);
	return { row, touch: by[by.length - 1] };
}

function memoryTip({ row, touch }) {
	const address = hex(row.page << PAGE_SHIFT), tip = [make("b", "", address)];

	if (!touch)
		tip.push(" not mapped yet");
	else if (row.inMemory)
		tip.push(` mapped, for the ${accesses[touch.access].name} of exit ${number(place[touch.i] + 1)}`);
	else
		tip.push(` no memory: never mapped; the ${accesses[touch.access].name} of exit ` +
			`${number(place[touch.i] + 1)} is a device's`);
	return tip;
}

function startMemory() {
	readPages();
	for (const access of accesses)
		$("memory-legend").append(swatch(`var(--${access.colour})`), access.name + "\u2003");
	const devices = pages.length - inMemory;

	$("memory-note").textContent = pages.length === 0 ? "There was no EPT violation." :
		`${number(inMemory)} of ${number(Math.ceil(data.memory / 4096))} pages of the guest's memory` +
		(devices ? `, and ${number(devices)} ${devices > 1 ? "pages" : "page"} where no memory is, below: never mapped, each access is a violation` : "") +
		". A bar begins at the EPT violation that had the page mapped. The host may map 2 MiB at once, " +
		"and take pages out again: that is no exit, and not in the picture.";
	$("memory").hidden = pages.length === 0;
	$("memory-legend").hidden = pages.length === 0;
	if (pages.length === 0)
		return;
	painters.push(paintMemory);
	listen($("memory"), (e, click) => {
		const hit = touchAt(e.offsetX, e.offsetY, $("memory").clientWidth);

		if (!hit)
			hideTip();
		else if (click && hit.touch)
			choose(hit.touch.i);
		else
			showTip(e.clientX, e.clientY, memoryTip(hit));
	});
}
