// SPDX-License-Identifier: GPL-2.0-or-later
#include "text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static int utf8;

void text_set_utf8(int on)
{
	utf8 = on;
}

int text_is_utf8(void)
{
	return utf8;
}

unsigned int text_width(const char *text)
{
	wchar_t wide[512];
	size_t n = mbstowcs(wide, text, 511);
	int width;

	if (n == (size_t)-1)
		return (unsigned int)strlen(text);
	wide[n < 511 ? n : 511] = 0;
	width = wcswidth(wide, 511);
	return width < 0 ? (unsigned int)strlen(text) : (unsigned int)width;
}

unsigned int text_distance(const char *a, const char *b)
{
	size_t m = strlen(a), n = strlen(b);
	unsigned int row[64];

	if (m > 63 || n > 63)
		return 64;
	for (size_t j = 0; j <= n; j++)
		row[j] = (unsigned int)j;
	for (size_t i = 1; i <= m; i++) {
		unsigned int diagonal = row[0];

		row[0] = (unsigned int)i;
		for (size_t j = 1; j <= n; j++) {
			unsigned int change = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			if (row[j] + 1 < change)
				change = row[j] + 1;
			if (row[j - 1] + 1 < change)
				change = row[j - 1] + 1;
			row[j] = change;
		}
	}
	return row[n];
}

const char *text_count(uint64_t n, char *text, size_t size)
{
	char digits[24];
	int length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)n);
	size_t at = 0;

	for (int i = 0; i < length && at + 2 < size; i++) {
		if (i && (length - i) % 3 == 0)
			text[at++] = ' ';
		text[at++] = digits[i];
	}
	text[at] = 0;
	return text;
}

const char *text_bytes(double bytes, char *text, size_t size)
{
	static const char *const units[] = { "B", "kB", "MB", "GB", "TB", "PB" };
	unsigned int i = 0;

	while (bytes >= 999.5 && i < 5) {
		bytes /= 1000;
		i++;
	}
	snprintf(text, size, "%.*f %s", i == 0 || bytes >= 99.95 ? 0 : bytes >= 9.995 ? 1 : 2, bytes,
		 units[i]);
	return text;
}

const char *text_duration(double seconds, char *text, size_t size)
{
	unsigned long whole = (unsigned long)seconds;

	if (seconds < 60)
		snprintf(text, size, "%.1f s", seconds);
	else
		snprintf(text, size, "%lu:%02lu:%02lu", whole / 3600, whole / 60 % 60, whole % 60);
	return text;
}

const char *text_rate(double hz, char *text, size_t size)
{
	char count[32];

	if (!(hz > 0))
		snprintf(text, size, "0/s");
	else if (hz >= 1000)
		snprintf(text, size, "%s/s", text_count((uint64_t)llround(hz), count, sizeof(count)));
	else
		snprintf(text, size, "%.4g/s", hz);
	return text;
}

struct text_unit text_unit(enum sense_kind kind, const char *unit)
{
	if (strcmp(unit, "Cel") == 0)
		return (struct text_unit){ 1, utf8 ? "°C" : "degC" };
	if (strcmp(unit, "Ohm") == 0)
		return (struct text_unit){ 1, utf8 ? "Ω" : "Ohm" };
	if (strcmp(unit, "kg/m3") == 0)
		return (struct text_unit){ 1e9, utf8 ? "µg/m³" : "ug/m3" };
	if (strcmp(unit, "Pa") == 0)
		return (struct text_unit){ 1e-2, "hPa" };
	if (strcmp(unit, "V") == 0 && kind == SENSE_KIND_THERMOCOUPLE)
		return (struct text_unit){ 1e3, "mV" };
	if (strcmp(unit, "A") == 0 && kind == SENSE_KIND_CURRENT_LOOP)
		return (struct text_unit){ 1e3, "mA" };
	if (strcmp(unit, "V/V") == 0)
		return (struct text_unit){ 1e3, "mV/V" };
	if (strcmp(unit, "1") == 0) {
		if (kind == SENSE_KIND_HUMIDITY)
			return (struct text_unit){ 1e2, "%RH" };
		if (kind == SENSE_KIND_CO2)
			return (struct text_unit){ 1e6, "ppm" };
		if (kind == SENSE_KIND_VOC)
			return (struct text_unit){ 1e9, "ppb" };
	}
	return (struct text_unit){ 1, unit };
}

double text_two_digits(double u)
{
	char digits[32];

	if (!(u > 0) || !isfinite(u))
		return u;
	snprintf(digits, sizeof(digits), "%.1e", u);
	return strtod(digits, NULL);
}

const char *text_value(double value, double spread, char *text, size_t size)
{
	int decimals;

	if (isnan(value)) {
		snprintf(text, size, "-");
		return text;
	}
	if (spread > 0 && isfinite(spread))
		decimals = 1 - (int)floor(log10(spread)); /* two digits of the spread */
	else if (value != 0 && isfinite(value))
		decimals = 5 - (int)floor(log10(fabs(value)));
	else
		decimals = 1;
	if (decimals > 9 || (value != 0 && fabs(value) < 1e-6 && decimals > 6))
		snprintf(text, size, "%.6g", value);
	else
		snprintf(text, size, "%.*f", decimals < 0 ? 0 : decimals, value);
	return text;
}
