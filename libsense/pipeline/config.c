// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipeline/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include <sense/sensor.h>
#include "calibrate/rtd.h"
#include "pipeline/yaml.h"

#define VERSION 1
#define MAX_FILE_BYTES (4u << 20)	/* more is refused by the YAML side, with a line */

/* ---- the keys ----------------------------------------------------------- */

static void read_channel(struct sense_yaml *yaml, const char *key, yaml_node_t *node, void *target)
{
	struct sense_config_device *device = target;
	char *name = device->channels[device->channel_count];

	if (!sense_yaml_text(yaml, key, node, name, sizeof(device->channels[0]),
			     "list the channels by name, as in: channels: [bath, ambient]"))
		return;
	for (unsigned int i = 0; i < device->channel_count; i++)
		if (!strcmp(device->channels[i], name)) {
			sense_yaml_find(yaml, sense_yaml_line(node), key, "leave one of them",
					"channel %s is listed twice", name);
			return;
		}
	device->channel_count++;
}

static void read_channels(struct sense_yaml *yaml, const char *key, yaml_node_t *node, void *target)
{
	sense_yaml_each(yaml, key, node, SENSE_FRAME_MAX_CHANNELS, read_channel, target);
	if (node->type == YAML_SEQUENCE_NODE &&
	    node->data.sequence.items.start == node->data.sequence.items.top)
		sense_yaml_find(yaml, sense_yaml_line(node), key,
				"name channels, or leave the key out for all of them",
				"the list of channels is empty");
}

#define MEMBER(type, name) offsetof(struct type, name), sizeof(((struct type *)0)->name)

static const struct sense_yaml_key device_keys[] = {
	{ "id", SENSE_YAML_TEXT, true, MEMBER(sense_config_device, id), 0, 0, NULL,
	  "give the device's id or serial number (sense list shows them), or any", NULL },
	{ "rate_hz", SENSE_YAML_NUMBER, false, MEMBER(sense_config_device, rate_hz), 1e-6, 1e9,
	  NULL, "give scans per second, as in: rate_hz: 1000", NULL },
	{ "block_scans", SENSE_YAML_COUNT, false, MEMBER(sense_config_device, block_scans), 1,
	  1048576, NULL, "give scans per frame, as in: block_scans: 100", NULL },
	{ "channels", SENSE_YAML_CUSTOM, false, 0, 0, 0, 0, NULL, NULL, read_channels },
	{ "buffer", SENSE_YAML_COUNT, false, MEMBER(sense_config_device, buffer), 0, 1, NULL,
	  "0 is the long buffer for the record, 1 the short one for loops", NULL },
	{ "buffer_scans", SENSE_YAML_COUNT, false, MEMBER(sense_config_device, buffer_scans), 2,
	  16777216, NULL, "give the kernel buffer's length in scans, as in: buffer_scans: 4096",
	  NULL },
	{ "watermark", SENSE_YAML_COUNT, false, MEMBER(sense_config_device, watermark), 1, 16777216,
	  NULL, "give the scans that wake the reader, as in: watermark: 20", NULL },
	{ 0 }
};

#define RTD(name) SENSE_YAML_NUMBER, false, offsetof(struct sense_rtd, name), 0

static const struct sense_yaml_key rtd_keys[] = {
	{ "r0_ohm", SENSE_YAML_NUMBER, true, offsetof(struct sense_rtd, r0_ohm), 0, 1, 1e5, NULL,
	  "give the resistance at 0 degC, as in: r0_ohm: 100.012", NULL },
	{ "a", RTD(a), 1e-4, 1e-1, NULL, "give A in 1/degC, as in: a: 3.9083e-3", NULL },
	{ "b", RTD(b), -1e-4, 1e-4, NULL, "give B in 1/degC^2, as in: b: -5.775e-7", NULL },
	{ "c", RTD(c), -1e-9, 1e-9, NULL, "give C in 1/degC^4, as in: c: -4.183e-12", NULL },
	{ 0 }
};

static const char *const sensors[] = { "pt100", "pt500", "pt1000", NULL };
static const double sensors_r0[] = { 100, 500, 1000 };

