/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The page of a report, as report_html.c writes it: what comes before the data,
 * and what comes after it. It is one file then, and asks for no other; the policy
 * sees to it.
 */
	.section .rodata

	.globl	report_page_head, report_page_head_end
report_page_head:
	.ascii	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	.ascii	"<meta name=\"viewport\" content=\"width=device-width\">\n"
	.ascii	"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	.ascii	"style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n"
	.ascii	"<link rel=\"icon\" href=\"data:,\">\n"
	.ascii	"<title>VM exits</title>\n<style>\n"
	.incbin	"report_page/page.css"
	.ascii	"</style>\n</head>\n<body>\n"
	.incbin	"report_page/page.html"
	.ascii	"<script type=\"application/json\" id=\"data\">\n"
report_page_head_end:

	.globl	report_page_tail, report_page_tail_end
report_page_tail:
	.ascii	"</script>\n<script>\n\"use strict\";\n"
	.incbin	"report_page/data.js"
	.incbin	"report_page/reasons.js"
	.incbin	"report_page/fields.js"
	.incbin	"report_page/summary.js"
	.incbin	"report_page/timeline.js"
	.incbin	"report_page/memory.js"
	.incbin	"report_page/detail.js"
	.incbin	"report_page/list.js"
	.incbin	"report_page/main.js"
	.ascii	"</script>\n</body>\n</html>\n"
report_page_tail_end:

	.section .note.GNU-stack, "", @progbits
