// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * Units as D-SI spells them. Factors: SI Brochure, 9th edition (2019, version 3.01):
 * table 2 (base), 4 (named derived), 7 (prefixes), 8 (accepted for use with the SI);
 * dalton and electronvolt are CODATA 2018.
 * Deprecated units of older certificates: NIST SP 811, appendix B.8.
 */
#include <sense/unit.h>

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"

struct prefix {
	const char *name;
	double factor;
	const char *symbol;
};

static const struct prefix prefixes[] = {
	{ "deca", 1e1, "da" },	  { "hecto", 1e2, "h" },    { "kilo", 1e3, "k" },
	{ "mega", 1e6, "M" },	  { "giga", 1e9, "G" },	    { "tera", 1e12, "T" },
	{ "peta", 1e15, "P" },	  { "exa", 1e18, "E" },	    { "zetta", 1e21, "Z" },
	{ "yotta", 1e24, "Y" },	  { "ronna", 1e27, "R" },   { "quetta", 1e30, "Q" },
	{ "deci", 1e-1, "d" },	  { "centi", 1e-2, "c" },   { "milli", 1e-3, "m" },
	{ "micro", 1e-6, "µ" },	  { "nano", 1e-9, "n" },    { "pico", 1e-12, "p" },
	{ "femto", 1e-15, "f" },  { "atto", 1e-18, "a" },   { "zepto", 1e-21, "z" },
	{ "yocto", 1e-24, "y" },  { "ronto", 1e-27, "r" },  { "quecto", 1e-30, "q" },
	{ "kibi", 0x1p10, "Ki" }, { "mebi", 0x1p20, "Mi" }, { "gibi", 0x1p30, "Gi" },
	{ "tebi", 0x1p40, "Ti" },
};

struct named {
	const char *name;
	double factor;
	signed char m, kg, s, A, K, mol, cd, rad;
	const char *symbol;
	double offset;
	int logarithmic;
};

#define PI 3.14159265358979323846