static void read_sensor(struct sense_yaml *yaml, const char *key, yaml_node_t *node, void *target)
{
	struct sense_config_calibration *calibration = target;
	const char *nearest;
	char name[256], remedy[128];
	unsigned int before = yaml->findings;

	if (node->type == YAML_MAPPING_NODE) {
		calibration->rtd = sense_rtd_iec60751(100);
		sense_yaml_read(yaml, key, node, rtd_keys, &calibration->rtd);
		if (yaml->findings == before && !sense_rtd_is_monotonic(&calibration->rtd))
			sense_yaml_find(yaml, sense_yaml_line(node), key,
					"compare the coefficients with the certificate",
					"these coefficients give no resistance that rises all the "
					"way from -200 to 850 degC");
		return;
	}
	if (!sense_yaml_text(yaml, key, node, name, sizeof(name),
			     "write pt100, pt500, pt1000, or {r0_ohm: ..., a: ..., b: ...}"))
		return;
	for (unsigned int i = 0; sensors[i]; i++)
		if (!strcmp(name, sensors[i])) {
			calibration->rtd = sense_rtd_iec60751(sensors_r0[i]);
			return;
		}
	if (strchr(name, ':') || !strncmp(name, "tc-", 3)) {
		struct sense_sensor *sensor = sense_sensor_open(name);

		if (!sensor)
			sense_yaml_find(yaml, sense_yaml_line(node), key, sense_error_last()->remedy,
					"%s: %s", sense_error_last()->object,
					sense_error_last()->sentence);
		sense_sensor_unref(sensor);
		snprintf(calibration->sensor, sizeof(calibration->sensor), "%s", name);
		return;
	}
	nearest = sense_yaml_nearest(name, sensors);
	snprintf(remedy, sizeof(remedy),
		 nearest ? "did you mean %s?" :
			   "write pt100, pt500, pt1000, "
			   "or {r0_ohm: ..., a: ..., b: ..., c: ...}%s",
		 nearest ? nearest : "");
	sense_yaml_find(yaml, sense_yaml_line(node), key, remedy, "there is no sensor called %s",
			name);
}

static const struct sense_yaml_key calibration_keys[] = {
	{ "device", SENSE_YAML_TEXT, false, MEMBER(sense_config_calibration, device), 0, 0, NULL,
	  "give the id of a device listed under devices", NULL },
	{ "channel", SENSE_YAML_TEXT, true, MEMBER(sense_config_calibration, channel), 0, 0, NULL,
	  "give the channel's name, as in: channel: bath", NULL },
	{ "sensor", SENSE_YAML_CUSTOM, true, 0, 0, 0, 0, NULL,
	  "name its sensor, as in: sensor: pt100, or sensor: rtd:probe.yaml", read_sensor },
	{ "auxiliary", SENSE_YAML_TEXT, false, MEMBER(sense_config_calibration, auxiliary), 0, 0,
	  NULL, "name the channel of the cold junction or load cell, as in: auxiliary: cj", NULL },
	{ 0 }
};

static const struct sense_yaml_key record_keys[] = {
	{ "path", SENSE_YAML_TEXT, true, MEMBER(sense_config_record, path), 0, 0, NULL,
	  "give the file to record to, as in: path: /var/lib/sense/session.sense", NULL },
	{ "values", SENSE_YAML_FLAG, false, MEMBER(sense_config_record, values), 0, 0, NULL, NULL,
	  NULL },
	{ "commit_interval_s", SENSE_YAML_NUMBER, false,
	  MEMBER(sense_config_record, commit_interval_s), 0, 1, NULL,
	  "give the most seconds between two commits, 0 to 1", NULL },
	{ "reserve", SENSE_YAML_BYTES, false, MEMBER(sense_config_record, reserve_bytes), 0, 1e15,
	  NULL, "give the space to keep free with its unit, as in: reserve: 64MiB", NULL },
	{ 0 }
};

static const char *const real_times[] = { "auto", "off", "required", NULL };

static const char *const calibration_policies[] = { "flag", "refuse", NULL };

static const struct sense_yaml_key pipeline_keys[] = {
	{ "ring_frames", SENSE_YAML_COUNT, false, MEMBER(sense_config_pipeline, ring_frames), 2,
	  65536, NULL, "give the frames that may wait for the record, as in: ring_frames: 64",
	  NULL },
	{ "real_time", SENSE_YAML_CHOICE, false, MEMBER(sense_config_pipeline, real_time), 0, 0,
	  real_times, "write auto, off or required", NULL },
	{ "calibration_policy", SENSE_YAML_CHOICE, false,
	  MEMBER(sense_config_pipeline, calibration_policy), 0, 0, calibration_policies,
	  "write flag or refuse", NULL },
	{ 0 }
};

static void read_device(struct sense_yaml *yaml, const char *key, yaml_node_t *node, void *target)
{
	struct sense_config *config = target;
	struct sense_config_device *device = &config->devices[config->device_count];

	device->line = sense_yaml_line(node);
	sense_yaml_read(yaml, "a device", node, device_keys, device);
	for (unsigned int i = 0; i < config->device_count; i++)
		if (device->id[0] && !strcmp(config->devices[i].id, device->id) &&
		    config->devices[i].buffer == device->buffer)
			sense_yaml_find(yaml, device->line, "id",
					"leave one of them; channels of one device go in one list",
					"device %s is listed twice, first in line %u", device->id,
					config->devices[i].line);
	if (device->watermark && device->buffer_scans && device->watermark > device->buffer_scans)
		sense_yaml_find(yaml, device->line, "watermark",
				"choose a watermark below the buffer's length",
				"watermark %u is more than the %u scans of the buffer",
				device->watermark, device->buffer_scans);
	config->device_count++;
}

