/* Sells, refunds, goes wrong on purpose, and does it from eight threads on one handle.

   It is built with AddressSanitizer and UndefinedBehaviorSanitizer, and once without them for valgrind:
   `cargo xtask test` does both. `door ROUNDS` says how many sales each thread makes; `door leak` forgets
   to free an answer, which has to be found. */

#define _POSIX_C_SOURCE 200809L

#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kopilka.h"

#define THREADS 8

static const char PROGRAM[] =
    "{\"id\": \"corner-shop\", \"currency\": \"RUB\", \"zone\": \"Europe/Moscow\","
    " \"points\": [{\"id\": \"bonus\"}],"
    " \"cards\": [{\"id\": \"bonus\", \"kind\": \"bonus\", \"numbers\": [{\"length_max\": 4}]}],"
    " \"earning\": {\"rules\": [{\"id\": \"five\", \"give\": {\"percent\": \"5\"}}]},"
    " \"redemption\": {\"percent\": \"50\"}}";

static const char ORDER[] =
    "{\"cards\": [{\"number\": \"1001\"}], \"lines\": ["
    "{\"id\": \"1\", \"price\": \"250.00\"}, {\"id\": \"2\", \"price\": \"1000.00\"}]}";

static const char QUOTE[] = "{\"at\": \"2026-03-02T12:00:00+03:00\"}";

#define CHECK(truth)                                                              \
    do {                                                                          \
        if (!(truth)) {                                                           \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #truth);   \
            exit(1);                                                              \
        }                                                                         \
    } while (0)

static const uint8_t *bytes(const char *text)
{
    return (const uint8_t *)text;
}

/* A text made like printf does; free it. */
static char *made(const char *form, ...)
{
    va_list arguments;
    char *text = malloc(4096);
    int length;
    CHECK(text != NULL);
    va_start(arguments, form);
    length = vsnprintf(text, 4096, form, arguments);
    va_end(arguments);
    CHECK(length >= 0 && length < 4096);
    return text;
}

/* A copy of an answer, ended by a zero byte; the answer is freed. */
static char *copied(kopilka_text *answer)
{
    uint64_t length = 99;
    const uint8_t *data = kopilka_text_data(answer, &length);
    char *copy = malloc((size_t)length + 1);
    CHECK(data != NULL && copy != NULL);
    memcpy(copy, data, (size_t)length);
    copy[length] = '\0';
    kopilka_text_free(answer);
    return copy;
}

/* Says what an error says, and frees it. */
static void show(const char *what, kopilka_error *error)
{
    uint32_t index;
    for (index = 0; index < kopilka_error_count(error); index++) {
        uint64_t code_length, message_length;
        const uint8_t *code = kopilka_error_code(error, index, &code_length);
        const uint8_t *message = kopilka_error_message(error, index, &message_length);
        fprintf(stderr, "%.200s: %.*s: %.*s\n", what, (int)code_length, (const char *)code,
                (int)message_length, (const char *)message);
    }
    kopilka_error_free(error);
}

/* The answer to a request that must be answered. */
static char *asked(const kopilka_handle *handle, const char *request)
{
    kopilka_text *answer = NULL;
    kopilka_error *error = NULL;
    if (kopilka_call(handle, bytes(request), strlen(request), &answer, &error) != KOPILKA_OK) {
        show(request, error);
        exit(1);
    }
    CHECK(error == NULL);
    return copied(answer);
}

/* The same where the answer is of no interest. */
static void done(const kopilka_handle *handle, char *request)
{
    free(asked(handle, request));
    free(request);
}

/* The status of a request that must be refused, with its error read and freed. */
static uint32_t refused(const kopilka_handle *handle, const char *request, uint64_t length)
{
    kopilka_text *answer = (kopilka_text *)(void *)1;
    kopilka_error *error = (kopilka_error *)(void *)1;
    uint32_t status = kopilka_call(handle, bytes(request), length, &answer, &error);
    uint64_t length_said = 0;
    CHECK(status != KOPILKA_OK);
    /* Stale pointers are emptied. */
    CHECK(answer == NULL && error != NULL);
    CHECK(kopilka_error_count(error) >= 1);
    CHECK(kopilka_error_number(error, 0) == status);
    CHECK(kopilka_error_code(error, 0, &length_said) != NULL && length_said > 0);
    CHECK(kopilka_error_path(error, 0, &length_said) != NULL);
    CHECK(kopilka_error_message(error, 0, &length_said) != NULL && length_said > 0);
    CHECK(kopilka_error_help(error, 0, KOPILKA_RUSSIAN, &length_said) != NULL);
    CHECK(length_said > 0);
    CHECK(kopilka_error_help(error, 0, KOPILKA_ENGLISH, NULL) != NULL);
    kopilka_error_free(error);
    return status;
}

