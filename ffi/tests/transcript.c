/* Does what transcripts say, and compares every answer and error byte for byte.

       transcript FILE…

   Each line of a transcript is one call of the library, its parts set apart by tabs:

       # <name of the vector>
       open <n> <kind> <document or options> ok|error [<errors>]
       order <n> <programme's n> <order> ok|error [<errors>]
       call <n> <request> ok <answer>|error <errors>
       quote <n> <order's n> <request> ok <answer>|error <errors>
       free <n>

   Ledgers put their files into the current folder, which is to be empty.

   `cargo xtask conformance --lang c` writes them from the vectors and from what Rust answers. It ends
   with 1 if anything differs. */

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kopilka.h"

/* Handles are numbered anew in each vector. */
#define HANDLES_MAX 10000
/* So many differences are shown, and so much of each. */
#define SHOWN_MAX 20
#define SHOWN_BYTES_MAX 2000

/* Bytes that grow. */
struct bytes {
    char *data;
    size_t length, room;
};

static struct bytes vector;
static kopilka_handle *handles[HANDLES_MAX];
static unsigned long calls, vectors, differences, line_number;
static const char *file_name;

static void stop(const char *why)
{
    fprintf(stderr, "transcript: %s:%lu: %s\n", file_name, line_number, why);
    exit(2);
}

static void add(struct bytes *bytes, const void *data, size_t length)
{
    if (bytes->length + length + 1 > bytes->room) {
        size_t room = (bytes->length + length + 1) * 2;
        char *grown = realloc(bytes->data, room);
        if (grown == NULL) {
            stop("there is no memory left");
        }
        bytes->data = grown;
        bytes->room = room;
    }
    memcpy(bytes->data + bytes->length, data, length);
    bytes->length += length;
    bytes->data[bytes->length] = '\0';
}

static void add_text(struct bytes *bytes, const char *text)
{
    add(bytes, text, strlen(text));
}

/* Adds a JSON string in canonical form (RFC 8785). */
static void add_string(struct bytes *bytes, const uint8_t *data, uint64_t length)
{
    uint64_t place;
    add_text(bytes, "\"");
    for (place = 0; place < length; place++) {
        static const char short_ones[] = "\b\t\n\f\r\"\\";
        static const char letters[] = "btnfr\"\\";
        uint8_t byte = data[place];
        const char *found = byte == 0 ? NULL : strchr(short_ones, byte);
        char escaped[8];
        if (found != NULL) {
            snprintf(escaped, sizeof escaped, "\\%c", letters[found - short_ones]);
        } else if (byte < 0x20) {
            snprintf(escaped, sizeof escaped, "\\u%04x", byte);
        } else {
            add(bytes, &byte, 1);
            continue;
        }
        add_text(bytes, escaped);
    }
    add_text(bytes, "\"");
}

/* The mistakes of an error as a canonical list. */
static void add_errors(struct bytes *bytes, const kopilka_error *error)
{
    uint32_t index, count = kopilka_error_count(error);
    add_text(bytes, "[");
    for (index = 0; index < count; index++) {
        uint64_t length;
        const uint8_t *said = kopilka_error_code(error, index, &length);
        add_text(bytes, index == 0 ? "{\"code\":" : ",{\"code\":");
        add_string(bytes, said, length);
        said = kopilka_error_message(error, index, &length);
        add_text(bytes, ",\"message\":");
        add_string(bytes, said, length);
        said = kopilka_error_path(error, index, &length);
        add_text(bytes, ",\"path\":");
        add_string(bytes, said, length);
        add_text(bytes, "}");
    }
    add_text(bytes, "]");
}

/* The next part of the line; the line is cut up. */
static char *part(char **rest)
{
    char *begin = *rest, *tab;
    if (begin == NULL) {
        stop("the line has too few parts");
    }
    tab = strchr(begin, '\t');
    if (tab == NULL) {
        *rest = NULL;
    } else {
        *tab = '\0';
        *rest = tab + 1;
    }
    return begin;
}

