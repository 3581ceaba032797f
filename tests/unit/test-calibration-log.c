// SPDX-License-Identifier: GPL-2.0-or-later
/* Calibration logs: chained, appended to, and refused once anybody has edited them. */
#include "unit.h"

#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sense/calibration-log.h>
#include <sense/error.h>

static char path[64];

static void fresh(void)
{
	snprintf(path, sizeof(path), "/tmp/test-calibration-log.%d", (int)getpid());
	unlink(path);
}

static const struct sense_log_point points[] = {
	{ 0, 0.0102, 0.002, 0.0015, 0.0123, 0.0004, 100.0048, 0.0002 },
	{ 50, 49.998, 0.002, 0.0015, 50.001, 0.0004, NAN, NAN },
};

static struct sense_log_entry entry(const char *date)
{
	struct sense_log_entry e;

	sense_log_entry_init(&e);
	CU_ASSERT_EQUAL_FATAL(sense_day_parse(date, &e.day), 0);
	e.kind = SENSE_LOG_CHECK;
	e.item = "Pt100 \"Übung\"";
	e.serial = "PT-1";
	e.author = "C. Prüferin";
	e.unit = "Cel";
	e.input_unit = "Ohm";
	e.points = points;
	e.point_count = 2;
	return e;
}

static void append(const char *date)
{
	struct sense_log_entry e = entry(date);

	CU_ASSERT_EQUAL_FATAL(sense_calibration_log_append(path, &e, NULL, NULL), 0);
}

static char *read_file(size_t *size)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 1 << 20);

	*size = fread(text, 1, (1 << 20) - 1, file);
	fclose(file);
	return text;
}

static void keeps_everything(void)
{
	struct sense_log_entry e = entry("2026-03-01");
	struct sense_calibration_log *log;
	const struct sense_log_entry *back;
	char digest[65];

	fresh();
	e.kind = SENSE_LOG_ADJUSTMENT;
	e.reference = "SPRT";
	e.reference_serial = "R-7";
	e.certificate = "DCC-1";
	e.certificate_sha256 = "7a4dad0257f9930a577016a0ade2393b7fc7c0aed13af498b32c65258a675e08";
	e.record = "VR-1";
	e.valid_until = "2027-02-28";
	e.remark = "line\nbreak";
	e.equation = "rtd";
	e.coefficient_count = 2;
	e.coefficients[0] = (struct sense_log_coefficient){ "R0", 100.0048, 0.001 };
	e.coefficients[1] = (struct sense_log_coefficient){ "A", 3.9083e-3, NAN };
	e.covariance[0] = 1e-6;
	e.covariance[3] = 1e-12;
	e.covariance[1] = e.covariance[2] = -4e-10;
	e.chi2 = 0.7;
	e.degrees_of_freedom = 3;
	CU_ASSERT_EQUAL_FATAL(sense_calibration_log_append(path, &e, NULL, digest), 0);
	log = sense_calibration_log_load(path);
	CU_ASSERT_PTR_NOT_NULL_FATAL(log);
	CU_ASSERT_EQUAL(sense_calibration_log_get_count(log), 1);
	CU_ASSERT_STRING_EQUAL(sense_calibration_log_get_digest(log), digest);
	back = sense_calibration_log_get_entry(log, 0);
	CU_ASSERT_EQUAL(back->kind, SENSE_LOG_ADJUSTMENT);
	CU_ASSERT_EQUAL(back->day, e.day);
	CU_ASSERT_STRING_EQUAL(back->item, e.item);
	CU_ASSERT_STRING_EQUAL(back->reference_serial, "R-7");
	CU_ASSERT_STRING_EQUAL(back->certificate_sha256, e.certificate_sha256);
	CU_ASSERT_STRING_EQUAL(back->record, "VR-1");
	CU_ASSERT_STRING_EQUAL(back->record_sha256, "");
	CU_ASSERT_STRING_EQUAL(back->valid_until, "2027-02-28");
	CU_ASSERT_STRING_EQUAL(back->remark, "line\nbreak");
	CU_ASSERT_EQUAL(back->point_count, 2);
	CU_ASSERT_EQUAL(memcmp(&back->points[0], &points[0], sizeof(points[0])), 0);
	CU_ASSERT(isnan(back->points[1].input));
	CU_ASSERT_STRING_EQUAL(back->equation, "rtd");
	CU_ASSERT_EQUAL(back->coefficients[1].value, 3.9083e-3);
	CU_ASSERT(isnan(back->coefficients[1].u));
	CU_ASSERT_EQUAL(back->covariance[1], -4e-10);
	CU_ASSERT_EQUAL(back->degrees_of_freedom, 3);
	CU_ASSERT_PTR_NULL(sense_calibration_log_get_entry(log, 1));
	sense_calibration_log_free(log);
	unlink(path);
}

