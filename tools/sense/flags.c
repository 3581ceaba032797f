// SPDX-License-Identifier: GPL-2.0-or-later
#include "flags.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "say.h"

#define MOST 32

static int exit_code;

enum { KEY_JSON = 1000 };

static const struct flag common[] = {
	{ KEY_JSON, "json", NULL, "print JSON; failures are JSON on standard error" },
	{ 'h', "help", NULL, "this help" },
	{ 0, NULL, NULL, NULL }
};

static void print_flag(const struct flag *flag)
{
	char left[64];

	if (flag->key < 256)
		snprintf(left, sizeof(left), "-%c, --%s%s%s", flag->key, flag->name,
			 flag->argument ? " " : "", flag->argument ? flag->argument : "");
	else
		snprintf(left, sizeof(left), "    --%s%s%s", flag->name,
			 flag->argument ? " " : "", flag->argument ? flag->argument : "");
	printf("  %-26s %s\n", left, flag->help);
}

void flags_help(const char *command, const struct usage *usage)
{
	printf("Usage: sense %s %s\n\n%s\n\n", command, usage->synopsis, usage->about);
	for (const struct flag *flag = usage->flags; flag && flag->name; flag++)
		print_flag(flag);
	for (const struct flag *flag = common; flag->name; flag++)
		print_flag(flag);
	if (usage->notes)
		printf("\n%s\n", usage->notes);
}

static int stop(int code)
{
	exit_code = code;
	return FLAGS_STOP;
}

static int complain(char **argv)
{
	const char *word = argv[optind - 1];
	char letter[3] = { '-', (char)optopt, 0 };
	char remedy[80];

	snprintf(remedy, sizeof(remedy), "'sense help %s' lists the options", say_get_command());
	/* getopt names a bad short option in optopt, a bad long one not at all. */
	if (optopt && optopt < 256 && strncmp(word, "--", 2) != 0)
		word = letter;
	say_fail(EXIT_USAGE, remedy, "there is no option '%s'", word);
	return stop(EXIT_USAGE);
}

int flags_next(const struct usage *usage, int argc, char **argv)
{
	struct option longs[MOST];
	char shorts[3 * MOST] = ":";
	unsigned int n = 0;
	int key;

	for (int pass = 0; pass < 2; pass++) {
		const struct flag *flag = pass ? common : usage->flags;

		for (; flag && flag->name && n < MOST - 1; flag++) {
			longs[n++] = (struct option){ flag->name,
						      flag->argument ? required_argument :
								       no_argument,
						      NULL, flag->key };
			if (flag->key < 256) {
				char word[3] = { (char)flag->key, flag->argument ? ':' : 0, 0 };

				strcat(shorts, word);
			}
		}
	}
	longs[n] = (struct option){ NULL, 0, NULL, 0 };

	for (;;) {
		opterr = 0;
		key = getopt_long(argc, argv, shorts, longs, NULL);
		switch (key) {
		case -1:
			return FLAGS_END;
		case KEY_JSON:
			say_set_json(1);
			continue;
		case 'h':
			flags_help(say_get_command(), usage);
			return stop(EXIT_OK);
		case ':':
			say_fail(EXIT_USAGE, NULL, "option '%s' needs a value after it",
				 argv[optind - 1]);
			return stop(EXIT_USAGE);
		case '?':
			return complain(argv);
		default:
			return key;
		}
	}
}

int flags_exit(void)
{
	return exit_code;
}

int flags_operands(const struct usage *usage, int argc, int min, int max)
{
	int n = argc - optind;
	char remedy[256];

	if (n >= min && n <= max)
		return 0;
	snprintf(remedy, sizeof(remedy), "usage: sense %s %s", say_get_command(), usage->synopsis);
	return say_fail(EXIT_USAGE, remedy, "%s",
			n < min ? "something is missing on the command line" :
				  "there is more on the command line than is used");
}

int flags_real(const char *name, const char *text, double min, double max, double *value)
{
	char *end;

	errno = 0;
	*value = strtod(text, &end);
	if (end != text && !*end && !errno && isfinite(*value) && *value >= min && *value <= max)
		return 0;
	if (isinf(max))
		return say_fail(EXIT_USAGE, NULL, "--%s '%s' is not a number of at least %g", name,
				text, min);
	return say_fail(EXIT_USAGE, NULL, "--%s '%s' is not a number from %g to %g", name, text, min,
			max);
}

int flags_uint(const char *name, const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 10);
	if (isdigit((unsigned char)*text) && !*end && !errno && *value >= min && *value <= max)
		return 0;
	if (max == UINT64_MAX)
		return say_fail(EXIT_USAGE, NULL, "--%s '%s' is not a whole number of at least %llu",
				name, text, (unsigned long long)min);
	return say_fail(EXIT_USAGE, NULL, "--%s '%s' is not a whole number from %llu to %llu", name,
			text, (unsigned long long)min, (unsigned long long)max);
}

int flags_seconds(const char *name, const char *text, double *seconds)
{
	static const struct {
		char suffix;
		double seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	double unit = 1;
	char *end;

	errno = 0;
	*seconds = strtod(text, &end);
	for (unsigned int i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (end != text && end[0] == units[i].suffix && !end[1]) {
			unit = units[i].seconds;
			end++;
		}
	}
	*seconds *= unit;
	if (end != text && !*end && !errno && isfinite(*seconds) && *seconds > 0)
		return 0;
	return say_fail(EXIT_USAGE, "write 90, 90s, 1.5m, 8h or 2d",
			"--%s '%s' is not a length of time", name, text);
}