static uint32_t refused_text(const kopilka_handle *handle, const char *request)
{
    return refused(handle, request, strlen(request));
}

/* The first text under a key, copied. */
static char *found(const char *answer, const char *key)
{
    char *begin_of = made("\"%s\":\"", key);
    const char *begin = strstr(answer, begin_of);
    const char *end;
    char *text;
    CHECK(begin != NULL);
    begin += strlen(begin_of);
    free(begin_of);
    end = strchr(begin, '"');
    CHECK(end != NULL);
    text = malloc((size_t)(end - begin) + 1);
    CHECK(text != NULL);
    memcpy(text, begin, (size_t)(end - begin));
    text[end - begin] = '\0';
    return text;
}

static kopilka_handle *opened(uint32_t (*open)(const uint8_t *, uint64_t, kopilka_handle **,
                                               kopilka_error **),
                              const char *text)
{
    kopilka_handle *handle = NULL;
    kopilka_error *error = NULL;
    if (open(bytes(text), strlen(text), &handle, &error) != KOPILKA_OK) {
        show(text, error);
        exit(1);
    }
    CHECK(handle != NULL && error == NULL);
    return handle;
}

/* A ledger with the programme in force and a card. */
static kopilka_handle *stocked_by(const char *options)
{
    kopilka_handle *ledger = opened(kopilka_ledger_open, options);
    char *request = made("{\"at\": \"2026-03-02T09:00:00+03:00\", \"key\": \"install\","
                         " \"command\": {\"program\": {\"install\": {\"document\": %s}}}}",
                         PROGRAM);
    char *answer = asked(ledger, request);
    char *version = found(answer, "version");
    free(request);
    free(answer);
    done(ledger, made("{\"at\": \"2026-03-02T09:00:00+03:00\", \"key\": \"activate\","
                      " \"command\": {\"program\": {\"activate\": {\"version\": \"%s\"}}}}",
                      version));
    free(version);
    done(ledger, made("{\"at\": \"2026-03-02T09:00:00+03:00\", \"key\": \"issue\","
                      " \"command\": {\"issue\": {\"card\": \"1001\","
                      " \"opening\": [{\"amount\": \"100\"}]}}}"));
    return ledger;
}

/* The same in memory. */
static kopilka_handle *stocked(void)
{
    return stocked_by("{\"till\": \"till-1\"}");
}

static char *sale(const char *key)
{
    return made("{\"at\": \"2026-03-02T12:00:00+03:00\", \"key\": \"%s\","
                " \"command\": {\"sell\": {\"order\": %s}}}",
                key, ORDER);
}

static char *balance(const kopilka_handle *place)
{
    char *answer = asked(place, "{\"at\": \"2026-03-02T13:00:00+03:00\","
                                " \"command\": {\"balance\": {\"card\": \"1001\"}}}");
    char *spendable = found(answer, "spendable");
    free(answer);
    return spendable;
}

static void sells_and_refunds(void)
{
    kopilka_handle *ledger = stocked();
    char *request = sale("sale-1");
    char *answer = asked(ledger, request);
    char *again = asked(ledger, request);
    char *token = found(answer, "token");
    char *left;
    /* The same key, the same answer. */
    CHECK(strcmp(answer, again) == 0);
    left = balance(ledger);
    CHECK(strcmp(left, "162") == 0);
    free(left);
    done(ledger, made("{\"at\": \"2026-03-02T12:30:00+03:00\", \"key\": \"refund-1\","
                      " \"command\": {\"refund\": {\"token\": \"%s\","
                      " \"lines\": [{\"line\": \"2\"}]}}}",
                      token));
    left = balance(ledger);
    CHECK(strcmp(left, "112") == 0);
    free(left);
    free(token);
    free(again);
    free(answer);
    free(request);
    CHECK(kopilka_ledger_free(ledger) == KOPILKA_OK);
}

