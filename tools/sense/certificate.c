// SPDX-License-Identifier: GPL-2.0-or-later
/* sense certificate - read, verify and list digital calibration certificates. */
#include "certificate.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <sense/error.h>

#include "command.h"
#include "flags.h"
#include "say.h"
#include "table.h"

enum {
	FLAG_TRUSTED = 256,
	FLAG_CRL,
	FLAG_AT,
	FLAG_LANGUAGE,
	FLAG_SERIAL,
	FLAG_MANUFACTURER,
	FLAG_IN_FORCE,
	FLAG_REFERENCE
};

static const struct flag flags[] = {
	{ FLAG_TRUSTED, "trusted-pem", "FILE",
	  "trust what these certificates vouch for (repeatable)" },
	{ FLAG_CRL, "crl", "FILE", "revocation lists, PEM (repeatable)" },
	{ FLAG_AT, "at", "DATE",
	  "judge the signer's certificate at 2026-01-31, not at the signing time" },
	{ FLAG_LANGUAGE, "language", "LANG", "prefer texts in this language, e.g. de" },
	{ FLAG_SERIAL, "serial", "NUMBER", "verify: it must be for this item" },
	{ FLAG_MANUFACTURER, "manufacturer", "NAME", "verify: and of this manufacturer" },
	{ FLAG_IN_FORCE, "in-force", "DATE", "verify: it must be in force then ('today')" },
	{ FLAG_REFERENCE, "reference", "FILE",
	  "verify: this file must be one it refers to by hash" },
	{ 0, NULL, NULL, NULL }
};

static const struct usage usage = {
	.synopsis = "show|verify|list [OPTION]... FILE...",
	.about =
		"Read Digital Calibration Certificates (DCC 2.4 to 3.3): show what one says,\n"
		"verify who signed it, or list many. 'verify' succeeds only where the signature is\n"
		"valid and its signer is trusted.",
	.flags = flags,
	.notes = "  sense certificate show pt100.xml\n"
		 "  sense certificate verify --trusted-pem lab-ca.pem --crl lab-ca.crl pt100.xml\n"
		 "  sense certificate list certificates/*.xml\n",
};

#define MANY 64

struct options {
	struct sense_certificate_trust *trust;
	const char *language, *serial, *manufacturer, *in_force;
	const char *references[MANY];
	unsigned int reference_count;
};

/* What the document is to blame for is an answer; what the machine is, is not. */
static int exit_of(int error)
{
	switch (abs(error)) {
	case EBADMSG:
	case EPERM:
	case EFBIG:
	case EPROTONOSUPPORT:
		return EXIT_NO;
	default:
		return say_exit_code(error);
	}
}

static int library(void)
{
	return say_library_as(exit_of(sense_error_last()->code));
}

static int parse_day(const char *text, int64_t *utc_s)
{
	struct tm tm = { .tm_isdst = 0 };
	char *end = strptime(text, "%Y-%m-%d", &tm);

	if (!end || *end)
		return say_fail(EXIT_USAGE, "a date is written 2026-01-31", "'%s' is no date",
				text);
	*utc_s = (int64_t)timegm(&tm) + 43200;
	return 0;
}

/* ---- show -------------------------------------------------------------------------- */

static int show(const struct sense_certificate *c,
		const struct sense_certificate_signature *signature, const struct options *options,
		int more)
{
	if (say_is_json()) {
		json_t *object = certificate_json(c, signature, options->language);

		if (!object)
			return say_fail(EXIT_ENVIRONMENT, NULL, "no memory for JSON");
		return say_json(object);
	}
	certificate_print(c, signature, options->language, stdout);
	if (more)
		putchar('\n');
	return EXIT_OK;
}

/* ---- verify ------------------------------------------------------------------------ */

/* 0, or 1 with the reason in sense_error_last(). */
static int refers_to(const struct sense_certificate *c, const char *path)
{
	const struct sense_certificate_reference *r;
	int worst = -ENODATA;

	for (unsigned int i = 0; (r = sense_certificate_get_reference(c, i)); i++) {
		int result = sense_certificate_check_reference(r, path);

		if (result == 0)
			return 0;
		worst = result;
	}
	return worst;
}

