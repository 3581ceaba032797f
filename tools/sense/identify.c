// SPDX-License-Identifier: GPL-2.0-or-later
/* sense identify - a model from data. */
#include <sense/identify.h>

#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sense/error.h>
#include <sense/simulate.h>

#include "command.h"
#include "data.h"
#include "fit-plot.h"
#include "flags.h"
#include "say.h"

enum { KEY_TRAIN = 256, KEY_STRUCTURE, KEY_STARTS, KEY_SEED, KEY_MULTI, KEY_PLOT };

static const struct flag flags[] = {
	{ 'o', "model", "FILE", "the model to write" },
	DATA_FLAGS,
	{ KEY_TRAIN, "train", "FROM:TO", "part of the rows to identify from (0:1)" },
	{ KEY_STRUCTURE, "structure", "WHICH", "auto (the default), innovations:N or greybox:FILE" },
	{ KEY_STARTS, "starts", "N", "of each search (4)" },
	{ KEY_SEED, "seed", "N", "of the starts (0)" },
	{ KEY_MULTI, "multi-step", "STEPS", "count errors that far ahead beside the innovations" },
	{ KEY_PLOT, "plot", "PICTURE", "draw fit and residuals as SVG" },
	{ 0, NULL, NULL, NULL }
};

static const struct usage usage = {
	.synopsis = "--data FILE --time COL --output COL --inputs COL,... -o MODEL [OPTION]...",
	.about = "Identify a state-space model by the prediction-error method on the innovations of its\n"
		 "Kalman filter, and write it as one content-addressed file. With auto the order is chosen\n"
		 "by the likelihood of data that were held out.",
	.flags = flags,
	.notes = "Example:\n"
		 "  sense identify --data run.csv --time t --output bath --inputs current,ambient \\\n"
		 "    --train 0:0.5 -o model.json --plot fit.svg",
};

struct request {
	struct data_request data;
	struct sense_identify_options options;
	const char *model, *plot;
	double shown;
	int on_line;
};

static int read_train(struct request *r, const char *text)
{
	int end = 0;

	if (sscanf(text, "%lf:%lf%n", &r->options.train_from, &r->options.train_to, &end) != 2 ||
	    text[end] || !(r->options.train_from >= 0 && r->options.train_to <= 1 &&
			   r->options.train_from < r->options.train_to))
		return say_fail(EXIT_USAGE, "give two fractions of the rows, such as 0:0.5",
				"'%s' is no part of the rows", text);
	return 0;
}

