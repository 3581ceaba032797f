// SPDX-License-Identifier: GPL-2.0-or-later
/* sense certificate show, for people */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <sense/verification.h>

#include "certificate.h"
#include "say.h"
#include "table.h"
#include "text.h"

typedef const struct sense_certificate_quantity *quantity;

const char *certificate_clean(const char *text)
{
	static char buffers[4][1024];
	static unsigned int turn;
	char *clean = buffers[turn++ % 4];
	size_t n = 0;
	int blank = 0;

	for (const unsigned char *at = (const unsigned char *)text; *at && n < 1020; at++) {
		/* C1 controls (U+0080 to U+009F) and those that turn the direction of text. */
		int c1 = at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0;
		int turns = at[0] == 0xe2 && ((at[1] == 0x80 && ((at[2] >= 0xaa && at[2] <= 0xae) ||
								 at[2] == 0x8e || at[2] == 0x8f)) ||
					      (at[1] == 0x81 && at[2] >= 0xa6 && at[2] <= 0xa9));

		if (*at <= ' ' || *at == 0x7f) {
			if (n && !blank)
				clean[n++] = ' ';
			blank = 1;
			continue;
		}
		blank = 0;
		if (c1 || turns) {
			clean[n++] = '?';
			at += c1 ? 1 : 2;
			continue;
		}
		clean[n++] = (char)*at;
	}
	/* Not in the middle of a character. */
	if (n >= 1020)
		while (n && ((unsigned char)clean[n - 1] & 0x80))
			n--;
	clean[n] = 0;
	return clean;
}

static void heading(FILE *file, const char *text)
{
	fprintf(file, "\n%s%s%s\n", ink(file, INK_BOLD), text, ink(file, INK_PLAIN));
}

static void line(FILE *file, const char *name, const char *text)
{
	if (*text)
		fprintf(file, "  %-14s %s\n", name, certificate_clean(text));
}

static const char *unit_symbol(const char *unit)
{
	static struct sense_unit parsed[2];
	static unsigned int turn;
	struct sense_unit *u = &parsed[turn++ % 2];

	if (!*unit)
		return "mixed units";
	return sense_unit_parse(unit, u) == 0 ? u->symbol : certificate_clean(unit);
}

/* ---- one quantity ------------------------------------------------------------------ */

/* What a quantity without a name is called: the condition it belongs to. */
static const char *unnamed = "Value";

static const char *title(quantity q, const char *language)
{
	const char *text = sense_text_get(q->name, language);

	if (!*text)
		text = q->label;
	if (!*text)
		text = q->symbol;
	if (!*text && q->ref_type_count)
		text = q->ref_types[0];
	return *text ? text : unnamed;
}

static int uniform(const double *values, unsigned int n)
{
	for (unsigned int i = 1; values && i < n; i++)
		if (values[i] != values[0])
			return 0;
	return values != NULL;
}

/* "U (k = 2, p = 95 %)" where the same holds for all values. */
static void uncertainty_title(quantity q, char *text, size_t size)
{
	int standard = q->uncertainty_form != SENSE_UNCERTAINTY_EXPANDED;
	size_t n = (size_t)snprintf(text, size, "%s", standard ? "u" : "U");

	if (!standard && uniform(q->k, q->count) && isfinite(q->k[0]))
		n += (size_t)snprintf(text + n, size - n, " k=%g", q->k[0]);
	if (!standard && n < size && uniform(q->p, q->count) && isfinite(q->p[0]))
		n += (size_t)snprintf(text + n, size - n, " p=%g%%", q->p[0] * 100);
	if (n < size && *q->unit)
		snprintf(text + n, size - n, " [%s]", unit_symbol(q->unit));
}

