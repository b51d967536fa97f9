/* A till in C: one guest with a magnetic card, one receipt, one line that comes back.

       till PROGRAMME LEDGER

   Requests are written with printf, and what is needed of an answer is looked up by its key, so that
   the calls can be seen. A plugin uses the JSON library that it has anyway. */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <kopilka.h>

/* Two things on the counter. Money is text: 899.00, never 899.0 and never a float. */
static const char LINES[] =
    "[{\"id\": \"1\", \"name\": \"Кофе в зёрнах, 500 г\", \"price\": \"899.00\"},"
    " {\"id\": \"2\", \"name\": \"Кружка\", \"price\": \"475.00\", \"quantity\": \"2\"}]";

static void stop(const char *why)
{
    fprintf(stderr, "till: %s\n", why);
    exit(1);
}

/* A text made like printf does. */
static char *text(const char *form, ...)
{
    va_list arguments;
    int length;
    char *made;
    va_start(arguments, form);
    length = vsnprintf(NULL, 0, form, arguments);
    va_end(arguments);
    made = length < 0 ? NULL : malloc((size_t)length + 1);
    if (made == NULL) {
        stop("there is no memory left");
    }
    va_start(arguments, form);
    vsnprintf(made, (size_t)length + 1, form, arguments);
    va_end(arguments);
    return made;
}

/* A call that must succeed. If it did not: the cashier reads the help, the log gets the rest. */
static void must(uint32_t status, kopilka_error *error)
{
    uint32_t index;
    uint64_t length;
    const uint8_t *data;
    if (status == KOPILKA_OK) {
        return;
    }
    data = kopilka_error_help(error, 0, KOPILKA_RUSSIAN, &length);
    fprintf(stderr, "%.*s (%u)\n", (int)length, (const char *)data, (unsigned)status);
    for (index = 0; index < kopilka_error_count(error); index++) {
        data = kopilka_error_path(error, index, &length);
        fprintf(stderr, "  at \"%.*s\": ", (int)length, (const char *)data);
        data = kopilka_error_message(error, index, &length);
        fprintf(stderr, "%.*s\n", (int)length, (const char *)data);
    }
    kopilka_error_free(error);
    exit(1);
}

/* What the library answered, as C's own text. */
static char *taken(kopilka_text *answer)
{
    uint64_t length;
    const uint8_t *data = kopilka_text_data(answer, &length);
    char *copy = text("%.*s", (int)length, (const char *)data);
    kopilka_text_free(answer);
    return copy;
}

/* Asks a handle something; the request is freed. */
static char *ask(const kopilka_handle *handle, char *request)
{
    kopilka_text *answer = NULL;
    kopilka_error *error = NULL;
    uint32_t status =
        kopilka_call(handle, (const uint8_t *)request, strlen(request), &answer, &error);
    must(status, error);
    free(request);
    return taken(answer);
}

/* What stands within {"verb":…}. */
static char *inner(const char *answer)
{
    const char *begin = strchr(answer, ':');
    if (begin == NULL) {
        stop("this is no answer");
    }
    return text("%.*s", (int)strlen(begin) - 2, begin + 1);
}

/* The first text under a key. */
static char *found(const char *answer, const char *key)
{
    char *before = text("\"%s\":\"", key);
    const char *begin = strstr(answer, before);
    if (begin == NULL) {
        stop(key);
    }
    begin += strlen(before);
    free(before);
    return text("%.*s", (int)strcspn(begin, "\""), begin);
}

/* Prints the texts of {"slip":{"lines":["…","…"]}}, each in a line. */
static void print_lines(const char *answer)
{
    const char *next = strchr(answer, '[');
    int within = 0;
    for (; next != NULL && *next != '\0' && (within || *next != ']'); next++) {
        if (*next == '"') {
            within = !within;
            if (!within) {
                putchar('\n');
            }
        } else if (within) {
            next += *next == '\\';
            putchar(*next);
        }
    }
}

