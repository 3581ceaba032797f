// SPDX-License-Identifier: GPL-2.0-or-later
/* sense convert - a sensor's electrical value to the measured one, and back. */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sense/sense.h>

#include "command.h"
#include "convert.h"
#include "flags.h"
#include "say.h"

enum { KEY_INVERSE = 256, KEY_AT };

static const struct flag flags[] = {
	{ KEY_INVERSE, "inverse", NULL, "from the measured value to the electrical one" },
	{ KEY_AT, "at", "CONDITION", "cold junction or load cell temperature, degC (0, and the cell's own);\n"
	  "                             for gases the reference conditions, t=20,p=101325" },
	{ 0, NULL, NULL, NULL }
};

static const struct usage usage = {
	.synopsis = "SENSOR [--inverse] [--at CONDITION] [--json] [--] [VALUE]...",
	.about = "Convert values of a sensor, or those on standard input. Sensors: pt100, pt500, pt1000,\n"
		 "tc-B to tc-T, and by a file rtd:FILE, sprt:FILE, tc:FILE, ntc:FILE, ma:FILE, bridge:FILE,\n"
		 "table:FILE, linear:FILE. Values are in ohm, mV (thermocouples), mA, mV/V or as the file\n"
		 "says; results in degC, kg or as it says, with their standard uncertainty u if known.\n"
		 "Moist air and gases take named values: dew, frost, rh, absolute, air-density, gas:FORMULA\n"
		 "with t, td, tf (degC), rh (%), p (Pa), co2 (ppm), ppb, ugm3, formula, and u_NAME for a\n"
		 "standard uncertainty; on standard input one record per line.",
	.flags = flags,
	.notes = "Exit status 1 when a value lies outside what the sensor's equation can give.\n\n"
		 "Examples:\n"
		 "  sense convert pt100 107.79 110.5\n"
		 "  sense convert tc-K --at 23.1 -- -1.2 4.096\n"
		 "  sense convert pt100 --inverse -- -40 0 100\n"
		 "  sense convert dew t=23.1 rh=45 p=101325 --json\n"
		 "  sense convert gas:NO2 ppb=21.3",
};

struct convert {
	const char *name, *at;
	struct sense_sensor *sensor;
	int inverse;
	double auxiliary;
	int64_t now_ns;
	int impossible;
};

/* Electrical values in the units of instruments and printed tables. */
static double shown_unit(const char *unit, const char **name)
{
	static const struct { const char *unit, *shown; double factor; } units[] = {
		{ "Cel", "degC", 1 }, { "V", "mV", 1e3 }, { "A", "mA", 1e3 }, { "V/V", "mV/V", 1e3 },
		{ "Ohm", "ohm", 1 },
	};

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
		if (!strcmp(units[i].unit, unit)) {
			*name = units[i].shown;
			return units[i].factor;
		}
	*name = unit;
	return 1;
}

static const struct { uint32_t flag; const char *name; } reading_flags[] = {
	{ SENSE_READING_IMPOSSIBLE, "out-of-range" },
	{ SENSE_READING_OUTSIDE, "outside-calibration" },
	{ SENSE_READING_EXPIRED, "expired" },
	{ SENSE_READING_UNCALIBRATED, "uncalibrated" },
};
#define READING_FLAGS (sizeof(reading_flags) / sizeof(reading_flags[0]))

static void print_json(const struct convert *c, double input, const char *from,
		       const struct sense_reading *reading, double factor, const char *to)
{
	json_t *all = json_object(), *list = json_array();

	json_object_set_new(all, "sensor", json_string(c->name));
	json_object_set_new(all, "input", json_real(input));
	json_object_set_new(all, "input_unit", json_string(from));
	json_object_set_new(all, "value", isfinite(reading->value) ? json_real(reading->value * factor) :
								     json_null());
	json_object_set_new(all, "unit", json_string(to));
	json_object_set_new(all, "u", isfinite(reading->u) ? json_real(reading->u * factor) : json_null());
	if (!isnan(c->auxiliary))
		json_object_set_new(all, "at_degC", json_real(c->auxiliary));
	for (size_t i = 0; i < READING_FLAGS; i++)
		if (reading->flags & reading_flags[i].flag)
			json_array_append_new(list, json_string(reading_flags[i].name));
	json_object_set_new(all, "flags", list);
	say_json(all);
}

