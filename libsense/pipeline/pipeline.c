// SPDX-License-Identifier: LGPL-2.1-or-later
#include "pipeline/pipeline.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "base/error.h"
#include "calibrate/calibration.h"

/* Above other programs' threads, below the kernel's interrupt threads (50). */
#define PRIORITY 20

/* ---- making and unmaking ------------------------------------------------ */

static int prepare_line(struct sense_pipeline *pipeline, struct sense_line *line,
			const struct sense_source *source)
{
	line->pipeline = pipeline;
	line->index = (unsigned int)(line - pipeline->lines);
	line->source = *source;
	pthread_mutex_init(&line->command_lock, NULL);
	sem_init(&line->started, 0, 0);
	line->calibrator = sense_calibrator_new(source->layout);
	line->latest = sense_latest_values_new();
	line->ring = sense_ring_new(pipeline->config.pipeline.ring_frames + SENSE_LINE_EVENTS,
				    sizeof(struct sense_item));
	line->commands = sense_ring_new(SENSE_LINE_COMMANDS, sizeof(struct sense_line_command));
	/* Emptied before each command is queued, so as many can come back as can wait. */
	line->retired = sense_ring_new(SENSE_LINE_COMMANDS, sizeof(struct sense_calibration *));
	line->queued = sense_calibrator_new(source->layout);
	if (!line->calibrator || !line->latest || !line->ring || !line->commands ||
	    !line->retired || !line->queued)
		return -ENOMEM;
	return 0;
}

static void free_retired(struct sense_line *line)
{
	struct sense_calibration *calibration;

	while (line->retired && sense_ring_pop(line->retired, &calibration))
		sense_calibration_free(calibration);
}

static void destroy_line(struct sense_line *line)
{
	struct sense_line_command command;
	struct sense_item item;

	while (line->ring && sense_ring_pop(line->ring, &item))
		if (item.type == SENSE_ITEM_FRAME)
			sense_frame_release(item.frame);
	while (line->commands && sense_ring_pop(line->commands, &command))
		sense_calibration_free(command.calibration);
	free_retired(line);
	sense_ring_free(line->ring);
	sense_ring_free(line->commands);
	sense_ring_free(line->retired);
	sense_calibrator_free(line->calibrator);
	sense_calibrator_free(line->queued);
	sense_latest_values_free(line->latest);
	if (line->source.ops)
		line->source.ops->close(line->source.self);
	sem_destroy(&line->started);
	pthread_mutex_destroy(&line->command_lock);
}

static int calibrate(struct sense_pipeline *pipeline)
{
	for (unsigned int i = 0; i < pipeline->config.calibration_count; i++) {
		const struct sense_config_calibration *calibration =
			&pipeline->config.calibrations[i];
		int device = sense_config_find_device(&pipeline->config, calibration->device);
		struct sense_line *line = &pipeline->lines[device < 0 ? 0 : device];
		int channel = sense_layout_find_channel(line->source.layout, calibration->channel);
		int rc;

		if (channel < 0)
			return channel;
		rc = sense_config_put_in_force(calibration, line->source.layout,
					       (unsigned int)channel, line->calibrator,
					       line->queued);
		if (rc)
			return rc;
	}
	for (unsigned int i = 0; i < pipeline->line_count; i++) {
		struct sense_line *line = &pipeline->lines[i];

		if (pipeline->config.pipeline.calibration_policy == SENSE_CALIBRATION_REFUSE)
			sense_calibrator_set_policy(line->calibrator,
						    SENSE_CALIBRATOR_REFUSE_EXPIRED |
						    SENSE_CALIBRATOR_REFUSE_UNCALIBRATED);
		for (unsigned int c = 0; c < line->source.layout->channel_count; c++)
			atomic_store(&line->units[c],
				     sense_calibrator_get_unit(line->calibrator, c));
		if (sense_calibrator_get_digest(line->calibrator, line->digest))
			return -ENOMEM;
		memcpy(line->queued_digest, line->digest, sizeof(line->digest));
	}
	return 0;
}

