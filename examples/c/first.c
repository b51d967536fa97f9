/* Opens a ledger, puts a programme in force, issues a card, and asks for its balance. */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "kopilka.h"

static char answer[10000];

/* Asks, and keeps and shows the answer, or says what is wrong and where. */
static int ask(kopilka_handle *ledger, const char *request)
{
    kopilka_text *text = NULL;
    kopilka_error *error = NULL;
    uint64_t length;
    const uint8_t *said;
    uint32_t status =
        kopilka_call(ledger, (const uint8_t *)request, strlen(request), &text, &error);
    if (status == KOPILKA_OK) {
        said = kopilka_text_data(text, &length);
        snprintf(answer, sizeof answer, "%.*s", (int)length, (const char *)said);
        puts(answer);
    } else {
        said = kopilka_error_path(error, 0, &length);
        printf("error %" PRIu32 " at '%.*s': ", status, (int)length, (const char *)said);
        said = kopilka_error_message(error, 0, &length);
        printf("%.*s\n", (int)length, (const char *)said);
    }
    kopilka_text_free(text);
    kopilka_error_free(error);
    return status == KOPILKA_OK;
}

int main(int count, char **arguments)
{
    /* What changes something has a key: the same request again gets the same answer. */
    static const char INSTALL[] =
        "{\"at\": \"2026-03-02T09:00:00+03:00\", \"key\": \"install-1\", \"command\":"
        " {\"program\": {\"install\": {\"document\": {"
        "   \"id\": \"corner\", \"currency\": \"RUB\", \"zone\": \"Europe/Moscow\","
        "   \"points\": [{\"id\": \"bonus\"}],"
        "   \"cards\": [{\"id\": \"bonus\", \"kind\": \"bonus\","
        "     \"numbers\": [{\"length_max\": 4}]}]}}}}}";
    static const char ACTIVATE[] =
        "{\"at\": \"2026-03-02T09:00:00+03:00\", \"key\": \"activate-1\", \"command\":"
        " {\"program\": {\"activate\": {\"version\": \"%.64s\"}}}}";
    static const char ISSUE[] =
        "{\"at\": \"2026-03-02T09:01:00+03:00\", \"key\": \"card-1001\", \"command\":"
        " {\"issue\": {\"card\": \"1001\", \"opening\": [{\"amount\": \"100\"}]}}}";
    static const char BALANCE[] =
        "{\"at\": \"2026-03-02T09:02:00+03:00\", \"command\": {\"balance\": {\"card\": \"1001\"}}}";
    static const char VERSION[] = "\"version\":\"";
    kopilka_handle *ledger = NULL;
    char text[500];
    const char *version;
    int well;
    if (count != 2) {
        fprintf(stderr, "usage: first FILE\n");
        return 2;
    }
    snprintf(text, sizeof text, "{\"till\": \"till-1\", \"path\": \"%s\"}", arguments[1]);
    if (kopilka_ledger_open((const uint8_t *)text, strlen(text), &ledger, NULL) != KOPILKA_OK) {
        fprintf(stderr, "%s cannot be opened\n", arguments[1]);
        return 1;
    }
    well = ask(ledger, INSTALL);
    version = strstr(answer, VERSION);
    if (well && version != NULL) {
        snprintf(text, sizeof text, ACTIVATE, version + strlen(VERSION));
        well = ask(ledger, text) && ask(ledger, ISSUE) && ask(ledger, BALANCE);
    }
    kopilka_ledger_free(ledger);
    return well ? 0 : 1;
}
