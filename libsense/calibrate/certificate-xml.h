/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * certificate-xml.h - strangers' XML, parsed with nothing to gain by it, and the few steps through
 * its tree that reading a certificate takes.
 */
#ifndef SENSE_CALIBRATE_CERTIFICATE_XML_H
#define SENSE_CALIBRATE_CERTIFICATE_XML_H

#include <libxml/tree.h>

#define DCC_NAMESPACE "https://ptb.de/dcc"
#define SI_NAMESPACE "https://ptb.de/si"
#define DSIG_NAMESPACE "http://www.w3.org/2000/09/xmldsig#"

#define CERTIFICATE_SIZE_MAX (32u << 20)
#define CERTIFICATE_DEPTH_MAX 100
#define CERTIFICATE_ELEMENTS_MAX 500000
#define CERTIFICATE_ATTRIBUTES_MAX 128	/* of one element, namespace declarations included */

/*
 * Parse; 0 with *@doc to be freed by xmlFreeDoc(), or -errno with a sentence. No DTD, no entity,
 * no network, no file. Any thread.
 */
int certificate_xml_parse(const char *name, const char *data, size_t size, xmlDoc **doc);

/* Start libxml2, once per process. Any thread. */
void certificate_xml_start(void);

int xml_is(const xmlNode *node, const char *space, const char *name);
/* First or next child element of that name; NULL for none. */
xmlNode *xml_child(const xmlNode *node, const char *space, const char *name);
xmlNode *xml_next(const xmlNode *node);	/* next sibling of the same name and namespace */
xmlNode *xml_first_element(const xmlNode *node);
xmlNode *xml_next_element(const xmlNode *node);

/*
 * All character data directly in @node, comments left out and joined across them, blanks trimmed:
 * what a signature covers is what is read. malloc()ed; NULL without memory.
 */
char *xml_text(const xmlNode *node);

#endif