static int open_record(struct sense_pipeline *pipeline)
{
	const struct sense_config_record *config = &pipeline->config.record;
	struct sense_record_config *to;

	if (!config->path[0])
		return 0;
	to = sense_record_config_new();
	if (!to)
		return -ENOMEM;
	sense_record_config_set_values(to, config->values);
	sense_record_config_set_reserve_bytes(to, config->reserve_bytes);
	pipeline->record = sense_record_create(config->path, to);
	sense_record_config_free(to);
	return pipeline->record ? 0 : -sense_error_last()->code;
}

static int copy_config(struct sense_pipeline *pipeline, const struct sense_config *config)
{
	pipeline->config = *config;
	pipeline->config.name = strdup(config->name);
	pipeline->config.text = strdup(config->text);
	if (pipeline->config.name && pipeline->config.text)
		return 0;
	return sense_fail(ENOMEM, config->name, NULL, "out of memory");
}

static int complete(struct sense_pipeline *pipeline, const struct sense_config *config,
		    const struct sense_source *sources)
{
	int rc = copy_config(pipeline, config);

	for (unsigned int i = 0; i < pipeline->line_count && !rc; i++)
		rc = prepare_line(pipeline, &pipeline->lines[i], &sources[i]);
	if (!rc)
		rc = calibrate(pipeline);
	return rc ? rc : open_record(pipeline);
}

struct sense_pipeline *sense_pipeline_new_from(const struct sense_config *config,
					       const struct sense_source *sources,
					       unsigned int count)
{
	struct sense_pipeline *pipeline = calloc(1, sizeof(*pipeline));

	if (!pipeline) {
		for (unsigned int i = 0; i < count; i++)
			sources[i].ops->close(sources[i].self);
		return sense_fail_null(ENOMEM, config->name, NULL, "out of memory");
	}
	pthread_mutex_init(&pipeline->lock, NULL);
	pthread_cond_init(&pipeline->changed, NULL);
	pipeline->line_count = count;
	for (unsigned int i = 0; i < count; i++)
		pipeline->lines[i].source = sources[i];
	if (complete(pipeline, config, sources)) {
		sense_pipeline_free(pipeline);
		return NULL;
	}
	return pipeline;
}

struct sense_pipeline *sense_pipeline_new(const struct sense_config *config)
{
	struct sense_source sources[SENSE_CONFIG_DEVICES];
	/* Beside the ring's: one being filled, one in each thread's hands, one to spare. */
	uint32_t pool = config->pipeline.ring_frames + 4;

	for (unsigned int i = 0; i < config->device_count; i++) {
		if (!sense_source_open(&sources[i], &config->devices[i], pool))
			continue;
		while (i--)
			sources[i].ops->close(sources[i].self);
		return NULL;
	}
	return sense_pipeline_new_from(config, sources, config->device_count);
}

void sense_pipeline_free(struct sense_pipeline *pipeline)
{
	if (!pipeline)
		return;
	sense_pipeline_stop(pipeline);
	sense_record_close(pipeline->record);
	for (unsigned int i = 0; i < pipeline->line_count; i++)
		destroy_line(&pipeline->lines[i]);
	pthread_mutex_destroy(&pipeline->lock);
	pthread_cond_destroy(&pipeline->changed);
	free(pipeline->config.name);
	free(pipeline->config.text);
	free(pipeline);
}

int sense_pipeline_set_observer(struct sense_pipeline *pipeline,
				const struct sense_pipeline_observer *observer, void *context)
{
	if (pipeline->running)
		return sense_fail(EBUSY, pipeline->config.name, "set the observer before the start",
				  "the pipeline runs already");
	pipeline->observer = observer ? *observer : (struct sense_pipeline_observer){ 0 };
	pipeline->observer_context = context;
	return 0;
}

/* ---- starting ----------------------------------------------------------- */

/* Called from any of the threads. */
void sense_pipeline_end(struct sense_pipeline *pipeline)
{
	const struct sense_error *error = sense_error_last();
	struct sense_ending *ending = &pipeline->ending;

	pthread_mutex_lock(&pipeline->lock);
	if (!ending->code) {
		ending->code = error->code ? error->code : EIO;
		snprintf(ending->sentence, sizeof(ending->sentence), "%s", error->sentence);
		snprintf(ending->object, sizeof(ending->object), "%s", error->object);
		snprintf(ending->remedy, sizeof(ending->remedy), "%s", error->remedy);
	}
	pthread_mutex_unlock(&pipeline->lock);
	atomic_store(&pipeline->stop, true);
}

