/*
 * The timeline: for each vCPU what exits there were, and the three layers. Zoomed
 * in, a layer is a rectangle for each time that it had the processor; zoomed out,
 * each column of pixels is filled as high as the layer's share of that time.
 */
const layers = [
	{ name: "VMM", colour: "vmm" }, { name: "kernel", colour: "kernel" },
	{ name: "guest", colour: "guest" },
];
const STRIP = 10, LAYER = 30, GAP = 12, LABELS = 62, AXIS = 24;

/* What both pictures show of the whole, and how: its unit is ticks or exits. */
const view = { from: 0, to: 1, byTime: true };
let chosen = -1;	/* the exit that is chosen in the list */
const painters = [];	/* functions that paint what depends on the view */

/*
 * Where the four moments of exit i are: by time, as they are; by exit, each exit is
 * as long as any other, divided as its time was.
 */
function moments(i) {
	const at = [entry[i], exit[i], done[i], next[i]];

	if (view.byTime)
		return at;
	const whole = at[3] - at[0] || 1;
	return at.map(t => place[i] + (t - at[0]) / whole);
}

const extent = () => view.byTime ? Math.max(1, next.reduce((a, b) => Math.max(a, b), 0)) : Math.max(1, count);

/* For each vCPU: the moments of its exits, and what each layer has had by then. */
let lanes = [];

function layOut() {
	lanes = cpus.map(exits => {
		const n = exits.length;
		const lane = { exits, at: Array.from({ length: 4 }, () => new Float64Array(n)),
			sums: layers.map(() => new Float64Array(n + 1)) };

		exits.forEach((i, k) => {
			const m = moments(i), vmm = toUser(i) ? m[3] - m[2] : 0;

			for (let a = 0; a < 4; a++)
				lane.at[a][k] = m[a];
			lane.sums[0][k + 1] = lane.sums[0][k] + vmm;
			lane.sums[1][k + 1] = lane.sums[1][k] + m[3] - m[1] - vmm;
			lane.sums[2][k + 1] = lane.sums[2][k] + m[1] - m[0];
		});
		return lane;
	});
}

/* How many elements of a sorted array are not above x. */
function upTo(array, x) {
	let low = 0, high = array.length;

	while (low < high) {
		const middle = low + high >> 1;

		if (array[middle] <= x)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* When a layer has the k-th exit of a lane: from and to. */
function span(lane, layer, k) {
	const user = toUser(lane.exits[k]), [a, b] = layer === 2 ? [0, 1] : layer === 1 ? [1, user ? 2 : 3] : [2, user ? 3 : 2];

	return [lane.at[a][k], lane.at[b][k]];
}

/* How much a layer has had from the beginning to x. */
function had(lane, layer, x) {
	const k = upTo(lane.at[0], x) - 1;

	if (k < 0)
		return 0;
	const [from, to] = span(lane, layer, k);

	return lane.sums[layer][k] + Math.min(x, to) - Math.min(x, from);
}

/* ------------------------- painting --------------------------------------- */

/* A canvas in pixels of the screen, and its context in those of CSS. On paper there
 * are more, and the width is about that of A4 between margins. */
const PAPER_WIDTH = 690;
let onPaper = false;

function prepare(canvas, height) {
	const ratio = onPaper ? 3 : window.devicePixelRatio || 1;
	const width = onPaper ? PAPER_WIDTH : canvas.clientWidth || 1000;

	canvas.style.height = height + "px";
	canvas.width = Math.round(width * ratio);
	canvas.height = Math.round(height * ratio);
	const context = canvas.getContext("2d");
	context.setTransform(ratio, 0, 0, ratio, 0, 0);
	context.font = "12px system-ui, sans-serif";
	context.textBaseline = "middle";
	return { context, width, ratio };
}

const toX = (at, width) => LABELS + (at - view.from) / (view.to - view.from) * (width - LABELS);
const fromX = (x, width) => view.from + (x - LABELS) / (width - LABELS) * (view.to - view.from);

function paintSpans(context, lane, layer, y, width, first, end) {
	for (let k = first; k < end; k++) {
		const [from, to] = span(lane, layer, k).map(at => Math.min(Math.max(toX(at, width), LABELS), width));

		if (to > from)
			context.fillRect(from, y, Math.max(to - from, .75), LAYER);
	}
}

function paintLayer(context, lane, layer, y, width, step) {
	const first = Math.max(0, upTo(lane.at[0], view.from) - 1), end = upTo(lane.at[0], view.to);

	context.fillStyle = colour(layers[layer].colour);
	if (end - first < width / 6) {
		paintSpans(context, lane, layer, y, width, first, end);
		return;
	}
	let before = had(lane, layer, fromX(LABELS, width));
	const whole = fromX(LABELS + step, width) - fromX(LABELS, width);

	for (let x = LABELS; x < width; x += step) {
		const after = had(lane, layer, fromX(x + step, width));
		const share = Math.min(1, (after - before) / whole);

		before = after;
		if (share <= 0)
			continue;
		/* What is there can be seen. */
		const high = Math.max(LAYER * share, 1);
		context.fillRect(x, y + LAYER - high, step, high);
	}
}

/* A mark at each exit in the colour of its reason; of many, the last. */
function paintExits(context, lane, y, width) {
	let last = -1;
	const end = upTo(lane.at[1], view.to);

	for (let k = Math.max(0, upTo(lane.at[1], view.from) - 1); k < end; k++) {
		const x = Math.floor(toX(lane.at[1][k], width));

		if (x < LABELS || x === last)
			continue;
		last = x;
		context.fillStyle = reasonColour(basic(lane.exits[k]));
		context.fillRect(x, y, 1.5, STRIP);
	}
}

/* 1, 2 or 5 times a power of ten, of which about `most` fit. */
function niceStep(span, most) {
	const raw = span / most, power = 10 ** Math.floor(Math.log10(raw));

	return [1, 2, 5, 10].find(m => m * power >= raw) * power;
}

function paintAxis(context, y, width) {
	const step = Math.max(niceStep(view.to - view.from, width / 130), 1);
	const shift = view.byTime ? 0 : 1;	/* exits count from 1 */

	context.fillStyle = colour("soft");
	context.strokeStyle = colour("line");
	context.textAlign = "center";
	context.beginPath();
	for (let at = Math.ceil(view.from / step) * step; at <= view.to; at += step) {
		const x = Math.round(toX(at, width)) + .5, text = number(at + shift);
		const half = context.measureText(text).width / 2;

		context.moveTo(x, 0);
		context.lineTo(x, y + 4);
		context.fillText(text, Math.min(Math.max(x, LABELS + half), width - half), y + 14);
	}
	context.stroke();
	context.textAlign = "left";
	context.fillText(view.byTime ? "ticks" : "exit", 0, y + 14);
}

function paintChosen(context, height, width) {
	if (chosen < 0)
		return;
	const m = moments(chosen), from = toX(m[0], width), to = toX(m[3], width);

	if (to < LABELS || from > width)
		return;
	const left = Math.max(from, LABELS);
	context.fillStyle = colour("mark");
	context.globalAlpha = .16;
	context.fillRect(left, 0, Math.max(to - left, 2), height);
	context.globalAlpha = 1;
	if (m[1] >= view.from)
		context.fillRect(toX(m[1], width) - .75, 0, 1.5, height);
}

function paintTimeline() {
	const canvas = $("timeline");
	const laneHeight = STRIP + 4 + layers.length * (LAYER + 2) + GAP;
	const height = lanes.length * laneHeight + AXIS;
	const { context, width, ratio } = prepare(canvas, height);

	paintAxis(context, height - AXIS, width);
	lanes.forEach((lane, cpu) => {
		let y = cpu * laneHeight;

		context.fillStyle = colour("soft");
		context.fillText(lanes.length > 1 ? "vCPU " + cpu : "exits", 0, y + STRIP / 2 + 1);
		paintExits(context, lane, y, width);
		y += STRIP + 4;
		layers.forEach((layer, n) => {
			context.fillStyle = colour("ink");
			context.fillText(layer.name, 0, y + LAYER / 2);
			context.fillStyle = colour("hover");
			context.fillRect(LABELS, y, width - LABELS, LAYER);
			paintLayer(context, lane, n, y, width, 1 / ratio);
			y += LAYER + 2;
		});
	});
	paintChosen(context, height - AXIS, width);
	canvas.setAttribute("aria-label", `Time of guest, kernel and VMM, ${view.byTime ? "ticks" : "exits"} ` +
		`${number(view.from)} to ${number(view.to)} of ${number(extent())}. ` +
		"Plus and minus zoom, arrows move, 0 shows all; p and n choose an exit.");
}

/* ------------------------- moving about ----------------------------------- */

let waiting = false;

function repaint() {
	if (waiting)
		return;
	waiting = true;
	requestAnimationFrame(() => {
		waiting = false;
		painters.forEach(paint => paint());
	});
}

function show(from, to) {
	const all = extent(), least = view.byTime ? 20 : 1;
	const span = Math.min(Math.max(to - from, Math.min(least, all)), all);

	view.from = Math.min(Math.max(from + (to - from - span) / 2, 0), all - span);
	view.to = view.from + span;
	repaint();
}

/* Around a point, or the exit that is chosen, or the middle. */
function zoom(factor, at) {
	if (at === undefined) {
		const middle = (view.from + view.to) / 2, c = chosen < 0 ? middle : moments(chosen)[1];

		at = c >= view.from && c <= view.to ? c : middle;
	}
	show(at - (at - view.from) * factor, at + (view.to - at) * factor);
}

const move = share => show(view.from + share * (view.to - view.from), view.to + share * (view.to - view.from));
const zoomAll = () => show(0, extent());

/* The same part of the run, measured the other way. */
function measure(byTime) {
	const middle = chosen;

	if (byTime === view.byTime)
		return;
	view.byTime = byTime;
	$("by-time").setAttribute("aria-pressed", byTime);
	$("by-exit").setAttribute("aria-pressed", !byTime);
	layOut();
	zoomAll();
	if (middle >= 0)
		reveal(middle);
}

/* So that the exit can be seen. */
function reveal(i) {
	const m = moments(i), span = view.to - view.from;

	if (m[1] < view.from || m[1] > view.to)
		show(m[1] - span / 2, m[1] + span / 2);
	else
		repaint();
}

/* The exit at a point: that of the vCPU whose lane it is. */
function exitAt(x, y, width) {
	const laneHeight = STRIP + 4 + layers.length * (LAYER + 2) + GAP;
	const lane = lanes[Math.min(lanes.length - 1, Math.max(0, Math.floor(y / laneHeight)))];
	const k = upTo(lane.at[0], fromX(x, width)) - 1;

	return k < 0 || x < LABELS ? -1 : lane.exits[k];
}

const timelineKeys = {
	"+": () => zoom(.5), "=": () => zoom(.5), "-": () => zoom(2), "0": zoomAll,
	ArrowLeft: () => move(-.15), ArrowRight: () => move(.15),
	PageUp: () => move(-.9), PageDown: () => move(.9),
	Home: () => show(0, view.to - view.from),
	End: () => show(extent() - (view.to - view.from), extent()),
	n: () => chooseBy(1), p: () => chooseBy(-1),
};

function listen(canvas, onPoint) {
	let drag = null;

	canvas.addEventListener("wheel", e => {
		e.preventDefault();
		if (Math.abs(e.deltaX) > Math.abs(e.deltaY))
			move(e.deltaX / canvas.clientWidth);
		else
			zoom(Math.exp(e.deltaY * .0025), fromX(e.offsetX, canvas.clientWidth));
	}, { passive: false });
	canvas.addEventListener("pointerdown", e => {
		drag = { x: e.offsetX, from: view.from, to: view.to, moved: false };
		canvas.setPointerCapture(e.pointerId);
	});
	canvas.addEventListener("pointermove", e => {
		if (!drag) {
			onPoint(e, false);
			return;
		}
		const by = (drag.x - e.offsetX) / (canvas.clientWidth - LABELS) * (drag.to - drag.from);
		drag.moved = drag.moved || Math.abs(drag.x - e.offsetX) > 3;
		if (drag.moved)
			show(drag.from + by, drag.to + by);
	});
	canvas.addEventListener("pointerup", e => {
		if (drag && !drag.moved)
			onPoint(e, true);
		drag = null;
	});
	canvas.addEventListener("pointerleave", hideTip);
	canvas.addEventListener("keydown", e => {
		const action = e.ctrlKey || e.metaKey || e.altKey ? null : timelineKeys[e.key];

		if (!action)
			return;
		e.preventDefault();
		action();
	});
}

function startTimeline() {
	layOut();
	view.to = extent();
	painters.push(paintTimeline);
	listen($("timeline"), (e, click) => {
		const i = exitAt(e.offsetX, e.offsetY, $("timeline").clientWidth);

		if (i < 0)
			hideTip();
		else if (click)
			choose(i);
		else
			showTip(e.clientX, e.clientY, tipOf(i));
	});
	$("by-time").addEventListener("click", () => measure(true));
	$("by-exit").addEventListener("click", () => measure(false));
	$("zoom-in").addEventListener("click", () => zoom(.5));
	$("zoom-out").addEventListener("click", () => zoom(2));
	$("zoom-all").addEventListener("click", zoomAll);
	new ResizeObserver(repaint).observe($("timeline"));
}