static void quotes_a_prepared_order(void)
{
    kopilka_handle *ledger = stocked();
    kopilka_handle *program = opened(kopilka_program_open, PROGRAM);
    kopilka_handle *order = NULL;
    kopilka_text *answer = NULL;
    char *quote, *earned;
    CHECK(kopilka_order_open(program, bytes(ORDER), strlen(ORDER), &order, NULL) == KOPILKA_OK);
    CHECK(kopilka_handle_kind(order) == KOPILKA_KIND_ORDER);
    /* The order lives on without its programme. */
    CHECK(kopilka_program_free(program) == KOPILKA_OK);
    CHECK(kopilka_quote(ledger, order, bytes(QUOTE), strlen(QUOTE), &answer, NULL) == KOPILKA_OK);
    quote = copied(answer);
    earned = found(quote, "earned");
    CHECK(strcmp(earned, "62") == 0);
    free(earned);
    free(quote);
    CHECK(kopilka_order_free(order) == KOPILKA_OK);
    CHECK(kopilka_ledger_free(ledger) == KOPILKA_OK);
}

static void goes_wrong_on_purpose(void)
{
    kopilka_handle *ledger = stocked();
    kopilka_handle *program = opened(kopilka_program_open, PROGRAM);
    kopilka_handle *order = NULL, *none = (kopilka_handle *)(void *)1;
    kopilka_text *answer = NULL;
    kopilka_error *error = NULL;
    uint64_t length = 77;
    uint32_t status;

    /* Null everywhere. */
    CHECK(kopilka_call(NULL, NULL, 0, NULL, NULL) == KOPILKA_HANDLE_UNKNOWN);
    CHECK(refused_text(NULL, "{}") == KOPILKA_HANDLE_UNKNOWN);
    CHECK(kopilka_quote(NULL, NULL, NULL, 0, NULL, NULL) == KOPILKA_HANDLE_UNKNOWN);
    CHECK(kopilka_order_open(NULL, NULL, 0, NULL, NULL) == KOPILKA_HANDLE_UNKNOWN);
    CHECK(kopilka_program_open(NULL, 0, NULL, NULL) == KOPILKA_DOCUMENT_SYNTAX);
    CHECK(kopilka_ledger_open(NULL, 9, NULL, NULL) == KOPILKA_DOCUMENT_SYNTAX);
    CHECK(kopilka_handle_kind(NULL) == 0);
    CHECK(kopilka_ledger_free(NULL) == KOPILKA_OK && kopilka_order_free(NULL) == KOPILKA_OK);
    CHECK(kopilka_text_data(NULL, &length) == NULL && length == 0);
    CHECK(kopilka_text_data(NULL, NULL) == NULL);
    CHECK(kopilka_error_count(NULL) == 0 && kopilka_error_number(NULL, 0) == 0);
    CHECK(kopilka_error_code(NULL, 0, NULL) == NULL);
    CHECK(kopilka_error_help(NULL, 0, KOPILKA_ENGLISH, &length) == NULL);
    kopilka_text_free(NULL);
    kopilka_error_free(NULL);
    CHECK(kopilka_abi_supports(NULL, 5) == 0 && kopilka_abi_supports(bytes("ledger"), 6) == 1);
    CHECK(kopilka_abi_version() == KOPILKA_ABI_VERSION);

    /* Another kind, and what is no handle at all. */
    CHECK(kopilka_order_open(program, bytes(ORDER), strlen(ORDER), &order, NULL) == KOPILKA_OK);
    CHECK(refused_text(order, "{}") == KOPILKA_HANDLE_KIND);
    CHECK(kopilka_order_open(ledger, bytes(ORDER), strlen(ORDER), &none, NULL) ==
          KOPILKA_HANDLE_KIND);
    CHECK(none == NULL);
    CHECK(kopilka_quote(order, ledger, bytes(QUOTE), strlen(QUOTE), NULL, NULL) ==
          KOPILKA_HANDLE_KIND);
    CHECK(kopilka_quote(program, order, bytes(QUOTE), strlen(QUOTE), NULL, NULL) ==
          KOPILKA_HANDLE_KIND);
    CHECK(kopilka_book_free(ledger) == KOPILKA_HANDLE_KIND);
    CHECK(kopilka_program_free(order) == KOPILKA_HANDLE_KIND);
    status = kopilka_quote(ledger, order, bytes(QUOTE), strlen(QUOTE), &answer, &error);
    CHECK(status == KOPILKA_OK && error == NULL);
    CHECK(refused_text((kopilka_handle *)answer, "{}") == KOPILKA_HANDLE_UNKNOWN);
    CHECK(kopilka_ledger_free((kopilka_handle *)answer) == KOPILKA_HANDLE_UNKNOWN);
    CHECK(kopilka_error_count((kopilka_error *)answer) == 0);
    kopilka_error_free((kopilka_error *)answer);
    kopilka_text_free(answer);

    /* Bytes that are no text, texts that are no JSON, JSON that is no request. */
    CHECK(refused(ledger, "{\"tip\": \"\xca\xe0\"}", 13) == KOPILKA_DOCUMENT_SYNTAX);
    CHECK(refused_text(ledger, "{\"tip\": ") == KOPILKA_DOCUMENT_SYNTAX);
    CHECK(refused(ledger, "{}\0{}", 5) == KOPILKA_DOCUMENT_SYNTAX);
    CHECK(refused_text(ledger, "") == KOPILKA_DOCUMENT_SYNTAX);
    CHECK(refused_text(ledger, "{\"fly\": {}}") == KOPILKA_DOCUMENT_KEY_UNKNOWN);
    CHECK(refused_text(ledger, "{}") == KOPILKA_DOCUMENT_VARIANT);
    /* A length that was never measured is refused before a byte is read. */
    CHECK(refused(ledger, "{}", UINT64_MAX) == KOPILKA_DOCUMENT_TOO_LARGE);
    CHECK(refused(ledger, "{}", (uint64_t)UINT32_MAX + 1) == KOPILKA_DOCUMENT_TOO_LARGE);
    CHECK(refused(ledger, NULL, 2) == KOPILKA_DOCUMENT_SYNTAX);

    /* A document's mistakes are all there. */
    status = kopilka_program_open(bytes("{\"id\": \"a\", \"colour\": 1}"), 24, NULL, &error);
    CHECK(status != KOPILKA_OK && kopilka_error_count(error) == 3);
    CHECK(kopilka_error_number(error, 3) == 0 && kopilka_error_number(error, UINT32_MAX) == 0);
    CHECK(kopilka_error_path(error, 3, &length) == NULL && length == 0);
    kopilka_error_free(error);

    CHECK(kopilka_order_free(order) == KOPILKA_OK);
    CHECK(kopilka_program_free(program) == KOPILKA_OK);
    CHECK(kopilka_ledger_free(ledger) == KOPILKA_OK);
}