static int begin_streams(struct sense_pipeline *pipeline)
{
	for (unsigned int i = 0; pipeline->record && i < pipeline->line_count; i++) {
		struct sense_line *line = &pipeline->lines[i];
		int64_t stream = sense_record_begin_stream(pipeline->record, line->source.layout,
							   &line->source.description,
							   pipeline->config.text);

		if (stream < 0)
			return (int)stream;
		line->record_stream = stream;
		line->told_durable = 0;
	}
	return 0;
}

/* Everything allocated so far stays in memory. What comes later is the world side's. */
static bool lock_memory(struct sense_pipeline *pipeline)
{
	pipeline->locked = !mlockall(MCL_CURRENT);
	return pipeline->locked;
}

static int create_thread(struct sense_line *line, bool real_time)
{
	const struct sched_param param = { .sched_priority = PRIORITY };
	pthread_attr_t attributes;
	int code;

	pthread_attr_init(&attributes);
	if (real_time) {
		pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
		pthread_attr_setschedpolicy(&attributes, SCHED_FIFO);
		pthread_attr_setschedparam(&attributes, &param);
	}
	code = pthread_create(&line->thread, &attributes, sense_real_time_run, line);
	pthread_attr_destroy(&attributes);
	line->threaded = !code;
	return code;
}

static int no_real_time(const struct sense_pipeline *pipeline, int code)
{
	return sense_fail(
		code, pipeline->config.name,
		"grant it (limits.conf: rtprio 20, memlock unlimited), or set real_time: auto",
		"real_time is required, and SCHED_FIFO or mlockall() is not permitted: %s",
		strerror(code));
}

/* The real-time thread of one device, with its source started. */
static int start_line(struct sense_line *line)
{
	struct sense_pipeline *pipeline = line->pipeline;
	bool real_time = atomic_load(&pipeline->real_time);
	int code = create_thread(line, real_time);

	if (code == EPERM && real_time) {
		if (pipeline->config.pipeline.real_time == SENSE_REAL_TIME_REQUIRED)
			return no_real_time(pipeline, code);
		atomic_store(&pipeline->real_time, false);
		code = create_thread(line, false);
	}
	if (code)
		return sense_fail(code, line->source.layout->device_id, NULL,
				  "cannot make a thread for %s: %s", line->source.layout->device_id,
				  strerror(code));
	while (sem_wait(&line->started) && errno == EINTR)
		;
	return line->start_code;
}

static void join_all(struct sense_pipeline *pipeline)
{
	for (unsigned int i = 0; i < pipeline->line_count; i++) {
		struct sense_line *line = &pipeline->lines[i];

		if (line->threaded)
			pthread_join(line->thread, NULL);
		line->threaded = false;
		atomic_store(&line->ended, true);
	}
	pthread_join(pipeline->world, NULL);
	if (pipeline->locked)
		munlockall();
	pipeline->locked = false;
	pipeline->running = false;
}

static void reset(struct sense_pipeline *pipeline)
{
	atomic_store(&pipeline->stop, false);
	pipeline->ended = false;
	pipeline->ending.code = 0;
	for (unsigned int i = 0; i < pipeline->line_count; i++) {
		struct sense_line *line = &pipeline->lines[i];

		atomic_store(&line->ended, false);
		line->has_sequence = false;
		line->gap_count = 0;
		line->events_refused = 0;
		line->start_code = 0;
	}
}

int sense_pipeline_start(struct sense_pipeline *pipeline)
{
	uint32_t wanted = pipeline->config.pipeline.real_time;
	int rc;

	if (pipeline->running)
		return sense_fail(EBUSY, pipeline->config.name, "stop it first",
				  "the pipeline runs already");
	reset(pipeline);
	rc = begin_streams(pipeline);
	if (rc)
		return rc;
	atomic_store(&pipeline->real_time, wanted != SENSE_REAL_TIME_OFF && lock_memory(pipeline));
	if (wanted == SENSE_REAL_TIME_REQUIRED && !pipeline->locked)
		return no_real_time(pipeline, errno);
	rc = pthread_create(&pipeline->world, NULL, sense_world_run, pipeline);
	if (rc)
		return sense_fail(rc, pipeline->config.name, NULL, "cannot make a thread: %s",
				  strerror(rc));
	pipeline->running = true;
	for (unsigned int i = 0; i < pipeline->line_count && !rc; i++)
		rc = start_line(&pipeline->lines[i]);
	if (rc) {
		/* Its thread kept the sentence; an error of this one is the last anyway. */
		sense_pipeline_end(pipeline);
		join_all(pipeline);
		return sense_fail(pipeline->ending.code, pipeline->ending.object,
				  pipeline->ending.remedy, "%s", pipeline->ending.sentence);
	}
	return 0;
}

