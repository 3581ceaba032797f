// SPDX-License-Identifier: LGPL-2.1-or-later
#include "control/chamber.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "base/error.h"

/* Every parameter: its name in files, where it lies, and the range outside which it is a mistake. */
static const struct parameter {
	const char *name;
	size_t offset;
	double least, most;
} parameters[] = {
#define P(name, field, least, most) { name, offsetof(struct sense_chamber, field), least, most }
	P("C_air", c_air, 1e-3, 1e9),
	P("C_wall", c_wall, 1e-3, 1e9),
	P("C_sink", c_sink, 1e-3, 1e9),
	P("G_aw", g_air_wall, 1e-6, 1e6),
	P("G_wall_amb", g_wall_ambient, 0, 1e6),
	P("G_air_amb", g_air_ambient, 0, 1e6),
	P("G_sink", g_sink, 1e-6, 1e6),
	P("P0", p0, -1e6, 1e6),
	P("alpha", alpha, 1e-6, 100),
	P("R", resistance, 1e-6, 1e4),
	P("K", k, 0, 1e5),
	P("delay", delay, 0, 60),
	P("lag", lag, 0.05, 600),
	P("u_min", current_min, -1e4, 0),
	P("u_max", current_max, 0, 1e4),
	P("slew", slew, 1e-6, 1e6),
	P("noise_sensor", sensor_noise, 1e-7, 10),
	P("noise_ambient", ambient_noise, 0, 10),
#undef P
};

#define COUNT (sizeof(parameters) / sizeof(*parameters))

const char *sense_chamber_parameter_name(unsigned int index)
{
	return index < SENSE_CHAMBER_PARAMETERS ? parameters[index].name : NULL;
}

static double *field(struct sense_chamber *chamber, const struct parameter *p)
{
	return (double *)((char *)chamber + p->offset);
}

int sense_chamber_check(const struct sense_chamber *chamber, const char *object)
{
	struct sense_chamber copy = *chamber;

	for (size_t i = 0; i < COUNT; i++) {
		double value = *field(&copy, &parameters[i]);

		if (!(value >= parameters[i].least && value <= parameters[i].most))
			return sense_fail(EINVAL, object,
					  "units are SI; a current that cools is negative",
					  "parameter %s is %g, outside %g to %g",
					  parameters[i].name, value, parameters[i].least,
					  parameters[i].most);
	}
	if (!(chamber->current_max > chamber->current_min))
		return sense_fail(EINVAL, object, "u_min below u_max",
				  "the actuator has no range: u_min and u_max are both %g A",
				  chamber->current_min);
	return 0;
}

int sense_chamber_load(struct sense_chamber *chamber, const char *path)
{
	json_error_t error;
	json_t *top = json_load_file(path, 0, &error), *list;
	struct sense_chamber read;
	int code = 0;

	if (!top && error.line < 0)
		return sense_fail(ENOENT, path, "check the path", "cannot read the model file %s: %s",
				  path, error.text);
	if (!top)
		return sense_fail(EBADMSG, path, "a model file is JSON",
				  "%s line %d: %s", path, error.line, error.text);
	list = json_object_get(top, "parameters");
	if (!json_is_object(list))
		code = sense_fail(EBADMSG, path,
				  "see sense-loop(1) for the form of a model file",
				  "%s has no object \"parameters\"", path);
	for (size_t i = 0; !code && i < COUNT; i++) {
		json_t *item = json_object_get(list, parameters[i].name);

		if (json_is_object(item))
			item = json_object_get(item, "value");
		if (!json_is_number(item))
			code = sense_fail(EBADMSG, path, "every parameter needs a \"value\"",
					  "%s: parameter %s is missing or no number", path,
					  parameters[i].name);
		else
			*field(&read, &parameters[i]) = json_number_value(item);
	}
	json_decref(top);
	if (!code)
		code = sense_chamber_check(&read, path);
	if (!code)
		*chamber = read;
	return code;
}

double chamber_module_heat(const struct sense_chamber *p, double air, double sink, double current)
{
	return p->alpha * current * (air + CHAMBER_KELVIN) + 0.5 * p->resistance * current * current +
	       p->k * (sink - air);
}

