using System;
using System.Globalization;

namespace Kopilka
{
    /// <summary>Whether a text is JSON, so that it can stand inside another.</summary>
    internal sealed class JsonSyntax
    {
        private const int DepthMax = 100;

        private readonly string text;
        private int at;

        internal JsonSyntax(string text)
        {
            this.text = text;
        }

        internal void Check()
        {
            Value(0);
            if (at != text.Length)
                throw Wrong("nothing more");
        }

        private void Value(int depth)
        {
            if (depth > DepthMax)
                throw Wrong("no deeper nesting than " + DepthMax + " levels");
            Space();
            switch (Sign())
            {
                case '{':
                    Entries(depth);
                    break;
                case '[':
                    Items(depth);
                    break;
                case '"':
                    Text();
                    break;
                case 't':
                    Literal("true");
                    break;
                case 'f':
                    Literal("false");
                    break;
                case 'n':
                    Literal("null");
                    break;
                default:
                    Number();
                    break;
            }
            Space();
        }

        private void Entries(int depth)
        {
            at++;
            Space();
            if (Took('}'))
                return;
            do
            {
                Space();
                Text();
                Space();
                Take(':');
                Value(depth + 1);
            }
            while (Took(','));
            Take('}');
        }

        private void Items(int depth)
        {
            at++;
            Space();
            if (Took(']'))
                return;
            do
                Value(depth + 1);
            while (Took(','));
            Take(']');
        }

        private void Text()
        {
            Take('"');
            while (Sign() != '"')
            {
                if (Sign() < ' ')
                    throw Wrong("no control character");
                if (!Took('\\'))
                {
                    at++;
                    continue;
                }
                if (Took('u'))
                {
                    for (var digit = 0; digit < 4; digit++, at++)
                    {
                        if (!Uri.IsHexDigit(Sign()))
                            throw Wrong("a hexadecimal digit");
                    }
                }
                else if ("\"\\/bfnrt".IndexOf(Sign()) >= 0)
                    at++;
                else
                    throw Wrong("an escape");
            }
            at++;
        }

        private void Number()
        {
            Took('-');
            if (!Took('0'))
                Digits();
            if (Took('.'))
                Digits();
            if (Took('e') || Took('E'))
            {
                if (!Took('+'))
                    Took('-');
                Digits();
            }
        }

        private void Digits()
        {
            var start = at;
            while (Sign() >= '0' && Sign() <= '9')
                at++;
            if (at == start)
                throw Wrong("a value");
        }

        private void Literal(string word)
        {
            if (string.CompareOrdinal(text, at, word, 0, word.Length) != 0)
                throw Wrong("a value");
            at += word.Length;
        }

        private void Space()
        {
            while (Sign() == ' ' || Sign() == '\t' || Sign() == '\n' || Sign() == '\r')
                at++;
        }

        private bool Took(char sign)
        {
            if (Sign() != sign)
                return false;
            at++;
            return true;
        }

        private void Take(char sign)
        {
            if (!Took(sign))
                throw Wrong("`" + sign + "`");
        }

        private char Sign()
        {
            return at < text.Length ? text[at] : '\0';
        }

        private FormatException Wrong(string expected)
        {
            return new FormatException(string.Format(
                CultureInfo.InvariantCulture, "This is not JSON: expected {0} at character {1}.", expected, at));
        }
    }
}
