// SPDX-License-Identifier: GPL-2.0-or-later
/* sense doctor - what on this machine needs mending, and how. */
#include "doctor.h"

#include <getopt.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "command.h"
#include "flags.h"
#include "say.h"

enum { KEY_CONFIG = 256, KEY_DIRECTORY };

static const struct flag flags[] = {
	{ KEY_CONFIG, "config", "FILE", "judge the disk by what this configuration will write" },
	{ KEY_DIRECTORY, "directory", "PATH", "where records go (default: here)" },
	{ 'q', "quiet", NULL, "print what needs attention only" },
	{ 0, NULL, NULL, NULL }
};

static const struct usage usage = {
	.synopsis = "[OPTION]...",
	.about = "Look at kernel, driver, devices, permissions, clock, real-time limits and disk. Each\n"
		 "finding says what to do about it. Exit status 1 when one of them is an error.",
	.flags = flags,
};

struct doctor {
	json_t *findings;
	unsigned int count[GRADE_ERROR + 1];
	int quiet;
};

static const char *const grades[] = { "ok", "note", "warning", "error" };

void doctor_find(struct doctor *doctor, enum grade grade, const char *topic, const char *remedy,
		 const char *format, ...)
{
	static const enum ink inks[] = { INK_GOOD, INK_PLAIN, INK_WARN, INK_BAD };
	char sentence[512];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	doctor->count[grade]++;
	if (doctor->findings) {
		json_array_append_new(doctor->findings,
				      json_pack("{s:s, s:s, s:s, s:s}", "topic", topic, "severity",
						grades[grade], "sentence", sentence, "remedy",
						remedy ? remedy : ""));
		return;
	}
	if (doctor->quiet && grade < GRADE_WARNING)
		return;
	printf("%s%-8s%s %-15s %s\n", ink(stdout, inks[grade]), grades[grade],
	       ink(stdout, INK_PLAIN), topic, sentence);
	if (remedy)
		printf("%24s %s-> %s%s\n", "", ink(stdout, INK_DIM), remedy, ink(stdout, INK_PLAIN));
}

static int finish(struct doctor *doctor)
{
	int code = doctor->count[GRADE_ERROR] ? EXIT_NO : EXIT_OK;
	int printed;

	if (doctor->findings) {
		printed = say_json(json_pack("{s:o, s:i, s:i}", "findings", doctor->findings,
					     "errors", (int)doctor->count[GRADE_ERROR], "warnings",
					     (int)doctor->count[GRADE_WARNING]));
	} else {
		printf("\n%u error%s, %u warning%s, %u note%s, %u in order\n",
		       doctor->count[GRADE_ERROR], doctor->count[GRADE_ERROR] == 1 ? "" : "s",
		       doctor->count[GRADE_WARNING], doctor->count[GRADE_WARNING] == 1 ? "" : "s",
		       doctor->count[GRADE_NOTE], doctor->count[GRADE_NOTE] == 1 ? "" : "s",
		       doctor->count[GRADE_OK]);
		printed = say_done(stdout, "standard output");
	}
	return printed ? printed : code;
}

int command_doctor(int argc, char **argv)
{
	const char *config = NULL, *directory = NULL;
	struct doctor doctor = { .quiet = 0 };
	int key, code;

	while ((key = flags_next(&usage, argc, argv)) >= 0) {
		if (key == KEY_CONFIG)
			config = optarg;
		else if (key == KEY_DIRECTORY)
			directory = optarg;
		else
			doctor.quiet = 1;
	}
	if (key == FLAGS_STOP)
		return flags_exit();
	code = flags_operands(&usage, argc, 0, 0);
	if (code)
		return code;
	if (say_is_json())
		doctor.findings = json_array();

	doctor_kernel(&doctor);
	doctor_driver(&doctor);
	doctor_udev(&doctor);
	doctor_devices(&doctor);
	doctor_clock(&doctor);
	doctor_limits(&doctor);
	doctor_io_uring(&doctor);
	doctor_storage(&doctor, config, directory);
	return finish(&doctor);
}