static void single(FILE *file, quantity q, const char *language)
{
	char name[400];

	snprintf(name, sizeof(name), "%s", certificate_clean(title(q, language)));
	if (q->form == SENSE_QUANTITY_TEXT) {
		fprintf(file, "  %s: %s\n", name,
			certificate_clean(sense_text_get(q->text, language)));
		return;
	}
	if (q->form == SENSE_QUANTITY_COMPLEX) {
		fprintf(file, "  %s: a complex quantity, left aside\n", name);
		return;
	}
	for (unsigned int i = 0; i < q->count; i++) {
		const char *label = q->labels && q->count > 1 ? certificate_clean(q->labels[i]) :
								"";

		fprintf(file, "  %s%s%s = %s", name, *label ? ", " : "", label,
			certificate_clean(q->digits[i]));
		if (q->uncertainty && isfinite(q->uncertainty[i]))
			fprintf(file, " ± %g", q->uncertainty[i]);
		if (strcmp(q->units[i], "\\one") != 0)
			fprintf(file, " %s", unit_symbol(q->units[i]));
		if (q->uncertainty_form == SENSE_UNCERTAINTY_EXPANDED)
			fprintf(file, " (k = %g)", q->k[i]);
		else if (q->uncertainty_form != SENSE_UNCERTAINTY_NONE)
			fprintf(file, " (standard uncertainty)");
		if (q->interval_min)
			fprintf(file, ", [%g, %g] at %g %%", q->interval_min[i], q->interval_max[i],
				q->p[i] * 100);
		if (q->relative_uncertainty)
			fprintf(file, ", relative uncertainty %g %s", q->relative_uncertainty[i],
				unit_symbol(q->relative_unit));
		fprintf(file, "%s%s\n", q->conformity ? ", " : "",
			q->conformity ? certificate_clean(q->conformity[i]) : "");
	}
}

/* ---- columns of one table ---------------------------------------------------------- */

/*
 * Of a hybrid quantity's units the one a technician reads: °C before K, one with an uncertainty
 * before one without, else the first.
 */
static int shown(const quantity *list, unsigned int n, unsigned int i)
{
	unsigned int best = i;
	int most = -1;

	for (unsigned int j = 0; j < n; j++) {
		int merit = 2 * (strcmp(list[j]->unit, "\\degreecelsius") == 0) +
			    (list[j]->uncertainty != NULL);

		if (list[j]->group == list[i]->group && list[j]->part == list[i]->part &&
		    merit > most) {
			best = j;
			most = merit;
		}
	}
	return best == i;
}

/* A value with what its column's head cannot say for all of them. */
static void value_cell(struct table *table, quantity q, unsigned int row)
{
	if (*q->unit)
		table_cell(table, "%s", certificate_clean(q->digits[row]));
	else
		table_cell(table, "%s %s", certificate_clean(q->digits[row]),
			   unit_symbol(q->units[row]));
}

static void uncertainty_cell(struct table *table, quantity q, unsigned int row)
{
	const char *unit = *q->unit ? "" : unit_symbol(q->units[row]);

	if (!isfinite(q->uncertainty[row]))
		table_cell(table, "-");
	else if (q->uncertainty_form == SENSE_UNCERTAINTY_EXPANDED && !uniform(q->k, q->count))
		table_cell(table, "%g%s%s (k=%g)", q->uncertainty[row], *unit ? " " : "", unit,
			   q->k[row]);
	else
		table_cell(table, "%g%s%s", q->uncertainty[row], *unit ? " " : "", unit);
}

#define COLUMNS 40

static void columns(FILE *file, const quantity *list, unsigned int n, const char *language)
{
	char *names[COLUMNS] = { NULL };
	char text[460], u[80];
	unsigned int count = 0, rows = list[0]->count;
	struct table *table;

	for (unsigned int i = 0; i < n && count + 3 < COLUMNS; i++) {
		snprintf(text, sizeof(text), *list[i]->unit ? ">%.60s [%s]" : ">%.60s",
			 certificate_clean(title(list[i], language)), unit_symbol(list[i]->unit));
		names[count++] = strdup(text);
		if (list[i]->uncertainty) {
			uncertainty_title(list[i], u, sizeof(u));
			snprintf(text, sizeof(text), ">%s", u);
			names[count++] = strdup(text);
		}
		if (list[i]->conformity)
			names[count++] = strdup("conformity");
	}
	table = table_new(count, (const char *const *)names);
	for (unsigned int row = 0; row < rows; row++) {
		unsigned int used = 0;

		for (unsigned int i = 0; i < n && used + 3 < COLUMNS; i++, used++) {
			quantity q = list[i];

			value_cell(table, q, row);
			if (q->uncertainty)
				uncertainty_cell(table, q, row);
			if (q->conformity)
				table_cell(table, "%s", certificate_clean(q->conformity[row]));
			used += (q->uncertainty != NULL) + (q->conformity != NULL);
		}
	}
	table_print(table, file, 1);
	table_free(table);
	for (unsigned int i = 0; i < count; i++)
		free(names[i]);
	if (n * 3 + 3 > COLUMNS)
		fprintf(file, "  (more columns in --json)\n");
}

