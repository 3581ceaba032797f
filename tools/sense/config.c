// SPDX-License-Identifier: GPL-2.0-or-later
/* sense config check - everything that is wrong with a configuration, and what it will cost. */
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <libgen.h>
#include <stdlib.h>

#include <sense/sense.h>

#include "command.h"
#include "describe.h"
#include "flags.h"
#include "say.h"
#include "text.h"

static const struct flag flags[] = { { 0, NULL, NULL, NULL } };

static const struct usage usage = {
	.synopsis = "check FILE... [--json]",
	.about = "Check YAML configuration files. Each finding names line, key and remedy. Exit status 1\n"
		 "when there is one. A good file is followed by what its record will need on disk.",
	.flags = flags,
};

struct check {
	const char *path;
	json_t *findings;
};

static void finding(void *context, const struct sense_config_finding *found)
{
	struct check *check = context;

	if (check->findings) {
		json_array_append_new(check->findings,
				      json_pack("{s:i, s:s, s:s, s:s}", "line", (int)found->line,
						"key", found->key ? found->key : "", "sentence",
						found->sentence, "remedy",
						found->remedy ? found->remedy : ""));
		return;
	}
	printf("%s:%u: ", check->path, found->line);
	if (found->key && *found->key && !strstr(found->sentence, found->key))
		printf("%s%s%s: ", ink(stdout, INK_BOLD), found->key, ink(stdout, INK_PLAIN));
	printf("%s%s%s\n", found->sentence, found->remedy && *found->remedy ? "; " : "",
	       found->remedy ? found->remedy : "");
}

/* Bytes per day and days left of a good configuration, where known. */
static void cost(const char *path, double *per_day, double *days)
{
	struct sense_config *config = sense_config_load(path);
	struct statvfs fs;
	char *copy;

	*per_day = *days = 0;
	if (!config)
		return;
	*per_day = sense_config_get_bytes_per_day(config);
	copy = strdup(sense_config_get_record_path(config));
	if (copy && *copy && isfinite(*per_day) && *per_day > 0 && statvfs(dirname(copy), &fs) == 0)
		*days = (double)fs.f_bavail * (double)fs.f_frsize / *per_day;
	free(copy);
	sense_config_free(config);
}

static int check_one(const char *path, json_t *files)
{
	struct check check = { .path = path, .findings = files ? json_array() : NULL };
	int count = sense_config_check(path, finding, &check);
	double per_day, days;
	char text[32];

	if (count < 0) {
		json_decref(check.findings);
		return say_library_as(EXIT_ENVIRONMENT);
	}
	cost(path, &per_day, &days);
	if (files) {
		json_array_append_new(files, json_pack("{s:s, s:b, s:o, s:o, s:o}", "file", path,
						       "good", count == 0, "findings",
						       check.findings, "bytes_per_day",
						       describe_real(per_day > 0 ? per_day : NAN),
						       "days_left",
						       describe_real(days > 0 ? days : NAN)));
	} else if (count == 0) {
		printf("%s: %sgood%s", path, ink(stdout, INK_GOOD), ink(stdout, INK_PLAIN));
		if (per_day > 0)
			printf(", its record grows by %s a day",
			       text_bytes(per_day, text, sizeof(text)));
		if (days > 0)
			printf(", room for %.1f days", days);
		putchar('\n');
	}
	return count ? EXIT_NO : EXIT_OK;
}

int command_config(int argc, char **argv)
{
	json_t *files = NULL;
	int key, code, worst = EXIT_OK;

	while ((key = flags_next(&usage, argc, argv)) >= 0)
		;
	if (key == FLAGS_STOP)
		return flags_exit();
	code = flags_operands(&usage, argc, 2, 1000);
	if (code)
		return code;
	if (strcmp(argv[optind], "check") != 0)
		return say_fail(EXIT_USAGE, "say 'sense config check FILE'",
				"there is no 'config %s'", argv[optind]);
	if (say_is_json())
		files = json_array();
	for (int i = optind + 1; i < argc; i++) {
		code = check_one(argv[i], files);
		if (code > worst)
			worst = code;
	}
	code = files ? say_json(json_pack("{s:o}", "files", files)) :
		       say_done(stdout, "standard output");
	return code ? code : worst;
}
