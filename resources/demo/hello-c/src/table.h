/* A hash table from words to counts. */
#ifndef TABLE_H
#define TABLE_H

#include <stddef.h>

struct entry {
    char *word;
    unsigned long count;
};

struct table {
    struct entry *slots;
    size_t capacity; /* a power of two */
    size_t used;
};

/* Returns 0, or -1 when there is no memory. */
int table_init(struct table *table);
void table_free(struct table *table);

/* Adds one to the count of a word; returns 0, or -1 when there is no memory. */
int table_add(struct table *table, const char *word);

/* Returns the count of a word, 0 when it was never added. */
unsigned long table_count(const struct table *table, const char *word);

#endif