int sense_pipeline_stop(struct sense_pipeline *pipeline)
{
	const struct sense_ending *ending = &pipeline->ending;

	if (!pipeline->running)
		return 0;
	atomic_store(&pipeline->stop, true);
	join_all(pipeline);
	if (!ending->code)
		return 0;
	return sense_fail(ending->code, ending->object, ending->remedy, "%s", ending->sentence);
}

int sense_pipeline_wait(struct sense_pipeline *pipeline, int64_t timeout_ns)
{
	struct timespec until;
	int rc = 0, ended;

	clock_gettime(CLOCK_MONOTONIC, &until);
	if (timeout_ns > 0) {
		until.tv_sec += timeout_ns / 1000000000;
		until.tv_nsec += timeout_ns % 1000000000;
		if (until.tv_nsec >= 1000000000) {
			until.tv_nsec -= 1000000000;
			until.tv_sec++;
		}
	}
	pthread_mutex_lock(&pipeline->lock);
	while (pipeline->running && !pipeline->ended && timeout_ns && !rc)
		rc = timeout_ns < 0 ? pthread_cond_wait(&pipeline->changed, &pipeline->lock) :
		     pthread_cond_clockwait(&pipeline->changed, &pipeline->lock, CLOCK_MONOTONIC,
					    &until);
	ended = pipeline->ended || !pipeline->running;
	pthread_mutex_unlock(&pipeline->lock);
	return ended;
}

/* ---- from outside ------------------------------------------------------- */

static int check_command(const struct sense_pipeline *pipeline, const struct sense_command *command)
{
	const char *name = pipeline->config.name;

	if (command->type < SENSE_COMMAND_NOTE || command->type > SENSE_COMMAND_SET_SENSOR)
		return sense_fail(EINVAL, name, "use a type of enum sense_command_type",
				  "there is no command of type %u", command->type);
	if (command->stream >= pipeline->line_count)
		return sense_fail(EINVAL, name, "count the devices of the configuration from 0",
				  "there is no stream %u, the pipeline has %u", command->stream,
				  pipeline->line_count);
	if (!memchr(command->author, 0, sizeof(command->author)) ||
	    !memchr(command->text, 0, sizeof(command->text)))
		return sense_fail(EINVAL, name, "end both with a zero byte",
				  "the command's author or text does not end");
	return 0;
}

static int make_ready(struct sense_line *line, struct sense_line_command *item)
{
	const struct sense_command *command = &item->command;
	unsigned int channels = line->source.layout->channel_count;

	if (command->type != SENSE_COMMAND_SET_SENSOR)
		return 0;
	if (!command->sensor && command->channel >= channels)
		return sense_fail(ENOENT, line->source.layout->device_id,
				  "sense info lists the channels of a device",
				  "there is no channel %u, the last one is %u", command->channel,
				  channels - 1);
	if (!command->sensor)
		return 0;
	item->calibration = sense_calibration_new(line->source.layout, command->channel,
						  command->sensor, command->auxiliary_channel,
						  command->auxiliary_degC);
	return item->calibration ? 0 : -sense_error_last()->code;
}

/* The set as it will be. A set-rtd that is refused is refused again, and echoed, at its frame. */
static int look_ahead(struct sense_line *line, struct sense_line_command *item)
{
	const struct sense_command *command = &item->command;

	if (command->type == SENSE_COMMAND_SET_SENSOR)
		sense_calibration_free(sense_calibrator_swap(
			line->queued, command->channel,
			item->calibration ? calibration_ref(item->calibration) : NULL));
	else if (command->type != SENSE_COMMAND_SET_RTD ||
		 sense_calibrator_set_rtd(line->queued, command->channel, &command->rtd))
		return 0;
	if (sense_calibrator_get_digest(line->queued, item->digest))
		return -ENOMEM;
	memcpy(line->queued_digest, item->digest, sizeof(item->digest));
	return 0;
}