/* A JSON string: a path of Windows is full of backslashes. */
static char *quoted(const char *plain)
{
    char *made = malloc(strlen(plain) * 2 + 3), *end = made;
    if (made == NULL) {
        stop("there is no memory left");
    }
    *end++ = '"';
    for (; *plain != '\0'; plain++) {
        if (*plain == '"' || *plain == '\\') {
            *end++ = '\\';
        }
        *end++ = *plain;
    }
    *end++ = '"';
    *end = '\0';
    return made;
}

static char *file(const char *name)
{
    FILE *opened = fopen(name, "rb");
    long length;
    char *read;
    if (opened == NULL || fseek(opened, 0, SEEK_END) != 0 || (length = ftell(opened)) < 0) {
        stop("the programme cannot be opened");
    }
    rewind(opened);
    read = malloc((size_t)length + 1);
    if (read == NULL || fread(read, 1, (size_t)length, opened) != (size_t)length) {
        stop("the programme cannot be read");
    }
    read[length] = '\0';
    fclose(opened);
    return read;
}

static kopilka_handle *open_ledger(const char *path)
{
    char *name = quoted(path);
    char *options = text("{\"till\": \"till-1\", \"path\": %s}", name);
    kopilka_handle *ledger = NULL;
    kopilka_error *error = NULL;
    must(kopilka_ledger_open((const uint8_t *)options, strlen(options), &ledger, &error), error);
    free(options);
    free(name);
    return ledger;
}

static kopilka_handle *open_program(const char *document)
{
    kopilka_handle *program = NULL;
    kopilka_error *error = NULL;
    must(kopilka_program_open((const uint8_t *)document, strlen(document), &program, &error),
         error);
    return program;
}

static kopilka_handle *open_order(const kopilka_handle *program, const char *order)
{
    kopilka_handle *prepared = NULL;
    kopilka_error *error = NULL;
    must(kopilka_order_open(program, (const uint8_t *)order, strlen(order), &prepared, &error),
         error);
    return prepared;
}

/* The programme is put into force once; the key makes a second time the same as the first. */
static void install(const kopilka_handle *ledger, const char *document)
{
    char *answer = ask(ledger, text("{\"at\": \"2026-03-02T09:00:00+03:00\", \"key\": \"install-1\","
                                    " \"command\": {\"program\": {\"install\": {\"document\": %s}}}}",
                                    document));
    char *version = found(answer, "version");
    free(answer);
    answer = ask(ledger, text("{\"at\": \"2026-03-02T09:00:00+03:00\", \"key\": \"activate-1\","
                              " \"command\": {\"program\": {\"activate\": {\"version\": \"%s\"}}}}",
                              version));
    free(answer);
    free(version);
    answer = ask(ledger, text("{\"at\": \"2026-03-02T09:05:00+03:00\", \"key\": \"issue-1\","
                              " \"command\": {\"issue\": {\"card\": \"2990000000019\","
                              " \"opening\": [{\"amount\": \"350\"}]}}}"));
    free(answer);
}

/* The card is swiped: what the reader gave goes to the engine as it came. */
static char *swipe(const kopilka_handle *ledger)
{
    char *answer = ask(ledger, text("{\"at\": \"2026-03-02T12:00:00+03:00\","
                                    " \"command\": {\"identify\": {\"scan\": "
                                    "\";2990000000019?\"}}}"));
    char *what = found(answer, "what");
    char *card = found(answer, "number");
    printf("Считано: %s %s\n", what, card);
    free(what);
    free(answer);
    return card;
}

/* While the receipt is open it is quoted again and again: the order is checked once. */
static char *quote(const kopilka_handle *ledger, const kopilka_handle *order)
{
    static const char REQUEST[] = "{\"at\": \"2026-03-02T12:00:30+03:00\"}";
    kopilka_text *answer = NULL;
    kopilka_error *error = NULL;
    must(kopilka_quote(ledger, order, (const uint8_t *)REQUEST, strlen(REQUEST), &answer, &error),
         error);
    return taken(answer);
}

