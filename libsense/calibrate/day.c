// SPDX-License-Identifier: LGPL-2.1-or-later
#include <sense/day.h>

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/error.h"

#define FIRST_YEAR 1600
#define LAST_YEAR  9999

/* Days from 1600-01-01 to 1970-01-01: 370 years, 90 leap days (1700, 1800 and 1900 had none). */
#define EPOCH (370 * 365 + 90)

static int is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 1600-01-01 to the first of January of a year. */
static int year_start(int year)
{
	int n = year - FIRST_YEAR;

	/* 1600 itself was a leap year */
	return n * 365 + (n + 3) / 4 - (n + 99) / 100 + (n + 399) / 400;
}

int sense_day_parse(const char *date, int32_t *day)
{
	int good = strlen(date) == 10 && date[4] == '-' && date[7] == '-';
	int year, month, of_month;

	for (int i = 0; good && i < 10; i++)
		good = i == 4 || i == 7 || isdigit((unsigned char)date[i]);
	year = good ? atoi(date) : 0;
	month = good ? atoi(date + 5) : 0;
	of_month = good ? atoi(date + 8) : 0;
	if (year < FIRST_YEAR || month < 1 || month > 12 || of_month < 1 ||
	    of_month > month_days(year, month))
		return sense_fail(EINVAL, "", "a date is written 2026-01-31", "'%.40s' is no date",
				  date);
	*day = year_start(year) - EPOCH + of_month - 1;
	for (int m = 1; m < month; m++)
		*day += month_days(year, m);
	return 0;
}

char *sense_day_format(int32_t day, char text[11])
{
	int64_t rest = (int64_t)day + EPOCH;
	int year = FIRST_YEAR, month = 1;

	text[0] = 0;
	if (rest < 0 || rest >= year_start(LAST_YEAR + 1))
		return text;
	year += (int)(rest / 366);
	while (year < LAST_YEAR && year_start(year + 1) <= rest)
		year++;
	rest -= year_start(year);
	while (rest >= month_days(year, month))
		rest -= month_days(year, month++);
	snprintf(text, 11, "%04u-%02u-%02u", (unsigned int)year % 10000, (unsigned int)month % 100,
		 (unsigned int)(rest + 1) % 100);
	return text;
}

int32_t sense_day_today(void)
{
	return (int32_t)(time(NULL) / 86400);
}