static const struct named units[] = {
	{ "one", 1, 0, 0, 0, 0, 0, 0, 0, 0, "1", 0, 0 },
	{ "percent", 1e-2, 0, 0, 0, 0, 0, 0, 0, 0, "%", 0, 0 },
	{ "ppm", 1e-6, 0, 0, 0, 0, 0, 0, 0, 0, "ppm", 0, 0 },
	{ "metre", 1, 1, 0, 0, 0, 0, 0, 0, 0, "m", 0, 0 },
	{ "kilogram", 1, 0, 1, 0, 0, 0, 0, 0, 0, "kg", 0, 0 },
	{ "gram", 1e-3, 0, 1, 0, 0, 0, 0, 0, 0, "g", 0, 0 },
	{ "second", 1, 0, 0, 1, 0, 0, 0, 0, 0, "s", 0, 0 },
	{ "ampere", 1, 0, 0, 0, 1, 0, 0, 0, 0, "A", 0, 0 },
	{ "kelvin", 1, 0, 0, 0, 0, 1, 0, 0, 0, "K", 0, 0 },
	{ "mole", 1, 0, 0, 0, 0, 0, 1, 0, 0, "mol", 0, 0 },
	{ "candela", 1, 0, 0, 0, 0, 0, 0, 1, 0, "cd", 0, 0 },
	{ "radian", 1, 0, 0, 0, 0, 0, 0, 0, 1, "rad", 0, 0 },
	{ "steradian", 1, 0, 0, 0, 0, 0, 0, 0, 2, "sr", 0, 0 },
	{ "degreecelsius", 1, 0, 0, 0, 0, 1, 0, 0, 0, "°C", 273.15, 0 },
	{ "hertz", 1, 0, 0, -1, 0, 0, 0, 0, 0, "Hz", 0, 0 },
	{ "newton", 1, 1, 1, -2, 0, 0, 0, 0, 0, "N", 0, 0 },
	{ "pascal", 1, -1, 1, -2, 0, 0, 0, 0, 0, "Pa", 0, 0 },
	{ "joule", 1, 2, 1, -2, 0, 0, 0, 0, 0, "J", 0, 0 },
	{ "watt", 1, 2, 1, -3, 0, 0, 0, 0, 0, "W", 0, 0 },
	{ "coulomb", 1, 0, 0, 1, 1, 0, 0, 0, 0, "C", 0, 0 },
	{ "volt", 1, 2, 1, -3, -1, 0, 0, 0, 0, "V", 0, 0 },
	{ "farad", 1, -2, -1, 4, 2, 0, 0, 0, 0, "F", 0, 0 },
	{ "ohm", 1, 2, 1, -3, -2, 0, 0, 0, 0, "Ω", 0, 0 },
	{ "siemens", 1, -2, -1, 3, 2, 0, 0, 0, 0, "S", 0, 0 },
	{ "weber", 1, 2, 1, -2, -1, 0, 0, 0, 0, "Wb", 0, 0 },
	{ "tesla", 1, 0, 1, -2, -1, 0, 0, 0, 0, "T", 0, 0 },
	{ "henry", 1, 2, 1, -2, -2, 0, 0, 0, 0, "H", 0, 0 },
	{ "lumen", 1, 0, 0, 0, 0, 0, 0, 1, 2, "lm", 0, 0 },
	{ "lux", 1, -2, 0, 0, 0, 0, 0, 1, 2, "lx", 0, 0 },
	{ "becquerel", 1, 0, 0, -1, 0, 0, 0, 0, 0, "Bq", 0, 0 },
	{ "gray", 1, 2, 0, -2, 0, 0, 0, 0, 0, "Gy", 0, 0 },
	{ "sievert", 1, 2, 0, -2, 0, 0, 0, 0, 0, "Sv", 0, 0 },
	{ "katal", 1, 0, 0, -1, 0, 0, 1, 0, 0, "kat", 0, 0 },
	{ "minute", 60, 0, 0, 1, 0, 0, 0, 0, 0, "min", 0, 0 },
	{ "hour", 3600, 0, 0, 1, 0, 0, 0, 0, 0, "h", 0, 0 },
	{ "day", 86400, 0, 0, 1, 0, 0, 0, 0, 0, "d", 0, 0 },
	{ "degree", PI / 180, 0, 0, 0, 0, 0, 0, 0, 1, "°", 0, 0 },
	{ "arcminute", PI / 10800, 0, 0, 0, 0, 0, 0, 0, 1, "′", 0, 0 },
	{ "arcsecond", PI / 648000, 0, 0, 0, 0, 0, 0, 0, 1, "″", 0, 0 },
	{ "hectare", 1e4, 2, 0, 0, 0, 0, 0, 0, 0, "ha", 0, 0 },
	{ "litre", 1e-3, 3, 0, 0, 0, 0, 0, 0, 0, "L", 0, 0 },
	{ "tonne", 1e3, 0, 1, 0, 0, 0, 0, 0, 0, "t", 0, 0 },
	{ "dalton", 1.66053906660e-27, 0, 1, 0, 0, 0, 0, 0, 0, "Da", 0, 0 },
	{ "electronvolt", 1.602176634e-19, 2, 1, -2, 0, 0, 0, 0, 0, "eV", 0, 0 },
	{ "astronomicalunit", 149597870700.0, 1, 0, 0, 0, 0, 0, 0, 0, "au", 0, 0 },
	{ "neper", 1, 0, 0, 0, 0, 0, 0, 0, 0, "Np", 0, 1 },
	{ "bel", 1, 0, 0, 0, 0, 0, 0, 0, 0, "B", 0, 1 },
	{ "decibel", 1, 0, 0, 0, 0, 0, 0, 0, 0, "dB", 0, 1 },
	{ "bit", 1, 0, 0, 0, 0, 0, 0, 0, 0, "bit", 0, 0 },
	{ "byte", 8, 0, 0, 0, 0, 0, 0, 0, 0, "B", 0, 0 },
	{ "bar", 1e5, -1, 1, -2, 0, 0, 0, 0, 0, "bar", 0, 0 },
	{ "mmHg", 133.322387415, -1, 1, -2, 0, 0, 0, 0, 0, "mmHg", 0, 0 },
	{ "angstrom", 1e-10, 1, 0, 0, 0, 0, 0, 0, 0, "Å", 0, 0 },
	{ "nauticalmile", 1852, 1, 0, 0, 0, 0, 0, 0, 0, "M", 0, 0 },
	{ "knot", 1852.0 / 3600.0, 1, 0, -1, 0, 0, 0, 0, 0, "kn", 0, 0 },
	{ "barn", 1e-28, 2, 0, 0, 0, 0, 0, 0, 0, "b", 0, 0 },
	{ "erg", 1e-7, 2, 1, -2, 0, 0, 0, 0, 0, "erg", 0, 0 },
	{ "dyne", 1e-5, 1, 1, -2, 0, 0, 0, 0, 0, "dyn", 0, 0 },
	{ "poise", 0.1, -1, 1, -1, 0, 0, 0, 0, 0, "P", 0, 0 },
	{ "stokes", 1e-4, 2, 0, -1, 0, 0, 0, 0, 0, "St", 0, 0 },
	{ "gal", 1e-2, 1, 0, -2, 0, 0, 0, 0, 0, "Gal", 0, 0 },
};

#define REMEDY \
	"D-SI units are words such as \\kelvin, \\milli\\ohm or \\metre\\per\\second\\tothe{2}"

/* One word "\letters"; its length, 0 where there is none. */
static size_t word(const char *text)
{
	size_t n = 1;

	if (text[0] != '\\')
		return 0;
	while (isalpha((unsigned char)text[n]))
		n++;
	return n > 1 ? n - 1 : 0;
}

static int is_word(const char *text, size_t n, const char *name)
{
	return n == strlen(name) && memcmp(text, name, n) == 0;
}

static const struct prefix *find_prefix(const char *text, size_t n)
{
	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (is_word(text, n, prefixes[i].name))
			return &prefixes[i];
	return NULL;
}

static const struct named *find_unit(const char *text, size_t n)
{
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (is_word(text, n, units[i].name))
			return &units[i];
	return NULL;
}

/* strtod() would take the locale's decimal sign, hexadecimal and "nan". */
static const char *exponent(const char *text, double *value)
{
	double sign = 1, v = 0, scale = 1;
	int digits = 0;

	if (*text == '-' || *text == '+')
		sign = *text++ == '-' ? -1 : 1;
	for (; isdigit((unsigned char)*text) && digits < 6; text++, digits++)
		v = v * 10 + (*text - '0');
	if (*text == '.')
		for (text++; isdigit((unsigned char)*text) && digits < 12; text++, digits++)
			v += (*text - '0') * (scale /= 10);
	*value = sign * v;
	return digits && *text == '}' && v <= 100 ? text + 1 : NULL;
}

static void append(char *symbol, size_t size, const char *text)
{
	size_t n = strlen(symbol), add = strlen(text);

	if (n + add < size)
		memcpy(symbol + n, text, add + 1);
}

static void append_power(char *symbol, size_t size, double power)
{
	static const char *const superscript[] = {
		"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"
	};
	char digits[32];

	if (power == 1)
		return;
	snprintf(digits, sizeof(digits), "%g", power);
	if (strchr(digits, '.') || strchr(digits, 'e')) {
		append(symbol, size, "^");
		append(symbol, size, digits);
		return;
	}
	for (const char *d = digits; *d; d++)
		append(symbol, size, *d == '-' ? "⁻" : superscript[*d - '0']);
}

/*
 * A product of base units alone that is a named derived unit is shown by that name, so that a
 * resistance does not read as kg·m²·s⁻³·A⁻². Not J or Hz, which share a dimension.
 */
static void name_product(struct sense_unit *u)
{
	static const char *const shown[] = { "ohm",   "volt",	 "watt",  "coulomb",
					     "farad", "siemens", "weber", "tesla",
					     "henry", "pascal",	 "newton" };

	for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++) {
		const struct named *n = find_unit(shown[i], strlen(shown[i]));

		if (u->exponent[SENSE_BASE_METRE] == n->m &&
		    u->exponent[SENSE_BASE_KILOGRAM] == n->kg &&
		    u->exponent[SENSE_BASE_SECOND] == n->s &&
		    u->exponent[SENSE_BASE_AMPERE] == n->A && !u->exponent[SENSE_BASE_KELVIN] &&
		    !u->exponent[SENSE_BASE_MOLE] && !u->exponent[SENSE_BASE_CANDELA] &&
		    !u->exponent[SENSE_BASE_RADIAN])
			snprintf(u->symbol, sizeof(u->symbol), "%s", n->symbol);
	}
}

static int is_base(const struct named *named)
{
	return named->factor == 1 && named->offset == 0 &&
	       abs(named->m) + abs(named->kg) + abs(named->s) + abs(named->A) + abs(named->K) +
			       abs(named->mol) + abs(named->cd) + abs(named->rad) ==
		       1;
}

int sense_unit_parse(const char *text, struct sense_unit *unit)
{
	const char *at = text;
	int denominator = 0, factors = 0, base = 1;
	struct sense_unit u = { .factor = 1 };

	while (isspace((unsigned char)*at))
		at++;
	if (!*at)
		return sense_fail(EINVAL, text, REMEDY, "the unit is empty");
	while (*at && !isspace((unsigned char)*at)) {
		const struct prefix *prefix = NULL;
		const struct named *named;
		double power = 1, scale;
		size_t n = word(at);

		if (n && is_word(at + 1, n, "per")) {
			denominator = 1;
			at += n + 1;
			n = word(at);
		}
		if (n)
			prefix = find_prefix(at + 1, n);
		if (prefix) {
			at += n + 1;
			n = word(at);
		}
		named = n ? find_unit(at + 1, n) : NULL;
		if (!named)
			return sense_fail(EINVAL, text, REMEDY,
					  "the unit '%.64s' is not understood at '%.24s'", text,
					  at);
		at += n + 1;
		if (strncmp(at, "\\tothe{", 7) == 0) {
			at = exponent(at + 7, &power);
			if (!at)
				return sense_fail(EINVAL, text, REMEDY,
						  "the unit '%.64s' has a power that is no number",
						  text);
		}
		if (denominator)
			power = -power;
		base &= !prefix && is_base(named);
		scale = named->factor * (prefix ? prefix->factor : 1);
		u.factor *= power == 1 ? scale : power == -1 ? 1 / scale : pow(scale, power);
		u.exponent[SENSE_BASE_METRE] += named->m * power;
		u.exponent[SENSE_BASE_KILOGRAM] += named->kg * power;
		u.exponent[SENSE_BASE_SECOND] += named->s * power;
		u.exponent[SENSE_BASE_AMPERE] += named->A * power;
		u.exponent[SENSE_BASE_KELVIN] += named->K * power;
		u.exponent[SENSE_BASE_MOLE] += named->mol * power;
		u.exponent[SENSE_BASE_CANDELA] += named->cd * power;
		u.exponent[SENSE_BASE_RADIAN] += named->rad * power;
		u.logarithmic |= named->logarithmic;
		/* A Celsius temperature has its zero only where it stands alone. */
		if (!prefix && power == 1)
			u.offset = named->offset;
		if (strcmp(named->name, "one") != 0) {
			if (u.symbol[0])
				append(u.symbol, sizeof(u.symbol), "·");
			if (prefix)
				append(u.symbol, sizeof(u.symbol), prefix->symbol);
			append(u.symbol, sizeof(u.symbol), named->symbol);
			append_power(u.symbol, sizeof(u.symbol), power);
		}
		if (++factors > 16)
			return sense_fail(EINVAL, text, REMEDY,
					  "the unit has more than 16 factors");
	}
	while (isspace((unsigned char)*at))
		at++;
	if (*at)
		return sense_fail(EINVAL, text, REMEDY,
				  "after the unit follows '%.24s', which is not part of it", at);
	if (factors > 1)
		u.offset = 0;
	if (factors > 2 && base)
		name_product(&u);
	if (!u.symbol[0])
		append(u.symbol, sizeof(u.symbol), "1");
	if (!isfinite(u.factor) || u.factor <= 0)
		return sense_fail(ERANGE, text, REMEDY, "the unit '%.64s' is out of all range",
				  text);
	*unit = u;
	return 0;
}

int sense_unit_same_dimension(const struct sense_unit *a, const struct sense_unit *b)
{
	if (a->logarithmic != b->logarithmic)
		return 0;
	if (a->logarithmic && strcmp(a->symbol, b->symbol) != 0)
		return 0;
	for (int i = 0; i < SENSE_BASE_COUNT; i++)
		if (fabs(a->exponent[i] - b->exponent[i]) > 1e-9)
			return 0;
	return 1;
}

static int mismatch(const struct sense_unit *from, const struct sense_unit *to)
{
	return sense_fail(EDOM, from->symbol, "ask for a unit of the same quantity",
			  "a value in %s cannot be expressed in %s", from->symbol, to->symbol);
}

int sense_unit_convert(const struct sense_unit *from, const struct sense_unit *to, double value,
		       double *converted)
{
	if (!sense_unit_same_dimension(from, to))
		return mismatch(from, to);
	if (from->factor == to->factor && from->offset == to->offset)
		*converted = value;
	else
		*converted = (value * from->factor + (from->offset - to->offset)) / to->factor;
	return 0;
}

int sense_unit_convert_difference(const struct sense_unit *from, const struct sense_unit *to,
				  double value, double *converted)
{
	if (!sense_unit_same_dimension(from, to))
		return mismatch(from, to);
	*converted = from->factor == to->factor ? value : value * from->factor / to->factor;
	return 0;
}