static int verify(const struct sense_certificate *c,
		  const struct sense_certificate_signature *signature,
		  const struct options *options)
{
	const char *reason = sense_certificate_signature_get_reason(signature);
	char why[900];
	int good = sense_certificate_signature_is_trusted(signature);
	json_t *object;

	snprintf(why, sizeof(why), "%s", reason);
	if (good && (options->serial || options->manufacturer) &&
	    sense_certificate_find_item(c, options->manufacturer, options->serial) < 0) {
		good = 0;
		snprintf(why, sizeof(why), "%s", sense_error_last()->sentence);
	}
	if (good && options->in_force && sense_certificate_check_date(c, options->in_force) < 0) {
		good = 0;
		snprintf(why, sizeof(why), "%s", sense_error_last()->sentence);
	}
	for (unsigned int i = 0; good && i < options->reference_count; i++) {
		int r = refers_to(c, options->references[i]);

		if (r == -ENODATA && !sense_certificate_get_reference_count(c)) {
			good = 0;
			snprintf(why, sizeof(why), "it refers to no other certificate");
		} else if (r < 0) {
			good = 0;
			snprintf(why, sizeof(why), "%s", sense_error_last()->sentence);
		}
	}
	if (say_is_json()) {
		object = json_pack("{s:s, s:s, s:b, s:s, s:o}", "file",
				   sense_certificate_get_name(c), "unique_identifier",
				   sense_certificate_get_unique_identifier(c), "verified", good,
				   "reason", why, "signature",
				   certificate_signature_json(signature));
		if (object)
			say_json(object);
		return good ? EXIT_OK : EXIT_NO;
	}
	printf("%s: %s%s%s: %s\n", sense_certificate_get_name(c),
	       ink(stdout, good ? INK_GOOD : INK_BAD), good ? "verified" : "NOT verified",
	       ink(stdout, INK_PLAIN), certificate_clean(why));
	return good ? EXIT_OK : EXIT_NO;
}

/* A document that cannot even be read is not verified: that is the answer asked for. */
static int verify_unreadable(const char *path)
{
	const struct sense_error *error = sense_error_last();
	int code = exit_of(error->code);

	if (code != EXIT_NO)
		return say_library_as(code);
	if (say_is_json())
		say_json(json_pack("{s:s, s:n, s:b, s:s, s:{s:b, s:b, s:b, s:s}}", "file", path,
				   "unique_identifier", "verified", 0, "reason", error->sentence,
				   "signature", "present", 0, "valid", 0, "trusted", 0, "reason",
				   error->sentence));
	else
		printf("%s: %sNOT verified%s: %s\n", path, ink(stdout, INK_BAD),
		       ink(stdout, INK_PLAIN), certificate_clean(error->sentence));
	return EXIT_NO;
}

/* ---- list -------------------------------------------------------------------------- */

static const char *state(const struct sense_certificate_signature *s)
{
	return sense_certificate_signature_is_trusted(s) ? "trusted" :
	       sense_certificate_signature_is_valid(s)	 ? "valid" :
	       sense_certificate_signature_is_present(s) ? "NOT VALID" :
							   "none";
}

static void list_row(struct table *table, json_t *array, const struct sense_certificate *c,
		     const struct sense_certificate_signature *signature, const char *language)
{
	const struct sense_certificate_item *item = sense_certificate_get_item(c, 0);
	const char *laboratory =
		sense_text_get(sense_certificate_get_laboratory(c)->name, language);
	const char *name = item ? sense_text_get(item->name, language) : "";
	const char *until = sense_certificate_get_valid_until(c);
	unsigned int items = sense_certificate_get_item_count(c);

	if (array) {
		json_array_append_new(
			array,
			json_pack("{s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:s, s:o}", "file",
				  sense_certificate_get_name(c), "unique_identifier",
				  sense_certificate_get_unique_identifier(c), "item", name,
				  "serial", item ? item->serial : "", "items", items, "laboratory",
				  laboratory, "begin_date", sense_certificate_get_begin_date(c),
				  "end_date", sense_certificate_get_end_date(c), "valid_until",
				  until, "signature", certificate_signature_json(signature)));
		return;
	}
	table_cell(table, "%s", certificate_clean(sense_certificate_get_unique_identifier(c)));
	table_cell(table, "%s%s", certificate_clean(name), items > 1 ? " and others" : "");
	table_cell(table, "%s", item ? certificate_clean(item->serial) : "");
	table_cell(table, "%s", certificate_clean(laboratory));
	table_cell(table, "%s", certificate_clean(sense_certificate_get_end_date(c)));
	table_cell(table, "%s", until);
	table_cell(table, "%s", state(signature));
	table_cell(table, "%s", sense_certificate_get_name(c));
}