static void convert_one(struct convert *c, double input)
{
	const char *x_name, *y_name, *from, *to;
	double x_factor = 1, y_factor = 1, factor;
	struct sense_reading reading;

	/* What a file calls its unit is what it is counted in. */
	x_name = sense_sensor_get_input_unit(c->sensor);
	y_name = sense_sensor_get_unit(c->sensor);
	if (strcmp(sense_sensor_get_kind(c->sensor), "table"))
		x_factor = shown_unit(x_name, &x_name);
	if (!strcmp(y_name, "Cel"))
		y_factor = shown_unit(y_name, &y_name);
	if (c->inverse) {
		reading = sense_sensor_invert(c->sensor, input / y_factor, c->auxiliary, c->now_ns);
		from = y_name;
		to = x_name;
		factor = x_factor;
	} else {
		reading = sense_sensor_read(c->sensor, input / x_factor, c->auxiliary, c->now_ns);
		from = x_name;
		to = y_name;
		factor = y_factor;
	}
	if (isnan(reading.value))
		c->impossible++;
	if (say_is_json()) {
		print_json(c, input, from, &reading, factor, to);
		return;
	}
	printf("%.12g %s\t", input, from);
	if (isnan(reading.value))
		printf("-\t");
	else
		printf("%.12g %s\t", reading.value * factor, to);
	if (isnan(reading.u))
		printf("-");
	else
		printf("u %.3g %s", reading.u * factor, to);
	for (size_t i = 0; i < READING_FLAGS; i++)
		if (reading.flags & reading_flags[i].flag & ~SENSE_READING_UNCALIBRATED)
			printf("\t%s", reading_flags[i].name);
	printf("\n");
}

int convert_number(const char *what, const char *text, double *value)
{
	char *end;

	*value = strtod(text, &end);
	if (end != text && !*end && isfinite(*value))
		return 0;
	return say_fail(EXIT_USAGE, "write a decimal number, without a unit", "%s '%s' is not a number", what,
			text);
}

static int take(void *context, int count, char **words)
{
	double value;

	for (int i = 0; i < count; i++) {
		if (convert_number("value", words[i], &value))
			return EXIT_USAGE;
		convert_one(context, value);
	}
	return 0;
}

static int take_air(void *context, int count, char **words)
{
	const struct convert *c = context;

	return count ? convert_air(c->name, count, words, c->at) : 0;
}

int convert_lines(int (*take_line)(void *context, int count, char **words), void *context)
{
	char *line = NULL, *words[64], *rest, *word;
	size_t room = 0;
	int code = 0, count;

	while (!code && getline(&line, &room, stdin) >= 0) {
		/* A long line of numbers goes in portions; a record never has as many. */
		for (rest = line; !code && rest;) {
			count = 0;
			while (count < 64 && (word = strsep(&rest, " \t\r\n,;")))
				if (*word)
					words[count++] = word;
			code = take_line(context, count, words);
		}
	}
	if (!code && ferror(stdin))
		code = say_fail(EXIT_ENVIRONMENT, NULL, "standard input cannot be read: %s", strerror(errno));
	free(line);
	return code;
}

static int sensor_at(struct convert *c)
{
	const char *text = c->at, *equals = text ? strchr(text, '=') : NULL;

	c->auxiliary = sense_sensor_get_reference_degC(c->sensor);
	if (!text)
		return 0;
	if (!sense_sensor_needs_auxiliary(c->sensor))
		return say_fail(EXIT_USAGE, "leave --at out", "%s depends on nothing else", c->name);
	if (equals && (!strncmp(text, "t=", 2) || !strncmp(text, "cj=", 3)))
		text = equals + 1;
	return convert_number("--at", text, &c->auxiliary);
}

int command_convert(int argc, char **argv)
{
	struct convert c = { .auxiliary = NAN };
	int key, code;

	while ((key = flags_next(&usage, argc, argv)) >= 0) {
		if (key == KEY_INVERSE)
			c.inverse = 1;
		else if (key == KEY_AT)
			c.at = optarg;
	}
	if (key == FLAGS_STOP)
		return flags_exit();
	code = flags_operands(&usage, argc, 1, INT32_MAX);
	if (code)
		return code;
	c.name = argv[optind++];
	if (convert_air_knows(c.name)) {
		if (c.inverse)
			return say_fail(EXIT_USAGE, "name what is known, and ask for what is wanted: rh, dew, frost",
					"%s has no inverse", c.name);
		code = optind < argc ? convert_air(c.name, argc - optind, argv + optind, c.at)
				     : convert_lines(take_air, &c);
	} else {
		c.sensor = sense_sensor_open(c.name);
		if (!c.sensor)
			return say_library_as(sense_error_last()->code == EINVAL ||
					      sense_error_last()->code == EFBIG ? EXIT_USAGE : EXIT_ENVIRONMENT);
		c.now_ns = sense_clock_now_ns();
		code = sensor_at(&c);
		if (!code)
			code = optind < argc ? take(&c, argc - optind, argv + optind) : convert_lines(take, &c);
		if (!code && c.impossible) {
			char range[96];
			const char *name = sense_sensor_get_unit(c.sensor);

			if (!strcmp(name, "Cel"))
				name = "degC";
			snprintf(range, sizeof(range), "its equation holds from %.6g to %.6g %s",
				 sense_sensor_get_min(c.sensor), sense_sensor_get_max(c.sensor), name);
			fflush(stdout);
			code = say_fail(EXIT_NO, range, "%d value%s outside what %s can give", c.impossible,
					c.impossible == 1 ? " lies" : "s lie", c.name);
		}
		sense_sensor_unref(c.sensor);
	}
	key = say_done(stdout, "standard output");
	return code ? code : key;
}