int sense_pipeline_command(struct sense_pipeline *pipeline, const struct sense_command *command)
{
	struct sense_line_command item = { .command = *command };
	struct sense_line *line;
	int rc = check_command(pipeline, command);

	if (rc)
		return rc;
	line = &pipeline->lines[command->stream];
	rc = make_ready(line, &item);
	if (rc)
		return rc;
	item.command.sensor = NULL;
	pthread_mutex_lock(&line->command_lock);
	free_retired(line);
	/* Who holds the lock is the only one who pushes: room seen now is room. */
	if (sense_ring_fill(line->commands) == sense_ring_size(line->commands))
		rc = sense_fail(EAGAIN, pipeline->config.name, "try again after a frame",
				"%u commands wait already", sense_ring_size(line->commands));
	if (!rc)
		rc = look_ahead(line, &item);
	if (!rc)
		sense_ring_push(line->commands, &item);
	pthread_mutex_unlock(&line->command_lock);
	if (rc)
		sense_calibration_free(item.calibration);
	return rc;
}

void sense_pipeline_get_status(const struct sense_pipeline *pipeline,
			       struct sense_pipeline_status *status)
{
	struct sense_pipeline *p = (struct sense_pipeline *)pipeline;

	memset(status, 0, sizeof(*status));
	status->real_time = atomic_load(&p->real_time);
	status->frames = atomic_load(&p->frames);
	status->frames_dropped = atomic_load(&p->frames_dropped);
	status->scans_dropped = atomic_load(&p->scans_dropped);
	status->commands = atomic_load(&p->commands);
	status->events = atomic_load(&p->events);
	status->ring_size = p->config.pipeline.ring_frames * p->line_count;
	for (unsigned int i = 0; i < p->line_count; i++)
		status->ring_fill += atomic_load(&p->lines[i].frames_waiting);
	pthread_mutex_lock(&p->lock);
	status->running = p->running && !p->ended;
	status->record = p->counts;
	pthread_mutex_unlock(&p->lock);
}

unsigned int sense_pipeline_get_stream_count(const struct sense_pipeline *pipeline)
{
	return pipeline->line_count;
}

const struct sense_stream *sense_pipeline_get_stream(const struct sense_pipeline *pipeline,
						     unsigned int index)
{
	return index < pipeline->line_count ? pipeline->lines[index].source.stream : NULL;
}

static const struct sense_line *find_line(const struct sense_pipeline *pipeline,
					  unsigned int stream, unsigned int channel)
{
	return stream < pipeline->line_count &&
	       channel < pipeline->lines[stream].source.layout->channel_count ?
	       &pipeline->lines[stream] : NULL;
}

int sense_pipeline_get_latest(const struct sense_pipeline *pipeline, unsigned int stream,
			      unsigned int channel, struct sense_latest *latest)
{
	const struct sense_line *line = find_line(pipeline, stream, channel);

	if (!line)
		return -ENOENT;
	if (atomic_load(&line->ended))
		return -ENODEV;
	return sense_latest_values_get(line->latest, channel, latest);
}

const char *sense_pipeline_get_unit(const struct sense_pipeline *pipeline, unsigned int stream,
				    unsigned int channel)
{
	const struct sense_line *line = find_line(pipeline, stream, channel);

	return line ? atomic_load(&line->units[channel]) : "";
}

int sense_pipeline_get_calibration_digest(const struct sense_pipeline *pipeline,
					  unsigned int stream, char digest[65])
{
	struct sense_line *line;

	if (stream >= pipeline->line_count)
		return sense_fail(ENOENT, pipeline->config.name,
				  "count the devices of the configuration from 0",
				  "there is no stream %u, the pipeline has %u", stream,
				  pipeline->line_count);
	line = (struct sense_line *)&pipeline->lines[stream];
	pthread_mutex_lock(&line->command_lock);
	memcpy(digest, line->queued_digest, sizeof(line->queued_digest));
	pthread_mutex_unlock(&line->command_lock);
	return 0;
}