static int list(int count, char **paths, const struct options *options)
{
	static const char *const names[] = { "IDENTIFIER", "ITEM",	  "SERIAL",    "LABORATORY",
					     "CALIBRATED", "VALID UNTIL", "SIGNATURE", "FILE" };
	struct table *table = table_new(8, names);
	json_t *array = say_is_json() ? json_array() : NULL;
	int code = EXIT_OK;

	for (int i = 0; i < count; i++) {
		struct sense_certificate *c = sense_certificate_load(paths[i]);
		struct sense_certificate_signature *signature =
			c ? sense_certificate_verify(c, options->trust) : NULL;

		if (signature)
			list_row(table, array, c, signature, options->language);
		else
			code = library();
		sense_certificate_signature_free(signature);
		sense_certificate_unref(c);
	}
	if (array)
		say_json(array);
	else
		table_print(table, stdout, 0);
	table_free(table);
	return code;
}

/* ---- command ----------------------------------------------------------------------- */

static int each(int action, int count, char **paths, const struct options *options)
{
	int worst = EXIT_OK;

	for (int i = 0; i < count; i++) {
		struct sense_certificate *c = sense_certificate_load(paths[i]);
		struct sense_certificate_signature *signature =
			c ? sense_certificate_verify(c, options->trust) : NULL;
		int code;

		if (!signature)
			code = action == 'v' ? verify_unreadable(paths[i]) : library();
		else if (action == 'v')
			code = verify(c, signature, options);
		else
			code = show(c, signature, options, i + 1 < count);
		sense_certificate_signature_free(signature);
		sense_certificate_unref(c);
		if (code > worst)
			worst = code;
	}
	return worst;
}

static int run(int argc, char **argv, struct options *options)
{
	static char today[16];
	int key, code, n;
	int64_t at;
	time_t now;

	while ((key = flags_next(&usage, argc, argv)) != FLAGS_END) {
		switch (key) {
		case FLAG_TRUSTED:
			if (sense_certificate_trust_add_anchors(options->trust, optarg) < 0)
				return say_library();
			break;
		case FLAG_CRL:
			if (sense_certificate_trust_add_crls(options->trust, optarg) < 0)
				return say_library();
			break;
		case FLAG_AT:
			code = parse_day(optarg, &at);
			if (code)
				return code;
			sense_certificate_trust_set_time(options->trust, at);
			break;
		case FLAG_LANGUAGE:
			options->language = optarg;
			break;
		case FLAG_SERIAL:
			options->serial = optarg;
			break;
		case FLAG_MANUFACTURER:
			options->manufacturer = optarg;
			break;
		case FLAG_IN_FORCE:
			options->in_force = optarg;
			break;
		case FLAG_REFERENCE:
			if (options->reference_count == MANY)
				return say_fail(EXIT_USAGE, NULL,
						"--reference is given over %d times", MANY);
			options->references[options->reference_count++] = optarg;
			break;
		default:
			return flags_exit();
		}
	}
	if (options->in_force && strcmp(options->in_force, "today") == 0) {
		now = time(NULL);
		strftime(today, sizeof(today), "%Y-%m-%d", gmtime(&now));
		options->in_force = today;
	}
	if (options->in_force) {
		code = parse_day(options->in_force, &at);
		if (code)
			return code;
	}
	code = flags_operands(&usage, argc, 2, 100000);
	if (code)
		return code;
	n = argc - optind - 1;
	if (strcmp(argv[optind], "show") == 0)
		code = each('s', n, argv + optind + 1, options);
	else if (strcmp(argv[optind], "verify") == 0)
		code = each('v', n, argv + optind + 1, options);
	else if (strcmp(argv[optind], "list") == 0)
		code = list(n, argv + optind + 1, options);
	else
		return say_fail(EXIT_USAGE, "it is show, verify or list",
				"a certificate cannot be asked to '%s'", argv[optind]);
	n = say_done(stdout, "standard output");
	return n ? n : code;
}

int command_certificate(int argc, char **argv)
{
	struct options options = { .trust = sense_certificate_trust_new() };
	int code;

	if (!options.trust)
		return say_library();
	code = run(argc, argv, &options);
	sense_certificate_trust_free(options.trust);
	return code;
}
