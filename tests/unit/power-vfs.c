// SPDX-License-Identifier: GPL-2.0-or-later
#include "power-vfs.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECTOR 512
#define FILES 64

struct content {
	unsigned char *data;
	size_t size, room;
};

/* A write, or a truncation where data is NULL. */
struct change {
	struct change *next;
	size_t offset, size;
	unsigned char *data;
};

struct file {
	char *name;		/* without its directory */
	struct content now, durable;
	struct change *first, **last;
	bool gone;		/* deleted, but that is not durable yet */
	bool name_durable;
	bool sync_directory;	/* a log or journal that was made and not synced yet */
};

struct handle {
	sqlite3_file base;
	struct file *file;
	void *shm[64];
};

static struct {
	sqlite3_vfs vfs, *under;
	struct file files[FILES];
	unsigned int count;
	bool lying, off;
	uint64_t capacity, operations, fail_at;
} disk;

/* ---- content ------------------------------------------------------------ */

static void grow(struct content *content, size_t size)
{
	if (size > content->room) {
		content->room = 2 * size;
		content->data = realloc(content->data, content->room);
		if (!content->data)
			abort();
	}
	if (size > content->size) {
		memset(content->data + content->size, 0, size - content->size);
		content->size = size;
	}
}

static void put(struct content *content, size_t offset, const unsigned char *data, size_t size)
{
	grow(content, offset + size);
	memcpy(content->data + offset, data, size);
}

static void apply(struct content *content, const struct change *change)
{
	if (change->data) {
		put(content, change->offset, change->data, change->size);
	} else {
		grow(content, change->size);
		content->size = change->size;
	}
}

static void add_change(struct file *file, size_t offset, const void *data, size_t size)
{
	struct change *change = calloc(1, sizeof(*change));

	if (data) {
		change->data = malloc(size);
		memcpy(change->data, data, size);
	}
	change->offset = offset;
	change->size = size;
	*file->last = change;
	file->last = &change->next;
	apply(&file->now, change);
}

static void drop_changes(struct file *file)
{
	while (file->first) {
		struct change *change = file->first;

		file->first = change->next;
		free(change->data);
		free(change);
	}
	file->last = &file->first;
}

/* One more operation that changes something: whether there is power for it. */
static bool powered(void)
{
	if (!disk.off && ++disk.operations == disk.fail_at)
		disk.off = true;
	return !disk.off;
}

/* ---- the directory ------------------------------------------------------ */

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static struct file *find(const char *path)
{
	for (unsigned int i = 0; path && i < disk.count; i++)
		if (!disk.files[i].gone && !strcmp(disk.files[i].name, base_name(path)))
			return &disk.files[i];
	return NULL;
}

static struct file *make(const char *path)
{
	struct file *file = &disk.files[disk.count++];

	if (disk.count > FILES)
		abort();
	memset(file, 0, sizeof(*file));
	file->name = strdup(base_name(path));
	file->last = &file->first;
	return file;
}

static void sync_names(void)
{
	for (unsigned int i = 0; i < disk.count; i++)
		disk.files[i].name_durable = !disk.files[i].gone;
}

/* ---- a file's methods --------------------------------------------------- */

static int handle_close(sqlite3_file *base)
{
	return SQLITE_OK;
}

static int handle_read(sqlite3_file *base, void *to, int size, sqlite3_int64 offset)
{
	const struct content *now = &((struct handle *)base)->file->now;
	size_t there = (size_t)offset < now->size ? now->size - (size_t)offset : 0;

	if (there >= (size_t)size) {
		memcpy(to, now->data + offset, (size_t)size);
		return SQLITE_OK;
	}
	memset(to, 0, (size_t)size);
	if (there)
		memcpy(to, now->data + offset, there);
	return SQLITE_IOERR_SHORT_READ;
}

static uint64_t used(void)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < disk.count; i++)
		sum += disk.files[i].gone ? 0 : disk.files[i].now.size;
	return sum;
}

static int handle_write(sqlite3_file *base, const void *data, int size, sqlite3_int64 offset)
{
	struct file *file = ((struct handle *)base)->file;
	size_t end = (size_t)offset + (size_t)size;

	if (disk.capacity && end > file->now.size && used() + end - file->now.size > disk.capacity)
		return SQLITE_FULL;
	if (!powered())
		return SQLITE_IOERR_WRITE;
	add_change(file, (size_t)offset, data, (size_t)size);
	return SQLITE_OK;
}

