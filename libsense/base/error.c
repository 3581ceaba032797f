// SPDX-License-Identifier: LGPL-2.1-or-later
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

struct store {
	struct sense_error error;
	char sentence[512];
	char object[256];
	char remedy[384];
};

static _Thread_local struct store last = { .error = { 0, "", "", "" } };

static void keep(int code, const char *object, const char *remedy, const char *format, va_list args)
{
	struct store next;
	int saved = errno;

	/* By way of a copy: the caller may pass on the previous error's strings. */
	vsnprintf(next.sentence, sizeof(next.sentence), format, args);
	snprintf(next.object, sizeof(next.object), "%s", object ? object : "");
	snprintf(next.remedy, sizeof(next.remedy), "%s", remedy ? remedy : "");
	next.error = (struct sense_error){ code, last.sentence, last.object, last.remedy };
	last = next;
	errno = saved;
}

int sense_fail(int code, const char *object, const char *remedy, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	keep(code, object, remedy, format, args);
	va_end(args);
	return -code;
}

void *sense_fail_null(int code, const char *object, const char *remedy, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	keep(code, object, remedy, format, args);
	va_end(args);
	return NULL;
}

const struct sense_error *sense_error_last(void)
{
	return &last.error;
}