static kopilka_handle **place(char **rest)
{
    char *end, *number = part(rest);
    unsigned long found = strtoul(number, &end, 10);
    if (end == number || *end != '\0' || found >= HANDLES_MAX) {
        stop("this is no number of a handle");
    }
    return &handles[found];
}

static void release(kopilka_handle **handle)
{
    uint32_t status = KOPILKA_OK;
    switch (kopilka_handle_kind(*handle)) {
    case KOPILKA_KIND_PROGRAM:
        status = kopilka_program_free(*handle);
        break;
    case KOPILKA_KIND_ORDER:
        status = kopilka_order_free(*handle);
        break;
    case KOPILKA_KIND_BOOK:
        status = kopilka_book_free(*handle);
        break;
    case KOPILKA_KIND_LEDGER:
        status = kopilka_ledger_free(*handle);
        break;
    case KOPILKA_KIND_DESK:
        status = kopilka_desk_free(*handle);
        break;
    case KOPILKA_KIND_WATCH:
        status = kopilka_watch_free(*handle);
        break;
    }
    if (status != KOPILKA_OK) {
        stop("a handle could not be freed");
    }
    *handle = NULL;
}

static void release_all(void)
{
    int number;
    for (number = 0; number < HANDLES_MAX; number++) {
        release(&handles[number]);
    }
}

static void differs(const char *what, const char *expected, const char *got)
{
    differences++;
    if (differences > SHOWN_MAX) {
        return;
    }
    printf("%s:%lu: %s: %s\n  expected %.*s\n  got      %.*s\n", file_name, line_number,
           vector.data == NULL ? "" : vector.data, what, SHOWN_BYTES_MAX, expected, SHOWN_BYTES_MAX,
           got);
}

/* Sets the times that a ledger took to zero: no two runs take the same. */
static void without_times(char *text)
{
    static const char *const KEYS[] = {"\"last\":", "\"longest\":", "\"median\":", "\"micros\":"};
    size_t one;
    for (one = 0; one < sizeof KEYS / sizeof *KEYS; one++) {
        char *found = text;
        while ((found = strstr(found, KEYS[one])) != NULL) {
            size_t digits;
            found += strlen(KEYS[one]);
            digits = strspn(found, "0123456789");
            if (digits > 0) {
                *found = '0';
                memmove(found + 1, found + digits, strlen(found + digits) + 1);
            }
        }
    }
}

/* Compares what came with the rest of the line, and frees it. */
static void compare(const char *what, char *rest, uint32_t status, uint32_t kind,
                    kopilka_text *answer, kopilka_error *error)
{
    struct bytes got = {NULL, 0, 0};
    const char *expected = rest == NULL ? "" : rest;
    if (status == KOPILKA_OK) {
        uint64_t length = 0;
        const uint8_t *data = kopilka_text_data(answer, &length);
        add_text(&got, "ok");
        if (data != NULL) {
            add_text(&got, "\t");
            add(&got, data, (size_t)length);
        }
        if (kind == KOPILKA_KIND_LEDGER) {
            without_times(got.data);
        }
    } else {
        add_text(&got, "error\t");
        add_errors(&got, error);
        if (kopilka_error_number(error, 0) != status) {
            differs(what, "the status is the number of the first mistake", got.data);
        }
    }
    calls++;
    if (strcmp(got.data, expected) != 0) {
        differs(what, expected, got.data);
    }
    free(got.data);
    kopilka_text_free(answer);
    kopilka_error_free(error);
}

