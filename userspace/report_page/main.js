/*
 * The tip beside the pointer, light and dark, printing; and the start.
 */
let tipAnchor = null;	/* what the tip is about, if it is an element */

function showTip(x, y, children, anchor = null) {
	tipAnchor = anchor;
	$("tip").replaceChildren(...children);
	$("tip").hidden = false;
	placeTip(x, y);
}

function placeTip(x, y) {
	const tip = $("tip"), box = tip.getBoundingClientRect();
	const left = Math.min(x + 12, innerWidth - box.width - 8);
	const below = y + 16 + box.height < innerHeight;
	tip.style.left = Math.max(left, 8) + "px";
	tip.style.top = (below ? y + 16 : Math.max(y - box.height - 28, 8)) + "px";
}

function hideTip() {
	$("tip").hidden = true;
}

/* An element that got the focus may be scrolled to after that. */
function followTip() {
	if (!tipAnchor?.isConnected) {
		hideTip();
		return;
	}
	const box = tipAnchor.getBoundingClientRect();
	placeTip(box.left, box.bottom);
}

function tipOf(i) {
	return [make("b", "", `${number(place[i] + 1)}. ${reasonName(basic(i))}`), " " + what(i), make("br"),
		`guest ${number(guestTime(i))}, kernel ${number(kernelTime(i))}` + (toUser(i) ? `, VMM ${number(vmmTime(i))}` : "")];
}

function changeTheme() {
	colours.clear();
	painters.forEach(paint => paint());
}

/* Paper is white: the pictures are painted again for it. */
function usePaper(isOn) {
	onPaper = isOn;
	document.documentElement.classList.toggle("print", isOn);
	if (isOn)
		fillPrintList();
	changeTheme();
}

function start() {
	document.addEventListener("scroll", followTip, true);
	matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changeTheme);
	addEventListener("beforeprint", () => usePaper(true));
	addEventListener("afterprint", () => usePaper(false));
	startSummary();
	startTimeline();
	startMemory();
	startList();
	painters.forEach(paint => paint());
	if (count)
		choose(order[0]);
	else
		$("detail").append(make("p", "note", "There was none."));
	/* After the first picture: when a reader can read. */
	requestAnimationFrame(() => setTimeout(() => {
		document.documentElement.dataset.ready = performance.now().toFixed(0);
	}));
}

start();