static int handle_truncate(sqlite3_file *base, sqlite3_int64 size)
{
	if (!powered())
		return SQLITE_IOERR_TRUNCATE;
	add_change(((struct handle *)base)->file, 0, NULL, (size_t)size);
	return SQLITE_OK;
}

static int handle_sync(sqlite3_file *base, int flags)
{
	struct file *file = ((struct handle *)base)->file;

	if (!powered())
		return SQLITE_IOERR_FSYNC;
	if (disk.lying)
		return SQLITE_OK;
	for (struct change *change = file->first; change; change = change->next)
		apply(&file->durable, change);
	drop_changes(file);
	if (file->sync_directory)
		sync_names();
	file->sync_directory = false;
	return SQLITE_OK;
}

static int handle_size(sqlite3_file *base, sqlite3_int64 *size)
{
	*size = (sqlite3_int64)((struct handle *)base)->file->now.size;
	return SQLITE_OK;
}

static int handle_lock(sqlite3_file *base, int level)
{
	return SQLITE_OK;
}

static int handle_check_lock(sqlite3_file *base, int *result)
{
	*result = 0;
	return SQLITE_OK;
}

static int handle_control(sqlite3_file *base, int op, void *argument)
{
	return SQLITE_NOTFOUND;
}

static int handle_sector_size(sqlite3_file *base)
{
	return 4096;
}

static int handle_characteristics(sqlite3_file *base)
{
	/* As SQLite's own VFS: a torn write harms no bytes but its own. */
	return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int handle_shm_map(sqlite3_file *base, int page, int size, int extend,
			  void volatile **result)
{
	struct handle *handle = (struct handle *)base;

	if (page >= 64)
		return SQLITE_IOERR_SHMMAP;
	if (!handle->shm[page] && extend)
		handle->shm[page] = calloc(1, (size_t)size);
	*result = handle->shm[page];
	return SQLITE_OK;
}

static int handle_shm_lock(sqlite3_file *base, int offset, int n, int flags)
{
	return SQLITE_OK;
}

static void handle_shm_barrier(sqlite3_file *base)
{
	__sync_synchronize();
}

static int handle_shm_unmap(sqlite3_file *base, int remove)
{
	struct handle *handle = (struct handle *)base;

	for (int i = 0; i < 64; i++) {
		free(handle->shm[i]);
		handle->shm[i] = NULL;
	}
	return SQLITE_OK;
}

static const sqlite3_io_methods methods = {
	.iVersion = 2,
	.xClose = handle_close,
	.xRead = handle_read,
	.xWrite = handle_write,
	.xTruncate = handle_truncate,
	.xSync = handle_sync,
	.xFileSize = handle_size,
	.xLock = handle_lock,
	.xUnlock = handle_lock,
	.xCheckReservedLock = handle_check_lock,
	.xFileControl = handle_control,
	.xSectorSize = handle_sector_size,
	.xDeviceCharacteristics = handle_characteristics,
	.xShmMap = handle_shm_map,
	.xShmLock = handle_shm_lock,
	.xShmBarrier = handle_shm_barrier,
	.xShmUnmap = handle_shm_unmap,
};

/* ---- the VFS ------------------------------------------------------------ */

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *out)
{
	struct handle *handle = (struct handle *)base;

	memset(handle, 0, sizeof(*handle));
	handle->file = find(name);
	if (!handle->file) {
		if (!(flags & SQLITE_OPEN_CREATE) || !powered())
			return SQLITE_CANTOPEN;
		handle->file = make(name ? name : "temporary");
		handle->file->sync_directory = flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL);
	}
	handle->base.pMethods = &methods;
	if (out)
		*out = flags;
	return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	struct file *file = find(name);

	if (!file)
		return SQLITE_IOERR_DELETE_NOENT;
	if (!powered())
		return SQLITE_IOERR_DELETE;
	file->gone = true;
	if (sync && !disk.lying)
		sync_names();
	return SQLITE_OK;
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *result)
{
	*result = find(name) != NULL;
	return SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *name, int size, char *result)
{
	snprintf(result, (size_t)size, "%s", name);
	return SQLITE_OK;
}

