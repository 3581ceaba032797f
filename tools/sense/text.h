/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * text.h - numbers, units and widths for people to read. Files, pipes and JSON
 * keep libsense's own units (SI and degC) and full digits.
 */
#ifndef SENSE_TEXT_H
#define SENSE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include <sense/channel.h>

void text_set_utf8(int utf8);
int text_is_utf8(void);

/* Columns a string takes on a terminal. */
unsigned int text_width(const char *text);
/* Edit distance, for "perhaps '...' was meant". */
unsigned int text_distance(const char *a, const char *b);

/* 12 345 678 */
const char *text_count(uint64_t n, char *text, size_t size);
/* 1.23 GB */
const char *text_bytes(double bytes, char *text, size_t size);
/* 1:02:03, or 12.3 s below a minute */
const char *text_duration(double seconds, char *text, size_t size);
/* 1 000 /s */
const char *text_rate(double hz, char *text, size_t size);

/* How a quantity is shown: shown = value * factor. */
struct text_unit {
	double factor;
	const char *name;
};
/* @unit as libsense spells it; @kind may be SENSE_KIND_OTHER. */
struct text_unit text_unit(enum sense_kind kind, const char *unit);

/*
 * An uncertainty rounded to its two significant digits (GUM 7.2.6): what to print, and, given to
 * text_value() as the spread, how far to print the value beside it. NaN and 0 stay.
 */
double text_two_digits(double u);

/*
 * A value with as many decimals as its spread makes worth reading; "-" for NaN.
 * @spread: standard deviation or step in the same unit; 0 or NaN where unknown.
 */
const char *text_value(double value, double spread, char *text, size_t size);

#endif
