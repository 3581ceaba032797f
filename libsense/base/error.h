/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * error.h - how the library's own code reports a failure.
 */
#ifndef SENSE_BASE_ERROR_H
#define SENSE_BASE_ERROR_H

#include <sense/error.h>

/*
 * Note a failure for sense_error_last() and return -code, so that a function
 * can "return sense_fail(ENODEV, id, "plug it in", "no device ...")". The
 * strings are copied (and cut, if very long); object and remedy may be NULL.
 */
int sense_fail(int code, const char *object, const char *remedy, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* The same where a pointer is returned: "return sense_fail_null(...)". */
void *sense_fail_null(int code, const char *object, const char *remedy, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif
