// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * sense convert dew|frost|rh|absolute|air-density|gas:FORMULA - named quantities in, one out.
 * An uncertainty u_NAME given beside an input is carried through: half the change of
 * the result between input + u and input - u (JCGM 100:2008, 5.1.3, note 2).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <sense/sense.h>

#include "command.h"
#include "convert.h"
#include "say.h"

enum { T, TD, TF, RH, P, CO2, PPB, UGM3, INPUTS };

static const struct { const char *name, *unit; } inputs[INPUTS] = {
	[T] = { "t", "degC" }, [TD] = { "td", "degC" }, [TF] = { "tf", "degC" }, [RH] = { "rh", "%" },
	[P] = { "p", "Pa" }, [CO2] = { "co2", "ppm" }, [PPB] = { "ppb", "ppb" },
	[UGM3] = { "ugm3", "ug/m3" },
};

struct record {
	const char *name;
	double value[INPUTS];	/* NaN: not given */
	double u[INPUTS];	/* NaN: not given */
	enum sense_saturation formula;
	int has_formula;
	double molar_mass;
};

struct kind {
	const char *name, *unit, *takes;
	int (*evaluate)(const struct record *r, double *result);
};

static int given(const struct record *r, int input)
{
	return !isnan(r->value[input]);
}

static int humidity(const struct record *r, struct sense_humidity *h)
{
	double p = r->value[P];

	if (given(r, RH))
		return sense_humidity_from_rh(h, r->formula, r->value[T], r->value[RH] / 100, p);
	if (given(r, TD))
		return sense_humidity_from_dew_point(h, r->formula, r->value[T], r->value[TD], p);
	return sense_humidity_from_frost_point(h, r->formula, r->value[T], r->value[TF], p);
}

static int dew(const struct record *r, double *result)
{
	struct sense_humidity h;
	int code = humidity(r, &h);

	*result = code ? NAN : h.dew_point_degC;
	return code;
}

static int frost(const struct record *r, double *result)
{
	struct sense_humidity h;
	int code = humidity(r, &h);

	*result = code ? NAN : h.frost_point_degC;
	return code;
}

static int relative(const struct record *r, double *result)
{
	struct sense_humidity h;
	int code = humidity(r, &h);

	*result = code ? NAN : 100 * h.relative_humidity;
	return code;
}

static int absolute(const struct record *r, double *result)
{
	struct sense_humidity h;
	int code = humidity(r, &h);

	*result = code ? NAN : 1e3 * h.absolute_humidity_kg_m3;
	return code;
}

static int density(const struct record *r, double *result)
{
	*result = NAN;
	return sense_air_density_kg_m3(r->value[T], r->value[P], r->value[RH] / 100,
				       r->value[CO2] * 1e-6, result);
}

static int gas(const struct record *r, double *result)
{
	*result = given(r, PPB) ?
		sense_gas_concentration_kg_m3(r->molar_mass, r->value[PPB] * 1e-9, r->value[T],
					      r->value[P]) * 1e9 :
		sense_gas_amount_fraction(r->molar_mass, r->value[UGM3] * 1e-9, r->value[T],
					  r->value[P]) * 1e9;
	return 0;
}

static const struct kind kinds[] = {
	{ "dew", "degC", "t and rh or tf; p, formula", dew },
	{ "frost", "degC", "t and rh or td; p, formula", frost },
	{ "rh", "%", "t and td or tf; p, formula", relative },
	{ "absolute", "g/m3", "t and rh, td or tf; p, formula", absolute },
	{ "air-density", "kg/m3", "t, rh and p; co2", density },
	{ "gas:", NULL, "ppb or ugm3; t and p, the reference conditions", gas },
};

static const struct kind *find(const char *name)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(name, kinds[i].name) || (!kinds[i].unit && !strncmp(name, "gas:", 4)))
			return &kinds[i];
	return NULL;
}

int convert_air_knows(const char *name)
{
	return find(name) != NULL;
}

/* One word NAME=VALUE, of the command line, of a line, or of --at. */
static int take(struct record *r, const struct kind *kind, char *word)
{
	char *equals = strchr(word, '='), *name = word;
	char remedy[160];
	int is_u = !strncmp(word, "u_", 2);

	snprintf(remedy, sizeof(remedy), "%s takes %s, as NAME=VALUE", r->name, kind->takes);
	if (!equals)
		return say_fail(EXIT_USAGE, remedy, "'%s' has no name", word);
	if (!strncmp(word, "formula=", 8)) {
		int formula = sense_saturation_from_name(word + 8);

		if (formula < 0)
			return say_library_as(EXIT_USAGE);
		r->formula = formula;
		r->has_formula = 1;
		return 0;
	}
	if (is_u)
		name += 2;
	for (int i = 0; i < INPUTS; i++) {
		size_t length = strlen(inputs[i].name);
		double *to = is_u ? &r->u[i] : &r->value[i];

		if (length != (size_t)(equals - name) || strncmp(name, inputs[i].name, length))
			continue;
		if (!isnan(*to))
			return say_fail(EXIT_USAGE, "give it once", "'%s' is given twice", word);
		if (convert_number(inputs[i].name, equals + 1, to))
			return EXIT_USAGE;
		if (is_u && !(*to >= 0))
			return say_fail(EXIT_USAGE, NULL, "an uncertainty cannot be negative: '%s'", word);
		return 0;
	}
	return say_fail(EXIT_USAGE, remedy, "'%s' is not among what %s takes", word, r->name);
}

/* Exactly one of the quantities that @names lists by index; the rest of what may be given. */
static int complete(struct record *r, const struct kind *kind)
{
	int is_gas = kind->evaluate == gas, is_air = kind->evaluate == density;
	int water = given(r, RH) + given(r, TD) + given(r, TF), wrong;

	if (is_gas) {
		wrong = given(r, PPB) + given(r, UGM3) != 1 || water || given(r, CO2) || r->has_formula;
		if (!given(r, T))
			r->value[T] = SENSE_GAS_EU_DEGC;
		if (!given(r, P))
			r->value[P] = SENSE_GAS_EU_PA;
		if (!wrong && !(r->value[T] > -273.15 && r->value[P] > 0))
			return say_fail(EXIT_USAGE, "t is in degC, p in Pa",
					"there are no reference conditions of %g degC and %g Pa", r->value[T],
					r->value[P]);
	} else if (is_air) {
		wrong = !given(r, T) || !given(r, RH) || !given(r, P) || water != 1 || r->has_formula;
		if (!given(r, CO2))
			r->value[CO2] = 400;
	} else {
		wrong = !given(r, T) || water != 1 || given(r, CO2) ||
			(kind->evaluate == relative && given(r, RH)) || (kind->evaluate == dew && given(r, TD)) ||
			(kind->evaluate == frost && given(r, TF));
		if (!given(r, P))
			r->value[P] = 101325;
	}
	if (!is_gas && (given(r, PPB) || given(r, UGM3)))
		wrong = 1;
	if (wrong) {
		char remedy[160];

		snprintf(remedy, sizeof(remedy), "%s takes %s, as NAME=VALUE", r->name, kind->takes);
		return say_fail(EXIT_USAGE, remedy, "what is given does not make %s", r->name);
	}
	return 0;
}

static double uncertainty(const struct record *r, const struct kind *kind, double result)
{
	double u = kind->evaluate == density ? SENSE_AIR_DENSITY_RELATIVE_U * result : NAN;

	for (int i = 0; i < INPUTS; i++) {
		struct record up = *r, down = *r;
		double high, low;

		if (isnan(r->u[i]))
			continue;
		up.value[i] += r->u[i];
		down.value[i] -= r->u[i];
		if (kind->evaluate(&up, &high) || kind->evaluate(&down, &low))
			return NAN;
		u = hypot(isnan(u) ? 0 : u, (high - low) / 2);
	}
	return u;
}

static void print_json(const struct record *r, const char *unit, double result, double u)
{
	json_t *input = json_object(), *input_unit = json_object(), *all = json_object();

	for (int i = 0; i < INPUTS; i++)
		if (given(r, i)) {
			json_object_set_new(input, inputs[i].name, json_real(r->value[i]));
			json_object_set_new(input_unit, inputs[i].name, json_string(inputs[i].unit));
		}
	json_object_set_new(all, "sensor", json_string(r->name));
	json_object_set_new(all, "input", input);
	json_object_set_new(all, "input_unit", input_unit);
	json_object_set_new(all, "value", isfinite(result) ? json_real(result) : json_null());
	json_object_set_new(all, "unit", json_string(unit));
	json_object_set_new(all, "u", isfinite(u) ? json_real(u) : json_null());
	say_json(all);
}

int convert_air(const char *name, int count, char **words, const char *at)
{
	const struct kind *kind = find(name);
	struct record r = { .name = name };
	char *copy = at ? strdup(at) : NULL, *rest = copy, *word;
	double result, u;
	const char *unit;
	int code = 0;

	for (int i = 0; i < INPUTS; i++)
		r.value[i] = r.u[i] = NAN;
	for (int i = 0; !code && i < count; i++)
		code = take(&r, kind, words[i]);
	while (!code && (word = strsep(&rest, ",")))
		code = take(&r, kind, word);
	free(copy);
	if (!code && kind->evaluate == gas) {
		r.molar_mass = sense_gas_molar_mass_kg_mol(name + 4);
		if (isnan(r.molar_mass))
			code = say_library_as(EXIT_USAGE);
	}
	if (!code)
		code = complete(&r, kind);
	if (code)
		return code;
	if (kind->evaluate(&r, &result))
		return say_library_as(EXIT_NO);
	if (isnan(result))
		return say_fail(EXIT_NO, "formula=hardy reaches furthest: 'sense help convert'",
				"there is no %s point within the equation's range", r.name);
	u = uncertainty(&r, kind, result);
	unit = kind->unit ? kind->unit : given(&r, PPB) ? "ug/m3" : "ppb";
	if (say_is_json()) {
		print_json(&r, unit, result, u);
		return 0;
	}
	printf("%.10g %s", result, unit);
	if (isfinite(u))
		printf("\tu %.3g %s", u, unit);
	if (kind->evaluate == gas)
		printf("\tat %g degC, %g Pa", r.value[T], r.value[P]);
	printf("\n");
	return 0;
}