static void read_devices(struct sense_yaml *yaml, const char *key, yaml_node_t *node, void *target)
{
	struct sense_config *config = target;

	sense_yaml_each(yaml, key, node, SENSE_CONFIG_DEVICES, read_device, target);
	if (node->type == YAML_SEQUENCE_NODE && !config->device_count)
		sense_yaml_find(yaml, sense_yaml_line(node), key, "list one, as in: - id: any",
				"the list of devices is empty");
}

static void read_calibration(struct sense_yaml *yaml, const char *key, yaml_node_t *node,
			     void *target)
{
	struct sense_config *config = target;
	struct sense_config_calibration *calibration =
		&config->calibrations[config->calibration_count++];

	calibration->line = sense_yaml_line(node);
	sense_yaml_read(yaml, "a calibration", node, calibration_keys, calibration);
}

static void read_calibrations(struct sense_yaml *yaml, const char *key, yaml_node_t *node,
			      void *target)
{
	sense_yaml_each(yaml, key, node, SENSE_CONFIG_CALIBRATIONS, read_calibration, target);
}

static void read_record(struct sense_yaml *yaml, const char *key, yaml_node_t *node, void *target)
{
	sense_yaml_read(yaml, key, node, record_keys, &((struct sense_config *)target)->record);
}

static void read_pipeline(struct sense_yaml *yaml, const char *key, yaml_node_t *node, void *target)
{
	sense_yaml_read(yaml, key, node, pipeline_keys, &((struct sense_config *)target)->pipeline);
}

static void read_version(struct sense_yaml *yaml, const char *key, yaml_node_t *node, void *target)
{
	char text[16];

	if (sense_yaml_text(yaml, key, node, text, sizeof(text), "write version: 1") &&
	    strcmp(text, "1"))
		sense_yaml_find(
			yaml, sense_yaml_line(node), key,
			"write version: 1, or use the version of sense it was written for",
			"this libsense knows configurations of version %d, and this is one of "
			"version %s",
			VERSION, text);
}

static const struct sense_yaml_key root_keys[] = {
	{ "version", SENSE_YAML_CUSTOM, true, 0, 0, 0, 0, NULL,
	  "begin with the line \"version: 1\"", read_version },
	{ "devices", SENSE_YAML_CUSTOM, true, 0, 0, 0, 0, NULL,
	  "list the devices, as in: devices: [{id: any}]", read_devices },
	{ "calibration", SENSE_YAML_CUSTOM, false, 0, 0, 0, 0, NULL, NULL, read_calibrations },
	{ "record", SENSE_YAML_CUSTOM, false, 0, 0, 0, 0, NULL, NULL, read_record },
	{ "pipeline", SENSE_YAML_CUSTOM, false, 0, 0, 0, 0, NULL, NULL, read_pipeline },
	{ 0 }
};

/* ---- what only the whole tells ------------------------------------------ */

int sense_config_find_device(const struct sense_config *config, const char *id)
{
	if (!*id && config->device_count == 1)
		return 0;
	for (unsigned int i = 0; i < config->device_count; i++)
		if (!strcmp(config->devices[i].id, id))
			return (int)i;
	return -1;
}

static void check_calibration_channel(struct sense_yaml *yaml,
				      const struct sense_config_calibration *calibration,
				      const struct sense_config_device *device)
{
	const char *names[SENSE_FRAME_MAX_CHANNELS + 1] = { NULL }, *nearest;
	char remedy[160];

	for (unsigned int i = 0; i < device->channel_count; i++) {
		if (!strcmp(device->channels[i], calibration->channel))
			return;
		names[i] = device->channels[i];
	}
	if (!device->channel_count || !calibration->channel[0])
		return;
	nearest = sense_yaml_nearest(calibration->channel, names);
	if (nearest)
		snprintf(remedy, sizeof(remedy), "did you mean %s?", nearest);
	else
		snprintf(remedy, sizeof(remedy), "add it to the device's list of channels");
	sense_yaml_find(yaml, calibration->line, "channel", remedy,
			"channel %s is not among the channels of device %s", calibration->channel,
			device->id);
}

