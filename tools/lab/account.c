// SPDX-License-Identifier: GPL-2.0-or-later
#include "account.h"

#include <inttypes.h>
#include <stdlib.h>

struct lab_session *lab_account_start(struct lab_account *account)
{
	if (account->count == account->room) {
		size_t room = account->room ? account->room * 2 : 16;
		struct lab_session *larger = realloc(account->sessions, room * sizeof(*larger));

		if (!larger) {
			account->incomplete = true;
			return NULL;
		}
		account->sessions = larger;
		account->room = room;
	}
	account->sessions[account->count] = (struct lab_session){ .running = true };
	return &account->sessions[account->count++];
}

struct lab_session *lab_account_last(struct lab_account *account)
{
	return account->count ? &account->sessions[account->count - 1] : NULL;
}

void lab_account_drop(struct lab_account *account, uint64_t sequence, enum lab_drop_cause cause)
{
	struct lab_session *session = lab_account_last(account);
	struct lab_drop *last;

	if (!session)
		return;
	last = session->drop_count ? &session->drops[session->drop_count - 1] : NULL;
	if (last && last->cause == cause && last->first + last->count == sequence) {
		last->count++;
		return;
	}
	if (session->drop_count == session->drop_room) {
		size_t room = session->drop_room ? session->drop_room * 2 : 64;
		struct lab_drop *larger = realloc(session->drops, room * sizeof(*larger));

		if (!larger) {
			account->incomplete = true;
			return;
		}
		session->drops = larger;
		session->drop_room = room;
	}
	session->drops[session->drop_count++] = (struct lab_drop){ sequence, 1, cause };
}

uint64_t lab_session_dropped(const struct lab_session *session)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < session->drop_count; i++)
		sum += session->drops[i].count;
	return sum;
}

void lab_account_print(const struct lab_account *account, FILE *out)
{
	static const char * const causes[] = { "ring", "dma" };

	fputc('[', out);
	for (size_t i = 0; i < account->count; i++) {
		const struct lab_session *s = &account->sessions[i];

		fprintf(out, "%s{\"rate\":[%" PRIu32 ",%" PRIu32 "],\"ring_entries\":%" PRIu32
			",\"watermark\":%" PRIu32 ",\"flush_us\":%" PRIu32
			",\"test_data\":%s,\"running\":%s,\"start_ns\":%" PRIu64
			",\"ticks\":%" PRIu64 ",\"delivered\":%" PRIu64 ",\"dropped\":%" PRIu64
			",\"interrupts\":%" PRIu64 ",\"interrupts_suppressed\":%" PRIu64
			",\"drops\":[", i ? "," : "", s->rate_num, s->rate_den, s->ring_entries,
			s->watermark, s->flush_us, s->test_data ? "true" : "false",
			s->running ? "true" : "false", s->start_ns, s->ticks, s->delivered,
			lab_session_dropped(s), s->interrupts, s->interrupts_suppressed);
		for (size_t d = 0; d < s->drop_count; d++)
			fprintf(out, "%s[%" PRIu64 ",%" PRIu64 ",\"%s\"]", d ? "," : "",
				s->drops[d].first, s->drops[d].count, causes[s->drops[d].cause]);
		fputs("]}", out);
	}
	fputc(']', out);
}

void lab_account_free(struct lab_account *account)
{
	for (size_t i = 0; i < account->count; i++)
		free(account->sessions[i].drops);
	free(account->sessions);
	*account = (struct lab_account){ 0 };
}
