/* What is shown about the words. */
#ifndef REPORT_H
#define REPORT_H

#include <stdio.h>

#include "table.h"

/* Prints the most frequent words with a bar each; returns how many, -1 without memory. */
int report(const struct table *table, size_t limit, FILE *out);

#endif