/* The library was built with a verb that panics. */
static void survives_a_panic(void)
{
    kopilka_handle *ledger = stocked();
    kopilka_handle *program = opened(kopilka_program_open, PROGRAM);
    CHECK(refused_text(program, "{\"panic\":{}}") == KOPILKA_INTERNAL);
    /* A programme never changes, so nothing of it can be half done. */
    done(program, made("{\"describe\": {}}"));
    CHECK(refused_text(ledger, "{\"panic\":{}}") == KOPILKA_INTERNAL);
    CHECK(refused_text(ledger, "{\"health\": {\"at\": \"2026-03-02T12:00:00Z\"}}") == KOPILKA_INTERNAL);
    CHECK(kopilka_program_free(program) == KOPILKA_OK);
    CHECK(kopilka_ledger_free(ledger) == KOPILKA_OK);
}

struct worker {
    const kopilka_handle *ledger;
    const kopilka_handle *order;
    int number;
    int rounds;
};

/* A file belongs to the process that opened it, is one file when it is closed, and is not written over. */
static void lives_in_a_file(void)
{
    char folder[] = "/tmp/kopilka-door-XXXXXX";
    char *options, *log, *request, *answer;
    kopilka_handle *ledger;
    struct stat file;
    int status;
    pid_t child;
    CHECK(mkdtemp(folder) != NULL);
    options = made("{\"till\": \"till-1\", \"path\": \"%s/till.ledger\"}", folder);
    log = made("%s/till.ledger-wal", folder);
    ledger = stocked_by(options);
    child = fork();
    if (child == 0) {
        CHECK(refused_text(ledger, "{\"verify\": {}}") == KOPILKA_STORE_LOCKED);
        CHECK(kopilka_ledger_free(ledger) == KOPILKA_OK);
        /* What is the other process's is left as it is, which would be taken for a leak at an exit. */
        execl("/bin/true", "true", (char *)NULL);
        _exit(1);
    }
    CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
    request = made("{\"export\": {\"to\": \"%s/till.ledger\"}}", folder);
    CHECK(refused_text(ledger, request) == KOPILKA_STORE_EXISTS);
    done(ledger, sale("sold after the fork"));
    CHECK(stat(log, &file) == 0 && file.st_size > 0);
    CHECK(kopilka_ledger_free(ledger) == KOPILKA_OK);
    CHECK(stat(log, &file) != 0 || file.st_size == 0);
    ledger = opened(kopilka_ledger_open, options);
    answer = asked(ledger, "{\"verify\": {}}");
    CHECK(strstr(answer, "\"found\":[]") != NULL && strstr(answer, "\"records\":4") != NULL);
    CHECK(kopilka_ledger_free(ledger) == KOPILKA_OK);
    free(answer);
    free(request);
    free(log);
    free(options);
}