double chamber_passive_heat(const struct sense_chamber *p, double air, double wall, double ambient)
{
	return p->g_air_wall * (wall - air) + p->g_air_ambient * (ambient - air) + p->p0;
}

static struct chamber_state slope(const struct sense_chamber *p, const struct chamber_state *s,
				  double ambient, double current, double heat)
{
	double joule = 0.5 * p->resistance * current * current;
	double hot = joule - p->alpha * current * (s->sink + CHAMBER_KELVIN) +
		     p->k * (s->air - s->sink);

	return (struct chamber_state){
		.air = (chamber_module_heat(p, s->air, s->sink, current) +
			chamber_passive_heat(p, s->air, s->wall, ambient) + heat) / p->c_air,
		.wall = (p->g_air_wall * (s->air - s->wall) +
			 p->g_wall_ambient * (ambient - s->wall)) / p->c_wall,
		.sink = (p->g_sink * (ambient - s->sink) + hot) / p->c_sink,
		.sensor = (s->air - s->sensor) / p->lag,
	};
}

void chamber_advance(const struct sense_chamber *p, struct chamber_state *s, double ambient,
		     double current, double heat, double h)
{
	struct chamber_state d = slope(p, s, ambient, current, heat), m;
	double half = 0.5 * h;

	m.air = s->air + half * d.air;
	m.wall = s->wall + half * d.wall;
	m.sink = s->sink + half * d.sink;
	m.sensor = s->sensor + half * d.sensor;
	d = slope(p, &m, ambient, current, heat);
	s->air += h * d.air;
	s->wall += h * d.wall;
	s->sink += h * d.sink;
	s->sensor += h * d.sensor;
}

double chamber_current_for(const struct sense_chamber *p, double air, double sink, double heat)
{
	/* a I^2 + b I + c = 0; the larger root is the branch of rising heat. */
	double a = 0.5 * p->resistance;
	double b = p->alpha * (air + CHAMBER_KELVIN);
	double c = p->k * (sink - air) - heat;
	double under = b * b - 4 * a * c;
	double current = ((under > 0 ? sqrt(under) : 0) - b) / (2 * a);

	if (current > p->current_max)
		return p->current_max;
	return current > p->current_min ? current : p->current_min;
}

double chamber_wall_balance(const struct sense_chamber *p, double air, double ambient)
{
	return (p->g_air_wall * air + p->g_wall_ambient * ambient) /
	       (p->g_air_wall + p->g_wall_ambient);
}

double chamber_sink_balance(const struct sense_chamber *p, double air, double ambient,
			    double current)
{
	return (p->g_sink * ambient - p->alpha * current * CHAMBER_KELVIN +
		0.5 * p->resistance * current * current + p->k * air) /
	       (p->g_sink + p->k + p->alpha * current);
}

static double surplus(const struct sense_chamber *p, double air, double ambient, double current)
{
	double sink = chamber_sink_balance(p, air, ambient, current);
	double wall = chamber_wall_balance(p, air, ambient);

	return chamber_module_heat(p, air, sink, current) +
	       chamber_passive_heat(p, air, wall, ambient);
}

int sense_chamber_steady(const struct sense_chamber *p, double air, double ambient, double *current)
{
	double high = p->current_max, step = (p->current_max - p->current_min) / 512;

	/* From full heating down: the first change of sign lies on the useful branch. */
	for (int i = 1; i <= 512 && surplus(p, air, ambient, high) >= 0; i++) {
		double low = p->current_max - i * step;

		if (surplus(p, air, ambient, low) <= 0) {
			for (int j = 0; j < 60; j++) {
				double middle = 0.5 * (low + high);

				if (surplus(p, air, ambient, middle) <= 0)
					low = middle;
				else
					high = middle;
			}
			*current = 0.5 * (low + high);
			return 0;
		}
		high = low;
	}
	return sense_fail(ERANGE, NULL, "choose a set point nearer to the ambient temperature",
			  "no current from %g to %g A holds %g degC at an ambient of %g degC",
			  p->current_min, p->current_max, air, ambient);
}