/* The guest hears what can be spent and says how much: the amount is held, then paid. */
static char *pay(const kopilka_handle *ledger, const kopilka_handle *program, const char *card,
                 const char **order_of)
{
    static char order[2048];
    kopilka_handle *prepared;
    char *quoted_now, *most, *id, *answer, *token, *sale;

    snprintf(order, sizeof order,
             "{\"cards\": [{\"number\": \"%s\"}], \"lines\": %s, \"store\": \"almaz\","
             " \"receipt\": \"2-0117\", \"paid_at\": \"2026-03-02T12:02:00+03:00\"}",
             card, LINES);
    prepared = open_order(program, order);
    quoted_now = quote(ledger, prepared);
    most = found(quoted_now, "maximum");
    printf("Можно списать: %s\n", most);
    kopilka_order_free(prepared);
    free(quoted_now);
    free(most);

    printf("Гость хочет списать 77\n");
    snprintf(order, sizeof order,
             "{\"cards\": [{\"number\": \"%s\"}], \"lines\": %s, \"store\": \"almaz\","
             " \"receipt\": \"2-0117\", \"paid_at\": \"2026-03-02T12:02:00+03:00\","
             " \"spend\": {\"mode\": \"exact\", \"points\": \"77\"}}",
             card, LINES);
    *order_of = order;
    prepared = open_order(program, order);
    quoted_now = quote(ledger, prepared);
    id = found(quoted_now, "quote_id");
    kopilka_order_free(prepared);
    free(quoted_now);

    /* With `expect` nothing happens if anything changed since the guest agreed. */
    answer = ask(ledger, text("{\"at\": \"2026-03-02T12:01:00+03:00\", \"key\": \"pay-2-0117\","
                              " \"command\": {\"reserve\": {\"expect\": \"%s\", \"order\": %s}}}",
                              id, order));
    token = found(answer, "token");
    free(answer);
    free(id);
    /* Here the rest is paid. The token is all that the plugin has to remember. */
    answer = ask(ledger, text("{\"at\": \"2026-03-02T12:02:00+03:00\", \"key\": \"confirm-2-0117\","
                              " \"command\": {\"confirm\": {\"token\": \"%s\","
                              " \"receipt\": \"2-0117\", \"store\": \"almaz\"}}}",
                              token));
    sale = inner(answer);
    free(answer);
    answer = ask(program, text("{\"slip\": {\"answer\": %s, \"order\": %s}}", sale, order));
    print_lines(answer);
    free(answer);
    free(sale);
    return token;
}

/* One of two mugs comes back, with its share of the points. */
static void refund(const kopilka_handle *ledger, const kopilka_handle *program, const char *token,
                   const char *order)
{
    char *answer = ask(ledger, text("{\"at\": \"2026-03-02T17:45:00+03:00\", \"key\": \"back-2-0150\","
                                    " \"command\": {\"refund\": {\"token\": \"%s\","
                                    " \"lines\": [{\"line\": \"2\", \"quantity\": \"1\"}],"
                                    " \"receipt\": \"2-0150\", \"store\": \"almaz\"}}}",
                                    token));
    char *back = inner(answer);
    free(answer);
    answer = ask(program, text("{\"refund_slip\": {\"answer\": %s, \"order\": %s}}", back, order));
    print_lines(answer);
    free(answer);
    free(back);
}

int main(int count, char **arguments)
{
    char *document, *card, *token;
    const char *order;
    kopilka_handle *ledger, *program;
    if (count != 3) {
        stop("usage: till PROGRAMME LEDGER");
    }
    if (kopilka_abi_version() != KOPILKA_ABI_VERSION) {
        stop("libkopilka is of another version than this program");
    }
    document = file(arguments[1]);
    ledger = open_ledger(arguments[2]);
    program = open_program(document);
    install(ledger, document);
    card = swipe(ledger);
    token = pay(ledger, program, card, &order);
    refund(ledger, program, token, order);
    free(token);
    free(card);
    free(document);
    kopilka_program_free(program);
    kopilka_ledger_free(ledger);
    return 0;
}
