#include "report.h"

#include <stdlib.h>
#include <string.h>

enum { WIDEST_BAR = 40 };

static int by_count(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;

    if (a->count != b->count)
        return a->count < b->count ? 1 : -1;
    return strcmp(a->word, b->word);
}

int report(const struct table *table, size_t limit, FILE *out)
{
    struct entry *sorted = malloc((table->used + 1) * sizeof *sorted);
    size_t count = 0;

    if (!sorted)
        return -1;
    for (size_t i = 0; i < table->capacity; i++)
        if (table->slots[i].word)
            sorted[count++] = table->slots[i];
    qsort(sorted, count, sizeof *sorted, by_count);
    if (count > limit)
        count = limit;
    for (size_t i = 0; i < count; i++) {
        int width = (int)(sorted[i].count * WIDEST_BAR / sorted[0].count);

        fprintf(out, "%12s %4lu ", sorted[i].word, sorted[i].count);
        while (width-- > 0)
            fputc('#', out);
        fputc('\n', out);
    }
    free(sorted);
    return (int)count;
}
