// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * One YAML mapping per sensor. Every key must be known and every number finite;
 * the first thing wrong is reported with its line, its key and what would be right.
 */
#include "calibrate/sensor-file.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <yaml.h>

#include "base/error.h"
#include "calibrate/sensor.h"

#define MAX_BYTES (1 << 20)
#define DAY_S 86400
/* TAI - UTC since 2017. A day of validity is not settled by seconds, so no later one matters. */
#define TAI_OFFSET_S 37

struct reader {
	yaml_document_t document;
	const char *name;
	const char *folder;	/* of the sensor file; NULL: parsed from memory */
	struct sense_sensor *sensor;
	locale_t locale;
	int failed;
};

static int fail(struct reader *r, const yaml_node_t *node, const char *remedy, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Note the first failure and return -EINVAL. */
static int fail(struct reader *r, const yaml_node_t *node, const char *remedy, const char *format, ...)
{
	char where[320], sentence[512];
	va_list args;

	if (r->failed)
		return r->failed;
	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	snprintf(where, sizeof(where), "%s:%zu", r->name, node ? node->start_mark.line + 1 : 1);
	r->failed = sense_fail(EINVAL, where, remedy, "%s", sentence);
	return r->failed;
}

static yaml_node_t *node_of(struct reader *r, int index)
{
	return yaml_document_get_node(&r->document, index);
}

static const char *scalar(const yaml_node_t *node)
{
	if (!node || node->type != YAML_SCALAR_NODE ||
	    strlen((const char *)node->data.scalar.value) != node->data.scalar.length)
		return NULL;
	return (const char *)node->data.scalar.value;
}

/* Value of a key, or NULL. */
static yaml_node_t *get(struct reader *r, const yaml_node_t *mapping, const char *key)
{
	if (!mapping || mapping->type != YAML_MAPPING_NODE)
		return NULL;
	for (yaml_node_pair_t *p = mapping->data.mapping.pairs.start; p < mapping->data.mapping.pairs.top; p++) {
		const char *name = scalar(node_of(r, p->key));

		if (name && !strcmp(name, key))
			return node_of(r, p->value);
	}
	return NULL;
}

/* Keys of a mapping: words of @known, each at most once. */
static int check_keys(struct reader *r, const yaml_node_t *mapping, const char *known, const char *what)
{
	if (mapping->type != YAML_MAPPING_NODE)
		return fail(r, mapping, "write keys and values, \"key: value\"", "%s must be a mapping", what);
	for (yaml_node_pair_t *p = mapping->data.mapping.pairs.start; p < mapping->data.mapping.pairs.top; p++) {
		const yaml_node_t *key = node_of(r, p->key);
		const char *name = scalar(key), *found = known;
		char remedy[384];
		size_t length;

		if (!name || !*name)
			return fail(r, key, "write keys as plain words", "%s has a key that is no word", what);
		length = strlen(name);
		while ((found = strstr(found, name)) &&
		       ((found > known && found[-1] != ' ') || (found[length] && found[length] != ' ')))
			found++;
		if (!found) {
			snprintf(remedy, sizeof(remedy), "its keys are: %s", known);
			return fail(r, key, remedy, "%s has no key '%.60s'", what, name);
		}
		for (yaml_node_pair_t *q = mapping->data.mapping.pairs.start; q < p; q++) {
			const char *other = scalar(node_of(r, q->key));

			if (other && !strcmp(other, name))
				return fail(r, key, "keep one of them", "key '%s' stands twice", name);
		}
	}
	return 0;
}

static int parse_number(struct reader *r, const yaml_node_t *node, const char *key, double *value)
{
	const char *text = scalar(node);
	char *end;

	if (text && *text)
		*value = strtod_l(text, &end, r->locale);
	if (!text || !*text || *end || !isfinite(*value))
		return fail(r, node, "write a decimal number, such as 3.9083e-3, without a unit",
			    "key '%s' must be a number%s%.60s%s", key, text ? " and is '" : "",
			    text ? text : "", text ? "'" : "");
	return 0;
}

/* A number; left as it is when the key is absent, unless @required. */
static int number(struct reader *r, const yaml_node_t *mapping, const char *key, bool required,
		  double *value)
{
	const yaml_node_t *node = get(r, mapping, key);

	if (r->failed)
		return r->failed;
	if (node)
		return parse_number(r, node, key, value);
	if (required) {
		char remedy[160];

		snprintf(remedy, sizeof(remedy), "add a line \"%s: NUMBER\"; Documentation/sensors.md has examples",
			 key);
		return fail(r, mapping, remedy, "key '%s' is missing", key);
	}
	return 0;
}

/* A list of @least to @most numbers. Returns how many, 0 when absent, or -EINVAL. */
static int numbers(struct reader *r, const yaml_node_t *node, const char *key, int least, int most,
		   double *values)
{
	int count = 0;

	if (!node || r->failed)
		return r->failed;
	if (node->type == YAML_SEQUENCE_NODE)
		count = (int)(node->data.sequence.items.top - node->data.sequence.items.start);
	if (node->type != YAML_SEQUENCE_NODE || count < least || count > most)
		return fail(r, node, "write a list in brackets: [1, 2]",
			    "key '%s' must be a list of %d to %d numbers", key, least, most);
	for (int i = 0; i < count; i++)
		if (parse_number(r, node_of(r, node->data.sequence.items.start[i]), key, &values[i]))
			return r->failed;
	return count;
}

/* A list of rows of @least to @most numbers, column by column. Returns how many rows. */
static int rows(struct reader *r, const yaml_node_t *node, const char *key, int least, int most,
		unsigned int max_rows, double (*columns)[FIT_POINTS], int *width)
{
	double row[4];
	int count;

	if (!node || r->failed)
		return r->failed;
	if (node->type != YAML_SEQUENCE_NODE)
		return fail(r, node, "write \"points:\" and below it rows such as \"- [0, 100.01]\"",
			    "key '%s' must be a list of points", key);
	count = (int)(node->data.sequence.items.top - node->data.sequence.items.start);
	if (count < 1 || (unsigned int)count > max_rows)
		return fail(r, node, "leave points out, or add them", "key '%s' has %d points, 1 to %u are read",
			    key, count, max_rows);
	*width = 0;
	for (int i = 0; i < count; i++) {
		yaml_node_t *item = node_of(r, node->data.sequence.items.start[i]);
		int n = numbers(r, item, key, least, most, row);

		if (n < 0)
			return n;
		if (*width && n != *width)
			return fail(r, item, "give each point as many numbers as the first",
				    "a point of '%s' has %d numbers and the first %d", key, n, *width);
		*width = n;
		for (int j = 0; j < n; j++)
			columns[j][i] = row[j];
	}
	return count;
}

static int text(struct reader *r, const yaml_node_t *mapping, const char *key, bool required, char *to,
		size_t size)
{
	const yaml_node_t *node = get(r, mapping, key);
	const char *value = scalar(node);

	if (r->failed || (!node && !required))
		return r->failed;
	if (!node)
		return fail(r, mapping, "Documentation/sensors.md has examples", "key '%s' is missing", key);
	if (!value || !*value || strlen(value) >= size)
		return fail(r, node, "write a short text", "key '%s' must be text of 1 to %zu bytes", key,
			    size - 1);
	snprintf(to, size, "%s", value);
	return 0;
}

int sensor_file_date(const char *word, int days, int64_t *ns)
{
	struct tm tm = { 0 };
	time_t seconds;
	int y, m, d, used = 0;

	if (sscanf(word, "%4d-%2d-%2d%n", &y, &m, &d, &used) != 3 || word[used] || used != 10)
		return -EINVAL;
	tm.tm_year = y - 1900;
	tm.tm_mon = m - 1;
	tm.tm_mday = d;
	seconds = timegm(&tm);
	/* timegm() turns 30 February into a day of March. */
	if (y < 1900 || y > 2200 || tm.tm_mon != m - 1 || tm.tm_mday != d)
		return -EINVAL;
	*ns = ((int64_t)seconds + (int64_t)days * DAY_S + TAI_OFFSET_S) * INT64_C(1000000000);
	return 0;
}

static int date(struct reader *r, const yaml_node_t *mapping, const char *key, int days, int64_t *ns)
{
	const yaml_node_t *node = get(r, mapping, key);
	char word[32] = "";

	if (r->failed || !node || text(r, mapping, key, true, word, sizeof(word)))
		return r->failed;
	if (sensor_file_date(word, days, ns))
		return fail(r, node, "write it as 2027-03-31", "key '%s' must be a date, and '%s' is none", key,
			    word);
	return 0;
}

/* ---- what all sensors share ------------------------------------------------------------------ */

#define COMMON "sensor serial certificate certificate_file calibrated valid_until range outside uncertainty"

static int uncertainty(struct reader *r, const yaml_node_t *mapping)
{
	struct sense_sensor_calibration *c = &r->sensor->calibration;
	const yaml_node_t *node = get(r, mapping, "uncertainty"), *points;
	double k = 1, big = NAN, columns[4][FIT_POINTS];
	int width, count;

	if (!node || r->failed)
		return r->failed;
	if (node->type == YAML_SCALAR_NODE)
		return parse_number(r, node, "uncertainty", &c->u);
	if (check_keys(r, node, "u U k relative points input auxiliary drift_per_year", "uncertainty"))
		return r->failed;
	number(r, node, "k", false, &k);
	number(r, node, "u", false, &c->u);
	number(r, node, "U", false, &big);
	number(r, node, "relative", false, &c->u_relative);
	number(r, node, "input", false, &c->u_input);
	number(r, node, "auxiliary", false, &c->u_auxiliary);
	number(r, node, "drift_per_year", false, &c->drift_per_year);
	if (r->failed)
		return r->failed;
	if (!(k > 0))
		return fail(r, get(r, node, "k"), "write the certificate's k, usually 2", "k is %g", k);
	if (!isnan(big) && !isnan(c->u))
		return fail(r, get(r, node, "U"), "keep u, or U with k", "both u and U are given");
	if (!isnan(big) && !get(r, node, "k"))
		return fail(r, get(r, node, "U"), "add \"k: 2\", or whatever the certificate says",
			    "an expanded uncertainty U needs its coverage factor k");
	if (!isnan(big))
		c->u = big / k;
	points = get(r, node, "points");
	count = rows(r, points, "points", 2, 2, SENSE_SENSOR_U_POINTS, columns, &width);
	if (count > 0 && !isnan(c->u))
		return fail(r, points, "keep one of them", "the uncertainty is given both once and by points");
	for (int i = 0; i < count; i++) {
		c->u_at[i] = columns[0][i];
		c->u_point[i] = columns[1][i] / k;
	}
	c->u_count = count > 0 ? (unsigned int)count : 0;
	return r->failed;
}

static int common(struct reader *r, const yaml_node_t *top)
{
	struct sense_sensor_calibration *c = &r->sensor->calibration;
	char word[32] = "";
	double range[2];

	text(r, top, "sensor", false, word, sizeof(word));
	if (*word && strcmp(word, r->sensor->equation->kind))
		return fail(r, get(r, top, "sensor"), "open it under its own kind",
			    "the file describes a sensor of kind '%s', not '%s'", word,
			    r->sensor->equation->kind);
	text(r, top, "serial", false, c->serial, sizeof(c->serial));
	text(r, top, "certificate", false, c->certificate, sizeof(c->certificate));
	date(r, top, "calibrated", 0, &c->calibrated_ns);
	date(r, top, "valid_until", 1, &c->valid_until_ns);
	if (numbers(r, get(r, top, "range"), "range", 2, 2, range) == 2) {
		c->range_min = range[0];
		c->range_max = range[1];
	}
	*word = 0;
	text(r, top, "outside", false, word, sizeof(word));
	if (!strcmp(word, "refuse"))
		c->refuse_outside = 1;
	else if (*word && strcmp(word, "flag"))
		return fail(r, get(r, top, "outside"), "write flag or refuse", "outside is '%s'", word);
	return uncertainty(r, top);
}

/* An equation refused what it was given: say in which file. */
static int refused(struct reader *r, const yaml_node_t *node)
{
	char sentence[512], remedy[384];

	snprintf(sentence, sizeof(sentence), "%s", sense_error_last()->sentence);
	snprintf(remedy, sizeof(remedy), "%s", sense_error_last()->remedy);
	return fail(r, node, remedy, "%s", sentence);
}

/* ---- one by one ---------------------------------------------------------------------------------- */

static int read_certificate(struct reader *r, const yaml_node_t *top)
{
	const yaml_node_t *node = get(r, top, "certificate_file");
	char word[256] = "", path[1024];

	if (!node || r->failed || text(r, top, "certificate_file", true, word, sizeof(word)))
		return r->failed;
	if (!r->folder)
		return fail(r, node, "load the sensor from a file",
			    "a sensor that is no file cannot have a certificate beside it");
	if (*word == '/')
		snprintf(path, sizeof(path), "%s", word);
	else
		snprintf(path, sizeof(path), "%s/%s", r->folder, word);
	return sensor_certificate_apply(r->sensor, path) ? refused(r, node) : 0;
}

static int read_rtd(struct reader *r, const yaml_node_t *top)
{
	struct sense_rtd *rtd = &r->sensor->rtd;
	const yaml_node_t *points = get(r, top, "points");
	double columns[4][FIT_POINTS];
	int width, count;

	if (check_keys(r, top, COMMON " r0 a b c points", "a resistance thermometer"))
		return r->failed;
	*rtd = sense_rtd_iec60751(NAN);
	if (!points) {
		/* A certificate may have them all. */
		if (get(r, top, "certificate_file") && !get(r, top, "r0") && !get(r, top, "a") &&
		    !get(r, top, "b") && !get(r, top, "c"))
			return 0;
		number(r, top, "r0", true, &rtd->r0_ohm);
		number(r, top, "a", get(r, top, "b") != NULL, &rtd->a);
		number(r, top, "b", get(r, top, "a") != NULL, &rtd->b);
		return number(r, top, "c", false, &rtd->c);
	}
	if (get(r, top, "r0") || get(r, top, "a") || get(r, top, "b") || get(r, top, "c"))
		return fail(r, points, "keep one of them", "both coefficients and points are given");
	count = rows(r, points, "points", 2, 3, FIT_POINTS, columns, &width);
	if (count < 0)
		return count;
	if (sense_rtd_fit(rtd, columns[0], columns[1], width == 3 ? columns[2] : NULL, count))
		return refused(r, points);
	r->sensor->calibration.range_min = INFINITY;
	r->sensor->calibration.range_max = -INFINITY;
	for (int i = 0; i < count; i++) {
		r->sensor->calibration.range_min = fmin(r->sensor->calibration.range_min, columns[0][i]);
		r->sensor->calibration.range_max = fmax(r->sensor->calibration.range_max, columns[0][i]);
	}
	return 0;
}

static int read_deviation(struct reader *r, const yaml_node_t *top, const char *key,
			  struct sense_sprt_deviation *d)
{
	const yaml_node_t *node = get(r, top, key), *points;
	double columns[4][FIT_POINTS], subrange = 0;
	int width, count;

	if (!node || r->failed)
		return r->failed;
	if (check_keys(r, node, "subrange a b c d points", key))
		return r->failed;
	number(r, node, "subrange", true, &subrange);
	if (!r->failed && !(subrange >= 1 && subrange <= 11 && subrange == floor(subrange)))
		return fail(r, get(r, node, "subrange"), "ITS-90 has subranges 1 to 11; <sense/sprt.h> lists them",
			    "subrange is %g", subrange);
	d->subrange = (unsigned int)subrange;
	points = get(r, node, "points");
	count = rows(r, points, "points", 2, 3, 32, columns, &width);
	if (r->failed)
		return r->failed;
	if (count) {
		if (get(r, node, "a") || get(r, node, "b") || get(r, node, "c") || get(r, node, "d"))
			return fail(r, points, "keep one of them", "both coefficients and points are given");
		if (sense_sprt_fit(d, d->subrange, columns[0], columns[1], width == 3 ? columns[2] : NULL,
				   count))
			return refused(r, points);
		return 0;
	}
	number(r, node, "a", true, &d->a);
	number(r, node, "b", d->subrange < 10, &d->b);
	number(r, node, "d", d->subrange == 6, &d->d);
	if (get(r, node, "c") && get(r, node, "c")->type == YAML_SCALAR_NODE)
		return number(r, node, "c", true, &d->c[0]);
	numbers(r, get(r, node, "c"), "c", 1, 5, d->c);
	if (!get(r, node, "c") && (d->subrange <= 3 || d->subrange == 6 || d->subrange == 7))
		return fail(r, node, "add \"c: NUMBER\", or a list of them for subranges 1 and 2",
			    "subrange %u has coefficients c", d->subrange);
	return r->failed;
}

static int read_sprt(struct reader *r, const yaml_node_t *top)
{
	if (check_keys(r, top, COMMON " r_tpw low high", "a standard platinum thermometer"))
		return r->failed;
	number(r, top, "r_tpw", true, &r->sensor->sprt.r_tpw_ohm);
	read_deviation(r, top, "low", &r->sensor->sprt.low);
	return read_deviation(r, top, "high", &r->sensor->sprt.high);
}

static int read_tc(struct reader *r, const yaml_node_t *top)
{
	struct sense_thermocouple *tc = &r->sensor->thermocouple;
	char type[8] = "";

	if (check_keys(r, top, COMMON " type deviation_uV", "a thermocouple") ||
	    text(r, top, "type", true, type, sizeof(type)))
		return r->failed;
	if (strlen(type) != 1)
		return fail(r, get(r, top, "type"), "write one of B, E, J, K, N, R, S and T",
			    "there is no thermocouple of type '%s'", type);
	tc->letter = type[0];
	numbers(r, get(r, top, "deviation_uV"), "deviation_uV", 1, 4, tc->deviation);
	for (int i = 0; i < 4; i++)
		tc->deviation[i] *= 1e-6;
	return r->failed;
}

static int read_ntc(struct reader *r, const yaml_node_t *top)
{
	struct sense_thermistor *ntc = &r->sensor->thermistor;
	double columns[4][FIT_POINTS], c[4], range[2], beta = 0, r0 = 0, t0 = 25;
	const yaml_node_t *points = get(r, top, "points"), *node;
	int width, count;

	if (check_keys(r, top, COMMON " steinhart_hart coefficients beta r0 t0 points", "a thermistor"))
		return r->failed;
	if (!!points + !!get(r, top, "beta") + !!get(r, top, "steinhart_hart") +
	    !!get(r, top, "coefficients") != 1)
		return fail(r, top, "keep one of steinhart_hart: [A, B, C], coefficients: [c0, c1, c2, c3], "
			    "beta with r0, and points", "the equation is not given, or given more than once");
	if (points) {
		count = rows(r, points, "points", 2, 2, 3, columns, &width);
		if (count < 0)
			return count;
		if (count != 3)
			return fail(r, points, "Steinhart-Hart needs three", "there are %d points", count);
		if (sense_thermistor_from_points(ntc, columns[0], columns[1]))
			return refused(r, points);
		return 0;
	}
	node = get(r, top, "range");
	if (!node)
		return fail(r, top, "add \"range: [0, 50]\", in degC",
			    "key 'range' is missing: the equation holds where it was calibrated only");
	if (numbers(r, node, "range", 2, 2, range) < 0)
		return r->failed;
	node = get(r, top, "beta");
	if (node) {
		number(r, top, "beta", true, &beta);
		number(r, top, "r0", true, &r0);
		number(r, top, "t0", false, &t0);
		if (!r->failed && sense_thermistor_from_beta(ntc, r0, t0, beta, range[0], range[1]))
			return refused(r, node);
	} else {
		node = get(r, top, "steinhart_hart");
		if (node && numbers(r, node, "steinhart_hart", 3, 3, c) == 3)
			memcpy(ntc->c, (double[]){ c[0], c[1], 0, c[2] }, sizeof(ntc->c));
		else if (!node && numbers(r, node = get(r, top, "coefficients"), "coefficients", 4, 4, c) == 4)
			memcpy(ntc->c, c, sizeof(c));
		if (!r->failed && sense_thermistor_set_range(ntc, range[0], range[1]))
			return refused(r, node);
	}
	return r->failed;
}

static int read_loop(struct reader *r, const yaml_node_t *top)
{
	struct sense_current_loop *loop = &r->sensor->loop;
	const yaml_node_t *points = get(r, top, "points");
	double columns[4][FIT_POINTS], low = 0, high = 0;
	int width, count;

	if (check_keys(r, top, COMMON " unit low high points", "a current loop") ||
	    text(r, top, "unit", true, r->sensor->unit, sizeof(r->sensor->unit)))
		return r->failed;
	if (points) {
		if (get(r, top, "low") || get(r, top, "high"))
			return fail(r, points, "keep one of them", "both low and high and points are given");
		count = rows(r, points, "points", 2, 2, FIT_POINTS, columns, &width);
		loop->count = count > 0 ? (unsigned int)count : 0;
		for (int i = 0; i < count; i++) {
			loop->current_A[i] = columns[0][i] * 1e-3;
			loop->value[i] = columns[1][i];
		}
		return r->failed;
	}
	number(r, top, "low", true, &low);
	number(r, top, "high", true, &high);
	*loop = sense_current_loop_linear(low, high);
	return r->failed;
}

static int read_bridge(struct reader *r, const yaml_node_t *top)
{
	struct sense_bridge *b = &r->sensor->bridge;
	double sensitivity = 0, zero = 0, tc_zero = 0, range[2], temperature[2];

	if (check_keys(r, top, COMMON " rated_kg sensitivity_mV_V zero_mV_V tc_sensitivity tc_zero_mV_V "
		       "reference_degC temperature_range", "a bridge"))
		return r->failed;
	b->reference_degC = 20;
	number(r, top, "rated_kg", true, &b->rated_kg);
	number(r, top, "sensitivity_mV_V", true, &sensitivity);
	number(r, top, "zero_mV_V", false, &zero);
	number(r, top, "tc_sensitivity", false, &b->tc_sensitivity);
	number(r, top, "tc_zero_mV_V", false, &tc_zero);
	number(r, top, "reference_degC", false, &b->reference_degC);
	b->sensitivity = sensitivity * 1e-3;
	b->zero = zero * 1e-3;
	b->tc_zero = tc_zero * 1e-3;
	b->min_kg = 0;
	b->max_kg = b->rated_kg;
	if (numbers(r, get(r, top, "range"), "range", 2, 2, range) == 2) {
		b->min_kg = range[0];
		b->max_kg = range[1];
	}
	/* Without a range for its temperature coefficients a cell is used at its reference only. */
	b->min_degC = b->max_degC = b->reference_degC;
	if (numbers(r, get(r, top, "temperature_range"), "temperature_range", 2, 2, temperature) == 2) {
		b->min_degC = temperature[0];
		b->max_degC = temperature[1];
	}
	return r->failed;
}

static int read_table(struct reader *r, const yaml_node_t *top)
{
	static const char *const kinds[] = { "piecewise", "polynomial", "spline" };
	double columns[4][FIT_POINTS], degree = 0, common_u = 0, *v = NULL;
	const yaml_node_t *points = get(r, top, "points");
	char word[32] = "piecewise";
	int width, count, kind = -1, result;

	if (check_keys(r, top, COMMON " unit input_unit fit degree common_u points", "a table") ||
	    text(r, top, "unit", true, r->sensor->unit, sizeof(r->sensor->unit)) ||
	    text(r, top, "input_unit", true, r->sensor->input_unit, sizeof(r->sensor->input_unit)) ||
	    text(r, top, "fit", false, word, sizeof(word)))
		return r->failed;
	for (int i = 0; i < 3; i++)
		if (!strcmp(word, kinds[i]))
			kind = i;
	if (kind < 0)
		return fail(r, get(r, top, "fit"), "write piecewise, polynomial or spline", "fit is '%s'", word);
	number(r, top, "degree", kind == SENSE_FIT_POLYNOMIAL, &degree);
	number(r, top, "common_u", false, &common_u);
	if (r->failed)
		return r->failed;
	if (!points)
		return fail(r, top, "add rows of input, value and standard uncertainty", "key 'points' is missing");
	count = rows(r, points, "points", 2, 3, FIT_POINTS, columns, &width);
	if (count < 0)
		return count;
	if (!(degree >= 0 && degree <= 9 && degree == floor(degree)))
		return fail(r, get(r, top, "degree"), "write a degree 1 to 9", "degree is %g", degree);
	if (get(r, top, "common_u") && (width != 3 || !(common_u >= 0)))
		return fail(r, get(r, top, "common_u"), "give each point an uncertainty as its third number",
			    "common_u is the part that all points share, and they have no uncertainty");
	if (common_u > 0) {
		v = malloc(sizeof(*v) * count * count);
		if (!v)
			return fail(r, points, "close other programs", "no memory for a covariance");
		for (int i = 0; i < count; i++)
			for (int j = 0; j < count; j++)
				v[i * count + j] = i == j ? columns[2][i] * columns[2][i] : common_u * common_u;
	}
	result = fit_make(&r->sensor->fit, kind, (unsigned int)degree, columns[0], columns[1],
			  width == 3 ? columns[2] : NULL, v, (unsigned int)count);
	free(v);
	return result ? refused(r, points) : 0;
}

static int read_linear(struct reader *r, const yaml_node_t *top)
{
	struct sensor_linear *l = &r->sensor->linear;
	const yaml_node_t *range = get(r, top, "range"), *limits = get(r, top, "limits");
	double pair[2] = { 0, 0 };

	if (check_keys(r, top, COMMON " unit input_unit gain zero limits", "a linear sensor") ||
	    text(r, top, "unit", true, r->sensor->unit, sizeof(r->sensor->unit)))
		return r->failed;
	snprintf(r->sensor->input_unit, sizeof(r->sensor->input_unit), "%s", r->sensor->unit);
	text(r, top, "input_unit", false, r->sensor->input_unit, sizeof(r->sensor->input_unit));
	l->gain = 1;
	number(r, top, "gain", strcmp(r->sensor->unit, r->sensor->input_unit) != 0, &l->gain);
	number(r, top, "zero", false, &l->zero);
	if (!range)
		return fail(r, top, "add \"range: [FROM, TO]\" as in the certificate",
			    "key 'range' is missing: a straight line holds where it was calibrated only");
	numbers(r, limits ? limits : range, limits ? "limits" : "range", 2, 2, pair);
	l->min = pair[0];
	l->max = pair[1];
	return r->failed;
}

static int read_top(struct reader *r, const yaml_node_t *top)
{
	static const struct {
		const struct sensor_equation *equation;
		int (*read)(struct reader *r, const yaml_node_t *top);
	} readers[] = {
		{ &sensor_rtd, read_rtd }, { &sensor_sprt, read_sprt }, { &sensor_thermocouple, read_tc },
		{ &sensor_thermistor, read_ntc }, { &sensor_loop, read_loop },
		{ &sensor_bridge, read_bridge }, { &sensor_table, read_table },
		{ &sensor_linear, read_linear },
	};

	if (!top || top->type != YAML_MAPPING_NODE)
		return fail(r, top, "Documentation/sensors.md has examples",
			    "this is no sensor file: it must be a mapping of keys");
	for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++)
		if (readers[i].equation == r->sensor->equation && readers[i].read(r, top))
			return r->failed;
	if (common(r, top) || read_certificate(r, top))
		return r->failed;
	if (sensor_complete(r->sensor))
		return refused(r, top);
	return 0;
}