/* Every byte of every line but the last is covered by the chain, and what is left is checked. */
static void an_edit_is_seen(void)
{
	struct sense_calibration_log *log;
	char *text, last[65];
	size_t size, third = 0;
	unsigned int missed = 0;

	fresh();
	append("2026-03-01");
	append("2026-04-01");
	append("2026-05-01");
	text = read_file(&size);
	for (unsigned int lines = 0; lines < 2; third++)
		lines += text[third] == '\n';
	log = sense_calibration_log_parse("whole", text, size);
	CU_ASSERT_PTR_NOT_NULL_FATAL(log);
	snprintf(last, sizeof(last), "%s", sense_calibration_log_get_digest(log));
	sense_calibration_log_free(log);
	for (size_t i = 0; i < size - 1; i++) {
		text[i] ^= 1;
		log = sense_calibration_log_parse("edited", text, size);
		/* In the last line an edit may read well: the digest kept elsewhere tells. */
		if (log && (i < third || !strcmp(sense_calibration_log_get_digest(log), last)))
			missed++;
		sense_calibration_log_free(log);
		text[i] ^= 1;
	}
	CU_ASSERT_EQUAL(missed, 0);
	/* A line less, at the start, in the middle, and half a line at the end */
	for (size_t from = 0; text[from] != '\n'; from++)
		if (text[from + 1] == '\n')
			CU_ASSERT_PTR_NULL(sense_calibration_log_parse("cut", text + from + 2,
								       size - from - 2));
	CU_ASSERT_PTR_NULL(sense_calibration_log_parse("torn", text, size - 1));
	CU_ASSERT_PTR_NOT_NULL(strstr(sense_error_last()->sentence, "torn"));
	free(text);
	unlink(path);
}

static void refuses(struct sense_log_entry e, const char *expected, int code, const char *sentence)
{
	struct stat before, after;

	stat(path, &before);
	CU_ASSERT_EQUAL(sense_calibration_log_append(path, &e, expected, NULL), -code);
	if (!strstr(sense_error_last()->sentence, sentence))
		printf("\n%s\n", sense_error_last()->sentence);
	CU_ASSERT_PTR_NOT_NULL(strstr(sense_error_last()->sentence, sentence));
	stat(path, &after);
	CU_ASSERT_EQUAL(before.st_size, after.st_size);
}

static void refuses_what_does_not_fit(void)
{
	struct sense_log_point bad[2];
	struct sense_log_entry e;

	fresh();
	append("2026-03-01");
	e = entry("2026-02-28");
	refuses(e, NULL, EBADMSG, "2026-02-28");
	e = entry("2026-03-01");
	e.serial = "PT-2";
	refuses(e, NULL, EBADMSG, "PT-2");
	e = entry("2026-03-01");
	e.unit = "K";
	refuses(e, NULL, EBADMSG, "is in K");
	e = entry("2026-03-01");
	e.author = "";
	refuses(e, NULL, EINVAL, "no author");
	e = entry("2026-03-01");
	e.point_count = 0;
	refuses(e, NULL, EINVAL, "no points");
	e = entry("2026-03-01");
	memcpy(bad, points, sizeof(bad));
	bad[1].u_reference = NAN;
	e.points = bad;
	refuses(e, NULL, EINVAL, "no u_reference");
	memcpy(bad, points, sizeof(bad));
	bad[0].u_common = 1;
	refuses(e, NULL, EINVAL, "larger than the whole");
	e = entry("2026-03-01");
	e.certificate_sha256 = "abc";
	refuses(e, NULL, EINVAL, "no SHA-256");
	e = entry("2026-03-01");
	refuses(e, "0000000000000000000000000000000000000000000000000000000000000000", ESTALE,
		"another entry");
	unlink(path);
}

/* Several writers at once: each entry is there, and the chain is whole. */
static void writers_take_turns(void)
{
	struct sense_calibration_log *log;
	unsigned int before = CU_get_number_of_failures();
	int status, bad = 0;

	fresh();
	for (int i = 0; i < 4; i++)
		if (fork() == 0) {
			for (int j = 0; j < 10; j++)
				append("2026-03-01");
			_exit(CU_get_number_of_failures() != before);
		}
	while (wait(&status) > 0)
		bad |= status;
	CU_ASSERT_EQUAL(bad, 0);
	log = sense_calibration_log_load(path);
	CU_ASSERT_PTR_NOT_NULL_FATAL(log);
	CU_ASSERT_EQUAL(sense_calibration_log_get_count(log), 40);
	sense_calibration_log_free(log);
	unlink(path);
}

static void days(void)
{
	char text[11];
	int32_t day;

	CU_ASSERT_EQUAL(sense_day_parse("1970-01-01", &day), 0);
	CU_ASSERT_EQUAL(day, 0);
	CU_ASSERT_EQUAL(sense_day_parse("2026-11-20", &day), 0);
	CU_ASSERT_EQUAL(day, 20777);
	CU_ASSERT_EQUAL(sense_day_parse("2000-02-29", &day), 0);
	CU_ASSERT_NOT_EQUAL(sense_day_parse("1900-02-29", &day), 0);
	CU_ASSERT_NOT_EQUAL(sense_day_parse("2026-04-31", &day), 0);
	CU_ASSERT_NOT_EQUAL(sense_day_parse("2026-4-1", &day), 0);
	CU_ASSERT_NOT_EQUAL(sense_day_parse("2026-04-01 ", &day), 0);
	for (int32_t d = -135140; d < 2932896; d++) {
		sense_day_format(d, text);
		if (!*text || sense_day_parse(text, &day) || day != d) {
			printf("day %d is %s\n", d, text);
			CU_FAIL_FATAL("a day does not come back");
		}
	}
	CU_ASSERT_STRING_EQUAL(sense_day_format(2932896, text), "9999-12-31");
	CU_ASSERT_STRING_EQUAL(sense_day_format(2932897, text), "");
	CU_ASSERT_STRING_EQUAL(sense_day_format(INT32_MIN, text), "");
}

UNIT_TESTS = { UNIT(keeps_everything),
	       UNIT(an_edit_is_seen),
	       UNIT(refuses_what_does_not_fit),
	       UNIT(writers_take_turns),
	       UNIT(days),
	       UNIT_END };
UNIT_MAIN("calibration log")
