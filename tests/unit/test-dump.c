// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"
#include "frames.h"

#include <stdarg.h>
#include <sys/wait.h>

#include <sense/error.h>
#include <sense/record.h>

static struct sense_record_reader *reader;

static void add(struct sense_layout *layout, const char *name, enum sense_kind kind, double scale)
{
	CU_ASSERT(sense_layout_add_channel(layout, name, kind, scale, 0) >= 0);
}

/* Ten scans: 3 and 4 missing in the first frame, 6 faulty, 8 missing between two frames. */
static void make_one(const char *path)
{
	struct sense_layout *layout = sense_layout_new("card-1", 8);
	struct sense_record *record = sense_record_create(path, NULL);
	struct sense_frame *frame;
	int64_t stream;

	add(layout, "bath", SENSE_KIND_RTD, 0.5);
	add(layout, "a \"quoted\", name", SENSE_KIND_CO2, 1e-6);
	sense_layout_set_rate_hz(layout, 1000);
	frame = sense_frame_new(layout);
	stream = sense_record_begin_stream(record, layout, NULL, NULL);
	sense_frame_clear(frame, 0);
	for (unsigned int i = 0; i < 10; i++) {
		int32_t raw[2] = { 1000 + (int32_t)i, -3 };
		struct sense_scan scan = { .sequence = i,
					   .time_ns = 1789000000000000001 + i * 1000000,
					   .fault = i == 6,
					   .flags = 16,
					   .raw = raw };

		if (i == 8) {
			CU_ASSERT_EQUAL(sense_record_append(record, stream, frame), 0);
			sense_frame_clear(frame, 8);
		}
		if (i != 3 && i != 4 && i != 8)
			CU_ASSERT_EQUAL(sense_frame_put(frame, &scan), 0);
	}
	CU_ASSERT_EQUAL(sense_record_append(record, stream, frame), 0);
	CU_ASSERT_EQUAL(sense_record_close(record), 0);
	sense_frame_release(frame);
	sense_layout_unref(layout);
	reader = sense_record_reader_open(path);
	CU_ASSERT_PTR_NOT_NULL_FATAL(reader);
}

static const char *dump(const struct sense_dump_options *options, int64_t lines)
{
	static char text[4096];
	FILE *file = fmemopen(text, sizeof(text), "w");

	memset(text, 0, sizeof(text));
	CU_ASSERT_EQUAL(sense_record_dump(reader, options, file), lines);
	fclose(file);
	return text;
}

static void writes_csv(void)
{
	const struct sense_dump_options all = { .format = SENSE_DUMP_CSV,
						.last_sequence = UINT64_MAX };
	const struct sense_dump_options some = { .format = SENSE_DUMP_CSV, .raw = 1,
						 .first_sequence = 4, .last_sequence = 5 };

	make_one(frames_path("dump.sense"));
	CU_ASSERT_STRING_EQUAL(
		dump(&all, 10),
		"time [s],sequence,bath [Ohm],\"a \"\"quoted\"\", name [1]\","
		"fault,saturation,flags\n"
		"1789000000.000000001,0,500,-3e-06,0,0,16\n"
		"1789000000.001000001,1,500.5,-3e-06,0,0,16\n"
		"1789000000.002000001,2,501,-3e-06,0,0,16\n"
		"1789000000.003000001,3,NaN,NaN,NaN,NaN,NaN\n"
		"1789000000.004000001,4,NaN,NaN,NaN,NaN,NaN\n"
		"1789000000.005000001,5,502.5,-3e-06,0,0,16\n"
		"1789000000.006000001,6,NaN,-3e-06,1,0,16\n"
		"1789000000.007000001,7,503.5,-3e-06,0,0,16\n"
		"1789000000.008000001,8,NaN,NaN,NaN,NaN,NaN\n"
		"1789000000.009000001,9,504.5,-3e-06,0,0,16\n");
	CU_ASSERT_STRING_EQUAL(
		dump(&some, 2),
		"time [s],sequence,bath [raw],\"a \"\"quoted\"\", name [raw]\","
		"fault,saturation,flags\n"
		"1789000000.004000001,4,NaN,NaN,NaN,NaN,NaN\n"
		"1789000000.005000001,5,1005,-3,0,0,16\n");
}

static void writes_json(void)
{
	const struct sense_dump_options options = { .format = SENSE_DUMP_JSON, .first_sequence = 7,
						    .last_sequence = 8 };
	const struct sense_dump_options late = { .format = SENSE_DUMP_JSON, .first_sequence = 8,
						 .last_sequence = 8 };
	const char *missing =
		"{\"time_ns\":1789000000008000001,\"sequence\":8,\"bath [Ohm]\":null,"
		"\"a \\\"quoted\\\", name [1]\":null,\"fault\":null,\"saturation\":null,"
		"\"flags\":null}\n";
	char both[1024];

	snprintf(both, sizeof(both), "{\"time_ns\":1789000000007000001,\"sequence\":7,"
		 "\"bath [Ohm]\":503.5,\"a \\\"quoted\\\", name [1]\":-3e-06,\"fault\":0,"
		 "\"saturation\":0,\"flags\":16}\n%s", missing);
	CU_ASSERT_STRING_EQUAL(dump(&options, 2), both);
	CU_ASSERT_STRING_EQUAL(dump(&late, 1), missing);
}

