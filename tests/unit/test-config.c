// SPDX-License-Identifier: GPL-2.0-or-later
#include "unit.h"
#include "frames.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sense/error.h>
#include <sense/record.h>
#include "pipeline/config.h"

static struct {
	unsigned int count;
	char text[8192];
} found;

static void collect(void *context, const struct sense_config_finding *finding)
{
	size_t used = strlen(found.text);

	CU_ASSERT(strlen(finding->sentence) > 0);
	CU_ASSERT(finding->remedy && strlen(finding->remedy) > 0);
	found.count++;
	snprintf(found.text + used, sizeof(found.text) - used, "%u %s: %s (%s)\n", finding->line,
		 finding->key, finding->sentence, finding->remedy);
}

static int check(const char *text)
{
	char path[] = "/tmp/sense-config-XXXXXX";
	int fd = mkstemp(path), rc;

	memset(&found, 0, sizeof(found));
	CU_ASSERT_EQUAL(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	rc = sense_config_check(path, collect, NULL);
	unlink(path);
	CU_ASSERT_EQUAL((unsigned int)rc, found.count);
	return rc;
}

/* One finding, in that line, of that key, with that in its sentence or remedy. */
static void finds(const char *text, unsigned int line, const char *key, const char *part)
{
	char begin[96];

	check(text);
	snprintf(begin, sizeof(begin), "%u %s: ", line, key);
	if (found.count != 1 || strncmp(found.text, begin, strlen(begin)) ||
	    !strstr(found.text, part))
		printf("\nfor:\n%sexpected %s...%s...\ngot %s", text, begin, part, found.text);
	CU_ASSERT_EQUAL(found.count, 1);
	CU_ASSERT(!strncmp(found.text, begin, strlen(begin)));
	CU_ASSERT(strstr(found.text, part) != NULL);
}

static const char good[] =
	"version: 1\n"
	"devices:\n"
	"  - id: sense-pcie-0042\n"
	"    rate_hz: 1e3\n"
	"    block_scans: 100\n"
	"    channels: [bath, ambient]\n"
	"    buffer: 0\n"
	"    buffer_scans: 4096\n"
	"    watermark: 20\n"
	"calibration:\n"
	"  - device: sense-pcie-0042\n"
	"    channel: bath\n"
	"    sensor: pt1000\n"
	"  - channel: ambient\n"
	"    sensor: {r0_ohm: 100.012, a: 3.9083e-3, b: -5.775e-7, c: -4.183e-12}\n"
	"record:\n"
	"  path: /tmp/session.sense\n"
	"  values: true\n"
	"  commit_interval_s: 0.5\n"
	"  reserve: 128 MiB\n"
	"pipeline:\n"
	"  ring_frames: 32\n"
	"  real_time: off\n";

static void reads_a_good_one(void)
{
	struct sense_config *config = sense_config_parse("good", good, strlen(good));

	CU_ASSERT_PTR_NOT_NULL_FATAL(config);
	CU_ASSERT_EQUAL(check(good), 0);
	CU_ASSERT_EQUAL(config->device_count, 1);
	CU_ASSERT_STRING_EQUAL(config->devices[0].id, "sense-pcie-0042");
	CU_ASSERT_EQUAL(config->devices[0].rate_hz, 1000);
	CU_ASSERT_EQUAL(config->devices[0].block_scans, 100);
	CU_ASSERT_EQUAL(config->devices[0].watermark, 20);
	CU_ASSERT_EQUAL(config->devices[0].channel_count, 2);
	CU_ASSERT_STRING_EQUAL(config->devices[0].channels[1], "ambient");
	CU_ASSERT_EQUAL(config->calibration_count, 2);
	CU_ASSERT_EQUAL(config->calibrations[0].rtd.r0_ohm, 1000);
	CU_ASSERT_EQUAL(config->calibrations[1].rtd.r0_ohm, 100.012);
	CU_ASSERT_EQUAL(config->calibrations[1].rtd.c, -4.183e-12);
	CU_ASSERT_EQUAL(config->record.values, true);
	CU_ASSERT_EQUAL(config->record.commit_interval_s, 0.5);
	CU_ASSERT_EQUAL(config->record.reserve_bytes, 128u << 20);
	CU_ASSERT_EQUAL(config->pipeline.ring_frames, 32);
	CU_ASSERT_EQUAL(config->pipeline.real_time, SENSE_REAL_TIME_OFF);
	CU_ASSERT_STRING_EQUAL(sense_config_get_record_path(config), "/tmp/session.sense");
	CU_ASSERT_STRING_EQUAL(sense_config_get_text(config), good);
	sense_config_free(config);
}

static void reads_the_least(void)
{
	static const char least[] = "version: 1\ndevices: [{id: any}]\n";
	struct sense_config *config = sense_config_parse("least", least, strlen(least));

	CU_ASSERT_PTR_NOT_NULL_FATAL(config);
	CU_ASSERT_STRING_EQUAL(sense_config_get_record_path(config), "");
	CU_ASSERT_EQUAL(config->record.commit_interval_s, 1);
	CU_ASSERT_EQUAL(config->pipeline.ring_frames, 64);
	CU_ASSERT_EQUAL(config->pipeline.real_time, SENSE_REAL_TIME_AUTO);
	sense_config_free(config);
}

#define HEAD "version: 1\ndevices: [{id: any}]\n"

static void names_line_key_and_remedy(void)
{
	finds("version: 1\ndevices:\n  - id: any\n    rate: 5\n", 4, "rate", "rate_hz");
	finds("version: 1\ndevices:\n  - id: any\n    blok_scans: 5\n", 4, "blok_scans",
	      "did you mean \"block_scans\"?");
	finds("version: 1\ndevices:\n  - id: any\n    zzz: 5\n", 4, "zzz",
	      "the keys there are: id,");
	finds("version: 1\ndevices:\n  - id: any\n    rate_hz: fast\n", 4, "rate_hz", "\"fast\"");
	finds("version: 1\ndevices:\n  - id: any\n    rate_hz: \"1000\"\n", 4, "rate_hz", "number");
	finds("version: 1\ndevices:\n  - id: any\n    rate_hz: [1]\n", 4, "rate_hz", "a list");
	finds("version: 1\ndevices:\n  - id: any\n    rate_hz: nan\n", 4, "rate_hz", "number");
	finds("version: 1\ndevices:\n  - id: any\n    rate_hz: 0x10\n", 4, "rate_hz", "number");
	finds("version: 1\ndevices:\n  - id: any\n    rate_hz: -1\n", 4, "rate_hz",
	      "must be 1e-06 to");
	finds("version: 1\ndevices:\n  - id: any\n    block_scans: 1.5\n", 4, "block_scans",
	      "whole");
	finds("version: 1\ndevices:\n  - id: any\n    buffer: 2\n", 4, "buffer", "0 to 1");
	finds("version: 1\ndevices:\n  - id: a\n  - id: a\n", 4, "id", "line 3");
	finds("version: 1\ndevices:\n  - rate_hz: 5\n", 3, "id", "needs the key id");
	finds("version: 1\ndevices: []\n", 2, "devices", "empty");
	finds("version: 1\ndevices: any\n", 2, "devices", "must be a list");
	finds("version: 1\ndevices: [any]\n", 2, "a device", "mapping");
	finds("version: 1\n", 1, "devices", "needs the key devices");
	finds("devices: [{id: any}]\n", 1, "version", "version: 1");
	finds("version: 2\ndevices: [{id: any}]\n", 1, "version", "version 2");
	finds("version: 1\nversion: 1\ndevices: [{id: any}]\n", 2, "version", "twice");
	finds("version: 1\ndevices:\n  - id: any\n    channels: [a, b, a]\n", 4, "channels",
	      "twice");
	finds("version: 1\ndevices:\n  - id: any\n    buffer_scans: 8\n    watermark: 9\n", 3,
	      "watermark", "more than");
	finds(HEAD "calibration:\n  - channel: x\n    sensor: pt10\n", 5, "sensor",
	      "did you mean pt100?");
	finds(HEAD "calibration:\n  - channel: x\n    sensor: ntc\n", 5, "sensor", "r0_ohm");
	finds(HEAD "calibration:\n  - channel: x\n    sensor: rtd:/none.yaml\n", 5, "sensor",
	      "cannot be opened");
	finds(HEAD "calibration:\n  - channel: x\n    sensor: tc-Q\n", 5, "sensor", "type 'Q'");
	CU_ASSERT_EQUAL(check(HEAD "calibration:\n  - channel: x\n    auxiliary: y\n"
			      "    sensor: tc:Documentation/examples/sensors/tc.yaml\n"), 0);
	finds(HEAD "calibration:\n  - channel: x\n    sensor: {a: 1e-3}\n", 5, "r0_ohm", "needs");
	finds(HEAD "calibration:\n  - channel: x\n    sensor: {r0_ohm: 100, b: -1e-5}\n", 5,
	      "sensor", "certificate");
	finds(HEAD "calibration:\n  - channel: x\n", 4, "sensor", "needs the key");
	finds(HEAD
	      "calibration:\n  - {channel: x, sensor: pt100}\n  - {channel: x, sensor: pt100}\n",
	      5, "channel", "line 4");
	finds(HEAD "calibration:\n  - {device: b, channel: x, sensor: pt100}\n", 4, "device",
	      "not listed");
	finds("version: 1\ndevices: [{id: a}, {id: b}]\n"
	      "calibration:\n  - {channel: x, sensor: pt100}\n", 4, "device", "one of several");
	finds("version: 1\ndevices: [{id: a, channels: [bath]}]\n"
	      "calibration:\n  - {channel: bat, sensor: pt100}\n",
	      4, "channel", "did you mean bath?");
	finds(HEAD "record: {values: true}\n", 3, "path", "needs the key path");
	finds(HEAD "record: {path: x, values: yes}\n", 3, "values", "true or false");
	finds(HEAD "record: {path: x, commit_interval_s: 2}\n", 3, "commit_interval_s", "0 to 1");
	finds(HEAD "record: {path: x, reserve: 64 MiBB}\n", 3, "reserve", "64MiB");
	finds(HEAD "record: {path: x, reserve: -1}\n", 3, "reserve", "64MiB");
	finds(HEAD "pipeline: {real_time: on}\n", 3, "real_time", "auto, off or required");
	finds(HEAD "pipeline: {calibration_policy: stop}\n", 3, "calibration_policy", "flag or refuse");
	finds(HEAD "pipeline: {ring_frames: 1}\n", 3, "ring_frames", "must be 2 to");
}

static void refuses_broken_and_hostile_yaml(void)
{
	finds("version: 1\ndevices:\n\t- id: any\n", 3, "", "tabs");
	finds("version: 1\ndevices:\n  - id: any\n   rate_hz: 5\n", 4, "", "indent");
	finds("version: 1\ndevices: [{id: any}\n", 3, "", "brackets");
	finds("version: \"1\ndevices: x\n", 3, "", "quotes");
	finds("", 1, "", "empty");
	finds("# nothing\n", 1, "", "empty");
	finds("version: 1\ndevices: &a [{id: any}]\n", 2, "", "anchors");
	finds("version: 1\ndevices: *a\n", 2, "", "aliases");
	finds("version: 1\ndevices: !!seq [{id: any}]\n", 2, "", "tags");
	finds("version: 1\n---\nversion: 1\n", 2, "", "one document");
	finds("a: [[[[[[[[[[[[[1]]]]]]]]]]]]]\n", 1, "", "too deep");
	finds("version: 1\n\xff\xfe\n", 2, "", "UTF-8");
	finds("- version\n", 1, "the configuration", "mapping");
}

static void finds_everything_at_once(void)
{
	CU_ASSERT_EQUAL(check("version: 1\n"
			      "devices:\n"
			      "  - id: any\n"
			      "    rate_hz: fast\n"
			      "    chanels: [a]\n"
			      "record:\n"
			      "  value: true\n"
			      "pipeline:\n"
			      "  ring_frames: 0\n"), 5);
	CU_ASSERT(strstr(found.text, "4 rate_hz") != NULL);
	CU_ASSERT(strstr(found.text, "5 chanels") != NULL);
	CU_ASSERT(strstr(found.text, "7 value") != NULL);
	CU_ASSERT(strstr(found.text, "7 path") != NULL);
	CU_ASSERT(strstr(found.text, "9 ring_frames") != NULL);
}

static void load_tells_the_first(void)
{
	static const char bad[] = "version: 1\ndevices:\n  - id: any\n    rate: 5\n    zzz: 1\n";

	CU_ASSERT_PTR_NULL(sense_config_parse("my.yaml", bad, strlen(bad)));
	CU_ASSERT_EQUAL(sense_error_last()->code, EINVAL);
	CU_ASSERT_STRING_EQUAL(sense_error_last()->object, "my.yaml:4");
	CU_ASSERT(strstr(sense_error_last()->sentence, "\"rate\"") != NULL);
	CU_ASSERT(strstr(sense_error_last()->remedy, "rate_hz") != NULL);
	CU_ASSERT_PTR_NULL(sense_config_load("/nonexistent.yaml"));
	CU_ASSERT_EQUAL(sense_error_last()->code, ENOENT);
	CU_ASSERT_EQUAL(sense_config_check("/", collect, NULL), -EISDIR);
}

static off_t size_of_record(uint64_t scans, uint32_t block)
{
	struct sense_layout *layout = frames_layout(2, block);
	struct sense_frame *frame = sense_frame_new(layout);
	struct sense_record *record = sense_record_create(frames_path("size.sense"), NULL);
	int64_t stream = sense_record_begin_stream(record, layout, NULL, NULL);
	struct stat st;

	for (uint64_t s = 0; s < scans; s += block) {
		sense_frame_clear(frame, s);
		frames_put(frame, s, s + block);
		memset(frame->fault, 0, block * sizeof(*frame->fault));	/* as on most days */
		CU_ASSERT_EQUAL(sense_record_append(record, stream, frame), 0);
	}
	CU_ASSERT_EQUAL(sense_record_close(record), 0);
	CU_ASSERT_EQUAL(stat(frames_path("size.sense"), &st), 0);
	sense_frame_release(frame);
	sense_layout_unref(layout);
	unlink(frames_path("size.sense"));
	return st.st_size;
}

/* What the forecast says of a day is what a part of one takes, within a tenth. */
static void forecasts_the_size(void)
{
	static const unsigned int blocks[] = { 20, 100, 2000, 10000 };
	static const char none[] = "version: 1\ndevices: [{id: x, rate_hz: 5, channels: [a]}]\n";
	struct sense_config *config;
	char text[256];

	for (unsigned int i = 0; i < 4; i++) {
		unsigned int scans = blocks[i] * 500;
		double day, took;

		snprintf(text, sizeof(text), "version: 1\ndevices: [{id: x, rate_hz: 1000, "
			 "block_scans: %u, channels: [a, b]}]\nrecord: {path: x}\n", blocks[i]);
		config = sense_config_parse("size", text, strlen(text));
		CU_ASSERT_PTR_NOT_NULL_FATAL(config);
		day = sense_config_get_bytes_per_day(config);
		took = (double)(size_of_record(scans, blocks[i]) - size_of_record(0, 1)) * 86400 *
		       1000 / scans;
		if (day < 0.9 * took || day > 1.1 * took)
			printf("\nblock %u: forecast %g, took %g bytes a day\n", blocks[i], day,
			       took);
		CU_ASSERT(day > 0.9 * took && day < 1.1 * took);
		sense_config_free(config);
	}
	config = sense_config_parse("size", none, strlen(none));
	CU_ASSERT_EQUAL(sense_config_get_bytes_per_day(config), 0);
	sense_config_free(config);
	frames_clean_up();
}

UNIT_TESTS = { UNIT(reads_a_good_one), UNIT(reads_the_least), UNIT(names_line_key_and_remedy),
	       UNIT(refuses_broken_and_hostile_yaml), UNIT(finds_everything_at_once),
	       UNIT(load_tells_the_first), UNIT(forecasts_the_size), UNIT_END };
UNIT_MAIN("config")