static int parse(struct request *r, int argc, char **argv)
{
	int key = FLAGS_END, code = 0;
	uint64_t number = 0;

	while (!code && (key = flags_next(&usage, argc, argv)) >= 0) {
		code = data_flag(&r->data, key, optarg);
		if (code >= 0)
			continue;
		code = 0;
		switch (key) {
		case 'o':
			r->model = optarg;
			break;
		case KEY_TRAIN:
			code = read_train(r, optarg);
			break;
		case KEY_STRUCTURE:
			r->options.structure = optarg;
			break;
		case KEY_STARTS:
			code = flags_uint("starts", optarg, 1, 1000, &number);
			r->options.starts = (unsigned int)number;
			break;
		case KEY_SEED:
			code = flags_uint("seed", optarg, 0, INT32_MAX, &number);
			r->options.seed = (unsigned int)number;
			break;
		case KEY_MULTI:
			code = flags_uint("multi-step", optarg, 2, 1000, &number);
			r->options.multi_step = (unsigned int)number;
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
	if (!code && !r->model)
		code = say_fail(EXIT_USAGE, "name a file with -o", "it is not said where the model goes");
	return code;
}

static int progress(void *context, const char *what, double done)
{
	struct request *r = context;

	if (!say_is_terminal(stderr) || done < r->shown + 0.005)
		return 0;
	r->shown = done;
	r->on_line = 1;
	fprintf(stderr, "\r\033[K%3.0f %%  %s", 100 * done, what);
	fflush(stderr);
	return 0;
}

static int print(const struct sense_model *m, const char *path)
{
	char *text;
	json_t *json;

	if (say_is_json()) {
		text = sense_model_to_json(m);
		if (!text)
			return say_library();
		json = json_loads(text, 0, NULL);
		free(text);
		json_object_set_new(json, "file", json_string(path));
		return say_json(json);
	}
	printf("%s of order %u, %u states, period %.4g s\n%s\n", sense_model_get_structure(m),
	       sense_model_get_order(m), sense_model_get_state_count(m), sense_model_get_period_s(m),
	       sense_model_get_digest(m));
	for (unsigned int i = 0; i < sense_model_get_parameter_count(m); i++) {
		struct sense_model_parameter p;

		if (sense_model_get_parameter(m, i, &p))
			continue;
		if (p.fitted)
			printf("  %-18s %12.5g  u %-10.2g %s\n", p.name, p.value, p.u, p.unit);
		else
			printf("  %-18s %12.5g  given        %s\n", p.name, p.value, p.unit);
	}
	return say_done(stdout, "standard output");
}

static void print_tests(const struct sense_model *m)
{
	char *text = sense_model_to_json(m);
	json_t *json = text ? json_loads(text, 0, NULL) : NULL, *v, *cross, *one;
	const char *name;

	v = json_object_get(json, "validation");
	printf("innovations: %s (Ljung-Box p %.3g), %.1f %% inside 1.96 u\n",
	       json_is_true(json_object_get(json_object_get(v, "whiteness"), "passed")) ?
		       "white" : "not white",
	       json_real_value(json_object_get(json_object_get(v, "whiteness"), "p")),
	       100 * json_real_value(json_object_get(v, "coverage_95")));
	cross = json_object_get(v, "cross_correlation");
	json_object_foreach(cross, name, one)
		printf("correlation with %s: %.3f, limit %.3f\n", name,
		       json_real_value(json_object_get(one, "greatest")),
		       json_real_value(json_object_get(one, "limit_99")));
	one = json_object_get(v, "one_step_after_training");
	if (one)
		printf("one step ahead behind the training rows: rms %.5f, within 0.010: %.2f %%\n",
		       json_real_value(json_object_get(one, "rms")),
		       100 * json_real_value(json_object_get(one, "within_0.010")));
	json_decref(json);
	free(text);
}

static int draw(const struct request *r, const struct sense_model *m,
		const struct sense_series *series)
{
	unsigned int count = sense_series_get_count(series);
	double *value = malloc(2 * (size_t)count * sizeof(*value));
	struct sense_simulate_options o = { .mode = SENSE_SIMULATE_PREDICTION };
	struct sense_simulate_report report;
	int code;

	if (!value)
		return say_fail(EXIT_ENVIRONMENT, NULL, "no memory for %u rows", count);
	code = sense_simulate(m, series, 0, &o, &report, value, value + count) ? say_library() : 0;
	/* The first rows only settle the state: they would set the scale of the picture. */
	for (unsigned int k = 0; k < count / 100 && k < 30; k++)
		value[k] = NAN;
	if (!code)
		code = fit_plot(r->plot, "one-step prediction", series, value, value + count);
	free(value);
	return code;
}

static int identify(struct request *r, const struct sense_series *series)
{
	struct sense_model *m = sense_identify(series, &r->options);
	int code;

	if (r->on_line)
		fprintf(stderr, "\r\033[K");
	if (!m)
		return say_library_as(EXIT_USAGE);
	code = sense_model_save(m, r->model) ? say_library() : 0;
	if (!code && r->plot)
		code = draw(r, m, series);
	if (!code)
		code = print(m, r->model);
	if (!code && !say_is_json())
		print_tests(m);
	sense_model_free(m);
	return code;
}

int command_identify(int argc, char **argv)
{
	struct request r = { .options = { .train_to = 1 }, .shown = -1 };
	struct sense_series *series = NULL;
	int code;

	r.options.progress = progress;
	r.options.context = &r;
	code = parse(&r, argc, argv);
	if (!code)
		series = data_load(&r.data, &code);
	if (series)
		code = identify(&r, series);
	sense_series_free(series);
	data_release(&r.data);
	return code == FLAGS_STOP ? flags_exit() : code;
}