/* Nobody reads more, and what is compared with what grows with the square. */
#define SHOWN_MAX 500

/* Lists of one table and one length side by side, everything else line by line. */
static void print_quantities(FILE *file, const quantity *list, unsigned int n, const char *language)
{
	if (n > SHOWN_MAX) {
		fprintf(file, "  (the first %d of %u quantities; all are in --json)\n", SHOWN_MAX,
			n);
		n = SHOWN_MAX;
	}
	for (unsigned int i = 0; i < n; i++) {
		quantity group[COLUMNS];
		unsigned int members = 0;
		int first = 1;

		if (!shown(list, n, i))
			continue;
		if (list[i]->count < 2) {
			single(file, list[i], language);
			continue;
		}
		for (unsigned int j = 0; j < n; j++) {
			if ((j != i && list[i]->table < 0) || list[j]->table != list[i]->table ||
			    list[j]->count != list[i]->count || !shown(list, n, j))
				continue;
			if (j < i)
				first = 0;
			if (members < COLUMNS)
				group[members++] = list[j];
		}
		if (first)
			columns(file, group, members, language);
	}
}

/* ---- the whole --------------------------------------------------------------------- */

static void print_head(const struct sense_certificate *c, const char *language, FILE *file)
{
	const struct sense_contact *laboratory = sense_certificate_get_laboratory(c);
	const struct sense_contact *customer = sense_certificate_get_customer(c);
	const char *begin = sense_certificate_get_begin_date(c),
		   *end = sense_certificate_get_end_date(c);
	char text[1200];

	fprintf(file, "%s%s%s  (%sDCC %s)\n", ink(file, INK_BOLD),
		certificate_clean(sense_certificate_get_unique_identifier(c)), ink(file, INK_PLAIN),
		sense_certificate_is_verification(c) ? "verification record, no certificate; " : "",
		sense_certificate_get_schema_version(c));
	snprintf(text, sizeof(text), "%s%s%s", sense_text_get(laboratory->name, language),
		 *laboratory->address ? ", " : "", laboratory->address);
	line(file, "Laboratory", text);
	line(file, "Lab code", sense_certificate_get_laboratory_code(c));
	line(file, "Customer", sense_text_get(customer->name, language));
	if (strcmp(begin, end) == 0)
		snprintf(text, sizeof(text), "%s", begin);
	else
		snprintf(text, sizeof(text), "%s to %s", begin, end);
	line(file, "Calibrated", text);
	line(file, "Issued", sense_certificate_get_issue_date(c));
	line(file, "Valid until", sense_certificate_get_valid_until(c));
	if (*sense_certificate_get_change(c)) {
		snprintf(text, sizeof(text), "%s, replaces %s", sense_certificate_get_change(c),
			 sense_certificate_get_replaced(c));
		line(file, "Change", text);
	}
}

static void print_signature(const struct sense_certificate_signature *s, FILE *file)
{
	int trusted = sense_certificate_signature_is_trusted(s);
	int valid = sense_certificate_signature_is_valid(s);
	const char *state = trusted				      ? "trusted" :
			    valid				      ? "valid, but not trusted" :
			    sense_certificate_signature_is_present(s) ? "NOT VALID" :
									"none";

	fprintf(file, "  %-14s %s%s%s: %s\n", "Signature",
		ink(file, trusted ? INK_GOOD :
			  valid	  ? INK_WARN :
				    INK_BAD),
		state, ink(file, INK_PLAIN),
		certificate_clean(sense_certificate_signature_get_reason(s)));
	if (valid) {
		line(file, "Signed by", sense_certificate_signature_get_signer(s));
		line(file, "Signed at", sense_certificate_signature_get_time(s));
	}
}

static void print_items(const struct sense_certificate *c, const char *language, FILE *file)
{
	const struct sense_certificate_item *item;

	heading(file, "Items");
	for (unsigned int i = 0; (item = sense_certificate_get_item(c, i)); i++) {
		fprintf(file, "  %s", certificate_clean(sense_text_get(item->name, language)));
		if (*sense_text_get(item->manufacturer.name, language))
			fprintf(file, ", %s",
				certificate_clean(
					sense_text_get(item->manufacturer.name, language)));
		if (*item->model)
			fprintf(file, " %s", certificate_clean(item->model));
		fputc('\n', file);
		for (unsigned int j = 0; j < item->identification_count; j++) {
			const struct sense_identification *id = &item->identifications[j];
			const char *name = sense_text_get(id->name, language);

			fprintf(file, "    %s: %s\n", certificate_clean(*name ? name : id->issuer),
				certificate_clean(id->value));
		}
	}
}

