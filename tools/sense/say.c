// SPDX-License-Identifier: GPL-2.0-or-later
#include "say.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sense/error.h>

#include "command.h"

static const char *command;
static int as_json;

void say_set_command(const char *name)
{
	command = name;
}

const char *say_get_command(void)
{
	return command ? command : "help";
}

void say_set_json(int json)
{
	as_json = json;
}

int say_is_json(void)
{
	return as_json;
}

int say_is_terminal(FILE *file)
{
	const char *term = getenv("TERM");

	return isatty(fileno(file)) && !(term && strcmp(term, "dumb") == 0);
}

const char *ink(FILE *file, enum ink ink)
{
	static const char *const codes[] = {
		[INK_PLAIN] = "\033[0m", [INK_BOLD] = "\033[1m", [INK_DIM] = "\033[2m",
		[INK_GOOD] = "\033[32m", [INK_WARN] = "\033[33m", [INK_BAD] = "\033[31m",
	};
	const char *no_color = getenv("NO_COLOR");

	if ((no_color && *no_color) || !say_is_terminal(file))
		return "";
	return codes[ink];
}

/* One line, whatever a file or device put into it. */
static void put_sentence(const char *text)
{
	for (; *text; text++)
		fputc((unsigned char)*text < ' ' ? ' ' : *text, stderr);
}

static void print(int code, const char *object, const char *sentence, const char *remedy)
{
	fflush(stdout);
	if (as_json) {
		json_t *error = json_pack("{s:{s:s*, s:s, s:s, s:s, s:i}}", "error", "command",
					  command, "sentence", sentence, "object", object, "remedy",
					  remedy, "exit", code);

		if (error) {
			json_dumpf(error, stderr, JSON_COMPACT);
			fputc('\n', stderr);
			json_decref(error);
			return;
		}
		/* Not UTF-8: better plain than nothing. */
	}
	fprintf(stderr, "%ssense%s%s:%s ", ink(stderr, INK_BAD), command ? " " : "",
		command ? command : "", ink(stderr, INK_PLAIN));
	/* The object is named once: in the sentence, or before it. */
	if (*object && !strstr(sentence, object))
		fprintf(stderr, "%s: ", object);
	put_sentence(sentence);
	if (*remedy) {
		fputs("; ", stderr);
		put_sentence(remedy);
	}
	fputc('\n', stderr);
}

int say_fail(int code, const char *remedy, const char *format, ...)
{
	char sentence[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(sentence, sizeof(sentence), format, args);
	va_end(args);
	print(code, "", sentence, remedy ? remedy : "");
	return code;
}

int say_exit_code(int error)
{
	return abs(error) == ENODEV ? EXIT_DEVICE : EXIT_ENVIRONMENT;
}

int say_library_as(int code)
{
	const struct sense_error *error = sense_error_last();

	if (!error->code || !*error->sentence)
		return say_fail(code, "please report it with the command line that led here",
				"libsense failed without saying why");
	print(code, error->object, error->sentence, error->remedy);
	return code;
}

int say_library(void)
{
	return say_library_as(say_exit_code(sense_error_last()->code));
}

int say_device(void)
{
	switch (sense_error_last()->code) {
	case EINVAL: /* ambiguous name, rate not offered */
	case ENOENT: /* no such channel */
	case EEXIST: /* a channel twice */
		return say_library_as(EXIT_USAGE);
	case ENOTSUP: /* no buffer */
		return say_library_as(EXIT_DEVICE);
	default:
		return say_library();
	}
}

void say_note(const char *format, ...)
{
	va_list args;

	if (as_json)
		return;
	fflush(stdout);
	fprintf(stderr, "%s", ink(stderr, INK_DIM));
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "%s\n", ink(stderr, INK_PLAIN));
}

int say_done(FILE *file, const char *name)
{
	static int said;

	if (!ferror(file))
		errno = 0; /* else it is still that of the failing write, or nearly */
	if (fflush(file) == 0 && !ferror(file))
		return EXIT_OK;
	/* A reader that went away knows; and of what is written line by line, once is enough. */
	if (errno == EPIPE || said++)
		return EXIT_ENVIRONMENT;
	return say_fail(EXIT_ENVIRONMENT, "see that its disk has room and its reader is there",
			"cannot write to %s%s%s", name, errno ? ": " : "",
			errno ? strerror(errno) : "");
}

int say_json(json_t *value)
{
	if (!value)
		return say_fail(EXIT_ENVIRONMENT, "look for names that are not UTF-8",
				"the answer cannot be expressed as JSON");
	json_dumpf(value, stdout, JSON_COMPACT | JSON_REAL_PRECISION(17));
	json_decref(value);
	putchar('\n');
	return say_done(stdout, "standard output");
}
