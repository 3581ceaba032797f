// SPDX-License-Identifier: GPL-2.0-or-later
/* sense simulate - how far a model's prediction is from what was measured. */
#include <sense/simulate.h>

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sense/error.h>
#include <sense/model.h>

#include "command.h"
#include "data.h"
#include "fit-plot.h"
#include "flags.h"
#include "say.h"

enum { KEY_FROM = 256, KEY_HORIZON, KEY_FREE, KEY_OBSERVER, KEY_KNOWN, KEY_TOLERANCE, KEY_PLOT };

static const struct flag flags[] = {
	{ 'm', "model", "FILE", "the model, of sense identify" },
	DATA_FLAGS,
	{ KEY_FROM, "from", "FRACTION", "judge from this part of the rows on (0)" },
	{ KEY_HORIZON, "horizon", "STEPS", "predict that many rows ahead (1)" },
	{ KEY_FREE, "free-run", NULL, "measure nothing from there on; inputs are known" },
	{ KEY_OBSERVER, "observer", NULL, "the estimate with each row itself taken in" },
	{ KEY_KNOWN, "inputs-known", NULL, "recorded inputs over the horizon instead of held ones" },
	{ KEY_TOLERANCE, "tolerance", "T", "of the fraction within (0.010)" },
	{ KEY_PLOT, "plot", "PICTURE", "draw measured, simulated and their difference as SVG" },
	{ 0, NULL, NULL, NULL }
};

static const struct usage usage = {
	.synopsis = "--model FILE --data FILE --time COL --output COL --inputs COL,... [OPTION]...",
	.about = "Run a model over data and compare it with what was measured: a prediction so many rows\n"
		 "ahead, a free run, or the observer's estimate. Over a horizon the inputs are held at\n"
		 "their last known values. Beside it stands a model-free local linear trend, tuned on the\n"
		 "rows before --from.",
	.flags = flags,
	.notes = "Example:\n"
		 "  sense simulate -m model.json --data run.csv --time t --output bath \\\n"
		 "    --inputs current,ambient --from 0.5 --horizon 10 --json",
};

struct request {
	struct data_request data;
	struct sense_simulate_options options;
	const char *model, *plot;
	int has_horizon;
};

static int parse(struct request *r, int argc, char **argv)
{
	int key = FLAGS_END, code = 0;
	uint64_t horizon = 0;

	while (!code && (key = flags_next(&usage, argc, argv)) >= 0) {
		code = data_flag(&r->data, key, optarg);
		if (code >= 0)
			continue;
		code = 0;
		switch (key) {
		case 'm':
			r->model = optarg;
			break;
		case KEY_FROM:
			code = flags_real("from", optarg, 0, 0.999999, &r->options.from);
			break;
		case KEY_HORIZON:
			code = flags_uint("horizon", optarg, 1, 100000, &horizon);
			r->options.horizon = (unsigned int)horizon;
			r->has_horizon = 1;
			break;
		case KEY_FREE:
			r->options.mode = SENSE_SIMULATE_FREE_RUN;
			break;
		case KEY_OBSERVER:
			r->options.mode = SENSE_SIMULATE_OBSERVER;
			break;
		case KEY_KNOWN:
			r->options.inputs_known = 1;
			break;
		case KEY_TOLERANCE:
			code = flags_real("tolerance", optarg, 1e-12, 1e12, &r->options.tolerance);
			break;
		case KEY_PLOT:
			r->plot = optarg;
			break;
		}
	}
	if (code)
		return code;
	if (key == FLAGS_STOP)
		return FLAGS_STOP;
	code = flags_operands(&usage, argc, 0, 0);
	if (code)
		return code;
	if (!r->model)
		return say_fail(EXIT_USAGE, "give --model FILE", "it is not said which model");
	if (r->has_horizon && r->options.mode)
		return say_fail(EXIT_USAGE, "leave one of them out",
				"a horizon has no meaning for a free run or the observer");
	return 0;
}

static json_t *real(double v)
{
	return isfinite(v) ? json_real(v) : json_null();
}

static json_t *figures(const struct sense_simulate_report *r, double tolerance)
{
	char key[32];
	json_t *json = json_pack("{s:i,s:o,s:o,s:o,s:o,s:o,s:o}", "n", (int)r->n, "rms", real(r->rms),
				 "max", real(r->max), "bias", real(r->bias), "noise", real(r->noise),
				 "coverage_95", real(r->coverage), "u_rms", real(r->mean_u));

	snprintf(key, sizeof(key), "%.3f", tolerance);
	json_object_set_new(json, "within", json_pack("{s:o}", key, real(r->within)));
	return json;
}