static void says_what_it_cannot_do(void)
{
	const struct sense_dump_options none = { .format = SENSE_DUMP_CSV, .stream = 7,
						 .last_sequence = UINT64_MAX };
	const struct sense_dump_options all = { .format = SENSE_DUMP_CSV,
						.last_sequence = UINT64_MAX };
	FILE *full = fopen("/dev/full", "w");

	dump(&none, -ENOENT);
	setvbuf(full, NULL, _IONBF, 0);
	CU_ASSERT(sense_record_dump(reader, &all, full) < 0);
	CU_ASSERT_EQUAL(sense_record_dump(reader, &all, full), -sense_error_last()->code);
	fclose(full);
	sense_record_reader_close(reader);
}

static void make_many(const char *path, const char *csv, const char *json, int values)
{
	struct sense_layout *layout = frames_layout(4, 100);
	struct sense_frame *frame = sense_frame_new(layout);
	struct sense_record_config *config = sense_record_config_new();
	struct sense_dump_options options = { .format = SENSE_DUMP_CSV,
					      .last_sequence = UINT64_MAX };
	struct sense_record *record;
	int64_t stream;
	FILE *file;

	sense_record_config_set_values(config, values);
	record = sense_record_create(path, config);
	sense_record_config_free(config);
	stream = sense_record_begin_stream(record, layout, NULL, NULL);
	for (uint64_t s = 0; s < 1000; s += 100) {
		sense_frame_clear(frame, s);
		frames_put(frame, s, s + 50);
		frames_put(frame, s + 51, s + 100);
		for (unsigned int c = 0; c < 4; c++) {
			frame->value_unit[c] = "Cel";
			for (unsigned int i = 0; i < 100; i++) {
				frame->value[c][i] = i == 50 ? NAN : (double)(s + i) / 3;
				frame->value_u[c][i] = c ? NAN : 0.25;
			}
		}
		CU_ASSERT_EQUAL(sense_record_append(record, stream, frame), 0);
	}
	sense_record_close(record);
	reader = sense_record_reader_open(path);
	file = fopen(csv, "w");
	CU_ASSERT_EQUAL(sense_record_dump(reader, &options, file), 1000);
	fclose(file);
	options.format = SENSE_DUMP_JSON;
	file = fopen(json, "w");
	CU_ASSERT_EQUAL(sense_record_dump(reader, &options, file), 1000);
	fclose(file);
	sense_record_reader_close(reader);
	sense_frame_release(frame);
	sense_layout_unref(layout);
}

static int run(const char *format, ...) __attribute__((format(printf, 1, 2)));
static int run(const char *format, ...)
{
	char command[2048];
	va_list args;
	int status;

	va_start(args, format);
	vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	status = system(command);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void is_read_by_pandas(void)
{
	make_many(frames_path("many.sense"), frames_path("many.csv"), frames_path("many.json"), 1);
	CU_ASSERT_EQUAL(
		run("/usr/bin/python3 -c \""
		    "import pandas\n"
		    "d = pandas.read_csv('%s')\n"
		    "assert list(d.columns)[:4] == ['time [s]', 'sequence', 'ch0 [Cel]',"
		    " 'u(ch0) [Cel]']\n"
		    "assert len(d) == 1000 and d['ch1 [Cel]'].isna().sum() == 10\n"
		    "assert d['ch3 [Cel]'][999] == 999 / 3 and d['u(ch0) [Cel]'][7] == 0.25\n"
		    "assert d['sequence'].dtype == 'int64' and d['ch0 [Cel]'].dtype == 'float64'\n"
		    "j = pandas.read_json('%s', lines=True, convert_dates=False)\n"
		    "assert len(j) == 1000 and j['time_ns'][999] == 1789000000999000000\n"
		    "assert j['ch3 [Cel]'][999] == 999 / 3\n"
		    "\"",
		    frames_path("many.csv"), frames_path("many.json")),
		0);
}

static void is_read_by_octave(void)
{
	CU_ASSERT_EQUAL(run("octave-cli --no-init-file --eval \""
			    "d = importdata('%s', ',', 1);"
			    "assert(size(d.data), [1000 13]);"
			    "assert(d.colheaders{3}, 'ch0 [Cel]');"
			    "assert(d.data(1000, 3), 333);"
			    "assert(isnan(d.data(51, 3)) && isnan(d.data(51, 11)));"
			    "m = dlmread('%s', ',', 1, 0);"
			    "assert(size(m), [1000 13]); assert(isnan(m(51, 3)));"
			    "\"", frames_path("many.csv"), frames_path("many.csv")), 0);
	frames_clean_up();
}

UNIT_TESTS = { UNIT(writes_csv), UNIT(writes_json), UNIT(says_what_it_cannot_do),
	       UNIT(is_read_by_pandas), UNIT(is_read_by_octave), UNIT_END };
UNIT_MAIN("dump")