static void check_calibrations(struct sense_yaml *yaml, const struct sense_config *config)
{
	for (unsigned int i = 0; i < config->calibration_count; i++) {
		const struct sense_config_calibration *calibration = &config->calibrations[i];
		int device = sense_config_find_device(config, calibration->device);

		if (device < 0) {
			if (config->device_count)
				sense_yaml_find(
					yaml, calibration->line, "device",
					"give the id of a device listed under devices",
					calibration->device[0] ?
						"device %s is not listed under devices" :
						"one of several must be named%s",
					calibration->device);
			continue;
		}
		check_calibration_channel(yaml, calibration, &config->devices[device]);
		for (unsigned int j = 0; j < i; j++)
			if (calibration->channel[0] &&
			    !strcmp(config->calibrations[j].channel, calibration->channel) &&
			    sense_config_find_device(config, config->calibrations[j].device) ==
				    device)
				sense_yaml_find(yaml, calibration->line, "channel",
						"leave one of them",
						"channel %s is calibrated twice, first in line %u",
						calibration->channel, config->calibrations[j].line);
	}
}

/* ---- reading ------------------------------------------------------------ */

static struct sense_config *read_all(const char *name, const char *text, size_t length,
				     struct sense_yaml *yaml)
{
	struct sense_config *config = calloc(1, sizeof(*config));
	yaml_node_t *root;

	if (config) {
		config->name = strdup(name);
		config->text = strndup(text, length);
	}
	if (!config || !config->name || !config->text) {
		sense_config_free(config);
		return sense_fail_null(ENOMEM, name, NULL, "out of memory");
	}
	config->record.commit_interval_s = 1;
	config->record.reserve_bytes = 64 << 20;
	config->pipeline.ring_frames = 64;
	root = sense_yaml_load(yaml, text, length);
	if (root) {
		sense_yaml_read(yaml, "the configuration", root, root_keys, config);
		check_calibrations(yaml, config);
	}
	sense_yaml_unload(yaml);
	return config;
}

static char *load(const char *path, size_t *length)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	char *text = NULL;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st)) {
		int code = errno;

		if (fd >= 0)
			close(fd);
		return sense_fail_null(code, path, "see that the path is right and can be read",
				       "cannot read the configuration %s: %s", path,
				       strerror(code));
	}
	if (!S_ISREG(st.st_mode)) {
		close(fd);
		return sense_fail_null(S_ISDIR(st.st_mode) ? EISDIR : EINVAL, path,
				       "give the path of a YAML file", "%s is not a file", path);
	}
	*length = 0;
	text = malloc(MAX_FILE_BYTES);
	while (text && *length < MAX_FILE_BYTES &&
	       (n = read(fd, text + *length, MAX_FILE_BYTES - *length)) > 0)
		*length += (size_t)n;
	close(fd);
	if (!text)
		return sense_fail_null(ENOMEM, path, NULL, "out of memory");
	return text;
}

struct first {
	const char *name;
	bool seen;
};

/* The first finding is the error that load and parse return. */
static void keep_first(void *context, const struct sense_config_finding *finding)
{
	struct first *first = context;
	char object[256];

	if (first->seen)
		return;
	first->seen = true;
	snprintf(object, sizeof(object), "%s:%u", first->name, finding->line);
	sense_fail(EINVAL, object, finding->remedy, "%s line %u: %s", first->name, finding->line,
		   finding->sentence);
}

struct sense_config *sense_config_parse(const char *name, const char *text, size_t length)
{
	struct first first = { name, false };
	struct sense_yaml yaml = { .report = keep_first, .context = &first };
	struct sense_config *config = read_all(name, text, length, &yaml);

	if (config && yaml.findings) {
		sense_config_free(config);
		return NULL;
	}
	return config;
}

struct sense_config *sense_config_load(const char *path)
{
	struct sense_config *config;
	size_t length = 0;
	char *text = load(path, &length);

	if (!text)
		return NULL;
	config = sense_config_parse(path, text, length);
	free(text);
	return config;
}

void sense_config_free(struct sense_config *config)
{
	if (!config)
		return;
	free(config->name);
	free(config->text);
	free(config);
}

int sense_config_check(const char *path,
		       void (*function)(void *context, const struct sense_config_finding *finding),
		       void *context)
{
	struct sense_yaml yaml = { .report = function, .context = context };
	struct sense_config *config;
	size_t length = 0;
	char *text = load(path, &length);

	if (!text)
		return -sense_error_last()->code;
	config = read_all(path, text, length, &yaml);
	free(text);
	if (!config)
		return -ENOMEM;
	sense_config_free(config);
	return (int)yaml.findings;
}

const char *sense_config_get_record_path(const struct sense_config *config)
{
	return config->record.path;
}

const char *sense_config_get_text(const struct sense_config *config)
{
	return config->text;
}

unsigned int sense_config_get_device_count(const struct sense_config *config)
{
	return config->device_count;
}

const char *sense_config_get_device_id(const struct sense_config *config, unsigned int index)
{
	return index < config->device_count ? config->devices[index].id : NULL;
}