static const char *mode_name(enum sense_simulate_mode mode)
{
	return mode == SENSE_SIMULATE_FREE_RUN ? "free run" :
	       mode == SENSE_SIMULATE_OBSERVER ? "observer" : "prediction";
}

static void print_line(const char *name, const struct sense_simulate_report *r, double tolerance)
{
	printf("%-22s rms %.5f  max %.5f  bias %+.5f  within %.3f: %.2f %%  inside 1.96 u: %.2f %%\n",
	       name, r->rms, r->max, r->bias, tolerance, 100 * r->within, 100 * r->coverage);
}

static int print(const struct request *r, const struct sense_model *model,
		 const struct sense_series *series,
		 const struct sense_simulate_report *report,
		 const struct sense_simulate_report *baseline)
{
	const struct sense_simulate_options *o = &r->options;
	double tolerance = o->tolerance > 0 ? o->tolerance : 0.010;
	int ahead = o->mode == SENSE_SIMULATE_PREDICTION;
	json_t *json, *other;

	if (!say_is_json()) {
		printf("%s of %s", mode_name(o->mode), sense_model_get_output_name(model, 0));
		if (ahead)
			printf(", %u step%s ahead, inputs %s", o->horizon, o->horizon == 1 ? "" : "s",
			       o->inputs_known ? "known" : "held");
		printf(", %u rows, readout noise %.5f\n", report->n, report->noise);
		print_line("model", report, tolerance);
		if (baseline) {
			print_line("local linear trend", baseline, tolerance);
			printf("%-22s %.3f\n", "ratio of the rms", report->rms / baseline->rms);
		}
		printf("%-22s %.2f %% of the rows\n", "outside validity", 100 * report->outside_validity);
		return say_done(stdout, "standard output");
	}
	json = figures(report, tolerance);
	json_object_set_new(json, "horizon", ahead ? json_integer(o->horizon) : json_null());
	json_object_set_new(json, "outside_validity", real(report->outside_validity));
	json_object_set_new(json, "mode", json_string(mode_name(o->mode)));
	json_object_set_new(json, "inputs",
			    json_string(ahead && !o->inputs_known ? "held" : "known"));
	json_object_set_new(json, "output", json_string(sense_model_get_output_name(model, 0)));
	json_object_set_new(json, "gaps", json_integer(sense_series_get_gaps(series, NULL, NULL)));
	json_object_set_new(json, "skipped", json_integer(sense_series_get_skipped(series)));
	json_object_set_new(json, "model", json_string(sense_model_get_digest(model)));
	other = baseline ? figures(baseline, tolerance) : json_null();
	if (baseline)
		json_object_set_new(other, "name", json_string("local linear trend"));
	json_object_set_new(json, "baseline", other);
	return say_json(json);
}

static int simulate(struct request *r, const struct sense_model *model,
		    const struct sense_series *series)
{
	unsigned int count = sense_series_get_count(series);
	struct sense_simulate_report report, baseline;
	double *value = malloc(2 * (size_t)count * sizeof(*value));
	int code = 0, has_baseline;

	if (!value)
		return say_fail(EXIT_ENVIRONMENT, NULL, "no memory for %u rows", count);
	if (sense_simulate(model, series, 0, &r->options, &report, value, value + count))
		code = say_library_as(EXIT_USAGE);
	if (!code) {
		has_baseline = !sense_simulate_baseline(series, 0, &r->options, &baseline);
		if (report.outside_validity > 0)
			say_note("%.1f %% of the rows have a value outside the model's limits of validity",
				 100 * report.outside_validity);
		if (r->plot)
			code = fit_plot(r->plot, mode_name(r->options.mode), series, value,
					value + count);
		if (!code)
			code = print(r, model, series, &report, has_baseline ? &baseline : NULL);
	}
	free(value);
	return code;
}

int command_simulate(int argc, char **argv)
{
	struct request r = { 0 };
	struct sense_model *model = NULL;
	struct sense_series *series = NULL;
	int code = parse(&r, argc, argv);

	if (!code && !r.options.horizon && r.options.mode == SENSE_SIMULATE_PREDICTION)
		r.options.horizon = 1;
	if (!code) {
		model = sense_model_load(r.model);
		if (!model) {
			int error = sense_error_last()->code;

			code = say_library_as(error == EBADMSG || error == EDOM || error == EPROTO ?
						      EXIT_USAGE : EXIT_ENVIRONMENT);
		}
	}
	if (!code)
		series = data_load(&r.data, &code);
	if (series)
		code = simulate(&r, model, series);
	sense_series_free(series);
	sense_model_free(model);
	data_release(&r.data);
	return code == FLAGS_STOP ? flags_exit() : code;
}
