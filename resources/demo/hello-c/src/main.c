#include <stdio.h>

#include "report.h"
#include "table.h"
#include "text.h"

enum { SHOWN = 12 };

int main(int argc, char **argv)
{
    char word[LONGEST_WORD + 1];
    struct table table;
    FILE *in = argc > 1 ? fopen(argv[1], "r") : stdin;

    if (!in) {
        perror(argv[1]);
        return 1;
    }
    if (table_init(&table) != 0) {
        fputs("wordcount: no memory\n", stderr);
        return 1;
    }
    while (next_word(in, word) > 0) {
        if (table_add(&table, word) != 0) {
            fputs("wordcount: no memory\n", stderr);
            return 1;
        }
    }
    if (report(&table, SHOWN, stdout) < 0)
        return 1;
    table_free(&table);
    return 0;
}