static void print_how(const struct sense_certificate *c, const char *language, FILE *file)
{
	const struct sense_certificate_condition *condition;
	const struct sense_certificate_method *method;
	const struct sense_certificate_equipment *equipment;
	const struct sense_certificate_reference *reference;

	if (sense_certificate_get_condition(c, 0))
		heading(file, "Conditions");
	for (unsigned int i = 0; (condition = sense_certificate_get_condition(c, i)); i++) {
		unnamed = sense_text_get(condition->name, language);
		print_quantities(file, condition->quantities, condition->quantity_count, language);
	}
	unnamed = "Value";
	if (sense_certificate_get_method(c, 0))
		heading(file, "Methods");
	for (unsigned int i = 0; (method = sense_certificate_get_method(c, i)); i++)
		fprintf(file, "  %s%s%s\n",
			certificate_clean(sense_text_get(method->name, language)),
			*method->norm ? ", " : "", certificate_clean(method->norm));
	if (sense_certificate_get_equipment(c, 0))
		heading(file, "Equipment");
	for (unsigned int i = 0; (equipment = sense_certificate_get_equipment(c, i)); i++)
		fprintf(file, "  %s%s%s%s%s\n",
			certificate_clean(sense_text_get(equipment->name, language)),
			*equipment->model ? ", " : "", certificate_clean(equipment->model),
			*equipment->serial ? ", serial " : "",
			certificate_clean(equipment->serial));
	if (sense_certificate_get_reference_count(c))
		heading(file, "Refers to");
	for (unsigned int i = 0; (reference = sense_certificate_get_reference(c, i)); i++)
		fprintf(file, "  %s: %s, %s %s\n", reference->relation,
			certificate_clean(reference->identifier),
			certificate_clean(reference->procedure),
			certificate_clean(reference->value));
}

static void print_remarks(const struct sense_certificate_remark *r, const char *language,
			  FILE *file)
{
	const char *text = sense_text_get(r->declaration, language);

	fprintf(file, "  %s", certificate_clean(*text ? text : sense_text_get(r->name, language)));
	if (*r->date)
		fprintf(file, " %s", certificate_clean(r->date));
	if (*r->period)
		fprintf(file, " %s", certificate_clean(r->period));
	if (*r->conformity)
		fprintf(file, " [%s]", certificate_clean(r->conformity));
	if (*r->norm)
		fprintf(file, " (%s)", certificate_clean(r->norm));
	fputc('\n', file);
	print_quantities(file, r->quantities, r->quantity_count, language);
}

void certificate_print(const struct sense_certificate *c,
		       const struct sense_certificate_signature *signature, const char *language,
		       FILE *file)
{
	const struct sense_certificate_remark *statement;
	const struct sense_certificate_result *result;
	const struct sense_certificate_file *attached;
	const char *note;

	print_head(c, language, file);
	print_signature(signature, file);
	print_items(c, language, file);
	for (unsigned int i = 0; (result = sense_certificate_get_result(c, i)); i++) {
		heading(file, certificate_clean(sense_text_get(result->name, language)));
		print_quantities(file, result->quantities, result->quantity_count, language);
	}
	print_how(c, language, file);
	if (sense_certificate_get_statement_count(c))
		heading(file, "Statements");
	for (unsigned int i = 0; (statement = sense_certificate_get_statement(c, i)); i++)
		print_remarks(statement, language, file);
	if (sense_certificate_get_file(c, 0))
		heading(file, "Files carried along");
	for (unsigned int i = 0; (attached = sense_certificate_get_file(c, i)); i++)
		fprintf(file, "  %s (%s, %llu bytes)\n", certificate_clean(attached->name),
			certificate_clean(attached->mime_type), (unsigned long long)attached->size);
	if (sense_certificate_get_note(c, 0))
		heading(file, "Left aside");
	for (unsigned int i = 0; (note = sense_certificate_get_note(c, i)); i++)
		fprintf(file, "  %s\n", certificate_clean(note));
}