static void open_one(char *rest)
{
    static const struct {
        const char *kind;
        uint32_t (*open)(const uint8_t *, uint64_t, kopilka_handle **, kopilka_error **);
    } OPENERS[] = {
        {"program", kopilka_program_open}, {"book", kopilka_book_open},
        {"ledger", kopilka_ledger_open},   {"desk", kopilka_desk_open},
        {"watch", kopilka_watch_open},
    };
    kopilka_handle **handle = place(&rest);
    const char *kind = part(&rest);
    const char *text = part(&rest);
    kopilka_error *error = NULL;
    uint32_t status;
    size_t one;
    for (one = 0; one < sizeof OPENERS / sizeof *OPENERS; one++) {
        if (strcmp(OPENERS[one].kind, kind) == 0) {
            release(handle);
            status = OPENERS[one].open((const uint8_t *)text, strlen(text), handle, &error);
            compare(text, rest, status, 0, NULL, error);
            return;
        }
    }
    stop("there is no such kind of handle");
}

static void order_one(char *rest)
{
    kopilka_handle **handle = place(&rest), **program = place(&rest);
    const char *text = part(&rest);
    kopilka_error *error = NULL;
    uint32_t status;
    release(handle);
    status = kopilka_order_open(*program, (const uint8_t *)text, strlen(text), handle, &error);
    compare(text, rest, status, 0, NULL, error);
}

static void call_one(char *rest)
{
    kopilka_handle **handle = place(&rest);
    const char *text = part(&rest);
    kopilka_text *answer = NULL;
    kopilka_error *error = NULL;
    uint32_t status =
        kopilka_call(*handle, (const uint8_t *)text, strlen(text), &answer, &error);
    compare(text, rest, status, kopilka_handle_kind(*handle), answer, error);
}

static void quote_one(char *rest)
{
    kopilka_handle **handle = place(&rest), **order = place(&rest);
    const char *text = part(&rest);
    kopilka_text *answer = NULL;
    kopilka_error *error = NULL;
    uint32_t status =
        kopilka_quote(*handle, *order, (const uint8_t *)text, strlen(text), &answer, &error);
    compare(text, rest, status, kopilka_handle_kind(*handle), answer, error);
}

static void run_line(char *line)
{
    char *rest = line;
    const char *verb;
    if (*line == '\0') {
        return;
    }
    if (*line == '#') {
        vectors++;
        release_all();
        vector.length = 0;
        add_text(&vector, line[1] == ' ' ? line + 2 : line + 1);
        return;
    }
    verb = part(&rest);
    if (strcmp(verb, "open") == 0) {
        open_one(rest);
    } else if (strcmp(verb, "order") == 0) {
        order_one(rest);
    } else if (strcmp(verb, "call") == 0) {
        call_one(rest);
    } else if (strcmp(verb, "quote") == 0) {
        quote_one(rest);
    } else if (strcmp(verb, "free") == 0) {
        release(place(&rest));
    } else {
        stop("there is no such call");
    }
}

/* Lines are as long as they are. */
static void run_file(const char *name)
{
    FILE *file = fopen(name, "rb");
    struct bytes line = {NULL, 0, 0};
    char piece[65536];
    file_name = name;
    line_number = 0;
    if (file == NULL) {
        stop(strerror(errno));
    }
    while (fgets(piece, sizeof piece, file) != NULL) {
        size_t length = strlen(piece);
        int ended = length > 0 && piece[length - 1] == '\n';
        add(&line, piece, ended ? length - 1 : length);
        if (ended) {
            line_number++;
            run_line(line.data);
            line.length = 0;
            line.data[0] = '\0';
        }
    }
    if (ferror(file)) {
        stop("the file cannot be read");
    }
    if (line.length > 0) {
        stop("the last line has no end");
    }
    free(line.data);
    fclose(file);
}

int main(int count, char **arguments)
{
    int one;
    if (count < 2) {
        fprintf(stderr, "usage: transcript FILE...\n");
        return 2;
    }
    for (one = 1; one < count; one++) {
        run_file(arguments[one]);
        release_all();
    }
    free(vector.data);
    printf("%lu vectors, %lu calls, %lu differences\n", vectors, calls, differences);
    return differences == 0 ? 0 : 1;
}