static int vfs_randomness(sqlite3_vfs *vfs, int size, char *to)
{
	return disk.under->xRandomness(disk.under, size, to);
}

static int vfs_sleep(sqlite3_vfs *vfs, int us)
{
	return us;
}

static int vfs_time(sqlite3_vfs *vfs, double *time)
{
	return disk.under->xCurrentTime(disk.under, time);
}

static int vfs_last_error(sqlite3_vfs *vfs, int size, char *text)
{
	return 0;
}

void power_reset(void)
{
	for (unsigned int i = 0; i < disk.count; i++) {
		drop_changes(&disk.files[i]);
		free(disk.files[i].now.data);
		free(disk.files[i].durable.data);
		free(disk.files[i].name);
	}
	disk.count = 0;
	disk.lying = disk.off = false;
	disk.capacity = disk.operations = disk.fail_at = 0;
	if (disk.under)
		return;
	disk.under = sqlite3_vfs_find(NULL);
	disk.vfs = (sqlite3_vfs){
		.iVersion = 1,
		.szOsFile = sizeof(struct handle),
		.mxPathname = 512,
		.zName = "power",
		.xOpen = vfs_open,
		.xDelete = vfs_delete,
		.xAccess = vfs_access,
		.xFullPathname = vfs_full_path,
		.xRandomness = vfs_randomness,
		.xSleep = vfs_sleep,
		.xCurrentTime = vfs_time,
		.xGetLastError = vfs_last_error,
	};
	sqlite3_vfs_register(&disk.vfs, 0);
}

void power_set_lying(int lying)
{
	disk.lying = lying;
}

void power_set_capacity(uint64_t bytes)
{
	disk.capacity = bytes;
}

void power_fail_at(uint64_t operation)
{
	disk.fail_at = operation;
}

uint64_t power_operations(void)
{
	return disk.operations;
}

int power_is_off(void)
{
	return disk.off;
}

/* ---- what is left ------------------------------------------------------- */

static uint64_t draw(uint64_t *state)
{
	/* splitmix64 (Vigna) */
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

static bool survives(uint64_t *state, unsigned int quarters)
{
	return draw(state) % 4 < quarters;
}

/* Each sector of each change for itself. */
static void leave_changes(struct content *content, const struct file *file, uint64_t *state,
			  unsigned int quarters)
{
	for (const struct change *change = file->first; change; change = change->next) {
		if (!change->data) {
			if (survives(state, quarters))
				apply(content, change);
			continue;
		}
		for (size_t done = 0; done < change->size;) {
			size_t offset = change->offset + done, n = SECTOR - offset % SECTOR;

			if (n > change->size - done)
				n = change->size - done;
			if (survives(state, quarters))
				put(content, offset, change->data + done, n);
			done += n;
		}
	}
}

static bool leave_file(const char *directory, const struct file *file, uint64_t *state,
		       unsigned int quarters)
{
	struct content content = { 0 };
	char path[512];
	FILE *out;

	if (file->durable.size)
		put(&content, 0, file->durable.data, file->durable.size);
	leave_changes(&content, file, state, quarters);
	snprintf(path, sizeof(path), "%s/%s", directory, file->name);
	out = fopen(path, "w");
	if (!out)
		return false;
	fwrite(content.data, 1, content.size, out);
	free(content.data);
	return !fclose(out);
}

int power_leave(const char *directory, uint64_t seed)
{
	/* Anything between nothing and everything of what was not synced survives. */
	unsigned int quarters = (unsigned int)(draw(&seed) % 5);

	/* Older files of a name stand before newer ones, and are overwritten by them. */
	for (unsigned int i = 0; i < disk.count; i++) {
		const struct file *file = &disk.files[i];
		/* A name made or removed since the directory was synced may be there or not. */
		bool certain = file->name_durable && !file->gone;
		bool possible = file->name_durable || !file->gone;

		if (certain || (possible && survives(&seed, quarters)))
			if (!leave_file(directory, file, &seed, quarters))
				return -1;
	}
	return 0;
}