static struct sense_sensor *parse(const char *kind, const char *name, const char *folder,
				  const char *content, size_t length)
{
	const struct sensor_equation *equation = sensor_equation_find(kind);
	struct reader r = { .name = name, .folder = folder };
	yaml_parser_t parser;
	struct sense_sensor *sensor;

	if (!equation)
		return sense_fail_null(EINVAL, name, "choose rtd, sprt, tc, ntc, ma, bridge, table or linear",
				       "there is no kind of sensor called '%s'", kind);
	if (length > MAX_BYTES)
		return sense_fail_null(EFBIG, name, "give the path of a sensor file",
				       "the file has %zu bytes and a sensor file at most %d", length, MAX_BYTES);
	sensor = calloc(1, sizeof(*sensor));
	r.locale = newlocale(LC_ALL_MASK, "C", NULL);
	if (!sensor || !r.locale || !yaml_parser_initialize(&parser)) {
		free(sensor);
		if (r.locale)
			freelocale(r.locale);
		return sense_fail_null(ENOMEM, name, "close other programs", "no memory for a sensor");
	}
	r.sensor = sensor;
	sensor->equation = equation;
	snprintf(sensor->name, sizeof(sensor->name), "%s", name);
	sense_sensor_calibration_init(&sensor->calibration);
	yaml_parser_set_input_string(&parser, (const unsigned char *)content, length);
	if (!yaml_parser_load(&parser, &r.document)) {
		char where[320];

		snprintf(where, sizeof(where), "%s:%zu", name, parser.problem_mark.line + 1);
		r.failed = sense_fail(EINVAL, where, "indent with spaces, close quotes and brackets",
				      "this is no YAML: %s", parser.problem ? parser.problem : "unreadable");
	} else {
		read_top(&r, yaml_document_get_root_node(&r.document));
		yaml_document_delete(&r.document);
	}
	yaml_parser_delete(&parser);
	freelocale(r.locale);
	if (r.failed) {
		free(sensor);
		return NULL;
	}
	return sensor;
}