static void *works(void *given)
{
    const struct worker *worker = given;
    int round;
    for (round = 0; round < worker->rounds; round++) {
        kopilka_text *answer = NULL;
        char *key = made("sale-%d-%d", worker->number, round);
        done(worker->ledger, sale(key));
        free(key);
        CHECK(kopilka_quote(worker->ledger, worker->order, bytes(QUOTE), strlen(QUOTE), &answer,
                            NULL) == KOPILKA_OK);
        kopilka_text_free(answer);
        CHECK(refused_text(worker->ledger, "{\"health\": 1}") == KOPILKA_DOCUMENT_TYPE);
    }
    return NULL;
}

static void eight_threads_sell_on_one_handle(int rounds)
{
    kopilka_handle *ledger = stocked();
    kopilka_handle *program = opened(kopilka_program_open, PROGRAM);
    kopilka_handle *order = NULL;
    pthread_t threads[THREADS];
    struct worker workers[THREADS];
    char *left, *expected = made("%d", 100 + 62 * THREADS * rounds);
    int number;
    CHECK(kopilka_order_open(program, bytes(ORDER), strlen(ORDER), &order, NULL) == KOPILKA_OK);
    for (number = 0; number < THREADS; number++) {
        struct worker worker;
        worker.ledger = ledger;
        worker.order = order;
        worker.number = number;
        worker.rounds = rounds;
        workers[number] = worker;
        CHECK(pthread_create(&threads[number], NULL, works, &workers[number]) == 0);
    }
    for (number = 0; number < THREADS; number++) {
        CHECK(pthread_join(threads[number], NULL) == 0);
    }
    left = balance(ledger);
    CHECK(strcmp(left, expected) == 0);
    free(left);
    free(expected);
    CHECK(kopilka_order_free(order) == KOPILKA_OK);
    CHECK(kopilka_program_free(program) == KOPILKA_OK);
    CHECK(kopilka_ledger_free(ledger) == KOPILKA_OK);
}

static void forgets_an_answer(void)
{
    kopilka_handle *ledger = stocked();
    kopilka_text *answer = NULL;
    char *request = sale("sale-1");
    CHECK(kopilka_call(ledger, bytes(request), strlen(request), &answer, NULL) == KOPILKA_OK);
    answer = NULL;
    free(request);
    CHECK(kopilka_ledger_free(ledger) == KOPILKA_OK);
}

int main(int count, char **arguments)
{
    int rounds = count > 1 ? atoi(arguments[1]) : 50;
    if (count > 1 && strcmp(arguments[1], "leak") == 0) {
        forgets_an_answer();
        return 0;
    }
    CHECK(rounds > 0);
    sells_and_refunds();
    quotes_a_prepared_order();
    goes_wrong_on_purpose();
    survives_a_panic();
    lives_in_a_file();
    eight_threads_sell_on_one_handle(rounds);
    printf("sold, refunded and went wrong; %d threads made %d sales on one handle\n", THREADS,
           THREADS * rounds);
    return 0;
}
