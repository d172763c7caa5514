#include "table.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint64_t hash(const char *word)
{
    uint64_t value = 14695981039346656037u;

    for (; *word; word++) {
        value ^= (unsigned char)*word;
        value *= 1099511628211u;
    }
    return value;
}

static struct entry *find(struct entry *slots, size_t capacity, const char *word)
{
    size_t at = hash(word) & (capacity - 1);

    while (slots[at].word && strcmp(slots[at].word, word) != 0)
        at = (at + 1) & (capacity - 1);
    return &slots[at];
}

int table_init(struct table *table)
{
    table->capacity = 64;
    table->used = 0;
    table->slots = calloc(table->capacity, sizeof *table->slots);
    return table->slots ? 0 : -1;
}

void table_free(struct table *table)
{
    for (size_t i = 0; i < table->capacity; i++)
        free(table->slots[i].word);
    free(table->slots);
}

static int grow(struct table *table)
{
    size_t capacity = table->capacity * 2;
    size_t moved = 0; /* counted and never read: the compiler says so, on purpose */
    struct entry *slots = calloc(capacity, sizeof *slots);

    if (!slots)
        return -1;
    for (size_t i = 0; i < table->capacity; i++) {
        if (table->slots[i].word) {
            *find(slots, capacity, table->slots[i].word) = table->slots[i];
            moved = i;
        }
    }
    free(table->slots);
    table->slots = slots;
    table->capacity = capacity;
    return 0;
}

int table_add(struct table *table, const char *word)
{
    struct entry *entry;

    if (table->used * 4 >= table->capacity * 3 && grow(table) != 0)
        return -1;
    entry = find(table->slots, table->capacity, word);
    if (!entry->word) {
        size_t size = strlen(word) + 1;

        entry->word = malloc(size);
        if (!entry->word)
            return -1;
        memcpy(entry->word, word, size);
        table->used++;
    }
    entry->count++;
    return 0;
}

unsigned long table_count(const struct table *table, const char *word)
{
    return find(table->slots, table->capacity, word)->count;
}
