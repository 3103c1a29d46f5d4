/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Is a text JSON, as RFC 8259 has it.
 */
#ifndef SELFTESTS_JSON_CHECK_H
#define SELFTESTS_JSON_CHECK_H

#include <ctype.h>
#include <stddef.h>
#include <string.h>

/* Each takes what is at @at, and returns what follows it; NULL if it is wrong. */
static inline const char *json_value(const char *at, int depth);

static inline const char *json_space(const char *at)
{
	return at + strspn(at, " \t\r\n");
}

static inline const char *json_text(const char *at)
{
	if (*at++ != '"')
		return NULL;
	for (; *at != '"'; at++) {
		if ((unsigned char)*at < ' ' || (unsigned char)*at > '~')
			return NULL;
		if (*at != '\\')
			continue;
		at++;
		if (*at == 'u' && strspn(at + 1, "0123456789abcdef") >= 4)
			at += 4;
		else if (!*at || !strchr("\"\\/bfnrt", *at))
			return NULL;
	}
	return at + 1;
}

static inline const char *json_digits(const char *at)
{
	return isdigit((unsigned char)*at) ? at + strspn(at, "0123456789") : NULL;
}

static inline const char *json_number(const char *at)
{
	at += *at == '-';
	if (*at == '0' && isdigit((unsigned char)at[1]))
		return NULL;
	at = json_digits(at);
	return at && *at == '.' ? json_digits(at + 1) : at;
}

/* An array or, with names, an object. */
static inline const char *json_list(const char *at, char end, int depth)
{
	at = json_space(at + 1);
	if (*at == end)
		return at + 1;
	for (;;) {
		if (end == '}') {
			at = json_text(json_space(at));
			if (!at || *json_space(at) != ':')
				return NULL;
			at = json_space(at) + 1;
		}
		at = json_value(json_space(at), depth + 1);
		if (!at)
			return NULL;
		at = json_space(at);
		if (*at == end)
			return at + 1;
		if (*at++ != ',')
			return NULL;
	}
}

static inline const char *json_value(const char *at, int depth)
{
	static const char *const words[] = { "true", "false", "null" };
	size_t i;

	if (depth > 16)
		return NULL;
	if (*at == '{')
		return json_list(at, '}', depth);
	if (*at == '[')
		return json_list(at, ']', depth);
	if (*at == '"')
		return json_text(at);
	for (i = 0; i < 3; i++)
		if (!strncmp(at, words[i], strlen(words[i])))
			return at + strlen(words[i]);
	return json_number(at);
}

/** json_is_object() - is the whole text one object of JSON */
static inline int json_is_object(const char *text)
{
	const char *end = *text == '{' ? json_value(text, 0) : NULL;

	return end && !*json_space(end);
}

#endif /* SELFTESTS_JSON_CHECK_H */