struct sense_sensor *sense_sensor_parse(const char *kind, const char *name, const char *content,
					size_t length)
{
	return parse(kind, name, NULL, content, length);
}

struct sense_sensor *sensor_file_load(const char *kind, const char *path, const char *name)
{
	struct sense_sensor *sensor;
	char *content;
	size_t length;
	/* O_NONBLOCK: a pipe must not keep a program waiting that wants a file. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat status;
	FILE *file;

	if (fd < 0)
		return sense_fail_null(errno, path, "see that the file is there and may be read",
				       "the sensor file cannot be opened: %s", strerror(errno));
	if (fstat(fd, &status) || !S_ISREG(status.st_mode)) {
		close(fd);
		return sense_fail_null(EINVAL, path, "give the path of a sensor file", "this is no plain file");
	}
	file = fdopen(fd, "r");
	if (!file) {
		close(fd);
		return sense_fail_null(ENOMEM, path, "close other programs", "no memory for a sensor file");
	}
	content = malloc(MAX_BYTES + 1);
	if (!content) {
		fclose(file);
		return sense_fail_null(ENOMEM, path, "close other programs", "no memory for a sensor file");
	}
	length = fread(content, 1, MAX_BYTES + 1, file);
	if (ferror(file)) {
		sense_fail(EIO, path, "see that it is a file", "the sensor file cannot be read");
		sensor = NULL;
	} else {
		const char *slash = strrchr(path, '/');
		char folder[768];

		snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
		sensor = parse(kind, path, *folder ? folder : "/", content, length);
	}
	fclose(file);
	free(content);
	if (sensor)
		snprintf(sensor->name, sizeof(sensor->name), "%s", name);
	return sensor;
}
