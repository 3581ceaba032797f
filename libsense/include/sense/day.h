/* SPDX-License-Identifier: LGPL-2.1-or-later */
/**
 * day.h - calendar days: calibrations are dated by the day, and drift runs over days.
 */
#ifndef SENSE_DAY_H
#define SENSE_DAY_H

#include <sense/api.h>

SENSE_BEGIN_DECLS

/**
 * sense_day_parse() - "2026-03-01" as days since 1970-01-01 (proleptic Gregorian calendar, years
 * 1600 to 9999). 0; -EINVAL with a sentence for what is no such day. Pure.
 */
SENSE_API int sense_day_parse(const char *date, int32_t *day);

/** sense_day_format() - the other way; "" outside those years. @text: 11 bytes. Returns @text. */
SENSE_API char *sense_day_format(int32_t day, char text[11]);

/** sense_day_today() - the day it is now in UTC. */
SENSE_API int32_t sense_day_today(void);

SENSE_END_DECLS

#endif
