/*
 * The list of exits. Only the rows that can be seen exist: ten thousand exits are
 * as quick as ten.
 */
const ROW = 24, PRINTED = 250;
let shown = order;	/* what the filter has left, in the order of time */
const texts = new Array(count);

/* What a filter looks at; "to:user" and the like are whole words of it. */
function textOf(i) {
	if (texts[i] === undefined)
		texts[i] = ` reason:${basic(i)} cpu:${col.cpu[i]} to:${toUser(i) ? "user" : "kernel"} ` +
			`${failed(i) ? "to:nowhere " : ""}#${place[i] + 1} ${reasonName(basic(i))} ${code(i).text} ${what(i)} ` +
			`${where(i)} ${mode(i)} ${col.injected[i] ? "injected " + event(col.injected[i]) : ""} `.toLowerCase();
	return texts[i];
}

/* Every word has to be there; one that begins with "-" must not. */
function matcher(query) {
	const words = query.toLowerCase().split(/\s+/).filter(word => word && word !== "-").map(word => {
		const not = word[0] === "-", text = not ? word.slice(1) : word;

		return { not, text: /^(reason|cpu|to):|^#/.test(text) ? ` ${text} ` : text };
	});

	return i => words.every(word => textOf(i).includes(word.text) !== word.not);
}

function applyFilter() {
	const query = $("filter").value.trim();

	shown = query ? order.filter(matcher(query)) : order;
	$("count").textContent = shown.length === count ? `${number(count)} exits` :
		`${number(shown.length)} of ${number(count)} exits`;
	$("rows").style.height = shown.length * ROW + "px";
	if (chosen >= 0 && shown.includes(chosen))
		scrollToChosen();
	else
		$("list").scrollTop = 0;
	paintRows();
}

function setFilter(query) {
	$("filter").value = query;
	applyFilter();
}

/* ------------------------- rows ------------------------------------------- */

/* [class, title, text or node of exit i] */
const columns = [
	["number", "no.", i => number(place[i] + 1)],
	["cpu", "vCPU", i => String(col.cpu[i])],
	["number", "guest", i => number(guestTime(i))],
	["number", "kernel", i => number(kernelTime(i))],
	["number", "VMM", i => toUser(i) ? number(vmmTime(i)) : ""],
	["reason", "reason", i => make("span", "", swatch(`var(--${reasonColours.get(basic(i))})`), reasonName(basic(i)))],
	["code", "instruction", i => make("span", notTheInstruction.has(basic(i)) ? "after" : "", code(i).text)],
	["what", "what", i => what(i)],
];

function makeRow(k) {
	const i = shown[k], row = make("div", "row");

	for (const [className, , text] of columns)
		row.append(make("span", className, text(i)));
	row.id = "exit-" + i;
	row.style.top = k * ROW + "px";
	row.setAttribute("role", "option");
	row.setAttribute("aria-posinset", k + 1);
	row.setAttribute("aria-setsize", shown.length);
	row.setAttribute("aria-selected", i === chosen);
	row.addEventListener("click", () => choose(i));
	return row;
}

function paintRows() {
	const list = $("list");
	const from = Math.max(0, Math.floor(list.scrollTop / ROW) - 8);
	const to = Math.min(shown.length, Math.ceil((list.scrollTop + list.clientHeight) / ROW) + 8);
	const rows = [];

	for (let k = from; k < to; k++)
		rows.push(makeRow(k));
	$("rows").replaceChildren(...rows);
	if (chosen >= 0 && $("exit-" + chosen))
		list.setAttribute("aria-activedescendant", "exit-" + chosen);
	else
		list.removeAttribute("aria-activedescendant");
}

/* ------------------------- choosing --------------------------------------- */

function scrollToChosen() {
	const list = $("list"), top = shown.indexOf(chosen) * ROW;

	if (top < 0)
		return;
	if (top < list.scrollTop)
		list.scrollTop = top;
	else if (top + ROW > list.scrollTop + list.clientHeight)
		list.scrollTop = top + ROW - list.clientHeight;
}

/* One exit: in the list, in the pictures and in detail. */
function choose(i) {
	chosen = i;
	if (!shown.includes(i))
		setFilter("");
	scrollToChosen();
	paintRows();
	showDetail(i);
	reveal(i);
}

function chooseBy(step) {
	const k = shown.indexOf(chosen);

	if (shown.length)
		choose(shown[k < 0 ? 0 : Math.min(Math.max(k + step, 0), shown.length - 1)]);
}

const pageOfRows = () => Math.max(1, Math.floor($("list").clientHeight / ROW) - 1);
const listKeys = {
	ArrowDown: () => chooseBy(1), ArrowUp: () => chooseBy(-1),
	PageDown: () => chooseBy(pageOfRows()), PageUp: () => chooseBy(-pageOfRows()),
	Home: () => chooseBy(-count), End: () => chooseBy(count),
};

/* Paper does not scroll: the first of those that the filter has left. */
function fillPrintList() {
	const table = $("print-list"), head = make("tr"), rows = [];

	for (const [className, title] of columns)
		head.append(make("th", className, title));
	for (const i of shown.slice(0, PRINTED)) {
		const row = make("tr");

		for (const [className, , text] of columns)
			row.append(make("td", className, text(i)));
		rows.push(row);
	}
	const caption = make("caption", "note", shown.length > PRINTED ?
		`The first ${PRINTED} of ${number(shown.length)}; a filter prints others.` : "");
	table.replaceChildren(caption, make("thead", "", head), make("tbody", "", ...rows));
}

function startList() {
	const list = $("list");

	document.body.classList.toggle("one-cpu", data.cpus === 1);
	for (const [className, title] of columns)
		$("list-head").append(make("span", className, title));
	list.addEventListener("scroll", paintRows);
	list.addEventListener("keydown", e => {
		const action = e.ctrlKey || e.metaKey || e.altKey ? null : listKeys[e.key];

		if (!action)
			return;
		e.preventDefault();
		action();
	});
	$("filter").addEventListener("input", applyFilter);
	$("filter").addEventListener("keydown", e => {
		if (e.key === "Escape")
			setFilter("");
		if (e.key === "ArrowDown" || e.key === "Enter") {
			e.preventDefault();
			list.focus();
			if (!shown.includes(chosen))
				chooseBy(1);
		}
	});
	document.addEventListener("keydown", e => {
		if (e.key !== "/" || document.activeElement === $("filter"))
			return;
		e.preventDefault();
		$("filter").focus();
	});
	applyFilter();
}
