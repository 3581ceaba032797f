// SPDX-License-Identifier: LGPL-2.1-or-later
#include <sense/version.h>

#include <elf.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static char build_id[2 * 64 + 1];

const char *sense_version(void)
{
	return SENSE_VERSION;
}

static void read_notes(const char *note, const char *end)
{
	while ((size_t)(end - note) >= sizeof(ElfW(Nhdr))) {
		const ElfW(Nhdr) *header = (const void *)note;
		const char *name = note + sizeof(*header);
		const unsigned char *id;

		id = (const unsigned char *)name + ((header->n_namesz + 3u) & ~3u);
		if (header->n_type == NT_GNU_BUILD_ID && header->n_namesz == 4 &&
		    !memcmp(name, "GNU", 4) && header->n_descsz <= 64) {
			for (unsigned int i = 0; i < header->n_descsz; i++)
				sprintf(build_id + 2 * i, "%02x", id[i]);
			return;
		}
		note = (const char *)id + ((header->n_descsz + 3u) & ~3u);
	}
}

/* The object that holds this function: the library, or the program it is linked into. */
static int find_self(struct dl_phdr_info *info, size_t size, void *context)
{
	ElfW(Addr) self = (ElfW(Addr))&sense_version;
	int mine = 0;

	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		if (p->p_type == PT_LOAD && self >= info->dlpi_addr + p->p_vaddr &&
		    self < info->dlpi_addr + p->p_vaddr + p->p_memsz)
			mine = 1;
	}
	for (int i = 0; mine && i < info->dlpi_phnum && !build_id[0]; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		if (p->p_type == PT_NOTE) {
			const char *notes = (const char *)(info->dlpi_addr + p->p_vaddr);

			read_notes(notes, notes + p->p_memsz);
		}
	}
	return mine;
}

static void find_build_id(void)
{
	dl_iterate_phdr(find_self, NULL);
}

const char *sense_build_id(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, find_build_id);
	return build_id;
}
