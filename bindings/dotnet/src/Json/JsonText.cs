using System;

namespace Kopilka
{
    /// <summary>
    /// A whole document inside another, as its text: a programme in the command that installs it, or
    /// what a host keeps with something and the engine only hands back.
    /// </summary>
    public sealed class JsonText
    {
        private readonly string text;

        /// <summary>Takes the text of a document.</summary>
        /// <param name="text">JSON (RFC 8259).</param>
        /// <exception cref="FormatException">The text is not JSON.</exception>
        public JsonText(string text)
        {
            this.text = Guard.Needed(text, "text");
            new JsonSyntax(text).Check();
        }

        private JsonText(string text, bool known)
        {
            this.text = text;
        }

        /// <summary>The text as it was given.</summary>
        public override string ToString()
        {
            return text;
        }

        internal static JsonText Known(string text)
        {
            return new JsonText(text, true);
        }
    }
}
